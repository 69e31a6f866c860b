//! What nobody who writes a manifest would accept: the expectations of the lab, and whether a run keeps them.

use super::strikes::Whose;
use super::trials::{Planned, Trial};
use crate::lab::{Ground, Served, well};
use podplay_api::{ProbeKind, SimTime};
use podplay_core::record::RequestEnd;
use podplay_core::{Budget, Record, Subject, What};
use podplay_playback::expect::{self, Expectation};
use podplay_playback::{Run, run::CommandLog};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a cluster may take to be well again when nothing is broken any more: a back-off of 5 minutes, and a start.
const RECOVERY: Duration = Duration::from_secs(420);
/// How long nobody may be answered.
const OUTAGE: Duration = Duration::from_secs(3);
/// How long a program that hangs may go on to be asked.
const UNNOTICED: Duration = Duration::from_secs(120);
/// So many restarts of one container are no mend any more.
const STORM: usize = 3;

/// What is not accepted. The order is that of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    NeverReady,
    NeverDone,
    Stuck,
    Unfinished,
    Unnoticed,
    Storm,
    Collateral,
    Outage,
    Lost,
    KilledForSlowness,
    CutOff,
    Expectation,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NeverReady => "never-ready",
            Self::NeverDone => "never-done",
            Self::Stuck => "stuck",
            Self::Unfinished => "unfinished",
            Self::Unnoticed => "unnoticed",
            Self::Storm => "restart-storm",
            Self::Collateral => "collateral-restart",
            Self::Outage => "outage",
            Self::Lost => "requests-lost",
            Self::KilledForSlowness => "killed-for-slowness",
            Self::CutOff => "killed-at-stop",
            Self::Expectation => "expectation",
        }
    }
}

/// What a run breaks: which expectation, of whom, when, and in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Broken {
    pub(crate) kind: Kind,
    pub(crate) of: String,
    pub(crate) at: SimTime,
    pub(crate) sentence: String,
}

/// Runs a trial as far as it takes to judge it. The length of the run is returned, too.
pub(crate) fn attempt(
    ground: &Ground,
    trial: &Trial,
    expectations: &[Expectation],
) -> (Vec<Broken>, Duration) {
    let entries: Vec<_> = trial.lines.iter().filter_map(|line| line.entry()).collect();
    let last = trial.ends() + RECOVERY;
    let run = ground.run.branched(&entries, last.since(SimTime::ZERO));
    let (run, end) = settle(run, ground, trial, last);
    let from = trial.lines.iter().map(|line| line.at).min().unwrap_or_default();
    (judge(&run, ground, trial, expectations, from), end.since(from))
}

/// What a text breaks when nothing is done to it: which kinds, and whose. That is no finding of a trial.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control(BTreeSet<(Kind, String)>);

impl Control {
    /// Lets the ground go on by itself.
    pub(crate) fn new(ground: &Ground) -> Self {
        let from = ground.calm();
        let end = from + RECOVERY;
        let mut run = ground.run.branched(&[], end.since(SimTime::ZERO));
        let _ = run.advance(end, &mut Budget(crate::lab::WAKEUPS));
        let trial = Trial { ground: 0, planned: None, strike: None, lines: Vec::new() };
        let found = judge(&run, ground, &trial, &[], from);
        let mut out: BTreeSet<_> = found.into_iter().map(|one| (one.kind, one.of)).collect();
        for record in run.trace() {
            match (&record.what, &record.subject) {
                // Whoever is restarted by itself is restarted in a trial, too.
                (What::Running { restart }, Subject::Container(pod, container)) if *restart > 0 => {
                    let Some(index) = ground.workload_of(&pod.namespace, &pod.name) else {
                        continue;
                    };
                    let of = format!("container {container} of {}", ground.workloads[index].target);
                    let kinds = [Kind::Storm, Kind::Collateral, Kind::KilledForSlowness];
                    out.extend(kinds.map(|kind| (kind, of.clone())));
                }
                (What::Request(end), _) if end.end.is_err() && record.at >= from => {
                    let served = ground.served.iter().find(|one| one.client == end.client);
                    let Some(served) = served else { continue };
                    let of = format!("service/{}", served.service);
                    out.extend([Kind::Lost, Kind::Outage].map(|kind| (kind, of.clone())));
                }
                _ => {}
            }
        }
        Self(out)
    }
    /// What is left of the findings of a trial.
    pub(crate) fn sift(&self, found: Vec<Broken>) -> Vec<Broken> {
        found.into_iter().filter(|one| !self.0.contains(&(one.kind, one.of.clone()))).collect()
    }
}

