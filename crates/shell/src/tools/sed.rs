//! `sed`.

mod edit;
mod parse;

use super::filter::{Filter, Lines};
use super::input::Input;
use super::regex::{Groups, Regex, Syntax};
use super::{Begun, Cx, Start};
use parse::{Action, Command, Parser, Piece};
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
    /// A line on which more is to be done than at once.
    paused: Option<Paused>,
    /// Commands carried out on the line.
    steps: u32,
    appended: Vec<u8>,
    status: Option<u8>,
    file: String,
    last_regex: Option<Regex>,
    substituted: bool,
    error: Option<String>,
    /// The new content of the file that is edited in place.
    edited: crate::rope::Rope,
}

/// Where the work on a line goes on.
#[derive(Clone, Debug)]
struct Paused {
    space: Vec<u8>,
    at: usize,
    /// A newline followed the line; it is the last one.
    ended: bool,
    last: bool,
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

    fn last(&mut self, cx: &mut Cx<'_, '_>) {
        if self.status.is_none()
            && let Some((line, ended)) = self.waiting.take()
        {
            self.work(cx, (line, ended), true);
        }
    }

    fn busy(&self) -> bool {
        self.paused.is_some()
    }

    fn go_on(&mut self, cx: &mut Cx<'_, '_>) -> bool {
        self.paused.take().is_none_or(|paused| self.go_on_with(cx, paused))
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
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

/// What the command line of `sed` asks for.
#[derive(Default)]
struct Arguments {
    quiet: bool,
    extended: bool,
    in_place: bool,
    scripts: Vec<String>,
    operands: Vec<String>,
}

const USAGE: &str =
    "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...\n";

impl Arguments {
    fn parse(cx: &mut Cx<'_, '_>, args: &[String]) -> Result<Self, u8> {
        let mut parsed = Self::default();
        let mut rest = args[1..].iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "--" => parsed.operands.extend(rest.by_ref().cloned()),
                "--quiet" | "--silent" => parsed.quiet = true,
                "--regexp-extended" => parsed.extended = true,
                "--in-place" => parsed.in_place = true,
                a if a.len() > 1 && a.starts_with('-') => parsed.letters(cx, &a[1..], &mut rest)?,
                _ => parsed.operands.push(arg.clone()),
            }
        }
        if parsed.scripts.is_empty() {
            if parsed.operands.is_empty() {
                return Err(cx.usage(USAGE));
            }
            let script = parsed.operands.remove(0);
            parsed.scripts.push(script);
        }
        Ok(parsed)
    }

    fn letters<'x>(
        &mut self,
        cx: &mut Cx<'_, '_>,
        group: &str,
        rest: &mut impl Iterator<Item = &'x String>,
    ) -> Result<(), u8> {
        let mut letters = group.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'n' => self.quiet = true,
                'r' | 'E' => self.extended = true,
                's' | 'u' => {}
                'i' => {
                    self.in_place = true;
                    return Ok(());
                }
                'e' | 'f' => {
                    let attached: String = letters.by_ref().collect();
                    let value = if attached.is_empty() {
                        rest.next().cloned().unwrap_or_default()
                    } else {
                        attached
                    };
                    let value = if letter == 'f' { script_file(cx, &value)? } else { value };
                    self.scripts.push(value);
                }
                other => return Err(cx.bad_option(&format!("-{other}"), USAGE)),
            }
        }
        Ok(())
    }
}

fn sed(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let Arguments { quiet, extended, in_place, scripts, operands } = Arguments::parse(cx, args)?;
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
    let mut input = Input::new(&operands);
    input.short = true;
    let filter = Sed {
        ranges: vec![None; commands.len()],
        commands: Arc::new(commands),
        labels: Arc::new(parser.labels),
        quiet: quiet || text.starts_with("#n\n"),
        in_place,
        number: 0,
        hold: Vec::new(),
        waiting: None,
        resume: None,
        paused: None,
        steps: 0,
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
