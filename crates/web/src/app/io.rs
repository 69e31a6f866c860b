//! What updates asked for is done here: the engine is asked, timers are set, the browser is told.

use super::effect::{Effect, Page, Timer};
pub(crate) use super::msg::io::{Msg, Wanted};
use super::msg::{Msg as Any, dialogs, judge, lessons, play, terminal, text, view};
use super::{App, Scope, share};
use crate::editor::Hint;
use crate::engine::Engine;
use crate::lang::Lang;
use crate::{advice, dom, export, safety, texts};
use gloo_timers::callback::Timeout;
use podplay_protocol::{Answer, Request};
use std::collections::{BTreeMap, VecDeque};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Milliseconds without a word from an engine that owes an answer, after which it counts as lost.
const SILENCE: u32 = 12_000;
/// Milliseconds without a word, after which another text does not wait for the answer.
const PATIENCE: f64 = 3_000.0;
/// Largest file that is opened, in bytes.
const LARGEST: f64 = 1_100_000.0;

/// The page's hands and ears.
pub(crate) struct Io {
    link: Scope,
    engine: Option<Engine>,
    /// The last number that was given to a question.
    ids: u32,
    timers: Vec<(Timer, Timeout)>,
    /// Since when the engine owes an answer, and what happens if it stays silent.
    silence: Option<(f64, Timeout)>,
    painter: super::paint::Painter,
    tick: Closure<dyn FnMut(f64)>,
    armed: bool,
    /// The editor's questions that wait.
    hints: BTreeMap<u32, js_sys::Function>,
    /// Which words about fields were fetched: those in the first language, and those in the second.
    docs: [bool; 2],
    /// Those of the first language, while those of the second are on their way: nobody is to read them meanwhile.
    first_docs: Option<String>,
    /// What every engine is told when it starts.
    told: Vec<Request>,
    drawn_dialog: Option<dialogs::Dialog>,
    before_dialog: Option<web_sys::HtmlElement>,
    _ears: super::keys::Ears,
}

impl Io {
    /// With an engine that starts at once.
    pub(super) fn new(link: &Scope) -> Self {
        let ticks = link.clone();
        let tick = Closure::new(move |now| ticks.send_message(play::Msg::Tick(now)));
        let mut io = Self {
            link: link.clone(),
            engine: None,
            ids: 0,
            timers: Vec::new(),
            silence: None,
            painter: super::paint::Painter::default(),
            tick,
            armed: false,
            hints: BTreeMap::new(),
            docs: [false; 2],
            first_docs: None,
            told: Vec::new(),
            drawn_dialog: None,
            before_dialog: None,
            _ears: super::keys::listen(link),
        };
        io.start();
        io
    }

    fn start(&mut self) {
        let (heard, lost) = (self.link.clone(), self.link.clone());
        let engine = Engine::start(
            move |answer| heard.send_message(Msg::Answer(Box::new(answer))),
            move |kind, what| lost.send_message(Msg::Lost(kind, what)),
        );
        for request in &self.told {
            engine.ask(request);
        }
        self.engine = Some(engine);
    }

    /// Who paints past the virtual tree.
    pub(super) const fn painter(&self) -> &super::paint::Painter {
        &self.painter
    }

    /// A number for a question.
    pub(super) fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    /// Asks; an engine that was lost, or does not answer, is replaced when a text is to be opened.
    pub(super) fn ask(&mut self, request: &Request) {
        let dumb = self.silence.as_ref().is_some_and(|(since, _)| dom::now() - since > PATIENCE);
        if dumb && matches!(request, Request::Open { .. }) {
            self.end_engine();
        }
        if self.engine.is_none() && matches!(request, Request::Open { .. } | Request::Edit { .. }) {
            self.start();
        }
        if let Some(engine) = &self.engine {
            engine.ask(request);
        }
    }

    /// Listens for the engine's silence while it owes something.
    pub(super) fn watch(&mut self, owed: bool) {
        if owed && self.silence.is_none() && self.engine.is_some() {
            let link = self.link.clone();
            let silent = move || link.send_message(Msg::Silent);
            self.silence = Some((dom::now(), Timeout::new(SILENCE, silent)));
        }
    }

