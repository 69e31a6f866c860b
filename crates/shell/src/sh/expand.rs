//! Word expansion: parameters, substitutions, arithmetic, field splitting, path names.
//!
//! An expansion changes nothing: assignments made by it (`${x:=…}`, `$((i++))`) are collected in
//! an overlay. When it meets a command substitution whose output is not known yet it stops; the
//! shell runs the command and starts the expansion again with one more result.

mod param;
mod transform;

pub(super) use transform::{ansi_quote, attributes};

use super::arith;
use super::ast::{Node, Op, Param, Part, Replace, Word};
use super::lexer::{is_all, is_name};
use super::pattern::{self, escape_into, unescape};
use super::variables::Key;
use super::{Dialect, Shell};
use crate::kernel::Sys;
use crate::limits;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The output of a command substitution, trailing newlines removed.
#[derive(Clone, Debug)]
pub(super) struct Substituted {
    pub(super) text: String,
    pub(super) status: u8,
}

/// Why an expansion could not be completed.
#[derive(Clone, Debug)]
pub(super) enum Halt {
    Substitute(Arc<Node>),
    Process(bool, Arc<Node>),
    Fail(String),
}

/// Where parts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Word,
    /// The word of an unquoted `${x-word}`, whose plain text is split too.
    Inner,
    Quoted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Fields are split, and wildcards expanded.
    Fields,
    /// One string.
    Single,
    /// One string in which quoted characters are escaped.
    Pattern,
}

/// `$@` or `$*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Many {
    At,
    Star,
}

enum Value {
    Unset,
    One(String),
    Many(Vec<String>, Many),
}

pub(super) struct Expander<'a, 'b> {
    shell: &'a Shell,
    sys: &'a mut Sys<'b>,
    results: &'a [Substituted],
    used: usize,
    /// Assignments made while expanding.
    pub(super) overlay: BTreeMap<String, String>,
    ifs: String,
    mode: Mode,
    fields: Vec<String>,
    current: String,
    /// `current` is a field even if it is empty.
    active: bool,
    after_blank: bool,
}

type Expanded<T> = Result<T, Halt>;

fn fail<T>(message: impl Into<String>) -> Expanded<T> {
    Err(Halt::Fail(message.into()))
}

struct ArithVars<'x, 'a, 'b>(&'x mut Expander<'a, 'b>);

impl arith::Variables for ArithVars<'_, '_, '_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.variable(name)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        self.0.assign(name, value)
    }

    fn subscripts(&self, name: &str) -> Option<bool> {
        (self.0.shell.dialect == Dialect::Bash).then(|| self.0.shell.is_map(name))
    }
}

impl<'a, 'b> Expander<'a, 'b> {
    pub(super) fn new(shell: &'a Shell, sys: &'a mut Sys<'b>, results: &'a [Substituted]) -> Self {
        let ifs = shell.var("IFS").unwrap_or_else(|| " \t\n".to_owned());
        Self {
            shell,
            sys,
            results,
            used: 0,
            overlay: BTreeMap::new(),
            ifs,
            mode: Mode::Fields,
            fields: Vec::new(),
            current: String::new(),
            active: false,
            after_blank: false,
        }
    }

    /// The status of the last command substitution that was used.
    pub(super) fn last_status(&self) -> Option<u8> {
        self.used.checked_sub(1).and_then(|i| self.results.get(i)).map(|r| r.status)
    }

    pub(super) fn current_value(&self, name: &str) -> String {
        self.variable(name).unwrap_or_default()
    }

    fn assign(&mut self, name: &str, value: String) -> Result<(), String> {
        if self.shell.is_readonly(name) {
            return Err(self.shell.read_only(name));
        }
        self.overlay.insert(name.to_owned(), value);
        Ok(())
    }

    /// Makes an assignment visible to what is expanded next.
    pub(super) fn overlay_assign(&mut self, name: &str, value: &str) {
        if name == "IFS" {
            value.clone_into(&mut self.ifs);
        }
        self.overlay.insert(name.to_owned(), value.to_owned());
    }

    fn variable(&self, name: &str) -> Option<String> {
        match self.overlay.get(name) {
            Some(value) => Some(value.clone()),
            None => self.shell.parameter(name, self.sys),
        }
    }

