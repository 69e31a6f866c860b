//! Autoscalers, Ingresses, NetworkPolicies and volumes. Models `describe.go` describeHorizontalPodAutoscalerV2,
//! describeIngressV1, describeNetworkPolicy and describePersistentVolume.

use serde_json::Value;

use super::{Related, Writer};
use crate::json::{at, fields, has, int, items, name, opt_int, plain, text, time};
use crate::labels::selector_or_none;

pub(super) fn autoscaler(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.field("CreationTimestamp", &super::date(object, "metadata.creationTimestamp"));
    let (kind, target) =
        (text(object, "spec.scaleTargetRef.kind"), text(object, "spec.scaleTargetRef.name"));
    w.field("Reference", &format!("{kind}/{target}"));
    w.line(0, "Metrics:\t( current / target )");
    for (n, metric) in items(object, "spec.metrics").iter().enumerate() {
        let current = items(object, "status.currentMetrics").get(n);
        w.line(1, &measured(metric, current));
    }
    let least = opt_int(object, "spec.minReplicas").map_or("<unset>".to_owned(), |n| n.to_string());
    w.field("Min replicas", &least);
    w.field("Max replicas", &int(object, "spec.maxReplicas").to_string());
    let (current, desired) =
        (int(object, "status.currentReplicas"), int(object, "status.desiredReplicas"));
    w.field(&format!("{kind} pods"), &format!("{current} current / {desired} desired"));
    if !items(object, "status.conditions").is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------");
        for condition in items(object, "status.conditions") {
            let [kind, status, reason, message] =
                ["type", "status", "reason", "message"].map(|key| text(condition, key));
            w.line(1, &format!("{kind}\t{status}\t{reason}\t{message}"));
        }
    }
}

/// One metric: what it is now, and what it should be.
fn measured(metric: &Value, current: Option<&Value>) -> String {
    let name = text(metric, "resource.name");
    let target = at(metric, "resource.target");
    let now =
        |key: &str| current.map(|value| at(value, key)).filter(|value| !value.is_null()).map(plain);
    match text(metric, "type") {
        "Resource" if has(target, "averageValue") => {
            let current = now("resource.current.averageValue").unwrap_or("<unknown>".into());
            format!("resource {name} on pods:\t{current} / {}", plain(at(target, "averageValue")))
        }
        "Resource" => {
            let used = now("resource.current.averageUtilization").map(|value| format!("{value}%"));
            let wanted = opt_int(target, "averageUtilization");
            let wanted = wanted.map_or("<auto>".to_owned(), |value| format!("{value}%"));
            format!(
                "resource {name} on pods  (as a percentage of request):\t{} / {wanted}",
                used.unwrap_or("<unknown>".into())
            )
        }
        "Pods" => format!(
            "\"{}\" on pods:\t<unknown> / {}",
            text(metric, "pods.metric.name"),
            plain(at(metric, "pods.target.averageValue"))
        ),
        kind => format!("{kind}:\t<unknown>"),
    }
}

pub(super) fn ingress(w: &mut Writer, object: &Value, related: &Related) {
    w.field("Name", name(object));
    w.map("Labels", object, "metadata.labels");
    w.field("Namespace", text(object, "metadata.namespace"));
    let addresses: Vec<&str> =
        items(object, "status.loadBalancer.ingress").iter().map(|one| text(one, "ip")).collect();
    w.field("Address", &addresses.join(","));
    let class = text(object, "spec.ingressClassName");
    w.field("Ingress Class", if class.is_empty() { "<none>" } else { class });
    let default = at(object, "spec.defaultBackend");
    let default =
        if default.is_null() { "<default>".into() } else { backend(default, object, related) };
    w.field("Default backend", &default);
    if !items(object, "spec.tls").is_empty() {
        w.line(0, "TLS:");
        for tls in items(object, "spec.tls") {
            let hosts: Vec<String> = items(tls, "hosts").iter().map(plain).collect();
            match text(tls, "secretName") {
                "" => w.line(1, &format!("SNI routes {}", hosts.join(","))),
                secret => w.line(1, &format!("{secret} terminates {}", hosts.join(","))),
            }
        }
    }
    w.line(0, "Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------");
    for rule in items(object, "spec.rules") {
        let host = text(rule, "host");
        w.line(1, &format!("{}\t", if host.is_empty() { "*" } else { host }));
        for path in items(rule, "http.paths") {
            let to = backend(at(path, "backend"), object, related);
            w.line(1, &format!("\t{} \t{to}", text(path, "path")));
        }
    }
    if items(object, "spec.rules").is_empty() {
        w.line(1, &format!("*\t*\t{default}"));
    }
    w.annotations("Annotations", object);
}

