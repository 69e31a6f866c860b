//! The normal form of stored objects: canonical quantities, no empty optional fields.

use serde_json::Value;

use crate::quantity::Quantity;
use crate::schema::{Shape, Table, Type, table};
use crate::yaml::gofmt;

/// Booleans that are pointers in Go, so that `false` is kept.
const KEPT_FALSE: &[&str] = &[
    "allocateLoadBalancerNodePorts",
    "allowPrivilegeEscalation",
    "allowVolumeExpansion",
    "automountServiceAccountToken",
    "blockOwnerDeletion",
    "controller",
    "enableServiceLinks",
    "hostProcess",
    "hostUsers",
    "immutable",
    "manualSelector",
    "optional",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsNonRoot",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "suspend",
];

/// Numbers that are no pointers in Go and are left out when zero.
const DROPPED_ZERO: &[(&str, &str)] = &[
    ("Probe", "initialDelaySeconds"),
    ("Probe", "timeoutSeconds"),
    ("Probe", "periodSeconds"),
    ("Probe", "successThreshold"),
    ("Probe", "failureThreshold"),
    ("ContainerPort", "hostPort"),
    ("ServicePort", "nodePort"),
    ("DeploymentSpec", "minReadySeconds"),
    ("ReplicaSetSpec", "minReadySeconds"),
    ("ReplicationControllerSpec", "minReadySeconds"),
    ("StatefulSetSpec", "minReadySeconds"),
    ("DaemonSetSpec", "minReadySeconds"),
    ("ServiceSpec", "healthCheckNodePort"),
];

/// Texts that are written even when empty (no `omitempty`, or a pointer).
const KEPT_EMPTY: &[(&str, &str)] = &[
    ("Container", "name"),
    ("Container", "restartPolicy"),
    ("CronJobSpec", "timeZone"),
    ("PodSpec", "runtimeClassName"),
    ("ContainerPort", "containerPort"),
    ("EnvVar", "name"),
    ("Volume", "name"),
    ("VolumeMount", "name"),
    ("VolumeMount", "mountPath"),
    ("KeyToPath", "key"),
    ("KeyToPath", "path"),
    ("HTTPHeader", "name"),
    ("HTTPHeader", "value"),
    ("HostPathVolumeSource", "path"),
    ("HostPathVolumeSource", "type"),
    ("ConfigMapKeySelector", "key"),
    ("SecretKeySelector", "key"),
    ("PersistentVolumeClaimSpec", "storageClassName"),
    ("PersistentVolumeClaimVolumeSource", "claimName"),
    ("GRPCAction", "service"),
    ("Subject", "name"),
    ("RoleRef", "apiGroup"),
    ("RoleRef", "name"),
    ("CronJobSpec", "schedule"),
    ("StatefulSetSpec", "serviceName"),
];

/// Lists and maps that are written even when empty: pointers to structs come back as `{}`.
const KEPT_OBJECT: bool = true;

/// Rewrites quantities to canonical text and numbers to the form that Go stores.
pub(super) fn canonical(object: &mut Value, version: &str, kind: &str) {
    let table = table();
    if let Some(root) = table.kind(version, kind) {
        rewrite(table, root, object);
    }
}

fn rewrite(table: &'static Table, of: &'static Type, value: &mut Value) {
    let Value::Object(map) = value else { return };
    map.retain(|_, v| !v.is_null());
    for (key, item) in map.iter_mut() {
        if let Some(field) = of.field(key) {
            rewrite_shape(table, &field.shape, item);
        }
    }
}

fn rewrite_shape(table: &'static Table, shape: &'static Shape, value: &mut Value) {
    match shape {
        Shape::Object(id) => {
            if let Some(of) = table.get(*id) {
                rewrite(table, of, value);
            }
        }
        Shape::List(inner) => {
            for item in value.as_array_mut().into_iter().flatten() {
                // A null item of a list is the zero value of its type.
                if item.is_null() {
                    *item = zero(inner);
                }
                rewrite_shape(table, inner, item);
            }
        }
        Shape::Map(inner) => {
            for (_, item) in value.as_object_mut().into_iter().flatten() {
                if item.is_null() {
                    *item = zero(inner);
                }
                rewrite_shape(table, inner, item);
                round(item, inner);
            }
        }
        Shape::Quantity => {
            let text = match &*value {
                Value::String(s) => s.clone(),
                Value::Number(n) => gofmt::number_text(n),
                _ => return,
            };
            if let Ok(q) = Quantity::parse(text.trim()) {
                *value = Value::String(q.to_string());
            }
        }
        _ => {}
    }
}

/// Lists of resources hold nothing finer than thousandths.
fn round(value: &mut Value, shape: &Shape) {
    if *shape != Shape::Quantity {
        return;
    }
    if let Ok(q) = Quantity::parse(value.as_str().unwrap_or_default()) {
        *value = Value::String(q.round_up_milli().to_string());
    }
}

fn zero(shape: &Shape) -> Value {
    match shape {
        Shape::Object(_) => Value::Object(serde_json::Map::new()),
        Shape::Text(_) | Shape::Enum(..) => Value::String(String::new()),
        Shape::Quantity => Value::String("0".to_owned()),
        Shape::Int32 | Shape::Int64 => Value::from(0),
        Shape::Bool => Value::Bool(false),
        _ => Value::Null,
    }
}

/// Leaves out what `omitempty` leaves out, and fields that the type does not have.
pub(super) fn trim(object: &mut Value, version: &str, kind: &str) {
    let table = table();
    if let Some(root) = table.kind(version, kind) {
        trim_object(table, root, object);
    }
}

fn trim_object(table: &'static Table, of: &'static Type, value: &mut Value) {
    let Value::Object(map) = value else { return };
    for (key, item) in map.iter_mut() {
        if let Some(field) = of.field(key) {
            trim_shape(table, &field.shape, item);
        }
    }
    map.retain(|key, item| of.field(key).is_some_and(|f| kept(of.short(), key, &f.shape, item)));
}

fn trim_shape(table: &'static Table, shape: &'static Shape, value: &mut Value) {
    match shape {
        Shape::Object(id) => {
            if let Some(of) = table.get(*id) {
                trim_object(table, of, value);
            }
        }
        Shape::List(inner) => {
            value.as_array_mut().into_iter().flatten().for_each(|v| trim_shape(table, inner, v));
        }
        Shape::Map(inner) => {
            let map = value.as_object_mut();
            map.into_iter().flatten().for_each(|(_, v)| trim_shape(table, inner, v));
        }
        _ => {}
    }
}

fn kept(owner: &str, key: &str, shape: &Shape, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(false) => KEPT_FALSE.contains(&key),
        Value::Number(n) if n.as_i64() == Some(0) => {
            !DROPPED_ZERO.iter().any(|(o, k)| *o == owner && *k == key)
        }
        Value::String(s) if s.is_empty() => {
            matches!(shape, Shape::IntOrString | Shape::Any)
                || KEPT_EMPTY.iter().any(|(o, k)| *o == owner && *k == key)
        }
        Value::Array(items) => !items.is_empty() || owner == "Role" || owner == "ClusterRole",
        Value::Object(map) if map.is_empty() => {
            KEPT_OBJECT && matches!(shape, Shape::Object(_) | Shape::Any)
        }
        _ => true,
    }
}
