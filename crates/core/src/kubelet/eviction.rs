//! The eviction manager: local storage over its limits.
//!
//! Models `pkg/kubelet/eviction/eviction_manager.go` localStorageEviction, and the age of what it looks at.

use super::pod_worker;
use super::worker::{Terminate, Worker};
use crate::events;
use crate::ids::Uid;
use crate::queue::Timer;
use crate::record::{Decision, What};
use crate::world::World;
use podplay_api::fault::Scarce;
use podplay_api::{EventType, Quantity, SimTime};
use std::sync::Arc;
use std::time::Duration;

/// Volumes are measured and looked at about this often, the first time this long after the pod's start:
/// `volumeStatsAggPeriod` is a minute, and a pod waits for a part of the first one.
const VOLUMES: Duration = Duration::from_secs(48);
/// The manager looks this often: `evictionMonitoringPeriod` in `pkg/kubelet/kubelet.go`.
const MONITOR: Duration = Duration::from_secs(10);
/// containerd measures the layers of containers this often: `StatsCollectPeriod` of its CRI plugin.
const LAYERS: Duration = Duration::from_secs(10);
/// While pods are being evicted, the manager waits for them.
const BUSY: Duration = Duration::from_millis(100);

/// Something was written to a pod's disk or log: look at it once it has been measured.
pub fn written(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let node = Arc::clone(&worker.node);
    if !is_limited(worker) || world.queue.armed_at(&Timer::Eviction(Arc::clone(&node))).is_some() {
        return;
    }
    if let Some(at) = next_look(world, worker) {
        world.arm_at(Timer::Eviction(node), at);
    }
}

/// Whether anything in a pod limits local storage.
fn is_limited(worker: &Worker) -> bool {
    let spec = &worker.pod.spec;
    spec.all_containers().any(|each| each.resources.limits.contains_key(STORAGE))
        || spec.volumes.iter().any(|volume| {
            volume.empty_dir.as_ref().is_some_and(|source| source.size_limit.is_some())
        })
}

/// The resource's name.
const STORAGE: &str = "ephemeral-storage";

/// When the manager will see what is over a limit now.
fn next_look(world: &World, worker: &Worker) -> Option<SimTime> {
    let volume = volume_excess(worker).map(|_| {
        let mut at = worker.start.unwrap_or(world.now) + VOLUMES;
        while at <= world.now {
            at += VOLUMES;
        }
        at
    });
    let layers = container_excess(worker).map(|_| {
        let measured = tick(world, &worker.node, "layer statistics", LAYERS, world.now);
        tick(world, &worker.node, "eviction monitor", MONITOR, measured)
    });
    volume.into_iter().chain(layers).min()
}

/// The first tick after `time` of something that a node does again and again, at a phase of its own.
fn tick(world: &World, node: &str, what: &str, period: Duration, time: SimTime) -> SimTime {
    let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX).max(1);
    let phase = world.draw(what, node, 0) % period;
    let into = (time.as_nanos() % period + period - phase) % period;
    SimTime(time.as_nanos() + period - into)
}

/// A look of the manager: evicts pods of a node that are over a limit, one after the other.
pub fn measure(world: &mut World, node: &Arc<str>) {
    if !world.nodes.get(node).is_some_and(|agent| agent.up) {
        return;
    }
    let here = |worker: &&Worker| worker.node == *node;
    let evicting = |worker: &Worker| {
        !worker.stopped && worker.terminate.as_ref().is_some_and(|end| end.failed.is_some())
    };
    if world.workers.values().filter(here).any(evicting) {
        world.arm_in(Timer::Eviction(Arc::clone(node)), BUSY);
        return;
    }
    let over = world.workers.values().filter(here).find_map(|worker| {
        excess(world, worker).filter(|_| !worker.stopped).map(|message| (worker.uid, message))
    });
    let Some((uid, message)) = over else {
        let waiting: Vec<Uid> = world.workers.values().filter(here).map(|each| each.uid).collect();
        waiting.into_iter().for_each(|uid| written(world, uid));
        return;
    };
    evict(world, uid, &message, 1);
    world.arm_in(Timer::Eviction(Arc::clone(node)), BUSY);
}

