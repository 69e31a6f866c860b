//! The comparison itself: a recording agrees with itself, every kind of damage is found,
//! and the verdicts are those of the recordings' own comparison program.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use podplay_tests::compare::{Part, compare};
use podplay_tests::data::shared;
use podplay_tests::suite::{Recording, recordings};
use serde_json::{Value, json};

type Damage = fn(&mut Value);

/// All entries of `part` that are lists of timed steps, wherever they lie.
fn sequences<'a>(value: &'a mut Value, out: &mut Vec<&'a mut Vec<Value>>) {
    match value {
        Value::Array(items) if items.first().is_some_and(|item| item.get("t").is_some()) => {
            out.push(items)
        }
        Value::Object(fields) => fields.values_mut().for_each(|field| sequences(field, out)),
        _ => {}
    }
}

fn longest<'a>(run: &'a mut Value, part: &str) -> Option<&'a mut Vec<Value>> {
    let mut all = Vec::new();
    sequences(&mut run[part], &mut all);
    all.into_iter().max_by_key(|list| list.len())
}

fn shift_restart(run: &mut Value) {
    let Some(rows) = longest(run, "rows") else { return };
    let running = rows.iter().position(|row| row["status"] == "Running").unwrap_or(0);
    for row in &mut rows[running..] {
        row["t"] = json!(row["t"].as_f64().unwrap_or(0.0) + 8.0);
    }
}

fn drop_event(run: &mut Value) {
    if let Some(events) = run["events"].as_array_mut() {
        events.retain(|event| event["reason"] != "Started");
    }
}

fn change_count(run: &mut Value) {
    if let Some(event) = run["events"].as_array_mut().and_then(|events| events.first_mut()) {
        event["count"] = json!(event["count"].as_u64().unwrap_or(0) + 3);
    }
}

fn change_exit(run: &mut Value) {
    let mut all = Vec::new();
    sequences(&mut run["containers"], &mut all);
    for state in all.into_iter().flatten().filter(|state| state.get("exitCode").is_some()) {
        state["exitCode"] = json!(42);
    }
}

fn change_endpoint(run: &mut Value) {
    let mut all = Vec::new();
    sequences(&mut run["endpoints"], &mut all);
    for step in all.into_iter().flatten() {
        for endpoint in step["endpoints"].as_array_mut().into_iter().flatten() {
            endpoint["serving"] = json!(endpoint["serving"] == false);
        }
    }
}

fn change_condition(run: &mut Value) {
    if let Some(steps) = longest(run, "conditions") {
        steps.iter_mut().for_each(|step| step["status"] = json!("Unknown"));
    }
}

fn rename_containers(run: &mut Value) {
    for containers in
        run["containers"].as_object_mut().into_iter().flat_map(|pods| pods.values_mut())
    {
        if let Some(containers) = containers.as_object_mut()
            && let Some((name, states)) =
                containers.iter().next().map(|(name, states)| (name.clone(), states.clone()))
        {
            containers.remove(&name);
            containers.insert("other".to_owned(), states);
        }
    }
}

fn rename_pods(run: &mut Value) {
    let text = run.to_string();
    let names: Vec<String> =
        run["rows"].as_object().into_iter().flat_map(|rows| rows.keys().cloned()).collect();
    let renamed =
        names.iter().filter(|name| name.matches('-').count() > 1).fold(text, |text, name| {
            let end = name.len() - 5;
            text.replace(
                name.as_str(),
                &format!("{}{}", &name[..end], name[end..].chars().rev().collect::<String>()),
            )
        });
    *run = serde_json::from_str(&renamed).unwrap_or_default();
}

fn drop_pod(run: &mut Value) {
    if let Some(rows) = run["rows"].as_object_mut()
        && let Some(first) = rows.keys().next().cloned()
    {
        rows.remove(&first);
    }
}

fn change_texts(run: &mut Value) {
    if let Some(text) = run["describe"].as_str() {
        run["describe"] = json!(text.replace("QoS Class", "QoS Klass"));
    }
    for command in run["commands"].as_array_mut().into_iter().flatten() {
        command["exit"] = json!(7);
    }
}

fn change_workloads(run: &mut Value) {
    if let Some(steps) = longest(run, "workloads")
        && let Some(last) = steps.last_mut()
    {
        last["cells"]["Ready"] = json!("9/9");
    }
}

fn small_shift(run: &mut Value) {
    for part in ["rows", "containers", "conditions", "endpoints", "workloads"] {
        let mut all = Vec::new();
        sequences(&mut run[part], &mut all);
        for step in all.into_iter().flatten() {
            step["t"] = json!(step["t"].as_f64().unwrap_or(0.0) + 0.7);
        }
    }
}

