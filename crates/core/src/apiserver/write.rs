//! Creates and updates: metadata, versions, and who is told.

use super::error::TERMINATING;
use super::{admission, initial};
use crate::apiserver::change::{Change, PodChange};
use crate::apiserver::error::{ApiError, Reason, resource_of};
use crate::apiserver::store::{Key, Resource};
use crate::ids::Uid;
use crate::record::{Stored, Subject, Verb, What};
use crate::world::World;
use crate::{limits, random, resources};
use podplay_api::{FromRaw, NodeStatus, ObjectMeta, Pod, PodStatus, Quantity, Value};
use std::sync::Arc;

/// Stores a new object and returns it.
///
/// # Errors
/// `AlreadyExists`, a missing namespace, or what admission refuses.
pub fn create(world: &mut World, object: Value) -> Result<Value, ApiError> {
    let kind = object["kind"].as_str().unwrap_or_default().to_string();
    if kind == "Pod" {
        let uid = create_pod(world, Pod::from_object(&object))?;
        return Ok(world.store.pod(uid).map(|pod| pod.to_object()).unwrap_or_default());
    }
    let mut resource = Resource::from_object(&object);
    let key = admit_new_resource(world, &kind, &mut resource)?;
    world.store.insert_resource(key.clone(), resource);
    stored(world, &key, Verb::Created);
    announce(world, &key, Verb::Created);
    Ok(world.store.get(&kind, &key.namespace, &key.name).unwrap_or_default())
}

/// Stores a new pod and returns its number.
///
/// # Errors
/// As [`create`].
pub fn create_pod(world: &mut World, mut pod: Pod) -> Result<Uid, ApiError> {
    admit_new_pod(world, &mut pod)?;
    let uid = Uid(world.count("pod"));
    world.store.insert_pod(uid, pod);
    pod_stored(world, uid, Verb::Created);
    announce_pod(world, uid, PodChange::Created, None);
    Ok(uid)
}

/// A new object of another kind, as it is stored.
pub(super) fn admit_new_resource(
    world: &mut World,
    kind: &str,
    resource: &mut Resource,
) -> Result<Key, ApiError> {
    if drops_status(kind) {
        resource.status = Arc::new(Value::Null);
    }
    fill_meta(world, &mut resource.meta, kind);
    let key = Key::new(kind, &resource.meta.namespace, &resource.meta.name);
    check_new(world, &key)?;
    admission::admit_resource(world, kind, resource)?;
    initial::fill(world, kind, resource);
    Ok(key)
}

/// A new pod, as it is stored.
pub(super) fn admit_new_pod(world: &mut World, pod: &mut Pod) -> Result<(), ApiError> {
    fill_meta(world, &mut pod.meta, "Pod");
    check_new(world, &Key::new("Pod", &pod.meta.namespace, &pod.meta.name))?;
    if world.store.pod_count() >= limits::PODS {
        world.record_limit("pods");
        return Err(ApiError::new(
            Reason::Forbidden,
            format!("podplay runs at most {} pods", limits::PODS),
        ));
    }
    admission::admit_pod(world, pod)?;
    pod.meta.generation = Some(1);
    Ok(())
}

fn check_new(world: &World, key: &Key) -> Result<(), ApiError> {
    if !key.namespace.is_empty() {
        check_namespace(world, key)?;
    }
    let taken = match &*key.kind {
        "Pod" => world.store.pod_entry(&key.namespace, &key.name).is_some(),
        kind => world.store.resource(kind, &key.namespace, &key.name).is_some(),
    };
    if taken {
        let message = format!("{} \"{}\" already exists", resource_of(&key.kind), key.name);
        return Err(ApiError::new(Reason::AlreadyExists, message));
    }
    Ok(())
}

/// Nothing is made in a namespace that is missing or being deleted.
///
/// Models `staging/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go`.
fn check_namespace(world: &World, key: &Key) -> Result<(), ApiError> {
    let Some(namespace) = world.store.resource("Namespace", "", &key.namespace) else {
        return Err(ApiError::not_found("namespaces", &key.namespace));
    };
    if namespace.meta.deletion_timestamp.is_some() {
        return Err(ApiError::new(
            Reason::Forbidden,
            format!(
                "{} \"{}\" is forbidden: unable to create new content in namespace {} {TERMINATING}",
                resource_of(&key.kind),
                key.name,
                key.namespace
            ),
        ));
    }
    Ok(())
}

fn fill_meta(world: &mut World, meta: &mut ObjectMeta, kind: &str) {
    if meta.name.is_empty() {
        let n = u64::from(world.count("generated name"));
        let base: String = meta.generate_name.chars().take(58).collect();
        meta.name = base + &random::suffix(world.draw("name", &meta.generate_name, n), 5);
    }
    let n = u64::from(world.count("uid"));
    meta.uid = random::uuid(world.config.seed, kind, n);
    meta.creation_timestamp = Some(world.wall());
    meta.resource_version = world.store.next_revision();
    meta.deletion_timestamp = None;
    if has_generation(kind) {
        meta.generation = Some(1);
    }
}

