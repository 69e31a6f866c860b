//! The lessons: which one is open, what it says, and what the run says to an answer.

use super::effect::{Effect, Effects, Facts, Page, Timer};
use super::msg::io::{self, Wanted};
pub(crate) use super::msg::lessons::Msg;
use super::msg::view::{self, Pane};
use super::msg::{dialogs, play, text};
use crate::dom;
use crate::editor::Wish;
use crate::lang::Lang;
use podplay_api::length::parse_length;
use podplay_api::{SimTime, Value};
use podplay_protocol::{Report, Request, Selection, Tab, Trial};
use podplay_timeline::Ask;
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::AttrValue;

/// Kept in place of a lesson's name while the list is shown.
const LIST: &str = "-list";
/// Kept in place of a lesson's name when the lessons were closed with a lesson's text in the editor.
const LEFT: &str = "-left";
/// The parts of a lesson's words, as its file names them.
const PARTS: [&str; 6] = ["intro", "look", "try", "question", "hint", "answer"];

/// What earlier visits kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// Names of the lessons that were passed, separated by blanks.
    pub(crate) passed: Option<String>,
    /// The text from before the lessons.
    pub(crate) own: Option<String>,
    /// The lesson that was open.
    pub(crate) lesson: Option<String>,
    /// Whether the page shows a lesson's words, if it has one.
    pub(crate) panel: bool,
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
    /// The edit that it proposes, once that is known.
    trial: Option<Trial>,
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
    /// Whether the page shows a lesson's words.
    panel: bool,
    /// The questions that were asked last.
    asked: Option<u32>,
    checking: Option<u32>,
}

/// A lesson in the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Title {
    /// Its name.
    pub(crate) name: String,
    /// Its title, by language.
    titles: Value,
}

impl Title {
    /// Its title.
    pub(crate) fn title(&self, lang: Lang) -> &str {
        let own = self.titles[lang.tag()].as_str();
        own.or_else(|| self.titles[Lang::default().tag()].as_str()).unwrap_or_default()
    }
}

/// A lesson that has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loaded {
    /// Its name.
    pub(crate) name: String,
    manifest: String,
    answer: String,
    check: String,
    /// Title and parts, by language.
    words: Vec<(AttrValue, [AttrValue; PARTS.len()])>,
}

impl Loaded {
    fn read(name: String, text: &str) -> Option<Self> {
        let file: Value = serde_json::from_str(text).ok()?;
        let text = |of: &Value| of.as_str().map(str::to_owned);
        let words = Lang::ALL.iter().map(|lang| {
            let own = Some(&file[lang.tag()]).filter(|of| of.is_object());
            let of = own.unwrap_or(&file[Lang::default().tag()]);
            let part = |name: &str| AttrValue::from(text(&of[name]).unwrap_or_default());
            (part("title"), PARTS.map(part))
        });
        Some(Self {
            name,
            manifest: text(&file["manifest"])?,
            answer: text(&file["answer"])?,
            check: text(&file["check"])?,
            words: words.collect(),
        })
    }
    /// Its title, and intro, look, try, question, hint and answer as HTML that the build made.
    pub(crate) fn words(&self, lang: Lang) -> &(AttrValue, [AttrValue; PARTS.len()]) {
        &self.words[Lang::ALL.iter().position(|one| *one == lang).unwrap_or(0)]
    }
}

impl Lessons {
    /// The lessons with what earlier visits kept.
    pub(crate) fn new(kept: &Kept) -> Self {
        let passed = kept.passed.as_deref().unwrap_or_default();
        let passed = passed.split(' ').filter(|name| is_name(name)).map(str::to_owned);
        Self {
            passed: passed.collect(),
            own: kept.own.clone(),
            holds_text: kept.lesson.as_deref().is_some_and(|name| name != LEFT),
            panel: kept.panel,
            ..Self::default()
        }
    }

    /// The place of the current lesson in the list.
    pub(crate) fn place(&self) -> Option<usize> {
        let name = &self.current.as_ref()?.name;
        self.index.as_ref()?.iter().position(|title| title.name == *name)
    }
    /// Whether something is on its way.
    pub(crate) const fn is_waiting(&self) -> bool {
        !self.failed && (self.index.is_none() || self.wanted.is_some())
    }
    /// Whether the text still has what the proposed edit replaces.
    pub(crate) fn can_edit(&self, text: &str) -> bool {
        self.trial.as_ref().is_some_and(|trial| text.contains(&trial.from))
    }

