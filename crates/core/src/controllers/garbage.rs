//! Garbage collection: what becomes of the objects whose owner goes, and of pods whose node is gone.
//!
//! Models `pkg/controller/garbagecollector/garbagecollector.go` and `pkg/controller/podgc/gc_controller.go`.

use super::common::change;
use super::work;
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::command::{DeleteOptions, Propagation};
use crate::conditions;
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{ObjectMeta, OwnerReference, Pod, PodPhase, json};
use std::sync::Arc;
use std::time::Duration;

/// Finalizer of an owner that waits for its dependents.
pub const FOREGROUND: &str = "foregroundDeletion";
/// Finalizer of an owner whose dependents are to be left alone.
pub const ORPHAN: &str = "orphan";
/// The collector's name among the work queues.
pub const QUEUE: &str = "GarbageCollector";
/// A node must be missing for so long, and the collector looks every so often.
const QUARANTINE: Duration = Duration::from_secs(60);
/// Time from letting dependents go to the end of their owner.
const LET_GO: Duration = Duration::from_millis(40);

/// An object or a pod.
enum Dependent {
    Pod(Uid),
    Object(Key),
}

/// An owner was deleted, or waits to be.
pub fn request(world: &mut World, key: &Key) {
    work::soon(
        world,
        QUEUE,
        &Key::new(&key.kind, &key.namespace, &format!("{}/{}", key.kind, key.name)),
    );
}

/// An object is gone: its dependents are looked at.
pub fn on_deleted(world: &mut World, key: &Key, removed: &Resource) {
    let uid: Arc<str> = removed.meta.uid.as_str().into();
    if dependents(world, &key.namespace, &uid).is_empty() {
        request_owners(world, &key.namespace, &removed.meta);
        return;
    }
    world.controllers.garbage.gone.insert(Arc::clone(&uid), key.clone());
    work::soon(world, QUEUE, &Key::new("", &key.namespace, &uid));
    request_owners(world, &key.namespace, &removed.meta);
}

/// An object was created: owners that it names and that do not exist leave it to the collector.
///
/// Models `pkg/controller/garbagecollector/graph_builder.go` processGraphChanges, which makes a virtual node of each
/// unknown owner and asks the API server for it.
pub fn on_created(world: &mut World, namespace: &str, meta: &ObjectMeta) {
    for owner in &meta.owner_references {
        if exists(world, namespace, owner) == Some(false) {
            let uid: Arc<str> = owner.uid.as_str().into();
            let key = Key::new(&owner.kind, namespace, &owner.name);
            world.controllers.garbage.gone.insert(Arc::clone(&uid), key);
            work::soon(world, QUEUE, &Key::new("", namespace, &uid));
        }
    }
}

/// Whether an owner is there; `None` for kinds of which the collector knows nothing, whose dependents stay.
fn exists(world: &World, namespace: &str, owner: &OwnerReference) -> Option<bool> {
    const KINDS: [&str; 12] = [
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "Deployment",
        "CronJob",
        "Service",
        "ConfigMap",
        "Secret",
        "ServiceAccount",
        "PersistentVolumeClaim",
    ];
    if owner.kind == "Pod" {
        let named = |pod: &&Pod| pod.meta.namespace == namespace && pod.meta.uid == owner.uid;
        return Some(world.store.pods().any(|pod| named(&pod)));
    }
    let place = if owner.kind == "Node" { "" } else { namespace };
    if place == namespace && !KINDS.contains(&owner.kind.as_str()) {
        return None;
    }
    let found = world.store.resource(&owner.kind, place, &owner.name);
    Some(found.is_some_and(|found| found.meta.uid == owner.uid))
}

/// A dependent is gone: owners that wait for it are looked at.
pub fn request_owners(world: &mut World, namespace: &str, meta: &ObjectMeta) {
    for owner in &meta.owner_references {
        let waits = world
            .store
            .resource(&owner.kind, namespace, &owner.name)
            .is_some_and(|owner| owner.meta.finalizers.iter().any(|name| name == FOREGROUND));
        if waits {
            request(world, &Key::new(&owner.kind, namespace, &owner.name));
        }
    }
}

fn dependents(world: &World, namespace: &str, uid: &str) -> Vec<Dependent> {
    let owned = |meta: &ObjectMeta| meta.owner_references.iter().any(|owner| owner.uid == uid);
    let objects = world
        .store
        .all_resources()
        .filter(|(key, resource)| *key.namespace == *namespace && owned(&resource.meta))
        .map(|(key, _)| Dependent::Object(key.clone()));
    let pods = world
        .store
        .pod_entries()
        .filter(|entry| entry.pod.meta.namespace == *namespace && owned(&entry.pod.meta))
        .map(|entry| Dependent::Pod(entry.uid));
    objects.chain(pods).collect()
}

