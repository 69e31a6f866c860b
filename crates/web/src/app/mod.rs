//! The page: its parts, each with its own messages, and what goes between them.
//!
//! A message changes one part, which answers with effects: messages to other parts, questions to the engine, and what
//! only the browser can do. All that follows from a message is done before the page is drawn.

mod dialogs;
pub(crate) mod effect;
mod facts;
pub(crate) mod io;
pub(crate) mod judge;
mod keys;
pub(crate) mod lessons;
pub(crate) mod msg;
mod page;
mod paint;
pub(crate) mod play;
pub(crate) mod prefs;
mod share;
pub(crate) mod terminal;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod view;

use crate::embed::{self, Embed};
use crate::{dom, safety};
use effect::{Effect, Effects, Page};
use podplay_timeline::Ask;
use std::collections::VecDeque;
use std::rc::Rc;
use yew::{Component, Context, Html};

pub(crate) use msg::Msg;
pub(crate) use msg::dialogs::{Dialog, Msg as DialogMsg, Notice};
pub(crate) use msg::view::Pane;

pub(crate) type Scope = yew::html::Scope<App>;

/// The page.
pub struct App {
    pub(crate) prefs: prefs::Prefs,
    pub(crate) text: text::Text,
    pub(crate) play: play::Play,
    pub(crate) view: view::View,
    pub(crate) judge: judge::Judge,
    pub(crate) dialogs: dialogs::Dialogs,
    pub(crate) lessons: lessons::Lessons,
    pub(crate) terminal: terminal::Terminal,
    /// The conversation with the page around this one, if there is one.
    pub(crate) host: Option<Embed>,
    io: io::Io,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let prefs = prefs::Prefs { lang: dom::language(), theme: dom::theme() };
        let lang = prefs.lang;
        dom::set_language(lang, false);
        safety::begin(lang);
        let start = share::start();
        let text: Rc<str> = start.text.as_str().into();
        let held = safety::lost(&text).is_some();
        let says = |problem| Notice::Says(share::explain(problem, lang).to_owned());
        let kept = lessons::Kept {
            passed: dom::kept(dom::PASSED),
            own: dom::kept(dom::OWN),
            lesson: dom::kept(dom::LESSON),
            panel: dom::asked("panels").is_none_or(|panels| panels.contains("lesson")),
        };
        let mut play = play::Play::default();
        play.control.ask(Ask::Speed(500), play.end, &[]);
        let mut app = Self {
            host: Embed::new(&text),
            text: text::Text::new(text),
            play,
            view: view::View::new(embed::first_pane()),
            judge: judge::Judge::default(),
            dialogs: dialogs::Dialogs::new(start.first_visit && !held, start.problem.map(says)),
            lessons: lessons::Lessons::new(&kept),
            terminal: terminal::Terminal::default(),
            io: io::Io::new(link),
            prefs,
        };
        app.begin(start.at, start.first_visit && !held, start.lesson);
        app
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        let ticks = matches!(msg, Msg::Play(play::Msg::Tick(_)));
        if ticks {
            self.io.ticked();
        }
        let draws = self.handle(msg);
        if ticks && !draws {
            self.paint();
            self.report();
        }
        if self.play.control.playing() {
            self.io.wake();
        }
        self.remember_focus();
        self.io.watch(self.text.is_waiting() || !self.play.is_settled());
        draws
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.page(ctx.link())
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            ctx.link().send_message(io::Msg::Resize);
            crate::ui::splitter::restore();
            if let Some(host) = &mut self.host {
                host.listen(ctx.link());
            }
        }
        self.move_focus();
        self.paint();
        self.report();
        let drawn = self.text.held.is_none() && !self.text.is_waiting() && self.play.is_settled();
        if drawn && !self.play.is_computing() {
            safety::drawn();
        }
        self.handle(text::Msg::Drawn.into());
    }
}

impl App {
    /// The page begins: the text is opened, and time perhaps set going.
    fn begin(
        &mut self,
        at: Option<podplay_api::SimTime>,
        first_visit: bool,
        lesson: Option<(String, bool)>,
    ) {
        let ask = |ask| play::Msg::Ask(ask).into();
        let still = dom::matches("(prefers-reduced-motion: reduce)");
        let mut then: Vec<Msg> = match at {
            Some(at) => vec![ask(Ask::Seek(at))],
            None if first_visit && !still => vec![ask(Ask::Play)],
            None => Vec::new(),
        };
        then.extend(embed::begin());
        self.handle(text::Msg::Begin(then).into());
        if let Some((name, same_text)) = lesson {
            self.handle(lessons::Msg::Begin(name, same_text).into());
        }
        let words = Effect::Page(Page::AdviceWords(self.prefs.lang));
        self.perform(words, &mut VecDeque::new());
    }

    /// Does everything that follows from a message; whether something of it is to be drawn.
    fn handle(&mut self, msg: Msg) -> bool {
        let mut draws = !msg.is_quiet();
        let mut queue = VecDeque::from([msg]);
        while let Some(msg) = queue.pop_front() {
            if self.is_readonly() && msg.writes() {
                draws = true;
                continue;
            }
            for effect in self.update_part(msg) {
                draws |= matches!(effect, Effect::Draw);
                self.perform(effect, &mut queue);
            }
        }
        self.view.lay_out(&self.play);
        draws
    }

    /// The part that a message is for changes.
    fn update_part(&mut self, msg: Msg) -> Effects {
        let facts = self.facts();
        match msg {
            Msg::Text(msg) => self.text.update(msg, &facts),
            Msg::Play(msg) => self.play.update(msg, &facts),
            Msg::View(msg) => self.view.update(msg, &facts),
            Msg::Judge(msg) => self.judge.update(msg, &facts),
            Msg::Dialogs(msg) => self.dialogs.update(msg, &facts),
            Msg::Learn(msg) => self.lessons.update(msg, &facts),
            Msg::Terminal(msg) => self.terminal.update(msg, &facts),
            Msg::Prefs(msg) => self.prefs.update(msg, &facts),
            Msg::Host(heard) => {
                let host = self.host.as_mut();
                host.map(|host| host.update(heard, &facts)).unwrap_or_default()
            }
            Msg::Io(msg) => self.hear(msg).into_iter().map(Effect::Do).collect(),
        }
    }

    /// Tells the page around what has changed.
    fn report(&mut self) {
        let facts = self.facts();
        let passed = self.play.records();
        let asks = self.host.as_mut().and_then(|host| host.report(&facts, passed));
        if let Some(request) = asks {
            self.io.ask(&request);
        }
    }
}
