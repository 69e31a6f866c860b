//! The entries of a timeline: a moment and exactly one action.

use podplay_api::fault::{self, ProblemKind, Timed};
use serde_json::Value;

use super::fields::{Fields, Walk};
use super::model::{Action, Entry};
use crate::model::Stage;

const ACTIONS: [&str; 4] = ["kubectl", "fault", "apply", "patch"];

/// The entries, in the order of the text.
pub(super) fn entries(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Vec<Entry> {
    let items = walk.list(fields, "timeline");
    items
        .into_iter()
        .enumerate()
        .filter_map(|(n, (path, item))| entry(walk, n, &path, item))
        .collect()
}

fn entry(walk: &mut Walk<'_, '_>, index: usize, path: &str, item: &Value) -> Option<Entry> {
    let mut fields = walk.object(Some(item), path);
    if !item.is_object() {
        return None;
    }
    let at = walk.length(&mut fields, "at");
    if fields.take("at").is_none() {
        let help = "Say when: `at: 35s`, counted from the start.".to_owned();
        walk.required("PP-0709", &format!("{path}.at"), Some(help));
    }
    let given = ACTIONS.iter().filter(|key| item.get(**key).is_some_and(|v| !v.is_null())).count();
    if given != 1 {
        let span = walk.spans.value(path);
        let message = format!("{path}: must have one of {}", ACTIONS.join(", "));
        let finding = walk.finder.error("PP-0708", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
    }
    let action = action(walk, &mut fields);
    walk.done(fields);
    let span = walk.spans.value(path);
    (given == 1).then_some(())?;
    Some(Entry { index, at: at?, action: action?, span })
}

fn action(walk: &mut Walk<'_, '_>, fields: &mut Fields<'_>) -> Option<Action> {
    let line = walk.text(fields, "kubectl");
    let stdin = walk.text(fields, "stdin");
    if let Some(stdin) = stdin.as_ref().filter(|_| line.is_none()) {
        let path = fields.at("stdin");
        let message = format!("{path}: only a kubectl entry reads it");
        let finding = walk.finder.error("PP-0707", Stage::Scenario, message, stdin.span);
        finding.path = Some(path);
    }
    let (fault_at, patch_at) = (fields.at("fault"), fields.at("patch"));
    let fault = fields.take("fault").map(|value| read_fault(walk, value, &fault_at));
    let apply = walk.field(fields, "apply", "an object, or its text", |value| {
        (value.is_object() || value.is_string()).then(|| value.clone())
    });
    let patch = fields.take("patch").map(|value| read_patch(walk, value, &patch_at));
    if let Some(line) = line {
        return Some(Action::Kubectl { line, stdin: stdin.map(|s| s.value).unwrap_or_default() });
    }
    if let Some(fault) = fault {
        return fault.map(Action::Fault);
    }
    apply.map(|apply| Action::Apply(apply.value)).or_else(|| patch.flatten())
}

fn read_patch(walk: &mut Walk<'_, '_>, value: &Value, path: &str) -> Option<Action> {
    let mut fields = walk.object(Some(value), path);
    let target = walk.text(&mut fields, "path");
    let body = fields.take("body").cloned();
    for (key, there) in [("path", fields.take("path").is_some()), ("body", body.is_some())] {
        if !there && value.is_object() {
            walk.required("PP-0706", &fields.at(key), None);
        }
    }
    walk.done(fields);
    Some(Action::Patch { path: target?.value, body: body? })
}

fn read_fault(walk: &mut Walk<'_, '_>, value: &Value, path: &str) -> Option<Timed> {
    match fault::read(value) {
        Ok(timed) => Some(timed),
        Err(problems) => {
            for problem in problems {
                fault_problem(walk, value, path, problem);
            }
            None
        }
    }
}

fn fault_problem(walk: &mut Walk<'_, '_>, fault: &Value, path: &str, problem: fault::Problem) {
    let mut at = path.to_owned();
    if !problem.field.is_empty() {
        crate::yaml::push_key(&mut at, &problem.field);
    }
    match problem.kind {
        ProblemKind::Expected(want) => walk.wrong(&at, &want),
        ProblemKind::Unknown { known } if problem.field == "kind" => {
            let word = fault.get("kind").and_then(Value::as_str).unwrap_or_default();
            walk.unknown_word(&at, word, &known);
        }
        ProblemKind::Unknown { known } => walk.unknown_field(&problem.field, &at, &known),
        ProblemKind::Required => {
            let known: Vec<&str> = fault::FAULTS.iter().map(|info| info.name).collect();
            let help = (problem.field == "kind").then(|| format!("Known: {}.", known.join(", ")));
            walk.required("PP-0706", &at, help);
        }
        ProblemKind::NotTaken { by, because } => {
            let message = format!("{at}: {by} does not take {}", problem.field);
            let span = walk.spans.nearest(&at);
            let finding = walk.finder.error("PP-0707", Stage::Scenario, message, span);
            finding.path = Some(at);
            finding.help = because.map(|because| format!("{by}: {because}."));
        }
    }
}
