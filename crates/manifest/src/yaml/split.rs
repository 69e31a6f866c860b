//! Cutting a text into documents as kubectl's reader does: lines of `---`, or a stream of JSON.

use std::ops::Range;

use serde_json::Value;

/// One piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A YAML document.
    Yaml(Range<usize>),
    /// A JSON object that was read to its end.
    Json(Range<usize>, Value),
    /// A JSON text that stops in the middle.
    JsonEnds(Range<usize>),
    /// A separator line with something behind the dashes; the reading ends there.
    BadSeparator(Range<usize>, String),
}

/// Cuts `text`, from the first byte after a byte order mark.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut out = Vec::new();
    match json_stream(text, start, &mut out) {
        Some(at) => yaml_stream(text, at, &mut out),
        None => return out,
    }
    out
}

/// Reads JSON objects one after the other; the answer is where YAML begins.
fn json_stream(text: &str, mut at: usize, out: &mut Vec<Piece>) -> Option<usize> {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let body = rest.trim_start();
        if !body.starts_with('{') {
            return Some(at);
        }
        let begin = at + (rest.len() - body.len());
        let mut stream = serde_json::Deserializer::from_str(body).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                let end = begin + stream.byte_offset();
                out.push(Piece::Json(begin..end, value));
                at = end;
            }
            Some(Err(error)) if error.is_eof() => {
                out.push(Piece::JsonEnds(begin..text.len()));
                return None;
            }
            _ => return Some(at),
        }
    }
}

fn yaml_stream(text: &str, from: usize, out: &mut Vec<Piece>) {
    let mut start = from;
    let mut at = from;
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        let (line_start, line_end) = (at, at + line.len());
        at = line_end;
        let Some(tail) = line.strip_prefix("---") else { continue };
        let tail = tail.trim();
        if !tail.is_empty() && !tail.starts_with('#') {
            out.push(Piece::BadSeparator(line_start..line_end, tail.to_owned()));
            return;
        }
        // A separator before any other line stays in the document, and counts in its lines.
        if line_start > start {
            out.push(Piece::Yaml(start..line_start));
            start = line_end;
        }
    }
    if start < text.len() {
        out.push(Piece::Yaml(start..text.len()));
    }
}
