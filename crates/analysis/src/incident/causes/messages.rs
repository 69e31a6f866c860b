//! Pieces of the messages that Kubernetes writes.

/// What stands between two texts, the first such place.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// What stands behind a text, up to one of some characters.
pub(crate) fn behind<'a>(text: &'a str, before: &str, ends: &[char]) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let end = rest.find(ends).unwrap_or(rest.len());
    rest.get(..end).filter(|found| !found.is_empty())
}

/// Whether one of some texts is in it, in any case of letters.
pub(crate) fn any(text: &str, words: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// The port at the end of `host:8080` or in `http://host:8080/path`.
pub(crate) fn port(text: &str) -> Option<u16> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split('/').next()?;
    host.rsplit_once(':')?.1.trim_end_matches('"').parse().ok()
}
