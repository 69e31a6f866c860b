//! The text: its source, what was found in it, what is written into it, the links that carry it, and whether its run
//! was lost.
//!
//! A text is opened by the engine under a number. Until the answer comes, what is shown is of the text before; what is
//! to happen in the new run waits in `then`.

mod edits;

use super::effect::{Effect, Effects, Facts, Page, Timer};
pub(crate) use super::msg::text::Msg;
use super::msg::{Msg as Any, dialogs, judge, lessons, play, terminal, view};
use crate::editor::Wish;
use crate::safety::Lost;
use podplay_api::SimTime;
use podplay_protocol::{Edit, Finding, Opened, Request, Severity};
use std::collections::VecDeque;
use std::rc::Rc;

/// Milliseconds of rest after a keystroke before the run follows.
const REST: u32 = 120;
/// Milliseconds of rest after which the engine works ahead.
const AHEAD: u32 = 40;
/// Longest text for that, in bytes: a long one would hold up the one after it.
const SHORT: usize = 16_384;
/// Milliseconds before advice is given.
const ADVICE_REST: u32 = 400;
/// Milliseconds of rest before the address follows what is seen: browsers refuse to change it too often.
const ADDRESS_REST: u32 = 700;
/// Largest text that the address carries, in bytes.
const ADDRESSED: usize = 60_000;

/// What is known of a text that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Read {
    /// How many objects it has.
    pub(crate) objects: usize,
    /// Whether any of them is run.
    pub(crate) any: bool,
    /// The entries of its Scenario.
    pub(crate) entries: Rc<[podplay_protocol::Entry]>,
    /// How many fields have no effect.
    pub(crate) not_simulated: usize,
    /// The bytes of its Scenario document.
    pub(crate) scenario: Option<(usize, usize)>,
}

/// The text and what is said of it.
pub(crate) struct Text {
    /// The text.
    pub(crate) text: Rc<str>,
    /// No run was shown yet.
    begins: bool,
    /// The number under which it was opened last.
    rev: u32,
    /// The engine has not answered that yet.
    waits: bool,
    /// It was typed and has not been opened.
    rests: bool,
    /// What happens once it is open.
    then: Vec<Any>,
    /// Whether the run is of an older text, because the newer one cannot be read.
    pub(crate) stale: bool,
    /// What is known of it.
    pub(crate) read: Rc<Read>,
    /// What was found in it.
    pub(crate) findings: Rc<[Finding]>,
    /// Advice is due.
    advice_due: bool,
    /// It has been given before.
    advised: bool,
    /// What is mended once advice is there.
    fixing: Option<(String, usize)>,
    /// A run of it was lost, and it is not run until it is changed, or somebody asks for it.
    pub(crate) held: Option<Lost>,
    /// What the editor is to do; counts up with each wish.
    pub(crate) wish: (u32, Wish),
    /// Changes that the engine is to make, the first of which it was asked for: its number, and the text then.
    edits: VecDeque<Edit>,
    editing: Option<(u32, Rc<str>)>,
    /// Whether the visitor's own text is put aside for a link's.
    pub(crate) mine: bool,
    /// The text and the moment that the address says; none before the page was drawn.
    pub(crate) says: Option<(Rc<str>, SimTime)>,
    /// The digest of the run of a text.
    digest: Option<(u32, u64)>,
}

impl Text {
    /// A text that is not open yet.
    pub(crate) fn new(text: Rc<str>) -> Self {
        Self {
            text,
            begins: true,
            rev: 0,
            waits: false,
            rests: true,
            then: Vec::new(),
            stale: false,
            read: Rc::default(),
            findings: Rc::new([]),
            advice_due: false,
            advised: false,
            fixing: None,
            held: None,
            wish: (0, Wish::Nothing),
            edits: VecDeque::new(),
            editing: None,
            mine: false,
            says: None,
            digest: None,
        }
    }

    /// Whether what is shown is of the text as it stands.
    pub(crate) const fn is_current(&self) -> bool {
        !self.rests && !self.waits && !self.stale
    }

    /// Whether a run of the text is on its way.
    pub(crate) const fn is_waiting(&self) -> bool {
        self.rests || self.waits
    }

