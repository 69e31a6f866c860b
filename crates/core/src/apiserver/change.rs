//! What the API server announces: whoever is concerned hears of it from `crate::step`, in one fixed order.

use super::store::{Key, Resource};
use crate::ids::Uid;
use crate::record::Verb;
use podplay_api::Pod;
use std::sync::Arc;

/// A change of the store.
#[derive(Clone, Debug)]
pub enum Change {
    /// A pod was stored or changed.
    Pod {
        /// Its number.
        uid: Uid,
        /// What changed.
        what: PodChange,
        /// What it was before.
        before: Option<Arc<Pod>>,
    },
    /// A pod is gone.
    PodGone {
        /// Its number.
        uid: Uid,
        /// What it was.
        pod: Arc<Pod>,
    },
    /// Another object was stored or changed.
    Object {
        /// Which.
        key: Key,
        /// How.
        verb: Verb,
    },
    /// Another object is gone.
    ObjectGone {
        /// Which.
        key: Key,
        /// What it was.
        object: Box<Resource>,
    },
    /// The kubelet of a node renews its lease again (`true`), or no longer does.
    Lease {
        /// The node.
        node: Arc<str>,
        /// It is renewed.
        renewed: bool,
    },
}

/// What changed of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodChange {
    /// It is new.
    Created,
    /// Its metadata or spec.
    Updated,
    /// It is being deleted.
    Deleting,
    /// Its status.
    Status,
    /// Its status, by somebody other than its kubelet: which looks at it again.
    StatusReplaced,
}
