//! Filters: which nodes can take a pod, and why not; and which of those is best.
//!
//! Models `pkg/scheduler/framework/plugins/{nodename,nodeunschedulable,tainttoleration,nodeaffinity,nodeports,noderesources,interpodaffinity,podtopologyspread}`.

mod topology;

use topology::{pod_affinity, spread};

use crate::apiserver::store::PodEntry;
use crate::ids::Uid;
use crate::resources::requests;
use crate::scheduler::state::Plugin;
use crate::world::World;
use podplay_api::{
    NodeSelectorTerm, NodeSpec, NodeStatus, Pod, PodAffinityTerm, PodSpec, Quantity, StringMap,
    Taint, TopologySpreadConstraint, raw,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a node cannot take a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Who says so.
    pub plugin: Plugin,
    /// Upstream's words.
    pub reasons: Vec<String>,
    /// Removing pods might help.
    pub preemptable: bool,
}

fn rejected(plugin: Plugin, reason: &str, preemptable: bool) -> Result<(), Rejection> {
    Err(Rejection { plugin, reasons: vec![reason.to_string()], preemptable })
}

struct Node {
    labels: StringMap,
    spec: NodeSpec,
    status: NodeStatus,
}

fn node(world: &World, name: &str) -> Option<Node> {
    let resource = world.store.resource("Node", "", name)?;
    Some(Node {
        labels: resource.meta.labels.clone(),
        spec: resource.typed_spec(),
        // The conditions, which cost most to read, are not looked at here.
        status: NodeStatus {
            allocatable: raw::field(&resource.status, "allocatable"),
            ..NodeStatus::default()
        },
    })
}

/// Whether a node can take a pod.
pub fn filter(world: &World, pod: &Pod, name: &Arc<str>) -> Result<(), Rejection> {
    filter_without(world, pod, name, &[])
}

/// Whether a node can take a pod once some of its pods are gone.
pub fn filter_without(
    world: &World,
    pod: &Pod,
    name: &Arc<str>,
    gone: &[Uid],
) -> Result<(), Rejection> {
    let Some(node) = node(world, name) else {
        return rejected(Plugin::NodeName, "node(s) not found", false);
    };
    if node.spec.unschedulable && !tolerated(pod, &unschedulable_taint()) {
        return rejected(Plugin::NodeUnschedulable, "node(s) were unschedulable", false);
    }
    if !tolerates_taints(pod, &node.spec.taints) {
        return rejected(Plugin::TaintToleration, "node(s) had untolerated taint(s)", false);
    }
    if !affine(&pod.spec, name, &node.labels) {
        return rejected(
            Plugin::NodeAffinity,
            "node(s) didn't match Pod's node affinity/selector",
            false,
        );
    }
    let others: Vec<&PodEntry> =
        active_on(world, name).filter(|entry| !gone.contains(&entry.uid)).collect();
    if ports_taken(&pod.spec, &others) {
        return rejected(
            Plugin::NodePorts,
            "node(s) didn't have free ports for the requested pod ports",
            true,
        );
    }
    fits(&pod.spec, &node.status, &others)?;
    pod_affinity(world, pod, &node.labels, gone)?;
    spread(world, pod, &node.labels)
}

/// The pods on a node that have not ended.
fn active_on<'a>(world: &'a World, node: &str) -> impl Iterator<Item = &'a PodEntry> {
    let pods = world.owned.on_node(node).filter_map(|uid| world.store.entry(uid));
    pods.filter(|entry| !entry.pod.status.phase.is_terminal())
}

fn unschedulable_taint() -> Taint {
    Taint {
        key: "node.kubernetes.io/unschedulable".into(),
        effect: "NoSchedule".into(),
        ..Taint::default()
    }
}

fn tolerated(pod: &Pod, taint: &Taint) -> bool {
    pod.spec.tolerations.iter().any(|toleration| toleration.tolerates(taint))
}

/// Whether none of the taints keeps a pod away.
pub fn tolerates_taints(pod: &Pod, taints: &[Taint]) -> bool {
    let mut hard = taints.iter().filter(|taint| taint.effect != "PreferNoSchedule");
    hard.all(|taint| tolerated(pod, taint))
}

/// Node selector and required node affinity.
pub fn affine(spec: &PodSpec, name: &str, labels: &StringMap) -> bool {
    let fields = StringMap::from([("metadata.name".to_string(), name.to_string())]);
    let term = |term: &NodeSelectorTerm| {
        let some = !term.match_expressions.is_empty() || !term.match_fields.is_empty();
        some && term.match_expressions.iter().all(|r| r.matches(labels))
            && term.match_fields.iter().all(|r| r.matches(&fields))
    };
    podplay_api::labels_match(&spec.node_selector, labels)
        && spec
            .affinity
            .node_affinity
            .required
            .as_ref()
            .is_none_or(|required| required.terms.iter().any(term))
}

/// The ports of the node that a pod takes, with their protocols.
pub fn host_ports(spec: &PodSpec) -> impl Iterator<Item = (u16, &str)> {
    spec.containers
        .iter()
        .flat_map(|container| &container.ports)
        .filter(|port| port.host_port != 0)
        .map(|port| (port.host_port, port.protocol.as_str()))
}

