//! The smallest Scenario that breaks an expectation: without what is not needed, at round moments, proved by a run of
//! the whole text.

use super::Check;
use super::judge::{self, Broken};
use super::trials::Trial;
use crate::lab::{Ground, Lab, Line, span_text};
use podplay_api::{SimTime, Value};
use podplay_playback::expect::Expectation;
use podplay_playback::{Plan, Run};
use std::time::Duration;

/// Fewest seconds that a fault is shortened to.
const SHORTEST: Duration = Duration::from_secs(5);

/// A trial made small, with the text that shows it.
pub(crate) struct Shrunk {
    pub(crate) trial: Trial,
    pub(crate) broken: Broken,
    pub(crate) text: String,
}

/// Makes a trial small that breaks something; nothing if the text alone does not show it.
pub(crate) fn shrink(check: &Check, trial: &Trial, wanted: &Broken) -> Option<Shrunk> {
    let mut best = trial.clone();
    let same = |broken: &Broken| broken.kind == wanted.kind && broken.of == wanted.of;
    let breaks = |trial: &Trial| {
        let (broken, _) = judge::attempt(&check.grounds[trial.ground], trial, &check.expectations);
        broken.iter().any(same)
    };
    let keep = |best: &mut Trial, other: Trial| {
        let better = other.lines != best.lines || other.ground != best.ground;
        if better && breaks(&other) {
            *best = other;
            return true;
        }
        false
    };
    for index in (0..best.lines.len()).rev() {
        if best.lines.len() > 1 {
            let other = without(&best, index);
            keep(&mut best, other);
        }
    }
    if best.ground != 0 {
        let other = Trial { ground: 0, ..best.clone() };
        keep(&mut best, other);
    }
    for index in 0..best.lines.len() {
        let other = rounded(&best, index, &check.grounds[best.ground]);
        keep(&mut best, other);
        while let Some(other) = shorter(&best, index) {
            if !keep(&mut best, other) {
                break;
            }
        }
    }
    [best, trial.clone()].into_iter().find_map(|trial| {
        let ground = &check.grounds[trial.ground];
        let (broken, text) = shown(&check.lab, ground, &trial, &check.expectations, &same)?;
        Some(Shrunk { trial, broken, text })
    })
}

/// The same without one of its entries.
fn without(trial: &Trial, index: usize) -> Trial {
    let mut other = trial.clone();
    let gone = other.lines.remove(index);
    if gone
        .fault_kind()
        .is_some_and(|kind| trial.strike.as_ref().is_some_and(|(of, _)| *of == kind))
    {
        other.strike = None;
    } else if !other
        .lines
        .iter()
        .any(|line| line.act.0 == "kubectl" || line.fault_kind() == Some("NodeDown"))
    {
        other.planned = None;
    }
    other
}

/// The same with an entry at a round moment.
fn rounded(trial: &Trial, index: usize, ground: &Ground) -> Trial {
    let mut other = trial.clone();
    let at = other.lines[index].at;
    let round = SimTime::from_secs(at.as_millis() / 1000 / 5 * 5);
    let round = if round < ground.calm() && at >= ground.calm() { ground.calm() } else { round };
    other.lines[index].at = round;
    other
}

/// The same with a fault that lasts half as long.
fn shorter(trial: &Trial, index: usize) -> Option<Trial> {
    let lasts = trial.lines[index].lasts();
    let half = Duration::from_secs(lasts.as_secs() / 2);
    if half < SHORTEST {
        return None;
    }
    let mut other = trial.clone();
    other.lines[index].act.1["for"] = Value::from(span_text(half));
    Some(other)
}

/// The text with the trial in it, if its own run shows the same.
pub(crate) fn shown(
    lab: &Lab,
    ground: &Ground,
    trial: &Trial,
    expectations: &[Expectation],
    same: &dyn Fn(&Broken) -> bool,
) -> Option<(Broken, String)> {
    let text = whole(lab, ground, trial);
    let plan = Plan::read(&text);
    if plan.has_errors() {
        return None;
    }
    let mut run = Run::of(plan);
    run.finish();
    let from = trial.lines.iter().map(|line| line.at).min().unwrap_or_default();
    let broken = judge::judge(&run, ground, trial, expectations, from);
    broken.into_iter().find(|one| same(one)).map(|one| (one, text))
}

/// The text with the trial in it, as long as it takes to judge it.
pub(crate) fn whole(lab: &Lab, ground: &Ground, trial: &Trial) -> String {
    let entries: Vec<_> = trial.lines.iter().filter_map(Line::entry).collect();
    let last = trial.ends() + Duration::from_secs(420);
    let branch = ground.run.branched(&entries, last.since(SimTime::ZERO));
    let (_, end) = judge::settle(branch, ground, trial, last);
    let duration = Duration::from_secs(end.as_millis().div_ceil(1000));
    lab.with(&trial.lines, ground.seed, duration)
}
