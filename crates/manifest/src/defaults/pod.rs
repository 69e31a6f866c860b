//! Defaults of pods, containers, probes, hooks and volumes.
//!
//! Models `pkg/apis/core/v1/defaults.go`.

use serde_json::{Map, Value, json};

use crate::quantity::Quantity;
use crate::value::{
    default, default_zero, ensure, entries, filled, get, int, items, items_mut, object_mut, put,
    remove, text,
};

/// A Pod: its spec, and requests that follow from limits.
pub(super) fn pod(object: &mut Value) {
    default_object_meta(object);
    let spec = ensure(object, "spec");
    requests_from_limits(spec);
    apply_pod_spec(spec);
    if get(spec, "hostNetwork").is_some_and(|v| v == true) {
        host_ports(spec);
    }
    // Only pods, not templates: the field says whether names of Services become variables.
    default(spec, "enableServiceLinks", true);
}

/// `spec.template` (or another key) of a workload.
pub(super) fn template(owner: &mut Value, key: &str) {
    let template = ensure(owner, key);
    default_object_meta(template);
    let spec = ensure(template, "spec");
    apply_pod_spec(spec);
    if get(spec, "hostNetwork").is_some_and(|v| v == true) {
        host_ports(spec);
    }
}

fn default_object_meta(object: &mut Value) {
    if object.is_object() {
        ensure(object, "metadata");
    }
}

/// A pod spec in a Pod or a template.
pub fn apply_pod_spec(spec: &mut Value) {
    default_zero(spec, "dnsPolicy", "ClusterFirst");
    default_zero(spec, "restartPolicy", "Always");
    default_zero(spec, "schedulerName", "default-scheduler");
    default(spec, "terminationGracePeriodSeconds", 30);
    if int(spec, "terminationGracePeriodSeconds").is_some_and(|s| s < 0) {
        put(spec, "terminationGracePeriodSeconds", 1);
    }
    ensure(spec, "securityContext");
    service_account(spec);
    for key in ["containers", "initContainers", "ephemeralContainers"] {
        items_mut(spec, key).for_each(container);
    }
    items_mut(spec, "volumes").for_each(volume);
    pod_level_resources(spec);
}

/// `serviceAccount` is the old name of `serviceAccountName`; both are stored.
fn service_account(spec: &mut Value) {
    let name = match (text(spec, "serviceAccountName"), text(spec, "serviceAccount")) {
        ("", old) => old.to_owned(),
        (new, _) => new.to_owned(),
    };
    if !name.is_empty() {
        put(spec, "serviceAccountName", name.clone());
        put(spec, "serviceAccount", name);
    }
}

fn container(container: &mut Value) {
    if !filled(container, "imagePullPolicy") {
        let policy = if is_latest(text(container, "image")) { "Always" } else { "IfNotPresent" };
        put(container, "imagePullPolicy", policy);
    }
    default_zero(container, "terminationMessagePath", "/dev/termination-log");
    default_zero(container, "terminationMessagePolicy", "File");
    ensure(container, "resources");
    for port in items_mut(container, "ports") {
        default_zero(port, "protocol", "TCP");
    }
    for variable in items_mut(container, "env") {
        let source = variable.get_mut("valueFrom");
        if let Some(field) = source.and_then(|s| object_mut(s, "fieldRef")) {
            default_zero(field, "apiVersion", "v1");
        }
    }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(p) = object_mut(container, key) {
            probe(p);
        }
    }
    lifecycle(container);
    if let Some(context) = object_mut(container, "securityContext")
        && get(context, "procMount").is_some_and(|v| v == "")
    {
        remove(context, "procMount");
    }
}

/// Hooks get their defaults; a stop signal is dropped, because its feature is off by default.
fn lifecycle(container: &mut Value) {
    let Some(lifecycle) = object_mut(container, "lifecycle") else { return };
    let had_signal = get(lifecycle, "stopSignal").is_some();
    remove(lifecycle, "stopSignal");
    for hook in ["postStart", "preStop"] {
        if let Some(http) = object_mut(lifecycle, hook).and_then(|h| object_mut(h, "httpGet")) {
            http_get(http);
        }
    }
    if had_signal && lifecycle.as_object().is_some_and(Map::is_empty) {
        remove(container, "lifecycle");
    }
}

/// Whether the image's tag is `latest`, written or not. A digest without a tag has none.
fn is_latest(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => !digest && is_parsable(image),
    }
}

/// Upstream parses the image reference; what it cannot parse gets IfNotPresent.
fn is_parsable(image: &str) -> bool {
    let path_ok = |p: &str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
            && p.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && p.bytes().last().is_some_and(|b| b.is_ascii_alphanumeric())
    };
    let mut parts: Vec<&str> = image.split('/').collect();
    let has_domain = parts.len() > 1
        && (parts[0].contains(['.', ':'])
            || parts[0] == "localhost"
            || parts[0].bytes().any(|b| b.is_ascii_uppercase()));
    if has_domain {
        parts.remove(0);
    }
    parts.iter().all(|p| path_ok(p))
}

