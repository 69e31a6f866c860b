//! To what holds things up.

use podplay_protocol::{Compared, Remedies, Said};

/// What can happen to the judgement.
#[derive(Debug)]
pub enum Msg {
    /// A frame was drawn: the judgement follows once the playhead rests.
    Later,
    /// The playhead rests.
    Due,
    /// What holds things up, as the answer to that question.
    Said(u32, Box<Said>),
    /// Remedies are to be tried.
    Try,
    /// What would mend it, as the answer to that question.
    Remedies(u32, Remedies),
    /// The text becomes that of a remedy.
    Apply(usize),
    /// The run with a remedy beside the one without.
    Compare(usize),
    /// Both, as the answer to that question.
    Compared(u32, Box<Compared>),
    /// The language is another one.
    Spoken,
    /// Another text.
    Anew,
}
