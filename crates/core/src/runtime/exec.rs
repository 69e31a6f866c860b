//! Commands run in a container beside its main process: probes, hooks, `kubectl exec`.

use super::process::{drive, traces_of, with_process};
use crate::apiserver::error::{ApiError, Reason};
use crate::ids::{ContainerIx, ExecId, Uid};
use crate::limits;
use crate::queue::Timer;
use crate::runtime::instance::{ExecEnd, ExecOutput, ExecRun, Instance, Purpose};
use crate::runtime::logs;
use crate::runtime::notice::Notice;
use crate::world::World;
use podplay_shell::{Session, SessionState, Signal, SpawnOptions};
use std::time::Duration;

/// Runs a command in the newest instance of a container.
pub fn exec(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    command: &[String],
    purpose: Purpose,
    limit: Option<Duration>,
    stdin: Vec<u8>,
) {
    let now = world.now;
    world.stir();
    let hangs = crate::faults::hangs(world, uid, ix);
    if let Some(traces) = traces_of(world, uid, ix) {
        traces.met = hangs;
    }
    if hangs.is_some() {
        if let (Purpose::Probe(_), Some(limit)) = (purpose, limit) {
            finish(world, uid, ix, purpose, command, ExecEnd::TimedOut { after: limit });
        }
        return;
    }
    let running = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.newest(ix))
        .is_some_and(|instance| instance.is_running() && instance.is_alive());
    if !running {
        let message = "rpc error: code = Unknown desc = failed to exec in container: container is in CONTAINER_EXITED state";
        finish(world, uid, ix, purpose, command, ExecEnd::Failed(message.into()));
        return;
    }
    if matches!(purpose, Purpose::Probe(_)) && runs_assumed_program(world, uid, ix) {
        let end = ExecEnd::Exited { code: 0, output: Vec::new() };
        finish(world, uid, ix, purpose, command, end);
        return;
    }
    let options = SpawnOptions { stdin: Some(stdin), ..SpawnOptions::default() };
    let argv = command.to_vec();
    let spawned = with_process(world, uid, ix, |process, host| {
        process.spawn(now.as_nanos(), &argv, options, host)
    });
    match spawned {
        Some(Ok(session)) => {
            began(
                world,
                uid,
                ix,
                ExecRun {
                    number: 0,
                    session,
                    purpose,
                    command: argv,
                    output: Vec::new(),
                    limit,
                    timed_out: false,
                },
            );
            drive(world, uid, ix);
        }
        Some(Err(error)) => {
            let n = u64::from(world.count("exec id"));
            let id = crate::random::hex(world.config.seed, "exec", &n.to_string(), 64);
            let message = format!(
                "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"{id}\": OCI runtime exec failed: exec failed: unable to start container process: {error}"
            );
            let program = command.first().cloned().unwrap_or_default();
            finish(world, uid, ix, purpose, command, ExecEnd::NotStarted(program, message));
        }
        None => {}
    }
}

/// Nobody knows what is in the container's image: a probe's command is assumed to succeed.
fn runs_assumed_program(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    let newest = world.workers.get(&uid).and_then(|worker| worker.newest(ix));
    newest.is_some_and(|instance| instance.assumed)
}

fn began(world: &mut World, uid: Uid, ix: ContainerIx, mut run: ExecRun) {
    let limit = run.limit;
    let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    else {
        return;
    };
    run.number = instance.next_exec;
    instance.next_exec += 1;
    let number = run.number;
    instance.execs.push(run);
    if let Some(limit) = limit {
        world.arm_in(Timer::ExecTimeout(uid, ix, number), limit);
    }
}

/// The time of an exec is over: its process is killed; it has ended when nobody holds its output any more.
pub fn exec_timeout(world: &mut World, uid: Uid, ix: ContainerIx, number: u32) {
    let now = world.now.as_nanos();
    let run = world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.newest_mut(ix))
        .and_then(|instance| instance.execs.iter_mut().find(|run| run.number == number));
    let Some(run) = run else { return };
    run.timed_out = true;
    let session = run.session;
    with_process(world, uid, ix, |process, _| process.signal(now, session, Signal::KILL));
    drive(world, uid, ix);
}

/// Output of a session that is an exec; returns the command's id if it came from outside.
pub(super) fn output(
    instance: &mut Instance,
    session: Session,
    _stderr: bool,
    bytes: &[u8],
) -> Option<ExecId> {
    let run = instance.execs.iter_mut().find(|run| run.session == session)?;
    let room = limits::EXEC_OUTPUT.saturating_sub(run.output.len());
    run.output.extend_from_slice(&bytes[..bytes.len().min(room)]);
    match run.purpose {
        Purpose::Command(id) => Some(id),
        Purpose::Probe(_) | Purpose::Hook(_) => None,
    }
}

