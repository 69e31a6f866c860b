//! Turning what the stages find into diagnostics: code, words, help, place, fix.

use serde_json::Value;

use crate::help;
use crate::limits;
use crate::model::{Diagnostic, Edit, Severity, Stage};
use crate::schema::{self, Findings, Suggestion, UnknownField};
use crate::validate::{ErrorType, FieldError};
use crate::yaml::{Lines, Span, Spans, YamlError, YamlErrorKind, quote};

/// What the button says that takes a code fence away.
const FENCE: &str = "Remove the code fence";

/// A text whose lines are indented by two spaces where they had a tab.
fn without_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let (blank, rest) = line.split_at(indent);
        out.push_str(&blank.replace('\t', "  "));
        out.push_str(rest);
    }
    out
}

/// Collects diagnostics.
pub(crate) struct Finder<'a> {
    pub(crate) text: &'a str,
    pub(crate) lines: &'a Lines<'a>,
    pub(crate) out: &'a mut Vec<Diagnostic>,
}

impl Finder<'_> {
    /// Adds an error.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        stage: Stage,
        message: String,
        span: Span,
    ) -> &mut Diagnostic {
        self.push(code, Severity::Error, stage, message, span)
    }

    /// Adds a finding of any severity; the caller may add help, path and fix.
    pub(crate) fn push(
        &mut self,
        code: &'static str,
        severity: Severity,
        stage: Stage,
        message: String,
        span: Span,
    ) -> &mut Diagnostic {
        // Far beyond what is returned, only the last place is kept.
        self.out.truncate(limits::DIAGNOSTICS * 4);
        let at = self.out.len();
        self.out.push(Diagnostic {
            code,
            severity,
            stage,
            message,
            help: None,
            path: None,
            span,
            fix: None,
        });
        &mut self.out[at]
    }

    fn source(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(crate) fn yaml(&mut self, error: &YamlError) {
        let error = &self.told_by_tabs(error);
        let limit = error.kind == YamlErrorKind::Limit;
        let stage = if limit { Stage::Limit } else { Stage::Yaml };
        let message = error.kubectl.replace("error converting YAML to JSON: ", "");
        let fix = self.yaml_fix(error);
        let code = error.kind.code();
        let fenced = fix.as_ref().is_some_and(|fix| fix.title == FENCE);
        let help = if fenced {
            "This is Markdown: only what stands between the code fences is a manifest."
        } else {
            error.kind.help()
        };
        let finding = self.error(code, stage, message, error.span);
        finding.help = Some(help.to_owned());
        finding.fix = fix;
    }

    fn yaml_fix(&self, error: &YamlError) -> Option<Edit> {
        let line = self.lines.line(error.span.line);
        let source = self.source(line);
        if source.starts_with("```") {
            let span = Span { end: (line.end + 1).min(self.text.len()), ..line };
            let title = FENCE.to_owned();
            return Some(Edit { span, replacement: String::new(), title });
        }
        if error.kind == YamlErrorKind::Tab {
            let span = self.lines.span(0, self.text.len());
            let replacement = without_tabs(self.text);
            return Some(Edit {
                span,
                replacement,
                title: "Replace the tabs by spaces".to_owned(),
            });
        }
        None
    }

    /// An error on a line that is indented by a tab is the tab's.
    fn told_by_tabs(&self, error: &YamlError) -> YamlError {
        let start =
            self.text.get(..error.span.start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let tabbed = rest.get(..indent).is_some_and(|blank| blank.contains('\t'));
        let kind = if tabbed && error.kind != YamlErrorKind::Limit {
            YamlErrorKind::Tab
        } else {
            error.kind
        };
        YamlError { kind, ..error.clone() }
    }

    pub(crate) fn duplicate_key(&mut self, path: &str, span: Span) {
        let message = format!("key {} is given twice, the last one wins", quote(path));
        let finding = self.push("PP-0109", Severity::Warning, Stage::Yaml, message, span);
        finding.help =
            Some("kubectl takes the last value without a word; remove one of them.".to_owned());
        finding.path = Some(path.to_owned());
    }

    pub(crate) fn second_scenario(&mut self, span: Span) {
        let message = "only one Scenario document is read".to_owned();
        let finding = self.error("PP-0701", Stage::Scenario, message, span);
        finding.help = Some("Move its entries into the first one.".to_owned());
    }

    pub(crate) fn not_an_object(&mut self, value: &Value, spans: &Spans, shape: Option<String>) {
        let problem = shape.unwrap_or_else(|| "invalid object to validate".to_owned());
        let message = format!("error validating data: {problem}");
        let span = self.lines.line(spans.value("").line.max(1));
        let help = match value {
            Value::Object(_) => {
                "A manifest begins with `apiVersion` and `kind`; this document is no piece of one that is known either."
            }
            _ => "This is no manifest: expected `apiVersion`, `kind`, `metadata` and `spec`.",
        };
        self.error("PP-0201", Stage::Client, message, span).help = Some(help.to_owned());
    }

    pub(crate) fn completed(&mut self, edit: &Edit, span: Span) {
        let message = format!(
            "kubectl would refuse this fragment; it runs here as completed ({})",
            edit.title.to_ascii_lowercase()
        );
        let line = self.lines.line(span.line);
        let finding = self.push("PP-0202", Severity::Info, Stage::Client, message, line);
        finding.help = Some("Accept the completion to see the whole manifest.".to_owned());
        finding.fix = Some(edit.clone());
    }

    pub(crate) fn generated_name(&mut self, prefix: &str, spans: &Spans) {
        let message = format!("from {prefix}: cannot use generate name with apply");
        let span = spans.nearest("metadata.generateName");
        let whole = Span { end: spans.value("metadata.generateName").end, ..span };
        let name = prefix.trim_end_matches('-');
        let edit = Edit {
            span: whole,
            replacement: format!("name: {name}"),
            title: format!("Name it {name}"),
        };
        let finding = self.error("PP-0204", Stage::Client, message, span);
        finding.help = Some(
            "Generated names work with `kubectl create`; here, as with `apply`, give it a name."
                .to_owned(),
        );
        finding.path = Some("metadata.generateName".to_owned());
        finding.fix = Some(edit);
    }

    pub(crate) fn types(&mut self, found: &Findings, spans: &Spans) {
        for error in &found.types {
            let span = spans.value(&error.path);
            let stage =
                if error.path.starts_with("metadata") { Stage::Client } else { Stage::Decode };
            let fix = self.quote_fix(&error.message, span);
            let finding = self.error("PP-0301", stage, error.message.clone(), span);
            finding.help = Some(help::type_error(&error.message, &error.path));
            finding.path = Some(error.path.clone());
            finding.fix = fix;
        }
    }

    /// A number or boolean where a string is needed only lacks its quotes; and the other way round.
    fn quote_fix(&self, message: &str, span: Span) -> Option<Edit> {
        let source = self.source(span);
        let short = !source.is_empty() && !source.contains('\n') && source.len() < 80;
        let scalar = message.contains("unmarshal number") || message.contains("unmarshal bool");
        if short && scalar && message.ends_with("of type string") {
            let replacement = quote(source);
            return Some(Edit { span, replacement, title: "Put it in quotes".to_owned() });
        }
        let bare = source.trim_matches(['"', '\'']);
        let wants_number = message.contains("unmarshal string")
            && (message.ends_with("int32") || message.ends_with("int64"));
        if short && wants_number && bare.parse::<i64>().is_ok() && bare != source {
            let replacement = bare.to_owned();
            return Some(Edit { span, replacement, title: "Remove the quotes".to_owned() });
        }
        let wants_list =
            message.contains("unmarshal string") && message.ends_with("of type []string");
        if short && wants_list {
            let replacement = format!("[{source}]");
            return Some(Edit { span, replacement, title: "Make it a list".to_owned() });
        }
        None
    }

    /// Unknown fields; an empty one (`foo:` alone) is dropped by `apply` and is no error.
    pub(crate) fn unknown_fields<'f>(
        &mut self,
        found: impl Iterator<Item = (&'f UnknownField, bool)>,
        spans: &Spans,
    ) {
        // More are not told.
        for (unknown, empty) in found.take(limits::DIAGNOSTICS) {
            let key = unknown.path.rsplit('.').next().unwrap_or_default();
            let span = spans.nearest(&unknown.path);
            let (help, fix) = match schema::suggest(unknown.owner, key) {
                Some(Suggestion::Rename(name)) => {
                    let title = format!("Rename to {name}");
                    let edit = Edit { span, replacement: name.to_owned(), title };
                    (format!("Did you mean `{name}`?"), Some(edit))
                }
                Some(Suggestion::Elsewhere { place, .. }) => {
                    (format!("`{key}` is a field of {place}; check the indentation."), None)
                }
                None => (format!("A {} has no such field.", unknown.owner), None),
            };
            let message = format!("unknown field {}", quote(&unknown.path));
            let severity = if empty { Severity::Warning } else { Severity::Error };
            let finding = self.push("PP-0401", severity, Stage::Strict, message, span);
            finding.help = Some(help);
            finding.path = Some(unknown.path.clone());
            finding.fix = fix;
        }
    }

    pub(crate) fn validation(&mut self, error: &FieldError, spans: &Spans) {
        let code = match error.kind {
            ErrorType::Required => "PP-0601",
            ErrorType::Invalid | ErrorType::TypeInvalid => "PP-0602",
            ErrorType::NotSupported => "PP-0603",
            ErrorType::Forbidden => "PP-0604",
            ErrorType::Duplicate => "PP-0605",
            ErrorType::NotFound => "PP-0606",
            ErrorType::TooLong | ErrorType::TooMany => "PP-0607",
        };
        let span = match spans.get(&error.field) {
            Some(place) => place.value,
            None => spans.nearest(&error.field),
        };
        let fix = help::fix(error, span, self.source(span));
        let finding = self.error(code, Stage::Validation, error.message.clone(), span);
        finding.help = help::validation(error);
        finding.path = Some(error.field.clone());
        finding.fix = fix;
    }

    pub(crate) fn server_warning(&mut self, warning: &str, spans: &Spans) {
        let path = warning.split(": ").next().unwrap_or_default();
        let span = spans.nearest(path);
        let finding =
            self.push("PP-0801", Severity::Warning, Stage::Validation, warning.to_owned(), span);
        finding.path = Some(path.to_owned());
    }

    /// What admission refuses after the rules of the kind were kept.
    pub(crate) fn refused(&mut self, name: &str, words: &str, spans: &Spans) {
        let message = format!("pods {} is forbidden: {words}", quote(name));
        let span = spans.nearest("spec.overhead");
        let finding = self.error("PP-0501", Stage::Admission, message, span);
        finding.help = Some(help::admission("spec.overhead").to_owned());
        finding.path = Some("spec.overhead".to_owned());
    }

    /// More than podplay runs: what goes beyond the limit stays out of the run.
    pub(crate) fn too_many(&mut self, asked: String, most: usize, instead: &str, span: Span) {
        let message = format!("{asked}, the limit is {most}");
        let finding = self.error("PP-0901", Stage::Limit, message, span);
        finding.help =
            Some(format!("Objects beyond the limit are left out of the run; {instead}."));
    }
}
