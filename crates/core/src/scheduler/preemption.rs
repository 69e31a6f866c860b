//! Preemption: pods of lower priority make room.
//!
//! Models `pkg/scheduler/framework/preemption` and `plugins/defaultpreemption`.

use super::filters::{Rejection, filter_without};
use crate::apiserver;
use crate::events;
use crate::world::{Uid, World};
use podplay_api::{EventType, Pod};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What came of it.
pub enum Outcome {
    /// Victims are being deleted; the pod waits for their node.
    Nominated,
    /// Nobody can be preempted, in upstream's words.
    Refused(String),
}

/// Tries to make room for a pod.
pub fn try_preempt(
    world: &mut World,
    uid: Uid,
    pod: &Pod,
    rejections: &[(Arc<str>, Rejection)],
) -> Outcome {
    let priority = pod.spec.priority.unwrap_or(0);
    if pod.spec.preemption_policy.as_deref() == Some("Never") {
        return Outcome::Refused("not eligible due to preemptionPolicy=Never.".into());
    }
    let nominated = &pod.status.nominated_node_name;
    let leaving = |entry: &apiserver::PodEntry| {
        entry.pod.spec.node_name == *nominated
            && entry.pod.meta.deletion_timestamp.is_some()
            && entry.pod.spec.priority.unwrap_or(0) < priority
    };
    if !nominated.is_empty() && world.store.pod_entries().any(leaving) {
        return Outcome::Refused(
            "not eligible due to a terminating pod on the nominated node.".into(),
        );
    }
    let mut refusals: BTreeMap<&str, usize> = BTreeMap::new();
    for (node, rejection) in rejections {
        if !rejection.preemptable {
            *refusals.entry("Preemption is not helpful for scheduling").or_default() += 1;
            continue;
        }
        match victims(world, pod, node, priority) {
            Some(victims) => {
                preempt(world, uid, node, &victims);
                return Outcome::Nominated;
            }
            None => {
                *refusals.entry("No preemption victims found for incoming pod").or_default() += 1
            }
        }
    }
    let mut parts: Vec<String> =
        refusals.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort();
    Outcome::Refused(format!("0/{} nodes are available: {}.", rejections.len(), parts.join(", ")))
}

/// The fewest pods of lower priority whose end lets the pod fit.
fn victims(world: &World, pod: &Pod, node: &Arc<str>, priority: i64) -> Option<Vec<Uid>> {
    let mut lower: Vec<(i64, Uid)> = world
        .store
        .pod_entries()
        .filter(|entry| {
            *entry.pod.spec.node_name == **node
                && !entry.pod.status.phase.is_terminal()
                && entry.pod.spec.priority.unwrap_or(0) < priority
        })
        .map(|entry| (entry.pod.spec.priority.unwrap_or(0), entry.uid))
        .collect();
    let mut gone: Vec<Uid> = lower.iter().map(|&(_, uid)| uid).collect();
    if gone.is_empty() || filter_without(world, pod, node, &gone).is_err() {
        return None;
    }
    // The most important ones are spared first.
    lower.sort_by(|a, b| b.cmp(a));
    for (_, uid) in lower {
        let without: Vec<Uid> = gone.iter().copied().filter(|&other| other != uid).collect();
        if filter_without(world, pod, node, &without).is_ok() {
            gone = without;
        }
    }
    (!gone.is_empty()).then_some(gone)
}

#[inline(never)]
fn preempt(world: &mut World, uid: Uid, node: &Arc<str>, victims: &[Uid]) {
    let wall = world.wall();
    let preemptor = world.store.pod(uid).map(|pod| pod.meta.uid.clone()).unwrap_or_default();
    for &victim in victims {
        events::about_pod(
            world,
            victim,
            "default-scheduler",
            EventType::Normal,
            "Preempted",
            &format!("Preempted by pod {preemptor} on node {node}"),
        );
        let message = "default-scheduler: preempting to accommodate a higher priority pod";
        apiserver::set_pod_status(world, victim, |status| {
            crate::kubelet::status::conditions::set(
                status,
                "DisruptionTarget",
                "True",
                "PreemptionByScheduler",
                message,
                wall,
            );
        });
        apiserver::delete_pod(world, victim, None);
    }
    apiserver::set_pod_status(world, uid, |status| status.nominated_node_name = node.to_string());
}
