//! Proves a lesson: what it says happens, its task is open, and its model answer solves it.

use super::script::Script;
use super::source::{Lesson, Text};
use crate::statement::{Statement, When};
use crate::{Plan, Run, Span};
use podplay_api::SimTime;
use podplay_manifest::Severity;

/// What is wrong with a lesson; nothing if all is well.
pub fn complaints(lesson: &Lesson) -> Vec<String> {
    let mut proof = Proof { lesson, out: Vec::new() };
    proof.shown();
    proof.tries();
    proof.task();
    for text in &lesson.texts {
        proof.language(text);
        proof.links(text);
    }
    proof.out
}

struct Proof<'a> {
    lesson: &'a Lesson,
    out: Vec<String>,
}

/// A run to its end.
fn finished(text: &str) -> Run {
    let mut run = Run::new(text);
    run.finish();
    run
}

/// Errors that were found in the text, and what the cluster refused.
fn refused(run: &Run) -> Vec<String> {
    let errors =
        run.plan().reading.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let errors = errors.map(|found| format!("line {}: {}", found.span.line, found.message));
    errors.chain(run.refusals().iter().map(|refusal| refusal.message.clone())).collect()
}

impl Proof<'_> {
    fn hold(&mut self, run: &Run, statements: &[Statement]) {
        for statement in statements {
            let verdict = statement.judge(run);
            if !verdict.holds {
                let (line, text) = (statement.line, &statement.text);
                self.out.push(format!(
                    "check.txt:{line}: `{text}` does not hold: {} at {}",
                    verdict.found, verdict.at
                ));
            }
        }
    }
    fn shown(&mut self) {
        let run = finished(&self.lesson.manifest);
        self.out.extend(refused(&run).into_iter().map(|what| format!("manifest.yaml: {what}")));
        if self.lesson.script.shown.is_empty() {
            self.out.push("check.txt: it claims nothing under `shown`".to_owned());
        }
        self.hold(&run, &self.lesson.script.shown);
    }
    fn tries(&mut self) {
        let Lesson { manifest, script, .. } = self.lesson;
        if script.tries.is_empty() {
            self.out.push("check.txt: there is nothing to try".to_owned());
        }
        for trial in &script.tries {
            let Some(text) = trial.made(manifest) else {
                self.out.push(format!("check.txt: the manifest has no \"{}\"", trial.from));
                continue;
            };
            let run = finished(&text);
            self.out.extend(refused(&run).into_iter().map(|what| format!("try: {what}")));
            self.hold(&run, &trial.shown);
            let before = finished(manifest);
            if trial.shown.iter().all(|statement| statement.judge(&before).holds) {
                self.out.push(format!("check.txt: trying \"{}\" changes nothing", trial.to));
            }
        }
    }
    fn task(&mut self) {
        let Lesson { manifest, answer, script, .. } = self.lesson;
        let original = Plan::read(manifest);
        if script.keep.is_empty() {
            self.out.push("check.txt: nothing is kept, so another task could be solved".to_owned());
        }
        let outcome_of = |text: &str, script: &Script| {
            let run = finished(text);
            let outcome = script.outcome(&original, &run);
            let failing: Vec<String> = outcome
                .statements
                .iter()
                .filter(|judged| !judged.verdict.holds)
                .map(|judged| {
                    let verdict = &judged.verdict;
                    format!("`{}`: {} at {}", judged.text, verdict.found, verdict.at)
                })
                .collect();
            (outcome.changed, failing)
        };
        if outcome_of(manifest, script).1.is_empty() {
            self.out.push("the manifest already shows what the question asks for".to_owned());
        }
        let refusals = refused(&finished(answer));
        self.out.extend(refusals.into_iter().map(|what| format!("answer.yaml: {what}")));
        let (changed, failing) = outcome_of(answer, script);
        self.out.extend(changed.iter().map(|place| format!("answer.yaml changes {place}")));
        self.out.extend(failing.iter().map(|what| format!("answer.yaml does not show {what}")));
        for wrong in &script.wrong {
            match wrong.made(manifest) {
                None => self.out.push(format!("check.txt: the manifest has no \"{}\"", wrong.from)),
                Some(text) if outcome_of(&text, script) == (Vec::new(), Vec::new()) => {
                    self.out.push(format!("check.txt: \"{}\" passes, but is wrong", wrong.to));
                }
                Some(_) => {}
            }
        }
    }
    /// Korean is Korean and English is English.
    fn language(&mut self, text: &Text) {
        let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        let korean = text.language == "ko";
        let words = core::iter::once(&text.title).chain([&text.intro]).chain(&text.sections);
        for words in words.filter(|words| hangul(words) != korean) {
            let start: String = words.chars().take(40).collect();
            self.out.push(format!("{}.md: another language: {start}", text.language));
        }
    }
    /// Each link leads somewhere, and each moment that the text names is one that `check.txt` vouches for.
    fn links(&mut self, text: &Text) {
        let file = format!("{}.md", text.language);
        let script = &self.lesson.script;
        let end = Plan::read(&self.lesson.manifest).end();
        let trials = script.tries.iter().flat_map(|trial| &trial.shown);
        let claimed: Vec<When> =
            script.shown.iter().chain(trials).map(|statement| statement.when).collect();
        let links = text.links();
        if !links.iter().any(|link| link.starts_with("t=")) {
            self.out.push(format!("{file}: no link leads to a moment"));
        }
        for link in links {
            for part in link.split('&') {
                let wrong = match part.split_once('=') {
                    Some(("t", at)) => match Span::parse(at).map(|Span(span)| SimTime::ZERO + span)
                    {
                        None => Some("is no moment"),
                        Some(at) if at > end => Some("is after the end of the run"),
                        Some(at) if !claimed.contains(&When::At(at)) => {
                            Some("is a moment of which check.txt says nothing")
                        }
                        Some(_) => None,
                    },
                    Some(("find", what)) if !self.lesson.manifest.contains(what) => {
                        Some("is not in the manifest")
                    }
                    Some(("find" | "pod", _)) => None,
                    Some(("tab", "why" | "describe" | "events" | "logs" | "yaml")) => None,
                    _ => Some("is no link of a lesson"),
                };
                self.out.extend(wrong.map(|wrong| format!("{file}: {part} {wrong}")));
            }
        }
    }
}
