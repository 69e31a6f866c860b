//! What a face can ask the engine, and what the engine answers: plain types, no behaviour.
//!
//! A [`Request`] and an [`Answer`] travel as bytes ([`to_bytes`], [`from_bytes`]). Both sides come from one build, and
//! [`VERSION`] tells two builds apart that are not. What a question is about is said by its `rev`, the number that the
//! face gave to the text when it opened it: an answer with an older number is about a text that is no longer shown.
//!
#![doc = include_str!("../README.md")]

pub mod frame;
pub mod judge;
pub mod paste;
pub mod share;
pub mod text;

pub use frame::{
    Answered, Assumption, Container, Flow, Frame, Link, Live, Look, PodRow, PodScene, Scene,
    Selection, Tab, Unfit,
};
pub use judge::{
    Compared, ComparedRow, ComparedRows, Proposal, ReadyFor, Remedies, Said, Target, Told, Trouble,
};
pub use text::{
    Edit, Entry, Finding, Fix, Grown, Lesson, Opened, Passed, Refusal, Report, Severity, Statement,
    Trial, Typed,
};

use podplay_api::SimTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version of the protocol: it changes with its types.
pub const VERSION: u32 = 1;

/// A language of sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// What is asked. Those with an `id` are answered once, with the same `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Reads a text and runs it; answered by [`Answer::Opened`]. What it has in common with the text before is not
    /// computed again, unless it is `fresh`.
    Open {
        /// The number of the text.
        rev: u32,
        /// The text.
        text: String,
        /// Whether nothing is taken over from the text before, not even when this one cannot be read.
        fresh: bool,
        /// The playhead: the run is computed so far at once, if that does not take long.
        at: SimTime,
        /// What is looked at.
        look: Look,
    },
    /// Reads and runs a text ahead, so that it is there when it is opened; not answered.
    Ahead {
        /// The text.
        text: String,
    },
    /// Goes on computing, or stands still.
    Compute {
        /// Whether it goes on.
        on: bool,
    },
    /// Computes to a moment before anything else, and answers [`Answer::Reached`].
    Reach {
        /// Which question.
        id: u32,
        /// The text's number.
        rev: u32,
        /// The moment.
        to: SimTime,
    },
    /// What a moment shows. Of those that wait only the newest is answered.
    Frame {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The moment.
        at: SimTime,
        /// What is looked at.
        look: Look,
    },
    /// What holds things up at a moment. Of those that wait only the newest is answered.
    Judge {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The moment.
        at: SimTime,
        /// What is looked at.
        look: Look,
        /// Whether a person chose it; if not, the most broken is looked at.
        chosen: bool,
    },
    /// What would mend the object that is looked at; a job.
    Remedies {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The moment.
        at: SimTime,
        /// The object.
        subject: Target,
        /// The language.
        lang: Lang,
        /// Whether it is tried even if it takes long.
        forced: bool,
    },
    /// The run of this text beside the run of another.
    Compare {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The other text.
        text: String,
    },
    /// Gives up a question that has not been answered.
    Cancel {
        /// Which question.
        id: u32,
    },
    /// A text with a change that keeps its comments and layout; answered by [`Answer::Edited`].
    Edit {
        /// Which question.
        id: u32,
        /// The text.
        text: String,
        /// The change.
        edit: Edit,
    },
    /// What could be better in the text, with everything else that was found.
    Advise {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
    },
    /// The sentences of advice in a language, a line each with the code in front; empty for English. Not answered.
    AdviceWords {
        /// The lines.
        text: String,
    },
    /// Words about fields; not answered.
    FieldDocs {
        /// Whether they are in the second language.
        second: bool,
        /// The lines.
        text: String,
    },
    /// Whether words about fields come in the second language; not answered.
    SecondLanguage {
        /// Whether they do.
        on: bool,
    },
    /// A line was typed into the terminal.
    Typed {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The line.
        line: String,
        /// The playhead.
        at: SimTime,
        /// The namespace that is meant where none is named.
        namespace: String,
        /// Whether the text stays as it is.
        readonly: bool,
    },
    /// The command in front ends; not answered.
    Interrupt,
    /// The commands on the screen are forgotten; not answered.
    Forget,
    /// Completes a line of the terminal.
    CompleteLine {
        /// Which question.
        id: u32,
        /// The line.
        line: String,
        /// The playhead.
        at: SimTime,
        /// The namespace that is meant where none is named.
        namespace: String,
    },
    /// What can be written at an offset, in UTF-16 units; answered by [`Answer::Json`].
    Complete {
        /// Which question.
        id: u32,
        /// The text.
        text: String,
        /// The offset.
        offset: u32,
        /// Whether a person asked for it.
        explicit: bool,
    },
    /// Which field stands at an offset, in UTF-16 units; answered by [`Answer::Json`].
    About {
        /// Which question.
        id: u32,
        /// The text.
        text: String,
        /// The offset.
        offset: u32,
    },
    /// The edit that a lesson proposes; answered by [`Answer::Lesson`].
    Lesson {
        /// Which question.
        id: u32,
        /// The lesson's manifest.
        manifest: String,
        /// Its `check.txt`.
        check: String,
    },
    /// Judges the run as the answer to a lesson; answered by [`Answer::Report`].
    Check {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The lesson's manifest.
        manifest: String,
        /// Its `check.txt`.
        check: String,
    },
    /// The records of a stretch that say something, by their places in the trace.
    Passed {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// The first.
        from: usize,
        /// One past the last.
        until: usize,
        /// The language.
        lang: Lang,
    },
    /// The digest of the run, once it is computed.
    Digest {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The engine is there; its version of the protocol.
    Ready {
        /// [`VERSION`] of its build.
        version: u32,
    },
    /// A text is open.
    Opened(Box<Opened>),
    /// The run has grown; comes unasked.
    Grown(Box<Grown>),
    /// A moment is computed.
    Reached {
        /// Which question.
        id: u32,
        /// The text's number.
        rev: u32,
        /// How far it is.
        now: SimTime,
    },
    /// What a moment shows.
    Frame {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// It.
        frame: Box<Frame>,
    },
    /// What holds things up.
    Said {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// It.
        said: Box<Said>,
    },
    /// What would mend it.
    Remedies {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// It.
        remedies: Remedies,
    },
    /// Two runs beside each other.
    Compared {
        /// Which question.
        id: u32,
        /// It.
        compared: Box<Compared>,
    },
    /// The changed text, and the line to look at.
    Edited {
        /// Which question.
        id: u32,
        /// The text.
        text: String,
        /// The line.
        line: Option<u32>,
    },
    /// All that was found in the text, with advice.
    Findings {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// In the order of the text.
        findings: Vec<Finding>,
    },
    /// What became of a line of the terminal.
    Typed {
        /// Which question.
        id: u32,
        /// It.
        typed: Typed,
    },
    /// What a command that is an entry of the text has printed by now; comes unasked.
    Printed {
        /// The question by which it was typed.
        id: u32,
        /// All that it has printed.
        said: String,
    },
    /// How a line of the terminal can go on.
    LineCompleted {
        /// Which question.
        id: u32,
        /// Where the word begins, in bytes.
        start: usize,
        /// What it could be.
        words: Vec<String>,
    },
    /// For the code editor, as it wants it; `null` for nothing.
    Json {
        /// Which question.
        id: u32,
        /// The JSON.
        json: String,
    },
    /// The edit that a lesson proposes; `None` if its script cannot be read.
    Lesson {
        /// Which question.
        id: u32,
        /// It.
        lesson: Option<Lesson>,
    },
    /// What the run says to an answer.
    Report {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// It.
        report: Report,
    },
    /// Records that say something.
    Passed {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// They.
        records: Vec<Passed>,
    },
    /// The digest; `None` while the run is not computed, or if it is too long.
    Digest {
        /// The text's number.
        rev: u32,
        /// Which question.
        id: u32,
        /// It.
        digest: Option<u64>,
    },
}

/// As bytes; empty for what cannot be written, which no type here is.
pub fn to_bytes(what: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(what).unwrap_or_default()
}

/// From bytes; `None` if they are not what is wanted.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
