//! What the cluster of the run does not have: objects that pods refer to, room, nodes.

use super::Found;
use crate::context::{Context, Part, Pod};
use podplay_api::{Container, Quantity, Value};
use podplay_core::NodeConfig;
use std::collections::BTreeMap;

/// A ConfigMap or Secret that a pod needs.
struct Source {
    kind: &'static str,
    name: String,
    key: String,
    path: String,
    container: String,
}

/// What the containers' environment needs.
fn environment(part: &Part<'_>) -> Vec<Source> {
    let mut out = Vec::new();
    let mut add = |kind, name: &str, key: &str, path: String| {
        let container = part.container.name.clone();
        out.push(Source { kind, name: name.to_owned(), key: key.to_owned(), path, container });
    };
    for (n, variable) in part.container.env.iter().enumerate() {
        let Some(from) = &variable.value_from else { continue };
        let path = format!("{}.env[{n}].valueFrom", part.path);
        if let Some(key) = from.config_map_key_ref.as_ref().filter(|key| !key.optional) {
            add("ConfigMap", &key.name, &key.key, format!("{path}.configMapKeyRef.name"));
        }
        if let Some(key) = from.secret_key_ref.as_ref().filter(|key| !key.optional) {
            add("Secret", &key.name, &key.key, format!("{path}.secretKeyRef.name"));
        }
    }
    for (n, from) in part.container.env_from.iter().enumerate() {
        let path = format!("{}.envFrom[{n}]", part.path);
        if let Some(map) = from.config_map_ref.as_ref().filter(|map| !map.optional) {
            add("ConfigMap", &map.name, "", format!("{path}.configMapRef.name"));
        }
        if let Some(secret) = from.secret_ref.as_ref().filter(|secret| !secret.optional) {
            add("Secret", &secret.name, "", format!("{path}.secretRef.name"));
        }
    }
    out
}

/// What the volumes need; the first container stands for all.
fn volumes(pod: &Pod<'_>) -> Vec<Source> {
    let first = pod.spec.all_containers().next().map_or_else(String::new, |one| one.name.clone());
    let source = |kind, name: &str, path: String| {
        let (name, key, container) = (name.to_owned(), String::new(), first.clone());
        Source { kind, name, key, path, container }
    };
    let mut out = Vec::new();
    for (n, volume) in pod.spec.volumes.iter().enumerate() {
        let path = pod.at(&format!("volumes[{n}]"));
        if let Some(map) = volume.config_map.as_ref().filter(|map| !map.optional) {
            out.push(source("ConfigMap", &map.name, format!("{path}.configMap.name")));
        }
        if let Some(secret) = volume.secret.as_ref().filter(|secret| !secret.optional) {
            out.push(source("Secret", &secret.secret_name, format!("{path}.secret.secretName")));
        }
    }
    out
}

pub(super) fn missing_source(cx: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut told: Vec<(String, String)> = Vec::new();
    for source in pod.parts().iter().flat_map(environment).chain(volumes(pod)) {
        let Some(what) = lacking(cx, pod, &source) else { continue };
        let already = (what.clone(), source.container.clone());
        if source.name.is_empty() || cx.scenario_mentions(&source.name) || told.contains(&already) {
            continue;
        }
        out.push(Found::at(source.path, [&what, &source.container]));
        told.push(already);
    }
    out
}

/// Whether the run has the source although the text does not.
fn is_assumed(cx: &Context<'_>, pod: &Pod<'_>, source: &Source) -> bool {
    cx.plan.reading.assumptions.iter().flat_map(|one| &one.objects).any(|object| {
        let meta = &object["metadata"];
        object["kind"] == source.kind
            && meta["name"] == source.name.as_str()
            && meta["namespace"] == pod.object.namespace.as_str()
    })
}

/// What of a source is not in the text.
fn lacking(cx: &Context<'_>, pod: &Pod<'_>, source: &Source) -> Option<String> {
    if source.name == "kube-root-ca.crt" || is_assumed(cx, pod, source) {
        return None;
    }
    let found = cx.objects().find(|object| {
        object.kind == source.kind
            && object.name == source.name
            && object.namespace == pod.object.namespace
    });
    let Some(object) = found else { return Some(format!("{} {}", source.kind, source.name)) };
    let has =
        |field: &str| object.object.get(field).and_then(|data| data.get(&source.key)).is_some();
    let there = source.key.is_empty() || has("data") || has("binaryData") || has("stringData");
    (!there).then(|| format!("key {} of {} {}", source.key, source.kind, source.name))
}

