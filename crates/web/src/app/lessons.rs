//! The lessons: which one is open, what it says, and what the run says to an answer.

use super::{App, Msg, Pane, Scope, Selection, Tab};
use crate::dom;
use crate::editor::Wish;
use crate::lang::Lang;
use gloo_timers::callback::Timeout;
use podplay_api::{SimTime, Value};
use podplay_core::Budget;
use podplay_playback::control::Ask;
use podplay_playback::lesson::Script;
use podplay_playback::statement::Verdict;
use podplay_playback::{Plan, Run, Span};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::AttrValue;

/// Wakeups that may be computed at once before an answer is judged.
const AT_ONCE: u64 = 500_000;
/// Kept in place of a lesson's name while the list is shown.
const LIST: &str = "-list";
/// Kept in place of a lesson's name when the lessons were closed with a lesson's text in the editor.
const LEFT: &str = "-left";
/// The parts of a lesson's words, as its file names them.
const PARTS: [&str; 6] = ["intro", "look", "try", "question", "hint", "answer"];

/// What can happen to the lessons.
pub enum Learn {
    /// Show the lessons, or put them away.
    Toggle,
    /// Show the list.
    List,
    /// Begin a lesson.
    Open(String),
    /// The index has come, or could not be fetched.
    Index(Option<String>),
    /// A lesson has come, or could not be fetched.
    Came(String, Option<String>),
    /// Judge the text.
    Check,
    /// The lesson's manifest again.
    Again,
    /// The model answer.
    Answer,
    /// The edit that the lesson proposes.
    Edit,
    /// A link of the lesson's words.
    Follow(String),
    /// The text from before the lessons.
    Own,
}

/// The lessons.
#[derive(Default)]
pub(crate) struct Lessons {
    /// Whether they are shown.
    pub(crate) open: bool,
    /// Their names and titles, once they have come.
    pub(crate) index: Option<Rc<[Title]>>,
    /// The lesson that is being read.
    pub(crate) current: Option<Rc<Loaded>>,
    /// The one that is being fetched, and whether the text stays as it is.
    wanted: Option<(String, bool)>,
    /// Something could not be fetched.
    pub(crate) failed: bool,
    /// Names of those that were passed.
    pub(crate) passed: BTreeSet<String>,
    /// What the run said to the text, until the text changes.
    pub(crate) report: Option<Report>,
    /// The text from before the lessons.
    pub(crate) own: Option<String>,
    /// Whether the editor's text came from a lesson.
    holds_text: bool,
    /// The lesson's text with which the lessons were closed.
    left_with: Option<Rc<str>>,
}

/// A lesson in the list.
pub(crate) struct Title {
    /// Its name.
    pub(crate) name: String,
    /// Its title, by language.
    titles: Value,
}

impl Title {
    /// Its title.
    pub(crate) fn title(&self, lang: Lang) -> &str {
        self.titles[lang.tag()].as_str().unwrap_or_default()
    }
}

/// A lesson that has come.
pub(crate) struct Loaded {
    /// Its name.
    pub(crate) name: String,
    manifest: String,
    answer: String,
    script: Script,
    original: Plan,
    /// Title and parts, by language.
    words: Vec<(AttrValue, [AttrValue; PARTS.len()])>,
}

impl Loaded {
    fn read(name: String, text: &str) -> Option<Self> {
        let file: Value = serde_json::from_str(text).ok()?;
        let text = |of: &Value| of.as_str().map(str::to_owned);
        let manifest = text(&file["manifest"])?;
        let words = Lang::ALL.iter().map(|lang| {
            let of = &file[lang.tag()];
            let part = |name: &str| AttrValue::from(text(&of[name]).unwrap_or_default());
            (part("title"), PARTS.map(part))
        });
        Some(Self {
            name,
            original: Plan::read(&manifest),
            answer: text(&file["answer"])?,
            script: Script::parse(file["check"].as_str()?).ok()?,
            words: words.collect(),
            manifest,
        })
    }
    /// Its title, and intro, look, try, question, hint and answer as HTML that the build made.
    pub(crate) fn words(&self, lang: Lang) -> &(AttrValue, [AttrValue; PARTS.len()]) {
        &self.words[usize::from(lang == Lang::Ko)]
    }
    /// Whether the text still has what the proposed edit replaces.
    pub(crate) fn can_edit(&self, text: &str) -> bool {
        self.script.tries.first().is_some_and(|trial| text.contains(&trial.from))
    }
}

/// What was said to an answer.
pub(crate) enum Report {
    /// The text has errors.
    Unreadable,
    /// The run is not computed yet.
    Computing,
    /// What was changed that should not, and each statement with its verdict.
    Judged(Vec<String>, Vec<(String, Verdict)>),
}

impl Report {
    /// Whether the answer is right.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Judged(changed, lines) if changed.is_empty() && lines.iter().all(|(_, verdict)| verdict.holds))
    }
}

