//! A recording and a run beside each other, for reading: what a developer looks at when a recording differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::compare::mask::{Names, fold_blanks, mask};
use crate::compare::parts::{
    Seen, UNCOMPARED, events_of, named_endpoints, named_workloads, show_condition, show_container,
    show_json, show_row, without,
};
use crate::compare::steps::{FLASH, SOFT, Step, steps};
use crate::compare::{Part, Sides, list, object};
use crate::report::shorten;

/// Width of the recorded column.
const COLUMN: usize = 62;

/// Prints a step's value.
type Show = fn(&Map<String, Value>) -> String;

/// How to print one pair of sequences.
struct Sequence<'a> {
    title: String,
    recorded: &'a [Value],
    actual: &'a [Value],
    show: Show,
    flash: f64,
}

/// Prints the chosen parts side by side; `only` restricts them to pods whose names contain it.
#[must_use]
pub fn print(recorded: &Value, actual: &Value, chosen: &[Part], only: Option<&str>) -> String {
    let sides = Sides::new(recorded, actual);
    let wanted = |pod: &str| only.is_none_or(|only| pod.contains(only));
    let mut out = String::new();
    for part in chosen {
        let _ = writeln!(
            out,
            "=== {part} (- recorded only, + actual only, ~ same at another distance, · short)"
        );
        match part {
            Part::Rows => rows(&mut out, &sides, &wanted),
            Part::Containers | Part::Conditions => per_pod(&mut out, &sides, *part, &wanted),
            Part::Events => events(&mut out, &sides, &wanted),
            Part::Endpoints => endpoints(&mut out, &sides),
            Part::Workloads => workloads(&mut out, &sides),
            Part::Describe => describe(&mut out, &sides),
            Part::Texts => texts(&mut out, &sides),
        }
    }
    out
}

