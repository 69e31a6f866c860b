//! Containers: names, images, ports, mounts, policies.
//!
//! Models `validateContainers`, `validateInitContainers` and `validateContainerCommon`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, descending_path, one_of, required};
use super::env;
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use super::probe;
use super::resources;
use super::security;
use crate::value::{Seen, filled, get, int, items, text, truth};

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
const RESTART_POLICIES: &[&str] = &["Always", "Never", "OnFailure"];

/// What containers have to know about their pod.
pub(super) struct Pod<'a> {
    pub(super) spec: &'a Value,
    /// Names of the volumes that are in order.
    pub(super) volumes: Seen,
    /// Grace period in seconds.
    pub(super) grace: i64,
}

/// `spec.containers`.
pub(super) fn containers(pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let list = items(pod.spec, "containers");
    if list.is_empty() {
        errors.required(path, "");
        return;
    }
    let mut names = Seen::default();
    for (i, container) in list.iter().enumerate() {
        let path = nth(path, i);
        common(container, pod, &path, errors);
        let name = text(container, "name");
        if !names.insert(name) {
            errors.duplicate(&sub(&path, "name"), name);
        }
        probe::probes_and_hooks(container, pod.grace, &path, errors);
        restart_policy(container, &path, errors);
    }
    let mut taken = Seen::default();
    for (i, container) in list.iter().enumerate() {
        host_ports(container, &nth(path, i), &mut taken, errors);
    }
}

/// `spec.initContainers`.
pub(super) fn init_containers(pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let mut names = Seen::default();
    for container in items(pod.spec, "containers") {
        names.insert(text(container, "name"));
    }
    for (i, container) in items(pod.spec, "initContainers").iter().enumerate() {
        let path = nth(path, i);
        common(container, pod, &path, errors);
        restart_policy(container, &path, errors);
        let name = text(container, "name");
        if names.contains(name) && !name.is_empty() {
            errors.duplicate(&sub(&path, "name"), name);
        } else {
            names.insert(name);
        }
        host_ports(container, &path, &mut Seen::default(), errors);
        if text(container, "restartPolicy") == "Always" {
            probe::probes_and_hooks(container, pod.grace, &path, errors);
            continue;
        }
        for key in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if get(container, key).is_some() {
                let detail = "may not be set for init containers without restartPolicy=Always";
                errors.forbidden(&sub(&path, key), detail);
            }
        }
    }
}

fn common(container: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    if required(container, "name", path, errors) {
        check_text(text(container, "name"), names::label, &sub(path, "name"), errors);
    }
    let image = text(container, "image");
    if required(container, "image", path, errors) && image.trim() != image {
        let detail = "must not have leading or trailing whitespace";
        errors.invalid_text(&sub(path, "image"), image, detail);
    }
    let policies = ["File", "FallbackToLogsOnError"];
    if required(container, "terminationMessagePolicy", path, errors) {
        one_of(container, "terminationMessagePolicy", &policies, path, errors);
    }
    ports(container, &sub(path, "ports"), errors);
    env::variables(container, pod, &sub(path, "env"), errors);
    env::sources(container, &sub(path, "envFrom"), errors);
    mounts(container, pod, path, errors);
    devices(container, pod, &sub(path, "volumeDevices"), errors);
    if required(container, "imagePullPolicy", path, errors) {
        one_of(container, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], path, errors);
    }
    if let Some(of) = get(container, "resources") {
        resources::container(of, pod.spec, &sub(path, "resources"), errors);
    }
    resize_policy(container, pod, &sub(path, "resizePolicy"), errors);
    if let Some(context) = get(container, "securityContext") {
        security::container(context, pod.spec, &sub(path, "securityContext"), errors);
    }
}

fn ports(container: &Value, path: &str, errors: &mut Errors) {
    let mut names = Seen::default();
    for (i, port) in items(container, "ports").iter().enumerate() {
        let path = nth(path, i);
        let name = text(port, "name");
        if !name.is_empty() {
            let before = errors.len();
            check_text(name, names::port_name, &sub(&path, "name"), errors);
            if before == errors.len() && !names.insert(name) {
                errors.duplicate(&sub(&path, "name"), name);
            }
        }
        match int(port, "containerPort").unwrap_or(0) {
            0 => errors.required(&sub(&path, "containerPort"), ""),
            n => port_in_range(n, &sub(&path, "containerPort"), errors),
        }
        let host_port = int(port, "hostPort").unwrap_or(0);
        if host_port != 0 {
            port_in_range(host_port, &sub(&path, "hostPort"), errors);
        }
        one_of(port, "protocol", PROTOCOLS, &path, errors);
    }
}

