//! Scaling ReplicaSets, each step with its event; scaling in proportion.
//!
//! Models `pkg/controller/deployment/sync.go` scale and scaleReplicaSet.

use super::numbers::{Bounds, Share};
use super::revision::{DESIRED, MAX};
use super::{SOURCE, Set, View};
use crate::controllers::common::change;
use crate::events;
use crate::world::World;
use podplay_api::{EventType, json};
use std::cmp::Reverse;

/// Sets a ReplicaSet's size. Returns whether it changed.
pub fn to_size(world: &mut World, view: &View, set: &Set, size: i64) -> bool {
    if set.size() == size { false } else { always(world, view, set, size) }
}

/// Sets a ReplicaSet's size and what it remembers of the Deployment's.
fn always(world: &mut World, view: &View, set: &Set, size: i64) -> bool {
    let bounds = Bounds::of(&view.spec);
    let (desired, most) =
        (bounds.replicas.to_string(), (bounds.replicas + bounds.max_surge()).to_string());
    let noted = |name: &str| set.resource.meta.annotations.get(name).map(String::as_str);
    let resized = set.size() != size;
    if !resized && noted(DESIRED) == Some(&desired) && noted(MAX) == Some(&most) {
        return false;
    }
    change(world, &set.key, |object| {
        object["spec"]["replicas"] = json!(size);
        object["metadata"]["annotations"][DESIRED] = json!(desired);
        object["metadata"]["annotations"][MAX] = json!(most);
    });
    if resized {
        let direction = if size > set.size() { "up" } else { "down" };
        let message = format!(
            "Scaled {direction} replica set {} from {} to {size}",
            set.key.name,
            set.size()
        );
        events::about(world, &view.key, SOURCE, EventType::Normal, "ScalingReplicaSet", &message);
    }
    resized
}

/// Whether the Deployment's size changed since its ReplicaSets were last scaled.
pub fn is_scaling(view: &View, sets: &[Set]) -> bool {
    sets.iter().filter(|set| set.size() > 0).any(|set| {
        set.noted(DESIRED).is_some_and(|desired| desired != view.spec.replicas.unwrap_or(1))
    })
}

/// Brings the sum of all sizes to what the Deployment wants, without a rollout.
pub fn proportional(world: &mut World, view: &View, new: Option<&Set>, old: &[Set]) {
    let wanted = view.spec.replicas.unwrap_or(1);
    if let Some(only) = active_or_latest(new, old) {
        to_size(world, view, only, wanted);
        return;
    }
    let saturated = new.is_some_and(|new| {
        new.noted(DESIRED) == Some(wanted)
            && new.size() == wanted
            && new.counted("availableReplicas") == wanted
    });
    if saturated {
        for set in old.iter().filter(|set| set.size() > 0) {
            to_size(world, view, set, 0);
        }
        return;
    }
    let bounds = Bounds::of(&view.spec);
    if !bounds.rolling {
        return;
    }
    let mut sets: Vec<&Set> = old.iter().chain(new).filter(|set| set.size() > 0).collect();
    let growing = bounds.max_pods() > sets.iter().map(|set| set.size()).sum();
    // The largest come first; among equals the newest when growing, the oldest when shrinking.
    if growing {
        sets.sort_by_key(|set| (Reverse(set.size()), Reverse(set.born())));
    } else {
        sets.sort_by_key(|set| (Reverse(set.size()), set.born()));
    }
    let fallback = view.resource.status["replicas"].as_i64().unwrap_or(0);
    let shares: Vec<Share> = sets
        .iter()
        .map(|set| Share {
            size: set.size(),
            before: set.noted(MAX).filter(|most| *most != 0).unwrap_or(fallback),
        })
        .collect();
    for (set, size) in sets.into_iter().zip(bounds.proportional(&shares)) {
        always(world, view, set, size);
    }
}

/// The only ReplicaSet that has pods, or the newest if none has.
fn active_or_latest<'a>(new: Option<&'a Set>, old: &'a [Set]) -> Option<&'a Set> {
    let mut active = old.iter().chain(new).filter(|set| set.size() > 0);
    match (active.next(), active.next()) {
        (None, _) => new.or_else(|| old.iter().max_by_key(|set| set.born())),
        (Some(only), None) => Some(only),
        _ => None,
    }
}
