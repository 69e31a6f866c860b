//! Environment variables and references to fields, resources and keys.
//!
//! Models `ValidateEnv`, `ValidateEnvFrom` and `validateObjectFieldSelector`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, required};
use super::container::Pod;
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use crate::quantity::Quantity;
use crate::value::{filled, get, items, text};

const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a downward API volume can show.
pub(super) const VOLUME_FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// Other fields that have a name and cannot be used everywhere.
const OTHER_FIELDS: &[&str] =
    &["spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"];

const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// `env`.
pub(super) fn variables(container: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    for (i, variable) in items(container, "env").iter().enumerate() {
        let path = nth(path, i);
        if required(variable, "name", &path, errors) {
            check_text(text(variable, "name"), names::env_name, &sub(&path, "name"), errors);
        }
        if let Some(from) = get(variable, "valueFrom") {
            value_from(from, variable, pod, &sub(&path, "valueFrom"), errors);
        }
    }
}

fn value_from(from: &Value, variable: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let mut sources = 0;
    for kind in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
        let Some(source) = get(from, kind) else { continue };
        sources += 1;
        let path = sub(path, kind);
        match kind {
            "fieldRef" => field(source, ENV_FIELDS, &path, errors),
            "resourceFieldRef" => resource(source, false, &path, errors),
            "fileKeyRef" => file_key(source, pod, &path, errors),
            _ => key_of(source, &path, errors),
        }
    }
    if sources == 0 {
        let detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
        errors.invalid_text(path, "", detail);
    } else if filled(variable, "value") {
        let detail = "may not be specified when `value` is not empty";
        errors.invalid_text(path, "", detail);
    } else if sources > 1 {
        let detail = "may not have more than one field specified at a time";
        errors.invalid_text(path, "", detail);
    }
}

fn key_of(source: &Value, path: &str, errors: &mut Errors) {
    check_text(text(source, "name"), names::subdomain, &sub(path, "name"), errors);
    if required(source, "key", path, errors) {
        check_text(text(source, "key"), names::config_key, &sub(path, "key"), errors);
    }
}

fn file_key(source: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    required(source, "key", path, errors);
    if required(source, "volumeName", path, errors)
        && !pod.volumes.contains(text(source, "volumeName"))
    {
        let name = text(source, "volumeName");
        errors.not_found(&sub(path, "volumeName"), name, "");
    }
    required(source, "path", path, errors);
}

/// A reference to a field of the pod.
pub(super) fn field(source: &Value, known: &[&str], path: &str, errors: &mut Errors) {
    let field_path = sub(path, "fieldPath");
    if !required(source, "apiVersion", path, errors) || !required(source, "fieldPath", path, errors)
    {
        return;
    }
    let (version, field) = (text(source, "apiVersion"), text(source, "fieldPath"));
    let mut reject = |detail: String| errors.invalid_text(&field_path, field, &detail);
    if version != "v1" {
        return reject(format!("error converting fieldPath: unsupported pod version: {version}"));
    }
    if let Some((base, key)) = subscript(field) {
        return match base {
            "metadata.annotations" => subscript_key(key, &key.to_ascii_lowercase(), path, errors),
            "metadata.labels" => subscript_key(key, key, path, errors),
            _ => reject(format!(
                "error converting fieldPath: field label does not support subscript: {field}"
            )),
        };
    }
    let named = ENV_FIELDS.iter().chain(VOLUME_FIELDS).chain(OTHER_FIELDS).any(|f| *f == field);
    if !named {
        return reject(format!("error converting fieldPath: field label not supported: {field}"));
    }
    if !known.contains(&field) {
        errors.not_supported(&field_path, field, known);
    }
}

fn subscript_key(shown: &str, key: &str, path: &str, errors: &mut Errors) {
    for message in names::qualified(key) {
        errors.invalid_text(path, shown, &message);
    }
}

/// `metadata.labels['app']` in two parts.
fn subscript(field: &str) -> Option<(&str, &str)> {
    field.strip_suffix("']").and_then(|f| f.split_once("['"))
}

/// A reference to a resource of a container.
pub(super) fn resource(source: &Value, volume: bool, path: &str, errors: &mut Errors) {
    let name = text(source, "resource");
    if volume && !filled(source, "containerName") {
        errors.required(&sub(path, "containerName"), "");
    } else if name.is_empty() {
        errors.required(&sub(path, "resource"), "");
    } else if !RESOURCES.contains(&name)
        && !name.starts_with("limits.hugepages-")
        && !name.starts_with("requests.hugepages-")
    {
        errors.not_supported(&sub(path, "resource"), name, RESOURCES);
    }
    divisor(source, name, path, errors);
}

const BYTE_DIVISORS: &[&str] =
    &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

fn divisor(source: &Value, resource: &str, path: &str, errors: &mut Errors) {
    let given = text(source, "divisor");
    if given.is_empty() || Quantity::parse(given).is_ok_and(|q| q == Quantity::ZERO || given == "0")
    {
        return;
    }
    let words = match resource {
        "limits.cpu" | "requests.cpu" if !["1m", "1"].contains(&given) => {
            "only divisor's values 1m and 1 are supported with the cpu resource".to_owned()
        }
        "limits.memory" | "requests.memory" => byte_divisor(given, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => {
            byte_divisor(given, "local ephemeral storage")
        }
        r if r.contains(".hugepages-") => byte_divisor(given, "hugepages"),
        _ => String::new(),
    };
    if !words.is_empty() {
        errors.invalid_text(&sub(path, "divisor"), resource, &words);
    }
}

fn byte_divisor(given: &str, of: &str) -> String {
    if BYTE_DIVISORS.contains(&given) {
        return String::new();
    }
    let list = BYTE_DIVISORS.join(", ");
    format!("only divisor's values {list} are supported with the {of} resource")
}

/// `envFrom`.
pub(super) fn sources(container: &Value, path: &str, errors: &mut Errors) {
    for (i, source) in items(container, "envFrom").iter().enumerate() {
        let item = nth(path, i);
        let prefix = text(source, "prefix");
        if !prefix.is_empty() {
            check_text(prefix, names::env_name, &sub(&item, "prefix"), errors);
        }
        let mut found = 0;
        for kind in ["configMapRef", "secretRef"] {
            let Some(reference) = get(source, kind) else { continue };
            found += 1;
            let path = sub(&item, kind);
            if required(reference, "name", &path, errors) {
                check_text(text(reference, "name"), names::subdomain, &sub(&path, "name"), errors);
            }
        }
        if found == 0 {
            let detail = "must specify one of: `configMapRef` or `secretRef`";
            errors.invalid_text(path, "", detail);
        } else if found > 1 {
            let detail = "may not have more than one field specified at a time";
            errors.invalid_text(path, "", detail);
        }
    }
}
