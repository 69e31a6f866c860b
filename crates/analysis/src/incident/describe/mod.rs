//! Descriptions: what `kubectl describe` prints, read back into the objects that it was printed of.
//!
//! What a description does not show (hooks, security contexts, the restart policy, affinity) stays absent.

mod container;
mod others;
mod outline;
mod pod;
mod volumes;
mod workloads;

use super::events::{self, Event};
use super::marked::Marked;
use super::paste::Line;
use outline::Node;

/// What was read of a description.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The kind; empty where the description is cut before it shows.
    pub(crate) kind: &'static str,
    /// The object.
    pub(crate) tree: Marked,
    /// Its events.
    pub(crate) events: Vec<Event>,
    /// Whether the description says that there are no events.
    pub(crate) no_events: bool,
    /// Titles that mean nothing here, with their lines.
    pub(crate) odd: Vec<u32>,
}

/// Reads a description.
pub(crate) fn read(lines: &[Line], wrapped: Option<usize>) -> Read {
    let lines = outline::joined(without_half_a_command(lines));
    let nodes = outline::nodes(&lines);
    let kind = kind(&nodes);
    let mut out = Read { kind, ..Read::default() };
    if kind.is_empty() {
        out.odd = nodes.iter().filter(|node| node.key != "Events").map(|node| node.line).collect();
    } else {
        object(kind, &nodes, &mut out);
    }
    let name = out.tree.text("metadata.name").to_owned();
    let about = (!kind.is_empty() && !name.is_empty()).then_some((kind, name.as_str()));
    for node in nodes.iter().filter(|node| node.key == "Events") {
        out.no_events |= node.value == "<none>";
        out.events.extend(events::table(node.body, wrapped, about));
    }
    if name.is_empty()
        && kind == "Pod"
        && let Some(event) = out.events.iter().find(|event| event.kind == "Pod")
    {
        let name = event.name.clone();
        out.tree.put("metadata.name", name.clone(), event.line);
        for event in out.events.iter_mut().filter(|event| event.name.is_empty()) {
            event.kind = "Pod".to_owned();
            event.name.clone_from(&name);
        }
    }
    out
}

/// A command that is the last thing of a description goes on behind the end of the paste.
fn without_half_a_command(lines: &[Line]) -> &[Line] {
    let Some(last) = lines.iter().rposition(|line| !line.is_blank()) else { return lines };
    let mut indent = lines.get(last).map_or(0, Line::indent);
    for (at, line) in lines.iter().enumerate().take(last + 1).rev() {
        if line.is_blank() || (line.indent() >= indent && at != last) {
            continue;
        }
        indent = line.indent();
        if matches!(line.words(), "Command:" | "Args:") {
            return lines.get(..at).unwrap_or(lines);
        }
    }
    lines
}

fn object(kind: &'static str, nodes: &[Node<'_>], out: &mut Read) {
    let api = match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "Job" | "CronJob" => "batch/v1",
        _ => "v1",
    };
    let line = nodes.first().map_or(0, |node| node.line);
    out.tree.put("apiVersion", api, line);
    out.tree.put("kind", kind, line);
    for node in nodes {
        let known = meta(node, &mut out.tree)
            || match kind {
                "Pod" => pod::field(node, &mut out.tree),
                "Service" | "Node" | "PersistentVolumeClaim" => {
                    others::field(kind, node, &mut out.tree)
                }
                kind => workloads::field(kind, node, &mut out.tree),
            };
        if !known && node.key != "Events" {
            out.odd.push(node.line);
        }
    }
}

/// What all kinds have: names, labels, owners.
fn meta(node: &Node<'_>, tree: &mut Marked) -> bool {
    match node.key {
        "Name" => tree.put("metadata.name", node.value, node.line),
        "Namespace" => tree.put("metadata.namespace", node.value, node.line),
        "Labels" => node.pairs('=', |key, value, line| {
            tree.put_key("metadata.labels", key, value, line);
        }),
        "Annotations" => node.pairs(':', |key, value, line| {
            tree.put_key("metadata.annotations", key, value, line);
        }),
        "CreationTimestamp" => put_date(tree, "metadata.creationTimestamp", node),
        "Controlled By" => {
            if let Some((kind, name)) = node.value.split_once('/') {
                tree.put("metadata.ownerReferences[0].kind", kind, node.line);
                tree.put("metadata.ownerReferences[0].name", name, node.line);
                tree.put("metadata.ownerReferences[0].controller", true, node.line);
            }
        }
        _ => return false,
    }
    true
}

/// A date, as the API writes it.
fn put_date(tree: &mut Marked, path: &str, node: &Node<'_>) {
    if let Some(seconds) = super::ages::date(node.value) {
        tree.put(path, super::ages::rfc3339(seconds), node.line);
    }
}

/// What kind a description is of, by titles that only this kind has.
fn kind(nodes: &[Node<'_>]) -> &'static str {
    let has = |key: &str| nodes.iter().any(|node| node.key == key);
    let value = |key: &str| nodes.iter().find(|node| node.key == key).map_or("", |n| n.value);
    let replicas = value("Replicas");
    let any = |keys: &[&str]| keys.iter().any(|key| has(key));
    match () {
        () if any(&["Containers", "QoS Class", "IPs", "Init Containers"])
            && !any(&["IP Families", "Endpoints", "Session Affinity"]) =>
        {
            "Pod"
        }
        () if has("Node") && any(&["Priority", "Service Account", "Start Time"]) => "Pod",
        () if any(&["Schedule", "Concurrency Policy", "Last Schedule Time", "Active Jobs"]) => {
            "CronJob"
        }
        () if any(&["Parallelism", "Completion Mode", "Pods Statuses"]) => "Job",
        () if any(&["StrategyType", "RollingUpdateStrategy", "NewReplicaSet"]) => "Deployment",
        () if replicas.contains(" updated | ") => "Deployment",
        () if any(&["Desired Number of Nodes Scheduled", "Number of Nodes Misscheduled"]) => {
            "DaemonSet"
        }
        () if any(&["Update Strategy", "Volume Claims"]) => "StatefulSet",
        () if replicas.contains(" current / ") => "ReplicaSet",
        () if any(&["Session Affinity", "Endpoints", "TargetPort", "IP Families"]) => "Service",
        () if any(&["Roles", "Taints", "Unschedulable", "Allocatable"]) => "Node",
        () if has("StorageClass") && any(&["Volume", "VolumeMode", "Access Modes"]) => {
            "PersistentVolumeClaim"
        }
        () => "",
    }
}
