//! Rows of nodes, namespaces, configuration and other kinds that make no pods.

use std::collections::BTreeSet;

use podplay_api::Timestamp;
use serde_json::Value;

use super::age;
use crate::json::{at, condition, fields, flag, has, int, items, name, plain, text, text_or};

pub(super) fn node(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut status = match condition(object, "Ready") {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if flag(object, "spec.unschedulable") {
        status += ",SchedulingDisabled";
    }
    let info = |path: &str| text_or(object, path, "<unknown>").into();
    vec![
        name(object).into(),
        status.into(),
        node_roles(object).into(),
        age(object, now),
        text(object, "status.nodeInfo.kubeletVersion").into(),
        node_address(object, "InternalIP").into(),
        node_address(object, "ExternalIP").into(),
        info("status.nodeInfo.osImage"),
        kernel(object).into(),
        info("status.nodeInfo.containerRuntimeVersion"),
    ]
}

/// `6.1.0 (amd64)`.
fn kernel(object: &Value) -> String {
    let version = text_or(object, "status.nodeInfo.kernelVersion", "<unknown>");
    match text(object, "status.nodeInfo.architecture") {
        "" => version.to_owned(),
        architecture => format!("{version} ({architecture})"),
    }
}

fn node_address<'a>(object: &'a Value, kind: &str) -> &'a str {
    let found =
        items(object, "status.addresses").iter().find(|address| text(address, "type") == kind);
    found.map_or("<none>", |address| text(address, "address"))
}

/// The roles that a node's labels give it, `<none>` if they give none.
pub(crate) fn node_roles(object: &Value) -> String {
    let role =
        |(key, value): (&str, &Value)| match (key.strip_prefix("node-role.kubernetes.io/"), key) {
            (Some(role), _) if !role.is_empty() => Some(role.to_owned()),
            (None, "kubernetes.io/role") => Some(plain(value)).filter(|role| !role.is_empty()),
            _ => None,
        };
    let roles: BTreeSet<String> = fields(object, "metadata.labels").filter_map(role).collect();
    crate::labels::none_if_empty(roles.into_iter().collect::<Vec<_>>().join(","))
}

pub(super) fn namespace(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object).into(), text(object, "status.phase").into(), age(object, now)]
}

pub(super) fn config_map(object: &Value, now: Timestamp) -> Vec<Value> {
    let entries = fields(object, "data").count() + fields(object, "binaryData").count();
    vec![name(object).into(), entries.into(), age(object, now)]
}

pub(super) fn secret(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(object).into(),
        text(object, "type").into(),
        fields(object, "data").count().into(),
        age(object, now),
    ]
}

pub(super) fn priority_class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(object).into(),
        int(object, "value").into(),
        flag(object, "globalDefault").into(),
        age(object, now),
        text_or(object, "preemptionPolicy", "PreemptLowerPriority").into(),
    ]
}

pub(super) fn runtime_class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object).into(), text(object, "handler").into(), age(object, now)]
}

/// `pods: 1/3, requests.cpu: 0/1`, and what begins with `limits.` in a column of its own.
pub(super) fn resource_quota(object: &Value, now: Timestamp) -> Vec<Value> {
    let used = at(object, "status.used");
    let cell = |limits: bool| {
        let shown: Vec<String> = fields(object, "status.hard")
            .filter(|(resource, _)| resource.starts_with("limits.") == limits)
            .map(|(resource, hard)| {
                let used = used.get(resource).map_or_else(|| "0".to_owned(), plain);
                format!("{resource}: {used}/{}", plain(hard))
            })
            .collect();
        Value::from(shown.join(", "))
    };
    vec![name(object).into(), cell(false), cell(true), age(object, now)]
}

pub(super) fn limit_range(object: &Value) -> Vec<Value> {
    vec![name(object).into(), text(object, "metadata.creationTimestamp").into()]
}

pub(super) fn lease(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object).into(), text(object, "spec.holderIdentity").into(), age(object, now)]
}

fn phase(object: &Value) -> &str {
    if has(object, "metadata.deletionTimestamp") {
        "Terminating"
    } else {
        text(object, "status.phase")
    }
}

fn modes(object: &Value, path: &str) -> String {
    let modes: Vec<&str> =
        items(object, path).iter().filter_map(Value::as_str).map(short_mode).collect();
    modes.join(",")
}

pub(super) fn volume(object: &Value, now: Timestamp) -> Vec<Value> {
    let claim = if has(object, "spec.claimRef") {
        let part = |key: &str| text(object, key);
        format!("{}/{}", part("spec.claimRef.namespace"), part("spec.claimRef.name"))
    } else {
        String::new()
    };
    vec![
        name(object).into(),
        text(object, "spec.capacity.storage").into(),
        modes(object, "spec.accessModes").into(),
        text(object, "spec.persistentVolumeReclaimPolicy").into(),
        phase(object).into(),
        claim.into(),
        text(object, "spec.storageClassName").into(),
        text_or(object, "spec.volumeAttributesClassName", "<unset>").into(),
        text(object, "status.reason").into(),
        age(object, now),
        text_or(object, "spec.volumeMode", "<unset>").into(),
    ]
}

pub(super) fn volume_claim(object: &Value, now: Timestamp) -> Vec<Value> {
    let bound = has(object, "spec.volumeName");
    let capacity = if bound { text(object, "status.capacity.storage") } else { "" };
    vec![
        name(object).into(),
        phase(object).into(),
        text(object, "spec.volumeName").into(),
        capacity.into(),
        if bound { modes(object, "status.accessModes") } else { String::new() }.into(),
        text(object, "spec.storageClassName").into(),
        text_or(object, "spec.volumeAttributesClassName", "<unset>").into(),
        age(object, now),
        text_or(object, "spec.volumeMode", "<unset>").into(),
    ]
}

fn short_mode(mode: &str) -> &str {
    match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    }
}
