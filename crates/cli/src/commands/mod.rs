//! The subcommands, one module each.

pub(crate) mod diff;
pub(crate) mod incident;
pub(crate) mod kubectl;
pub(crate) mod lesson;
pub(crate) mod lint;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod why;

/// A subcommand's exit status, or why it could not be run.
pub(crate) type Outcome = Result<i32, String>;

/// Parses a length of time such as `10m`.
pub(crate) fn span(text: &str) -> Result<podplay_playback::Span, String> {
    podplay_playback::Span::parse(text)
        .ok_or_else(|| format!("\"{text}\" is no length of time: write 90, 1m30s or 500ms"))
}
