//! Pod workers: one sync at a time for each pod; what comes in meanwhile collapses into one more.
//!
//! Models `pkg/kubelet/pod_workers.go` and the work queue of `pkg/kubelet/util/queue/work_queue.go`.

use super::sync;
use super::worker::{Stage, Terminate, Worker};
use super::{pleg, prober, resize, termination};
use crate::ids::Uid;
use crate::kubelet::requests::{ask, request, request_at};
use crate::kubelet::task::Outcome;
use crate::queue::Timer;
use crate::random;
use crate::record::{Decision, What};
use crate::version::Difference;
use crate::world::World;
use std::sync::Arc;
use std::time::Duration;

/// Regular re-sync of a healthy pod, before jitter.
const RESYNC: Duration = Duration::from_secs(60);
/// Retry after an error, before jitter.
const BACK_OFF: Duration = Duration::from_secs(10);
/// Longest wait after a restart that was held back, before jitter.
const MAX_RESTART_WAIT: Duration = Duration::from_secs(60);

/// The API server told the kubelets that a pod is new or has changed.
pub fn on_pod(world: &mut World, uid: Uid) {
    let Some(entry) = world.store.entry(uid) else { return };
    let node: Arc<str> = Arc::from(entry.pod.spec.node_name.as_str());
    if node.is_empty() || !world.nodes.contains_key(&node) {
        return;
    }
    let (pod, pod_ref) = (Arc::clone(&entry.pod), Arc::clone(&entry.pod_ref));
    let at = world.now + world.config.latencies.kubelet;
    if !world.nodes.get(&node).is_some_and(crate::kubelet::agent::NodeAgent::hears) {
        return;
    }
    match world.workers.get_mut(&uid) {
        None => {
            if pod.status.phase.is_terminal() {
                return;
            }
            let mut worker = Worker::new(uid, pod_ref, pod);
            worker.kubelet_started =
                world.nodes.get(&node).and_then(crate::kubelet::agent::NodeAgent::restarted);
            world.workers.insert(uid, worker);
            if let Some(rejection) = super::node::admit(world, uid) {
                super::node::reject(world, uid, rejection);
                return;
            }
        }
        Some(worker) => {
            worker.settled = false;
            let changed = worker.pod.meta != pod.meta || foreign_status_changed(worker, &pod);
            let changed = resize::take_over(worker, pod) || changed;
            if !changed {
                return;
            }
            for container in worker.pod.spec.ephemeral_containers.iter().skip(
                worker
                    .containers
                    .len()
                    .saturating_sub(worker.init_count() + worker.pod.spec.containers.len()),
            ) {
                worker.containers.push(crate::kubelet::worker::ContainerRt::new(&container.name));
            }
        }
    }
    resize::retry(world, &node);
    if world.workers.get(&uid).is_some_and(|worker| worker.pod.meta.deletion_timestamp.is_some()) {
        terminate(world, uid, Terminate::default());
    }
    request_at(world, uid, at);
}

/// Whether a condition that the kubelet does not own has changed: readiness gates look at those.
fn foreign_status_changed(worker: &Worker, pod: &podplay_api::Pod) -> bool {
    worker.pod.spec.readiness_gates.iter().any(|gate| {
        worker.pod.status.condition(&gate.condition_type)
            != pod.status.condition(&gate.condition_type)
    })
}

/// The API object is gone: the kubelet stops what still runs.
pub fn on_pod_removed(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    if worker.stage == Stage::Finished {
        forget(world, uid);
        return;
    }
    if !world.nodes.get(&worker.node).is_some_and(crate::kubelet::agent::NodeAgent::hears) {
        return;
    }
    terminate(world, uid, Terminate { grace: Some(1), failed: None });
    request(world, uid);
}

/// Drops everything about a pod whose object is gone and whose containers have stopped.
pub fn forget(world: &mut World, uid: Uid) {
    let node = world.workers.remove(&uid).map(|worker| worker.node);
    if let Some(agent) = node.as_ref().and_then(|node| world.nodes.get_mut(node)) {
        agent.starting.remove(&uid);
    }
    world.queue.cancel_all(|timer| timer.pod() == Some(uid));
    if let Some(node) = node {
        resize::retry(world, &node);
    }
}

