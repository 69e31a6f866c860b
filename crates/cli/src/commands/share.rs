//! `podplay share` and `podplay open`: texts to links and back.

use super::{Outcome, span};
use crate::files;
use clap::Args;
use podplay_api::SimTime;
use podplay_playback::{Span, share as codec};

/// Options of `podplay share`.
#[derive(Debug, Args)]
pub(crate) struct ShareOptions {
    /// The text; `-` for standard input
    file: String,
    /// Where the playhead is when the link is opened
    #[arg(long, value_parser = span)]
    at: Option<Span>,
    /// The address of the site, put in front
    #[arg(long, default_value = "")]
    site: String,
}

/// Options of `podplay open`.
#[derive(Debug, Args)]
pub(crate) struct OpenOptions {
    /// A link, or the part of it that begins with #v1.
    link: String,
}

pub(crate) fn share(options: &ShareOptions) -> Outcome {
    let text = files::read(&options.file)?;
    let link = codec::encode(&text, options.at.map(|Span(at)| SimTime::ZERO + at));
    super::run::print(&format!("{}{link}\n", options.site));
    Ok(0)
}

pub(crate) fn open(options: &OpenOptions) -> Outcome {
    match codec::decode(&options.link) {
        Ok(shared) => {
            super::run::print(&shared.text);
            if let Some(at) = shared.at {
                eprintln!("at {at}");
            }
            Ok(0)
        }
        Err(error) => {
            eprintln!("podplay: {error}");
            Ok(1)
        }
    }
}
