//! What controllers share: ownership, pods from templates, claiming, availability, changes of objects.
//!
//! Models `pkg/controller/{controller_utils,controller_ref_manager}.go`.

use crate::apiserver;
use crate::apiserver::error::ApiError;
use crate::apiserver::store::{Key, Resource};
use crate::events;
use crate::ids::Uid;
use crate::world::World;
use podplay_api::hash::{LETTERS, fnv32};
use podplay_api::{
    EventType, LabelSelector, Map, OwnerReference, Pod, PodTemplate, Timestamp, ToRaw, Value, json,
};
use std::sync::Arc;
use std::time::Duration;

/// A pod and its number.
pub type Numbered = (Uid, Arc<Pod>);

/// The pods that an object controls.
pub fn pods_of(world: &World, owner: &str) -> Vec<Numbered> {
    let found = world.owned.of(owner);
    found.filter_map(|uid| Some((uid, Arc::clone(world.store.pod(uid)?)))).collect()
}

/// Claims pods by selector: releases owned ones that no longer match, adopts orphans that do.
pub fn claim(
    world: &mut World,
    key: &Key,
    owner: &Resource,
    selector: &LabelSelector,
) -> Vec<Numbered> {
    let (uid, deleting) = (owner.meta.uid.clone(), owner.meta.deletion_timestamp.is_some());
    for (number, pod) in pods_of(world, &uid) {
        if !deleting && !selector.matches(&pod.meta.labels) {
            apiserver::update_pod(world, number, |pod| {
                pod.meta.owner_references.retain(|owner| owner.uid != uid);
            });
        }
    }
    if !deleting && !selector.is_empty() {
        let orphans = pods_of(world, "");
        let reference = reference(key, owner);
        for (number, pod) in orphans {
            if *pod.meta.namespace == *key.namespace
                && pod.meta.deletion_timestamp.is_none()
                && selector.matches(&pod.meta.labels)
            {
                apiserver::update_pod(world, number, |pod| {
                    pod.meta.owner_references.push(reference.clone());
                });
            }
        }
    }
    let mut pods = pods_of(world, &uid);
    pods.retain(|(_, pod)| selector.matches(&pod.meta.labels));
    pods
}

/// The reference that makes `owner` the controller of an object.
pub fn reference(key: &Key, owner: &Resource) -> OwnerReference {
    OwnerReference {
        api_version: owner.api_version.to_string(),
        kind: key.kind.to_string(),
        name: key.name.to_string(),
        uid: owner.meta.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// Not finished and not being deleted.
pub fn is_active(pod: &Pod) -> bool {
    !pod.status.phase.is_terminal() && pod.meta.deletion_timestamp.is_none()
}

/// Being deleted and not finished yet.
pub fn is_terminating(pod: &Pod) -> bool {
    !pod.status.phase.is_terminal() && pod.meta.deletion_timestamp.is_some()
}

/// Whether the pod is Ready.
pub fn is_ready(pod: &Pod) -> bool {
    pod.status.is_true("Ready")
}

/// When the pod became Ready, in whole seconds as the API keeps it.
pub fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let condition = pod.status.condition("Ready").filter(|condition| condition.status == "True")?;
    condition.last_transition_time.map(whole)
}

/// A moment without its fraction of a second, as the API keeps it.
pub fn whole(time: Timestamp) -> Timestamp {
    Timestamp(time.seconds().saturating_mul(1_000_000_000))
}

/// Whether a Ready pod has been so for `min_ready` seconds, or how long that will take.
///
/// Models `pkg/api/v1/pod/util.go` IsPodAvailable.
pub fn available(world: &World, pod: &Pod, min_ready: i64) -> Result<(), Option<Duration>> {
    let since = ready_since(pod).ok_or(None)?;
    let wait = since.0 + min_ready.saturating_mul(1_000_000_000) - world.wall().0;
    if min_ready == 0 || wait <= 0 {
        return Ok(());
    }
    Err(Some(Duration::from_nanos(wait.unsigned_abs())))
}

/// A new pod after a template, owned by `owner`.
///
/// Models `pkg/controller/controller_utils.go` GetPodFromTemplate.
pub fn pod_after(key: &Key, owner: &Resource, template: &PodTemplate) -> Value {
    let mut meta = Map::new();
    meta.insert("generateName".into(), json!(format!("{}-", key.name)));
    meta.insert("namespace".into(), json!(&*key.namespace));
    let metadata = &template.metadata;
    podplay_api::raw::put(&mut meta, "labels", &metadata.labels);
    podplay_api::raw::put(&mut meta, "annotations", &metadata.annotations);
    podplay_api::raw::put(&mut meta, "finalizers", &metadata.finalizers);
    meta.insert("ownerReferences".into(), json!([reference(key, owner).to_raw()]));
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template.spec})
}

