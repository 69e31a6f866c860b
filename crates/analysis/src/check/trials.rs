//! What is tried: every fault at every kind of moment, alone and during a rollout, a drain, a deletion, the loss of a
//! node; without what cannot touch each other.

use super::strikes::{self, Strike, Whose};
use crate::lab::{Ground, Line};
use podplay_api::{Pod, SimTime, json};
use podplay_core::record::{Stored, Verb};
use podplay_core::{Budget, What};
use podplay_playback::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long after something planned the moments of its changes are looked for.
const AFTERMATH: Duration = Duration::from_secs(90);
/// Most moments during something planned, and during the start.
const MOMENTS: usize = 12;

/// Something that people or machines do to a cluster that is well.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Planned {
    Rollout(usize),
    Delete(usize),
    Drain(String),
    NodeLoss(String),
}

impl Planned {
    /// Whether an author expects that nobody notices.
    pub(crate) const fn is_routine(&self) -> bool {
        !matches!(self, Self::NodeLoss(_))
    }
    const fn rank(&self) -> u8 {
        match self {
            Self::Rollout(_) => 0,
            Self::Delete(_) => 1,
            Self::Drain(_) => 2,
            Self::NodeLoss(_) => 3,
        }
    }
}

/// One run to be made.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// Index of the ground that it branches off from.
    pub(crate) ground: usize,
    pub(crate) planned: Option<Planned>,
    /// The fault, and whom it hits.
    pub(crate) strike: Option<(&'static str, Whose)>,
    pub(crate) lines: Vec<Line>,
}

impl Trial {
    /// What it is a sample of: who is hit by what, during what.
    pub(crate) fn stratum(&self) -> (u8, String) {
        let planned = self.planned.as_ref().map_or(9, Planned::rank);
        (planned, format!("{:?} {:?}", self.planned, self.strike))
    }
    /// When everything that it breaks is whole again.
    pub(crate) fn ends(&self) -> SimTime {
        self.lines.iter().map(Line::ends).max().unwrap_or(SimTime::ZERO)
    }
}

/// All trials of one ground, and how many were left out because they cannot differ from others.
pub(crate) fn all(ground: &Ground, index: usize) -> (Vec<Trial>, u64) {
    let mut list = List { ground, index, out: Vec::new(), alike: 0 };
    let at = ground.calm();
    let planned = planned(ground);
    let calm = alive(&ground.run, at);
    list.alone(at, &calm);
    list.start();
    for each in planned {
        list.during(&each, at);
    }
    (list.out, list.alike)
}

struct List<'a> {
    ground: &'a Ground,
    index: usize,
    out: Vec<Trial>,
    alike: u64,
}

impl List<'_> {
    fn push(&mut self, planned: Option<&Planned>, strike: Option<&Strike>, lines: Vec<Line>) {
        self.out.push(Trial {
            ground: self.index,
            planned: planned.cloned(),
            strike: strike.map(|one| (one.kind, one.whose.clone())),
            lines,
        });
    }
    /// Faults while nothing else happens: two moments stand for all, as only the phase of the probes differs.
    fn alone(&mut self, at: SimTime, pods: &[Arc<Pod>]) {
        for strike in strikes::all(self.ground, pods) {
            if strike.starts {
                // Nothing starts now: as good as never.
                self.alike += 2;
                continue;
            }
            for later in [0, 3700] {
                let moment = at + Duration::from_millis(later);
                self.push(None, Some(&strike), vec![Line::fault(moment, strike.fault.clone())]);
            }
            if let Some(fault) = strike.forever.clone() {
                self.push(None, Some(&strike), vec![Line::fault(at, fault)]);
            }
        }
    }
    /// Faults while everything starts.
    fn start(&mut self) {
        let changes = changes(&self.ground.run, SimTime::ZERO, self.ground.ready);
        for moment in picked(&changes, MOMENTS / 2) {
            let pods = alive(&self.ground.run, moment);
            for strike in strikes::all(self.ground, &pods) {
                self.push(None, Some(&strike), vec![Line::fault(moment, strike.fault.clone())]);
            }
        }
    }
    /// Something planned, alone and with each fault at the moments at which it changes something.
    fn during(&mut self, planned: &Planned, at: SimTime) {
        let lines = begun(self.ground, planned, at);
        for later in [0, 2300] {
            let later = Duration::from_millis(later);
            let moved = lines.iter().map(|line| Line { at: line.at + later, ..line.clone() });
            self.push(Some(planned), None, moved.collect());
        }
        let entries: Vec<_> = lines.iter().filter_map(Line::entry).collect();
        let end = at + AFTERMATH;
        let mut run = self.ground.run.branched(&entries, end.since(SimTime::ZERO));
        let _ = run.advance(end, &mut Budget(crate::lab::WAKEUPS));
        let changes = changes(&run, at, end);
        let mut moments = picked(&changes, MOMENTS);
        // What was broken already when it began.
        moments.insert(0, SimTime(at.0.saturating_sub(1_000_000_000)));
        let mut told = BTreeSet::new();
        for moment in moments {
            let pods = alive(&run, moment);
            for strike in strikes::all(self.ground, &pods) {
                if !strikes::touches(self.ground, planned, &strike, &pods) {
                    self.alike += 1;
                    continue;
                }
                let once = strike.starts && !told.insert(strike.fault.to_string());
                if once {
                    // It lasts over all starts: when it began makes no difference.
                    self.alike += 1;
                    continue;
                }
                let mut both = lines.clone();
                both.push(Line::fault(moment, strike.fault.clone()));
                both.sort_by_key(|line| line.at);
                self.push(Some(planned), Some(&strike), both);
            }
        }
    }
}

