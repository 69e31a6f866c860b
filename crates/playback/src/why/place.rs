//! From a record to the field of the text that set it.

use crate::plan::Act;
use crate::run::Run;
use podplay_api::SimTime;
use podplay_core::record::ProcessEffect;
use podplay_core::{Record, What};
use podplay_manifest::{Object, Span};
use std::time::Duration;

/// A field of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path within the object: `spec.containers[0].livenessProbe.failureThreshold`.
    pub path: String,
    /// Its value, where that helps.
    pub value: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// The field behind a record.
pub(super) fn of(run: &Run, record: &Record) -> Option<Place> {
    match &record.what {
        What::Command(text) => command(run, record.at, text),
        What::Fault(..) => entry(run, record.at, |act| matches!(act, Act::Fault(_))),
        _ => field(run, record),
    }
}

/// The object of the text or the entry of the timeline that a command came from.
fn command(run: &Run, at: SimTime, text: &str) -> Option<Place> {
    let named = |object: &&Object| {
        let word = format!("{}/{}", object.kind.to_ascii_lowercase(), object.name);
        object.accepted && text.ends_with(&word)
    };
    if at == SimTime::ZERO
        && let Some(object) = run.plan().reading.objects.iter().find(named)
    {
        let span = object.spans.nearest("metadata.name");
        return Some(Place { path: "metadata.name".to_owned(), value: None, span });
    }
    entry(run, at, |act| !matches!(act, Act::Fault(_)))
}

/// The last entry of the timeline that began at or shortly before a moment.
fn entry(run: &Run, at: SimTime, is: impl Fn(&Act) -> bool) -> Option<Place> {
    let near = |entry: &&crate::Entry| entry.at <= at && is(&entry.act);
    let found = run.plan().entries.iter().rev().find(near)?;
    // A command that blocks goes on acting long after its entry; anything else acts at once.
    let late =
        at.since(found.at) > Duration::from_secs(1) && !matches!(found.act, Act::Kubectl(..));
    if late {
        return None;
    }
    let path = format!("spec.timeline[{}]", found.index);
    let span = run.plan().reading.scenario.as_ref()?.spans.nearest(&path);
    Some(Place { path, value: None, span })
}

/// The field of a pod or its template behind what happened to it.
fn field(run: &Run, record: &Record) -> Option<Place> {
    let pod = record.subject.pod()?;
    let (object, base) = object_of(run, &pod.name, &pod.namespace)?;
    let container = record.subject.container().and_then(|name| container_path(object, base, name));
    let path = match &record.what {
        What::Probe { kind, .. } => {
            format!("{}.{}Probe", container?, kind.as_str().to_ascii_lowercase())
        }
        What::ProbeResult { kind, success } => {
            let threshold = if *success { "successThreshold" } else { "failureThreshold" };
            format!("{}.{}Probe.{threshold}", container?, kind.as_str().to_ascii_lowercase())
        }
        What::Hook { name, .. } => format!("{}.lifecycle.{}", container?, hook(name)),
        What::Signal(signal) if &**signal == "SIGKILL" => {
            format!("{base}.terminationGracePeriodSeconds")
        }
        What::Pull { .. } => format!("{}.image", container?),
        // A command from outside stands in no script.
        What::Process(effect) if effect.line == 0 => return None,
        What::Process(effect) if script(object, container.as_deref(), effect).is_some() => {
            return script(object, container.as_deref(), effect);
        }
        What::Process(_) | What::Exited { .. } => {
            let container = container?;
            let command = format!("{container}.command");
            if object.spans.get(&command).is_some() { command } else { format!("{container}.args") }
        }
        What::Running { .. } | What::Created { .. } => format!("{}.name", container?),
        What::BackOff { .. } => format!("{base}.restartPolicy"),
        _ => return None,
    };
    let written = object.spans.get(&path).is_some();
    let value = written
        .then(|| scalar(&object.submitted, &path))
        .flatten()
        .or_else(|| scalar(&object.object, &path));
    // A later command gave the container another image than the text does.
    let other =
        matches!(&record.what, What::Pull { image, .. } if value.as_deref() != Some(&**image));
    (!other).then(|| Place { span: object.spans.nearest(&path), value, path })
}

/// The line of a container's script that ran a command.
fn script(object: &Object, container: Option<&str>, effect: &ProcessEffect) -> Option<Place> {
    let container = container?;
    let word = |list: &str, n: usize| format!("{container}.{list}[{n}]");
    let paths = ["command", "args"].into_iter().flat_map(|list| (0..8).map(move |n| word(list, n)));
    let (path, source) = paths
        .filter_map(|path| scalar(&object.submitted, &path).map(|source| (path, source)))
        .find(|(_, source)| source.contains(&*effect.command))?;
    let mut span = object.spans.get(&path)?.value;
    let breaks = source.trim_end().matches('\n').count();
    let after =
        object.spans.iter().map(|(_, field)| field.value).filter(|next| next.start >= span.end);
    let next = after.min_by_key(|next| next.start).map_or(usize::MAX, |next| next.line);
    // A block begins below its sign; a text in quotes may have its breaks escaped, all in one line.
    if breaks > 0 && next > span.line + breaks {
        span.line += usize::try_from(effect.line).unwrap_or(0);
    }
    Some(Place { path, value: None, span })
}

fn hook(name: &str) -> &str {
    if name.eq_ignore_ascii_case("poststart") { "postStart" } else { "preStop" }
}

/// The object of the text that a pod comes from, and the path of its pod spec.
fn object_of<'a>(run: &'a Run, name: &str, namespace: &str) -> Option<(&'a Object, &'static str)> {
    let objects = || {
        run.plan()
            .reading
            .objects
            .iter()
            .filter(|object| object.accepted && object.namespace == namespace)
    };
    if let Some(pod) = objects().find(|object| object.kind == "Pod" && object.name == name) {
        return Some((pod, "spec"));
    }
    let owner = |object: &&Object| {
        name.strip_prefix(&object.name).is_some_and(|rest| rest.starts_with('-'))
    };
    let found = objects()
        .filter(|object| object.kind != "Pod")
        .filter(owner)
        .max_by_key(|object| object.name.len())?;
    match found.kind.as_str() {
        "Deployment"
        | "ReplicaSet"
        | "ReplicationController"
        | "StatefulSet"
        | "DaemonSet"
        | "Job" => Some((found, "spec.template.spec")),
        "CronJob" => Some((found, "spec.jobTemplate.spec.template.spec")),
        _ => None,
    }
}

fn container_path(object: &Object, base: &str, name: &str) -> Option<String> {
    let spec = base.split('.').fold(&object.submitted, |value, key| &value[key]);
    ["containers", "initContainers", "ephemeralContainers"].into_iter().find_map(|list| {
        let index =
            spec[list].as_array()?.iter().position(|container| container["name"] == name)?;
        Some(format!("{base}.{list}[{index}]"))
    })
}

/// The scalar at a path, as text.
fn scalar(object: &podplay_api::Value, path: &str) -> Option<String> {
    let mut here = object;
    for part in path.split('.') {
        let (key, index) = part.split_once('[').map_or((part, None), |(key, rest)| {
            (key, rest.trim_end_matches(']').parse::<usize>().ok())
        });
        here = here.get(key)?;
        if let Some(index) = index {
            here = here.get(index)?;
        }
    }
    match here {
        podplay_api::Value::String(text) => Some(text.clone()),
        podplay_api::Value::Number(number) => Some(number.to_string()),
        podplay_api::Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
