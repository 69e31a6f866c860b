//! Text to values: documents, YAML 1.1 scalars, anchors and merges, and the place of every field.
//!
//! Reads as kubectl does: `sigs.k8s.io/yaml` on top of a port of libyaml. The events come from
//! another port of the same library, so that what is accepted and what is said agree.

mod build;
mod errors;
mod events;
pub(crate) mod gofmt;
mod guard;
mod scalars;
mod span;
mod split;
pub mod write;

use std::ops::Range;

use serde_json::Value;

pub use build::Built;
pub(crate) use build::push_key;
pub use errors::{YamlError, YamlErrorKind};
pub use gofmt::quote;
pub(crate) use span::Lines;
pub use span::{FieldSpan, Span, Spans, value_at};

use crate::limits;
use split::Piece;

/// One document of a text.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its bytes in the text, without the separator lines.
    pub range: Range<usize>,
    /// Its value with places, or why it cannot be read.
    pub content: Result<Built, YamlError>,
}

impl Document {
    /// Whether there is nothing in it but blanks and comments (or a `null`).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content.as_ref().is_ok_and(|b| b.value.is_null())
    }
}

/// Reads all documents of a text. A document that cannot be read does not hide the next one.
#[must_use]
pub fn documents(text: &str) -> Vec<Document> {
    let lines = Lines::new(text);
    if text.len() > limits::TEXT_BYTES {
        return vec![too_large(text, &lines)];
    }
    let mut out = Vec::new();
    for piece in split::pieces(text) {
        if out.len() >= limits::DOCUMENTS {
            out.push(too_many(&piece, &lines));
            break;
        }
        out.push(document(text, piece, &lines));
    }
    out
}

fn document(text: &str, piece: Piece, lines: &Lines<'_>) -> Document {
    match piece {
        Piece::Yaml(range) => {
            let chunk = text.get(range.clone()).unwrap_or_default();
            Document { content: yaml(chunk, range.start, lines), range }
        }
        Piece::Json(range, value) => {
            let chunk = text.get(range.clone()).unwrap_or_default();
            let places = yaml(chunk, range.start, lines).ok();
            let (spans, duplicates) =
                places.map_or_else(Default::default, |b| (b.spans, b.duplicates));
            Document { range, content: Ok(Built { value: through_json(value), spans, duplicates }) }
        }
        Piece::JsonEnds(range) => {
            let span = lines.span(range.end.saturating_sub(1), range.end);
            let error = YamlError {
                kubectl: "unexpected EOF".to_owned(),
                problem: "the JSON text ends in the middle".to_owned(),
                span,
                kind: YamlErrorKind::Unclosed,
            };
            Document { range, content: Err(error) }
        }
        Piece::BadSeparator(range, tail) => {
            let problem = format!("invalid Yaml document separator: {tail}");
            let span = lines.line(lines.span(range.start, range.start).line);
            let kind = YamlErrorKind::Separator;
            let error = YamlError { kubectl: problem.clone(), problem, span, kind };
            Document { range, content: Err(error) }
        }
    }
}

fn yaml(chunk: &str, base: usize, lines: &Lines<'_>) -> Result<Built, YamlError> {
    if events::beyond_kubectl(chunk) {
        let problem = format!("exceeded max depth of {}", limits::KUBECTL_NESTING);
        return Err(YamlError {
            kubectl: format!("error converting YAML to JSON: yaml: {problem}"),
            problem,
            span: lines.span(base, base),
            kind: YamlErrorKind::Limit,
        });
    }
    let tree = events::read(chunk, base, lines)?;
    build::build(&tree, lines)
}

/// Whole floats become integers, as one trip through Go's JSON makes them.
fn through_json(mut value: Value) -> Value {
    settle(&mut value);
    value
}

fn settle(value: &mut Value) {
    match value {
        Value::Number(n) if n.as_i64().is_none() => {
            *value = gofmt::float_value(n.as_f64().unwrap_or_default());
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::Object(map) => map.values_mut().for_each(settle),
        _ => {}
    }
}

fn too_large(text: &str, lines: &Lines<'_>) -> Document {
    let problem =
        format!("the text has {} bytes, the limit is {} bytes", text.len(), limits::TEXT_BYTES);
    limit_error(0..text.len(), problem, lines)
}

fn too_many(piece: &Piece, lines: &Lines<'_>) -> Document {
    let range = match piece {
        Piece::Yaml(r) | Piece::Json(r, _) | Piece::JsonEnds(r) | Piece::BadSeparator(r, _) => r,
    };
    let problem = format!("more than the limit of {} documents", limits::DOCUMENTS);
    limit_error(range.clone(), problem, lines)
}

fn limit_error(range: Range<usize>, problem: String, lines: &Lines<'_>) -> Document {
    let span = lines.line(lines.span(range.start, range.start).line);
    let kind = YamlErrorKind::Limit;
    Document { range, content: Err(YamlError { kubectl: problem.clone(), problem, span, kind }) }
}
