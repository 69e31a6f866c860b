//! The Scenario document, read once: typed, with the place of each field, and everything that is wrong with it.

mod cluster;
mod fields;
mod model;
mod timeline;

use podplay_api::{Assume, Timestamp, Topic};
use serde_json::Value;

use crate::findings::Finder;
use crate::model::{Edit, Stage};
use crate::yaml::{Spans, quote};
use fields::{Fields, Walk};
pub use model::{
    Action, Entry, Field, Image, Kubelet, Node, NodeSettings, OnSigterm, Spec, Traffic,
};

/// The `apiVersion` of Scenario documents.
pub const API_VERSION: &str = "podplay/v1";

/// What a Scenario wants to be assumed: its own word, or nothing where the recordings' cluster is meant.
pub(crate) fn assumed(document: &Value) -> Assume {
    let recorded = document.pointer("/spec/node/profile").is_some_and(|p| p == "recorded");
    let usual = if recorded { Assume::STRICT } else { Assume::helpful() };
    match document.pointer("/spec/assume") {
        Some(Value::String(word)) => Assume::parse(word).unwrap_or(usual),
        Some(Value::Object(map)) => map.iter().fold(usual, |all, (key, on)| {
            Topic::parse(key).map_or(all, |topic| all.with(topic, on == true))
        }),
        _ => usual,
    }
}

/// Reads a Scenario document; what is wrong goes to `finder`.
pub(crate) fn read(value: &Value, spans: &Spans, finder: &mut Finder<'_>) -> Spec {
    let mut walk = Walk { spans, finder };
    let mut top = walk.object(Some(value), "");
    let version = top.take("apiVersion").and_then(Value::as_str);
    if version != Some(API_VERSION) {
        let span = spans.value("apiVersion");
        let message = format!("a Scenario has apiVersion {}", quote(API_VERSION));
        let edit =
            Edit { span, replacement: API_VERSION.to_owned(), title: format!("Use {API_VERSION}") };
        walk.finder.error("PP-0702", Stage::Scenario, message, span).fix = Some(edit);
    }
    if let Some(kind) = walk.text(&mut top, "kind").filter(|kind| kind.value != "Scenario") {
        walk.unknown_word("kind", &kind, &["Scenario"]);
    }
    let metadata = top.take("metadata");
    walk.object(metadata, "metadata");
    let inner = top.take("spec");
    let mut fields = walk.object(inner, "spec");
    walk.done(top);
    let spec = spec(&mut walk, &mut fields);
    walk.done(fields);
    spec
}

fn spec(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Spec {
    if let Some(value) = fields.take("assume") {
        assume(walk, value);
    }
    Spec {
        seed: walk.field(fields, "seed", "a whole number, not negative", Value::as_u64),
        start: walk.field(fields, "start", "a time such as 2026-11-22T10:36:09Z", |value| {
            value.as_str().and_then(Timestamp::parse)
        }),
        kubernetes: walk.scalar(fields, "kubernetes"),
        kubelet: cluster::kubelet(walk, fields),
        duration: walk.length(fields, "duration"),
        node: cluster::settings(walk, fields),
        nodes: cluster::nodes(walk, fields),
        images: cluster::images(walk, fields),
        traffic: cluster::traffic(walk, fields),
        timeline: timeline::entries(walk, fields),
        expect: expect(walk, fields),
    }
}

/// Checks `spec.assume`: a word, or topics switched on and off.
fn assume(walk: &mut Walk<'_, '_>, value: &Value) {
    let path = "spec.assume";
    match value {
        Value::String(word) if Assume::parse(word).is_some() => {}
        Value::String(word) => walk.unknown_word(path, word, &["strict", "helpful"]),
        Value::Object(map) => {
            let topics: Vec<&str> = Topic::all().map(Topic::key).collect();
            for (key, on) in map {
                let at = format!("{path}.{key}");
                match Topic::parse(key) {
                    None => walk.unknown_field(key, &at, &topics),
                    Some(_) if !on.is_boolean() => walk.wrong(&at, "true or false"),
                    Some(_) => {}
                }
            }
        }
        _ => walk.wrong(path, "strict, helpful, or an object of topics"),
    }
}

/// Statements, kept as they are written: they are parsed when the run is judged.
fn expect(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Vec<Field<String>> {
    let mut out = Vec::new();
    for (path, item) in walk.list(fields, "expect") {
        match item.as_str() {
            Some(text) => out.push(Field { value: text.to_owned(), span: walk.spans.value(&path) }),
            None => walk.wrong(&path, "a statement such as `ready deployment/web by 60s`"),
        }
    }
    out
}
