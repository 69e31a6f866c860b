//! kubectl's side: documents to objects, with the checks that it makes by itself.
//!
//! Models `cli-runtime/pkg/resource/visitor.go` and kubectl's client-side validation.

use serde_json::{Map, Value};

use super::Options;
use crate::schema::{self, KindInfo, Shape, Table, Type};
use crate::value::{name, namespace, text};
use crate::yaml::{self, quote};

/// An object that kubectl would send.
#[derive(Debug, Clone)]
pub struct Info {
    /// The object as written.
    pub object: Value,
    /// Its kind.
    pub kind: KindInfo,
    /// Its name; may be empty.
    pub name: String,
    /// Its namespace; empty for kinds without one.
    pub namespace: String,
    /// The document that it came from.
    pub document: usize,
    /// Whether the server knows the kind only under another spelling (`kind: pod`).
    pub misspelled: Option<String>,
}

/// A document or object that kubectl cannot use, in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFailure(pub String);

/// Reads all documents as kubectl does: the first that cannot be read ends the reading.
#[must_use]
pub fn read_infos(text: &str, options: &Options) -> (Vec<Info>, Vec<ReadFailure>) {
    let mut reader = Reader { options, infos: Vec::new(), failures: Vec::new() };
    for (i, document) in yaml::documents(text).into_iter().enumerate() {
        let file = &options.file;
        match document.content {
            Err(error) => {
                reader.fail(format!("error parsing {file}: {}", error.kubectl));
                break;
            }
            Ok(built) if built.value.is_null() => {}
            Ok(built) => {
                if !reader.document(i, built.value) {
                    break;
                }
            }
        }
    }
    (reader.infos, reader.failures)
}

struct Reader<'a> {
    options: &'a Options,
    infos: Vec<Info>,
    failures: Vec<ReadFailure>,
}

impl Reader<'_> {
    fn fail(&mut self, text: String) {
        self.failures.push(ReadFailure(text));
    }

    /// Takes one document; false when the reading ends here.
    fn document(&mut self, index: usize, value: Value) -> bool {
        if self.options.validate != super::Validate::Ignore
            && let Some(problem) = check_shape(&value)
        {
            let file = quote(&self.options.file);
            self.fail(format!(
                "error validating {file}: error validating data: {problem}; if you choose to ignore these errors, turn validation off with --validate=false"
            ));
            return false;
        }
        if let Some(missing) = undecodable(&value) {
            let file = quote(&self.options.file);
            self.fail(format!("unable to decode {file}: {missing}"));
            return true;
        }
        if is_list(&value) {
            return self.list(index, &value);
        }
        self.object(index, value);
        true
    }

    fn list(&mut self, index: usize, list: &Value) -> bool {
        let items = list.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        for mut item in items {
            name_item(list, &mut item);
            if text(&item, "kind") == "List" {
                self.fail(
                    "*unstructured.Unstructured is not a list: no Items field in this object"
                        .to_owned(),
                );
                return true;
            }
            if let Some(problem) = undecodable(&item) {
                let file = quote(&self.options.file);
                self.fail(format!("unable to decode {file}: {problem}"));
                continue;
            }
            self.object(index, item);
        }
        true
    }

    fn object(&mut self, index: usize, object: Value) {
        let (version, kind) = (text(&object, "apiVersion"), text(&object, "kind"));
        let found = schema::find_kind(version, kind).map(|k| (k, None));
        let found =
            found.or_else(|| by_lowercase(version, kind).map(|k| (k, Some(kind.to_owned()))));
        let Some((kind_info, misspelled)) = found.or_else(|| without_version(version, kind)) else {
            let failure = no_match(&object, &self.options.file);
            return self.fail(failure);
        };
        let space = match (kind_info.namespaced, namespace(&object)) {
            (false, _) => String::new(),
            (true, "") if self.options.namespace.is_empty() => "default".to_owned(),
            (true, "") => self.options.namespace.clone(),
            (true, own) => own.to_owned(),
        };
        let wanted = &self.options.namespace;
        if !wanted.is_empty() && kind_info.namespaced && space != *wanted {
            return self.fail(format!(
                "the namespace from the provided object {} does not match the namespace {}. You must pass '--namespace={space}' to perform this operation.",
                quote(&space),
                quote(wanted)
            ));
        }
        let name = name(&object).to_owned();
        let info =
            Info { name, kind: kind_info, namespace: space, document: index, misspelled, object };
        self.infos.push(info);
    }
}

/// The items of a `PodList` need not say what they are: the list's name does.
///
/// Models `apimachinery/pkg/apis/meta/v1/unstructured/helpers.go` decodeToList.
fn name_item(list: &Value, item: &mut Value) {
    let of = text(list, "kind").strip_suffix("List").unwrap_or_default();
    let nameless = text(item, "kind").is_empty() && text(item, "apiVersion").is_empty();
    if let Value::Object(map) = item
        && nameless
        && !of.is_empty()
    {
        map.insert("apiVersion".into(), text(list, "apiVersion").into());
        map.insert("kind".into(), of.into());
    }
}

fn by_lowercase(version: &str, kind: &str) -> Option<KindInfo> {
    schema::all_kinds().find(|k| k.api_version == version && k.kind.to_ascii_lowercase() == kind)
}

/// `apiVersion: ""` is looked up as the core group without a version.
fn without_version(version: &str, kind: &str) -> Option<(KindInfo, Option<String>)> {
    if !version.is_empty() {
        return None;
    }
    schema::find_kind("v1", kind).map(|k| (k, Some(String::new())))
}

