//! Findings about a text, with their line and a caret.

use podplay_manifest::{Diagnostic, Reading, Severity, Stage};
use std::io::IsTerminal;

/// Whether standard error takes colours.
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Whether standard output takes colours.
pub(crate) fn colour_out() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// `file:line:col: error[PP-0301]: message`, the line, and a caret below it.
pub(crate) fn render(file: &str, text: &str, found: &Diagnostic, colour: bool) -> String {
    let word = found.severity.word();
    let tone = match found.severity {
        Severity::Error => "31",
        Severity::Warning => "33",
        Severity::Advice => "36",
        Severity::Info => "2",
    };
    let word = if colour {
        format!("\x1b[1;{tone}m{word}[{}]\x1b[0m", found.code)
    } else {
        format!("{word}[{}]", found.code)
    };
    let mut out = format!(
        "{file}:{}:{}: {word}: {}\n",
        found.span.line,
        found.span.column,
        found.message.trim_end()
    );
    if let Some(line) = text.lines().nth(found.span.line.saturating_sub(1)) {
        let before: String = line
            .chars()
            .take(found.span.column.saturating_sub(1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let marked = text
            .get(found.span.range())
            .map_or(1, |part| part.lines().next().unwrap_or_default().chars().count().max(1));
        let room = line.chars().count().saturating_sub(before.chars().count()).max(1);
        out.push_str(&format!("  {line}\n  {before}{}\n", "^".repeat(marked.min(room))));
    }
    if let Some(help) = &found.help {
        out.push_str(&format!("  help: {help}\n"));
    }
    if let Some(fix) = &found.fix {
        out.push_str(&format!("  fix: {}\n", fix.title));
    }
    out
}

/// Fields that are accepted and have no effect in a run, as findings.
pub(crate) fn without_effect(reading: &Reading) -> impl Iterator<Item = Diagnostic> + '_ {
    // A whole kind without effect is among the findings already.
    let fields = reading.not_simulated.iter().filter(|field| !field.path.is_empty());
    fields.map(|field| Diagnostic {
        code: "PP-0803",
        severity: Severity::Info,
        stage: Stage::Advice,
        message: format!("{} is accepted and has no effect here", field.path),
        help: None,
        path: Some(field.path.clone()),
        span: field.span,
        fix: None,
    })
}

/// Prints findings to standard error; whether there is an error among them.
pub(crate) fn print(file: &str, text: &str, diagnostics: &[Diagnostic]) -> bool {
    let colour = colour();
    for found in diagnostics {
        eprint!("{}", render(file, text, found, colour));
    }
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

/// `spec.template.spec.containers[0].securityContext.capabilities` as `containers.securityContext.capabilities`.
fn short_name(path: &str) -> String {
    let bare = path.rsplit("spec.").next().unwrap_or(path);
    let mut out = String::with_capacity(bare.len());
    let mut inside = false;
    for c in bare.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Says on standard error, in one line, which fields have no effect.
pub(crate) fn print_without_effect(file: &str, reading: &Reading) {
    // The same field of many containers is told once.
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for field in without_effect(reading) {
        let path = field.path.unwrap_or_default();
        let short = short_name(&path);
        let line = field.span.line.to_string();
        match fields.iter_mut().find(|(known, _)| *known == short) {
            Some((_, lines)) if !lines.contains(&line) => lines.push(line),
            Some(_) => {}
            None => fields.push((short, vec![line])),
        }
    }
    let told: Vec<String> = fields
        .into_iter()
        .map(|(name, lines)| match lines.as_slice() {
            [one] => format!("{name} (line {one})"),
            many => format!("{name} (lines {})", many.join(", ")),
        })
        .collect();
    if !told.is_empty() {
        eprintln!("{file}: note: accepted, but without effect in a run: {}", told.join(", "));
    }
}
