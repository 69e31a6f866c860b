//! Pods that do not go, that were evicted, or whose node is gone.

use super::life::seconds;
use super::{Certainty, Found, Pod, View};
use crate::verdict::Cause;
use podplay_api::Value;

/// A pod that the kubelet evicted.
pub(super) fn evicted(_: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let reason = pod.text("status.reason");
    let event = pod.with("Evicted").last().copied();
    let line = pod.line("status.reason");
    if reason == "DeadlineExceeded" {
        let limit = pod.spec("activeDeadlineSeconds").as_i64();
        let cause = Cause::PodDeadline { seconds: limit.unwrap_or(0) };
        return vec![Found::new(pod.subject(), cause).at(line, "spec.activeDeadlineSeconds")];
    }
    if reason != "Evicted" && event.is_none() && pod.status() != "Evicted" {
        return Vec::new();
    }
    let message = match pod.text("status.message") {
        "" => event.map_or("", |event| event.message.as_str()),
        message => message,
    };
    let cause = Cause::Evicted { reason: "Evicted".to_owned(), message: message.to_owned() };
    let found = Found::new(pod.subject(), cause).because(message);
    vec![found.at(line, "status.reason").at(event.map_or(0, |event| event.line), "")]
}

/// A pod whose node does not answer.
pub(super) fn node_lost(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let unknown = pod.text("status.reason") == "NodeLost" || pod.status() == "Unknown";
    let event = pod.with("NodeNotReady").last().copied();
    let evicting = pod.with("TaintManagerEviction").last().copied();
    let node = pod.text("spec.nodeName");
    let down = |name: &str| {
        view.observed.rows.iter().find(|row| {
            row.kind == "Node"
                && (row.name == name || name.is_empty())
                && row.row.cell("STATUS").starts_with("NotReady")
        })
    };
    let line = event.or(evicting).map(|event| event.line);
    let row = down(node);
    // A node's controller marks its pods as not ready; the containers are still shown as they were last.
    let marked = pod.condition("Ready").is_some_and(|(status, _, _)| status == "False")
        && pod.condition("ContainersReady").is_some_and(|(status, _, _)| status == "True")
        && pod.spec("readinessGates").is_null();
    if !unknown && line.is_none() && row.is_none() && !marked {
        return Vec::new();
    }
    let name = row.map_or(node, |row| row.name.as_str());
    let assigned =
        pod.with("Scheduled").last().and_then(|event| event.message.rsplit(" to ").next());
    let name = if name.is_empty() { assigned.unwrap_or("of the pod") } else { name };
    let cause = Cause::NodeLost { node: name.to_owned(), evicted_in: None };
    let line = line.or_else(|| row.map(|row| row.row.line)).unwrap_or(0);
    vec![Found::new(pod.subject(), cause).at(line, "spec.nodeName").only(Certainty::Follows)]
}

/// A pod that is to go and is still there.
pub(super) fn terminating(_: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let deleted =
        !pod.text("metadata.deletionTimestamp").is_empty() || pod.status() == "Terminating";
    let stopping = pod.events.iter().rfind(|event| {
        event.reason == "Killing" && event.message.starts_with("Stopping container")
    });
    let shown: Vec<bool> = pod
        .containers
        .iter()
        .filter(|container| !container.status.is_empty())
        .map(|container| !pod.shown(container, "state.terminated").is_null())
        .collect();
    let ended = !shown.is_empty() && shown.iter().all(|ended| *ended);
    let finalizers: Vec<String> = pod
        .get("metadata.finalizers")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|name| *name != "batch.kubernetes.io/job-tracking")
        .map(str::to_owned)
        .collect();
    let left_over = ended && stopping.is_some() && pod.get("metadata.ownerReferences").is_null();
    if !(deleted || left_over) {
        return Vec::new();
    }
    let line = pod.line("metadata.deletionTimestamp");
    let event = stopping.map_or(0, |event| event.line);
    if ended || (deleted && !finalizers.is_empty() && stopping.is_none()) {
        return vec![held(pod, finalizers, line, event)];
    }
    if shown.is_empty() && pod.seen.is_none() {
        return Vec::new();
    }
    vec![slow(pod, line, event)]
}

fn held(pod: &Pod<'_>, finalizers: Vec<String>, line: u32, event: u32) -> Found {
    let known = !finalizers.is_empty();
    let path = if known { "metadata.finalizers" } else { "" };
    let at = if known { pod.line(path) } else { 0 };
    let found = Found::new(pod.subject(), Cause::FinalizerHolds { finalizers })
        .at(at, path)
        .at(line, "metadata.deletionTimestamp")
        .at(event, "");
    if known {
        return found;
    }
    found.only(Certainty::Follows).saying(
        "All containers have stopped and the pod is still there: a finalizer holds it, which a description does not show (metadata.finalizers).".to_owned(),
        "컨테이너가 모두 멈췄는데 파드가 남아 있습니다. 설명에는 나오지 않는 파이널라이저(metadata.finalizers)가 붙잡고 있습니다.".to_owned(),
    )
}

/// A container that takes long to stop.
fn slow(pod: &Pod<'_>, line: u32, event: u32) -> Found {
    let grace = pod
        .get("metadata.deletionGracePeriodSeconds")
        .as_i64()
        .or_else(|| pod.spec("terminationGracePeriodSeconds").as_i64())
        .unwrap_or(30);
    let running = pod
        .containers
        .iter()
        .find(|container| !container.init && pod.shown(container, "state.terminated").is_null());
    let name = running.map_or_else(|| pod.name.clone(), |container| container.name.clone());
    let hook = running.map(|container| pod.of(container, "lifecycle.preStop.exec.command"));
    let words: Vec<&str> =
        hook.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let path = running.map_or_else(String::new, |container| container.spec.clone());
    let cause = if words.is_empty() {
        Cause::IgnoresSigterm {
            container: name,
            signal: "SIGTERM".to_owned(),
            grace: seconds(grace),
        }
    } else {
        Cause::PreStopTooLong { container: name, asked: words.join(" "), grace: seconds(grace) }
    };
    let place = if words.is_empty() { path } else { path + ".lifecycle.preStop" };
    let found = Found::new(pod.subject(), cause)
        .at(line, "metadata.deletionTimestamp")
        .at(event, "")
        .at(pod.line(&place), place);
    found.only(Certainty::Follows)
}
