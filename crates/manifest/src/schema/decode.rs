//! Decoding without types: what Go's decoder would say to a value, and which fields it would not know.
//!
//! Models `sigs.k8s.io/json` as the API server uses it: the first wrong type is reported alone,
//! unknown fields all together in the order of the (sorted) keys.

use serde_json::{Number, Value};

use super::table::{Shape, Table, Type, table};
use crate::quantity::Quantity;
use crate::time;
use crate::yaml::gofmt;

/// A value that does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    /// The decoder's text, `json: cannot unmarshal …`.
    pub message: String,
    /// The field with list indices.
    pub path: String,
    /// Whether decoding stops here, so that this text wins over an earlier one.
    pub fatal: bool,
}

/// A field that its type does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// The field with list indices.
    pub path: String,
    /// The type that does not have it.
    pub owner: &'static str,
}

/// All findings of one walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Wrong types in the order of the walk.
    pub types: Vec<TypeError>,
    /// Unknown fields in the order of the walk.
    pub unknown: Vec<UnknownField>,
}

impl Findings {
    /// The one type error that the server reports.
    #[must_use]
    pub fn reported(&self) -> Option<&TypeError> {
        self.types.iter().find(|e| e.fatal).or_else(|| self.types.first())
    }
}

/// Checks a whole object against its kind; kinds without a schema have no findings.
#[must_use]
pub fn check(api_version: &str, kind: &str, object: &Value) -> Findings {
    let table = table();
    let Some(root) = table.kind(api_version, kind) else { return Findings::default() };
    let mut walk = Walk::new(table, root.short());
    walk.object(root, object);
    walk.found
}

/// kubectl's own look at the metadata, before it asks the server anything.
#[must_use]
pub fn check_metadata(object: &Value) -> Option<TypeError> {
    let table = table();
    let metadata = object.get("metadata")?;
    let of = table.by_short_name("ObjectMeta")?;
    let mut walk = Walk::new(table, "metadataOnlyObject");
    walk.path.push_str("metadata");
    walk.stack.push("metadata".to_owned());
    walk.object(of, metadata);
    walk.found.reported().cloned()
}

/// Checks a value against a type by its short name, such as `Container`.
#[must_use]
pub fn check_as(short: &str, value: &Value) -> Findings {
    let table = table();
    let Some(of) = table.by_short_name(short) else { return Findings::default() };
    let mut walk = Walk::new(table, of.short());
    walk.object(of, value);
    walk.found
}

struct Walk {
    table: &'static Table,
    owner: &'static str,
    stack: Vec<String>,
    path: String,
    found: Findings,
}

impl Walk {
    fn new(table: &'static Table, owner: &'static str) -> Self {
        Self { table, owner, stack: Vec::new(), path: String::new(), found: Findings::default() }
    }

    fn wrong(&mut self, got: &str, want: &str) {
        self.report(got, want, false);
    }

    fn report(&mut self, got: &str, want: &str, fatal: bool) {
        let target = if self.stack.is_empty() {
            format!("Go value of type {want}")
        } else {
            format!("Go struct field {}.{} of type {want}", self.owner, self.stack.join("."))
        };
        let message = format!("json: cannot unmarshal {got} into {target}");
        self.found.types.push(TypeError { message, path: self.path.clone(), fatal });
    }

    fn fatal(&mut self, message: String) {
        self.found.types.push(TypeError { message, path: self.path.clone(), fatal: true });
    }

    fn object(&mut self, of: &'static Type, value: &Value) {
        let map = match value {
            Value::Object(map) => map,
            Value::Null => return,
            other => return self.wrong(word(other), &of.go()),
        };
        let outer = std::mem::replace(&mut self.owner, of.short());
        for (key, item) in map {
            let keep = self.path.len();
            crate::yaml::push_key(&mut self.path, key);
            match of.field(key) {
                Some(field) => {
                    let depth = self.stack.len();
                    self.stack.extend(field.embedded.map(str::to_owned));
                    self.stack.push(key.clone());
                    self.value(&field.shape, item);
                    self.stack.truncate(depth);
                }
                None => {
                    let unknown = UnknownField { path: self.path.clone(), owner: of.short() };
                    self.found.unknown.push(unknown);
                }
            }
            self.path.truncate(keep);
        }
        self.owner = outer;
    }

