//! Events as API objects: the recorder keeps their contents, readers want metadata around them.

use podplay_api::{Event, ToRaw, Value, json};
use podplay_core::Cluster;

/// The Events of a namespace, or of all, in the order in which they were first recorded.
pub(crate) fn list(cluster: &Cluster, namespace: Option<&str>) -> Vec<Value> {
    let events = cluster.world().recorder.events().enumerate();
    events
        .map(|(n, event)| object(event, n))
        .filter(|object| namespace.is_none_or(|name| object["metadata"]["namespace"] == name))
        .collect()
}

/// One event as the API server would return it.
fn object(event: &Event, number: usize) -> Value {
    let mut object = event.to_raw().unwrap_or_default();
    let about = &event.involved_object;
    let namespace = if about.namespace.is_empty() { "default" } else { &about.namespace };
    let created = event.first_timestamp.or(event.last_timestamp).unwrap_or_default();
    let stamp =
        u64::try_from(created.0).unwrap_or(0).wrapping_add(u64::try_from(number).unwrap_or(0));
    object["apiVersion"] = "v1".into();
    object["kind"] = "Event".into();
    object["metadata"] = json!({
        "name": format!("{}.{stamp:x}", about.name),
        "namespace": namespace,
        "creationTimestamp": created.to_string(),
        "resourceVersion": (number + 1).to_string(),
    });
    object["source"] = json!({"component": event.source, "host": event.host});
    object
}
