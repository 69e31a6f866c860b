//! Pods and pod templates.
//!
//! Models `ValidatePodCreate`, `ValidatePodSpec` and `ValidatePodTemplateSpec`.

use serde_json::Value;

use super::Errors;
use super::annotations;
use super::common::{check_text, one_of, optional};
use super::container::{self, Pod};
use super::error::Report;
use super::internal;
use super::meta;
use super::names;
use super::path::{nth, sub};
use super::resources;
use super::scheduling;
use super::security;
use super::volumes;
use crate::value::{Seen, at, filled, get, int, items, text, truth};

/// A Pod that is created.
pub(super) fn create(object: &Value, errors: &mut Errors) {
    let empty = Value::Null;
    let spec_value = get(object, "spec").unwrap_or(&empty);
    annotations::pod(object, spec_value, "metadata.annotations", errors);
    spec(spec_value, "spec", errors);
    tokens(spec_value, errors);
    annotations::agreement(object, spec_value, errors);
    if container::has_ephemeral(spec_value) {
        errors.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    if filled(spec_value, "schedulingGates") && filled(spec_value, "nodeName") {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden("spec.nodeName", detail);
    }
}

/// A token needs an account.
fn tokens(spec: &Value, errors: &mut Errors) {
    if filled(spec, "serviceAccountName") {
        return;
    }
    for (i, volume) in items(spec, "volumes").iter().enumerate() {
        let sources = get(volume, "projected").map_or(&[][..], |p| items(p, "sources"));
        for (n, _) in
            sources.iter().enumerate().filter(|(_, s)| get(s, "serviceAccountToken").is_some())
        {
            let path = format!("spec.volumes[{i}].projected.sources[{n}].serviceAccountToken");
            let detail = "must not be specified when serviceAccountName is not set";
            errors.forbidden(&path, detail);
        }
    }
}

/// A pod template at `path`.
pub(super) fn template(template: &Value, path: &str, errors: &mut Errors) {
    let empty = Value::Null;
    let metadata = get(template, "metadata").unwrap_or(&empty);
    let spec_value = get(template, "spec").unwrap_or(&empty);
    meta::labels(metadata, "labels", &sub(path, "labels"), errors);
    meta::annotations(metadata, &sub(path, "annotations"), errors);
    annotations::pod(template, spec_value, &sub(path, "annotations"), errors);
    spec(spec_value, &sub(path, "spec"), errors);
    if container::has_ephemeral(spec_value) {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(&sub(path, "spec.ephemeralContainers"), detail);
    }
}

/// A pod spec, in the server's order.
pub(super) fn spec(spec: &Value, path: &str, errors: &mut Errors) {
    let good = volumes::volumes(spec, &sub(path, "volumes"), errors);
    with_volumes(spec, good, path, errors);
}

/// The rest of a pod spec, for given volumes.
pub(super) fn with_volumes(spec: &Value, good: Seen, path: &str, errors: &mut Errors) {
    resource_claims(spec, &sub(path, "resourceClaims"), errors);
    let grace = int(spec, "terminationGracePeriodSeconds").unwrap_or(30);
    let pod = Pod { spec, volumes: good, grace };
    container::containers(&pod, &sub(path, "containers"), errors);
    container::init_containers(&pod, &sub(path, "initContainers"), errors);
    resources::pod(spec, path, errors);
    one_of(spec, "restartPolicy", &["Always", "OnFailure", "Never"], path, errors);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(spec, "dnsPolicy", &policies, path, errors);
    meta::labels(spec, "nodeSelector", &sub(path, "nodeSelector"), errors);
    security::pod(spec, path, errors);
    scheduling::affinity(spec, &sub(path, "affinity"), errors);
    dns_config(spec, path, errors);
    gates(spec, path, errors);
    scheduling::topology_spread(spec, &sub(path, "topologySpreadConstraints"), errors);
    host_users(spec, path, errors);
    placement(spec, path, errors);
    deadlines_and_names(spec, path, errors);
    scheduling::tolerations(spec, &sub(path, "tolerations"), errors);
    host_aliases(spec, &sub(path, "hostAliases"), errors);
    last(spec, path, errors);
}

fn resource_claims(spec: &Value, path: &str, errors: &mut Errors) {
    let mut seen = Seen::default();
    for (i, claim) in items(spec, "resourceClaims").iter().enumerate() {
        let path = nth(path, i);
        let name = text(claim, "name");
        if name.is_empty() {
            errors.required(&sub(&path, "name"), "");
        } else if !seen.insert(name) {
            errors.duplicate(&sub(&path, "name"), name);
        } else {
            check_text(name, names::label, &sub(&path, "name"), errors);
        }
        let given = ["resourceClaimName", "resourceClaimTemplateName"];
        let count = given.iter().filter(|k| get(claim, k).is_some()).count();
        if count == 0 {
            let shown = internal::compact("PodResourceClaim", claim);
            let detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
            errors.invalid_shown(&path, &shown, detail);
        }
    }
}

fn dns_config(spec: &Value, path: &str, errors: &mut Errors) {
    let none = text(spec, "dnsPolicy") == "None";
    let path = sub(path, "dnsConfig");
    let Some(config) = get(spec, "dnsConfig") else {
        if none {
            let detail = "must provide `dnsConfig` when `dnsPolicy` is None";
            errors.required(&path, detail);
        }
        return;
    };
    let servers = items(config, "nameservers");
    let field = sub(&path, "nameservers");
    if none && servers.is_empty() {
        let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        errors.required(&field, detail);
    }
    if servers.len() > 3 {
        let detail = "must not have more than 3 nameservers";
        errors.invalid(&field, &config["nameservers"], detail);
    }
    for (i, server) in servers.iter().filter_map(Value::as_str).enumerate() {
        if !names::is_ip(server) {
            errors.invalid_text(&nth(&field, i), server, names::BAD_IP);
        }
    }
    let searches = items(config, "searches");
    let field = sub(&path, "searches");
    if searches.len() > 32 {
        let detail = "must not have more than 32 search paths";
        errors.invalid(&field, &config["searches"], detail);
    }
    for (i, search) in searches.iter().filter_map(Value::as_str).enumerate() {
        let bare = search.strip_suffix('.').filter(|s| !s.is_empty()).unwrap_or(search);
        if bare != "." {
            for message in names::subdomain_with_underscore(bare) {
                errors.invalid_text(&nth(&field, i), bare, &message);
            }
        }
    }
    for (i, option) in items(config, "options").iter().enumerate() {
        if !filled(option, "name") {
            let path = nth(sub(&path, "options"), i);
            errors.required(&path, "must not be empty");
        }
    }
}

fn gates(spec: &Value, path: &str, errors: &mut Errors) {
    for (i, gate) in items(spec, "readinessGates").iter().enumerate() {
        let path = sub(nth(sub(path, "readinessGates"), i), "conditionType");
        check_text(text(gate, "conditionType"), names::qualified, &path, errors);
    }
    let mut seen = Seen::default();
    for (i, gate) in items(spec, "schedulingGates").iter().enumerate() {
        let path = nth(sub(path, "schedulingGates"), i);
        let name = text(gate, "name");
        check_text(name, names::qualified, &path, errors);
        if !seen.insert(name) {
            errors.duplicate(&path, name);
        }
    }
}

fn host_users(spec: &Value, path: &str, errors: &mut Errors) {
    if get(spec, "hostUsers").is_none_or(|v| *v != false) {
        return;
    }
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if truth(spec, key) {
            errors.forbidden(&sub(path, key), "when `hostUsers` is false");
        }
    }
}

