//! ReplicaSets and ReplicationControllers: a number of equal pods.
//!
//! Models `pkg/controller/replicaset/{replica_set,replica_set_utils}.go`.

use super::common::{
    Numbered, available, claim, count, create_pod, delete_pod, is_active, is_ready, is_terminating,
    len, pod_after, pods_of, put_count, stored,
};
use super::state::{Creating, SetKind};
use super::{ranking, work};
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::config::Profile;
use crate::world::World;
use podplay_api::{
    LabelSelector, Map, ReplicaSetSpec, ReplicationControllerSpec, Value, json, labels_match,
};
use std::time::Duration;

/// At most so many pods are created or deleted in one sync.
const BURST: usize = 500;

impl SetKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ReplicaSet => "ReplicaSet",
            Self::ReplicationController => "ReplicationController",
        }
    }
    const fn source(self) -> &'static str {
        match self {
            Self::ReplicaSet => "replicaset-controller",
            Self::ReplicationController => "replication-controller",
        }
    }
}

fn spec_of(kind: SetKind, resource: &Resource) -> ReplicaSetSpec {
    match kind {
        SetKind::ReplicaSet => resource.typed_spec(),
        SetKind::ReplicationController => {
            let spec: ReplicationControllerSpec = resource.typed_spec();
            ReplicaSetSpec {
                replicas: spec.replicas,
                selector: LabelSelector { match_labels: spec.selector, ..LabelSelector::default() },
                template: spec.template,
                min_ready_seconds: spec.min_ready_seconds,
            }
        }
    }
}

/// The queue of the pods that are being made one after another.
pub const CREATE: &str = "ReplicaSetCreate";
/// Time from one pod to the next.
const PACE: Duration = Duration::from_millis(4);
/// Time from the last pod until the controller goes on with what changed meanwhile: its status is written, and its
/// expectations want to see all pods first. Recordings show 56 and 72 ms on a busy machine; a pod is bound before.
const OWN_PODS_SEEN: Duration = Duration::from_millis(20);

/// One look at an object.
pub fn sync(world: &mut World, kind: SetKind, namespace: &str, name: &str) {
    let key = Key::new(kind.as_str(), namespace, name);
    if let Some(plan) = world.controllers.creating.get_mut(&key) {
        plan.dirty = true;
        return;
    }
    let Some(resource) = stored(world, &key) else { return };
    let spec = spec_of(kind, &resource);
    let pods = claim(world, &key, &resource, &spec.selector);
    if resource.meta.deletion_timestamp.is_none() {
        let missing = wanted(&spec).saturating_sub(active(&pods).count()).min(BURST);
        if missing > 0 {
            let plan = Creating {
                kind,
                left: missing,
                batch: 1,
                left_in_batch: 1,
                error: None,
                dirty: false,
                settling: false,
            };
            world.controllers.creating.insert(key.clone(), plan);
            create_next(world, namespace, &task(&key));
            return;
        }
        delete_surplus(world, kind, &key, &resource, &spec, &pods);
    }
    // The status counts the pods that were there when the sync began.
    finish(world, kind, &key, &resource, &pods, None);
}

fn task(key: &Key) -> String {
    format!("{}/{}", key.kind, key.name)
}

fn wanted(spec: &ReplicaSetSpec) -> usize {
    usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0)
}

fn active(pods: &[Numbered]) -> impl Iterator<Item = &Numbered> {
    pods.iter().filter(|(_, pod)| is_active(pod))
}

/// Makes the next pod of an object, or ends its sync.
pub fn create_next(world: &mut World, namespace: &str, task: &str) {
    let Some((kind, name)) = task.split_once('/') else { return };
    let key = Key::new(kind, namespace, name);
    let Some(mut plan) = world.controllers.creating.remove(&key) else { return };
    if plan.settling {
        if plan.dirty {
            work::soon(world, plan.kind.as_str(), &key);
        }
        return;
    }
    let Some(resource) = stored(world, &key) else { return };
    let spec = spec_of(plan.kind, &resource);
    if plan.left > 0 && resource.meta.deletion_timestamp.is_none() {
        let pod = pod_after(&key, &resource, &spec.template);
        match create_pod(world, &key, plan.kind.source(), &pod) {
            Err(error) if !error.namespace_ends() => {
                plan.error.get_or_insert(error.message);
            }
            _ => {}
        }
        plan.left -= 1;
        plan.left_in_batch -= 1;
        if plan.left_in_batch == 0 {
            plan.batch *= 2;
            plan.left_in_batch = plan.batch.min(plan.left);
            plan.left = if plan.error.is_some() { 0 } else { plan.left };
        }
        let pace = if world.config.profile == Profile::Instant { Duration::ZERO } else { PACE };
        world.controllers.creating.insert(key.clone(), plan);
        work::after(world, CREATE, &Key::new(CREATE, namespace, task), pace);
        return;
    }
    let pods = claim(world, &key, &resource, &spec.selector);
    finish(world, plan.kind, &key, &resource, &pods, plan.error.as_deref());
    if plan.error.is_none() && world.config.profile != Profile::Instant {
        plan.settling = true;
        world.controllers.creating.insert(key, plan);
        work::after(world, CREATE, &Key::new(CREATE, namespace, task), OWN_PODS_SEEN);
    } else if plan.dirty {
        work::soon(world, plan.kind.as_str(), &key);
    }
}

