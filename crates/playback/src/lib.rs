//! A recorded run: from a text to a trace, checkpoints and seeking, play control, the recording
//! that `-o json` prints, and the codec of share links.
//!
#![doc = include_str!("../README.md")]

pub mod compare;
pub mod digest;
pub mod expect;
mod jq;
pub mod lesson;
pub mod plan;
pub mod recording;
pub mod requests;
pub mod run;
pub mod session;
pub mod span;
pub mod statement;
pub mod terminal;
mod timeline;
pub mod watch;
pub mod why;

pub use plan::{Act, Entry, Plan};
pub use podplay_protocol::{paste, share};
pub use podplay_timeline::control::{self, Control};
pub use recording::recording;
pub use run::{CommandLog, Moment, Run};
pub use span::Span;
pub use watch::Watch;

/// Runs a text to its end and returns what `podplay run -o json` prints.
pub fn record(text: &str, name: &str) -> podplay_api::Value {
    let mut run = Run::new(text);
    run.finish();
    recording(&run, name)
}
