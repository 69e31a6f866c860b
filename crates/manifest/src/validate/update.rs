//! What an update of an existing object may not change.
//!
//! Models `ValidatePodUpdate` and the other `Validate…Update` functions.

use serde_json::Value;

use super::Errors;
use super::common::selector_shown;
use super::diff;
use super::error::Report;
use super::internal;
use crate::value::{at, get, int, items, put, remove, text, truth};

const IMMUTABLE: &str = "field is immutable";
const NULL: Value = Value::Null;
const POD_FIELDS: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const STATEFUL_FIELDS: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

fn spec_of(object: &Value) -> &Value {
    get(object, "spec").unwrap_or(&NULL)
}

/// Rules between the old and the new object, beside those for the new one alone.
pub(super) fn update(old: &Value, new: &Value, errors: &mut Errors) {
    match text(new, "kind") {
        "Pod" => pod(old, new, errors),
        "Deployment" | "ReplicaSet" | "DaemonSet" => selector(old, new, errors),
        "StatefulSet" => stateful_set(old, new, errors),
        "Job" => job(old, new, errors),
        "Service" => service(old, new, errors),
        "ConfigMap" => config_map(old, new, errors),
        "Secret" => secret(old, new, errors),
        "PriorityClass" if old.get("value") != new.get("value") => {
            errors.forbidden("value", "may not be changed in an update.");
        }
        _ => {}
    }
}

fn selector(old: &Value, new: &Value, errors: &mut Errors) {
    let (before, after) = (at(old, "spec.selector"), at(new, "spec.selector"));
    if before != after {
        let shown = after.map_or_else(|| "null".to_owned(), selector_shown);
        errors.invalid_shown("spec.selector", &shown, IMMUTABLE);
    }
}

fn pod(old: &Value, new: &Value, errors: &mut Errors) {
    let (before, after) = (spec_of(old), spec_of(new));
    for key in ["containers", "initContainers"] {
        if items(before, key).len() != items(after, key).len() {
            let detail = "pod updates may not add or remove containers";
            errors.forbidden(&format!("spec.{key}"), detail);
            return;
        }
    }
    deadline(before, after, errors);
    gates(before, after, errors);
    tolerations(before, after, errors);
    let gated = !items(before, "schedulingGates").is_empty();
    let munged = with_allowed(before, after, gated);
    if munged != *before {
        let detail = format!(
            "{POD_FIELDS}\n{}",
            diff::unified(
                &internal::pretty("PodSpec", before),
                &internal::pretty("PodSpec", &munged)
            )
        );
        errors.forbidden("spec", &detail);
    }
}

fn deadline(before: &Value, after: &Value, errors: &mut Errors) {
    let path = "spec.activeDeadlineSeconds";
    let Some(old) = int(before, "activeDeadlineSeconds") else { return };
    match int(after, "activeDeadlineSeconds") {
        None => {
            let detail = "must not update from a positive integer to nil value";
            errors.invalid(path, &NULL, detail);
        }
        Some(new) if new > old => {
            let detail = "must be less than or equal to previous value";
            errors.invalid_number(path, new, detail);
        }
        Some(_) => {}
    }
}

fn gates(before: &Value, after: &Value, errors: &mut Errors) {
    let known: Vec<&str> =
        items(before, "schedulingGates").iter().map(|g| text(g, "name")).collect();
    for (i, gate) in items(after, "schedulingGates").iter().enumerate() {
        let name = text(gate, "name");
        if !known.contains(&name) {
            let detail =
                format!("only deletion is allowed, but found new scheduling gate '{name}'");
            errors.forbidden(&format!("spec.schedulingGates[{i}].name"), &detail);
        }
    }
}

/// Tolerations may be added, and their seconds changed.
fn tolerations(before: &Value, after: &Value, errors: &mut Errors) {
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        remove(&mut toleration, "tolerationSeconds");
        toleration
    };
    let now: Vec<Value> = items(after, "tolerations").iter().map(timeless).collect();
    if !items(before, "tolerations").iter().all(|t| now.contains(&timeless(t))) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        errors.forbidden("spec.tolerations", detail);
    }
}

/// The new spec with everything that may change put back to what it was.
fn with_allowed(before: &Value, after: &Value, gated: bool) -> Value {
    let mut out = after.clone();
    for key in ["containers", "initContainers"] {
        for (i, container) in crate::value::items_mut(&mut out, key).enumerate() {
            if let Some(image) = items(before, key).get(i).and_then(|c| c.get("image")) {
                put(container, "image", image.clone());
            }
        }
    }
    let mut keys = vec!["activeDeadlineSeconds", "schedulingGates", "tolerations"];
    if gated {
        let kept = get(before, "nodeSelector").and_then(Value::as_object).is_none_or(|m| {
            m.iter().all(|(k, v)| after.get("nodeSelector").and_then(|s| s.get(k)) == Some(v))
        });
        if kept {
            keys.push("nodeSelector");
        }
        keys.push("affinity");
    }
    if int(before, "terminationGracePeriodSeconds").is_some_and(|g| g < 0)
        && int(after, "terminationGracePeriodSeconds") == Some(1)
    {
        keys.push("terminationGracePeriodSeconds");
    }
    for key in keys {
        match before.get(key) {
            Some(value) => put(&mut out, key, value.clone()),
            None => remove(&mut out, key),
        }
    }
    out
}

