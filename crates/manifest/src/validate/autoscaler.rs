//! A HorizontalPodAutoscaler: its bounds, metrics and behaviour.
//!
//! Models `pkg/apis/autoscaling/validation/validation.go`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, required};
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use super::resources;
use crate::quantity::Quantity;
use crate::value::{filled, get, int, items, text};

const NULL: Value = Value::Null;
/// The fields of a metric, in the order in which they are looked at; each with the `type` that goes with it.
const SOURCES: [(&str, &str); 5] = [
    ("object", "Object"),
    ("external", "External"),
    ("pods", "Pods"),
    ("resource", "Resource"),
    ("containerResource", "ContainerResource"),
];
/// All types of metrics, sorted.
const TYPES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const BOTH: &str = "may not set both a target raw value and a target utilization";
const NEITHER: &str = "must set either a target raw value or a target utilization";

/// A HorizontalPodAutoscaler.
pub(super) fn autoscaler(object: &Value, errors: &mut Errors) {
    let spec = get(object, "spec").unwrap_or(&NULL);
    let (least, most) = (int(spec, "minReplicas"), int(spec, "maxReplicas").unwrap_or(0));
    if let Some(n) = least.filter(|n| *n < 1) {
        let detail = "must be greater than or equal to 1";
        errors.invalid_number("spec.minReplicas", n, detail);
    }
    if most < 1 {
        errors.required("spec.maxReplicas", "must be set and greater than 0");
    }
    if least.is_some_and(|n| most < n) {
        let detail = "must be greater than or equal to `minReplicas`";
        errors.invalid_number("spec.maxReplicas", most, detail);
    }
    let reference = get(spec, "scaleTargetRef").unwrap_or(&NULL);
    let path = "spec.scaleTargetRef";
    named(reference, path, errors);
    if !filled(reference, "apiVersion") {
        let detail = "apiVersion must specify API group";
        errors.invalid_text(&sub(path, "apiVersion"), "", detail);
    }
    for (i, one) in items(spec, "metrics").iter().enumerate() {
        metric(one, &nth("spec.metrics", i), errors);
    }
    let outside = |m: &Value| matches!(text(m, "type"), "Object" | "External");
    if least == Some(0) && !items(spec, "metrics").iter().any(outside) {
        let detail = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden("spec.metrics", detail);
    }
    for key in ["scaleUp", "scaleDown"] {
        let rules = get(spec, "behavior").and_then(|behavior| get(behavior, key));
        if let Some(rules) = rules.filter(|rules| rules.is_object()) {
            scaling(rules, &sub("spec.behavior", key), errors);
        }
    }
}

/// What a reference to an object must have.
fn named(reference: &Value, path: &str, errors: &mut Errors) {
    for key in ["kind", "name"] {
        if required(reference, key, path, errors) {
            check_text(text(reference, key), names::path_segment, &sub(path, key), errors);
        }
    }
}

fn metric(metric: &Value, path: &str, errors: &mut Errors) {
    let kind = text(metric, "type");
    if kind.is_empty() {
        errors.required(&sub(path, "type"), "must specify a metric source type");
    }
    if !TYPES.contains(&kind) {
        errors.not_supported(&sub(path, "type"), kind, &TYPES);
    }
    let present: Vec<&str> = SOURCES
        .iter()
        .map(|(key, _)| *key)
        .filter(|key| get(metric, key).is_some_and(Value::is_object))
        .collect();
    if let Some(first) = present.first() {
        source(first, get(metric, first).unwrap_or(&NULL), &sub(path, first), errors);
    }
    let expected = SOURCES.iter().find(|(_, of)| *of == kind).map(|(key, _)| *key);
    if let Some(expected) = expected.filter(|key| !present.contains(key)) {
        let detail = "must populate information for the given metric source";
        errors.required(&sub(path, expected), detail);
    }
    if present.len() > 1 {
        for other in present.iter().filter(|key| Some(**key) != expected) {
            let detail = "must populate the given metric source only";
            errors.forbidden(&sub(path, other), detail);
        }
    }
}

