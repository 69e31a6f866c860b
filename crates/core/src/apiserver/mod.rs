//! The API server: storage, versions, admission, deletion, garbage collection.

pub mod admission;
pub mod budget;
pub mod change;
mod delete;
pub mod error;
mod initial;
pub mod limit_ranger;
pub mod owned;
pub mod quota;
pub mod store;
mod write;

use delete::remove_pod_if_ready;
pub use delete::{delete, delete_pod, evict, finalize_namespace, finish_if_ready, remove_pod};
pub use error::{ApiError, Reason, resource_of};
pub use initial::dry_create;
pub use store::{Key, PodEntry, Resource, Store};
pub use write::{
    create, create_pod, replace, replace_status, resize, set_object_status, set_pod_status,
    update_pod,
};

use crate::world::World;
use podplay_api::json;

/// The objects that every cluster has from the start.
pub fn bootstrap(world: &mut World) {
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let _ = create(world, object);
    }
    for (name, value, description) in PRIORITY_CLASSES {
        let object = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
            "value": value, "description": description, "preemptionPolicy": "PreemptLowerPriority"});
        let _ = create(world, object);
    }
    let root_ca = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": "default"},
        "data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"}});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "default"}});
    let kubernetes = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "ports":
        [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}], "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}});
    for object in [root_ca, account, kubernetes] {
        let _ = create(world, object);
    }
}

const PRIORITY_CLASSES: [(&str, i64, &str); 2] = [
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
];
