//! `metadata`: names, labels, annotations, owners, finalizers.
//!
//! Models `apimachinery/pkg/api/validation/objectmeta.go`.

use serde_json::{Map, Value};

use super::Errors;
use super::error::Report;
use super::names::{self, Broken};
use super::path::{nth, sub};
use crate::value::{entries, get, items, text, truth};

/// Most bytes of all annotations together.
const ANNOTATION_BYTES: usize = 256 * 1024;

/// Which rule the names of a kind follow.
fn name_rule(kind: &str) -> fn(&str) -> Broken {
    match kind {
        "Service" | "Namespace" => names::label,
        "StatefulSet" => names::label,
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => path_segment,
        _ => names::subdomain,
    }
}

/// Names that only have to fit into a URL.
fn path_segment(name: &str) -> Broken {
    match name {
        "." => vec!["may not be '.'".to_owned()],
        ".." => vec!["may not be '..'".to_owned()],
        _ => ['/', '%']
            .iter()
            .filter(|c| name.contains(**c))
            .map(|c| format!("may not contain '{c}'"))
            .collect(),
    }
}

/// The metadata of an object of this kind.
pub(super) fn object_meta(object: &Value, kind: &str, errors: &mut Errors) {
    let empty = Value::Object(Map::new());
    let meta = get(object, "metadata").unwrap_or(&empty);
    let rule = name_rule(kind);
    let (name, generate) = (text(meta, "name"), text(meta, "generateName"));
    if !generate.is_empty() {
        let probe =
            generate.strip_suffix('-').map_or_else(|| generate.to_owned(), |g| format!("{g}a"));
        for message in rule(&probe) {
            errors.invalid_text("metadata.generateName", generate, &message);
        }
    }
    if name.is_empty() && generate.is_empty() {
        errors.required("metadata.name", "name or generateName is required");
    } else if !name.is_empty() {
        for message in rule(name) {
            errors.invalid_text("metadata.name", name, &message);
        }
    }
    if name.is_empty() && !generate.is_empty() {
        let made = format!("{generate}bcdfg");
        for message in rule(&made) {
            errors.invalid_text("metadata.name", &made, &message);
        }
    }
    let space = text(meta, "namespace");
    let namespaced =
        crate::schema::find_kind(text(object, "apiVersion"), kind).is_some_and(|k| k.namespaced);
    if namespaced && space.is_empty() {
        errors.required("metadata.namespace", "");
    } else if namespaced {
        for message in names::label(space) {
            errors.invalid_text("metadata.namespace", space, &message);
        }
    }
    rest(meta, "metadata", errors);
}

/// Everything but the name; templates have only this.
fn rest(meta: &Value, path: &str, errors: &mut Errors) {
    labels(meta, "labels", &sub(path, "labels"), errors);
    annotations(meta, &sub(path, "annotations"), errors);
    owners(meta, &sub(path, "ownerReferences"), errors);
    finalizers(meta, &sub(path, "finalizers"), errors);
}

/// Labels, or a selector of the old form.
pub(super) fn labels(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    for (name, value) in entries(of, key) {
        for message in names::qualified(name) {
            errors.invalid_text(path, name, &message);
        }
        let value = value.as_str().unwrap_or_default();
        for message in names::label_value(value) {
            errors.invalid_text(path, value, &message);
        }
    }
}

/// Annotations: keys like labels (in any case), and a limit on the total size.
pub(super) fn annotations(of: &Value, path: &str, errors: &mut Errors) {
    let mut bytes = 0;
    for (name, value) in entries(of, "annotations") {
        bytes += name.len() + value.as_str().map_or(0, str::len);
        for message in names::qualified(&name.to_ascii_lowercase()) {
            errors.invalid_text(path, name, &message);
        }
    }
    if bytes > ANNOTATION_BYTES {
        errors.too_long(path, ANNOTATION_BYTES);
    }
}

fn owners(meta: &Value, path: &str, errors: &mut Errors) {
    let owners = items(meta, "ownerReferences");
    let mut controller: Option<&Value> = None;
    for owner in owners {
        for (key, detail) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            let value =
                if key == "apiVersion" { version_of(text(owner, key)) } else { text(owner, key) };
            if value.is_empty() {
                errors.invalid_text(&sub(path, key), text(owner, key), detail);
            }
        }
        if text(owner, "kind") == "Event" && text(owner, "apiVersion") == "v1" {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            errors.invalid_shown(path, &owner_shown(owner), detail);
        }
        if truth(owner, "controller") {
            if let Some(first) = controller {
                let all: Vec<String> = owners.iter().map(owner_shown).collect();
                let named = |o: &Value| format!("{}/{}", text(o, "kind"), text(o, "name"));
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                    named(first),
                    named(owner)
                );
                errors.invalid_shown(path, &format!("[{}]", all.join(",")), &detail);
            } else {
                controller = Some(owner);
            }
        }
    }
}

fn version_of(api_version: &str) -> &str {
    api_version.rsplit('/').next().unwrap_or_default()
}

/// An owner reference as Go's JSON prints it, in the order of its struct.
fn owner_shown(owner: &Value) -> String {
    let mut parts: Vec<String> = ["apiVersion", "kind", "name", "uid"]
        .iter()
        .map(|k| format!("\"{k}\":{}", crate::yaml::quote(text(owner, k))))
        .collect();
    for key in ["controller", "blockOwnerDeletion"] {
        if let Some(value) = get(owner, key) {
            parts.push(format!("\"{key}\":{value}"));
        }
    }
    format!("{{{}}}", parts.join(","))
}

const STANDARD_FINALIZERS: &[&str] = &["kubernetes", "orphan", "foregroundDeletion"];

fn finalizers(meta: &Value, path: &str, errors: &mut Errors) {
    let list = items(meta, "finalizers");
    for (i, finalizer) in list.iter().enumerate() {
        let name = finalizer.as_str().unwrap_or_default();
        let broken = names::qualified(name);
        for message in &broken {
            errors.invalid_text(path, name, message);
        }
        if broken.is_empty() && !name.contains('/') && !STANDARD_FINALIZERS.contains(&name) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid_text(&nth(path, i), name, detail);
        }
    }
    let has = |name: &str| list.iter().any(|f| f == name);
    if has("orphan") && has("foregroundDeletion") {
        let shown = Value::Array(list.to_vec());
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(path, &shown, detail);
    }
}
