//! What a Scenario says of the cluster: nodes, latencies, images, clients.

use std::collections::BTreeMap;

use podplay_api::{FromRaw, Taint};
use serde_json::Value;

use super::fields::{Fields, Walk, length, scalar};
use super::model::{Field, Image, Kubelet, Node, NodeSettings, OnSigterm, Traffic};
use crate::quantity::Quantity;

const PROFILES: [&str; 3] = ["instant", "typical", "recorded"];
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const LATENCIES: [&str; 10] = [
    "scheduling",
    "kubelet",
    "volumes",
    "sandbox",
    "sandboxStop",
    "create",
    "start",
    "exec",
    "pull",
    "slowPull",
];

pub(super) fn kubelet(walk: &mut Walk<'_, '_>, spec: &mut Fields<'_>) -> Kubelet {
    let path = spec.at("kubelet");
    let value = spec.take("kubelet");
    let mut fields = walk.object(value, &path);
    let longest = walk.length(&mut fields, "maxContainerRestartPeriod");
    let max_container_restart_period = longest.filter(|field| {
        // Models `pkg/kubelet/apis/config/validation` for `crashLoopBackOff`.
        let fits =
            (1..=300).contains(&field.value.as_secs()) && field.value.as_secs() * 1000 <= 300_000;
        if !fits {
            walk.wrong(&format!("{path}.maxContainerRestartPeriod"), "a duration from 1s to 300s");
        }
        fits
    });
    walk.done(fields);
    Kubelet { max_container_restart_period }
}

pub(super) fn settings(walk: &mut Walk<'_, '_>, spec: &mut Fields<'_>) -> NodeSettings {
    let path = spec.at("node");
    let value = spec.take("node");
    let mut fields = walk.object(value, &path);
    let profile = walk.text(&mut fields, "profile").filter(|profile| {
        let known = PROFILES.contains(&profile.as_str());
        if !known {
            walk.unknown_word(&format!("{path}.profile"), profile, &PROFILES);
        }
        known
    });
    let mut latencies = BTreeMap::new();
    for key in LATENCIES {
        if let Some(length) = walk.length(&mut fields, key) {
            latencies.insert(key, length);
        }
    }
    let node = node(walk, &mut fields);
    walk.done(fields);
    NodeSettings { profile, latencies, node }
}

pub(super) fn nodes(walk: &mut Walk<'_, '_>, spec: &mut Fields<'_>) -> Vec<Node> {
    let items = walk.list(spec, "nodes");
    items
        .into_iter()
        .map(|(path, item)| {
            let mut fields = walk.object(Some(item), &path);
            let node = node(walk, &mut fields);
            walk.done(fields);
            node
        })
        .collect()
}

