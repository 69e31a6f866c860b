//! Short words of our own about the fields that matter to a Pod's life.
//!
//! They are read by people only, and the page does not load them with its program: it fetches `words/fields.en.tsv`
//! and, for the second language, `words/fields.ko.tsv` when they are first wanted. The command has [`FIELD_DOCS`].

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The descriptions in English: lines of type (empty for any), field and sentence, separated by tabs.
pub const FIELD_DOCS: &str = include_str!("../../words/fields.en.tsv");

static DOCS: OnceLock<String> = OnceLock::new();
static TRANSLATED: OnceLock<String> = OnceLock::new();
/// Whether the translated descriptions are used.
static SECOND: AtomicBool = AtomicBool::new(false);

/// Brings the words: lines of type (empty for any), field and sentence, apart by tabs. Only the first call counts.
pub fn bring_docs(table: String) {
    // A second call has the same text.
    let _ = DOCS.set(table);
}

/// Brings the words in the second language, in the same form. Only the first call counts.
pub fn bring_translated_docs(table: String) {
    // As above.
    let _ = TRANSLATED.set(table);
}

/// Whether [`doc`] answers in the second language, where it has words in it.
pub fn speak_second_language(second: bool) {
    SECOND.store(second, Ordering::Relaxed);
}

/// Whether the words are there.
#[must_use]
pub fn has_docs() -> bool {
    DOCS.get().is_some()
}

/// Whether the words in the second language are there.
#[must_use]
pub fn has_translated_docs() -> bool {
    TRANSLATED.get().is_some()
}

/// A sentence about a field; empty when there is none, and until the words are there.
#[must_use]
pub fn doc(owner: &str, field: &str) -> &'static str {
    let second = SECOND.load(Ordering::Relaxed).then(|| find(&TRANSLATED, owner, field));
    second.flatten().or_else(|| find(&DOCS, owner, field)).unwrap_or_default()
}

fn find(table: &'static OnceLock<String>, owner: &str, field: &str) -> Option<&'static str> {
    table.get()?.lines().find_map(|line| {
        let (of, rest) = line.split_once('\t')?;
        let (name, text) = rest.split_once('\t')?;
        (name == field && (of == owner || of.is_empty())).then_some(text)
    })
}