fn port_in_range(port: i64, path: &str, errors: &mut Errors) {
    for message in names::port_number(port) {
        errors.invalid_number(path, port, &message);
    }
}

fn host_ports(container: &Value, path: &str, taken: &mut Seen, errors: &mut Errors) {
    for (i, port) in items(container, "ports").iter().enumerate() {
        let host_port = int(port, "hostPort").unwrap_or(0);
        if host_port == 0 {
            continue;
        }
        let key = format!("{}/{}/{host_port}", text(port, "protocol"), text(port, "hostIP"));
        if taken.contains(&key) {
            errors.duplicate(&sub(nth(sub(path, "ports"), i), "hostPort"), &key);
        }
        taken.insert(&key);
    }
}

fn mounts(container: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let list_path = sub(path, "volumeMounts");
    let mut points = Seen::default();
    let (mut device_names, mut device_paths) = (Seen::default(), Seen::default());
    for device in items(container, "volumeDevices") {
        device_names.insert(text(device, "name"));
        device_paths.insert(text(device, "devicePath"));
    }
    for (i, mount) in items(container, "volumeMounts").iter().enumerate() {
        let path = nth(&list_path, i);
        required(mount, "name", &path, errors);
        let name = text(mount, "name");
        if !pod.volumes.contains(name) {
            errors.not_found(&sub(&path, "name"), name, "");
        }
        required(mount, "mountPath", &path, errors);
        let point = text(mount, "mountPath");
        if !points.insert(point) {
            errors.invalid_text(&sub(&path, "mountPath"), point, "must be unique");
        }
        if device_names.contains(name) {
            let detail = "must not already exist in volumeDevices";
            errors.invalid_text(&sub(&path, "name"), name, detail);
        }
        if device_paths.contains(point) {
            let detail = "must not already exist as a path in volumeDevices";
            errors.invalid_text(&sub(&path, "mountPath"), point, detail);
        }
        sub_paths(mount, &path, &list_path, errors);
        propagation(mount, container, &list_path, errors);
        recursive_read_only(mount, &path, errors);
    }
}

fn sub_paths(mount: &Value, path: &str, list_path: &str, errors: &mut Errors) {
    let (plain, expression) = (text(mount, "subPath"), text(mount, "subPathExpr"));
    if !plain.is_empty() {
        descending_path(plain, &sub(list_path, "subPath"), errors);
    }
    if !expression.is_empty() {
        if !plain.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid_text(&sub(path, "subPathExpr"), expression, detail);
        }
        descending_path(expression, &sub(list_path, "subPathExpr"), errors);
    }
}

fn propagation(mount: &Value, container: &Value, path: &str, errors: &mut Errors) {
    let modes = ["Bidirectional", "HostToContainer", "None"];
    one_of(mount, "mountPropagation", &modes, path, errors);
    let privileged = get(container, "securityContext").is_some_and(|c| truth(c, "privileged"));
    if text(mount, "mountPropagation") == "Bidirectional" && !privileged {
        let detail = "Bidirectional mount propagation is available only to privileged containers";
        errors.forbidden(&sub(path, "mountPropagation"), detail);
    }
}

