//! `podplay lint`: what is wrong with a text, what could be better, and what has no effect in a run.

use super::Outcome;
use crate::{advice, diagnostics, files};
use clap::{Args, ValueEnum};
use podplay_manifest::{Diagnostic, Severity};
use podplay_playback::Plan;
use serde_json::{Value, json};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Each with its line and a caret
    #[default]
    Text,
    /// One list, for programs
    Json,
}

/// Options of `podplay lint`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files to look at; `-` for standard input
    #[arg(required_unless_present = "explain")]
    files: Vec<String>,
    /// Warnings and advice make the exit status 1 too
    #[arg(long)]
    strict: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Explain a code of advice, such as PP-1003, instead
    #[arg(long, value_name = "CODE", conflicts_with = "files")]
    explain: Option<String>,
    /// The language of explanations
    #[arg(long, value_enum, default_value_t)]
    lang: advice::Lang,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if let Some(code) = &options.explain {
        let page = advice::page(code, options.lang)
            .ok_or_else(|| format!("no page explains \"{code}\"; there are {}", advice::codes()))?;
        super::run::print(page);
        return Ok(0);
    }
    let mut status = 0;
    let mut list = Vec::new();
    for file in &options.files {
        let text = files::read(file)?;
        let plan = Plan::read(&text);
        let found = findings(&text, &plan);
        let counts = |each: &Diagnostic| match each.severity {
            Severity::Error => true,
            Severity::Warning | Severity::Advice => options.strict,
            Severity::Info => false,
        };
        if found.iter().any(counts) {
            status = 1;
        }
        match options.output {
            Format::Json => list.extend(found.iter().map(|each| entry(file, each))),
            Format::Text => {
                let colour = diagnostics::colour_out();
                for each in &found {
                    super::run::print(&diagnostics::render(file, &text, each, colour));
                }
            }
        }
    }
    if options.output == Format::Json {
        let json = serde_json::to_string_pretty(&list).unwrap_or_default();
        super::run::print(&(json + "\n"));
    }
    Ok(status)
}

/// Everything that can be said of a text, in its order.
fn findings(text: &str, plan: &Plan) -> Vec<Diagnostic> {
    let mut found = plan.reading.diagnostics.clone();
    found.extend(
        podplay_analysis::advise(text, plan).iter().map(podplay_analysis::Advice::diagnostic),
    );
    found.extend(diagnostics::without_effect(&plan.reading));
    found.sort_by_key(|each| (each.span.start, each.severity));
    found
}

/// A finding for programs.
fn entry(file: &str, found: &Diagnostic) -> Value {
    let fix = found.fix.as_ref().map(|fix| {
        json!({
            "title": fix.title, "start": fix.span.start, "end": fix.span.end, "replacement": fix.replacement,
        })
    });
    json!({
        "file": file, "line": found.span.line, "column": found.span.column,
        "start": found.span.start, "end": found.span.end,
        "severity": found.severity.word(), "code": found.code, "message": found.message.trim_end(),
        "help": found.help, "field": found.path, "fix": fix,
    })
}
