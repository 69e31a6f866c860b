//! Findings as SARIF 2.1.0, the format of code scanning.

use super::{Linted, report};
use podplay_manifest::{Diagnostic, Severity};
use serde_json::{Value, json};

/// A SARIF log with one run.
pub(super) fn report(linted: &[Linted]) -> String {
    let rules: Vec<(&str, &str)> = report::rules().collect();
    let place = |code: &str| rules.iter().position(|(known, _)| *known == code);
    let results: Vec<Value> = linted
        .iter()
        .flat_map(|one| one.found.iter().map(move |found| (one, found)))
        .map(|(one, found)| result(one, found, place(found.code)))
        .collect();
    let descriptors: Vec<Value> = rules
        .iter()
        .map(|(code, text)| json!({"id": code, "shortDescription": {"text": text}}))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "podplay",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": descriptors,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn result(one: &Linted, found: &Diagnostic, rule: Option<usize>) -> Value {
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice | Severity::Info => "note",
    };
    let location = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&one.file)},
        "region": region(&one.text, found.span),
    }});
    let mut out = json!({
        "ruleId": found.code,
        "level": level,
        "message": {"text": found.message.trim_end()},
        "locations": [location],
    });
    if let Some(rule) = rule {
        out["ruleIndex"] = rule.into();
    }
    if let Some(fix) = &found.fix {
        out["fixes"] = json!([{
            "description": {"text": fix.title},
            "artifactChanges": [{
                "artifactLocation": {"uri": uri(&one.file)},
                "replacements": [{
                    "deletedRegion": region(&one.text, fix.span),
                    "insertedContent": {"text": fix.replacement},
                }],
            }],
        }]);
    }
    out
}

/// Lines and columns of a place, in characters, the end exclusive.
fn region(text: &str, span: podplay_manifest::Span) -> Value {
    let inside = text.get(span.range()).unwrap_or_default();
    let line = span.line + inside.matches('\n').count();
    let last = inside.rsplit('\n').next().unwrap_or_default().chars().count();
    let column = if line == span.line { span.column + last } else { last + 1 };
    json!({
        "startLine": span.line.max(1), "startColumn": span.column.max(1),
        "endLine": line.max(1), "endColumn": column.max(1),
    })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let path = if path == "-" { "stdin" } else { path };
    path.replace('\\', "/")
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
