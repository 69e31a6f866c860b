//! An object as somebody would have written it: without what the server, the controllers and the kubelet put in.

use super::super::observed::Seen;
use podplay_api::{Map, Value, json};

/// Fields of the metadata that only the server writes.
const META: [&str; 12] = [
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "managedFields",
    "generateName",
    "ownerReferences",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "clusterName",
    "annotations",
];

/// Labels that controllers write.
const LABELS: [&str; 9] = [
    "pod-template-hash",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "pod-template-generation",
];

/// Values that are there without being written.
fn usual(name: &str, value: &Value) -> bool {
    let known = match name {
        "dnsPolicy" => json!("ClusterFirst"),
        "schedulerName" => json!("default-scheduler"),
        "enableServiceLinks" => json!(true),
        "terminationMessagePath" => json!("/dev/termination-log"),
        "terminationMessagePolicy" => json!("File"),
        "preemptionPolicy" => json!("PreemptLowerPriority"),
        "serviceAccountName" | "serviceAccount" => json!("default"),
        "priority" => json!(0),
        "terminationGracePeriodSeconds" => json!(30),
        "revisionHistoryLimit" => json!(10),
        "progressDeadlineSeconds" => json!(600),
        "minReadySeconds" => json!(0),
        "securityContext" | "resources" => json!({}),
        _ => return false,
    };
    *value == known
}

/// The object without all that.
pub(super) fn object(seen: &Seen) -> Value {
    let mut out = seen.tree.value.clone();
    let Some(map) = out.as_object_mut() else { return out };
    map.remove("status");
    map.remove("seen");
    let annotations = map.get("metadata").and_then(|meta| meta.get("annotations")).cloned();
    if let Some(meta) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.retain(|name, _| !META.contains(&name.as_str()));
        if let Some(kept) = own_annotations(annotations) {
            meta.insert("annotations".into(), kept);
        }
        labels(meta);
    }
    let kind = seen.kind.as_str();
    if let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut) {
        match kind {
            "Pod" => {
                pod(spec, placed(seen));
                // One that ended as a whole is not one whose containers are started again.
                if spec.get("restartPolicy").is_none()
                    && matches!(seen.tree.text("status.phase"), "Succeeded" | "Failed")
                {
                    spec.insert("restartPolicy".into(), "Never".into());
                }
            }
            "CronJob" => {
                let job = spec.get_mut("jobTemplate").and_then(|t| t.get_mut("spec"));
                if let Some(job) = job.and_then(Value::as_object_mut) {
                    of_job(job, seen);
                }
            }
            "Job" => of_job(spec, seen),
            "Service" => service(spec),
            "PersistentVolumeClaim" => {
                spec.remove("volumeName");
                spec.entry("accessModes").or_insert_with(|| json!(["ReadWriteOnce"]));
            }
            _ => template(spec, true),
        }
        if kind == "StatefulSet" {
            spec.entry("serviceName").or_insert_with(|| seen.name.clone().into());
        }
        if matches!(kind, "DaemonSet" | "Deployment" | "StatefulSet") {
            spec.retain(|name, value| !usual(name, value));
        }
    }
    out
}

