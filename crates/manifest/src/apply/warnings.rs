//! Warnings that come with an accepted (or refused) object: `Warning: …` on standard error.
//!
//! Models `pkg/api/pod/warnings.go`, `pkg/api/service/warnings.go` and the strategies of other kinds.

use serde_json::Value;

use crate::quantity::Quantity;
use crate::validate::label_problems;
use crate::value::{Numbers, Seen, at, entries, filled, get, int, items, name, text};
use crate::yaml::quote;

/// The warnings for a defaulted object, in the server's order.
#[must_use]
pub fn warnings(object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    match text(object, "kind") {
        "Pod" => {
            pod_name(name(object), &mut out);
            template(object, "", true, &mut out);
        }
        "Deployment" | "ReplicaSet" | "ReplicationController" => {
            generated_name(name(object), &mut out);
            inside(object, "spec.template", &mut out);
        }
        "DaemonSet" => inside(object, "spec.template", &mut out),
        "StatefulSet" => {
            inside(object, "spec.template", &mut out);
            revision_history(object, &mut out);
        }
        "Job" => {
            generated_name(name(object), &mut out);
            inside(object, "spec.template", &mut out);
        }
        "CronJob" => {
            generated_name(name(object), &mut out);
            inside(object, "spec.jobTemplate.spec.template", &mut out);
        }
        "Service" => service(object, &mut out),
        "Endpoints" => out.push(
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
                .to_owned(),
        ),
        _ => {}
    }
    out
}

fn inside(object: &Value, path: &str, out: &mut Vec<String>) {
    if let Some(of) = at(object, path) {
        template(of, &format!("{path}."), false, out);
    }
}

fn revision_history(object: &Value, out: &mut Vec<String>) {
    if at(object, "spec.revisionHistoryLimit").and_then(Value::as_i64).is_some_and(|n| n < 0) {
        out.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned());
    }
}

fn pod_name(name: &str, out: &mut Vec<String>) {
    hint(name, "the Pod's hostname", out);
}

fn generated_name(name: &str, out: &mut Vec<String>) {
    hint(name, "Pod names and hostnames", out);
}

/// A name that is allowed and is no DNS label.
fn hint(name: &str, used: &str, out: &mut Vec<String>) {
    let problems = label_problems(name);
    if name.is_empty() || problems.is_empty() || !crate::validate::is_subdomain(name) {
        return;
    }
    out.push(format!(
        "metadata.name: this is used in {used}, which can result in surprising behavior; a DNS label is recommended: [{}]",
        problems.join(" ")
    ));
}

fn template(of: &Value, prefix: &str, is_pod: bool, out: &mut Vec<String>) {
    let empty = Value::Null;
    let spec = get(of, "spec").unwrap_or(&empty);
    let path = format!("{prefix}spec");
    node_labels(spec, &path, out);
    annotations(of, prefix, is_pod, out);
    pull_secrets(spec, &path, out);
    volumes(spec, &path, out);
    host_aliases(spec, &path, out);
    resources(spec, &path, out);
    environment(spec, &path, out);
    ports(spec, &path, out);
    if spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64).is_some_and(|n| n < 0) {
        out.push(format!("{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"));
    }
}

const OLD_NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];

