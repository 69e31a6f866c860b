//! What lies nearer to a record than the cause that was noted: the fault, the exit, the file or the start behind it.

use super::{newest_pod, record};
use crate::Act;
use crate::run::Run;
use podplay_api::Fault;
use podplay_api::fault::{Images, Place, Timed};
use podplay_core::record::{ProcessEffectKind, Stored};
use podplay_core::{Record, What};
use std::sync::Arc;

/// The nearer cause of a record, if there is one.
pub(super) fn of<'a>(run: &'a Run, found: &'a Record) -> Option<&'a Record> {
    match &found.what {
        What::Running { restart: 1.. } => {
            exit_before(run, found, |other| other.subject == found.subject)
        }
        What::Stored(_, Stored::Pod(_)) => {
            exit_before(run, found, |other| other.subject.pod() == found.subject.pod())
        }
        What::Probe { success: false, message, .. } => {
            let said = message.as_deref().unwrap_or_default();
            let fault = fault_behind(run, found, |fault| explains(fault, said));
            later(fault, file_behind(run, found)).or_else(|| started(run, found))
        }
        What::Probe { .. } => file_behind(run, found).or_else(|| started(run, found)),
        What::ProbeResult { kind, .. } => {
            let noted = found.cause.and_then(|cause| record(run, cause));
            let by_probe = noted.is_some_and(
                |noted| matches!(&noted.what, What::Probe { kind: of, .. } if of == kind),
            );
            if by_probe { None } else { started(run, found) }
        }
        What::Hook { error: Some(_), .. } => {
            fault_behind(run, found, |fault| matches!(fault, Fault::HookFails { .. }))
        }
        What::Pull { began: false, error: Some(_), image } => fault_behind(run, found, |fault| {
            let (Fault::RegistryDown { of } | Fault::ImageMissing { of }) = fault else {
                return false;
            };
            !matches!(of, Images::Named(wanted) if **wanted != **image)
        }),
        What::Signal(signal) => {
            let deaf = |fault: &Fault| matches!(fault, Fault::IgnoreSigterm { .. });
            let fault = (&**signal == "SIGKILL").then(|| fault_behind(run, found, deaf)).flatten();
            fault.or_else(|| failed_hook(run, found))
        }
        // What a script does is due to the start of its container; a command from outside has no line.
        What::Process(effect)
            if effect.line > 0 && !matches!(effect.kind, ProcessEffectKind::Handled(_)) =>
        {
            started(run, found)
        }
        _ => None,
    }
}

/// The later one of two records.
fn later<'a>(one: Option<&'a Record>, other: Option<&'a Record>) -> Option<&'a Record> {
    one.into_iter().chain(other).max_by_key(|record| record.id)
}

/// Whether a fault is behind a probe that failed with these words.
fn explains(fault: &Fault, said: &str) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match fault {
        Fault::FailHTTP { status, .. } => said.ends_with(&format!("statuscode: {status}")),
        Fault::Hang { .. } | Fault::Slow { .. } => any(&["exceeded", "timed out", "timeout"]),
        Fault::RefuseConnections { .. } | Fault::SlowStart { .. } => any(&["refused"]),
        Fault::DNSDown => any(&[
            "bad address",
            "resolve",
            "can't find",
            "resolution",
            "no such host",
            "timed out",
        ]),
        Fault::Partition { .. } => any(&["no route", "exceeded", "timed out", "timeout"]),
        _ => false,
    }
}

/// The newest fault in force at a record that hits its subject.
fn fault_behind<'a>(
    run: &'a Run,
    found: &Record,
    is: impl Fn(&Fault) -> bool,
) -> Option<&'a Record> {
    // Without faults in the text there are none in the run.
    if !run.plan().entries.iter().any(|entry| matches!(entry.act, Act::Fault(_))) {
        return None;
    }
    let mut over: Vec<&Arc<Timed>> = Vec::new();
    for other in before(run, found).iter().rev() {
        match &other.what {
            What::Fault(timed, false) => over.push(timed),
            What::Fault(timed, true) => {
                let lasts = !over.iter().any(|ended| Arc::ptr_eq(ended, timed));
                if lasts && is(&timed.fault) && hits(run, &timed.fault, found) {
                    return Some(other);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a fault hits the subject of a record.
fn hits(run: &Run, fault: &Fault, found: &Record) -> bool {
    let Some(pod) = found.subject.pod() else { return false };
    let Place::Pods(whom) = fault.place() else { return true };
    let node = newest_pod(run, found.id, &pod.uid).map(|pod| pod.spec.node_name.clone());
    let node = node.unwrap_or_default();
    whom.hits(&pod.namespace, &pod.name, &node, found.subject.container())
}

/// The trace before a record.
fn before<'a>(run: &'a Run, found: &Record) -> &'a [Record] {
    &run.trace()[..run.trace().partition_point(|other| other.id < found.id)]
}

/// The newest start of a record's container.
fn started<'a>(run: &'a Run, found: &Record) -> Option<&'a Record> {
    let running = |other: &&Record| {
        matches!(other.what, What::Running { .. }) && other.subject == found.subject
    };
    found.subject.container()?;
    before(run, found).iter().rev().find(running)
}

/// The newest exit or failed pull since the cause that was noted.
fn exit_before<'a>(
    run: &'a Run,
    found: &Record,
    of: impl Fn(&Record) -> bool,
) -> Option<&'a Record> {
    let cause = found.cause?;
    let from = run.trace().partition_point(|other| other.id <= cause);
    let to = run.trace().partition_point(|other| other.id < found.id);
    let ended = |other: &&Record| match &other.what {
        What::Exited { .. } | What::Pull { began: false, error: Some(_), .. } => of(other),
        _ => false,
    };
    run.trace()[from..to].iter().rev().find(ended)
}

/// The hook of the container that failed since the cause that was noted.
fn failed_hook<'a>(run: &'a Run, found: &Record) -> Option<&'a Record> {
    let failed = |other: &&Record| {
        matches!(other.what, What::Hook { error: Some(_), .. }) && other.subject == found.subject
    };
    let cause = found.cause?;
    before(run, found).iter().rev().take_while(|other| other.id > cause).find(failed)
}

/// The write or removal of a file that a probe's command names.
fn file_behind<'a>(run: &'a Run, found: &'a Record) -> Option<&'a Record> {
    let What::Probe { kind, .. } = &found.what else { return None };
    let (pod, name) = (found.subject.pod()?, found.subject.container()?);
    let spec = newest_pod(run, found.id, &pod.uid)?;
    let probe = kind.of(spec.spec.container(name)?)?;
    let words: Vec<&str> = probe
        .exec
        .iter()
        .flat_map(|exec| &exec.command)
        .flat_map(|word| word.split_whitespace())
        .collect();
    if words.is_empty() {
        return None;
    }
    let touches = |other: &&Record| {
        let What::Process(effect) = &other.what else { return false };
        let (ProcessEffectKind::Removed(path) | ProcessEffectKind::Wrote(path)) = &effect.kind
        else {
            return false;
        };
        other.subject.pod() == Some(pod) && words.iter().any(|word| *word == &**path)
    };
    before(run, found).iter().rev().find(touches)
}
