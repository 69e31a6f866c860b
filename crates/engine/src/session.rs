//! An open text with its run: taking over an edit, computing on, and telling what has come.

use crate::terminal::Terminal;
use crate::{findings, frame, lesson};
use podplay_api::SimTime;
use podplay_core::{Budget, Progress};
use podplay_playback::{Act, Moment, Plan, Run, compare, digest};
use podplay_protocol::{
    Answer, Compared, ComparedRow, ComparedRows, Entry, Finding, Frame, Grown, Look, Opened,
    ReadyFor, Report,
};
use podplay_timeline::piece::Sent;
use podplay_views::timeline::Builder;
use std::collections::BTreeSet;

/// A clock in milliseconds.
pub(crate) type Clock = dyn Fn() -> f64;

/// Wakeups that are spent at once so that what the playhead looks at is there.
const LOOKED_AT: u64 = 20_000;
/// Most wakeups between two looks at the clock, and how few it may come down to when they cost much.
const WAKEUPS: (u64, u64) = (1, 512);
/// Milliseconds that pass between two looks at the clock, if it can be helped.
const LOOK: f64 = 1.0;
/// Milliseconds between two messages about a run that grows.
const GROWTH: f64 = 80.0;
/// Longest text that is worked out ahead, in bytes.
const SHORT: usize = 16_384;
/// Longest trace of which a digest is given, in records.
const DIGESTED: usize = 20_000;
/// Wakeups of a run that is compared.
const COMPARED: u64 = 400_000;
/// Wakeups that may be computed at once before an answer is judged.
const AT_ONCE: u64 = 500_000;

/// An open text.
pub(crate) struct Session {
    rev: u32,
    /// The number of the newest text, which may be one that cannot be read.
    newest: u32,
    pub(crate) text: String,
    pub(crate) run: Run,
    /// The run of a text that was worked out before it was opened.
    ahead: Option<(String, Run)>,
    pub(crate) builder: Builder,
    /// How many records the lanes have, and how much was told of them.
    fed: usize,
    sent: Sent,
    told: usize,
    told_at: f64,
    refusals: usize,
    told_now: SimTime,
    computing: bool,
    pub(crate) moment: Option<Moment>,
    pub(crate) terminal: Terminal,
    /// The question that was answered last by a frame.
    shown: Option<(u32, SimTime, Look)>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            rev: 0,
            newest: 0,
            text: String::new(),
            run: Run::new(""),
            ahead: None,
            builder: Builder::default(),
            fed: 0,
            sent: Sent::default(),
            told: 0,
            told_at: 0.0,
            refusals: 0,
            told_now: SimTime::ZERO,
            computing: true,
            moment: None,
            terminal: Terminal::default(),
            shown: None,
        }
    }
}

