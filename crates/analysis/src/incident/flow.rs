//! JSON, and lists and mappings in one line of YAML; what a cut text leaves open is closed.

use super::marked::Marked;
use podplay_api::{Map, Value};
use std::collections::BTreeMap;

/// Deepest nesting that is read.
const DEPTH: usize = 100;

/// Reads one value over several lines. Where the text ends in the midst, the last piece is left out.
pub(crate) fn read(lines: &[(u32, String)], path: &str) -> Marked {
    let mut reader = Reader::new(lines);
    let value = reader.value(path, 0).unwrap_or_default();
    Marked { value, lines: reader.marks }
}

/// Whether everything that was opened is closed.
pub(crate) fn closed(lines: &[(u32, String)]) -> bool {
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for c in lines.iter().flat_map(|(_, line)| line.chars().chain(['\n'])) {
        match (quote, c) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), c) if open == c && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = false;
    }
    depth == 0 && quote.is_none()
}

/// A quoted text without its quotes; `None` while it is not closed.
pub(crate) fn unquote(text: &str) -> Option<String> {
    let mut reader = Reader::new(&[(0, text.to_owned())]);
    reader.string()
}

/// The value of a plain word.
pub(crate) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if number(text) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => Value::String(text.to_owned()),
    }
}

/// Whether a word is a number as JSON writes it.
fn number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

struct Reader {
    chars: Vec<(u32, char)>,
    at: usize,
    marks: BTreeMap<String, u32>,
}

impl Reader {
    fn new(lines: &[(u32, String)]) -> Self {
        let chars = lines
            .iter()
            .flat_map(|(number, line)| line.chars().chain(['\n']).map(|c| (*number, c)))
            .collect();
        Self { chars, at: 0, marks: BTreeMap::new() }
    }
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }
    fn line(&self) -> u32 {
        self.chars.get(self.at).map_or(0, |(line, _)| *line)
    }
    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_whitespace() || c == ',') {
            self.at += 1;
        }
    }
    fn value(&mut self, path: &str, depth: usize) -> Option<Value> {
        self.blanks();
        if depth > DEPTH {
            self.at = self.chars.len();
            return None;
        }
        match self.peek()? {
            '{' => Some(self.mapping(path, depth)),
            '[' => Some(self.list(path, depth)),
            '"' | '\'' => self.string().map(Value::String),
            _ => self.word(),
        }
    }
    fn mapping(&mut self, path: &str, depth: usize) -> Value {
        self.at += 1;
        let mut map = Map::new();
        loop {
            self.blanks();
            let line = self.line();
            let key = match self.peek() {
                None => break,
                Some('}' | ']') => {
                    self.at += 1;
                    break;
                }
                Some('"' | '\'') => self.string(),
                Some(_) => self.key(),
            };
            let Some(key) = key else { break };
            self.blanks();
            if self.peek() == Some(':') {
                self.at += 1;
            }
            let under = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let Some(value) = self.value(&under, depth + 1) else { break };
            self.marks.insert(under, line);
            map.insert(key, value);
        }
        Value::Object(map)
    }
    fn list(&mut self, path: &str, depth: usize) -> Value {
        self.at += 1;
        let mut list = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None => break,
                Some('}' | ']') => {
                    self.at += 1;
                    break;
                }
                Some(_) => {}
            }
            let under = format!("{path}[{}]", list.len());
            let line = self.line();
            let Some(value) = self.value(&under, depth + 1) else { break };
            self.marks.insert(under, line);
            list.push(value);
        }
        Value::Array(list)
    }
    /// A plain key.
    fn key(&mut self) -> Option<String> {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            if matches!(c, ':' | ',' | '{' | '}' | '[' | ']' | '\n') {
                break;
            }
            out.push(c);
            self.at += 1;
        }
        if out.is_empty() {
            self.at += 1;
            return None;
        }
        Some(out.trim().to_owned())
    }
    /// A plain word; `None` at the end of the text, where it may be half of one.
    fn word(&mut self) -> Option<Value> {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            if matches!(c, ',' | '}' | ']' | '\n') {
                break;
            }
            out.push(c);
            self.at += 1;
        }
        if out.is_empty() {
            self.at += 1;
        }
        (self.at < self.chars.len()).then(|| plain(out.trim()))
    }
    fn string(&mut self) -> Option<String> {
        let quote = self.peek()?;
        self.at += 1;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\'' if quote == '\'' && self.peek() == Some('\'') => {
                    out.push('\'');
                    self.at += 1;
                }
                c if c == quote => return Some(out),
                '\\' if quote == '"' => self.escape(&mut out)?,
                c => out.push(c),
            }
        }
        None
    }
    fn escape(&mut self, out: &mut String) -> Option<()> {
        let c = self.peek()?;
        self.at += 1;
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            'u' => {
                let digits: String =
                    self.chars.iter().skip(self.at).take(4).map(|(_, c)| *c).collect();
                self.at += 4;
                let code = u32::from_str_radix(&digits, 16).ok()?;
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            '\n' => {}
            c => out.push(c),
        }
        Some(())
    }
}