    /// Everything that can happen to them.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Begin(name, same_text) => self.begin(name, same_text, facts),
            Msg::Toggle => self.toggle(facts),
            Msg::List => {
                self.current = None;
                self.report = None;
                let mut effects = self.fetch_index();
                effects.push(Effect::Page(Page::Keep(dom::LESSON, LIST.to_owned())));
                effects.push(Effect::Page(Page::Focus("lessons-title")));
                effects
            }
            Msg::Open(name) => self.fetch_lesson(name, false),
            Msg::Index(text) => {
                self.index = text.as_deref().and_then(titles);
                self.failed |= self.index.is_none();
                Vec::new()
            }
            Msg::Came(name, text) => self.came(name, text.as_deref(), facts),
            Msg::Proposes(id, lesson) => {
                if self.asked.take_if(|asked| *asked == id).is_some() {
                    self.trial = lesson.and_then(|lesson| lesson.trial);
                }
                Vec::new()
            }
            Msg::Check => {
                vec![Effect::Do(text::Msg::WhenOpen(vec![Msg::CheckRun.into()]).into())]
            }
            Msg::CheckRun => self.check(facts),
            Msg::Report(id, report) => self.judged(id, report),
            Msg::Again | Msg::Answer | Msg::Edit => self.rewrite(&msg, facts),
            Msg::Follow(target) => follow(&target, facts),
            Msg::Own => self.back_to_own(facts),
            Msg::TextChanged => {
                self.report = None;
                let left = self.left_with.take_if(|left| *left != facts.text).is_some();
                let forget = left.then_some(Effect::Page(Page::Forget(dom::LESSON)));
                forget.into_iter().collect()
            }
        }
    }

    fn begin(&mut self, name: String, same_text: bool, facts: &Facts) -> Effects {
        if name == LEFT {
            self.left_with = Some(Rc::clone(&facts.text));
            return Vec::new();
        }
        let mut effects = Vec::new();
        // A page around this one may want the lesson's manifest without its words.
        if self.panel {
            self.open = true;
            effects.push(Effect::Do(view::Msg::Pane(Pane::Lesson).into()));
            effects.push(Effect::Do(dialogs::Msg::NoHint.into()));
            effects.extend(self.fetch_index());
        }
        if is_name(&name) {
            effects.extend(self.fetch_lesson(name, same_text));
        }
        effects
    }

    fn fetch_index(&mut self) -> Effects {
        if self.index.is_some() {
            return Vec::new();
        }
        self.failed = false;
        vec![Effect::Page(Page::Fetch(Wanted::Index))]
    }

    fn fetch_lesson(&mut self, name: String, same_text: bool) -> Effects {
        self.failed = false;
        self.wanted = Some((name.clone(), same_text));
        vec![Effect::Page(Page::Fetch(Wanted::Lesson(name)))]
    }

    fn toggle(&mut self, facts: &Facts) -> Effects {
        self.open = !self.open;
        let (pane, focus) = match self.open {
            true => (Pane::Lesson, "lessons-title"),
            false => (Pane::default(), "lessons-button"),
        };
        let mut effects = vec![Effect::Do(view::Msg::Pane(pane).into())];
        if self.open {
            effects.push(Effect::Do(dialogs::Msg::NoHint.into()));
            self.holds_text = self.left_with.take().is_some_and(|left| left == facts.text);
            effects.extend(self.fetch_index());
        } else {
            let holds = std::mem::take(&mut self.holds_text);
            self.left_with = holds.then(|| Rc::clone(&facts.text));
            self.current = None;
            let left = if holds { LEFT } else { "" };
            effects.push(Effect::Page(Page::Keep(dom::LESSON, left.to_owned())));
        }
        effects.push(Effect::Page(Page::Focus(focus)));
        effects
    }

    fn came(&mut self, name: String, text: Option<&str>, facts: &Facts) -> Effects {
        // Another one may have been asked for meanwhile.
        let Some((_, same_text)) = self.wanted.take_if(|(wanted, _)| *wanted == name) else {
            return Vec::new();
        };
        let Some(lesson) = text.and_then(|text| Loaded::read(name, text)) else {
            self.failed = true;
            return Vec::new();
        };
        let mut effects = Vec::new();
        if !same_text {
            if !self.holds_text {
                effects.push(Effect::Page(Page::Keep(dom::OWN, facts.text.to_string())));
                self.own = Some(facts.text.to_string());
            }
            let pause = facts.embedded && !facts.autoplay;
            // Inside another page, that page decides whether something moves.
            let then = pause.then(|| play::Msg::Ask(Ask::Pause).into()).into_iter().collect();
            effects.push(Effect::Do(text::Msg::Anew(lesson.manifest.clone(), then).into()));
            effects.push(Effect::Page(Page::Focus("lesson-title")));
        }
        self.holds_text = true;
        effects.push(Effect::Page(Page::Keep(dom::LESSON, lesson.name.clone())));
        effects.push(Effect::After(Timer::Resize, 0, io::Msg::Resize.into()));
        self.report = None;
        self.trial = None;
        self.asked = Some(facts.id);
        let (manifest, check) = (lesson.manifest.clone(), lesson.check.clone());
        effects.push(Effect::Ask(Request::Lesson { id: facts.id, manifest, check }));
        self.current = Some(Rc::new(lesson));
        effects
    }

    fn rewrite(&mut self, msg: &Msg, facts: &Facts) -> Effects {
        let Some(lesson) = &self.current else { return Vec::new() };
        self.report = None;
        let change = match msg {
            Msg::Again => Some(text::Msg::Anew(lesson.manifest.clone(), Vec::new())),
            Msg::Answer => Some(text::Msg::Set(lesson.answer.clone())),
            _ => self.trial.as_ref().and_then(|trial| trial.made(&facts.text)).map(text::Msg::Set),
        };
        change.into_iter().map(|change| Effect::Do(change.into())).collect()
    }

    fn check(&mut self, facts: &Facts) -> Effects {
        let Some(lesson) = self.current.clone() else { return Vec::new() };
        self.checking = Some(facts.id);
        vec![Effect::Ask(Request::Check {
            rev: facts.rev,
            id: facts.id,
            manifest: lesson.manifest.clone(),
            check: lesson.check.clone(),
        })]
    }

    fn judged(&mut self, id: u32, report: Report) -> Effects {
        if self.checking.take_if(|asked| *asked == id).is_none() {
            return Vec::new();
        }
        let mut effects = Vec::new();
        let name = self.current.as_ref().map(|lesson| lesson.name.clone());
        if let Some(name) = name.filter(|_| report.passes())
            && self.passed.insert(name)
        {
            let all: Vec<&str> = self.passed.iter().map(String::as_str).collect();
            effects.push(Effect::Page(Page::Keep(dom::PASSED, all.join(" "))));
        }
        self.report = Some(report);
        effects.push(Effect::Do(play::Msg::Refresh.into()));
        effects.push(Effect::Page(Page::Reveal("lesson-report")));
        effects
    }

    fn back_to_own(&mut self, facts: &Facts) -> Effects {
        let mut effects = Vec::new();
        if let Some(own) = self.own.take() {
            self.holds_text = false;
            effects.push(Effect::Page(Page::Forget(dom::OWN)));
            effects.push(Effect::Do(text::Msg::Anew(own, Vec::new()).into()));
        }
        effects.extend(self.toggle(facts));
        effects
    }
}

