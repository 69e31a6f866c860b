//! Admission: what the API server would refuse a pod of this template for.

use super::Wait;
use crate::apiserver::limit_ranger;
use crate::apiserver::quota;
use crate::world::World;
use podplay_api::{Pod, Quantity, ResourceQuotaSpec, Value, json, raw};
use std::collections::BTreeMap;

/// What keeps a pod with this spec from being created in a namespace, and the fields of the spec that decide it.
pub fn admission(world: &World, namespace: &str, spec: &Value) -> Option<(Wait, Vec<String>)> {
    let name = |field: &str| spec[field].as_str().filter(|name| !name.is_empty());
    if world.store.resource("Namespace", "", namespace).is_none() {
        return Some((Wait::Namespace(namespace.to_owned()), Vec::new()));
    }
    if let Some(found) = range(world, namespace, spec) {
        return Some(found);
    }
    if let Some(class) = name("priorityClassName")
        && world.store.resource("PriorityClass", "", class).is_none()
    {
        return Some((Wait::PriorityClass(class.to_owned()), vec!["priorityClassName".to_owned()]));
    }
    if let Some(account) = name("serviceAccountName").filter(|account| *account != "default")
        && world.store.resource("ServiceAccount", namespace, account).is_none()
    {
        return Some((Wait::Account(account.to_owned()), vec!["serviceAccountName".to_owned()]));
    }
    room(world, namespace, spec)
}

/// The spec with the defaults of the namespace's LimitRanges.
fn filled(world: &World, namespace: &str, spec: &Value) -> Value {
    let mut spec = spec.clone();
    for (key, range) in world.store.resources("LimitRange") {
        if *key.namespace == *namespace {
            let items = range.spec()["limits"].as_array().cloned().unwrap_or_default();
            let _ = limit_ranger::fill(&mut spec, &items);
        }
    }
    spec
}

fn range(world: &World, namespace: &str, spec: &Value) -> Option<(Wait, Vec<String>)> {
    let spec = filled(world, namespace, spec);
    let here = world.store.resources("LimitRange").filter(|(key, _)| *key.namespace == *namespace);
    for (key, range) in here {
        for item in range.spec()["limits"].as_array().into_iter().flatten() {
            if item["type"] != "Container" {
                continue;
            }
            for (n, container) in spec["containers"].as_array().into_iter().flatten().enumerate() {
                let found = beyond(&key.name, item, &container["resources"]);
                if let Some((wait, field)) = found {
                    return Some((wait, vec![format!("containers[{n}].resources.{field}")]));
                }
            }
        }
    }
    None
}

type Amounts = BTreeMap<String, Quantity>;

/// The amount of a container that is outside a range's bounds.
fn beyond(range: &str, item: &Value, resources: &Value) -> Option<(Wait, String)> {
    for (bound, first, second) in [("max", "limits", "requests"), ("min", "requests", "limits")] {
        let allowed: Amounts = raw::field(item, bound);
        for (resource, edge) in allowed {
            for list in [first, second] {
                let amounts: Amounts = raw::field(resources, list);
                let amount = amounts.get(&resource);
                let outside = amount.is_some_and(|amount| match bound {
                    "max" => amount.milli() > edge.milli(),
                    _ => amount.milli() < edge.milli(),
                });
                if outside || amount.is_none() && list == first {
                    let asked = amount.map(|amount| amount.text().to_owned()).unwrap_or_default();
                    let field = format!("{list}.{resource}");
                    let allowed = edge.text().to_owned();
                    let name = range.to_owned();
                    return Some((Wait::Range { name, resource, bound, allowed, asked }, field));
                }
            }
        }
    }
    None
}

/// Whether the namespace's quotas have room.
fn room(world: &World, namespace: &str, spec: &Value) -> Option<(Wait, Vec<String>)> {
    let spec = filled(world, namespace, spec);
    let object = json!({"metadata": {"namespace": namespace}, "spec": spec});
    let wanted = quota::usage(&Pod::from_object(&object));
    let have = quota::used(world, namespace);
    let here =
        world.store.resources("ResourceQuota").filter(|(key, _)| *key.namespace == *namespace);
    for (key, resource) in here {
        let hard = resource.typed_spec::<ResourceQuotaSpec>().hard;
        for (resource, limit) in hard {
            let asked = wanted.get(&resource).copied().unwrap_or(0);
            let used = have.get(&resource).copied().unwrap_or(0);
            let counted = resource.contains("cpu") || resource.contains("memory");
            if counted && asked == 0 || asked > 0 && used + asked > limit.milli() {
                let field = resource.split_once('.').map_or("requests", |(list, _)| list);
                let bare = resource.rsplit('.').next().unwrap_or(&resource);
                let paths = vec![format!("containers[0].resources.{field}.{bare}")];
                let (name, limit) = (key.name.to_string(), limit.milli());
                return Some((Wait::Quota { name, resource, asked, used, limit }, paths));
            }
        }
    }
    None
}
