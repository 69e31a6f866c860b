//! Commands: lists, pipelines, compound commands, redirections.

mod condition;
mod simple;

use super::Dialect;
use super::ast::{
    Arm, Assign, Cond, Element, Item, Node, Part, Redir, RedirOp, Simple, Then, Value, Word,
};
use super::lexer::{Parser, is_name};
use std::sync::Arc;

/// A syntax error in a shell's words, without the shell's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) line: u32,
}

type Parsed<T> = Result<T, SyntaxError>;

const RESERVED: [&str; 16] = [
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then",
    "until", "while",
];

/// Characters kept of a command's source for the record.
const TEXT: usize = 60;

impl Parser<'_> {
    /// The next line of commands. `None`: the end; `Some(None)`: an empty line.
    pub(crate) fn next_command(&mut self) -> Parsed<Option<Option<Arc<Node>>>> {
        self.blanks();
        match self.peek() {
            None => return Ok(None),
            Some('\n') => {
                self.bump();
                return Ok(Some(None));
            }
            _ => {}
        }
        let list = self.list(false)?;
        self.blanks();
        match self.peek() {
            None => {}
            Some('\n') => drop(self.bump()),
            _ => return self.unexpected(None),
        }
        Ok(Some(Some(list)))
    }

    /// Whether nothing but blanks is left.
    pub(crate) fn at_end(&mut self) -> bool {
        self.blanks();
        self.peek().is_none()
    }

    /// The commands of a `$(…)`, up to the parenthesis or the end.
    pub(super) fn substituted_list(&mut self) -> Parsed<Arc<Node>> {
        self.newlines();
        if matches!(self.peek(), None | Some(')')) {
            return Ok(Arc::new(Node::List(Vec::new())));
        }
        self.list(true)
    }

    pub(super) fn unexpected<T>(&mut self, expecting: Option<&str>) -> Parsed<T> {
        self.blanks();
        let token = match self.peek() {
            None => "end of file".to_owned(),
            Some('\n') => "newline".to_owned(),
            Some('<' | '>') => "redirection".to_owned(),
            Some('&') if self.rest().starts_with("&&") => "\"&&\"".to_owned(),
            Some('|') if self.rest().starts_with("||") => "\"||\"".to_owned(),
            Some(';') if self.rest().starts_with(";;") => "\";;\"".to_owned(),
            Some(c @ ('&' | '|' | ';' | '(' | ')')) => format!("\"{c}\""),
            Some(_) => match self.reserved() {
                Some(word) => format!("\"{word}\""),
                None => "word".to_owned(),
            },
        };
        let expecting = expecting.map(|e| format!(" (expecting \"{e}\")")).unwrap_or_default();
        self.error(format!("unexpected {token}{expecting}"))
    }

    /// The reserved word at this position, not consumed.
    fn reserved(&mut self) -> Option<&'static str> {
        self.blanks();
        let rest = self.rest();
        let len = rest.find(|c: char| " \t\n;&|()<>".contains(c)).unwrap_or(rest.len());
        let bash = self.dialect == Dialect::Bash;
        let known = RESERVED.into_iter().find(|word| *word == &rest[..len]);
        known.or((bash && &rest[..len] == "select").then_some("select"))
    }

    fn eat_reserved(&mut self, word: &str) -> bool {
        let found = self.reserved() == Some(word);
        if found {
            self.pos += word.len();
        }
        found
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.eat_reserved(word) { Ok(()) } else { self.unexpected(Some(word)) }
    }

    fn newlines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some('\n') {
                return;
            }
            self.bump();
        }
    }

    /// Whether a command can begin here.
    fn starts_command(&mut self) -> bool {
        let word = self.reserved();
        let ends = ["}", "do", "done", "elif", "else", "esac", "fi", "then"];
        match self.peek() {
            None | Some('\n' | ';' | '&' | '|' | ')') => false,
            _ => word.is_none_or(|word| !ends.contains(&word)),
        }
    }

    /// Commands separated by `;`, `&` and, in a compound command, newlines.
    fn list(&mut self, multi_line: bool) -> Parsed<Arc<Node>> {
        let mut items = Vec::new();
        if multi_line {
            self.newlines();
        }
        loop {
            if !self.starts_command() {
                // At the end of the text the caller says what it expected.
                if items.is_empty() && !(multi_line && self.peek().is_none()) {
                    return self.unexpected(None);
                }
                break;
            }
            let node = self.deeper(Self::and_or)?;
            self.blanks();
            let rest = self.rest();
            let background = rest.starts_with('&') && !rest.starts_with("&&");
            // `;;`, and `;&` where it exists, end an arm of `case`.
            let arm =
                rest.starts_with(";;") || (rest.starts_with(";&") && self.dialect == Dialect::Bash);
            let separator = background || (rest.starts_with(';') && !arm);
            items.push(Item { node, background });
            if separator {
                self.bump();
            }
            self.blanks();
            if multi_line && self.peek() == Some('\n') {
                self.newlines();
            } else if !separator {
                break;
            }
        }
        match items.as_slice() {
            [item] if !item.background => Ok(item.node.clone()),
            _ => Ok(Arc::new(Node::List(items))),
        }
    }

    fn and_or(&mut self) -> Parsed<Arc<Node>> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let and = self.rest().starts_with("&&");
            if !and && !self.rest().starts_with("||") {
                break;
            }
            self.pos += 2;
            self.newlines();
            rest.push((and, self.pipeline()?));
        }
        Ok(if rest.is_empty() { first } else { Arc::new(Node::AndOr { first, rest }) })
    }

    fn pipeline(&mut self) -> Parsed<Arc<Node>> {
        let mut negate = false;
        while self.eat_reserved("!") {
            negate = !negate;
        }
        let mut parts = vec![self.command()?];
        loop {
            self.blanks();
            if !self.rest().starts_with('|') || self.rest().starts_with("||") {
                break;
            }
            self.bump();
            if self.dialect == Dialect::Bash && self.peek() == Some('&') {
                self.bump();
                self.with_errors(&mut parts);
            }
            self.newlines();
            parts.push(self.command()?);
        }
        if !negate && parts.len() == 1 {
            return Ok(parts.swap_remove(0));
        }
        Ok(Arc::new(Node::Pipeline { negate, parts }))
    }

    /// `|&`: what the last command says on standard error goes into the pipe too.
    fn with_errors(&self, parts: &mut [Arc<Node>]) {
        if let Some(last) = parts.last_mut() {
            let target = Word::of(Part::Lit("1".to_owned()));
            let redirs = vec![Redir { fd: Some(2), op: RedirOp::DupOut, target }];
            *last = Arc::new(Node::Redirected { node: last.clone(), redirs, line: self.line });
        }
    }

    fn command(&mut self) -> Parsed<Arc<Node>> {
        self.blanks();
        let line = self.line;
        let bash = self.dialect == Dialect::Bash;
        let node = match self.reserved() {
            Some("if") => self.deeper(Self::if_command)?,
            Some("while") => self.deeper(|p| p.loop_command(false))?,
            Some("until") => self.deeper(|p| p.loop_command(true))?,
            Some(word @ ("for" | "select")) => {
                self.pos += word.len();
                self.deeper(|p| p.for_command(word == "select"))?
            }
            Some("case") => self.deeper(Self::case_command)?,
            Some("{") => {
                self.bump();
                let body = self.deeper(|p| p.list(true))?;
                self.expect("}")?;
                // A group is what it contains; the extra level keeps its redirections apart.
                Arc::new(Node::List(vec![Item { node: body, background: false }]))
            }
            Some(_) => return self.unexpected(None),
            None if bash && self.rest().starts_with("((") && self.arith_end().is_some() => {
                let expr = self.arith_parts()?;
                Arc::new(Node::Arith { expr, line })
            }
            None if self.peek() == Some('(') => {
                self.bump();
                let body = self.deeper(|p| p.list(true))?;
                self.blanks();
                if self.peek() != Some(')') {
                    return self.unexpected(Some(")"));
                }
                self.bump();
                Arc::new(Node::Subshell { body, line })
            }
            None if bash
                && self.rest().starts_with("[[")
                && self.peek_at(2).is_some_and(char::is_whitespace) =>
            {
                self.pos += 2;
                let expr = self.deeper(Self::cond_or)?;
                if !self.cond_word("]]") {
                    return self.unexpected(Some("]]"));
                }
                Arc::new(Node::Cond { expr, line })
            }
            None => return self.simple(),
        };
        let redirs = self.redirs()?;
        if redirs.is_empty() {
            return Ok(node);
        }
        Ok(Arc::new(Node::Redirected { node, redirs, line }))
    }

    fn arith_parts(&mut self) -> Parsed<Vec<Part>> {
        let Some(end) = self.arith_end() else { return self.unexpected(Some("))")) };
        let text = &self.src[self.pos + 2..end];
        let mut inner = Parser::new(text, 0, self.line, self.dialect);
        let parts = inner.double_quoted(None)?;
        self.line += text.matches('\n').count() as u32;
        self.pos = end + 2;
        Ok(parts)
    }

    fn if_command(&mut self) -> Parsed<Arc<Node>> {
        self.pos += 2;
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let cond = self.list(true)?;
            self.expect("then")?;
            arms.push((cond, self.list(true)?));
            if self.eat_reserved("elif") {
                continue;
            }
            if self.eat_reserved("else") {
                otherwise = Some(self.list(true)?);
            }
            self.expect("fi")?;
            return Ok(Arc::new(Node::If { arms, otherwise }));
        }
    }

    fn loop_command(&mut self, until: bool) -> Parsed<Arc<Node>> {
        self.pos += 5;
        let cond = self.list(true)?;
        let body = self.do_group()?;
        Ok(Arc::new(Node::Loop { until, cond, body }))
    }

    fn do_group(&mut self) -> Parsed<Arc<Node>> {
        self.expect("do")?;
        let body = self.list(true)?;
        self.expect("done")?;
        Ok(body)
    }

    fn for_command(&mut self, menu: bool) -> Parsed<Arc<Node>> {
        self.blanks();
        let line = self.line;
        if self.dialect == Dialect::Bash && self.rest().starts_with("((") {
            return self.for_arith();
        }
        let name = match self.word()? {
            Some(word) => word.literal().filter(|name| is_name(name)).map(str::to_owned),
            None => None,
        };
        let Some(name) = name else { return self.error("bad for loop variable") };
        self.newlines();
        let words = if self.eat_reserved("in") {
            let mut words = Vec::new();
            while let Some(word) = self.word()? {
                words.push(word);
            }
            self.blanks();
            if !matches!(self.peek(), Some(';' | '\n')) {
                return self.unexpected(None);
            }
            self.bump();
            Some(words)
        } else {
            self.blanks();
            if self.peek() == Some(';') {
                self.bump();
            }
            None
        };
        self.newlines();
        let body = self.do_group()?;
        Ok(Arc::new(Node::For { name, words, body, line, menu }))
    }

    fn for_arith(&mut self) -> Parsed<Arc<Node>> {
        let Some(end) = self.arith_end() else { return self.unexpected(Some("))")) };
        let text = &self.src[self.pos + 2..end];
        let mut three = Vec::new();
        for piece in text.splitn(3, ';') {
            three.push(Parser::new(piece, 0, self.line, self.dialect).double_quoted(None)?);
        }
        self.pos = end + 2;
        self.blanks();
        if self.peek() == Some(';') {
            self.bump();
        }
        self.newlines();
        let body = self.do_group()?;
        let mut three = three.into_iter();
        let mut next = || three.next().unwrap_or_default();
        Ok(Arc::new(Node::ForArith { init: next(), cond: next(), step: next(), body }))
    }

    fn case_command(&mut self) -> Parsed<Arc<Node>> {
        self.pos += 4;
        let line = self.line;
        let Some(word) = self.word()? else { return self.unexpected(None) };
        self.newlines();
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.eat_reserved("esac") {
                return Ok(Arc::new(Node::Case { word, arms, line }));
            }
            if self.peek() == Some('(') {
                self.bump();
            }
            arms.push(self.case_arm()?);
        }
    }

    fn case_arm(&mut self) -> Parsed<Arm> {
        let mut patterns = Vec::new();
        loop {
            let Some(pattern) = self.word()? else { return self.unexpected(None) };
            patterns.push(pattern);
            self.blanks();
            match self.peek() {
                Some('|') => drop(self.bump()),
                Some(')') => break,
                _ => return self.unexpected(Some(")")),
            }
        }
        self.bump();
        self.newlines();
        let body = if self.starts_command() { Some(self.list(true)?) } else { None };
        self.blanks();
        let bash = self.dialect == Dialect::Bash;
        let then = if bash && self.eat(";;&") {
            Then::Try
        } else if bash && self.eat(";&") {
            Then::Through
        } else if self.eat(";;") || self.reserved() == Some("esac") {
            Then::End
        } else {
            // After a separator a command is expected.
            let expected = (self.peek() != Some('&')).then_some(";;");
            return self.unexpected(expected);
        };
        Ok(Arm { patterns, body, then })
    }
}

fn shorten(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("");
    match line.char_indices().nth(TEXT) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