fn stateful_set(old: &Value, new: &Value, errors: &mut Errors) {
    const FREE: &[&str] = &[
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let fixed = |object: &Value| {
        let mut spec = spec_of(object).clone();
        FREE.iter().for_each(|key| remove(&mut spec, key));
        for claim in crate::value::items_mut(&mut spec, "volumeClaimTemplates") {
            remove(claim, "status");
        }
        spec
    };
    if fixed(old) != fixed(new) {
        errors.retain(|e| e.field != "spec.template.metadata.labels");
        errors.forbidden("spec", STATEFUL_FIELDS);
    }
}

fn job(old: &Value, new: &Value, errors: &mut Errors) {
    let (before, after) = (spec_of(old), spec_of(new));
    for key in [
        "completions",
        "completionMode",
        "backoffLimitPerIndex",
        "podFailurePolicy",
        "successPolicy",
    ] {
        if key == "completions" && elastic(before, after) {
            continue;
        }
        if before.get(key) != after.get(key) {
            let path = format!("spec.{key}");
            errors.invalid(&path, after.get(key).unwrap_or(&NULL), IMMUTABLE);
        }
    }
    selector(old, new, errors);
    job_template(before, after, errors);
}

/// An indexed Job may grow or shrink when both numbers change together.
fn elastic(before: &Value, after: &Value) -> bool {
    text(after, "completionMode") == "Indexed"
        && text(before, "completionMode") == "Indexed"
        && int(after, "completions") == int(after, "parallelism")
}

fn job_template(before: &Value, after: &Value, errors: &mut Errors) {
    let (old, new) =
        (get(before, "template").unwrap_or(&NULL), get(after, "template").unwrap_or(&NULL));
    if old == new {
        return;
    }
    let flat = |template: &Value| {
        let mut flat =
            get(template, "metadata").cloned().unwrap_or_else(|| Value::Object(Default::default()));
        put(&mut flat, "spec", get(template, "spec").cloned().unwrap_or(NULL));
        flat
    };
    // While a Job is suspended its pods' placement and resources may still change.
    let suspended = truth(before, "suspend");
    let mut munged = new.clone();
    if suspended && let Some(spec) = munged.get_mut("spec") {
        for key in ["nodeSelector", "affinity", "tolerations", "schedulingGates"] {
            match at(old, "spec").and_then(|s| s.get(key)) {
                Some(value) => put(spec, key, value.clone()),
                None => remove(spec, key),
            }
        }
    }
    if munged == *old {
        return;
    }
    let (path, shown) = if suspended {
        let spec = get(&munged, "spec").unwrap_or(&NULL);
        ("spec.template.spec", internal::compact("PodSpec", spec))
    } else {
        ("spec.template", internal::compact("PodTemplateSpec", &flat(&munged)))
    };
    errors.invalid_shown(path, &shown, IMMUTABLE);
}

fn service(old: &Value, new: &Value, errors: &mut Errors) {
    let (before, after) = (spec_of(old), spec_of(new));
    let external = |spec: &Value| text(spec, "type") == "ExternalName";
    if external(before) || external(after) {
        return;
    }
    let (ip, wanted) = (text(before, "clusterIP"), text(after, "clusterIP"));
    if !ip.is_empty() && ip != wanted {
        errors.retain(|e| !e.field.starts_with("spec.clusterIPs"));
        let shown = serde_json::json!([wanted]);
        errors.invalid("spec.clusterIPs[0]", &shown, "may not change once set");
    }
}

fn fixed_data(old: &Value, new: &Value, keys: &[&str], errors: &mut Errors) {
    if !truth(old, "immutable") {
        return;
    }
    let detail = "field is immutable when `immutable` is set";
    if !truth(new, "immutable") {
        errors.forbidden("immutable", detail);
    }
    for key in keys {
        if old.get(key) != new.get(key) {
            errors.forbidden(key, detail);
        }
    }
}

fn config_map(old: &Value, new: &Value, errors: &mut Errors) {
    fixed_data(old, new, &["data", "binaryData"], errors);
}

fn secret(old: &Value, new: &Value, errors: &mut Errors) {
    if text(old, "type") != text(new, "type") {
        errors.invalid_text("type", text(new, "type"), IMMUTABLE);
    }
    fixed_data(old, new, &["data"], errors);
}
