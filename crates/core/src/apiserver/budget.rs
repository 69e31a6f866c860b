//! PodDisruptionBudgets: whether the eviction API lets a pod go.
//!
//! Models `pkg/registry/core/pod/storage/eviction.go` and the counting of `pkg/controller/disruption/disruption.go`.

use crate::apiserver::error::{ApiError, Reason};
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{IntOrString, Pod, PodDisruptionBudgetSpec};
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

impl Budget {
    /// How many pods may be disrupted now; none as long as it is not known how many there should be.
    pub fn allowed(self) -> i64 {
        if self.expected > 0 { (self.current - self.desired).max(0) } else { 0 }
    }
}

/// The state of a budget, given its spec.
pub fn state(world: &World, namespace: &str, spec: &PodDisruptionBudgetSpec) -> Budget {
    let pods = selected(world, namespace, spec);
    let healthy =
        |pod: &&&Pod| pod.status.is_true("Ready") && pod.meta.deletion_timestamp.is_none();
    let current = i64::try_from(pods.iter().filter(healthy).count()).unwrap_or(0);
    let expected = match &spec.min_available {
        Some(IntOrString::Int(_)) => i64::try_from(pods.len()).unwrap_or(0),
        _ => Some(Scales::of(world, &pods))
            .filter(|of| of.failure.is_none())
            .map_or(0, |of| of.total),
    };
    let desired = match (&spec.min_available, &spec.max_unavailable) {
        (Some(least), _) => scaled(least, expected, true),
        (None, Some(most)) => (expected - scaled(most, expected, true)).max(0),
        (None, None) => 0,
    };
    Budget { current, desired, expected }
}

/// The pods that a budget counts.
pub fn selected<'a>(
    world: &'a World,
    namespace: &str,
    spec: &PodDisruptionBudgetSpec,
) -> Vec<&'a Pod> {
    let selects = |pod: &&Pod| {
        pod.meta.namespace == namespace
            && spec.selector.as_ref().is_some_and(|selector| selector.matches(&pod.meta.labels))
    };
    world.store.pods().filter(selects).collect()
}

/// What the owners of pods want. Models getExpectedScale.
#[derive(Debug, Default)]
pub struct Scales {
    /// Replicas of all owners.
    pub total: i64,
    /// A pod without an owner is among them; it does not count.
    pub unmanaged: bool,
    /// Why the sum cannot be made.
    pub failure: Option<String>,
}

impl Scales {
    /// Asks the owners of these pods.
    pub fn of(world: &World, pods: &[&Pod]) -> Self {
        let mut owners: BTreeMap<(String, String), i64> = BTreeMap::new();
        let mut found = Self::default();
        for pod in pods {
            let Some(owner) = pod.meta.controller() else {
                found.unmanaged = true;
                continue;
            };
            match (scale_of(world, pod), owner.kind.as_str()) {
                (Some((owner, replicas)), _) => {
                    owners.insert(owner, replicas);
                }
                (None, kind @ ("Job" | "DaemonSet")) => {
                    let of = if kind == "Job" { "jobs.batch" } else { "daemonsets.apps" };
                    let text = format!("{of} does not implement the scale subresource");
                    found.failure.get_or_insert(text);
                }
                (None, _) => {
                    let text = format!("found no controllers for pod \"{}\"", pod.meta.name);
                    found.failure.get_or_insert(text);
                }
            }
        }
        found.total = owners.values().sum();
        found
    }
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
            if free || budget.allowed() > 0 {
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
pub fn scaled(value: &IntOrString, total: i64, up: bool) -> i64 {
    match value {
        IntOrString::Int(number) => *number,
        IntOrString::Text(text) => {
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

#[cfg(test)]
mod tests {
    use super::scaled;
    use podplay_api::IntOrString;

    #[test]
    fn percentages_of_a_total() {
        for (text, total, up, down) in [
            ("50%", 3, 2, 1),
            ("33%", 3, 1, 0),
            ("100%", 7, 7, 7),
            ("0%", 7, 0, 0),
            ("1%", 1, 1, 0),
            ("4", 9, 4, 4),
        ] {
            let value = IntOrString::Text(text.to_owned());
            assert_eq!(
                (scaled(&value, total, true), scaled(&value, total, false)),
                (up, down),
                "{text} of {total}"
            );
        }
        assert_eq!(scaled(&IntOrString::Int(2), 9, true), 2);
    }
}
