//! API versions that are no longer served, and what they are called now.
//!
//! Follows the deprecated API migration guide of Kubernetes: which release took a version away, and
//! what its successor wants otherwise.

use serde_json::{Value, json};

use crate::value::{default, ensure, get, items_mut, put, remove, text};

/// A version that was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Removed {
    /// What is written now; empty if the kind is gone altogether.
    pub(crate) successor: &'static str,
    /// The release without it.
    pub(crate) release: &'static str,
}

/// `(group/version, kinds, successor, release)`; no kinds stands for all of that version.
const REMOVED: &[(&str, &[&str], &str, &str)] = &[
    ("extensions/v1beta1", &["Deployment", "DaemonSet", "ReplicaSet"], "apps/v1", "1.16"),
    ("extensions/v1beta1", &["NetworkPolicy"], "networking.k8s.io/v1", "1.16"),
    ("extensions/v1beta1", &["Ingress"], "networking.k8s.io/v1", "1.22"),
    ("extensions/v1beta1", &["PodSecurityPolicy"], "", "1.16"),
    ("apps/v1beta1", &["Deployment", "StatefulSet", "ControllerRevision"], "apps/v1", "1.16"),
    (
        "apps/v1beta2",
        &["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet", "ControllerRevision"],
        "apps/v1",
        "1.16",
    ),
    ("batch/v1beta1", &["CronJob"], "batch/v1", "1.25"),
    ("batch/v2alpha1", &["CronJob"], "batch/v1", "1.21"),
    ("policy/v1beta1", &["PodDisruptionBudget"], "policy/v1", "1.25"),
    ("policy/v1beta1", &["PodSecurityPolicy"], "", "1.25"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], "autoscaling/v2", "1.25"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], "autoscaling/v2", "1.26"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], "networking.k8s.io/v1", "1.22"),
    ("rbac.authorization.k8s.io/v1beta1", &[], "rbac.authorization.k8s.io/v1", "1.22"),
    ("rbac.authorization.k8s.io/v1alpha1", &[], "rbac.authorization.k8s.io/v1", "1.22"),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], "scheduling.k8s.io/v1", "1.22"),
    ("scheduling.k8s.io/v1alpha1", &["PriorityClass"], "scheduling.k8s.io/v1", "1.22"),
    ("storage.k8s.io/v1beta1", &[], "storage.k8s.io/v1", "1.22"),
    ("coordination.k8s.io/v1beta1", &["Lease"], "coordination.k8s.io/v1", "1.22"),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], "node.k8s.io/v1", "1.25"),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"], "discovery.k8s.io/v1", "1.25"),
    ("events.k8s.io/v1beta1", &["Event"], "events.k8s.io/v1", "1.25"),
    ("apiextensions.k8s.io/v1beta1", &[], "apiextensions.k8s.io/v1", "1.22"),
    ("apiregistration.k8s.io/v1beta1", &[], "apiregistration.k8s.io/v1", "1.22"),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
        "admissionregistration.k8s.io/v1",
        "1.22",
    ),
    ("certificates.k8s.io/v1beta1", &[], "certificates.k8s.io/v1", "1.22"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", &[], "flowcontrol.apiserver.k8s.io/v1", "1.26"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", &[], "flowcontrol.apiserver.k8s.io/v1", "1.29"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", &[], "flowcontrol.apiserver.k8s.io/v1", "1.32"),
];

/// Whether a kind was once served under this version.
pub(crate) fn removed(api_version: &str, kind: &str) -> Option<Removed> {
    REMOVED
        .iter()
        .find(|(version, kinds, _, _)| {
            *version == api_version && (kinds.is_empty() || kinds.contains(&kind))
        })
        .map(|(_, _, successor, release)| Removed { successor, release })
}

/// Rewrites an object of a removed version as one of its successor.
pub(crate) fn upgrade(object: &mut Value, successor: &str) {
    let (old, kind) = (text(object, "apiVersion").to_owned(), text(object, "kind").to_owned());
    put(object, "apiVersion", successor);
    match kind.as_str() {
        "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet" => workload(object, &old),
        "Ingress" => ingress(object),
        "HorizontalPodAutoscaler" if old.ends_with("v2beta1") => autoscaler(object),
        _ => {}
    }
}