/// Evicts a pod from a node that runs short, in the kubelet's order: usage over requests first, then low priority.
///
/// Models `pkg/kubelet/eviction/helpers.go` rankMemoryPressure.
pub fn under_pressure(world: &mut World, node: &Arc<str>, scarce: Scarce) {
    if !world.nodes.get(node).is_some_and(|agent| agent.up) {
        return;
    }
    let (resource, quantity, available) = match scarce {
        Scarce::Memory => ("memory", "100Mi", "52Mi"),
        Scarce::Disk => ("ephemeral-storage", "10%", "5%"),
    };
    let candidates =
        world.workers.values().filter(|w| w.node == *node && !w.stopped && w.terminate.is_none());
    let first = candidates
        .map(|worker| {
            let spec = &worker.pod.spec;
            let requested = spec
                .containers
                .iter()
                .any(|container| container.resources.requests.contains_key(resource));
            (requested, spec.priority.unwrap_or(0), worker.uid)
        })
        .filter(|(_, priority, _)| *priority < 2_000_000_000)
        .min();
    let Some((_, _, uid)) = first else { return };
    let Some(worker) = world.workers.get(&uid) else { return };
    let mut message = format!(
        "The node was low on resource: {resource}. Threshold quantity: {quantity}, available: {available}. "
    );
    for container in &worker.pod.spec.containers {
        let request = container.resources.requests.get(resource).map_or("0", Quantity::text);
        message += &format!(
            "Container {} was using 200Mi, request is {request}, has larger consumption of {resource}. ",
            container.name
        );
    }
    evict_for_pressure(world, uid, &message, 1);
}

/// Evicts a pod because its node runs short, with that grace period in seconds. The pod is marked as disrupted.
pub fn evict_for_pressure(world: &mut World, uid: Uid, message: &str, grace: u64) {
    let wall = world.wall();
    let mark = |status: &mut podplay_api::PodStatus| {
        let (kind, reason) = ("DisruptionTarget", "TerminationByKubelet");
        crate::conditions::set(status, kind, "True", reason, message, wall);
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
    let subject = world.pod_subject(uid);
    world.record_cause(subject, What::Decision(Decision::Evicted { message: message.into() }));
    events::pod_event(world, uid, None, EventType::Warning, "Evicted", message);
    let failed = Some(("Evicted".to_string(), message.to_string()));
    pod_worker::terminate(world, uid, Terminate { grace: Some(grace), failed });
    crate::kubelet::requests::request(world, uid);
}

/// The limit that a pod's local storage is over, as far as it has been measured, in the eviction's words.
fn excess(world: &World, worker: &Worker) -> Option<String> {
    let age = world.now.since(worker.start.unwrap_or(world.now));
    let fresh = age >= VOLUMES && age.as_secs() % VOLUMES.as_secs() <= MONITOR.as_secs();
    volume_excess(worker).filter(|_| fresh).or_else(|| container_excess(worker))
}

/// Models `eviction_manager.go` emptyDirLimitEviction.
fn volume_excess(worker: &Worker) -> Option<String> {
    worker.pod.spec.volumes.iter().find_map(|volume| {
        let limit = volume.empty_dir.as_ref()?.size_limit.as_ref()?;
        over(worker.volumes.used_bytes(&volume.name), limit.value()).then(|| {
            format!(
                "Usage of EmptyDir volume \"{}\" exceeds the limit \"{}\". ",
                volume.name,
                limit.text()
            )
        })
    })
}

/// The pod's limit is looked at before those of its containers; logs count like the containers' own layers.
///
/// Models `eviction_manager.go` podEphemeralStorageLimitEviction and containerEphemeralStorageLimitEviction.
fn container_excess(worker: &Worker) -> Option<String> {
    let used = |ix| worker.newest(ix).map_or(0, |instance| instance.disk_usage());
    let volumes = worker.pod.spec.volumes.iter();
    let in_volumes: u64 = volumes
        .filter(|volume| volume.empty_dir.as_ref().is_some_and(|source| source.medium.is_empty()))
        .map(|volume| worker.volumes.used_bytes(&volume.name))
        .sum();
    let total = worker.indexes().map(used).sum::<u64>() + in_volumes;
    let limits = crate::resources::limits(&worker.pod.spec);
    let limit = limits.get(STORAGE).map(|milli| milli / 1000);
    if let Some(limit) = limit.filter(|&limit| over(total, limit)) {
        let limit = Quantity::from_bytes(limit);
        return Some(format!(
            "Pod ephemeral local storage usage exceeds the total limit of containers {}. ",
            limit.text()
        ));
    }
    worker.indexes().find_map(|ix| {
        let spec = worker.spec(ix)?;
        let limit = spec.resources.limits.get(STORAGE)?;
        over(used(ix), limit.value()).then(|| {
            format!(
                "Container {} exceeded its local ephemeral storage limit \"{}\". ",
                spec.name,
                limit.text()
            )
        })
    })
}

fn over(used: u64, limit: i64) -> bool {
    i64::try_from(used).unwrap_or(i64::MAX) > limit
}