fn node(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Node {
    Node {
        name: walk.text(fields, "name"),
        cpu: quantity(walk, fields, "cpu"),
        memory: quantity(walk, fields, "memory"),
        labels: labels(walk, fields),
        taints: walk
            .list(fields, "taints")
            .into_iter()
            .filter_map(|(path, item)| taint(walk, &path, item))
            .collect(),
    }
}

fn quantity(
    walk: &mut Walk<'_, '_>,
    of: &mut Fields<'_>,
    key: &'static str,
) -> Option<Field<String>> {
    walk.field(of, key, "a quantity such as 4 or 16Gi", |value| {
        scalar(value).filter(|text| Quantity::parse(text).is_ok())
    })
}

fn labels(walk: &mut Walk<'_, '_>, of: &mut Fields<'_>) -> podplay_api::StringMap {
    let path = of.at("labels");
    let value = of.take("labels");
    let map = walk.object(value, &path);
    let mut out = podplay_api::StringMap::new();
    for (key, value) in value.and_then(Value::as_object).into_iter().flatten() {
        match scalar(value) {
            Some(text) => drop(out.insert(key.clone(), text)),
            None => walk.wrong(&map.at(key), "a text"),
        }
    }
    out
}

fn taint(walk: &mut Walk<'_, '_>, path: &str, item: &Value) -> Option<Taint> {
    let mut fields = walk.object(Some(item), path);
    let (key, value) = (walk.text(&mut fields, "key"), walk.scalar(&mut fields, "value"));
    let effect = walk.text(&mut fields, "effect").filter(|effect| {
        let known = EFFECTS.contains(&effect.as_str());
        if !known {
            walk.unknown_word(&format!("{path}.effect"), effect, &EFFECTS);
        }
        known
    });
    for name in ["key", "effect"] {
        if item.is_object() && fields.take(name).is_none() {
            walk.required("PP-0706", &fields.at(name), None);
        }
    }
    walk.done(fields);
    Some(Taint {
        key: key?.value,
        value: value.map(|v| v.value).unwrap_or_default(),
        effect: FromRaw::from_raw(&Value::from(effect?.value)),
        ..Taint::default()
    })
}

pub(super) fn images(walk: &mut Walk<'_, '_>, spec: &mut Fields<'_>) -> BTreeMap<String, Image> {
    let path = spec.at("images");
    let value = spec.take("images");
    let map = walk.object(value, &path);
    let mut out = BTreeMap::new();
    for (name, image) in value.and_then(Value::as_object).into_iter().flatten() {
        let mut fields = walk.object(Some(image), &map.at(name));
        out.insert(name.clone(), behaviour(walk, &mut fields));
        walk.done(fields);
    }
    out
}

fn behaviour(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Image {
    Image {
        startup: walk.length(fields, "startup"),
        http: http(walk, fields),
        on_sigterm: on_sigterm(walk, fields),
        exits: exits(walk, fields),
        pull: walk.length(fields, "pull"),
        cpu: cpu(walk, fields),
    }
}

fn cpu(walk: &mut Walk<'_, '_>, of: &mut Fields<'_>) -> Option<(i64, std::time::Duration)> {
    let path = of.at("cpu");
    let value = of.take("cpu")?;
    let mut fields = walk.object(Some(value), &path);
    let idle = quantity(walk, &mut fields, "idle");
    let milli =
        idle.and_then(|idle| podplay_api::Quantity::parse(&idle.value)).map_or(0, |of| of.milli());
    let each =
        walk.length(&mut fields, "perRequest").map_or(std::time::Duration::ZERO, |each| each.value);
    walk.done(fields);
    Some((milli, each))
}

fn http(walk: &mut Walk<'_, '_>, of: &mut Fields<'_>) -> BTreeMap<u16, BTreeMap<String, u16>> {
    let path = of.at("http");
    let value = of.take("http");
    let ports = walk.object(value, &path);
    let mut out = BTreeMap::new();
    for (port, answers) in value.and_then(Value::as_object).into_iter().flatten() {
        let at = ports.at(port);
        let Some(number) = port.parse::<u16>().ok().filter(|port| *port > 0) else {
            walk.wrong(&at, "a port from 1 to 65535 as its key");
            continue;
        };
        let paths = walk.object(Some(answers), &at);
        let answers = answers.as_object().into_iter().flatten().filter_map(|(path, status)| {
            let code = status.as_u64().filter(|code| (100..=599).contains(code));
            if code.is_none() {
                walk.wrong(&paths.at(path), "a status from 100 to 599");
            }
            Some((path.clone(), u16::try_from(code?).ok()?))
        });
        out.insert(number, answers.collect());
    }
    out
}

fn on_sigterm(walk: &mut Walk<'_, '_>, of: &mut Fields<'_>) -> Option<OnSigterm> {
    let path = of.at("onSigterm");
    let value = of.take("onSigterm")?;
    let mut fields = walk.object(Some(value), &path);
    let out = OnSigterm {
        exit_after: walk.length(&mut fields, "exitAfter"),
        code: walk.whole(&mut fields, "code", 0, 255).map_or(0, |code| code.value),
        ignore: walk.truth(&mut fields, "ignore"),
    };
    walk.done(fields);
    Some(out)
}

fn exits(walk: &mut Walk<'_, '_>, of: &mut Fields<'_>) -> Option<(std::time::Duration, i32)> {
    let path = of.at("exits");
    let value = of.take("exits")?;
    let mut fields = walk.object(Some(value), &path);
    let after = walk.length(&mut fields, "after");
    let code = walk.whole(&mut fields, "code", 0, 255).map_or(0, |code| code.value);
    if value.is_object() && fields.take("after").is_none() {
        walk.required("PP-0706", &fields.at("after"), None);
    }
    walk.done(fields);
    Some((after?.value, code))
}

pub(super) fn traffic(walk: &mut Walk<'_, '_>, spec: &mut Fields<'_>) -> Vec<Traffic> {
    let items = walk.list(spec, "traffic");
    items.into_iter().filter_map(|(path, item)| client(walk, &path, item)).collect()
}

fn client(walk: &mut Walk<'_, '_>, path: &str, item: &Value) -> Option<Traffic> {
    let mut fields = walk.object(Some(item), path);
    let most = i64::from(u32::MAX);
    let of = &mut fields;
    let service = walk.text(of, "service");
    let rps = walk.whole(of, "rps", 0, most);
    let out = Traffic {
        service: service.clone().unwrap_or_default(),
        namespace: walk.text(of, "namespace"),
        port: walk.whole(of, "port", 1, 65_535),
        path: walk.text(of, "path"),
        rps: rps.unwrap_or_default(),
        from: walk.field(of, "from", "a duration such as 10s", length),
        lasts: walk.length(of, "for"),
        latency: walk.length(of, "latency"),
        timeout: walk.length(of, "timeout"),
        connections: walk.whole(of, "connections", 0, most),
        outside: walk.length(of, "outside"),
        node: walk.text(of, "node"),
    };
    for name in ["service", "rps"] {
        if item.is_object() && fields.take(name).is_none() {
            walk.required("PP-0706", &fields.at(name), None);
        }
    }
    walk.done(fields);
    (service.is_some() && rps.is_some()).then_some(out)
}
