//! How a command ends when it does not succeed, in kubectl's words.

use podplay_core::apiserver::ApiError;

/// What goes to standard error, without the last newline, and the exit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) exit: i32,
}

impl Failure {
    /// `error: message`
    pub(crate) fn error(message: impl core::fmt::Display) -> Self {
        Self { message: format!("error: {message}"), exit: 1 }
    }
    /// Words as they are.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: 1 }
    }
    /// An error of usage: kubectl points to its help.
    ///
    /// Models `kubectl/pkg/cmd/util/helpers.go` UsageErrorf.
    pub(crate) fn usage(command: &str, message: impl core::fmt::Display) -> Self {
        Self::error(format!("{message}\nSee 'kubectl {command} -h' for help and examples"))
    }
    /// An error of the flag parser.
    pub(crate) fn flag(command: &str, message: impl core::fmt::Display) -> Self {
        Self::error(format!("{message}\nSee 'kubectl {command} --help' for usage."))
    }
    /// Several, one a line.
    pub(crate) fn all(failures: Vec<Self>) -> Option<Self> {
        let exit = failures.iter().map(|failure| failure.exit).max()?;
        let alone = failures.len() == 1;
        let shown = |message: String| match message.strip_prefix("error: ") {
            Some(rest) if !alone => rest.to_owned(),
            _ => message,
        };
        let message = failures
            .into_iter()
            .map(|failure| shown(failure.message))
            .collect::<Vec<_>>()
            .join("\n");
        Some(Self { message, exit })
    }
    /// `pods "x" not found`
    pub(crate) fn not_found(resource: &str, name: &str) -> Self {
        ApiError::not_found(resource, name).into()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::plain(error.to_string())
    }
}

/// What a command's first part leads to.
pub(crate) enum Next {
    /// It has ended well.
    Done,
    /// It has ended with this status; what it says is written.
    Exit(i32),
    /// It goes on while time passes.
    Block(Box<dyn crate::task::Task>),
}

/// The result of a command's first part.
pub(crate) type Outcome = Result<Next, Failure>;
