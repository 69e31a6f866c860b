//! Names, labels, host names and claims of a StatefulSet's pods.

use super::{SOURCE, View};
use crate::apiserver;
use crate::controllers::common::{pod_after, stored};
use crate::controllers::{history, work};
use crate::events;
use crate::world::World;
use podplay_api::{EventType, FromRaw, Pod, PodTemplate, Value, json};

/// The ordinal in a pod's name, if it is one of the set's.
pub fn ordinal(set: &str, pod: &str) -> Option<i64> {
    pod.strip_prefix(set)?.strip_prefix('-')?.parse().ok()
}

/// Makes the pod of an ordinal, after the template that it is to have.
pub fn create(world: &mut World, view: &View, ordinal: i64) {
    let (template, revision) = template(world, view, ordinal);
    let name = format!("{}-{ordinal}", view.key.name);
    let mut pod = pod_after(&view.key, &view.resource, &template);
    let meta = &mut pod["metadata"];
    if let Some(meta) = meta.as_object_mut() {
        meta.remove("generateName");
    }
    meta["name"] = json!(name);
    meta["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
    meta["labels"]["apps.kubernetes.io/pod-index"] = json!(ordinal.to_string());
    meta["labels"][history::LABEL] = json!(revision);
    let spec = &mut pod["spec"];
    spec["hostname"] = json!(name);
    if !view.spec.service_name.is_empty() {
        spec["subdomain"] = json!(view.spec.service_name);
    }
    claims(world, view, &name, spec);
    let (kind, reason, message) = match apiserver::create_pod(world, Pod::from_object(&pod)) {
        Ok(_) => (
            EventType::Normal,
            "SuccessfulCreate",
            format!("Create Pod {name} in StatefulSet {} successful", view.key.name),
        ),
        Err(error) => (
            EventType::Warning,
            "FailedCreate",
            format!(
                "create Pod {name} in StatefulSet {} failed error: {}",
                view.key.name, error.message
            ),
        ),
    };
    events::about(world, &view.key, SOURCE, kind, reason, &message);
    if kind == EventType::Warning {
        work::failed(world, "StatefulSet", &view.key);
    } else {
        work::succeeded(world, "StatefulSet", &view.key);
    }
}

/// Ordinals below the partition keep the revision that is current.
fn template(world: &World, view: &View, ordinal: i64) -> (PodTemplate, String) {
    let partition = view.spec.update_strategy.rolling_update.partition;
    if ordinal < view.start() + partition && view.current != *view.update.key.name {
        let old = history::revisions(world, &view.key, &view.resource)
            .into_iter()
            .find(|revision| *revision.key.name == *view.current);
        if let Some(old) = old {
            return (PodTemplate::from_raw(&history::template_of(&old)), view.current.clone());
        }
    }
    (view.spec.template.clone(), view.update.key.name.to_string())
}

/// Makes the claims of a pod that are missing, and mounts them.
fn claims(world: &mut World, view: &View, pod: &str, spec: &mut Value) {
    for template in &view.spec.volume_claim_templates {
        let volume = template["metadata"]["name"].as_str().unwrap_or_default();
        let claim = format!("{volume}-{pod}");
        let key = apiserver::Key::new("PersistentVolumeClaim", &view.key.namespace, &claim);
        if stored(world, &key).is_none() {
            let mut object = template.clone();
            object["apiVersion"] = json!("v1");
            object["kind"] = json!("PersistentVolumeClaim");
            object["metadata"]["name"] = json!(claim);
            object["metadata"]["namespace"] = json!(&*view.key.namespace);
            for (label, value) in &view.spec.selector.match_labels {
                object["metadata"]["labels"][label] = json!(value);
            }
            if apiserver::create(world, object).is_ok() {
                let message = format!(
                    "Create Claim {claim} Pod {pod} in StatefulSet {} success",
                    view.key.name
                );
                events::about(
                    world,
                    &view.key,
                    SOURCE,
                    EventType::Normal,
                    "SuccessfulCreate",
                    &message,
                );
            }
        }
        let source = json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}});
        if !spec["volumes"].is_array() {
            spec["volumes"] = json!([]);
        }
        if let Some(volumes) = spec["volumes"].as_array_mut() {
            volumes.retain(|known| known["name"] != volume);
            volumes.push(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn a_pod_of_the_set_has_an_ordinal() {
        for (set, pod, expected) in [
            ("web", "web-0", Some(0)),
            ("web", "web-12", Some(12)),
            ("web", "web", None),
            ("web", "web-x", None),
            ("web", "webs-1", None),
            ("web", "web-1-2", None),
            ("web-1", "web-1-2", Some(2)),
        ] {
            assert_eq!(ordinal(set, pod), expected, "{set} {pod}");
        }
    }
}
