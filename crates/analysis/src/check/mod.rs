//! A search for what a manifest does not bear: every kind of fault, at every kind of moment, over several seeds, alone
//! and during a rollout, a drain, a deletion and the loss of a node.
//!
//! A [`Check`] knows all its trials beforehand. Each is a function of the check alone, so that they can be run in any
//! order, in slices or on several cores; [`Check::report`] puts together what they found.

pub(crate) mod judge;
mod report;
pub(crate) mod shrink;
pub(crate) mod strikes;
pub(crate) mod trials;

pub use report::{Report, Weakness};

use crate::lab::{Ground, Lab};
use judge::{Broken, Control};
use podplay_core::random;
use podplay_playback::expect::{self, Expectation};
use podplay_playback::{Plan, Run};
use std::collections::BTreeMap;
use std::time::Duration;
use trials::Trial;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Most trials.
    pub runs: usize,
    /// Seeds, counted from the text's own.
    pub seeds: u64,
    /// Requests a second to each Service that the text's Scenario does not ask; 0 for none.
    pub rps: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { runs: 1000, seeds: 3, rps: crate::lab::RPS }
    }
}

/// What one trial found.
#[derive(Debug)]
pub struct Found {
    trial: usize,
    broken: Vec<Broken>,
    simulated: Duration,
}

/// A search that has been prepared.
#[derive(Debug)]
pub struct Check {
    lab: Lab,
    grounds: Vec<Ground>,
    /// What each ground breaks by itself.
    controls: Vec<Control>,
    trials: Vec<Trial>,
    /// Those that hold when nothing is broken.
    expectations: Vec<Expectation>,
    /// Trials that there are, taken or not, and those that cannot differ from others.
    possible: u64,
    alike: u64,
    strata: usize,
}

impl Check {
    /// Prepares a search: runs the text with each seed, and finds what there is to try.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn new(text: &str, options: Options) -> Result<Self, String> {
        let lab = Lab::new(text, options.rps)?;
        let first = lab.plan.config.seed;
        let grounds: Vec<Ground> =
            (0..options.seeds.max(1)).map(|n| lab.ground(first.wrapping_add(n))).collect();
        if !grounds.iter().any(|ground| ground.workloads.iter().any(|one| one.well)) {
            let why = "nothing in it gets ready and stays there by itself: ask `podplay why` first";
            return Err(why.to_owned());
        }
        let (mut all, mut alike) = (Vec::new(), 0);
        for (index, ground) in grounds.iter().enumerate() {
            let (trials, left_out) = trials::all(ground, index);
            all.extend(trials);
            alike += left_out;
        }
        let possible = all.len() as u64;
        let (trials, strata) = sample(all, options.runs);
        let expectations = held(&lab.plan);
        let controls = grounds.iter().map(Control::new).collect();
        Ok(Self { lab, grounds, controls, trials, expectations, possible, alike, strata })
    }
    /// How many trials there are to run.
    pub fn len(&self) -> usize {
        self.trials.len()
    }
    /// Whether there is nothing to try.
    pub fn is_empty(&self) -> bool {
        self.trials.is_empty()
    }
    /// Runs a trial.
    pub fn run(&self, trial: usize) -> Found {
        let of = &self.trials[trial];
        let (broken, simulated) = judge::attempt(&self.grounds[of.ground], of, &self.expectations);
        Found { trial, broken: self.controls[of.ground].sift(broken), simulated }
    }
    /// Runs all trials, one after the other.
    pub fn run_all(&self) -> Vec<Found> {
        (0..self.len()).map(|trial| self.run(trial)).collect()
    }
}

/// The expectations of a text that its own run meets.
fn held(plan: &Plan) -> Vec<Expectation> {
    let (all, _) = expect::read(plan);
    if all.is_empty() {
        return all;
    }
    let mut run = Run::of(plan.clone());
    run.finish();
    let verdicts = expect::judge(&all, &run);
    all.into_iter().zip(verdicts).filter(|(_, verdict)| verdict.holds).map(|(one, _)| one).collect()
}

/// At most so many of the trials, fairly: from each kind of them one after the other. How many kinds there are, too.
fn sample(all: Vec<Trial>, most: usize) -> (Vec<Trial>, usize) {
    let mut strata: BTreeMap<(u8, String), Vec<Trial>> = BTreeMap::new();
    for trial in all {
        strata.entry(trial.stratum()).or_default().push(trial);
    }
    let count = strata.len();
    for ((_, name), list) in &mut strata {
        // The one with the fewest entries and the first seed first, the others in an order that is drawn.
        let mut keyed: Vec<(u64, Trial)> = std::mem::take(list)
            .into_iter()
            .enumerate()
            .map(|(n, trial)| {
                (if n == 0 { 0 } else { random::draw(0, "sample", name, n as u64) }, trial)
            })
            .collect();
        keyed.sort_by_key(|(draw, _)| std::cmp::Reverse(*draw));
        *list = keyed.into_iter().map(|(_, trial)| trial).collect();
    }
    let mut out = Vec::new();
    while out.len() < most {
        let before = out.len();
        for list in strata.values_mut() {
            out.extend(list.pop().filter(|_| out.len() < most));
        }
        if out.len() == before {
            break;
        }
    }
    (out, count)
}
