//! The EndpointSlice controller: which pods a Service leads to, and whether they are ready.
//!
//! Models `staging/endpointslice/{reconciler,utils}.go`.

use crate::apiserver;
use crate::apiserver::store::Key;
use crate::config::Profile;
use crate::network::endpoints::{SERVICE_LABEL, rules_of, selected, slice_of};
use crate::network::proxy::Conditions;
use crate::queue::Timer;
use crate::random;
use crate::world::World;
use podplay_api::{
    IntOrString, Map, Pod, ServicePort, ServiceSpec, SimTime, StringMap, Value, json,
};
use std::sync::Arc;
use std::time::Duration;

/// Time from a pod's change to the slice's.
const LATENCY: Duration = Duration::from_millis(8);
/// Time from a slice's change to new rules of kube-proxy.
const PROXY_LATENCY: Duration = Duration::from_millis(50);
/// Least time between two runs of kube-proxy.
///
/// Models `pkg/proxy/iptables/proxier.go` minSyncPeriod.
const PROXY_PAUSE: Duration = Duration::from_secs(1);

/// A slice was stored or is gone: kube-proxy will notice.
pub fn on_slice(world: &mut World, slice: &Key) {
    let service = world
        .store
        .resource(&slice.kind, &slice.namespace, &slice.name)
        .and_then(|resource| resource.meta.labels.get(SERVICE_LABEL))
        .map(|name| Key::new("Service", &slice.namespace, name));
    let state = &mut world.controllers.endpoints;
    match service {
        Some(service) => {
            state.changed.insert(service);
        }
        None => {
            let known: Vec<Key> = state.rules.keys().cloned().collect();
            state.changed.extend(known);
        }
    }
    let ran = state.ran;
    let at = match world.config.profile {
        Profile::Instant => world.now,
        _ => ran.map_or(SimTime::ZERO, |ran| ran + PROXY_PAUSE).max(world.now + PROXY_LATENCY),
    };
    world.arm_earlier(Timer::Controller("Proxy", "".into(), "".into()), at);
}

/// kube-proxy writes its rules anew, as the slices are now.
pub fn program(world: &mut World) {
    world.controllers.endpoints.ran = Some(world.now);
    for key in std::mem::take(&mut world.controllers.endpoints.changed) {
        let rules = slice_of(world, &key).map(|slice| rules_of(world, &slice));
        let state = &mut world.controllers.endpoints;
        match rules {
            Some(rules) => state.rules.insert(key, rules),
            None => state.rules.remove(&key),
        };
    }
}

/// A Service was stored or is gone.
pub fn on_service(world: &mut World, key: &Key) {
    request(world, key);
}