/// `service:port (10.244.0.5:8080,…)`.
fn backend(backend: &Value, object: &Value, related: &Related) -> String {
    let service = text(backend, "service.name");
    let port = match text(backend, "service.port.name") {
        "" => int(backend, "service.port.number").to_string(),
        port => port.to_owned(),
    };
    let there = related.beside("Service", object).iter().any(|other| name(other) == service);
    if !there {
        return format!("{service}:{port} (<error: services \"{service}\" not found>)");
    }
    let mut places = Vec::new();
    for slice in related.beside("EndpointSlice", object) {
        if at(slice, "metadata.labels")["kubernetes.io/service-name"] != service {
            continue;
        }
        let number = items(slice, "ports").iter().map(|port| int(port, "port")).next().unwrap_or(0);
        for endpoint in items(slice, "endpoints") {
            let ready = at(endpoint, "conditions.ready") != &Value::Bool(false);
            let addresses = items(endpoint, "addresses").iter().filter(|_| ready);
            places.extend(addresses.map(|address| format!("{}:{number}", plain(address))));
        }
    }
    format!("{service}:{port} ({})", places.join(","))
}

pub(super) fn network_policy(w: &mut Writer, object: &Value) {
    w.names(object);
    let created = time(object, "metadata.creationTimestamp").map(|at| at.to_string());
    let created = created.unwrap_or_default().replace('T', " ").replace('Z', " +0000 UTC");
    w.field("Created on", &created);
    w.labels_and_annotations(object);
    w.line(0, "Spec:");
    let selector = selector_or_none(at(object, "spec.podSelector"));
    let all = "<none> (Allowing the specific traffic to all pods in this namespace)";
    w.line(1, &format!("PodSelector: {}", if selector == "<none>" { all } else { &selector }));
    let types: Vec<String> = items(object, "spec.policyTypes").iter().map(plain).collect();
    let both = types.is_empty();
    for (kind, field, word, from) in
        [("Ingress", "spec.ingress", "ingress", "From"), ("Egress", "spec.egress", "egress", "To")]
    {
        let named = types.iter().any(|one| one == kind);
        if !(named || both && kind == "Ingress") {
            w.line(1, &format!("Not affecting {word} traffic"));
            continue;
        }
        w.line(1, &format!("Allowing {word} traffic:"));
        allowed(w, items(object, field), kind, from);
    }
    w.line(1, &format!("Policy Types: {}", types.join(", ")));
}

