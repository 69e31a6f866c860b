//! Words: quoting, `$`-forms, backquotes, here-document bodies.

mod parameter;

pub(super) use parameter::is_all;

use super::Dialect;
use super::ast::{Op, Param, Part, Replace, Word};
use super::parser::SyntaxError;
use crate::limits;

/// Reads a script from a position on. Shared by the word level (here) and the command level.
pub(crate) struct Parser<'a> {
    pub(super) src: &'a str,
    pub(super) pos: usize,
    pub(super) line: u32,
    pub(super) dialect: Dialect,
    pub(super) depth: u32,
    /// Where reading goes on after the next newline, behind here-document bodies, and the
    /// number of lines in them.
    pub(super) after_docs: Option<(usize, u32)>,
}

type Parsed<T> = Result<T, SyntaxError>;

pub(super) fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether the text is a valid variable name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

impl<'a> Parser<'a> {
    pub(crate) fn new(src: &'a str, pos: usize, line: u32, dialect: Dialect) -> Self {
        Self { src, pos, line, dialect, depth: 0, after_docs: None }
    }

    pub(super) fn nested(&self, src: &'a str) -> Self {
        let (line, dialect, depth) = (self.line, self.dialect, self.depth);
        Self { src, pos: 0, line, dialect, depth, after_docs: None }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.src[self.pos..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn peek_at(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            if let Some((pos, lines)) = self.after_docs.take() {
                self.pos = pos;
                self.line += lines;
            }
        }
        Some(c)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.pos += text.len();
        }
        found
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(SyntaxError { message: message.into(), line: self.line })
    }

