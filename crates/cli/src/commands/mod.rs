//! The subcommands, one module each.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod incident;
pub(crate) mod kubectl;
pub(crate) mod lesson;
pub(crate) mod lint;
pub(crate) mod mcp;
mod progress;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod test;
pub(crate) mod tune;
pub(crate) mod why;

/// What a cluster is assumed to have beside the text.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Assumptions {
    /// What the text refers to and a cluster would have: nothing (strict), or what is usual (helpful);
    /// the Scenario's `assume` otherwise
    #[arg(long, value_name = "strict|helpful", value_parser = assumptions)]
    assume: Option<podplay_manifest::Assume>,
}

impl Assumptions {
    /// What the command line asks for.
    pub(crate) const fn chosen(self) -> Option<podplay_manifest::Assume> {
        self.assume
    }
}

fn assumptions(word: &str) -> Result<podplay_manifest::Assume, String> {
    podplay_manifest::Assume::parse(word).ok_or_else(|| "write strict or helpful".to_owned())
}

/// A subcommand's exit status, or why it could not be run.
pub(crate) type Outcome = Result<i32, String>;

/// Parses a length of time such as `10m`.
pub(crate) fn span(text: &str) -> Result<podplay_playback::Span, String> {
    podplay_playback::Span::parse(text)
        .ok_or_else(|| format!("\"{text}\" is no length of time: write 90, 1m30s or 500ms"))
}
