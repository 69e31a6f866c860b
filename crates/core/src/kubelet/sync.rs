//! The three syncs of a pod, each a list of steps, some of which block.
//!
//! Models `pkg/kubelet/kubelet.go` SyncPod, SyncTerminatingPod, SyncTerminatedPod, and
//! `pkg/kubelet/kuberuntime/kuberuntime_manager.go` SyncPod.

use super::compute_actions::{self, Actions, KillReason, ToKill};
use super::start;
use super::termination;
use super::worker::{Sandbox, Stage};
use super::{hooks, images, pleg, pod_worker, prober, resize, settled, status, volumes};
use crate::events;
use crate::ids::{ContainerIx, Uid};
use crate::kubelet::situation::situation;
use crate::kubelet::steps::{mark_acted, push_front, sleep};
use crate::kubelet::task::{Flow, KillOrder, Outcome, StartStep, Step, Task};
use crate::queue::Timer;
use crate::record::{Decision, What};
use crate::runtime;
use crate::version::Difference;
use crate::world::World;
use podplay_api::{EventType, SimTime};

/// Begins the sync that the worker's stage asks for.
pub fn begin(world: &mut World, uid: Uid) {
    let Some(stage) = world.workers.get(&uid).map(|worker| worker.stage) else { return };
    if stage != Stage::Sync {
        world.stir();
    }
    match stage {
        Stage::Sync => begin_sync(world, uid),
        Stage::Terminating => termination::begin_terminating(world, uid),
        Stage::Terminated => termination::begin_terminated(world, uid),
        Stage::Finished => {}
    }
}

fn begin_sync(world: &mut World, uid: Uid) {
    volumes::remount(world, uid);
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.settled {
        debug_assert!(settled::nothing_to_do(world, uid), "a settled pod has work to do");
        pod_worker::complete(world, uid, Outcome::Done);
        return;
    }
    world.stir();
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.settled = worker.pod.spec.active_deadline_seconds.is_none();
    worker.start.get_or_insert(world.now);
    resize::begin_sync(world, uid);
    status::refresh(world, uid, false);
    if world.workers.get(&uid).is_some_and(|worker| worker.status.phase.is_terminal()) {
        pod_worker::complete(world, uid, Outcome::Transition(Stage::Terminating));
        return;
    }
    let deadline = world.now + volumes::TIMEOUT;
    run(world, uid, Task::new([Step::Volumes(deadline), Step::Act]));
}

/// Sets the worker's task and runs it as far as it goes.
pub fn run(world: &mut World, uid: Uid, task: Task) {
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.task = Some(task);
    }
    advance(world, uid);
}

/// A task of these steps.
pub fn task(steps: impl IntoIterator<Item = Step>) -> Task {
    Task::new(steps)
}

/// The pod is to end: a wait for volumes is given up; everything else that is under way finishes first.
pub fn cancel_waiting(world: &mut World, uid: Uid) {
    let waiting = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.task.as_ref())
        .and_then(|task| task.steps.front());
    if matches!(waiting, Some(Step::Volumes(_))) {
        pod_worker::complete(world, uid, Outcome::Error);
    }
}

/// Runs the steps of a task until one blocks or the task is over.
pub fn advance(world: &mut World, uid: Uid) {
    loop {
        let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) else {
            return;
        };
        let Some(step) = task.steps.pop_front() else {
            pod_worker::complete(world, uid, Outcome::Done);
            return;
        };
        match take(world, uid, step.clone()) {
            Flow::Next => {}
            Flow::Wait => {
                if let Some(task) =
                    world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut())
                {
                    task.steps.push_front(step);
                }
                return;
            }
            Flow::Over(outcome) => {
                pod_worker::complete(world, uid, outcome);
                return;
            }
        }
    }
}

