//! `podplay lint`: diagnostics of a text.

use super::Outcome;
use crate::{diagnostics, files};
use clap::Args;
use podplay_playback::Plan;

/// Options of `podplay lint`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files to look at; `-` for standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// Warnings make the exit status 1 too
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut status = 0;
    for file in &options.files {
        let text = files::read(file)?;
        let plan = Plan::read(&text);
        let found = &plan.reading.diagnostics;
        for each in found {
            super::run::print(&diagnostics::render(file, &text, each, diagnostics::colour_out()));
        }
        if plan.has_errors() || (options.strict && !found.is_empty()) {
            status = 1;
        }
    }
    Ok(status)
}
