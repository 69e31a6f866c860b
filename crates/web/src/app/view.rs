//! What is looked at: the window of the timeline, the chosen pod, object and record, the open tab and pane.
//!
//! Objects are chosen by namespace and name, and a record by its number together with what it is of: after an edit
//! another record of that number lets it go.

use super::effect::{Effect, Effects, Facts, Timer};
pub(crate) use super::msg::view::{Msg, Pane};
use super::msg::{io, judge, play};
use super::play::Play;
use crate::ui::memo::Shared;
use podplay_api::{RecordId, SimTime};
use podplay_protocol::{Look, Selection, Tab, Target};
use podplay_timeline::layout::{self, Layout};
use podplay_timeline::scale::{Window, seconds};
use podplay_timeline::{Band, Timeline};
use std::collections::BTreeSet;

/// Pods beyond this number begin collapsed, and all but the first of those of controllers, which are alike.
const OPEN_PODS: u32 = 3;

/// What is looked at.
pub(crate) struct View {
    /// What the timeline shows.
    pub(crate) lanes: layout::View,
    /// Whether the window is the whole run, whatever its length.
    fits: bool,
    /// Whether the window moves along with the playhead.
    follows: bool,
    /// How many pods were seen, some of which were collapsed then.
    pods: u32,
    /// The window in pixels.
    pub(crate) layout: Shared<Layout>,
    /// The whole run in pixels.
    pub(crate) overview: Shared<Layout>,
    /// What both show: the text's number, how many records, in which view.
    drawn: Option<((u32, usize), layout::View)>,
    whole: Option<((u32, usize), layout::View)>,
    /// The chosen pod or container.
    pub(crate) selected: Option<Selection>,
    /// The object that is looked at, if it is no pod.
    pub(crate) target: Option<Target>,
    /// Whether a person chose what is looked at.
    pub(crate) chosen: bool,
    /// The chosen record.
    pub(crate) record: Option<RecordId>,
    /// When and of what it is, once that is known.
    pub(crate) pinned: Option<(SimTime, String)>,
    /// The open tab.
    pub(crate) tab: Tab,
    /// Whether the logs are of the instance before.
    pub(crate) previous: bool,
    /// What a narrow screen shows.
    pub(crate) pane: Pane,
}

