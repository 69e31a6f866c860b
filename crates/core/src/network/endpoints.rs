//! Who answers for a Service: the pods in its slices, and those that kube-proxy sends traffic to.

use crate::apiserver::store::Key;
use crate::ids::Uid;
use crate::network::proxy::Conditions;
use crate::world::World;
use podplay_api::{Pod, ServiceSpec, Value, labels_match};

/// Label of a slice: its Service.
pub const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// The conditions of a pod's endpoint, or `None` if it is not in the slice.
pub fn conditions(pod: &Pod, publish_not_ready: bool) -> Option<Conditions> {
    if pod.status.phase.is_terminal() || pod.status.pod_ip.is_empty() {
        return None;
    }
    let (serving, terminating) =
        (pod.status.is_true("Ready"), pod.meta.deletion_timestamp.is_some());
    Some(Conditions { ready: publish_not_ready || (serving && !terminating), serving, terminating })
}

/// Whether a pod is in the older Endpoints object, as an address or as one that is not ready.
///
/// Models `pkg/controller/util/endpoint/controller_utils.go` ShouldPodBeInEndpoints.
pub fn in_endpoints(pod: &Pod, publish_not_ready: bool) -> bool {
    let ending = pod.meta.deletion_timestamp.is_some();
    conditions(pod, publish_not_ready).is_some() && (!ending || publish_not_ready)
}

/// The pods that a Service selects and that have a place in its slices.
pub fn selected<'a>(
    world: &'a World,
    key: &'a Key,
    spec: &'a ServiceSpec,
) -> impl Iterator<Item = (Uid, &'a Pod, Conditions)> {
    let some = !spec.selector.is_empty();
    world
        .store
        .pod_entries()
        .filter(move |entry| {
            some && entry.pod.meta.namespace == *key.namespace
                && labels_match(&spec.selector, &entry.pod.meta.labels)
        })
        .filter_map(|entry| {
            conditions(&entry.pod, spec.publish_not_ready_addresses)
                .map(|found| (entry.uid, &*entry.pod, found))
        })
}

/// Pods that get a Service's traffic by kube-proxy's rules: the ready ones, or else those that serve while they terminate.
///
/// Models `pkg/proxy/topology.go`.
pub fn backends(world: &World, key: &Key) -> Vec<Uid> {
    let rules = world.controllers.endpoints.rules.get(key).map_or(&[][..], Vec::as_slice);
    let pick = |wanted: fn(&Conditions) -> bool| -> Vec<Uid> {
        rules.iter().filter(|(_, found)| wanted(found)).map(|(uid, _)| *uid).collect()
    };
    let ready = pick(|found| found.ready);
    if ready.is_empty() { pick(|found| found.serving && found.terminating) } else { ready }
}

/// Pods that a headless Service's name leads to.
pub fn published(world: &World, key: &Key, spec: &ServiceSpec) -> Vec<Uid> {
    selected(world, key, spec).filter(|(_, _, found)| found.ready).map(|(uid, _, _)| uid).collect()
}

/// Pods that a Service's slice shows as ready now, whatever kube-proxy has made of it yet.
pub fn ready(world: &World, key: &Key) -> Vec<Uid> {
    let rules = slice_of(world, key).map(|slice| rules_of(world, &slice)).unwrap_or_default();
    rules.into_iter().filter(|(_, found)| found.ready).map(|(uid, _)| uid).collect()
}

/// The slice of a Service.
pub fn slice_of(world: &World, key: &Key) -> Option<Key> {
    let mine = |labels: &podplay_api::StringMap| {
        labels.get(SERVICE_LABEL).is_some_and(|name| **name == *key.name)
    };
    world
        .store
        .resources("EndpointSlice")
        .find(|(slice, resource)| slice.namespace == key.namespace && mine(&resource.meta.labels))
        .map(|(slice, _)| slice.clone())
}

/// What a slice says of each of its pods.
pub fn rules_of(world: &World, slice: &Key) -> Vec<(Uid, Conditions)> {
    let Some(resource) = world.store.resource(&slice.kind, &slice.namespace, &slice.name) else {
        return Vec::new();
    };
    let endpoints = resource.body.get("endpoints").and_then(Value::as_array);
    let rule = |endpoint: &Value| {
        let name = endpoint["targetRef"]["name"].as_str()?;
        let uid = world.store.pod_entry(&slice.namespace, name)?.uid;
        let is = |condition: &str| endpoint["conditions"][condition] == true;
        let found = Conditions {
            ready: is("ready"),
            serving: is("serving"),
            terminating: is("terminating"),
        };
        Some((uid, found))
    };
    endpoints.into_iter().flatten().filter_map(rule).collect()
}
