//! The admission plugins that can refuse or change a pod when it is created.
//!
//! Models `plugin/pkg/admission/{serviceaccount,priority,runtimeclass,defaulttolerationseconds}`.

use serde_json::{Value, json};

use super::Live;
use crate::value::{at, default, filled, get, int, items, items_mut, namespace, put, text};
use crate::yaml::quote;

/// Why a plugin refuses; the words after `is forbidden: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

/// The volume that carries the token; a real server adds five random letters.
const TOKEN_VOLUME: &str = "kube-api-access-bcdfg";

/// Runs the plugins over an object that is created; only pods are touched.
///
/// # Errors
/// The plugin's refusal.
pub fn admit(object: &mut Value, live: &dyn Live) -> Result<(), Refusal> {
    if text(object, "kind") != "Pod" || text(object, "apiVersion") != "v1" {
        return Ok(());
    }
    let namespace = namespace(object).to_owned();
    let mirror = at(object, "metadata.annotations")
        .is_some_and(|a| filled(a, "kubernetes.io/config.mirror"));
    let Some(spec) = object.get_mut("spec").filter(|s| s.is_object()) else { return Ok(()) };
    if !mirror {
        service_account(spec, &namespace, live)?;
    }
    priority(spec, live)?;
    default_tolerations(spec);
    runtime_class(spec, live)
}

fn service_account(spec: &mut Value, namespace: &str, live: &dyn Live) -> Result<(), Refusal> {
    if !filled(spec, "serviceAccountName") {
        put(spec, "serviceAccountName", "default");
        put(spec, "serviceAccount", "default");
    }
    let name = text(spec, "serviceAccountName").to_owned();
    let account = live.get("v1", "ServiceAccount", namespace, &name);
    if account.is_none() && name != "default" {
        return Err(Refusal(format!(
            "error looking up service account {namespace}/{name}: serviceaccount {} not found",
            quote(&name)
        )));
    }
    let wanted = get(spec, "automountServiceAccountToken")
        .or_else(|| account.as_ref().and_then(|a| get(a, "automountServiceAccountToken")))
        .is_none_or(|v| v != false);
    if wanted {
        mount_token(spec);
    }
    Ok(())
}

fn mount_token(spec: &mut Value) {
    const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let mut used = false;
    for key in ["initContainers", "containers"] {
        for container in items_mut(spec, key).filter(|c| c.is_object()) {
            if items(container, "volumeMounts").iter().any(|m| text(m, "mountPath") == PATH) {
                continue;
            }
            used = true;
            let mount = json!({"mountPath": PATH, "name": TOKEN_VOLUME, "readOnly": true});
            push(container, "volumeMounts", mount);
        }
    }
    if used {
        push(
            spec,
            "volumes",
            json!({"name": TOKEN_VOLUME, "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}
            ]}}),
        );
    }
}

fn push(of: &mut Value, key: &str, item: Value) {
    default(of, key, Value::Array(Vec::new()));
    if let Some(list) = of.get_mut(key).and_then(Value::as_array_mut) {
        list.push(item);
    }
}

fn priority(spec: &mut Value, live: &dyn Live) -> Result<(), Refusal> {
    let class = text(spec, "priorityClassName").to_owned();
    let (value, preemption) = match class.as_str() {
        "" => (0, "PreemptLowerPriority".to_owned()),
        "system-node-critical" => (2_000_001_000, "PreemptLowerPriority".to_owned()),
        "system-cluster-critical" => (2_000_000_000, "PreemptLowerPriority".to_owned()),
        name => {
            let Some(found) = live.get("scheduling.k8s.io/v1", "PriorityClass", "", name) else {
                return Err(Refusal(format!("no PriorityClass with name {name} was found")));
            };
            let policy = match text(&found, "preemptionPolicy") {
                "" => "PreemptLowerPriority",
                policy => policy,
            };
            (int(&found, "value").unwrap_or(0), policy.to_owned())
        }
    };
    if let Some(given) = int(spec, "priority").filter(|p| *p != value) {
        return Err(Refusal(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name"
        )));
    }
    let given = text(spec, "preemptionPolicy");
    if !given.is_empty() && given != preemption {
        return Err(Refusal(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {preemption} from the given PriorityClass name"
        )));
    }
    put(spec, "priority", value);
    put(spec, "preemptionPolicy", preemption);
    Ok(())
}

/// A pod stays five minutes on a node that is not ready, unless it says otherwise.
fn default_tolerations(spec: &mut Value) {
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = items(spec, "tolerations").iter().any(|t| {
            let names = text(t, "key").is_empty() || text(t, "key") == key;
            names && matches!(text(t, "effect"), "" | "NoExecute")
        });
        if !tolerated {
            let toleration = json!({
                "effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300
            });
            push(spec, "tolerations", toleration);
        }
    }
}

/// Runs the plugins that also look at updates.
pub(super) fn readmit(object: &mut Value) {
    if text(object, "kind") == "Pod"
        && let Some(spec) = object.get_mut("spec")
    {
        default_tolerations(spec);
    }
}

fn runtime_class(spec: &Value, live: &dyn Live) -> Result<(), Refusal> {
    let name = text(spec, "runtimeClassName");
    if !name.is_empty() && live.get("node.k8s.io/v1", "RuntimeClass", "", name).is_none() {
        return Err(Refusal(format!("pod rejected: RuntimeClass {} not found", quote(name))));
    }
    Ok(())
}

/// What plugins find only after the rules of the kind were kept.
pub(crate) fn after_validation(object: &Value) -> Option<Refusal> {
    let spec = object.get("spec")?;
    let overhead = text(object, "kind") == "Pod"
        && filled(spec, "overhead")
        && !filled(spec, "runtimeClassName");
    overhead.then(|| {
        Refusal(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                .to_owned(),
        )
    })
}
