//! The eviction manager: local storage over its limits.
//!
//! Models `pkg/kubelet/eviction/eviction_manager.go` localStorageEviction; usage is measured about once a minute.

use super::pod_worker;
use super::worker::Terminate;
use crate::events;
use crate::queue::Timer;
use crate::record::What;
use crate::world::{Uid, World};
use podplay_api::{EventType, Quantity};
use std::sync::Arc;
use std::time::Duration;

/// Usage is measured this often, the first time this long after the pod's start.
const MEASURE: Duration = Duration::from_secs(48);

/// Something was written to a pod's disk: look at it at the next measurement.
pub fn written(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    if world.queue.armed_at(&Timer::Eviction(Arc::clone(&worker.node))).is_some()
        || excess(world, uid).is_none()
    {
        return;
    }
    let since = worker.start.unwrap_or(world.now);
    let mut at = since + MEASURE;
    while at <= world.now {
        at += MEASURE;
    }
    let node = Arc::clone(&worker.node);
    world.arm_at(Timer::Eviction(node), at);
}

/// A measurement: evicts the pods of a node that are over a limit.
#[inline(never)]
pub fn measure(world: &mut World, node: &Arc<str>) {
    if !world.nodes.get(node).is_some_and(|agent| agent.up) {
        return;
    }
    let over: Vec<(Uid, String)> = world
        .workers
        .values()
        .filter(|worker| worker.node == *node)
        .filter_map(|worker| excess(world, worker.uid).map(|message| (worker.uid, message)))
        .collect();
    for (uid, message) in over {
        evict(world, uid, &message, 1);
    }
}

/// Evicts a pod because its node runs short, with that grace period in seconds. The pod is marked as disrupted.
pub fn evict_for_pressure(world: &mut World, uid: Uid, message: &str, grace: u64) {
    let wall = world.wall();
    let mark = |status: &mut podplay_api::PodStatus| {
        let (kind, reason) = ("DisruptionTarget", "TerminationByKubelet");
        super::status::conditions::set(status, kind, "True", reason, message, wall);
    };
    if let Some(worker) = world.workers.get_mut(&uid) {
        mark(&mut worker.status);
    }
    crate::apiserver::set_pod_status(world, uid, mark);
    evict(world, uid, message, grace);
}

/// Evicts a pod from its node, with that grace period in seconds.
pub fn evict(world: &mut World, uid: Uid, message: &str, grace: u64) {
    let Some(worker) = world.workers.get(&uid) else { return };
    if worker.terminate.is_some() || worker.stopped {
        return;
    }
    let subject = super::pod_subject(world, uid);
    world.record_cause(subject, What::Decision(message.into()));
    events::pod_event(world, uid, None, EventType::Warning, "Evicted", message);
    let failed = Some(("Evicted".to_string(), message.to_string()));
    pod_worker::terminate(world, uid, Terminate { grace: Some(grace), failed });
    pod_worker::request(world, uid);
}

/// The limit that a pod's local storage is over, in the eviction's words.
fn excess(world: &World, uid: Uid) -> Option<String> {
    let worker = world.workers.get(&uid)?;
    for volume in &worker.pod.spec.volumes {
        let limit = volume.empty_dir.as_ref().and_then(|source| source.size_limit.as_ref());
        if let Some(limit) =
            limit.filter(|limit| over(worker.volumes.used_bytes(&volume.name), limit))
        {
            return Some(format!(
                "Usage of EmptyDir volume \"{}\" exceeds the limit \"{}\". ",
                volume.name,
                limit.text()
            ));
        }
    }
    let (mut used, mut total) = (0, Some(0i64));
    for ix in worker.indexes() {
        let (Some(spec), Some(instance)) = (worker.spec(ix), worker.newest(ix)) else { continue };
        let bytes = instance.disk_usage();
        used += bytes;
        let limit = spec.resources.limits.get("ephemeral-storage");
        if let Some(limit) = limit.filter(|limit| over(bytes, limit)) {
            return Some(format!(
                "Container {} exceeded its local ephemeral storage limit \"{}\". ",
                spec.name,
                limit.text()
            ));
        }
        total = total.zip(limit.map(Quantity::value)).map(|(sum, value)| sum + value);
    }
    used += worker
        .pod
        .spec
        .volumes
        .iter()
        .filter(|volume| volume.empty_dir.as_ref().is_some_and(|source| source.medium.is_empty()))
        .map(|volume| worker.volumes.used_bytes(&volume.name))
        .sum::<u64>();
    let total =
        total.filter(|&total| total > 0 && i64::try_from(used).unwrap_or(i64::MAX) > total)?;
    Some(format!(
        "Pod ephemeral local storage usage exceeds the total limit of containers {total}. "
    ))
}

fn over(used: u64, limit: &Quantity) -> bool {
    i64::try_from(used).unwrap_or(i64::MAX) > limit.value()
}
