//! Patches: JSON, merge and strategic merge, and the API's raw patch.

use crate::failure::Failure;
use crate::update::Refused;
use podplay_api::{Map, Value};
use podplay_core::apiserver::{ApiError, Reason};
use podplay_core::{Cluster, Command};
use podplay_manifest::schema::{KindInfo, Shape, Table, Type, all_kinds, find_kind, table};
use podplay_manifest::{apply as manifest, defaults, validate};

/// What a JSON patch can end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PatchError {
    /// It is no JSON patch.
    Shape(String),
    /// It does not fit the object.
    Misfit(String),
    /// A `test` failed.
    Test,
}

/// Applies a JSON patch (RFC 6902).
pub(crate) fn json_patch(object: &Value, patch: &Value) -> Result<Value, PatchError> {
    let Some(operations) = patch.as_array() else {
        let of = go_type(patch);
        return Err(PatchError::Shape(format!(
            "error decoding patch: json: cannot unmarshal {of} into Go value of type []handlers.jsonPatchOp"
        )));
    };
    let mut result = object.clone();
    for operation in operations {
        let text = |key: &str| operation[key].as_str().unwrap_or_default();
        let path = text("path");
        match text("op") {
            "add" => add(&mut result, path, operation["value"].clone())?,
            "remove" => {
                take(&mut result, path)?;
            }
            "replace" => {
                let known = unknown_field(&result, path);
                if !known {
                    take(&mut result, path)?;
                }
                add(&mut result, path, operation["value"].clone())?;
            }
            "move" => {
                let moved = take(&mut result, text("from"))?;
                add(&mut result, path, moved)?;
            }
            "copy" => {
                let copied = result
                    .pointer(text("from"))
                    .cloned()
                    .ok_or_else(|| missing("copy", text("from")))?;
                add(&mut result, path, copied)?;
            }
            "test" => {
                if result.pointer(path).unwrap_or(&Value::Null) != &operation["value"] {
                    return Err(PatchError::Test);
                }
            }
            other => return Err(PatchError::Misfit(format!("Unexpected kind: {other}"))),
        }
    }
    Ok(result)
}

/// The parent exists and the field does not: servers take a `replace` of a map's missing key.
fn unknown_field(object: &Value, path: &str) -> bool {
    object.pointer(path).is_none()
        && parent(path)
            .is_some_and(|(parent, _)| object.pointer(&parent).is_some_and(Value::is_object))
}

fn missing(what: &str, path: &str) -> PatchError {
    PatchError::Misfit(format!(
        "{what} operation does not apply: doc is missing path: {path}: missing value"
    ))
}

fn parent(path: &str) -> Option<(String, String)> {
    let (parent, key) = path.rsplit_once('/')?;
    Some((parent.to_owned(), key.replace("~1", "/").replace("~0", "~")))
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), PatchError> {
    let Some((parent, key)) = parent(path) else {
        *object = value;
        return Ok(());
    };
    match object.pointer_mut(&parent) {
        Some(Value::Object(map)) => {
            map.insert(key, value);
            Ok(())
        }
        Some(Value::Array(items)) => {
            let at = if key == "-" {
                Some(items.len())
            } else {
                key.parse().ok().filter(|at| *at <= items.len())
            };
            items.insert(at.ok_or_else(|| missing("add", path))?, value);
            Ok(())
        }
        _ => Err(missing("add", path)),
    }
}

fn take(object: &mut Value, path: &str) -> Result<Value, PatchError> {
    let (parent, key) = parent(path).ok_or_else(|| missing("remove", path))?;
    let found = match object.pointer_mut(&parent) {
        Some(Value::Object(map)) => map.remove(&key),
        Some(Value::Array(items)) => {
            key.parse().ok().filter(|at: &usize| *at < items.len()).map(|at| items.remove(at))
        }
        _ => None,
    };
    found.ok_or_else(|| missing("remove", path))
}

/// Applies a merge patch (RFC 7386).
pub(crate) fn merge_patch(object: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut result = object.as_object().cloned().unwrap_or_default();
    for (key, change) in changes {
        if change.is_null() {
            result.remove(key);
        } else {
            let before = result.get(key).cloned().unwrap_or_default();
            result.insert(key.clone(), merge_patch(&before, change));
        }
    }
    Value::Object(result)
}

/// Applies a strategic merge patch, after the server's looks at it.
pub(crate) fn strategic(kind: &KindInfo, object: &Value, patch: &Value) -> Result<Value, Failure> {
    if let Some(of) = table().kind(kind.api_version, kind.kind) {
        check_keys(table(), of, patch)?;
    }
    Ok(manifest::strategic_merge(kind.api_version, kind.kind, object, patch))
}

/// Items of lists that are merged by a key must carry it.
fn check_keys(table: &'static Table, of: &'static Type, patch: &Value) -> Result<(), Failure> {
    for (key, value) in patch.as_object().into_iter().flatten() {
        let Some(field) = of.field(key) else { continue };
        let inner = inner_type(table, &field.shape);
        if let (Some(merge_key), Value::Array(items)) = (field.merge_key, value) {
            let without = items.iter().find(|item| {
                item.is_object() && item.get(merge_key).is_none() && item.get("$patch").is_none()
            });
            if let Some(item) = without {
                let text = format!(
                    "map: {} does not contain declared merge key: {merge_key}",
                    go_value(item)
                );
                return Err(Failure::plain(format!("Error from server: {text}")));
            }
        }
        let Some(inner) = inner else { continue };
        match value {
            Value::Array(items) => {
                items.iter().try_for_each(|item| check_keys(table, inner, item))?
            }
            Value::Object(_) if matches!(field.shape, Shape::Object(_)) => {
                check_keys(table, inner, value)?
            }
            _ => {}
        }
    }
    Ok(())
}