    fn value(&mut self, shape: &'static Shape, value: &Value) {
        if value.is_null() {
            return;
        }
        match shape {
            Shape::Any => {}
            Shape::Object(id) => {
                if let Some(of) = self.table.get(*id) {
                    self.object(of, value);
                }
            }
            Shape::List(item) => self.list(shape, item, value),
            Shape::Map(item) => self.map(shape, item, value),
            Shape::Text(_) | Shape::Enum(..) if value.is_string() => {}
            Shape::Bool if value.is_boolean() => {}
            Shape::Float if value.is_number() => {}
            Shape::Int32 | Shape::Int64 => self.integer(shape, value),
            Shape::Quantity => self.quantity(value),
            Shape::IntOrString => self.int_or_string(value),
            Shape::Time => self.time(value),
            Shape::Bytes => self.bytes(value),
            Shape::Text(_) | Shape::Enum(..) | Shape::Bool | Shape::Float => {
                self.wrong(word(value), &go_name(self.table, shape));
            }
        }
    }

    fn list(&mut self, shape: &'static Shape, item: &'static Shape, value: &Value) {
        let Value::Array(items) = value else {
            return self.wrong(word(value), &go_name(self.table, shape));
        };
        for (i, value) in items.iter().enumerate() {
            let keep = self.path.len();
            self.path.push_str(&format!("[{i}]"));
            self.value(item, value);
            self.path.truncate(keep);
        }
    }

    fn map(&mut self, shape: &'static Shape, item: &'static Shape, value: &Value) {
        let Value::Object(map) = value else {
            return self.wrong(word(value), &go_name(self.table, shape));
        };
        for (key, value) in map {
            let keep = self.path.len();
            crate::yaml::push_key(&mut self.path, key);
            self.value(item, value);
            self.path.truncate(keep);
        }
    }

    fn integer(&mut self, shape: &Shape, value: &Value) {
        let want = if *shape == Shape::Int32 { "int32" } else { "int64" };
        let Value::Number(n) = value else { return self.wrong(word(value), want) };
        if !fits(n, *shape == Shape::Int32) {
            self.wrong(&format!("number {}", gofmt::number_text(n)), want);
        }
    }

    fn int_or_string(&mut self, value: &Value) {
        match value {
            Value::String(_) => {}
            Value::Number(n) if fits(n, true) => {}
            Value::Number(n) => {
                self.report(&format!("number {}", gofmt::number_text(n)), "int32", true)
            }
            other => self.report(word(other), "int32", true),
        }
    }

    fn quantity(&mut self, value: &Value) {
        let text = match value {
            Value::String(s) => s.clone(),
            Value::Number(n) => gofmt::number_text(n),
            other => other.to_string(),
        };
        if let Err(message) = Quantity::parse(text.trim()) {
            self.fatal(message.to_owned());
        }
    }

    fn time(&mut self, value: &Value) {
        match value {
            Value::String(s) => {
                if let Err(message) = time::check_rfc3339(s) {
                    self.fatal(message);
                }
            }
            other => self.report(word(other), "string", true),
        }
    }

    fn bytes(&mut self, value: &Value) {
        let Value::String(s) = value else { return self.wrong(word(value), "[]uint8") };
        if let Some(at) = crate::base64::first_bad_byte(s) {
            self.fatal(format!("illegal base64 data at input byte {at}"));
        }
    }
}

fn fits(n: &Number, small: bool) -> bool {
    n.as_i64().is_some_and(|i| !small || i32::try_from(i).is_ok())
}

/// The word for a JSON value in Go's messages.
fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The Go type of a shape as messages print it.
pub(crate) fn go_name(table: &Table, shape: &Shape) -> String {
    match shape {
        Shape::Text(Some("string") | None) | Shape::Enum(_, Some("string") | None) => {
            "string".to_owned()
        }
        Shape::Text(Some(name)) | Shape::Enum(_, Some(name)) => format!("v1.{name}"),
        Shape::Bool => "bool".to_owned(),
        Shape::Int32 => "int32".to_owned(),
        Shape::Int64 => "int64".to_owned(),
        Shape::Float => "float64".to_owned(),
        Shape::Quantity => "resource.Quantity".to_owned(),
        Shape::IntOrString => "intstr.IntOrString".to_owned(),
        Shape::Time => "v1.Time".to_owned(),
        Shape::Bytes => "[]uint8".to_owned(),
        Shape::Any => "interface {}".to_owned(),
        Shape::Object(id) => table.get(*id).map_or_else(String::new, Type::go),
        Shape::List(item) => format!("[]{}", go_name(table, item)),
        Shape::Map(item) if **item == Shape::Quantity => "v1.ResourceList".to_owned(),
        Shape::Map(item) => format!("map[string]{}", go_name(table, item)),
    }
}