/// Lets a run go on until all is well again for a while, or as long as it may take.
pub(crate) fn settle(
    mut run: Run,
    ground: &Ground,
    trial: &Trial,
    last: SimTime,
) -> (Run, SimTime) {
    let mut budget = Budget(crate::lab::WAKEUPS);
    let forever = is_forever(trial);
    let patience = if forever { UNNOTICED + Duration::from_secs(60) } else { Duration::ZERO };
    // A node's taints and a pod's back-off show only after a while that something is wrong.
    let mut at = trial.ends() + patience + Duration::from_secs(45);
    loop {
        at = at.min(last);
        let _ = run.advance(at, &mut budget);
        if at >= last || budget.0 == 0 || forever || calm(&run, ground, trial) {
            let end = run.now();
            return (run, end);
        }
        at += Duration::from_secs(20);
    }
}

fn calm(run: &Run, ground: &Ground, trial: &Trial) -> bool {
    let rolled = match &trial.planned {
        Some(Planned::Rollout(index)) => rolled_out(run, ground, *index),
        _ => true,
    };
    rolled
        && ground.workloads.iter().all(|one| !one.well || well(run, one))
        && run.commands().iter().all(|log| log.ended.is_some())
        && !run.cluster().pods().any(|pod| pod.meta.deletion_timestamp.is_some())
}

/// Whether all pods of a Deployment are of its newest template.
fn rolled_out(run: &Run, ground: &Ground, index: usize) -> bool {
    let target = &ground.workloads[index].target;
    let object = run.cluster().get(&target.kind, &target.namespace, &target.name);
    let Some(object) = object.filter(|_| target.kind == "Deployment") else { return true };
    let number = |field: &str| object["status"][field].as_i64().unwrap_or(0);
    number("updatedReplicas") == number("replicas")
}

fn is_forever(trial: &Trial) -> bool {
    trial.lines.iter().any(|line| line.fault_kind() == Some("Hang") && line.lasts().is_zero())
}

/// Everything that a run breaks.
pub(crate) fn judge(
    run: &Run,
    ground: &Ground,
    trial: &Trial,
    expectations: &[Expectation],
    from: SimTime,
) -> Vec<Broken> {
    // What happens at that very moment belongs to it.
    let before = SimTime(from.0.saturating_sub(1));
    let records = &run.trace()[run.records_until(before)..];
    let mut out = Judge { run, ground, trial, from, records, out: Vec::new() };
    out.unwell();
    out.commands();
    out.restarts();
    for served in &ground.served {
        out.requests(served);
    }
    out.cut_off();
    for (one, verdict) in expectations.iter().zip(expect::judge(expectations, run)) {
        if !verdict.holds {
            let text = &one.statement.text;
            let sentence = format!("`{text}` does not hold: it is {}", verdict.found);
            out.add(Kind::Expectation, text, verdict.at, sentence);
        }
    }
    out.out
}

struct Judge<'a> {
    run: &'a Run,
    ground: &'a Ground,
    trial: &'a Trial,
    from: SimTime,
    records: &'a [Record],
    out: Vec<Broken>,
}

