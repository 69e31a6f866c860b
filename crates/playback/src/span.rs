//! Lengths of time as people write them: `5m`, `1m30s`, `500ms`, `90`, `2.5`.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
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

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Span;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a length of time such as 90, 1m30s or 500ms")
            }
            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Span, E> {
                self.visit_str(&seconds.to_string())
            }
            fn visit_i64<E: Error>(self, seconds: i64) -> Result<Span, E> {
                self.visit_str(&seconds.to_string())
            }
            fn visit_f64<E: Error>(self, seconds: f64) -> Result<Span, E> {
                self.visit_str(&seconds.to_string())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                let wrong = || {
                    E::custom(format!(
                        "\"{text}\" is no length of time: write 90, 1m30s or 500ms, at most 366d"
                    ))
                };
                Span::parse(text).ok_or_else(wrong)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
