//! What word processors and web pages do to YAML: blanks that are none, quotes that are none.

use crate::model::{Diagnostic, Edit, Severity, Stage};
use crate::yaml::Lines;

const BLANKS: [char; 5] = ['\u{a0}', '\u{2007}', '\u{202f}', '\u{3000}', '\u{2003}'];
const QUOTES: [char; 6] = ['“', '”', '„', '‟', '‘', '’'];

/// What is wrong with the letters of a text, with the edit that mends all of it.
pub(crate) fn typography(text: &str, lines: &Lines<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if text.contains(BLANKS) {
        out.extend(blanks(text, lines));
    }
    if text.contains(QUOTES) {
        out.extend(quotes(text, lines));
    }
    out
}

fn finding(message: String, help: &str, edit: Edit, start: usize, lines: &Lines<'_>) -> Diagnostic {
    Diagnostic {
        code: "PP-0111",
        severity: Severity::Warning,
        stage: Stage::Yaml,
        message,
        help: Some(help.to_owned()),
        path: None,
        span: lines.span(start, start + 1),
        fix: Some(edit),
    }
}

/// Blanks at the beginning of a line, or behind a colon or a dash, that YAML does not take for blanks.
fn blanks(text: &str, lines: &Lines<'_>) -> Option<Diagnostic> {
    let wrong = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        let head = line.get(..indent).unwrap_or_default();
        let rest = line.get(indent..).unwrap_or_default();
        head.contains(BLANKS)
            || BLANKS
                .iter()
                .any(|c| rest.starts_with(&format!("-{c}")) || rest.contains(&format!(":{c}")))
    };
    let mut at = 0;
    let mut first = None;
    let mut count = 0;
    for line in text.split_inclusive('\n') {
        if wrong(line) {
            count += 1;
            first.get_or_insert(at + line.find(BLANKS).unwrap_or(0));
        }
        at += line.len();
    }
    let first = first?;
    let edit = Edit {
        span: lines.span(0, text.len()),
        replacement: text.replace(BLANKS, " "),
        title: "Replace them by ordinary blanks".to_owned(),
    };
    let message = match count {
        1 => "this line has no-break spaces where YAML wants ordinary blanks".to_owned(),
        count => format!("{count} lines have no-break spaces where YAML wants ordinary blanks"),
    };
    let help = "Web pages and word processors put them in; to YAML they are letters, so keys and values run together.";
    Some(finding(message, help, edit, first, lines))
}

/// Values between typographic quotes, which YAML takes for part of the value.
fn quotes(text: &str, lines: &Lines<'_>) -> Option<Diagnostic> {
    let mut at = 0;
    let mut first = None;
    let mut mended = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let value = body
            .split_once(": ")
            .map(|(_, value)| value.trim())
            .or_else(|| body.trim_start().strip_prefix("- ").map(str::trim));
        let quoted = value.is_some_and(|value| {
            value.starts_with(QUOTES) && value.ends_with(QUOTES) && value.chars().count() > 1
        });
        if quoted {
            first.get_or_insert(at + line.find(QUOTES).unwrap_or(0));
            let single = |c: char| matches!(c, '‘' | '’');
            mended.extend(line.chars().map(|c| match c {
                c if QUOTES.contains(&c) && single(c) => '\'',
                c if QUOTES.contains(&c) => '"',
                c => c,
            }));
        } else {
            mended.push_str(line);
        }
        at += line.len();
    }
    let first = first?;
    let edit = Edit {
        span: lines.span(0, text.len()),
        replacement: mended,
        title: "Use straight quotes".to_owned(),
    };
    let help = "YAML knows \" and ' only; typographic quotes become part of the value.";
    let message = "this value stands between typographic quotes".to_owned();
    Some(finding(message, help, edit, first, lines))
}
