//! The messages: what can happen to each part of the page. Parts know each other by these alone.

pub(crate) mod dialogs;
pub(crate) mod io;
pub(crate) mod judge;
pub(crate) mod lessons;
pub(crate) mod play;
pub(crate) mod prefs;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod view;

use crate::embed::Heard;

/// What can happen to the page.
#[derive(Debug)]
pub enum Msg {
    /// To the text.
    Text(text::Msg),
    /// To the run and its playing.
    Play(play::Msg),
    /// To what is looked at.
    View(view::Msg),
    /// To what holds things up.
    Judge(judge::Msg),
    /// To what lies over the page.
    Dialogs(dialogs::Msg),
    /// To the lessons.
    Learn(lessons::Msg),
    /// To the terminal.
    Terminal(terminal::Msg),
    /// To language and colours.
    Prefs(prefs::Msg),
    /// The page around this one asks something.
    Host(Heard),
    /// From outside.
    Io(io::Msg),
}

macro_rules! from_parts {
    ($($part:path => $msg:ident),* $(,)?) => {
        $(impl From<$part> for Msg {
            fn from(msg: $part) -> Self {
                Self::$msg(msg)
            }
        })*
    };
}
from_parts! {
    text::Msg => Text,
    play::Msg => Play,
    view::Msg => View,
    judge::Msg => Judge,
    dialogs::Msg => Dialogs,
    lessons::Msg => Learn,
    terminal::Msg => Terminal,
    prefs::Msg => Prefs,
    io::Msg => Io,
}

impl Msg {
    /// Whether it changes the text; commands are looked at when they are read.
    pub(super) const fn writes(&self) -> bool {
        use text::Msg as Text;
        match self {
            Self::Text(msg) => matches!(
                msg,
                Text::Typed(_)
                    | Text::Set(_)
                    | Text::Fix(..)
                    | Text::Fault(..)
                    | Text::DeletePod
                    | Text::MoveEntry(..)
                    | Text::RemoveEntry(_)
                    | Text::Example(_)
                    | Text::BackToMine
            ),
            Self::Judge(msg) => matches!(msg, judge::Msg::Apply(_)),
            Self::Learn(msg) => matches!(
                msg,
                lessons::Msg::Again | lessons::Msg::Answer | lessons::Msg::Edit | lessons::Msg::Own
            ),
            Self::Io(msg) => matches!(msg, io::Msg::File(_)),
            Self::Play(_)
            | Self::View(_)
            | Self::Dialogs(_)
            | Self::Terminal(_)
            | Self::Prefs(_)
            | Self::Host(_) => false,
        }
    }

    /// Whether it changes nothing that is drawn, unless its effects say so.
    pub(super) const fn is_quiet(&self) -> bool {
        matches!(
            self,
            Self::Play(play::Msg::Tick(_))
                | Self::Text(text::Msg::Typed(_) | text::Msg::Ahead | text::Msg::Drawn)
                | Self::Text(text::Msg::Address)
                | Self::Io(io::Msg::Hint(_) | io::Msg::FieldDocs(..))
        )
    }
}