fn probe(probe: &mut Value) {
    for (key, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        default_zero(probe, key, value);
    }
    if let Some(http) = object_mut(probe, "httpGet") {
        http_get(http);
    }
    if let Some(grpc) = object_mut(probe, "grpc") {
        default(grpc, "service", "");
    }
}

fn http_get(http: &mut Value) {
    default_zero(http, "path", "/");
    default_zero(http, "scheme", "HTTP");
}

fn volume(volume: &mut Value) {
    if !has_source(volume) {
        put(volume, "emptyDir", json!({}));
    }
    for key in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = object_mut(volume, key) {
            default(source, "defaultMode", 420);
        }
    }
    if let Some(source) = object_mut(volume, "downwardAPI") {
        field_versions(source);
    }
    if let Some(projected) = object_mut(volume, "projected") {
        for source in items_mut(projected, "sources") {
            if let Some(token) = object_mut(source, "serviceAccountToken") {
                default(token, "expirationSeconds", 3600);
            }
            if let Some(downward) = object_mut(source, "downwardAPI") {
                field_versions(downward);
            }
        }
    }
    other_sources(volume);
}

fn field_versions(source: &mut Value) {
    for item in items_mut(source, "items") {
        if let Some(field) = object_mut(item, "fieldRef") {
            default_zero(field, "apiVersion", "v1");
        }
    }
}

fn other_sources(volume: &mut Value) {
    if let Some(path) = object_mut(volume, "hostPath") {
        default(path, "type", "");
    }
    if let Some(source) = object_mut(volume, "image") {
        let policy = if is_latest(text(source, "reference")) { "Always" } else { "IfNotPresent" };
        default_zero(source, "pullPolicy", policy);
    }
    if let Some(iscsi) = object_mut(volume, "iscsi") {
        default_zero(iscsi, "iscsiInterface", "default");
    }
    if let Some(rbd) = object_mut(volume, "rbd") {
        default_zero(rbd, "pool", "rbd");
        default_zero(rbd, "user", "admin");
        default_zero(rbd, "keyring", "/etc/ceph/keyring");
    }
    if let Some(disk) = object_mut(volume, "azureDisk") {
        default(disk, "cachingMode", "ReadWrite");
        default(disk, "kind", "Shared");
        default(disk, "fsType", "ext4");
        default(disk, "readOnly", false);
    }
    if let Some(scale) = object_mut(volume, "scaleIO") {
        default_zero(scale, "storageMode", "ThinProvisioned");
        default_zero(scale, "fsType", "xfs");
    }
    let claim = object_mut(volume, "ephemeral").and_then(|e| object_mut(e, "volumeClaimTemplate"));
    if let Some(template) = claim {
        ensure(template, "metadata");
        default(ensure(template, "spec"), "volumeMode", "Filesystem");
    }
}

fn has_source(volume: &Value) -> bool {
    volume.as_object().is_some_and(|m| m.iter().any(|(k, v)| k != "name" && !v.is_null()))
}

/// With the node's network a port of a container is a port of the node.
fn host_ports(spec: &mut Value) {
    for key in ["containers", "initContainers"] {
        for container in items_mut(spec, key) {
            for port in items_mut(container, "ports") {
                if let Some(n) = int(port, "containerPort") {
                    default_zero(port, "hostPort", n);
                }
            }
        }
    }
}

/// A limit without a request is a request too (Pods only; templates keep what was written).
fn requests_from_limits(spec: &mut Value) {
    for key in ["containers", "initContainers"] {
        for container in items_mut(spec, key) {
            if let Some(resources) = object_mut(container, "resources") {
                copy_limits(resources, |_| true);
            }
        }
    }
}

fn copy_limits(resources: &mut Value, wanted: impl Fn(&str) -> bool) {
    let limits: Vec<(String, Value)> =
        entries(resources, "limits").map(|(k, v)| (k.clone(), v.clone())).collect();
    if limits.is_empty() {
        return;
    }
    for (key, value) in limits {
        if wanted(&key) {
            default(ensure(resources, "requests"), &key, value);
        }
    }
}

/// Pod-level limits become pod-level requests: what the containers ask for together, else the limit.
fn pod_level_resources(spec: &mut Value) {
    let containers: Vec<Value> = items(spec, "containers").to_vec();
    let sum = |key: &str| -> Option<Quantity> {
        containers
            .iter()
            .filter_map(|c| c.get("resources")?.get("requests")?.get(key)?.as_str())
            .filter_map(|q| Quantity::parse(q).ok())
            .reduce(Quantity::plus)
    };
    let Some(resources) = object_mut(spec, "resources") else { return };
    let limits: Vec<String> = entries(resources, "limits").map(|(k, _)| k.clone()).collect();
    for key in limits.iter().filter(|k| matches!(k.as_str(), "cpu" | "memory")) {
        if let Some(asked) = sum(key) {
            default(ensure(resources, "requests"), key, asked.to_string());
        }
    }
    copy_limits(resources, |key| matches!(key, "cpu" | "memory") || key.starts_with("hugepages-"));
}
