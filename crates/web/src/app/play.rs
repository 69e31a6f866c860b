//! The run and its playing: the lanes as far as they are known, the frame that is shown, and the playhead.
//!
//! A frame is asked for by moment and selection. While one is on its way the newest wish is kept, and asked for when
//! the answer comes; until then the last frame stays drawn.

use super::effect::{Effect, Effects, Facts, Page};
pub(crate) use super::msg::play::Msg;
use super::msg::{judge, terminal, text, view};
use podplay_api::SimTime;
use podplay_protocol::{Frame, Grown, Look, Opened, Request};
use podplay_timeline::scale::{moment, seconds};
use podplay_timeline::{Ask, Control, Timeline};
use std::rc::Rc;
use std::time::Duration;

/// Longest step of the playhead in milliseconds, so that a hidden tab does not jump.
const LONGEST: f64 = 100.0;
/// Milliseconds between two frames that are asked for while playing.
const REFRESH: f64 = 80.0;

/// The run and its playing.
pub(crate) struct Play {
    /// The number of the newest text that was opened; 0 before the first.
    pub(crate) rev: u32,
    /// The number of the text that is run: an older one while the newest cannot be read.
    run: u32,
    /// Its lanes.
    pub(crate) timeline: Timeline,
    /// The moments of its records, in order.
    pub(crate) moments: Vec<SimTime>,
    /// How far it is known.
    pub(crate) known: SimTime,
    /// Its end.
    pub(crate) end: SimTime,
    /// Whether computing goes on.
    pub(crate) computing: bool,
    /// The playhead.
    pub(crate) control: Control,
    /// What is shown of the moment.
    pub(crate) frame: Rc<Frame>,
    /// What the API server refused.
    pub(crate) refusals: Rc<[String]>,
    frames: Frames,
    clock: Clock,
    /// Those who cannot see it are told of the next frame.
    speaks: bool,
}

impl Default for Play {
    fn default() -> Self {
        Self {
            rev: 0,
            run: 0,
            timeline: Timeline::default(),
            moments: Vec::new(),
            known: SimTime::ZERO,
            end: SimTime::ZERO,
            computing: true,
            control: Control::default(),
            frame: Rc::default(),
            refusals: Rc::new([]),
            frames: Frames::default(),
            clock: Clock::default(),
            speaks: false,
        }
    }
}

/// The frames that were asked for.
#[derive(Default)]
struct Frames {
    last: u32,
    /// The one on its way, with what it looks at.
    coming: Option<(u32, Look)>,
    /// The one that is shown: the engine sends it again when a command goes on by itself.
    shown: (u32, Look),
    /// A newer one is wanted.
    wanted: bool,
}

/// What ticks need to remember.
#[derive(Default)]
struct Clock {
    last: Option<f64>,
    drawn: f64,
    /// Whole seconds and records of what was asked for.
    shown: (u64, usize),
}

impl Play {
    /// Whether there is something left to compute.
    pub(crate) fn is_computing(&self) -> bool {
        self.computing && self.known < self.end
    }

    /// Whether what is shown is of the playhead's moment.
    pub(crate) const fn is_settled(&self) -> bool {
        self.frames.coming.is_none() && !self.frames.wanted
    }

