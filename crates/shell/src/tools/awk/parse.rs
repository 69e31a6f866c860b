//! The grammar of `awk`.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Regex(String),
    Var(String),
    Index(String, Vec<Self>),
    Field(Box<Self>),
    Assign(&'static str, Box<Self>, Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Not(Box<Self>),
    Minus(Box<Self>),
    Plus(Box<Self>),
    /// Prefix or not, by how much.
    Step(bool, f64, Box<Self>),
    Ternary(Box<Self>, Box<Self>, Box<Self>),
    In(Vec<Self>, String),
    Call(String, Vec<Self>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stmt {
    Expr(Expr),
    Print(Vec<Expr>, Option<Expr>),
    Printf(Vec<Expr>, Option<Expr>),
    If(Expr, Box<Self>, Option<Box<Self>>),
    While(Expr, Box<Self>),
    Do(Box<Self>, Expr),
    For(Option<Box<Self>>, Option<Expr>, Option<Box<Self>>, Box<Self>),
    ForIn(String, String, Box<Self>),
    Block(Vec<Self>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
    Return(Option<Expr>),
    Delete(String, Option<Vec<Expr>>),
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) pattern: Option<Expr>,
    pub(super) until: Option<Expr>,
    pub(super) body: Option<Stmt>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) begins: Vec<Stmt>,
    pub(super) rules: Vec<Rule>,
    pub(super) ends: Vec<Stmt>,
    pub(super) functions: BTreeMap<String, (Vec<String>, Stmt)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Op(&'static str),
    Newline,
    End,
}

const OPS: [&str; 46] = [
    "**=", "&&", "||", "==", "!=", "<=", ">=", "!~", "++", "--", "+=", "-=", "*=", "/=", "%=",
    "^=", ">>", "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!",
    ">", "<", "|", "?", ":", "~", "$", "=", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}",
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    token: Token,
    /// Where the present token begins, to read it again as a regular expression.
    begin: usize,
    depth: u32,
    /// `>` redirects output instead of comparing.
    no_greater: bool,
    no_in: bool,
}

type Parsed<T> = Result<T, String>;

pub(super) fn parse(text: &str) -> Parsed<Program> {
    let mut parser = Parser {
        text,
        at: 0,
        line: 1,
        token: Token::End,
        begin: 0,
        depth: 0,
        no_greater: false,
        no_in: false,
    };
    parser.advance()?;
    parser.program()
}

impl Parser<'_> {
    fn fail<T>(&self) -> Parsed<T> {
        Err(format!("{}: Unexpected token", self.line))
    }

    fn advance(&mut self) -> Parsed<()> {
        self.token = self.scan()?;
        Ok(())
    }

    fn scan(&mut self) -> Parsed<Token> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches([' ', '\t', '\r']);
            self.at += rest.len() - trimmed.len();
            if let Some(after) = trimmed.strip_prefix("\\\n") {
                self.at = self.text.len() - after.len();
                self.line += 1;
            } else if trimmed.starts_with('#') {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else {
                break;
            }
        }
        let rest = &self.text[self.at..];
        self.begin = self.at;
        let Some(c) = rest.chars().next() else { return Ok(Token::End) };
        if c == '\n' {
            self.at += 1;
            self.line += 1;
            return Ok(Token::Newline);
        }
        if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())) {
            let mut len =
                rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            if rest[len..].starts_with(['e', 'E']) {
                let tail = &rest[len + 1..];
                let sign = usize::from(tail.starts_with(['+', '-']));
                let digits = tail[sign..].bytes().take_while(u8::is_ascii_digit).count();
                if digits > 0 {
                    len += 1 + sign + digits;
                }
            }
            self.at += len;
            return Ok(Token::Number(rest[..len].parse().unwrap_or(0.0)));
        }
        if c.is_ascii_alphabetic() || c == '_' {
            let len =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            self.at += len;
            return Ok(Token::Name(rest[..len].to_owned()));
        }
        if c == '"' {
            return self.string();
        }
        match OPS.iter().find(|op| rest.starts_with(**op)) {
            Some(op) => {
                self.at += op.len();
                Ok(Token::Op(op))
            }
            None => self.fail(),
        }
    }

    fn string(&mut self) -> Parsed<Token> {
        let mut raw = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 2;
                    let bytes = crate::tools::escapes(&raw.replace("\\/", "/"), true).0;
                    return Ok(Token::Text(String::from_utf8_lossy(&bytes).into_owned()));
                }
                '\\' => {
                    raw.push(c);
                    raw.extend(chars.next().map(|(_, c)| c));
                }
                _ => raw.push(c),
            }
        }
        Err(format!("{}: Unexpected end of string", self.line))
    }

    /// Reads from the `/` of the present token on as a regular expression.
    fn regex(&mut self) -> Parsed<Expr> {
        let mut out = String::new();
        let mut chars = self.text[self.begin + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '/' => {
                    self.at = self.begin + i + 2;
                    self.advance()?;
                    return Ok(Expr::Regex(out));
                }
                '\\' => match chars.next() {
                    Some((_, '/')) => out.push('/'),
                    Some((_, next)) => out.extend(['\\', next]),
                    None => break,
                },
                '\n' => break,
                _ => out.push(c),
            }
        }
        Err(format!("{}: Unexpected end of regex", self.line))
    }

    fn is(&self, op: &str) -> bool {
        matches!(&self.token, Token::Op(o) if *o == op)
    }

    fn eat(&mut self, op: &str) -> Parsed<bool> {
        let found = self.is(op);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, op: &str) -> Parsed<()> {
        if self.eat(op)? { Ok(()) } else { self.fail() }
    }

    fn eat_name(&mut self, name: &str) -> Parsed<bool> {
        let found = matches!(&self.token, Token::Name(n) if n == name);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    fn only_newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn program(&mut self) -> Parsed<Program> {
        let mut program = Program::default();
        loop {
            self.newlines()?;
            if self.token == Token::End {
                return Ok(program);
            }
            if self.eat_name("BEGIN")? {
                self.only_newlines()?;
                program.begins.push(self.block()?);
            } else if self.eat_name("END")? {
                self.only_newlines()?;
                program.ends.push(self.block()?);
            } else if self.eat_name("function")? || self.eat_name("func")? {
                self.function(&mut program)?;
            } else {
                let mut rule = Rule { pattern: None, until: None, body: None };
                if !self.is("{") {
                    rule.pattern = Some(self.expr()?);
                    if self.eat(",")? {
                        rule.until = Some(self.expr()?);
                    }
                }
                if self.is("{") {
                    rule.body = Some(self.block()?);
                }
                program.rules.push(rule);
            }
        }
    }

    fn name(&mut self) -> Parsed<String> {
        match std::mem::replace(&mut self.token, Token::End) {
            Token::Name(name) => {
                self.advance()?;
                Ok(name)
            }
            _ => self.fail(),
        }
    }

    fn function(&mut self, program: &mut Program) -> Parsed<()> {
        let name = self.name()?;
        self.expect("(")?;
        let mut params = Vec::new();
        while !self.eat(")")? {
            params.push(self.name()?);
            self.eat(",")?;
        }
        self.only_newlines()?;
        let body = self.block()?;
        program.functions.insert(name, (params, body));
        Ok(())
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > 60 {
            return Err(format!("{}: Too deep", self.line));
        }
        let result = f(self);
        self.depth -= 1;
        result
    }

    fn block(&mut self) -> Parsed<Stmt> {
        self.expect("{")?;
        let mut all = Vec::new();
        loop {
            self.newlines()?;
            if self.eat("}")? {
                return Ok(Stmt::Block(all));
            }
            all.push(self.deeper(Self::statement)?);
        }
    }

    fn end_of_simple(&mut self) -> Parsed<()> {
        match self.token {
            Token::Newline => self.advance(),
            _ if self.is(";") => self.advance(),
            Token::End => Ok(()),
            _ if self.is("}") => Ok(()),
            _ => self.fail(),
        }
    }

    fn body(&mut self) -> Parsed<Box<Stmt>> {
        self.only_newlines()?;
        if self.eat(";")? {
            return Ok(Box::new(Stmt::Block(Vec::new())));
        }
        self.deeper(Self::statement).map(Box::new)
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        if self.is("{") {
            return self.block();
        }
        let keyword = match &self.token {
            Token::Name(name) => name.clone(),
            _ => String::new(),
        };
        match keyword.as_str() {
            "if" => return self.if_statement(),
            "while" => {
                self.advance()?;
                self.expect("(")?;
                let cond = self.expr()?;
                self.expect(")")?;
                return Ok(Stmt::While(cond, self.body()?));
            }
            "do" => {
                self.advance()?;
                let body = self.body()?;
                self.newlines()?;
                if !self.eat_name("while")? {
                    return self.fail();
                }
                self.expect("(")?;
                let cond = self.expr()?;
                self.expect(")")?;
                return Ok(Stmt::Do(body, cond));
            }
            "for" => return self.for_statement(),
            _ => {}
        }
        let statement = self.simple()?;
        self.end_of_simple()?;
        Ok(statement)
    }

    fn if_statement(&mut self) -> Parsed<Stmt> {
        self.advance()?;
        self.expect("(")?;
        let cond = self.expr()?;
        self.expect(")")?;
        let yes = self.body()?;
        let before = (self.at, self.line, self.token.clone(), self.begin);
        self.newlines()?;
        if self.eat_name("else")? {
            return Ok(Stmt::If(cond, yes, Some(self.body()?)));
        }
        (self.at, self.line, self.token, self.begin) = before;
        Ok(Stmt::If(cond, yes, None))
    }

    fn for_statement(&mut self) -> Parsed<Stmt> {
        self.advance()?;
        self.expect("(")?;
        let before = (self.at, self.line, self.token.clone(), self.begin);
        if let Token::Name(name) = self.token.clone() {
            self.advance()?;
            if self.eat_name("in")? {
                let array = self.name()?;
                if self.eat(")")? {
                    return Ok(Stmt::ForIn(name, array, self.body()?));
                }
            }
            (self.at, self.line, self.token, self.begin) = before;
        }
        let init = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        let cond = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Stmt::For(init, cond, step, self.body()?))
    }

    fn ends_expression(&self) -> bool {
        matches!(self.token, Token::Newline | Token::End) || self.is(";") || self.is("}")
    }

    fn optional(&mut self) -> Parsed<Option<Expr>> {
        if self.ends_expression() { Ok(None) } else { self.expr().map(Some) }
    }

    fn simple(&mut self) -> Parsed<Stmt> {
        let keyword = match &self.token {
            Token::Name(name) => name.clone(),
            _ => return Ok(Stmt::Expr(self.expr()?)),
        };
        match keyword.as_str() {
            "print" | "printf" => {
                self.advance()?;
                let args = self.print_arguments()?;
                let target = if self.is(">") || self.is(">>") || self.is("|") {
                    if self.is("|") {
                        return Err(format!("{}: Pipes are not supported", self.line));
                    }
                    self.advance()?;
                    Some(self.concatenation_operand()?)
                } else {
                    None
                };
                Ok(if keyword == "print" {
                    Stmt::Print(args, target)
                } else {
                    Stmt::Printf(args, target)
                })
            }
            "next" | "nextfile" => self.advance().map(|()| Stmt::Next),
            "break" => self.advance().map(|()| Stmt::Break),
            "continue" => self.advance().map(|()| Stmt::Continue),
            "exit" => {
                self.advance()?;
                Ok(Stmt::Exit(self.optional()?))
            }
            "return" => {
                self.advance()?;
                Ok(Stmt::Return(self.optional()?))
            }
            "delete" => {
                self.advance()?;
                let name = self.name()?;
                let index = if self.eat("[")? { Some(self.list("]")?) } else { None };
                Ok(Stmt::Delete(name, index))
            }
            "getline" => Err(format!("{}: getline is not supported", self.line)),
            _ => Ok(Stmt::Expr(self.expr()?)),
        }
    }

    fn print_arguments(&mut self) -> Parsed<Vec<Expr>> {
        let saved = std::mem::replace(&mut self.no_greater, true);
        let result = self.print_list();
        self.no_greater = saved;
        result
    }

    fn print_list(&mut self) -> Parsed<Vec<Expr>> {
        let mut args = Vec::new();
        if self.ends_expression() || self.is(">") || self.is("|") {
            return Ok(args);
        }
        if self.is("(") {
            // `print (a, b) > file` or `print (a)(b)`.
            let before = (self.at, self.line, self.token.clone(), self.begin);
            self.advance()?;
            let saved = std::mem::replace(&mut self.no_greater, false);
            let list = self.list(")");
            self.no_greater = saved;
            if let Ok(list) = list
                && list.len() > 1
                && (self.ends_expression() || self.is(">") || self.is(">>") || self.is("|"))
            {
                return Ok(list);
            }
            (self.at, self.line, self.token, self.begin) = before;
        }
        loop {
            args.push(self.expr()?);
            if !self.eat(",")? {
                return Ok(args);
            }
            self.only_newlines()?;
        }
    }

    /// Expressions up to a closing token.
    fn list(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut all = Vec::new();
        loop {
            self.only_newlines()?;
            if self.eat(close)? {
                return Ok(all);
            }
            all.push(self.expr()?);
            self.only_newlines()?;
            if !self.eat(",")? && !self.is(close) {
                return self.fail();
            }
        }
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(Self::ternary)
    }

    fn ternary(&mut self) -> Parsed<Expr> {
        let cond = self.binary(0)?;
        if self.eat("?")? {
            self.only_newlines()?;
            let yes = self.expr()?;
            self.only_newlines()?;
            self.expect(":")?;
            self.only_newlines()?;
            let no = self.expr()?;
            return Ok(Expr::Ternary(Box::new(cond), Box::new(yes), Box::new(no)));
        }
        let assign =
            ["=", "+=", "-=", "*=", "/=", "%=", "^=", "**="].into_iter().find(|op| self.is(op));
        if let Some(op) = assign
            && matches!(cond, Expr::Var(_) | Expr::Index(..) | Expr::Field(_))
        {
            self.advance()?;
            self.only_newlines()?;
            let value = self.expr()?;
            return Ok(Expr::Assign(
                if op == "**=" { "^=" } else { op },
                Box::new(cond),
                Box::new(value),
            ));
        }
        Ok(cond)
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        const LEVELS: [&[&str]; 7] = [
            &["||"],
            &["&&"],
            &["in"],
            &["~", "!~"],
            &["<", "<=", "!=", "==", ">", ">="],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        if level == 5 {
            return self.concatenation();
        }
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            if level == 2 {
                let is_in = matches!(&self.token, Token::Name(n) if n == "in") && !self.no_in;
                if !is_in {
                    return Ok(left);
                }
                self.advance()?;
                left = Expr::In(vec![left], self.name()?);
                continue;
            }
            let op =
                LEVELS[level].iter().find(|op| self.is(op) && !(**op == ">" && self.no_greater));
            let Some(op) = op else { return Ok(left) };
            self.advance()?;
            self.only_newlines()?;
            let right = self.binary(level + 1)?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
            if level == 4 {
                return Ok(left);
            }
        }
    }

    fn starts_operand(&self) -> bool {
        match &self.token {
            Token::Number(_) | Token::Text(_) => true,
            Token::Name(name) => name != "in",
            Token::Op(op) => matches!(*op, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
            Token::Newline | Token::End => false,
        }
    }

    fn concatenation(&mut self) -> Parsed<Expr> {
        let mut left = self.additive()?;
        while self.starts_operand() && !self.is("+") && !self.is("-") {
            let right = self.additive()?;
            left = Expr::Binary(" ", Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn concatenation_operand(&mut self) -> Parsed<Expr> {
        self.additive()
    }

    fn additive(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(6)?;
        while let Some(op) = ["+", "-"].into_iter().find(|op| self.is(op)) {
            self.advance()?;
            let right = self.binary(6)?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.deeper(|p| {
            if p.eat("!")? {
                return Ok(Expr::Not(Box::new(p.unary()?)));
            }
            if p.eat("-")? {
                return Ok(Expr::Minus(Box::new(p.unary()?)));
            }
            if p.eat("+")? {
                return Ok(Expr::Plus(Box::new(p.unary()?)));
            }
            let base = p.postfix()?;
            if p.eat("^")? || p.eat("**")? {
                let exponent = p.unary()?;
                return Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)));
            }
            Ok(base)
        })
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (op, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(op)? {
                let target = self.primary()?;
                return Ok(Expr::Step(true, by, Box::new(target)));
            }
        }
        let target = self.primary()?;
        let place = matches!(target, Expr::Var(_) | Expr::Index(..) | Expr::Field(_));
        for (op, by) in [("++", 1.0), ("--", -1.0)] {
            if place && self.eat(op)? {
                return Ok(Expr::Step(false, by, Box::new(target)));
            }
        }
        Ok(target)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        if self.is("/") || self.is("/=") {
            return self.regex();
        }
        match self.token.clone() {
            Token::Number(n) => self.advance().map(|()| Expr::Number(n)),
            Token::Text(text) => self.advance().map(|()| Expr::Text(text)),
            Token::Op("$") => {
                self.advance()?;
                let inner = self.deeper(|p| {
                    if p.is("++") || p.is("--") || p.is("-") { p.unary() } else { p.primary() }
                })?;
                Ok(Expr::Field(Box::new(inner)))
            }
            Token::Op("(") => {
                self.advance()?;
                let saved = std::mem::replace(&mut self.no_greater, false);
                let mut list = self.list(")")?;
                self.no_greater = saved;
                if list.len() == 1 {
                    return Ok(list.remove(0));
                }
                if !self.eat_name("in")? {
                    return self.fail();
                }
                Ok(Expr::In(list, self.name()?))
            }
            Token::Name(name) => {
                let call = self.text[self.at..].starts_with('(');
                self.advance()?;
                if call || (self.is("(") && BUILTINS.contains(&name.as_str())) {
                    self.advance()?;
                    let saved = std::mem::replace(&mut self.no_greater, false);
                    let args = self.list(")")?;
                    self.no_greater = saved;
                    return Ok(Expr::Call(name, args));
                }
                if name == "length" {
                    return Ok(Expr::Call(name, Vec::new()));
                }
                if self.eat("[")? {
                    return Ok(Expr::Index(name, self.list("]")?));
                }
                Ok(Expr::Var(name))
            }
            _ => self.fail(),
        }
    }
}

pub(super) const BUILTINS: [&str; 21] = [
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "toupper", "tolower",
    "int", "sqrt", "exp", "log", "sin", "cos", "atan2", "rand", "srand", "systime", "strftime",
];
