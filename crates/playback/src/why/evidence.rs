//! The file behind a probe: what a command looks at is known from its words alone, so this cause is looked for, where
//! all others are carried by the records.

use super::{newest_pod, record};
use crate::run::Run;
use podplay_core::record::ProcessEffectKind;
use podplay_core::{Record, What};

/// The nearer cause of a record, if there is one: a file, unless a later fault decided.
pub(super) fn of<'a>(run: &'a Run, found: &'a Record) -> Option<&'a Record> {
    let file = file_behind(run, found)?;
    let noted = found.cause.and_then(|cause| record(run, cause));
    let fault = noted.filter(|noted| matches!(noted.what, What::Fault(..)));
    fault.is_none_or(|fault| fault.id < file.id).then_some(file)
}

/// The trace before a record.
fn before<'a>(run: &'a Run, found: &Record) -> &'a [Record] {
    &run.trace()[..run.trace().partition_point(|other| other.id < found.id)]
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
