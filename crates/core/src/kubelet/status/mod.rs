//! The pod's status: generated from the runtime's view and the probes, merged, and written to the API server.
//!
//! Models `pkg/kubelet/kubelet_pods.go` generateAPIPodStatus and `pkg/kubelet/status/status_manager.go`.

pub mod conditions;
mod containers;

use super::phase::{self, Life};
use super::prober;
use super::resize;
use super::settled::unsettle;
use super::worker::{Stage, Worker};
use crate::apiserver;
use crate::events;
use crate::ids::{ContainerIx, InstanceId, Uid};
use crate::queue::Timer;
use crate::world::World;
use podplay_api::{EventType, PodIp, PodPhase, PodStatus};
use std::sync::Arc;
use std::time::Duration;

const DEADLINE: &str = "Pod was active on the node longer than the specified deadline";

/// Generates the pod's status, hands it to the status manager, and triggers readiness probes of containers that are not ready.
pub fn refresh(world: &mut World, uid: Uid, terminal: bool) {
    let exceeded = deadline_exceeded(world, uid);
    if exceeded {
        events::pod_event(world, uid, None, EventType::Normal, "DeadlineExceeded", DEADLINE);
    }
    let Some(worker) = world.workers.get(&uid) else { return };
    let mut status = generate(world, worker, terminal);
    if exceeded {
        status.phase = PodPhase::Failed;
        (status.reason, status.message) = ("DeadlineExceeded".into(), DEADLINE.into());
        conditions::of_kubelet(world, worker, &mut status);
    }
    let triggers = unready_with_probe(worker, &status);
    set(world, uid, status);
    for ix in triggers {
        unsettle(world, uid);
        prober::trigger_readiness(world, uid, ix);
    }
}

/// Whether a new status would say what the written one says, and trigger nothing.
pub fn is_current(world: &World, uid: Uid) -> bool {
    world.workers.get(&uid).is_some_and(|worker| {
        let status = generate(world, worker, false);
        unready_with_probe(worker, &status).is_empty() && status == worker.status
    })
}

/// Models `pkg/kubelet/active_deadline.go`.
fn deadline_exceeded(world: &mut World, uid: Uid) -> bool {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return false };
    let Some(limit) =
        worker.pod.spec.active_deadline_seconds.and_then(|seconds| u64::try_from(seconds).ok())
    else {
        return false;
    };
    let Some(start) = worker.start.filter(|_| worker.status.start_time.is_some()) else {
        return false;
    };
    let over = now.since(start) >= Duration::from_secs(limit);
    worker.deadline_exceeded |= over;
    over
}

/// The active deadline's own timer: a sync at the kubelet's next tick.
pub fn arm_deadline(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let Some(limit) =
        worker.pod.spec.active_deadline_seconds.and_then(|seconds| u64::try_from(seconds).ok())
    else {
        return;
    };
    let (Some(start), Some(agent)) = (worker.start, world.nodes.get(&worker.node)) else { return };
    let at = agent.next_tick(start + Duration::from_secs(limit));
    if world.queue.armed_at(&Timer::ActiveDeadline(uid)).is_none() && at > world.now {
        world.arm_at(Timer::ActiveDeadline(uid), at);
    }
}

fn generate(world: &World, worker: &Worker, terminal: bool) -> PodStatus {
    let old = &worker.status;
    let mut status = PodStatus {
        qos_class: old.qos_class.clone(),
        nominated_node_name: worker.pod.status.nominated_node_name.clone(),
        start_time: old.start_time,
        conditions: old.conditions.clone(),
        observed_generation: worker.pod.meta.generation,
        ..PodStatus::default()
    };
    resize::conditions(worker, terminal, &mut status);
    resize::of_pod(worker, &mut status);
    containers::convert(world, worker, &mut status);
    prober::update_status(worker, &mut status);
    let all: Vec<_> =
        status.container_statuses.iter().chain(&status.init_container_statuses).collect();
    status.phase = phase::phase(
        &worker.pod.spec,
        &all,
        Life { terminal, initialized: initialized(worker), is_static: false },
    );
    if !status.phase.is_terminal() && old.phase.is_terminal() {
        status.phase = old.phase;
    }
    if worker.pod.status.phase.is_terminal() {
        status.phase = worker.pod.status.phase;
    }
    if status.phase == old.phase {
        (status.reason, status.message) = (old.reason.clone(), old.message.clone());
    }
    addresses(world, worker, &mut status);
    conditions::of_kubelet(world, worker, &mut status);
    status
}

/// Some regular container has been started in the active sandbox.
fn initialized(worker: &Worker) -> bool {
    let first = worker.init_count();
    let last = first + worker.pod.spec.containers.len();
    worker.containers.iter().take(last).skip(first).enumerate().any(|(n, _)| {
        u16::try_from(first + n).is_ok_and(|ix| !worker.view.instances(ix).is_empty())
    })
}

fn addresses(world: &World, worker: &Worker, status: &mut PodStatus) {
    if let Some(agent) = world.nodes.get(&worker.node) {
        status.host_ip.clone_from(&agent.address);
        status.host_ips = vec![PodIp { ip: agent.address.clone() }];
    }
    let ip = worker
        .view
        .sandbox()
        .map(|sandbox| sandbox.ip.to_string())
        .unwrap_or_else(|| worker.status.pod_ip.clone());
    let ip =
        if worker.pod.spec.host_network && !ip.is_empty() { status.host_ip.clone() } else { ip };
    status.pod_ips = if ip.is_empty() { Vec::new() } else { vec![PodIp { ip: ip.clone() }] };
    status.pod_ip = ip;
}

