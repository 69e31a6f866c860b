//! The timeline: the lanes of a run as plain data, pure geometry from lanes to pixels, and the playhead.
//!
//! `podplay_views::timeline` builds the lanes from a trace. They travel in [`piece::Piece`]s, so that who draws
//! them needs neither the trace nor what made it. [`layout::layout`] turns a window of time into rows of bars, ticks
//! and flags; it searches each lane by bisection and merges what is narrower than a few pixels, so its cost depends
//! on the width, not on the run. [`control`] is the playhead.
//!
#![doc = include_str!("../README.md")]

pub mod control;
pub mod layout;
pub mod piece;
pub mod scale;

pub use control::{Ask, Control};
pub use podplay_api::RecordId;

use podplay_api::{ProbeKind, SimTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a lane shows during a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum State {
    /// The STATUS column of `kubectl get pods`, and whether the pod is ready.
    Status(Arc<str>, bool),
    /// A condition: `True`, or not.
    Condition(bool),
    /// A container waits, for this reason.
    Waiting(Arc<str>),
    /// Its image is being pulled.
    Pulling,
    /// It runs: the n-th restart.
    Running(u32),
    /// It has been told to stop, and is killed at this moment at the latest.
    Stopping(Option<SimTime>),
    /// It ended with this exit code, for this reason.
    Exited(i32, Arc<str>),
    /// Its next start or pull is held back until this moment, for this reason.
    BackOff(Arc<str>, SimTime),
    /// A hook runs; `false` if it failed.
    Hook(bool),
    /// The file exists.
    Exists,
    /// So many of so many are ready: endpoints of a Service, pods of a workload.
    Ready(u32, u32),
    /// A fault is in force.
    Fault(Arc<str>),
}

impl State {
    /// One word for style sheets and tests.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status(word, ready) => status_kind(word, *ready),
            Self::Condition(true) => "true",
            Self::Condition(false) => "false",
            Self::Waiting(_) => "waiting",
            Self::Pulling => "pulling",
            Self::Running(_) => "running",
            Self::Stopping(_) => "stopping",
            Self::Exited(0, _) => "completed",
            Self::Exited(..) => "failed",
            Self::BackOff(..) => "backoff",
            Self::Hook(true) => "hook",
            Self::Hook(false) | Self::Fault(_) => "fault",
            Self::Exists => "file",
            Self::Ready(ready, all) if ready == all && *all > 0 => "true",
            Self::Ready(0, 0) => "none",
            Self::Ready(0, _) => "false",
            Self::Ready(..) => "some",
        }
    }
}

/// The kind of a pod's STATUS.
fn status_kind(word: &str, ready: bool) -> &'static str {
    match word {
        "Running" if ready => "running",
        "Running" => "unready",
        "Completed" | "Succeeded" => "completed",
        "Terminating" => "stopping",
        "Pending" | "ContainerCreating" | "PodInitializing" | "SchedulingGated" => "waiting",
        word if word.ends_with("BackOff") => "backoff",
        word if word.starts_with("Init:") && word.contains('/') => "waiting",
        _ => "failed",
    }
}

/// A state that lasted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Since when.
    pub from: SimTime,
    /// Until when; `None` while it lasts.
    pub to: Option<SimTime>,
    /// What.
    pub state: State,
    /// The record that began it.
    pub record: RecordId,
}

/// One attempt of a probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// When it answered.
    pub at: SimTime,
    /// Whether it succeeded.
    pub success: bool,
    /// Failures in the lane before this one.
    pub failures_before: u32,
    /// What it said.
    pub message: Option<Arc<str>>,
    /// Its record.
    pub record: RecordId,
}

/// A moment worth a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// When.
    pub at: SimTime,
    /// The signal that was sent to PID 1: `SIGTERM`.
    pub signal: Arc<str>,
    /// Its record.
    pub record: RecordId,
}

/// Which lane: the order of the keys is the order on the screen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LaneKey {
    /// The band it belongs to.
    pub band: Band,
    /// Container by its place in the spec, from 1; 0 for the pod itself.
    pub container: u16,
    /// What it shows.
    pub part: Part,
}

/// A pod, or the lanes above and below the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Band {
    /// Faults.
    Faults,
    /// Workloads such as Deployments.
    Workloads,
    /// The n-th pod of the run.
    Pod(u32),
    /// Services.
    Services,
}

