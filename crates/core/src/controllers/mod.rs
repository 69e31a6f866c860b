//! The controllers, and who is told of which change.

pub mod disruption;
pub mod endpointslice;
pub mod node_lifecycle;
pub mod quota;

pub use node_lifecycle::{
    monitor as monitor_nodes, on_heartbeat, on_silence, pressure, taint_eviction,
};

use crate::apiserver::{Key, Resource};
use crate::command::Propagation;
use crate::record::Verb;
use crate::scheduler;
use crate::world::{Uid, World};
use podplay_api::Pod;

/// State that controllers keep between syncs.
#[derive(Clone, Debug, Default)]
pub struct Controllers {
    /// Of the node lifecycle controller.
    pub nodes: node_lifecycle::State,
}

/// An object other than a pod was created or changed.
pub fn on_object(world: &mut World, key: &Key, verb: Verb) {
    match &*key.kind {
        "Node" => {
            node_lifecycle::on_node(world, key, verb);
            if verb != Verb::StatusUpdated {
                scheduler::something_changed(world);
            }
        }
        "Service" => endpointslice::on_service(world, key),
        "PersistentVolumeClaim" => scheduler::something_changed(world),
        _ => {}
    }
}

/// An object other than a pod is gone.
pub fn on_deleted(world: &mut World, key: &Key, removed: &Resource) {
    let _ = removed;
    if &*key.kind == "Service" {
        endpointslice::on_service(world, key);
    }
}

/// An object other than a pod is about to be deleted.
pub fn before_delete(world: &mut World, key: &Key, propagation: Propagation) {
    let _ = (world, key, propagation);
}

/// A pod was created or changed; `before` is what it was.
pub fn on_pod(world: &mut World, uid: Uid, before: Option<&Pod>) {
    let Some(pod) = world.store.pod(uid).cloned() else { return };
    node_lifecycle::on_pod(world, uid);
    endpointslice::on_pod(world, &pod, before);
}

/// A pod is gone.
pub fn on_pod_deleted(world: &mut World, pod: &Pod) {
    endpointslice::on_pod(world, pod, None);
}

/// A controller's timer went off.
pub fn sync(world: &mut World, kind: &'static str, namespace: &str, name: &str) {
    if kind == "EndpointSlice" {
        endpointslice::sync(world, &Key::new("Service", namespace, name));
    }
}

/// A client of the Scenario's traffic sends a request.
pub fn traffic(world: &mut World, client: u32) {
    let _ = (world, client);
}
