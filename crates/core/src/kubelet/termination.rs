//! Stopping: preStop, the stop signal, SIGKILL; the order of sidecars; the two syncs at a pod's end.
//!
//! Models `pkg/kubelet/kuberuntime/{kuberuntime_container,kuberuntime_termination_order}.go`,
//! `pkg/kubelet/kubelet.go` SyncTerminatingPod and SyncTerminatedPod, `pkg/kubelet/status/status_manager.go` TerminatePod.

use super::compute_actions::{KillReason, ToKill};
use super::hooks;
use super::sync;
use super::worker::{EndedBy, Kill, KillStage, Stage};
use super::{pleg, pod_worker, prober, status};
use crate::events;
use crate::ids::{ContainerIx, Uid};
use crate::kubelet::steps::stopped;
use crate::kubelet::task::{Flow, KillOrder, Outcome, Step};
use crate::queue::Timer;
use crate::runtime;
use crate::runtime::instance::{HookState, Instance};
use crate::world::World;
use crate::{apiserver, images};
use podplay_api::{ContainerState, EventType, PodPhase, PodStatus, Terminated};
use std::time::Duration;

/// A container has at least this long between the stop signal and SIGKILL.
const MINIMUM_GRACE: i64 = 2;
/// What the status of a container that nobody can find says.
const LOST: &str = "The container could not be located when the pod was terminated";

/// Begins to stop every running container of a pod. Sidecars get their stop signal in reverse order, after the others.
pub fn kill_all(world: &mut World, uid: Uid, order: KillOrder) {
    let grace = match order {
        KillOrder::Pod => None,
        KillOrder::Override(seconds) => Some(seconds),
    };
    let Some(worker) = world.workers.get(&uid) else { return };
    let running: Vec<(ContainerIx, String)> = worker
        .indexes()
        .filter(|&ix| worker.newest(ix).is_some_and(Instance::is_running))
        .filter_map(|ix| Some((ix, worker.rt(ix)?.name.to_string())))
        .collect();
    // Who waits for whom is settled among all before the first one gets its signal.
    let begun: Vec<ContainerIx> = running
        .into_iter()
        .filter(|(ix, name)| {
            mark(world, uid, *ix, &format!("Stopping container {name}"), grace, true)
        })
        .map(|(ix, _)| ix)
        .collect();
    for ix in begun {
        begin(world, uid, ix);
    }
}

/// Remembers which probe made the kubelet end an instance.
pub(super) fn note_end(world: &mut World, uid: Uid, kill: &ToKill) {
    let by = match kill.reason {
        KillReason::LivenessProbe => podplay_api::ProbeKind::Liveness,
        KillReason::StartupProbe => podplay_api::ProbeKind::Startup,
        KillReason::Other => return,
    };
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let prober = worker.probers.get(&(kill.ix, by));
    let reply = prober.and_then(|prober| prober.reply.clone());
    if let Some(rt) = worker.rt_mut(kill.ix) {
        rt.last_reply = reply.or(rt.last_reply.take());
        rt.ended = Some((kill.id, EndedBy::Probe(by)));
    }
}

/// Begins to stop a container.
///
/// `grace` overrides the pod's grace period, in seconds; `hooks` says whether preStop runs.
pub fn kill(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    message: &str,
    grace: Option<u64>,
    hooks: bool,
) {
    if mark(world, uid, ix, message, grace, hooks) {
        begin(world, uid, ix);
    }
}

/// Notes that a container is being stopped, and says so; `false` if it does not run.
fn mark(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    message: &str,
    grace: Option<u64>,
    hooks: bool,
) -> bool {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return false };
    let own = worker
        .pod
        .meta
        .deletion_grace_period_seconds
        .and_then(|seconds| u64::try_from(seconds).ok());
    let seconds = match (own, grace) {
        (Some(own), Some(grace))
            if worker.terminate.as_ref().is_some_and(|t| t.grace.is_some()) =>
        {
            own.min(grace)
        }
        (Some(own), _) if hooks => own,
        (_, Some(grace)) => grace,
        _ => worker.pod.spec.grace_period(),
    };
    let grace = i64::try_from(seconds).unwrap_or(i64::MAX);
    let Some(instance) = worker.newest(ix).filter(|instance| instance.is_running()) else {
        return false;
    };
    let kill = Kill { instance: instance.status.id, grace, since: now, stage: KillStage::Turn };
    let pre_stop = hooks && grace > 0 && hooks::has_pre_stop(worker, ix);
    if let Some(rt) = worker.rt_mut(ix) {
        rt.kill = Some(Kill {
            stage: if pre_stop { KillStage::PreStop } else { KillStage::Turn },
            ..kill
        });
    }
    super::steps::mark_acted(world, uid);
    events::pod_event(world, uid, Some(ix), EventType::Normal, "Killing", message);
    true
}

