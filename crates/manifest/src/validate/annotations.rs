//! Annotations that mean something to a pod, and their agreement with the fields that replaced them.
//!
//! Models `ValidatePodSpecificAnnotations` and the seccomp and AppArmor checks beside it.

use serde_json::Value;

use super::Errors;
use super::common::descending_path;
use super::error::Report;
use super::path::{keyed, sub};
use crate::value::{at, entries, filled, get, items, text};
use crate::yaml::quote;

const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The annotations of a pod or template; `path` ends in `annotations`.
pub(super) fn pod(object: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    let Some(metadata) = get(object, "metadata") else { return };
    for (key, value) in entries(metadata, "annotations") {
        let value = value.as_str().unwrap_or_default();
        let field = keyed(path, key);
        if key == "kubernetes.io/config.mirror" && !filled(spec, "nodeName") {
            let detail = "must set spec.nodeName if mirror pod annotation is set";
            errors.invalid_text(&field, value, detail);
        }
        if key == DELETION_COST && !is_cost(value) {
            errors.invalid_text(&field, value, "must be a 32bit integer");
        }
        if let Some(container) = key.strip_prefix(APPARMOR) {
            apparmor(spec, container, value, &field, errors);
        }
        if key == SECCOMP_POD || key.starts_with(SECCOMP_CONTAINER) {
            seccomp(key, value, path, errors);
        }
    }
}

/// A 32-bit integer without a plus sign or leading zeros.
fn is_cost(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let padded = digits.len() > 1 && digits.starts_with('0') || value == "-0";
    !padded && !value.starts_with('+') && value.parse::<i32>().is_ok()
}

fn apparmor(spec: &Value, container: &str, value: &str, field: &str, errors: &mut Errors) {
    let mut all = items(spec, "containers").iter().chain(items(spec, "initContainers"));
    if !all.any(|c| text(c, "name") == container) {
        errors.invalid_text(field, container, "container not found");
    }
    let known = matches!(value, "" | "runtime/default" | "unconfined");
    if !known && !value.starts_with("localhost/") {
        let detail = format!("invalid AppArmor profile name: {}", quote(value));
        errors.invalid_text(field, value, &detail);
    }
}

fn seccomp(key: &str, value: &str, path: &str, errors: &mut Errors) {
    let field = sub(path, key);
    if key == SECCOMP_CONTAINER {
        errors.invalid_text(&field, key, "must be a valid container name");
    }
    match value {
        "docker/default" | "runtime/default" | "unconfined" => {}
        v => match v.strip_prefix("localhost/") {
            Some(file) => descending_path(file, &field, errors),
            None => {
                let detail = "must be a valid seccomp profile";
                errors.invalid_text(&field, value, detail);
            }
        },
    }
}

/// What an old annotation says, as the type and profile of the new field.
fn as_profile(value: &str) -> Option<(&'static str, &str)> {
    Some(match value {
        "docker/default" | "runtime/default" => ("RuntimeDefault", ""),
        "unconfined" => ("Unconfined", ""),
        v => ("Localhost", v.strip_prefix("localhost/")?),
    })
}

/// A Pod may say it in the old way and in the new one, but not differently.
pub(super) fn agreement(object: &Value, spec: &Value, errors: &mut Errors) {
    let Some(annotations) = at(object, "metadata.annotations") else { return };
    let pod = at(spec, "securityContext.seccompProfile");
    compare(
        annotations,
        SECCOMP_POD,
        pod,
        "spec.securityContext.seccompProfile",
        "seccomp",
        errors,
    );
    for (list, key) in [("initContainers", "initContainers"), ("containers", "containers")] {
        for (i, container) in items(spec, list).iter().enumerate() {
            let name = text(container, "name");
            let path = format!("spec.{key}[{i}].securityContext");
            let own = at(container, "securityContext.seccompProfile").or(pod);
            let annotation = format!("{SECCOMP_CONTAINER}{name}");
            compare(
                annotations,
                &annotation,
                own,
                &sub(&path, "seccompProfile"),
                "seccomp",
                errors,
            );
            let own = at(container, "securityContext.appArmorProfile")
                .or_else(|| at(spec, "securityContext.appArmorProfile"));
            let annotation = format!("{APPARMOR}{name}");
            compare(
                annotations,
                &annotation,
                own,
                &sub(&path, "appArmorProfile"),
                "apparmor",
                errors,
            );
        }
    }
}

fn compare(
    annotations: &Value,
    key: &str,
    field: Option<&Value>,
    path: &str,
    what: &str,
    errors: &mut Errors,
) {
    let (Some(old), Some(new)) = (annotations.get(key).and_then(Value::as_str), field) else {
        return;
    };
    let Some((kind, profile)) = as_profile(old) else { return };
    if text(new, "type") != kind {
        let detail = format!("{what} type in annotation and field must match");
        errors.forbidden(&sub(path, "type"), &detail);
    } else if kind == "Localhost" && text(new, "localhostProfile") != profile {
        let detail = format!("{what} profile in annotation and field must match");
        errors.forbidden(&sub(path, "localhostProfile"), &detail);
    }
}
