//! Which fields have an effect in a run, and which are accepted and ignored.

use serde_json::Value;

use crate::schema::{self, Shape, Table, Type};

/// Fields without effect: `(type, field)`.
const INERT: &[(&str, &str)] = &[
    ("PodSpec", "ephemeralContainers"),
    ("PodSpec", "hostIPC"),
    ("PodSpec", "hostPID"),
    ("PodSpec", "hostUsers"),
    ("PodSpec", "os"),
    ("PodSpec", "resourceClaims"),
    ("PodSpec", "runtimeClassName"),
    ("PodSecurityContext", "appArmorProfile"),
    ("PodSecurityContext", "fsGroupChangePolicy"),
    ("PodSecurityContext", "seLinuxChangePolicy"),
    ("PodSecurityContext", "seLinuxOptions"),
    ("PodSecurityContext", "seccompProfile"),
    ("PodSecurityContext", "supplementalGroupsPolicy"),
    ("PodSecurityContext", "sysctls"),
    ("PodSecurityContext", "windowsOptions"),
    ("SecurityContext", "allowPrivilegeEscalation"),
    ("SecurityContext", "appArmorProfile"),
    ("SecurityContext", "capabilities"),
    ("SecurityContext", "privileged"),
    ("SecurityContext", "procMount"),
    ("SecurityContext", "seLinuxOptions"),
    ("SecurityContext", "seccompProfile"),
    ("SecurityContext", "windowsOptions"),
    ("Container", "tty"),
    ("Container", "volumeDevices"),
    ("VolumeMount", "mountPropagation"),
    ("VolumeMount", "recursiveReadOnly"),
    ("ServiceSpec", "externalIPs"),
    ("ServiceSpec", "externalTrafficPolicy"),
    ("ServiceSpec", "loadBalancerClass"),
    ("ServiceSpec", "loadBalancerIP"),
    ("ServiceSpec", "loadBalancerSourceRanges"),
    ("ServiceSpec", "trafficDistribution"),
];

/// Volume sources whose content nobody can know; they are mounted empty.
const INERT_VOLUMES: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "image",
    "iscsi",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];

/// The paths of written fields that have no effect.
#[must_use]
pub(crate) fn inert_fields(api_version: &str, kind: &str, object: &Value) -> Vec<String> {
    let table = schema::table();
    let mut out = Vec::new();
    if let Some(root) = table.kind(api_version, kind) {
        walk(table, root, object, &mut String::new(), &mut out);
    }
    out
}

fn is_inert(of: &Type, field: &str, value: &Value) -> bool {
    let owner = of.short();
    INERT.iter().any(|(o, f)| *o == owner && *f == field)
        || (owner == "Volume" && INERT_VOLUMES.contains(&field))
        || (owner == "CronJobSpec" && field == "timeZone" && unknown_zone(value))
}

/// Zones that are not known count as UTC.
fn unknown_zone(value: &Value) -> bool {
    value.as_str().is_some_and(|zone| podplay_api::Zone::named(zone).is_none())
}

fn walk(
    table: &'static Table,
    of: &'static Type,
    value: &Value,
    path: &mut String,
    out: &mut Vec<String>,
) {
    for (key, item) in value.as_object().into_iter().flatten() {
        let Some(field) = of.field(key) else { continue };
        let keep = path.len();
        crate::yaml::push_key(path, key);
        if !item.is_null() && is_inert(of, key, item) {
            out.push(path.clone());
        } else {
            walk_shape(table, &field.shape, item, path, out);
        }
        path.truncate(keep);
    }
}

fn walk_shape(
    table: &'static Table,
    shape: &'static Shape,
    value: &Value,
    path: &mut String,
    out: &mut Vec<String>,
) {
    match (shape, value) {
        (Shape::Object(id), _) => {
            if let Some(of) = table.get(*id) {
                walk(table, of, value, path, out);
            }
        }
        (Shape::List(inner), Value::Array(items)) => {
            for (i, item) in items.iter().enumerate() {
                let keep = path.len();
                path.push_str(&format!("[{i}]"));
                walk_shape(table, inner, item, path, out);
                path.truncate(keep);
            }
        }
        _ => {}
    }
}
