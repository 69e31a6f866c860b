//! Lessons: the edit that one proposes, and what the run says to an answer.

use podplay_playback::lesson::Script;
use podplay_playback::{Plan, Run};
use podplay_protocol::{Lesson, Report, Statement, Trial};

/// The edit that a lesson's script proposes; `None` if the script cannot be read.
pub(crate) fn read(check: &str) -> Option<Lesson> {
    let script = Script::parse(check).ok()?;
    let trial = script.tries.first();
    Some(Lesson {
        trial: trial.map(|trial| Trial { from: trial.from.clone(), to: trial.to.clone() }),
    })
}

/// What a finished run says.
pub(crate) fn judged(run: &Run, manifest: &str, check: &str) -> Report {
    let Ok(script) = Script::parse(check) else { return Report::Unreadable };
    let outcome = script.outcome(&Plan::read(manifest), run);
    let line = |judged: podplay_playback::lesson::Judged<'_>| Statement {
        text: judged.text.to_owned(),
        holds: judged.verdict.holds,
        at: judged.verdict.at,
        found: judged.verdict.found,
    };
    Report::Judged(outcome.changed, outcome.statements.into_iter().map(line).collect())
}
