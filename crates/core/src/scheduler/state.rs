//! Pods that wait for a node.

use crate::ids::Uid;
use podplay_api::StringMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pods that could not be placed.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    pub(super) waiting: BTreeMap<Uid, Waiting>,
    /// Labels of the nodes as they were last seen.
    pub(super) labels: BTreeMap<Arc<str>, StringMap>,
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) attempts: u32,
    /// The filters that turned it down.
    pub(super) plugins: Vec<Plugin>,
    pub(super) last: podplay_api::SimTime,
}

impl Scheduler {
    /// When the last attempt to schedule a pod failed.
    pub fn refused_at(&self, uid: Uid) -> Option<podplay_api::SimTime> {
        self.waiting.get(&uid).map(|waiting| waiting.last)
    }
}

/// The filter that turned a pod down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plugin {
    /// The node is not there.
    NodeName,
    /// It is cordoned.
    NodeUnschedulable,
    /// It has a taint.
    TaintToleration,
    /// Node selector and affinity.
    NodeAffinity,
    /// A host port is taken.
    NodePorts,
    /// Too little of something.
    NodeResourcesFit,
    /// Other pods nearby.
    InterPodAffinity,
    /// Unevenly spread.
    PodTopologySpread,
}
