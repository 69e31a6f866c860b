//! A command made of several stages: each runs whether or not the one before failed,
//! and at the end a small table says how all of them went.

use crate::failure::{Failure, Result};
use crate::say;
use std::time::{Duration, Instant};

/// How one stage went.
struct Stage {
    name: String,
    took: Duration,
    outcome: Result<String>,
}

/// The stages so far.
pub(crate) struct Stages {
    begun: Instant,
    done: Vec<Stage>,
}

impl Stages {
    /// None yet; the clock runs.
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), done: Vec::new() }
    }

    /// Runs a stage. What it returns is its line in the table; `false` when it failed.
    pub(crate) fn run(&mut self, name: &str, stage: impl FnOnce() -> Result<String>) -> bool {
        say::step(name);
        let begun = Instant::now();
        let outcome = stage();
        if let Err(failure) = &outcome {
            say::failure(failure);
        }
        let ok = outcome.is_ok();
        self.done.push(Stage { name: name.to_owned(), took: begun.elapsed(), outcome });
        ok
    }

    /// Prints the table; a failure names the stages that failed.
    pub(crate) fn finish(self, advice: &str) -> Result {
        say::step("summary");
        let width = self.done.iter().map(|stage| stage.name.chars().count()).max().unwrap_or(0);
        for Stage { name, took, outcome } in &self.done {
            let (mark, detail) = match outcome {
                Ok(detail) => ("ok    ", detail.as_str()),
                Err(_) => ("FAILED", "see above"),
            };
            println!("{mark}  {name:width$}  {:>6.1} s  {detail}", took.as_secs_f64());
        }
        println!("{:width$}  {:>14.1} s", "", self.begun.elapsed().as_secs_f64());
        let failed = self.done.iter().filter(|stage| stage.outcome.is_err());
        let failed: Vec<_> = failed.map(|stage| stage.name.as_str()).collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("failed: {}", failed.join(", ")), advice))
    }
}
