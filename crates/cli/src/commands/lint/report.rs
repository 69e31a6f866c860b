//! Findings as text, JSON, JUnit XML and GitHub annotations; the list of codes.

use super::Linted;
use crate::diagnostics;
use podplay_analysis::proof::Proof;
use podplay_manifest::{Diagnostic, Severity};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

/// Each finding that is wanted, with its line and a caret.
pub(super) fn text(
    linted: &[Linted],
    colour: bool,
    wanted: impl Fn(&Diagnostic) -> bool,
    site: &str,
) -> String {
    let mut out = String::new();
    for one in linted {
        for found in one.found.iter().filter(|found| wanted(found)) {
            out += &diagnostics::render(&one.file, &one.text, found, colour);
            if let Some(proof) = one.proof(found) {
                out += &proved(proof, site);
            }
        }
    }
    out
}

/// What a run of the text shows, and the same run with a change that helps.
fn proved(proof: &Proof, site: &str) -> String {
    let mut out =
        format!("  proof: {} at {}\n    {site}{}\n", proof.sentence, proof.at, proof.link());
    if let Some(mended) = &proof.mended {
        let link = podplay_playback::share::encode(&mended.text, Some(proof.at));
        out += &format!("  not so with: {}\n    {site}{link}\n", mended.title);
    }
    out
}

/// One line that sums up.
pub(super) fn summary(linted: &[Linted], passed_over: usize) -> String {
    let count = |severity| {
        linted.iter().flat_map(|one| &one.found).filter(|one| one.severity == severity).count()
    };
    let some = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut out = format!(
        "{}: {}, {}, {}, {}",
        some(linted.len(), "file", "files"),
        some(count(Severity::Error), "error", "errors"),
        some(count(Severity::Warning), "warning", "warnings"),
        some(count(Severity::Advice), "piece of advice", "pieces of advice"),
        some(count(Severity::Info), "note", "notes"),
    );
    let fixed: usize = linted.iter().map(|one| one.fixed).sum();
    if fixed > 0 {
        out += &format!("; {} applied", some(fixed, "fix", "fixes"));
    }
    if passed_over > 0 {
        out += &format!("; {} without a manifest passed over", some(passed_over, "file", "files"));
    }
    out
}

/// One list of all findings.
pub(super) fn json(linted: &[Linted], site: &str) -> String {
    let entries =
        |one: &Linted| one.found.iter().map(|found| entry(one, found, site)).collect::<Vec<_>>();
    let list: Vec<Value> = linted.iter().flat_map(entries).collect();
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

fn entry(one: &Linted, found: &Diagnostic, site: &str) -> Value {
    let fix = found.fix.as_ref().map(|fix| {
        json!({
            "title": fix.title, "start": fix.span.start, "end": fix.span.end, "replacement": fix.replacement,
        })
    });
    json!({
        "file": one.file, "line": found.span.line, "column": found.span.column,
        "start": found.span.start, "end": found.span.end,
        "severity": found.severity.word(), "code": found.code, "message": found.message.trim_end(),
        "help": found.help, "field": found.path, "fix": fix,
        "proof": one.proof(found).map(|proof| proof.to_json(site)),
    })
}

/// A test case for each file; it fails if there is more than notes.
pub(super) fn junit(linted: &[Linted]) -> Result<String, String> {
    let mut suite = TestSuite::new("podplay lint");
    for one in linted {
        let found: Vec<_> =
            one.found.iter().filter(|found| found.severity != Severity::Info).collect();
        let status = if let Some(first) = found.first() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let lines: Vec<String> = found
                .iter()
                .map(|found| diagnostics::render(&one.file, &one.text, found, false))
                .collect();
            status
                .set_message(format!("{}: {}", first.code, first.message.trim_end()))
                .set_type(first.severity.word())
                .set_description(lines.concat());
            status
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(one.file.clone(), status);
        case.set_classname("podplay.lint");
        suite.add_test_case(case);
    }
    let mut report = Report::new("podplay");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| error.to_string())
}

/// Workflow commands that GitHub shows beside the lines.
pub(super) fn github(linted: &[Linted]) -> String {
    let mut out = String::new();
    for one in linted {
        for found in &one.found {
            let word = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Advice | Severity::Info => "notice",
            };
            let mut message = found.message.trim_end().to_owned();
            for help in found.help.iter() {
                message += &format!("\n{help}");
            }
            out += &format!(
                "::{word} file={},line={},col={},title={}::{}\n",
                property(&one.file),
                found.span.line,
                found.span.column,
                property(found.code),
                data(&message)
            );
        }
    }
    out
}

/// A message as workflow commands escape it.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property as workflow commands escape it.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// All codes with what they stand for.
pub(super) fn list() -> String {
    rules().map(|(code, text)| format!("{code}  {text}\n")).collect()
}

/// Code and what it stands for, in order.
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    let advice = podplay_analysis::codes()
        .map(|code| (code, podplay_analysis::template(code).unwrap_or_default()));
    podplay_manifest::codes::CODES.iter().copied().chain(advice)
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn workflow_commands_cannot_be_left() {
        assert_eq!(data("50 %\n::error::x"), "50 %25%0A::error::x");
        assert_eq!(property("a:b,c\r"), "a%3Ab%2Cc%0D");
    }
}
