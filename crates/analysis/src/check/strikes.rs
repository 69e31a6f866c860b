//! The faults that can hit what a text runs, each once for everything that is alike.

use super::trials::Planned;
use crate::lab::{Ground, Workload};
use podplay_api::{Container, Pod, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// A pod of a workload.
    Pod(usize),
    /// All starts of a workload, or of its images.
    Starts(usize),
    /// A node.
    Node(String),
    /// Everything.
    All,
}

/// A fault that can be struck.
#[derive(Clone, Debug)]
pub(crate) struct Strike {
    pub(crate) kind: &'static str,
    pub(crate) fault: Value,
    /// The same fault without an end, where that is another question.
    pub(crate) forever: Option<Value>,
    pub(crate) whose: Whose,
    /// It is felt only by what starts while it lasts.
    pub(crate) starts: bool,
}

/// The faults of a moment at which these pods are there.
pub(crate) fn all(ground: &Ground, pods: &[Arc<Pod>]) -> Vec<Strike> {
    let mut out = Vec::new();
    let mut classes = BTreeSet::new();
    let mut nodes = BTreeSet::new();
    for pod in pods {
        let Some(index) = ground.workload_of(&pod.meta.namespace, &pod.meta.name) else { continue };
        if pod.spec.node_name.is_empty() {
            continue;
        }
        nodes.insert(pod.spec.node_name.clone());
        let label = |key: &str| pod.meta.labels.get(key).cloned().unwrap_or_default();
        let class = (
            index,
            label("pod-template-hash") + &label("controller-revision-hash"),
            pod.meta.deletion_timestamp.is_some(),
            pod.status.is_true("Ready"),
        );
        if classes.insert(class) {
            on_pod(ground, index, pod, &mut out);
        }
    }
    for (index, one) in ground.workloads.iter().enumerate() {
        on_starts(index, one, &mut out);
    }
    if let Some(node) = nodes.first() {
        on_node(node, &mut out);
    }
    let fault = json!({"kind": "DNSDown", "for": "60s"});
    out.push(Strike { kind: "DNSDown", fault, forever: None, whose: Whose::All, starts: false });
    out
}

fn on_pod(ground: &Ground, index: usize, pod: &Pod, out: &mut Vec<Strike>) {
    let one = &ground.workloads[index];
    let asked = ground.asked(one);
    let base = json!({"pod": pod.meta.name, "namespace": pod.meta.namespace});
    let mut add = |kind: &'static str, container: Option<&str>, more: Value| {
        let mut fault = base.clone();
        fault["kind"] = Value::from(kind);
        if let Some(name) = container {
            fault["container"] = Value::from(name);
        }
        for (key, value) in more.as_object().into_iter().flatten() {
            fault[key.as_str()] = value.clone();
        }
        let mut forever = (kind == "Hang").then(|| fault.clone());
        if let Some(fault) = forever.as_mut().and_then(Value::as_object_mut) {
            fault.remove("for");
        }
        out.push(Strike { kind, fault, forever, whose: Whose::Pod(index), starts: false });
    };
    let many = one.spec.containers.len() > 1;
    for container in &one.spec.containers {
        let name = many.then_some(container.name.as_str());
        add("Crash", name, json!({"exitCode": 1}));
        add("OOMKill", name, json!({}));
        add("Hang", name, json!({"for": "60s"}));
        if asked || probes(container, |probe| probe.exec.is_none()) {
            add("Slow", name, json!({"by": "3s", "for": "60s"}));
            add("RefuseConnections", name, json!({"for": "60s"}));
        }
        if asked || probes(container, |probe| probe.http_get.is_some()) {
            add("FailHTTP", name, json!({"status": 503, "for": "60s"}));
        }
        if container.lifecycle.is_some() {
            add("HookFails", name, json!({"for": "60s"}));
            add("HookHangs", name, json!({"for": "60s"}));
        }
    }
    add("SandboxLost", None, json!({}));
    add("Partition", None, json!({"for": "60s"}));
}

fn probes(container: &Container, is: impl Fn(&podplay_api::Probe) -> bool) -> bool {
    let all = [&container.liveness_probe, &container.readiness_probe, &container.startup_probe];
    all.into_iter().flatten().any(is)
}

fn on_starts(index: usize, one: &Workload, out: &mut Vec<Strike>) {
    let mut add = |kind: &'static str, fault: Value| {
        let whose = Whose::Starts(index);
        out.push(Strike { kind, fault, forever: None, whose, starts: true });
    };
    let Some(container) = one.spec.containers.first() else { return };
    let image = container.image.as_str();
    add("SlowStart", json!({"kind": "SlowStart", "by": "30s", "for": "3m"}));
    add("ImageMissing", json!({"kind": "ImageMissing", "image": image, "for": "2m"}));
    add("RegistryDown", json!({"kind": "RegistryDown", "image": image, "for": "2m"}));
    add("SlowPull", json!({"kind": "SlowPull", "image": image, "by": "60s", "for": "3m"}));
    let configured =
        |volume: &podplay_api::Volume| volume.config_map.is_some() || volume.secret.is_some();
    if one.spec.volumes.iter().any(configured) {
        add("ConfigMissing", json!({"kind": "ConfigMissing", "for": "60s"}));
    }
}

fn on_node(node: &str, out: &mut Vec<Strike>) {
    for (kind, more) in [
        ("KubeletRestart", json!({})),
        ("KubeletDown", json!({"for": "60s"})),
        ("NodeDown", json!({"for": "60s"})),
        ("NodePressure", json!({"for": "60s"})),
        ("Partition", json!({"for": "60s"})),
    ] {
        let mut fault = json!({"kind": kind, "node": node});
        for (key, value) in more.as_object().into_iter().flatten() {
            fault[key.as_str()] = value.clone();
        }
        let whose = Whose::Node(node.to_owned());
        out.push(Strike { kind, fault, forever: None, whose, starts: false });
    }
}

/// Whether a fault and something planned can have to do with each other; what cannot is as each of them alone.
pub(crate) fn touches(
    ground: &Ground,
    planned: &Planned,
    strike: &Strike,
    pods: &[Arc<Pod>],
) -> bool {
    let on = |node: &str, index: usize| {
        pods.iter().any(|pod| {
            pod.spec.node_name == node
                && ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index)
        })
    };
    match (planned, &strike.whose) {
        (_, Whose::All) => true,
        (
            Planned::Rollout(moved) | Planned::Delete(moved),
            Whose::Pod(index) | Whose::Starts(index),
        ) => moved == index || strike.kind == "SlowStart",
        (Planned::Rollout(moved) | Planned::Delete(moved), Whose::Node(node)) => on(node, *moved),
        (
            Planned::Drain(node) | Planned::NodeLoss(node),
            Whose::Pod(index) | Whose::Starts(index),
        ) => on(node, *index),
        (Planned::Drain(node) | Planned::NodeLoss(node), Whose::Node(other)) => node != other,
    }
}
