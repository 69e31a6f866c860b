//! Objects as `kubectl get -o yaml` prints them: what the server wrote is set aside, the rest runs.
//!
//! A new object of the same text gets its own uid, status, token volume and addresses; what was
//! observed is kept beside the reading.

use serde_json::{Map, Value};

use crate::value::{at, filled, items, remove, text, truth};

/// What a server wrote into one object, taken off it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Aside {
    /// `status` as it was observed.
    pub status: Value,
    /// Fields of `metadata` that only a server writes.
    pub metadata: Map<String, Value>,
    /// The node that a pod was on.
    pub node: String,
    /// The paths of everything that was taken off, in the order of the object.
    pub paths: Vec<String>,
}

/// Fields of `metadata` that only a server writes.
const SERVER_META: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Annotations that controllers and kubelets write.
const SERVER_ANNOTATIONS: &[&str] = &[
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.daemonset.template.generation",
    "kubernetes.io/config.hash",
    "kubernetes.io/config.mirror",
    "kubernetes.io/config.seen",
    "kubernetes.io/config.source",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
];

/// Labels that the Job controller gives to its pods.
const JOB_LABELS: &[&str] = &["batch.kubernetes.io/controller-uid", "controller-uid"];

const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Whether a server has written into the object.
pub(crate) fn is_live(object: &Value) -> bool {
    let Some(meta) = object.get("metadata") else { return filled(object, "status") };
    ["uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink"]
        .iter()
        .any(|key| filled(meta, key))
        || filled(object, "status")
}

/// Takes off what a server wrote.
pub(crate) fn set_aside(object: &mut Value) -> Aside {
    let mut aside = Aside::default();
    metadata(object, &mut aside);
    match text(object, "kind") {
        "Pod" => pod(object, &mut aside),
        "PersistentVolume" => volume(object, &mut aside),
        "Job" => job(object, &mut aside),
        _ => {}
    }
    if let Some(status) = take(object, "status", "", &mut aside) {
        aside.status = status;
    }
    aside
}

/// Takes a key away and notes its path.
fn take(of: &mut Value, key: &str, under: &str, aside: &mut Aside) -> Option<Value> {
    let taken = of.as_object_mut()?.remove(key)?;
    if !taken.is_null() {
        let dot = if under.is_empty() { "" } else { "." };
        aside.paths.push([under, dot, key].concat());
    }
    Some(taken)
}

fn metadata(object: &mut Value, aside: &mut Aside) {
    let Some(meta) = object.get_mut("metadata") else { return };
    for key in SERVER_META {
        if let Some(value) = take(meta, key, "metadata", aside).filter(|v| !v.is_null()) {
            aside.metadata.insert((*key).to_owned(), value);
        }
    }
    if let Some(annotations) = meta.get_mut("annotations") {
        for key in SERVER_ANNOTATIONS {
            take(annotations, key, "metadata.annotations", aside);
        }
    }
}

fn pod(object: &mut Value, aside: &mut Aside) {
    let Some(spec) = object.get_mut("spec").filter(|s| s.is_object()) else { return };
    aside.node = text(spec, "nodeName").to_owned();
    if !filled(spec, "priorityClassName") {
        take(spec, "priority", "spec", aside);
        take(spec, "preemptionPolicy", "spec", aside);
    }
    token_volumes(spec, &mut aside.paths);
}

/// Takes the token's volume and its mounts off a pod spec: admission makes them anew.
pub(crate) fn token_volumes(spec: &mut Value, paths: &mut Vec<String>) {
    let mounts: Vec<String> = ["containers", "initContainers"]
        .iter()
        .flat_map(|list| items(spec, list))
        .flat_map(|container| items(container, "volumeMounts"))
        .filter(|mount| text(mount, "mountPath").trim_end_matches('/') == TOKEN_PATH)
        .map(|mount| text(mount, "name").to_owned())
        .collect();
    let made = |volume: &Value| {
        let name = text(volume, "name");
        let old = at(volume, "secret.secretName").is_some_and(|secret| secret == name);
        let projected = name.starts_with("kube-api-access-") && volume.get("projected").is_some();
        is_generated(name) && (projected || old && mounts.iter().any(|mount| mount == name))
    };
    let names: Vec<(usize, String)> = items(spec, "volumes")
        .iter()
        .enumerate()
        .filter(|(_, volume)| made(volume))
        .map(|(n, volume)| (n, text(volume, "name").to_owned()))
        .collect();
    if names.is_empty() {
        return;
    }
    paths.extend(names.iter().map(|(n, _)| format!("spec.volumes[{n}]")));
    let ours = |name: &str| names.iter().any(|(_, known)| known == name);
    retain(spec, "volumes", |volume| !ours(text(volume, "name")));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in crate::value::items_mut(spec, list) {
            retain(container, "volumeMounts", |mount| !ours(text(mount, "name")));
        }
    }
}

