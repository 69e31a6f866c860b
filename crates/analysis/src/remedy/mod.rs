//! Remedies: edits of the text that were run, and reach what is wanted without making anything else worse.
//!
//! A cause proposes candidates ([`candidates`]); each is run to the end. One that only uncovers the next cause is
//! combined with a candidate for that one. What is offered is what is proved: the smallest edit first, and last what
//! takes a guard away.

mod candidates;
pub(crate) mod edit;
pub(crate) mod goal;
mod life;
pub(crate) mod numbers;
mod owners;
mod probes;
mod programs;
mod scheduling;
mod services;
mod start;
mod volumes;
mod waits;

use crate::verdict::{self, Lang, Target, Verdict};
use candidates::{Candidate, candidates};
use goal::{Goal, Outcome};
use podplay_api::{SimTime, Value, json};
use podplay_core::Budget;
use podplay_manifest::Edit;
use podplay_playback::{Plan, Run};
use std::collections::BTreeSet;
use std::time::Duration;

/// Most remedies that are offered.
const MOST: usize = 4;
/// Most runs for one question.
const RUNS: usize = 60;
/// Most faults that are mended together.
const DEPTH: usize = 3;
/// How long after the question a remedied text may take to get where it should.
const HORIZON: Duration = Duration::from_secs(60);
/// Wakeups of one run.
const WAKEUPS: u64 = 2_000_000;

/// An edit that helps, with its proof.
#[derive(Clone, Debug)]
pub struct Remedy {
    titles: Vec<[String; 2]>,
    /// The code of the cause that it mends.
    pub code: &'static str,
    /// The whole text after the edit.
    pub text: String,
    /// The edit, for an editor: places in the text of the question.
    pub edits: Vec<Edit>,
    /// What the object shows then.
    pub shows: String,
    /// Since when.
    pub at: SimTime,
    /// What it shows without the edit.
    pub instead: String,
    /// It takes away something that protects.
    pub weakens: bool,
    /// Lines that it changes.
    size: usize,
    cost: u32,
}

impl Remedy {
    /// What a button would say.
    pub fn title(&self, lang: Lang) -> String {
        let one = |pair: &[String; 2]| pair[usize::from(lang == Lang::Ko)].clone();
        let mut text = self.titles.iter().map(one).collect::<Vec<_>>().join("; ");
        if self.weakens {
            text += match lang {
                Lang::En => " (takes a protection away)",
                Lang::Ko => " (보호 장치를 없앱니다)",
            };
        }
        text
    }
    /// What was seen when it was run.
    pub fn proof(&self, lang: Lang) -> String {
        let Self { shows, at, instead, .. } = self;
        match lang {
            Lang::En => format!("with this change: {shows} at {at} instead of {instead}"),
            Lang::Ko => format!("이렇게 바꾸면: {at}에 {shows} (지금은 {instead})"),
        }
    }
    /// As `podplay why -o json` prints it.
    pub fn to_json(&self, lang: Lang) -> Value {
        let edit = |edit: &Edit| json!({"from": edit.span.start, "to": edit.span.end, "insert": edit.replacement});
        json!({
            "title": self.title(lang),
            "code": self.code,
            "text": self.text,
            "patch": self.edits.iter().map(edit).collect::<Vec<_>>(),
            "becomes": {"shows": self.shows, "at": podplay_playback::recording::seconds(self.at)},
            "weakens": self.weakens,
        })
    }
}

/// What a search for remedies knows and has spent.
pub(crate) struct Search<'a> {
    target: &'a Target,
    /// The plan of the question: its assumptions, seed and version are the remedies' too.
    plan: &'a Plan,
    goal: Goal,
    at: SimTime,
    end: SimTime,
    /// What else did not get on before.
    others: BTreeSet<String>,
    /// The objects of the text of the question: what a remedy adds is not made worse by it.
    objects: BTreeSet<String>,
    runs: usize,
}

/// A text that was run.
struct Tried {
    run: Run,
    outcome: Outcome,
    worse: bool,
}

impl Search<'_> {
    /// Runs a text as far as is needed to judge it.
    fn attempt(&mut self, text: &str) -> Option<Tried> {
        if self.runs == 0 {
            return None;
        }
        self.runs -= 1;
        let mut plan = Plan::read_as(text, Some(self.plan.reading.assume));
        plan.config.seed = self.plan.config.seed;
        plan.config.kubernetes = self.plan.config.kubernetes;
        plan.duration = self.end.since(SimTime::ZERO);
        let mut run = Run::of(plan);
        let _ = run.advance(self.end, &mut Budget(WAKEUPS));
        if run.now() < self.end {
            return None;
        }
        let outcome = goal::judge(&run, self.target, self.goal, self.at);
        let others = goal::others(run.cluster(), self.target);
        let worse = others.iter().any(|of| !self.others.contains(of) && self.objects.contains(of));
        Some(Tried { run, outcome, worse })
    }
    /// Whether a text reaches the goal.
    pub(crate) fn reaches(&mut self, text: &str) -> bool {
        self.attempt(text).is_some_and(|tried| tried.outcome.reached)
    }
}

/// Edits that mend what holds the target up, the best first.
pub fn remedies(
    run: &Run,
    text: &str,
    target: &Target,
    at: SimTime,
    verdicts: &[Verdict],
) -> Vec<Remedy> {
    search(run, text, target, at, verdicts, MOST)
}

