//! Defaults of the smaller kinds.
//!
//! Models the `defaults.go` files of core, autoscaling, scheduling, networking, storage and rbac.

use serde_json::{Value, json};

use crate::value::{
    constant, default, default_zero, ensure, entries, filled, get, items, items_mut, object_mut,
    put, text,
};

pub(super) fn secret(object: &mut Value) {
    ensure(object, "metadata");
    default_zero(object, "type", "Opaque");
    let plain: Vec<(String, String)> = entries(object, "stringData")
        .map(|(k, v)| (k.clone(), crate::base64::encode(v.as_str().unwrap_or_default().as_bytes())))
        .collect();
    for (key, value) in plain {
        put(ensure(object, "data"), &key, value);
    }
    crate::value::remove(object, "stringData");
}

pub(super) fn namespace(object: &mut Value) {
    let name = crate::value::name(object).to_owned();
    let metadata = ensure(object, "metadata");
    if !name.is_empty() {
        put(ensure(metadata, "labels"), "kubernetes.io/metadata.name", name);
    }
}

pub(super) fn volume(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    default_zero(spec, "persistentVolumeReclaimPolicy", "Retain");
    default(spec, "volumeMode", "Filesystem");
    if let Some(path) = object_mut(spec, "hostPath") {
        default(path, "type", "");
    }
    default_zero(ensure(object, "status"), "phase", "Pending");
}

pub(super) fn claim(object: &mut Value) {
    ensure(object, "metadata");
    claim_spec(ensure(object, "spec"));
    default_zero(ensure(object, "status"), "phase", "Pending");
}

pub(super) fn claim_spec(spec: &mut Value) {
    default(spec, "volumeMode", "Filesystem");
    if let Some(source) = get(spec, "dataSource").cloned() {
        default(spec, "dataSourceRef", source);
    }
}

pub(super) fn limit_range(object: &mut Value) {
    let spec = ensure(object, "spec");
    for item in items_mut(spec, "limits") {
        if text(item, "type") != "Container" {
            continue;
        }
        for (from, to) in
            [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")]
        {
            let pairs: Vec<(String, Value)> =
                entries(item, from).map(|(k, v)| (k.clone(), v.clone())).collect();
            for (key, value) in pairs {
                default(ensure(item, to), &key, value);
            }
        }
    }
}

pub(super) fn autoscaler(object: &mut Value) {
    let spec = ensure(object, "spec");
    default(spec, "minReplicas", 1);
    if items(spec, "metrics").is_empty() {
        put(
            spec,
            "metrics",
            constant(
                r#"[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]"#,
            ),
        );
    }
    if let Some(behavior) = object_mut(spec, "behavior") {
        scaling_rules(
            ensure(behavior, "scaleUp"),
            json!(0),
            constant(
                r#"[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]"#,
            ),
        );
        scaling_rules(
            ensure(behavior, "scaleDown"),
            Value::Null,
            constant(r#"[{"type":"Percent","value":100,"periodSeconds":15}]"#),
        );
    }
}

fn scaling_rules(rules: &mut Value, window: Value, policies: Value) {
    if !window.is_null() {
        default(rules, "stabilizationWindowSeconds", window);
    }
    default_zero(rules, "selectPolicy", "Max");
    if !filled(rules, "policies") {
        put(rules, "policies", policies);
    }
}

pub(super) fn priority_class(object: &mut Value) {
    default(object, "preemptionPolicy", "PreemptLowerPriority");
}

pub(super) fn network_policy(object: &mut Value) {
    let spec = ensure(object, "spec");
    if items(spec, "policyTypes").is_empty() {
        let types = if filled(spec, "egress") {
            constant(r#"["Ingress","Egress"]"#)
        } else {
            constant(r#"["Ingress"]"#)
        };
        put(spec, "policyTypes", types);
    }
    for rule in ["ingress", "egress"] {
        for entry in items_mut(spec, rule) {
            for port in items_mut(entry, "ports") {
                default_zero(port, "protocol", "TCP");
            }
        }
    }
}

pub(super) fn ingress_class(object: &mut Value) {
    if let Some(parameters) = object.get_mut("spec").and_then(|s| object_mut(s, "parameters")) {
        default_zero(parameters, "scope", "Cluster");
    }
}

pub(super) fn storage_class(object: &mut Value) {
    default(object, "reclaimPolicy", "Delete");
    default(object, "volumeBindingMode", "Immediate");
}

pub(super) fn role_binding(object: &mut Value) {
    if let Some(reference) = object_mut(object, "roleRef") {
        default_zero(reference, "apiGroup", "rbac.authorization.k8s.io");
    }
    for subject in items_mut(object, "subjects") {
        let group = match text(subject, "kind") {
            "User" | "Group" => "rbac.authorization.k8s.io",
            _ => continue,
        };
        default_zero(subject, "apiGroup", group);
    }
}

/// Models `staging/apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go`.
pub(super) fn definition(object: &mut Value) {
    let spec = ensure(object, "spec");
    default(spec, "conversion", json!({"strategy": "None"}));
    let names = ensure(spec, "names");
    let kind = text(names, "kind").to_owned();
    if kind.is_empty() {
        return;
    }
    default_zero(names, "singular", kind.to_lowercase());
    default_zero(names, "listKind", format!("{kind}List"));
}