impl Lessons {
    /// The place of the current lesson in the list.
    pub(crate) fn place(&self) -> Option<usize> {
        let name = &self.current.as_ref()?.name;
        self.index.as_ref()?.iter().position(|title| title.name == *name)
    }
    /// The run follows another text: what was said of the one before no longer counts.
    pub(super) fn text_changed(&mut self, text: &Rc<str>) {
        self.report = None;
        if self.left_with.take_if(|left| left != text).is_some() {
            dom::forget(dom::LESSON);
        }
    }
    /// Whether something is on its way.
    pub(crate) const fn is_waiting(&self) -> bool {
        !self.failed && (self.index.is_none() || self.wanted.is_some())
    }
}

/// A name that may stand in an address.
fn is_name(name: &str) -> bool {
    !name.starts_with('-')
        && !name.is_empty()
        && name.len() < 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

impl App {
    /// Goes on where the last visit was, or begins the lesson of the address.
    #[inline(never)]
    pub(super) fn begin_lessons(&mut self, name: String, same_text: bool, link: &Scope) {
        self.remember();
        if name == LEFT {
            self.lessons.left_with = Some(Rc::clone(&self.text));
            return;
        }
        // A page around this one may want the lesson's manifest without its words.
        if dom::asked("panels").is_none_or(|panels| panels.contains("lesson")) {
            self.pane = Pane::Lesson;
            self.lessons.open = true;
            self.hint = false;
            self.fetch_index(link);
        }
        self.lessons.holds_text = dom::kept(dom::LESSON).is_some();
        if is_name(&name) {
            self.fetch_lesson(name, same_text, link);
        }
    }

    /// What earlier visits kept.
    fn remember(&mut self) {
        if self.lessons.passed.is_empty() {
            let kept = dom::kept(dom::PASSED).unwrap_or_default();
            self.lessons.passed =
                kept.split(' ').filter(|name| is_name(name)).map(str::to_owned).collect();
        }
        if self.lessons.own.is_none() {
            self.lessons.own = dom::kept(dom::OWN);
        }
    }

    fn fetch_index(&mut self, link: &Scope) {
        if self.lessons.index.is_none() {
            let link = link.clone();
            self.lessons.failed = false;
            dom::fetch_text("lessons/index.json", move |text| {
                link.send_message(Msg::Learn(Learn::Index(text)));
            });
        }
    }

    fn fetch_lesson(&mut self, name: String, same_text: bool, link: &Scope) {
        let link = link.clone();
        self.lessons.failed = false;
        self.lessons.wanted = Some((name.clone(), same_text));
        dom::fetch_text(&format!("lessons/{name}.json"), move |text| {
            link.send_message(Msg::Learn(Learn::Came(name, text)));
        });
    }

    /// Everything about lessons.
    pub(super) fn learn(&mut self, msg: Learn, link: &Scope) {
        match msg {
            Learn::Toggle => self.toggle_lessons(link),
            Learn::List => {
                self.lessons.current = None;
                self.lessons.report = None;
                dom::keep(dom::LESSON, LIST);
                self.fetch_index(link);
                focus_later("lessons-title");
            }
            Learn::Open(name) => self.fetch_lesson(name, false, link),
            Learn::Index(text) => {
                self.lessons.index = text.as_deref().and_then(titles);
                self.lessons.failed |= self.lessons.index.is_none();
            }
            Learn::Came(name, text) => self.lesson_came(name, text.as_deref(), link),
            Learn::Check => self.check_answer(link),
            Learn::Again | Learn::Answer | Learn::Edit => self.rewrite(&msg, link),
            Learn::Follow(target) => self.follow_link(&target, link),
            Learn::Own => {
                if let Some(own) = self.lessons.own.take() {
                    dom::forget(dom::OWN);
                    self.lessons.holds_text = false;
                    self.anew(own, link);
                }
                self.toggle_lessons(link);
            }
        }
    }

    fn toggle_lessons(&mut self, link: &Scope) {
        let open = !self.lessons.open;
        self.lessons.open = open;
        self.hint &= !open;
        self.pane = if open { Pane::Lesson } else { Pane::default() };
        if open {
            let left = self.lessons.left_with.take();
            self.lessons.holds_text = left.is_some_and(|left| left == self.text);
            self.remember();
            self.fetch_index(link);
        } else {
            let holds = std::mem::take(&mut self.lessons.holds_text);
            self.lessons.left_with = holds.then(|| Rc::clone(&self.text));
            self.lessons.current = None;
            dom::keep(dom::LESSON, if holds { LEFT } else { "" });
        }
        focus_later(if open { "lessons-title" } else { "lessons-button" });
        resize_later(link);
    }

    fn lesson_came(&mut self, name: String, text: Option<&str>, link: &Scope) {
        // Another one may have been asked for meanwhile.
        let Some((_, same_text)) = self.lessons.wanted.take_if(|(wanted, _)| *wanted == name)
        else {
            return;
        };
        let Some(lesson) = text.and_then(|text| Loaded::read(name, text)) else {
            self.lessons.failed = true;
            return;
        };
        if !same_text {
            if !self.lessons.holds_text {
                dom::keep(dom::OWN, &self.text);
                self.lessons.own = Some(self.text.to_string());
            }
            self.anew(lesson.manifest.clone(), link);
            // Inside another page, that page decides whether something moves.
            if dom::is_embedded() && dom::asked("autoplay").is_none() {
                self.control.ask(Ask::Pause, self.run.end(), &[]);
            }
        }
        self.lessons.holds_text = true;
        dom::keep(dom::LESSON, &lesson.name);
        self.lessons.report = None;
        self.lessons.current = Some(Rc::new(lesson));
        if !same_text {
            focus_later("lesson-title");
        }
        resize_later(link);
    }

    /// Another text, shown from its beginning even if it speaks of the same pods.
    pub(super) fn anew(&mut self, text: String, link: &Scope) {
        self.run = Run::new("");
        self.set_text(text, link);
    }

    fn rewrite(&mut self, msg: &Learn, link: &Scope) {
        let Some(lesson) = self.lessons.current.clone() else { return };
        match msg {
            Learn::Again => self.anew(lesson.manifest.clone(), link),
            Learn::Answer => self.set_text(lesson.answer.clone(), link),
            _ => {
                let edited = lesson.script.tries.first().and_then(|trial| trial.made(&self.text));
                if let Some(edited) = edited {
                    self.set_text(edited, link);
                }
            }
        }
        self.lessons.report = None;
    }

    fn check_answer(&mut self, link: &Scope) {
        let Some(lesson) = self.lessons.current.clone() else { return };
        if self.settle.is_some() {
            self.settled(link);
        }
        let _ = self.run.advance(SimTime::MAX, &mut Budget(AT_ONCE));
        self.feed();
        let report = if self.stale || self.run.plan().has_errors() {
            Report::Unreadable
        } else if self.run.now() < self.run.end() {
            Report::Computing
        } else {
            let outcome = lesson.script.outcome(&lesson.original, &self.run);
            let lines = outcome.statements.into_iter();
            Report::Judged(
                outcome.changed,
                lines.map(|judged| (judged.text.to_owned(), judged.verdict)).collect(),
            )
        };
        if report.passes() && self.lessons.passed.insert(lesson.name.clone()) {
            let all: Vec<&str> = self.lessons.passed.iter().map(String::as_str).collect();
            dom::keep(dom::PASSED, &all.join(" "));
        }
        self.lessons.report = Some(report);
        self.draw_timeline();
        self.refresh();
        Timeout::new(0, || dom::reveal("lesson-report")).forget();
    }

    /// Goes where a link of the words leads: `#t=35s&pod=web/app&tab=events`, `#find=periodSeconds`.
    fn follow_link(&mut self, target: &str, link: &Scope) {
        for part in target.trim_start_matches('#').split('&') {
            match part.split_once('=') {
                Some(("t", at)) => {
                    let Some(Span(span)) = Span::parse(at) else { continue };
                    let at = SimTime::ZERO + span;
                    let _ = self.run.advance(at, &mut Budget(AT_ONCE));
                    self.feed();
                    self.play(Msg::Record(None, at), link);
                    self.pane = Pane::Run;
                }
                Some(("pod", of)) => {
                    let (pod, container) =
                        of.split_once('/').map_or((of, None), |(pod, name)| (pod, Some(name)));
                    let selection = Selection {
                        namespace: "default".to_owned(),
                        pod: pod.to_owned(),
                        container: container.map(str::to_owned),
                    };
                    self.inspect(Msg::Select(Some(selection)));
                }
                Some(("tab", name)) => {
                    let tab = match name {
                        "describe" => Tab::Describe,
                        "events" => Tab::Events,
                        "logs" => Tab::Logs,
                        "yaml" => Tab::Yaml,
                        _ => Tab::Why,
                    };
                    self.inspect(Msg::Tab(tab));
                    self.pane = Pane::Inspect;
                }
                Some(("find", what)) => {
                    if let Some(at) = self.text.lines().position(|line| line.contains(what)) {
                        let line = u32::try_from(at + 1).unwrap_or(1);
                        self.wish = (self.wish.0 + 1, Wish::Reveal(line));
                        self.pane = Pane::Text;
                    }
                }
                _ => {}
            }
        }
        self.control.ask(Ask::Pause, self.run.end(), &[]);
        resize_later(link);
    }
}

fn titles(text: &str) -> Option<Rc<[Title]>> {
    let list: Vec<Value> = serde_json::from_str(text).ok()?;
    let titles = list
        .into_iter()
        .map(|titles| Some(Title { name: titles["name"].as_str()?.to_owned(), titles }));
    titles.collect()
}

/// After the next drawing, when the element is there.
fn focus_later(id: &'static str) {
    Timeout::new(0, move || dom::focus(id)).forget();
}

fn resize_later(link: &Scope) {
    let link = link.clone();
    Timeout::new(0, move || link.send_message(Msg::Resize)).forget();
}