/// What kubectl says of a kind that the server does not have.
pub(crate) fn no_match(object: &Value, file: &str) -> String {
    format!(
        "resource mapping not found for name: {} namespace: {} from {}: no matches for kind {} in version {}\nensure CRDs are installed first",
        quote(name(object)),
        quote(namespace(object)),
        quote(file),
        quote(text(object, "kind")),
        quote(text(object, "apiVersion"))
    )
}

/// Whether kubectl takes the document apart.
pub(crate) fn is_list(value: &Value) -> bool {
    text(value, "kind").ends_with("List") && value.get("items").is_some_and(Value::is_array)
        || text(value, "kind") == "List"
}

/// kubectl's own check: a map with `apiVersion` and `kind` that are strings.
pub(crate) fn check_shape(value: &Value) -> Option<String> {
    let Value::Object(map) = value else { return Some("invalid object to validate".to_owned()) };
    if text(value, "kind") == "List" && text(value, "apiVersion") == "v1" {
        return check_items(map);
    }
    header(map).or_else(|| check_unpatched(value))
}

/// Kinds that cannot be patched: the server does not check their fields for kubectl, so it does that itself.
///
/// Models `kubectl/pkg/validation/schema.go` NewParamVerifyingSchema.
fn check_unpatched(value: &Value) -> Option<String> {
    let (version, kind) = (text(value, "apiVersion"), text(value, "kind"));
    if schema::find_kind(version, kind).is_some() {
        return None;
    }
    let table = schema::table();
    let of = table.kind(version, kind)?;
    let mut problems = Vec::new();
    old_check(table, of, value, kind, &mut problems);
    join(problems)
}

fn header(map: &Map<String, Value>) -> Option<String> {
    join(header_problems(map))
}

fn header_problems(map: &Map<String, Value>) -> Vec<String> {
    let mut problems = Vec::new();
    for key in ["apiVersion", "kind"] {
        match map.get(key) {
            None | Some(Value::Null) => problems.push(format!("{key} not set")),
            Some(Value::String(version))
                if key == "apiVersion" && version.matches('/').count() > 1 =>
            {
                problems.push(format!("unexpected GroupVersion string: {version}"));
            }
            Some(Value::String(_)) => {}
            Some(_) => problems.push(format!("{key} isn't string type")),
        }
    }
    problems
}

fn join(mut problems: Vec<String>) -> Option<String> {
    match problems.len() {
        0 => None,
        1 => problems.pop(),
        _ => Some(format!("[{}]", problems.join(", "))),
    }
}

/// The items of a List are checked with the older words of the OpenAPI check.
fn check_items(list: &Map<String, Value>) -> Option<String> {
    let items = match list.get("items") {
        Some(Value::Array(items)) => items,
        None => return None,
        Some(_) => return Some("invalid object to validate".to_owned()),
    };
    let mut problems = Vec::new();
    for item in items {
        let Value::Object(map) = item else {
            problems.push("invalid object to validate".to_owned());
            continue;
        };
        let missing = header_problems(map);
        if !missing.is_empty() {
            problems.extend(missing);
            continue;
        }
        let (version, kind) = (text(item, "apiVersion"), text(item, "kind"));
        let table = schema::table();
        if let Some(of) = table.kind(version, kind) {
            old_check(table, of, item, kind, &mut problems);
        }
    }
    join(problems)
}

fn old_check(table: &'static Table, of: &Type, value: &Value, path: &str, out: &mut Vec<String>) {
    let Value::Object(map) = value else { return };
    for (key, item) in map {
        match of.field(key) {
            None => out.push(format!(
                "ValidationError({path}): unknown field {} in {}",
                quote(key),
                of.name
            )),
            Some(field) => {
                let path = format!("{path}.{key}");
                old_check_shape(
                    table,
                    &field.shape,
                    item,
                    &path,
                    &format!("{}.{key}", of.name),
                    out,
                );
            }
        }
    }
    for field in of.fields.iter().filter(|f| f.required && !map.contains_key(f.name)) {
        out.push(format!(
            "ValidationError({path}): missing required field {} in {}",
            quote(field.name),
            of.name
        ));
    }
}

fn old_check_shape(
    table: &'static Table,
    shape: &Shape,
    value: &Value,
    path: &str,
    of: &str,
    out: &mut Vec<String>,
) {
    let (got, expected) = match (shape, value) {
        (_, Value::Null) => return,
        (Shape::Object(id), Value::Object(_)) => {
            if let Some(inner) = table.get(*id) {
                old_check(table, inner, value, path, out);
            }
            return;
        }
        (Shape::List(inner), Value::Array(items)) => {
            for (i, item) in items.iter().enumerate() {
                old_check_shape(table, inner, item, &format!("{path}[{i}]"), of, out);
            }
            return;
        }
        (Shape::Object(_), other) => (old_word(other), "map"),
        (Shape::List(_), other) => (old_word(other), "array"),
        (Shape::Text(_) | Shape::Enum(..), Value::Number(_) | Value::Bool(_)) => {
            (old_word(value), "string")
        }
        (Shape::Int32 | Shape::Int64, Value::String(_) | Value::Bool(_)) => {
            (old_word(value), "integer")
        }
        _ => return,
    };
    out.push(format!(
        "ValidationError({path}): invalid type for {of}: got \"{got}\", expected \"{expected}\""
    ));
}

fn old_word(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "map",
    }
}

/// What the generic decoder says: the kind, and the types inside the metadata.
pub(crate) fn undecodable(value: &Value) -> Option<String> {
    if text(value, "kind").is_empty() {
        let sent = format!("{value}");
        return Some(format!("Object 'Kind' is missing in '{sent}'"));
    }
    schema::check_metadata(value).map(|e| e.message)
}