/// The first edit that mends what holds the target up: what can be shown while others are looked for.
pub fn first(
    run: &Run,
    text: &str,
    target: &Target,
    at: SimTime,
    verdicts: &[Verdict],
) -> Option<Remedy> {
    search(run, text, target, at, verdicts, 1).into_iter().next()
}

fn search(
    run: &Run,
    text: &str,
    target: &Target,
    at: SimTime,
    verdicts: &[Verdict],
    most: usize,
) -> Vec<Remedy> {
    let Some(first) = verdicts.first() else { return Vec::new() };
    let goal = Goal::of(target, verdicts);
    let long = if goal == Goal::Runs { HORIZON * 3 } else { HORIZON };
    let end = (at + long).max(if goal == Goal::Complete { at + HORIZON * 2 } else { at });
    let mut search = Search {
        target,
        plan: run.plan(),
        goal,
        at,
        end,
        others: BTreeSet::new(),
        objects: goal::objects(run),
        runs: RUNS,
    };
    let Some(base) = search.attempt(text) else { return Vec::new() };
    search.others = goal::others(base.run.cluster(), target);
    let instead = instead(&base, target, lacks(goal));
    let mut found: Vec<Remedy> = Vec::new();
    let moment = run.seek(at, None);
    let mut list = Vec::new();
    for verdict in verdicts.iter().take(2) {
        list.extend(candidates(&mut search, run, moment.cluster(), text, verdict));
    }
    for candidate in list {
        if found.iter().filter(|remedy| !remedy.weakens).count() >= most {
            break;
        }
        found.extend(follow(&mut search, text, candidate, first, DEPTH));
    }
    for remedy in &mut found {
        remedy.instead.clone_from(&instead);
        remedy.size = changed_lines(text, &remedy.text);
        remedy.edits = difference(text, &remedy.text).into_iter().collect();
    }
    found.sort_by_key(|remedy| (remedy.weakens, remedy.titles.len(), remedy.cost, remedy.size));
    let mut texts = BTreeSet::new();
    found.retain(|remedy| texts.insert(remedy.text.clone()));
    found.truncate(most);
    found
}

fn lacks(goal: Goal) -> &'static str {
    match goal {
        Goal::Gone => "never gone",
        Goal::Answers => "lost requests",
        _ => "never",
    }
}

fn instead(base: &Tried, target: &Target, word: &str) -> String {
    let shows = crate::why::shows(base.run.cluster(), target);
    format!("{word} ({shows})")
}

/// Runs a candidate; if it only uncovers another cause, goes on with that one.
fn follow(
    search: &mut Search<'_>,
    text: &str,
    candidate: Candidate,
    verdict: &Verdict,
    depth: usize,
) -> Option<Remedy> {
    let after = edit::apply(text, &candidate.edits)?;
    let tried = search.attempt(&after)?;
    if tried.worse {
        return None;
    }
    let code = verdict.code();
    if tried.outcome.reached {
        return Some(Remedy {
            titles: vec![candidate.title],
            code,
            text: after,
            edits: Vec::new(),
            shows: crate::why::shows(tried.run.cluster(), search.target),
            at: tried.outcome.at,
            instead: String::new(),
            weakens: candidate.weakens,
            size: 0,
            cost: candidate.cost,
        });
    }
    if depth <= 1 || candidate.weakens {
        return None;
    }
    let moment = tried.run.seek(search.end, None);
    let next = verdict::verdicts(&tried.run, moment.cluster(), search.target);
    let new = next.first().filter(|new| new.cause != verdict.cause)?;
    // The cause that was mended must not be there any more.
    if next.iter().any(|other| other.code() == code && other.cause == verdict.cause) {
        return None;
    }
    let more = candidates(search, &tried.run, moment.cluster(), &after, new);
    for second in more {
        if let Some(mut both) = follow(search, &after, second, new, depth - 1) {
            both.titles.insert(0, candidate.title);
            both.code = code;
            both.cost += candidate.cost;
            return Some(both);
        }
    }
    None
}

/// How many lines differ between two texts.
fn changed_lines(before: &str, after: &str) -> usize {
    let count = |a: &str, b: &str| {
        let mut rest: Vec<&str> = b.lines().collect();
        a.lines()
            .filter(|line| match rest.iter().position(|other| other == line) {
                Some(at) => {
                    rest.swap_remove(at);
                    false
                }
                None => true,
            })
            .count()
    };
    count(before, after) + count(after, before)
}

/// The one replacement that leads from a text to another: what lies between their common ends.
fn difference(before: &str, after: &str) -> Option<Edit> {
    let mut start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(start) || !after.is_char_boundary(start) {
        start -= 1;
    }
    let left = (before.len() - start).min(after.len() - start);
    let tails = before.bytes().rev().zip(after.bytes().rev());
    let mut same = tails.take(left).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(before.len() - same)
        || !after.is_char_boundary(after.len() - same)
    {
        same -= 1;
    }
    let span = podplay_manifest::Span::locate(before, start, before.len() - same);
    let replacement = after.get(start..after.len() - same)?.to_owned();
    Some(Edit { span, replacement, title: String::new() })
}
