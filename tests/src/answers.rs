//! What the JSON of a run says, for tests of small texts and what a cluster makes of them.

use serde_json::Value;

/// What `podplay run -o json` says of a text.
#[must_use]
pub fn record(text: &str) -> Value {
    podplay_playback::record(text, "")
}

/// The STATUS column of a pod over time, each change once, `gone` at the end if it went.
#[must_use]
pub fn statuses(run: &Value, pod: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for row in run["rows"][pod].as_array().into_iter().flatten() {
        let word = if row["gone"] == true { "gone" } else { row["status"].as_str().unwrap_or("?") };
        if seen.last().is_none_or(|last| last != word) {
            seen.push(word.to_owned());
        }
    }
    seen
}

/// The pods whose names begin so.
#[must_use]
pub fn pods<'a>(run: &'a Value, prefix: &str) -> Vec<&'a str> {
    let rows = run["rows"].as_object().into_iter().flatten();
    rows.map(|(name, _)| name.as_str()).filter(|name| name.starts_with(prefix)).collect()
}

/// How often an event with that reason was seen about an object.
#[must_use]
pub fn count(run: &Value, object: &str, reason: &str) -> i64 {
    let about = events(run).filter(|event| event["object"] == object && event["reason"] == reason);
    about.map(|event| event["count"].as_i64().unwrap_or(0)).sum()
}

/// Reasons of the events about an object, those among `of`, in order.
#[must_use]
pub fn reasons<'a>(run: &'a Value, object: &str, of: &[&str]) -> Vec<&'a str> {
    let about = events(run).filter(|event| event["object"] == object);
    about
        .filter_map(|event| event["reason"].as_str())
        .filter(|reason| of.contains(reason))
        .collect()
}

/// The message of the first event with that reason; empty if there is none.
#[must_use]
pub fn message<'a>(run: &'a Value, reason: &str) -> &'a str {
    let found = events(run).find(|event| event["reason"] == reason);
    found.and_then(|event| event["message"].as_str()).unwrap_or_default()
}

/// Standard output and standard error of the n-th command.
#[must_use]
pub fn said(run: &Value, n: usize) -> String {
    let command = &run["commands"][n];
    let text = |stream: &str| command[stream].as_str().unwrap_or_default().to_owned();
    text("stdout") + &text("stderr")
}

fn events(run: &Value) -> impl Iterator<Item = &Value> {
    run["events"].as_array().into_iter().flatten()
}
