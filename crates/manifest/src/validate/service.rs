//! Services.
//!
//! Models `ValidateService` of `pkg/apis/core/validation` and the address allocation of its registry.

use serde_json::{Value, json};

use super::Errors;
use super::common::{check_text, one_of, port};
use super::error::Report;
use super::internal;
use super::meta;
use super::names;
use super::path::{nth, sub};
use crate::value::{Seen, filled, get, int, items, text};

const TYPES: &[&str] = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const NULL: Value = Value::Null;

/// A Service.
pub(super) fn service(object: &Value, errors: &mut Errors) {
    let spec = get(object, "spec").unwrap_or(&NULL);
    let kind = text(spec, "type");
    let headless = text(spec, "clusterIP") == "None";
    if items(spec, "ports").is_empty() && !headless && kind != "ExternalName" {
        errors.required("spec.ports", "");
    }
    by_type(spec, kind, headless, errors);
    ports(spec, errors);
    meta::labels(spec, "selector", "spec.selector", errors);
    affinity(spec, errors);
    addresses(spec, kind, errors);
    node_ports(spec, kind, errors);
    duplicate_ports(spec, errors);
    source_ranges(spec, errors);
    traffic(spec, kind, errors);
}

fn by_type(spec: &Value, kind: &str, headless: bool, errors: &mut Errors) {
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid_text("spec.clusterIPs[0]", "None", &detail);
        }
        "ExternalName" => {
            for key in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                if filled(spec, key) {
                    let detail = "may not be set for ExternalName services";
                    errors.forbidden(&format!("spec.{key}"), detail);
                }
            }
            let name = text(spec, "externalName");
            match name.strip_suffix('.').unwrap_or(name) {
                "" => errors.required("spec.externalName", ""),
                name => check_text(name, names::subdomain, "spec.externalName", errors),
            }
        }
        k if !TYPES.contains(&k) => errors.not_supported("spec.type", k, TYPES),
        _ => {}
    }
}

fn ports(spec: &Value, errors: &mut Errors) {
    let list = items(spec, "ports");
    let mut seen = Seen::default();
    for (i, of) in list.iter().enumerate() {
        let path = nth("spec.ports", i);
        let name = text(of, "name");
        if name.is_empty() {
            if list.len() > 1 {
                errors.required(&sub(&path, "name"), "");
            }
        } else {
            check_text(name, names::label, &sub(&path, "name"), errors);
            if !seen.insert(name) {
                errors.duplicate(&sub(&path, "name"), name);
            }
        }
        let number = int(of, "port").unwrap_or(0);
        for message in names::port_number(number) {
            errors.invalid_number(&sub(&path, "port"), number, &message);
        }
        one_of(of, "protocol", &["SCTP", "TCP", "UDP"], &path, errors);
        port(of, "targetPort", &path, errors);
        let protocol = text(of, "appProtocol");
        if !protocol.is_empty() {
            check_text(protocol, names::qualified, &sub(&path, "appProtocol"), errors);
        }
    }
}

fn affinity(spec: &Value, errors: &mut Errors) {
    one_of(spec, "sessionAffinity", &["ClientIP", "None"], "spec", errors);
    if text(spec, "sessionAffinity") == "ClientIP" {
        let path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
        let seconds = crate::value::at(spec, "sessionAffinityConfig.clientIP.timeoutSeconds");
        if let Some(value) = seconds.filter(|v| v.as_i64().is_some_and(|n| n <= 0 || n > 86_400)) {
            let detail = "must be greater than 0 and less than 86400";
            errors.invalid(path, value, detail);
        }
    }
}

