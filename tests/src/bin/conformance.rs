//! The development loop: runs recordings, compares, and shows what differs.
//!
//! `conformance` prints the table of all; `conformance NAME` every difference of those whose names contain NAME;
//! `-v` puts the recorded and the actual run side by side.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use podplay_tests::compare::{Comparison, Part};
use podplay_tests::suite::{Outcome, Recording, SEEDS, compare_with, recordings, run_all};
use podplay_tests::{data, history, report, side_by_side, unmatched};

/// Runs the recordings of a real cluster through the simulator and compares.
#[derive(Parser)]
struct Arguments {
    /// Recordings by name, or by a part of it; all if none is given.
    names: Vec<String>,
    /// Show rows, containers and events side by side, and every other part that differs.
    #[arg(short, long)]
    verbose: bool,
    /// Show only these parts side by side (implies -v).
    #[arg(short, long, value_delimiter = ',')]
    part: Vec<PartName>,
    /// Show only pods (and events of objects) whose names contain this.
    #[arg(long)]
    pod: Option<String>,
    /// Leave out the recordings that pass.
    #[arg(short, long)]
    failing: bool,
    /// Only recordings without workloads.
    #[arg(long, conflicts_with = "workloads")]
    pods: bool,
    /// Only recordings with workloads.
    #[arg(long)]
    workloads: bool,
    /// Print the run itself as JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Print the text that is run before all else.
    #[arg(long)]
    text: bool,
    /// Compare this file instead of running (with one NAME).
    #[arg(long, value_name = "FILE")]
    actual: Option<PathBuf>,
    /// Take recordings that pass now off the list of unmatched ones.
    #[arg(long)]
    take_off: bool,
    /// With how many seeds each is run; all but one have to agree.
    #[arg(long, default_value_t = SEEDS)]
    seeds: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum PartName {
    Rows,
    Containers,
    Events,
    Conditions,
    Endpoints,
    Workloads,
    Describe,
    Texts,
}

impl PartName {
    fn part(self) -> Part {
        match self {
            Self::Rows => Part::Rows,
            Self::Containers => Part::Containers,
            Self::Events => Part::Events,
            Self::Conditions => Part::Conditions,
            Self::Endpoints => Part::Endpoints,
            Self::Workloads => Part::Workloads,
            Self::Describe => Part::Describe,
            Self::Texts => Part::Texts,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let chosen = choose(&arguments);
    if chosen.is_empty() {
        eprintln!("no recording is called {}", arguments.names.join(" or "));
        return ExitCode::from(2);
    }
    let outcomes = outcomes(&arguments, &chosen);
    if arguments.json {
        for outcome in &outcomes {
            match &outcome.actual {
                Some(actual) => println!("{actual:#}"),
                None => eprintln!("{}", outcome.comparison.first_difference().unwrap_or("no run")),
            }
        }
        return ExitCode::SUCCESS;
    }
    show(&arguments, &chosen, &outcomes);
    if arguments.take_off {
        take_off(&outcomes);
    }
    ExitCode::from(u8::from(!outcomes.iter().all(Outcome::passes)))
}

/// An exact name means that recording alone; anything else all that contain it.
fn choose(arguments: &Arguments) -> Vec<Recording> {
    let all = recordings(|_| true);
    let exact = |wanted: &String| all.iter().any(|recording| recording.name == *wanted);
    let fits = |name: &str| {
        let one = |wanted: &String| {
            if exact(wanted) { name == wanted } else { name.contains(wanted.as_str()) }
        };
        arguments.names.is_empty() || arguments.names.iter().any(one)
    };
    let side = |recording: &Recording| {
        !(arguments.pods && recording.has_workloads()
            || arguments.workloads && !recording.has_workloads())
    };
    all.iter().filter(|recording| fits(&recording.name) && side(recording)).cloned().collect()
}

fn outcomes(arguments: &Arguments, chosen: &[Recording]) -> Vec<Outcome> {
    let Some(file) = &arguments.actual else {
        return run_all(chosen, arguments.seeds, arguments.threads);
    };
    let actual = data::read_json(file);
    let compared = |recording: &Recording| {
        let comparison = compare_with(recording, &actual);
        Outcome {
            name: recording.name.clone(),
            workloads: recording.has_workloads(),
            seeds: 1,
            agreed: u64::from(comparison.passes()),
            comparison,
            actual: Some(actual.clone()),
            took: std::time::Duration::ZERO,
        }
    };
    chosen.iter().map(compared).collect()
}

fn show(arguments: &Arguments, chosen: &[Recording], outcomes: &[Outcome]) {
    let details = !arguments.names.is_empty() || arguments.verbose || !arguments.part.is_empty();
    if details {
        for (recording, outcome) in chosen.iter().zip(outcomes) {
            if !(arguments.failing && outcome.passes()) {
                show_one(arguments, recording, outcome);
            }
        }
    }
    if outcomes.len() > 1 {
        let hidden = |outcome: &&Outcome| arguments.failing && outcome.passes();
        let shown: Vec<Outcome> =
            outcomes.iter().filter(|outcome| !hidden(outcome)).cloned().collect();
        print!("{}\n{}", report::table(&shown), report::totals(outcomes));
    }
    for change in history::changes(outcomes) {
        println!("{change}");
    }
}

fn show_one(arguments: &Arguments, recording: &Recording, outcome: &Outcome) {
    let verdict = if outcome.passes() { "pass" } else { "FAIL" };
    println!(
        "{verdict}  {} ({} of {} seeds): {}",
        recording.name,
        outcome.agreed,
        outcome.seeds,
        recording.recorded["title"].as_str().unwrap_or("")
    );
    if arguments.text {
        println!("{}", recording.text);
    }
    let parts: Vec<Part> = match (arguments.part.is_empty(), arguments.verbose) {
        (false, _) => arguments.part.iter().map(|name| name.part()).collect(),
        (true, true) => interesting(&outcome.comparison),
        (true, false) => Vec::new(),
    };
    if let Some(actual) = &outcome.actual {
        print!(
            "{}",
            side_by_side::print(&recording.recorded, actual, &parts, arguments.pod.as_deref())
        );
    }
    println!("{}", report::differences(outcome));
}

/// The core parts, and the others where they differ.
fn interesting(comparison: &Comparison) -> Vec<Part> {
    let differs =
        |part: &Part| comparison.part(*part).is_some_and(|result| !result.differences.is_empty());
    Part::ALL.into_iter().filter(|part| part.is_core() || differs(part)).collect()
}

fn take_off(outcomes: &[Outcome]) {
    let path = unmatched::path();
    let written = fs::read_to_string(&path).and_then(|text| {
        let rest = unmatched::without_passing(&text, outcomes);
        println!("{}: {} left", path.display(), unmatched::parse(&rest).len());
        fs::write(&path, rest)
    });
    if let Err(error) = written {
        eprintln!("{}: {error}", path.display());
    }
}
