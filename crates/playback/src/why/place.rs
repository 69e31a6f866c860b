//! From a record to the field of the text that set it.

use super::{newest_pod, record};
use crate::run::Run;
use podplay_api::{ObjectMeta, OwnerReference};
use podplay_core::record::{ProcessEffect, Stored};
use podplay_core::{Origin, Record, Subject, What};
use podplay_manifest::{Object, Span};

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
pub(super) fn of(run: &Run, found: &Record) -> Option<Place> {
    match &found.what {
        What::Command(_, origin) => asked(run, *origin),
        What::Fault(..) => asked(run, origin(run, found)?),
        _ => field(run, found),
    }
}

/// Where the command behind a record came from.
fn origin(run: &Run, found: &Record) -> Option<Origin> {
    let mut here = found;
    loop {
        if let What::Command(_, origin) = here.what {
            return Some(origin);
        }
        here = record(run, here.cause?).filter(|cause| cause.id < here.id)?;
    }
}

/// The object of the text, or the entry of the Scenario, that a command came from.
fn asked(run: &Run, origin: Origin) -> Option<Place> {
    let plan = run.plan();
    let of_scenario = |path: String| {
        let span = plan.reading.scenario.as_ref()?.spans.nearest(&path);
        Some(Place { path, value: None, span })
    };
    match origin {
        Origin::Person => None,
        Origin::Object(n) => {
            let object = plan.object_of(n)?;
            let span = object.spans.nearest("metadata.name");
            Some(Place { path: "metadata.name".to_owned(), value: None, span })
        }
        Origin::Client(n) => of_scenario(format!("spec.traffic[{n}]")),
        Origin::Action(n) => of_scenario(format!("spec.timeline[{}]", plan.entries.get(n)?.index)),
    }
}

/// The field of a pod or its template behind what happened to it.
fn field(run: &Run, found: &Record) -> Option<Place> {
    let (object, base) = object_of(run, found)?;
    let container = found.subject.container().and_then(|name| container_path(object, base, name));
    let path = match &found.what {
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
        matches!(&found.what, What::Pull { image, .. } if value.as_deref() != Some(&**image));
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

/// The object of the text that a pod comes from, by its owners, and the path of its pod spec.
fn object_of<'a>(run: &'a Run, found: &Record) -> Option<(&'a Object, &'static str)> {
    let pod = found.subject.pod()?;
    let of_text = |kind: &str, name: &str| {
        run.plan().reading.objects.iter().find(|object| {
            object.accepted
                && object.kind == kind
                && object.name == name
                && object.namespace == pod.namespace
        })
    };
    if let Some(object) = of_text("Pod", &pod.name) {
        return Some((object, "spec"));
    }
    let mut owner = newest_pod(run, found.id, &pod.uid)?.meta.controller()?.clone();
    for _ in 0..OWNERS {
        if let Some(object) = of_text(&owner.kind, &owner.name) {
            return Some((object, pod_spec(&owner.kind)?));
        }
        owner = owner_of(run, found, &owner, &pod.namespace)?;
    }
    None
}

/// Longest chain of owners of a pod that is of the text: a Job's is a CronJob.
const OWNERS: usize = 4;

/// The controller of an object as it was last stored before a record.
fn owner_of(
    run: &Run,
    found: &Record,
    of: &OwnerReference,
    namespace: &str,
) -> Option<OwnerReference> {
    let before = run.trace().partition_point(|other| other.id <= found.id);
    run.trace()[..before].iter().rev().find_map(|other| match (&other.subject, &other.what) {
        (Subject::Object(kind, within, name), What::Stored(_, Stored::Object(object)))
            if **kind == *of.kind && **name == *of.name && **within == *namespace =>
        {
            let meta: ObjectMeta = podplay_api::raw::field(object, "metadata");
            meta.controller().cloned()
        }
        _ => None,
    })
}

/// Where an object has its pod spec.
fn pod_spec(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment"
        | "ReplicaSet"
        | "ReplicationController"
        | "StatefulSet"
        | "DaemonSet"
        | "Job" => Some("spec.template.spec"),
        "CronJob" => Some("spec.jobTemplate.spec.template.spec"),
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