    /// Tells this engine, and those that come after it.
    fn tell(&mut self, request: Request) {
        self.ask(&request);
        let kind = std::mem::discriminant(&request);
        let again = |known: &Request| match (known, &request) {
            (Request::FieldDocs { second: a, .. }, Request::FieldDocs { second: b, .. }) => a == b,
            (known, _) => std::mem::discriminant(known) == kind,
        };
        self.told.retain(|known| !again(known));
        self.told.push(request);
    }

    /// The engine is gone, or is let go.
    fn end_engine(&mut self) {
        self.engine = None;
        self.silence = None;
        for done in std::mem::take(&mut self.hints).into_values() {
            // Nobody knows; the editor shows nothing.
            let _ = done.call1(&JsValue::NULL, &JsValue::from_str("null"));
        }
    }

    fn after(&mut self, timer: Timer, rest: u32, msg: Any) {
        let link = self.link.clone();
        self.cancel(timer);
        self.timers.push((timer, Timeout::new(rest, move || link.send_message(msg))));
    }

    fn cancel(&mut self, timer: Timer) {
        self.timers.retain(|(one, _)| *one != timer);
    }

    /// Asks for a frame of the browser if none is coming.
    pub(super) fn wake(&mut self) {
        if self.armed {
            return;
        }
        let asked = dom::window().and_then(|window| {
            window.request_animation_frame(self.tick.as_ref().unchecked_ref()).ok()
        });
        self.armed = asked.is_some();
    }

    /// The browser paints.
    pub(super) const fn ticked(&mut self) {
        self.armed = false;
    }

    fn hint(&mut self, hint: Hint) {
        self.fetch_fields();
        let id = self.next_id();
        let Hint { text, offset, complete, done } = hint;
        self.hints.insert(id, done);
        self.ask(&match complete {
            Some(explicit) => Request::Complete { id, text, offset, explicit },
            None => Request::About { id, text, offset },
        });
        if self.engine.is_none() {
            self.end_engine();
        }
    }

    /// Fetches the words about fields, once, and those of the second language if it is spoken.
    fn fetch_fields(&mut self) {
        let second = dom::spoken().pages() != Lang::default().pages();
        let on = Request::SecondLanguage { on: second };
        if !self.told.contains(&on) {
            self.tell(on);
        }
        for (index, wanted) in [true, second].into_iter().enumerate() {
            if wanted && !std::mem::replace(&mut self.docs[index], true) {
                let link = self.link.clone();
                let lang = if index == 0 { Lang::default() } else { dom::spoken() };
                let path = format!("words/fields.{}.tsv", lang.pages());
                advice::fetch(&path, move |text| {
                    link.send_message(Msg::FieldDocs(index == 1, text));
                });
            }
        }
    }

    fn field_docs(&mut self, second: bool, text: String) {
        let known =
            self.told.iter().any(|one| matches!(one, Request::FieldDocs { second: true, .. }));
        if !second && self.docs[1] && !known {
            self.first_docs = Some(text);
            return;
        }
        self.tell(Request::FieldDocs { second, text });
        if let Some(text) = self.first_docs.take() {
            self.tell(Request::FieldDocs { second: false, text });
        }
    }

    fn fetch_words(&self, lang: Lang) {
        if lang.pages() == Lang::default().pages() {
            return self.link.send_message(Msg::AdviceWords(String::new()));
        }
        let link = self.link.clone();
        advice::fetch(&format!("advice/{}.tsv", lang.pages()), move |text| {
            link.send_message(Msg::AdviceWords(text));
        });
    }

    fn fetch(&self, wanted: Wanted) {
        let path = match &wanted {
            Wanted::Index => "lessons/index.json".to_owned(),
            Wanted::Lesson(name) => format!("lessons/{name}.json"),
        };
        let link = self.link.clone();
        dom::fetch_text(&path, move |text| link.send_message(Msg::Fetched(wanted, text)));
    }
}

