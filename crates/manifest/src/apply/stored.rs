//! What the registry strategies add before an object is stored: status, generation, addresses.
//!
//! Models `pkg/registry/*/strategy.go` (`PrepareForCreate`, `PrepareForUpdate`).

use serde_json::{Map, Value, json};

use crate::value::{
    at, constant, default, ensure, filled, get, items, items_mut, name, put, remove, text,
};

/// What a real server would make up.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The uid, which Jobs write into their labels.
    pub uid: String,
    /// The address of a Service that asks for none.
    pub cluster_ip: String,
    /// The port on the nodes of a Service that asks for none; zero gives none.
    pub node_port: i64,
    /// The time, as objects show it.
    pub now: String,
}

impl StoreOptions {
    /// As in a dry run.
    #[must_use]
    pub fn dry_run() -> Self {
        Self {
            uid: "00000000-0000-4000-8000-000000000000".to_owned(),
            cluster_ip: "10.96.0.0".to_owned(),
            // One past the range, so that nobody takes it for a real one.
            node_port: 32_769,
            now: "2026-11-22T10:36:09Z".to_owned(),
        }
    }

    /// As far as validation needs it: nothing is given out.
    pub(crate) fn checking() -> Self {
        Self { node_port: 0, ..Self::dry_run() }
    }
}

