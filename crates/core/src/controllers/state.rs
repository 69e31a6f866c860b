//! What controllers keep between syncs.

use super::scaling::state::Autoscaler;
use crate::apiserver::store::Key;
use crate::ids::Uid;
use crate::network::proxy::Proxy;
use podplay_api::{Map, SimTime, Timestamp, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// State that controllers keep between syncs.
#[derive(Clone, Debug, Default)]
pub struct Controllers {
    /// Of the node lifecycle controller.
    pub nodes: NodeLifecycle,
    /// Of the endpoint slice controller and of kube-proxy.
    pub endpoints: Proxy,
    pub(super) work: Work,
    pub(super) garbage: Garbage,
    /// Failures of Jobs by uid.
    pub(super) jobs: BTreeMap<String, Backoff>,
    /// Jobs whose pods are being counted.
    pub(super) counting: BTreeMap<Key, Pending>,
    /// ReplicaSets that are making pods.
    pub(super) creating: BTreeMap<Key, Creating>,
    /// Delays after ended daemon pods, by DaemonSet and node: the delay and when it began.
    pub(super) daemons: BTreeMap<(String, String), (Duration, SimTime)>,
    /// What autoscalers have measured, recommended and done.
    pub(super) autoscalers: BTreeMap<Key, Autoscaler>,
}

/// What the node lifecycle and the taint eviction controllers remember.
#[derive(Clone, Debug, Default)]
pub struct NodeLifecycle {
    /// Nodes whose kubelet says nothing, and since when.
    pub(super) silent: BTreeMap<Arc<str>, SimTime>,
    /// Those that were declared lost.
    pub(super) lost: BTreeSet<Arc<str>>,
    /// Those that came back, but still evict.
    pub(super) returned: BTreeSet<Arc<str>>,
    /// When the controller last looked at all nodes.
    pub(super) looked: SimTime,
    /// Pods that are to be evicted for a taint.
    pub(super) evictions: BTreeMap<Uid, SimTime>,
}

/// Owners that are gone, by uid, with what they were called.
#[derive(Clone, Debug, Default)]
pub struct Garbage {
    pub(super) gone: BTreeMap<Arc<str>, Key>,
}

/// What the queues remember beside the timers.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// When an object is to be looked at again without a change.
    pub(super) later: BTreeMap<Item, SimTime>,
    /// Errors in a row.
    pub(super) failures: BTreeMap<Item, u32>,
}

/// Kind of controller, namespace, name.
pub(super) type Item = (&'static str, Arc<str>, Arc<str>);

/// The second half of a sync: what is written once the finalizers are gone.
#[derive(Clone, Debug)]
pub struct Pending {
    pub(super) status: Map<String, Value>,
    pub(super) conditions: Vec<Value>,
    pub(super) end: Option<End>,
}

/// Pods of one object that are being made, in batches of 1, 2, 4, …; a batch with an error is the last.
///
/// Models slowStartBatch, whose sync lasts until all are made.
#[derive(Clone, Debug)]
pub struct Creating {
    pub(super) kind: SetKind,
    pub(super) left: usize,
    pub(super) batch: usize,
    pub(super) left_in_batch: usize,
    pub(super) error: Option<String>,
    /// Something changed meanwhile.
    pub(super) dirty: bool,
    /// All are made; the controller waits until it sees them.
    pub(super) settling: bool,
}

/// The two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// `apps/v1`.
    ReplicaSet,
    /// The older one.
    ReplicationController,
}

/// How a Job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Succeeded.
    pub success: bool,
    /// One word.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// Failures in a row since the last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    pub(super) failures: u32,
    pub(super) last: Option<Timestamp>,
}