/// Pairs of equal steps: the longest common subsequence.
fn common(recorded: &[String], actual: &[String]) -> Vec<(usize, usize)> {
    let (n, m) = (recorded.len(), actual.len());
    let mut longest = vec![vec![0_u32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            longest[i][j] = if recorded[i] == actual[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < n && j < m {
        if recorded[i] == actual[j] {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// Rows of a two-column listing: indices of what stands in each.
fn zipped(recorded: &[String], actual: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    let ends = std::iter::once((recorded.len(), actual.len()));
    for (x, y) in common(recorded, actual).into_iter().chain(ends) {
        out.extend((i..x).map(|at| (Some(at), None)));
        out.extend((j..y).map(|at| (None, Some(at))));
        if x < recorded.len() {
            out.push((Some(x), Some(y)));
        }
        (i, j) = (x + 1, y + 1);
    }
    out
}

fn sequence(out: &mut String, item: &Sequence) {
    let (recorded, actual) = (steps(item.recorded, item.flash), steps(item.actual, item.flash));
    let _ = writeln!(out, "{}", item.title);
    let texts =
        |steps: &[Step]| steps.iter().map(|step| (item.show)(&step.value)).collect::<Vec<_>>();
    let (left, right) = (texts(&recorded), texts(&actual));
    let mut before = None;
    for (i, j) in zipped(&left, &right) {
        let cell = |steps: &[Step], texts: &[String], at: Option<usize>| {
            at.map(|at| {
                let dot = if steps[at].optional { '·' } else { ' ' };
                format!("{:8.2} {dot}{}", steps[at].t, texts[at])
            })
        };
        let sign = match (i, j) {
            (Some(i), Some(j)) => {
                let moved = before.is_some_and(|(pi, pj): (usize, usize)| {
                    let (de, da) = (recorded[i].t - recorded[pi].t, actual[j].t - actual[pj].t);
                    (de - da).abs() > 2.5 + 0.02 * de
                });
                before = Some((i, j));
                if moved { '~' } else { ' ' }
            }
            (Some(_), None) => '-',
            _ => '+',
        };
        let (e, a) = (cell(&recorded, &left, i), cell(&actual, &right, j));
        two_columns(out, sign, e.as_deref().unwrap_or(""), a.as_deref().unwrap_or(""));
    }
}

fn two_columns(out: &mut String, sign: char, left: &str, right: &str) {
    let line =
        format!("{sign} {:COLUMN$}| {}", shorten(left, COLUMN - 1), shorten(right, 2 * COLUMN));
    let _ = writeln!(out, "{}", line.trim_end());
}

/// `pod web-1`, with the other side's name where it is another.
fn pod_title(pod: &str, other: Option<&String>) -> String {
    match other {
        None => format!("pod {pod} (missing)"),
        Some(other) if other == pod => format!("pod {pod}"),
        Some(other) => format!("pod {pod} | {other}"),
    }
}

fn rows(out: &mut String, sides: &Sides, wanted: &dyn Fn(&str) -> bool) {
    let (recorded, actual) = (object(sides.recorded.get("rows")), object(sides.actual.get("rows")));
    for (pod, other) in sides.pairing.0.iter().filter(|(pod, _)| wanted(pod)) {
        let got = other.as_ref().and_then(|other| actual.get(other));
        let title = pod_title(pod, other.as_ref());
        let (recorded, actual) = (list(recorded.get(pod)), list(got));
        sequence(out, &Sequence { title, recorded, actual, show: show_row, flash: FLASH });
    }
    for extra in sides.pairing.unpaired(sides.actual) {
        let title = format!("pod {extra} (should not be)");
        let actual = list(actual.get(&extra));
        sequence(out, &Sequence { title, recorded: &[], actual, show: show_row, flash: FLASH });
    }
}

/// Containers or conditions: per pod, per name.
fn per_pod(out: &mut String, sides: &Sides, part: Part, wanted: &dyn Fn(&str) -> bool) {
    let (hidden, show): (&[&str], Show) = match part {
        Part::Containers => (&UNCOMPARED, show_container),
        _ => (&["message"], show_condition),
    };
    let of = |run: &Value, pod: &str| object(run.get(part.name()).and_then(|all| all.get(pod)));
    for (pod, other) in sides.pairing.0.iter().filter(|(pod, _)| wanted(pod)) {
        let recorded = of(sides.recorded, pod);
        let actual = other.as_deref().map(|other| of(sides.actual, other)).unwrap_or_default();
        let names: BTreeSet<&String> = recorded.keys().chain(actual.keys()).collect();
        for name in names {
            let title = format!("{}, {name}", pod_title(pod, other.as_ref()));
            let (e, a) = (
                without(list(recorded.get(name)), hidden),
                without(list(actual.get(name)), hidden),
            );
            sequence(out, &Sequence { title, recorded: &e, actual: &a, show, flash: FLASH });
        }
    }
}

fn events(out: &mut String, sides: &Sides, wanted: &dyn Fn(&str) -> bool) {
    let recorded = events_of(sides.recorded, &sides.recorded_names, f64::INFINITY);
    let actual = events_of(sides.actual, &sides.actual_names, f64::INFINITY);
    let mut keys: Vec<_> =
        recorded.keys().chain(actual.keys().filter(|key| !recorded.contains_key(*key))).collect();
    let first = |key| {
        recorded.get(key).or_else(|| actual.get(key)).and_then(|seen| seen.first).unwrap_or(0.0)
    };
    keys.sort_by(|x, y| first(*x).total_cmp(&first(*y)));
    let cell = |seen: Option<&Seen>| match seen {
        None => String::new(),
        Some(seen) => format!("{:8.2} ×{}", seen.first.unwrap_or(0.0), seen.count),
    };
    for key in keys {
        let object = unmasked(&key.0, &sides.recorded_names);
        if !wanted(&object) {
            continue;
        }
        let (e, a) = (recorded.get(key), actual.get(key));
        let sign = match (e, a) {
            (Some(e), Some(a)) if e.count.abs_diff(a.count) > 1 => '~',
            (Some(_), Some(_)) => ' ',
            (Some(_), None) => '-',
            _ => '+',
        };
        let _ = writeln!(
            out,
            "{sign} {:14}{:14}{object}  {} {} {}",
            cell(e),
            cell(a),
            key.1,
            key.2,
            key.3
        );
    }
}

/// The name that a placeholder stands for.
fn unmasked(text: &str, names: &Names) -> String {
    names
        .iter()
        .fold(text.to_owned(), |text, (name, placeholder)| text.replace(placeholder.as_str(), name))
}

fn endpoints(out: &mut String, sides: &Sides) {
    let (recorded, actual) =
        (object(sides.recorded.get("endpoints")), object(sides.actual.get("endpoints")));
    for (service, entries) in &recorded {
        let e = named_endpoints(list(Some(entries)), &sides.recorded_names);
        let a = named_endpoints(list(actual.get(service)), &sides.actual_names);
        stacked(out, &format!("service {service}"), &e, &a);
    }
}

fn workloads(out: &mut String, sides: &Sides) {
    let recorded = named_workloads(sides.recorded, &sides.recorded_names);
    let actual = named_workloads(sides.actual, &sides.actual_names);
    for (name, entries) in &recorded {
        stacked(out, name, list(Some(entries)), list(actual.get(name)));
    }
}

/// Long steps: one below the other, unequal ones marked.
fn stacked(out: &mut String, title: &str, recorded: &[Value], actual: &[Value]) {
    let _ = writeln!(out, "{title}");
    let (recorded, actual) = (steps(recorded, SOFT), steps(actual, SOFT));
    let texts =
        |steps: &[Step]| steps.iter().map(|step| show_json(&step.value)).collect::<Vec<_>>();
    let (left, right) = (texts(&recorded), texts(&actual));
    for (i, j) in zipped(&left, &right) {
        let (sign, step, text) = match (i, j) {
            (Some(i), Some(_)) => (' ', &recorded[i], &left[i]),
            (Some(i), None) => ('-', &recorded[i], &left[i]),
            (_, Some(j)) => ('+', &actual[j], &right[j]),
            _ => continue,
        };
        let dot = if step.optional { '·' } else { ' ' };
        let at = j.map_or_else(String::new, |j| format!("{:.2}", actual[j].t));
        let from = i.map_or_else(String::new, |i| format!("{:.2}", recorded[i].t));
        let _ = writeln!(out, "{sign} {from:>8} {at:>8} {dot}{text}");
    }
}

/// Lines that only one side has, with two lines of context.
fn line_changes(out: &mut String, recorded: &str, actual: &str, sides: &Sides) {
    let lines = |text: &str, names: &Names| {
        mask(text, names).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (left, right) =
        (lines(recorded, &sides.recorded_names), lines(actual, &sides.actual_names));
    let folded = |lines: &[String]| lines.iter().map(|line| fold_blanks(line)).collect::<Vec<_>>();
    let rows = zipped(&folded(&left), &folded(&right));
    let differs = |(i, j): &(Option<usize>, Option<usize>)| i.is_none() || j.is_none();
    for (at, row) in rows.iter().enumerate() {
        if !rows[at.saturating_sub(2)..rows.len().min(at + 3)].iter().any(differs) {
            continue;
        }
        let _ = match row {
            (Some(i), Some(_)) => writeln!(out, "  {}", left[*i]),
            (Some(i), None) => writeln!(out, "- {}", left[*i]),
            (None, Some(j)) => writeln!(out, "+ {}", right[*j]),
            (None, None) => Ok(()),
        };
    }
}

fn describe(out: &mut String, sides: &Sides) {
    let text = |run: &Value| run.get("describe").and_then(Value::as_str).unwrap_or("").to_owned();
    line_changes(out, &text(sides.recorded), &text(sides.actual), sides);
}

fn texts(out: &mut String, sides: &Sides) {
    let tables = |run: &Value| object(run.get("final_get"));
    let actual = tables(sides.actual);
    for (kind, table) in &tables(sides.recorded) {
        let _ = writeln!(out, "kubectl get {kind}");
        let got = actual.get(kind).and_then(Value::as_str).unwrap_or("");
        line_changes(out, table.as_str().unwrap_or(""), got, sides);
    }
    let words = |command: &Value| {
        let words: Vec<&str> =
            list(command.get("kubectl")).iter().filter_map(Value::as_str).collect();
        words.join(" ")
    };
    let mut theirs: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for command in list(sides.actual.get("commands")).iter().rev() {
        theirs.entry(words(command)).or_default().push(command);
    }
    for command in list(sides.recorded.get("commands")) {
        let got = theirs.get_mut(&words(command)).and_then(Vec::pop).cloned().unwrap_or_default();
        let _ = writeln!(
            out,
            "{} s: kubectl {} (exit {} | {})",
            command["t"],
            words(command),
            command["exit"],
            got["exit"]
        );
        for stream in ["stdout", "stderr"] {
            let (e, a) =
                (command[stream].as_str().unwrap_or(""), got[stream].as_str().unwrap_or(""));
            line_changes(out, e, a, sides);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_stand_beside_each_other() {
        let recorded = json!({"seconds": 60, "rows": {"web": [
            {"t": 0.1, "ready": "0/1", "status": "Pending", "restarts": 0},
            {"t": 5.0, "ready": "1/1", "status": "Running", "restarts": 0},
            {"t": 20.0, "ready": "0/1", "status": "Error", "restarts": 0}]}});
        let actual = json!({"rows": {"web": [
            {"t": 0.1, "ready": "0/1", "status": "Pending", "restarts": 0},
            {"t": 5.5, "ready": "1/1", "status": "Running", "restarts": 0},
            {"t": 30.0, "ready": "0/1", "status": "Completed", "restarts": 0}]}});
        let text = print(&recorded, &actual, &[Part::Rows], None);
        let signs: Vec<char> =
            text.lines().skip(2).filter_map(|line| line.chars().next()).collect();
        assert_eq!(signs, [' ', ' ', '-', '+']);
        assert!(text.contains("20.00  0/1 Error 0"));
    }
}
