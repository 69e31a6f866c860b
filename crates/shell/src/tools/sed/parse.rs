//! The grammar of `sed`.

use super::*;

#[derive(Clone, Debug)]
pub(super) enum Action {
    Block(usize),
    EndBlock,
    Substitute {
        regex: Option<Regex>,
        with: Vec<Piece>,
        nth: usize,
        global: bool,
        print: bool,
        write: Option<String>,
    },
    Translate(BTreeMap<char, char>),
    Append(String),
    Insert(String),
    Change(String),
    Label,
    Branch(Option<String>),
    Test(Option<String>),
    Read(String),
    Write(String),
    Quit(u8, bool),
    Simple(char),
}

/// A part of the replacement.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Group(usize),
    /// `\U`, `\L`, `\u`, `\l`, `\E`
    Case(char),
}

#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) first: Option<Address>,
    pub(super) second: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
}

pub(super) struct Parser {
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    pub(super) extended: bool,
    pub(super) labels: BTreeMap<String, usize>,
}

pub(super) type Parsed<T> = Result<T, String>;

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn blanks(&mut self, also: &str) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t' || also.contains(c)) {
            self.at += 1;
        }
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().parse().ok()
    }

    /// Text up to an unescaped delimiter; `\delimiter` stands for it, `\n` for a newline.
    pub(super) fn delimited(&mut self, delimiter: char, regex: bool) -> Parsed<String> {
        let mut out = String::new();
        let mut in_set = false;
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == delimiter && !in_set {
                return Ok(out);
            }
            if c == '\\' {
                let Some(next) = self.peek() else { break };
                self.at += 1;
                if next == delimiter {
                    out.push(next);
                } else if next == 'n' && regex {
                    out.push('\n');
                } else {
                    out.extend(['\\', next]);
                }
                continue;
            }
            if regex && c == '[' && !in_set {
                in_set = true;
                out.push(c);
                if self.peek() == Some('^') {
                    self.at += 1;
                    out.push('^');
                }
                if self.peek() == Some(']') {
                    self.at += 1;
                    out.push(']');
                }
                continue;
            }
            if c == ']' {
                in_set = false;
            }
            out.push(c);
        }
        Err(format!("unmatched '{delimiter}'"))
    }

    pub(super) fn regex(&self, text: &str, icase: bool) -> Parsed<Option<Regex>> {
        if text.is_empty() {
            return Ok(None);
        }
        Regex::new(text, Syntax { extended: self.extended, icase })
            .map(Some)
            .map_err(|e| format!("bad regex '{text}': {e}"))
    }

    pub(super) fn address(&mut self) -> Parsed<Option<Address>> {
        let Some(c) = self.peek() else { return Ok(None) };
        if let Some(n) = self.number() {
            if self.peek() == Some('~') {
                self.at += 1;
                let step = self.number().unwrap_or(0);
                return Ok(Some(Address::Step(n, step)));
            }
            return Ok(Some(Address::Line(n)));
        }
        Ok(match c {
            '$' => {
                self.at += 1;
                Some(Address::Last)
            }
            '/' | '\\' => {
                self.at += 1;
                let delimiter = if c == '/' { '/' } else { self.peek().unwrap_or('/') };
                if c == '\\' {
                    self.at += 1;
                }
                let text = self.delimited(delimiter, true)?;
                let icase = self.peek() == Some('I');
                if icase {
                    self.at += 1;
                }
                Some(Address::Match(self.regex(&text, icase)?))
            }
            '+' => {
                self.at += 1;
                self.number().map(Address::Plus)
            }
            _ => None,
        })
    }

    pub(super) fn program(&mut self) -> Parsed<Vec<Command>> {
        let mut commands: Vec<Command> = Vec::new();
        let mut open = Vec::new();
        loop {
            self.blanks("\n;");
            let Some(c) = self.peek() else { break };
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let first = self.address()?;
            self.blanks("");
            let mut second = None;
            if self.peek() == Some(',') && first.is_some() {
                self.at += 1;
                self.blanks("");
                second = self.address()?;
                if second.is_none() {
                    return Err("no address after comma".to_owned());
                }
                self.blanks("");
            }
            let mut negated = false;
            while self.peek() == Some('!') {
                negated = true;
                self.at += 1;
                self.blanks("");
            }
            let Some(letter) = self.peek() else { return Err("missing command".to_owned()) };
            self.at += 1;
            let action = self.action(letter, commands.len())?;
            match action {
                Action::Block(_) => open.push(commands.len()),
                Action::EndBlock => {
                    let Some(start) = open.pop() else { return Err("unexpected '}'".to_owned()) };
                    let end = commands.len();
                    commands[start].action = Action::Block(end);
                }
                _ => {}
            }
            commands.push(Command { first, second, negated, action });
        }
        if open.is_empty() { Ok(commands) } else { Err("unterminated {".to_owned()) }
    }

    pub(super) fn word(&mut self) -> String {
        self.blanks("");
        let start = self.at;
        while self.peek().is_some_and(|c| !"\n;}".contains(c)) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().trim().to_owned()
    }

    pub(super) fn line(&mut self) -> String {
        self.blanks("");
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// The text of `a`, `i` and `c`.
    pub(super) fn text(&mut self) -> String {
        self.blanks("");
        if self.peek() == Some('\\') {
            self.at += 1;
            self.blanks("");
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => {
                    out.extend(self.peek());
                    self.at += 1;
                }
                '\n' => break,
                _ => out.push(c),
            }
        }
        out + "\n"
    }

    pub(super) fn action(&mut self, letter: char, index: usize) -> Parsed<Action> {
        Ok(match letter {
            '{' => Action::Block(0),
            '}' => Action::EndBlock,
            's' => self.substitute()?,
            'y' => self.translate()?,
            'a' => Action::Append(self.text()),
            'i' => Action::Insert(self.text()),
            'c' => Action::Change(self.text()),
            ':' => {
                let name = self.word();
                self.labels.insert(name, index);
                Action::Label
            }
            'b' | 't' => {
                let label = Some(self.word()).filter(|l| !l.is_empty());
                if letter == 'b' { Action::Branch(label) } else { Action::Test(label) }
            }
            'r' => Action::Read(self.line()),
            'w' => Action::Write(self.line()),
            'q' | 'Q' => {
                self.blanks("");
                let code = self.number().unwrap_or(0);
                Action::Quit((code & 255) as u8, letter == 'Q')
            }
            'd' | 'D' | 'p' | 'P' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' => {
                Action::Simple(letter)
            }
            other => return Err(format!("unsupported command {other}")),
        })
    }

    pub(super) fn substitute(&mut self) -> Parsed<Action> {
        let Some(delimiter) = self.peek() else {
            return Err("bad option in substitution expression".to_owned());
        };
        self.at += 1;
        let pattern = self.delimited(delimiter, true)?;
        let with = self.delimited(delimiter, false)?;
        let (mut nth, mut global, mut print, mut icase, mut write) = (1, false, false, false, None);
        while let Some(c) = self.peek() {
            match c {
                'g' => global = true,
                'p' => print = true,
                'I' | 'i' => icase = true,
                'w' => {
                    self.at += 1;
                    write = Some(self.line());
                    break;
                }
                '0'..='9' => {
                    nth = self.number().unwrap_or(1).max(1) as usize;
                    continue;
                }
                ' ' | '\t' => {}
                '\n' | ';' | '}' | '#' => break,
                _ => return Err("bad option in substitution expression".to_owned()),
            }
            self.at += 1;
        }
        Ok(Action::Substitute {
            regex: self.regex(&pattern, icase)?,
            with: pieces(&with),
            nth,
            global,
            print,
            write,
        })
    }

    pub(super) fn translate(&mut self) -> Parsed<Action> {
        let Some(delimiter) = self.peek() else { return Err("bad y".to_owned()) };
        self.at += 1;
        let from = self.delimited(delimiter, true)?.replace("\\\\", "\\");
        let to = self.delimited(delimiter, true)?.replace("\\\\", "\\");
        if from.chars().count() != to.chars().count() {
            return Err("y command strings have different lengths".to_owned());
        }
        Ok(Action::Translate(from.chars().zip(to.chars()).collect()))
    }
}

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let piece = match c {
            '&' => Piece::Group(0),
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => Piece::Group(d as usize - '0' as usize),
                Some(c @ ('U' | 'L' | 'u' | 'l' | 'E')) => Piece::Case(c),
                Some('n') => {
                    plain.push('\n');
                    continue;
                }
                Some('t') => {
                    plain.push('\t');
                    continue;
                }
                Some(other) => {
                    plain.push(other);
                    continue;
                }
                None => continue,
            },
            other => {
                plain.push(other);
                continue;
            }
        };
        if !plain.is_empty() {
            out.push(Piece::Text(std::mem::take(&mut plain)));
        }
        out.push(piece);
    }
    if !plain.is_empty() {
        out.push(Piece::Text(plain));
    }
    out
}