    /// Expands the words of a command; what `declare` and its like assign is not split.
    pub(super) fn command_words(&mut self, words: &[Word]) -> Expanded<Vec<String>> {
        let declares = matches!(
            (self.shell.dialect, words.first().and_then(Word::literal)),
            (Dialect::Bash, Some("declare" | "typeset"))
                | (Dialect::Bash | Dialect::Ash, Some("local" | "readonly" | "export"))
        );
        if !declares {
            return self.words(words);
        }
        let mut out = Vec::new();
        for word in words {
            match word.parts.first() {
                Some(Part::Lit(text)) if text.split_once('=').is_some_and(|(n, _)| is_name(n)) => {
                    out.push(self.single(word)?);
                }
                _ => out.extend(self.words(std::slice::from_ref(word))?),
            }
        }
        Ok(out)
    }

    /// Expands words to fields.
    pub(super) fn words(&mut self, words: &[Word]) -> Expanded<Vec<String>> {
        let mut out = Vec::new();
        for word in words {
            match word.literal() {
                Some(text) if !text.is_empty() && !text.contains(['*', '?', '[', '\\', '{']) => {
                    out.push(text.to_owned());
                }
                _ if self.shell.dialect == Dialect::Bash => {
                    for word in super::brace::expand(word) {
                        out.extend(self.word(&word)?);
                    }
                }
                _ => out.extend(self.word(word)?),
            }
        }
        Ok(out)
    }

    fn word(&mut self, word: &Word) -> Expanded<Vec<String>> {
        self.mode = Mode::Fields;
        self.parts(&word.parts, Place::Word)?;
        self.finish_field();
        self.after_blank = false;
        let fields = std::mem::take(&mut self.fields);
        let mut out = Vec::with_capacity(fields.len());
        for field in fields {
            if pattern::is_pattern(&field) && !self.shell.opts.noglob {
                let nothing = self.shell.opts.nullglob;
                out.extend(super::glob::expand(self.sys, &field, nothing));
            } else {
                out.push(unescape(&field));
            }
        }
        Ok(out)
    }

    /// Expands a word to one string without splitting (assignments, `case`, redirections).
    pub(super) fn single(&mut self, word: &Word) -> Expanded<String> {
        if let Some(text) = word.literal()
            && !text.contains('\\')
        {
            return Ok(text.to_owned());
        }
        self.nested(&word.parts, Mode::Single).map(|text| unescape(&text))
    }

    /// Expands a word to a pattern.
    pub(super) fn pattern(&mut self, word: &Word) -> Expanded<String> {
        self.nested(&word.parts, Mode::Pattern)
    }

    /// Expands the text of an arithmetic expression or here-document.
    pub(super) fn text(&mut self, parts: &[Part]) -> Expanded<String> {
        let saved = std::mem::replace(&mut self.mode, Mode::Single);
        let before =
            (std::mem::take(&mut self.current), self.active, std::mem::take(&mut self.fields));
        let result = self.parts(parts, Place::Quoted);
        let text = unescape(&std::mem::replace(&mut self.current, before.0));
        (self.active, self.fields, self.mode) = (before.1, before.2, saved);
        result.map(|()| text)
    }

    pub(super) fn arithmetic(&mut self, parts: &[Part]) -> Expanded<i64> {
        let text = self.text(parts)?.replace('"', "");
        let dialect = self.shell.dialect;
        arith::evaluate(&text, &mut ArithVars(self))
            .or_else(|message| fail(arith_words(dialect, &text, message)))
    }

    fn nested(&mut self, parts: &[Part], mode: Mode) -> Expanded<String> {
        let saved = std::mem::replace(&mut self.mode, mode);
        let before =
            (std::mem::take(&mut self.current), self.active, std::mem::take(&mut self.fields));
        let result = self.parts(parts, Place::Word);
        let text = std::mem::replace(&mut self.current, before.0);
        (self.active, self.fields, self.mode) = (before.1, before.2, saved);
        result.map(|()| text)
    }

    fn finish_field(&mut self) {
        if self.active || !self.current.is_empty() {
            self.fields.push(std::mem::take(&mut self.current));
        }
        self.active = false;
    }

    fn push_quoted(&mut self, text: &str) {
        self.sys.cost += text.len() as u64 / 16;
        self.active = true;
        self.after_blank = false;
        escape_into(&mut self.current, text);
    }