/// Creates a pod and says so in an event of its owner.
///
/// # Errors
/// What the API server refused.
pub fn create_pod(
    world: &mut World,
    key: &Key,
    source: &str,
    pod: &Value,
) -> Result<Uid, ApiError> {
    match apiserver::create_pod(world, Pod::from_object(pod)) {
        Ok(uid) => {
            let name = world.store.pod(uid).map(|pod| pod.meta.name.clone()).unwrap_or_default();
            let message = format!("Created pod: {name}");
            events::about(world, key, source, EventType::Normal, "SuccessfulCreate", &message);
            Ok(uid)
        }
        // In a namespace that is being deleted nothing more is expected.
        Err(error) if error.namespace_ends() => Err(error),
        Err(error) => {
            let message = format!("Error creating: {}", error.message);
            events::about(world, key, source, EventType::Warning, "FailedCreate", &message);
            Err(error)
        }
    }
}

/// Deletes a pod and says so in an event of its owner.
pub fn delete_pod(world: &mut World, key: &Key, source: &str, uid: Uid) {
    let Some(name) = world.store.pod(uid).map(|pod| pod.meta.name.clone()) else { return };
    apiserver::delete_pod(world, uid, None);
    let message = format!("Deleted pod: {name}");
    events::about(world, key, source, EventType::Normal, "SuccessfulDelete", &message);
}

/// Creates `count` pods in batches of 1, 2, 4, …; a batch with an error is the last. Returns how many were made.
///
/// Models `pkg/controller/replicaset/replica_set.go` slowStartBatch.
///
/// # Errors
/// The first error.
pub fn slow_start(
    world: &mut World,
    count: usize,
    mut create: impl FnMut(&mut World, usize) -> Result<(), ApiError>,
) -> (usize, Result<(), ApiError>) {
    let (mut made, mut next, mut batch) = (0, 0, 1);
    while next < count {
        let size = batch.min(count - next);
        let mut outcome = Ok(());
        for index in next..next + size {
            match create(world, index) {
                Ok(()) => made += 1,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        if outcome.is_err() {
            return (made, outcome);
        }
        next += size;
        batch *= 2;
    }
    (made, Ok(()))
}

/// Changes an object other than its status.
pub fn change(world: &mut World, key: &Key, edit: impl FnOnce(&mut Value)) {
    if let Some(mut object) = world.store.get(&key.kind, &key.namespace, &key.name) {
        edit(&mut object);
        let _ = apiserver::replace(world, &object);
    }
}

/// The stored object, cheap to keep while others change.
pub fn stored(world: &World, key: &Key) -> Option<Resource> {
    world.store.resource(&key.kind, &key.namespace, &key.name).cloned()
}

/// Objects of `kind` that `owner` controls, by name.
pub fn objects_of(world: &World, kind: &str, namespace: &str, owner: &str) -> Vec<(Key, Resource)> {
    world
        .store
        .resources(kind)
        .filter(|(key, _)| *key.namespace == *namespace)
        .filter(|(_, resource)| resource.meta.controller().is_some_and(|by| by.uid == owner))
        .map(|(key, resource)| (key.clone(), resource.clone()))
        .collect()
}

/// A number of a status, 0 if absent.
pub fn count(status: &Value, field: &str) -> i64 {
    status[field].as_i64().unwrap_or(0)
}

/// Puts a number into a status unless it is zero, as `omitempty` does.
pub fn put_count(status: &mut Map<String, Value>, field: &str, value: i64) {
    if value != 0 {
        status.insert(field.to_string(), json!(value));
    }
}

/// The length of a list as the API counts.
pub fn len(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A hash over a template, in the alphabet of names.
///
/// Models `pkg/controller/controller_utils.go` ComputeHash, over the JSON tree instead of Go's dump.
pub fn hash(value: &Value, collisions: i64) -> String {
    let mut text = value.to_string();
    if collisions > 0 {
        text += &collisions.to_string();
    }
    let digits = fnv32(&text).to_string();
    digits.bytes().map(|digit| char::from(LETTERS[usize::from(digit) % 27])).collect()
}
