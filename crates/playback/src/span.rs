//! Lengths of time as people write them: `5m`, `1m30s`, `500ms`, `90`, `2.5`.

use std::time::Duration;

/// A length of time in a Scenario document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// Parses Go's durations and bare seconds; `d` stands for days.
    pub fn parse(text: &str) -> Option<Self> {
        podplay_api::length::parse_length(text).map(Self)
    }
}
