//! The parts that are sequences: rows, containers, events, conditions, endpoints, workloads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::mask::{Names, mask, mask_value};
use super::steps::{FLASH, Kind, SOFT, TAIL, compare_sequences, time_of};
use super::{Part, PartResult, Sides, Tally, list, object};

/// A `kubectl get pods` row.
#[must_use]
pub fn show_row(value: &Map<String, Value>) -> String {
    if value.get("gone").is_some() {
        return "gone".to_owned();
    }
    format!("{} {} {}", word(value, "ready"), word(value, "status"), word(value, "restarts"))
}

/// A container's state.
#[must_use]
pub fn show_container(value: &Map<String, Value>) -> String {
    let mut out = word(value, "state");
    for (key, label) in
        [("reason", ""), ("exitCode", "exit="), ("ready", "ready="), ("restartCount", "restarts=")]
    {
        if value.contains_key(key) {
            out += &format!(" {label}{}", word(value, key));
        }
    }
    out
}

/// A condition's status and reason.
#[must_use]
pub fn show_condition(value: &Map<String, Value>) -> String {
    format!("{} {}", word(value, "status"), word(value, "reason")).trim().to_owned()
}

/// Any step, as JSON.
#[must_use]
pub fn show_json(value: &Map<String, Value>) -> String {
    Value::from(value.clone()).to_string()
}

fn word(value: &Map<String, Value>, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

pub(super) fn rows(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    let (recorded, actual) = (object(sides.recorded.get("rows")), object(sides.actual.get("rows")));
    for (pod, other) in &sides.pairing.0 {
        let Some(other) = other else {
            tally.add(vec![format!("pod {pod}: missing")]);
            continue;
        };
        let kind = Kind {
            label: &format!("pod {pod}"),
            noun: "row",
            show: show_row,
            timed: true,
            flash: FLASH,
        };
        tally.add(compare_sequences(
            list(recorded.get(pod)),
            list(actual.get(other)),
            sides.end,
            &kind,
        ));
    }
    let extra = sides.pairing.unpaired(sides.actual);
    if !extra.is_empty() {
        tally.add(vec![format!("pods that should not be: {}", extra.join(", "))]);
    }
    tally.finish(Part::Rows)
}

/// The entries without some of their fields.
#[must_use]
pub fn without(entries: &[Value], fields: &[&str]) -> Vec<Value> {
    let strip = |entry: &Value| {
        let mut entry = entry.clone();
        if let Some(map) = entry.as_object_mut() {
            map.retain(|key, _| !fields.contains(&key.as_str()));
        }
        entry
    };
    entries.iter().map(strip).collect()
}

/// Fields of a container's state that are not compared.
pub const UNCOMPARED: [&str; 4] = ["message", "last", "signal", "started"];

pub(super) fn containers(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    let none = Names::new();
    let of = |run: &Value, pod: &str| object(run.get("containers").and_then(|all| all.get(pod)));
    for (pod, other) in &sides.pairing.0 {
        let recorded = of(sides.recorded, pod);
        let actual = other.as_deref().map(|other| of(sides.actual, other)).unwrap_or_default();
        let actual: BTreeMap<String, Value> =
            actual.into_iter().map(|(name, v)| (mask(&name, &none), v)).collect();
        let known: BTreeSet<String> = recorded.keys().map(|name| mask(name, &none)).collect();
        let extra: Vec<&String> = actual.keys().filter(|name| !known.contains(*name)).collect();
        if !extra.is_empty() {
            tally.add(vec![format!("pod {pod}: containers that should not be: {extra:?}")]);
        }
        for (name, entries) in &recorded {
            let Some(got) = actual.get(&mask(name, &none)) else {
                tally.add(vec![format!("container {pod}/{name}: missing")]);
                continue;
            };
            let label = format!("container {pod}/{name}");
            let kind = Kind {
                label: &label,
                noun: "state",
                show: show_container,
                timed: false,
                flash: FLASH,
            };
            let (e, a) =
                (without(list(Some(entries)), &UNCOMPARED), without(list(Some(got)), &UNCOMPARED));
            tally.add(compare_sequences(&e, &a, sides.end, &kind));
        }
    }
    tally.finish(Part::Containers)
}

/// What makes an event: object, type, reason, message, all masked.
pub type EventKey = (String, String, String, String);

/// Occurrences of one event.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// Seconds: when it was seen first.
    pub first: Option<f64>,
}