/// Completes a defaulted and admitted object as it is stored.
pub fn prepare_for_create(object: &mut Value, options: &StoreOptions) {
    let kind = text(object, "kind").to_owned();
    match kind.as_str() {
        "Pod" => pod(object, options),
        "Event" => event(object),
        "CustomResourceDefinition" => definition(object),
        "Service" => service(object, options),
        "Job" => job(object, options),
        "Namespace" => {
            put(ensure(object, "spec"), "finalizers", constant(r#"["kubernetes"]"#));
            put(object, "status", constant(r#"{"phase":"Active"}"#));
        }
        "Deployment" | "CronJob" | "ResourceQuota" => put(object, "status", json!({})),
        "ReplicaSet" | "ReplicationController" => {
            put(object, "status", constant(r#"{"replicas":0}"#))
        }
        "StatefulSet" => put(object, "status", constant(r#"{"availableReplicas":0,"replicas":0}"#)),
        "DaemonSet" => put(
            object,
            "status",
            constant(
                r#"{"currentNumberScheduled":0,"desiredNumberScheduled":0,"numberMisscheduled":0,"numberReady":0}"#,
            ),
        ),
        "PodDisruptionBudget" => put(
            object,
            "status",
            constant(
                r#"{"currentHealthy":0,"desiredHealthy":0,"disruptionsAllowed":0,"expectedPods":0}"#,
            ),
        ),
        "HorizontalPodAutoscaler" => {
            put(object, "status", constant(r#"{"currentMetrics":null,"desiredReplicas":0}"#));
        }
        "PersistentVolume" => {
            put(
                ensure(object, "metadata"),
                "finalizers",
                constant(r#"["kubernetes.io/pv-protection"]"#),
            );
        }
        "PersistentVolumeClaim" => {
            put(
                ensure(object, "metadata"),
                "finalizers",
                constant(r#"["kubernetes.io/pvc-protection"]"#),
            );
        }
        _ => {}
    }
    if has_generation(&kind) {
        put(ensure(object, "metadata"), "generation", 1);
    }
}

fn has_generation(kind: &str) -> bool {
    matches!(
        kind,
        "Pod"
            | "Deployment"
            | "ReplicaSet"
            | "ReplicationController"
            | "StatefulSet"
            | "DaemonSet"
            | "Job"
            | "CronJob"
            | "PodDisruptionBudget"
            | "NetworkPolicy"
            | "PriorityClass"
            | "IngressClass"
            | "Ingress"
            | "PodTemplate"
            | "CustomResourceDefinition"
    )
}

fn pod(object: &mut Value, options: &StoreOptions) {
    label_keys(object);
    let class = crate::qos::class(object.get("spec").unwrap_or(&Value::Null));
    let gated = at(object, "spec.schedulingGates")
        .is_some_and(|g| g.as_array().is_some_and(|a| !a.is_empty()));
    let mut status = json!({"phase": "Pending", "qosClass": class});
    if gated {
        put(
            &mut status,
            "conditions",
            json!([{"lastProbeTime": null, "lastTransitionTime": options.now, "message": "Scheduling is blocked due to non-empty scheduling gates", "reason": "SchedulingGated", "status": "False", "type": "PodScheduled"}]),
        );
    }
    put(object, "status", status);
}

/// `matchLabelKeys` become part of the selectors beside them.
fn label_keys(object: &mut Value) {
    let labels = at(object, "metadata.labels").cloned().unwrap_or(Value::Null);
    let Some(spec) = object.get_mut("spec") else { return };
    for constraint in items_mut(spec, "topologySpreadConstraints") {
        extend_selector(constraint, &labels);
    }
    let Some(affinity) = spec.get_mut("affinity") else { return };
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = affinity.get_mut(kind) else { continue };
        for term in items_mut(pods, "requiredDuringSchedulingIgnoredDuringExecution") {
            extend_selector(term, &labels);
        }
        for preferred in items_mut(pods, "preferredDuringSchedulingIgnoredDuringExecution") {
            if let Some(term) = preferred.get_mut("podAffinityTerm") {
                extend_selector(term, &labels);
            }
        }
    }
}

fn extend_selector(term: &mut Value, labels: &Value) {
    if get(term, "labelSelector").is_none() {
        return;
    }
    for (list, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        for key in items(term, list).to_vec().iter().filter_map(Value::as_str) {
            let Some(value) = labels.get(key) else { continue };
            let expression = json!({"key": key, "operator": operator, "values": [value]});
            let selector = ensure(term, "labelSelector");
            default(selector, "matchExpressions", json!([]));
            if let Some(all) = selector.get_mut("matchExpressions").and_then(Value::as_array_mut) {
                all.push(expression);
            }
        }
    }
}

/// Old fields of events are written even when they are empty.
fn event(object: &mut Value) {
    for key in ["eventTime", "firstTimestamp", "lastTimestamp"] {
        default(object, key, Value::Null);
    }
    for key in ["reportingComponent", "reportingInstance"] {
        default(object, key, "");
    }
    default(object, "source", json!({}));
}

fn definition(object: &mut Value) {
    let spec = ensure(object, "spec");
    default(spec, "conversion", constant(r#"{"strategy":"None"}"#));
    let stored: Vec<Value> = items(spec, "versions")
        .iter()
        .filter(|v| crate::value::truth(v, "storage"))
        .filter_map(|v| v.get("name").cloned())
        .collect();
    let names = ensure(spec, "names");
    let kind = text(names, "kind").to_owned();
    default(names, "listKind", format!("{kind}List"));
    default(names, "singular", kind.to_ascii_lowercase());
    put(
        object,
        "status",
        json!({"acceptedNames": {"kind": "", "plural": ""}, "conditions": null, "storedVersions": stored}),
    );
}

fn service(object: &mut Value, options: &StoreOptions) {
    let spec = ensure(object, "spec");
    let kind = text(spec, "type").to_owned();
    let wants_ports = kind == "NodePort"
        || kind == "LoadBalancer"
            && get(spec, "allocateLoadBalancerNodePorts").is_none_or(|v| *v != false);
    if wants_ports && options.node_port != 0 {
        for port in items_mut(spec, "ports") {
            default(port, "nodePort", options.node_port);
        }
    }
    if kind != "ExternalName" {
        default(spec, "clusterIP", options.cluster_ip.clone());
        let ip = text(spec, "clusterIP").to_owned();
        default(spec, "clusterIPs", json!([ip]));
        default(spec, "ipFamilies", constant(r#"["IPv4"]"#));
        let headless_without_selector = ip == "None" && !filled(spec, "selector");
        let policy = if headless_without_selector { "RequireDualStack" } else { "SingleStack" };
        if headless_without_selector && get(spec, "ipFamilyPolicy").is_none() {
            put(spec, "ipFamilies", constant(r#"["IPv4","IPv6"]"#));
        }
        default(spec, "ipFamilyPolicy", policy);
    }
    put(object, "status", constant(r#"{"loadBalancer":{}}"#));
}

/// The labels and the selector by which a Job knows its pods.
fn job(object: &mut Value, options: &StoreOptions) {
    let job_name = name(object).to_owned();
    let spec = ensure(object, "spec");
    default(spec, "manualSelector", false);
    put(object, "status", json!({}));
    if at(object, "spec.manualSelector").is_some_and(|m| *m == true) {
        return;
    }
    let own = json!({
        "batch.kubernetes.io/controller-uid": options.uid,
        "batch.kubernetes.io/job-name": job_name,
        "controller-uid": options.uid,
        "job-name": job_name,
    });
    let spec = ensure(object, "spec");
    let labels = ensure(ensure(ensure(spec, "template"), "metadata"), "labels");
    for (key, value) in own.as_object().into_iter().flatten() {
        put(labels, key, value.clone());
    }
    let all = labels.clone();
    let matches = ensure(ensure(spec, "selector"), "matchLabels");
    put(matches, "batch.kubernetes.io/controller-uid", options.uid.clone());
    let metadata = ensure(object, "metadata");
    if !filled(metadata, "labels") {
        put(metadata, "labels", all);
    }
}

/// Keeps what an update may not touch, and counts the generation up when the spec changed.
pub(super) fn prepare_for_update(new: &mut Value, old: &Value) {
    if let Some(status) = old.get("status") {
        put(new, "status", status.clone());
    }
    if text(new, "kind") == "Service" {
        keep_service_addresses(new, old);
    }
    let generation = at(old, "metadata.generation").and_then(Value::as_i64);
    if let Some(generation) = generation {
        let next = if new.get("spec") == old.get("spec") { generation } else { generation + 1 };
        put(ensure(new, "metadata"), "generation", next);
    }
}

/// Addresses and node ports that were given stay, unless the type no longer has them.
fn keep_service_addresses(new: &mut Value, old: &Value) {
    let empty = Value::Object(Map::new());
    let before = old.get("spec").unwrap_or(&empty);
    let spec = ensure(new, "spec");
    if text(spec, "type") == "ExternalName" {
        for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            remove(spec, key);
        }
        return;
    }
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if let Some(value) = get(before, key) {
            default(spec, key, value.clone());
        }
    }
    let ports: Vec<Value> = items(before, "ports").to_vec();
    if matches!(text(spec, "type"), "NodePort" | "LoadBalancer") {
        for port in items_mut(spec, "ports") {
            let same = ports.iter().find(|p| p.get("port") == port.get("port"));
            if let Some(node_port) = same.and_then(|p| get(p, "nodePort")) {
                default(port, "nodePort", node_port.clone());
            }
        }
    }
}
