//! Why each node refuses a pod, with what decided it: the filters' verdicts as data.

use crate::fit;
use crate::scheduler::state::Plugin;
use crate::world::World;
use podplay_api::{NodeSpec, NodeStatus, Pod, Quantity, SelectorRequirement, Taint, raw};
use std::sync::Arc;

/// A node's refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The node.
    pub node: Arc<str>,
    /// Why.
    pub why: Why,
}

/// A resource of which a node has too little, in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The resource.
    pub resource: String,
    /// What the pod asks for.
    pub asked: i64,
    /// What the node has left.
    pub free: i64,
    /// What the node has in all.
    pub whole: i64,
}

/// Why a node refuses a pod, in the order in which filters ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It is not there.
    NotFound,
    /// It is cordoned.
    Cordoned,
    /// It has this taint.
    Taint(Taint),
    /// It does not have this label.
    Label(String, String),
    /// It does not satisfy these requirements of the node affinity.
    Affinity(Vec<SelectorRequirement>),
    /// This port is taken, by that pod.
    Port(u16, Option<String>),
    /// It has too little.
    Short(Vec<Short>),
    /// It has as many pods as it may.
    TooManyPods,
    /// No pod that the affinity asks for is within this topology.
    PodAffinity(String),
    /// A pod that the anti-affinity forbids is within this topology.
    AntiAffinity(String),
    /// The pod would be spread unevenly over this topology, more than this.
    Spread(String, i64),
}

impl Why {
    /// How far the node came in the filters' order.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::NotFound => 0,
            Self::Cordoned => 1,
            Self::Taint(_) => 2,
            Self::Label(..) => 3,
            Self::Affinity(_) => 4,
            Self::Port(..) => 5,
            Self::TooManyPods => 6,
            Self::Short(_) => 7,
            Self::PodAffinity(_) => 8,
            Self::AntiAffinity(_) => 9,
            Self::Spread(..) => 10,
        }
    }
}

/// The nodes' refusals; empty if one of them can take the pod.
pub fn refusals(world: &World, pod: &Pod) -> Vec<Refusal> {
    let mut found = Vec::new();
    for node in world.nodes.keys() {
        match fit::filter(world, pod, node) {
            Ok(()) => return Vec::new(),
            Err(rejection) => {
                let why = why(world, pod, node, rejection.plugin);
                found.push(Refusal { node: Arc::clone(node), why });
            }
        }
    }
    found
}

fn why(world: &World, pod: &Pod, name: &Arc<str>, plugin: Plugin) -> Why {
    let Some(node) = world.store.resource("Node", "", name) else { return Why::NotFound };
    let anywhere = String::new;
    match plugin {
        Plugin::NodeName => Why::NotFound,
        Plugin::NodeUnschedulable => Why::Cordoned,
        Plugin::TaintToleration => {
            let spec: NodeSpec = node.typed_spec();
            let refused = |taint: &Taint| !fit::tolerates_taints(pod, std::slice::from_ref(taint));
            Why::Taint(spec.taints.into_iter().find(refused).unwrap_or_default())
        }
        Plugin::NodeAffinity => affinity(pod, &node.meta.labels),
        Plugin::NodePorts => port(world, pod, name),
        Plugin::NodeResourcesFit => {
            let allocatable = raw::field(&node.status, "allocatable");
            let status = NodeStatus { allocatable, ..NodeStatus::default() };
            resources(world, pod, name, &status)
        }
        Plugin::InterPodAffinity => pods(world, pod, name),
        Plugin::PodTopologySpread => {
            let hard = pod.spec.topology_spread_constraints.iter();
            let mut hard = hard.filter(|rule| rule.when_unsatisfiable != "ScheduleAnyway");
            hard.next().map_or_else(
                || Why::Spread(anywhere(), 0),
                |rule| Why::Spread(rule.topology_key.clone(), rule.max_skew),
            )
        }
    }
}

fn affinity(pod: &Pod, labels: &podplay_api::StringMap) -> Why {
    let missing =
        pod.spec.node_selector.iter().find(|(key, value)| labels.get(*key) != Some(value));
    if let Some((key, value)) = missing {
        return Why::Label(key.clone(), value.clone());
    }
    let terms =
        pod.spec.affinity.node_affinity.required.iter().flat_map(|required| &required.terms);
    let unmet = |term: &podplay_api::NodeSelectorTerm| -> Vec<SelectorRequirement> {
        term.match_expressions.iter().filter(|rule| !rule.matches(labels)).cloned().collect()
    };
    Why::Affinity(terms.map(unmet).min_by_key(Vec::len).unwrap_or_default())
}

fn port(world: &World, pod: &Pod, node: &Arc<str>) -> Why {
    for (wanted, protocol) in fit::host_ports(&pod.spec) {
        let holder = world.store.pods().find(|other| {
            *other.spec.node_name == **node
                && !other.status.phase.is_terminal()
                && fit::host_ports(&other.spec).any(|taken| taken == (wanted, protocol))
        });
        if let Some(holder) = holder {
            return Why::Port(wanted, Some(holder.meta.name.clone()));
        }
    }
    Why::Port(0, None)
}

fn resources(world: &World, pod: &Pod, node: &Arc<str>, status: &NodeStatus) -> Why {
    let here = world.owned.on_node(node).filter_map(|uid| world.store.entry(uid));
    let others: Vec<_> = here.filter(|entry| !entry.pod.status.phase.is_terminal()).collect();
    let free = fit::free_resources(status, &others);
    let asked = crate::resources::requests(&pod.spec).into_iter();
    let short: Vec<Short> = asked
        .map(|(resource, asked)| Short {
            free: free.get(&resource).copied().unwrap_or(0),
            whole: status.allocatable.get(&resource).map_or(0, Quantity::milli),
            resource,
            asked,
        })
        .filter(|short| short.asked > 0 && short.asked > short.free)
        .collect();
    if short.is_empty() { Why::TooManyPods } else { Why::Short(short) }
}

fn pods(world: &World, pod: &Pod, node: &Arc<str>) -> Why {
    let rules = &pod.spec.affinity;
    let first = |rules: &podplay_api::PodAffinity| {
        rules.required.first().map(|term| term.topology_key.clone())
    };
    let without = |anti: bool| {
        let mut spec = (*pod.spec).clone();
        if anti {
            spec.affinity.pod_anti_affinity.required.clear();
        } else {
            spec.affinity.pod_affinity.required.clear();
        }
        let pod = Pod { spec: Arc::new(spec), ..pod.clone() };
        let verdict = fit::filter(world, &pod, node);
        verdict.err().is_none_or(|rejection| rejection.plugin != Plugin::InterPodAffinity)
    };
    match (first(&rules.pod_affinity), first(&rules.pod_anti_affinity)) {
        (Some(topology), _) if without(false) => Why::PodAffinity(topology),
        (_, Some(topology)) => Why::AntiAffinity(topology),
        _ => Why::AntiAffinity("kubernetes.io/hostname".to_owned()),
    }
}
