//! What an update asks for. Updates touch neither the browser nor the engine, so that they can be tested without one;
//! `io` does what they ask.

use super::msg::Msg;
use super::msg::io::Wanted;
use crate::lang::Lang;
use podplay_api::SimTime;
use podplay_protocol::{Frame, Look, Request};
use std::rc::Rc;

/// What updates ask for, in the order in which it is done.
pub(crate) type Effects = Vec<Effect>;

/// Something to be done.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A message to a part; those of one update are handled in order, after it.
    Do(Msg),
    /// A question to the engine.
    Ask(Request),
    /// The text is to be opened by the engine under this number; `fresh` if nothing of the run before counts.
    Open {
        /// The number of the text.
        rev: u32,
        /// Whether it is shown from its beginning even if it speaks of the same objects.
        fresh: bool,
    },
    /// A message after so many milliseconds; one of the same timer that still waits is replaced.
    After(Timer, u32, Msg),
    /// The message of that timer is not sent.
    Cancel(Timer),
    /// Something that only the browser can do.
    Page(Page),
    /// The page is drawn, although nothing but time has passed.
    Draw,
}

/// The timers; each waits for one message at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The text has rested long enough to work ahead.
    Ahead,
    /// The text has rested long enough to be run.
    Settle,
    /// The text has rested long enough for advice.
    Advice,
    /// The address is due.
    Address,
    /// The playhead rests: what holds things up is asked for.
    Judge,
    /// Remedies are due.
    Try,
    /// The page's size is measured once it is drawn.
    Resize,
}

/// What only the browser can do.
#[derive(Debug)]
pub(crate) enum Page {
    /// The text is kept.
    Save(Rc<str>),
    /// The text is kept, and marked as being run.
    Secure(Rc<str>),
    /// Asks whether a run of the text was lost; the answer opens it, from its beginning if that is wanted.
    CheckLost(bool),
    /// The text may be run again, whatever became of it.
    Forgive,
    /// Asks whether the visitor's own text is put aside; the answer comes as a message.
    CheckMine,
    /// The visitor's own text is asked for, to take the place of a link's.
    TakeBack,
    /// The address carries this text and moment.
    Address(Rc<str>, Option<SimTime>),
    /// A text to copy.
    Copy(String),
    /// A file to save: name, kind, content.
    Download(&'static str, &'static str, String),
    /// The run as a trace, to save.
    SaveTrace,
    /// The keyboard goes to the element of that id, once it is drawn.
    Focus(&'static str),
    /// The element of that id is scrolled into view, once it is drawn.
    Reveal(&'static str),
    /// Something is kept under a name.
    Keep(&'static str, String),
    /// It is kept no longer.
    Forget(&'static str),
    /// The hint was read.
    ReadHint,
    /// The language that a person chose.
    Language(Lang),
    /// The colours: `light`, `dark`, or the system's.
    Theme(Option<String>),
    /// A file of the site is fetched.
    Fetch(Wanted),
    /// What stands in the terminal's line.
    SetLine(String),
    /// The sentences of advice in a language are fetched.
    AdviceWords(Lang),
    /// Those who cannot see it are told where the playhead stands.
    Say,
}

/// What an update knows of the other parts.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The page's language.
    pub(crate) lang: Lang,
    /// The text.
    pub(crate) text: Rc<str>,
    /// The number of the text that is shown.
    pub(crate) rev: u32,
    /// A number for a question, used by no other.
    pub(crate) id: u32,
    /// Whether what is shown is of the text as it stands.
    pub(crate) current: bool,
    /// Whether a run of the text is on its way.
    pub(crate) waiting: bool,
    /// What is shown of the moment.
    pub(crate) frame: Rc<Frame>,
    /// Whether the dialog of links is open.
    pub(crate) sharing: bool,
    /// Whether the reader may not change the text.
    pub(crate) readonly: bool,
    /// Whether this page is a part of another one.
    pub(crate) embedded: bool,
    /// Whether the page around wants it to play at once.
    pub(crate) autoplay: bool,
    /// Whether nothing is to move by itself.
    pub(crate) still: bool,
    /// The playhead.
    pub(crate) at: SimTime,
    /// The end of the run.
    pub(crate) end: SimTime,
    /// How far the run is known.
    pub(crate) known: SimTime,
    /// How many records there are.
    pub(crate) records: usize,
    /// Whether the playhead moves.
    pub(crate) playing: bool,
    /// What is looked at.
    pub(crate) look: Look,
    /// Whether a person chose it.
    pub(crate) chosen: bool,
    /// Whether the lessons are open.
    pub(crate) lesson: bool,
    /// Milliseconds since the page began.
    pub(crate) now: f64,
}
