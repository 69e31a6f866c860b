//! The row of a pod. Models `printers.go` printPod.

use podplay_api::{Pod, Timestamp, ToRaw};
use serde_json::Value;

use super::age;
use crate::duration::since;
use crate::json::{at, condition, flag, has, int, items, name, text, text_or, time};

/// What `kubectl get pods` says of a pod.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PodRow {
    /// Ready containers, sidecars included.
    pub ready: usize,
    /// All containers, sidecars included.
    pub total: usize,
    /// The STATUS column.
    pub status: String,
    /// Restarts of the containers that count at this stage.
    pub restarts: i64,
    /// When the last of them ended.
    pub last_restart: Option<Timestamp>,
}

/// Works out a pod's row from its object.
#[must_use]
pub fn pod_row(pod: &Value) -> PodRow {
    row(at(pod, "spec"), at(pod, "status"), has(pod, "metadata.deletionTimestamp"))
}

/// Works out the row of a pod of the simulation, without writing all of it down as an object.
#[must_use]
pub fn row_of_pod(pod: &Pod) -> PodRow {
    let status = pod.status.to_raw().unwrap_or_default();
    row(&pod.raw_spec, &status, pod.meta.deletion_timestamp.is_some())
}

fn row(spec: &Value, status: &Value, deleted: bool) -> PodRow {
    let sidecars =
        items(spec, "initContainers").iter().filter(|container| is_sidecar(container)).count();
    let mut row = PodRow {
        ready: 0,
        total: items(spec, "containers").len() + sidecars,
        status: text_or(status, "reason", text(status, "phase")).to_owned(),
        restarts: 0,
        last_restart: None,
    };
    let gated = |condition: &Value| {
        text(condition, "type") == "PodScheduled" && text(condition, "reason") == "SchedulingGated"
    };
    if items(status, "conditions").iter().any(gated) {
        "SchedulingGated".clone_into(&mut row.status);
    }
    let (initializing, sidecar_restarts) = init_containers(spec, status, &mut row);
    if !initializing || is_true(status, "Initialized") {
        (row.restarts, row.last_restart) = sidecar_restarts;
        containers(status, &mut row);
    }
    if deleted {
        if text(status, "reason") == "NodeLost" {
            "Unknown".clone_into(&mut row.status);
        } else if !matches!(text(status, "phase"), "Failed" | "Succeeded") {
            "Terminating".clone_into(&mut row.status);
        }
    }
    row
}

fn is_true(status: &Value, kind: &str) -> bool {
    let found = items(status, "conditions").iter().find(|one| text(one, "type") == kind);
    found.is_some_and(|one| text(one, "status") == "True")
}

fn is_sidecar(container: &Value) -> bool {
    text(container, "restartPolicy") == "Always"
}

type Restarts = (i64, Option<Timestamp>);

fn last_end(status: &Value) -> Option<Timestamp> {
    time(status, "lastState.terminated.finishedAt")
}

/// Whether init containers still have work to do; and the restarts of sidecars alone.
fn init_containers(spec: &Value, status: &Value, row: &mut PodRow) -> (bool, Restarts) {
    let specs = items(spec, "initContainers");
    let mut sidecars: Restarts = (0, None);
    for (index, status) in items(status, "initContainerStatuses").iter().enumerate() {
        row.restarts += int(status, "restartCount");
        row.last_restart = row.last_restart.max(last_end(status));
        let sidecar = specs.iter().any(|spec| name_of(spec) == name_of(status) && is_sidecar(spec));
        if sidecar {
            sidecars = (sidecars.0 + int(status, "restartCount"), sidecars.1.max(last_end(status)));
        }
        if has(status, "state.terminated") && int(status, "state.terminated.exitCode") == 0 {
            continue;
        }
        if sidecar && flag(status, "started") {
            row.ready += usize::from(flag(status, "ready"));
            continue;
        }
        row.status = match (termination(status), text(status, "state.waiting.reason")) {
            (Some(reason), _) => format!("Init:{reason}"),
            (None, "" | "PodInitializing") => format!("Init:{index}/{}", specs.len()),
            (None, reason) => format!("Init:{reason}"),
        };
        return (true, sidecars);
    }
    (false, sidecars)
}

fn name_of(container: &Value) -> &str {
    text(container, "name")
}

/// Why a terminated container ended: its reason, or its signal or exit code.
fn termination(status: &Value) -> Option<String> {
    let ended = status.get("state")?.get("terminated").filter(|ended| !ended.is_null())?;
    Some(match (text(ended, "reason"), int(ended, "signal")) {
        ("", 0) => format!("ExitCode:{}", int(ended, "exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    })
}

/// The regular containers: the first in the list that has something to say decides.
fn containers(of: &Value, row: &mut PodRow) {
    let (mut running, mut error) = (false, None);
    for status in items(of, "containerStatuses").iter().rev() {
        row.restarts += int(status, "restartCount");
        row.last_restart = row.last_restart.max(last_end(status));
        let waiting = text(status, "state.waiting.reason");
        if !waiting.is_empty() {
            waiting.clone_into(&mut row.status);
        } else if let Some(reason) = termination(status) {
            row.status.clone_from(&reason);
            if int(status, "state.terminated.exitCode") != 0 {
                error = Some(reason);
            }
        } else if flag(status, "ready") && has(status, "state.running") {
            running = true;
            row.ready += 1;
        }
    }
    if row.status == "Completed" {
        let ready = is_true(of, "Ready");
        match error {
            _ if running && ready => "Running".clone_into(&mut row.status),
            Some(error) => row.status = error,
            None if running => "NotReady".clone_into(&mut row.status),
            None => {}
        }
    }
}

pub(super) fn cells(pod: &Value, now: Timestamp) -> Vec<Value> {
    let row = pod_row(pod);
    let restarts = match row.last_restart {
        Some(end) if row.restarts != 0 => {
            format!("{} ({} ago)", row.restarts, since(Some(end), now))
        }
        _ => row.restarts.to_string(),
    };
    let ip =
        items(pod, "status.podIPs").first().map_or(text(pod, "status.podIP"), |ip| text(ip, "ip"));
    vec![
        name(pod).into(),
        format!("{}/{}", row.ready, row.total).into(),
        row.status.into(),
        restarts.into(),
        age(pod, now),
        if ip.is_empty() { "<none>" } else { ip }.into(),
        text_or(pod, "spec.nodeName", "<none>").into(),
        text_or(pod, "status.nominatedNodeName", "<none>").into(),
        readiness_gates(pod).into(),
    ]
}

/// `1/2`: gates that are true, of all.
fn readiness_gates(pod: &Value) -> String {
    let gates = items(pod, "spec.readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates
        .iter()
        .filter(|gate| condition(pod, text(gate, "conditionType")) == Some("True"))
        .count();
    format!("{open}/{}", gates.len())
}
