//! Indexes of the pods: by the controller that owns them, and by node.

use crate::ids::Uid;
use podplay_api::Pod;
use std::collections::{BTreeMap, BTreeSet};

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