fn allowed(w: &mut Writer, rules: &[Value], kind: &str, from: &str) {
    if rules.is_empty() {
        let word = kind.to_ascii_lowercase();
        w.line(2, &format!("<none> (Selected pods are isolated for {word} connectivity)"));
    }
    for (n, rule) in rules.iter().enumerate() {
        if n > 0 {
            w.line(2, "----------");
        }
        let ports = items(rule, "ports");
        if ports.is_empty() {
            w.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in ports {
            let protocol = text(port, "protocol");
            let protocol = if protocol.is_empty() { "TCP" } else { protocol };
            w.line(2, &format!("To Port: {}/{protocol}", plain(at(port, "port"))));
        }
        let peers = items(rule, if kind == "Ingress" { "from" } else { "to" });
        if peers.is_empty() {
            let side = if kind == "Ingress" { "source" } else { "destination" };
            w.line(2, &format!("{from}: <any> (traffic not restricted by {side})"));
        }
        for peer in peers {
            w.line(2, &format!("{from}:"));
            for (title, path) in
                [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")]
            {
                if has(peer, path) {
                    w.line(3, &format!("{title}: {}", selector_or_none(at(peer, path))));
                }
            }
            if has(peer, "ipBlock") {
                w.line(3, "IPBlock:");
                w.line(4, &format!("CIDR: {}", text(peer, "ipBlock.cidr")));
                let except: Vec<String> = items(peer, "ipBlock.except").iter().map(plain).collect();
                w.line(4, &format!("Except: {}", except.join(", ")));
            }
        }
    }
}

pub(super) fn volume(w: &mut Writer, object: &Value) {
    w.field("Name", name(object));
    w.labels_and_annotations(object);
    let words = |path: &str| items(object, path).iter().map(plain).collect::<Vec<_>>();
    w.field("Finalizers", &format!("[{}]", words("metadata.finalizers").join(" ")));
    w.field("StorageClass", text(object, "spec.storageClassName"));
    w.field("Status", text(object, "status.phase"));
    let claim = at(object, "spec.claimRef");
    let claim = if claim.is_null() {
        String::new()
    } else {
        format!("{}/{}", text(claim, "namespace"), text(claim, "name"))
    };
    w.field("Claim", &claim);
    w.field("Reclaim Policy", text(object, "spec.persistentVolumeReclaimPolicy"));
    let modes: Vec<String> = words("spec.accessModes").iter().map(|mode| short(mode)).collect();
    w.field("Access Modes", &modes.join(","));
    if has(object, "spec.volumeMode") {
        w.field("VolumeMode", text(object, "spec.volumeMode"));
    }
    w.field("Capacity", text(object, "spec.capacity.storage"));
    let affinity = items(object, "spec.nodeAffinity.required.nodeSelectorTerms");
    if affinity.is_empty() {
        w.field("Node Affinity", "<none>");
    } else {
        w.line(0, "Node Affinity:\n  Required Terms:");
        for (n, term) in affinity.iter().enumerate() {
            let terms: Vec<String> =
                items(term, "matchExpressions").iter().map(node_term).collect();
            w.line(2, &format!("Term {n}:\t{}", terms.join("\n               ")));
        }
    }
    w.field("Message", text(object, "status.message"));
    w.line(0, "Source:");
    source(w, at(object, "spec"));
}

fn node_term(expression: &Value) -> String {
    let values: Vec<String> = items(expression, "values").iter().map(plain).collect();
    let operator = text(expression, "operator").to_ascii_lowercase();
    format!("{} {operator} [{}]", text(expression, "key"), values.join(", "))
}

fn short(mode: &str) -> String {
    match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    }
    .to_owned()
}

fn source(w: &mut Writer, spec: &Value) {
    let known = [
        (
            "hostPath",
            "HostPath (bare host directory volume)",
            &[("Path", "path"), ("HostPathType", "type")][..],
        ),
        (
            "local",
            "LocalVolume (a persistent volume backed by local storage on a node)",
            &[("Path", "path")][..],
        ),
        (
            "nfs",
            "NFS (an NFS mount that lasts the lifetime of a pod)",
            &[("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly")][..],
        ),
        (
            "csi",
            "CSI (a Container Storage Interface (CSI) volume source)",
            &[
                ("Driver", "driver"),
                ("FSType", "fsType"),
                ("VolumeHandle", "volumeHandle"),
                ("ReadOnly", "readOnly"),
            ][..],
        ),
    ];
    for (field, words, parts) in known {
        let found = at(spec, field);
        if found.is_null() {
            continue;
        }
        w.line(2, &format!("Type:\t{words}"));
        for (title, key) in parts {
            let value = at(found, key);
            let value = match value {
                Value::Null if *key == "readOnly" => "false".to_owned(),
                Value::Null => String::new(),
                value => plain(value),
            };
            w.line(2, &format!("{title}:\t{value}"));
        }
        for (key, value) in fields(found, "volumeAttributes") {
            w.line(3, &format!("{key}={}", plain(value)));
        }
    }
}
