//! Starting one container: back-off, image, creation, start, postStart hook. Everything blocks the next container.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_container.go` startContainer and `kuberuntime_manager.go` doBackOff.

use super::{backoff, environment, hooks, images};
use crate::events;
use crate::ids::{ContainerIx, Uid};
use crate::kubelet::steps::{mark_acted, push_front};
use crate::kubelet::task::{Flow, StartStep, Step};
use crate::record::What;
use crate::runtime;
use crate::runtime::instance::InstanceState;
use crate::version::Difference;
use crate::world::World;
use podplay_api::{EventType, SimTime};
use std::sync::Arc;

/// Takes one step.
pub fn step(world: &mut World, uid: Uid, ix: ContainerIx, stage: StartStep) -> Flow {
    match stage {
        StartStep::Check => check(world, uid, ix),
        StartStep::Image => images::ensure(world, uid, ix),
        StartStep::Pulling(until) => images::pulling(world, uid, ix, until),
        StartStep::Create => create(world, uid, ix),
        StartStep::Run => run(world, uid, ix),
        StartStep::PostStart => hooks::post_start(world, uid, ix),
        StartStep::Hook => hooks::await_post_start(world, uid, ix),
        StartStep::HookFailed(message) => {
            fail(world, uid, ix, "PostStartHookError", message);
            Flow::Next
        }
    }
}

/// Goes on to `stage` of the same container.
pub(super) fn then(world: &mut World, uid: Uid, ix: ContainerIx, stage: StartStep) -> Flow {
    push_front(world, uid, [Step::Start(ix, stage)]);
    Flow::Next
}

fn check(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let (now, longest) = (world.now, world.config.max_restart_period);
    let Some(worker) = world.workers.get_mut(&uid) else { return Flow::Next };
    let Some(spec) = worker.spec(ix) else { return Flow::Next };
    let key = format!("{}\n{:?}", spec.image, spec.resources);
    let name = spec.name.clone();
    let last_exit = worker
        .view
        .instances(ix)
        .iter()
        .rev()
        .find(|instance| instance.state == InstanceState::Exited)
        .and_then(|instance| instance.finished_at);
    let full_name = worker.full_name();
    let (pod, namespace) = (worker.pod.meta.name.clone(), worker.pod.meta.namespace.clone());
    let Some(rt) = worker.rt_mut(ix) else { return Flow::Next };
    if rt.backoff_key != key {
        rt.backoff = None;
        rt.backoff_key = key;
    }
    let Some(finished) = last_exit else { return then(world, uid, ix, StartStep::Image) };
    if let Some(until) = backoff::held_until(rt.backoff, finished, now) {
        let delay = rt.backoff.map_or(backoff::INITIAL, |entry| entry.delay);
        let text = format!(
            "Back-off restarting failed container {name} in pod {pod}_{namespace}({})",
            worker.pod.meta.uid
        );
        hold_back(world, uid, ix, until, delay.as_secs(), &text);
        let message = format!(
            "back-off {} restarting failed container={name} pod={full_name}",
            backoff::go_duration(delay)
        );
        abort_if_init(world, uid, ix);
        note(world, uid, ix, Some(("CrashLoopBackOff".into(), message)));
        return Flow::Next;
    }
    rt.backoff = Some(backoff::next(rt.backoff, finished, now).at_most(longest));
    then(world, uid, ix, StartStep::Image)
}

fn hold_back(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    until: SimTime,
    delay_seconds: u64,
    text: &str,
) {
    let subject = world.container_subject(uid, ix);
    world.record(subject, What::BackOff { until, delay_seconds });
    events::pod_event(world, uid, Some(ix), EventType::Warning, "BackOff", text);
    if let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) {
        task.held = Some(task.held.map_or(until, |earlier| earlier.min(until)));
    }
}

/// Notes how the start of a container went, for the reason cache.
pub(super) fn note(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    reason: Option<(Arc<str>, String)>,
) {
    if let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) {
        task.starts.push((ix, reason));
    }
}

/// The start failed: note it, and give up the containers behind a plain init container.
pub(super) fn fail(world: &mut World, uid: Uid, ix: ContainerIx, reason: &str, message: String) {
    note(world, uid, ix, Some((reason.into(), message)));
    if let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) {
        task.failed = true;
    }
    abort_if_init(world, uid, ix);
}

/// The runtime refused: its words become an event too.
fn fail_with_event(world: &mut World, uid: Uid, ix: ContainerIx, reason: &str, message: String) {
    let text = format!("Error: {message}");
    events::pod_event(world, uid, Some(ix), EventType::Warning, "Failed", &text);
    fail(world, uid, ix, reason, message);
}

fn abort_if_init(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.is_init(ix)
        && !worker.is_sidecar(ix)
        && let Some(task) = worker.task.as_mut()
    {
        task.steps.retain(|step| !matches!(step, Step::Start(..)));
    }
}

fn create(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let prepared = match environment::prepare(world, uid, ix) {
        Ok(prepared) => prepared,
        Err(message) => {
            fail_with_event(world, uid, ix, "CreateContainerConfigError", message);
            return Flow::Next;
        }
    };
    mark_acted(world, uid);
    if let Err(message) = runtime::create(world, uid, ix, prepared) {
        fail_with_event(world, uid, ix, "CreateContainerError", message);
        return Flow::Next;
    }
    let text = container_event(world, uid, ix, "Container created", "Created container: ");
    events::pod_event(world, uid, Some(ix), EventType::Normal, "Created", &text);
    let until = world.now + super::node::shared(world, uid, world.config.latencies.start);
    push_front(world, uid, [Step::Sleep(until), Step::Start(ix, StartStep::Run)]);
    Flow::Next
}

/// The words of an event about a container: before 1.35 they named it.
fn container_event(world: &World, uid: Uid, ix: ContainerIx, now: &str, before: &str) -> String {
    if world.config.kubernetes.has(Difference::EventNames) {
        return now.into();
    }
    let name = world.workers.get(&uid).and_then(|worker| worker.rt(ix)).map_or("", |rt| &rt.name);
    format!("{before}{name}")
}

fn run(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let started = runtime::start(world, uid, ix);
    crate::kubelet::steps::runtime_changed(world, uid);
    match started {
        Ok(()) => {
            let text = container_event(world, uid, ix, "Container started", "Started container ");
            events::pod_event(world, uid, Some(ix), EventType::Normal, "Started", &text);
            then(world, uid, ix, StartStep::PostStart)
        }
        Err(message) => {
            fail_with_event(world, uid, ix, "RunContainerError", message);
            Flow::Next
        }
    }
}

/// The container is up, and its hook too: on to the next.
pub(super) fn succeeded(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    note(world, uid, ix, None);
    push_front(world, uid, [Step::Sleep(world.now + super::steps::SMALL)]);
    Flow::Next
}