/// One source of a metric.
fn source(key: &str, source: &Value, path: &str, errors: &mut Errors) {
    match key {
        "object" => {
            let described = get(source, "describedObject").unwrap_or(&NULL);
            named(described, &sub(path, "describedObject"), errors);
            identifier(source, path, errors);
        }
        "external" | "pods" => identifier(source, path, errors),
        _ => resource(key, source, path, errors),
    }
    let at = sub(path, "target");
    let goal = get(source, "target").unwrap_or(&NULL);
    target(goal, &at, errors);
    let has = |key: &str| get(goal, key).is_some();
    let (value, average) = (has("value"), has("averageValue"));
    match key {
        "object" if !value && !average => {
            let detail = "must set either a target value or averageValue";
            errors.required(&sub(&at, "averageValue"), detail);
        }
        "external" if !value && !average => {
            let detail = "must set either a target value for metric or a per-pod target";
            errors.required(&sub(&at, "averageValue"), detail);
        }
        "external" if value && average => {
            let detail = "may not set both a target value for metric and a per-pod target";
            errors.forbidden(&sub(&at, "value"), detail);
        }
        "pods" if !average => {
            let detail = "must specify a positive target averageValue";
            errors.required(&sub(&at, "averageValue"), detail);
        }
        "resource" | "containerResource" => match (has("averageUtilization"), average) {
            (false, false) => errors.required(&sub(&at, "averageUtilization"), NEITHER),
            (true, true) => errors.forbidden(&sub(&at, "averageValue"), BOTH),
            _ => {}
        },
        _ => {}
    }
}

fn resource(key: &str, source: &Value, path: &str, errors: &mut Errors) {
    let of_container = key == "containerResource";
    let name = text(source, "name");
    if name.is_empty() {
        errors.required(&sub(path, "name"), "must specify a resource name");
    } else if of_container {
        resources::container_name(name, &sub(path, "name"), errors);
    }
    let container = text(source, "container");
    if of_container && container.is_empty() {
        errors.required(&sub(path, "container"), "must specify a container");
    } else if of_container {
        check_text(container, names::label, &sub(path, "container"), errors);
    }
}

fn identifier(source: &Value, path: &str, errors: &mut Errors) {
    let path = sub(sub(path, "metric"), "name");
    let name = get(source, "metric").map_or("", |metric| text(metric, "name"));
    if name.is_empty() {
        errors.required(&path, "must specify a metric name");
    } else {
        check_text(name, names::path_segment, &path, errors);
    }
}

fn target(target: &Value, path: &str, errors: &mut Errors) {
    let kind = text(target, "type");
    if kind.is_empty() {
        errors.required(&sub(path, "type"), "must specify a metric target type");
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        let detail = "must be either Utilization, Value, or AverageValue";
        errors.invalid_text(&sub(path, "type"), kind, detail);
    }
    for key in ["value", "averageValue"] {
        let amount = get(target, key).and_then(Value::as_str).map(Quantity::parse);
        if let Some(Ok(amount)) = amount
            && amount <= Quantity::ZERO
        {
            errors.invalid_text(&sub(path, key), &amount.to_string(), "must be positive");
        }
    }
    if let Some(n) = int(target, "averageUtilization").filter(|n| *n < 1) {
        errors.invalid_number(&sub(path, "averageUtilization"), n, "must be greater than 0");
    }
}

/// Rules of scaling in one direction.
fn scaling(rules: &Value, path: &str, errors: &mut Errors) {
    let window = int(rules, "stabilizationWindowSeconds");
    let at = sub(path, "stabilizationWindowSeconds");
    if let Some(n) = window.filter(|n| *n < 0) {
        errors.invalid_number(&at, n, "must be greater than or equal to zero");
    }
    if let Some(n) = window.filter(|n| *n > 3600) {
        errors.invalid_number(&at, n, "must be less than or equal to 3600");
    }
    let select = get(rules, "selectPolicy").and_then(Value::as_str);
    let known = ["Disabled", "Max", "Min"];
    if let Some(select) = select.filter(|select| !known.contains(select)) {
        errors.not_supported(&sub(path, "selectPolicy"), select, &known);
    }
    let policies = sub(path, "policies");
    // Without the field the defaults come in.
    if get(rules, "policies").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        errors.required(&policies, "must specify at least one Policy");
    }
    for (i, policy) in items(rules, "policies").iter().enumerate() {
        let path = nth(&policies, i);
        let kind = text(policy, "type");
        if !matches!(kind, "Pods" | "Percent") {
            errors.not_supported(&sub(&path, "type"), kind, &["Percent", "Pods"]);
        }
        for key in ["value", "periodSeconds"] {
            let n = int(policy, key).unwrap_or(0);
            if n <= 0 {
                errors.invalid_number(&sub(&path, key), n, "must be greater than zero");
            }
            if key == "periodSeconds" && n > 1800 {
                let detail = "must be less than or equal to 1800";
                errors.invalid_number(&sub(&path, key), n, detail);
            }
        }
    }
}