/// The first versions took the selector from the template, and had fields of their own.
fn workload(object: &mut Value, old: &str) {
    let Some(spec) = object.get_mut("spec").filter(|s| s.is_object()) else { return };
    remove(spec, "rollbackTo");
    remove(spec, "templateGeneration");
    let labels = spec.pointer("/template/metadata/labels").cloned().unwrap_or_default();
    if old != "apps/v1beta2" && get(spec, "selector").is_none() && labels.is_object() {
        put(spec, "selector", json!({ "matchLabels": labels }));
    }
}

fn ingress(object: &mut Value) {
    let Some(spec) = object.get_mut("spec").filter(|s| s.is_object()) else { return };
    if let Some(mut backend) = spec.as_object_mut().and_then(|s| s.remove("backend")) {
        ingress_backend(&mut backend);
        put(spec, "defaultBackend", backend);
    }
    for rule in items_mut(spec, "rules") {
        let Some(http) = rule.get_mut("http") else { continue };
        for path in items_mut(http, "paths") {
            default(path, "pathType", "ImplementationSpecific");
            if let Some(backend) = path.get_mut("backend") {
                ingress_backend(backend);
            }
        }
    }
}

fn ingress_backend(backend: &mut Value) {
    let Some(map) = backend.as_object_mut() else { return };
    let (Some(name), port) = (map.remove("serviceName"), map.remove("servicePort")) else { return };
    let key = if port.as_ref().is_some_and(Value::is_string) { "name" } else { "number" };
    map.insert("service".to_owned(), json!({"name": name, "port": {key: port}}));
}

/// `targetAverageUtilization` and its like became `target: {type: …}`.
fn autoscaler(object: &mut Value) {
    let spec = ensure(object, "spec");
    for metric in items_mut(spec, "metrics") {
        for source in ["resource", "containerResource", "pods", "object", "external"] {
            let Some(map) = metric.get_mut(source).and_then(Value::as_object_mut) else { continue };
            let mut target = serde_json::Map::new();
            for (old, kind, new) in [
                ("targetAverageUtilization", "Utilization", "averageUtilization"),
                ("targetAverageValue", "AverageValue", "averageValue"),
                ("targetValue", "Value", "value"),
            ] {
                if let Some(value) = map.remove(old) {
                    target.insert("type".to_owned(), kind.into());
                    target.insert(new.to_owned(), value);
                }
            }
            if !target.is_empty() {
                map.insert("target".to_owned(), Value::Object(target));
            }
            if let Some(name) = map.remove("metricName") {
                map.insert("metric".to_owned(), json!({ "name": name }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_read_as_their_successors() {
        let mut old = json!({"apiVersion": "extensions/v1beta1", "kind": "Deployment", "spec": {
            "rollbackTo": {"revision": 1}, "template": {"metadata": {"labels": {"app": "a"}}}}});
        let found = removed("extensions/v1beta1", "Deployment").expect("a removed version");
        upgrade(&mut old, found.successor);
        assert_eq!(old["apiVersion"], "apps/v1");
        assert_eq!(old["spec"]["selector"], json!({"matchLabels": {"app": "a"}}));
        assert!(old["spec"].get("rollbackTo").is_none());
        let mut ingress = json!({"apiVersion": "networking.k8s.io/v1beta1", "kind": "Ingress", "spec": {"rules": [
            {"http": {"paths": [{"path": "/", "backend": {"serviceName": "web", "servicePort": 80}}]}}]}});
        upgrade(&mut ingress, "networking.k8s.io/v1");
        let path = &ingress["spec"]["rules"][0]["http"]["paths"][0];
        assert_eq!(path["backend"], json!({"service": {"name": "web", "port": {"number": 80}}}));
    }

    #[test]
    fn every_successor_is_served() {
        for (version, kinds, successor, _) in REMOVED {
            for kind in kinds.iter().filter(|_| !successor.is_empty()) {
                assert!(crate::schema::find_kind(successor, kind).is_some(), "{version} {kind}");
                assert!(crate::schema::find_kind(version, kind).is_none(), "{version} {kind}");
            }
        }
    }
}
