//! ConfigMaps, Secrets, budgets, quotas and other small kinds.
//!
//! Models the `validation.go` files of core, policy and scheduling.

use serde_json::Value;

use super::Errors;
use super::common::{at_most_hundred, check_text, count_or_percent, label_selector, one_of};
use super::error::Report;
use super::internal;
use super::names;
use super::path::{nth, sub};
use super::pod;
use super::volumes;
use crate::value::{entries, filled, get, int, items, text};

const NULL: Value = Value::Null;
/// Most bytes of the data of a ConfigMap or Secret.
const DATA_BYTES: usize = 1 << 20;

fn spec_of(object: &Value) -> &Value {
    get(object, "spec").unwrap_or(&NULL)
}

/// A ConfigMap.
pub(super) fn config_map(object: &Value, errors: &mut Errors) {
    let mut bytes = 0;
    for (key, value) in entries(object, "data") {
        let path = format!("data[{key}]");
        check_text(key, names::config_key, &path, errors);
        if object.get("binaryData").is_some_and(|b| b.get(key).is_some()) {
            let detail = "duplicate of key present in binaryData";
            errors.invalid_text(&path, key, detail);
        }
        bytes += value.as_str().map_or(0, str::len);
    }
    for (key, value) in entries(object, "binaryData") {
        check_text(key, names::config_key, &format!("binaryData[{key}]"), errors);
        bytes += value.as_str().map_or(0, str::len) / 4 * 3;
    }
    if bytes > DATA_BYTES {
        errors.too_long("", DATA_BYTES);
    }
}

/// A Secret, whose type may ask for certain keys.
pub(super) fn secret(object: &Value, errors: &mut Errors) {
    for (key, _) in entries(object, "data") {
        check_text(key, names::config_key, &format!("data[{key}]"), errors);
    }
    let data = |key: &str| object.get("data").and_then(|d| d.get(key)).and_then(Value::as_str);
    let mut need = |key: &str| {
        if data(key).is_none() {
            errors.required(&format!("data[{key}]"), "");
        }
    };
    match text(object, "type") {
        "kubernetes.io/tls" => {
            need("tls.crt");
            need("tls.key");
        }
        "kubernetes.io/basic-auth" if data("username").is_none() && data("password").is_none() => {
            need("username");
            need("password");
        }
        "kubernetes.io/ssh-auth" if data("ssh-privatekey").is_none_or(str::is_empty) => {
            errors.required("data[ssh-privatekey]", "");
        }
        "kubernetes.io/dockerconfigjson" => docker(object, ".dockerconfigjson", errors),
        "kubernetes.io/dockercfg" => docker(object, ".dockercfg", errors),
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            let named =
                crate::value::at(object, "metadata.annotations").is_some_and(|a| filled(a, NAME));
            if !named {
                errors.required(&format!("metadata.annotations[{NAME}]"), "");
            }
        }
        _ => {}
    }
}

fn docker(object: &Value, key: &str, errors: &mut Errors) {
    let path = format!("data[{key}]");
    let Some(encoded) = object.get("data").and_then(|d| d.get(key)).and_then(Value::as_str) else {
        errors.required(&path, "");
        return;
    };
    let bytes = crate::base64::decode(encoded).unwrap_or_default();
    if let Err(error) = serde_json::from_slice::<Value>(&bytes) {
        let first = String::from_utf8_lossy(&bytes).trim_start().chars().next();
        let detail = match (error.is_eof(), first) {
            (true, _) | (_, None) => "unexpected end of JSON input".to_owned(),
            (_, Some(c)) if !"{[\"-0123456789tfn".contains(c) => {
                format!("invalid character '{c}' looking for beginning of value")
            }
            _ => "unexpected end of JSON input".to_owned(),
        };
        errors.invalid_text(&path, "<secret contents redacted>", &detail);
    }
}

/// A PodDisruptionBudget.
pub(super) fn budget(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    let (least, most) = (get(spec, "minAvailable"), get(spec, "maxUnavailable"));
    if least.is_some() && most.is_some() {
        let shown = internal::compact("PodDisruptionBudgetSpec", spec);
        let detail = "minAvailable and maxUnavailable cannot be both set";
        errors.invalid_shown("spec", &shown, detail);
    }
    for key in ["minAvailable", "maxUnavailable"] {
        count_or_percent(spec, key, "spec", errors);
        at_most_hundred(spec, key, "spec", errors);
    }
    if let Some(selector) = get(spec, "selector") {
        label_selector(selector, "spec.selector", errors);
    }
    one_of(spec, "unhealthyPodEvictionPolicy", &["AlwaysAllow", "IfHealthyBudget"], "spec", errors);
}

/// A PersistentVolumeClaim.
pub(super) fn claim(object: &Value, errors: &mut Errors) {
    volumes::claim_spec(spec_of(object), "spec", errors);
}

/// A ResourceQuota.
pub(super) fn quota(object: &Value, errors: &mut Errors) {
    for (key, value) in entries(spec_of(object), "hard") {
        let path = format!("spec.hard[{key}]");
        check_text(key, names::qualified, &path, errors);
        let amount = value.as_str().unwrap_or_default();
        if amount.starts_with('-') {
            errors.invalid_text(&path, amount, super::common::NOT_NEGATIVE);
        }
    }
}

/// A PriorityClass.
pub(super) fn priority_class(object: &Value, errors: &mut Errors) {
    let name = crate::value::name(object);
    let value = int(object, "value").unwrap_or(0);
    if name.starts_with("system-")
        && !matches!(name, "system-node-critical" | "system-cluster-critical")
    {
        let detail = format!(
            "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class"
        );
        errors.forbidden("metadata.name", &detail);
    } else if value > 1_000_000_000 && !name.starts_with("system-") {
        let detail = "maximum allowed value of a user defined priority is 1000000000";
        errors.forbidden("value", detail);
    }
    one_of(object, "preemptionPolicy", &["PreemptLowerPriority", "Never"], "", errors);
}

/// A PodTemplate.
pub(super) fn pod_template(object: &Value, errors: &mut Errors) {
    pod::template(get(object, "template").unwrap_or(&NULL), "template", errors);
}

/// A Node: its taints.
pub(super) fn node(object: &Value, errors: &mut Errors) {
    for (i, taint) in items(spec_of(object), "taints").iter().enumerate() {
        let path = nth("spec.taints", i);
        check_text(text(taint, "key"), names::qualified, &sub(&path, "key"), errors);
        let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        one_of(taint, "effect", &known, &path, errors);
    }
}