/// Kinds whose registry strategy takes a new object's status away.
fn drops_status(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment"
            | "ReplicaSet"
            | "ReplicationController"
            | "StatefulSet"
            | "DaemonSet"
            | "Job"
            | "CronJob"
            | "PodDisruptionBudget"
            | "HorizontalPodAutoscaler"
            | "Service"
            | "ResourceQuota"
    )
}

/// Kinds whose registry strategy counts generations.
fn has_generation(kind: &str) -> bool {
    matches!(
        kind,
        "Pod"
            | "Deployment"
            | "ReplicaSet"
            | "ReplicationController"
            | "StatefulSet"
            | "DaemonSet"
            | "Job"
            | "CronJob"
            | "PodDisruptionBudget"
            | "EndpointSlice"
            | "NetworkPolicy"
            | "PriorityClass"
            | "IngressClass"
            | "Ingress"
            | "PodTemplate"
            | "CustomResourceDefinition"
    )
}

/// Replaces everything but the status of an object, and returns it.
///
/// # Errors
/// `NotFound`.
pub fn replace(world: &mut World, object: &Value) -> Result<Value, ApiError> {
    let kind = object["kind"].as_str().unwrap_or_default();
    if kind == "Pod" {
        return replace_pod(world, object);
    }
    let new = Resource::from_object(object);
    let key = Key::new(kind, &new.meta.namespace, &new.meta.name);
    let Some(old) = world.store.resource(kind, &key.namespace, &key.name) else {
        return Err(ApiError::not_found(&resource_of(kind), &key.name));
    };
    let (mut meta, body_changed) = (old.meta.clone(), old.body != new.body);
    if !body_changed && same_user_meta(&meta, &new.meta) {
        return Ok(old.to_object(kind));
    }
    take_user_meta(&mut meta, &new.meta);
    if kind == "DaemonSet" {
        let changed = old.spec()["template"] != new.spec()["template"];
        admission::raise_template_generation(&mut meta, &old.meta, changed);
    }
    if body_changed && has_generation(kind) {
        meta.generation = meta.generation.map(|n| n + 1);
    }
    meta.resource_version = world.store.next_revision();
    if let Some(resource) = world.store.resource_mut(&key) {
        resource.meta = meta;
        resource.body = new.body;
    }
    stored(world, &key, Verb::Updated);
    announce(world, &key, Verb::Updated);
    super::finish_if_ready(world, &key);
    Ok(world.store.get(kind, &key.namespace, &key.name).unwrap_or_default())
}

fn replace_pod(world: &mut World, object: &Value) -> Result<Value, ApiError> {
    let new = Pod::from_object(object);
    let Some(entry) = world.store.pod_entry(&new.meta.namespace, &new.meta.name) else {
        return Err(ApiError::not_found("pods", &new.meta.name));
    };
    let uid = entry.uid;
    update_pod(world, uid, |pod| {
        take_user_meta(&mut pod.meta, &new.meta);
        if pod.raw_spec != new.raw_spec {
            pod.spec = new.spec;
            pod.raw_spec = new.raw_spec;
            pod.meta.generation = pod.meta.generation.map(|n| n + 1);
        }
    });
    Ok(world.store.pod(uid).map(|pod| pod.to_object()).unwrap_or_default())
}

/// Replaces a pod with one that asks for other resources, if its node could ever grant them.
///
/// Models `plugin/pkg/admission/podresize/admission.go`.
///
/// # Errors
/// `NotFound`; `Forbidden` where the requests are larger than the node.
pub fn resize(world: &mut World, object: &Value) -> Result<Value, ApiError> {
    let new = Pod::from_object(object);
    let node = world.store.resource("Node", "", &new.spec.node_name);
    let status: Option<NodeStatus> = node.map(|node| FromRaw::from_raw(&node.status));
    let wanted = resources::requests(&new.spec);
    let mut short = Vec::new();
    for (name, unit) in [("cpu", 1), ("memory", 1000)] {
        let Some(status) = &status else { break };
        let has = status.allocatable.get(name).map_or(0, Quantity::milli);
        let wants = wanted.get(name).copied().unwrap_or(0);
        if wants > has {
            short.push(format!("{name}, requested: {}, allocatable: {}", wants / unit, has / unit));
        }
    }
    if short.is_empty() {
        return replace_pod(world, object);
    }
    let message = format!(
        "pods \"{}\" is forbidden: node didn't have enough allocatable resources: {}",
        new.meta.name,
        short.join("; ")
    );
    Err(ApiError::new(Reason::Forbidden, message))
}

fn same_user_meta(a: &ObjectMeta, b: &ObjectMeta) -> bool {
    a.labels == b.labels
        && a.annotations == b.annotations
        && a.finalizers == b.finalizers
        && a.owner_references == b.owner_references
}