    /// What two runs share exactly when they went the same way; only of the text that is shown.
    pub(crate) fn digest(&self) -> Option<u64> {
        self.digest
            .filter(|(rev, _)| *rev == self.rev && self.is_current())
            .map(|(_, digest)| digest)
    }

    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Begin(then) => self.when_open(then),
            Msg::Typed(text) => self.typed(text),
            Msg::Ahead => self.ahead(),
            Msg::Settled => self.settled(false),
            Msg::Open { lost, fresh } => self.open(lost, fresh),
            Msg::Set(text) => self.set(text, false, Vec::new()),
            Msg::Anew(text, then) => self.set(text, true, then),
            Msg::Then(text, then) => self.set(text, false, then),
            Msg::WhenOpen(then) => self.when_open(then),
            Msg::Opened(opened) => self.opened(*opened),
            Msg::Advise => self.advise(facts),
            Msg::Findings(rev, findings) => self.found(rev, findings),
            Msg::OtherWords if self.advised => self.advise(facts),
            Msg::OtherWords => Vec::new(),
            Msg::Fix(code, n) => self.fix(code, n, facts),
            Msg::Edited(id, text, line) => self.edited(id, text, line, facts),
            Msg::Fault(..)
            | Msg::DeletePod
            | Msg::MoveEntry(..)
            | Msg::RemoveEntry(_)
            | Msg::Assume(_)
            | Msg::Example(_) => self.write(msg, facts),
            Msg::RunAgain => {
                let forgive = Effect::Page(Page::Forgive);
                std::iter::once(forgive).chain(self.settled(false)).collect()
            }
            Msg::Lost(lost) => self.lost(lost),
            Msg::Wish(wish) => {
                self.wish = (self.wish.0 + 1, wish);
                Vec::new()
            }
            Msg::EditText => {
                self.wish = (self.wish.0 + 1, Wish::Focus);
                vec![Effect::Do(view::Msg::Pane(view::Pane::Text).into())]
            }
            Msg::BackToMine => vec![Effect::Page(Page::TakeBack)],
            Msg::Mine(mine) => {
                self.mine = mine;
                Vec::new()
            }
            Msg::Drawn => self.drawn(facts),
            Msg::Arrived => {
                self.says = Some((Rc::clone(&self.text), facts.at));
                Vec::new()
            }
            Msg::Address => {
                let at = Some(facts.at).filter(|at| *at > SimTime::ZERO);
                let fits = self.text.len() <= ADDRESSED && !self.text.trim().is_empty();
                let text = if fits { Rc::clone(&self.text) } else { "".into() };
                vec![Effect::Page(Page::Address(text, at))]
            }
            Msg::AskDigest if facts.sharing && self.is_current() && facts.known >= facts.end => {
                vec![Effect::Ask(Request::Digest { rev: self.rev, id: facts.id })]
            }
            Msg::AskDigest => Vec::new(),
            Msg::Digest(rev, digest) => {
                self.digest = digest.map(|digest| (rev, digest));
                Vec::new()
            }
        }
    }

    /// A keystroke: the run follows after a short rest.
    fn typed(&mut self, text: String) -> Effects {
        if *text == *self.text {
            return Vec::new();
        }
        self.text = text.into();
        self.rests = true;
        vec![
            Effect::After(Timer::Ahead, AHEAD, Msg::Ahead.into()),
            Effect::After(Timer::Settle, REST, Msg::Settled.into()),
            Effect::Do(dialogs::Msg::Acted.into()),
        ]
    }

    fn ahead(&self) -> Effects {
        if self.text.len() > SHORT || self.held.is_some() {
            return Vec::new();
        }
        vec![
            Effect::Page(Page::Save(Rc::clone(&self.text))),
            Effect::Ask(Request::Ahead { text: self.text.to_string() }),
        ]
    }

    /// The text becomes `text`, at once; `fresh` if it is shown from its beginning.
    fn set(&mut self, text: String, fresh: bool, then: Vec<Any>) -> Effects {
        self.text = text.into();
        self.then.extend(then);
        self.settled(fresh)
    }

    fn when_open(&mut self, then: Vec<Any>) -> Effects {
        if !self.is_waiting() {
            return then.into_iter().map(Effect::Do).collect();
        }
        self.then.extend(then);
        if self.rests { self.settled(false) } else { Vec::new() }
    }

    /// The run follows the text.
    fn settled(&mut self, fresh: bool) -> Effects {
        self.rests = false;
        self.waits = true;
        vec![
            Effect::Cancel(Timer::Ahead),
            Effect::Cancel(Timer::Settle),
            Effect::Do(lessons::Msg::TextChanged.into()),
            Effect::Page(Page::CheckLost(fresh)),
        ]
    }

    /// It is run, or shown and not run.
    fn open(&mut self, lost: Option<Lost>, fresh: bool) -> Effects {
        self.rev += 1;
        self.held = lost;
        let text = Rc::clone(&self.text);
        if lost.is_some() {
            let mut effects = self.hold();
            effects.push(Effect::Page(Page::Save(text)));
            return effects;
        }
        self.waits = true;
        vec![Effect::Page(Page::Secure(text)), Effect::Open { rev: self.rev, fresh }]
    }

    /// A text that was lost is shown and not run.
    fn hold(&mut self) -> Effects {
        (self.begins, self.waits, self.stale, self.advice_due) = (false, false, false, false);
        self.findings = Rc::new([]);
        self.read = Rc::default();
        self.fixing = None;
        vec![
            Effect::Page(Page::CheckMine),
            Effect::Cancel(Timer::Advice),
            Effect::Do(view::Msg::Anew.into()),
            Effect::Do(judge::Msg::Anew.into()),
            Effect::Do(play::Msg::Closed.into()),
        ]
    }

    fn lost(&mut self, lost: Lost) -> Effects {
        self.rev += 1;
        self.held = Some(lost);
        self.then.clear();
        self.edits.clear();
        self.editing = None;
        let mut effects = self.hold();
        effects.push(Effect::Do(play::Msg::Lost.into()));
        effects.push(Effect::Do(terminal::Msg::Lost.into()));
        effects
    }

    fn opened(&mut self, mut opened: Opened) -> Effects {
        if opened.rev != self.rev || self.held.is_some() {
            return Vec::new();
        }
        self.waits = false;
        // A page begins where its link or its visitor wants it to, not as after an edit.
        opened.another &= !std::mem::take(&mut self.begins);
        let findings = std::mem::take(&mut opened.findings);
        let then = std::mem::take(&mut self.then).into_iter().map(Effect::Do);
        self.stale = opened.stale;
        if opened.stale {
            self.findings = findings.into();
            let mut effects = vec![Effect::Do(play::Msg::Stays(opened.rev).into())];
            effects.extend(then);
            return effects;
        }
        self.read = Rc::new(Read {
            objects: opened.objects,
            any: opened.any,
            entries: std::mem::take(&mut opened.entries).into(),
            not_simulated: opened.not_simulated,
            scenario: opened.scenario,
        });
        let mut effects = Vec::new();
        if opened.another {
            self.findings = Rc::new([]);
            effects.push(Effect::Do(view::Msg::Anew.into()));
            effects.push(Effect::Do(judge::Msg::Anew.into()));
        }
        self.judge(findings);
        self.advice_due = true;
        effects.extend([
            Effect::After(Timer::Advice, ADVICE_REST, Msg::Advise.into()),
            Effect::Page(Page::CheckMine),
            Effect::Do(view::Msg::Begins.into()),
            Effect::Do(play::Msg::Opened(Box::new(opened)).into()),
        ]);
        effects.extend(then);
        effects.push(Effect::Do(Msg::AskDigest.into()));
        effects
    }

    /// What was found when the text was read. The advice of a moment ago stays until there is new, if nothing else is
    /// found: a list that comes and goes with each keystroke helps nobody.
    fn judge(&mut self, found: Vec<Finding>) {
        // An empty text is no mistake.
        let blank = self.text.trim().is_empty();
        let others = self.findings.iter().filter(|known| known.severity != Severity::Advice);
        if blank || !others.eq(&found) {
            self.findings = if blank { Rc::new([]) } else { found.into() };
        }
    }

    /// The time for advice has come.
    fn advise(&mut self, facts: &Facts) -> Effects {
        self.advice_due = false;
        self.advised = true;
        if self.stale || self.held.is_some() || self.text.trim().is_empty() {
            return Vec::new();
        }
        vec![
            Effect::Cancel(Timer::Advice),
            Effect::Ask(Request::Advise { rev: self.rev, id: facts.id }),
        ]
    }

    fn found(&mut self, rev: u32, findings: Vec<Finding>) -> Effects {
        if rev != self.rev || self.stale || self.held.is_some() {
            return Vec::new();
        }
        self.findings = findings.into();
        match self.fixing.take() {
            Some((code, n)) if !self.rests => self.mend(&code, n),
            _ => Vec::new(),
        }
    }

    /// Mends what a finding says, in the text as it is now; a finding of an older text is looked for again.
    fn fix(&mut self, code: String, n: usize, facts: &Facts) -> Effects {
        if self.is_waiting() {
            return self.when_open(vec![Msg::Fix(code, n).into()]);
        }
        if self.advice_due && !self.stale {
            self.fixing = Some((code, n));
            return self.advise(facts);
        }
        self.mend(&code, n)
    }

    fn mend(&mut self, code: &str, n: usize) -> Effects {
        let found = self.findings.get(n).filter(|found| found.code == code);
        match found.and_then(|found| found.fix.as_ref()) {
            Some(fix) => self.set(fix.apply(&self.text), false, Vec::new()),
            None => Vec::new(),
        }
    }

    /// The address follows what is seen, once that rests.
    fn drawn(&mut self, facts: &Facts) -> Effects {
        let seen = (Rc::clone(&self.text), facts.at);
        let known = self.says.get_or_insert_with(|| seen.clone());
        let waits = facts.playing || self.held.is_some() || facts.lesson;
        if *known == seen || waits || facts.embedded {
            return Vec::new();
        }
        *known = seen;
        vec![Effect::After(Timer::Address, ADDRESS_REST, Msg::Address.into())]
    }
}

/// To a tenth of a second: what a person would write.
pub(crate) fn rounded(at: SimTime) -> SimTime {
    SimTime::from_millis((at.as_millis() + 50) / 100 * 100)
}
