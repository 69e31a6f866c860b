//! The one error of xtask: what went wrong, and what the person can do about it.

use std::fmt;
use std::path::Path;

/// What every step returns.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// A step that could not be done.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong, one sentence.
    what: String,
    /// What to do about it, one sentence; empty when `what` says it all.
    advice: String,
}

impl Failure {
    /// A failure with a sentence that says what to do.
    pub(crate) fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(verb: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("could not {verb} {}: {error}", path.display()),
            "check that the path exists and that you may use it",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if self.advice.is_empty() {
            return Ok(());
        }
        write!(f, "\n  what to do: {}", self.advice)
    }
}

impl From<xshell::Error> for Failure {
    fn from(error: xshell::Error) -> Self {
        Self::new(error.to_string(), "the lines above say why; put that right and run it again")
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn advice_is_a_line_of_its_own() {
        let told = Failure::new("no browser", "install one").to_string();
        assert_eq!(told, "no browser\n  what to do: install one");
        assert_eq!(Failure::new("no browser", "").to_string(), "no browser");
    }
}
