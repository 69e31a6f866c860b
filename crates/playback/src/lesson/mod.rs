//! Lessons: a manifest, what its run shows, what an answer must keep, and what its run must show then.
//!
//! All of it is data (`docs/lessons.md` is the reference). A lesson's `check.txt` is a [`Script`]: statements
//! about a run, each a [`Statement`] that [`Statement::judge`] answers from the trace, and guards about the
//! text, each a [`Guard`] that keeps an answer from solving another task.

mod guard;
mod proof;
mod script;
mod source;

pub use guard::Guard;
pub use proof::complaints;
pub use script::{Script, ScriptError, Trial};
pub use source::{LANGUAGES, Lesson, SECTIONS, SourceError, Text, index};

use crate::Run;
use crate::statement::{Statement, Verdict};

/// One line of a script with what the run says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The line as it is written.
    pub text: &'a str,
    /// What the run says.
    pub verdict: Verdict,
}

/// What an answer comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// What the answer changed although the task leaves it as it is: places in the text.
    pub changed: Vec<String>,
    /// Each statement that the run must show.
    pub statements: Vec<Judged<'a>>,
}

impl Outcome<'_> {
    /// Whether the answer is right.
    pub fn passes(&self) -> bool {
        self.changed.is_empty() && self.statements.iter().all(|judged| judged.verdict.holds)
    }
}

impl Script {
    /// Judges a finished run against the lesson's own manifest.
    pub fn outcome(&self, original: &crate::Plan, run: &Run) -> Outcome<'_> {
        let broken = |guard: &Guard| guard.broken(original, run.plan());
        let judged = |statement| judged(statement, run);
        Outcome {
            changed: self.keep.iter().filter_map(broken).collect(),
            statements: self.pass.iter().map(judged).collect(),
        }
    }
}

/// A statement with what the run says to it.
pub fn judged<'a>(statement: &'a Statement, run: &Run) -> Judged<'a> {
    Judged { text: &statement.text, verdict: statement.judge(run) }
}
