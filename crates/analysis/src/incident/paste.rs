//! A paste as lines: colours, fences, quote marks, a common indentation and odd blanks are taken away.

/// Most bytes that are read of a paste.
pub const BYTES: usize = 4 << 20;
/// Most lines that are read of a paste.
pub const LINES: usize = 60_000;

/// One line of a paste.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in what was pasted, from 1.
    pub(crate) number: u32,
    /// Its text, without blanks at its end.
    pub(crate) text: String,
}

impl Line {
    /// How many blanks stand before the first word.
    pub(crate) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }
    /// Whether nothing stands on it.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
    /// Without the blanks around.
    pub(crate) fn words(&self) -> &str {
        self.text.trim()
    }
}

/// The lines of a paste.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut end = text.len().min(BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    let mut out: Vec<Line> = text
        .split('\n')
        .take(LINES)
        .zip(1..)
        .map(|(line, number)| Line { number, text: plain(line) })
        .filter(|line| !line.text.trim_start().starts_with("```"))
        .collect();
    unquote(&mut out);
    dedent(&mut out);
    out
}

/// A line without colours, with ordinary blanks and quotes.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\t' => out.push_str("    "),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => out.push(' '),
            '\u{200b}' | '\u{feff}' | '\u{2060}' => {}
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2018}' | '\u{2019}' => out.push('\''),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What follows an escape: `[`, numbers, a letter; or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if chars.next() != Some('[') {
        return;
    }
    for c in chars.by_ref() {
        if c.is_ascii_alphabetic() {
            break;
        }
    }
}

/// Takes `> ` away where every line has it.
fn unquote(lines: &mut [Line]) {
    let filled = || lines.iter().filter(|line| !line.is_blank());
    if filled().count() < 2 || !filled().all(|line| line.text.trim_start().starts_with('>')) {
        return;
    }
    for line in lines {
        let rest = line.text.trim_start().trim_start_matches('>');
        line.text = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
    }
}

/// Takes away the indentation that all lines have.
fn dedent(lines: &mut [Line]) {
    let least = lines.iter().filter(|line| !line.is_blank()).map(Line::indent).min().unwrap_or(0);
    for line in lines.iter_mut().filter(|line| line.text.len() >= least) {
        line.text.drain(..least);
    }
}

/// The width at which a chat or a form broke long lines, if it did: several lines have it and none is longer.
pub(crate) fn wrap_width(lines: &[Line]) -> Option<usize> {
    let width = |line: &Line| line.text.chars().count();
    let most = lines.iter().map(width).max().unwrap_or(0);
    let several = lines.iter().filter(|line| width(line) == most).count() >= 3;
    (several && (60..=250).contains(&most)).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chats_and_terminals_add_is_taken_away() {
        let table = [
            ("\u{1b}[31mError\u{1b}[0m here\r\n", vec!["Error here", ""]),
            ("> Name:  x\n>   deep: y\n", vec!["Name:  x", "  deep: y", ""]),
            ("```yaml\n    a: 1\n      b: 2\n```", vec!["a: 1", "  b: 2"]),
            ("a\u{a0}b\tc", vec!["a b    c"]),
        ];
        for (text, expected) in table {
            let found: Vec<String> = lines(text).into_iter().map(|line| line.text).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