/// Writes the status, and looks again when something failed or becomes available.
fn finish(
    world: &mut World,
    kind: SetKind,
    key: &Key,
    resource: &Resource,
    pods: &[Numbered],
    failure: Option<&str>,
) {
    let spec = spec_of(kind, resource);
    let status = status(world, kind, resource, &spec, pods, failure);
    let (ready, usable) = (count(&status, "readyReplicas"), count(&status, "availableReplicas"));
    apiserver::set_object_status(world, key, status);
    if failure.is_some() {
        work::failed(world, kind.as_str(), key);
        return;
    }
    work::succeeded(world, kind.as_str(), key);
    if ready != usable {
        let waits = active(pods)
            .filter_map(|(_, pod)| available(world, pod, spec.min_ready_seconds).err()?);
        if let Some(wait) = waits.min() {
            work::after(world, kind.as_str(), key, wait + Duration::from_millis(5));
        }
    }
}

/// Deletes pods beyond the wanted number.
fn delete_surplus(
    world: &mut World,
    kind: SetKind,
    key: &Key,
    resource: &Resource,
    spec: &ReplicaSetSpec,
    pods: &[Numbered],
) {
    let mut active: Vec<Numbered> = active(pods).cloned().collect();
    let surplus = active.len().saturating_sub(wanted(spec)).min(BURST);
    if surplus > 0 {
        let related = related(world, kind, key, resource, &active);
        ranking::rank(&mut active, &related, world.wall());
        for (uid, _) in active.into_iter().take(surplus) {
            delete_pod(world, key, kind.source(), uid);
        }
    }
}

/// The active pods of all ReplicaSets with the same controller.
fn related(
    world: &World,
    kind: SetKind,
    key: &Key,
    resource: &Resource,
    own: &[Numbered],
) -> Vec<Numbered> {
    let Some(owner) = resource.meta.controller() else { return own.to_vec() };
    let sets = super::common::objects_of(world, kind.as_str(), &key.namespace, &owner.uid);
    let pods = sets.iter().flat_map(|(_, set)| pods_of(world, &set.meta.uid));
    pods.filter(|(_, pod)| is_active(pod)).collect()
}

fn status(
    world: &World,
    kind: SetKind,
    resource: &Resource,
    spec: &ReplicaSetSpec,
    pods: &[Numbered],
    failure: Option<&str>,
) -> Value {
    let active = || active(pods).map(|(_, pod)| pod);
    let labels = &spec.template.metadata.labels;
    let labelled = active().filter(|pod| labels_match(labels, &pod.meta.labels)).count();
    let ready = active().filter(|pod| is_ready(pod)).count();
    let usable =
        active().filter(|pod| available(world, pod, spec.min_ready_seconds).is_ok()).count();
    let mut status = Map::new();
    put_count(&mut status, "availableReplicas", len(usable));
    put_count(&mut status, "fullyLabeledReplicas", len(labelled));
    put_count(&mut status, "observedGeneration", resource.meta.generation.unwrap_or(1));
    put_count(&mut status, "readyReplicas", len(ready));
    status.insert("replicas".into(), json!(active().count()));
    if kind == SetKind::ReplicaSet {
        let ending = pods.iter().filter(|(_, pod)| is_terminating(pod)).count();
        status.insert("terminatingReplicas".into(), json!(ending));
    }
    if let Some(conditions) = failures(world, resource, spec, active().count(), failure) {
        status.insert("conditions".into(), conditions);
    }
    Value::Object(status)
}

/// The condition `ReplicaFailure`: it stays as it is while the failure lasts.
fn failures(
    world: &World,
    resource: &Resource,
    spec: &ReplicaSetSpec,
    active: usize,
    failure: Option<&str>,
) -> Option<Value> {
    let message = failure?;
    let old = &resource.status["conditions"];
    if old.as_array().is_some_and(|list| !list.is_empty()) {
        return Some(old.clone());
    }
    let missing = len(active) < spec.replicas.unwrap_or(1);
    let reason = if missing { "FailedCreate" } else { "FailedDelete" };
    Some(json!([{"type": "ReplicaFailure", "status": "True", "reason": reason, "message": message,
        "lastTransitionTime": world.wall().to_string()}]))
}
