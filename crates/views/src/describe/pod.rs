//! Pods and pod templates.

use serde_json::{Value, json};

use super::container::{containers, resources};
use super::volumes::volumes;
use super::writer::Writer;
use super::{Related, controlled_by, date};
use crate::duration::since;
use crate::json::{at, condition, has, int, items, opt_int, text, time};
use crate::labels::selector_or_none;

pub(super) fn pod(w: &mut Writer, pod: &Value, related: &Related) {
    head(w, pod);
    status(w, pod, related);
    addresses(w, pod);
    controlled_by(w, pod);
    w.field_if("NominatedNodeName", text(pod, "status.nominatedNodeName"));
    if has(pod, "spec.resources") {
        w.line(0, "Resources:");
        resources(w, at(pod, "spec.resources"), 1);
    }
    for (title, spec, status) in [
        ("Init Containers", "spec.initContainers", "status.initContainerStatuses"),
        ("Containers", "spec.containers", "status.containerStatuses"),
        ("Ephemeral Containers", "spec.ephemeralContainers", "status.ephemeralContainerStatuses"),
    ] {
        let list = items(pod, spec);
        if title == "Containers" || !list.is_empty() {
            containers(w, title, list, items(pod, status), Some(pod));
        }
    }
    readiness_gates(w, pod);
    pod_conditions(w, pod);
    volumes(w, items(pod, "spec.volumes"), "");
    w.field("QoS Class", qos_class(pod));
    w.map("Node-Selectors", pod, "spec.nodeSelector");
    w.tolerations("Tolerations", at(pod, "spec"));
    spread_constraints(w, at(pod, "spec"), "");
}

fn head(w: &mut Writer, pod: &Value) {
    w.names(pod);
    if let Some(priority) = opt_int(pod, "spec.priority") {
        w.field("Priority", &priority.to_string());
    }
    w.field_if("Priority Class Name", text(pod, "spec.priorityClassName"));
    w.field_if("Runtime Class Name", text(pod, "spec.runtimeClassName"));
    w.field_if("Service Account", text(pod, "spec.serviceAccountName"));
    match text(pod, "spec.nodeName") {
        "" => w.field("Node", "<none>"),
        node => w.field("Node", &format!("{node}/{}", text(pod, "status.hostIP"))),
    }
    if has(pod, "status.startTime") {
        w.field("Start Time", &date(pod, "status.startTime"));
    }
    w.labels_and_annotations(pod);
}

fn status(w: &mut Writer, pod: &Value, related: &Related) {
    let phase = text(pod, "status.phase");
    if has(pod, "metadata.deletionTimestamp") && !matches!(phase, "Failed" | "Succeeded") {
        let lasts = since(time(pod, "metadata.deletionTimestamp"), related.now);
        w.field("Status", &format!("Terminating (lasts {lasts})"));
        w.field(
            "Termination Grace Period",
            &format!("{}s", int(pod, "metadata.deletionGracePeriodSeconds")),
        );
    } else {
        w.field("Status", phase);
    }
    w.field_if("Reason", text(pod, "status.reason"));
    w.field_if("Message", text(pod, "status.message"));
    seccomp(w, at(pod, "spec.securityContext.seccompProfile"), 0);
}

/// The seccomp profile of a pod or container, if it sets one.
pub(super) fn seccomp(w: &mut Writer, profile: &Value, level: usize) {
    let kind = text(profile, "type");
    if kind.is_empty() {
        return;
    }
    w.line(level, &format!("SeccompProfile:\t{kind}"));
    if kind == "Localhost" {
        let indent = if level == 0 { 0 } else { level + 1 };
        w.line(indent, &format!("LocalhostProfile:\t{}", text(profile, "localhostProfile")));
    }
}

