//! Short words of our own about the fields that matter to a Pod's life.
//!
//! They are read by people only, so the program does not carry them: who shows them brings them, the command from
//! within, the page from `words/fields.en.tsv` when they are first wanted.

use std::sync::OnceLock;

static DOCS: OnceLock<String> = OnceLock::new();

/// Brings the words: lines of type (empty for any), field and sentence, apart by tabs. Only the first call counts.
pub fn bring_docs(table: String) {
    // Whoever comes second brings the same words.
    let _ = DOCS.set(table);
}

/// Whether the words are there.
#[must_use]
pub fn has_docs() -> bool {
    DOCS.get().is_some()
}

/// A sentence about a field; empty when there is none, and until the words are there.
#[must_use]
pub fn doc(owner: &str, field: &str) -> &'static str {
    let lines = DOCS.get().map_or("", String::as_str).lines();
    lines
        .filter_map(|line| {
            let (of, rest) = line.split_once('\t')?;
            let (name, text) = rest.split_once('\t')?;
            (name == field && (of == owner || of.is_empty())).then_some(text)
        })
        .next()
        .unwrap_or_default()
}
