//! From outside of the page's state.

use crate::editor::Hint;
use podplay_protocol::Answer;

/// What comes from outside of the page's state.
#[derive(Debug)]
pub enum Msg {
    /// The engine answers.
    Answer(Box<Answer>),
    /// The engine has ended: how, and the words of that.
    Lost(String, String),
    /// The engine owes an answer for too long.
    Silent,
    /// The size of the page changed.
    Resize,
    /// A file was chosen or dropped.
    File(web_sys::File),
    /// Another tab saved a text.
    Saved,
    /// The address has another fragment.
    Arrived,
    /// The editor asks.
    Hint(Hint),
    /// A file of the site has come, or could not be fetched.
    Fetched(Wanted, Option<String>),
    /// The sentences of advice in the page's language have come; none for English.
    AdviceWords(String),
    /// Words about fields have come; whether they are in the second language.
    FieldDocs(bool, String),
}

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The list of lessons.
    Index,
    /// A lesson.
    Lesson(String),
}