fn node_labels(spec: &Value, path: &str, out: &mut Vec<String>) {
    for (key, _) in entries(spec, "nodeSelector") {
        if let Some((_, text)) = OLD_NODE_LABELS.iter().find(|(k, _)| k == key) {
            out.push(format!("{path}.nodeSelector[{key}]: {text}"));
        }
    }
    let affinity = at(spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    for (i, term) in affinity.map_or(&[][..], |a| items(a, "nodeSelectorTerms")).iter().enumerate()
    {
        for (j, expression) in items(term, "matchExpressions").iter().enumerate() {
            let key = text(expression, "key");
            if let Some((_, text)) = OLD_NODE_LABELS.iter().find(|(k, _)| *k == key) {
                out.push(format!("{path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{i}].matchExpressions[{j}].key: {key} is {text}"));
            }
        }
    }
}

fn annotations(of: &Value, prefix: &str, is_pod: bool, out: &mut Vec<String>) {
    let empty = Value::Null;
    let metadata = get(of, "metadata").unwrap_or(&empty);
    for (key, _) in entries(metadata, "annotations") {
        let words = match key.as_str() {
            "seccomp.security.alpha.kubernetes.io/pod" => {
                "non-functional in v1.27+; use the \"seccompProfile\" field instead"
            }
            k if k.starts_with("container.seccomp.security.alpha.kubernetes.io/") => {
                "non-functional in v1.27+; use the \"seccompProfile\" field instead"
            }
            k if k.starts_with("container.apparmor.security.beta.kubernetes.io/") => {
                "deprecated since v1.30; use the \"appArmorProfile\" field instead"
            }
            "scheduler.alpha.kubernetes.io/critical-pod" => {
                "non-functional in v1.16+; use the \"priorityClassName\" field instead"
            }
            "security.alpha.kubernetes.io/sysctls"
            | "security.alpha.kubernetes.io/unsafe-sysctls" => {
                "non-functional in v1.11+; use the \"sysctls\" field instead"
            }
            _ => continue,
        };
        let _ = is_pod;
        out.push(format!("{prefix}metadata.annotations[{key}]: {words}"));
    }
}

fn pull_secrets(spec: &Value, path: &str, out: &mut Vec<String>) {
    let mut seen = Vec::new();
    for (i, secret) in items(spec, "imagePullSecrets").iter().enumerate() {
        let name = text(secret, "name");
        let field = format!("{path}.imagePullSecrets[{i}].name");
        if name.is_empty() {
            out.push(format!("{field}: invalid empty name \"\""));
        } else if seen.contains(&name) {
            out.push(format!("{field}: duplicate name {}", quote(name)));
        } else {
            seen.push(name);
        }
    }
}

const OLD_VOLUMES: &[(&str, &str)] = &[
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

fn volumes(spec: &Value, path: &str, out: &mut Vec<String>) {
    for (i, volume) in items(spec, "volumes").iter().enumerate() {
        for (kind, words) in OLD_VOLUMES {
            let there = match *kind {
                "gitRepo" => get(volume, kind).is_some_and(|v| filled(v, "repository")),
                _ => get(volume, kind).is_some(),
            };
            if there {
                out.push(format!("{path}.volumes[{i}].{kind}: {words}"));
            }
        }
        overlapping_paths(volume, out);
    }
}

fn overlapping_paths(volume: &Value, out: &mut Vec<String>) {
    let name = quote(text(volume, "name"));
    for (key, word) in
        [("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "DownwardAPI")]
    {
        let Some(source) = get(volume, key) else { continue };
        let mut paths: Vec<&str> = Vec::new();
        for item in items(source, "items").iter().take(COMPARED) {
            let path = text(item, "path").trim_matches('/');
            for other in &paths {
                let nested = |a: &str, b: &str| {
                    a == b || a.strip_prefix(b).is_some_and(|r| r.starts_with('/'))
                };
                if nested(path, other) || nested(other, path) {
                    out.push(format!(
                        "volume {name} ({word}): overlapping paths: {} with {}",
                        quote(path),
                        quote(other)
                    ));
                }
            }
            paths.push(path);
        }
    }
}

fn host_aliases(spec: &Value, path: &str, out: &mut Vec<String>) {
    let mut seen = Vec::new();
    for (i, alias) in items(spec, "hostAliases").iter().enumerate() {
        let ip = text(alias, "ip");
        if seen.contains(&ip) {
            out.push(format!("{path}.hostAliases[{i}].ip: duplicate ip {}", quote(ip)));
        }
        seen.push(ip);
    }
}

fn containers(spec: &Value) -> impl Iterator<Item = (String, &Value)> {
    ["initContainers", "containers"].into_iter().flat_map(move |key| {
        items(spec, key).iter().enumerate().map(move |(i, c)| (format!("{key}[{i}]"), c))
    })
}

fn resources(spec: &Value, path: &str, out: &mut Vec<String>) {
    for (at, container) in containers(spec) {
        let Some(resources) = get(container, "resources") else { continue };
        for list in ["limits", "requests"] {
            for (key, value) in entries(resources, list) {
                let bytes = key == "memory" || key == "ephemeral-storage";
                let fraction = Quantity::parse(value.as_str().unwrap_or_default())
                    .is_ok_and(|q| !q.is_whole());
                if bytes && fraction {
                    let shown = quote(value.as_str().unwrap_or_default());
                    out.push(format!("{path}.{at}.resources.{list}[{key}]: fractional byte value {shown} is invalid, must be an integer"));
                }
            }
        }
    }
}

fn environment(spec: &Value, path: &str, out: &mut Vec<String>) {
    for (at, container) in containers(spec) {
        let mut seen = Seen::default();
        for (i, variable) in items(container, "env").iter().enumerate() {
            let name = text(variable, "name");
            if !seen.insert(name) {
                out.push(format!(
                    "{path}.{at}.env[{i}]: hides previous definition of {}, which may be dropped when using apply",
                    quote(name)
                ));
            }
        }
    }
}

/// A port as far as another one can collide with it.
struct Port {
    field: String,
    host_port: i64,
    host_ip: String,
}

/// How many ports with one number are compared with the next.
const COMPARED: usize = 64;

fn ports(spec: &Value, path: &str, out: &mut Vec<String>) {
    let (mut numbers, mut by_number) = (Numbers::default(), Vec::<Vec<Port>>::new());
    let (mut names, mut by_name) = (Numbers::default(), Vec::<(usize, String)>::new());
    for (which, (at, container)) in containers(spec).enumerate() {
        for (i, port) in items(container, "ports").iter().enumerate() {
            let field = format!("{path}.{at}.ports[{i}]");
            host_ip_alone(port, &field, out);
            let host_port = int(port, "hostPort").unwrap_or(0);
            let host_ip = text(port, "hostIP").to_owned();
            let number = int(port, "containerPort").unwrap_or(0);
            let slot = numbers.number(&format!("{number}/{}", text(port, "protocol")));
            by_number.resize_with(by_number.len().max(slot + 1), Vec::new);
            let earlier = &mut by_number[slot];
            let same = earlier.iter().find(|p| {
                let free = p.host_port == 0 || host_port == 0;
                free || p.host_port == host_port && p.host_ip == host_ip
            });
            if let Some(other) = same {
                out.push(format!("{field}: duplicate port definition with {}", other.field));
            }
            let name = text(port, "name");
            if !name.is_empty() {
                let slot = names.number(name);
                if slot == by_name.len() {
                    by_name.push((which, field.clone()));
                }
                let (first, other) = &by_name[slot];
                if *first != which {
                    out.push(format!("{field}: duplicate port name {} with {other}, services and probes that select ports by name will use {other}", quote(name)));
                }
            }
            if earlier.len() < COMPARED {
                earlier.push(Port { field, host_port, host_ip });
            }
        }
    }
}

fn host_ip_alone(port: &Value, field: &str, out: &mut Vec<String>) {
    if filled(port, "hostIP") && int(port, "hostPort").unwrap_or(0) == 0 {
        out.push(format!(
            "{field}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
            text(port, "name"),
            int(port, "containerPort").unwrap_or(0),
            text(port, "protocol"),
            text(port, "hostIP")
        ));
    }
}

fn service(object: &Value, out: &mut Vec<String>) {
    let empty = Value::Null;
    let spec = get(object, "spec").unwrap_or(&empty);
    if filled(spec, "externalName") && text(spec, "type") != "ExternalName" {
        out.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
}
