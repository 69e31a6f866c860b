//! To the lessons.

use podplay_protocol::{Lesson, Report};

/// What can happen to the lessons.
#[derive(Debug)]
pub enum Msg {
    /// Goes on where the last visit was, or begins the lesson of the address; the text stays as it is, or not.
    Begin(String, bool),
    /// Show the lessons, or put them away.
    Toggle,
    /// Show the list.
    List,
    /// Begin a lesson.
    Open(String),
    /// The index has come, or could not be fetched.
    Index(Option<String>),
    /// A lesson has come, or could not be fetched.
    Came(String, Option<String>),
    /// The edit that a lesson proposes, as the answer to that question.
    Proposes(u32, Option<Lesson>),
    /// Judge the text.
    Check,
    /// Judge the run, now that it is the text's.
    CheckRun,
    /// What was said, as the answer to that question.
    Report(u32, Report),
    /// The lesson's manifest again.
    Again,
    /// The model answer.
    Answer,
    /// The edit that the lesson proposes.
    Edit,
    /// A link of the lesson's words.
    Follow(String),
    /// The text from before the lessons.
    Own,
    /// The run follows another text.
    TextChanged,
}