/// A pod was stored or is gone: Services that select it, or did, are looked at.
pub fn on_pod(world: &mut World, pod: &Pod, before: Option<&Pod>) {
    let relevant = before.is_none_or(|before| facts(before) != facts(pod));
    if !relevant {
        return;
    }
    let touched: Vec<Key> = world
        .store
        .resources("Service")
        .filter(|(key, resource)| {
            let spec = resource.body.get("spec");
            let selector = spec.and_then(|spec| spec["selector"].as_object());
            let hits = |pod: &Pod| {
                pod.meta.namespace == *key.namespace
                    && selector.is_some_and(|selector| selects(selector, &pod.meta.labels))
            };
            hits(pod) || before.is_some_and(hits)
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in touched {
        request(world, &key);
    }
}

/// Whether a Service's selector, as it is stored, has something to select by, and these labels answer to it.
fn selects(selector: &Map<String, Value>, labels: &StringMap) -> bool {
    let has = |(key, value): (&String, &Value)| {
        labels.get(key).map(String::as_str) == Some(value.as_str().unwrap_or_default())
    };
    !selector.is_empty() && selector.iter().all(has)
}

/// What leads to another look. That a pod has ended does not: its place goes when the slice next changes.
///
/// Models `staging/endpointslice/util/controller_utils.go` podEndpointsChanged.
fn facts(pod: &Pod) -> (bool, bool, &str, &StringMap) {
    (
        pod.status.is_true("Ready"),
        pod.meta.deletion_timestamp.is_some(),
        &pod.status.pod_ip,
        &pod.meta.labels,
    )
}

fn request(world: &mut World, key: &Key) {
    let at =
        world.now + if world.config.profile == Profile::Instant { Duration::ZERO } else { LATENCY };
    world.arm_earlier(
        Timer::Controller("EndpointSlice", Arc::clone(&key.namespace), Arc::clone(&key.name)),
        at,
    );
}

/// Brings a Service's slice up to date.
pub fn sync(world: &mut World, key: &Key) {
    let slice = slice_of(world, key);
    let Some(service) = world.store.resource("Service", &key.namespace, &key.name) else {
        if let Some(slice) = slice {
            let _ = apiserver::delete(world, &slice, &crate::command::DeleteOptions::default());
        }
        return;
    };
    let spec: ServiceSpec = service.typed_spec();
    if spec.selector.is_empty() || spec.kind == "ExternalName" {
        return;
    }
    let labels = service.meta.labels.clone();
    let owner = json!({"apiVersion": "v1", "kind": "Service", "name": &*key.name, "uid": service.meta.uid, "controller": true, "blockOwnerDeletion": true});
    let endpoints: Vec<Value> =
        selected(world, key, &spec).map(|(_, pod, found)| endpoint(pod, found)).collect();
    // A slice that holds nobody's place has no ports.
    let ports: Vec<Value> = match endpoints.is_empty() {
        true => Vec::new(),
        false => spec.ports.iter().map(|port| slice_port(world, key, &spec, port)).collect(),
    };
    let name = slice.as_ref().map(|slice| slice.name.to_string()).unwrap_or_else(|| {
        let bits =
            random::draw(world.config.seed, "slice", &format!("{}/{}", key.namespace, key.name), 0);
        format!("{}-{}", key.name, random::suffix(bits, 5))
    });
    let mut all = json!({"kubernetes.io/service-name": &*key.name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"});
    if spec.cluster_ip == "None" {
        all["service.kubernetes.io/headless"] = json!("");
    }
    for (label, value) in labels {
        all[label] = json!(value);
    }
    let object = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
        "metadata": {"name": name, "namespace": &*key.namespace, "labels": all, "ownerReferences": [owner], "generateName": format!("{}-", key.name)},
    });
    let before = slice
        .as_ref()
        .and_then(|slice| world.store.get("EndpointSlice", &slice.namespace, &slice.name));
    let same = before.is_some_and(|before| {
        before["endpoints"] == object["endpoints"]
            && before["ports"] == object["ports"]
            && before["metadata"]["labels"] == object["metadata"]["labels"]
    });
    if same {
        return;
    }
    let _ = if slice.is_some() {
        apiserver::replace(world, &object)
    } else {
        apiserver::create(world, object)
    };
}

fn endpoint(pod: &Pod, found: Conditions) -> Value {
    json!({
        "addresses": [pod.status.pod_ip],
        "conditions": {"ready": found.ready, "serving": found.serving, "terminating": found.terminating},
        "nodeName": pod.spec.node_name,
        "targetRef": {"kind": "Pod", "name": pod.meta.name, "namespace": pod.meta.namespace, "uid": pod.meta.uid},
    })
}

fn slice_port(world: &World, key: &Key, spec: &ServiceSpec, port: &ServicePort) -> Value {
    let number = match &port.target_port {
        IntOrString::Int(0) => Some(port.port),
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::Text(name) => selected(world, key, spec).find_map(|(_, pod, _)| {
            pod.spec
                .containers
                .iter()
                .flat_map(|c| &c.ports)
                .find(|p| p.name == *name)
                .map(|p| p.container_port)
        }),
    };
    json!({"name": port.name, "port": number, "protocol": if port.protocol.is_empty() { "TCP" } else { &port.protocol }})
}
