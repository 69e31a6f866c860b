//! Reading and writing JSON objects in one word; a `null` counts as absent everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Texts, numbered in the order in which they came. Whatever belongs to one is kept in a list beside it, so that
/// there is one kind of map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    /// The number of a text that is known.
    pub(crate) fn get(&self, text: &str) -> Option<usize> {
        self.0.get(text).copied()
    }

    /// The number of a text; the next one if it is new.
    pub(crate) fn number(&mut self, text: &str) -> usize {
        self.get(text).unwrap_or_else(|| {
            let next = self.0.len();
            self.0.insert(text.to_owned(), next);
            next
        })
    }

    /// The texts from `first` on with their numbers, sorted.
    pub(crate) fn from<'a>(
        &'a self,
        first: &str,
    ) -> impl Iterator<Item = (&'a str, usize)> + use<'a> {
        self.0.range(first.to_owned()..).map(|(text, number)| (text.as_str(), *number))
    }
}

/// The value under a key.
pub(crate) fn get<'a>(of: &'a Value, key: &str) -> Option<&'a Value> {
    of.get(key).filter(|v| !v.is_null())
}

/// The value under a dotted path of keys.
pub(crate) fn at<'a>(of: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(of, |v, key| get(v, key))
}

/// The text under a key, or empty.
pub(crate) fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The integer under a key.
pub(crate) fn int(of: &Value, key: &str) -> Option<i64> {
    of.get(key).and_then(Value::as_i64)
}

/// Whether the key holds `true`.
pub(crate) fn truth(of: &Value, key: &str) -> bool {
    of.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The items of the list under a key.
pub(crate) fn items<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of the map under a key.
pub(crate) fn entries<'a>(
    of: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    of.get(key).and_then(Value::as_object).into_iter().flatten()
}

/// Whether the key holds something: not absent, not null, not an empty list, map or text.
pub(crate) fn filled(of: &Value, key: &str) -> bool {
    match of.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::Array(a)) => !a.is_empty(),
        Some(Value::Object(m)) => !m.is_empty(),
        Some(Value::String(s)) => !s.is_empty(),
        Some(_) => true,
    }
}

/// Sets a key that is absent or null.
pub(crate) fn default(of: &mut Value, key: &str, value: impl Into<Value>) {
    default_value(of, key, value.into());
}

fn default_value(of: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = of
        && map.get(key).is_none_or(Value::is_null)
    {
        map.insert(key.to_owned(), value);
    }
}

/// Sets a key whose value is absent, null, zero, false or empty.
pub(crate) fn default_zero(of: &mut Value, key: &str, value: impl Into<Value>) {
    default_zero_value(of, key, value.into());
}

fn default_zero_value(of: &mut Value, key: &str, value: Value) {
    let zero = match of.get(key) {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::Number(n)) => n.as_i64() == Some(0),
        Some(Value::String(s)) => s.is_empty(),
        Some(_) => false,
    };
    if let (true, Value::Object(map)) = (zero, of) {
        map.insert(key.to_owned(), value);
    }
}

/// Sets a key.
pub(crate) fn put(of: &mut Value, key: &str, value: impl Into<Value>) {
    put_value(of, key, value.into());
}

fn put_value(of: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = of {
        map.insert(key.to_owned(), value);
    }
}

/// Takes a key away.
pub(crate) fn remove(of: &mut Value, key: &str) {
    if let Value::Object(map) = of {
        map.remove(key);
    }
}

/// The object under a key, when there is one.
pub(crate) fn object_mut<'a>(of: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    of.get_mut(key).filter(|v| v.is_object())
}

/// The object under a key; an empty one is put there when there is none.
pub(crate) fn ensure<'a>(of: &'a mut Value, key: &str) -> &'a mut Value {
    if !of.is_object() {
        *of = Value::Object(Map::new());
    }
    if object_mut(of, key).is_none() {
        put(of, key, Map::new());
    }
    &mut of[key]
}

/// The objects of the list under a key.
pub(crate) fn items_mut<'a>(of: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    of.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

/// `metadata.name`.
pub(crate) fn name(object: &Value) -> &str {
    object.get("metadata").map_or("", |m| text(m, "name"))
}

/// `metadata.namespace`.
pub(crate) fn namespace(object: &Value) -> &str {
    object.get("metadata").map_or("", |m| text(m, "namespace"))
}

/// A value written as JSON; lighter than a macro where nothing is put in.
pub(crate) fn constant(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// Texts that were met before.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeSet<String>);

impl Seen {
    /// Notes a text; false when it was met before.
    pub(crate) fn insert(&mut self, text: &str) -> bool {
        self.0.insert(text.to_owned())
    }

    /// Whether a text was met.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.contains(text)
    }
}