fn inner_type(table: &'static Table, shape: &Shape) -> Option<&'static Type> {
    match shape {
        Shape::Object(id) => table.get(*id),
        Shape::List(item) | Shape::Map(item) => inner_type(table, item),
        _ => None,
    }
}

/// A value as Go prints it with `%v`.
pub(crate) fn go_value(value: &Value) -> String {
    match value {
        Value::Object(map) => format!(
            "map[{}]",
            map.iter()
                .map(|(key, value)| format!("{key}:{}", go_value(value)))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(go_value).collect::<Vec<_>>().join(" "))
        }
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The API's own patch: `pods/web`, `pods/web/status`, `namespaces/shop/deployments/db/scale`, and what is merged in.
///
/// # Errors
/// With the API server's words.
pub fn raw_patch(cluster: &mut Cluster, path: &str, body: &Value) -> Result<(), String> {
    let unknown = || "the server could not find the requested resource".to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (namespace, rest) = match parts.as_slice() {
        ["namespaces", namespace, rest @ ..] if rest.len() >= 2 => (*namespace, rest),
        rest => ("default", rest),
    };
    let (resource, name, subresource) = match rest {
        [resource, name] => (*resource, *name, ""),
        [resource, name, subresource] => (*resource, *name, *subresource),
        _ => return Err(unknown()),
    };
    let plural = resource.split('.').next().unwrap_or_default();
    let kind = all_kinds().find(|kind| kind.plural == plural).ok_or_else(unknown)?;
    let namespace = if kind.namespaced { namespace } else { "" };
    let object = cluster
        .get(kind.kind, namespace, name)
        .ok_or_else(|| ApiError::not_found(&kind.resource(), name).to_string())?;
    let command = match subresource {
        "status" => {
            let only =
                Value::Object(Map::from_iter([("status".to_owned(), body["status"].clone())]));
            Command::ReplaceStatus(
                strategic(&kind, &object, &only).map_err(|failure| failure.message)?,
            )
        }
        "scale" => {
            let only = podplay_api::json!({"spec": {"replicas": body["spec"]["replicas"]}});
            Command::Replace(checked(&kind, &object, merge_patch(&object, &only))?)
        }
        "resize" if kind.kind == "Pod" => {
            let new = strategic(&kind, &object, body).map_err(|failure| failure.message)?;
            let taken =
                resized(&kind, &object, new).map_err(|refused| refused.failure().message)?;
            Command::Resize(taken)
        }
        "" => {
            let new = strategic(&kind, &object, body).map_err(|failure| failure.message)?;
            Command::Replace(checked(&kind, &object, new)?)
        }
        _ => return Err(unknown()),
    };
    cluster.apply(command).map(|_| ()).map_err(|error| error.to_string())
}

fn checked(kind: &KindInfo, old: &Value, mut new: Value) -> Result<Value, String> {
    defaults::apply_defaults(&mut new);
    let errors: Vec<String> =
        validate::validate_update(old, &new).into_iter().map(|error| error.message).collect();
    if errors.is_empty() {
        return Ok(new);
    }
    let name = new["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    Err(Refused::Invalid { kind: *kind, name, errors }.failure().message)
}

/// What the subresource `resize` takes of a new pod.
pub(crate) fn resized(kind: &KindInfo, old: &Value, mut new: Value) -> Result<Value, Refused> {
    defaults::apply_defaults(&mut new);
    let (taken, errors) = validate::validate_resize(old, &new);
    if errors.is_empty() {
        return Ok(taken);
    }
    let name = old["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let errors = errors.into_iter().map(|error| error.message).collect();
    Err(Refused::Invalid { kind: *kind, name, errors })
}

/// The refusal of a patch that the server cannot read.
pub(crate) fn bad_request(message: impl Into<String>) -> Failure {
    ApiError::new(Reason::BadRequest, message).into()
}

/// The kind of an object.
pub(crate) fn kind_of(object: &Value) -> Option<KindInfo> {
    find_kind(object["apiVersion"].as_str()?, object["kind"].as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::json;

    #[test]
    fn json_patches() {
        let object = json!({"a": {"b": [1, 2]}, "l": {"x/y": "z"}});
        let table = [
            (json!([{"op": "remove", "path": "/a/b"}]), Some(json!({"a": {}, "l": {"x/y": "z"}}))),
            (
                json!([{"op": "add", "path": "/a/b/-", "value": 3}]),
                Some(json!({"a": {"b": [1, 2, 3]}, "l": {"x/y": "z"}})),
            ),
            (
                json!([{"op": "replace", "path": "/l/x~1y", "value": "w"}]),
                Some(json!({"a": {"b": [1, 2]}, "l": {"x/y": "w"}})),
            ),
            (json!([{"op": "remove", "path": "/nope"}]), None),
            (json!([{"op": "test", "path": "/a/b/0", "value": 9}]), None),
        ];
        for (patch, expected) in table {
            assert_eq!(json_patch(&object, &patch).ok(), expected, "{patch}");
        }
    }

    #[test]
    fn merge_patches() {
        let object = json!({"a": {"b": 1, "c": 2}, "d": 3});
        let patch = json!({"a": {"b": null, "e": 4}, "d": [1]});
        assert_eq!(merge_patch(&object, &patch), json!({"a": {"c": 2, "e": 4}, "d": [1]}));
    }
}