impl Judge<'_> {
    fn add(&mut self, kind: Kind, of: &str, at: SimTime, sentence: String) {
        self.out.push(Broken { kind, of: of.to_owned(), at, sentence });
    }
    /// Workloads that are not well again.
    fn unwell(&mut self) {
        if is_forever(self.trial) {
            return;
        }
        let (ground, at) = (self.ground, self.run.now());
        let whole = at.since(self.trial.ends()).as_secs();
        for (index, one) in ground.workloads.iter().enumerate().filter(|(_, one)| one.well) {
            let name = one.target.to_string();
            if !well(self.run, one) {
                let (kind, does) = if one.job {
                    (Kind::NeverDone, "does not complete")
                } else if self
                    .run
                    .cluster()
                    .get(&one.target.kind, &one.target.namespace, &one.target.name)
                    .is_none()
                {
                    (Kind::NeverReady, "is gone, and nobody makes it again")
                } else {
                    (Kind::NeverReady, "does not get ready again")
                };
                let sentence = format!("{name} {does}, {whole} s after nothing is broken any more");
                self.add(kind, &name, at, sentence);
            } else if self.trial.planned == Some(Planned::Rollout(index))
                && !rolled_out(self.run, ground, index)
            {
                let sentence = format!(
                    "the rollout of {name} does not get done, {whole} s after nothing is broken any more"
                );
                self.add(Kind::Unfinished, &name, at, sentence);
            }
        }
    }
    /// Commands that wait in vain.
    fn commands(&mut self) {
        let mine = |log: &&CommandLog| log.began >= self.from && self.is_drain(log);
        let open = |log: &&CommandLog| log.ended.is_none() || log.output.exit != 0;
        let Some(log) = self.run.commands().iter().filter(mine).find(open) else { return };
        let waits = self.run.now().since(log.began).as_secs();
        let what = log.output.stderr.lines().last().unwrap_or_default().trim().to_owned();
        let sentence = match log.ended {
            Some(_) => format!("the drain fails: {what}"),
            None => format!("the drain has not ended after {waits} s: {what}"),
        };
        self.add(Kind::Stuck, "drain", log.began, sentence);
    }
    fn is_drain(&self, log: &CommandLog) -> bool {
        let entries = &self.run.plan().entries;
        let of = entries.iter().find(|entry| entry.index == log.entry);
        of.is_some_and(|entry| entry.act.argv().first().is_some_and(|word| word == "drain"))
    }
    /// Restarts that do not mend, and restarts of those who were not hit.
    fn restarts(&mut self) {
        if is_forever(self.trial) {
            return;
        }
        let mut by_probe: BTreeSet<(String, String)> = BTreeSet::new();
        let mut counted: BTreeMap<(usize, String, String), Vec<SimTime>> = BTreeMap::new();
        for record in self.records {
            let Subject::Container(pod, container) = &record.subject else { continue };
            let key = (pod.name.clone(), container.to_string());
            match &record.what {
                What::ProbeResult {
                    kind: ProbeKind::Liveness | ProbeKind::Startup,
                    success: false,
                } => {
                    by_probe.insert(key);
                }
                What::Running { restart } if *restart > 0 => {
                    if let Some(index) = self.ground.workload_of(&pod.namespace, &pod.name) {
                        counted.entry((index, key.0, key.1)).or_default().push(record.at);
                    }
                }
                _ => {}
            }
        }
        for ((index, pod, container), at) in counted {
            let probed = by_probe.contains(&(pod.clone(), container.clone()));
            self.restarted(index, &container, &at, probed);
        }
    }
    fn restarted(&mut self, index: usize, container: &str, at: &[SimTime], probed: bool) {
        let strike = self.trial.strike.clone();
        let kind = strike.as_ref().map(|(kind, _)| *kind);
        let struck = strike.as_ref().is_none_or(|(_, whose)| match whose {
            Whose::Pod(of) | Whose::Starts(of) => *of == index,
            Whose::Node(_) => true,
            Whose::All => false,
        });
        let name = format!("container {container} of {}", self.ground.workloads[index].target);
        let times = if at.len() == 1 { "once".to_owned() } else { format!("{} times", at.len()) };
        let ends = self.trial.ends();
        let afterwards = at.iter().filter(|at| **at > ends + Duration::from_secs(5)).count();
        let slow = matches!(kind, Some("Slow" | "SlowStart" | "SlowPull"));
        if afterwards >= STORM || slow && at.len() >= STORM {
            let sentence = format!("{name} is restarted {times}, and that mends nothing");
            self.add(Kind::Storm, &name, at[0], sentence);
        } else if !struck && probed {
            let what = kind.unwrap_or("what is broken");
            let sentence =
                format!("{name} is restarted {times} by its probe, although {what} hits others");
            self.add(Kind::Collateral, &name, at[0], sentence);
        } else if slow && probed {
            let sentence = format!("{name} is restarted {times} by its probe for being slow");
            self.add(Kind::KilledForSlowness, &name, at[0], sentence);
        }
    }
    /// Requests that were lost although nothing was broken, and times without any answer.
    fn requests(&mut self, served: &Served) {
        let ends: Vec<(SimTime, &RequestEnd)> = self
            .records
            .iter()
            .filter_map(|record| match &record.what {
                What::Request(end) if end.client == served.client && end.sent >= self.from => {
                    Some((record.at, end))
                }
                _ => None,
            })
            .collect();
        let lost: Vec<_> = ends.iter().filter(|(_, end)| end.end.is_err()).collect();
        let Some((first, why)) = lost.first() else { return };
        let reason = why.end.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let name = &served.service;
        let (gap, since) = silence(&ends, self.from, self.run.now());
        if is_forever(self.trial) {
            let until = self.from + UNNOTICED;
            let late = lost.iter().filter(|(_, end)| end.sent >= until).count();
            if late > 0 {
                let of = format!("service/{name}");
                let secs = self.run.now().since(self.from).as_secs();
                let sentence = format!(
                    "a program that hangs is asked for {secs} s and longer: {} requests to {name} are lost",
                    lost.len()
                );
                self.add(Kind::Unnoticed, &of, *first, sentence);
            }
            return;
        }
        let of = format!("service/{name}");
        let routine = self.trial.planned.as_ref().is_some_and(Planned::is_routine);
        let all = self.trial.strike.as_ref().is_some_and(|(_, whose)| *whose == Whose::All);
        if gap >= OUTAGE && !all {
            let sentence = format!("nobody answers requests to {name} for {} s", gap.as_secs());
            self.add(Kind::Outage, &of, since, sentence);
        } else if routine && self.trial.strike.is_none() {
            let total = ends.len();
            let sentence = format!(
                "{} of {total} requests to {name} are lost, the first with \"{reason}\"",
                lost.len()
            );
            self.add(Kind::Lost, &of, *first, sentence);
        }
    }
    /// Programs that are killed at an ordinary stop.
    fn cut_off(&mut self) {
        let routine = self.trial.planned.as_ref().is_some_and(Planned::is_routine);
        if !routine || self.trial.strike.is_some() {
            return;
        }
        let kill = self.records.iter().find_map(|record| match (&record.what, &record.subject) {
            (What::Signal(name), Subject::Container(pod, container)) if &**name == "SIGKILL" => {
                let index = self.ground.workload_of(&pod.namespace, &pod.name)?;
                let target = &self.ground.workloads[index].target;
                Some((record.at, format!("container {container} of {target}")))
            }
            _ => None,
        });
        if let Some((at, name)) = kill {
            let sentence = format!(
                "{name} is killed with SIGKILL at an ordinary stop: it takes longer than its grace period"
            );
            self.add(Kind::CutOff, &name, at, sentence);
        }
    }
}

/// The longest time in which requests were sent and none was answered, and since when.
fn silence(ends: &[(SimTime, &RequestEnd)], from: SimTime, to: SimTime) -> (Duration, SimTime) {
    let mut sent: Vec<(SimTime, bool)> =
        ends.iter().map(|(_, end)| (end.sent, end.end.is_ok())).collect();
    sent.sort();
    let (mut longest, mut since, mut last) = (Duration::ZERO, from, from);
    let mut failed = false;
    for (at, good) in sent {
        if good {
            if failed && at.since(last) > longest {
                (longest, since) = (at.since(last), last);
            }
            (last, failed) = (at, false);
        } else {
            failed = true;
        }
    }
    if failed && to.since(last) > longest {
        (longest, since) = (to.since(last), last);
    }
    (longest, since)
}
