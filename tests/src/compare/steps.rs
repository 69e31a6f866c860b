//! Sequences of changes: folding, the agreeing walk through two of them, and their comparison in order, content and time.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Seconds: a step that lived shorter than this, on either side, may be missing on the other.
pub const FLASH: f64 = 1.1;
/// The same for steps of workloads and endpoints, where several pods race.
pub const SOFT: f64 = 2.5;
/// Seconds of difference that are always allowed between the distances of two steps.
const TIGHT: f64 = 2.5;
/// Allowed beside `TIGHT`, as a share of the distance.
const RELATIVE: f64 = 0.02;
/// Seconds: the kubelet looks again at a random time after an error, so the end of a back-off is late by up to that.
const BACKOFF_SLACK: f64 = 16.0;
/// Seconds: what happens at the end of a recording may fall outside it.
pub const TAIL: f64 = 16.0;

/// One change that stood for some time.
#[derive(Clone, Debug)]
pub struct Step {
    /// Seconds since the text was applied.
    pub t: f64,
    /// All fields but the time.
    pub value: Map<String, Value>,
    /// Whether it lived so short that the other side may lack it.
    pub optional: bool,
}

impl Step {
    fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or("")
    }

    fn gone(&self) -> bool {
        self.value.get("gone").and_then(Value::as_bool).unwrap_or(false)
    }
}

/// How a sequence is compared and spoken of.
pub struct Kind<'a> {
    /// What the sequence belongs to: `pod web`.
    pub label: &'a str,
    /// What a step is called: `row`.
    pub noun: &'a str,
    /// Prints a step's value.
    pub show: fn(&Map<String, Value>) -> String,
    /// Whether distances in time count.
    pub timed: bool,
    /// Seconds below which a step may be missing.
    pub flash: f64,
}

/// The time of an entry, 0 if it has none.
#[must_use]
pub fn time_of(entry: &Value) -> f64 {
    entry.get("t").and_then(Value::as_f64).unwrap_or(0.0)
}

/// Folds equal neighbours into one step and marks those that lived shorter than `flash` seconds.
#[must_use]
pub fn steps(entries: &[Value], flash: f64) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    for entry in entries {
        let mut value = entry.as_object().cloned().unwrap_or_default();
        value.remove("t");
        if out.last().is_some_and(|last| last.value == value) {
            continue;
        }
        out.push(Step { t: time_of(entry), value, optional: false });
    }
    // The last step is not zipped with any other: it stands till the end and is never optional.
    let starts: Vec<f64> = out.iter().skip(1).map(|step| step.t).collect();
    for (step, next) in out.iter_mut().zip(starts) {
        step.optional = next - step.t < flash && !step.gone();
    }
    out
}

/// How far two sequences agree.
#[derive(Debug)]
pub struct Walk {
    /// Indices of the steps that belong together.
    pub pairs: Vec<(usize, usize)>,
    /// Where the walk stops in the recorded and in the actual sequence.
    pub stop: (usize, usize),
}

/// The way back through a walk: nodes point to the pair before.
struct Trail(Vec<(Option<usize>, usize, usize)>);

impl Trail {
    fn push(&mut self, before: Option<usize>, i: usize, j: usize) -> usize {
        self.0.push((before, i, j));
        self.0.len() - 1
    }

    fn pairs(&self, mut at: Option<usize>) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        while let Some(node) = at {
            let (before, i, j) = self.0[node];
            out.push((i, j));
            at = before;
        }
        out.reverse();
        out
    }
}

/// The longest agreeing walk through both sequences; optional steps may be skipped, but only a few of them.
#[must_use]
pub fn align(recorded: &[Step], actual: &[Step], end: f64) -> Walk {
    let may_skip = 2 + recorded.len() / 3;
    let late = |step: &Step| step.t >= end - TAIL;
    let mut trail = Trail(Vec::new());
    let mut best: Option<(usize, Option<usize>, usize, usize)> = None;
    let mut seen = BTreeSet::new();
    let mut stack = vec![(0, 0, None, 0)];
    while let Some((i, j, last, length)) = stack.pop() {
        if j - length > may_skip || !seen.insert((i, j)) {
            continue;
        }
        if best.is_none_or(|(l, _, x, y)| length > l || (length == l && i + j > x + y)) {
            best = Some((length, last, i, j));
        }
        let (e, a) = (recorded.get(i), actual.get(j));
        if e.is_none() && a.is_none() {
            return Walk { pairs: trail.pairs(last), stop: (i, j) };
        }
        if a.is_some_and(|a| a.optional || (e.is_none() && late(a))) {
            stack.push((i, j + 1, last, length));
        }
        if e.is_some_and(|e| e.optional || (a.is_none() && late(e))) {
            stack.push((i + 1, j, last, length));
        }
        if let (Some(e), Some(a)) = (e, a)
            && e.value == a.value
        {
            let node = trail.push(last, i, j);
            stack.push((i + 1, j + 1, Some(node), length + 1));
        }
    }
    let (_, last, i, j) = best.unwrap_or((0, None, 0, 0));
    Walk { pairs: trail.pairs(last), stop: (i, j) }
}