fn text(event: &Value, key: &str) -> String {
    event.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

/// The events that are compared: not of Nodes, not first seen at the very end.
#[must_use]
pub fn events_of(run: &Value, names: &Names, end: f64) -> BTreeMap<EventKey, Seen> {
    let mut out: BTreeMap<EventKey, Seen> = BTreeMap::new();
    for event in list(run.get("events")) {
        let first = list(event.get("times")).first().and_then(Value::as_f64);
        let object = text(event, "object");
        if first.is_some_and(|t| t > end - TAIL) || object.starts_with("Node/") {
            continue;
        }
        let key = (
            mask(&object, names),
            text(event, "type"),
            text(event, "reason"),
            mask(&text(event, "message"), names),
        );
        let seen = out.entry(key).or_default();
        let count = event.get("count").and_then(Value::as_u64).unwrap_or(1);
        // Pods that had the name one after another have an Event each, counted by when they were seen.
        let times = u64::try_from(list(event.get("times")).len()).unwrap_or(0);
        let of_container = event.get("fieldPath").is_some_and(|path| !path.is_null());
        seen.count += if of_container { count.max(times) } else { count };
        seen.first = seen.first.or(first);
    }
    out
}

fn show_event(key: &EventKey) -> String {
    let (object, kind, reason, message) = key;
    format!("{object} {kind} {reason} {message:?}")
}

fn show_time(seen: &Seen) -> String {
    seen.first.map_or_else(|| "t=?".to_owned(), |t| format!("t={t:.1}"))
}

pub(super) fn events(sides: &Sides) -> PartResult {
    let recorded = events_of(sides.recorded, &sides.recorded_names, sides.end);
    let actual = events_of(sides.actual, &sides.actual_names, sides.end);
    let workloads = !object(sides.recorded.get("workloads")).is_empty();
    // A pod that is being replaced may or may not be probed once more.
    let race = |key: &EventKey, count: u64| workloads && key.2 == "Unhealthy" && count == 1;
    let mut tally = Tally::default();
    for (key, seen) in &recorded {
        tally.add(match actual.get(key) {
            None if race(key, seen.count) => Vec::new(),
            None => {
                let near = nearest(key, &actual, &recorded);
                vec![format!(
                    "event missing: {} ({}, ×{}){near}",
                    show_event(key),
                    show_time(seen),
                    seen.count
                )]
            }
            // At most 1, or a fifth.
            Some(got)
                if got.count.abs_diff(seen.count) > 1
                    && 5 * got.count.abs_diff(seen.count) > seen.count =>
            {
                vec![format!(
                    "event count: recorded {}, actual {}: {}",
                    seen.count,
                    got.count,
                    show_event(key)
                )]
            }
            Some(_) => Vec::new(),
        });
    }
    let known: BTreeSet<(String, String)> = list(sides.recorded.get("events"))
        .iter()
        .map(|event| (mask(&text(event, "object"), &sides.recorded_names), text(event, "reason")))
        .collect();
    for (key, seen) in &actual {
        let late = known.contains(&(key.0.clone(), key.2.clone()));
        if !recorded.contains_key(key) && !late && !race(key, seen.count) {
            tally.add(vec![format!(
                "event that should not be: {} ({}, ×{})",
                show_event(key),
                show_time(seen),
                seen.count
            )]);
        }
    }
    tally.finish(Part::Events)
}

/// An unmatched actual event of the same object and reason: most likely the same with another message.
fn nearest(
    key: &EventKey,
    actual: &BTreeMap<EventKey, Seen>,
    recorded: &BTreeMap<EventKey, Seen>,
) -> String {
    let like =
        |other: &&EventKey| other.0 == key.0 && other.2 == key.2 && !recorded.contains_key(*other);
    match actual.keys().find(like) {
        Some(other) => format!("; actual has {} {:?}", other.1, other.3),
        None => String::new(),
    }
}

pub(super) fn conditions(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    for (pod, other) in &sides.pairing.0 {
        for (name, entries) in &object(sides.recorded["conditions"].get(pod)) {
            let got = other
                .as_ref()
                .and_then(|other| sides.actual.get("conditions")?.get(other)?.get(name));
            let label = format!("condition {pod}/{name}");
            let kind = Kind {
                label: &label,
                noun: "step",
                show: show_condition,
                timed: false,
                flash: FLASH,
            };
            let (e, a) =
                (without(list(Some(entries)), &["message"]), without(list(got), &["message"]));
            tally.add(compare_sequences(&e, &a, sides.end, &kind));
        }
    }
    tally.finish(Part::Conditions)
}

/// A Service's endpoints over time, masked, in the order of their pods.
#[must_use]
pub fn named_endpoints(entries: &[Value], names: &Names) -> Vec<Value> {
    let pod = |endpoint: &Value| match endpoint.get("pod") {
        Some(Value::String(name)) => name.clone(),
        _ => "None".to_owned(),
    };
    let named = |entry: &Value| {
        let mut endpoints: Vec<Value> = list(entry.get("endpoints"))
            .iter()
            .map(|endpoint| mask_value(endpoint, names))
            .collect();
        endpoints.sort_by_key(pod);
        json!({"t": time_of(entry), "endpoints": endpoints})
    };
    entries.iter().map(named).collect()
}

pub(super) fn endpoints(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    for (service, entries) in &object(sides.recorded.get("endpoints")) {
        let got = sides.actual.get("endpoints").and_then(|all| all.get(service));
        let e = named_endpoints(list(Some(entries)), &sides.recorded_names);
        let a = named_endpoints(list(got), &sides.actual_names);
        let label = format!("endpoints {service}");
        let kind = Kind { label: &label, noun: "step", show: show_json, timed: false, flash: SOFT };
        tally.add(compare_sequences(&e, &a, sides.end, &kind));
    }
    tally.finish(Part::Endpoints)
}

/// What `kubectl get` showed of the workloads, with masked names.
#[must_use]
pub fn named_workloads(run: &Value, names: &Names) -> BTreeMap<String, Value> {
    object(run.get("workloads"))
        .iter()
        .map(|(key, v)| (mask(key, names), mask_value(v, names)))
        .collect()
}

pub(super) fn workloads(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    let actual = named_workloads(sides.actual, &sides.actual_names);
    for (name, entries) in named_workloads(sides.recorded, &sides.recorded_names) {
        let kind = Kind { label: &name, noun: "step", show: show_json, timed: false, flash: SOFT };
        tally.add(compare_sequences(
            list(Some(&entries)),
            list(actual.get(&name)),
            sides.end,
            &kind,
        ));
    }
    tally.finish(Part::Workloads)
}
