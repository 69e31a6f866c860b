//! YAML as kubectl writes it, read line by line, so that what is left of a cut text is still understood.
//!
//! What may go on behind the end of the paste (a block of text, a folded or an unclosed value) is left out: half a
//! value would be a wrong one.

use super::flow;
use super::marked::Marked;
use super::paste::Line;
use podplay_api::{Map, Value};

/// Deepest nesting that is read.
const DEPTH: usize = 60;
/// From this width on kubectl folds a value, so that the last line of a paste may be half of one.
const FOLDS: usize = 60;

/// A line whose indentation may change: what stands behind `- ` is read as a line of its own.
#[derive(Clone, Debug)]
struct Row {
    number: u32,
    indent: usize,
    text: String,
    /// As it was written, for blocks of text.
    raw: String,
}

/// What was read of a document.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The values with their lines.
    pub(crate) tree: Marked,
    /// Lines that fit nowhere.
    pub(crate) odd: Vec<u32>,
}

/// Reads one document. Lines before the first key of the first column are left out.
pub(crate) fn read(lines: &[Line]) -> Read {
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| Row {
            number: line.number,
            indent: line.indent(),
            text: line.words().to_owned(),
            raw: line.text.clone(),
        })
        .collect();
    let mut reader = Reader { rows, at: 0, depth: 0, out: Read::default() };
    reader.skip_to_beginning();
    if let Some(row) = reader.peek() {
        let indent = row.indent;
        let value = reader.node(indent, "");
        reader.out.tree.value = value.unwrap_or_default();
    }
    reader.rest();
    reader.out
}

struct Reader {
    rows: Vec<Row>,
    at: usize,
    depth: usize,
    out: Read,
}

