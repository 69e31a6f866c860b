//! How a container's processes end, and what is kept of their output.

use super::*;

pub(super) fn end_of_main(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(instance) = world.workers.get(&uid).and_then(|worker| worker.newest(ix)) else {
        return;
    };
    let (Some(session), Some(process)) = (instance.session, instance.process.as_ref()) else {
        return;
    };
    if let SessionState::Exited { status, at, .. } = process.session(session) {
        // The runtime takes note of an exit a moment later.
        let at = SimTime(at);
        let noted = at + world.config.latencies.exec / 2;
        if noted > world.now && instance.forced_end.is_none() {
            world.arm_earlier(Timer::Process(uid, ix), noted);
            return;
        }
        let code = i32::from(status.code());
        let reason = match status {
            ExitStatus::OutOfMemory => "OOMKilled",
            _ if code == 0 => "Completed",
            _ => "Error",
        };
        exited(world, uid, ix, code, reason, at);
    }
}

/// A hook that ends at a known time ends at this container's wakeup.
pub(super) fn end_of_hook(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    else {
        return;
    };
    let Some((hook, at, _)) = &instance.hook_end else { return };
    let (hook, at) = (*hook, *at);
    if at > world.now {
        world.arm_earlier(Timer::Process(uid, ix), at);
        return;
    }
    let error = instance.hook_end.take().and_then(|(_, _, error)| error);
    world.notify(Notice::HookEnded(uid, ix, hook, error));
}

pub(super) fn note(world: &mut World, uid: Uid, ix: ContainerIx, effect: Effect) {
    let Effect { session, pid, line, command, kind, .. } = effect;
    let kind = match kind {
        EffectKind::Output { stream, bytes } => {
            let Some(kind) = output(world, uid, ix, session, stream, &bytes) else { return };
            kind
        }
        EffectKind::Wrote { path } => ProcessEffectKind::Wrote(path.into()),
        EffectKind::Removed { path } => ProcessEffectKind::Removed(path.into()),
        EffectKind::SignalHandled { signal } => {
            ProcessEffectKind::Handled(signal.to_string().into())
        }
        EffectKind::SentSignal { signal, .. } => ProcessEffectKind::Sent(signal.to_string().into()),
        EffectKind::Listening { port } => ProcessEffectKind::Listening(port),
        EffectKind::Busy => ProcessEffectKind::Busy,
        EffectKind::Limit { name } => {
            let subject = world.container_subject(uid, ix);
            world.record_cause(subject, What::Limit(name));
            return;
        }
        EffectKind::Exited { .. } | EffectKind::OutOfMemory { .. } => return,
    };
    let subject = world.container_subject(uid, ix);
    // What a script does is due to the start of its container; a command from outside has no line.
    let scripted = line > 0 && !matches!(kind, ProcessEffectKind::Handled(_));
    let began = traces_of(world, uid, ix).filter(|_| scripted).and_then(|traces| traces.began);
    let what = What::Process(ProcessEffect { pid, line, command, kind });
    world.record_after(began, subject, what);
}

/// Output of the main process goes to the log, output of an exec to the exec.
pub(super) fn output(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    session: Session,
    stream: Stream,
    bytes: &[u8],
) -> Option<ProcessEffectKind> {
    let now = world.now;
    let text = String::from_utf8_lossy(bytes).into_owned();
    let stderr = stream == Stream::Stderr;
    let instance = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))?;
    if instance.session.is_none_or(|main| main == session) {
        instance.log.write(now, stderr, &text);
        let text = Arc::from(kept_of(world, &text));
        return Some(if stderr {
            ProcessEffectKind::Err(text)
        } else {
            ProcessEffectKind::Out(text)
        });
    }
    let command = exec::output(instance, session, stderr, bytes);
    if let Some(id) = command {
        exec::command_output(world, id, stderr, bytes);
    }
    None
}

/// What the trace keeps of output: all of it, until it is too much.
pub(super) fn kept_of<'a>(world: &mut World, text: &'a str) -> &'a str {
    let before = world.said;
    world.said = before.saturating_add(text.len());
    if world.said <= limits::TRACE_OUTPUT {
        return text;
    }
    if before <= limits::TRACE_OUTPUT {
        world.record_limit("output in the trace");
    }
    let mut end = text.len().min(limits::TRACE_BEGINNING);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Sends a signal to the main process: `SIGTERM`, `SIGQUIT`, `SIGKILL`, …
pub fn signal(world: &mut World, uid: Uid, ix: ContainerIx, name: &str) {
    let now = world.now.as_nanos();
    let Some(session) = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.newest(ix))
        .and_then(|instance| instance.session)
    else {
        return;
    };
    let Some(signal) = Signal::parse(name) else { return };
    let subject = world.container_subject(uid, ix);
    let deaf = traces_of(world, uid, ix).filter(|_| signal == Signal::KILL);
    let deaf = deaf.and_then(|traces| traces.deaf.take());
    let sent = world.record_after(deaf, subject, What::Signal(name.into()));
    world.traffic.ended(uid, sent);
    if signal != Signal::KILL
        && let Some(fault) = crate::faults::ignores_sigterm(world, uid, ix)
    {
        if let Some(traces) = traces_of(world, uid, ix) {
            traces.deaf = Some(fault);
        }
        return;
    }
    with_process(world, uid, ix, |process, _| {
        if signal == Signal::KILL {
            process.kill_all(now)
        } else {
            process.signal(now, session, signal)
        }
    });
    drive(world, uid, ix);
}

/// The main process ends by a fault, with this code and reason.
pub fn crash(world: &mut World, uid: Uid, ix: ContainerIx, code: i32, reason: &str) {
    let now = world.now.as_nanos();
    if let Some(instance) = world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.newest_mut(ix))
        .filter(|instance| instance.is_running())
    {
        instance.forced_end = Some((code, Arc::from(reason)));
    }
    with_process(world, uid, ix, |process, _| process.kill_all(now));
    drive(world, uid, ix);
}

/// The kernel kills the container for memory.
pub fn kill_for_memory(world: &mut World, uid: Uid, ix: ContainerIx) {
    crash(world, uid, ix, 137, "OOMKilled");
}

/// The termination message: from its file, or from the log.
pub(in crate::runtime) fn last_words(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let (Some(instance), Some(spec)) = (worker.newest(ix), worker.spec(ix)) else { return };
    let read = instance.process.as_ref().and_then(|process| {
        process
            .fs()
            .read_file(&worker.volumes, &instance.message_path, limits::TERMINATION_MESSAGE as u64)
            .ok()
    });
    let mut message = String::from_utf8_lossy(&read.unwrap_or_default()).into_owned();
    let fallback =
        spec.termination_message_policy == TerminationMessagePolicy::FallbackToLogsOnError;
    if message.is_empty() && fallback && instance.status.exit_code != 0 {
        message = instance.log.tail(limits::TERMINATION_LOG.0, limits::TERMINATION_LOG.1);
    }
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.status.message = message;
    }
}