/// `default-token-f9jvj`, `kube-api-access-x7k2p`: five letters that a controller drew.
fn is_generated(name: &str) -> bool {
    const DRAWN: &str = "bcdfghjklmnpqrstvwxz0123456789";
    name.rsplit_once('-').is_some_and(|(head, tail)| {
        tail.len() == 5
            && tail.chars().all(|c| DRAWN.contains(c))
            && (head.ends_with("-token") || head == "kube-api-access")
    })
}

fn retain(of: &mut Value, key: &str, keep: impl Fn(&Value) -> bool) {
    if let Some(list) = of.get_mut(key).and_then(Value::as_array_mut) {
        list.retain(|item| keep(item));
        if list.is_empty() {
            remove(of, key);
        }
    }
}

/// A volume is bound to a claim of this cluster, not to the one of the other.
fn volume(object: &mut Value, aside: &mut Aside) {
    let Some(claim) = object.pointer_mut("/spec/claimRef") else { return };
    for key in ["uid", "resourceVersion"] {
        take(claim, key, "spec.claimRef", aside);
    }
}

/// A Job's selector and the label it selects by follow from its uid.
fn job(object: &mut Value, aside: &mut Aside) {
    let Some(spec) = object.get_mut("spec").filter(|s| !truth(s, "manualSelector")) else { return };
    take(spec, "selector", "spec", aside);
    if let Some(labels) = spec.pointer_mut("/template/metadata/labels") {
        for key in JOB_LABELS {
            take(labels, key, "spec.template.metadata.labels", aside);
        }
    }
    if let Some(labels) = object.pointer_mut("/metadata/labels") {
        for key in JOB_LABELS {
            take(labels, key, "metadata.labels", aside);
        }
    }
}

/// Takes away what binds an object to an owner that is not there.
pub(crate) fn orphan(object: &mut Value) {
    let Some(meta) = object.get_mut("metadata") else { return };
    remove(meta, "ownerReferences");
    retain(meta, "finalizers", |name| {
        !matches!(name.as_str(), Some("batch.kubernetes.io/job-tracking" | "foregroundDeletion"))
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_wrote_is_taken_off_and_kept() {
        let mut pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"app": "web"}},
            "spec": {
                "nodeName": "worker-3", "priority": 0, "preemptionPolicy": "PreemptLowerPriority",
                "containers": [{"name": "c", "image": "x", "volumeMounts": [
                    {"name": "data", "mountPath": "/data"},
                    {"name": "kube-api-access-x7k2p", "mountPath": TOKEN_PATH, "readOnly": true}]}],
                "volumes": [{"name": "data", "emptyDir": {}}, {"name": "kube-api-access-x7k2p", "projected": {}}],
            },
            "status": {"phase": "Running"},
        });
        assert!(is_live(&pod));
        let aside = set_aside(&mut pod);
        assert!(!is_live(&pod));
        assert_eq!(aside.node, "worker-3");
        assert_eq!(aside.status["phase"], "Running");
        assert_eq!(aside.metadata["uid"], "u");
        assert_eq!(pod["spec"]["volumes"], json!([{"name": "data", "emptyDir": {}}]));
        assert_eq!(
            pod["spec"]["containers"][0]["volumeMounts"],
            json!([{"name": "data", "mountPath": "/data"}])
        );
        assert!(aside.paths.contains(&"spec.volumes[1]".to_owned()), "{:?}", aside.paths);
        assert!(pod["spec"].get("priority").is_none());
    }

    #[test]
    fn old_token_secrets_go_and_other_secrets_stay() {
        let table = [
            ("default-token-f9jvj", TOKEN_PATH, true),
            ("web-token-x2b8q", TOKEN_PATH, true),
            ("default-token-f9jvj", "/etc/token", false),
            ("api-token-aeiou", TOKEN_PATH, false),
            ("credentials", TOKEN_PATH, false),
        ];
        for (name, path, gone) in table {
            let mut spec = json!({
                "containers": [{"name": "c", "volumeMounts": [{"name": name, "mountPath": path}]}],
                "volumes": [{"name": name, "secret": {"secretName": name}}],
            });
            token_volumes(&mut spec, &mut Vec::new());
            assert_eq!(spec.get("volumes").is_none(), gone, "{name} at {path}");
        }
    }

    #[test]
    fn manifests_that_people_write_are_not_live() {
        for meta in [json!({"name": "a"}), json!({"name": "a", "creationTimestamp": null})] {
            assert!(!is_live(&json!({"kind": "Pod", "metadata": meta, "status": {}})));
        }
    }
}
