//! Carrying out the commands on a line.

use super::*;
use crate::limits;
use std::collections::BTreeMap;

pub(super) fn replacement(pieces: &[Piece], line: &[u8], groups: &Groups) -> Vec<u8> {
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
            Some('U') => text.to_ascii_uppercase(),
            Some('L') => text.to_ascii_lowercase(),
            _ => text,
        };
        if let Some(case) = once.filter(|_| !text.is_empty()) {
            let first = text.remove(0).to_string();
            let first =
                if case == 'u' { first.to_ascii_uppercase() } else { first.to_ascii_lowercase() };
            text = first + &text;
            once = None;
        }
        out += &text;
    }
    out.into_bytes()
}

pub(super) enum Verdict {
    Next,
    Restart(Vec<u8>),
    /// There is more to do, from this command on.
    Pause(Vec<u8>, usize),
    Quit,
}

/// Steps after which the work on a line is put down for the moment.
const AT_ONCE: u64 = 5_000;

impl Sed {
    pub(super) fn applies(
        &mut self,
        cx: &mut Cx<'_, '_>,
        index: usize,
        space: &[u8],
        last: bool,
    ) -> bool {
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
                let found = regex.as_ref().map_or(Ok(None), |regex| cx.sys.find(regex, space, 0));
                self.last_regex = regex;
                found
                    .unwrap_or_else(|message| {
                        self.error = Some(message.to_owned());
                        None
                    })
                    .is_some()
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

    /// Counts a step on a line of so many bytes; too many, or too long a line, are an error.
    fn step(&mut self, cx: &mut Cx<'_, '_>, length: usize) {
        self.steps += 1;
        cx.sys.cost += 1;
        if self.steps > 400_000 {
            cx.sys.meet("steps of sed for one line");
            self.error = Some("too many steps".to_owned());
        }
        if length.max(self.hold.len()) as u64 > limits::STRING_BYTES {
            self.too_long(cx);
        }
    }

    pub(super) fn run(
        &mut self,
        cx: &mut Cx<'_, '_>,
        mut space: Vec<u8>,
        from: usize,
        last: bool,
    ) -> Verdict {
        let commands = self.commands.clone();
        let mut at = from;
        let began = cx.sys.cost;
        while let Some(command) = commands.get(at) {
            // What is edited in place is kept together.
            if cx.sys.cost.saturating_sub(began) > AT_ONCE && !self.in_place {
                return Verdict::Pause(space, at);
            }
            self.step(cx, space.len());
            if self.error.is_some() {
                return Verdict::Quit;
            }
            let applies = self.applies(cx, at, &space, last);
            if self.error.is_some() {
                return Verdict::Quit;
            }
            if !applies {
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
                Action::Translate(map) => space = translated(&space, map),
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
                        self.appended.extend(data.to_vec());
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

    /// The line that is worked on has outgrown the memory.
    fn too_long(&mut self, cx: &mut Cx<'_, '_>) {
        cx.sys.exhaust("bytes of one string");
        self.error = Some("memory exhausted".to_owned());
    }

    pub(super) fn target(&self, label: Option<&str>) -> usize {
        match label {
            Some(label) => self.labels.get(label).copied().unwrap_or(self.commands.len()),
            None => self.commands.len(),
        }
    }

    pub(super) fn end_cycle(&mut self, cx: &mut Cx<'_, '_>, space: &[u8], ended: bool) {
        if !self.quiet {
            cx.write(space);
            if ended {
                cx.write(b"\n");
            }
        }
        let appended = std::mem::take(&mut self.appended);
        cx.write(&appended);
    }

    pub(super) fn simple(
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

    pub(super) fn substitute(&mut self, cx: &mut Cx<'_, '_>, space: &mut Vec<u8>, action: &Action) {
        let Action::Substitute { regex, with, nth, global, print, write } = action else { return };
        let Some(regex) = regex.clone().or_else(|| self.last_regex.clone()) else {
            self.error = Some("no previous regexp".to_owned());
            return;
        };
        let mut out = Vec::new();
        let (mut at, mut count, mut done) = (0, 0, false);
        cx.sys.cost += space.len() as u64 / 32;
        while at <= space.len() {
            let groups = match cx.sys.captures(&regex, space, at) {
                Ok(Some(groups)) => groups,
                Ok(None) => break,
                Err(message) => {
                    self.error = Some(message.to_owned());
                    return;
                }
            };
            let Some((a, b)) = groups[0] else { break };
            if out.len() as u64 > limits::STRING_BYTES {
                self.too_long(cx);
                return;
            }
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

    pub(super) fn work(
        &mut self,
        cx: &mut Cx<'_, '_>,
        (line, ended): (Vec<u8>, bool),
        last: bool,
    ) -> bool {
        self.number += 1;
        let (mut space, mut from) = (line, 0);
        if let Some((mut joined, at)) = self.resume.take() {
            joined.extend(space);
            (space, from) = (joined, at);
        } else {
            self.substituted = false;
        }
        self.steps = 0;
        self.go_on_with(cx, Paused { space, at: from, ended, last })
    }

    /// Works on a line, or goes on with it.
    pub(super) fn go_on_with(&mut self, cx: &mut Cx<'_, '_>, line: Paused) -> bool {
        let Paused { mut space, at: mut from, ended, last } = line;
        for _ in 0..1000 {
            match self.run(cx, space, from, last) {
                Verdict::Next => {
                    if !ended && last {
                        trim_newline(cx);
                    }
                    return true;
                }
                Verdict::Restart(rest) => (space, from) = (rest, 0),
                Verdict::Pause(space, at) => {
                    self.paused = Some(Paused { space, at, ended, last });
                    return true;
                }
                Verdict::Quit => {
                    self.status.get_or_insert(0);
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn store_file(&mut self, cx: &mut Cx<'_, '_>, name: &str) {
        self.edited.append(&std::mem::take(cx.out));
        let data = std::mem::take(&mut self.edited);
        if let Err(error) = cx.sys.write_all(name, &data) {
            cx.warn(&format!("{name}: {error}"));
            self.status = Some(4);
        }
    }
}

/// The last line of the input had no newline: neither has the output's.
pub(super) fn trim_newline(cx: &mut Cx<'_, '_>) {
    let len = cx.out.len();
    if len > 0 && cx.out.slice(len - 1, 1).to_vec() == b"\n" {
        cx.out.set_len(len - 1);
    }
}

pub(super) fn write_to(cx: &mut Cx<'_, '_>, path: &str, line: &[u8]) {
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

/// `y`: each character becomes the one that stands for it.
fn translated(space: &[u8], map: &BTreeMap<char, char>) -> Vec<u8> {
    let text = String::from_utf8_lossy(space);
    text.chars().map(|c| *map.get(&c).unwrap_or(&c)).collect::<String>().into_bytes()
}
