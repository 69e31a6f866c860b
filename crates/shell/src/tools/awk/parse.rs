//! The grammar of `awk`.

mod expressions;
mod scan;

use scan::Token;
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
}

pub(super) const BUILTINS: [&str; 21] = [
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "toupper", "tolower",
    "int", "sqrt", "exp", "log", "sin", "cos", "atan2", "rand", "srand", "systime", "strftime",
];
