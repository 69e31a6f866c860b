//! Filters: which nodes can take a pod, and why not; and which of those is best.
//!
//! Models `pkg/scheduler/framework/plugins/{nodename,nodeunschedulable,tainttoleration,nodeaffinity,nodeports,noderesources,interpodaffinity,podtopologyspread}`.

use crate::apiserver::store::PodEntry;
use crate::ids::Uid;
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
    let pods = world.controllers.owned.on_node(node).filter_map(|uid| world.store.entry(uid));
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

/// What a pod asks for by resource, in thousandths.
///
/// Models `staging/component-helpers/resource/helpers.go` PodRequests.
pub fn requests(spec: &PodSpec) -> BTreeMap<String, i64> {
    let mut total = totals(spec, |resources| {
        let mut all = thousandths(&resources.limits);
        all.extend(thousandths(&resources.requests));
        all
    });
    for (name, quantity) in &spec.overhead {
        *total.entry(name.clone()).or_default() += quantity.milli();
    }
    total
}

/// What a pod may use by resource, in thousandths, as far as its containers have limits.
///
/// Models `staging/component-helpers/resource/helpers.go` PodLimits.
pub fn limits(spec: &PodSpec) -> BTreeMap<String, i64> {
    totals(spec, |resources| thousandths(&resources.limits))
}

fn thousandths(list: &BTreeMap<String, Quantity>) -> BTreeMap<String, i64> {
    list.iter().map(|(name, quantity)| (name.clone(), quantity.milli())).collect()
}

