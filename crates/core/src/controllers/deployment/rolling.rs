//! The rolling update, one step at a time, and the Recreate strategy.
//!
//! Models `pkg/controller/deployment/{rolling,recreate}.go`.

use super::numbers::Bounds;
use super::scale::to_size;
use super::{Set, View};
use crate::controllers::common::pods_of;
use crate::world::World;

fn sum(sets: &[&Set], field: impl Fn(&Set) -> i64) -> i64 {
    sets.iter().map(|set| field(set)).sum()
}

/// Grows the new ReplicaSet. Returns whether it changed.
pub fn scale_up(world: &mut World, view: &View, new: &Set, old: &[Set]) -> bool {
    let bounds = Bounds::of(&view.spec);
    let size = if new.size() > bounds.replicas {
        bounds.replicas
    } else {
        let all = new.size() + old.iter().map(Set::size).sum::<i64>();
        bounds.new_size(new.size(), all)
    };
    to_size(world, view, new, size)
}

/// Shrinks the old ReplicaSets as far as enough pods stay available. Returns whether any changed.
pub fn scale_down(world: &mut World, view: &View, new: &Set, old: &[Set]) -> bool {
    let mut old: Vec<&Set> = old.iter().collect();
    old.sort_by_key(|set| set.born());
    let existing = sum(&old, Set::size);
    if existing == 0 {
        return false;
    }
    let bounds = Bounds::of(&view.spec);
    let missing = new.size() - new.counted("availableReplicas");
    let most = existing + new.size() - bounds.min_available() - missing;
    if most <= 0 {
        return false;
    }
    // Pods that are not available go first; what is left of them counts in the second step.
    let mut sizes: Vec<i64> = old.iter().map(|set| set.size()).collect();
    let mut removed = 0;
    for (set, size) in old.iter().zip(&mut sizes) {
        let unhealthy = (*size - set.counted("availableReplicas")).max(0).min(most - removed);
        removed += unhealthy;
        *size -= unhealthy;
    }
    let available =
        sum(&old, |set| set.counted("availableReplicas")) + new.counted("availableReplicas");
    let mut spare = (available - bounds.min_available()).max(0);
    let first = sizes.clone();
    for size in &mut sizes {
        let more = (*size).min(spare);
        spare -= more;
        *size -= more;
    }
    let mut changed = false;
    for ((set, first), size) in old.iter().zip(first).zip(sizes) {
        changed |= to_size(world, view, set, first);
        if first != size {
            let again = set.sized(first);
            changed |= to_size(world, view, &again, size);
        }
    }
    changed
}

/// Recreate: whether pods of old ReplicaSets are still there.
pub fn old_pods_running(world: &World, new: Option<&Set>, old: &[Set]) -> bool {
    if old.iter().any(|set| set.counted("replicas") > 0) {
        return true;
    }
    let of_new = new.map(|set| set.resource.meta.uid.as_str());
    let others = old.iter().filter(|set| Some(set.resource.meta.uid.as_str()) != of_new);
    let mut pods = others.flat_map(|set| pods_of(world, &set.resource.meta.uid));
    pods.any(|(_, pod)| !pod.status.phase.is_terminal())
}