impl Session {
    /// The number of the newest text.
    pub(crate) const fn newest(&self) -> u32 {
        self.newest
    }
    /// Its run; that of the text before while it cannot be read.
    pub(crate) const fn run(&self) -> &Run {
        &self.run
    }
    /// Whether the run is of an older text.
    pub(crate) const fn stale(&self) -> bool {
        self.rev != self.newest
    }
    /// Whether there is something left to compute.
    pub(crate) fn is_computing(&self) -> bool {
        self.computing && self.run.now() < self.run.end()
    }
    /// Whether there is something to do without being asked.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_computing() || self.terminal.lags()
    }
    /// Goes on computing, or stands still.
    pub(crate) const fn compute(&mut self, on: bool) {
        self.computing = on;
    }

    /// Reads and runs a text for as long as a slice takes, so that it is there when it is opened.
    pub(crate) fn work_ahead(&mut self, text: &str, now: &Clock) {
        if text.len() <= SHORT {
            let mut run = self.run.edited(text);
            advance(&mut run, SimTime::MAX, now, now() + crate::SLICE);
            self.ahead = Some((text.to_owned(), run));
        }
    }

    /// Keeps a run that was worked out ahead.
    pub(crate) fn keep_ahead(&mut self, text: String, run: Run) {
        self.ahead = Some((text, run));
    }

    /// Opens a text.
    pub(crate) fn open(
        &mut self,
        rev: u32,
        text: String,
        fresh: bool,
        at: SimTime,
        look: &Look,
        now: &Clock,
    ) -> Opened {
        let ahead = self.ahead.take().filter(|(own, _)| *own == text && !fresh);
        let next = match ahead {
            Some((_, run)) => run,
            None if fresh => Run::new(&text),
            None => self.run.edited(&text),
        };
        self.newest = rev;
        let empty = |run: &Run| run.plan().objects.is_empty();
        let found = findings::plain(&next.plan().reading.diagnostics);
        let has_errors = next.plan().has_errors();
        // While a text cannot be read, the run before it stays to be looked at.
        if !fresh && empty(&next) && has_errors && !empty(&self.run) {
            return Opened { rev, stale: true, has_errors, findings: found, ..Opened::default() };
        }
        let another = !empty(&next) && (fresh || !shares_an_object(self.run.plan(), next.plan()));
        self.take_over(rev, text, next);
        let at = if another { SimTime::ZERO } else { at };
        // What the playhead looks at is computed at once, if it does not take long.
        let _ = self.run.advance(at, &mut Budget(LOOKED_AT));
        // A short run is there at once, and drawn once.
        advance(&mut self.run, SimTime::MAX, now, now() + crate::SLICE);
        let frame = self.frame(0, at, look);
        Opened { another, has_errors, findings: found, frame, ..self.opened(now()) }
    }

    fn take_over(&mut self, rev: u32, text: String, run: Run) {
        self.rev = rev;
        self.text = text;
        self.run = run;
        self.builder = Builder::default();
        (self.fed, self.told, self.refusals) = (0, 0, 0);
        self.sent = Sent::default();
        self.moment = None;
        self.shown = None;
        self.computing = true;
        self.terminal.run_changed();
    }

    fn opened(&mut self, now: f64) -> Opened {
        let plan = self.run.plan();
        let entry = |entry: &podplay_playback::Entry| Entry {
            index: entry.index,
            at: entry.at,
            title: entry.act.title(),
            breaks: matches!(entry.act, Act::Fault(_)),
        };
        let scenario = plan.reading.scenario.as_ref();
        Opened {
            rev: self.rev,
            objects: plan.reading.objects.len(),
            any: !plan.objects.is_empty(),
            entries: plan.entries.iter().map(entry).collect(),
            not_simulated: plan.reading.not_simulated.len(),
            scenario: scenario.map(|scenario| (scenario.start, scenario.end)),
            grown: self.news(now),
            ..Opened::default()
        }
    }

    /// Gives the lanes the records that they have not seen.
    pub(crate) fn feed(&mut self) {
        let trace = self.run.trace();
        self.builder.extend(&trace[self.fed..]);
        self.fed = trace.len();
    }

    /// What has come since the last message.
    fn news(&mut self, now: f64) -> Grown {
        self.feed();
        let moments = self.run.trace()[self.told..].iter().map(|record| record.at).collect();
        let refusals = self.run.refusals();
        (self.told, self.told_at) = (self.run.trace().len(), now);
        (self.told_now, self.refusals) = (self.run.now(), refusals.len());
        Grown {
            rev: self.rev,
            now: self.run.now(),
            end: self.run.end(),
            piece: self.sent.next(self.builder.timeline()),
            moments,
            refusals: refusals.iter().map(|refusal| refusal.message.clone()).collect(),
        }
    }

    /// What has come, if anything has.
    pub(crate) fn grown(&mut self) -> Option<Box<Grown>> {
        let news = self.run.now() != self.told_now || self.run.trace().len() != self.told;
        (news && self.rev != 0).then(|| Box::new(self.news(self.told_at)))
    }

    /// Computes on until the moment comes; what has come, now and then and at the end.
    pub(crate) fn advance(&mut self, now: &Clock, until: f64) -> Option<Box<Grown>> {
        advance(&mut self.run, SimTime::MAX, now, until);
        let time = now();
        let due = self.run.now() >= self.run.end() || time - self.told_at >= GROWTH;
        due.then(|| Box::new(self.news(time)))
    }

    /// Computes up to a moment; whether it is there.
    pub(crate) fn reach(&mut self, to: SimTime, now: &Clock, until: f64) -> bool {
        advance(&mut self.run, to, now, until);
        self.run.now() >= to.min(self.run.end())
    }

    /// What a moment shows.
    pub(crate) fn frame(&mut self, id: u32, at: SimTime, look: &Look) -> Frame {
        self.shown = Some((id, at, look.clone()));
        self.feed();
        let at = at.min(self.run.now());
        let moment = self.run.seek(at, self.moment.take());
        let live = self.terminal.follow(&self.run, at);
        let frame = frame::of(self, &moment, at, look);
        self.moment = Some(moment);
        Frame { live, ..frame }
    }

    /// The frame again, for a command that has not come to the playhead yet.
    pub(crate) fn follow_live(&mut self) -> Option<Answer> {
        if !self.terminal.lags() {
            return None;
        }
        let (id, at, look) = self.shown.clone()?;
        let frame = Box::new(self.frame(id, at, &look));
        Some(Answer::Frame { rev: self.rev, id, frame })
    }

    /// What entries of the text that were typed have printed since the last time.
    pub(crate) fn printed(&mut self) -> Vec<Answer> {
        self.terminal.printed(&self.run)
    }

    /// All that was found, with advice.
    pub(crate) fn advised(&self, words: &str) -> Vec<Finding> {
        findings::with_advice(&self.text, self.run.plan(), words)
    }

    /// The digest of the run, once it is computed and if it is short.
    pub(crate) fn digest(&self) -> Option<u64> {
        let there = !self.stale() && self.run.now() >= self.run.end();
        (there && self.run.trace().len() <= DIGESTED).then(|| digest::of(self.run.trace()))
    }

    /// The run beside that of another text.
    pub(crate) fn compared(&mut self, text: &str) -> Compared {
        let mut other = self.run.edited(text);
        let end = self.run.end();
        let _ = self.run.advance(end, &mut Budget(COMPARED));
        let _ = other.advance(end, &mut Budget(COMPARED));
        let found = compare::runs(&self.run, &other);
        let rows = |rows: Vec<compare::Row>| {
            rows.into_iter().map(|row| ComparedRow { at: row.at, text: row.text }).collect()
        };
        let pod = |pod: compare::Differing<Vec<compare::Row>>| ComparedRows {
            name: pod.name,
            a: rows(pod.a),
            b: rows(pod.b),
        };
        let ready = |one: compare::Differing<u64>| ReadyFor { name: one.name, a: one.a, b: one.b };
        Compared {
            first: found.first,
            rows: found.rows.into_iter().map(pod).collect(),
            ready: found.ready.into_iter().map(ready).collect(),
        }
    }

    /// Judges the run as the answer to a lesson.
    pub(crate) fn checked(&mut self, manifest: &str, check: &str) -> Report {
        let _ = self.run.advance(SimTime::MAX, &mut Budget(AT_ONCE));
        if self.stale() || self.run.plan().has_errors() {
            return Report::Unreadable;
        }
        if self.run.now() < self.run.end() {
            return Report::Computing;
        }
        lesson::judged(&self.run, manifest, check)
    }
}

