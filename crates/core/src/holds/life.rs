//! A container's life: exits and restarts, probes, hooks, init containers that go on.

use super::{Exit, Hold, Look, Probing, Wait};
use crate::ids::ContainerIx;
use crate::kubelet::worker::{ContainerRt, EndedBy, Worker};
use crate::runtime::answer::Reply;
use crate::runtime::instance::{HookState, Instance, InstanceState};
use podplay_api::{Container, PodPhase, ProbeKind, RestartPolicy, SimTime};
use std::time::Duration;

/// A restart is forgotten when the container has run for so long since.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// A hook or an init container that has run for less is not waited for yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// What holds up a container that was started.
pub(super) fn container(look: &Look<'_>, container: &Container) -> Vec<Hold> {
    let Some(worker) = look.world.workers.get(&look.entry.uid) else { return Vec::new() };
    let Some(ix) = worker.index(&container.name) else { return Vec::new() };
    let Some(rt) = worker.rt(ix) else { return Vec::new() };
    if worker.is_ephemeral(ix) {
        return Vec::new();
    }
    let mut found: Vec<Hold> = exit(look, worker, ix, rt, container).into_iter().collect();
    let running = rt.instances.last().filter(|instance| instance.is_running());
    if let Some(instance) = running {
        found.extend(hook(look, container, instance));
        found.extend(init(look, worker, ix, container, instance));
        found.extend(probes(look, worker, ix, container, instance));
    }
    found
}

fn ran(instance: &Instance, now: SimTime) -> Duration {
    let started = instance.status.started_at.unwrap_or(now);
    instance.status.finished_at.unwrap_or(now).since(started)
}

/// The last end, if it is not long past or still the state of things.
fn exit(
    look: &Look<'_>,
    worker: &Worker,
    ix: ContainerIx,
    rt: &ContainerRt,
    container: &Container,
) -> Option<Hold> {
    let now = look.world.now;
    let exited = |instance: &&Instance| instance.status.state == InstanceState::Exited;
    let last = rt.instances.iter().rev().find(exited)?;
    // One that was never started has another hold.
    last.status.started_at?;
    let newest = rt.instances.last()?;
    let current = newest.status.id == last.status.id;
    let (plain_init, code) = (worker.is_init(ix) && !worker.is_sidecar(ix), last.status.exit_code);
    let before = ran(last, now);
    if current {
        let ended_well = code == 0
            && !worker.is_sidecar(ix)
            && (plain_init || worker.pod.spec.restart_policy != RestartPolicy::Always);
        let restarted =
            newest.status.restart > 0 || look.entry.pod.status.phase == PodPhase::Failed;
        // The first end is followed by a restart at once: only what fails is a hold by then.
        if ended_well || code == 0 && !restarted {
            return None;
        }
    } else {
        let up = ran(newest, now);
        if plain_init || up > FORGOTTEN || up > (before * 2).max(Duration::from_secs(30)) {
            return None;
        }
    }
    // While the next one is being ended, the note is about that.
    let noted = [last.status.id, newest.status.id];
    let by = rt.ended.as_ref().filter(|(id, _)| noted.contains(id)).map(|(_, by)| by.clone());
    let exit = Exit {
        code,
        reason: last.status.reason.clone(),
        restarts: newest.status.restart,
        ran: before,
        at: last.status.finished_at.unwrap_or(now),
        reply: rt.last_reply.clone().filter(|_| by.is_some()),
        by,
        init: plain_init,
    };
    let since = exit.at;
    let base = look.path(&container.name);
    let paths = paths_of(&exit, &base);
    Some(look.of_container(&container.name, since, Wait::Exit(exit), paths))
}

fn paths_of(exit: &Exit, base: &str) -> Vec<String> {
    let under = |fields: &[&str]| fields.iter().map(|field| format!("{base}.{field}")).collect();
    match &exit.by {
        Some(EndedBy::Probe(ProbeKind::Startup)) => {
            under(&["startupProbe.failureThreshold", "startupProbe.periodSeconds", "startupProbe"])
        }
        Some(EndedBy::Probe(_)) => under(&["livenessProbe"]),
        Some(EndedBy::PostStart(_)) => under(&["lifecycle.postStart"]),
        None if &*exit.reason == "OOMKilled" => {
            under(&["resources.limits.memory", "command", "args"])
        }
        None => under(&["command", "args", "image", "env"]),
    }
}

/// A postStart hook that does not end, or failed.
fn hook(look: &Look<'_>, container: &Container, instance: &Instance) -> Option<Hold> {
    let since = instance.status.started_at?;
    let running = instance.hook == Some(HookState::Running);
    if !running || look.world.now.since(since) < PATIENCE {
        return None;
    }
    let base = look.path(&container.name);
    let paths = vec![format!("{base}.lifecycle.postStart")];
    Some(look.of_container(&container.name, since, Wait::Hook("postStart", None), paths))
}

/// An init container that goes on while others wait for its end.
fn init(
    look: &Look<'_>,
    worker: &Worker,
    ix: ContainerIx,
    container: &Container,
    instance: &Instance,
) -> Option<Hold> {
    let since = instance.status.started_at?;
    let plain = worker.is_init(ix) && !worker.is_sidecar(ix);
    if !plain || look.world.now.since(since) < PATIENCE {
        return None;
    }
    let base = look.path(&container.name);
    let paths = vec![format!("{base}.command"), format!("{base}.args"), format!("{base}.image")];
    let wait = Wait::Init(instance.asked.clone());
    Some(look.of_container(&container.name, since, wait, paths))
}

/// Probes whose last attempts failed.
fn probes(
    look: &Look<'_>,
    worker: &Worker,
    ix: ContainerIx,
    container: &Container,
    instance: &Instance,
) -> Vec<Hold> {
    let now = look.world.now;
    let since = instance.status.started_at.unwrap_or(now);
    let listens = super::services::listens(look.world, look.entry.uid, Some(ix));
    let base = look.path(&container.name);
    let failing = |kind: ProbeKind| {
        let prober = worker.probers.get(&(ix, kind))?;
        // An attempt that hangs beyond its limit is none yet: the runtime has not given it up.
        let limit = kind.of(container).map_or(1, podplay_api::Probe::timeout);
        let hangs = prober.in_flight.is_some_and(|at| now.since(at) > Duration::from_secs(limit));
        let reply = prober.reply.clone().or_else(|| hangs.then_some(Reply::TimedOut))?;
        let probing = Probing {
            kind,
            reply,
            failures: prober.run.max(if hangs { 2 } else { 0 }),
            listens: listens.clone(),
            running: now.since(since),
        };
        let at = format!("{base}.{}Probe", kind.as_str().to_ascii_lowercase());
        Some(look.of_container(&container.name, since, Wait::Probe(probing), vec![at]))
    };
    [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness]
        .into_iter()
        .filter_map(failing)
        .collect()
}
