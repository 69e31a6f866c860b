//! The controllers, and who is told of which change.

pub mod autoscaler;
pub mod common;
pub mod cronjob;
pub mod daemonset;
pub mod deployment;
pub mod disruption;
pub mod endpointslice;
pub mod garbage;
pub mod history;
pub mod job;
pub mod namespace;
pub mod node_lifecycle;
pub mod quota;
pub mod ranking;
pub mod replicaset;
pub mod scaling;
pub mod state;
pub mod statefulset;
pub mod volume;
pub mod work;

pub use node_lifecycle::{
    monitor as monitor_nodes, on_heartbeat, on_pressure, on_silence, taint_eviction,
};

use crate::apiserver::store::{Key, Resource};
use crate::ids::Uid;
use crate::record::Verb;
use crate::world::World;
use podplay_api::{LabelSelector, Pod};

/// Kinds whose controller makes pods, by the name of their work queue.
const OWNERS: [&str; 5] =
    ["ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"];

/// The work queue of a kind.
fn queue_of(kind: &str) -> Option<&'static str> {
    const OTHERS: [&str; 4] = ["Deployment", "CronJob", "PodDisruptionBudget", "ResourceQuota"];
    OWNERS.into_iter().chain(OTHERS).find(|queue| *queue == kind)
}

/// An object other than a pod was created or changed.
pub fn on_object(world: &mut World, key: &Key, verb: Verb) {
    if let Some(queue) = queue_of(&key.kind) {
        // A Job's own status leads to a sync only after a while, as its pods' changes do.
        if queue == "Job" && verb == Verb::StatusUpdated {
            work::after(world, queue, key, job::BATCH);
        } else {
            work::soon(world, queue, key);
        }
        request_owner(world, key);
    }
    if verb == Verb::Created
        && let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name)
    {
        let meta = resource.meta.clone();
        garbage::on_created(world, &key.namespace, &meta);
    }
    match &*key.kind {
        "Node" => {
            node_lifecycle::on_node(world, key, verb);
            if verb != Verb::StatusUpdated {
                request_all(world, "DaemonSet");
            }
        }
        "Namespace" => namespace::on_namespace(world, key, verb),
        "Service" => endpointslice::on_service(world, key),
        "EndpointSlice" => endpointslice::on_slice(world, key),
        volume::CLAIM => {
            volume::on_claim(world, &key.namespace, &key.name);
        }
        volume::VOLUME => volume::on_volume(world, key),
        autoscaler::QUEUE if verb == Verb::Created => {
            work::after(world, autoscaler::QUEUE, key, autoscaler::PERIOD);
        }
        _ => {}
    }
    let waits =
        world.store.resource(&key.kind, &key.namespace, &key.name).is_some_and(|resource| {
            resource.meta.deletion_timestamp.is_some()
                && resource
                    .meta
                    .finalizers
                    .iter()
                    .any(|f| f == garbage::FOREGROUND || f == garbage::ORPHAN)
        });
    if waits && verb == Verb::Updated {
        garbage::request(world, key);
    }
}

/// The controller of an object's owner looks at it.
fn request_owner(world: &mut World, key: &Key) {
    let resource = world.store.resource(&key.kind, &key.namespace, &key.name);
    let Some(owner) = resource.and_then(|resource| resource.meta.controller()) else { return };
    let Some(queue) = queue_of(&owner.kind) else { return };
    let owner = Key::new(queue, &key.namespace, &owner.name);
    work::soon(world, queue, &owner);
}

fn request_all(world: &mut World, kind: &'static str) {
    let keys: Vec<Key> = world.store.resources(kind).map(|(key, _)| key.clone()).collect();
    for key in keys {
        work::soon(world, kind, &key);
    }
}

/// An object other than a pod is gone.
pub fn on_deleted(world: &mut World, key: &Key, removed: &Resource) {
    if let Some(owner) = removed.meta.controller()
        && let Some(queue) = queue_of(&owner.kind)
    {
        work::soon(world, queue, &Key::new(queue, &key.namespace, &owner.name));
    }
    match &*key.kind {
        "Service" => endpointslice::on_service(world, key),
        "EndpointSlice" => endpointslice::on_slice(world, key),
        "Node" => {
            garbage::on_node_gone(world, key);
            request_all(world, "DaemonSet");
        }
        volume::CLAIM => volume::on_claim_gone(world, removed),
        "Job" => {
            let pods: Vec<Uid> = world.owned.of(&removed.meta.uid).collect();
            for uid in pods {
                job::release_orphan(world, uid);
            }
        }
        _ => {}
    }
    garbage::on_deleted(world, key, removed);
}

/// A pod was created or changed; `before` is what it was.
pub fn on_pod(world: &mut World, uid: Uid, before: Option<&Pod>) {
    let Some(pod) = world.store.pod(uid).cloned() else { return };
    node_lifecycle::on_pod(world, uid);
    endpointslice::on_pod(world, &pod, before);
    if before.is_some_and(|before| facts(before) == facts(&pod)) {
        retry_owner(world, &pod);
        return;
    }
    request_for(world, &pod);
    if before.is_none() {
        garbage::on_created(world, &pod.meta.namespace, &pod.meta);
    }
    if let Some(before) = before.filter(|before| owner_of(before) != owner_of(&pod)) {
        request_for(world, before);
    }
    disruption::on_pod(world, &pod);
    let node = &pod.spec.node_name;
    if before.is_none() && !node.is_empty() && world.store.resource("Node", "", node).is_none() {
        garbage::on_node_gone(world, &Key::new("Node", "", node));
    }
    if before.is_none_or(|before| before.status.phase != pod.status.phase) {
        volume::on_pod(world, &pod);
        quota::on_pod(world, &pod.meta.namespace);
    }
    if pod.meta.deletion_timestamp.is_some() && !pod.meta.finalizers.is_empty() {
        job::release_orphan(world, uid);
    }
}