/// What can be done to this cluster.
pub(crate) fn planned(ground: &Ground) -> Vec<Planned> {
    let mut out = Vec::new();
    let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
    for (index, one) in ground.workloads.iter().enumerate().filter(|(_, one)| one.well && !one.job)
    {
        if kinds.contains(&one.target.kind.as_str()) {
            out.push(Planned::Rollout(index));
        }
        out.push(Planned::Delete(index));
    }
    let mut nodes: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for pod in ground.run.cluster().pods().filter(|pod| !pod.spec.node_name.is_empty()) {
        if let Some(index) = ground.workload_of(&pod.meta.namespace, &pod.meta.name) {
            nodes.entry(pod.spec.node_name.clone()).or_default().insert(index);
        }
    }
    // Of nodes with pods of the same workloads one stands for all.
    let mut classes = BTreeSet::new();
    for (node, hosts) in nodes {
        if classes.insert(hosts) {
            out.extend([Planned::Drain(node.clone()), Planned::NodeLoss(node)]);
        }
    }
    out
}

/// The entries that do it.
pub(crate) fn begun(ground: &Ground, planned: &Planned, at: SimTime) -> Vec<Line> {
    let of = |index: &usize| {
        let target = &ground.workloads[*index].target;
        (target, format!("-n {}", target.namespace))
    };
    match planned {
        Planned::Rollout(index) => {
            let (target, namespace) = of(index);
            vec![Line::kubectl(at, &format!("rollout restart {target} {namespace}"))]
        }
        Planned::Delete(index) => {
            let (target, namespace) = of(index);
            let pods = alive(&ground.run, at);
            let mine = pods.iter().find(|pod| {
                ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(*index)
            });
            let name = mine.map_or(&target.name, |pod| &pod.meta.name);
            vec![Line::kubectl(at, &format!("delete pod {name} {namespace} --wait=false"))]
        }
        Planned::Drain(node) => {
            let words = "--ignore-daemonsets --delete-emptydir-data --force";
            vec![
                Line::kubectl(at, &format!("drain {node} {words}")),
                Line::kubectl(at + Duration::from_secs(90), &format!("uncordon {node}")),
            ]
        }
        Planned::NodeLoss(node) => {
            vec![Line::fault(at, json!({"kind": "NodeDown", "node": node, "for": "10m"}))]
        }
    }
}

/// The pods of a moment, by namespace and name.
pub(crate) fn alive(run: &Run, at: SimTime) -> Vec<Arc<Pod>> {
    let mut pods: BTreeMap<(String, String), Arc<Pod>> = BTreeMap::new();
    for record in &run.trace()[..run.records_until(at)] {
        let What::Stored(verb, Stored::Pod(pod)) = &record.what else { continue };
        let key = (pod.meta.namespace.clone(), pod.meta.name.clone());
        if *verb == Verb::Deleted {
            pods.remove(&key);
        } else {
            pods.insert(key, Arc::clone(pod));
        }
    }
    pods.into_values().collect()
}

/// The moments between two at which something about the pods changed.
fn changes(run: &Run, from: SimTime, to: SimTime) -> Vec<SimTime> {
    let of = &run.trace()[run.records_until(from)..run.records_until(to)];
    let mut out: Vec<SimTime> = of
        .iter()
        .filter(|record| {
            matches!(
                record.what,
                What::Running { .. }
                    | What::Exited { .. }
                    | What::ProbeResult { .. }
                    | What::Signal(_)
                    | What::Hook { .. }
            )
        })
        .map(|record| record.at)
        .collect();
    out.dedup();
    out
}

/// At most so many of some moments, and of those between them, evenly.
fn picked(changes: &[SimTime], most: usize) -> Vec<SimTime> {
    let half = |pair: &[SimTime]| SimTime(pair[0].0 / 2 + pair[1].0 / 2);
    let mut all: Vec<SimTime> =
        changes.iter().copied().chain(changes.windows(2).map(half)).collect();
    all.sort();
    // To the next tenth of a second: right behind the change.
    let mut all: Vec<SimTime> =
        all.iter().map(|at| SimTime::from_millis((at.as_millis() / 100 + 1) * 100)).collect();
    all.dedup();
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.into_iter().step_by(step).collect()
}
