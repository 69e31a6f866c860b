//! Rows of kinds that only stand there: roles, bindings, ingresses, storage classes.
//!
//! Models `pkg/printers/internalversion/printers.go`; roles have only the server's default columns.

use podplay_api::Timestamp;
use serde_json::Value;

use super::age;
use crate::json::{at, flag, items, name, text, text_or};

/// Hosts that an Ingress shows at most.
const HOSTS: usize = 3;
/// The annotation that makes a storage class the default.
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

pub(super) fn role(object: &Value) -> Vec<Value> {
    vec![name(object).into(), text(object, "metadata.creationTimestamp").into()]
}

pub(super) fn role_binding(object: &Value, now: Timestamp) -> Vec<Value> {
    let role = format!("{}/{}", text(object, "roleRef.kind"), text(object, "roleRef.name"));
    let subjects = |kind: &str| {
        let names = items(object, "subjects").iter().filter(|each| text(each, "kind") == kind);
        let names = names.map(|each| match kind {
            "ServiceAccount" => format!("{}/{}", text(each, "namespace"), text(each, "name")),
            _ => text(each, "name").to_owned(),
        });
        names.collect::<Vec<_>>().join(", ").into()
    };
    vec![
        name(object).into(),
        role.into(),
        age(object, now),
        subjects("User"),
        subjects("Group"),
        subjects("ServiceAccount"),
    ]
}

pub(super) fn ingress(object: &Value, now: Timestamp) -> Vec<Value> {
    let rules = items(object, "spec.rules");
    let hosts: Vec<&str> = rules.iter().map(|rule| text(rule, "host")).collect();
    let addresses = items(object, "status.loadBalancer.ingress").iter();
    let addresses = addresses.map(|each| text_or(each, "ip", text(each, "hostname")));
    let ports = if items(object, "spec.tls").is_empty() { "80" } else { "80, 443" };
    vec![
        name(object).into(),
        text_or(object, "spec.ingressClassName", "<none>").into(),
        hosts_text(&hosts).into(),
        addresses.collect::<Vec<_>>().join(",").into(),
        ports.into(),
        age(object, now),
    ]
}

/// Three hosts, and how many rules more; `*` without any.
fn hosts_text(hosts: &[&str]) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let mut more = false;
    for host in hosts {
        more |= shown.len() == HOSTS;
        if !more && !host.is_empty() {
            shown.push(host);
        }
    }
    match (shown.is_empty(), more) {
        (true, _) => "*".to_owned(),
        (false, false) => shown.join(","),
        (false, true) => format!("{} + {} more...", shown.join(","), hosts.len() - HOSTS),
    }
}

pub(super) fn ingress_class(object: &Value, now: Timestamp) -> Vec<Value> {
    let parameters = at(object, "spec.parameters");
    let shown = if parameters.is_null() {
        "<none>".to_owned()
    } else {
        let group = text(parameters, "apiGroup");
        let dot = if group.is_empty() { "" } else { "." };
        format!("{}{dot}{group}/{}", text(parameters, "kind"), text(parameters, "name"))
    };
    vec![
        name(object).into(),
        text(object, "spec.controller").into(),
        shown.into(),
        age(object, now),
    ]
}

pub(super) fn storage_class(object: &Value, now: Timestamp) -> Vec<Value> {
    let default = object["metadata"]["annotations"][DEFAULT_CLASS] == "true";
    let mark = if default { " (default)" } else { "" };
    vec![
        format!("{}{mark}", name(object)).into(),
        text(object, "provisioner").into(),
        text_or(object, "reclaimPolicy", "Delete").into(),
        text_or(object, "volumeBindingMode", "Immediate").into(),
        flag(object, "allowVolumeExpansion").into(),
        age(object, now),
    ]
}

#[cfg(test)]
mod tests {
    use super::hosts_text;

    #[test]
    fn hosts_as_they_are_counted() {
        assert_eq!(hosts_text(&[]), "*");
        assert_eq!(hosts_text(&["", ""]), "*");
        assert_eq!(hosts_text(&["a", "", "b"]), "a,b");
        assert_eq!(hosts_text(&["a", "b", "c", "d", "e"]), "a,b,c + 2 more...");
    }
}