/// Goes where a link of the words leads: `#t=35s&pod=web/app&tab=events`, `#find=periodSeconds`.
fn follow(target: &str, facts: &Facts) -> Effects {
    let mut effects = Vec::new();
    for part in target.trim_start_matches('#').split('&') {
        let Some((name, value)) = part.split_once('=') else { continue };
        let to = |pane: Pane| Effect::Do(view::Msg::Pane(pane).into());
        match name {
            "t" => {
                let Some(span) = parse_length(value) else { continue };
                let at = SimTime::ZERO + span;
                effects.push(Effect::Do(play::Msg::Reach(at).into()));
                effects.push(Effect::Do(play::Msg::Record(None, at).into()));
                effects.push(to(Pane::Run));
            }
            "pod" => {
                let (pod, container) = match value.split_once('/') {
                    Some((pod, name)) => (pod, Some(name)),
                    None => (value, None),
                };
                let selection = Selection {
                    namespace: "default".to_owned(),
                    pod: pod.to_owned(),
                    container: container.map(str::to_owned),
                };
                effects.push(Effect::Do(view::Msg::Select(Some(selection)).into()));
            }
            "tab" => {
                let tab = match value {
                    "describe" => Tab::Describe,
                    "events" => Tab::Events,
                    "logs" => Tab::Logs,
                    "yaml" => Tab::Yaml,
                    _ => Tab::Why,
                };
                effects.push(Effect::Do(view::Msg::Tab(tab).into()));
                effects.push(to(Pane::Inspect));
            }
            "find" => {
                let Some(at) = facts.text.lines().position(|line| line.contains(value)) else {
                    continue;
                };
                let line = u32::try_from(at + 1).unwrap_or(1);
                effects.push(Effect::Do(text::Msg::Wish(Wish::Reveal(line)).into()));
                effects.push(to(Pane::Text));
            }
            // A link of another version of the lessons.
            _ => continue,
        }
    }
    effects.push(Effect::Do(play::Msg::Ask(Ask::Pause).into()));
    effects
}

fn titles(text: &str) -> Option<Rc<[Title]>> {
    let list: Vec<Value> = serde_json::from_str(text).ok()?;
    let titles = list
        .into_iter()
        .map(|titles| Some(Title { name: titles["name"].as_str()?.to_owned(), titles }));
    titles.collect()
}

/// A name that may stand in an address.
fn is_name(name: &str) -> bool {
    !name.starts_with('-')
        && !name.is_empty()
        && name.len() < 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}
