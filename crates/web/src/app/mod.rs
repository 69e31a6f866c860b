//! The page's state and the messages that change it.

mod frame;
pub(crate) mod judge;
mod keys;
pub(crate) mod lessons;
mod msg;
mod run;
mod share;
pub(crate) mod terminal;
mod text;
mod view;

use crate::dom;
use crate::editor::Wish;
use crate::embed::{Embed, Heard};
use crate::lang::Lang;
use crate::safety::{self, Lost};
use crate::scene::Scene;
use gloo_timers::callback::Timeout;
use podplay_api::SimTime;
use podplay_core::RecordId;
use podplay_playback::control::Ask;
use podplay_playback::{Control, Moment, Run};
use podplay_views::timeline::layout::{Layout, View};
use podplay_views::timeline::scale::Window;
use podplay_views::timeline::{Band, Timeline};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::{Component, Context, Html};

pub(crate) use msg::Msg;

pub(crate) type Scope = yew::html::Scope<App>;

/// What the inspector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The chain of causes.
    #[default]
    Why,
    /// `kubectl describe pod`
    Describe,
    /// `kubectl get events`
    Events,
    /// `kubectl logs`
    Logs,
    /// `kubectl get pod -o yaml`
    Yaml,
}

/// What a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The text.
    Text,
    /// Stage and timeline.
    #[default]
    Run,
    /// The inspector.
    Inspect,
    /// The lessons.
    Lesson,
}

/// What lies over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The links.
    Share,
    /// The keys.
    Help,
    /// The faults.
    Faults,
    /// The examples.
    Examples,
    /// The run as a table.
    Table,
    /// A run beside the one with a remedy.
    Compare,
}

/// What is chosen: a pod, perhaps one of its containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The pod's namespace.
    pub(crate) namespace: String,
    /// The pod's name.
    pub(crate) pod: String,
    /// The container's name.
    pub(crate) container: Option<String>,
}

/// A note above the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// A sentence.
    Says(String),
    /// Another tab changed the text.
    Elsewhere(String),
}

/// A line of `kubectl get pods`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PodRow {
    /// As printed.
    pub(crate) line: String,
    /// The pod, and the record and the moment from which on it shows what it shows.
    pub(crate) state: Option<(Selection, RecordId, SimTime)>,
}

/// Where the timeline looks before anything is known.
fn first_view() -> View {
    View {
        window: Window { from: 0.0, to: 300.0, width: 900.0 },
        collapsed: BTreeSet::new(),
        conditions: false,
        folded: false,
        known: SimTime::ZERO,
    }
}

/// What the inspector and the stage show of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Panel {
    /// The stage.
    pub(crate) scene: Scene,
    /// The lines of `kubectl get pods`, with what each row's pod was doing.
    pub(crate) pods: Vec<PodRow>,
    /// The text of the open tab.
    pub(crate) text: String,
    /// The chain of causes.
    pub(crate) why: Vec<crate::why::Link>,
    /// What comes next.
    pub(crate) next: Option<(SimTime, String)>,
    /// Whether anything is recorded of it later.
    pub(crate) goes_on: bool,
    /// The moment.
    pub(crate) at: SimTime,
}

