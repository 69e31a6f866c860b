//! Endpoints as API objects: the mirror of EndpointSlices that clusters still keep.

use podplay_api::{Value, json};
use podplay_core::Cluster;
use std::collections::BTreeMap;

/// The Endpoints of a namespace, or of all, sorted by namespace and name.
///
/// Models `pkg/controller/endpoint`: ready addresses, and those that are not.
pub(crate) fn list(cluster: &Cluster, namespace: Option<&str>) -> Vec<Value> {
    let mut services: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for slice in cluster.list("EndpointSlice", namespace) {
        let meta = &slice["metadata"];
        let name = text(&meta["labels"]["kubernetes.io/service-name"]);
        if !name.is_empty() {
            services.entry((text(&meta["namespace"]), name)).or_default().push(slice);
        }
    }
    services
        .into_iter()
        .map(|((namespace, name), slices)| object(&namespace, &name, &slices))
        .collect()
}

fn object(namespace: &str, name: &str, slices: &[Value]) -> Value {
    let subsets: Vec<Value> = slices.iter().filter_map(subset).collect();
    let created = slices.first().map(|slice| slice["metadata"]["creationTimestamp"].clone());
    let mut object = json!({"apiVersion": "v1", "kind": "Endpoints",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created}});
    if !subsets.is_empty() {
        object["subsets"] = Value::Array(subsets);
    }
    object
}

fn subset(slice: &Value) -> Option<Value> {
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for endpoint in slice["endpoints"].as_array()? {
        let ip = endpoint["addresses"].get(0).cloned().unwrap_or_default();
        let address =
            json!({"ip": ip, "nodeName": endpoint["nodeName"], "targetRef": endpoint["targetRef"]});
        let list = if endpoint["conditions"]["ready"] == true { &mut ready } else { &mut waiting };
        list.push(address);
    }
    if ready.is_empty() && waiting.is_empty() {
        return None;
    }
    let mut subset = json!({"ports": slice["ports"]});
    if !ready.is_empty() {
        subset["addresses"] = Value::Array(ready);
    }
    if !waiting.is_empty() {
        subset["notReadyAddresses"] = Value::Array(waiting);
    }
    Some(subset)
}
