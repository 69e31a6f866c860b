//! What every object has: its kind, its name, its owners.

use crate::raw::{FromRaw, ToRaw};
use crate::{Timestamp, raw_enum, raw_object};
use core::fmt;
use serde_json::Value;
use std::collections::BTreeMap;

/// String keys and values: labels, annotations, selectors.
pub type StringMap = BTreeMap<String, String>;

raw_object! {
    /// `metadata` of an object.
    pub struct ObjectMeta {
        /// Unique within its kind and namespace.
        pub name: String = "name",
        /// Prefix of a generated name.
        pub generate_name: String = "generateName",
        /// Empty for kinds that live outside namespaces.
        pub namespace: String = "namespace",
        /// Unique over the life of the cluster.
        pub uid: String = "uid",
        /// Counts the writes to the store.
        pub resource_version: String = "resourceVersion",
        /// Counts the changes of the spec.
        pub generation: Option<i64> = "generation",
        /// When it was stored.
        pub creation_timestamp: Option<Timestamp> = "creationTimestamp",
        /// When it is to be gone: now plus the grace period, at the delete.
        pub deletion_timestamp: Option<Timestamp> = "deletionTimestamp",
        /// The grace period of the delete, in seconds.
        pub deletion_grace_period_seconds: Option<i64> = "deletionGracePeriodSeconds",
        /// For selectors.
        pub labels: StringMap = "labels",
        /// For everything else.
        pub annotations: StringMap = "annotations",
        /// Who made it.
        pub owner_references: Vec<OwnerReference> = "ownerReferences",
        /// Who must agree before it goes.
        pub finalizers: Vec<String> = "finalizers",
    }
}

raw_object! {
    /// One owner of an object.
    pub struct OwnerReference {
        /// Group and version of the owner.
        pub api_version: String = "apiVersion",
        /// Kind of the owner.
        pub kind: String = "kind",
        /// Name of the owner, in the same namespace.
        pub name: String = "name",
        /// Its uid.
        pub uid: String = "uid",
        /// The one owner that manages this object.
        pub controller: Option<bool> = "controller",
        /// A foreground delete of the owner waits for this object.
        pub block_owner_deletion: Option<bool> = "blockOwnerDeletion",
    }
}

impl ObjectMeta {
    /// The managing owner.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }
}

raw_object! {
    /// A label selector with both of its parts.
    pub struct LabelSelector {
        /// All of these labels with these values.
        pub match_labels: StringMap = "matchLabels",
        /// All of these requirements.
        pub match_expressions: Vec<SelectorRequirement> = "matchExpressions",
    }
}

raw_object! {
    /// One requirement of a selector.
    pub struct SelectorRequirement {
        /// The label's key.
        pub key: String = "key",
        /// How the values compare.
        pub operator: SelectorOperator = "operator",
        /// The values.
        pub values: Vec<String> = "values",
    }
}

raw_enum! {
    /// Operators of selector requirements; `Gt` and `Lt` only on nodes.
    pub enum SelectorOperator {
        /// One of the values.
        In = "In",
        /// None of the values, or absent.
        NotIn = "NotIn",
        /// Present.
        Exists = "Exists",
        /// Absent.
        DoesNotExist = "DoesNotExist",
        /// An integer greater than the value.
        Gt = "Gt",
        /// An integer less than the value.
        Lt = "Lt",
    }
}

impl SelectorRequirement {
    /// Whether an object with `labels` meets this.
    pub fn matches(&self, labels: &StringMap) -> bool {
        let value = labels.get(&self.key);
        let compare = |wanted: fn(i64, i64) -> bool| {
            let pair = value
                .and_then(|v| v.parse().ok())
                .zip(self.values.first().and_then(|v| v.parse().ok()));
            pair.is_some_and(|(have, want)| wanted(have, want))
        };
        match self.operator {
            SelectorOperator::In => value.is_some_and(|v| self.values.contains(v)),
            SelectorOperator::NotIn => !value.is_some_and(|v| self.values.contains(v)),
            SelectorOperator::Exists => value.is_some(),
            SelectorOperator::DoesNotExist => value.is_none(),
            SelectorOperator::Gt => compare(|have, want| have > want),
            SelectorOperator::Lt => compare(|have, want| have < want),
        }
    }
}

impl LabelSelector {
    /// Whether an object with `labels` is selected. An empty selector selects everything.
    pub fn matches(&self, labels: &StringMap) -> bool {
        labels_match(&self.match_labels, labels)
            && self.match_expressions.iter().all(|r| r.matches(labels))
    }
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
}

/// Whether `labels` has each pair of `wanted`.
pub fn labels_match(wanted: &StringMap, labels: &StringMap) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// An integer, or a string such as a percentage or a port's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}
impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}
impl FromRaw for IntOrString {
    fn from_raw(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            other => Self::Int(other.as_i64().unwrap_or_default()),
        }
    }
}
impl ToRaw for IntOrString {
    fn to_raw(&self) -> Option<Value> {
        Some(match self {
            Self::Int(number) => Value::from(*number),
            Self::Text(text) => Value::String(text.clone()),
        })
    }
}