/// The page.
pub struct App {
    pub(crate) lang: Lang,
    pub(crate) theme: Option<String>,
    pub(crate) text: Rc<str>,
    pub(crate) run: Run,
    /// Whether the run is of an older text, because the newer one cannot be read.
    pub(crate) stale: bool,
    pub(crate) findings: Rc<[podplay_manifest::Diagnostic]>,
    /// Sentences of advice in the second language, when it is spoken.
    advice_words: String,
    /// Advice is due, and has been given before.
    advice: Option<Timeout>,
    advised: bool,
    /// All parts of the program are there.
    complete: bool,
    pub(crate) timeline: Timeline,
    /// How many records the timeline has taken.
    fed: usize,
    pub(crate) moments: Vec<SimTime>,
    pub(crate) control: Control,
    pub(crate) view: View,
    /// Whether the window is the whole run, whatever its length.
    pub(crate) fits: bool,
    /// Whether the window moves along with the playhead.
    follows: bool,
    pub(crate) layout: Rc<Layout>,
    pub(crate) overview: Rc<Layout>,
    /// What the overview shows: how many records, in which view.
    overview_of: Option<(usize, View)>,
    moment: Option<Moment>,
    pub(crate) panel: Rc<Panel>,
    pub(crate) selected: Option<Selection>,
    pub(crate) record: Option<RecordId>,
    /// When and of whom the chosen record is.
    pinned: Option<(SimTime, podplay_core::Subject)>,
    pub(crate) judge: judge::Judge,
    pub(crate) tab: Tab,
    pub(crate) previous: bool,
    pub(crate) pane: Pane,
    pub(crate) dialog: Option<Dialog>,
    /// The dialog that was drawn last, and what had the keyboard before it.
    drawn_dialog: Option<Dialog>,
    before_dialog: Option<web_sys::HtmlElement>,
    pub(crate) hint: bool,
    pub(crate) notice: Option<Notice>,
    pub(crate) wish: (u32, Wish),
    pub(crate) causes: Rc<[u32]>,
    pub(crate) terminal: terminal::Terminal,
    pub(crate) share_moment: bool,
    pub(crate) copied: bool,
    /// The lane that the table shows; all of them without.
    pub(crate) table_lane: Option<usize>,
    pub(crate) lessons: lessons::Lessons,
    /// Whether computing goes on.
    pub(crate) computing: bool,
    pub(crate) timeline_version: u64,
    pub(crate) panel_version: u64,
    /// The conversation with the page around this one, if there is one.
    pub(crate) embed: Option<Embed>,
    /// The text was lost the last time, and is not run until it is changed, or somebody asks for it.
    pub(crate) held: Option<Lost>,
    pub(crate) address: share::Address,
    settle: Option<[Timeout; 2]>,
    /// The run of the text, if it was worked out while the text rested.
    ahead: Option<Run>,
    saving: Option<Timeout>,
    clock: frame::Clock,
    _ears: keys::Ears,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link().clone();
        let lang = dom::language();
        dom::set_language(lang, false);
        safety::begin(lang);
        let start = share::start();
        let text: Rc<str> = start.text.as_str().into();
        let held = safety::lost(&text);
        if held.is_none() {
            safety::runs(&text);
        }
        let run = Run::new(if held.is_none() { &text } else { "" });
        let theme = dom::theme();
        let view = first_view();
        let timeline = Timeline::default();
        let layout = Rc::new(podplay_views::timeline::layout::layout(&timeline, &view));
        let mut app = Self {
            lang,
            theme,
            embed: Embed::new(&text),
            text,
            run,
            stale: false,
            findings: Rc::new([]),
            advice_words: String::new(),
            advice: None,
            advised: false,
            complete: false,
            timeline,
            fed: 0,
            moments: Vec::new(),
            control: Control::default(),
            view,
            fits: true,
            follows: true,
            overview: Rc::clone(&layout),
            overview_of: None,
            layout,
            moment: None,
            panel: Rc::default(),
            selected: None,
            record: None,
            pinned: None,
            judge: judge::Judge::new(&link),
            tab: Tab::default(),
            previous: false,
            pane: Self::first_pane(),
            dialog: None,
            drawn_dialog: None,
            before_dialog: None,
            hint: start.first_visit && held.is_none(),
            notice: start
                .problem
                .map(|problem| Notice::Says(share::explain(problem, lang).to_owned())),
            wish: (0, Wish::Nothing),
            causes: Rc::new([]),
            terminal: terminal::Terminal::default(),
            share_moment: true,
            copied: false,
            table_lane: None,
            lessons: lessons::Lessons::default(),
            computing: true,
            timeline_version: 0,
            panel_version: 0,
            held,
            address: share::Address::default(),
            settle: None,
            ahead: None,
            saving: None,
            clock: frame::Clock::default(),
            _ears: keys::listen(&link),
        };
        app.begin(start.at, start.first_visit, start.lesson, &link);
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let link = ctx.link();
        if self.is_readonly() && msg.writes() {
            return true;
        }
        match msg {
            Msg::Frame(now) => return self.frame(now, link),
            Msg::Typed(text) => return self.typed(text, link),
            Msg::Ahead => {
                self.work_ahead();
                return false;
            }
            Msg::Settled => self.settled(link),
            Msg::Fix(code, n) => self.fix(code, n, link),
            Msg::Advise => self.advise(),
            Msg::Complete => {
                self.complete = true;
                if !self.stale {
                    self.judge(link);
                }
                self.judge_later();
            }
            Msg::AdviceWords(words) => {
                self.advice_words = words;
                if self.advised {
                    self.advise();
                }
            }
            Msg::Text(text) => self.set_text(text, link),
            Msg::Ask(_)
            | Msg::Nudge(_)
            | Msg::NextChange
            | Msg::NextRestart
            | Msg::LoopHere
            | Msg::Record(..)
            | Msg::Compute(_) => self.play(msg, link),
            Msg::Window(_)
            | Msg::Zoom(..)
            | Msg::Fit
            | Msg::Resize
            | Msg::Fold
            | Msg::Conditions
            | Msg::Collapse(_) => self.look(msg),
            Msg::Select(_) | Msg::Tab(_) | Msg::Previous(_) => self.inspect(msg),
            Msg::Fault(..)
            | Msg::DeletePod
            | Msg::MoveEntry(..)
            | Msg::RemoveEntry(_)
            | Msg::Command(_)
            | Msg::Example(_)
            | Msg::Assume(_)
            | Msg::File(_) => {
                self.edit(msg, link);
            }
            Msg::Judged(judged) => self.judged(judged, link),
            Msg::Line(typed) => self.terminal_msg(typed),
            Msg::Arrived => self.arrive(link),
            Msg::Address => self.write_address(),
            Msg::BackToMine => self.back_to_mine(link),
            Msg::RunAgain => {
                safety::forgive(&self.text);
                self.settled(link);
            }
            Msg::EditText => self.wish_to_edit(link),
            Msg::Host(heard) => self.hear(heard, link),
            Msg::Learn(learn) => self.learn(learn, link),
            other => self.chrome(other, link),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.page(ctx.link())
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            ctx.link().send_message(Msg::Resize);
            crate::ui::splitter::restore();
            if let Some(embed) = &mut self.embed {
                embed.listen(ctx.link());
            }
        }
        self.move_focus();
        self.paint();
        self.report();
        if !self.is_computing() && self.held.is_none() && self.settle.is_none() {
            safety::drawn();
        }
        self.address_follows(ctx.link());
    }
}

impl App {
    /// A dialog takes the keyboard, and gives it back.
    fn move_focus(&mut self) {
        if self.dialog == self.drawn_dialog {
            return;
        }
        self.drawn_dialog = self.dialog;
        match self.dialog {
            Some(_) => dom::focus("dialog"),
            None => {
                if let Some(element) = self.before_dialog.take() {
                    // An element that is gone cannot take it.
                    let _ = element.focus();
                }
            }
        }
    }
}