/// Any change of a pod makes a controller that failed try again; the others would find nothing to do.
fn retry_owner(world: &mut World, pod: &Pod) {
    let Some(owner) = pod.meta.controller() else { return };
    let Some(queue) = queue_of(&owner.kind).filter(|queue| *queue != "Job") else { return };
    let key = Key::new(queue, &pod.meta.namespace, &owner.name);
    if work::is_failing(world, queue, &key) {
        work::soon(world, queue, &key);
    }
}

type Facts<'a> = (
    (podplay_api::PodPhase, Option<podplay_api::Timestamp>, bool, u32, bool),
    &'a podplay_api::StringMap,
    &'a [podplay_api::OwnerReference],
    &'a str,
);

/// What controllers look at.
fn facts(pod: &Pod) -> Facts<'_> {
    let restarts = pod.status.all_containers().map(|status| status.restart_count).sum();
    let ending = pod.meta.deletion_timestamp.is_some();
    let plain =
        (pod.status.phase, common::ready_since(pod), common::is_ready(pod), restarts, ending);
    (plain, &pod.meta.labels, &pod.meta.owner_references, &pod.spec.node_name)
}

fn owner_of(pod: &Pod) -> Option<&str> {
    pod.meta.controller().map(|owner| owner.uid.as_str())
}

/// The controllers that own a pod, or might adopt it, look at it.
fn request_for(world: &mut World, pod: &Pod) {
    if let Some(owner) = pod.meta.controller() {
        let Some(queue) = queue_of(&owner.kind) else { return };
        let key = Key::new(queue, &pod.meta.namespace, &owner.name);
        if queue == "Job" {
            work::after(world, queue, &key, job::BATCH);
        } else {
            work::soon(world, queue, &key);
        }
        return;
    }
    let mut adopters: Vec<(&'static str, Key)> = Vec::new();
    for kind in OWNERS {
        let here =
            world.store.resources(kind).filter(|(key, _)| *key.namespace == *pod.meta.namespace);
        let fitting =
            here.filter(|(_, resource)| selector(kind, resource).matches(&pod.meta.labels));
        adopters.extend(fitting.map(|(key, _)| (kind, key.clone())));
    }
    for (kind, key) in adopters {
        work::soon(world, kind, &key);
    }
}

fn selector(kind: &str, resource: &Resource) -> LabelSelector {
    let raw = &resource.spec()["selector"];
    if kind == "ReplicationController" {
        let match_labels = podplay_api::FromRaw::from_raw(raw);
        return LabelSelector { match_labels, ..LabelSelector::default() };
    }
    podplay_api::FromRaw::from_raw(raw)
}

/// A pod is gone.
pub fn on_pod_deleted(world: &mut World, uid: Uid, pod: &Pod) {
    node_lifecycle::on_pod_gone(world, uid, pod);
    endpointslice::on_pod(world, pod, None);
    request_for(world, pod);
    if let Some(owner) = pod.meta.controller().filter(|owner| owner.kind == "ReplicaSet") {
        // A Deployment that replaces all pods at once waits for the last of them.
        request_owner(world, &Key::new("ReplicaSet", &pod.meta.namespace, &owner.name));
    }
    disruption::on_pod(world, pod);
    quota::on_pod(world, &pod.meta.namespace);
    garbage::request_owners(world, &pod.meta.namespace, &pod.meta);
}

/// A controller's timer went off.
pub fn sync(world: &mut World, kind: &'static str, namespace: &str, name: &str) {
    work::taken(world, kind, &Key::new(kind, namespace, name));
    match kind {
        "EndpointSlice" => endpointslice::sync(world, &Key::new("Service", namespace, name)),
        "Proxy" => endpointslice::program(world),
        "ReplicaSet" => replicaset::sync(world, state::SetKind::ReplicaSet, namespace, name),
        "ReplicationController" => {
            replicaset::sync(world, state::SetKind::ReplicationController, namespace, name);
        }
        replicaset::CREATE => replicaset::create_next(world, namespace, name),
        "Deployment" => deployment::sync(world, namespace, name),
        "StatefulSet" => statefulset::sync(world, namespace, name),
        "DaemonSet" => daemonset::sync(world, namespace, name),
        "Job" => job::sync(world, namespace, name),
        job::CONCLUDE => job::conclude_pending(world, namespace, name),
        "JobTtl" => job::expire(world, namespace, name),
        "CronJob" => cronjob::sync(world, namespace, name),
        "PodDisruptionBudget" => disruption::sync(world, namespace, name),
        "ResourceQuota" => quota::sync(world, namespace, name),
        "Namespace" => namespace::sync(world, name),
        autoscaler::QUEUE => autoscaler::sync(world, namespace, name),
        volume::CLAIM => volume::sync_claim(world, namespace, name),
        volume::VOLUME => volume::sync_volume(world, name),
        garbage::QUEUE => garbage::sync(world, namespace, name),
        "NodeLifecycle" => node_lifecycle::sync_cordon(world, name),
        "PodGC" => garbage::collect_node(world, name),
        _ => {}
    }
}
