//! Commands: lists, pipelines, compound commands, redirections.

use super::Dialect;
use super::ast::{Arm, Assign, Cond, Item, Node, Part, Redir, RedirOp, Simple, Value, Word};
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
        let len = rest.find(|c: char| " \t\r\n;&|()<>".contains(c)).unwrap_or(rest.len());
        RESERVED.into_iter().find(|word| *word == &rest[..len])
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
            let separator = background || (rest.starts_with(';') && !rest.starts_with(";;"));
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
            self.newlines();
            parts.push(self.command()?);
        }
        if !negate && parts.len() == 1 {
            return Ok(parts.swap_remove(0));
        }
        Ok(Arc::new(Node::Pipeline { negate, parts }))
    }

    fn command(&mut self) -> Parsed<Arc<Node>> {
        self.blanks();
        let line = self.line;
        let bash = self.dialect == Dialect::Bash;
        let node = match self.reserved() {
            Some("if") => self.deeper(Self::if_command)?,
            Some("while") => self.deeper(|p| p.loop_command(false))?,
            Some("until") => self.deeper(|p| p.loop_command(true))?,
            Some("for") => self.deeper(Self::for_command)?,
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

    fn for_command(&mut self) -> Parsed<Arc<Node>> {
        self.pos += 3;
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
        Ok(Arc::new(Node::For { name, words, body, line }))
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
        let falls_through = self.dialect == Dialect::Bash && self.eat(";&");
        if !falls_through && !self.eat(";;") && self.reserved() != Some("esac") {
            return self.unexpected(Some(";;"));
        }
        Ok(Arm { patterns, body, falls_through })
    }

    fn redirs(&mut self) -> Parsed<Vec<Redir>> {
        let mut redirs = Vec::new();
        while let Some(redir) = self.redir()? {
            redirs.push(redir);
        }
        Ok(redirs)
    }

    fn redir(&mut self) -> Parsed<Option<Redir>> {
        self.blanks();
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[digits..];
        if self.dialect != Dialect::Dash && rest.starts_with("&>") {
            let append = rest.starts_with("&>>");
            self.pos += if append { 3 } else { 2 };
            let op = if append { RedirOp::BothAppend } else { RedirOp::Both };
            return self.redir_target(None, op).map(Some);
        }
        if !after.starts_with(['<', '>']) {
            return Ok(None);
        }
        let fd = if digits == 0 { None } else { rest[..digits].parse().ok() };
        self.pos += digits;
        let bash = self.dialect == Dialect::Bash;
        let table = [
            ("<<<", RedirOp::HereString),
            ("<<-", RedirOp::HereDoc),
            ("<<", RedirOp::HereDoc),
            ("<>", RedirOp::ReadWrite),
            ("<&", RedirOp::DupIn),
            ("<", RedirOp::In),
            (">>", RedirOp::Append),
            (">&", RedirOp::DupOut),
            (">|", RedirOp::Out),
            (">", RedirOp::Out),
        ];
        let found = table
            .into_iter()
            .find(|(text, op)| (bash || *op != RedirOp::HereString) && after.starts_with(text));
        let Some((text, op)) = found else { return Ok(None) };
        self.pos += text.len();
        if op == RedirOp::HereDoc {
            let Some(delimiter) = self.word()? else { return self.unexpected(None) };
            let target = self.here_document(&delimiter, text == "<<-")?;
            return Ok(Some(Redir { fd, op, target }));
        }
        self.redir_target(fd, op).map(Some)
    }

    fn redir_target(&mut self, fd: Option<u32>, op: RedirOp) -> Parsed<Redir> {
        match self.word()? {
            Some(target) => Ok(Redir { fd, op, target }),
            None => self.unexpected(None),
        }
    }

    fn simple(&mut self) -> Parsed<Arc<Node>> {
        self.blanks();
        let (start, line) = (self.pos, self.line);
        let mut command = Simple {
            assigns: Vec::new(),
            words: Vec::new(),
            redirs: Vec::new(),
            line,
            text: "".into(),
        };
        loop {
            if let Some(redir) = self.redir()? {
                command.redirs.push(redir);
                continue;
            }
            if command.words.is_empty()
                && let Some(assign) = self.assignment()?
            {
                command.assigns.push(assign);
                continue;
            }
            let Some(word) = self.word()? else { break };
            command.words.push(word);
            if command.words.len() == 1
                && command.assigns.is_empty()
                && command.redirs.is_empty()
                && self.function_follows(&command.words[0])
            {
                return self.function(command.words.swap_remove(0));
            }
            if self.dialect == Dialect::Ash && command.words[0].literal() == Some("[[") {
                self.bracket_operator(&mut command);
            }
        }
        if command.words.is_empty() && command.assigns.is_empty() && command.redirs.is_empty() {
            return self.unexpected(None);
        }
        let end = self.pos.max(start);
        command.text = shorten(self.src.get(start..end).unwrap_or("")).into();
        Ok(Arc::new(Node::Simple(command)))
    }

    /// ash's `[[` takes `&&` and `||` as `-a` and `-o`.
    fn bracket_operator(&mut self, command: &mut Simple) {
        if command.words.last().and_then(Word::literal) == Some("]]") {
            return;
        }
        self.blanks();
        for (op, word) in [("&&", "-a"), ("||", "-o")] {
            if self.eat(op) {
                command.words.push(Word::of(Part::Lit(word.to_owned())));
            }
        }
    }

    fn function_follows(&mut self, word: &Word) -> bool {
        if word.literal() == Some("function") && self.dialect != Dialect::Dash {
            self.blanks();
            return self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        }
        self.blanks();
        self.peek() == Some('(')
    }

    fn function(&mut self, word: Word) -> Parsed<Arc<Node>> {
        let mut name = word.literal().map(str::to_owned);
        if name.as_deref() == Some("function") && self.peek() != Some('(') {
            name = self.word()?.and_then(|word| word.literal().map(str::to_owned));
            self.blanks();
        }
        if self.peek() == Some('(') {
            self.bump();
            self.blanks();
            if self.peek().is_some_and(|c| !"\n;&|()<>".contains(c)) {
                return self.error("unexpected word (expecting \")\")");
            }
            if self.peek() != Some(')') {
                return self.unexpected(Some(")"));
            }
            self.bump();
        }
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return self.error("bad function name");
        };
        self.newlines();
        let body = self.deeper(Self::command)?;
        Ok(Arc::new(Node::Function { name, body }))
    }

    /// `name=value`, `name+=value`, and in bash `name[i]=value`, `name=(…)`.
    fn assignment(&mut self) -> Parsed<Option<Assign>> {
        self.blanks();
        let rest = self.rest();
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = &rest[..len];
        if !is_name(name) {
            return Ok(None);
        }
        let bash = self.dialect == Dialect::Bash;
        let before = self.pos;
        let mut index = None;
        self.pos += len;
        if bash && self.peek() == Some('[') {
            match self.rest().find(']') {
                Some(end) if self.rest()[end + 1..].starts_with(['=', '+']) => {
                    let text = &self.src[self.pos + 1..self.pos + end];
                    index =
                        Some(Parser::new(text, 0, self.line, self.dialect).double_quoted(None)?);
                    self.pos += end + 1;
                }
                _ => {}
            }
        }
        let append = bash && self.eat("+=");
        if !append && !self.eat("=") {
            self.pos = before;
            return Ok(None);
        }
        let name = name.to_owned();
        if bash && self.peek() == Some('(') {
            let value = Value::Array(self.array()?);
            return Ok(Some(Assign { name, index, append, value }));
        }
        let ends = " \t\r\n;&|()<>";
        let value = match self.peek() {
            Some(c) if !ends.contains(c) => self.deeper(|p| p.word_until(None))?,
            _ => Word::default(),
        };
        Ok(Some(Assign { name, index, append, value: Value::Scalar(value) }))
    }

    fn array(&mut self) -> Parsed<Vec<Word>> {
        self.bump();
        let mut words = Vec::new();
        loop {
            self.newlines();
            match self.word()? {
                Some(word) => words.push(word),
                None if self.peek() == Some(')') => {
                    self.bump();
                    return Ok(words);
                }
                None => return self.unexpected(Some(")")),
            }
        }
    }

    fn cond_or(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_and()?;
        loop {
            self.newlines();
            if !self.eat("||") {
                return Ok(left);
            }
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
    }

    fn cond_and(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_primary()?;
        loop {
            self.newlines();
            if !self.eat("&&") {
                return Ok(left);
            }
            left = Cond::And(Box::new(left), Box::new(self.cond_primary()?));
        }
    }

    fn cond_word(&mut self, text: &str) -> bool {
        self.newlines();
        let found = self.rest().strip_prefix(text).is_some_and(|after| {
            after.is_empty() || after.starts_with([' ', '\t', '\n', ';', '&', '|', ')'])
        });
        if found {
            self.pos += text.len();
        }
        found
    }

    fn cond_primary(&mut self) -> Parsed<Cond> {
        if self.cond_word("!") {
            return Ok(Cond::Not(Box::new(self.deeper(Self::cond_primary)?)));
        }
        self.newlines();
        if self.peek() == Some('(') {
            self.bump();
            let inner = self.deeper(Self::cond_or)?;
            self.newlines();
            if self.peek() != Some(')') {
                return self.unexpected(Some(")"));
            }
            self.bump();
            return Ok(inner);
        }
        let Some(first) = self.word()? else { return self.unexpected(None) };
        if let Some(flag) = first.literal()
            && flag.len() == 2
            && flag.starts_with('-')
            && let Some(operand) = self.cond_operand()?
        {
            return Ok(Cond::Unary(flag.to_owned(), operand));
        }
        self.blanks();
        for op in [
            "==", "=~", "!=", "<", ">", "=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt",
            "-ot", "-ef",
        ] {
            if self.rest().starts_with(op) {
                self.pos += op.len();
                self.blanks();
                let right = if op == "=~" {
                    self.regex_word()?
                } else {
                    self.cond_operand()?.unwrap_or_default()
                };
                return Ok(Cond::Binary(first, op.to_owned(), right));
            }
        }
        Ok(Cond::Word(first))
    }

    fn cond_operand(&mut self) -> Parsed<Option<Word>> {
        self.blanks();
        if self.rest().starts_with("]]") {
            return Ok(None);
        }
        self.word()
    }

    /// The right side of `=~`: parentheses and bars belong to it.
    fn regex_word(&mut self) -> Parsed<Word> {
        let mut word = Word::default();
        loop {
            match self.peek() {
                Some(c @ ('(' | ')' | '|' | '<' | '>' | '&' | ';'))
                    if !(c == '&' && self.rest().starts_with("&&")) =>
                {
                    self.bump();
                    word.parts.push(Part::Lit(c.to_string()));
                }
                None | Some(' ' | '\t' | '\n' | '&') => return Ok(word),
                Some('\r') => drop(self.bump()),
                Some(_) => word.parts.extend(self.deeper(|p| p.word_until(None))?.parts),
            }
        }
    }
}

fn shorten(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("");
    match line.char_indices().nth(TEXT) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