/// Takes the first step of a kill: the preStop hook, or the container's turn.
fn begin(world: &mut World, uid: Uid, ix: ContainerIx) {
    let kill =
        world.workers.get(&uid).and_then(|worker| worker.rt(ix)).and_then(|rt| rt.kill.clone());
    let Some(kill) = kill else { return };
    if kill.stage == KillStage::PreStop {
        let deadline = kill.since + Duration::from_secs(kill.grace.unsigned_abs());
        world.arm_at(Timer::Kill(uid, ix), deadline);
        hooks::begin_pre_stop(world, uid, ix);
    } else {
        advance(world, uid, ix);
    }
}

/// Goes on with stopping a container, whatever it waits for.
pub fn advance(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let Some(kill) = worker.rt(ix).and_then(|rt| rt.kill.clone()) else { return };
    let running = worker
        .newest(ix)
        .is_some_and(|instance| instance.status.id == kill.instance && instance.is_running());
    match kill.stage {
        KillStage::PreStop => after_pre_stop(world, uid, ix, kill),
        _ if !running => stopped(world, uid, ix),
        KillStage::Turn => take_turn(world, uid, ix, kill),
        KillStage::Stopping(at) if world.now >= at => {
            runtime::signal(world, uid, ix, "SIGKILL");
        }
        KillStage::Stopping(_) => {}
    }
}

/// Whole seconds since a stage began.
fn elapsed(world: &World, kill: &Kill) -> i64 {
    i64::try_from(world.now.since(kill.since).as_secs()).unwrap_or(i64::MAX)
}

fn set_kill(world: &mut World, uid: Uid, ix: ContainerIx, kill: Kill) {
    if let Some(rt) = world.workers.get_mut(&uid).and_then(|worker| worker.rt_mut(ix)) {
        rt.kill = Some(kill);
    }
}

fn after_pre_stop(world: &mut World, uid: Uid, ix: ContainerIx, kill: Kill) {
    let used = elapsed(world, &kill);
    let hook = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.newest(ix))
        .and_then(|instance| instance.hook.clone());
    if hook == Some(HookState::Running) && used < kill.grace {
        return;
    }
    world.queue.cancel(&Timer::Kill(uid, ix));
    let kill = Kill { grace: kill.grace - used, since: world.now, stage: KillStage::Turn, ..kill };
    set_kill(world, uid, ix, kill);
    advance(world, uid, ix);
}

/// Whether other containers must have stopped before this one gets its signal.
fn must_wait(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    let Some(worker) = world.workers.get(&uid) else { return false };
    let whole_pod = worker.stage == Stage::Terminating
        || worker
            .indexes()
            .filter(|&other| worker.rt(other).is_some_and(|rt| rt.kill.is_some()))
            .count()
            > 1;
    if !worker.is_sidecar(ix) || !whole_pod {
        return false;
    }
    worker.indexes().any(|other| {
        let before = !worker.is_init(other) || (worker.is_sidecar(other) && other > ix);
        before
            && worker.rt(other).is_some_and(|rt| rt.kill.is_some())
            && worker.newest(other).is_some_and(Instance::is_running)
    })
}

fn take_turn(world: &mut World, uid: Uid, ix: ContainerIx, kill: Kill) {
    let waited = elapsed(world, &kill);
    if kill.grace > 0 && waited < kill.grace && must_wait(world, uid, ix) {
        world.arm_at(
            Timer::Kill(uid, ix),
            kill.since + Duration::from_secs(kill.grace.unsigned_abs()),
        );
        return;
    }
    let grace = (kill.grace - waited).max(MINIMUM_GRACE);
    let at = world.now + Duration::from_secs(grace.unsigned_abs());
    set_kill(world, uid, ix, Kill { stage: KillStage::Stopping(at), since: world.now, ..kill });
    world.arm_at(Timer::Kill(uid, ix), at);
    let signal = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.spec(ix))
        .map_or("SIGTERM", |spec| images::stop_signal(&spec.image));
    runtime::signal(world, uid, ix, signal);
}

/// Begins SyncTerminatingPod.
pub(super) fn begin_terminating(world: &mut World, uid: Uid) {
    status::refresh(world, uid, false);
    let failed = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.terminate.as_ref())
        .and_then(|terminate| terminate.failed.clone());
    if let Some((reason, message)) = failed {
        status::force_failed(world, uid, &reason, &message);
    }
    prober::stop_liveness_and_startup(world, uid);
    let order = match world
        .workers
        .get(&uid)
        .and_then(|worker| worker.terminate.as_ref())
        .and_then(|terminate| terminate.grace)
    {
        Some(seconds) => KillOrder::Override(seconds),
        None => KillOrder::Pod,
    };
    sync::run(
        world,
        uid,
        sync::task([
            Step::KillAll(order),
            Step::AwaitKills,
            Step::StopSandbox,
            Step::EndTerminating,
        ]),
    );
}

