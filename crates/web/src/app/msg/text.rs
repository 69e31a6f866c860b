//! To the text.

use super::Msg as Any;
use crate::editor::Wish;
use crate::safety::Lost;
use podplay_api::SimTime;
use podplay_protocol::{Finding, Opened};

/// What can happen to the text.
#[derive(Debug)]
pub enum Msg {
    /// The page begins with it; and then something happens.
    Begin(Vec<Any>),
    /// A person changed it.
    Typed(String),
    /// It has rested for a moment: time to work ahead.
    Ahead,
    /// It has rested long enough.
    Settled,
    /// It is to be run, unless a run of it was lost.
    Open {
        /// How a run of it was lost.
        lost: Option<Lost>,
        /// Whether it is shown from its beginning.
        fresh: bool,
    },
    /// It becomes this.
    Set(String),
    /// It becomes this, shown from its beginning even if it speaks of the same pods; and then something happens.
    Anew(String, Vec<Any>),
    /// It becomes this, and then something happens.
    Then(String, Vec<Any>),
    /// Something happens once what is shown is of the text as it stands.
    WhenOpen(Vec<Any>),
    /// It was read, and runs.
    Opened(Box<Opened>),
    /// It has rested long enough for advice.
    Advise,
    /// All that was found, with advice; of which text.
    Findings(u32, Vec<Finding>),
    /// Advice has other sentences.
    OtherWords,
    /// Mend what a finding says: its code, its place in the list.
    Fix(String, usize),
    /// A change that keeps comments and layout has been made.
    Edited(u32, String, Option<u32>),
    /// Break something: index in the palette, how long.
    Fault(usize, Option<&'static str>),
    /// Delete the chosen pod.
    DeletePod,
    /// Move an entry of the timeline.
    MoveEntry(usize, SimTime),
    /// Remove an entry of the timeline.
    RemoveEntry(usize),
    /// Write down how an image behaves, or go to where it is written.
    Assume(String),
    /// An example was chosen.
    Example(usize),
    /// The text that was lost is run after all.
    RunAgain,
    /// The engine was lost with the run.
    Lost(Lost),
    /// A wish to the editor.
    Wish(Wish),
    /// The editor takes the keyboard, on a narrow screen too.
    EditText,
    /// The visitor's own text again, after a link's.
    BackToMine,
    /// Whether the visitor's own text is put aside.
    Mine(bool),
    /// Something was drawn: the address follows once that rests.
    Drawn,
    /// A link was opened: the address says what is seen.
    Arrived,
    /// The address is due.
    Address,
    /// The digest is wanted, if it is shown.
    AskDigest,
    /// The digest of the run of that text.
    Digest(u32, Option<u64>),
}
