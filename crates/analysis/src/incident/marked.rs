//! A tree of values with the line on which each of them stands.

use podplay_api::{Map, Value};
use std::collections::BTreeMap;

/// A tree of values, and where they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marked {
    /// The values.
    pub value: Value,
    /// The line of each path, such as `spec.containers[0].image`.
    pub lines: BTreeMap<String, u32>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A key of a mapping.
    Key(&'a str),
    /// An item of a list.
    Item(usize),
}

/// A path as it is written.
pub(crate) fn written(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => {
                out.push('.');
                out.push_str(key);
            }
            Step::Item(number) => out.push_str(&format!("[{number}]")),
        }
    }
    out
}

/// `spec.containers[0].image` in steps. Keys with dots in them cannot be said so.
pub(crate) fn steps(path: &str) -> Vec<Step<'_>> {
    let mut out = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (key, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !key.is_empty() {
            out.push(Step::Key(key));
        }
        while let Some((number, after)) =
            rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        {
            out.push(Step::Item(number.parse().unwrap_or(usize::MAX)));
            rest = after;
        }
    }
    out
}

impl Marked {
    /// Sets what a path leads to; what is missing on the way is made.
    pub(crate) fn put(&mut self, path: &str, value: impl Into<Value>, line: u32) {
        self.put_at(&steps(path), value.into(), line);
    }
    /// Sets a key (which may have dots in it) of the mapping under a path.
    pub(crate) fn put_key(&mut self, path: &str, key: &str, value: impl Into<Value>, line: u32) {
        let mut steps = steps(path);
        steps.push(Step::Key(key));
        self.put_at(&steps, value.into(), line);
    }
    fn put_at(&mut self, path: &[Step<'_>], value: Value, line: u32) {
        let mut at = &mut self.value;
        for step in path {
            at = match step {
                Step::Key(key) => {
                    if !at.is_object() {
                        *at = Value::Object(Map::new());
                    }
                    &mut at[*key]
                }
                Step::Item(number) => {
                    if !at.is_array() {
                        *at = Value::Array(Vec::new());
                    }
                    let Value::Array(list) = at else { return };
                    if *number > list.len() {
                        return;
                    }
                    if *number == list.len() {
                        list.push(Value::Null);
                    }
                    &mut list[*number]
                }
            };
        }
        *at = value;
        for length in 1..path.len() {
            self.lines.entry(written(&path[..length])).or_insert(line);
        }
        self.lines.insert(written(path), line);
    }
    /// The value of a path.
    pub fn get(&self, path: &str) -> &Value {
        look(&self.value, path)
    }
    /// The text of a path, or an empty one.
    pub fn text(&self, path: &str) -> &str {
        self.get(path).as_str().unwrap_or_default()
    }
    /// Where a path stands, or what is nearest above it.
    pub fn line(&self, path: &str) -> Option<u32> {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }
    /// The tree under a path as a tree of its own.
    pub(crate) fn under(&self, path: &str) -> Self {
        let mut lines = BTreeMap::new();
        for (at, line) in self.lines.range(path.to_owned()..) {
            let Some(rest) = at.strip_prefix(path) else { break };
            if path.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']) {
                lines.insert(rest.trim_start_matches('.').to_owned(), *line);
            }
        }
        Self { value: self.get(path).clone(), lines }
    }
    /// All leaves, as `path=value`.
    pub(crate) fn leaves(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        leaves(&self.value, String::new(), &mut out);
        out
    }
}

/// What a path leads to; null where it leads nowhere.
pub(crate) fn look<'a>(value: &'a Value, path: &str) -> &'a Value {
    const NULL: &Value = &Value::Null;
    let mut at = value;
    for step in steps(path) {
        at = match step {
            Step::Key(key) => at.get(key),
            Step::Item(number) => at.get(number),
        }
        .unwrap_or(NULL);
    }
    at
}

fn leaves(value: &Value, path: String, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            let lead = if path.is_empty() { String::new() } else { path + "." };
            for (key, value) in map {
                leaves(value, format!("{lead}{key}"), out);
            }
        }
        Value::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                leaves(value, format!("{path}[{number}]"), out);
            }
        }
        Value::Null => {}
        Value::String(text) => out.push((path, text.clone())),
        other => out.push((path, other.to_string())),
    }
}
