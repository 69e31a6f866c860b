//! What an object has as soon as it is made: the zero of its status, and what merges into its spec.
//!
//! Models the PrepareForCreate of the registries' strategies, and dry runs.

use super::write::{admit_new_pod, admit_new_resource};
use super::{ApiError, Resource};
use crate::world::World;
use podplay_api::{Pod, Value, json};
use std::sync::Arc;

/// Fills in what a new object of that kind shows before any controller has seen it.
pub(super) fn fill(world: &World, kind: &str, resource: &mut Resource) {
    if resource.status.is_null()
        && let Some(status) = status(kind, &resource.body)
    {
        resource.status = Arc::new(status);
    }
    if kind == "PersistentVolume" {
        let since = Arc::make_mut(&mut resource.status);
        since["lastPhaseTransitionTime"] = json!(world.wall().to_string());
    }
    if kind == "Event" {
        let body = Arc::make_mut(&mut resource.body);
        for (field, zero) in [
            ("eventTime", Value::Null),
            ("firstTimestamp", Value::Null),
            ("lastTimestamp", Value::Null),
            ("reportingComponent", json!("")),
            ("reportingInstance", json!("")),
            ("source", json!({})),
        ] {
            body.entry(field).or_insert(zero);
        }
    }
}

/// The status of a new object: what Go writes for a zero value of its type.
fn status(kind: &str, body: &podplay_api::Map<String, Value>) -> Option<Value> {
    Some(match kind {
        "Deployment" | "Job" | "CronJob" | "ResourceQuota" => json!({}),
        "ReplicaSet" | "ReplicationController" => json!({"replicas": 0}),
        "StatefulSet" => json!({"availableReplicas": 0, "replicas": 0}),
        "DaemonSet" => json!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0,
            "numberMisscheduled": 0, "numberReady": 0}),
        "Service" | "Ingress" => json!({"loadBalancer": {}}),
        "PodDisruptionBudget" => json!({"currentHealthy": 0, "desiredHealthy": 0,
            "disruptionsAllowed": 0, "expectedPods": 0}),
        "HorizontalPodAutoscaler" => json!({"currentMetrics": null, "desiredReplicas": 0}),
        "PersistentVolume" => json!({"phase": "Pending"}),
        "CustomResourceDefinition" => {
            let versions = body.get("spec").and_then(|spec| spec["versions"].as_array());
            let stored: Vec<&Value> = versions
                .into_iter()
                .flatten()
                .filter(|version| version["storage"] == true)
                .map(|version| &version["name"])
                .collect();
            json!({"acceptedNames": {"kind": "", "plural": ""}, "conditions": null,
                "storedVersions": stored})
        }
        _ => return None,
    })
}

/// Label keys of a pod's affinity terms and spread constraints become requirements on the values that the pod has.
///
/// Models `pkg/registry/core/pod/strategy.go` applyMatchLabelKeysAndMismatchLabelKeys.
pub(super) fn merge_label_keys(pod: &Pod, spec: &mut Value) {
    let value_of = |key: &str| pod.meta.labels.get(key).cloned();
    for list in ["podAffinity", "podAntiAffinity"] {
        let affinity = spec.get_mut("affinity").and_then(|affinity| affinity.get_mut(list));
        let Some(affinity) = affinity else { continue };
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        for term in affinity.get_mut(required).and_then(Value::as_array_mut).into_iter().flatten() {
            merge(term, &value_of);
        }
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        for each in affinity.get_mut(preferred).and_then(Value::as_array_mut).into_iter().flatten()
        {
            merge(&mut each["podAffinityTerm"], &value_of);
        }
    }
    let constraints = spec.get_mut("topologySpreadConstraints").and_then(Value::as_array_mut);
    constraints.into_iter().flatten().for_each(|constraint| merge(constraint, &value_of));
}

fn merge(term: &mut Value, value_of: &impl Fn(&str) -> Option<String>) {
    if term["labelSelector"].is_null() {
        return;
    }
    for (field, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        let keys: Vec<String> = term[field]
            .as_array()
            .map(|keys| keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        for key in keys {
            let Some(value) = value_of(&key) else { continue };
            let requirements = &mut term["labelSelector"]["matchExpressions"];
            if requirements.is_null() {
                *requirements = json!([]);
            }
            if let Some(requirements) = requirements.as_array_mut() {
                requirements.push(json!({"key": key, "operator": operator, "values": [value]}));
            }
        }
    }
}

/// What would be stored for a new object: admitted, but not kept. The world is a copy that is thrown away.
///
/// # Errors
/// As for [`super::create`].
pub fn dry_create(world: &mut World, object: &Value) -> Result<Value, ApiError> {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let mut made = if kind == "Pod" {
        let mut pod = Pod::from_object(object);
        admit_new_pod(world, &mut pod)?;
        pod.to_object()
    } else {
        let mut resource = Resource::from_object(object);
        admit_new_resource(world, &kind, &mut resource)?;
        resource.to_object(&kind)
    };
    if kind == "Service" {
        allocate_nothing(object, &mut made);
    }
    if let Some(meta) = made["metadata"].as_object_mut() {
        meta.remove("resourceVersion");
    }
    Ok(made)
}

/// A dry run allocates nothing: it shows the network's own address, and ports behind the last one of the range.
///
/// Models `pkg/registry/core/service/ipallocator/ipallocator.go` and `portallocator/operation.go` for dry runs.
fn allocate_nothing(asked: &Value, made: &mut Value) {
    let spec = &mut made["spec"];
    let asks = asked["spec"]["clusterIP"].as_str().is_some_and(|address| !address.is_empty());
    if !asks && spec["clusterIP"].is_string() {
        spec["clusterIP"] = json!(DRY_ADDRESS);
        spec["clusterIPs"] = json!([DRY_ADDRESS]);
    }
    let mut last = 0;
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    for (index, port) in ports.into_iter().flatten().enumerate() {
        if port["nodePort"].is_null() {
            continue;
        }
        let asked = asked["spec"]["ports"][index]["nodePort"].as_i64().filter(|&port| port != 0);
        let given = asked.unwrap_or(if last == 0 { DRY_PORTS } else { last } + 1);
        port["nodePort"] = json!(given);
        last = last.max(given);
    }
}

/// The network of the Services' addresses.
const DRY_ADDRESS: &str = "10.96.0.0";
/// Dry node ports come behind this one.
const DRY_PORTS: i64 = 32_768;