fn ports_taken(spec: &PodSpec, others: &[&PodEntry]) -> bool {
    host_ports(spec).any(|wanted| {
        others.iter().any(|other| host_ports(&other.pod.spec).any(|taken| taken == wanted))
    })
}

/// What is left of a node's allocatable resources, in thousandths.
pub fn free_resources(status: &NodeStatus, others: &[&PodEntry]) -> BTreeMap<String, i64> {
    free_beside(status, others.iter().map(|other| &*other.pod.spec))
}

fn free_beside<'a>(
    status: &NodeStatus,
    others: impl Iterator<Item = &'a PodSpec>,
) -> BTreeMap<String, i64> {
    let mut free: BTreeMap<String, i64> = status
        .allocatable
        .iter()
        .map(|(name, quantity)| (name.clone(), Quantity::milli(quantity)))
        .collect();
    for other in others {
        for (name, value) in requests(other) {
            *free.entry(name).or_default() -= value;
        }
    }
    free
}

fn fits(spec: &PodSpec, status: &NodeStatus, others: &[&PodEntry]) -> Result<(), Rejection> {
    let free = free_resources(status, others);
    let mut reasons = Vec::new();
    let pods = status.allocatable.get("pods").map_or(110, Quantity::value);
    if i64::try_from(others.len()).unwrap_or(i64::MAX) >= pods {
        reasons.push("Too many pods".to_string());
    }
    for (name, wanted) in requests(spec) {
        if wanted > 0 && wanted > free.get(&name).copied().unwrap_or(0) {
            reasons.push(format!("Insufficient {name}"));
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    // What is more than the whole node has does not come free, whoever is preempted.
    let whole = |name: &str| status.allocatable.get(name).map_or(0, Quantity::milli);
    let resolvable = requests(spec).iter().all(|(name, &wanted)| wanted <= whole(name));
    Err(Rejection { plugin: Plugin::NodeResourcesFit, reasons, preemptable: resolvable })
}

/// Whether a term of a pod in namespace `own` selects another pod.
pub fn selected(term: &PodAffinityTerm, own: &str, other: &Pod) -> bool {
    let namespace = if term.namespaces.is_empty() {
        other.meta.namespace == own
    } else {
        term.namespaces.contains(&other.meta.namespace)
    };
    namespace
        && term.label_selector.as_ref().is_some_and(|selector| selector.matches(&other.meta.labels))
}

/// The best of the nodes that fit: the least used one; among equals the first.
pub fn best(world: &World, pod: &Pod, fitting: &[&Arc<str>]) -> Option<Arc<str>> {
    let usage = |name: &Arc<str>| -> i64 {
        let Some(node) = node(world, name) else { return i64::MAX };
        let others: Vec<&PodEntry> = active_on(world, name).collect();
        let free = free_resources(&node.status, &others);
        let share = |resource: &str| {
            let all = node.status.allocatable.get(resource).map_or(1, Quantity::milli).max(1);
            (all - free.get(resource).copied().unwrap_or(0)).saturating_mul(1000) / all
        };
        let preferred: i64 = pod
            .spec
            .affinity
            .node_affinity
            .preferred
            .iter()
            .filter(|wish| {
                wish.preference.match_expressions.iter().all(|r| r.matches(&node.labels))
            })
            .map(|wish| wish.weight)
            .sum();
        share("cpu") + share("memory") + i64::try_from(others.len()).unwrap_or(0) * 20
            - preferred * 100
    };
    fitting.iter().min_by_key(|name| usage(name)).map(|name| Arc::clone(name))
}

/// Filters of the kubelet's own admission.
pub fn kubelet(world: &World, uid: Uid, pod: &Pod) -> Option<(String, String)> {
    let node = node(world, &pod.spec.node_name)?;
    if !affine(&pod.spec, &pod.spec.node_name, &node.labels) {
        return Some((
            "NodeAffinity".into(),
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
                .into(),
        ));
    }
    if node.spec.taints.iter().any(|taint| taint.effect == "NoExecute" && !tolerated(pod, taint)) {
        return Some((
            "TaintToleration".into(),
            "Predicate TaintToleration failed: node(s) had untolerated taint(s)".into(),
        ));
    }
    let others: Vec<&PodEntry> =
        active_on(world, &pod.spec.node_name).filter(|entry| entry.uid != uid).collect();
    if ports_taken(&pod.spec, &others) {
        return Some(("NodePorts".into(), "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports".into()));
    }
    // What other pods have been granted counts, not what they ask for.
    let granted = |entry: &&PodEntry| {
        world.workers.get(&entry.uid).map_or(&entry.pod.spec, |worker| &worker.pod.spec).clone()
    };
    let specs: Vec<_> = others.iter().map(granted).collect();
    let free = free_beside(&node.status, specs.iter().map(|spec| &**spec));
    requests(&pod.spec).into_iter().find(|(name, wanted)| *wanted > 0 && *wanted > free.get(name).copied().unwrap_or(0)).map(|(name, wanted)| {
        let capacity = node.status.allocatable.get(&name).map_or(0, Quantity::milli);
        let unit = |milli: i64| if name == "cpu" { milli } else { milli / 1000 };
        let used = capacity - free.get(&name).copied().unwrap_or(0);
        (format!("OutOf{name}"), format!("Node didn't have enough resource: {name}, requested: {}, used: {}, capacity: {}", unit(wanted), unit(used), unit(capacity)))
    })
}