fn recursive_read_only(mount: &Value, path: &str, errors: &mut Errors) {
    let mode = text(mount, "recursiveReadOnly");
    let field = sub(path, "recursiveReadOnly");
    match mode {
        "" | "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !truth(mount, "readOnly") {
                errors.forbidden(&field, "may only be specified when readOnly is true");
            }
            if !matches!(text(mount, "mountPropagation"), "" | "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                errors.forbidden(&field, detail);
            }
        }
        other => errors.not_supported(&field, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

fn devices(container: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let mut paths = Seen::default();
    let mut names = Seen::default();
    let devices = items(container, "volumeDevices");
    let claims = if devices.is_empty() { Seen::default() } else { claimed(pod.spec) };
    for (i, device) in items(container, "volumeDevices").iter().enumerate() {
        let path = nth(path, i);
        let (name, device_path) = (text(device, "name"), text(device, "devicePath"));
        required(device, "name", &path, errors);
        if !names.insert(name) {
            errors.invalid_text(&sub(&path, "name"), name, "must be unique");
        }
        if !pod.volumes.contains(name) {
            errors.not_found(&sub(&path, "name"), name, "");
        } else if !claims.contains(name) {
            let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
            errors.invalid_text(&sub(&path, "name"), name, detail);
        }
        required(device, "devicePath", &path, errors);
        if !paths.insert(device_path) {
            let detail = "must be unique";
            errors.invalid_text(&sub(&path, "devicePath"), device_path, detail);
        }
    }
}

/// Names of the volumes that are claims for storage.
fn claimed(spec: &Value) -> Seen {
    let mut names = Seen::default();
    for volume in items(spec, "volumes") {
        if get(volume, "persistentVolumeClaim").is_some() || get(volume, "ephemeral").is_some() {
            names.insert(text(volume, "name"));
        }
    }
    names
}

fn resize_policy(container: &Value, pod: &Pod<'_>, path: &str, errors: &mut Errors) {
    let mut seen = Seen::default();
    for policy in items(container, "resizePolicy") {
        let resource = text(policy, "resourceName");
        match resource {
            "" => errors.required(path, ""),
            "cpu" | "memory" => {}
            other => errors.not_supported(path, other, &["cpu", "memory"]),
        }
        if !seen.insert(resource) {
            errors.duplicate(path, resource);
        }
        match text(policy, "restartPolicy") {
            "NotRequired" => {}
            "RestartContainer" => {
                if text(pod.spec, "restartPolicy") == "Never" {
                    let detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
                    errors.invalid_text(path, "RestartContainer", detail);
                }
            }
            "" if resource.is_empty() => {}
            "" => errors.required(path, ""),
            other => {
                let known = ["NotRequired", "RestartContainer"];
                errors.not_supported(path, other, &known);
            }
        }
    }
}

/// A container's own restart policy, and its rules by exit code.
fn restart_policy(container: &Value, path: &str, errors: &mut Errors) {
    let policy = get(container, "restartPolicy");
    if let Some(value) = policy {
        let value = value.as_str().unwrap_or_default();
        if !RESTART_POLICIES.contains(&value) {
            let path = sub(path, "restartPolicy");
            errors.not_supported(&path, value, RESTART_POLICIES);
        }
    }
    let rules = items(container, "restartPolicyRules");
    if !rules.is_empty() && policy.is_none() {
        let detail = "must specify restartPolicy when restart rules are used";
        errors.required(&sub(path, "restartPolicy"), detail);
    }
    let path = sub(path, "restartPolicyRules");
    if rules.len() > 20 {
        errors.too_many(&path, rules.len(), 20);
    }
    for (i, rule) in rules.iter().enumerate() {
        restart_rule(rule, &nth(&path, i), errors);
    }
}

fn restart_rule(rule: &Value, path: &str, errors: &mut Errors) {
    let action = text(rule, "action");
    let actions = ["Restart", "RestartAllContainers"];
    if !actions.contains(&action) {
        errors.not_supported(&sub(path, "action"), action, &actions);
    }
    let path = sub(path, "exitCodes");
    let Some(codes) = get(rule, "exitCodes") else {
        errors.required(&path, "must be specified");
        return;
    };
    let operator = text(codes, "operator");
    if !matches!(operator, "In" | "NotIn") {
        errors.not_supported(&sub(&path, "operator"), operator, &["In", "NotIn"]);
    }
    let values = items(codes, "values").len();
    if values > 255 {
        errors.too_many(&sub(&path, "values"), values, 255);
    }
}

/// `hostNetwork: true` makes ports of containers ports of the node.
pub(super) fn host_network_ports(spec: &Value, path: &str, errors: &mut Errors) {
    for key in ["containers"] {
        for (c, container) in items(spec, key).iter().enumerate() {
            for (i, port) in items(container, "ports").iter().enumerate() {
                let (host, own) =
                    (int(port, "hostPort").unwrap_or(0), int(port, "containerPort").unwrap_or(0));
                if host != own {
                    let path = format!("{path}.{key}[{c}].ports[{i}].hostPort");
                    let detail = "must match `containerPort` when `hostNetwork` is true";
                    errors.invalid_number(&path, host, detail);
                }
            }
        }
    }
}

/// Ephemeral containers of an existing pod.
pub(super) fn has_ephemeral(spec: &Value) -> bool {
    filled(spec, "ephemeralContainers")
}
