//! The outline of a description: titles with values, and what is indented under them.

use super::super::blocks::key_of_description;
use super::super::paste::Line;

/// A title with its value and what is under it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    /// The title; empty for a line without one.
    pub(super) key: &'a str,
    /// What stands beside the title, or the whole line.
    pub(super) value: &'a str,
    pub(super) line: u32,
    /// The deeper lines.
    pub(super) body: &'a [Line],
}

/// Lines that a chat broke at the first column go on with the line before.
pub(super) fn joined(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for line in lines {
        let own = line.is_blank() || line.indent() > 0 || key_of_description(&line.text).is_some();
        match out.last_mut() {
            Some(last) if !own && !last.is_blank() => {
                last.text.push(' ');
                last.text.push_str(line.words());
            }
            _ => out.push(line.clone()),
        }
    }
    out
}

/// The titles of the least indentation.
pub(super) fn nodes(lines: &[Line]) -> Vec<Node<'_>> {
    let base = lines.iter().filter(|line| !line.is_blank()).map(Line::indent).min().unwrap_or(0);
    let begins = |line: &Line| !line.is_blank() && line.indent() == base;
    let starts: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at).collect();
    let mut out = Vec::new();
    for (number, at) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(lines.len());
        let (Some(line), Some(body)) = (lines.get(*at), lines.get(at + 1..end)) else { continue };
        let (key, value) = split(line.words());
        out.push(Node { key, value, line: line.number, body });
    }
    out
}

/// `Title: value`; the value alone where there is no title.
fn split(text: &str) -> (&str, &str) {
    if let Some((key, value)) = text.split_once(": ") {
        return (key.trim(), value.trim());
    }
    match text.strip_suffix(':') {
        Some(key) => (key.trim(), ""),
        None => ("", text),
    }
}

impl<'a> Node<'a> {
    /// What is under the title.
    pub(super) fn under(&self) -> Vec<Self> {
        nodes(self.body)
    }
    /// Whether there is nothing: `<none>`, or an empty value.
    pub(super) fn none(&self) -> bool {
        matches!(self.value, "" | "<none>" | "<unset>" | "<unknown>")
    }
    /// `key=value` on the line of the title and on those below.
    pub(super) fn pairs(&self, between: char, mut put: impl FnMut(&str, &str, u32)) {
        let first = [(self.value, self.line)];
        let rest = self.body.iter().map(|line| (line.words(), line.number));
        for (text, line) in first.into_iter().chain(rest) {
            if let Some((key, value)) = text.split_once(between) {
                put(key.trim(), value.trim(), line);
            }
        }
    }
    /// `key=value` pairs in one line, with commas between.
    pub(super) fn listed(&self, mut put: impl FnMut(&str, &str)) {
        for pair in self.value.split(',') {
            if let Some((key, value)) = pair.split_once('=') {
                put(key.trim(), value.trim());
            }
        }
    }
    /// The deeper lines as they were written, without the indentation that all of them have.
    pub(super) fn texts(&self) -> Vec<(&'a str, u32)> {
        let filled = self.body.iter().filter(|line| !line.is_blank());
        let base = filled.map(Line::indent).min().unwrap_or(0);
        self.body
            .iter()
            .map(|line| (line.text.get(base..).unwrap_or_default(), line.number))
            .collect()
    }
}
