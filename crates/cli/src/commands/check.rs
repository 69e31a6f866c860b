//! `podplay check`: searches for what a text does not bear.

use super::Outcome;
use super::progress::Progress;
use crate::files;
use clap::{Args, ValueEnum};
use podplay_analysis::check::{Check, Found, Options as Depth};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How the findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum View {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Options of `podplay check`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The text; `-` for standard input
    file: String,
    /// Most runs; a fair sample is taken where there are more
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,
    /// Try each with this many seeds, counted from the text's own
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// Requests a second to each Service, where the Scenario has no traffic; 0 for none
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=200))]
    rps: u32,
    /// How many cores to use; all by default
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: View,
    /// No progress on standard error
    #[arg(short, long)]
    quiet: bool,
    /// The address of the site, put in front of links
    #[arg(long, default_value = "")]
    site: String,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let text = files::read(&options.file)?;
    let depth = Depth { runs: options.runs as usize, seeds: options.seeds, rps: options.rps };
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the command took is told, and decides nothing"
    )]
    let began = std::time::Instant::now();
    let check = match Check::new(&text, depth) {
        Ok(check) => check,
        Err(error) => {
            eprintln!("podplay: {}: {error}", options.file);
            return Ok(1);
        }
    };
    let found = run_all(&check, options);
    let ran = began.elapsed();
    let report = check.report(&found);
    let printed = match options.output {
        View::Text => report.text(&options.site),
        View::Json => {
            let value = report.to_json(&options.site);
            serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
        }
    };
    super::run::print(&printed);
    if !options.quiet {
        eprintln!("{} runs took {:.1} s", report.runs, ran.as_secs_f64());
    }
    Ok(i32::from(!report.weaknesses.is_empty()))
}

/// Runs all trials on all cores; the result in their order.
fn run_all(check: &Check, options: &Options) -> Vec<Found> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Found)>> = Mutex::new(Vec::with_capacity(check.len()));
    let progress = Progress::new("runs", check.len(), options.quiet);
    let work = || {
        loop {
            let trial = next.fetch_add(1, Ordering::Relaxed);
            if trial >= check.len() {
                return;
            }
            let found = check.run(trial);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((trial, found));
            progress.step();
        }
    };
    let cores = options
        .jobs
        .map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    std::thread::scope(|scope| {
        for _ in 1..cores {
            scope.spawn(work);
        }
        work();
    });
    progress.end();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(trial, _)| *trial);
    done.into_iter().map(|(_, found)| found).collect()
}