impl Reader {
    /// The next line with something on it.
    fn peek(&mut self) -> Option<Row> {
        loop {
            let row = self.rows.get(self.at)?;
            if row.text.is_empty() || row.text.starts_with('#') {
                self.at += 1;
            } else {
                return Some(row.clone());
            }
        }
    }
    fn skip_to_beginning(&mut self) {
        while let Some(row) = self.peek() {
            if row.indent == 0 && (row.text.starts_with("- ") || key_of(&row.text).is_some()) {
                return;
            }
            self.odd();
        }
    }
    fn odd(&mut self) {
        if let Some(row) = self.rows.get(self.at) {
            self.out.odd.push(row.number);
        }
        self.at += 1;
    }
    fn rest(&mut self) {
        while self.peek().is_some() {
            self.odd();
        }
    }
    /// A mapping, a list or a scalar that begins at this indentation.
    fn node(&mut self, indent: usize, path: &str) -> Option<Value> {
        let row = self.peek()?;
        if self.depth > DEPTH {
            self.odd();
            return None;
        }
        self.depth += 1;
        let value = if row.text.starts_with("- ") || row.text == "-" {
            Some(self.list(indent, path))
        } else if key_of(&row.text).is_some() {
            Some(self.mapping(indent, path))
        } else {
            self.at += 1;
            self.scalar(&row, &row.text.clone(), indent, path)
        };
        self.depth -= 1;
        value
    }
    fn mapping(&mut self, indent: usize, path: &str) -> Value {
        let mut map = Map::new();
        while let Some(row) = self.peek() {
            if row.indent < indent {
                break;
            }
            if row.indent > indent {
                self.odd();
                continue;
            }
            let Some((key, rest)) = key_of(&row.text) else {
                if row.text.starts_with('-') || row.text.starts_with('{') {
                    break;
                }
                self.odd();
                continue;
            };
            self.at += 1;
            let under = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let value = if rest.is_empty() {
                self.below(indent, &under)
            } else {
                self.scalar(&row, &rest, indent, &under)
            };
            if let Some(value) = value {
                self.out.tree.lines.insert(under, row.number);
                map.insert(key, value);
            }
        }
        Value::Object(map)
    }
    /// What belongs to a key without a value of its own.
    fn below(&mut self, indent: usize, path: &str) -> Option<Value> {
        let next = self.peek()?;
        if next.indent > indent {
            return self.node(next.indent, path);
        }
        if next.indent == indent && (next.text.starts_with("- ") || next.text == "-") {
            return Some(self.list(indent, path));
        }
        Some(Value::Null)
    }
    fn list(&mut self, indent: usize, path: &str) -> Value {
        let mut list = Vec::new();
        while let Some(row) = self.peek() {
            if row.indent != indent || !(row.text.starts_with("- ") || row.text == "-") {
                if row.indent > indent {
                    self.odd();
                    continue;
                }
                break;
            }
            let rest = row.text.get(1..).unwrap_or_default();
            let inner = rest.trim_start();
            let deeper = indent + 1 + (rest.len() - inner.len());
            let under = format!("{path}[{}]", list.len());
            self.out.tree.lines.insert(under.clone(), row.number);
            let value = if inner.is_empty() {
                self.at += 1;
                self.below(indent, &under)
            } else if key_of(inner).is_none() && !inner.starts_with("- ") && inner != "-" {
                // A scalar belongs to the list, whose deeper lines go on with it.
                self.at += 1;
                self.scalar(&row, inner, indent, &under)
            } else {
                if let Some(place) = self.rows.get_mut(self.at) {
                    place.indent = deeper;
                    place.text = inner.to_owned();
                }
                self.node(deeper, &under)
            };
            match value {
                Some(value) => list.push(value),
                None => {
                    self.out.tree.lines.remove(&under);
                    break;
                }
            }
        }
        Value::Array(list)
    }
    /// A value that begins on the line of `row`, whose remainder is `text`; `None` if the paste ends within it.
    fn scalar(&mut self, row: &Row, text: &str, indent: usize, path: &str) -> Option<Value> {
        match text.chars().next() {
            Some('|' | '>') if block_header(text) => self.block(text, indent),
            Some('"' | '\'') => self.quoted(text, indent),
            Some('{' | '[') => self.flow(row, text, indent, path),
            _ => self.plain(row, text, indent),
        }
    }
    /// A block of text: all deeper lines.
    fn block(&mut self, header: &str, indent: usize) -> Option<Value> {
        let mut lines: Vec<(usize, String)> = Vec::new();
        let mut ended = false;
        while let Some(row) = self.rows.get(self.at) {
            let blank = row.raw.trim().is_empty();
            if !blank && row.indent <= indent {
                ended = true;
                break;
            }
            lines.push((row.indent, if blank { String::new() } else { row.raw.clone() }));
            self.at += 1;
        }
        if !ended {
            return None;
        }
        let base = lines.iter().find(|(_, raw)| !raw.is_empty()).map_or(0, |(indent, _)| *indent);
        while lines.last().is_some_and(|(_, raw)| raw.is_empty()) {
            lines.pop();
        }
        let texts: Vec<&str> =
            lines.iter().map(|(_, raw)| raw.get(base..).unwrap_or_default()).collect();
        let mut out = if header.starts_with('>') { fold(&texts) } else { texts.join("\n") };
        if !header.contains('-') && !out.is_empty() {
            out.push('\n');
        }
        Some(Value::String(out))
    }
    /// A quoted value, perhaps over several lines.
    fn quoted(&mut self, text: &str, indent: usize) -> Option<Value> {
        let mut whole = text.to_owned();
        loop {
            if let Some(value) = flow::unquote(&whole) {
                return Some(Value::String(value));
            }
            let next = self.rows.get(self.at)?;
            if !next.text.is_empty() && next.indent <= indent {
                return None;
            }
            if next.text.is_empty() {
                whole.push('\n');
            } else {
                if whole.ends_with('\\') && !whole.ends_with("\\\\") {
                    whole.pop();
                } else if !whole.ends_with('\n') {
                    whole.push(' ');
                }
                whole.push_str(&next.text);
            }
            self.at += 1;
        }
    }
    fn flow(&mut self, row: &Row, text: &str, indent: usize, path: &str) -> Option<Value> {
        let mut lines = vec![(row.number, text.to_owned())];
        while !flow::closed(&lines) {
            let next = self.rows.get(self.at)?;
            if !next.text.is_empty() && next.indent <= indent && !next.text.starts_with(['}', ']'])
            {
                return None;
            }
            lines.push((next.number, next.text.clone()));
            self.at += 1;
        }
        let found = flow::read(&lines, path);
        self.out.tree.lines.extend(found.lines);
        Some(found.value)
    }
    /// A plain value; deeper lines behind it go on with it.
    fn plain(&mut self, row: &Row, text: &str, indent: usize) -> Option<Value> {
        let mut whole = text.split(" #").next().unwrap_or_default().trim_end().to_owned();
        let mut width = row.raw.chars().count();
        let mut folded = false;
        while let Some(next) = self.rows.get(self.at) {
            if next.text.is_empty() || next.indent <= indent {
                break;
            }
            whole.push(' ');
            whole.push_str(&next.text);
            width = next.raw.chars().count();
            folded = true;
            self.at += 1;
        }
        let at_end = self.rows[self.at.min(self.rows.len())..].iter().all(|r| r.text.is_empty());
        if at_end && (folded || width >= FOLDS) && whole.contains(' ') {
            return None;
        }
        Some(flow::plain(&whole))
    }
}

/// Whether a block of text is announced: `|`, `|-`, `>2` and the like.
fn block_header(text: &str) -> bool {
    text.chars().skip(1).all(|c| matches!(c, '-' | '+' | '0'..='9'))
}

/// Lines of a folded block.
fn fold(lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        if line.is_empty() {
            out.push('\n');
        } else {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push(' ');
            }
            out.push_str(line);
        }
    }
    out
}

/// The key that a line begins with, and what stands behind it.
pub(crate) fn key_of(text: &str) -> Option<(String, String)> {
    if text.starts_with(['"', '\'']) {
        let quote = text.chars().next()?;
        let end = 1 + text.get(1..)?.find(quote)?;
        let rest = text.get(end + 1..)?.strip_prefix(':')?;
        return Some((text.get(1..end)?.to_owned(), rest.trim().to_owned()));
    }
    if text.starts_with(['{', '[', '|', '>', '-', '#', '%', '@', '`', '!']) {
        return None;
    }
    let (key, rest) = match text.split_once(": ") {
        Some((key, rest)) => (key, rest.trim()),
        None => (text.strip_suffix(':')?, ""),
    };
    (!key.contains(' ') && !key.is_empty()).then(|| (key.to_owned(), rest.to_owned()))
}
