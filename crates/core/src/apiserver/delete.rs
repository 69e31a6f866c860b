//! Deletes: graceful for pods, finalizers, dependents; and the eviction API.

use super::budget;
use super::change::{Change, PodChange};
use super::write::{announce, announce_pod, pod_stored, stored};
use crate::apiserver::error::{ApiError, Reason, resource_of};
use crate::apiserver::store::Key;
use crate::command::{DeleteOptions, Propagation};
use crate::conditions;
use crate::ids::Uid;
use crate::record::{Decision, Subject, Verb, What};
use crate::world::World;
use podplay_api::Value;
use std::sync::Arc;
use std::time::Duration;

/// Namespaces that nobody may delete.
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// Deletes an object.
///
/// # Errors
/// `NotFound`.
pub fn delete(world: &mut World, key: &Key, options: &DeleteOptions) -> Result<(), ApiError> {
    if &*key.kind == "Pod" {
        let Some(uid) = world.store.pod_entry(&key.namespace, &key.name).map(|entry| entry.uid)
        else {
            return Err(ApiError::not_found("pods", &key.name));
        };
        delete_pod(world, uid, options.grace_period_seconds);
        return Ok(());
    }
    if world.store.resource(&key.kind, &key.namespace, &key.name).is_none() {
        return Err(ApiError::not_found(&resource_of(&key.kind), &key.name));
    }
    if &*key.kind == "Namespace" {
        return delete_namespace(world, key);
    }
    if options.propagation == Propagation::Orphan {
        add_finalizer(world, key, "orphan");
    }
    if options.propagation == Propagation::Foreground {
        add_finalizer(world, key, "foregroundDeletion");
    }
    mark_deleted(world, key);
    if world
        .store
        .resource(&key.kind, &key.namespace, &key.name)
        .is_some_and(|resource| resource.meta.finalizers.is_empty())
    {
        remove(world, key);
    }
    Ok(())
}

/// Begins the end of a namespace; its controller empties it.
///
/// Models `pkg/registry/core/namespace/storage/storage.go` Delete and the admission plugin `namespace/lifecycle`.
fn delete_namespace(world: &mut World, key: &Key) -> Result<(), ApiError> {
    if IMMORTAL.contains(&&*key.name) {
        let message =
            format!("namespaces \"{}\" is forbidden: this namespace may not be deleted", key.name);
        return Err(ApiError::new(Reason::Forbidden, message));
    }
    let (wall, revision) = (world.wall(), world.store.next_revision());
    let Some(namespace) = world.store.resource_mut(key) else { return Ok(()) };
    if namespace.meta.deletion_timestamp.is_some() {
        return Ok(());
    }
    namespace.meta.deletion_timestamp = Some(wall);
    namespace.meta.resource_version = revision;
    Arc::make_mut(&mut namespace.status)["phase"] = Value::from("Terminating");
    stored(world, key, Verb::Updated);
    announce(world, key, Verb::Updated);
    Ok(())
}

/// Removes the finalizer of an emptied namespace, and with it the namespace unless others hold it.
pub fn finalize_namespace(world: &mut World, name: &str) {
    let key = Key::new("Namespace", "", name);
    let revision = world.store.next_revision();
    let Some(namespace) = world.store.resource_mut(&key) else { return };
    if let Some(spec) = Arc::make_mut(&mut namespace.body).get_mut("spec") {
        spec["finalizers"] = Value::Array(Vec::new());
    }
    namespace.meta.resource_version = revision;
    if namespace.meta.finalizers.is_empty() {
        remove(world, &key);
    } else {
        stored(world, &key, Verb::Updated);
    }
}

/// Whether a namespace still waits for its controller.
fn is_unfinished(resource: &crate::apiserver::store::Resource) -> bool {
    resource.spec()["finalizers"].as_array().is_some_and(|list| !list.is_empty())
}

fn add_finalizer(world: &mut World, key: &Key, name: &str) {
    if let Some(resource) = world.store.resource_mut(key)
        && !resource.meta.finalizers.iter().any(|finalizer| finalizer == name)
    {
        resource.meta.finalizers.push(name.to_string());
    }
}

fn mark_deleted(world: &mut World, key: &Key) {
    let (wall, revision) = (world.wall(), world.store.next_revision());
    let Some(resource) = world.store.resource_mut(key) else { return };
    if resource.meta.deletion_timestamp.is_some() || resource.meta.finalizers.is_empty() {
        return;
    }
    resource.meta.deletion_timestamp = Some(wall);
    resource.meta.deletion_grace_period_seconds = Some(0);
    resource.meta.resource_version = revision;
    stored(world, key, Verb::Updated);
    announce(world, key, Verb::Updated);
}

