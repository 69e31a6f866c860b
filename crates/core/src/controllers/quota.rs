//! ResourceQuota: what a quota has used.
//!
//! Models `pkg/controller/resourcequota/resource_quota_controller.go`.

use super::work;
use crate::apiserver;
use crate::apiserver::quota::used;
use crate::apiserver::store::Key;
use crate::world::World;
use podplay_api::{Map, Quantity, ResourceQuotaSpec, Value, json};

/// Brings a quota's status up to date.
///
/// Models `pkg/controller/resourcequota/resource_quota_controller.go` syncResourceQuota.
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
