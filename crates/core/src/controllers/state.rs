//! What controllers keep between syncs.

use crate::apiserver::store::Key;
use crate::ids::Uid;
use crate::network::proxy::Proxy;
use podplay_api::{Map, Pod, SimTime, Timestamp, Value};
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
    /// Who owns which pods.
    pub owned: Owned,
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

/// Which pods each controller owns, those without controller under the empty uid; and which are on each node.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    by_owner: Index,
    by_node: Index,
}

impl Owned {
    /// A pod was stored; `before` is what it was.
    pub(super) fn stored(&mut self, uid: Uid, pod: &Pod, before: Option<&Pod>) {
        move_in(&mut self.by_owner, uid, owner_uid(pod), before.map(owner_uid));
        let old = before.map(|before| before.spec.node_name.as_str());
        move_in(&mut self.by_node, uid, &pod.spec.node_name, old);
    }
    /// A pod is gone.
    pub(super) fn gone(&mut self, uid: Uid, pod: &Pod) {
        remove_from(&mut self.by_owner, uid, owner_uid(pod));
        remove_from(&mut self.by_node, uid, &pod.spec.node_name);
    }
    /// The pods on a node in the order of their creation.
    pub fn on_node(&self, node: &str) -> impl Iterator<Item = Uid> {
        self.by_node.get(node).into_iter().flatten().copied()
    }
    /// The pods of an owner in the order of their creation.
    pub fn of(&self, owner: &str) -> impl Iterator<Item = Uid> {
        self.by_owner.get(owner).into_iter().flatten().copied()
    }
}

type Index = BTreeMap<String, BTreeSet<Uid>>;

fn move_in(index: &mut Index, uid: Uid, new: &str, old: Option<&str>) {
    if old == Some(new) {
        return;
    }
    if let Some(old) = old {
        remove_from(index, uid, old);
    }
    index.entry(new.to_string()).or_default().insert(uid);
}

fn remove_from(index: &mut Index, uid: Uid, key: &str) {
    if let Some(set) = index.get_mut(key) {
        set.remove(&uid);
        if set.is_empty() {
            index.remove(key);
        }
    }
}

fn owner_uid(pod: &Pod) -> &str {
    pod.meta.controller().map_or("", |owner| &owner.uid)
}

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
