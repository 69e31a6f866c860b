//! PodDisruptionBudgets: whether a pod may be evicted.
//!
//! Models `pkg/controller/disruption/disruption.go` and `pkg/registry/core/pod/storage/eviction.go`.

use crate::world::{Uid, World};
use podplay_api::{IntOrString, Pod, PodDisruptionBudgetSpec};

/// The state of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Pods that are Ready.
    pub current: i64,
    /// Pods that must be.
    pub desired: i64,
    /// Pods that there should be.
    pub expected: i64,
}

/// Percentages of a budget round up.
fn scaled(value: &IntOrString, total: i64) -> i64 {
    match value {
        IntOrString::Int(number) => *number,
        IntOrString::Text(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            (total * percent + 99) / 100
        }
    }
}

/// The state of a budget, given its spec.
pub fn state(world: &World, namespace: &str, spec: &PodDisruptionBudgetSpec) -> Budget {
    let selects = |pod: &&Pod| {
        pod.meta.namespace == namespace
            && spec.selector.as_ref().is_some_and(|selector| selector.matches(&pod.meta.labels))
            && !pod.status.phase.is_terminal()
    };
    let pods: Vec<&Pod> = world.store.pods().filter(selects).collect();
    let current = pods
        .iter()
        .filter(|pod| pod.status.is_true("Ready") && pod.meta.deletion_timestamp.is_none())
        .count();
    let current = i64::try_from(current).unwrap_or(0);
    let expected = expected(world, &pods);
    let desired = match (&spec.min_available, &spec.max_unavailable) {
        (Some(least), _) => scaled(least, expected),
        (None, Some(most)) => (expected - scaled(most, expected)).max(0),
        (None, None) => 0,
    };
    Budget { current, desired, expected }
}

/// Replicas of the pods' owners; pods without owners count for themselves.
fn expected(world: &World, pods: &[&Pod]) -> i64 {
    let mut owners: Vec<(&str, &str, &str)> = Vec::new();
    let mut total = 0;
    for pod in pods {
        let Some(owner) = pod.meta.controller() else {
            total += 1;
            continue;
        };
        let key = (owner.kind.as_str(), pod.meta.namespace.as_str(), owner.name.as_str());
        if !owners.contains(&key) {
            owners.push(key);
        }
    }
    for (kind, namespace, name) in owners {
        let replicas = world
            .store
            .resource(kind, namespace, name)
            .and_then(|owner| owner.spec()["replicas"].as_i64());
        let mine = pods
            .iter()
            .filter(|pod| pod.meta.controller().is_some_and(|owner| owner.name == name))
            .count();
        total += replicas.unwrap_or_else(|| i64::try_from(mine).unwrap_or(0));
    }
    total
}

/// Whether a pod may be evicted.
///
/// # Errors
/// The API server's words.
pub fn allow(world: &World, uid: Uid) -> Result<(), String> {
    let Some(pod) = world.store.pod(uid) else { return Ok(()) };
    let matching: Vec<(String, PodDisruptionBudgetSpec)> = world
        .store
        .resources("PodDisruptionBudget")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
        .map(|(key, resource)| {
            (key.name.to_string(), resource.typed_spec::<PodDisruptionBudgetSpec>())
        })
        .filter(|(_, spec)| {
            spec.selector.as_ref().is_some_and(|selector| selector.matches(&pod.meta.labels))
        })
        .collect();
    match matching.as_slice() {
        [] => Ok(()),
        [(_, spec)] => {
            let budget = state(world, &pod.meta.namespace, spec);
            let unhealthy = !pod.status.is_true("Ready");
            let free = unhealthy && (spec.unhealthy_pod_eviction_policy == "AlwaysAllow" || budget.current >= budget.desired && budget.desired > 0);
            if free || budget.current - budget.desired > 0 {
                Ok(())
            } else {
                Err("Cannot evict pod as it would violate the pod's disruption budget.".into())
            }
        }
        _ => Err("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.".into()),
    }
}
