//! The `expect` of a Scenario: statements that a run must satisfy.

use crate::plan::Plan;
use crate::run::Run;
use crate::statement::{Statement, Verdict};
use podplay_manifest::{Diagnostic, Severity, Span, Stage};

/// Most expectations of one text.
pub const MOST: usize = 200;

/// One expectation with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What must hold.
    pub statement: Statement,
    /// Where it is written.
    pub span: Span,
}

/// The expectations of a text, and what is wrong with those that cannot be read.
pub fn read(plan: &Plan) -> (Vec<Expectation>, Vec<Diagnostic>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let Some(document) = &plan.reading.scenario else { return (found, wrong) };
    for (index, text) in plan.expect.iter().enumerate().take(MOST) {
        let path = format!("spec.expect[{index}]");
        let span = document.spans.get(&path).map_or_else(Span::default, |field| field.value);
        match Statement::read(text) {
            Ok(statement) => found.push(Expectation { statement, span }),
            Err(wanted) => wrong.push(Diagnostic {
                code: "PP-0705",
                severity: Severity::Error,
                stage: Stage::Scenario,
                message: format!("{path}: {text:?} is no statement"),
                help: Some(format!("Write it as `{wanted}`.")),
                path: Some(path),
                span,
                fix: None,
            }),
        }
    }
    (found, wrong)
}

/// What a finished run says to each expectation, in the order of the text.
pub fn judge(expectations: &[Expectation], run: &Run) -> Vec<Verdict> {
    expectations.iter().map(|one| one.statement.judge(run)).collect()
}
