//! `sed`.

use super::filter::{Filter, Lines};
use super::input::Input;
use super::regex::{Groups, Regex};
use super::{Cx, Start, Tool};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const TOOLS: &[(&str, Start)] = &[("sed", Start::Run(sed))];

#[derive(Clone, Debug)]
enum Address {
    Line(u64),
    Last,
    Match(Option<Regex>),
    Step(u64, u64),
    /// `addr,+n`
    Plus(u64),
}

#[derive(Clone, Debug)]
enum Action {
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
enum Piece {
    Text(String),
    Group(usize),
    /// `\U`, `\L`, `\u`, `\l`, `\E`
    Case(char),
}

#[derive(Clone, Debug)]
struct Command {
    first: Option<Address>,
    second: Option<Address>,
    negated: bool,
    action: Action,
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    labels: BTreeMap<String, usize>,
}

type Parsed<T> = Result<T, String>;

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self, also: &str) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t' || also.contains(c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().parse().ok()
    }

    /// Text up to an unescaped delimiter; `\delimiter` stands for it, `\n` for a newline.
    fn delimited(&mut self, delimiter: char, regex: bool) -> Parsed<String> {
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

    fn regex(&self, text: &str, icase: bool) -> Parsed<Option<Regex>> {
        if text.is_empty() {
            return Ok(None);
        }
        Regex::new(text, self.extended, icase)
            .map(Some)
            .map_err(|e| format!("bad regex '{text}': {e}"))
    }

    fn address(&mut self) -> Parsed<Option<Address>> {
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

    fn program(&mut self) -> Parsed<Vec<Command>> {
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

    fn word(&mut self) -> String {
        self.blanks("");
        let start = self.at;
        while self.peek().is_some_and(|c| !"\n;}".contains(c)) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().trim().to_owned()
    }

    fn line(&mut self) -> String {
        self.blanks("");
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// The text of `a`, `i` and `c`.
    fn text(&mut self) -> String {
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

    fn action(&mut self, letter: char, index: usize) -> Parsed<Action> {
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

    fn substitute(&mut self) -> Parsed<Action> {
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

    fn translate(&mut self) -> Parsed<Action> {
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

fn pieces(text: &str) -> Vec<Piece> {
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

fn replacement(pieces: &[Piece], line: &[u8], groups: &Groups) -> Vec<u8> {
    let mut out = String::new();
    let (mut mode, mut once) = (None, None);
    for piece in pieces {
        let text = match piece {
            Piece::Case('E') => {
                mode = None;
                continue;
            }
            Piece::Case(c @ ('U' | 'L')) => {
                mode = Some(*c);
                continue;
            }
            Piece::Case(c) => {
                once = Some(*c);
                continue;
            }
            Piece::Text(text) => text.clone(),
            Piece::Group(n) => match groups.get(*n).copied().flatten() {
                Some((a, b)) => String::from_utf8_lossy(&line[a..b]).into_owned(),
                None => String::new(),
            },
        };
        let mut text = match mode {
            Some('U') => text.to_uppercase(),
            Some('L') => text.to_lowercase(),
            _ => text,
        };
        if let Some(case) = once.filter(|_| !text.is_empty()) {
            let first = text.remove(0).to_string();
            let first = if case == 'u' { first.to_uppercase() } else { first.to_lowercase() };
            text = first + &text;
            once = None;
        }
        out += &text;
    }
    out.into_bytes()
}

#[derive(Clone, Debug)]
struct Sed {
    commands: Arc<Vec<Command>>,
    labels: Arc<BTreeMap<String, usize>>,
    quiet: bool,
    in_place: bool,
    /// Whether each command's range is open, and the line at which it closes.
    ranges: Vec<Option<u64>>,
    number: u64,
    hold: Vec<u8>,
    /// A line is worked on only when it is known whether it is the last one.
    waiting: Option<(Vec<u8>, bool)>,
    /// Lines that `N` joined so far: where the script goes on.
    resume: Option<(Vec<u8>, usize)>,
    appended: Vec<u8>,
    status: Option<u8>,
    file: String,
    last_regex: Option<Regex>,
    substituted: bool,
    error: Option<String>,
    /// The new content of the file that is edited in place.
    edited: crate::rope::Rope,
}

enum Verdict {
    Next,
    Restart(Vec<u8>),
    Quit,
}

impl Sed {
    fn applies(&mut self, index: usize, space: &[u8], last: bool) -> bool {
        let commands = self.commands.clone();
        let command = &commands[index];
        let number = self.number;
        let mut single = |address: &Address| match address {
            Address::Line(n) => *n == number,
            Address::Last => last,
            Address::Step(first, step) => {
                if *step == 0 {
                    number == *first
                } else {
                    number >= *first && (number - first).is_multiple_of(*step)
                }
            }
            Address::Match(regex) => {
                let regex = regex.clone().or_else(|| self.last_regex.clone());
                let found = regex.as_ref().is_some_and(|r| r.find(space, 0, true).is_some());
                self.last_regex = regex;
                found
            }
            Address::Plus(_) => false,
        };
        let hit = match (&command.first, &command.second) {
            (None, _) => true,
            (Some(first), None) => single(first),
            (Some(first), Some(second)) => match self.ranges[index] {
                Some(end) => {
                    let closes = match second {
                        Address::Line(n) => number >= *n,
                        Address::Plus(_) => number >= end,
                        other => single(other),
                    };
                    if closes {
                        self.ranges[index] = None;
                    }
                    !matches!(second, Address::Line(n) if number > *n)
                }
                None if single(first) => {
                    match second {
                        Address::Line(n) if *n <= number => {}
                        Address::Plus(0) => {}
                        Address::Plus(n) => self.ranges[index] = Some(number + n),
                        _ => self.ranges[index] = Some(0),
                    }
                    true
                }
                None => false,
            },
        };
        hit != command.negated
    }

    fn run(&mut self, cx: &mut Cx<'_, '_>, mut space: Vec<u8>, from: usize, last: bool) -> Verdict {
        let commands = self.commands.clone();
        let mut at = from;
        let mut steps = 0u32;
        while let Some(command) = commands.get(at) {
            steps += 1;
            if steps > 100_000 || space.len() > 1 << 22 {
                self.error = Some("too many steps".to_owned());
                return Verdict::Quit;
            }
            if !self.applies(at, &space, last) {
                at = match command.action {
                    Action::Block(end) => end + 1,
                    _ => at + 1,
                };
                continue;
            }
            at += 1;
            match &command.action {
                Action::Block(_) | Action::EndBlock | Action::Label => {}
                Action::Substitute { .. } => self.substitute(cx, &mut space, &command.action),
                Action::Translate(map) => {
                    let text: String = String::from_utf8_lossy(&space)
                        .chars()
                        .map(|c| *map.get(&c).unwrap_or(&c))
                        .collect();
                    space = text.into_bytes();
                }
                Action::Append(text) => self.appended.extend(text.as_bytes()),
                Action::Insert(text) => cx.print(text),
                Action::Change(text) => {
                    let in_range = command.second.is_some()
                        && self.ranges[at - 1].is_some()
                        && !command.negated;
                    if !in_range {
                        cx.print(text);
                    }
                    return Verdict::Next;
                }
                Action::Read(path) => {
                    if let Ok(data) = cx.sys.read_all(path) {
                        self.appended.extend(data.slice(0, 1 << 20).to_vec());
                    }
                }
                Action::Write(path) => write_to(cx, path, &space),
                Action::Branch(label) => at = self.target(label.as_deref()),
                Action::Test(label) => {
                    if std::mem::take(&mut self.substituted) {
                        at = self.target(label.as_deref());
                    }
                }
                Action::Quit(code, silent) => {
                    if !silent {
                        self.end_cycle(cx, &space, true);
                    }
                    self.status = Some(*code);
                    return Verdict::Quit;
                }
                Action::Simple(letter) => {
                    if let Some(verdict) = self.simple(cx, *letter, &mut space, at, last) {
                        return verdict;
                    }
                }
            }
        }
        self.end_cycle(cx, &space, true);
        Verdict::Next
    }

    fn target(&self, label: Option<&str>) -> usize {
        match label {
            Some(label) => self.labels.get(label).copied().unwrap_or(self.commands.len()),
            None => self.commands.len(),
        }
    }

    fn end_cycle(&mut self, cx: &mut Cx<'_, '_>, space: &[u8], ended: bool) {
        if !self.quiet {
            cx.write(space);
            if ended {
                cx.write(b"\n");
            }
        }
        let appended = std::mem::take(&mut self.appended);
        cx.write(&appended);
    }

    fn simple(
        &mut self,
        cx: &mut Cx<'_, '_>,
        letter: char,
        space: &mut Vec<u8>,
        at: usize,
        last: bool,
    ) -> Option<Verdict> {
        let first_end = space.iter().position(|b| *b == b'\n');
        match letter {
            'd' => {
                let appended = std::mem::take(&mut self.appended);
                cx.write(&appended);
                return Some(Verdict::Next);
            }
            'D' => match first_end {
                Some(n) => return Some(Verdict::Restart(space[n + 1..].to_vec())),
                None => return Some(Verdict::Next),
            },
            'p' => {
                cx.write(space);
                cx.write(b"\n");
            }
            'P' => {
                cx.write(&space[..first_end.unwrap_or(space.len())]);
                cx.write(b"\n");
            }
            'n' => {
                if last {
                    self.end_cycle(cx, space, true);
                    return Some(Verdict::Quit);
                }
                self.end_cycle(cx, space, true);
                self.resume = Some((Vec::new(), at));
                return Some(Verdict::Next);
            }
            'N' => {
                if last {
                    self.end_cycle(cx, space, true);
                    return Some(Verdict::Quit);
                }
                let mut joined = std::mem::take(space);
                joined.push(b'\n');
                self.resume = Some((joined, at));
                return Some(Verdict::Next);
            }
            'g' => space.clone_from(&self.hold),
            'G' => {
                space.push(b'\n');
                space.extend_from_slice(&self.hold);
            }
            'h' => self.hold.clone_from(space),
            'H' => {
                self.hold.push(b'\n');
                self.hold.extend_from_slice(space);
            }
            'x' => std::mem::swap(space, &mut self.hold),
            '=' => cx.print(&format!("{}\n", self.number)),
            _ => {
                let text = String::from_utf8_lossy(space).escape_default().to_string();
                cx.print(&format!("{text}$\n"));
            }
        }
        None
    }

    fn substitute(&mut self, cx: &mut Cx<'_, '_>, space: &mut Vec<u8>, action: &Action) {
        let Action::Substitute { regex, with, nth, global, print, write } = action else { return };
        let Some(regex) = regex.clone().or_else(|| self.last_regex.clone()) else {
            self.error = Some("no previous regexp".to_owned());
            return;
        };
        let mut out = Vec::new();
        let (mut at, mut count, mut done) = (0, 0, false);
        cx.sys.cost += space.len() as u64 / 32;
        while at <= space.len() {
            let Some(groups) = regex.find(space, at, true) else { break };
            let Some((a, b)) = groups[0] else { break };
            count += 1;
            out.extend_from_slice(&space[at..a]);
            if count >= *nth {
                out.extend(replacement(with, space, &groups));
                done = true;
            } else {
                out.extend_from_slice(&space[a..b]);
            }
            at = b;
            if b == a {
                if let Some(byte) = space.get(b) {
                    out.push(*byte);
                }
                at += 1;
            }
            if done && !global {
                break;
            }
        }
        self.last_regex = Some(regex);
        if !done {
            return;
        }
        out.extend_from_slice(space.get(at..).unwrap_or_default());
        *space = out;
        self.substituted = true;
        if *print {
            cx.write(space);
            cx.write(b"\n");
        }
        if let Some(path) = write {
            write_to(cx, path, space);
        }
    }

    fn work(&mut self, cx: &mut Cx<'_, '_>, (line, ended): (Vec<u8>, bool), last: bool) -> bool {
        self.number += 1;
        let (mut space, mut from) = (line, 0);
        if let Some((mut joined, at)) = self.resume.take() {
            joined.extend(space);
            (space, from) = (joined, at);
        } else {
            self.substituted = false;
        }
        for _ in 0..1000 {
            match self.run(cx, space, from, last) {
                Verdict::Next => {
                    if !ended && last {
                        trim_newline(cx);
                    }
                    return true;
                }
                Verdict::Restart(rest) => (space, from) = (rest, 0),
                Verdict::Quit => {
                    self.status.get_or_insert(0);
                    return false;
                }
            }
        }
        true
    }

    fn store_file(&mut self, cx: &mut Cx<'_, '_>, name: &str) {
        self.edited.append(&std::mem::take(cx.out));
        let data = std::mem::take(&mut self.edited);
        if let Err(error) = cx.sys.write_all(name, &data) {
            cx.warn(&format!("{name}: {error}"));
            self.status = Some(4);
        }
    }
}

/// The last line of the input had no newline: neither has the output's.
fn trim_newline(cx: &mut Cx<'_, '_>) {
    let len = cx.out.len();
    if len > 0 && cx.out.slice(len - 1, 1).to_vec() == b"\n" {
        cx.out.set_len(len - 1);
    }
}

fn write_to(cx: &mut Cx<'_, '_>, path: &str, line: &[u8]) {
    let mut text = line.to_vec();
    text.push(b'\n');
    match path {
        "/dev/stdout" => cx.write(&text),
        "/dev/stderr" => cx.sys.print_now(2, &text),
        _ => {
            if let Ok(fd) = cx.sys.open_fd(path, crate::kernel::OpenMode::APPEND) {
                let _ = cx.sys.write(fd, &text.into());
                cx.sys.close(fd);
            }
        }
    }
}

impl Filter for Sed {
    fn name_now(&mut self, name: &str) {
        if self.file != name {
            name.clone_into(&mut self.file);
        }
    }

    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], ended: bool) -> bool {
        let wanted = match self.waiting.replace((line.to_vec(), ended)) {
            Some((before, ended)) => self.work(cx, (before, ended), false),
            None => true,
        };
        if self.in_place {
            self.edited.append(&std::mem::take(cx.out));
        }
        wanted
    }

    fn end_of_file(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> bool {
        if !self.in_place {
            return true;
        }
        if let Some((line, ended)) = self.waiting.take() {
            self.work(cx, (line, ended), true);
        }
        self.store_file(cx, name);
        self.number = 0;
        true
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        if self.status.is_none()
            && let Some((line, ended)) = self.waiting.take()
        {
            self.work(cx, (line, ended), true);
        }
        if self.in_place && self.status.is_some() {
            let name = self.file.clone();
            self.store_file(cx, &name);
        }
        if let Some(error) = self.error.take() {
            cx.warn(&error);
            return 1;
        }
        self.status.unwrap_or(0).max(u8::from(failed))
    }
}

fn sed(cx: &mut Cx<'_, '_>, args: &[String]) -> Result<Box<dyn Tool>, u8> {
    let usage = "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...\n";
    let (mut quiet, mut extended, mut in_place) = (false, false, false);
    let (mut scripts, mut operands): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--" => operands.extend(rest.by_ref().cloned()),
            "--quiet" | "--silent" => quiet = true,
            "--regexp-extended" => extended = true,
            "--in-place" => in_place = true,
            a if a.len() > 1 && a.starts_with('-') => {
                let mut letters = a[1..].chars();
                while let Some(letter) = letters.next() {
                    match letter {
                        'n' => quiet = true,
                        'r' | 'E' => extended = true,
                        's' | 'u' => {}
                        'i' => {
                            in_place = true;
                            break;
                        }
                        'e' | 'f' => {
                            let attached: String = letters.by_ref().collect();
                            let value = if attached.is_empty() {
                                rest.next().cloned().unwrap_or_default()
                            } else {
                                attached
                            };
                            let value =
                                if letter == 'f' { script_file(cx, &value)? } else { value };
                            scripts.push(value);
                        }
                        other => return Err(cx.bad_option(&format!("-{other}"), usage)),
                    }
                }
            }
            _ => operands.push(arg.clone()),
        }
    }
    if scripts.is_empty() {
        if operands.is_empty() {
            return Err(cx.usage(usage));
        }
        scripts.push(operands.remove(0));
    }
    let text = scripts.join("\n");
    let mut parser =
        Parser { chars: text.chars().collect(), at: 0, extended, labels: BTreeMap::new() };
    let commands = match parser.program() {
        Ok(commands) => commands,
        Err(message) => {
            cx.warn(&message);
            return Err(1);
        }
    };
    quiet |= text.starts_with("#n\n");
    let mut input = Input::new(&operands);
    input.short = true;
    let filter = Sed {
        ranges: vec![None; commands.len()],
        commands: Arc::new(commands),
        labels: Arc::new(parser.labels),
        quiet,
        in_place,
        number: 0,
        hold: Vec::new(),
        waiting: None,
        resume: None,
        appended: Vec::new(),
        status: None,
        file: String::new(),
        last_regex: None,
        substituted: false,
        error: None,
        edited: crate::rope::Rope::default(),
    };
    Ok(Lines::start(filter, input))
}

fn script_file(cx: &mut Cx<'_, '_>, path: &str) -> Result<String, u8> {
    match cx.sys.read_all(path) {
        Ok(data) => Ok(String::from_utf8_lossy(&data.to_vec()).trim_end_matches('\n').to_owned()),
        Err(error) => {
            cx.warn(&format!("{path}: {error}"));
            Err(1)
        }
    }
}
