//! Environment variables and where they come from.

use podplay_api::Quantity;
use serde_json::Value;

use super::writer::Writer;
use crate::json::{at, flag, has, items, plain, text};

pub(super) fn env_from(w: &mut Writer, container: &Value) {
    let list = items(container, "envFrom");
    if list.is_empty() {
        return;
    }
    w.line(2, "Environment Variables from:");
    for source in list {
        let (kind, reference) = if has(source, "configMapRef") {
            ("ConfigMap", at(source, "configMapRef"))
        } else {
            ("Secret", at(source, "secretRef"))
        };
        let prefix = match text(source, "prefix") {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        w.line(
            3,
            &format!(
                "{}\t{kind}{prefix}\tOptional: {}",
                text(reference, "name"),
                flag(reference, "optional")
            ),
        );
    }
}

/// The variables; fields of the pod are resolved where there is one.
pub(super) fn env(w: &mut Writer, container: &Value, pod: Option<&Value>) {
    let list = items(container, "env");
    w.line(2, if list.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in list {
        let name = text(variable, "name");
        let from = at(variable, "valueFrom");
        if from.is_null() {
            let mut lead = format!("{name}:");
            for line in text(variable, "value").split('\n') {
                w.line(3, &format!("{lead}\t{line}"));
                lead.clear();
            }
        } else if let Some(source) = source(from, container, pod) {
            w.line(3, &format!("{name}:\t{source}"));
        }
    }
}

fn source(from: &Value, container: &Value, pod: Option<&Value>) -> Option<String> {
    if has(from, "fieldRef") {
        let path = text(from, "fieldRef.fieldPath");
        let value = pod.map(|pod| field_value(pod, path)).unwrap_or_default();
        return Some(format!("{value} ({}:{path})", text(from, "fieldRef.apiVersion")));
    }
    if has(from, "resourceFieldRef") {
        let resource = text(from, "resourceFieldRef.resource");
        return Some(format!(
            "{} ({resource})",
            resource_value(container, at(from, "resourceFieldRef"))
        ));
    }
    for (field, place) in [("secretKeyRef", "in secret"), ("configMapKeyRef", "of config map")] {
        if has(from, field) {
            let reference = at(from, field);
            let [key, name] = ["key", "name"].map(|part| text(reference, part));
            return Some(format!(
                "<set to the key '{key}' {place} '{name}'>\tOptional: {}",
                flag(reference, "optional")
            ));
        }
    }
    None
}

/// Only the names are looked up; kubectl leaves every other field blank, because its own scheme knows no more.
/// Models `kubectl/pkg/describe` EnvValueRetriever with the default field label conversion.
fn field_value(pod: &Value, path: &str) -> String {
    match path {
        "metadata.name" | "metadata.namespace" => text(pod, path).to_owned(),
        _ => String::new(),
    }
}

/// A request or limit divided by the divisor, rounded up; what has no limit may use what the node has.
fn resource_value(container: &Value, reference: &Value) -> String {
    let resource = text(reference, "resource");
    let quantity = Quantity::parse(&plain(at(container, &format!("resources.{resource}"))));
    let divisor =
        Quantity::parse(&plain(at(reference, "divisor"))).map_or(0, |divisor| divisor.milli());
    let divisor = if divisor == 0 { 1000 } else { divisor };
    let value = quantity.map_or(0, |quantity| (quantity.milli() + divisor - 1).div_euclid(divisor));
    if value == 0 && matches!(resource, "limits.cpu" | "limits.memory") {
        return "node allocatable".to_owned();
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_references() {
        let pod = json!({"metadata": {"name": "web", "labels": {"app": "x"}}, "spec": {"nodeName": "node01"}});
        let container =
            json!({"resources": {"limits": {"memory": "128Mi"}, "requests": {"cpu": "250m"}}});
        let table = [
            (
                json!({"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}),
                "web (v1:metadata.name)",
            ),
            (
                json!({"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}),
                " (v1:spec.nodeName)",
            ),
            (
                json!({"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['app']"}}),
                " (v1:metadata.labels['app'])",
            ),
            (
                json!({"resourceFieldRef": {"resource": "limits.memory"}}),
                "134217728 (limits.memory)",
            ),
            (
                json!({"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}),
                "128 (limits.memory)",
            ),
            (json!({"resourceFieldRef": {"resource": "requests.cpu"}}), "1 (requests.cpu)"),
            (
                json!({"resourceFieldRef": {"resource": "limits.cpu"}}),
                "node allocatable (limits.cpu)",
            ),
            (
                json!({"secretKeyRef": {"name": "s", "key": "k"}}),
                "<set to the key 'k' in secret 's'>\tOptional: false",
            ),
        ];
        for (from, expected) in table {
            assert_eq!(source(&from, &container, Some(&pod)).as_deref(), Some(expected));
        }
    }
}
