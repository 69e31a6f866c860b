//! What the objects of a paste refer to and the paste does not have: it was there, unless the paste says otherwise.

use super::super::causes::Found;
use super::Draft;
use crate::verdict::Cause;
use podplay_api::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in for a value that nobody can know.
const PLACEHOLDER: &str = "placeholder";

/// The key of a Secret or ConfigMap of which no key is known.
pub(crate) const UNKNOWN_KEY: &str = "key-that-is-not-known";

/// Something that is referred to: its kind and name, with the keys that are asked for.
type Wanted = BTreeMap<(&'static str, String), BTreeSet<String>>;

/// Puts beside the objects what they refer to.
pub(super) fn beside(out: &mut Draft, found: &[Found]) {
    let mut wanted = Wanted::new();
    for object in &out.objects {
        references(object, "", &mut wanted);
    }
    let known: BTreeSet<(String, String)> = out
        .objects
        .iter()
        .map(|object| {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (word(&object["kind"]), word(&object["metadata"]["name"]))
        })
        .collect();
    for ((kind, name), keys) in wanted {
        if known.contains(&(kind.to_owned(), name.clone())) || missing(found, kind, &name) {
            continue;
        }
        let keys: Vec<String> =
            keys.into_iter().filter(|key| !missing_key(found, kind, &name, key)).collect();
        out.assumed.push(format!("{}/{name}", kind.to_ascii_lowercase()));
        out.objects.insert(0, made(kind, &name, &keys));
    }
}

/// Whether the paste says that this is not there.
fn missing(found: &[Found], kind: &str, name: &str) -> bool {
    found.iter().any(|one| match &one.cause {
        Cause::MissingSource { source, name: other, .. } => {
            source.as_str() == kind && other == name
        }
        Cause::MissingServiceAccount { name: other, .. } => {
            kind == "ServiceAccount" && other == name
        }
        Cause::MissingPriorityClass { name: other, .. } => kind == "PriorityClass" && other == name,
        Cause::MissingClaim { claim, .. } => kind == "PersistentVolumeClaim" && claim == name,
        _ => false,
    })
}

fn missing_key(found: &[Found], kind: &str, name: &str, key: &str) -> bool {
    found.iter().any(|one| match &one.cause {
        Cause::MissingKey { source, name: other, key: gone, .. } => {
            source.as_str() == kind && other == name && gone == key
        }
        _ => false,
    })
}

/// Collects references, wherever they stand in an object.
fn references(value: &Value, under: &str, out: &mut Wanted) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| references(item, under, out)),
        Value::Object(map) => {
            let optional = map.get("optional").and_then(Value::as_bool) == Some(true);
            if let Some((kind, name)) = named(under, value).filter(|_| !optional) {
                let keys = out.entry((kind, name)).or_default();
                keys.extend(map.get("key").and_then(Value::as_str).map(str::to_owned));
                let items = map.get("items").and_then(Value::as_array).into_iter().flatten();
                keys.extend(items.filter_map(|item| Some(item.get("key")?.as_str()?.to_owned())));
            }
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("serviceAccountName", Value::String(name)) => {
                        out.entry(("ServiceAccount", name.clone())).or_default();
                    }
                    ("priorityClassName", Value::String(name)) if !name.starts_with("system-") => {
                        out.entry(("PriorityClass", name.clone())).or_default();
                    }
                    _ => references(value, key, out),
                }
            }
        }
        _ => {}
    }
}

/// What a field refers to.
fn named(field: &str, value: &Value) -> Option<(&'static str, String)> {
    let word = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match field {
        "secretKeyRef" | "secretRef" => Some(("Secret", word("name")?)),
        "secret" => Some(("Secret", word("secretName").or_else(|| word("name"))?)),
        "configMapKeyRef" | "configMapRef" | "configMap" => {
            Some(("ConfigMap", word("name").filter(|name| name != "kube-root-ca.crt")?))
        }
        "persistentVolumeClaim" => Some(("PersistentVolumeClaim", word("claimName")?)),
        _ => None,
    }
}

fn made(kind: &str, name: &str, keys: &[String]) -> Value {
    let mut data = json!({});
    for key in keys {
        data[key.as_str()] = PLACEHOLDER.into();
    }
    if keys.is_empty() {
        data[UNKNOWN_KEY] = PLACEHOLDER.into();
    }
    let meta = json!({"name": name});
    match kind {
        "Secret" => json!({"apiVersion": "v1", "kind": kind, "metadata": meta, "stringData": data}),
        "ConfigMap" => json!({"apiVersion": "v1", "kind": kind, "metadata": meta, "data": data}),
        "PriorityClass" => {
            json!({"apiVersion": "scheduling.k8s.io/v1", "kind": kind, "metadata": meta, "value": 0})
        }
        "PersistentVolumeClaim" => json!({
            "apiVersion": "v1", "kind": kind, "metadata": meta,
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }),
        _ => json!({"apiVersion": "v1", "kind": kind, "metadata": meta}),
    }
}