fn take(world: &mut World, uid: Uid, step: Step) -> Flow {
    match step {
        Step::Volumes(deadline) => wait_for_volumes(world, uid, deadline),
        Step::Act => {
            act(world, uid);
            Flow::Next
        }
        Step::Sleep(until) => sleep(world, uid, until),
        Step::KillAll(order) => {
            termination::kill_all(world, uid, order);
            Flow::Next
        }
        Step::Kill(kill) => {
            let grace = probe_grace(world, uid, &kill);
            termination::note_end(world, uid, &kill);
            termination::kill(world, uid, kill.ix, &kill.message, grace, true);
            Flow::Next
        }
        Step::AwaitKills => {
            let busy = world
                .workers
                .get(&uid)
                .is_some_and(|worker| worker.containers.iter().any(|rt| rt.kill.is_some()));
            if busy { Flow::Wait } else { Flow::Next }
        }
        Step::StopSandbox => {
            stop_sandbox(world, uid);
            Flow::Next
        }
        Step::CreateSandbox(attempt) => create_sandbox(world, uid, attempt),
        Step::SandboxUp(attempt) => {
            sandbox_up(world, uid, attempt);
            Flow::Next
        }
        Step::Start(ix, stage) => start::step(world, uid, ix, stage),
        Step::Resize(ix) => {
            resize::actuate(world, uid, ix);
            Flow::Next
        }
        Step::Remove(ix) => {
            remove_container(world, uid, ix);
            Flow::Next
        }
        Step::EndSync => end_sync(world, uid),
        Step::EndTerminating => termination::end_terminating(world, uid),
        Step::EndTerminated => Flow::Over(Outcome::Finished),
    }
}

fn wait_for_volumes(world: &mut World, uid: Uid, deadline: SimTime) -> Flow {
    if volumes::ready(world, uid) {
        prober::add_pod(world, uid);
        return Flow::Next;
    }
    if world.now >= deadline {
        // Only the log hears of it: an interrupted wait makes no event (`pkg/kubelet/kubelet.go` SyncPod).
        return Flow::Over(Outcome::Error);
    }
    volumes::start_mounting(world, uid);
    world.arm_at(Timer::PodTask(uid), deadline);
    Flow::Wait
}

fn act(world: &mut World, uid: Uid) {
    images::look_for_pull_secrets(world, uid);
    let Some(situation) = situation(world, uid) else { return };
    let actions = compute_actions::compute(&situation);
    if !actions.is_empty() {
        let worker = world.workers.get(&uid);
        let name = |ix| worker.and_then(|worker| worker.rt(ix)).map_or("", |rt| &*rt.name);
        let text = actions.describe(&name);
        let subject = world.pod_subject(uid);
        world.record(subject, What::Decision(Decision::Sync { actions: text.into() }));
        settled::unsettle(world, uid);
    }
    let steps = steps_of(world, uid, actions);
    push_front(world, uid, steps);
}

fn steps_of(world: &mut World, uid: Uid, actions: Actions) -> Vec<Step> {
    let mut steps = Vec::new();
    let had_sandbox = world.workers.get(&uid).is_some_and(|worker| !worker.sandboxes.is_empty());
    if actions.kill_pod {
        if actions.create_sandbox && had_sandbox {
            let message = "Pod sandbox changed, it will be killed and re-created.";
            events::pod_event(world, uid, None, EventType::Normal, "SandboxChanged", message);
        }
        if had_sandbox {
            steps.extend([Step::KillAll(KillOrder::Pod), Step::AwaitKills, Step::StopSandbox]);
        }
        if !actions.create_sandbox {
            steps.push(Step::EndSync);
            return steps;
        }
        if had_sandbox {
            purge_init_containers(world, uid);
        }
    }
    for kill in actions.kill {
        steps.extend([Step::Kill(kill), Step::AwaitKills]);
    }
    for ix in actions.reset {
        steps.extend([Step::Remove(ix), Step::AwaitKills, Step::Remove(ix)]);
    }
    if actions.create_sandbox {
        steps.push(Step::CreateSandbox(actions.attempt));
    }
    let start = |ix| Step::Start(ix, StartStep::Check);
    steps.extend(actions.ephemeral.into_iter().chain(actions.init).map(start));
    steps.extend(actions.resize.into_iter().map(Step::Resize));
    steps.extend(actions.regular.into_iter().map(start));
    steps.push(Step::EndSync);
    steps
}

/// After a new sandbox init containers run again, as if they never had.
fn purge_init_containers(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let count = worker.init_count();
    for rt in worker.containers.iter_mut().take(count) {
        if let Some(last) = rt.instances.last() {
            rt.removed_restarts = Some(last.status.restart);
        }
        rt.instances.retain(runtime::Instance::is_running);
    }
}

