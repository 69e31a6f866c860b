//! ResourceQuota: admission of pods, and what a quota has used.
//!
//! Models `staging/apiserver/pkg/admission/plugin/resourcequota` and `pkg/quota/v1/evaluator/core/pods.go`.

use super::work;
use crate::apiserver;
use crate::apiserver::store::Key;
use crate::scheduler::requests;
use crate::world::World;
use podplay_api::{Map, Pod, Quantity, ResourceQuotaSpec, Value, json};
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

/// Brings a quota's status up to date.
///
/// Models `pkg/controller/resourcequota/resource_quota_controller.go` syncResourceQuota.
#[inline(never)]
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("ResourceQuota", namespace, name);
    let Some(resource) = world.store.resource(&key.kind, namespace, name) else { return };
    let spec: ResourceQuotaSpec = resource.typed_spec();
    let have = used(world, namespace);
    let texts = |value: &dyn Fn(&str, &Quantity) -> String| -> Map<String, Value> {
        spec.hard
            .iter()
            .map(|(name, hard)| (name.clone(), Value::String(value(name, hard))))
            .collect()
    };
    let hard = texts(&|_, hard| hard.text().to_string());
    let in_use = texts(&|name, _| {
        let milli = have.get(name).copied().or_else(|| objects(world, namespace, name));
        Quantity::from_milli(milli.unwrap_or(0)).text().to_string()
    });
    apiserver::set_object_status(world, &key, json!({"hard": hard, "used": in_use}));
}

/// How many objects of `count/deployments.apps`, `services` and the like there are, in thousandths.
fn objects(world: &World, namespace: &str, name: &str) -> Option<i64> {
    let plural = name.strip_prefix("count/").unwrap_or(name);
    let kind =
        world.store.kinds().into_iter().find(|kind| apiserver::resource_of(kind) == plural)?;
    let here = world.store.resources(&kind).filter(|(key, _)| *key.namespace == *namespace).count();
    i64::try_from(here).ok().map(|count| count * 1000)
}

/// A pod came, ended or is gone: the quotas of its namespace are looked at.
pub fn on_pod(world: &mut World, namespace: &str) {
    let touched: Vec<Key> = world
        .store
        .resources("ResourceQuota")
        .filter(|(key, _)| *key.namespace == *namespace)
        .map(|(key, _)| key.clone())
        .collect();
    for key in touched {
        work::soon(world, "ResourceQuota", &key);
    }
}
