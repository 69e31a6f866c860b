//! What kubectl printed in upstream's own tests, case by case.

use podplay_api::Timestamp;
use podplay_tests::data::upstream_cases;
use podplay_views::describe::{Related, describe};
use podplay_views::duration::{human_duration, short_human_duration};
use podplay_views::get::{Options, cells, columns, table};
use podplay_views::json::{plain, text};
use serde_json::{Value, json};

const NANOS: i64 = 1_000_000_000;

/// Fails with every case that differs.
fn check(table: &str, differences: impl Fn(&Value) -> Vec<String>) {
    let cases = upstream_cases(table);
    let failed: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            differences(case).into_iter().map(|line| format!("{}: {line}", text(case, "name")))
        })
        .collect();
    println!("{table}: {} cases", cases.len());
    assert!(
        failed.is_empty(),
        "{table}: {} of {} cases:\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n")
    );
}

/// The clock of a case. Objects that were made 1.9 s ahead of it were written down with whole seconds: half a second
/// more keeps what was expected of them.
fn clock(case: &Value) -> Timestamp {
    if text(case, "name").starts_with("TestPrintEventsResultSorted") {
        // Dates of the last century, not brought near the case's clock: they were printed in August 2026.
        return Timestamp::parse("2026-08-21T00:00:00Z").expect("a moment");
    }
    let now = Timestamp::parse(text(case, "now")).expect("a case has a clock");
    Timestamp(now.0 + NANOS / 2)
}

#[test]
fn human_durations() {
    check("human_duration", |case| {
        let nanos = case["input"]["nanoseconds"].as_i64().expect("nanoseconds");
        let got = json!({"HumanDuration": human_duration(nanos), "ShortHumanDuration": short_human_duration(nanos)});
        if got == case["expected"] {
            Vec::new()
        } else {
            vec![format!("{} got {got}", case["expected"])]
        }
    });
}

/// The differing columns of a row.
fn row_differences(kind: &str, case: &Value) -> Vec<String> {
    let columns = columns(kind);
    let cells = cells(kind, &case["input"], clock(case));
    let wide = case["wide"] == true;
    let shown = columns.iter().zip(&cells).filter(|(column, _)| wide || !column.wide);
    let got: serde_json::Map<String, Value> =
        shown.map(|(column, cell)| (column.name.to_uppercase(), cell.clone())).collect();
    let expected = case["expected"].as_object().expect("columns");
    let headers = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
    if headers(&got) != headers(expected) {
        return vec![format!("columns {:?}, got {:?}", headers(expected), headers(&got))];
    }
    // Upstream's printer shortens long lists of addresses unless it is asked for wide cells. The API server always asks
    // for wide ones, so kubectl never shows the short form.
    let shorten = |header: &str, cell: String| {
        let balancer = text(&case["input"], "spec.type") == "LoadBalancer"
            && case["input"]["spec"]["externalIPs"].is_null();
        if header == "EXTERNAL-IP" && balancer && !wide && cell.len() > 16 {
            return format!("{}...", &cell[..13]);
        }
        cell
    };
    expected
        .iter()
        .filter(|(header, cell)| shorten(header, plain(&got[header.as_str()])) != plain(cell))
        .map(|(header, cell)| format!("{header} {cell}, got {}", got[header.as_str()]))
        .collect()
}

#[test]
fn pod_rows() {
    check("print_pod", |case| row_differences("Pod", case));
}

#[test]
fn rows_of_other_kinds() {
    check("print_other_kinds", |case| row_differences(text(case, "kind"), case));
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML in a case")
}

fn stamp(now: Timestamp, seconds_ago: i64) -> Value {
    Timestamp(now.0 - seconds_ago * NANOS).to_string().into()
}

#[test]
fn pod_tables() {
    let now = Timestamp::parse("2026-05-01T00:00:00Z").expect("a moment");
    check("table_render", |case| {
        let input = &case["input"];
        let pods: Vec<Value> = input["Pods"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pod| {
                let mut object = yaml(text(pod, "Yaml"));
                object["metadata"]["creationTimestamp"] =
                    stamp(now, pod["AgeSeconds"].as_i64().unwrap_or(0));
                for status in
                    object["status"]["containerStatuses"].as_array_mut().into_iter().flatten()
                {
                    if status.pointer("/lastState/terminated").is_some() {
                        let end = stamp(now, pod["RestartAgo"].as_i64().unwrap_or(0));
                        status["lastState"]["terminated"]["finishedAt"] = end;
                    }
                }
                object
            })
            .collect();
        let set = |key: &str| input[key] == true;
        let label_columns =
            input["LabelColumns"].as_array().into_iter().flatten().map(plain).collect();
        let options = Options {
            wide: set("Wide"),
            namespace: set("WithNamespace"),
            kind: set("WithKind"),
            show_labels: set("ShowLabels"),
            label_columns,
        };
        let got = table("Pod", &pods, now, &options).text(set("NoHeaders"));
        line_differences(&got, case)
    });
}

fn line_differences(got: &str, case: &Value) -> Vec<String> {
    let expected: Vec<&str> =
        case["expected"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let got: Vec<&str> = got.split('\n').collect();
    if got == expected {
        return Vec::new();
    }
    let at = (0..).find(|&at| got.get(at) != expected.get(at)).unwrap_or(0);
    vec![format!("line {}: {:?}, got {:?}", at + 1, expected.get(at), got.get(at))]
}

/// An event of a case as the API has it.
fn event(event: &Value, pod: &Value, now: Timestamp) -> Value {
    let mut object = json!({
        "kind": "Event",
        "involvedObject": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"],
            "fieldPath": event["FieldPath"]},
        "type": event["Type"], "reason": event["Reason"], "message": event["Message"],
    });
    let ago = |key: &str| stamp(now, event[key].as_i64().unwrap_or(0));
    if event["NewStyle"] == true {
        object["eventTime"] = ago("FirstAgo");
        object["reportingComponent"] = event["Component"].clone();
    } else {
        object["firstTimestamp"] = ago("FirstAgo");
        object["lastTimestamp"] = ago("LastAgo");
        object["count"] = event["Count"].clone();
        object["source"] = json!({"component": event["Component"]});
    }
    object
}

#[test]
fn pod_descriptions() {
    let now = Timestamp::parse("2026-05-01T00:00:00Z").expect("a moment");
    check("describe_pod", |case| {
        let mut pod = yaml(text(case, "input.pod"));
        pod["kind"] = json!("Pod");
        if pod["metadata"].get("deletionTimestamp").is_some() {
            pod["metadata"]["deletionTimestamp"] = stamp(now, 12);
        }
        let events = case["input"]["events"].as_array().into_iter().flatten();
        let objects: Vec<Value> = events.map(|one| event(one, &pod, now)).collect();
        let got = describe(&pod, &Related { now, objects: &objects, show_events: true });
        line_differences(&got, case)
    });
}
