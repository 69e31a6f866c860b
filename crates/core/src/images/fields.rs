//! Reading the fields of a catalogue entry.

use serde_json::Value;

/// A map of the catalogue.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

impl<'a> Fields<'a> {
    /// A text; empty if there is none.
    pub(crate) fn text(self, key: &str) -> &'a str {
        self.0[key].as_str().unwrap_or_default()
    }
    /// A list of texts. A single text is a list of one.
    pub(crate) fn list(self, key: &str) -> Vec<String> {
        texts(&self.0[key])
    }
    /// A list of words that may be written in one text.
    pub(crate) fn words(self, key: &str) -> Vec<String> {
        let list = self.list(key);
        list.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
    }
    /// A list of port numbers.
    pub(crate) fn numbers(self, key: &str) -> Vec<u16> {
        self.list(key).iter().filter_map(|text| text.parse().ok()).collect()
    }
    /// A number.
    pub(crate) fn number(self, key: &str) -> Option<u64> {
        self.0[key].as_u64()
    }
    /// A map's entries, in the order of their keys.
    pub(crate) fn map(self, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0[key].as_object().into_iter().flatten()
    }
    /// A map of texts.
    pub(crate) fn pairs(self, key: &str) -> Vec<(String, String)> {
        self.map(key).map(|(key, value)| (key.clone(), text_of(value))).collect()
    }
    /// A time such as `300ms`, `1s`, in nanoseconds.
    pub(crate) fn nanos(self, key: &str) -> Option<u64> {
        nanos(self.text(key))
    }
    /// An amount of memory such as `64Mi`.
    pub(crate) fn bytes(self, key: &str) -> u64 {
        podplay_api::Quantity::parse(self.text(key))
            .and_then(|quantity| u64::try_from(quantity.value()).ok())
            .unwrap_or(0)
    }
}

/// The texts of a list; a single value is a list of one.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(text_of).collect(),
        one => vec![text_of(one)],
    }
}

/// A scalar as text.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `300ms`, `2s`, `1m` in nanoseconds.
pub(crate) fn nanos(text: &str) -> Option<u64> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let count: u64 = text[..at].parse().ok()?;
    Some(match &text[at..] {
        "us" => count * 1_000,
        "ms" => count * 1_000_000,
        "s" => count * 1_000_000_000,
        "m" => count * 60_000_000_000,
        _ => return None,
    })
}
