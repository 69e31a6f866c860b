//! Workloads, Services and budgets: whether they fit their pods, and how they let them go.

use super::Found;
use crate::context::{Context, Pod, selector};
use crate::edits;
use podplay_api::{
    CronJobSpec, DeploymentSpec, FromRaw, IntOrString, PodDisruptionBudgetSpec, RestartPolicy,
    ServiceSpec, Value,
};
use podplay_manifest::{Edit, Object, schema};

/// `Deployment web`.
fn named(object: &Object) -> String {
    format!("{} {}", object.kind, object.name)
}

/// The pods that an object makes.
fn pod_of<'a, 'b>(cx: &'b Context<'a>, object: &Object) -> Option<&'b Pod<'a>> {
    cx.pods.iter().find(|pod| std::ptr::eq(pod.object, object))
}

pub(super) fn selector_mismatch(cx: &Context<'_>, object: &Object) -> Option<Found> {
    let (wanted, path) = selector(object)?;
    let labels = &pod_of(cx, object)?.labels;
    if wanted.is_empty() || wanted.matches(labels) {
        return None;
    }
    let missing: Vec<_> =
        wanted.match_labels.iter().filter(|(key, value)| labels.get(*key) != Some(value)).collect();
    let words: Vec<String> = missing.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let fix = match missing.as_slice() {
        [(key, value)] => labelled(cx, object, key, value),
        _ => None,
    };
    let path = if object.spans.get(path).is_some() { path } else { "spec.selector" };
    let asked = if words.is_empty() { "other labels".to_owned() } else { words.join(", ") };
    Some(Found::at(path.to_owned(), [&named(object), &asked]).fix(fix))
}

/// Gives the template a label.
fn labelled(cx: &Context<'_>, object: &Object, key: &str, value: &str) -> Option<Edit> {
    let labels = "spec.template.metadata.labels";
    let title = format!("Label the pods {key}={value}");
    let plain = |word: &str| {
        let simple = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        let text = word.starts_with(|c: char| c.is_ascii_alphabetic())
            && !["yes", "no", "on", "off", "true", "false", "null", "y", "n"]
                .contains(&word.to_lowercase().as_str());
        if simple && text { word.to_owned() } else { edits::quote(word) }
    };
    let own = format!("{labels}.{key}");
    if object.spans.get(&own).is_some() {
        return edits::replace(object, &own, &plain(value), title);
    }
    let below = format!("{labels}.");
    let first = object
        .spans
        .iter()
        .find(|(path, _)| path.starts_with(&below))
        .map(|(path, _)| path.to_owned())?;
    edits::insert(cx.text, object, &first, &format!("{}: {}", plain(key), plain(value)), title)
}

/// Only where a pod of the text is nearly selected: those of an operator or of another text are not here to be seen.
pub(super) fn service_without_pods(cx: &Context<'_>, object: &Object) -> Option<Found> {
    let spec = service(object)?;
    let selects = |pod: &Pod<'_>| podplay_api::labels_match(&spec.selector, &pod.labels);
    if cx.pods_in(&object.namespace).any(selects) {
        return None;
    }
    let close = |a: &str, b: &str| a == b || schema::nearest(a, std::iter::once(b)).is_some();
    let meant = |pod: &Pod<'_>| {
        spec.selector.iter().all(|(key, value)| {
            pod.labels.iter().any(|(other, label)| close(key, other) && close(value, label))
        })
    };
    cx.pods_in(&object.namespace).find(|pod| meant(pod))?;
    let words: Vec<String> =
        spec.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    Some(Found::at("spec.selector".to_owned(), [&object.name, &words.join(", ")]))
}

/// A Service that selects pods.
fn service(object: &Object) -> Option<ServiceSpec> {
    if object.kind != "Service" {
        return None;
    }
    let spec = ServiceSpec::from_raw(&object.object["spec"]);
    (!spec.selector.is_empty() && spec.kind != "ExternalName").then_some(spec)
}

pub(super) fn service_port(cx: &Context<'_>, object: &Object) -> Option<Found> {
    let spec = service(object)?;
    let pods = cx.pods_in(&object.namespace);
    let selected: Vec<&Pod<'_>> =
        pods.filter(|pod| podplay_api::labels_match(&spec.selector, &pod.labels)).collect();
    if selected.is_empty() {
        return None;
    }
    let silent = |target: &IntOrString| {
        selected.iter().all(|pod| match (pod.port(target), pod.listening(cx)) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(port), Some(listening)) => !listening.contains(&port),
        })
    };
    let tcp = |protocol: &str| protocol.is_empty() || protocol == "TCP";
    let ports = spec.ports.iter().enumerate().filter(|(_, port)| tcp(&port.protocol));
    let (n, port) = ports.into_iter().find(|(_, port)| silent(&port.target_port))?;
    let target = format!("spec.ports[{n}].targetPort");
    let path =
        if object.spans.get(&target).is_some() { target } else { format!("spec.ports[{n}].port") };
    Some(Found::at(path, [&object.name, &port.target_port]))
}