/// Removes an object that is being deleted once it has no finalizers.
pub fn finish_if_ready(world: &mut World, key: &Key) {
    let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name) else { return };
    if resource.meta.finalizers.is_empty()
        && resource.meta.deletion_timestamp.is_some()
        && !(&*key.kind == "Namespace" && is_unfinished(resource))
    {
        remove(world, key);
    }
}

fn remove(world: &mut World, key: &Key) {
    stored(world, key, Verb::Deleted);
    let removed = world.store.remove_resource(key);
    if let Some(removed) = removed {
        world.announce(Change::ObjectGone { key: key.clone(), object: Box::new(removed) });
    }
}

/// Deletes a pod with its own or another grace period.
///
/// Models `staging/apiserver/pkg/registry/rest/delete.go` BeforeDelete and `pkg/registry/core/pod/strategy.go` CheckGracefulDelete.
pub fn delete_pod(world: &mut World, uid: Uid, grace: Option<i64>) {
    let Some(pod) = world.store.pod(uid) else { return };
    let mut period = grace.unwrap_or_else(|| i64::try_from(pod.spec.grace_period()).unwrap_or(30));
    if period < 0 {
        period = 1;
    }
    if pod.spec.node_name.is_empty() || pod.status.phase.is_terminal() {
        period = 0;
    }
    if let Some(earlier) = pod.meta.deletion_grace_period_seconds
        && period >= earlier
        && period != 0
    {
        return;
    }
    let first = pod.meta.deletion_timestamp.is_none();
    let deadline = world.wall() + Duration::from_secs(period.unsigned_abs());
    let revision = world.store.next_revision();
    let before = world.store.pod(uid).cloned();
    if period == 0 && world.store.pod(uid).is_some_and(|pod| pod.meta.finalizers.is_empty()) {
        remove_pod(world, uid);
        return;
    }
    if let Some(pod) = world.store.pod_mut(uid) {
        pod.meta.deletion_timestamp = Some(deadline);
        pod.meta.deletion_grace_period_seconds = Some(period);
        pod.meta.resource_version = revision;
        if first {
            pod.meta.generation = pod.meta.generation.map(|n| n + 1);
        }
    }
    pod_stored(world, uid, Verb::Updated);
    announce_pod(world, uid, PodChange::Deleting, before);
}

/// Removes a pod's object if it has no finalizers left.
pub fn remove_pod(world: &mut World, uid: Uid) {
    let Some(pod) = world.store.pod(uid) else { return };
    if !pod.meta.finalizers.is_empty() {
        if pod.meta.deletion_grace_period_seconds != Some(0) {
            let revision = world.store.next_revision();
            if let Some(pod) = world.store.pod_mut(uid) {
                pod.meta.deletion_grace_period_seconds = Some(0);
                pod.meta.resource_version = revision;
            }
            pod_stored(world, uid, Verb::Updated);
        }
        return;
    }
    pod_stored(world, uid, Verb::Deleted);
    let Some(entry) = world.store.remove_pod(uid) else { return };
    world.owned.gone(uid, &entry.pod);
    world.announce(Change::PodGone { uid, pod: entry.pod });
}

/// Removes a pod that only its finalizers kept.
pub(super) fn remove_pod_if_ready(world: &mut World, uid: Uid) {
    let gone = world.store.pod(uid).is_some_and(|pod| {
        pod.meta.deletion_timestamp.is_some()
            && pod.meta.deletion_grace_period_seconds == Some(0)
            && pod.meta.finalizers.is_empty()
    });
    if gone {
        remove_pod(world, uid);
    }
}

/// Evicts a pod through the eviction API.
///
/// Models `pkg/registry/core/pod/storage/eviction.go`.
///
/// # Errors
/// `NotFound`, or `TooManyRequests` when a PodDisruptionBudget forbids it.
pub fn evict(
    world: &mut World,
    namespace: &str,
    name: &str,
    grace: Option<i64>,
) -> Result<(), ApiError> {
    let Some(entry) = world.store.pod_entry(namespace, name) else {
        return Err(ApiError::not_found("pods", name));
    };
    let (uid, subject) = (entry.uid, Subject::Pod(Arc::clone(&entry.pod_ref)));
    let free = entry.pod.status.phase.is_terminal()
        || entry.pod.status.phase == podplay_api::PodPhase::Pending
        || entry.pod.meta.deletion_timestamp.is_some();
    if !free {
        budget::allow(world, uid)?;
    }
    world.record_cause(subject, What::Decision(Decision::EvictionAsked));
    let wall = world.wall();
    super::set_pod_status(world, uid, |status| {
        conditions::set(
            status,
            "DisruptionTarget",
            "True",
            "EvictionByEvictionAPI",
            "Eviction API: evicting",
            wall,
        );
    });
    delete_pod(world, uid, grace);
    Ok(())
}
