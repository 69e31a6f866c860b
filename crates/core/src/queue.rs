//! Wakeups: what is to happen when, and why. Re-arming a timer replaces it, so a stale timer cannot exist.

use crate::record::RecordId;
use crate::world::Uid;
use podplay_api::{ProbeKind, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Index of a container within its pod: init containers, then regular ones, then ephemeral ones.
pub type ContainerIx = u16;

/// A timer. Each has one slot; arming it again moves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The scheduler looks at a pod.
    Schedule(Uid),
    /// The kubelet's worker starts the sync that is pending.
    PodSync(Uid),
    /// The pod's entry in the work queue is due; taken up at the kubelet's tick of a second.
    PodRequeue(Uid),
    /// A blocking step of a running sync goes on.
    PodTask(Uid),
    /// A step of stopping a container goes on.
    Kill(Uid, ContainerIx),
    /// A volume that failed to mount is tried again.
    Volumes(Uid),
    /// The node's relist of its containers, once a second while something changed.
    Relist(Arc<str>),
    /// The next tick of a prober.
    Probe(Uid, ContainerIx, ProbeKind),
    /// The handler of a probe that is under way has answered.
    ProbeAnswer(Uid, ContainerIx, ProbeKind),
    /// A process of a container goes on.
    Process(Uid, ContainerIx),
    /// The time limit of an exec is over.
    ExecTimeout(Uid, ContainerIx, u32),
    /// The pod's active deadline.
    ActiveDeadline(Uid),
    /// The last status of a terminated pod is written and the object removed.
    PodGone(Uid),
    /// The kubelet's eviction monitor.
    Eviction(Arc<str>),
    /// A fault ends.
    FaultEnd(u32),
    /// The node's lease is checked.
    NodeMonitor,
    /// A NoExecute taint's toleration ends for a pod.
    TaintEviction(Uid),
    /// A kubelet that was down comes back.
    KubeletUp(Arc<str>),
    /// A controller looks at one of its objects: kind, namespace, name.
    Controller(&'static str, Arc<str>, Arc<str>),
    /// A client of the Scenario's traffic sends its next request.
    Traffic(u32),
}

/// Why a wakeup exists, for people.
pub type WakeReason = Timer;

/// One armed timer.
#[derive(Clone, Debug)]
struct Armed {
    at: SimTime,
    order: u64,
    cause: Option<RecordId>,
}

/// The queue, ordered by time and then by the order of arming.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    by_time: BTreeMap<(SimTime, u64), Timer>,
    armed: BTreeMap<Timer, Armed>,
    next: u64,
}

impl Queue {
    /// Arms `timer` for `at`, replacing an earlier arming.
    pub fn arm(&mut self, timer: Timer, at: SimTime, cause: Option<RecordId>) {
        self.cancel(&timer);
        let order = self.next;
        self.next += 1;
        self.by_time.insert((at, order), timer.clone());
        self.armed.insert(timer, Armed { at, order, cause });
    }
    /// Arms `timer` for `at` unless it is armed for an earlier time.
    pub fn arm_earlier(&mut self, timer: Timer, at: SimTime, cause: Option<RecordId>) {
        if self.armed.get(&timer).is_none_or(|armed| armed.at > at) {
            self.arm(timer, at, cause);
        }
    }
    /// Takes `timer` off.
    pub fn cancel(&mut self, timer: &Timer) {
        if let Some(armed) = self.armed.remove(timer) {
            self.by_time.remove(&(armed.at, armed.order));
        }
    }
    /// When `timer` goes off.
    pub fn armed_at(&self, timer: &Timer) -> Option<SimTime> {
        self.armed.get(timer).map(|armed| armed.at)
    }
    /// The next wakeup and its timer.
    pub fn peek(&self) -> Option<(SimTime, &Timer)> {
        self.by_time.first_key_value().map(|(&(at, _), timer)| (at, timer))
    }
    /// Takes the next wakeup.
    pub fn pop(&mut self) -> Option<(SimTime, Timer, Option<RecordId>)> {
        let ((at, _), timer) = self.by_time.pop_first()?;
        let cause = self.armed.remove(&timer).and_then(|armed| armed.cause);
        Some((at, timer, cause))
    }
    /// All wakeups in order, for "what next?".
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &Timer)> {
        self.by_time.iter().map(|(&(at, _), timer)| (at, timer))
    }
    /// Takes off every timer that `of` selects.
    pub fn cancel_all(&mut self, of: impl Fn(&Timer) -> bool) {
        let gone: Vec<Timer> = self.armed.keys().filter(|timer| of(timer)).cloned().collect();
        for timer in gone {
            self.cancel(&timer);
        }
    }
}

impl Timer {
    /// The pod that the timer belongs to.
    pub const fn pod(&self) -> Option<Uid> {
        match self {
            Self::Schedule(uid)
            | Self::PodSync(uid)
            | Self::PodRequeue(uid)
            | Self::PodTask(uid)
            | Self::Kill(uid, _)
            | Self::Volumes(uid)
            | Self::Probe(uid, _, _)
            | Self::ProbeAnswer(uid, _, _)
            | Self::Process(uid, _)
            | Self::ExecTimeout(uid, _, _)
            | Self::ActiveDeadline(uid)
            | Self::PodGone(uid)
            | Self::TaintEviction(uid) => Some(*uid),
            Self::Relist(_)
            | Self::Eviction(_)
            | Self::FaultEnd(_)
            | Self::NodeMonitor
            | Self::KubeletUp(_)
            | Self::Controller(..)
            | Self::Traffic(_) => None,
        }
    }
}
