//! `kubectl get`: the columns and cells of every kind. Models `pkg/printers/internalversion/printers.go`.

mod cluster;
mod events;
mod network;
mod others;
mod pod;
mod workloads;

use podplay_api::Timestamp;
use serde_json::Value;

pub(crate) use cluster::node_roles as node_roles_text;
pub(crate) use network::host_port as host_port_text;
pub use pod::{PodRow, pod_row, row_of_pod};

use crate::duration::since;
use crate::json::{items, name, namespace, plain, text, time};
use crate::labels::format_labels;
use crate::table::Table;

/// A column, named as the API server names it; kubectl prints capitals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Column {
    /// `Up-to-date`.
    pub name: &'static str,
    /// Whether only `-o wide` shows it.
    pub wide: bool,
}

/// Kinds with columns of their own; those marked with `+` are wide.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "Pod",
        &[
            "Name",
            "Ready",
            "Status",
            "Restarts",
            "Age",
            "+IP",
            "+Node",
            "+Nominated Node",
            "+Readiness Gates",
        ],
    ),
    (
        "Deployment",
        &["Name", "Ready", "Up-to-date", "Available", "Age", "+Containers", "+Images", "+Selector"],
    ),
    (
        "ReplicaSet",
        &["Name", "Desired", "Current", "Ready", "Age", "+Containers", "+Images", "+Selector"],
    ),
    (
        "ReplicationController",
        &["Name", "Desired", "Current", "Ready", "Age", "+Containers", "+Images", "+Selector"],
    ),
    ("StatefulSet", &["Name", "Ready", "Age", "+Containers", "+Images"]),
    (
        "DaemonSet",
        &[
            "Name",
            "Desired",
            "Current",
            "Ready",
            "Up-to-date",
            "Available",
            "Node Selector",
            "Age",
            "+Containers",
            "+Images",
            "+Selector",
        ],
    ),
    (
        "Job",
        &[
            "Name",
            "Status",
            "Completions",
            "Duration",
            "Age",
            "+Containers",
            "+Images",
            "+Selector",
        ],
    ),
    (
        "CronJob",
        &[
            "Name",
            "Schedule",
            "Timezone",
            "Suspend",
            "Active",
            "Last Schedule",
            "Age",
            "+Containers",
            "+Images",
            "+Selector",
        ],
    ),
    ("Service", &["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "+Selector"]),
    ("EndpointSlice", &["Name", "AddressType", "Ports", "Endpoints", "Age"]),
    ("Endpoints", &["Name", "Endpoints", "Age"]),
    (
        "Event",
        &[
            "Last Seen",
            "Type",
            "Reason",
            "Object",
            "+Subobject",
            "+Source",
            "Message",
            "+First Seen",
            "+Count",
            "+Name",
        ],
    ),
    (
        "Node",
        &[
            "Name",
            "Status",
            "Roles",
            "Age",
            "Version",
            "+Internal-IP",
            "+External-IP",
            "+OS-Image",
            "+Kernel-Version",
            "+Container-Runtime",
        ],
    ),
    (
        "PodDisruptionBudget",
        &["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"],
    ),
    ("Namespace", &["Name", "Status", "Age"]),
    ("ConfigMap", &["Name", "Data", "Age"]),
    ("Secret", &["Name", "Type", "Data", "Age"]),
    ("PriorityClass", &["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"]),
    ("RuntimeClass", &["Name", "Handler", "Age"]),
    ("ResourceQuota", &["Name", "Request", "Limit", "Age"]),
    ("LimitRange", &["Name", "Created At"]),
    ("Lease", &["Name", "Holder", "Age"]),
    ("ControllerRevision", &["Name", "Controller", "Revision", "Age"]),
    (
        "HorizontalPodAutoscaler",
        &["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"],
    ),
    (
        "PersistentVolume",
        &[
            "Name",
            "Capacity",
            "Access Modes",
            "Reclaim Policy",
            "Status",
            "Claim",
            "StorageClass",
            "VolumeAttributesClass",
            "Reason",
            "Age",
            "+VolumeMode",
        ],
    ),
    (
        "PersistentVolumeClaim",
        &[
            "Name",
            "Status",
            "Volume",
            "Capacity",
            "Access Modes",
            "StorageClass",
            "VolumeAttributesClass",
            "Age",
            "+VolumeMode",
        ],
    ),
    ("NetworkPolicy", &["Name", "Pod-Selector", "Age"]),
    ("Role", &["Name", "Created At"]),
    ("ClusterRole", &["Name", "Created At"]),
    ("RoleBinding", &["Name", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"]),
    ("ClusterRoleBinding", &["Name", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"]),
    ("Ingress", &["Name", "Class", "Hosts", "Address", "Ports", "Age"]),
    ("IngressClass", &["Name", "Controller", "Parameters", "Age"]),
    (
        "StorageClass",
        &[
            "Name",
            "Provisioner",
            "ReclaimPolicy",
            "VolumeBindingMode",
            "AllowVolumeExpansion",
            "Age",
        ],
    ),
];

/// The columns of a kind; name and age for kinds without columns of their own.
#[must_use]
pub fn columns(kind: &str) -> Vec<Column> {
    let names = COLUMNS
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or(&["Name", "Age"][..], |(_, names)| names);
    names
        .iter()
        .map(|name| match name.strip_prefix('+') {
            Some(name) => Column { name, wide: true },
            None => Column { name, wide: false },
        })
        .collect()
}

/// The cells of an object, one for each of its kind's columns: text or numbers, as the API server sends them.
#[must_use]
pub fn cells(kind: &str, object: &Value, now: Timestamp) -> Vec<Value> {
    match kind {
        "Pod" => pod::cells(object, now),
        "Deployment" => workloads::deployment(object, now),
        "ReplicaSet" | "ReplicationController" => workloads::replica_set(object, now),
        "StatefulSet" => workloads::stateful_set(object, now),
        "DaemonSet" => workloads::daemon_set(object, now),
        "Job" => workloads::job(object, now),
        "CronJob" => workloads::cron_job(object, now),
        "PodDisruptionBudget" => workloads::disruption_budget(object, now),
        "ControllerRevision" => workloads::controller_revision(object, now),
        "Service" => network::service(object, now),
        "EndpointSlice" => network::endpoint_slice(object, now),
        "Endpoints" => network::endpoints(object, now),
        "NetworkPolicy" => network::network_policy(object, now),
        "Event" => events::event(object, now),
        "Node" => cluster::node(object, now),
        "Namespace" => cluster::namespace(object, now),
        "ConfigMap" => cluster::config_map(object, now),
        "Secret" => cluster::secret(object, now),
        "PriorityClass" => cluster::priority_class(object, now),
        "RuntimeClass" => cluster::runtime_class(object, now),
        "ResourceQuota" => cluster::resource_quota(object, now),
        "LimitRange" => cluster::limit_range(object),
        "Lease" => cluster::lease(object, now),
        "PersistentVolume" => cluster::volume(object, now),
        "HorizontalPodAutoscaler" => workloads::autoscaler(object, now),
        "PersistentVolumeClaim" => cluster::volume_claim(object, now),
        "Role" | "ClusterRole" => others::role(object),
        "RoleBinding" | "ClusterRoleBinding" => others::role_binding(object, now),
        "Ingress" => others::ingress(object, now),
        "IngressClass" => others::ingress_class(object, now),
        "StorageClass" => others::storage_class(object, now),
        _ => vec![name(object).into(), age(object, now)],
    }
}

/// The AGE cell.
fn age(object: &Value, now: Timestamp) -> Value {
    since(time(object, "metadata.creationTimestamp"), now).into()
}

/// What the flags of `kubectl get` change.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `-o wide`.
    pub wide: bool,
    /// `--all-namespaces`.
    pub namespace: bool,
    /// Several kinds are printed: names carry theirs.
    pub kind: bool,
    /// `--show-labels`.
    pub show_labels: bool,
    /// `--label-columns`.
    pub label_columns: Vec<String>,
}

/// The table of objects of one kind.
#[must_use]
pub fn table<'a>(
    kind: &str,
    objects: impl IntoIterator<Item = &'a Value>,
    now: Timestamp,
    options: &Options,
) -> Table {
    let columns = columns(kind);
    let shown = |column: &Column| options.wide || !column.wide;
    let mut headers: Vec<String> = columns
        .iter()
        .filter(|column| shown(column))
        .map(|column| column.name.to_ascii_uppercase())
        .collect();
    if options.namespace {
        headers.insert(0, "NAMESPACE".to_owned());
    }
    headers.extend(options.label_columns.iter().map(|label| label_header(label)));
    if options.show_labels {
        headers.push("LABELS".to_owned());
    }
    let row = |object: &Value| {
        let cells = cells(kind, object, now);
        let mut row: Vec<String> = columns
            .iter()
            .zip(&cells)
            .filter(|(column, _)| shown(column))
            .map(|(column, cell)| cell_text(column, cell, kind, object, options))
            .collect();
        if options.namespace {
            row.insert(0, namespace(object).to_owned());
        }
        let labels = &object["metadata"]["labels"];
        row.extend(options.label_columns.iter().map(|label| plain(&labels[label.as_str()])));
        if options.show_labels {
            row.push(format_labels(object, "metadata.labels"));
        }
        row
    };
    Table { headers, rows: objects.into_iter().map(row).collect() }
}

fn cell_text(
    column: &Column,
    cell: &Value,
    kind: &str,
    object: &Value,
    options: &Options,
) -> String {
    if options.kind && column.name == "Name" {
        return format!("{}/{}", qualified_kind(kind, object), plain(cell));
    }
    plain(cell)
}

/// `deployment.apps`, as names are prefixed where several kinds are printed.
#[must_use]
pub fn qualified_kind(kind: &str, object: &Value) -> String {
    let kind = kind.to_ascii_lowercase();
    match text(object, "apiVersion").split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind,
    }
}

/// The heading of `--label-columns example.com/tier`: `TIER`.
fn label_header(label: &str) -> String {
    label.rsplit('/').next().unwrap_or(label).to_ascii_uppercase()
}

/// Names and images of the containers of a pod template.
fn container_cells(template: &Value) -> [Value; 2] {
    let containers = items(template, "spec.containers");
    let join = |key: &str| {
        containers.iter().map(|container| text(container, key)).collect::<Vec<_>>().join(",")
    };
    [join("name").into(), join("image").into()]
}

/// At most three of many, and how many more there are.
fn three_of(list: &[String]) -> String {
    if list.len() <= 3 {
        return list.join(",");
    }
    format!("{} + {} more...", list[..3].join(","), list.len() - 3)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_has_a_cell_for_each_column() {
        for (kind, _) in COLUMNS {
            assert_eq!(columns(kind).len(), cells(kind, &json!({}), Timestamp(0)).len(), "{kind}");
        }
    }

    #[test]
    fn names_carry_their_kind() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Widget", "metadata": {"name": "x", "namespace": "n",
            "labels": {"example.com/tier": "front"}}});
        let options = Options {
            kind: true,
            namespace: true,
            show_labels: true,
            label_columns: vec!["example.com/tier".to_owned()],
            wide: false,
        };
        assert_eq!(
            table("Widget", [&object], Timestamp(0), &options).text(false),
            "NAMESPACE   NAME            AGE         TIER    LABELS\n\
             n           widget.apps/x   <unknown>   front   example.com/tier=front\n"
        );
    }
}
