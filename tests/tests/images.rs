//! Every image of the catalogue: started as its documentation says, and with the usual mistakes.

use podplay_core::images;
use podplay_core::record::{ProcessEffectKind, Subject, What};
use podplay_playback::{Run, recording};
use podplay_tests::data::tests_dir;
use serde_json::{Value, json};
use std::fs;

/// What came of a pod: its last row, what its container wrote, and its exit codes.
struct Outcome {
    status: String,
    log: String,
    exits: Vec<i64>,
}

fn outcome(pod: &Value, extra: &str, until: u64) -> Outcome {
    let scenario = json!({"apiVersion": "podplay/v1", "kind": "Scenario", "spec": {"duration": format!("{until}s")}});
    let text = format!("{pod}\n---\n{extra}\n---\n{scenario}\n");
    let mut run = Run::new(&text);
    run.finish();
    let mut log = String::new();
    for record in run.trace() {
        if let (Subject::Container(pod, _), What::Process(effect)) = (&record.subject, &record.what)
            && *pod.name == *"x"
            && let ProcessEffectKind::Out(text) | ProcessEffectKind::Err(text) = &effect.kind
        {
            log += text;
        }
    }
    let shown = recording(&run, "");
    let rows = shown["rows"]["x"].as_array().cloned().unwrap_or_default();
    let status = rows.last().map_or(String::new(), |row| {
        format!("{} {}", row["ready"].as_str().unwrap_or(""), row["status"].as_str().unwrap_or(""))
    });
    let tracks = shown["containers"].as_object().into_iter().flatten();
    let own = tracks
        .filter(|(name, _)| *name == "x")
        .flat_map(|(_, own)| own.as_object().into_iter().flatten());
    let steps = own.flat_map(|(_, steps)| steps.as_array().into_iter().flatten());
    let codes = steps.flat_map(|step| [&step["exitCode"], &step["last"]["exitCode"]]);
    let exits = codes.filter_map(Value::as_i64).collect();
    Outcome { status, log, exits }
}

/// A pod of one container; `case` gives env, args, command and whatever else a container and a pod have.
fn pod(image: &str, case: &Value) -> Value {
    let env: Vec<Value> = case["env"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let mut container = json!({"name": "app", "image": image, "env": env});
    for (key, value) in case["container"].as_object().into_iter().flatten() {
        container[key] = value.clone();
    }
    for key in ["args", "command"] {
        if !case[key].is_null() {
            container[key] = case[key].clone();
        }
    }
    let mut spec = json!({"restartPolicy": "Never", "containers": [container]});
    for (key, value) in case["pod"].as_object().into_iter().flatten() {
        if key == "beside" {
            spec["containers"].as_array_mut().expect("a list").insert(0, value.clone());
        } else {
            spec[key] = value.clone();
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec})
}

fn table() -> Value {
    let text = fs::read_to_string(tests_dir().join("images.yaml")).expect("there");
    serde_yaml::from_str(&text).expect("YAML")
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_image_starts_as_documented() {
    let table = table();
    assert!(images::entries() >= 60, "{}", images::entries());
    let mut wrong = Vec::new();
    let written = table["starts"].as_object().expect("a map");
    let mut seen = std::collections::BTreeSet::new();
    for name in images::all() {
        // A second name of the same file starts alike.
        if !seen.insert(images::file_of(name)) {
            continue;
        }
        let same = |other: &&String| images::file_of(other) == images::file_of(name);
        let case = written.keys().find(same).map_or(&Value::Null, |other| &written[other]);
        let found = outcome(&pod(name, case), "", 90);
        let expected = texts(&case["status"]);
        let right = if expected.is_empty() {
            found.status == "1/1 Running" || found.status == "0/1 Completed"
        } else {
            expected.contains(&found.status)
        };
        if !right {
            wrong.push(format!("{name}: {} {:?}\n{}", found.status, found.exits, found.log));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn usual_mistakes_end_in_the_documented_words() {
    let table = table();
    let mut wrong = Vec::new();
    for case in table["mistakes"].as_array().expect("a list") {
        let image = case["image"].as_str().expect("an image");
        let extra = case["objects"].as_str().unwrap_or("");
        let found = outcome(&pod(image, case), extra, case["until"].as_u64().unwrap_or(60));
        let missing: Vec<String> = texts(&case["says"])
            .into_iter()
            .filter(|text| !found.log.contains(text.as_str()))
            .collect();
        let code = case["code"].as_i64();
        let ended = code.is_none_or(|code| found.exits.contains(&code));
        let status = texts(&case["status"]);
        let status = status.is_empty() || status.contains(&found.status);
        if !missing.is_empty() || !ended || !status {
            wrong.push(format!(
                "{case}\n  {} {:?}\n  lacks {missing:?}\n  {:?}",
                found.status, found.exits, found.log
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn images_have_and_lack_what_they_have_and_lack() {
    let table = table();
    for (image, programs) in table["has"].as_object().expect("a map") {
        for (program, there) in programs.as_object().expect("a map") {
            assert_eq!(images::has(image, program), there.as_bool(), "{image} {program}");
        }
    }
}
