//! `podplay diff`: two runs, the first moment at which they part, and what is different.

use super::{Outcome, run::compute, span};
use crate::files;
use clap::Args;
use podplay_playback::{Span, compare};

/// Options of `podplay diff`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The first text
    a: String,
    /// The second text
    b: String,
    /// How far to run both
    #[arg(long, value_parser = span)]
    until: Option<Span>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let a = compute(&files::read(&options.a)?, options.until, None);
    let b = compute(&files::read(&options.b)?, options.until, None);
    let found = compare::runs(&a, &b);
    super::run::print(&found.text(&options.a, &options.b));
    Ok(i32::from(!found.is_empty()))
}
