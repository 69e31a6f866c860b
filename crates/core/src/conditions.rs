//! The conditions of a pod: their order, and how one is set.

use podplay_api::{PodCondition, PodStatus, Timestamp};

/// The order in which conditions stand, and which are the kubelet's own. Others stand before them.
const ORDER: [&str; 9] = [
    "PodResizePending",
    "PodResizeInProgress",
    "DisruptionTarget",
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
    "AllContainersRestarting",
];

/// Whether the kubelet owns conditions of that type.
pub fn owned(kind: &str) -> bool {
    kind != "DisruptionTarget" && ORDER.contains(&kind)
}

/// Puts the conditions in their order.
pub fn sort(status: &mut PodStatus) {
    status.conditions.sort_by_key(|condition| {
        ORDER.iter().position(|kind| *kind == condition.kind).map_or(0, |place| place + 1)
    });
}

/// Sets a condition; its time changes only with its status.
pub fn set(
    status: &mut PodStatus,
    kind: &str,
    value: &str,
    reason: &str,
    message: &str,
    wall: Timestamp,
) {
    let observed = status.observed_generation;
    let fresh = PodCondition {
        kind: kind.into(),
        observed_generation: observed,
        status: value.into(),
        last_transition_time: Some(wall),
        reason: reason.into(),
        message: message.into(),
        ..PodCondition::default()
    };
    match status.conditions.iter_mut().find(|condition| condition.kind == kind) {
        Some(old) => {
            let since = if old.status == value { old.last_transition_time } else { Some(wall) };
            *old = PodCondition { last_transition_time: since.or(Some(wall)), ..fresh };
        }
        None => {
            status.conditions.push(fresh);
            sort(status);
        }
    }
}
