//! The scheduler: one pod at a time, filters, a wait for something to change, preemption.
//!
//! Models `pkg/scheduler/schedule_one.go` and `pkg/scheduler/backend/queue`.

mod hints;
mod preemption;
mod refusals;
pub mod state;

pub use refusals::{Refusal, Short, Why, refusals};

use crate::apiserver;
use crate::apiserver::store::Key;
use crate::events;
use crate::fit;
use crate::ids::Uid;
use crate::queue::Timer;
use crate::record::{Decision, Verb, What};
use crate::volumes::claims;
use crate::world::World;
use podplay_api::{EventType, Pod, Value, json};
use state::Plugin;
use state::Waiting;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// First and longest pause between two attempts.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// An object other than a pod was stored or changed.
pub fn on_object(world: &mut World, key: &Key, verb: Verb) {
    match &*key.kind {
        "Node" if verb != Verb::StatusUpdated => on_node(world, &key.name, verb == Verb::Created),
        claims::CLAIM => claim_changed(world, &key.namespace, &key.name),
        _ => {}
    }
}

/// A pod was stored or its spec changed.
pub fn on_pod(world: &mut World, uid: Uid) {
    let Some(pod) = world.store.pod(uid) else { return };
    if !pod.spec.node_name.is_empty() {
        placed(world, uid);
        return;
    }
    if pod.meta.deletion_timestamp.is_some() {
        return;
    }
    if pod.spec.scheduling_gates.is_empty()
        && (pod.spec.scheduler_name.is_empty() || pod.spec.scheduler_name == "default-scheduler")
    {
        let latency = world.config.latencies.scheduling;
        world.arm_in(Timer::Schedule(uid), latency);
    }
}

/// A pod's status changed: room may have become free.
pub fn on_pod_status(world: &mut World, uid: Uid) {
    if world
        .store
        .pod(uid)
        .is_some_and(|pod| pod.status.phase.is_terminal() && !pod.spec.node_name.is_empty())
    {
        room_freed(world, uid);
    }
}

/// A pod is gone.
pub fn on_pod_removed(world: &mut World, uid: Uid) {
    world.scheduler.waiting.remove(&uid);
    world.queue.cancel(&Timer::Schedule(uid));
}

/// A pod's object was removed; `gone` is what it was.
pub fn on_pod_gone(world: &mut World, gone: &Pod) {
    retry(world, |pod, plugins| hints::after_gone(pod, plugins, gone));
}

/// Everything that waits is tried again, after its back-off.
fn something_changed(world: &mut World) {
    retry(world, |_, _| true);
}

/// A claim changed: pods that wait for it are tried again.
///
/// Models `pkg/scheduler/framework/plugins/volumebinding/volume_binding.go` isSchedulableAfterPersistentVolumeClaimChange.
pub fn claim_changed(world: &mut World, namespace: &str, name: &str) {
    retry(world, |pod, _| {
        pod.meta.namespace == namespace
            && pod.spec.volumes.iter().any(|volume| {
                volume
                    .persistent_volume_claim
                    .as_ref()
                    .is_some_and(|claim| claim.claim_name == name)
            })
    });
}

/// A node was made or changed.
pub fn on_node(world: &mut World, name: &Arc<str>, made: bool) {
    let Some(node) = world.store.resource("Node", "", name).cloned() else { return };
    let before = world.scheduler.labels.insert(Arc::clone(name), node.meta.labels.clone());
    let relabelled = before.is_none_or(|before| before != node.meta.labels);
    retry(world, |pod, plugins| made || hints::after_node(pod, plugins, name, &node, relabelled));
}

/// A pod ended: pods that wait for its room are tried again.
fn room_freed(world: &mut World, uid: Uid) {
    let Some(gone) = world.store.pod(uid).map(Arc::clone) else { return };
    on_pod_gone(world, &gone);
}

/// A pod was bound, or changed after that.
fn placed(world: &mut World, uid: Uid) {
    let Some(placed) = world.store.pod(uid).map(Arc::clone) else { return };
    retry(world, |pod, plugins| hints::after_placed(pod, plugins, &placed));
}

fn retry(world: &mut World, helps: impl Fn(&Pod, &[Plugin]) -> bool) {
    let (first, longest) = BACK_OFF;
    let retries: Vec<(Uid, podplay_api::SimTime)> = world
        .scheduler
        .waiting
        .iter()
        .filter(|(uid, waiting)| {
            world.store.pod(**uid).is_some_and(|pod| helps(pod, &waiting.plugins))
        })
        .map(|(&uid, waiting)| {
            let pause = (first * 2u32.saturating_pow(waiting.attempts.saturating_sub(1).min(4)))
                .min(longest);
            (uid, (waiting.last + pause).max(world.now + Duration::from_millis(5)))
        })
        .collect();
    for (uid, at) in retries {
        world.arm_earlier(Timer::Schedule(uid), at);
    }
}

