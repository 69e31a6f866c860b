//! Findings of upstream's own validators, by field and kind of finding.
//!
//! The tables stay outside the repository; the tests say so and pass when they are not there.

use std::collections::BTreeSet;
use std::path::Path;

use podplay_manifest::apply::{StoreOptions, prepare_for_create};
use podplay_manifest::defaults::apply_defaults;
use podplay_manifest::validate::{FieldError, validate_create, validate_update};
use podplay_manifest::{schema, yaml};
use serde_json::Value;

/// Shares of rows that must agree, in percent: all rows, rows for pods.
const TABLE_FLOOR: (usize, usize) = (98, 98);
/// Share of the rows of upstream's pod test.
const POD_FLOOR: usize = 94;

fn table(name: &str) -> Vec<Value> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstream-tables").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {name} is not there");
        return Vec::new();
    };
    let data: Value = serde_json::from_str(&text).expect("a table is JSON");
    data["cases"].as_array().cloned().unwrap_or_default()
}

type Found = BTreeSet<(String, String)>;

fn found(errors: &[FieldError]) -> Found {
    errors
        .iter()
        .map(|e| (e.field.clone(), e.kind.reason().trim_start_matches("FieldValue").to_owned()))
        .collect()
}

fn defaulted(manifest: &Value) -> Value {
    let mut object = manifest.clone();
    object["metadata"]["namespace"] = Value::from("default");
    apply_defaults(&mut object);
    let mut options = StoreOptions::dry_run();
    options.node_port = 0;
    prepare_for_create(&mut object, &options);
    object
}

/// The stage that refuses, and what it finds.
fn judge(input: &Value) -> (&'static str, Found) {
    let manifest = match input["yaml"].as_str() {
        None => input["manifest"].clone(),
        Some(text) => match yaml::documents(text).first().map(|d| d.content.clone()) {
            Some(Ok(built)) => built.value,
            _ => return ("decode", Found::new()),
        },
    };
    let (version, kind) = (
        manifest["apiVersion"].as_str().unwrap_or_default(),
        manifest["kind"].as_str().unwrap_or_default(),
    );
    if schema::find_kind(version, kind).is_none() {
        return ("unsupported", Found::new());
    }
    let checked = schema::check(version, kind, &manifest);
    if checked.reported().is_some() {
        return ("decode", Found::new());
    }
    if !checked.unknown.is_empty() {
        return ("strict", Found::new());
    }
    let errors = match input.get("oldManifest") {
        Some(old) => validate_update(&defaulted(old), &defaulted(&manifest)),
        None => validate_create(&defaulted(&manifest)),
    };
    (if errors.is_empty() { "ok" } else { "validate" }, found(&errors))
}

#[test]
fn validation_table() {
    let cases = table("validation.json");
    let (mut right, mut pods, mut right_pods) = (0, 0, 0);
    for case in &cases {
        let want: Found = case["expected"]["causes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| {
                let text = |k: &str| c[k].as_str().unwrap_or_default().to_owned();
                (text("field"), text("type").trim_start_matches("FieldValue").to_owned())
            })
            .collect();
        let (stage, got) = judge(&case["input"]);
        let same = case["expected"]["stage"] == stage && want == got;
        let pod = case["kind"] == "Pod";
        right += usize::from(same);
        pods += usize::from(pod);
        right_pods += usize::from(pod && same);
        if !same && std::env::var_os("VERBOSE").is_some() {
            println!(
                "--- {}: want {} {want:?}\n    got {stage} {got:?}",
                case["name"], case["expected"]["stage"]
            );
        }
    }
    println!("validation.json: {right}/{}; pods {right_pods}/{pods}", cases.len());
    assert!(right * 100 >= TABLE_FLOOR.0 * cases.len());
    assert!(right_pods * 100 >= TABLE_FLOOR.1 * pods);
}

#[test]
fn upstream_pod_table() {
    let cases = table("validation_upstream_pod.json");
    let mut right = 0;
    for case in &cases {
        let mut pod = case["input"]["pod"].clone();
        pod["apiVersion"] = Value::from("v1");
        pod["kind"] = Value::from("Pod");
        let want: Found = case["expected"]["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| {
                let text = |k: &str| c[k].as_str().unwrap_or_default().to_owned();
                (text("field"), text("type").trim_start_matches("FieldValue").to_owned())
            })
            .collect();
        let got = found(&validate_create(&pod));
        right += usize::from(want == got);
        if want != got && std::env::var_os("VERBOSE").is_some() {
            println!("--- {}: want {want:?}\n    got {got:?}", case["name"]);
        }
    }
    println!("validation_upstream_pod.json: {right}/{}", cases.len());
    assert!(right * 100 >= POD_FLOOR * cases.len());
}
