//! The parts that are printed text: `describe` block by block, tables and commands as sets of lines.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mask::{Names, fold_blanks, mask, sorted_lines};
use super::{Part, PartResult, Sides, Tally, list, object};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// One block of lines an object, without its events, in the order of the masked names.
fn blocks(describe: &str, names: &Names) -> Vec<Vec<String>> {
    let masked = mask(describe, names);
    let mut out: Vec<String> = vec![String::new()];
    for line in masked.split_inclusive('\n') {
        if line.starts_with("Name: ") {
            out.push(String::new());
        }
        if let Some(block) = out.last_mut() {
            block.push_str(line);
        }
    }
    let lines = |block: String| -> Vec<String> {
        let own = block.split("Events:").next().unwrap_or("");
        own.lines().map(fold_blanks).filter(|line| !line.is_empty()).collect()
    };
    let mut blocks: Vec<Vec<String>> =
        out.into_iter().map(lines).filter(|block| !block.is_empty()).collect();
    blocks.sort();
    blocks
}

/// The first pair of lines that differ.
fn first_difference<'a>(
    recorded: &'a [String],
    actual: &'a [String],
) -> Option<(&'a str, &'a str)> {
    let line = |lines: &'a [String], at: usize| lines.get(at).map_or("", String::as_str);
    (0..=recorded.len().min(actual.len()))
        .map(|at| (line(recorded, at), line(actual, at)))
        .find(|(recorded, actual)| recorded != actual)
}

pub(super) fn describe(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    let recorded = blocks(text(sides.recorded, "describe"), &sides.recorded_names);
    let actual = blocks(text(sides.actual, "describe"), &sides.actual_names);
    for (e, a) in recorded.iter().zip(&actual) {
        let difference = first_difference(e, a)
            .map(|(line, got)| format!("describe {}: recorded {line:?}, actual {got:?}", e[0]));
        tally.add(difference.into_iter().collect());
    }
    if recorded.len() != actual.len() {
        tally.add(vec![format!(
            "describe: recorded {} objects, actual {}",
            recorded.len(),
            actual.len()
        )]);
    }
    tally.finish(Part::Describe)
}

/// A command's moment, in whole seconds, and its words.
type CommandKey = (i64, Vec<String>);

fn command_key(command: &Value) -> CommandKey {
    let t = command.get("t").and_then(Value::as_f64).unwrap_or(0.0);
    let words =
        list(command.get("kubectl")).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (t.round_ties_even() as i64, words)
}

/// The first line that only one side has.
fn line_difference(recorded: &[String], actual: &[String]) -> String {
    let missing = recorded.iter().find(|line| !actual.contains(line));
    let extra = actual.iter().find(|line| !recorded.contains(line));
    format!(
        "recorded {:?}, actual {:?}",
        missing.map_or("", String::as_str),
        extra.map_or("", String::as_str)
    )
}

fn command_difference(
    sides: &Sides,
    key: &CommandKey,
    recorded: &Value,
    actual: Option<&Value>,
) -> Option<String> {
    let label = format!("command at {} s: {}", key.0, key.1.join(" "));
    let Some(actual) = actual else { return Some(format!("{label}: missing")) };
    if recorded.get("exit") != actual.get("exit") {
        return Some(format!(
            "{label}: exit status recorded {}, actual {}",
            recorded["exit"], actual["exit"]
        ));
    }
    for stream in ["stdout", "stderr"] {
        let e = sorted_lines(text(recorded, stream), &sides.recorded_names);
        let a = sorted_lines(text(actual, stream), &sides.actual_names);
        if e != a {
            return Some(format!("{label}: {stream}: {}", line_difference(&e, &a)));
        }
    }
    None
}

pub(super) fn texts(sides: &Sides) -> PartResult {
    let mut tally = Tally::default();
    let tables = object(sides.actual.get("final_get"));
    for (kind, table) in &object(sides.recorded.get("final_get")) {
        let e = sorted_lines(table.as_str().unwrap_or(""), &sides.recorded_names);
        let a = sorted_lines(
            tables.get(kind).and_then(Value::as_str).unwrap_or(""),
            &sides.actual_names,
        );
        let differs = (e != a).then(|| format!("final_get {kind}: {}", line_difference(&e, &a)));
        tally.add(differs.into_iter().collect());
    }
    let actual: BTreeMap<CommandKey, &Value> = list(sides.actual.get("commands"))
        .iter()
        .map(|command| (command_key(command), command))
        .collect();
    for command in list(sides.recorded.get("commands")) {
        let key = command_key(command);
        if key.1.first().is_some_and(|verb| ["describe", "exec", "debug"].contains(&verb.as_str()))
        {
            continue;
        }
        let difference = command_difference(sides, &key, command, actual.get(&key).copied());
        tally.add(difference.into_iter().collect());
    }
    tally.finish(Part::Texts)
}
