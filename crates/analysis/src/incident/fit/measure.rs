//! How well a run shows what was observed.

use super::expected::{Container, Expected, Pod};
use podplay_api::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A run beside what was observed.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) agrees: usize,
    pub(super) compared: usize,
    pub(super) differs: Vec<String>,
    /// Pods that show the same, and all pairs that belong together.
    pub(super) pods: Vec<(String, String)>,
    pub(super) pairs: Vec<(String, String)>,
    pub(super) recording: Value,
}

/// What a comparison of two pods or containers gave.
#[derive(Clone, Debug, Default)]
struct Count {
    agrees: usize,
    compared: usize,
    differs: Vec<String>,
    /// Whether restarts, states and ends are the same.
    same: bool,
}

impl Count {
    fn fact(&mut self, holds: bool, weight: usize, words: impl FnOnce() -> String) {
        self.compared += weight;
        if holds {
            self.agrees += weight;
        } else {
            self.differs.push(words());
        }
    }
}

impl Measured {
    pub(super) fn of(expected: &Expected, recording: Value) -> Self {
        let mut out = Self::default();
        let mut left: BTreeSet<String> = recording["containers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .filter(|name| !gone(&recording, name))
            .collect();
        for pod in &expected.pods {
            // The same name first: pods without an owner keep theirs.
            let fits = left.iter().map(|name| (name, compare(pod, &recording, name))).max_by_key(
                |(name, count)| (**name == pod.name, count.agrees, std::cmp::Reverse(*name)),
            );
            let Some((name, count)) = fits.map(|(name, count)| (name.clone(), count)) else {
                let weight = weight(pod);
                out.compared += weight;
                out.differs.push(format!("pod {}: the run has no such pod", pod.name));
                continue;
            };
            left.remove(&name);
            out.agrees += count.agrees;
            out.compared += count.compared;
            out.differs.extend(count.differs);
            out.pairs.push((pod.name.clone(), name.clone()));
            if count.same {
                out.pods.push((pod.name.clone(), name));
            }
        }
        out.recording = recording;
        out
    }
}

fn gone(recording: &Value, pod: &str) -> bool {
    let last = recording["rows"][pod].as_array().and_then(|rows| rows.last());
    last.is_some_and(|row| row.get("gone").is_some())
}

/// What a pod that is missing in the run would have counted.
fn weight(pod: &Pod) -> usize {
    pod.containers.len() * 4 + pod.events.len()
}

fn compare(pod: &Pod, recording: &Value, name: &str) -> Count {
    let mut out = Count { same: !pod.containers.is_empty(), ..Count::default() };
    for container in &pod.containers {
        let rows = recording["containers"][name][container.name.as_str()].as_array();
        let last = rows.and_then(|rows| rows.last()).unwrap_or(&Value::Null);
        let before = out.differs.len();
        compare_container(&pod.name, container, last, &mut out);
        out.same &= out.differs.len() == before;
    }
    let seen = events(recording, name);
    for (reason, count) in &pod.events {
        let simulated = seen.get(reason).copied().unwrap_or(0);
        let holds = match count {
            None => simulated > 0,
            Some(count) => {
                let count = u64::from(*count);
                simulated > 0
                    && (simulated.abs_diff(count) * 4 <= count || simulated.abs_diff(count) <= 1)
            }
        };
        out.fact(holds, 1, || {
            let observed = count.map_or_else(|| "some".to_owned(), |count| count.to_string());
            format!("pod {}: event {reason}: observed {observed}, in the run {simulated}", pod.name)
        });
    }
    out
}

fn compare_container(pod: &str, container: &Container, row: &Value, out: &mut Count) {
    let name = &container.name;
    if let Some(restarts) = container.restarts {
        let simulated = row["restartCount"].as_u64();
        let near = simulated.is_some_and(|n| n.abs_diff(u64::from(restarts)) <= 1);
        let words = || {
            format!(
                "{pod}/{name}: {restarts} restarts observed, in the run {}",
                simulated.unwrap_or(0)
            )
        };
        out.fact(near, 2, words);
        // The exact number counts a little more.
        if near && simulated != Some(u64::from(restarts)) {
            out.compared += 1;
        } else if near {
            out.compared += 1;
            out.agrees += 1;
        }
    }
    if let Some((code, reason)) = &container.last {
        let holds = row["last"]["exitCode"].as_i64() == Some(*code)
            && row["last"]["reason"].as_str() == Some(reason);
        out.fact(holds, 2, || {
            format!(
                "{pod}/{name}: last ended with {code} ({reason}), in the run {}",
                end_words(&row["last"])
            )
        });
    }
    if let Some((state, reason)) = &container.state {
        out.fact(alike(state, reason, row), 1, || {
            let simulated = row["state"].as_str().unwrap_or("nothing");
            format!(
                "{pod}/{name}: {state} {reason} observed, in the run {simulated} {}",
                row["reason"].as_str().unwrap_or_default()
            )
        });
    }
    if let (Some(ready), true) =
        (container.ready, container.state.as_ref().is_some_and(|s| s.0 == "running"))
    {
        out.fact(row["ready"].as_bool() == Some(ready), 1, || {
            format!("{pod}/{name}: ready is {ready}, in the run it is not so")
        });
    }
}

/// Whether two states are the same moment of a cycle: a container that crashes is now ended, now waiting.
fn alike(state: &str, reason: &str, row: &Value) -> bool {
    let other = row["state"].as_str().unwrap_or_default();
    let why = row["reason"].as_str().unwrap_or_default();
    let cycle = |state: &str, reason: &str| {
        (state == "waiting" && reason == "CrashLoopBackOff")
            || (state == "terminated" && reason != "Completed")
    };
    let pull = |reason: &str| matches!(reason, "ErrImagePull" | "ImagePullBackOff");
    (state == other && (reason == why || state == "running"))
        || (cycle(state, reason) && cycle(other, why))
        || (pull(reason) && pull(why))
}

fn end_words(end: &Value) -> String {
    match end["exitCode"].as_i64() {
        Some(code) => format!("{code} ({})", end["reason"].as_str().unwrap_or_default()),
        None => "not at all".to_owned(),
    }
}

/// Events of a pod of the run by reason.
fn events(recording: &Value, pod: &str) -> BTreeMap<String, u64> {
    let object = format!("Pod/{pod}");
    let mut out = BTreeMap::new();
    for event in recording["events"].as_array().into_iter().flatten() {
        if event["object"].as_str() == Some(object.as_str()) {
            let reason = event["reason"].as_str().unwrap_or_default().to_owned();
            *out.entry(reason).or_insert(0) += event["count"].as_u64().unwrap_or(1);
        }
    }
    out
}

/// When a container of the run was started last, in milliseconds.
pub(super) fn last_start(recording: &Value, pod: &str, container: &str) -> Option<u64> {
    let rows = recording["containers"][pod][container].as_array()?;
    let mut start = None;
    let mut before = "";
    for row in rows {
        let state = row["state"].as_str().unwrap_or_default();
        if state == "running" && before != "running" {
            start = row["t"].as_f64();
        }
        before = state;
    }
    (before == "running").then_some(())?;
    let millis = start? * 1000.0;
    // Times of a run are small and never negative.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run")]
    Some(millis as u64)
}