/// The nodes of the run; none if the text brings its own.
fn nodes<'a>(cx: &Context<'a>) -> Option<&'a [NodeConfig]> {
    let own = cx.objects().any(|object| object.kind == "Node");
    (!own && !cx.plan.config.nodes.is_empty()).then_some(&cx.plan.config.nodes)
}

/// What a pod asks of a node, in thousandths.
///
/// Models `pkg/scheduler/framework/types.go` calculateResource, for the two resources that every node has.
fn requests(pod: &Pod<'_>) -> BTreeMap<&'static str, i64> {
    let of = |container: &Container, name: &str| {
        container.resources.requests.get(name).map_or(0, Quantity::milli)
    };
    let mut out = BTreeMap::new();
    for name in ["cpu", "memory"] {
        let together: i64 = pod
            .spec
            .containers
            .iter()
            .map(|container| of(container, name))
            .fold(0, i64::saturating_add);
        let (mut sidecars, mut peak) = (0_i64, 0_i64);
        for container in &pod.spec.init_containers {
            if container.is_sidecar() {
                sidecars = sidecars.saturating_add(of(container, name));
            } else {
                peak = peak.max(sidecars.saturating_add(of(container, name)));
            }
        }
        out.insert(name, together.saturating_add(sidecars).max(peak));
    }
    out
}

pub(super) fn too_large(cx: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let Some(nodes) = nodes(cx) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, wanted) in requests(pod) {
        let has = |node: &NodeConfig| {
            let text = if name == "cpu" { &node.cpu } else { &node.memory };
            Quantity::parse(text).map_or(0, |quantity| quantity.milli())
        };
        if nodes.iter().map(has).max().is_none_or(|most| wanted <= most) {
            continue;
        }
        let biggest = pod.parts().into_iter().max_by_key(|part| {
            part.container.resources.requests.get(name).map_or(0, Quantity::milli)
        });
        let Some(part) = biggest else { continue };
        let (requests, limits) = (
            format!("{}.resources.requests.{name}", part.path),
            format!("{}.resources.limits.{name}", part.path),
        );
        let path = if pod.object.spans.get(&requests).is_some() { requests } else { limits };
        let whole = shown(name, wanted);
        out.push(Found::at(path, [&pod.object.name, &whole, &name]));
    }
    out
}

/// An amount as people write it.
fn shown(name: &str, milli: i64) -> String {
    match name {
        "cpu" if milli % 1000 == 0 => (milli / 1000).to_string(),
        "cpu" => format!("{milli}m"),
        _ => format!("{}Mi", milli / 1000 / (1 << 20)),
    }
}

pub(super) fn no_such_node(cx: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let Some(nodes) = nodes(cx) else { return Vec::new() };
    let usual = |key: &str| {
        ["kubernetes.io/", "beta.kubernetes.io/", "node.kubernetes.io/", "node-role.kubernetes.io/"]
            .iter()
            .any(|prefix| key.starts_with(prefix))
    };
    let (name, wanted) = (&pod.spec.node_name, &pod.spec.node_selector);
    if !name.is_empty() && !nodes.iter().any(|node| node.name == *name) {
        return vec![Found::at(pod.at("nodeName"), [&pod.object.name, name])];
    }
    let own: BTreeMap<_, _> = wanted.iter().filter(|(key, _)| !usual(key)).collect();
    let fits =
        |node: &NodeConfig| own.iter().all(|(key, value)| node.labels.get(*key) == Some(value));
    if own.is_empty()
        || nodes.iter().any(fits)
        || own.keys().any(|key| cx.scenario_mentions(&format!("{key}=")))
    {
        return Vec::new();
    }
    let words: Vec<String> = own.iter().map(|(key, value)| format!("{key}={value}")).collect();
    vec![Found::at(pod.at("nodeSelector"), [&pod.object.name, &words.join(", ")])]
}

pub(super) fn host_port(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let nodes = i64::try_from(nodes(cx)?.len()).ok()?;
    let (n, port) = part.container.ports.iter().enumerate().find(|(_, port)| port.host_port > 0)?;
    let path = format!("{}.ports[{n}].hostPort", part.path);
    let written = pod
        .object
        .submitted
        .pointer(&format!("/{}", path.replace(['.', '['], "/").replace(']', "")));
    (pod.replicas > nodes && written.is_some_and(Value::is_number))
        .then(|| Found::at(path, [&part.container.name, &port.host_port, &pod.replicas, &nodes]))
}
