//! The rules of each kind, as the API server checks them after defaulting.
//!
//! Models `pkg/apis/*/validation/validation.go`. All findings of an object are returned at once,
//! in the order in which the server reports them.

mod error;
mod meta;
mod names;

use serde_json::Value;

use crate::value::text;

pub use error::{ErrorType, FieldError};

/// Collects findings below a path.
pub(crate) type Errors = Vec<FieldError>;

/// Checks a defaulted object as on creation.
#[must_use]
pub fn validate_create(object: &Value) -> Vec<FieldError> {
    let mut errors = Errors::new();
    let kind = text(object, "kind");
    meta::object_meta(object, kind, &mut errors);
    dedup(errors)
}

/// Checks a defaulted object as an update of an existing one.
#[must_use]
pub fn validate_update(old: &Value, new: &Value) -> Vec<FieldError> {
    let mut errors = Errors::new();
    let _ = old;
    let kind = text(new, "kind");
    meta::object_meta(new, kind, &mut errors);
    dedup(errors)
}

/// The rules that keep a name from being a DNS label.
pub(crate) fn label_problems(name: &str) -> Vec<String> {
    names::label(name)
}

/// Whether a name is a DNS subdomain.
pub(crate) fn is_subdomain(name: &str) -> bool {
    names::subdomain(name).is_empty()
}

/// The server reports each text once.
fn dedup(errors: Errors) -> Errors {
    let mut seen = std::collections::BTreeSet::new();
    errors.into_iter().filter(|e| seen.insert(e.message.clone())).collect()
}