/// Computes until a moment of the run, or until the clock says so.
pub(crate) fn advance(run: &mut Run, to: SimTime, now: &Clock, until: f64) {
    let to = to.min(run.end());
    // A wakeup may cost a microsecond or, with a script that computes, some milliseconds: what the last ones cost says
    // how many come before the next look at the clock.
    let mut wakeups = 16;
    let mut before = now();
    while run.now() < to {
        let progress = run.advance(to, &mut Budget(wakeups));
        let time = now();
        if progress == Progress::Reached || time >= until {
            break;
        }
        wakeups = next_slice(wakeups, time - before, until - time);
        before = time;
    }
}

/// How many wakeups come next, when the last ones took so many milliseconds and so many are left.
fn next_slice(wakeups: u64, took: f64, left: f64) -> u64 {
    let aim = LOOK.min(left / 2.0);
    let scaled = if took <= 0.0 { wakeups * 2 } else { (wakeups as f64 * aim / took) as u64 };
    scaled.clamp(WAKEUPS.0, (wakeups * 2).min(WAKEUPS.1))
}

fn shares_an_object(one: &Plan, other: &Plan) -> bool {
    let named = |plan: &Plan| -> BTreeSet<(String, String)> {
        let objects = plan.reading.objects.iter();
        objects.map(|object| (object.kind.clone(), object.name.clone())).collect()
    };
    named(one).intersection(&named(other)).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::next_slice;

    #[test]
    fn dear_wakeups_come_in_small_numbers() {
        let table = [
            ((16, 0.0, 8.0), 32),
            ((512, 0.1, 8.0), 512),
            ((512, 64.0, 8.0), 8),
            ((8, 40.0, 2.0), 1),
            ((1, 50.0, 8.0), 1),
            ((1, 0.5, 8.0), 2),
            ((100, 1.0, 1.0), 50),
        ];
        for ((wakeups, took, left), expected) in table {
            assert_eq!(next_slice(wakeups, took, left), expected, "{wakeups} in {took}");
        }
    }
}