    /// Adds the result of an unquoted expansion.
    fn push_expanded(&mut self, text: &str) {
        self.sys.cost += text.len() as u64 / 16;
        if self.mode != Mode::Fields {
            if self.mode == Mode::Single {
                escape_into(&mut self.current, text);
            } else {
                self.current.push_str(text);
            }
            return;
        }
        for c in text.chars() {
            if !self.ifs.contains(c) {
                self.after_blank = false;
                self.active = true;
                if c == '\\' {
                    self.current.push('\\');
                }
                self.current.push(c);
            } else if c == ' ' || c == '\t' || c == '\n' {
                if self.active {
                    self.finish_field();
                    self.after_blank = true;
                }
            } else if self.after_blank {
                self.after_blank = false;
            } else {
                self.active = true;
                self.finish_field();
            }
        }
    }

    fn push_many(&mut self, items: &[String], kind: Many, quoted: bool) {
        let star = kind == Many::Star;
        let joined = |ifs: &str| match ifs.chars().next() {
            Some(c) => items.join(&c.to_string()),
            None => items.concat(),
        };
        if quoted && (star || self.mode != Mode::Fields) {
            let text = if star { joined(&self.ifs) } else { items.join(" ") };
            return self.push_quoted(&text);
        }
        if self.mode != Mode::Fields {
            return self.push_expanded(&items.join(" "));
        }
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.finish_field();
            }
            if quoted {
                self.push_quoted(item);
            } else {
                self.push_expanded(item);
            }
        }
    }

    fn parts(&mut self, parts: &[Part], place: Place) -> Expanded<()> {
        let quoted = place == Place::Quoted;
        for part in parts {
            self.check_room()?;
            match part {
                Part::Lit(text) if quoted => self.push_quoted(text),
                Part::Lit(text) if place == Place::Inner => self.push_expanded(text),
                Part::Lit(text) => {
                    self.after_blank = false;
                    self.active = true;
                    if self.mode == Mode::Single {
                        escape_into(&mut self.current, text);
                    } else {
                        self.current.push_str(text);
                    }
                }
                Part::Quoted(text) => self.push_quoted(text),
                Part::Double(inside) => self.double(inside)?,
                Part::Param(param) => self.param(param, quoted)?,
                Part::Command(body) => {
                    let Some(result) = self.results.get(self.used) else {
                        return Err(Halt::Substitute(body.clone()));
                    };
                    self.used += 1;
                    if quoted {
                        self.push_quoted(&result.text);
                    } else {
                        let text = &result.text;
                        self.push_expanded(text);
                    }
                }
                Part::Arith(inside) => {
                    let text = self.arithmetic(inside)?.to_string();
                    if quoted { self.push_quoted(&text) } else { self.push_expanded(&text) }
                }
                Part::Process(reads, body) => {
                    let Some(result) = self.results.get(self.used) else {
                        return Err(Halt::Process(*reads, body.clone()));
                    };
                    self.used += 1;
                    let path = result.text.clone();
                    self.push_quoted(&path);
                }
                Part::Tilde(user) => {
                    let home = self.tilde(user);
                    self.push_quoted(&home);
                }
            }
        }
        self.check_room()
    }

    /// What was expanded so far must not outgrow the memory.
    fn check_room(&mut self) -> Expanded<()> {
        if self.current.len() as u64 > limits::STRING_BYTES || self.fields.len() > limits::ELEMENTS
        {
            self.sys.exhaust("bytes of one string");
            return fail("out of memory");
        }
        Ok(())
    }

    fn double(&mut self, inside: &[Part]) -> Expanded<()> {
        // "$@" without parameters is no field at all.
        let only_at = match inside {
            [Part::Param(param)] => match param.index.as_deref() {
                Some([Part::Lit(t) | Part::Quoted(t)]) => t == "@" && param.op != Op::Length,
                Some(_) => false,
                None => param.name == "@" && matches!(param.op, Op::Plain | Op::Slice { .. }),
            },
            _ => false,
        };
        if !only_at {
            self.active = true;
        }
        self.parts(inside, Place::Quoted)
    }

    fn tilde(&self, user: &str) -> String {
        match user {
            "" => self.variable("HOME").unwrap_or_else(|| "~".to_owned()),
            "root" => "/root".to_owned(),
            other => format!("~{other}"),
        }
    }
}

/// What is wrong with an arithmetic expression, in the words of the dialect.
fn arith_words(dialect: Dialect, text: &str, message: String) -> String {
    if message != "divide by zero" {
        return message;
    }
    match dialect {
        Dialect::Ash => message,
        Dialect::Dash => format!("arithmetic expression: division by zero: \"{text}\""),
        Dialect::Bash => {
            let divisor = text.rsplit(['/', '%']).next().unwrap_or(text).trim_start();
            format!("{text}: division by 0 (error token is \"{divisor}\")")
        }
    }
}
