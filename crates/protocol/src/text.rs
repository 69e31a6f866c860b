//! What is said of a text, what becomes of it, and how its run grows.

use crate::frame::Frame;
use podplay_api::SimTime;
use podplay_timeline::piece::Piece;
use serde::{Deserialize, Serialize};

/// How bad a finding is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The object is not accepted.
    Error,
    /// Accepted, but probably not what was meant.
    Warning,
    /// Accepted and meant, but it could live better.
    Advice,
    /// Worth knowing.
    Info,
}

/// Something that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code such as `PP-0301`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The words of kubectl or the API server.
    pub message: String,
    /// One sentence that helps.
    pub help: Option<String>,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// What mends it.
    pub fix: Option<Fix>,
}

/// A change of the text that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What a button would say.
    pub title: String,
    /// The bytes that are replaced.
    pub start: usize,
    /// One past them.
    pub end: usize,
    /// By what.
    pub with: String,
}

impl Fix {
    /// The text after this change.
    pub fn apply(&self, text: &str) -> String {
        let mut out = text.to_owned();
        if text.get(self.start..self.end).is_some() {
            out.replace_range(self.start..self.end, &self.with);
        }
        out
    }
}

/// An entry of the Scenario's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the Scenario.
    pub index: usize,
    /// When.
    pub at: SimTime,
    /// What it is called.
    pub title: String,
    /// Whether it breaks something.
    pub breaks: bool,
}

/// A text that was read, and its run as far as it is computed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The text's number.
    pub rev: u32,
    /// The text cannot be read, and the run before it stays: of what follows only `findings` counts.
    pub stale: bool,
    /// It has no object in common with the text before.
    pub another: bool,
    /// Whether something in it is not accepted.
    pub has_errors: bool,
    /// How many objects it has.
    pub objects: usize,
    /// Whether any of them is run.
    pub any: bool,
    /// The entries of its Scenario.
    pub entries: Vec<Entry>,
    /// How many fields have no effect.
    pub not_simulated: usize,
    /// The bytes of its Scenario document: first, and one past the last.
    pub scenario: Option<(usize, usize)>,
    /// What was found in it, without advice.
    pub findings: Vec<Finding>,
    /// The run.
    pub grown: Grown,
    /// What the playhead's moment shows.
    pub frame: Frame,
}

/// What came to a run since the last message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// The text's number.
    pub rev: u32,
    /// How far the run is computed.
    pub now: SimTime,
    /// Its end.
    pub end: SimTime,
    /// New lanes, and what came to the others.
    pub piece: Piece,
    /// The times of the new records.
    pub moments: Vec<SimTime>,
    /// What the API server refused, all of it.
    pub refusals: Vec<String>,
}

/// A change of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// An entry of the timeline: the rest of its flow mapping, such as `kubectl: "get pods"`.
    Add {
        /// When.
        at: SimTime,
        /// What.
        action: String,
    },
    /// A kubectl command as an entry of the timeline.
    Command {
        /// When.
        at: SimTime,
        /// The command without `kubectl`.
        line: String,
    },
    /// An entry less.
    Remove {
        /// Its place.
        index: usize,
    },
    /// An entry at another moment.
    Shift {
        /// Its place.
        index: usize,
        /// When.
        at: SimTime,
    },
    /// How an image behaves, to be changed by a person; only the line if it is written already.
    Assume {
        /// The image.
        image: String,
        /// A port that it listens on.
        port: Option<u16>,
    },
}

/// Why a line of the terminal cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It goes to or comes from a file.
    Redirect,
    /// Several commands in one line.
    Several,
    /// The shell would have to put something in.
    Substitution,
    /// Another program than kubectl.
    Program(String),
    /// A quote is not closed.
    Quote(char),
}

/// What became of a line of the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typed {
    /// Nothing was typed.
    Empty,
    /// The screen is emptied.
    Clear,
    /// What can be typed is shown.
    Help,
    /// What was typed is shown.
    History,
    /// It cannot be done here.
    Refused(Refusal),
    /// It would change the text, which stays as it is.
    ReadOnly {
        /// The command as it is shown.
        shown: String,
    },
    /// It was answered at once.
    Printed {
        /// The command as it is shown.
        shown: String,
        /// What it printed.
        said: String,
        /// It would have changed something and failed: it is no entry.
        not_added: bool,
    },
    /// It goes on as the playhead moves: [`Frame::live`].
    Live {
        /// The command as it is shown.
        shown: String,
    },
    /// It becomes an entry of the text, whose run is computed ahead; what it prints comes as `Printed`.
    Entry {
        /// The command as it is shown.
        shown: String,
        /// The text with it.
        text: String,
        /// The moment at which it is over, or has at least begun: what is typed next comes after that.
        to: SimTime,
    },
}

/// A lesson's proposed edit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// It, if there is one.
    pub trial: Option<Trial>,
}

/// An edit that a lesson proposes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// This text of the manifest…
    pub from: String,
    /// …becomes this one.
    pub to: String,
}

impl Trial {
    /// The text with the edit made; `None` if there is nothing to replace.
    pub fn made(&self, text: &str) -> Option<String> {
        text.contains(&self.from).then(|| text.replacen(&self.from, &self.to, 1))
    }
}

/// What a run says to a statement of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// As it is written.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// The moment that decided.
    pub at: SimTime,
    /// The value at that moment.
    pub found: String,
}

/// What was said to an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// The text has errors.
    Unreadable,
    /// The run is not computed yet.
    Computing,
    /// What was changed that should not, and each statement.
    Judged(Vec<String>, Vec<Statement>),
}

impl Report {
    /// Whether the answer is right.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Judged(changed, lines) if changed.is_empty() && lines.iter().all(|line| line.holds))
    }
}

/// A record that says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// When.
    pub at: SimTime,
    /// What.
    pub text: String,
    /// The pod that it is about.
    pub pod: Option<String>,
    /// The container that it is about.
    pub container: Option<String>,
}
