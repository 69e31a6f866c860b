//! The conditions of a pod that the kubelet owns.
//!
//! Models `pkg/kubelet/status/generate.go`.

pub use crate::conditions::{owned, set, sort};
use crate::kubelet::worker::Worker;
use crate::world::World;
use podplay_api::{Container, ContainerStatus, PodPhase, PodStatus, Timestamp};

/// Conditions that keep their status keep their time.
pub fn keep_times(old: &PodStatus, new: &mut PodStatus, wall: Timestamp) {
    for condition in &mut new.conditions {
        match old.condition(&condition.kind) {
            Some(before) if before.status == condition.status => {
                condition.last_transition_time = before.last_transition_time
            }
            _ => condition.last_transition_time = Some(wall),
        }
    }
}

/// Sets all of the kubelet's conditions from the container statuses and the phase.
pub fn of_kubelet(world: &World, worker: &Worker, status: &mut PodStatus) {
    let wall = world.wall();
    let spec = &worker.pod.spec;
    let sandbox = worker.view.sandboxes.iter().filter(|sandbox| sandbox.ready).count() == 1
        && worker.view.sandbox().is_some_and(|sandbox| sandbox.ready);
    let early = status.condition("PodReadyToStartContainers").is_some_and(|c| c.status == "True")
        && worker.view.sandboxes.len() < worker.sandboxes.len();
    set(status, "PodReadyToStartContainers", truth(sandbox || early), "", "", wall);
    let (value, reason, message) = initialized(worker, status);
    set(status, "Initialized", value, reason, &message, wall);
    let containers = containers_ready(spec, status);
    let (value, reason, message) = pod_ready(worker, &containers);
    set(status, "Ready", value, reason, &message, wall);
    set(status, "ContainersReady", containers.0, containers.1, &containers.2, wall);
    set(status, "PodScheduled", "True", "", "", wall);
    all_restarting(worker, status, wall);
    sort(status);
}

fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

type Verdict = (&'static str, &'static str, String);

fn initialized(worker: &Worker, status: &PodStatus) -> Verdict {
    let spec = &worker.pod.spec;
    if status.phase == PodPhase::Succeeded {
        return ("True", "PodCompleted", String::new());
    }
    if spec.init_containers.is_empty() || worker.status.is_true("Initialized") {
        return ("True", "", String::new());
    }
    let regular_started = status.container_statuses.iter().any(|container| {
        container.started == Some(true)
            || container.state.is_running()
            || container.state.terminated().is_some()
            || container.last_state.terminated().is_some()
    });
    let incomplete: Vec<&str> = spec
        .init_containers
        .iter()
        .filter(|container| {
            let status =
                status.init_container_statuses.iter().find(|status| status.name == container.name);
            !status.is_some_and(|status| {
                if container.is_sidecar() { status.started == Some(true) } else { status.ready }
            })
        })
        .map(|container| container.name.as_str())
        .collect();
    if incomplete.is_empty() || regular_started {
        return ("True", "", String::new());
    }
    (
        "False",
        "ContainersNotInitialized",
        format!("containers with incomplete status: [{}]", incomplete.join(" ")),
    )
}

fn containers_ready(spec: &podplay_api::PodSpec, status: &PodStatus) -> Verdict {
    match status.phase {
        PodPhase::Succeeded => return ("False", "PodCompleted", String::new()),
        PodPhase::Failed => return ("False", "PodFailed", String::new()),
        PodPhase::Pending | PodPhase::Running | PodPhase::Unknown => {}
    }
    let find =
        |container: &Container| -> Option<&ContainerStatus> { status.container(&container.name) };
    let counted = spec
        .init_containers
        .iter()
        .filter(|container| container.is_sidecar())
        .chain(&spec.containers);
    let unready: Vec<&str> = counted
        .filter(|container| !find(container).is_some_and(|status| status.ready))
        .map(|container| container.name.as_str())
        .collect();
    if unready.is_empty() {
        return ("True", "", String::new());
    }
    (
        "False",
        "ContainersNotReady",
        format!("containers with unready status: [{}]", unready.join(" ")),
    )
}

fn pod_ready(worker: &Worker, containers: &Verdict) -> Verdict {
    if containers.0 != "True" {
        return containers.clone();
    }
    let stored = &worker.pod.status;
    let complaint = |gate: &podplay_api::ReadinessGate| {
        let kind = &gate.condition_type;
        match stored.condition(kind) {
            None => Some(format!(
                "corresponding condition of pod readiness gate \"{kind}\" does not exist."
            )),
            Some(condition) if condition.status != "True" => Some(format!(
                "the status of pod readiness gate \"{kind}\" is not \"True\", but {}",
                condition.status
            )),
            Some(_) => None,
        }
    };
    let complaints: Vec<String> =
        worker.pod.spec.readiness_gates.iter().filter_map(complaint).collect();
    if complaints.is_empty() {
        ("True", "", String::new())
    } else {
        ("False", "ReadinessGatesNotReady", complaints.join(", "))
    }
}

fn all_restarting(worker: &Worker, status: &mut PodStatus, wall: Timestamp) {
    let has_rule = |container: &Container| {
        container.restart_policy_rules.iter().any(|rule| rule.action == "RestartAllContainers")
    };
    if !worker.pod.spec.init_containers.iter().chain(&worker.pod.spec.containers).any(has_rule) {
        return;
    }
    if worker.restarting_all {
        set(
            status,
            "AllContainersRestarting",
            "True",
            "RestartAllContainersStarted",
            "container exited with restart policy rule",
            wall,
        );
    } else {
        set(status, "AllContainersRestarting", "False", "", "", wall);
    }
}

#[cfg(test)]
mod tests {
    use super::containers_ready;
    use podplay_api::{FromRaw, PodSpec, PodStatus, json};

    #[test]
    fn containers_are_ready_together() {
        let spec = PodSpec::from_raw(&json!({
            "initContainers": [{"name": "init"}, {"name": "side", "restartPolicy": "Always"}],
            "containers": [{"name": "a"}, {"name": "b"}]}));
        let unready = |names: &str| {
            ("ContainersNotReady", format!("containers with unready status: [{names}]"))
        };
        for (phase, ready, (reason, message)) in [
            ("Running", vec!["side", "a", "b"], ("", String::new())),
            ("Running", vec!["side", "b"], unready("a")),
            ("Running", vec!["a", "b"], unready("side")),
            ("Pending", vec![], unready("side a b")),
            ("Succeeded", vec![], ("PodCompleted", String::new())),
            ("Failed", vec!["side", "a", "b"], ("PodFailed", String::new())),
        ] {
            let of = |names: &[&str]| {
                names
                    .iter()
                    .map(|name| json!({"name": name, "ready": ready.contains(name)}))
                    .collect::<Vec<_>>()
            };
            let status = PodStatus::from_raw(&json!({"phase": phase,
                "initContainerStatuses": of(&["init", "side"]), "containerStatuses": of(&["a", "b"])}));
            let value = if reason.is_empty() { "True" } else { "False" };
            assert_eq!(
                containers_ready(&spec, &status),
                (value, reason, message),
                "{phase} {ready:?}"
            );
        }
    }
}