/// Whether the pod's node exists: the scheduler chose it, or its kubelet took the pod.
fn placed(seen: &Seen) -> bool {
    let conditions = seen.tree.get("status.conditions").as_array().into_iter().flatten();
    let word = |condition: &Value, name: &str| {
        condition.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let mut scheduled = conditions.filter(|c| word(c, "type").as_deref() == Some("PodScheduled"));
    scheduled.any(|c| word(c, "status").as_deref() == Some("True"))
        || !seen.tree.get("status.startTime").is_null()
}

/// Annotations that people write.
fn own_annotations(all: Option<Value>) -> Option<Value> {
    let Some(Value::Object(all)) = all else { return None };
    let kept: Map<String, Value> = all
        .into_iter()
        .filter(|(name, _)| !name.contains("kubernetes.io/") && !name.starts_with("kubectl."))
        .collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn labels(meta: &mut Map<String, Value>) {
    let Some(labels) = meta.get_mut("labels").and_then(Value::as_object_mut) else { return };
    labels.retain(|name, _| !LABELS.contains(&name.as_str()));
    if labels.is_empty() {
        meta.remove("labels");
    }
}

fn of_job(spec: &mut Map<String, Value>, seen: &Seen) {
    spec.remove("selector");
    spec.remove("manualSelector");
    template(spec, false);
    let policy = if seen.tree.get("status.failed").as_i64().unwrap_or(0) > 0 {
        "Never"
    } else {
        "OnFailure"
    };
    if let Some(pod) = spec.get_mut("template").and_then(|t| t.get_mut("spec"))
        && pod.get("restartPolicy").is_none()
    {
        pod["restartPolicy"] = policy.into();
    }
}

/// A workload's template; with the selector's labels where the paste shows none.
fn template(spec: &mut Map<String, Value>, selected: bool) {
    let wanted = spec.get("selector").and_then(|s| s.get("matchLabels")).cloned();
    let Some(template) = spec.get_mut("template").and_then(Value::as_object_mut) else { return };
    if let Some(pod_spec) = template.get_mut("spec").and_then(Value::as_object_mut) {
        pod(pod_spec, true);
    }
    if let Some(meta) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("creationTimestamp");
        if !selected {
            labels(meta);
        }
    }
    let bare = template.get("metadata").is_none_or(|meta| meta.get("labels").is_none());
    if let (true, true, Some(wanted)) = (selected, bare, wanted) {
        template.insert("metadata".into(), json!({"labels": wanted}));
    }
}

/// A pod's spec.
fn pod(spec: &mut Map<String, Value>, placed: bool) {
    spec.retain(|name, value| !usual(name, value));
    if placed {
        spec.remove("nodeName");
    }
    spec.remove("serviceAccount");
    if let Some(Value::Array(list)) = spec.get_mut("tolerations") {
        let own = |item: &Value| {
            let key = item.get("key").and_then(Value::as_str).unwrap_or_default();
            !key.starts_with("node.kubernetes.io/")
        };
        list.retain(own);
        if list.is_empty() {
            spec.remove("tolerations");
        }
    }
    if let Some(Value::Array(list)) = spec.get_mut("volumes") {
        list.retain(|volume| !token(volume.get("name")));
        if list.is_empty() {
            spec.remove("volumes");
        }
    }
    if let Some(Value::Array(gates)) = spec.get_mut("readinessGates") {
        for gate in gates.iter_mut().filter_map(Value::as_object_mut) {
            gate.remove("seen");
        }
    }
    for list in ["initContainers", "containers"] {
        let Some(Value::Array(containers)) = spec.get_mut(list) else { continue };
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            self::container(container);
        }
    }
}

/// Whether a volume or mount is the token that every pod gets.
fn token(name: Option<&Value>) -> bool {
    name.and_then(Value::as_str).is_some_and(|name| name.starts_with("kube-api-access-"))
}

fn container(container: &mut Map<String, Value>) {
    container.retain(|name, value| !usual(name, value));
    if let Some(Value::Array(mounts)) = container.get_mut("volumeMounts") {
        let path = |mount: &Value| {
            mount.get("mountPath").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        mounts.retain(|mount| {
            !token(mount.get("name"))
                && path(mount) != "/var/run/secrets/kubernetes.io/serviceaccount"
        });
        if mounts.is_empty() {
            container.remove("volumeMounts");
        }
    }
    if let Some(Value::Array(ports)) = container.get_mut("ports") {
        ports.retain(|port| port.get("containerPort").is_some());
        for port in ports.iter_mut().filter_map(Value::as_object_mut) {
            if port.get("protocol") == Some(&json!("TCP")) {
                port.remove("protocol");
            }
        }
    }
}

fn service(spec: &mut Map<String, Value>) {
    let headless = spec.get("clusterIP") == Some(&json!("None"));
    for name in
        ["clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", "sessionAffinity"]
    {
        spec.remove(name);
    }
    if !headless {
        spec.remove("clusterIP");
    }
    if spec.get("type") == Some(&json!("ClusterIP")) {
        spec.remove("type");
    }
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        port.remove("nodePort");
    }
}
