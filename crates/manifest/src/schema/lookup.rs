//! From a field path to its schema: for completion and hover.

use super::docs;
use super::table::{Field, Shape, Table, Type, table};

/// A field that could stand at some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: &'static str,
    /// What it holds, in a word: `string`, `list of objects`.
    pub holds: String,
    /// Whether the schema requires it.
    pub required: bool,
    /// A sentence about it; empty when we have none.
    pub doc: &'static str,
}

/// The field at a path such as `spec.containers[0].image`, and the type it belongs to.
#[must_use]
pub fn field_at(
    api_version: &str,
    kind: &str,
    path: &str,
) -> Option<(&'static Type, &'static Field)> {
    let table = table();
    let mut owner = table.kind(api_version, kind)?;
    let mut names = segments(path).into_iter().peekable();
    while let Some(name) = names.next() {
        let field = owner.field(&name)?;
        match (names.peek(), object_of(table, &field.shape)) {
            (None, _) => return Some((owner, field)),
            // Below a map of scalars every key is free: the map is the field.
            (Some(_), None) => return Some((owner, field)),
            (Some(_), Some(next)) => owner = next,
        }
    }
    None
}

/// The fields that can stand below a path (empty for the top of the object).
#[must_use]
pub fn candidates(api_version: &str, kind: &str, path: &str) -> Vec<Candidate> {
    let table = table();
    let owner = if segments(path).is_empty() {
        table.kind(api_version, kind)
    } else {
        field_at(api_version, kind, path).and_then(|(_, f)| object_of(table, &f.shape))
    };
    let Some(owner) = owner else { return Vec::new() };
    owner
        .fields
        .iter()
        .map(|field| Candidate {
            name: field.name,
            holds: type_word(&field.shape),
            required: field.required,
            doc: docs::doc(owner.short(), field.name),
        })
        .collect()
}

/// The values that a field takes, when they are few.
#[must_use]
pub fn values(api_version: &str, kind: &str, path: &str) -> Vec<&'static str> {
    let Some((_, field)) = field_at(api_version, kind, path) else { return Vec::new() };
    match &field.shape {
        Shape::Enum(values, _) => values.clone(),
        Shape::Bool => vec!["true", "false"],
        Shape::List(item) => match &**item {
            Shape::Enum(values, _) => values.clone(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What a shape holds, in a word or two.
#[must_use]
pub fn type_word(shape: &Shape) -> String {
    match shape {
        Shape::Text(_) | Shape::Enum(..) => "string".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int32 | Shape::Int64 => "integer".to_owned(),
        Shape::Float => "number".to_owned(),
        Shape::Quantity => "quantity".to_owned(),
        Shape::IntOrString => "integer or string".to_owned(),
        Shape::Time => "time".to_owned(),
        Shape::Bytes => "base64".to_owned(),
        Shape::Any => "anything".to_owned(),
        Shape::Object(_) => "object".to_owned(),
        Shape::List(item) => format!("list of {}", plural(item)),
        Shape::Map(item) => format!("map to {}", type_word(item)),
    }
}

fn plural(shape: &Shape) -> String {
    match type_word(shape).as_str() {
        "quantity" => "quantities".to_owned(),
        word => format!("{word}s"),
    }
}

/// The object type inside lists and maps.
pub(super) fn object_of(table: &'static Table, shape: &Shape) -> Option<&'static Type> {
    match shape {
        Shape::Object(id) => table.get(*id),
        Shape::List(item) | Shape::Map(item) => object_of(table, item),
        _ => None,
    }
}

/// Field names of a path; list indices are left out.
fn segments(path: &str) -> Vec<String> {
    path.split('.')
        .map(|part| part.split('[').next().unwrap_or_default().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}
