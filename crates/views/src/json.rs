//! Short reads of API objects: paths with defaults, since absent and empty mean the same to a printer.

use podplay_api::Timestamp;
use serde_json::Value;

static NULL: Value = Value::Null;

/// The field at a path such as `status.phase`; null if there is none.
#[must_use]
pub fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(object, |value, key| value.get(key).unwrap_or(&NULL))
}

/// Whether there is anything at the path.
#[must_use]
pub fn has(object: &Value, path: &str) -> bool {
    !at(object, path).is_null()
}

/// Text at the path, empty by default.
#[must_use]
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    at(object, path).as_str().unwrap_or("")
}

/// Text at the path, or `default` where it is absent or empty.
#[must_use]
pub fn text_or<'a>(object: &'a Value, path: &str, default: &'a str) -> &'a str {
    match text(object, path) {
        "" => default,
        text => text,
    }
}

/// A number at the path, 0 by default.
#[must_use]
pub fn int(object: &Value, path: &str) -> i64 {
    opt_int(object, path).unwrap_or(0)
}

/// A number at the path, if there is one.
#[must_use]
pub fn opt_int(object: &Value, path: &str) -> Option<i64> {
    at(object, path).as_i64()
}

/// A truth at the path, false by default.
#[must_use]
pub fn flag(object: &Value, path: &str) -> bool {
    at(object, path).as_bool().unwrap_or(false)
}

/// The list at the path, empty by default.
#[must_use]
pub fn items<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    at(object, path).as_array().map_or(&[], Vec::as_slice)
}

/// The fields of the object at the path, in the order of their names; none by default.
pub fn fields<'a>(object: &'a Value, path: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let mut fields: Vec<(&str, &Value)> = at(object, path)
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    fields.sort_by_key(|(key, _)| *key);
    fields.into_iter()
}

/// A moment at the path, if there is one.
#[must_use]
pub fn time(object: &Value, path: &str) -> Option<Timestamp> {
    Timestamp::parse(text(object, path))
}

/// A scalar as it is printed: text without quotes, nothing for null.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The object's kind, name and namespace in short.
#[must_use]
pub fn kind(object: &Value) -> &str {
    text(object, "kind")
}

/// The object's name.
#[must_use]
pub fn name(object: &Value) -> &str {
    text(object, "metadata.name")
}

/// The object's namespace, empty for those that have none.
#[must_use]
pub fn namespace(object: &Value) -> &str {
    text(object, "metadata.namespace")
}

/// The object's uid.
#[must_use]
pub fn uid(object: &Value) -> &str {
    text(object, "metadata.uid")
}

/// The owner that controls the object.
#[must_use]
pub fn controller(object: &Value) -> Option<&Value> {
    items(object, "metadata.ownerReferences").iter().find(|owner| flag(owner, "controller"))
}

/// The status (`True`, `False`, `Unknown`) of a condition, if it has one of this type.
#[must_use]
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    let found = items(object, "status.conditions")
        .iter()
        .find(|condition| text(condition, "type") == kind)?;
    Some(text(found, "status"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_is_empty() {
        let pod = json!({"metadata": {"name": "web"}, "status": {"restarts": 3, "ready": true}});
        assert_eq!(name(&pod), "web");
        assert_eq!(text_or(&pod, "spec.nodeName", "<none>"), "<none>");
        assert_eq!((int(&pod, "status.restarts"), int(&pod, "status.none")), (3, 0));
        assert!(flag(&pod, "status.ready") && !flag(&pod, "status.none.at.all"));
        assert_eq!(items(&pod, "spec.containers").len(), 0);
    }
}