fn addresses(w: &mut Writer, pod: &Value) {
    w.field("IP", text(pod, "status.podIP"));
    let ips = items(pod, "status.podIPs");
    if ips.is_empty() {
        w.field("IPs", "<none>");
        return;
    }
    w.line(0, "IPs:");
    for ip in ips {
        w.line(1, &format!("IP:\t{}", text(ip, "ip")));
    }
}

fn readiness_gates(w: &mut Writer, pod: &Value) {
    let gates = items(pod, "spec.readinessGates");
    if gates.is_empty() {
        return;
    }
    w.line(0, "Readiness Gates:\n  Type\tStatus");
    for gate in gates {
        let kind = text(gate, "conditionType");
        w.line(1, &format!("{kind} \t{} ", condition(pod, kind).unwrap_or("<none>")));
    }
}

fn pod_conditions(w: &mut Writer, pod: &Value) {
    let conditions = items(pod, "status.conditions");
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus");
    for condition in conditions {
        w.line(1, &format!("{} \t{} ", text(condition, "type"), text(condition, "status")));
    }
}

fn spread_constraints(w: &mut Writer, spec: &Value, indent: &str) {
    let mut list: Vec<&Value> = items(spec, "topologySpreadConstraints").iter().collect();
    if list.is_empty() {
        return;
    }
    list.sort_by_key(|constraint| text(constraint, "topologyKey"));
    let words = |constraint: &Value| {
        let [key, otherwise] =
            ["topologyKey", "whenUnsatisfiable"].map(|field| text(constraint, field));
        let selector = match at(constraint, "labelSelector") {
            Value::Null => String::new(),
            selector => format!(" for selector {}", selector_or_none(selector)),
        };
        format!(
            "{key}:{otherwise} when max skew {} is exceeded{selector}",
            int(constraint, "maxSkew")
        )
    };
    let list: Vec<String> = list.into_iter().map(words).collect();
    w.several(&format!("{indent}Topology Spread Constraints"), &list);
}

/// The class in the status, or as the kubelet would compute it. Models `pkg/apis/core/v1/helper/qos`.
fn qos_class(pod: &Value) -> &str {
    let class = text(pod, "status.qosClass");
    if !class.is_empty() {
        return class;
    }
    let all: Vec<&Value> =
        items(pod, "spec.containers").iter().chain(items(pod, "spec.initContainers")).collect();
    let amount = |container: &Value, kind: &str, resource: &str| {
        let quantity = at(container, &format!("resources.{kind}.{resource}"));
        Some(quantity).filter(|quantity| !quantity.is_null() && **quantity != json!("0")).cloned()
    };
    let resources = ["cpu", "memory"];
    let any = |container: &&Value| {
        resources.iter().any(|r| {
            amount(container, "limits", r).or_else(|| amount(container, "requests", r)).is_some()
        })
    };
    let full = |container: &&Value| {
        resources.iter().all(|r| {
            let limit = amount(container, "limits", r);
            let request = amount(container, "requests", r).or_else(|| limit.clone());
            limit.is_some() && request == limit
        })
    };
    match (all.iter().any(any), all.iter().all(full)) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// The template of a controller.
pub(super) fn template(w: &mut Writer, template: &Value) {
    w.line(0, "Pod Template:");
    w.map("  Labels", template, "metadata.labels");
    if has(template, "metadata.annotations") {
        w.annotations("  Annotations", template);
    }
    let spec = at(template, "spec");
    w.field_if("  Service Account", text(spec, "serviceAccountName"));
    if !items(spec, "initContainers").is_empty() {
        containers(w, "Init Containers", items(spec, "initContainers"), &[], None);
    }
    containers(w, "Containers", items(spec, "containers"), &[], None);
    volumes(w, items(spec, "volumes"), "  ");
    spread_constraints(w, spec, "  ");
    w.field_if("  Priority Class Name", text(spec, "priorityClassName"));
    w.map("  Node-Selectors", spec, "nodeSelector");
    w.tolerations("  Tolerations", spec);
}
