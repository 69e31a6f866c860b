//! `podplay kubectl`: one command, against an empty cluster or against a run at a moment.

use super::{Outcome, span};
use crate::files::{self, Disk};
use clap::Args;
use podplay_api::SimTime;
use podplay_core::limits::SESSION_WAKEUPS;
use podplay_core::{Budget, Cluster, Config, Profile};
use podplay_playback::{Plan, Run, Span};
use std::time::Duration;

/// A command may take this long in simulated time.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// What goes on until somebody stops it is stopped after this long.
const WATCHED: Duration = Duration::from_secs(600);

/// Options of `podplay kubectl`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A text whose objects exist already
    #[arg(long = "in", value_name = "FILE")]
    text: Option<String>,
    /// The moment of the run; right after its objects were applied otherwise
    #[arg(long, value_parser = span, requires = "text")]
    at: Option<Span>,
    #[command(flatten)]
    assume: super::Assumptions,
    /// The words behind kubectl; a `--` in front of them may be left out
    #[arg(trailing_var_arg = true)]
    argv: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut cluster = match &options.text {
        None => Cluster::new(Config::new(0, Profile::Typical)),
        Some(path) => {
            let assume = options.assume.chosen().unwrap_or(podplay_manifest::Assume::STRICT);
            let mut run = Run::of(Plan::read_as(&files::read(path)?, Some(assume)));
            let at = SimTime::ZERO + options.at.map_or(Duration::ZERO, |Span(at)| at);
            let _ = run.advance(at, &mut Budget(u64::MAX));
            run.cluster().clone()
        }
    };
    let reads_stdin = options.argv.iter().any(|word| {
        matches!(word.as_str(), "-" | "-i" | "-it" | "--stdin") || word.ends_with("=-")
    });
    let stdin = if reads_stdin { files::standard_input() } else { Vec::new() };
    let mut command = podplay_kubectl::start(&options.argv, &stdin, &mut cluster, &Disk);
    let until = cluster.now() + if command.endless() { WATCHED } else { LONGEST };
    let mut left = Budget(SESSION_WAKEUPS);
    let output = command.finish_within(&mut cluster, until, &mut left);
    super::run::print(&output.stdout);
    eprint!("{}", output.stderr);
    if left.0 == 0 {
        eprintln!("podplay: stopped at {}, after {SESSION_WAKEUPS} wakeups", cluster.now());
    }
    Ok(output.exit)
}
