//! Verdicts: what holds an object up, the true cause first, with the fields of the text to change.

mod cause;
mod words;

pub use cause::{Answer, Cause, Source, Unbound};
pub use podplay_playback::why::Lang;
pub use words::time;

use podplay_api::SimTime;
use podplay_manifest::Span;

/// A field of the text that a verdict points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path within the object: `spec.containers[0].image`.
    pub path: String,
    /// Where it stands.
    pub span: Span,
}

/// What holds an object up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whom it is about: `pod/web`, `deployment/web`.
    pub subject: String,
    /// Why; code and sentence follow from it.
    pub cause: Cause,
    /// Since when it has been so.
    pub since: SimTime,
    /// The fields to look at, the one to change first.
    pub places: Vec<Place>,
    /// What was seen: the cluster's own words, the program's last lines.
    pub evidence: Vec<String>,
}

impl Verdict {
    /// The code, as the documentation lists it.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }
    /// The sentence, one line.
    pub fn sentence(&self, lang: Lang) -> String {
        self.cause.sentence(lang)
    }
}