/// What a lane shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The pod as a whole.
    Pod,
    /// One of its conditions.
    Condition(Arc<str>),
    /// A container.
    Container(Role),
    /// One of its probes.
    Probe(ProbeKind),
    /// One of its hooks.
    Hook(Arc<str>),
    /// A file in it.
    File(Arc<str>),
    /// A workload: kind and name.
    Workload(Arc<str>, Arc<str>),
    /// A Service: its name.
    Service(Arc<str>),
    /// Faults of a kind.
    Fault(Arc<str>),
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Runs to its end before the others.
    Init,
    /// An init container that stays.
    Sidecar,
    /// A regular one.
    Regular,
    /// Added while the pod runs.
    Ephemeral,
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Its name, as written by people: a container's, a file's, a Service's.
    pub name: Arc<str>,
    /// States in order of time; they do not overlap.
    pub spans: Vec<Span>,
    /// Probe attempts in order of time.
    pub ticks: Vec<Tick>,
    /// Flags in order of time.
    pub flags: Vec<Flag>,
    /// Lines it wrote, with their times.
    pub said: Vec<(SimTime, Arc<str>)>,
}

impl Lane {
    /// The span at `time`.
    pub fn span_at(&self, time: SimTime) -> Option<&Span> {
        let index = self.spans.partition_point(|span| span.from <= time).checked_sub(1)?;
        let span = &self.spans[index];
        span.to.is_none_or(|to| time < to).then_some(span)
    }
    /// The last attempt at or before `time`, and how many of its kind in a row ended with it.
    pub fn tick_at(&self, time: SimTime) -> Option<(&Tick, usize)> {
        let index = self.ticks.partition_point(|tick| tick.at <= time).checked_sub(1)?;
        let last = &self.ticks[index];
        let row = self.ticks[..=index]
            .iter()
            .rev()
            .take_while(|tick| tick.success == last.success)
            .take(100)
            .count();
        Some((last, row))
    }
    /// The last flag at or before `time`.
    pub fn flag_at(&self, time: SimTime) -> Option<&Flag> {
        let index = self.flags.partition_point(|flag| flag.at <= time).checked_sub(1)?;
        self.flags.get(index)
    }
    /// The last line written at or before `time`.
    pub fn said_at(&self, time: SimTime) -> Option<&(SimTime, Arc<str>)> {
        let index = self.said.partition_point(|(at, _)| *at <= time).checked_sub(1)?;
        self.said.get(index)
    }
    /// Begins a state; the one before ends. Whether that changed anything.
    pub fn begin(&mut self, at: SimTime, state: State, record: RecordId) -> bool {
        if let Some(last) = self.spans.last_mut()
            && last.to.is_none()
        {
            if last.state == state {
                return false;
            }
            if last.from == at {
                last.state = state;
                last.record = record;
                return true;
            }
            last.to = Some(at);
        }
        self.spans.push(Span { from: at, to: None, state, record });
        true
    }
    /// Ends the state that lasts.
    pub fn end(&mut self, at: SimTime) {
        if let Some(last) = self.spans.last_mut() {
            last.to = last.to.or(Some(at));
        }
    }
    /// The state that lasts.
    pub fn state(&self) -> Option<&State> {
        self.spans.last().filter(|span| span.to.is_none()).map(|span| &span.state)
    }
}

impl Span {
    /// How long it lasted by `now`.
    pub fn lasted(&self, now: SimTime) -> Duration {
        self.to.unwrap_or(now).min(now).since(self.from)
    }
}

/// A pod of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodBand {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid as objects carry it.
    pub uid: String,
    /// When it was created.
    pub from: SimTime,
    /// When it was gone; `None` while it is there.
    pub to: Option<SimTime>,
    /// Whether a controller made it.
    pub owned: bool,
}

/// All lanes of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The lanes, in the order in which they are shown.
    pub lanes: BTreeMap<LaneKey, Lane>,
    /// The pods in order of their creation; [`Band::Pod`] counts them from 0.
    pub pods: Vec<PodBand>,
    /// The moments at which a state of a pod or a container changed, in order.
    pub changes: Vec<SimTime>,
    /// The moments at which a container was started again, in order.
    pub restarts: Vec<SimTime>,
}

impl Timeline {
    /// The lanes, in the order in which they are shown.
    pub const fn lanes(&self) -> &BTreeMap<LaneKey, Lane> {
        &self.lanes
    }
    /// A lane.
    pub fn lane(&self, key: &LaneKey) -> Option<&Lane> {
        self.lanes.get(key)
    }
    /// The lanes of a band.
    pub fn band(&self, band: Band) -> impl Iterator<Item = (&LaneKey, &Lane)> {
        let first = LaneKey { band, container: 0, part: Part::Pod };
        self.lanes.range(first..).take_while(move |(key, _)| key.band == band)
    }
    /// The pods in order of their creation; [`Band::Pod`] counts them from 0.
    pub fn pods(&self) -> &[PodBand] {
        &self.pods
    }
    /// The moments at which a state of a pod or a container changed, in order.
    pub fn changes(&self) -> &[SimTime] {
        &self.changes
    }
    /// The moments at which a container was started again, in order.
    pub fn restarts(&self) -> &[SimTime] {
        &self.restarts
    }
}