impl App {
    /// Does what an update asked for.
    pub(super) fn perform(&mut self, effect: Effect, queue: &mut VecDeque<Any>) {
        match effect {
            Effect::Do(msg) => queue.push_back(msg),
            Effect::Ask(request) => self.io.ask(&request),
            Effect::Open { rev, fresh } => {
                let look = self.view.look(self.prefs.lang.protocol());
                let (text, at) = (self.text.text.to_string(), self.play.control.at());
                self.io.ask(&Request::Open { rev, text, fresh, at, look });
            }
            Effect::After(timer, rest, msg) => self.io.after(timer, rest, msg),
            Effect::Cancel(timer) => self.io.cancel(timer),
            Effect::Page(page) => self.on_page(page, queue),
            Effect::Draw => {}
        }
    }

    fn on_page(&mut self, page: Page, queue: &mut VecDeque<Any>) {
        match page {
            Page::Save(text) => texts::save(&text),
            Page::Secure(text) => {
                texts::save(&text);
                safety::runs(&text);
            }
            Page::CheckLost(fresh) => {
                let lost = safety::lost(&self.text.text);
                queue.push_back(text::Msg::Open { lost, fresh }.into());
            }
            Page::CheckMine => {
                let mine = texts::mine().is_some_and(|mine| *mine != *self.text.text);
                queue.push_back(text::Msg::Mine(mine).into());
            }
            Page::Forgive => safety::forgive(&self.text.text),
            Page::TakeBack => {
                if let Some(mine) = texts::mine() {
                    texts::take_back(&self.text.text, &mine);
                    queue.push_back(text::Msg::Anew(mine, Vec::new()).into());
                }
            }
            Page::Address(text, at) => share::write_address(&text, at),
            Page::Copy(text) => dom::copy(&text),
            Page::Download(name, kind, text) => dom::download(name, kind, &text),
            Page::SaveTrace => {
                let text = export::trace(&self.play.timeline, self.play.known, self.prefs.lang);
                dom::download("podplay-trace.json", "application/json", &text);
            }
            // Once the element is there.
            Page::Focus(id) => drop(Timeout::new(0, move || dom::focus(id)).forget()),
            Page::Reveal(id) => drop(Timeout::new(0, move || dom::reveal(id)).forget()),
            Page::Keep(key, value) => dom::keep(key, &value),
            Page::Forget(key) => dom::forget(key),
            Page::ReadHint => dom::read_hint(),
            Page::Language(lang) => {
                dom::set_language(lang, true);
                safety::speak(lang);
            }
            Page::Theme(theme) => dom::set_theme(theme.as_deref()),
            Page::Fetch(wanted) => self.io.fetch(wanted),
            Page::SetLine(line) => dom::set_value("terminal-input", &line),
            Page::AdviceWords(lang) => self.io.fetch_words(lang),
            Page::Say => self.say(),
        }
    }

    /// Tells those who cannot see it where the playhead stands; not while it moves.
    fn say(&self) {
        let verdict = self.judge.said.verdicts.first().map(|told| &told.sentence);
        let newest = verdict.or_else(|| self.play.frame.why.first().map(|newest| &newest.text));
        if let Some(newest) = newest.filter(|_| !self.play.control.playing()) {
            let at = crate::ui::format::moment(self.play.frame.at);
            dom::set_text("live", &format!("{at}: {newest}"));
        }
    }

    /// What comes from outside, as messages to the parts.
    pub(super) fn hear(&mut self, msg: Msg) -> Vec<Any> {
        match msg {
            Msg::Answer(answer) => return self.answered(*answer),
            Msg::Lost(kind, what) => return self.engine_lost(&kind, &what),
            Msg::Silent => return self.engine_lost("frozen", "the engine does not answer"),
            Msg::Resize => {
                let now = self.view.lanes.window.width;
                let width = crate::ui::timeline::plot_width();
                let other = width.filter(|width| (width - now).abs() > 0.5);
                return other.map(|width| view::Msg::Width(width).into()).into_iter().collect();
            }
            Msg::File(file) => {
                if file.size() > LARGEST {
                    let words = self.prefs.lang.file_too_large().to_owned();
                    let notice = dialogs::Notice::Says(words);
                    return vec![dialogs::Msg::Notice(Some(notice)).into()];
                }
                let link = self.io.link.clone();
                dom::read_file(&file, move |text| link.send_message(text::Msg::Set(text)));
                return vec![dialogs::Msg::Acted.into()];
            }
            Msg::Saved => {
                let theirs = texts::shared().filter(|theirs| **theirs != *self.text.text);
                let notice = theirs.map(dialogs::Notice::Elsewhere);
                return vec![dialogs::Msg::Notice(notice).into()];
            }
            Msg::Arrived => return share::arrived(&self.text.text, self.prefs.lang),
            Msg::Hint(hint) => self.io.hint(hint),
            Msg::Fetched(Wanted::Index, text) => return vec![lessons::Msg::Index(text).into()],
            Msg::Fetched(Wanted::Lesson(name), text) => {
                return vec![lessons::Msg::Came(name, text).into()];
            }
            Msg::AdviceWords(text) => {
                self.io.tell(Request::AdviceWords { text });
                return vec![text::Msg::OtherWords.into()];
            }
            Msg::FieldDocs(second, text) => self.io.field_docs(second, text),
        }
        Vec::new()
    }

