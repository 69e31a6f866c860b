//! Where a pod may run: affinity, spreading, tolerations.
//!
//! Models `validateAffinity`, `validateTopologySpreadConstraints` and `ValidateTolerations`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, label_selector};
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use crate::limits;
use crate::value::{Seen, filled, get, int, items, text};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `spec.affinity`.
pub(super) fn affinity(spec: &Value, path: &str, errors: &mut Errors) {
    let Some(affinity) = get(spec, "affinity") else { return };
    if let Some(node) = get(affinity, "nodeAffinity") {
        node_affinity(node, &sub(path, "nodeAffinity"), errors);
    }
    for key in ["podAffinity", "podAntiAffinity"] {
        if let Some(pod) = get(affinity, key) {
            pod_affinity(pod, &sub(path, key), errors);
        }
    }
}

fn node_affinity(node: &Value, path: &str, errors: &mut Errors) {
    if let Some(required) = get(node, REQUIRED) {
        let path = format!("{path}.{REQUIRED}.nodeSelectorTerms");
        let terms = items(required, "nodeSelectorTerms");
        if terms.is_empty() {
            errors.required(&path, "must have at least one node selector term");
        }
        for (i, term) in terms.iter().enumerate() {
            node_term(term, &nth(&path, i), errors);
        }
    }
    for (i, preferred) in items(node, PREFERRED).iter().enumerate() {
        let path = format!("{path}.{PREFERRED}[{i}]");
        weight(preferred, &path, errors);
        if let Some(term) = get(preferred, "preference") {
            node_term(term, &sub(&path, "preference"), errors);
        }
    }
}

fn weight(of: &Value, path: &str, errors: &mut Errors) {
    let weight = int(of, "weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        let detail = "must be in the range 1-100";
        errors.invalid_number(&sub(path, "weight"), weight, detail);
    }
}

/// A term of node selection, also used by volumes of the cluster.
pub(super) fn node_term(term: &Value, path: &str, errors: &mut Errors) {
    for (i, expression) in items(term, "matchExpressions").iter().enumerate() {
        node_expression(expression, &nth(sub(path, "matchExpressions"), i), errors);
    }
    for (i, expression) in items(term, "matchFields").iter().enumerate() {
        node_field(expression, &nth(sub(path, "matchFields"), i), errors);
    }
}

fn node_expression(expression: &Value, path: &str, errors: &mut Errors) {
    let values = items(expression, "values");
    let values_path = sub(path, "values");
    match text(expression, "operator") {
        "In" | "NotIn" => {
            if values.is_empty() {
                let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                errors.required(&values_path, detail);
            }
        }
        "Exists" | "DoesNotExist" => {
            if !values.is_empty() {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&values_path, detail);
            }
        }
        "Gt" | "Lt" => {
            if values.len() != 1 {
                let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                errors.required(&values_path, detail);
            }
        }
        other => {
            let detail = "not a valid selector operator";
            errors.invalid_text(&sub(path, "operator"), other, detail);
        }
    }
    check_text(text(expression, "key"), names::qualified, &sub(path, "key"), errors);
    for (n, value) in values.iter().filter_map(Value::as_str).enumerate() {
        check_text(value, names::label_value, &nth(&values_path, n), errors);
    }
}

fn node_field(expression: &Value, path: &str, errors: &mut Errors) {
    let operator = text(expression, "operator");
    if matches!(operator, "In" | "NotIn") {
        if items(expression, "values").len() != 1 {
            let detail =
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.required(&sub(path, "values"), detail);
        }
    } else {
        let detail = "not a valid selector operator";
        errors.invalid_text(&sub(path, "operator"), operator, detail);
    }
    let key = text(expression, "key");
    if key != "metadata.name" {
        let detail = "not a valid field selector key";
        errors.invalid_text(&sub(path, "key"), key, detail);
    }
}

fn pod_affinity(pod: &Value, path: &str, errors: &mut Errors) {
    for (i, term) in items(pod, REQUIRED).iter().enumerate() {
        pod_term(term, &format!("{path}.{REQUIRED}[{i}]"), errors);
    }
    for (i, preferred) in items(pod, PREFERRED).iter().enumerate() {
        let path = format!("{path}.{PREFERRED}[{i}]");
        weight(preferred, &path, errors);
        if let Some(term) = get(preferred, "podAffinityTerm") {
            pod_term(term, &sub(&path, "podAffinityTerm"), errors);
        }
    }
}

fn pod_term(term: &Value, path: &str, errors: &mut Errors) {
    for key in ["labelSelector", "namespaceSelector"] {
        if let Some(selector) = get(term, key) {
            label_selector(selector, &sub(path, key), errors);
        }
    }
    for name in items(term, "namespaces").iter().filter_map(Value::as_str) {
        check_text(name, names::label, &sub(path, "namespace"), errors);
    }
    label_keys(term, path, errors);
    let topology = text(term, "topologyKey");
    let field = sub(path, "topologyKey");
    if topology.is_empty() {
        errors.required(&field, "can not be empty");
    }
    check_text(topology, names::qualified, &field, errors);
}

