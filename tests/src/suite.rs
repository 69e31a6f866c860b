//! All recordings: found, run in parallel, compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use podplay_core::Version;
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
    /// The Kubernetes that it is compared with.
    pub version: Version,
    /// What was recorded when the same text ran once more, if it did: races are part of the truth.
    pub second: Option<Value>,
}

impl Recording {
    /// Whether there are workload controllers or Services in it, not only pods.
    #[must_use]
    pub fn has_workloads(&self) -> bool {
        !object(self.recorded.get("workloads")).is_empty()
    }
}

/// How many seeds a recording is run with.
pub const SEEDS: u64 = 5;

/// What came out for one recording.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The recording's name.
    pub name: String,
    /// Whether it has workloads.
    pub workloads: bool,
    /// With how many seeds it was run.
    pub seeds: u64,
    /// With how many of them the run agrees with the recording or with its second run.
    pub agreed: u64,
    /// How a run compares: the first one that differs, if any does.
    pub comparison: Comparison,
    /// That run, if there was one.
    pub actual: Option<Value>,
    /// How long running and comparing took.
    pub took: Duration,
}

impl Outcome {
    /// Whether all seeds but one agree: nobody runs only one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.agreed >= self.seeds.saturating_sub(1).max(1)
    }
}

fn folder(version: Version) -> PathBuf {
    tests_dir().join(match version {
        Version::V1_34 => "conformance-1.34",
        Version::V1_36 => "conformance",
    })
}

/// The recordings of today's version whose names are chosen by `wanted`, sorted.
#[must_use]
pub fn recordings(wanted: impl Fn(&str) -> bool) -> Vec<Recording> {
    recordings_of(Version::V1_36, wanted)
}

/// The recordings of a version whose names are chosen by `wanted`, sorted.
///
/// # Panics
/// If the folder or a file in it cannot be read.
#[must_use]
pub fn recordings_of(version: Version, wanted: impl Fn(&str) -> bool) -> Vec<Recording> {
    let folder = folder(version);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| wanted(name))
        .collect();
    names.sort();
    names.into_iter().map(|name| load(&folder, name, version)).collect()
}

fn load(folder: &Path, name: String, version: Version) -> Recording {
    let path = folder.join(format!("{name}.yaml"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let second = path.with_extension("2.json");
    let second = second.exists().then(|| read_json(&second));
    Recording { recorded: read_json(&path.with_extension("json")), version, second, text, name }
}

/// A run compared with the recording, or with its second run if that is nearer.
#[must_use]
pub fn compare_with(recording: &Recording, actual: &Value) -> Comparison {
    let first = compare(&recording.recorded, actual);
    match &recording.second {
        Some(second) if !first.passes() => {
            let other = compare(second, actual);
            if other.core_differences() < first.core_differences() { other } else { first }
        }
        _ => first,
    }
}

/// Runs one recording with so many seeds and compares.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tells the developer which runs are slow")]
pub fn run(recording: &Recording, seeds: u64) -> Outcome {
    let start = Instant::now();
    let mut agreed = 0;
    let mut shown: Option<(Comparison, Option<Value>)> = None;
    for seed in 0..seeds {
        let run = runner::record(&recording.text, seed, recording.version);
        let comparison = match &run {
            Ok(actual) => compare_with(recording, actual),
            Err(reason) => Comparison::failed(reason),
        };
        let passes = comparison.passes();
        agreed += u64::from(passes);
        if shown.as_ref().is_none_or(|(before, _)| before.passes() && !passes) {
            shown = Some((comparison, run.ok()));
        }
    }
    let (comparison, actual) = shown.unwrap_or_default();
    Outcome {
        name: recording.name.clone(),
        workloads: recording.has_workloads(),
        seeds,
        agreed,
        comparison,
        actual,
        took: start.elapsed(),
    }
}

/// Runs all recordings with so many seeds on a few threads; outcomes in the order of the recordings.
#[must_use]
pub fn run_all(recordings: &[Recording], seeds: u64, threads: usize) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(recording) = recordings.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(recording, seeds);
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by(|x, y| x.name.cmp(&y.name));
    outcomes
}
