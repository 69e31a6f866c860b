//! What an attempt of a probe was answered.

use crate::ids::RecordId;

/// What came back from an attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nobody listens.
    Refused,
    /// There is no way to the address.
    Unreachable,
    /// Nothing came in time.
    TimedOut,
    /// An HTTP status that is no success.
    Status(u16),
    /// The server answers HTTP without TLS.
    PlainHttp,
    /// The command ended with this code and said this.
    Exit(i32, String),
    /// The runtime could not start this program.
    NoProgram(String),
    /// Anything else, in the kubelet's words.
    Other(String),
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts for the container.
    Success,
    /// It counts against the container.
    Failure,
    /// It could not be made; it does not count.
    Error,
}

/// What an attempt said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub(crate) outcome: Outcome,
    pub(crate) text: String,
    pub(crate) warning: bool,
    pub(crate) exit: Option<i32>,
    pub(crate) reply: Option<Reply>,
    /// The fault that decided it.
    pub(crate) fault: Option<RecordId>,
}

impl Said {
    pub(crate) fn success() -> Self {
        Self {
            outcome: Outcome::Success,
            text: String::new(),
            warning: false,
            exit: None,
            reply: None,
            fault: None,
        }
    }
    pub(crate) fn failure(text: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failure,
            text: text.into(),
            warning: false,
            exit: None,
            reply: None,
            fault: None,
        }
    }
    pub(crate) fn because(self, reply: Reply) -> Self {
        Self { reply: Some(reply), ..self }
    }
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Error,
            text: text.into(),
            warning: false,
            exit: None,
            reply: None,
            fault: None,
        }
    }
}