/// Output of an exec that came from outside, by stream.
pub(super) fn command_output(world: &mut World, id: ExecId, stderr: bool, bytes: &[u8]) {
    let slot = world.execs.entry(id).or_default();
    let stream = if stderr { &mut slot.stderr } else { &mut slot.stdout };
    let room = limits::EXEC_OUTPUT.saturating_sub(stream.len());
    stream.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// Finds execs that have ended, and tells those who wait for them.
pub(super) fn collect(world: &mut World, uid: Uid, ix: ContainerIx) {
    loop {
        let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
        else {
            return;
        };
        let Some(process) = instance.process.as_mut() else { return };
        let ended = instance.execs.iter().position(|run| {
            matches!(process.session(run.session), SessionState::Exited { drained: true, .. })
        });
        let Some(position) = ended else { return };
        let run = instance.execs.remove(position);
        let code = match process.session(run.session) {
            SessionState::Exited { status, .. } => i32::from(status.code()),
            SessionState::Running => 0,
        };
        process.forget(run.session);
        world.queue.cancel(&Timer::ExecTimeout(uid, ix, run.number));
        let end = match (run.timed_out, run.limit) {
            (true, Some(after)) => ExecEnd::TimedOut { after },
            _ => ExecEnd::Exited { code, output: run.output },
        };
        finish(world, uid, ix, run.purpose, &run.command, end);
    }
}

/// The container has ended: its execs end with it.
pub(super) fn abort_all(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    else {
        return;
    };
    for run in std::mem::take(&mut instance.execs) {
        world.queue.cancel(&Timer::ExecTimeout(uid, ix, run.number));
        finish(
            world,
            uid,
            ix,
            run.purpose,
            &run.command,
            ExecEnd::Exited { code: 137, output: run.output },
        );
    }
}

fn finish(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    purpose: Purpose,
    command: &[String],
    end: ExecEnd,
) {
    match purpose {
        Purpose::Probe(_) | Purpose::Hook(_) => {
            let command = command.to_vec();
            world.notify(Notice::ExecEnded { uid, ix, purpose, command, end });
        }
        Purpose::Command(id) => {
            let now = world.now;
            let slot = world.execs.entry(id).or_default();
            slot.ended = Some(now);
            match end {
                ExecEnd::Exited { code, .. } => slot.exit = Some(code),
                ExecEnd::TimedOut { .. } => slot.exit = Some(137),
                ExecEnd::Failed(message) | ExecEnd::NotStarted(_, message) => {
                    (slot.exit, slot.error) = (Some(1), Some(message));
                }
            }
        }
    }
}

/// `kubectl exec`.
///
/// # Errors
/// `NotFound`, or `BadRequest` when the container cannot take a command.
pub fn start_command(
    world: &mut World,
    namespace: &str,
    pod: &str,
    container: Option<&str>,
    command: &[String],
    stdin: Vec<u8>,
) -> Result<ExecId, ApiError> {
    let Some(entry) = world.store.pod_entry(namespace, pod) else {
        return Err(ApiError::not_found("pods", pod));
    };
    let uid = entry.uid;
    if entry.pod.status.phase.is_terminal() {
        let phase = entry.pod.status.phase;
        return Err(ApiError::new(
            Reason::BadRequest,
            format!("cannot exec into a container in a completed pod; current phase is {phase}"),
        ));
    }
    let name = logs::resolve_container(&entry.pod, container)?;
    if entry.pod.spec.node_name.is_empty() {
        return Err(ApiError::new(
            Reason::BadRequest,
            format!("pod {pod} does not have a host assigned"),
        ));
    }
    let worker = world.workers.get(&uid);
    let running = worker.and_then(|worker| worker.index(&name)).filter(|&ix| {
        worker.and_then(|worker| worker.newest(ix)).is_some_and(Instance::is_running)
    });
    let Some(ix) = running else {
        return Err(ApiError::new(
            Reason::InternalError,
            format!("unable to upgrade connection: container not found (\"{name}\")"),
        ));
    };
    let id = ExecId(world.count("exec"));
    world.execs.insert(id, ExecOutput::default());
    exec(world, uid, ix, command, Purpose::Command(id), None, stdin);
    Ok(id)
}
