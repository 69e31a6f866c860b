//! Filling in what was left out, as the API server does before it validates and stores.
//!
//! Models `pkg/apis/*/v1/defaults.go` and the normal form in which objects are stored: quantities
//! in canonical text, empty optional fields left out.

mod normal;
mod others;
mod pod;
mod service;
mod workloads;

use serde_json::Value;

use crate::value::text;

pub use pod::apply_pod_spec;

/// Fills in the defaults of an object of any kind. Objects of unknown kinds stay as they are.
pub fn apply_defaults(object: &mut Value) {
    let (version, kind) = (text(object, "apiVersion").to_owned(), text(object, "kind").to_owned());
    normal::canonical(object, &version, &kind);
    match (version.as_str(), kind.as_str()) {
        ("v1", "Pod") => pod::pod(object),
        ("v1", "PodTemplate") => pod::template(object, "template"),
        ("v1", "ReplicationController") => workloads::replication_controller(object),
        ("v1", "Service") => service::service(object),
        ("v1", "Endpoints") => service::endpoints(object),
        ("v1", "Secret") => others::secret(object),
        ("v1", "Namespace") => others::namespace(object),
        ("v1", "PersistentVolume") => others::volume(object),
        ("v1", "PersistentVolumeClaim") => others::claim(object),
        ("v1", "LimitRange") => others::limit_range(object),
        ("apps/v1", "Deployment") => workloads::deployment(object),
        ("apps/v1", "ReplicaSet") => workloads::replica_set(object),
        ("apps/v1", "StatefulSet") => workloads::stateful_set(object),
        ("apps/v1", "DaemonSet") => workloads::daemon_set(object),
        ("batch/v1", "Job") => workloads::job(object),
        ("batch/v1", "CronJob") => workloads::cron_job(object),
        ("autoscaling/v2" | "autoscaling/v1", "HorizontalPodAutoscaler") => {
            others::autoscaler(object)
        }
        ("scheduling.k8s.io/v1", "PriorityClass") => others::priority_class(object),
        ("networking.k8s.io/v1", "NetworkPolicy") => others::network_policy(object),
        ("networking.k8s.io/v1", "IngressClass") => others::ingress_class(object),
        ("storage.k8s.io/v1", "StorageClass") => others::storage_class(object),
        ("rbac.authorization.k8s.io/v1", "RoleBinding" | "ClusterRoleBinding") => {
            others::role_binding(object);
        }
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition") => others::definition(object),
        _ => {}
    }
    normal::trim(object, &version, &kind);
}

/// The defaults that one document would get: path and value of each field that was added or changed.
#[must_use]
pub fn filled(submitted: &Value, defaulted: &Value) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    compare(submitted, defaulted, &mut String::new(), &mut out);
    out
}

fn compare(before: &Value, after: &Value, path: &mut String, out: &mut Vec<(String, Value)>) {
    match (before, after) {
        (Value::Object(b), Value::Object(a)) => {
            for (key, value) in a {
                let keep = path.len();
                crate::yaml::push_key(path, key);
                match b.get(key).filter(|v| !v.is_null()) {
                    Some(old) => compare(old, value, path, out),
                    None => out.push((path.clone(), value.clone())),
                }
                path.truncate(keep);
            }
        }
        (Value::Array(b), Value::Array(a)) if b.len() == a.len() => {
            for (i, (old, value)) in b.iter().zip(a).enumerate() {
                let keep = path.len();
                path.push_str(&format!("[{i}]"));
                compare(old, value, path, out);
                path.truncate(keep);
            }
        }
        _ => {}
    }
}
