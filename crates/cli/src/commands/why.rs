//! `podplay why`: the chain of causes behind a pod's state at a moment.

use super::{
    Outcome,
    run::{Changed, compute},
    span,
};
use crate::files;
use clap::{Args, ValueEnum};
use podplay_api::SimTime;
use podplay_playback::{Span, why};

/// The language of the sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English
    #[default]
    En,
    /// Korean
    Ko,
}

/// Options of `podplay why`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The text; `-` for standard input
    file: String,
    /// The pod; the only one otherwise
    #[arg(long)]
    pod: Option<String>,
    /// The moment, such as 50s; the end otherwise
    #[arg(long, value_parser = span)]
    at: Option<Span>,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
    #[command(flatten)]
    assume: super::Assumptions,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let text = files::read(&options.file)?;
    let run = compute(
        &text,
        Changed { until: options.at, assume: options.assume.chosen(), ..Changed::default() },
    );
    let at = options.at.map_or(run.end(), |Span(at)| SimTime::ZERO + at);
    let lang = match options.lang {
        Lang::En => why::Lang::En,
        Lang::Ko => why::Lang::Ko,
    };
    match why::of_pod(&run, options.pod.as_deref(), at) {
        Some(chain) => {
            super::run::print(&why::text(&run, &chain, lang));
            Ok(0)
        }
        None => {
            let known: Vec<String> =
                run.cluster().pods().map(|pod| pod.meta.name.clone()).collect();
            Err(format!("no such pod up to {at}; pods at the end: {}", known.join(", ")))
        }
    }
}
