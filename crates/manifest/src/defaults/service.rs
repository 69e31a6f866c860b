//! Defaults of Services and Endpoints.
//!
//! Models `SetDefaults_Service` of `pkg/apis/core/v1/defaults.go`.

use serde_json::Value;

use crate::value::{default, default_zero, ensure, get, items_mut, put, text};

pub(super) fn service(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    default_zero(spec, "sessionAffinity", "None");
    if text(spec, "sessionAffinity") == "None" {
        crate::value::remove(spec, "sessionAffinityConfig");
    } else if text(spec, "sessionAffinity") == "ClientIP" {
        let client = ensure(ensure(spec, "sessionAffinityConfig"), "clientIP");
        default(client, "timeoutSeconds", 10_800);
    }
    default_zero(spec, "type", "ClusterIP");
    for port in items_mut(spec, "ports") {
        default_zero(port, "protocol", "TCP");
        let unset = match get(port, "targetPort") {
            None => true,
            Some(Value::Number(n)) => n.as_i64() == Some(0),
            Some(Value::String(s)) => s.is_empty(),
            Some(_) => false,
        };
        if unset {
            let number = port.get("port").cloned().unwrap_or_else(|| Value::from(0));
            put(port, "targetPort", number);
        }
    }
    let kind = text(spec, "type").to_owned();
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") || has_external_ips(spec) {
        default_zero(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind != "ExternalName" {
        default(spec, "internalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", true);
    }
}

fn has_external_ips(spec: &Value) -> bool {
    text(spec, "type") == "ClusterIP"
        && spec.get("externalIPs").and_then(Value::as_array).is_some_and(|a| !a.is_empty())
}

pub(super) fn endpoints(object: &mut Value) {
    for subset in items_mut(object, "subsets") {
        for port in items_mut(subset, "ports") {
            default_zero(port, "protocol", "TCP");
        }
    }
}
