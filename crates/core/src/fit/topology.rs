//! Filters that look at the pods of a topology domain: affinity between pods, and spread.

use super::*;

/// Whether a pod that a term selects runs in the same topology.
pub(super) fn in_topology(
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

pub(super) fn pod_affinity(
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

pub(super) fn spread(world: &World, pod: &Pod, labels: &StringMap) -> Result<(), Rejection> {
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
pub(super) fn eligible(
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
pub(super) fn counted(pod: &Pod, constraint: &TopologySpreadConstraint, other: &Pod) -> bool {
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
