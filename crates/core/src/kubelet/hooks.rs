//! Lifecycle hooks: postStart beside the entrypoint, preStop before the stop signal.
//!
//! Models `pkg/kubelet/lifecycle/handlers.go` and its callers in `pkg/kubelet/kuberuntime/kuberuntime_container.go`.

use super::start::{self, then};
use super::termination;
use super::worker::{EndedBy, KillStage, Worker};
use crate::events;
use crate::faults::rules::HookFault;
use crate::ids::{ContainerIx, Uid};
use crate::kubelet::steps::{poke_task, push_front};
use crate::kubelet::task::{Flow, StartStep, Step};
use crate::network;
use crate::queue::Timer;
use crate::record::What;
use crate::runtime;
use crate::runtime::instance::{Hook, HookState, Purpose};
use crate::world::World;
use podplay_api::{EventType, LifecycleHandler};
use std::sync::Arc;
use std::time::Duration;

fn handler(worker: &Worker, ix: ContainerIx, hook: Hook) -> Option<LifecycleHandler> {
    let lifecycle = worker.spec(ix)?.lifecycle.as_ref()?;
    match hook {
        Hook::PostStart => lifecycle.post_start.clone(),
        Hook::PreStop => lifecycle.pre_stop.clone(),
    }
}

/// Whether the container has a preStop hook.
pub fn has_pre_stop(worker: &Worker, ix: ContainerIx) -> bool {
    handler(worker, ix, Hook::PreStop).is_some()
}

/// Begins the postStart hook, if there is one.
pub(super) fn post_start(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let Some(handler) =
        world.workers.get(&uid).and_then(|worker| handler(worker, ix, Hook::PostStart))
    else {
        return start::succeeded(world, uid, ix);
    };
    begin(world, uid, ix, Hook::PostStart, &handler);
    then(world, uid, ix, StartStep::Hook)
}

/// Waits for the postStart hook; on failure the container is stopped with its whole grace period.
pub(super) fn await_post_start(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let state = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.newest(ix))
        .and_then(|instance| instance.hook.clone());
    match state {
        Some(HookState::Running) => Flow::Wait,
        None | Some(HookState::Done(None)) => start::succeeded(world, uid, ix),
        Some(HookState::Done(Some(error))) => {
            events::pod_event(
                world,
                uid,
                Some(ix),
                EventType::Warning,
                "FailedPostStartHook",
                "PostStartHook failed",
            );
            if let Some(worker) = world.workers.get_mut(&uid)
                && let Some(id) = worker.newest(ix).map(|instance| instance.status.id)
                && let Some(rt) = worker.rt_mut(ix)
            {
                rt.ended = Some((id, EndedBy::PostStart(error.clone())));
            }
            termination::kill(world, uid, ix, "FailedPostStartHook", None, true);
            push_front(
                world,
                uid,
                [Step::AwaitKills, Step::Start(ix, StartStep::HookFailed(error))],
            );
            Flow::Next
        }
    }
}

/// Begins a hook of the newest instance. Its end is reported by [`finished`].
pub fn begin(world: &mut World, uid: Uid, ix: ContainerIx, hook: Hook, handler: &LifecycleHandler) {
    let subject = world.container_subject(uid, ix);
    world.record_cause(subject, What::Hook { name: hook.as_str(), began: true, error: None });
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.hook = Some(HookState::Running);
    }
    if let Some((fault, began)) = crate::faults::hook(world, uid, ix) {
        if fault == HookFault::Fails {
            world.cause = Some(began);
            finished(world, uid, ix, hook, Some("the hook was made to fail".into()));
        }
        return;
    }
    if let Some(exec) = &handler.exec {
        runtime::exec(world, uid, ix, &exec.command, Purpose::Hook(hook), None, Vec::new());
    } else if let Some(sleep) = &handler.sleep {
        let until = world.now + Duration::from_secs(sleep.seconds.unsigned_abs());
        runtime::finish_hook_at(world, uid, ix, hook, until, None);
    } else if let Some(get) = &handler.http_get {
        let answer = network::hook_get(world, uid, ix, get);
        let until = world.now + answer.after;
        let error = answer.error.and_then(|error| http_error(world, uid, ix, &get.path, &error));
        runtime::finish_hook_at(world, uid, ix, hook, until, error);
    } else {
        let error = "Cannot run handler: invalid handler: &LifecycleHandler{Exec:nil,HTTPGet:nil,TCPSocket:&TCPSocketAction{},Sleep:nil,}";
        finished(world, uid, ix, hook, Some(error.into()));
    }
}

/// The error of an HTTP hook.
///
/// Models `pkg/kubelet/lifecycle/handlers.go` Run.
fn http_error(world: &World, uid: Uid, ix: ContainerIx, path: &str, error: &str) -> Option<String> {
    let worker = world.workers.get(&uid)?;
    Some(format!(
        "HTTP lifecycle hook ({path}) for Container \"{}\" in Pod \"{}\" failed - error: {error}",
        worker.rt(ix)?.name,
        worker.full_name()
    ))
}

/// Begins the preStop hook of a container that is being stopped.
pub fn begin_pre_stop(world: &mut World, uid: Uid, ix: ContainerIx) {
    if let Some(handler) =
        world.workers.get(&uid).and_then(|worker| handler(worker, ix, Hook::PreStop))
    {
        begin(world, uid, ix, Hook::PreStop, &handler);
    }
}

/// A hook has ended.
pub fn finished(world: &mut World, uid: Uid, ix: ContainerIx, hook: Hook, error: Option<String>) {
    let subject = world.container_subject(uid, ix);
    let failed = error.is_some();
    let told = error.as_deref().map(Arc::from);
    let ended =
        world.record(subject, What::Hook { name: hook.as_str(), began: false, error: told });
    if failed {
        world.cause = Some(ended);
    }
    let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    else {
        return;
    };
    if instance.hook != Some(HookState::Running) {
        return;
    }
    instance.hook = Some(HookState::Done(error));
    match hook {
        Hook::PostStart => poke_task(world, uid),
        Hook::PreStop => {
            if failed {
                events::pod_event(
                    world,
                    uid,
                    Some(ix),
                    EventType::Warning,
                    "FailedPreStopHook",
                    "PreStopHook failed",
                );
            }
            // A hook that outlived its grace period finds the container on its way to SIGKILL.
            let kill = world.workers.get(&uid).and_then(|worker| worker.rt(ix)?.kill.as_ref());
            if kill.is_some_and(|kill| kill.stage == KillStage::PreStop) {
                world.arm_at(Timer::Kill(uid, ix), world.now);
            }
        }
    }
}

/// The error of an exec hook that ended with a code other than 0.
pub fn exec_error(
    world: &World,
    uid: Uid,
    ix: ContainerIx,
    command: &[String],
    code: i32,
    output: &str,
) -> Option<String> {
    let worker = world.workers.get(&uid)?;
    let rt = worker.rt(ix)?;
    let line = command.join(" ");
    Some(format!(
        "Exec lifecycle hook ([{line}]) for Container \"{}\" in Pod \"{}\" failed - error: command '{line}' exited with {code}: {output}, message: {output:?}",
        rt.name,
        worker.full_name()
    ))
}

/// After a sync: hooks that have ended are forgotten.
pub(super) fn forget_finished(worker: &mut Worker) {
    for instance in worker.containers.iter_mut().filter_map(|rt| rt.instances.last_mut()) {
        if matches!(instance.hook, Some(HookState::Done(_))) {
            instance.hook = None;
        }
    }
}