/// A number of pods, or a part of `whole`, rounded up or down.
fn count(value: &IntOrString, whole: i64, up: bool) -> Option<i64> {
    match value {
        IntOrString::Int(number) => Some(*number),
        IntOrString::Text(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let hundredths = percent.checked_mul(whole)?;
            Some(if up { (hundredths + 99) / 100 } else { hundredths / 100 })
        }
    }
}

pub(super) fn all_at_once(_: &Context<'_>, object: &Object) -> Option<Found> {
    if object.kind != "Deployment" {
        return None;
    }
    let spec = DeploymentSpec::from_raw(&object.object["spec"]);
    let replicas = spec.replicas.unwrap_or(1);
    let path = "spec.strategy.rollingUpdate.maxUnavailable";
    object.spans.get(path)?;
    let gone = count(spec.strategy.rolling_update.max_unavailable.as_ref()?, replicas, false)?;
    if replicas < 1 || gone < replicas {
        return None;
    }
    let fix = edits::replace(object, path, "25%", "Keep three quarters up".to_owned());
    Some(Found::at(path.to_owned(), [&named(object), &replicas]).fix(fix))
}

pub(super) fn impatient_rollout(cx: &Context<'_>, object: &Object) -> Option<Found> {
    if object.kind != "Deployment" {
        return None;
    }
    let spec = DeploymentSpec::from_raw(&object.object["spec"]);
    let deadline = u64::try_from(spec.progress_deadline_seconds?).ok()?;
    let ready_after = |container: &podplay_api::Container| {
        let own = cx.facts(container).startup.map_or(0, |span| span.as_secs());
        let probe = container.readiness_probe.as_ref();
        let delay =
            probe.map_or(0, |probe| u64::try_from(probe.initial_delay_seconds).unwrap_or(0));
        own.max(delay)
    };
    let slowest = pod_of(cx, object)?.spec.containers.iter().map(ready_after).max()?;
    let needs = slowest.saturating_add(u64::try_from(spec.min_ready_seconds).unwrap_or(0));
    let path = "spec.progressDeadlineSeconds";
    if needs < deadline || object.spans.get(path).is_none() {
        return None;
    }
    let fix =
        edits::replace(object, path, &(needs + 60).to_string(), format!("Wait {} s", needs + 60));
    Some(Found::at(path.to_owned(), [&named(object), &deadline, &needs]).fix(fix))
}

pub(super) fn rigid_budget(cx: &Context<'_>, object: &Object) -> Option<Found> {
    if object.kind != "PodDisruptionBudget" {
        return None;
    }
    let spec = PodDisruptionBudgetSpec::from_raw(&object.object["spec"]);
    let wanted = spec.selector?;
    let pods: i64 = cx
        .pods_in(&object.namespace)
        .filter(|pod| wanted.matches(&pod.labels))
        .map(|pod| pod.replicas)
        .sum();
    let never = |value: &IntOrString| count(value, 100, true) == Some(0);
    let all = |value: &IntOrString| match value {
        IntOrString::Text(text) if text == "100%" => true,
        value => pods > 0 && count(value, pods, true).is_some_and(|least| least >= pods),
    };
    let path = match (&spec.max_unavailable, &spec.min_available) {
        (Some(value), _) if never(value) => "spec.maxUnavailable",
        (_, Some(value)) if all(value) => "spec.minAvailable",
        _ => return None,
    };
    Some(Found::at(path.to_owned(), [&object.name]))
}

pub(super) fn job_always(cx: &Context<'_>, object: &Object) -> Option<Found> {
    if !matches!(object.kind.as_str(), "Job" | "CronJob") {
        return None;
    }
    let pod = pod_of(cx, object)?;
    if pod.spec.restart_policy != RestartPolicy::Always {
        return None;
    }
    let path = pod.at("restartPolicy");
    let fix = edits::set(cx.text, object, &path, &pod.at("containers"), "OnFailure");
    Some(Found::at(path, [&named(object)]).fix(fix))
}

pub(super) fn tight_deadline(_: &Context<'_>, object: &Object) -> Option<Found> {
    if object.kind != "CronJob" {
        return None;
    }
    let spec = CronJobSpec::from_raw(&object.object["spec"]);
    let seconds = spec.starting_deadline_seconds.filter(|seconds| (0..10).contains(seconds))?;
    let path = "spec.startingDeadlineSeconds";
    let fix = edits::replace(object, path, "60", "Allow a minute".to_owned());
    let written =
        object.object.pointer("/spec/startingDeadlineSeconds").is_some_and(Value::is_number);
    written.then(|| Found::at(path.to_owned(), [&object.name, &seconds]).fix(fix))
}