const DAMAGES: [(&str, Damage); 12] = [
    ("shift_restart", shift_restart),
    ("drop_event", drop_event),
    ("change_count", change_count),
    ("change_exit", change_exit),
    ("change_endpoint", change_endpoint),
    ("change_condition", change_condition),
    ("rename_containers", rename_containers),
    ("rename_pods", rename_pods),
    ("drop_pod", drop_pod),
    ("change_texts", change_texts),
    ("change_workloads", change_workloads),
    ("small_shift", small_shift),
];

fn damaged(recording: &Recording, damage: Damage) -> Value {
    let mut run = recording.recorded.clone();
    damage(&mut run);
    run
}

fn one(name: &str) -> Recording {
    recordings(|other| other == name).remove(0)
}

#[test]
fn every_recording_agrees_with_itself() {
    for recording in recordings(|_| true) {
        let result = compare(&recording.recorded, &recording.recorded);
        assert!(result.passes(), "{}", recording.name);
        assert_eq!(result.first_difference(), None, "{}", recording.name);
    }
}

#[test]
fn damage_is_found() {
    let table: [(&str, Damage, Part, &str); 9] = [
        ("crashloop-exit1-always", shift_restart, Part::Rows, "s after the one before; actual t="),
        ("crashloop-exit1-always", drop_event, Part::Events, "event missing: Pod/"),
        ("crashloop-exit1-always", change_exit, Part::Containers, "exit=42"),
        ("crashloop-exit1-always", change_condition, Part::Conditions, "recorded t="),
        (
            "crashloop-exit1-always",
            rename_containers,
            Part::Containers,
            "containers that should not be",
        ),
        ("crashloop-exit1-always", drop_pod, Part::Rows, "missing"),
        ("crashloop-exit1-always", change_texts, Part::Describe, "QoS Klass"),
        ("deploy-bad-image-undo", change_workloads, Part::Workloads, "9/9"),
        ("deploy-bad-image-undo", change_texts, Part::Texts, "exit status recorded 0, actual 7"),
    ];
    for (name, damage, part, says) in table {
        let recording = one(name);
        let result = compare(&recording.recorded, &damaged(&recording, damage));
        let differences =
            result.part(part).map(|result| result.differences.join("\n")).unwrap_or_default();
        assert!(differences.contains(says), "{name} {part}: {differences}");
    }
}

#[test]
fn endpoint_conditions_are_found() {
    let with_endpoints =
        |recording: &Recording| recording.recorded["endpoints"].to_string().contains("serving");
    let recording =
        recordings(|_| true).into_iter().find(with_endpoints).expect("a recording with endpoints");
    let result = compare(&recording.recorded, &damaged(&recording, change_endpoint));
    assert!(result.part(Part::Endpoints).is_some_and(|result| !result.differences.is_empty()));
}

/// Verdict of each part, by the reference program, for many pairs at once.
fn reference_verdicts(program: &Path, pairs: &Path) -> Option<Vec<BTreeMap<String, usize>>> {
    const SCRIPT: &str = "
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('reference', sys.argv[1])
module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
pairs = json.load(open(sys.argv[2]))
print(json.dumps([{k: len(v) for k, v in module.compare(e, a).items()} for e, a in pairs]))
";
    let output = Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("-c")
        .arg(SCRIPT)
        .arg(program)
        .arg(pairs)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).ok()
}

#[test]
fn verdicts_equal_the_reference_program() {
    let Some(program) = shared("traces/compare.py") else { return };
    let mut labels = Vec::new();
    let mut pairs = Vec::new();
    for (index, recording) in recordings(|_| true).into_iter().enumerate() {
        for (at, (label, damage)) in DAMAGES.iter().enumerate() {
            if (index + at) % 3 == 0 {
                labels.push(format!("{} {label}", recording.name));
                pairs.push((recording.recorded.clone(), damaged(&recording, *damage)));
            }
        }
    }
    let file = std::env::temp_dir().join(format!("podplay-pairs-{}.json", std::process::id()));
    std::fs::write(&file, json!(pairs).to_string()).expect("the pairs can be written");
    let verdicts = reference_verdicts(&program, &file);
    std::fs::remove_file(&file).expect("the pairs can be removed");
    let Some(verdicts) = verdicts else {
        println!(
            "SKIPPED: python3 is not here; the verdicts were not compared with the reference program's"
        );
        return;
    };
    let mut unequal = Vec::new();
    for ((label, (recorded, actual)), verdict) in labels.iter().zip(&pairs).zip(verdicts) {
        let ours: BTreeMap<String, usize> = compare(recorded, actual)
            .parts
            .iter()
            .map(|result| (result.part.name().to_owned(), result.differences.len()))
            .collect();
        if ours != verdict {
            unequal.push(format!("{label}: {ours:?}, reference {verdict:?}"));
        }
    }
    assert!(unequal.is_empty(), "{} of {}:\n{}", unequal.len(), pairs.len(), unequal.join("\n"));
}
