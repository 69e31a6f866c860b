//! All recordings: found, run in parallel, compared.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::compare::{Comparison, compare, object};
use crate::data::{read_json, tests_dir};
use crate::runner;

/// One recording: the text and what a real cluster showed for it.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The file's stem.
    pub name: String,
    /// Manifests and Scenario.
    pub text: String,
    /// What was recorded.
    pub recorded: Value,
}

impl Recording {
    /// Whether there are workload controllers or Services in it, not only pods.
    #[must_use]
    pub fn has_workloads(&self) -> bool {
        !object(self.recorded.get("workloads")).is_empty()
    }
}

/// What came out for one recording.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The recording's name.
    pub name: String,
    /// Whether it has workloads.
    pub workloads: bool,
    /// How the run compares.
    pub comparison: Comparison,
    /// The run, if there was one.
    pub actual: Option<Value>,
    /// How long running and comparing took.
    pub took: Duration,
}

fn folder() -> PathBuf {
    tests_dir().join("conformance")
}

/// The recordings whose names are chosen by `wanted`, sorted.
///
/// # Panics
/// If the folder or a file in it cannot be read.
#[must_use]
pub fn recordings(wanted: impl Fn(&str) -> bool) -> Vec<Recording> {
    let entries =
        fs::read_dir(folder()).unwrap_or_else(|error| panic!("{}: {error}", folder().display()));
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| wanted(name))
        .collect();
    names.sort();
    names.into_iter().map(load).collect()
}

fn load(name: String) -> Recording {
    let path = folder().join(format!("{name}.yaml"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Recording { recorded: read_json(&path.with_extension("json")), text, name }
}

/// Runs one recording and compares.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tells the developer which runs are slow")]
pub fn run(recording: &Recording) -> Outcome {
    let start = Instant::now();
    let run = runner::record(&recording.text);
    let comparison = match &run {
        Ok(actual) => compare(&recording.recorded, actual),
        Err(reason) => Comparison::failed(reason),
    };
    Outcome {
        name: recording.name.clone(),
        workloads: recording.has_workloads(),
        comparison,
        actual: run.ok(),
        took: start.elapsed(),
    }
}

/// Runs all recordings on a few threads; outcomes in the order of the recordings.
#[must_use]
pub fn run_all(recordings: &[Recording], threads: usize) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(recording) = recordings.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(recording);
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by(|x, y| x.name.cmp(&y.name));
    outcomes
}
