//! Between the JSON tree of an object and its typed view: two small traits and the macros that fill them in.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a typed view out of a JSON tree. Never fails: what is missing or of the wrong type becomes the default.
pub trait FromRaw: Sized {
    /// The typed view of `value`.
    fn from_raw(value: &Value) -> Self;
    /// What stands for a missing key.
    fn missing() -> Self {
        Self::from_raw(&Value::Null)
    }
}

/// Writes a typed view as a JSON tree, leaving out what Kubernetes leaves out (`omitempty`).
pub trait ToRaw {
    /// The JSON tree, or `None` where the API omits the field.
    fn to_raw(&self) -> Option<Value>;
}

/// The value under `key`, or the type's stand-in for a missing key.
pub fn field<T: FromRaw>(object: &Value, key: &str) -> T {
    match object.get(key) {
        Some(value) if !value.is_null() => T::from_raw(value),
        _ => T::missing(),
    }
}

/// Puts `value` under `key` unless the API omits it.
pub fn put<T: ToRaw>(map: &mut Map<String, Value>, key: &str, value: &T) {
    if let Some(value) = value.to_raw() {
        map.insert(key.to_string(), value);
    }
}

macro_rules! raw_integer {
    ($($ty:ty),*) => {$(
        impl FromRaw for $ty {
            fn from_raw(value: &Value) -> Self {
                value.as_i64().and_then(|n| Self::try_from(n).ok()).unwrap_or_default()
            }
        }
        impl ToRaw for $ty {
            fn to_raw(&self) -> Option<Value> {
                Some(Value::from(*self))
            }
        }
    )*};
}
raw_integer!(i32, i64, u16, u32, u64);

impl FromRaw for bool {
    fn from_raw(value: &Value) -> Self {
        value.as_bool().unwrap_or_default()
    }
}
impl ToRaw for bool {
    fn to_raw(&self) -> Option<Value> {
        Some(Value::Bool(*self))
    }
}

impl FromRaw for String {
    fn from_raw(value: &Value) -> Self {
        value.as_str().unwrap_or_default().to_string()
    }
}
impl ToRaw for String {
    fn to_raw(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::String(self.clone()))
    }
}

impl FromRaw for Value {
    fn from_raw(value: &Value) -> Self {
        value.clone()
    }
}
impl ToRaw for Value {
    fn to_raw(&self) -> Option<Value> {
        (!self.is_null()).then(|| self.clone())
    }
}

impl<T: FromRaw> FromRaw for Option<T> {
    fn from_raw(value: &Value) -> Self {
        (!value.is_null()).then(|| T::from_raw(value))
    }
}
impl<T: ToRaw> ToRaw for Option<T> {
    fn to_raw(&self) -> Option<Value> {
        self.as_ref().map(|inner| inner.to_raw().unwrap_or_else(|| Value::String(String::new())))
    }
}

impl<T: FromRaw> FromRaw for Arc<T> {
    fn from_raw(value: &Value) -> Self {
        Self::new(T::from_raw(value))
    }
}
impl<T: ToRaw> ToRaw for Arc<T> {
    fn to_raw(&self) -> Option<Value> {
        (**self).to_raw()
    }
}

impl<T: FromRaw> FromRaw for Vec<T> {
    fn from_raw(value: &Value) -> Self {
        value.as_array().map(|items| items.iter().map(T::from_raw).collect()).unwrap_or_default()
    }
}
impl<T: ToRaw> ToRaw for Vec<T> {
    fn to_raw(&self) -> Option<Value> {
        (!self.is_empty())
            .then(|| self.iter().map(|item| item.to_raw().unwrap_or_default()).collect())
    }
}

impl<T: FromRaw> FromRaw for BTreeMap<String, T> {
    fn from_raw(value: &Value) -> Self {
        let entries = value.as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.clone(), T::from_raw(value))).collect()
    }
}
impl<T: ToRaw> ToRaw for BTreeMap<String, T> {
    fn to_raw(&self) -> Option<Value> {
        let entries = self.iter().map(|(key, value)| {
            (key.clone(), value.to_raw().unwrap_or_else(|| Value::String(String::new())))
        });
        (!self.is_empty()).then(|| Value::Object(entries.collect()))
    }
}

/// A struct with its JSON names: `field: Type = "jsonName"`. Derives the two traits.
#[macro_export]
macro_rules! raw_object {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident: $ty:ty = $json:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty,)* }
        impl $crate::raw::FromRaw for $name {
            fn from_raw(value: &$crate::Value) -> Self {
                Self { $($field: $crate::raw::field(value, $json),)* }
            }
        }
        impl $crate::raw::ToRaw for $name {
            fn to_raw(&self) -> Option<$crate::Value> {
                let mut map = $crate::Map::new();
                $($crate::raw::put(&mut map, $json, &self.$field);)*
                Some($crate::Value::Object(map))
            }
        }
        impl Default for $name {
            fn default() -> Self {
                <Self as $crate::raw::FromRaw>::from_raw(&$crate::Value::Null)
            }
        }
    };
}

/// An enum of words. The first variant is the default, also for a word nobody knows.
#[macro_export]
macro_rules! raw_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $(#[$dmeta:meta])* $default:ident = $dword:literal, $($(#[$vmeta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $(#[$dmeta])* #[default] $default, $($(#[$vmeta])* $variant,)* }
        impl $name {
            /// The word as the API spells it.
            pub const fn as_str(self) -> &'static str {
                match self { Self::$default => $dword, $(Self::$variant => $word,)* }
            }
        }
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl $crate::raw::FromRaw for $name {
            fn from_raw(value: &$crate::Value) -> Self {
                match value.as_str() { $(Some($word) => Self::$variant,)* _ => Self::$default }
            }
        }
        impl $crate::raw::ToRaw for $name {
            fn to_raw(&self) -> Option<$crate::Value> {
                Some($crate::Value::String(self.as_str().to_string()))
            }
        }
    };
}
