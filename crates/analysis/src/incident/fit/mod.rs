//! The run that fits: what the programs and the outside did is searched until a run shows what was observed.
//!
//! The search is deterministic: from the run of the plain text it sees which containers differ, tries for each the
//! behaviours that could explain the difference, and keeps what comes nearer.

mod expected;
mod measure;
mod tries;

use super::causes::Found;
use super::observed::Observed;
use super::text::Draft;
use expected::Expected;
use measure::Measured;
use podplay_api::Value;
use podplay_core::Budget;
use podplay_playback::{Run, recording};

/// Most runs of a search.
pub const RUNS: usize = 60;
/// Most wakeups of one run.
const WAKEUPS: u64 = 400_000;

/// How well a run fits, and what was found out on the way.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// The text with the behaviours that were found.
    pub draft: Draft,
    /// How many of the facts the run shows, too.
    pub agrees: usize,
    /// How many facts were compared.
    pub compared: usize,
    /// What differs, in words.
    pub differs: Vec<String>,
    /// What was assumed of programs and the outside, in words.
    pub behaviours: Vec<String>,
    /// Other behaviours that fit as well: the paste does not decide between them.
    pub others: Vec<Vec<String>>,
    /// How many runs it took.
    pub runs: usize,
    /// Pods of the paste and the pods of the run that show the same.
    pub pods: Vec<(String, String)>,
    /// The run, as `podplay run -o json` prints it.
    pub recording: Value,
}

impl Fit {
    /// Agreement in percent.
    pub const fn percent(&self) -> usize {
        match (self.agrees * 100).checked_div(self.compared) {
            Some(percent) => percent,
            None => 100,
        }
    }
}

/// A text with what is assumed of it.
#[derive(Clone, Debug)]
struct Candidate {
    draft: Draft,
    behaviours: Vec<String>,
}

/// Searches for a run that fits. `progress` is told how many runs were done.
pub(crate) fn fit(
    observed: &Observed,
    found: &[Found],
    draft: Draft,
    progress: &mut dyn FnMut(usize),
) -> Fit {
    let expected = Expected::of(observed);
    let mut search = Search { expected: &expected, runs: 0, progress };
    let mut best = search.measured(Candidate { draft, behaviours: Vec::new() });
    let mut others: Vec<Vec<String>> = Vec::new();
    // One container after the other: what one does rarely depends on what another does.
    for round in 0..3 {
        let before = best.1.agrees;
        let candidates = tries::of(observed, found, &expected, &best.0, &best.1, round);
        for candidate in candidates {
            let candidate = match candidate {
                tries::Try::Once(candidate) => candidate,
                tries::Try::Crashes(plan) => search.crashes(&best.0, &plan),
            };
            let tried = search.measured(candidate);
            if tried.1.agrees > best.1.agrees {
                best = tried;
                others.clear();
            } else if tried.1.agrees == best.1.agrees
                && tried.1.agrees > before
                && tried.0.behaviours != best.0.behaviours
            {
                others.push(tried.0.behaviours);
            }
            if search.runs >= RUNS {
                break;
            }
        }
        if best.1.agrees == best.1.compared || best.1.agrees == before {
            break;
        }
    }
    let runs = search.runs;
    let (candidate, measured) = best;
    others.truncate(4);
    Fit {
        draft: candidate.draft,
        agrees: measured.agrees,
        compared: measured.compared,
        differs: measured.differs,
        behaviours: candidate.behaviours,
        others,
        runs,
        pods: measured.pods,
        recording: measured.recording,
    }
}

struct Search<'a> {
    expected: &'a Expected,
    runs: usize,
    progress: &'a mut dyn FnMut(usize),
}

impl Search<'_> {
    fn measured(&mut self, candidate: Candidate) -> (Candidate, Measured) {
        self.runs += 1;
        (self.progress)(self.runs);
        let measured = Measured::of(self.expected, run(&candidate.draft));
        (candidate, measured)
    }
    /// Ends of a container at moments that follow from when it was started again.
    fn crashes(&mut self, base: &Candidate, plan: &tries::Crashes) -> Candidate {
        let mut candidate = base.clone();
        let words = plan.words();
        if !candidate.behaviours.contains(&words) {
            candidate.behaviours.push(words);
        }
        for _ in 0..plan.times.min(12) {
            if self.runs >= RUNS {
                break;
            }
            self.runs += 1;
            let recording = run(&candidate.draft);
            let Some(started) = measure::last_start(&recording, &plan.pod, &plan.container) else {
                break;
            };
            let entry = plan.entry(started);
            candidate.draft = candidate.draft.then(entry);
        }
        candidate
    }
}

/// Runs a text and returns what it showed.
fn run(draft: &Draft) -> Value {
    let mut run = Run::new(&draft.text());
    let end = run.end();
    let _ = run.advance(end, &mut Budget(WAKEUPS));
    recording(&run, "incident")
}
