//! Volumes and claims for storage.
//!
//! Models `ValidateVolumes`, `validateVolumeSource` and `ValidatePersistentVolumeClaimSpec`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, no_steps_up, one_of, required, unreserved_path};
use super::env;
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use super::projected;
use super::resources;
use crate::quantity::Quantity;
use crate::value::{Seen, filled, get, int, items, text};

const MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";
/// Access modes of claims and volumes.
pub(super) const ACCESS_MODES: &[&str] =
    &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// Sources in the order in which the server looks at them, with the fields they need.
const SOURCES: &[(&str, &[&str])] = &[
    ("emptyDir", &[]),
    ("hostPath", &["path"]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &["registry", "volume"]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &["volumeClaimTemplate"]),
    ("image", &["reference"]),
];

const HOST_PATH_TYPES: &[&str] = &[
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
];

/// `spec.volumes`; the answer is the names of those that are in order.
pub(super) fn volumes(spec: &Value, path: &str, errors: &mut Errors) -> Seen {
    let mut good = Seen::default();
    for (i, volume) in items(spec, "volumes").iter().enumerate() {
        let path = nth(path, i);
        let before = errors.len();
        source(volume, &path, errors);
        let name = text(volume, "name");
        if required(volume, "name", &path, errors) {
            check_text(name, names::label, &sub(&path, "name"), errors);
        }
        if good.contains(name) {
            errors.duplicate(&sub(&path, "name"), name);
        }
        if errors.len() == before {
            good.insert(name);
        }
    }
    good
}

fn source(volume: &Value, path: &str, errors: &mut Errors) {
    let mut found = 0;
    for (kind, needs) in SOURCES {
        let Some(source) = get(volume, kind) else { continue };
        let path = sub(path, kind);
        if found > 0 {
            errors.forbidden(&path, "may not specify more than 1 volume type");
            continue;
        }
        found += 1;
        for need in *needs {
            required(source, need, &path, errors);
        }
        one_source(kind, source, &path, errors);
    }
    if found == 0 {
        errors.required(path, "must specify a volume type");
    }
}

fn one_source(kind: &str, source: &Value, path: &str, errors: &mut Errors) {
    match kind {
        "emptyDir" => {
            let size = get(source, "sizeLimit").and_then(Value::as_str).unwrap_or_default();
            if Quantity::parse(size).is_ok_and(|q| q < Quantity::ZERO) {
                let detail = "SizeLimit field must be a valid resource quantity";
                errors.forbidden(&sub(path, "sizeLimit"), detail);
            }
        }
        "hostPath" => {
            no_steps_up(text(source, "path"), &sub(path, "path"), errors);
            one_of(source, "type", HOST_PATH_TYPES, path, errors);
        }
        "gitRepo" => unreserved_path(text(source, "directory"), &sub(path, "directory"), errors),
        "secret" | "configMap" => {
            mode(source, "defaultMode", path, errors);
            keys(source, path, errors);
        }
        "nfs" => {
            let target = text(source, "path");
            if !target.is_empty() && !target.starts_with('/') {
                let detail = "must be an absolute path";
                errors.invalid_text(&sub(path, "path"), target, detail);
            }
        }
        "downwardAPI" => {
            mode(source, "defaultMode", path, errors);
            downward_items(source, path, errors);
        }
        "projected" => {
            mode(source, "defaultMode", path, errors);
            projected::sources(source, path, errors);
        }
        "ephemeral" => {
            if let Some(spec) = get(source, "volumeClaimTemplate").and_then(|t| get(t, "spec")) {
                claim_spec(spec, &sub(path, "volumeClaimTemplate.spec"), errors);
            }
        }
        "image" => one_of(source, "pullPolicy", &["Always", "IfNotPresent", "Never"], path, errors),
        _ => {}
    }
}

fn mode(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    if let Some(n) = int(of, key).filter(|n| !(0..=0o777).contains(n)) {
        errors.invalid_number(&sub(path, key), n, MODE);
    }
}

/// The keys that are shown, each at a path of its own.
pub(super) fn keys(source: &Value, path: &str, errors: &mut Errors) {
    for (i, item) in items(source, "items").iter().enumerate() {
        let path = nth(sub(path, "items"), i);
        required(item, "key", &path, errors);
        required(item, "path", &path, errors);
        unreserved_path(text(item, "path"), &sub(&path, "path"), errors);
        mode(item, "mode", &path, errors);
    }
}

/// Files that show fields of the pod.
pub(super) fn downward_items(source: &Value, path: &str, errors: &mut Errors) {
    for item in items(source, "items") {
        required(item, "path", path, errors);
        unreserved_path(text(item, "path"), &sub(path, "path"), errors);
        match (get(item, "fieldRef"), get(item, "resourceFieldRef")) {
            (Some(field), other) => {
                env::field(field, env::VOLUME_FIELDS, &sub(path, "fieldRef"), errors);
                if other.is_some() {
                    let detail =
                        "fieldRef and resourceFieldRef can not be specified simultaneously";
                    errors.invalid_text(path, "resource", detail);
                }
            }
            (None, Some(resource)) => {
                env::resource(resource, true, &sub(path, "resourceFieldRef"), errors);
            }
            (None, None) => {
                let detail = "one of fieldRef and resourceFieldRef is required";
                errors.required(path, detail);
            }
        }
        mode(item, "mode", path, errors);
    }
}

/// The spec of a claim, alone or in a template.
pub(super) fn claim_spec(spec: &Value, path: &str, errors: &mut Errors) {
    access_modes(spec, path, errors);
    resources::storage(spec, path, errors);
    let class = text(spec, "storageClassName");
    if !class.is_empty() {
        check_text(class, names::subdomain, &sub(path, "storageClassName"), errors);
    }
    one_of(spec, "volumeMode", &["Block", "Filesystem"], path, errors);
}

/// The access modes of a claim or a volume.
pub(super) fn access_modes(spec: &Value, path: &str, errors: &mut Errors) {
    let path = sub(path, "accessModes");
    let modes = items(spec, "accessModes");
    if modes.is_empty() {
        errors.required(&path, "at least 1 access mode is required");
    }
    for mode in modes.iter().filter_map(Value::as_str) {
        if !ACCESS_MODES.contains(&mode) {
            errors.not_supported(&path, mode, ACCESS_MODES);
        }
    }
    if modes.len() > 1 && modes.iter().any(|m| m == "ReadWriteOncePod") {
        let detail = "may not use ReadWriteOncePod with other access modes";
        errors.forbidden(&path, detail);
    }
}

/// A volume of the cluster: exactly one source, a size, modes.
pub(super) fn persistent_volume(object: &Value, errors: &mut Errors) {
    let empty = Value::Null;
    let spec = get(object, "spec").unwrap_or(&empty);
    access_modes(spec, "spec", errors);
    if !filled(spec, "capacity") {
        errors.required("spec.capacity", "");
    }
    let mut found = 0;
    for (kind, needs) in SOURCES.iter().chain(&[("local", &["path"] as &[&str])]) {
        let Some(source) = get(spec, kind) else { continue };
        let path = format!("spec.{kind}");
        if found > 0 {
            errors.forbidden(&path, "may not specify more than 1 volume type");
            continue;
        }
        found += 1;
        for need in *needs {
            required(source, need, &path, errors);
        }
        if *kind == "hostPath" {
            one_source(kind, source, &path, errors);
        }
    }
    if found == 0 {
        errors.required("spec", "must specify a volume type");
    }
    let policies = ["Delete", "Recycle", "Retain"];
    one_of(spec, "persistentVolumeReclaimPolicy", &policies, "spec", errors);
}