impl View {
    /// Where the page looks before anything is known.
    pub(crate) fn new(pane: Pane) -> Self {
        let lanes = layout::View {
            window: Window { from: 0.0, to: 300.0, width: 900.0 },
            collapsed: BTreeSet::new(),
            conditions: false,
            folded: false,
            known: SimTime::ZERO,
        };
        let layout = Shared::new(layout::layout(&Timeline::default(), &lanes));
        Self {
            lanes,
            fits: true,
            follows: true,
            pods: 0,
            overview: layout.clone(),
            layout,
            drawn: None,
            whole: None,
            selected: None,
            target: None,
            chosen: false,
            record: None,
            pinned: None,
            tab: Tab::default(),
            previous: false,
            pane,
        }
    }

    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Window(_)
            | Msg::Zoom(..)
            | Msg::Fit
            | Msg::Width(_)
            | Msg::Fold
            | Msg::Conditions
            | Msg::Collapse(_) => self.turned(msg, facts),
            Msg::Follow => self.follow(facts),
            Msg::Reveal => {
                let (at, window) = (seconds(facts.at), self.lanes.window);
                if at < window.from || at > window.to {
                    let middle = (window.from + window.to) / 2.0;
                    self.lanes.window = window.panned(at - middle, seconds(facts.end));
                    self.fits = false;
                }
                Vec::new()
            }
            Msg::Pane(pane) => {
                self.pane = pane;
                // The new pane has a size only when it has been drawn.
                vec![Effect::After(Timer::Resize, 0, io::Msg::Resize.into())]
            }
            Msg::Framed { look, kept, pinned } => self.framed(&look, kept, pinned),
            Msg::Anew => {
                let pane = self.pane;
                let width = self.lanes.window.width;
                let (conditions, folded) = (self.lanes.conditions, self.lanes.folded);
                let (tab, previous) = (self.tab, self.previous);
                *self = Self { tab, previous, ..Self::new(pane) };
                self.lanes.window.width = width;
                (self.lanes.conditions, self.lanes.folded) = (conditions, folded);
                Vec::new()
            }
            Msg::Begins => {
                self.pods = 0;
                Vec::new()
            }
            Msg::Select(_)
            | Msg::Look(_)
            | Msg::Worst { .. }
            | Msg::Pin(..)
            | Msg::LetGo
            | Msg::Unpin
            | Msg::Tab(_)
            | Msg::Previous(_) => self.chose(msg),
        }
    }

    /// Where the timeline looks.
    fn turned(&mut self, msg: Msg, facts: &Facts) -> Effects {
        let end = seconds(facts.end);
        let whole = |window: Window| window.to - window.from >= end - 1e-6;
        match msg {
            Msg::Window(window) => {
                self.fits = whole(window);
                self.lanes.window = window.within(end);
            }
            Msg::Zoom(factor, around) => {
                let around = around.unwrap_or_else(|| seconds(facts.at));
                self.lanes.window = self.lanes.window.zoomed(factor, around, end);
                self.fits = whole(self.lanes.window);
            }
            Msg::Width(width) => self.lanes.window.width = width,
            Msg::Fold => self.lanes.folded = !self.lanes.folded,
            Msg::Conditions => self.lanes.conditions = !self.lanes.conditions,
            Msg::Collapse(band) if self.lanes.collapsed.remove(&band) => {}
            Msg::Collapse(band) => drop(self.lanes.collapsed.insert(band)),
            _ => self.fits = true,
        }
        let window = self.lanes.window;
        self.follows = (window.from..=window.to).contains(&seconds(facts.at));
        Vec::new()
    }

    /// Keeps the playhead in the window while playing.
    fn follow(&mut self, facts: &Facts) -> Effects {
        let (at, window) = (seconds(facts.at), self.lanes.window);
        let seen = (window.from..=window.to).contains(&at);
        // Whoever moved the window away from the playhead wants to look there, until the two meet again.
        self.follows |= seen;
        if seen || !facts.playing || !self.follows {
            return Vec::new();
        }
        self.lanes.window =
            window.panned(at - window.from - (window.to - window.from) * 0.1, seconds(facts.end));
        self.fits = false;
        vec![Effect::Draw]
    }

    /// What is looked at.
    fn chose(&mut self, msg: Msg) -> Effects {
        let before = (self.selected.clone(), self.target.clone());
        match msg {
            Msg::Select(selected) => {
                (self.selected, self.target, self.chosen) = (selected, None, true);
                self.let_go();
            }
            Msg::Look(target) => {
                (self.target, self.chosen) = (Some(target), true);
                self.let_go();
                return vec![
                    Effect::Do(play::Msg::Refresh.into()),
                    Effect::Do(judge::Msg::Due.into()),
                ];
            }
            Msg::Worst { target, pod } => {
                // A person may have chosen meanwhile.
                if !self.chosen && self.record.is_none() {
                    self.worst(target, pod);
                }
                if before == (self.selected.clone(), self.target.clone()) {
                    return Vec::new();
                }
            }
            Msg::Pin(record, at) => {
                self.tab = if record.is_some() { Tab::Why } else { self.tab };
                self.record = record;
                self.pinned = record.map(|_| (at, String::new()));
                return Vec::new();
            }
            Msg::Unpin => self.let_go(),
            Msg::Tab(tab) => self.tab = tab,
            Msg::Previous(previous) => self.previous = previous,
            _ => {
                self.let_go();
                return Vec::new();
            }
        }
        vec![Effect::Do(play::Msg::Refresh.into())]
    }

    fn let_go(&mut self) {
        (self.record, self.pinned) = (None, None);
    }

    fn worst(&mut self, target: Option<Target>, pod: Option<Target>) {
        self.target = target;
        let Some(pod) = pod else { return };
        let same = |now: &Selection| now.pod == pod.name && now.namespace == pod.namespace;
        if !self.selected.as_ref().is_some_and(same) {
            self.selected =
                Some(Selection { namespace: pod.namespace, pod: pod.name, container: None });
        }
    }

    fn framed(
        &mut self,
        look: &Look,
        kept: Option<Selection>,
        pinned: Option<(SimTime, String)>,
    ) -> Effects {
        if look.selected == self.selected {
            self.selected = kept;
        }
        if self.record.is_none() || look.record != self.record {
            return Vec::new();
        }
        let known = self.pinned.as_ref().filter(|(_, of)| !of.is_empty());
        // The same number may be another object's record in another run.
        if pinned.is_none() || known.is_some_and(|known| Some(known) != pinned.as_ref()) {
            self.let_go();
            return vec![Effect::Do(play::Msg::Refresh.into())];
        }
        self.pinned = pinned;
        Vec::new()
    }

    /// What a frame is asked for.
    pub(crate) fn look(&self, lang: podplay_protocol::Lang) -> Look {
        Look {
            selected: self.selected.clone(),
            target: self.target.clone(),
            tab: self.tab,
            previous: self.previous,
            record: self.record,
            lang,
        }
    }

    /// Lays the timeline out anew, if something of it is another.
    pub(crate) fn lay_out(&mut self, play: &Play) {
        for index in self.pods..play.timeline.pods().len() as u32 {
            let alike = index > 0 && play.timeline.pods()[index as usize].owned;
            if index >= OPEN_PODS || alike {
                self.lanes.collapsed.insert(Band::Pod(index));
            }
        }
        self.pods = play.timeline.pods().len() as u32;
        // Before anything is known the timeline is an empty one.
        let end = if play.end > SimTime::ZERO { seconds(play.end) } else { 300.0 };
        let window = self.lanes.window;
        let all = Window { from: 0.0, to: end, width: window.width };
        self.lanes.window = if self.fits { all } else { window.within(end) };
        self.lanes.known = play.known;
        let of = (play.rev, play.moments.len());
        let seen = (of, self.lanes.clone());
        if self.drawn.as_ref() != Some(&seen) {
            self.layout = Shared::new(layout::layout(&play.timeline, &seen.1));
            self.drawn = Some(seen);
        }
        // The window moves on the overview, not it.
        let whole = (of, layout::View { window: all, folded: false, ..self.lanes.clone() });
        if self.whole.as_ref() != Some(&whole) {
            self.overview = Shared::new(layout::layout(&play.timeline, &whole.1));
            self.whole = Some(whole);
        }
    }
}