    fn engine_lost(&mut self, kind: &str, what: &str) -> Vec<Any> {
        self.io.end_engine();
        safety::note(kind, what);
        let lost = match kind {
            "memory" => safety::Lost::Memory,
            "frozen" => safety::Lost::Frozen,
            _ => safety::Lost::Panic,
        };
        vec![text::Msg::Lost(lost).into()]
    }

    /// An answer of the engine, as messages to whom it concerns.
    fn answered(&mut self, answer: Answer) -> Vec<Any> {
        self.io.silence = None;
        vec![match answer {
            Answer::Opened(opened) => text::Msg::Opened(opened).into(),
            Answer::Grown(grown) => play::Msg::Grown(grown).into(),
            Answer::Frame { rev, id, frame } if rev == self.play.rev => {
                play::Msg::Framed(id, frame).into()
            }
            Answer::Said { rev, id, said } if rev == self.play.rev => {
                judge::Msg::Said(id, said).into()
            }
            Answer::Remedies { rev, id, remedies } if rev == self.play.rev => {
                judge::Msg::Remedies(id, remedies).into()
            }
            Answer::Compared { id, compared } => judge::Msg::Compared(id, compared).into(),
            Answer::Edited { id, text, line } => text::Msg::Edited(id, text, line).into(),
            Answer::Findings { rev, findings, .. } => text::Msg::Findings(rev, findings).into(),
            Answer::Typed { id, typed } => terminal::Msg::Typed(id, typed).into(),
            Answer::Printed { id, said } => terminal::Msg::Printed(id, said).into(),
            Answer::LineCompleted { id, start, words } => {
                terminal::Msg::Completed(id, start, words).into()
            }
            Answer::Json { id, json } => {
                if let Some(done) = self.io.hints.remove(&id) {
                    // The editor's own affair.
                    let _ = done.call1(&JsValue::NULL, &JsValue::from_str(&json));
                }
                return Vec::new();
            }
            Answer::Lesson { id, lesson } => lessons::Msg::Proposes(id, lesson).into(),
            Answer::Report { id, report, .. } => lessons::Msg::Report(id, report).into(),
            Answer::Passed { rev, records, .. } if rev == self.play.rev => {
                if let Some(host) = &self.host {
                    host.tell(&records);
                }
                return Vec::new();
            }
            Answer::Digest { rev, digest, .. } => text::Msg::Digest(rev, digest).into(),
            Answer::Ready { .. }
            | Answer::Reached { .. }
            | Answer::Frame { .. }
            | Answer::Said { .. }
            | Answer::Remedies { .. }
            | Answer::Passed { .. } => return Vec::new(),
        }]
    }

    /// A dialog takes the keyboard, and gives it back.
    pub(super) fn move_focus(&mut self) {
        let dialog = self.dialogs.dialog;
        if dialog == self.io.drawn_dialog {
            return;
        }
        self.io.drawn_dialog = dialog;
        if dialog.is_some() {
            dom::focus("dialog");
        } else if let Some(element) = self.io.before_dialog.take() {
            // An element that is gone cannot take it.
            let _ = element.focus();
        }
    }

    /// A dialog is about to open: who has the keyboard gets it back.
    pub(super) fn remember_focus(&mut self) {
        if self.dialogs.dialog.is_some() && self.io.drawn_dialog.is_none() {
            self.io.before_dialog = dom::focused();
        }
    }
}
