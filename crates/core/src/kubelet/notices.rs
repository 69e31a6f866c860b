//! What the runtime tells the kubelet, and what follows.

use super::{eviction, hooks, phase, prober, steps};
use crate::ids::{ContainerIx, Uid};
use crate::runtime::instance::{ExecEnd, Hook, Purpose};
use crate::runtime::notice::Notice;
use crate::world::World;

/// Takes a notice.
pub(crate) fn take(world: &mut World, notice: Notice) {
    match notice {
        Notice::Changed(uid) => steps::runtime_changed(world, uid),
        Notice::Exited(uid, ix, code) => {
            steps::runtime_changed(world, uid);
            steps::exited(world, uid, ix);
            note_restart_all(world, uid, ix, code);
        }
        Notice::Wrote(uid) => eviction::written(world, uid),
        Notice::HookEnded(uid, ix, hook, error) => hooks::finished(world, uid, ix, hook, error),
        Notice::ExecEnded { uid, ix, purpose: Purpose::Probe(kind), command, end } => {
            prober::exec_finished(world, uid, ix, kind, &command, end);
        }
        Notice::ExecEnded { uid, ix, purpose: Purpose::Hook(hook), command, end } => {
            hook_ended(world, uid, ix, hook, &command, end);
        }
        Notice::ExecEnded { .. } => {}
    }
}

fn hook_ended(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    hook: Hook,
    command: &[String],
    end: ExecEnd,
) {
    let error = match end {
        ExecEnd::Exited { code: 0, .. } => None,
        ExecEnd::Exited { code, output } => {
            hooks::exec_error(world, uid, ix, command, code, &String::from_utf8_lossy(&output))
        }
        ExecEnd::TimedOut { .. } => Some("command timed out".into()),
        ExecEnd::Failed(message) | ExecEnd::NotStarted(_, message) => Some(message),
    };
    hooks::finished(world, uid, ix, hook, error);
}

/// An exit that matches a rule restarts all containers of the pod.
fn note_restart_all(world: &mut World, uid: Uid, ix: ContainerIx, code: i32) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let matched = worker.spec(ix).and_then(|spec| phase::matching_rule(spec, code))
        == Some("RestartAllContainers");
    if matched && worker.terminate.is_none() && worker.rt(ix).is_some_and(|rt| rt.kill.is_none()) {
        worker.restarting_all = true;
    }
}
