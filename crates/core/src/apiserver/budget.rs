//! PodDisruptionBudgets: whether the eviction API lets a pod go.
//!
//! Models `pkg/registry/core/pod/storage/eviction.go` and the counting of `pkg/controller/disruption/disruption.go`.

use crate::apiserver::error::{ApiError, Reason};
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{Pod, PodDisruptionBudgetSpec};
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

/// An integer, or a percentage of `total` rounded up or down.
///
/// Models `staging/apimachinery/pkg/util/intstr/intstr.go` GetScaledValueFromIntOrPercent.
pub fn scaled(value: &podplay_api::IntOrString, total: i64, up: bool) -> i64 {
    match value {
        podplay_api::IntOrString::Int(number) => *number,
        podplay_api::IntOrString::Text(text) => {
            let Some(percent) = text.strip_suffix('%') else {
                return text.parse().unwrap_or(0);
            };
            let product = total.saturating_mul(percent.parse().unwrap_or(0));
            if up { (product + 99).div_euclid(100) } else { product.div_euclid(100) }
        }
    }
}

/// The owner whose scale counts for a pod, by kind and name, and its replicas: for a ReplicaSet, the Deployment that owns it.
///
/// Models the finders of `pkg/controller/disruption/disruption.go`.
pub fn scale_of(world: &World, pod: &Pod) -> Option<((String, String), i64)> {
    let namespace = &pod.meta.namespace;
    let owner = pod.meta.controller()?;
    let resource = world.store.resource(&owner.kind, namespace, &owner.name)?;
    let above = resource.meta.controller().filter(|above| above.kind == "Deployment");
    let above = above.and_then(|above| {
        Some((above, world.store.resource("Deployment", namespace, &above.name)?))
    });
    let (owner, resource) = above.unwrap_or((owner, resource));
    let replicas = resource.spec()["replicas"].as_i64()?;
    Some(((owner.kind.clone(), owner.name.clone()), replicas))
}