/// The grace period of a kill that a probe caused, if the probe has its own.
fn probe_grace(world: &World, uid: Uid, kill: &ToKill) -> Option<u64> {
    let worker = world.workers.get(&uid)?;
    let spec = worker.spec(kill.ix)?;
    let probe = match kill.reason {
        KillReason::LivenessProbe => spec.liveness_probe.as_ref(),
        KillReason::StartupProbe => spec.startup_probe.as_ref(),
        KillReason::Other => None,
    };
    probe
        .and_then(|probe| probe.termination_grace_period_seconds)
        .and_then(|seconds| u64::try_from(seconds).ok())
}

pub(super) fn stop_sandbox(world: &mut World, uid: Uid) {
    let pause = world.config.latencies.sandbox_stop;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let Some(sandbox) = worker.sandboxes.last_mut().filter(|sandbox| sandbox.ready) else { return };
    sandbox.ready = false;
    let subject = world.pod_subject(uid);
    world.record(subject, What::Sandbox { ready: false });
    mark_acted(world, uid);
    crate::kubelet::steps::runtime_changed(world, uid);
    let until = world.now + pause;
    push_front(world, uid, [Step::Sleep(until)]);
}

fn create_sandbox(world: &mut World, uid: Uid, attempt: u32) -> Flow {
    let until = world.now + super::node::shared(world, uid, world.config.latencies.sandbox);
    push_front(world, uid, [Step::Sleep(until), Step::SandboxUp(attempt)]);
    Flow::Next
}

fn sandbox_up(world: &mut World, uid: Uid, attempt: u32) {
    let ip = super::node::next_address(world, uid);
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.sandboxes.push(Sandbox { attempt, ready: true, ip: ip.into() });
    if worker.sandboxes.len() > 2 {
        worker.sandboxes.remove(0);
    }
    let subject = world.pod_subject(uid);
    world.record(subject, What::Sandbox { ready: true });
    mark_acted(world, uid);
    super::dns::complain(world, uid);
    crate::kubelet::steps::runtime_changed(world, uid);
    status::sandbox_ready(world, uid);
}

/// For a restart of all containers: the first pass stops the container, the second removes it.
fn remove_container(world: &mut World, uid: Uid, ix: ContainerIx) {
    let running = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.newest(ix))
        .is_some_and(runtime::Instance::is_running);
    mark_acted(world, uid);
    if running {
        termination::kill(world, uid, ix, "killing", Some(0), false);
        return;
    }
    let Some(rt) = world.workers.get_mut(&uid).and_then(|worker| worker.rt_mut(ix)) else { return };
    let Some(last) = rt.instances.last() else { return };
    rt.removed_restarts = Some(last.status.restart);
    rt.instances.clear();
    let subject = world.container_subject(uid, ix);
    world.record(subject, What::Decision(Decision::Removed));
    crate::kubelet::steps::runtime_changed(world, uid);
}

fn end_sync(world: &mut World, uid: Uid) -> Flow {
    let Some(worker) = world.workers.get_mut(&uid) else { return Flow::Over(Outcome::Done) };
    let Some(task) = worker.task.as_mut() else { return Flow::Over(Outcome::Done) };
    let (held, failed, acted) = (task.held, task.failed, task.acted);
    for (ix, reason) in std::mem::take(&mut task.starts) {
        if let Some(rt) = worker.containers.get_mut(usize::from(ix)) {
            rt.reason = reason;
        }
    }
    let was_reset =
        worker.restarting_all && worker.containers.iter().all(|rt| rt.instances.is_empty());
    if was_reset {
        worker.restarting_all = false;
    }
    hooks::forget_finished(worker);
    if failed {
        return Flow::Over(Outcome::Error);
    }
    if let Some(until) = held {
        return Flow::Over(Outcome::BackOff(until));
    }
    if acted && world.config.kubernetes.has(Difference::RelistOnDemand) {
        pleg::relist_on_demand(world, uid);
    }
    Flow::Over(if was_reset { Outcome::Again } else { Outcome::Done })
}