fn unready_with_probe(worker: &Worker, status: &PodStatus) -> Vec<ContainerIx> {
    let unready = |name: &str| {
        status
            .container(name)
            .is_some_and(|c| c.started == Some(true) && c.state.is_running() && !c.ready)
    };
    worker.indexes().filter(|&ix| worker.rt(ix).is_some_and(|rt| unready(&rt.name))).collect()
}

/// Takes a status into the status manager and writes it.
pub fn set(world: &mut World, uid: Uid, mut status: PodStatus) {
    let wall = world.wall();
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if status.start_time.is_none() {
        status.start_time = Some(wall);
    }
    conditions::keep_times(&worker.status, &mut status, wall);
    worker.settled &= worker.status == status;
    worker.status = status;
    arm_deadline(world, uid);
    push(world, uid);
}

/// Writes the status manager's status to the API server, if the node can reach it.
///
/// A terminal phase is held back while containers may still run. Models `status_manager.go` mergePodStatus.
pub fn push(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    if !world.nodes.get(&worker.node).is_some_and(crate::kubelet::agent::NodeAgent::speaks) {
        return;
    }
    let stopped = worker.stopped || worker.stage == Stage::Finished;
    let mine = worker.status.clone();
    let wall = world.wall();
    let last_end = worker.last_end;
    let Some(before) = world.store.pod(uid).map(Arc::clone) else { return };
    // Where a tick of the kubelet found an exit, the status is due to the exit.
    let usual = world.cause;
    world.cause = usual.max(last_end);
    apiserver::set_pod_status(world, uid, |stored| {
        let old = std::mem::replace(stored, mine);
        merge_conditions(&old, stored);
        stored.nominated_node_name.clone_from(&old.nominated_node_name);
        if stored.phase.is_terminal() && !old.phase.is_terminal() && !stopped {
            let reason =
                if stored.phase == PodPhase::Failed { "PodFailed" } else { "PodCompleted" };
            (stored.phase, stored.reason, stored.message) =
                (old.phase, old.reason.clone(), old.message.clone());
            for kind in ["Ready", "ContainersReady"] {
                conditions::set(stored, kind, "False", reason, "", wall);
            }
        }
        conditions::keep_times(&before.status, stored, wall);
    });
    world.cause = usual;
    if let (Some(worker), Some(pod)) = (world.workers.get_mut(&uid), world.store.pod(uid))
        && worker.pod.status != pod.status
    {
        Arc::make_mut(&mut worker.pod).status.clone_from(&pod.status);
        if pod.status.phase.is_terminal() {
            let node = Arc::clone(&worker.node);
            resize::retry(world, &node);
        }
    }
}

/// Conditions that the kubelet does not own stay as they are stored.
fn merge_conditions(old: &PodStatus, new: &mut PodStatus) {
    let foreign: Vec<_> = old
        .conditions
        .iter()
        .filter(|condition| !conditions::owned(&condition.kind))
        .cloned()
        .collect();
    new.conditions.retain(|condition| conditions::owned(&condition.kind));
    new.conditions.splice(0..0, foreign);
    conditions::sort(new);
}

/// The pod fails for a reason of its own: eviction.
pub fn force_failed(world: &mut World, uid: Uid, reason: &str, message: &str) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let mut status = worker.status.clone();
    status.phase = PodPhase::Failed;
    (status.reason, status.message) = (reason.into(), message.into());
    conditions::of_kubelet(world, worker, &mut status);
    set(world, uid, status);
}

/// The sandbox is up: the condition is written before anything else.
pub fn sandbox_ready(world: &mut World, uid: Uid) {
    let wall = world.wall();
    let Some(worker) = world.workers.get(&uid) else { return };
    let mut status = worker.status.clone();
    conditions::set(&mut status, "PodReadyToStartContainers", "True", "", "", wall);
    set(world, uid, status);
}

/// A readiness result changed.
///
/// Models `status_manager.go` SetContainerReadiness.
pub fn set_readiness(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    instance: InstanceId,
    ready: bool,
) {
    change_container(world, uid, ix, instance, |container| container.ready = ready);
}

/// A startup result changed.
///
/// Models `status_manager.go` SetContainerStartup.
pub fn set_started(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    instance: InstanceId,
    started: bool,
) {
    change_container(world, uid, ix, instance, |container| container.started = Some(started));
}

fn change_container(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    instance: InstanceId,
    change: impl FnOnce(&mut podplay_api::ContainerStatus),
) {
    let id = crate::runtime::container_id(world, instance);
    let Some(worker) = world.workers.get(&uid) else { return };
    let Some(name) = worker.rt(ix).map(|rt| Arc::clone(&rt.name)) else { return };
    let mut status = worker.status.clone();
    let list = status.init_container_statuses.iter_mut().chain(&mut status.container_statuses);
    let Some(container) =
        list.into_iter().find(|container| *container.name == *name && container.container_id == id)
    else {
        return;
    };
    change(container);
    conditions::of_kubelet(world, worker, &mut status);
    set(world, uid, status);
}