/// The recording cluster has IPv4 addresses only, services in 10.96.0.0/16.
fn addresses(spec: &Value, kind: &str, errors: &mut Errors) {
    if kind == "ExternalName" {
        return;
    }
    let ip = text(spec, "clusterIP");
    if !matches!(ip, "" | "None") && !names::is_ip(ip) {
        errors.invalid_text("spec.clusterIPs[0]", ip, names::BAD_IP);
    } else if !matches!(ip, "" | "None") && !ip.starts_with("10.96.") {
        let detail = format!(
            "failed to allocate IP {ip}: the provided IP ({ip}) is not in the valid range. The range of valid IPs is 10.96.0.0/16"
        );
        errors.invalid("spec.clusterIPs", &json!([ip]), &detail);
    }
    let headless_without_selector = ip == "None" && !filled(spec, "selector");
    if headless_without_selector {
        return;
    }
    for (i, family) in items(spec, "ipFamilies").iter().filter_map(Value::as_str).enumerate() {
        let path = nth("spec.ipFamilies", i);
        match family {
            "IPv4" => {}
            "IPv6" if i == 0 => {
                errors.invalid_text(&path, family, "not configured on this cluster");
            }
            "IPv6" => {}
            other => errors.not_supported(&path, other, &["IPv4", "IPv6"]),
        }
    }
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    one_of(spec, "ipFamilyPolicy", &policies, "spec", errors);
    if text(spec, "ipFamilyPolicy") == "RequireDualStack" {
        let detail = "this cluster is not configured for dual-stack services";
        errors.invalid_text("spec.ipFamilyPolicy", "RequireDualStack", detail);
    }
}

fn node_ports(spec: &Value, kind: &str, errors: &mut Errors) {
    let mut taken = Seen::default();
    for (i, of) in items(spec, "ports").iter().enumerate() {
        let Some(node_port) = int(of, "nodePort").filter(|n| *n != 0) else { continue };
        let path = format!("spec.ports[{i}].nodePort");
        if matches!(kind, "ClusterIP" | "ExternalName") {
            let detail = format!("may not be used when `type` is '{kind}'");
            errors.forbidden(&path, &detail);
        } else if !taken.insert(&format!("{}/{node_port}", text(of, "protocol"))) {
            let detail = "provided port is already allocated";
            errors.invalid_number(&path, node_port, detail);
        }
    }
}

fn duplicate_ports(spec: &Value, errors: &mut Errors) {
    let mut seen = Seen::default();
    for (i, of) in items(spec, "ports").iter().enumerate() {
        let key = (text(of, "protocol"), int(of, "port").unwrap_or(0));
        if !seen.insert(&format!("{}/{}", key.0, key.1)) {
            let value = json!({"protocol": key.0, "port": key.1});
            let shown = internal::compact("ServicePort", &value);
            errors.duplicate_shown(&nth("spec.ports", i), &shown);
        }
    }
}

fn source_ranges(spec: &Value, errors: &mut Errors) {
    for (i, range) in
        items(spec, "loadBalancerSourceRanges").iter().filter_map(Value::as_str).enumerate()
    {
        let range = range.trim();
        let good = range.split_once('/').is_some_and(|(ip, bits)| {
            names::is_ip(ip)
                && bits.parse::<u8>().is_ok_and(|b| b <= if ip.contains(':') { 128 } else { 32 })
        });
        if !good {
            let path = nth("spec.LoadBalancerSourceRanges", i);
            errors.invalid_text(&path, range, names::BAD_CIDR);
        }
    }
}

fn traffic(spec: &Value, kind: &str, errors: &mut Errors) {
    let external = text(spec, "externalTrafficPolicy");
    let reachable = matches!(kind, "NodePort" | "LoadBalancer")
        || kind == "ClusterIP" && filled(spec, "externalIPs");
    if !external.is_empty() {
        let path = "spec.externalTrafficPolicy";
        if !reachable {
            let detail = "may only be set for externally-accessible services";
            errors.invalid_text(path, external, detail);
        } else if !matches!(external, "Cluster" | "Local") {
            errors.not_supported(path, external, &["Cluster", "Local"]);
        }
    }
    one_of(spec, "internalTrafficPolicy", &["Cluster", "Local"], "spec", errors);
}