/// Tries to place a pod.
pub fn schedule(world: &mut World, uid: Uid) {
    let Some(pod) = world.store.pod(uid).map(Arc::clone) else { return };
    if !pod.spec.node_name.is_empty()
        || pod.meta.deletion_timestamp.is_some()
        || !pod.spec.scheduling_gates.is_empty()
    {
        return;
    }
    if let Some(claim) = missing_claim(world, &pod) {
        let count = world.nodes.len();
        unschedulable(
            world,
            uid,
            &format!(
                "0/{count} nodes are available: persistentvolumeclaim \"{claim}\" not found. not found"
            ),
        );
        return;
    }
    if claims::unbound_claim(world, &pod).is_some() {
        let count = world.nodes.len();
        let text = format!(
            "0/{count} nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
        );
        unschedulable(world, uid, &text);
        return;
    }
    let verdicts: Vec<(Arc<str>, Result<(), fit::Rejection>)> =
        world.nodes.keys().map(|node| (Arc::clone(node), fit::filter(world, &pod, node))).collect();
    let fitting: Vec<&Arc<str>> =
        verdicts.iter().filter(|(_, verdict)| verdict.is_ok()).map(|(node, _)| node).collect();
    if let Some(node) = fit::best(world, &pod, &fitting) {
        bind(world, uid, &node);
        return;
    }
    let rejections: Vec<(Arc<str>, fit::Rejection)> = verdicts
        .into_iter()
        .filter_map(|(node, verdict)| verdict.err().map(|rejection| (node, rejection)))
        .collect();
    let summary = summary(&rejections);
    let message = match preemption::try_preempt(world, uid, &pod, &rejections) {
        preemption::Outcome::Nominated => summary,
        preemption::Outcome::Refused(text) => {
            format!("{summary} no new claims to deallocate, preemption: {text}")
        }
    };
    let nominated = !message.contains("preemption:");
    unschedulable(world, uid, &message);
    if let Some(waiting) = world.scheduler.waiting.get_mut(&uid) {
        waiting.plugins = rejections.iter().map(|(_, rejection)| rejection.plugin).collect();
    }
    if nominated {
        // The victims' delete is a change that makes the pod be tried again.
        something_changed(world);
    }
}

fn missing_claim(world: &World, pod: &Pod) -> Option<String> {
    let claims =
        pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.clone()).find(|name| {
        world.store.resource("PersistentVolumeClaim", &pod.meta.namespace, name).is_none()
    })
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) …`; the parts are sorted as text.
fn summary(rejections: &[(Arc<str>, fit::Rejection)]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in rejections.iter().flat_map(|(_, rejection)| &rejection.reasons) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut parts: Vec<String> =
        counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort();
    format!("0/{} nodes are available: {}.", rejections.len(), parts.join(", "))
}

fn unschedulable(world: &mut World, uid: Uid, message: &str) {
    let (wall, now) = (world.wall(), world.now);
    let subject = world.pod_subject(uid);
    world.record_cause(subject, What::Decision(Decision::NoNode { message: message.into() }));
    events::about_pod(
        world,
        uid,
        "default-scheduler",
        EventType::Warning,
        "FailedScheduling",
        message,
    );
    apiserver::set_pod_status(world, uid, |status| {
        crate::conditions::set(status, "PodScheduled", "False", "Unschedulable", message, wall);
    });
    let waiting = world.scheduler.waiting.entry(uid).or_insert(Waiting {
        attempts: 0,
        plugins: Vec::new(),
        last: now,
    });
    waiting.attempts += 1;
    waiting.last = now;
    // Whatever does not change is looked at again after five minutes.
    world.arm_in(Timer::Schedule(uid), Duration::from_secs(300));
}

fn bind(world: &mut World, uid: Uid, node: &Arc<str>) {
    world.scheduler.waiting.remove(&uid);
    world.queue.cancel(&Timer::Schedule(uid));
    let wall = world.wall();
    let Some(entry) = world.store.entry(uid) else { return };
    let message = format!(
        "Successfully assigned {}/{} to {node}",
        entry.pod.meta.namespace, entry.pod.meta.name
    );
    let subject = crate::record::Subject::Pod(Arc::clone(&entry.pod_ref));
    world.record_cause(subject, What::Decision(Decision::Assigned { node: Arc::clone(node) }));
    let observed = world.store.pod(uid).and_then(|pod| pod.meta.generation);
    apiserver::update_pod(world, uid, |pod| {
        let mut raw: Value = (*pod.raw_spec).clone();
        raw["nodeName"] = json!(&**node);
        let mut spec = (*pod.spec).clone();
        spec.node_name = node.to_string();
        (pod.spec, pod.raw_spec) = (Arc::new(spec), Arc::new(raw));
        pod.status.observed_generation = observed;
        crate::conditions::set(&mut pod.status, "PodScheduled", "True", "", "", wall);
        pod.status.observed_generation = None;
    });
    events::about_pod(world, uid, "default-scheduler", EventType::Normal, "Scheduled", &message);
}
