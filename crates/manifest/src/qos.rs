//! The quality-of-service class of a pod.
//!
//! Models `pkg/apis/core/v1/helper/qos/qos.go`.

use serde_json::Value;

use crate::quantity::Quantity;
use crate::value::{entries, filled, get, items};

/// `Guaranteed`, `Burstable` or `BestEffort`, for a defaulted pod spec.
#[must_use]
pub fn class(spec: &Value) -> &'static str {
    if get(spec, "resources").is_some_and(|r| filled(r, "limits") || filled(r, "requests")) {
        return class_of(&[get(spec, "resources").unwrap_or(&Value::Null)]);
    }
    let resources: Vec<&Value> = items(spec, "containers")
        .iter()
        .chain(items(spec, "initContainers"))
        .map(|c| get(c, "resources").unwrap_or(&Value::Null))
        .collect();
    class_of(&resources)
}

fn class_of(all: &[&Value]) -> &'static str {
    let positive = |r: &Value, list: &str, key: &str| {
        entries(r, list)
            .find(|(k, _)| *k == key)
            .and_then(|(_, v)| Quantity::parse(v.as_str().unwrap_or_default()).ok())
            .filter(|q| *q > Quantity::ZERO)
    };
    let keys = ["cpu", "memory"];
    let any = all.iter().any(|r| {
        keys.iter()
            .any(|k| positive(r, "requests", k).is_some() || positive(r, "limits", k).is_some())
    });
    if !any {
        return "BestEffort";
    }
    let guaranteed = all.iter().all(|r| {
        keys.iter().all(|k| {
            let limit = positive(r, "limits", k);
            limit.is_some() && positive(r, "requests", k).is_none_or(|q| Some(q) == limit)
        })
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}
