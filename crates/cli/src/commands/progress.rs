//! How far a long search has come, on standard error.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts up to a number that is known. In a terminal the line is written anew, elsewhere at each tenth.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    all: usize,
    done: AtomicUsize,
    quiet: bool,
    terminal: bool,
}

impl Progress {
    pub(super) fn new(what: &'static str, all: usize, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { what, all, done: AtomicUsize::new(0), quiet, terminal }
    }
    /// One more is done.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let tenth = (self.all / if self.terminal { 100 } else { 10 }).max(1);
        if self.quiet || !done.is_multiple_of(tenth) {
            return;
        }
        let (what, all) = (self.what, self.all);
        if self.terminal {
            eprint!("\r{done} of {all} {what} ");
        } else {
            eprintln!("{done} of {all} {what}");
        }
    }
    /// Nothing more will come.
    pub(super) fn end(&self) {
        if self.terminal && !self.quiet {
            eprint!("\r{:40}\r", "");
        }
    }
}