fn take_user_meta(meta: &mut ObjectMeta, from: &ObjectMeta) {
    meta.labels.clone_from(&from.labels);
    meta.annotations.clone_from(&from.annotations);
    meta.finalizers.clone_from(&from.finalizers);
    meta.owner_references.clone_from(&from.owner_references);
}

/// Changes a pod's metadata or spec, and tells everyone if it did change.
pub fn update_pod(world: &mut World, uid: Uid, change: impl FnOnce(&mut Pod)) {
    let Some(before) = world.store.pod(uid).cloned() else { return };
    if let Some(pod) = world.store.pod_mut(uid) {
        change(pod);
    }
    if world.store.pod(uid).is_none_or(|after| **after == *before) {
        return;
    }
    bump(world, uid);
    pod_stored(world, uid, Verb::Updated);
    announce_pod(world, uid, PodChange::Updated, Some(before));
    super::remove_pod_if_ready(world, uid);
}

/// Changes a pod's status, and tells everyone but the kubelet if it did change.
pub fn set_pod_status(world: &mut World, uid: Uid, change: impl FnOnce(&mut PodStatus)) {
    let Some(before) = world.store.pod(uid).cloned() else { return };
    let mut status = before.status.clone();
    change(&mut status);
    if status == before.status {
        return;
    }
    if let Some(pod) = world.store.pod_mut(uid) {
        pod.status = status;
    }
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.settled = false;
    }
    bump(world, uid);
    pod_stored(world, uid, Verb::StatusUpdated);
    announce_pod(world, uid, PodChange::Status, Some(before));
}

fn bump(world: &mut World, uid: Uid) {
    let revision = world.store.next_revision();
    if let Some(pod) = world.store.pod_mut(uid) {
        pod.meta.resource_version = revision;
    }
}

/// Replaces the status of an object.
///
/// # Errors
/// `NotFound`.
pub fn replace_status(world: &mut World, object: &Value) -> Result<Value, ApiError> {
    let kind = object["kind"].as_str().unwrap_or_default();
    let meta: ObjectMeta = podplay_api::raw::field(object, "metadata");
    if kind == "Pod" {
        let status: PodStatus = podplay_api::raw::field(object, "status");
        let Some(uid) = world.store.pod_entry(&meta.namespace, &meta.name).map(|entry| entry.uid)
        else {
            return Err(ApiError::not_found("pods", &meta.name));
        };
        set_pod_status(world, uid, |old| *old = status);
        announce_pod(world, uid, PodChange::StatusReplaced, None);
        return Ok(world.store.pod(uid).map(|pod| pod.to_object()).unwrap_or_default());
    }
    let key = Key::new(kind, &meta.namespace, &meta.name);
    if world.store.resource_mut(&key).is_none() {
        return Err(ApiError::not_found(&resource_of(kind), &meta.name));
    }
    set_object_status(world, &key, object["status"].clone());
    Ok(world.store.get(kind, &key.namespace, &key.name).unwrap_or_default())
}

/// Sets the status of an object other than a pod, and tells everyone if it did change.
pub fn set_object_status(world: &mut World, key: &Key, status: Value) {
    let revision = world.store.next_revision();
    let Some(resource) = world.store.resource_mut(key) else { return };
    if *resource.status == status {
        return;
    }
    resource.status = Arc::new(status);
    resource.meta.resource_version = revision;
    stored(world, key, Verb::StatusUpdated);
    announce(world, key, Verb::StatusUpdated);
}

/// Announces a change of an object other than a pod.
pub(super) fn announce(world: &mut World, key: &Key, verb: Verb) {
    world.announce(Change::Object { key: key.clone(), verb });
}

/// Announces a change of a pod; `before` is what it was. The indexes know it at once.
pub(super) fn announce_pod(world: &mut World, uid: Uid, what: PodChange, before: Option<Arc<Pod>>) {
    if what != PodChange::StatusReplaced
        && let Some(pod) = world.store.pod(uid)
    {
        world.owned.stored(uid, pod, before.as_deref());
    }
    world.announce(Change::Pod { uid, what, before });
}

/// Records that a pod was stored.
pub(super) fn pod_stored(world: &mut World, uid: Uid, verb: Verb) {
    if let Some(entry) = world.store.entry(uid) {
        let (subject, stored) =
            (Subject::Pod(Arc::clone(&entry.pod_ref)), Stored::Pod(Arc::clone(&entry.pod)));
        world.record(subject, What::Stored(verb, stored));
    }
}

/// Records that an object was stored.
pub(super) fn stored(world: &mut World, key: &Key, verb: Verb) {
    if let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name) {
        let object = Arc::new(resource.to_object(&key.kind));
        let subject = Subject::Object(
            Arc::clone(&key.kind),
            Arc::clone(&key.namespace),
            Arc::clone(&key.name),
        );
        world.record(subject, What::Stored(verb, Stored::Object(object)));
    }
}