/// Every difference between two sequences; none if they agree.
#[must_use]
pub fn compare_sequences(
    recorded: &[Value],
    actual: &[Value],
    end: f64,
    kind: &Kind,
) -> Vec<String> {
    let recorded = steps(recorded, kind.flash);
    let actual = steps(actual, kind.flash);
    let walk = align(&recorded, &actual, end);
    let (i, j) = walk.stop;
    if i < recorded.len() || j < actual.len() {
        let show = |step: Option<&Step>| match step {
            Some(step) => format!("t={:.1} {}", step.t, (kind.show)(&step.value)),
            None => "nothing more".to_owned(),
        };
        return vec![format!(
            "{} {} {}: recorded {}, actual {}",
            kind.label,
            kind.noun,
            i + 1,
            show(recorded.get(i)),
            show(actual.get(j))
        )];
    }
    if kind.timed { late_steps(&recorded, &actual, &walk.pairs, kind) } else { Vec::new() }
}

/// The steps whose distance from the one before differs by more than is allowed.
fn late_steps(
    recorded: &[Step],
    actual: &[Step],
    pairs: &[(usize, usize)],
    kind: &Kind,
) -> Vec<String> {
    let mut out = Vec::new();
    let mut before: Option<(usize, usize)> = None;
    let mut slack = 0.0_f64;
    let backs_off = |step: &Step| step.text("status").contains("BackOff");
    for &(i, j) in pairs {
        let (e, a) = (&recorded[i], &actual[j]);
        if backs_off(e) || (e.text("status").is_empty() && e.text("reason").contains("BackOff")) {
            slack = BACKOFF_SLACK;
            continue;
        }
        if let Some((pi, pj)) = before {
            if recorded[pi + 1..i].iter().chain(&actual[pj + 1..j]).any(backs_off) {
                slack = BACKOFF_SLACK;
            }
            let (de, da) = (e.t - recorded[pi].t, a.t - actual[pj].t);
            if (de - da).abs() > TIGHT.max(slack) + RELATIVE * de {
                out.push(format!(
                    "{} {} {}: {}: recorded t={:.1}, {de:.1} s after the one before; actual t={:.1}, {da:.1} s after",
                    kind.label,
                    kind.noun,
                    i + 1,
                    (kind.show)(&e.value),
                    e.t,
                    a.t
                ));
            }
        }
        before = Some((i, j));
        slack = 0.0;
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Rows<'a> = Vec<(f64, &'a str)>;

    fn rows(list: &[(f64, &str)]) -> Vec<Value> {
        list.iter().map(|(t, status)| json!({"t": t, "status": status})).collect()
    }

    fn differences(recorded: &[(f64, &str)], actual: &[(f64, &str)]) -> usize {
        let show = |value: &Map<String, Value>| value["status"].to_string();
        let kind = Kind { label: "pod x", noun: "row", show, timed: true, flash: FLASH };
        compare_sequences(&rows(recorded), &rows(actual), 100.0, &kind).len()
    }

    #[test]
    fn order_content_and_distance() {
        let recorded = [(0.0, "Pending"), (2.5, "Creating"), (3.0, "Running"), (30.0, "Error")];
        let table: [(&str, Rows, usize); 6] = [
            ("equal", recorded.to_vec(), 0),
            (
                "a flash may be missing",
                vec![(0.0, "Pending"), (3.0, "Running"), (30.0, "Error")],
                0,
            ),
            (
                "within 2.5 s + 2 %",
                vec![(0.0, "Pending"), (1.0, "Creating"), (3.0, "Running"), (33.0, "Error")],
                0,
            ),
            (
                "3.1 s late",
                vec![(0.0, "Pending"), (0.5, "Creating"), (3.0, "Running"), (33.1, "Error")],
                1,
            ),
            (
                "a step that stood long is missing",
                vec![(0.0, "Pending"), (0.5, "Creating"), (30.0, "Error")],
                1,
            ),
            (
                "another end",
                vec![(0.0, "Pending"), (0.5, "Creating"), (3.0, "Running"), (30.0, "Done")],
                1,
            ),
        ];
        for (name, actual, expected) in table {
            assert_eq!(differences(&recorded, &actual), expected, "{name}");
        }
    }

    #[test]
    fn the_end_of_a_back_off_is_loose() {
        let recorded = [(0.0, "Error"), (10.0, "CrashLoopBackOff"), (12.0, "Running")];
        assert_eq!(
            differences(
                &recorded,
                &[(0.0, "Error"), (20.0, "CrashLoopBackOff"), (25.0, "Running")]
            ),
            0
        );
        assert_eq!(
            differences(
                &recorded,
                &[(0.0, "Error"), (20.0, "CrashLoopBackOff"), (29.0, "Running")]
            ),
            1
        );
    }

    #[test]
    fn what_starts_at_the_end_may_be_missing() {
        let recorded = [(0.0, "Running"), (90.0, "Error")];
        assert_eq!(differences(&recorded, &[(0.0, "Running")]), 0);
        assert_eq!(differences(&[(0.0, "Running"), (80.0, "Error")], &[(0.0, "Running")]), 1);
    }
}
