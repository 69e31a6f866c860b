//! Recording Kubernetes Events: aggregation of similar ones, counting of equal ones, the spam filter.
//!
//! Models `staging/client-go/tools/record/events_cache.go` EventCorrelator.

pub mod recorder;

use crate::ids::{ContainerIx, Uid};
use crate::record::{PodIdentity, PodRef, Subject, What};
use crate::world::World;
use podplay_api::{Event, EventType, ObjectMeta, ObjectReference};
use std::sync::Arc;

/// An event about a pod, or a container of it, by its kubelet.
pub fn pod_event(
    world: &mut World,
    uid: Uid,
    ix: Option<ContainerIx>,
    kind: EventType,
    reason: &str,
    message: &str,
) {
    let Some(worker) = world.workers.get(&uid) else { return };
    if !world.nodes.get(&worker.node).is_some_and(|agent| agent.speaks()) {
        return;
    }
    let meta = &worker.pod.meta;
    let object = ObjectReference {
        kind: "Pod".into(),
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        api_version: "v1".into(),
        field_path: ix.map(|ix| worker.field_path(ix)).unwrap_or_default(),
    };
    let host = worker.node.to_string();
    let subject = match ix {
        Some(ix) => world.container_subject(uid, ix),
        None => world.pod_subject(uid),
    };
    emit(world, subject, object, "kubelet", &host, kind, reason, message);
}

/// An event about a pod by a component of the control plane.
pub fn about_pod(
    world: &mut World,
    uid: Uid,
    source: &str,
    kind: EventType,
    reason: &str,
    message: &str,
) {
    let Some(entry) = world.store.entry(uid) else { return };
    let (pod, pod_ref) = (Arc::clone(&entry.pod), Arc::clone(&entry.pod_ref));
    about_stored(world, &pod.meta, pod_ref, source, (kind, reason, message));
}

/// An event about a pod that is gone.
pub fn about_gone(
    world: &mut World,
    meta: &ObjectMeta,
    source: &str,
    kind: EventType,
    reason: &str,
    message: &str,
) {
    let pod_ref = Arc::new(PodIdentity {
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
    });
    about_stored(world, meta, pod_ref, source, (kind, reason, message));
}

fn about_stored(
    world: &mut World,
    meta: &ObjectMeta,
    pod_ref: PodRef,
    source: &str,
    (kind, reason, message): (EventType, &str, &str),
) {
    let object = ObjectReference {
        kind: "Pod".into(),
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        api_version: "v1".into(),
        field_path: String::new(),
    };
    emit(world, Subject::Pod(pod_ref), object, source, "", kind, reason, message);
}

/// An event about any other object.
pub fn about(
    world: &mut World,
    key: &crate::apiserver::store::Key,
    source: &str,
    kind: EventType,
    reason: &str,
    message: &str,
) {
    let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name) else { return };
    let object = ObjectReference {
        kind: key.kind.to_string(),
        namespace: key.namespace.to_string(),
        name: key.name.to_string(),
        uid: resource.meta.uid.clone(),
        api_version: resource.api_version.to_string(),
        field_path: String::new(),
    };
    let subject =
        Subject::Object(Arc::clone(&key.kind), Arc::clone(&key.namespace), Arc::clone(&key.name));
    emit(world, subject, object, source, "", kind, reason, message);
}

#[expect(clippy::too_many_arguments, reason = "an event has that many parts")]
fn emit(
    world: &mut World,
    subject: Subject,
    object: ObjectReference,
    source: &str,
    host: &str,
    kind: EventType,
    reason: &str,
    message: &str,
) {
    let (now, wall) = (world.now, world.wall());
    let identity = format!("{}/{}/{}/{}", object.kind, object.namespace, object.name, object.uid);
    let bucket = format!("{identity}/{kind}");
    let sender = format!("{source}/{host}");
    let group =
        (sender.clone(), identity.clone(), object.field_path.clone(), kind, reason.to_string());
    // Events of the scheduler go through the newer API, which neither combines nor filters.
    let (slot, text) = match source {
        "default-scheduler" => (message.to_string(), message.to_string()),
        _ => world.recorder.aggregate(&group, message, now),
    };
    let key = (group, slot);
    // Nothing is made in a namespace that is being deleted; what is there already can still be counted up.
    let ends = world
        .store
        .resource("Namespace", "", &object.namespace)
        .is_some_and(|namespace| namespace.meta.deletion_timestamp.is_some());
    let recorder = &mut world.recorder;
    let number = *recorder.counted.entry(key).or_insert(recorder.events.len());
    if number == recorder.events.len() {
        recorder.dropped.insert(number);
        recorder.events.push(Event {
            involved_object: object,
            reason: reason.to_string(),
            message: String::new(),
            kind,
            source: source.to_string(),
            host: host.to_string(),
            first_timestamp: Some(wall),
            last_timestamp: None,
            count: 0,
        });
    }
    let event = &mut recorder.events[number];
    event.count += 1;
    event.last_timestamp = Some(wall);
    event.message = text;
    let event = event.clone();
    if source != "default-scheduler" && !recorder.passes(&sender, &bucket, now) {
        return;
    }
    if ends && recorder.dropped.contains(&number) {
        return;
    }
    recorder.dropped.remove(&number);
    world.record(subject, What::Event(Arc::new(event)));
}
