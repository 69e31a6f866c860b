//! `podplay tune`: which numbers probes and rollouts should have, for a program that behaves as somebody knows.

use super::progress::Progress;
use super::{Outcome, span};
use crate::files;
use clap::{Args, ValueEnum};
use podplay_analysis::tune::{Options as Question, Program, Range, Tune};
use podplay_playback::Span;
use similar::TextDiff;

/// How the findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum View {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Options of `podplay tune`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The text; `-` for standard input
    file: String,
    /// How long the program takes to start, such as 20s..45s
    #[arg(long, value_parser = range, default_value = "1s..5s")]
    start: Range,
    /// It hangs for good once in so long
    #[arg(long, value_parser = span, default_value = "1d")]
    hang_every: Span,
    /// How long it takes to answer, at worst
    #[arg(long, value_parser = span, default_value = "0s")]
    answers: Span,
    /// How long it stands still from time to time and goes on by itself, at worst
    #[arg(long, value_parser = span, default_value = "0s")]
    pause: Span,
    /// How long it takes from SIGTERM to its end, such as 1s..8s
    #[arg(long, value_parser = range, default_value = "0s")]
    stop: Range,
    /// What is tuned, such as deployment/web; the first workload otherwise
    #[arg(long)]
    object: Option<String>,
    /// Its container; the first otherwise
    #[arg(long)]
    container: Option<String>,
    /// Samples of the program for each choice
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    samples: u64,
    /// Run the probes of the best choice with so many fresh samples, too
    #[arg(long, value_name = "N")]
    prove: Option<u64>,
    /// Print the text with this choice in it, 1 for the first
    #[arg(long, value_name = "N", conflicts_with = "diff")]
    apply: Option<usize>,
    /// Print what this choice changes, 1 for the first
    #[arg(long, value_name = "N")]
    diff: Option<usize>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: View,
    /// No progress on standard error
    #[arg(short, long)]
    quiet: bool,
}

fn range(text: &str) -> Result<Range, String> {
    Range::parse(text).ok_or_else(|| format!("\"{text}\" is no range: write 20s..45s, or 30s"))
}

pub(crate) fn run(options: &Options) -> Outcome {
    let text = files::read(&options.file)?;
    let program = Program {
        start: options.start,
        answer: options.answers.0,
        pause: options.pause.0,
        hangs: options.hang_every.0,
        stop: options.stop,
    };
    let question = Question {
        program,
        object: options.object.clone(),
        container: options.container.clone(),
        samples: options.samples,
    };
    let tune = match Tune::new(&text, &question) {
        Ok(tune) => tune,
        Err(error) => {
            eprintln!("podplay: {}: {error}", options.file);
            return Ok(1);
        }
    };
    let progress = Progress::new("settings", tune.len(), options.quiet);
    let report = tune.run(&mut || progress.step());
    progress.end();
    if let Some(n) = options.apply.or(options.diff) {
        let Some(choice) = n.checked_sub(1).and_then(|n| report.choices.get(n)) else {
            return Err(format!("there is no choice {n}"));
        };
        if options.apply.is_some() {
            super::run::print(&choice.text);
        } else {
            let diff = TextDiff::from_lines(&text, &choice.text);
            let names = (format!("a/{}", options.file), format!("b/{}", options.file));
            super::run::print(&diff.unified_diff().header(&names.0, &names.1).to_string());
        }
        return Ok(0);
    }
    match options.output {
        View::Text => super::run::print(&report.text()),
        View::Json => {
            let value = report.to_json();
            super::run::print(&(serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"));
        }
    }
    if let (Some(samples), Some(best)) = (options.prove, report.choices.first()) {
        let alarm = tune.prove(&best.probes, 1_000_000, samples);
        let longest = alarm.notice.as_secs_f64();
        eprintln!(
            "{}: {} fresh runs, {} false restarts, {} hangs not noticed, the others within {longest:.1} s",
            best.name, alarm.samples, alarm.false_restarts, alarm.unnoticed
        );
    }
    Ok(i32::from(report.choices.is_empty()))
}
