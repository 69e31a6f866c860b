//! The admission plugin of ResourceQuotas, and what pods use of a quota.
//!
//! Models `staging/apiserver/pkg/admission/plugin/resourcequota` and `pkg/quota/v1/evaluator/core/pods.go`.

use crate::resources::requests;
use crate::world::World;
use podplay_api::{Pod, Quantity, ResourceQuotaSpec};
use std::collections::BTreeMap;

/// What a pod uses of a quota, in thousandths.
pub fn usage(pod: &Pod) -> BTreeMap<String, i64> {
    let mut used = BTreeMap::from([("pods".to_string(), 1000), ("count/pods".to_string(), 1000)]);
    for (name, value) in requests(&pod.spec) {
        used.insert(format!("requests.{name}"), value);
        used.insert(name, value);
    }
    for container in &pod.spec.containers {
        for (name, quantity) in &container.resources.limits {
            let slot = used.entry(format!("limits.{name}")).or_default();
            *slot = slot.saturating_add(quantity.milli());
        }
    }
    used
}

/// What the pods of a namespace use, in thousandths.
pub fn used(world: &World, namespace: &str) -> BTreeMap<String, i64> {
    let mut total: BTreeMap<String, i64> = BTreeMap::new();
    for pod in world
        .store
        .pods()
        .filter(|pod| pod.meta.namespace == namespace && !pod.status.phase.is_terminal())
    {
        for (name, value) in usage(pod) {
            let slot = total.entry(name).or_default();
            *slot = slot.saturating_add(value);
        }
    }
    total
}

fn print(name: &str, milli: i64) -> String {
    let text = Quantity::from_milli(milli);
    format!("{name}={}", text.text())
}

/// Whether a pod may be created under its namespace's quotas.
///
/// # Errors
/// The plugin's words.
pub fn admit(world: &World, pod: &Pod) -> Result<(), String> {
    let wanted = usage(pod);
    for (key, resource) in world
        .store
        .resources("ResourceQuota")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
    {
        let spec: ResourceQuotaSpec = resource.typed_spec();
        let compute = |name: &str| name.contains("cpu") || name.contains("memory");
        let missing: Vec<String> = spec
            .hard
            .keys()
            .filter(|name| compute(name) && wanted.get(*name).copied().unwrap_or(0) == 0)
            .map(|name| missing_from(pod, name))
            .collect();
        if !missing.is_empty() {
            return Err(format!("failed quota: {}: must specify {}", key.name, missing.join("; ")));
        }
        let have = used(world, &pod.meta.namespace);
        let over: Vec<&String> = spec
            .hard
            .iter()
            .filter(|(name, hard)| {
                wanted.get(*name).is_some_and(|more| {
                    have.get(*name).copied().unwrap_or(0).saturating_add(*more) > hard.milli()
                })
            })
            .map(|(name, _)| name)
            .collect();
        if !over.is_empty() {
            let list = |value: &dyn Fn(&str) -> String| {
                over.iter().map(|name| value(name)).collect::<Vec<_>>().join(",")
            };
            let requested = list(&|name| print(name, wanted.get(name).copied().unwrap_or(0)));
            let in_use = list(&|name| print(name, have.get(name).copied().unwrap_or(0)));
            let limited =
                list(&|name| format!("{name}={}", spec.hard.get(name).map_or("", Quantity::text)));
            return Err(format!(
                "exceeded quota: {}, requested: {requested}, used: {in_use}, limited: {limited}",
                key.name
            ));
        }
    }
    Ok(())
}

fn missing_from(pod: &Pod, name: &str) -> String {
    let names: Vec<&str> =
        pod.spec.containers.iter().map(|container| container.name.as_str()).collect();
    format!("{name} for: {}", names.join(","))
}