/// The sum over containers and sidecars, or what the init containers need if that is more.
fn totals(
    spec: &PodSpec,
    of: fn(&podplay_api::ResourceRequirements) -> BTreeMap<String, i64>,
) -> BTreeMap<String, i64> {
    let add = |sum: &mut BTreeMap<String, i64>, more: &BTreeMap<String, i64>| {
        more.iter().for_each(|(name, value)| *sum.entry(name.clone()).or_default() += value)
    };
    let mut total = BTreeMap::new();
    for container in &spec.containers {
        add(&mut total, &of(&container.resources));
    }
    let (mut sidecars, mut peak): (BTreeMap<String, i64>, BTreeMap<String, i64>) =
        (BTreeMap::new(), BTreeMap::new());
    for container in &spec.init_containers {
        let mut now = of(&container.resources);
        if container.is_sidecar() {
            add(&mut total, &now);
            add(&mut sidecars, &now);
            now.clone_from(&sidecars);
        } else {
            add(&mut now, &sidecars);
        }
        for (name, value) in now {
            let slot = peak.entry(name).or_default();
            *slot = (*slot).max(value);
        }
    }
    for (name, value) in peak {
        let slot = total.entry(name).or_default();
        *slot = (*slot).max(value);
    }
    if let Some(resources) = &spec.resources {
        total.extend(of(resources));
    }
    total
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

/// Whether a pod that a term selects runs in the same topology.
fn in_topology(
    world: &World,
    term: &PodAffinityTerm,
    namespace: &str,
    labels: &StringMap,
    gone: &[Uid],
) -> bool {
    let Some(domain) = labels.get(&term.topology_key) else { return false };
    world
        .store
        .pod_entries()
        .filter(|entry| {
            !entry.pod.spec.node_name.is_empty()
                && !entry.pod.status.phase.is_terminal()
                && !gone.contains(&entry.uid)
        })
        .any(|entry| {
            let there = world
                .store
                .resource("Node", "", &entry.pod.spec.node_name)
                .and_then(|node| node.meta.labels.get(&term.topology_key));
            there == Some(domain) && selected(term, namespace, &entry.pod)
        })
}

fn pod_affinity(
    world: &World,
    pod: &Pod,
    labels: &StringMap,
    gone: &[Uid],
) -> Result<(), Rejection> {
    let namespace = &pod.meta.namespace;
    for term in &pod.spec.affinity.pod_affinity.required {
        let alone = selected(term, namespace, pod)
            && !world
                .store
                .pods()
                .any(|other| !other.spec.node_name.is_empty() && selected(term, namespace, other));
        if !alone && !in_topology(world, term, namespace, labels, gone) {
            return rejected(
                Plugin::InterPodAffinity,
                "node(s) didn't match pod affinity rules",
                false,
            );
        }
    }
    if pod
        .spec
        .affinity
        .pod_anti_affinity
        .required
        .iter()
        .any(|term| in_topology(world, term, namespace, labels, gone))
    {
        return rejected(
            Plugin::InterPodAffinity,
            "node(s) didn't match pod anti-affinity rules",
            true,
        );
    }
    let repelled = world
        .store
        .pod_entries()
        .filter(|entry| {
            !entry.pod.spec.affinity.pod_anti_affinity.required.is_empty()
                && !entry.pod.spec.node_name.is_empty()
                && !entry.pod.status.phase.is_terminal()
                && !gone.contains(&entry.uid)
        })
        .any(|entry| {
            let there = world
                .store
                .resource("Node", "", &entry.pod.spec.node_name)
                .map(|node| node.meta.labels.clone())
                .unwrap_or_default();
            entry.pod.spec.affinity.pod_anti_affinity.required.iter().any(|term| {
                labels.contains_key(&term.topology_key)
                    && labels.get(&term.topology_key) == there.get(&term.topology_key)
                    && selected(term, &entry.pod.meta.namespace, pod)
            })
        });
    if repelled {
        rejected(
            Plugin::InterPodAffinity,
            "node(s) didn't satisfy existing pods anti-affinity rules",
            true,
        )
    } else {
        Ok(())
    }
}

fn spread(world: &World, pod: &Pod, labels: &StringMap) -> Result<(), Rejection> {
    for constraint in pod
        .spec
        .topology_spread_constraints
        .iter()
        .filter(|constraint| constraint.when_unsatisfiable != "ScheduleAnyway")
    {
        let Some(own) = labels.get(&constraint.topology_key) else {
            return rejected(
                Plugin::PodTopologySpread,
                "node(s) didn't match pod topology spread constraints (missing required label)",
                false,
            );
        };
        let mut counts: BTreeMap<String, i64> = world
            .store
            .resources("Node")
            .filter(|(key, node)| eligible(pod, constraint, &key.name, node))
            .filter_map(|(_, node)| node.meta.labels.get(&constraint.topology_key))
            .map(|domain| (domain.clone(), 0))
            .collect();
        for other in world.store.pods().filter(|other| {
            other.meta.namespace == pod.meta.namespace
                && !other.status.phase.is_terminal()
                && other.meta.deletion_timestamp.is_none()
        }) {
            let there = world.store.resource("Node", "", &other.spec.node_name);
            let there = there
                .filter(|node| eligible(pod, constraint, &other.spec.node_name, node))
                .and_then(|node| node.meta.labels.get(&constraint.topology_key));
            if let (Some(domain), true) = (there, counted(pod, constraint, other)) {
                *counts.entry(domain.clone()).or_default() += 1;
            }
        }
        let domains = i64::try_from(counts.len()).unwrap_or(i64::MAX);
        let least = counts.values().min().copied().unwrap_or(0);
        let least = if domains < constraint.min_domains { 0 } else { least };
        let matches_self = i64::from(
            constraint
                .label_selector
                .as_ref()
                .is_some_and(|selector| selector.matches(&pod.meta.labels)),
        );
        if counts.get(own).copied().unwrap_or(0) + matches_self - least > constraint.max_skew {
            return rejected(
                Plugin::PodTopologySpread,
                "node(s) didn't match pod topology spread constraints",
                true,
            );
        }
    }
    Ok(())
}

/// Whether a node's domain counts.
///
/// Models `podtopologyspread/common.go` matchNodeInclusionPolicies.
fn eligible(
    pod: &Pod,
    constraint: &TopologySpreadConstraint,
    name: &str,
    node: &crate::apiserver::Resource,
) -> bool {
    let reachable =
        constraint.node_affinity_policy == "Ignore" || affine(&pod.spec, name, &node.meta.labels);
    let tolerates = || tolerates_taints(pod, &node.typed_spec::<NodeSpec>().taints);
    reachable && (constraint.node_taints_policy != "Honor" || tolerates())
}

/// Whether another pod is counted: the selector takes it, and it shares the values of the keys.
fn counted(pod: &Pod, constraint: &TopologySpreadConstraint, other: &Pod) -> bool {
    let selected = constraint
        .label_selector
        .as_ref()
        .is_some_and(|selector| selector.matches(&other.meta.labels));
    let shares = |key: &String| match pod.meta.labels.get(key) {
        Some(own) => other.meta.labels.get(key) == Some(own),
        None => true,
    };
    selected && constraint.match_label_keys.iter().all(shares)
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