    pub(super) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= limits::NESTING {
            return self.error("nesting too deep");
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Skips blanks, line continuations and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.pos += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.pos += 1;
                    self.bump();
                }
                Some('#') => {
                    let len = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.pos += len;
                }
                _ => return,
            }
        }
    }

    /// The next word, if there is one before an operator.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        self.blanks();
        match self.peek() {
            Some('<' | '>') if self.process_here() => self.deeper(|p| p.word_until(None)).map(Some),
            None | Some('\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>') => Ok(None),
            _ => self.deeper(|p| p.word_until(None)).map(Some),
        }
    }

    /// Parts up to an unquoted delimiter: `Some('}')` within `${…}`, otherwise a blank or operator.
    pub(super) fn word_until(&mut self, close: Option<&[char]>) -> Parsed<Word> {
        let mut parts = Vec::new();
        let mut lit = String::new();
        loop {
            let Some(c) = self.peek() else {
                return match close {
                    Some(_) => self.error("unterminated ${"),
                    None => Ok(finish(parts, lit)),
                };
            };
            match close {
                Some(ends) if ends.contains(&c) => return Ok(finish(parts, lit)),
                None if "<>".contains(c) && self.process_here() => {}
                None if " \t\n;&|()<>".contains(c) => return Ok(finish(parts, lit)),
                _ => {}
            }
            if close.is_none() && self.process_here() {
                self.bump();
                flush(&mut parts, &mut lit);
                let Part::Command(body) = self.command_substitution()? else {
                    return self.unexpected(None);
                };
                parts.push(Part::Process(c == '<', body));
                continue;
            }
            let tilde = c == '~' && tilde_here(&parts, &lit, close.is_some());
            match c {
                '\'' | '"' | '$' | '`' | '\\' => {
                    flush(&mut parts, &mut lit);
                    parts.extend(self.special(c)?);
                }
                '~' if tilde => {
                    self.pos += 1;
                    let len =
                        self.rest().find(|c: char| !is_name_char(c)).unwrap_or(self.rest().len());
                    let user = self.rest()[..len].to_owned();
                    self.pos += len;
                    flush(&mut parts, &mut lit);
                    parts.push(Part::Tilde(user));
                }
                _ => {
                    self.bump();
                    lit.push(c);
                }
            }
        }
    }

    /// Whether `<(` or `>(` of bash and ash is here.
    pub(super) fn process_here(&self) -> bool {
        self.dialect != Dialect::Dash
            && matches!(self.peek(), Some('<' | '>'))
            && self.peek_at(1) == Some('(')
    }

    fn special(&mut self, c: char) -> Parsed<Option<Part>> {
        match c {
            '\'' => {
                self.bump();
                self.single_quoted().map(Some)
            }
            '"' => {
                self.bump();
                let parts = self.deeper(|p| p.double_quoted(Some('"')))?;
                Ok(Some(Part::Double(parts)))
            }
            '$' => self.dollar(false).map(Some),
            '`' => self.backquoted(false).map(Some),
            _ => {
                self.bump();
                match self.bump() {
                    Some('\n') => Ok(None),
                    Some(c) => Ok(Some(Part::Quoted(c.to_string()))),
                    None => Ok(Some(Part::Quoted("\\".to_owned()))),
                }
            }
        }
    }

    fn single_quoted(&mut self) -> Parsed<Part> {
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('\'') => return Ok(Part::Quoted(text)),
                Some(c) => text.push(c),
                None => return self.error("unterminated quoted string"),
            }
        }
    }

    /// The inside of double quotes, a here-document or an arithmetic expression (`None`: all).
    pub(super) fn double_quoted(&mut self, close: Option<char>) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let mut lit = String::new();
        loop {
            let Some(c) = self.peek() else {
                return match close {
                    Some(_) => self.error("unterminated quoted string"),
                    None => Ok(finish_quoted(parts, lit)),
                };
            };
            if Some(c) == close {
                self.bump();
                return Ok(finish_quoted(parts, lit));
            }
            match c {
                '$' => {
                    flush_quoted(&mut parts, &mut lit);
                    parts.push(self.dollar(true)?);
                }
                '`' => {
                    flush_quoted(&mut parts, &mut lit);
                    parts.push(self.backquoted(true)?);
                }
                '\\' => {
                    self.bump();
                    match self.peek() {
                        Some('\n') => drop(self.bump()),
                        Some(next @ ('$' | '`' | '\\')) => {
                            self.bump();
                            lit.push(next);
                        }
                        Some('"') if close.is_some() => {
                            self.bump();
                            lit.push('"');
                        }
                        Some('}') if close == Some('}') => {
                            self.bump();
                            lit.push('}');
                        }
                        _ => lit.push('\\'),
                    }
                }
                // Quotes inside "${x:-"word"}" only toggle.
                '"' if close == Some('}') => drop(self.bump()),
                _ => {
                    self.bump();
                    lit.push(c);
                }
            }
        }
    }

    /// A form that begins with `$`.
    fn dollar(&mut self, quoted: bool) -> Parsed<Part> {
        self.bump();
        let plain =
            |name: String| Part::Param(Box::new(Param { name, index: None, op: Op::Plain }));
        match self.peek() {
            Some('{') => {
                self.bump();
                self.deeper(|p| p.braced(quoted))
            }
            Some('(') if self.rest().starts_with("((") => match self.arith_end() {
                Some(end) => {
                    let text = &self.src[self.pos + 2..end];
                    let mut inner = self.nested(text);
                    let parts = self.deeper(|_| inner.double_quoted(None))?;
                    self.line += text.matches('\n').count() as u32;
                    self.pos = end + 2;
                    Ok(Part::Arith(parts))
                }
                None => self.command_substitution(),
            },
            Some('(') => self.command_substitution(),
            Some('\'') if !quoted && self.dialect != Dialect::Dash => {
                self.bump();
                self.ansi_quoted()
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.bump();
                Ok(plain(c.to_string()))
            }
            Some(c) if is_name_start(c) => Ok(plain(self.name())),
            _ => Ok(if quoted { Part::Quoted("$".to_owned()) } else { Part::Lit("$".to_owned()) }),
        }
    }

    pub(super) fn name(&mut self) -> String {
        let len = self.rest().find(|c: char| !is_name_char(c)).unwrap_or(self.rest().len());
        let name = self.rest()[..len].to_owned();
        self.pos += len;
        name
    }

    /// Where the `))` of `((…))` is, if the parentheses balance that way.
    pub(super) fn arith_end(&self) -> Option<usize> {
        let mut depth = 0usize;
        let bytes = self.src.as_bytes();
        let mut i = self.pos + 2;
        while i < bytes.len() {
            match bytes[i] {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return (bytes.get(i + 1) == Some(&b')')).then_some(i),
                b'\\' => i += 1,
                _ => {}
            }
            i += 1;
        }
        None
    }

    pub(super) fn command_substitution(&mut self) -> Parsed<Part> {
        self.bump();
        let body = self.deeper(Self::substituted_list)?;
        self.blanks();
        if self.peek() != Some(')') {
            return self.unexpected(Some(")"));
        }
        self.bump();
        Ok(Part::Command(body))
    }

    fn backquoted(&mut self, quoted: bool) -> Parsed<Part> {
        self.bump();
        let line = self.line;
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('$' | '`' | '\\')) => text.push(c),
                    Some('"') if quoted => text.push('"'),
                    Some(c) => text.extend(['\\', c]),
                    None => text.push('\\'),
                },
                Some(c) => text.push(c),
                None => return self.error("EOF in backquote substitution"),
            }
        }
        let mut inner = Parser::new(&text, 0, line, self.dialect);
        inner.depth = self.depth;
        let body = inner.deeper(Parser::substituted_list)?;
        if inner.peek().is_some() {
            return inner.unexpected(None);
        }
        Ok(Part::Command(body))
    }

    fn ansi_quoted(&mut self) -> Parsed<Part> {
        let mut raw = String::new();
        loop {
            match self.bump() {
                Some('\'') => break,
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.bump());
                }
                Some(c) => raw.push(c),
                None => return self.error("unterminated quoted string"),
            }
        }
        let bytes = crate::tools::escapes(&raw.replace("\\'", "'").replace("\\\"", "\""), true).0;
        Ok(Part::Quoted(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Reads the body of a here-document, which begins after the current line.
    pub(super) fn here_document(&mut self, delimiter: &Word, strip: bool) -> Parsed<Word> {
        let (end, quoted) = plain_text(delimiter);
        let (start, skipped) = match self.after_docs {
            Some(at) => at,
            None => (self.pos + self.line_end(), 0),
        };
        let mut body = String::new();
        let (mut pos, mut lines) = (start, skipped);
        for raw in self.src[start.min(self.src.len())..].split_inclusive('\n') {
            pos += raw.len();
            lines += 1;
            let line = if strip { raw.trim_start_matches('\t') } else { raw };
            if line.strip_suffix('\n').unwrap_or(line) == end {
                break;
            }
            body.push_str(line);
        }
        self.after_docs = Some((pos, lines));
        if quoted {
            return Ok(Word::of(Part::Quoted(body)));
        }
        let mut inner = Parser::new(&body, 0, self.line + 1, self.dialect);
        inner.depth = self.depth;
        let parts = inner.deeper(|p| p.double_quoted(None))?;
        Ok(Word::of(Part::Double(parts)))
    }

    /// Distance to the character after the end of the current line, quotes skipped.
    fn line_end(&self) -> usize {
        let mut quote = None;
        let mut escaped = false;
        for (i, c) in self.rest().char_indices() {
            match (quote, c) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = true,
                (None, '\n') => return i + 1,
                (None, '\'' | '"') => quote = Some(c),
                (Some(q), _) if q == c => quote = None,
                _ => {}
            }
        }
        self.rest().len()
    }
}