/// Ends SyncTerminatingPod: everything has stopped, the status says how.
pub(super) fn end_terminating(world: &mut World, uid: Uid) -> Flow {
    prober::remove_pod(world, uid);
    pleg::relist_pod(world, uid);
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.stopped = true;
        worker.pending = false;
    }
    status::refresh(world, uid, true);
    Flow::Over(Outcome::Transition(Stage::Terminated))
}

/// Begins SyncTerminatedPod.
pub(super) fn begin_terminated(world: &mut World, uid: Uid) {
    status::refresh(world, uid, true);
    let until = world.now + world.config.latencies.sandbox_stop / 2;
    sync::run(world, uid, sync::task([Step::Sleep(until), Step::EndTerminated]));
}

/// The last status: what never ran, or cannot be found, is said to be lost; then the object goes if it was deleted.
pub fn write_last_status(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    finalize(&worker.pod.spec, &mut worker.status);
    status::push(world, uid);
    world.arm_in(Timer::PodGone(uid), super::steps::SMALL);
}

/// Removes the object of a pod whose worker is done, if it was deleted.
pub fn remove_object(world: &mut World, uid: Uid) {
    let deleted = world.store.pod(uid).is_some_and(|pod| pod.meta.deletion_timestamp.is_some());
    if deleted {
        apiserver::remove_pod(world, uid);
    } else if world.store.pod(uid).is_none() {
        pod_worker::forget(world, uid);
    }
}

/// Models `status_manager.go` TerminatePod.
fn finalize(spec: &podplay_api::PodSpec, status: &mut PodStatus) {
    let lost = || {
        let end = Terminated {
            exit_code: 137,
            reason: "ContainerStatusUnknown".into(),
            message: LOST.into(),
            ..Terminated::default()
        };
        ContainerState::Terminated(end)
    };
    if has_initialized(spec, status) {
        for container in &mut status.container_statuses {
            if container.state.terminated().is_none() {
                container.state = lost();
            }
        }
    }
    let last = status
        .init_container_statuses
        .iter()
        .rposition(|c| c.state.terminated().is_some() || c.last_state.terminated().is_some());
    let count =
        last.map_or(usize::from(!status.init_container_statuses.is_empty()), |last| last + 1);
    for container in status.init_container_statuses.iter_mut().take(count) {
        if container.state.terminated().is_none() {
            container.state = lost();
        }
    }
    if !status.phase.is_terminal() {
        status.phase = PodPhase::Failed;
    }
}

fn has_initialized(spec: &podplay_api::PodSpec, status: &PodStatus) -> bool {
    if spec.init_containers.is_empty() {
        return true;
    }
    let moved = |c: &podplay_api::ContainerStatus| {
        c.last_state.terminated().is_some()
            || c.state.is_running()
            || c.state.terminated().is_some()
    };
    if status.container_statuses.iter().any(moved) {
        return true;
    }
    let Some(last) = status.init_container_statuses.last() else { return false };
    if spec.container(&last.name).is_some_and(podplay_api::Container::is_sidecar) {
        return last.state.is_running() && last.started == Some(true);
    }
    let succeeded =
        |state: &ContainerState| state.terminated().is_some_and(|end| end.exit_code == 0);
    succeeded(&last.state) || succeeded(&last.last_state)
}

#[cfg(test)]
mod tests {
    use super::finalize;
    use podplay_api::{FromRaw, PodSpec, PodStatus, Value, json};

    /// A container status: its name, and its state.
    fn container(name: &str, state: &Value) -> Value {
        json!({"name": name, "state": state})
    }

    #[test]
    fn what_nobody_can_find_at_the_end_is_said_to_be_lost() {
        let spec = PodSpec::from_raw(
            &json!({"initContainers": [{"name": "i"}], "containers": [{"name": "c"}]}),
        );
        let (waiting, running) =
            (json!({"waiting": {"reason": "PodInitializing"}}), json!({"running": {}}));
        let done = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
        let failed = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        let table = [
            ("both ended", &done, &done, "Succeeded", (0, 0), "Succeeded"),
            ("the main container runs still", &done, &running, "Running", (0, 137), "Failed"),
            ("it failed", &done, &failed, "Failed", (0, 3), "Failed"),
            ("the init container runs still", &running, &waiting, "Pending", (137, -1), "Failed"),
        ];
        for (name, init, main, phase, (of_init, of_main), expected) in table {
            let mut status = PodStatus::from_raw(&json!({"phase": phase,
                "initContainerStatuses": [container("i", init)], "containerStatuses": [container("c", main)]}));
            finalize(&spec, &mut status);
            let code = |list: &[podplay_api::ContainerStatus]| {
                list.first().and_then(|one| one.state.terminated()).map_or(-1, |end| end.exit_code)
            };
            assert_eq!(code(&status.init_container_statuses), of_init, "{name}");
            assert_eq!(code(&status.container_statuses), of_main, "{name}");
            assert_eq!(status.phase.as_str(), expected, "{name}");
        }
    }
}