fn placement(spec: &Value, path: &str, errors: &mut Errors) {
    optional(spec, "serviceAccountName", names::subdomain, path, errors);
    optional(spec, "nodeName", names::subdomain, path, errors);
}

fn deadlines_and_names(spec: &Value, path: &str, errors: &mut Errors) {
    if let Some(seconds) = int(spec, "activeDeadlineSeconds") {
        for message in names::between(seconds, 1, i64::from(i32::MAX)) {
            let path = sub(path, "activeDeadlineSeconds");
            errors.invalid_number(&path, seconds, &message);
        }
    }
    optional(spec, "hostname", names::label, path, errors);
    optional(spec, "subdomain", names::label, path, errors);
}

fn host_aliases(spec: &Value, path: &str, errors: &mut Errors) {
    for (i, alias) in items(spec, "hostAliases").iter().enumerate() {
        let ip = text(alias, "ip");
        if !names::is_ip(ip) {
            errors.invalid_text(&format!("{path}[{i}].ip"), ip, names::BAD_IP);
        }
        for (n, host) in items(alias, "hostnames").iter().filter_map(Value::as_str).enumerate() {
            check_text(host, names::subdomain, &format!("{path}[{i}].hostnames[{n}]"), errors);
        }
    }
}

fn last(spec: &Value, path: &str, errors: &mut Errors) {
    optional(spec, "priorityClassName", names::subdomain, path, errors);
    optional(spec, "runtimeClassName", names::subdomain, path, errors);
    one_of(spec, "preemptionPolicy", &["PreemptLowerPriority", "Never"], path, errors);
    resources::overhead(spec, path, errors);
    os(spec, path, errors);
    if let Some(name) = get(spec, "hostnameOverride").and_then(Value::as_str)
        && !name.is_empty()
    {
        check_text(name, names::subdomain, &sub(path, "hostnameOverride"), errors);
    }
}

fn os(spec: &Value, path: &str, errors: &mut Errors) {
    let Some(os) = get(spec, "os") else { return };
    match text(os, "name") {
        "" => errors.required(&sub(path, "os.name"), ""),
        "linux" => {
            if at(spec, "securityContext.windowsOptions").is_some() {
                let path = sub(path, "securityContext.windowsOptions");
                let detail = "windows options cannot be set for a linux pod";
                errors.forbidden(&path, detail);
            }
        }
        "windows" => {
            for key in ["hostPID", "hostIPC"] {
                if truth(spec, key) {
                    let detail = "cannot be set for a windows pod";
                    errors.forbidden(&sub(path, key), detail);
                }
            }
            if truth(spec, "shareProcessNamespace") {
                let path = sub(path, "shareProcessNamespace");
                errors.forbidden(&path, "cannot be set for a windows pod");
            }
        }
        other => {
            errors.not_supported(&sub(path, "os"), other, &["linux", "windows"]);
        }
    }
}
