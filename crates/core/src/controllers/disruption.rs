//! PodDisruptionBudgets: whether a pod may be evicted.
//!
//! Models `pkg/controller/disruption/disruption.go` and `pkg/registry/core/pod/storage/eviction.go`.

use super::common::{scale_of, scaled};
use super::work;
use crate::apiserver::store::Key;
use crate::apiserver::{self, ApiError, Reason};
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{Pod, PodDisruptionBudgetSpec, json};
use std::collections::BTreeMap;

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
        (Some(least), _) => scaled(least, expected, true),
        (None, Some(most)) => (expected - scaled(most, expected, true)).max(0),
        (None, None) => 0,
    };
    Budget { current, desired, expected }
}

/// Replicas of the pods' owners; pods without owners count for themselves.
fn expected(world: &World, pods: &[&Pod]) -> i64 {
    let mut owners: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut total = 0;
    for pod in pods {
        match scale_of(world, pod) {
            Some((owner, replicas)) => {
                owners.insert(owner, replicas);
            }
            None => total += 1,
        }
    }
    total + owners.values().sum::<i64>()
}

/// Whether a pod may be evicted.
///
/// # Errors
/// The API server's words.
pub fn allow(world: &World, uid: Uid) -> Result<(), ApiError> {
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
            let free = unhealthy
                && (spec.unhealthy_pod_eviction_policy == "AlwaysAllow"
                    || budget.current >= budget.desired && budget.desired > 0);
            if free || budget.current - budget.desired > 0 {
                Ok(())
            } else {
                let words = "Cannot evict pod as it would violate the pod's disruption budget.";
                Err(ApiError::new(Reason::TooManyRequests, words))
            }
        }
        _ => {
            let words = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            Err(ApiError::new(Reason::InternalError, words))
        }
    }
}

/// The budget that does not let a pod go.
pub fn refusing(world: &World, uid: Uid) -> Option<(String, Budget)> {
    allow(world, uid).err()?;
    let pod = world.store.pod(uid)?;
    world.store.resources("PodDisruptionBudget").find_map(|(key, resource)| {
        let spec: PodDisruptionBudgetSpec = resource.typed_spec();
        let selects = spec.selector.as_ref().is_some_and(|by| by.matches(&pod.meta.labels));
        (selects && *key.namespace == *pod.meta.namespace)
            .then(|| (key.name.to_string(), state(world, &key.namespace, &spec)))
    })
}

/// Brings a budget's status up to date.
///
/// Models `pkg/controller/disruption/disruption.go` updatePdbStatus.
#[inline(never)]
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("PodDisruptionBudget", namespace, name);
    let Some(resource) = world.store.resource(&key.kind, namespace, name) else { return };
    let spec: PodDisruptionBudgetSpec = resource.typed_spec();
    let generation = resource.meta.generation.unwrap_or(1);
    let old = resource.status["conditions"][0].clone();
    let budget = state(world, namespace, &spec);
    let allowed = if budget.expected > 0 { (budget.current - budget.desired).max(0) } else { 0 };
    let (value, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let wall = world.wall().to_string();
    let since =
        if old["status"] == value { old["lastTransitionTime"].clone() } else { json!(wall) };
    let status = json!({
        "conditions": [{"type": "DisruptionAllowed", "status": value, "reason": reason, "message": "",
            "observedGeneration": generation, "lastTransitionTime": since}],
        "currentHealthy": budget.current, "desiredHealthy": budget.desired,
        "disruptionsAllowed": allowed, "expectedPods": budget.expected, "observedGeneration": generation,
    });
    apiserver::set_object_status(world, &key, status);
}

/// A pod was stored or is gone: budgets that select it are looked at.
pub fn on_pod(world: &mut World, pod: &Pod) {
    let touched: Vec<Key> = world
        .store
        .resources("PodDisruptionBudget")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
        .filter(|(_, resource)| {
            let spec: PodDisruptionBudgetSpec = resource.typed_spec();
            spec.selector.is_some_and(|selector| selector.matches(&pod.meta.labels))
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in touched {
        work::soon(world, "PodDisruptionBudget", &key);
    }
}