/// One look at an owner: by uid if it is gone, otherwise by kind and name.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    if let Some(owner) = world.controllers.garbage.gone.remove(name) {
        after_owner(world, &owner, name);
        return;
    }
    if let Some((kind, name)) = name.split_once('/') {
        before_owner(world, &Key::new(kind, namespace, name));
    }
}

/// Dependents of an owner that is gone: deleted, unless another owner is there.
fn after_owner(world: &mut World, owner: &Key, uid: &str) {
    for dependent in dependents(world, &owner.namespace, uid) {
        let others = meta_of(world, &dependent).is_some_and(|meta| {
            meta.owner_references.iter().any(|other| {
                other.uid != uid && exists(world, &owner.namespace, other) != Some(false)
            })
        });
        if others {
            release(world, &dependent, uid);
        } else {
            remove(world, &dependent, Propagation::Background);
        }
    }
}

fn meta_of(world: &World, dependent: &Dependent) -> Option<ObjectMeta> {
    match dependent {
        Dependent::Pod(uid) => world.store.pod(*uid).map(|pod| pod.meta.clone()),
        Dependent::Object(key) => world
            .store
            .resource(&key.kind, &key.namespace, &key.name)
            .map(|resource| resource.meta.clone()),
    }
}

fn release(world: &mut World, dependent: &Dependent, owner: &str) {
    match dependent {
        Dependent::Pod(uid) => apiserver::update_pod(world, *uid, |pod| {
            pod.meta.owner_references.retain(|reference| reference.uid != owner);
        }),
        Dependent::Object(key) => change(world, key, |object| {
            if let Some(list) = object["metadata"]["ownerReferences"].as_array_mut() {
                list.retain(|reference| reference["uid"] != owner);
            }
        }),
    }
}

fn remove(world: &mut World, dependent: &Dependent, propagation: Propagation) {
    match dependent {
        Dependent::Pod(uid) => apiserver::delete_pod(world, *uid, None),
        Dependent::Object(key) => {
            let options = DeleteOptions { propagation, ..DeleteOptions::default() };
            let _ = apiserver::delete(world, key, &options);
        }
    }
}

/// An owner that is being deleted and waits: its dependents go first, or are let go.
fn before_owner(world: &mut World, key: &Key) {
    let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name) else { return };
    let (uid, finalizers) = (resource.meta.uid.clone(), resource.meta.finalizers.clone());
    if resource.meta.deletion_timestamp.is_none() {
        return;
    }
    let waiting = dependents(world, &key.namespace, &uid);
    if finalizers.iter().any(|name| name == ORPHAN) && !waiting.is_empty() {
        for dependent in &waiting {
            release(world, dependent, &uid);
        }
        // Its controller sees that nothing is left to it before it is gone.
        if let Some(queue) = super::queue_of(&key.kind) {
            work::soon(world, queue, key);
        }
        let own = Key::new(&key.kind, &key.namespace, &format!("{}/{}", key.kind, key.name));
        work::after(world, QUEUE, &own, LET_GO);
    } else if finalizers.iter().any(|name| name == ORPHAN) {
        drop_finalizer(world, key, ORPHAN);
    } else if finalizers.iter().any(|name| name == FOREGROUND) {
        let mut blocked = false;
        for dependent in &waiting {
            let Some(meta) = meta_of(world, dependent) else { continue };
            blocked |= meta
                .owner_references
                .iter()
                .any(|owner| owner.uid == uid && owner.block_owner_deletion == Some(true));
            if meta.deletion_timestamp.is_none() {
                remove(world, dependent, Propagation::Foreground);
            }
        }
        if !blocked {
            drop_finalizer(world, key, FOREGROUND);
        }
    }
}

fn drop_finalizer(world: &mut World, key: &Key, name: &str) {
    change(world, key, |object| {
        let list = object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
        let rest: Vec<_> = list.into_iter().filter(|finalizer| finalizer != name).collect();
        object["metadata"]["finalizers"] = json!(rest);
    });
}

/// A Node object is gone: its pods are removed after a while.
pub fn on_node_gone(world: &mut World, key: &Key) {
    work::after(world, "PodGC", key, QUARANTINE);
}

/// Removes the pods of a node that is still missing.
pub fn collect_node(world: &mut World, node: &str) {
    if world.store.resource("Node", "", node).is_some() {
        return;
    }
    let pods: Vec<Uid> = world
        .store
        .pod_entries()
        .filter(|entry| entry.pod.spec.node_name == node)
        .map(|entry| entry.uid)
        .collect();
    let wall = world.wall();
    for uid in pods {
        apiserver::set_pod_status(world, uid, |status| {
            if !status.phase.is_terminal() {
                status.phase = PodPhase::Failed;
                let message = "PodGC: node no longer exists";
                conditions::set(
                    status,
                    "DisruptionTarget",
                    "True",
                    "DeletionByPodGC",
                    message,
                    wall,
                );
            }
        });
        apiserver::delete_pod(world, uid, Some(0));
    }
}