/// The delimiter of a here-document, and whether any part of it is quoted.
fn plain_text(word: &Word) -> (String, bool) {
    let mut text = String::new();
    let mut quoted = false;
    for part in &word.parts {
        match part {
            Part::Lit(t) => text.push_str(t),
            Part::Quoted(t) => {
                quoted = true;
                text.push_str(t);
            }
            Part::Double(parts) => {
                quoted = true;
                text.push_str(&plain_text(&Word { parts: parts.clone() }).0);
            }
            Part::Param(param) => text.push_str(&format!("${}", param.name)),
            _ => {}
        }
    }
    (text, quoted)
}

fn tilde_here(parts: &[Part], lit: &str, in_braces: bool) -> bool {
    if parts.is_empty() && lit.is_empty() {
        return true;
    }
    // After the `=` or a `:` of an assignment.
    !in_braces
        && parts.is_empty()
        && lit.ends_with(['=', ':'])
        && lit.split_once('=').is_some_and(|(name, _)| is_name(name))
}

fn flush(parts: &mut Vec<Part>, lit: &mut String) {
    if !lit.is_empty() {
        parts.push(Part::Lit(std::mem::take(lit)));
    }
}

fn flush_quoted(parts: &mut Vec<Part>, lit: &mut String) {
    if !lit.is_empty() {
        parts.push(Part::Quoted(std::mem::take(lit)));
    }
}

fn finish(mut parts: Vec<Part>, mut lit: String) -> Word {
    flush(&mut parts, &mut lit);
    Word { parts }
}

fn finish_quoted(mut parts: Vec<Part>, mut lit: String) -> Vec<Part> {
    flush_quoted(&mut parts, &mut lit);
    parts
}

#[cfg(test)]
/// Parses a whole script at once.
pub(crate) fn parse_all(
    src: &str,
    dialect: Dialect,
) -> Parsed<Vec<std::sync::Arc<super::ast::Node>>> {
    let mut parser = Parser::new(src, 0, 1, dialect);
    let mut out = Vec::new();
    while let Some(node) = parser.next_command()? {
        out.extend(node);
    }
    Ok(out)
}
