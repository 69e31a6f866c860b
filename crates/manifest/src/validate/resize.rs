//! What the subresource `resize` of a pod takes, and what it refuses.
//!
//! Models `pkg/registry/core/pod/strategy.go` dropNonResizeUpdates and `pkg/apis/core/validation` ValidatePodResize.

use serde_json::Value;

use super::Errors;
use super::error::Report;
use crate::value::{entries, get, items, items_mut, put, remove, text};

const NULL: Value = Value::Null;
const LISTS: [&str; 2] = ["initContainers", "containers"];
const ONLY: &str = "only cpu and memory resources are mutable";

fn spec_of(pod: &Value) -> &Value {
    get(pod, "spec").unwrap_or(&NULL)
}

/// The old pod with the resources of the new one. Containers that do not pair up are left for the validation.
pub(super) fn taken(old: &Value, new: &Value) -> Value {
    let (before, after) = (spec_of(old), spec_of(new));
    if LISTS.iter().any(|list| items(before, list).len() != items(after, list).len()) {
        return new.clone();
    }
    let mut out = old.clone();
    let Some(spec) = out.get_mut("spec") else { return out };
    let copy = |of: &mut Value, from: &Value, key: &str| match from.get(key) {
        Some(value) => put(of, key, value.clone()),
        None => remove(of, key),
    };
    copy(spec, after, "resources");
    for list in LISTS {
        let wanted = items(after, list);
        let paired =
            items(before, list).iter().zip(wanted).all(|(a, b)| text(a, "name") == text(b, "name"));
        if !paired {
            put(spec, list, Value::Array(wanted.to_vec()));
            continue;
        }
        for (container, wanted) in items_mut(spec, list).zip(wanted) {
            copy(container, wanted, "resources");
            copy(container, wanted, "resizePolicy");
        }
    }
    out
}

/// The rules between the old pod and the new one.
pub(super) fn resize(old: &Value, new: &Value, errors: &mut Errors) {
    let (before, after) = (spec_of(old), spec_of(new));
    let class = crate::qos::class(before);
    if class != crate::qos::class(after) {
        let detail = "Pod QOS Class may not change as a result of resizing";
        errors.invalid_text("spec", class, detail);
    }
    let known = errors.len();
    for list in ["containers", "initContainers"] {
        order(before, after, list, errors);
    }
    if errors.len() > known {
        return;
    }
    for list in LISTS {
        for (i, (a, b)) in items(before, list).iter().zip(items(after, list)).enumerate() {
            removed(a, b, &format!("spec.{list}[{i}].resources"), errors);
        }
    }
    for (a, b) in items(before, "containers").iter().zip(items(after, "containers")) {
        if fixed(a) != fixed(b) {
            errors.forbidden("spec", ONLY);
        }
    }
    let init = items(before, "initContainers").iter().zip(items(after, "initContainers"));
    for (i, (a, b)) in init.enumerate() {
        init_container(a, b, &format!("spec.initContainers[{i}]"), errors);
    }
}

fn order(before: &Value, after: &Value, list: &str, errors: &mut Errors) {
    let (old, new) = (items(before, list), items(after, list));
    if old.len() != new.len() {
        let detail = format!("{list} may not be added or removed on resize");
        errors.forbidden(&format!("spec.{list}"), &detail);
        return;
    }
    for (i, (a, b)) in old.iter().zip(new).enumerate() {
        if text(a, "name") != text(b, "name") {
            let detail = format!("{list} may not be renamed or reordered on resize");
            errors.forbidden(&format!("spec.{list}[{i}].name"), &detail);
        }
    }
}

/// Requests and limits can be changed, not taken away.
fn removed(old: &Value, new: &Value, path: &str, errors: &mut Errors) {
    let part = |container: &Value, list: &str| -> Vec<String> {
        let resources = get(container, "resources").unwrap_or(&NULL);
        entries(resources, list).map(|(name, _)| name.to_owned()).collect()
    };
    for list in ["requests", "limits"] {
        let (old, new) = (part(old, list), part(new, list));
        if old.iter().any(|name| !new.contains(name)) {
            let detail = format!("resource {list} cannot be removed");
            errors.forbidden(&format!("{path}.{list}"), &detail);
        }
    }
}

fn init_container(old: &Value, new: &Value, path: &str, errors: &mut Errors) {
    if fixed(old) != fixed(new) {
        let detail = "only cpu and memory resources for init or sidecar containers are mutable";
        errors.forbidden(path, detail);
    }
    let restarts = items(new, "resizePolicy")
        .iter()
        .any(|policy| text(policy, "restartPolicy") == "RestartContainer");
    if old != new && text(new, "restartPolicy") != "Always" && restarts {
        let detail = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
        errors.forbidden(path, detail);
    }
}

/// A container without what a resize may change.
fn fixed(container: &Value) -> Value {
    let mut out = container.clone();
    let Some(resources) = out.get_mut("resources") else { return out };
    for list in ["requests", "limits"] {
        if let Some(map) = resources.get_mut(list).and_then(Value::as_object_mut) {
            map.remove("cpu");
            map.remove("memory");
            if map.is_empty() {
                remove(resources, list);
            }
        }
    }
    if resources.as_object().is_some_and(serde_json::Map::is_empty) {
        remove(&mut out, "resources");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::validate_resize;
    use serde_json::{Value, json};

    fn pod(containers: &Value, init: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"},
            "spec": {"containers": containers, "initContainers": init}})
    }

    fn container(name: &str, resources: &Value) -> Value {
        json!({"name": name, "image": "nginx", "resources": resources})
    }

    #[test]
    fn what_a_resize_refuses() {
        let before = json!([container("a", &json!({"requests": {"cpu": "100m"}}))]);
        for (after, init, expected) in [
            (json!([container("a", &json!({"requests": {"cpu": "200m"}}))]), json!([]), vec![]),
            (
                json!([container("b", &json!({"requests": {"cpu": "200m"}}))]),
                json!([]),
                vec![
                    "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
                ],
            ),
            (
                json!([container("a", &json!({"requests": {"memory": "1Mi"}}))]),
                json!([]),
                vec![
                    "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
                ],
            ),
            (
                json!([container("a", &json!({}))]),
                json!([]),
                vec![
                    "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing",
                    "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
                ],
            ),
            (
                json!([container(
                    "a",
                    &json!({"requests": {"cpu": "100m", "ephemeral-storage": "1Gi"}})
                )]),
                json!([]),
                vec!["spec: Forbidden: only cpu and memory resources are mutable"],
            ),
            (
                before.clone(),
                json!([container("i", &json!({}))]),
                vec![
                    "spec.initContainers: Forbidden: initContainers may not be added or removed on resize",
                ],
            ),
        ] {
            let (_, errors) = validate_resize(&pod(&before, &json!([])), &pod(&after, &init));
            let found: Vec<_> = errors
                .iter()
                .map(|error| error.message.as_str())
                .filter(|text| !text.contains("Required") && !text.contains("Unsupported"))
                .collect();
            assert_eq!(found, expected, "{after}");
        }
    }
}
