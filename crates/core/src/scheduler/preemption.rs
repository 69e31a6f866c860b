//! Preemption: pods of lower priority make room.
//!
//! Models `pkg/scheduler/framework/preemption` and `plugins/defaultpreemption`.

use crate::apiserver;
use crate::events;
use crate::fit::{Rejection, filter_without};
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{EventType, Pod, Timestamp};
use std::cmp::Reverse;
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
    let mut candidates: Vec<(Arc<str>, Vec<Uid>)> = Vec::new();
    for (node, rejection) in rejections {
        if !rejection.preemptable {
            *refusals.entry("Preemption is not helpful for scheduling").or_default() += 1;
            continue;
        }
        match victims(world, pod, node, priority) {
            Some(victims) => candidates.push((Arc::clone(node), victims)),
            None => {
                *refusals.entry("No preemption victims found for incoming pod").or_default() += 1
            }
        }
    }
    if let Some((node, victims)) =
        candidates.into_iter().min_by_key(|(_, victims)| harm(world, victims))
    {
        preempt(world, uid, &node, &victims);
        return Outcome::Nominated;
    }
    let mut parts: Vec<String> =
        refusals.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort();
    Outcome::Refused(format!("0/{} nodes are available: {}.", rejections.len(), parts.join(", ")))
}

/// How bad it is to lose these pods: the highest priority, the sum of all, their number, and how long the first of the
/// most important ones has run.
///
/// Models `pkg/scheduler/framework/preemption/preemption.go` pickOneNodeForPreemption.
fn harm(world: &World, victims: &[Uid]) -> (i64, i64, usize, Reverse<Option<Timestamp>>) {
    let pods = || victims.iter().filter_map(|&uid| world.store.pod(uid));
    let priority = |pod: &Pod| pod.spec.priority.unwrap_or(0);
    let highest = pods().map(|pod| priority(pod)).max().unwrap_or(0);
    let sum = pods().map(|pod| priority(pod) + i64::from(i32::MAX) + 1).sum();
    let started =
        pods().filter(|pod| priority(pod) == highest).filter_map(|pod| pod.status.start_time).min();
    (highest, sum, victims.len(), Reverse(started))
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
    // The most important ones are spared first: those of a higher priority, then the older.
    lower.sort_by_key(|&(priority, uid)| (Reverse(priority), uid));
    for (_, uid) in lower {
        let without: Vec<Uid> = gone.iter().copied().filter(|&other| other != uid).collect();
        if filter_without(world, pod, node, &without).is_ok() {
            gone = without;
        }
    }
    (!gone.is_empty()).then_some(gone)
}

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
            crate::conditions::set(
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
