//! Values in the form of the API server's internal types, which some messages print.
//!
//! Models the structs of `pkg/apis/core/types.go` and its neighbours: field names and their order.

use serde_json::{Map, Value};

use crate::yaml::{gofmt, quote};

/// What a field of an internal struct prints as when it is absent, and what is inside it.
#[derive(Clone, Copy)]
enum Kind {
    /// `null`: a pointer, a list or a map of plain values.
    Null,
    /// `""`.
    Text,
    /// `0`: a number, or a port by number or name.
    Number,
    /// `false`.
    Flag,
    /// `"0"`.
    Quantity,
    /// A struct by value.
    Struct(&'static str),
    /// A pointer to a struct.
    Pointer(&'static str),
    /// A list of structs.
    List(&'static str),
}

use Kind::{Flag, List, Null, Number, Pointer, Quantity, Struct, Text};

/// The structs, in a form that takes little room.
const TYPES: &str = include_str!("internal.tsv");

/// `(Go name, name in JSON, kind)` of each field of a struct.
fn fields(name: &str) -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
    let head = format!("S\t{name}\n");
    let body = TYPES.find(&head).and_then(|at| TYPES.get(at + head.len()..)).unwrap_or_default();
    body.lines().take_while(|line| !line.starts_with("S\t")).filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, parts.next()?, kind(parts.next()?)))
    })
}

fn kind(code: &'static str) -> Kind {
    match code.split_at_checked(1) {
        Some(("*", name)) => Struct(name),
        Some(("&", name)) => Pointer(name),
        Some(("[", name)) => List(name),
        Some(("t", _)) => Text,
        Some(("n", _)) => Number,
        Some(("f", _)) => Flag,
        Some(("q", _)) => Quantity,
        _ => Null,
    }
}

/// One line, as messages print it.
pub(super) fn compact(name: &str, value: &Value) -> String {
    let mut out = String::new();
    Printer { indent: None, out: &mut out }.structure(name, value, value, 0);
    out
}

/// Many lines, one blank per level, as differences print it.
pub(super) fn pretty(name: &str, value: &Value) -> String {
    let mut out = String::new();
    Printer { indent: Some(" "), out: &mut out }.structure(name, value, value, 0);
    out
}

struct Printer<'a> {
    indent: Option<&'static str>,
    out: &'a mut String,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(depth));
        }
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(&quote(key));
        self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
    }

    fn structure(&mut self, name: &str, value: &Value, around: &Value, depth: usize) {
        self.out.push('{');
        for (i, (go, json, kind)) in fields(name).enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.key(go);
            let found = match json.strip_prefix('^') {
                Some(outer) => around.get(outer),
                None => value.get(json),
            };
            self.field(kind, found.unwrap_or(&Value::Null), value, depth + 1);
        }
        self.line(depth);
        self.out.push('}');
    }

    fn field(&mut self, kind: Kind, value: &Value, around: &Value, depth: usize) {
        match (kind, value) {
            (Struct(name), _) => self.structure(name, value, around, depth),
            (Pointer(name), Value::Object(_)) => self.structure(name, value, around, depth),
            (List(name), Value::Array(items)) => {
                self.items(items, depth, |me, item, depth| me.structure(name, item, item, depth));
            }
            (Text, Value::Null) => self.out.push_str("\"\""),
            (Number, Value::Null) => self.out.push('0'),
            (Quantity, Value::Null) => self.out.push_str("\"0\""),
            (Flag, Value::Null) => self.out.push_str("false"),
            (_, plain) => self.plain(plain, depth),
        }
    }

    fn items(&mut self, items: &[Value], depth: usize, each: impl Fn(&mut Self, &Value, usize)) {
        if items.is_empty() {
            self.out.push_str("[]");
            return;
        }
        self.out.push('[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            each(self, item, depth + 1);
        }
        self.line(depth);
        self.out.push(']');
    }

    fn plain(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Array(items) => {
                self.items(items, depth, |me, item, depth| me.plain(item, depth))
            }
            Value::Object(map) => self.map(map, depth),
            Value::String(s) => self.out.push_str(&json_text(s)),
            Value::Number(n) => self.out.push_str(&gofmt::number_text(n)),
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn map(&mut self, map: &Map<String, Value>, depth: usize) {
        if map.is_empty() {
            self.out.push_str("{}");
            return;
        }
        self.out.push('{');
        for (i, (key, value)) in map.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.key(key);
            self.plain(value, depth + 1);
        }
        self.line(depth);
        self.out.push('}');
    }
}

fn json_text(text: &str) -> String {
    Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