    /// How many records there are at the playhead.
    pub(crate) fn records(&self) -> usize {
        self.moments.partition_point(|moment| *moment <= self.control.at())
    }

    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        let at = self.control.at();
        let next = |moments: &[SimTime]| {
            moments.get(moments.partition_point(|moment| *moment <= at)).copied()
        };
        match msg {
            Msg::Tick(now) => self.tick(now),
            Msg::Ask(ask) => {
                let lets_go = matches!(ask, Ask::Seek(_) | Ask::Next | Ask::Previous);
                self.control.ask(ask, self.end, &self.moments);
                self.moved(lets_go.then_some(view::Msg::LetGo))
            }
            Msg::Nudge(by) => self.stop_at(moment(seconds(at) + by)),
            Msg::NextChange => self.stop_at(next(self.timeline.changes()).unwrap_or(self.end)),
            Msg::NextRestart => self.stop_at(next(self.timeline.restarts()).unwrap_or(self.end)),
            Msg::LoopHere => {
                let range = self.stretch(at).filter(|_| self.control.range().is_none());
                self.control.ask(Ask::Loop(range), self.end, &[]);
                self.moved(None)
            }
            Msg::Record(record, at) => {
                let mut effects = self.stop_at(at);
                effects.insert(1, Effect::Do(view::Msg::Pin(record, at).into()));
                effects
            }
            Msg::Compute(on) => {
                self.computing = on;
                vec![Effect::Ask(Request::Compute { on })]
            }
            Msg::Opened(opened) => self.opened(*opened, facts),
            Msg::Stays(rev) => {
                self.rev = rev;
                self.frames = Frames { last: self.frames.last, ..Frames::default() };
                vec![Effect::Do(Msg::Refresh.into())]
            }
            Msg::Grown(grown) => self.grown(*grown),
            Msg::Reach(to) => self.reach(to, facts),
            Msg::Forward(to) if at < to => self.forward(to, facts),
            Msg::Past(to) if at < to && !self.control.playing() => self.forward(to, facts),
            Msg::Forward(_) | Msg::Past(_) => Vec::new(),
            Msg::Framed(id, frame) => self.framed(id, *frame),
            Msg::Refresh => self.refresh(facts),
            Msg::Closed => self.closed(),
            Msg::Lost => {
                self.frames.coming = None;
                self.frames.wanted = false;
                self.control.ask(Ask::Pause, self.end, &[]);
                Vec::new()
            }
        }
    }

    /// Moves the playhead on.
    fn tick(&mut self, now: f64) -> Effects {
        let passed = self.clock.last.map_or(16.0, |last| (now - last).clamp(0.0, LONGEST));
        let played = self.control.playing();
        self.control.update(Duration::from_micros((passed * 1000.0) as u64), self.end, self.known);
        self.clock.last = self.control.playing().then_some(now);
        let mut effects = vec![Effect::Do(view::Msg::Follow.into())];
        if played != self.control.playing() {
            effects.push(Effect::Draw);
        }
        let shown = (self.control.at().as_millis() / 1000, self.records());
        let due = now - self.clock.drawn > REFRESH || !self.control.playing();
        if shown != self.clock.shown && due {
            (self.clock.shown, self.clock.drawn) = (shown, now);
            effects.push(Effect::Do(Msg::Refresh.into()));
        }
        effects
    }

    /// The playhead was moved by hand.
    fn moved(&mut self, change: Option<view::Msg>) -> Effects {
        self.speaks = true;
        let change = change.map(|change| Effect::Do(change.into()));
        let rest = [Effect::Do(view::Msg::Reveal.into()), Effect::Do(Msg::Refresh.into())];
        change.into_iter().chain(rest).collect()
    }

    /// Stands still at a moment.
    fn stop_at(&mut self, at: SimTime) -> Effects {
        self.control.ask(Ask::Pause, self.end, &[]);
        self.control.ask(Ask::Seek(at), self.end, &[]);
        self.moved(Some(view::Msg::LetGo))
    }

    /// From the change before a moment to the one after it.
    fn stretch(&self, at: SimTime) -> Option<(SimTime, SimTime)> {
        let changes = self.timeline.changes();
        let index = changes.partition_point(|moment| *moment <= at);
        let from = index.checked_sub(1).map_or(SimTime::ZERO, |index| changes[index]);
        let to = changes.get(index).copied().unwrap_or(self.end);
        (from < to).then_some((from, to))
    }

    /// On to a moment.
    fn forward(&mut self, to: SimTime, facts: &Facts) -> Effects {
        let to = to.min(self.end);
        self.control.ask(Ask::Seek(to), self.end, &[]);
        self.reach(to, facts).into_iter().chain(self.moved(None)).collect()
    }

    fn reach(&self, to: SimTime, facts: &Facts) -> Effects {
        let to = to.min(self.end);
        let reach = Request::Reach { id: facts.id, rev: self.rev, to };
        let ask = (to > self.known).then_some(Effect::Ask(reach));
        ask.into_iter().collect()
    }

    fn opened(&mut self, opened: Opened, facts: &Facts) -> Effects {
        let at = self.control.at();
        let Opened { rev, another, grown, frame, .. } = opened;
        if another {
            self.control.ask(Ask::Loop(None), grown.end, &[]);
            self.control.ask(Ask::Seek(SimTime::ZERO), grown.end, &[]);
            // Something new is shown living, unless that is unwanted.
            if !facts.still {
                self.control.ask(Ask::Play, grown.end, &[]);
            }
        } else {
            self.control.ask(Ask::Seek(at), grown.end, &[]);
        }
        (self.rev, self.run) = (rev, rev);
        self.timeline = Timeline::default();
        self.moments.clear();
        self.computing = true;
        self.frames = Frames { last: self.frames.last, ..Frames::default() };
        self.take(grown);
        let fits = frame.at == self.control.at().min(self.known);
        self.frames.shown = (0, facts.look.clone());
        let mut effects = self.show(frame);
        if !fits {
            effects.push(Effect::Do(Msg::Refresh.into()));
        }
        effects
    }

    fn take(&mut self, grown: Grown) {
        self.timeline.take(grown.piece);
        self.moments.extend(grown.moments);
        (self.known, self.end) = (grown.now, grown.end);
        if *self.refusals != *grown.refusals {
            self.refusals = grown.refusals.into();
        }
    }

    fn grown(&mut self, grown: Grown) -> Effects {
        if grown.rev != self.run {
            return Vec::new();
        }
        let missed = self.known < self.control.at();
        self.take(grown);
        let done = self.known >= self.end;
        let mut effects = Vec::new();
        // What comes next is known only now.
        if missed || done || !self.control.playing() {
            effects.push(Effect::Do(Msg::Refresh.into()));
        }
        if done {
            effects.push(Effect::Do(text::Msg::AskDigest.into()));
        }
        effects
    }

    fn refresh(&mut self, facts: &Facts) -> Effects {
        if self.rev == 0 {
            return Vec::new();
        }
        if self.frames.coming.is_some() {
            self.frames.wanted = true;
            return Vec::new();
        }
        self.frames.wanted = false;
        self.frames.last += 1;
        let (id, look) = (self.frames.last, facts.look.clone());
        self.frames.coming = Some((id, look.clone()));
        let at = self.control.at().min(self.known);
        vec![Effect::Ask(Request::Frame { rev: self.rev, id, at, look })]
    }

    fn framed(&mut self, id: u32, frame: Frame) -> Effects {
        if let Some((id, look)) = self.frames.coming.take_if(|(coming, _)| *coming == id) {
            self.frames.shown = (id, look);
        } else if id != self.frames.shown.0 {
            return Vec::new();
        }
        let mut effects = self.show(frame);
        if self.frames.coming.is_none() && std::mem::take(&mut self.frames.wanted) {
            effects.push(Effect::Do(Msg::Refresh.into()));
        }
        effects
    }

    /// What is drawn from now on.
    fn show(&mut self, frame: Frame) -> Effects {
        let look = self.frames.shown.1.clone();
        let (kept, pinned) = (frame.selected.clone(), frame.pinned.clone());
        if *self.frame != frame {
            self.frame = Rc::new(frame);
        }
        let mut effects = vec![
            Effect::Do(view::Msg::Framed { look, kept, pinned }.into()),
            Effect::Do(terminal::Msg::Moved.into()),
            Effect::Do(judge::Msg::Later.into()),
        ];
        // What is said is said of the playhead's moment, not of one that it has passed.
        if self.speaks && self.frame.at == self.control.at().min(self.known) {
            self.speaks = false;
            effects.push(Effect::Page(Page::Say));
        }
        effects
    }

    fn closed(&mut self) -> Effects {
        *self = Self {
            control: std::mem::take(&mut self.control),
            frames: Frames { last: self.frames.last, ..Frames::default() },
            ..Self::default()
        };
        self.control.ask(Ask::Pause, self.end, &[]);
        self.control.ask(Ask::Seek(SimTime::ZERO), self.end, &[]);
        vec![Effect::Ask(Request::Compute { on: false })]
    }
}
