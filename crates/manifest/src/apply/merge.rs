//! Merging as `apply` and strategic merge patches do: maps by key, some lists by the key of their items.
//!
//! Models `apimachinery/pkg/util/strategicpatch/patch.go`.

use serde_json::{Map, Value};

use super::server::go_json;
use crate::schema::{Field, Shape, Table, Type, table};

/// How the fields of a map are merged.
#[derive(Clone, Copy)]
struct Of(Option<&'static Type>);

impl Of {
    fn kind(version: &str, kind: &str) -> Self {
        Self(table().kind(version, kind))
    }

    fn field(self, key: &str) -> Option<&'static Field> {
        self.0.and_then(|t| t.field(key))
    }

    /// The type inside a field, through lists and maps.
    fn inner(self, key: &str) -> Self {
        Self(self.field(key).and_then(|f| object_of(table(), &f.shape)))
    }

    fn merge_key(self, key: &str) -> Option<&'static str> {
        self.field(key).and_then(|f| f.merge_key)
    }

    fn retains(self, key: &str) -> bool {
        self.field(key).is_some_and(|f| f.retain_keys)
    }
}

fn object_of(table: &'static Table, shape: &Shape) -> Option<&'static Type> {
    match shape {
        Shape::Object(id) => table.get(*id),
        Shape::List(item) | Shape::Map(item) => object_of(table, item),
        _ => None,
    }
}

/// The object after `apply`: what was last applied and is gone now is removed, what is written now
/// is set, and everything else stays as it is.
#[must_use]
pub fn three_way(
    version: &str,
    kind: &str,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Value {
    let mut result = current.clone();
    merge_map(Of::kind(version, kind), original, modified, &mut result);
    result
}

fn merge_map(of: Of, original: &Value, modified: &Value, result: &mut Value) {
    let empty = Map::new();
    let written = modified.as_object().unwrap_or(&empty);
    let before = original.as_object().unwrap_or(&empty);
    let Value::Object(target) = result else {
        *result = modified.clone();
        return;
    };
    for key in before.keys() {
        if written.get(key).is_none_or(Value::is_null) {
            target.remove(key);
        }
    }
    for (key, value) in written {
        if value.is_null() {
            target.remove(key);
            continue;
        }
        let old = before.get(key).unwrap_or(&Value::Null);
        match target.get_mut(key) {
            Some(existing) => merge_value(of, key, old, value, existing),
            None => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}

fn merge_value(of: Of, key: &str, original: &Value, modified: &Value, existing: &mut Value) {
    match (modified, &*existing) {
        (Value::Object(written), Value::Object(_)) => {
            let before = existing.clone();
            merge_map(of.inner(key), original, modified, existing);
            if of.retains(key) && *existing != before {
                retain(existing, written);
            }
        }
        (Value::Array(_), Value::Array(_)) => match of.merge_key(key) {
            Some("") => merge_set(original, modified, existing),
            Some(item_key) => merge_list(of, key, item_key, original, modified, existing),
            None => *existing = modified.clone(),
        },
        _ => *existing = modified.clone(),
    }
}

/// Keys that the writer does not name are dropped.
fn retain(existing: &mut Value, written: &Map<String, Value>) {
    if let Value::Object(map) = existing {
        map.retain(|k, _| written.contains_key(k));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn merge_set(original: &Value, modified: &Value, existing: &mut Value) {
    let (before, after) = (list(original), list(modified));
    let mut out: Vec<Value> = after.to_vec();
    out.extend(
        list(existing).iter().filter(|v| !after.contains(v) && !before.contains(v)).cloned(),
    );
    *existing = Value::Array(out);
}

fn merge_list(
    of: Of,
    key: &str,
    item_key: &str,
    original: &Value,
    modified: &Value,
    existing: &mut Value,
) {
    let same = |a: &Value, b: &Value| a.get(item_key) == b.get(item_key);
    let mut out = Vec::new();
    for item in list(modified) {
        let old = list(original).iter().find(|o| same(o, item)).unwrap_or(&Value::Null);
        match list(existing).iter().find(|e| same(e, item)) {
            Some(found) => {
                let mut merged = found.clone();
                merge_map(of.inner(key), old, item, &mut merged);
                if of.retains(key)
                    && merged != *found
                    && let Value::Object(written) = item
                {
                    retain(&mut merged, written);
                }
                out.push(merged);
            }
            None => out.push(item.clone()),
        }
    }
    for item in list(existing) {
        let written = list(modified).iter().any(|m| same(m, item));
        let was = list(original).iter().any(|o| same(o, item));
        if !written && !was {
            out.push(item.clone());
        }
    }
    *existing = Value::Array(out);
}

/// Applies a strategic merge patch (`kubectl patch`), with its `$patch` directives.
#[must_use]
pub fn strategic_merge(version: &str, kind: &str, current: &Value, patch: &Value) -> Value {
    patch_value(Of::kind(version, kind), current, patch)
}

fn patch_value(of: Of, current: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let directive = changes.get("$patch").and_then(Value::as_str).unwrap_or_default();
    let mut out = match (directive, current) {
        ("replace", _) => Map::new(),
        (_, Value::Object(map)) => map.clone(),
        _ => Map::new(),
    };
    for (key, value) in changes.iter().filter(|(k, _)| !k.starts_with('$')) {
        if value.is_null() {
            out.remove(key);
            continue;
        }
        let before = out.get(key).cloned().unwrap_or(Value::Null);
        let after = match (value, of.merge_key(key)) {
            (Value::Array(items), Some(item_key)) => {
                patch_list(of.inner(key), item_key, &before, items)
            }
            (Value::Object(_), _) => patch_value(of.inner(key), &before, value),
            _ => value.clone(),
        };
        out.insert(key.clone(), after);
    }
    for (key, gone) in changes {
        if let Some(field) = key.strip_prefix("$deleteFromPrimitiveList/")
            && let Some(kept) = out.get_mut(field).and_then(Value::as_array_mut)
        {
            kept.retain(|v| !list(gone).contains(v));
        }
    }
    if let Some(kept) = changes.get("$retainKeys").and_then(Value::as_array) {
        out.retain(|k, _| kept.iter().any(|n| n == k));
    }
    Value::Object(out)
}

fn patch_list(of: Of, item_key: &str, current: &Value, patch: &[Value]) -> Value {
    if patch
        .iter()
        .any(|p| p.get("$patch").is_some_and(|d| d == "replace") && p.get(item_key).is_none())
    {
        let kept = patch.iter().filter(|p| p.get("$patch").is_none()).cloned();
        return Value::Array(kept.collect());
    }
    let mut out = list(current).to_vec();
    for item in patch {
        if item_key.is_empty() {
            if !out.contains(item) {
                out.push(item.clone());
            }
            continue;
        }
        let found = out.iter().position(|o| o.get(item_key) == item.get(item_key));
        match (found, item.get("$patch").and_then(Value::as_str)) {
            (Some(i), Some("delete")) => {
                out.remove(i);
            }
            (None, Some("delete")) => {}
            (Some(i), _) => {
                if let Some(slot) = out.get_mut(i) {
                    *slot = patch_value(of, slot, item);
                }
            }
            (None, _) => out.push(patch_value(of, &Value::Null, item)),
        }
    }
    Value::Array(out)
}

/// The patch that `apply` would send, as its messages print it.
pub(super) fn patch_text(
    version: &str,
    kind: &str,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> String {
    let of = Of::kind(version, kind);
    go_json(&Value::Object(difference(of, original, modified, current)))
}

fn difference(of: Of, original: &Value, modified: &Value, current: &Value) -> Map<String, Value> {
    let empty = Map::new();
    let (written, now) =
        (modified.as_object().unwrap_or(&empty), current.as_object().unwrap_or(&empty));
    let mut out = Map::new();
    for (key, value) in written {
        let old = original.get(key).unwrap_or(&Value::Null);
        match (value, now.get(key)) {
            (_, Some(same)) if same == value => {}
            (Value::Object(_), Some(existing @ Value::Object(_))) => {
                let inner = difference(of.inner(key), old, value, existing);
                if !inner.is_empty() {
                    out.insert(key.clone(), Value::Object(inner));
                }
            }
            (Value::Array(items), Some(Value::Array(existing))) => {
                if let Some(item_key) = of.merge_key(key).filter(|k| !k.is_empty()) {
                    list_difference(of, key, item_key, (old, items, existing), &mut out);
                } else {
                    out.insert(key.clone(), value.clone());
                }
            }
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, _) in original.as_object().into_iter().flatten() {
        if !written.contains_key(key) && now.contains_key(key) {
            out.insert(key.clone(), Value::Null);
        }
    }
    out
}

fn list_difference(
    of: Of,
    key: &str,
    item_key: &str,
    (old, items, existing): (&Value, &[Value], &[Value]),
    out: &mut Map<String, Value>,
) {
    let same = |a: &Value, b: &Value| a.get(item_key) == b.get(item_key);
    let mut changes = Vec::new();
    for item in items {
        match existing.iter().find(|e| same(e, item)) {
            None => changes.push(item.clone()),
            Some(found) => {
                let before = list(old).iter().find(|o| same(o, item)).unwrap_or(&Value::Null);
                let mut inner = difference(of.inner(key), before, item, found);
                if !inner.is_empty() {
                    if let Some(id) = item.get(item_key) {
                        inner.insert(item_key.to_owned(), id.clone());
                    }
                    changes.push(Value::Object(inner));
                }
            }
        }
    }
    for gone in list(old).iter().filter(|o| !items.iter().any(|i| same(i, o))) {
        if existing.iter().any(|e| same(e, gone)) {
            let id = gone.get(item_key).cloned().unwrap_or(Value::Null);
            let mut delete = Map::new();
            delete.insert("$patch".to_owned(), Value::from("delete"));
            delete.insert(item_key.to_owned(), id);
            changes.push(Value::Object(delete));
        }
    }
    if !changes.is_empty() {
        let mut order = Vec::new();
        for item in items {
            let mut entry = Map::new();
            entry.insert(item_key.to_owned(), item.get(item_key).cloned().unwrap_or(Value::Null));
            order.push(Value::Object(entry));
        }
        out.insert(format!("$setElementOrder/{key}"), Value::Array(order));
        out.insert(key.to_owned(), Value::Array(changes));
    }
}
