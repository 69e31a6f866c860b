//! Places in the text: byte ranges with line and column, and the map from field paths to them.

use crate::value::Numbers;

/// A place in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in characters, from 1.
    pub column: usize,
}

impl Span {
    /// The place of `start..end` in `text`, with line and column counted.
    #[must_use]
    pub fn locate(text: &str, start: usize, end: usize) -> Self {
        let start = floor_boundary(text, start);
        let end = floor_boundary(text, end).max(start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Self {
            start,
            end,
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    /// The byte range.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the lines of a text begin, so that many places can be located cheaply.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Characters before each block of bytes, so that columns of long lines are cheap.
    chars: Vec<usize>,
}

/// Bytes between two counts of characters.
const BLOCK: usize = 256;

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        let mut chars = vec![0];
        let mut count = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            count += block.iter().filter(|b| is_first_byte(**b)).count();
            chars.push(count);
        }
        Self { text, starts, chars }
    }

    /// Characters that begin before a byte.
    fn chars_before(&self, at: usize) -> usize {
        let block = at / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..at).unwrap_or_default();
        let counted = self.chars.get(block).copied().unwrap_or(0);
        counted + rest.iter().filter(|b| is_first_byte(**b)).count()
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let start = floor_boundary(self.text, start);
        let end = floor_boundary(self.text, end).max(start);
        let line = self.starts.partition_point(|s| *s <= start).max(1);
        let line_start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.chars_before(start) - self.chars_before(line_start) + 1;
        Span { start, end, line, column }
    }

    /// kubectl's line of a scanner error at `at`, in a document that begins at `base`; zero on its first line.
    pub(crate) fn line_in(&self, base: usize, at: usize) -> u64 {
        let line = self.span(at, at).line - self.span(base, base).line;
        if line == 0 { 0 } else { line as u64 + 1 }
    }

    /// The whole of a line (from 1), without its break.
    pub(crate) fn line(&self, line: usize) -> Span {
        let line = line.clamp(1, self.starts.len());
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let end = self.starts.get(line).map_or(self.text.len(), |e| e - 1);
        let body = self.text.get(start..end).unwrap_or_default();
        let indent = body.len() - body.trim_start().len();
        let end = start + body.trim_end().len();
        self.span((start + indent).min(end), end)
    }
}

/// Whether a byte of UTF-8 begins a character.
fn is_first_byte(b: u8) -> bool {
    b & 0xc0 != 0x80
}

/// The two places of one field: its key and its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldSpan {
    /// Where the key stands; none for an item of a list and for the document itself.
    pub key: Option<Span>,
    /// Where the value stands.
    pub value: Span,
}

/// Field paths such as `spec.containers[0].image`, with their places in the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans {
    paths: Numbers,
    places: Vec<FieldSpan>,
}

impl Spans {
    pub(crate) fn insert(&mut self, path: &str, place: FieldSpan) {
        match self.places.get_mut(self.paths.number(path)) {
            Some(known) => *known = place,
            None => self.places.push(place),
        }
    }

    fn place(&self, path: &str) -> Option<FieldSpan> {
        self.places.get(self.paths.get(path)?).copied()
    }

    /// The place of exactly this field.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<FieldSpan> {
        self.place(path).or_else(|| self.place(&dotted_keys(path)))
    }

    /// The place of this field's key (or item), or of the nearest field around it that is written.
    #[must_use]
    pub fn nearest(&self, path: &str) -> Span {
        let mut rest = dotted_keys(path);
        loop {
            if let Some(place) = self.place(&rest) {
                return place.key.unwrap_or(place.value);
            }
            match rest.rfind(['.', '[']) {
                Some(cut) => rest.truncate(cut),
                None => break,
            }
        }
        self.place("").map(|p| Span { end: p.value.start, ..p.value }).unwrap_or_default()
    }

    /// The place of this field's value, or of the nearest field around it that is written.
    #[must_use]
    pub fn value(&self, path: &str) -> Span {
        self.get(path).map_or_else(|| self.nearest(path), |p| p.value)
    }

    /// All fields in path order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, FieldSpan)> {
        self.from("")
    }

    /// The fields from a path on, in path order.
    fn from(&self, first: &str) -> impl Iterator<Item = (&str, FieldSpan)> {
        self.paths.from(first).map(|(path, number)| (path, self.places[number]))
    }

    /// The innermost field whose key or value covers this byte.
    #[must_use]
    pub fn at(&self, offset: usize) -> Option<&str> {
        self.iter()
            .filter(|(_, p)| {
                let start = p.key.map_or(p.value.start, |k| k.start);
                start <= offset && offset <= p.value.end
            })
            .max_by_key(|(path, p)| (p.key.map_or(p.value.start, |k| k.start), path.len()))
            .map(|(path, _)| path)
    }

    /// The fields below `prefix`, with the prefix taken off their paths.
    #[must_use]
    pub fn below(&self, prefix: &str) -> Self {
        let mut below = Self::default();
        let from = self.from(prefix);
        for (path, place) in from.take_while(|(path, _)| path.starts_with(prefix)) {
            let rest = path.get(prefix.len()..).unwrap_or_default();
            if rest.is_empty() || prefix.is_empty() {
                below.insert(rest, place);
            } else if let Some(rest) = rest.strip_prefix('.') {
                below.insert(rest, place);
            }
        }
        below
    }

    /// The same fields, each under `prefix`.
    #[must_use]
    pub fn under(&self, prefix: &str) -> Self {
        let mut under = Self::default();
        for (path, place) in self.iter() {
            let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            under.insert(&[prefix, dot, path].concat(), place);
        }
        under
    }
}

/// `limits[cpu]` as validation writes it becomes `limits.cpu` as places are kept.
fn dotted_keys(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('[') {
        let (head, tail) = rest.split_at(open);
        out.push_str(head);
        let Some(close) = tail.find(']') else {
            rest = tail;
            break;
        };
        let key = &tail[1..close];
        if !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str(&tail[..=close]);
        } else {
            out.push('.');
            out.push_str(key);
        }
        rest = &tail[close + 1..];
    }
    out.push_str(rest);
    out
}

/// The value at a path such as `spec.containers[0].image`.
#[must_use]
pub fn value_at<'a>(of: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
    let mut at = of;
    for part in path.split('.').filter(|p| !p.is_empty()) {
        let mut pieces = part.split('[');
        let key = pieces.next().unwrap_or_default();
        if !key.is_empty() {
            at = at.get(key)?;
        }
        for index in pieces {
            at = at.get(index.trim_end_matches(']').parse::<usize>().ok()?)?;
        }
    }
    Some(at)
}