/// Asks for the end of a pod; the worker takes it up when its present sync is over.
pub fn terminate(world: &mut World, uid: Uid, request: Terminate) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.settled = false;
    let first = worker.terminate.is_none();
    let slot = worker.terminate.get_or_insert_with(Terminate::default);
    if let Some(grace) = request.grace {
        slot.grace = Some(slot.grace.map_or(grace, |old| old.min(grace)));
    }
    if slot.failed.is_none() {
        slot.failed = request.failed;
    }
    if first {
        sync::cancel_waiting(world, uid);
    }
}

/// The work queue's entry of a pod is due.
pub fn requeue_due(world: &mut World, uid: Uid) {
    ask(world, uid, world.now);
}

/// Puts a pod into the work queue: it is taken up at the first tick of the kubelet's second after `delay`.
pub fn requeue(world: &mut World, uid: Uid, delay: Duration) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let Some(agent) = world.nodes.get(&worker.node) else { return };
    let at = agent.next_tick(world.now + delay);
    world.arm_at(Timer::PodRequeue(uid), at);
}

/// Starts the sync that is pending.
pub fn start_pending(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.task.is_some() || !worker.pending || worker.stage == Stage::Finished {
        return;
    }
    if !world.nodes.get(&worker.node).is_some_and(|agent| agent.up) {
        return;
    }
    worker.pending = false;
    if worker.stage == Stage::Sync && worker.terminate.is_some() {
        worker.stage = Stage::Terminating;
    }
    pleg::refresh_if_stale(world, uid);
    pleg::sync_begins(world, uid);
    world.queue.cancel(&Timer::PodSync(uid));
    sync::begin(world, uid);
    // Of several events of one relist the first starts a sync, the others ask for one more.
    let more = world.workers.get_mut(&uid).map(|worker| std::mem::take(&mut worker.more_events));
    if more == Some(true) {
        request(world, uid);
    }
}

/// A relist refreshed the cache of a pod and saw this many events: a worker that waited for the cache goes first.
pub fn relisted(world: &mut World, uid: Uid, events: usize) {
    let waited = world.queue.armed_at(&Timer::PodSync(uid)).is_some_and(|at| at <= world.now);
    if waited {
        start_pending(world, uid);
    }
    if events > 0 {
        let idle =
            world.workers.get(&uid).is_some_and(|worker| worker.task.is_none() && !worker.pending);
        request(world, uid);
        if let Some(worker) = world.workers.get_mut(&uid) {
            worker.more_events = idle && events > 1;
        }
    }
}

/// A sync has ended: queue the pod again, or go on to the next stage.
///
/// Models `pod_workers.go` completeWork.
pub fn complete(world: &mut World, uid: Uid, outcome: Outcome) {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.task = None;
    worker.last_sync = Some(now);
    worker.settled &= outcome == Outcome::Done;
    if let Some(agent) = world.nodes.get_mut(&worker.node) {
        agent.starting.remove(&uid);
    }
    match outcome {
        Outcome::Transition(stage) => {
            worker.stage = worker.stage.max(stage);
            if stage == Stage::Terminating && worker.terminate.is_none() {
                worker.terminate = Some(Terminate::default());
            }
            requeue(world, uid, Duration::ZERO);
        }
        Outcome::Finished => {
            finish(world, uid);
            return;
        }
        Outcome::Done => requeue_jittered(world, uid, RESYNC),
        Outcome::BackOff(until) => {
            let to_the_end = world.config.kubernetes.has(Difference::RestartWait);
            let left = until.since(now).min(MAX_RESTART_WAIT);
            requeue_jittered(world, uid, if to_the_end { left } else { BACK_OFF });
        }
        Outcome::Error => requeue_jittered(world, uid, BACK_OFF),
        Outcome::Again => requeue(world, uid, Duration::ZERO),
    }
    let again = world.workers.get(&uid).is_some_and(|worker| {
        worker.pending || (worker.terminate.is_some() && worker.stage == Stage::Sync)
    });
    if again {
        request(world, uid);
    }
}

fn requeue_jittered(world: &mut World, uid: Uid, delay: Duration) {
    let n = u64::from(world.count("requeue"));
    let name =
        world.workers.get(&uid).map(|worker| worker.pod.meta.name.clone()).unwrap_or_default();
    let bits = world.draw("requeue", &name, n);
    requeue(world, uid, random::jitter(delay, bits));
}

fn finish(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.stage = Stage::Finished;
    worker.pending = false;
    world.queue.cancel_all(|timer| timer.pod() == Some(uid) && !matches!(timer, Timer::PodGone(_)));
    prober::remove_pod(world, uid);
    let subject = world.pod_subject(uid);
    world.record(subject, What::Decision(Decision::Done));
    termination::write_last_status(world, uid);
}
