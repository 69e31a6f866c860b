//! The fields of an object of the document, taken one by one: what is left over is unknown.

use std::time::Duration;

use podplay_api::length::parse_length;
use serde_json::{Map, Value};

use super::model::Field;
use crate::findings::Finder;
use crate::model::{Edit, Stage};
use crate::schema;
use crate::yaml::{Span, Spans, push_key, quote};

/// What is expected of a length of time.
const LENGTH: &str = "a duration such as 35s, 5m or 1h30m, at most 366d";

/// Where findings go, and where fields stand.
pub(super) struct Walk<'a, 'b> {
    pub(super) spans: &'a Spans,
    pub(super) finder: &'a mut Finder<'b>,
}

/// An object that is being read.
pub(super) struct Fields<'v> {
    map: Option<&'v Map<String, Value>>,
    pub(super) path: String,
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// The path of a field.
    pub(super) fn at(&self, key: &str) -> String {
        let mut path = self.path.clone();
        push_key(&mut path, key);
        path
    }

    /// Takes a field; null is as good as absent.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'v Value> {
        self.known.push(key);
        self.map.and_then(|map| map.get(key)).filter(|value| !value.is_null())
    }
}

impl Walk<'_, '_> {
    pub(super) fn wrong(&mut self, path: &str, want: &str) {
        let span = self.spans.value(path);
        let message = format!("{path}: expected {want}");
        let finding = self.finder.error("PP-0703", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
    }

    pub(super) fn required(&mut self, code: &'static str, path: &str, help: Option<String>) {
        let around = path.rsplit_once('.').map_or("", |(around, _)| around);
        let span = self.spans.value(around);
        let message = format!("{path}: Required value");
        let finding = self.finder.error(code, Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        finding.help = help;
    }

    pub(super) fn unknown_word(&mut self, path: &str, word: &str, among: &[&str]) {
        let span = self.spans.value(path);
        let message = format!("{path}: unknown value {}", quote(word));
        let near = schema::nearest(word, among.iter().copied());
        let finding = self.finder.error("PP-0705", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        finding.help = Some(match near {
            Some(found) => format!("Did you mean `{found}`?"),
            None => format!("Known: {}.", among.join(", ")),
        });
        finding.fix = near.map(|found| edit(span, found, &format!("Use {found}")));
    }

    pub(super) fn unknown_field(&mut self, key: &str, path: &str, known: &[&str]) {
        let span = self.spans.nearest(path);
        let near = schema::nearest(key, known.iter().copied());
        let message = format!("unknown field {}", quote(path));
        let finding = self.finder.error("PP-0704", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        finding.help = Some(match near {
            Some(found) => format!("Did you mean `{found}`?"),
            None => format!("Known: {}.", known.join(", ")),
        });
        finding.fix = near.map(|found| edit(span, found, &format!("Rename to {found}")));
    }

    /// Begins to read an object; anything else is an error and counts as empty.
    pub(super) fn object<'v>(&mut self, value: Option<&'v Value>, path: &str) -> Fields<'v> {
        let map = value.and_then(Value::as_object);
        if map.is_none() && value.is_some_and(|value| !value.is_null()) {
            self.wrong(path, "an object");
        }
        Fields { map, path: path.to_owned(), known: Vec::new() }
    }

    /// Ends to read an object: fields that nobody took are unknown.
    pub(super) fn done(&mut self, fields: Fields<'_>) {
        for key in fields.map.into_iter().flat_map(Map::keys) {
            if !fields.known.contains(&key.as_str()) {
                self.unknown_field(key, &fields.at(key), &fields.known);
            }
        }
    }

    /// The items of a list, each with its path.
    pub(super) fn list<'v>(
        &mut self,
        fields: &mut Fields<'v>,
        key: &'static str,
    ) -> Vec<(String, &'v Value)> {
        let path = fields.at(key);
        match fields.take(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(n, item)| (format!("{path}[{n}]"), item)).collect()
            }
            Some(_) => {
                self.wrong(&path, "a list");
                Vec::new()
            }
        }
    }

    /// A field read by a function; what it does not take is an error.
    pub(super) fn field<T>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        want: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<Field<T>> {
        let value = fields.take(key)?;
        let path = fields.at(key);
        match read(value) {
            Some(value) => Some(Field { value, span: self.spans.value(&path) }),
            None => {
                self.wrong(&path, want);
                None
            }
        }
    }

    pub(super) fn text(&mut self, of: &mut Fields<'_>, key: &'static str) -> Option<Field<String>> {
        self.field(of, key, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A number, a word or a truth value where Kubernetes wants a text.
    pub(super) fn scalar(
        &mut self,
        of: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Field<String>> {
        self.field(of, key, "a text or a number", scalar)
    }

    pub(super) fn length(
        &mut self,
        of: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Field<Duration>> {
        self.field(of, key, LENGTH, length)
    }

    pub(super) fn whole<T: TryFrom<i64>>(
        &mut self,
        of: &mut Fields<'_>,
        key: &'static str,
        from: i64,
        to: i64,
    ) -> Option<Field<T>> {
        let want = format!("a whole number from {from} to {to}");
        let read = |value: &Value| {
            let number = value.as_i64().filter(|number| (from..=to).contains(number))?;
            T::try_from(number).ok()
        };
        self.field(of, key, &want, read)
    }

    pub(super) fn truth(&mut self, of: &mut Fields<'_>, key: &'static str) -> bool {
        self.field(of, key, "true or false", Value::as_bool).is_some_and(|field| field.value)
    }
}

fn edit(span: Span, replacement: &str, title: &str) -> Edit {
    Edit { span, replacement: replacement.to_owned(), title: title.to_owned() }
}

/// `35s`, `1h30m`, `250ms`, `1.5s`, or a number of seconds.
pub(super) fn length(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(n) => parse_length(&n.to_string()),
        Value::String(text) => parse_length(text),
        _ => None,
    }
}

/// A scalar as a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