/// Keys whose values come from the pod's own labels.
fn label_keys(term: &Value, path: &str, errors: &mut Errors) {
    for list in ["matchLabelKeys", "mismatchLabelKeys"] {
        for (i, key) in items(term, list).iter().filter_map(Value::as_str).enumerate() {
            check_text(key, names::qualified, &format!("{path}.{list}[{i}]"), errors);
        }
    }
    let other = items(term, "mismatchLabelKeys");
    for (i, key) in items(term, "matchLabelKeys").iter().enumerate() {
        if other.contains(key) {
            let field = nth(sub(path, "matchLabelKeys"), i);
            let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
            errors.invalid(&field, key, detail);
        }
    }
}

/// `spec.topologySpreadConstraints`.
pub(super) fn topology_spread(spec: &Value, path: &str, errors: &mut Errors) {
    let list = items(spec, "topologySpreadConstraints");
    let mut later = Seen::default();
    let mut repeated: Vec<usize> = Vec::new();
    for (i, constraint) in list.iter().enumerate().rev() {
        if !later.insert(&spread_key(constraint)) && repeated.len() < limits::DIAGNOSTICS {
            repeated.push(i);
        }
    }
    for (i, constraint) in list.iter().enumerate() {
        let item = nth(path, i);
        let skew = int(constraint, "maxSkew").unwrap_or(0);
        if skew <= 0 {
            let detail = "must be greater than zero";
            errors.invalid_number(&sub(&item, "maxSkew"), skew, detail);
        }
        let topology = text(constraint, "topologyKey");
        let field = sub(&item, "topologyKey");
        if topology.is_empty() {
            errors.required(&field, "can not be empty");
        } else {
            check_text(topology, names::qualified, &field, errors);
        }
        spread_mode(constraint, &item, errors);
        if repeated.contains(&i) {
            let field = sub(&item, "{topologyKey, whenUnsatisfiable}");
            let value = spread_key(constraint);
            errors.duplicate(&field, &value);
        }
        if let Some(selector) = get(constraint, "labelSelector") {
            label_selector(selector, &sub(&item, "labelSelector"), errors);
        }
    }
}

fn spread_key(constraint: &Value) -> String {
    format!("{{{}, {}}}", text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"))
}

fn spread_mode(constraint: &Value, path: &str, errors: &mut Errors) {
    let when = text(constraint, "whenUnsatisfiable");
    let modes = ["DoNotSchedule", "ScheduleAnyway"];
    if !modes.contains(&when) {
        errors.not_supported(&sub(path, "whenUnsatisfiable"), when, &modes);
    }
    if let Some(domains) = int(constraint, "minDomains") {
        let field = sub(path, "minDomains");
        if domains <= 0 {
            let detail = "must be greater than zero";
            errors.invalid_number(&field, domains, detail);
        }
        if when != "DoNotSchedule" {
            let detail =
                format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
            errors.invalid_number(&field, domains, &detail);
        }
    }
    for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
        super::common::one_of(constraint, key, &["Honor", "Ignore"], path, errors);
    }
}

/// `spec.tolerations`.
pub(super) fn tolerations(spec: &Value, path: &str, errors: &mut Errors) {
    for (i, toleration) in items(spec, "tolerations").iter().enumerate() {
        self::toleration(toleration, &nth(path, i), errors);
    }
}

fn toleration(toleration: &Value, path: &str, errors: &mut Errors) {
    let (key, operator, effect) =
        (text(toleration, "key"), text(toleration, "operator"), text(toleration, "effect"));
    let value = text(toleration, "value");
    let operator_path = sub(path, "operator");
    if !key.is_empty() {
        check_text(key, names::qualified, &sub(path, "key"), errors);
    } else if operator != "Exists" {
        let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        errors.invalid_text(&operator_path, operator, detail);
    }
    if filled(toleration, "tolerationSeconds") && effect != "NoExecute" {
        let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        errors.invalid_text(&sub(path, "effect"), effect, detail);
    }
    match operator {
        "" | "Equal" => {
            let broken = names::label_value(value);
            if !broken.is_empty() {
                errors.invalid_text(&operator_path, value, &broken.join(";"));
            }
        }
        "Exists" => {
            if !value.is_empty() {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.invalid_text(&operator_path, value, detail);
            }
        }
        "Gt" | "Lt" => {
            let known = ["Equal", "Exists", "Lt", "Gt"];
            errors.not_supported(&operator_path, operator, &known);
        }
        other => errors.not_supported(&operator_path, other, &["Equal", "Exists"]),
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    if !effect.is_empty() && !effects.contains(&effect) {
        errors.not_supported(&sub(path, "effect"), effect, &effects);
    }
}
