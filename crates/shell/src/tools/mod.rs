//! The tools of a busybox image, each a small program that can wait on virtual time.

/// The part of `Tool` that is the same for all.
macro_rules! boxed {
    () => {
        fn boxed(&self) -> Box<dyn Tool> {
            Box::new(self.clone())
        }
    };
}

mod awk;
mod basic;
mod date;
mod diff;
mod files;
mod filter;
mod find;
mod format;
mod getopt;
mod grep;
mod hash;
mod input;
mod math;
mod net;
mod procs;
pub(crate) mod regex;
mod run;
mod sed;
mod streams;
mod sysinfo;
pub(crate) mod test;
mod text;
mod walk;

pub(crate) use format::{duration, echo, escapes, float_text, printf, printf_as};
pub(crate) use procs::kill;

use crate::kernel::{Program, Step, Sys, Wait};
use crate::rope::Rope;
use std::fmt;
use std::sync::LazyLock;

/// What a tool wants after one step.
#[derive(Debug)]
pub(crate) enum Next {
    Again,
    /// It will be stepped again when this is over (or a signal came).
    Wait(Wait),
    Exit(u8),
    /// It becomes another program.
    Exec(Program),
}

/// What a tool works with: the kernel, and its buffered standard output.
pub(crate) struct Cx<'a, 'b> {
    pub(crate) sys: &'a mut Sys<'b>,
    pub(crate) out: &'a mut Rope,
    pub(crate) name: &'a str,
}

impl Cx<'_, '_> {
    pub(crate) fn print(&mut self, text: &str) {
        self.out.push(text.as_bytes());
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.out.push(bytes);
    }

    /// A message on standard error: `name: text`.
    pub(crate) fn warn(&mut self, text: &str) {
        self.sys.warn(&format!("{}: {text}", self.name));
    }

    /// The message for wrong usage; the status is 1.
    pub(crate) fn usage(&mut self, text: &str) -> u8 {
        let text = format!(
            "BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.\n\nUsage: {} {text}",
            self.name
        );
        self.sys.warn(&text);
        1
    }

    /// `name: invalid option -- 'x'` and the usage.
    pub(crate) fn bad_option(&mut self, option: &str, usage: &str) -> u8 {
        let letter = option.trim_start_matches('-').chars().next().unwrap_or('-');
        let text = match option.strip_prefix("--").filter(|long| !long.is_empty()) {
            Some(long) => format!("{}: unrecognized option '--{long}'", self.name),
            None => format!("{}: invalid option -- '{letter}'", self.name),
        };
        self.sys.warn(&text);
        self.usage(usage)
    }
}

/// A tool that may have to wait.
pub(crate) trait Tool: fmt::Debug + Send + Sync {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next;
    fn boxed(&self) -> Box<dyn Tool>;
}

/// A tool that has begun, or the status with which it ended at once.
pub(crate) type Begun = Result<Box<dyn Tool>, u8>;

/// How a tool begins: some are over at once, others go on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    Now(fn(&mut Cx<'_, '_>, &[String]) -> u8),
    Run(fn(&mut Cx<'_, '_>, &[String]) -> Begun),
}

type Entry = (&'static str, Start);

/// Tools that only Debian-like images have.
const DEBIAN_ONLY: [&str; 5] = ["curl", "dumb-init", "gawk", "pause", "tini"];

const TABLES: &[&[Entry]] = &[
    awk::TOOLS,
    basic::TOOLS,
    date::TOOLS,
    files::TOOLS,
    find::TOOLS,
    getopt::TOOLS,
    grep::TOOLS,
    math::TOOLS,
    net::TOOLS,
    procs::TOOLS,
    run::TOOLS,
    sed::TOOLS,
    streams::TOOLS,
    sysinfo::TOOLS,
    test::TOOLS,
    text::TOOLS,
    walk::TOOLS,
];

fn find(name: &str) -> Option<Entry> {
    // Sorted once; programs are started far too often to look through all tables.
    static SORTED: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        // A sorting function of its own would be larger than everything it sorts here.
        let mut all: Vec<Entry> = Vec::new();
        for entry in TABLES.iter().flat_map(|table| table.iter()) {
            let at = all.partition_point(|(name, _)| *name < entry.0);
            all.insert(at, *entry);
        }
        all
    });
    let at = SORTED.binary_search_by_key(&name, |(name, _)| *name).ok()?;
    SORTED.get(at).copied()
}

/// The names of all tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.iter()).map(|(name, _)| *name)
}

pub(crate) fn exists(name: &str) -> bool {
    find(name).is_some()
}

pub(crate) fn is_debian_only(name: &str) -> bool {
    DEBIAN_ONLY.contains(&name)
}

#[derive(Debug)]
enum State {
    Waiting(Start),
    Running(Box<dyn Tool>),
}

/// A tool as a process runs it.
#[derive(Debug)]
pub(crate) struct ToolRun {
    name: &'static str,
    argv: Vec<String>,
    state: State,
    out: Rope,
    exit: Option<u8>,
}

impl Clone for ToolRun {
    fn clone(&self) -> Self {
        let state = match &self.state {
            State::Waiting(start) => State::Waiting(*start),
            State::Running(tool) => State::Running(tool.boxed()),
        };
        let (name, argv, out, exit) = (self.name, self.argv.clone(), self.out.clone(), self.exit);
        Self { name, argv, state, out, exit }
    }
}

impl ToolRun {
    pub(crate) fn new(name: &str, argv: &[String]) -> Option<Self> {
        let (name, start) = find(name)?;
        let state = State::Waiting(start);
        Some(Self { name, argv: argv.to_vec(), state, out: Rope::default(), exit: None })
    }

    pub(crate) fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.out.is_empty() {
            return self.flush(sys);
        }
        if let Some(code) = self.exit {
            return Step::Exit(code);
        }
        let mut cx = Cx { sys, out: &mut self.out, name: self.name };
        let next = match &mut self.state {
            State::Running(tool) => tool.step(&mut cx),
            State::Waiting(Start::Now(run)) => Next::Exit(run(&mut cx, &self.argv)),
            State::Waiting(Start::Run(start)) => match start(&mut cx, &self.argv) {
                Ok(tool) => {
                    self.state = State::Running(tool);
                    Next::Again
                }
                Err(code) => Next::Exit(code),
            },
        };
        match next {
            Next::Again => Step::Continue,
            Next::Exec(program) => Step::Exec(program),
            Next::Wait(_) if !self.out.is_empty() => Step::Continue,
            Next::Wait(wait) => Step::Block(wait),
            Next::Exit(code) => {
                self.exit = Some(code);
                Step::Continue
            }
        }
    }

    fn flush(&mut self, sys: &mut Sys<'_>) -> Step {
        use crate::kernel::Io;
        match sys.write(1, &self.out) {
            Io::Ready(n) => {
                self.out.take_front(n);
                Step::Continue
            }
            Io::Block(wait) => Step::Block(wait),
            Io::Err(error) => {
                if !sys.alive() {
                    return Step::Block(Wait::Forever);
                }
                self.out = Rope::default();
                sys.warn(&format!("{}: write error: {error}", self.name));
                self.exit = Some(1);
                Step::Continue
            }
        }
    }
}

/// Splits options from operands: single letters, with values for those in `valued`.
pub(crate) struct Options {
    pub(crate) flags: String,
    pub(crate) values: Vec<(char, String)>,
    pub(crate) operands: Vec<String>,
}

impl Options {
    /// `Err` is the option that is not known.
    pub(crate) fn parse(args: &[String], plain: &str, valued: &str) -> Result<Self, String> {
        let mut parsed = Self { flags: String::new(), values: Vec::new(), operands: Vec::new() };
        let mut rest = args.get(1..).unwrap_or_default().iter();
        // busybox permutes: options may follow operands.
        while let Some(arg) = rest.next() {
            if arg == "--" {
                parsed.operands.extend(rest.by_ref().cloned());
            } else if arg.starts_with("--") {
                return Err(arg.clone());
            } else if arg.len() < 2 || !arg.starts_with('-') {
                parsed.operands.push(arg.clone());
            } else {
                parsed.group(&arg[1..], plain, valued, &mut rest)?;
            }
        }
        Ok(parsed)
    }

    fn group<'x>(
        &mut self,
        letters: &str,
        plain: &str,
        valued: &str,
        rest: &mut impl Iterator<Item = &'x String>,
    ) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            if plain.contains(letter) {
                self.flags.push(letter);
            } else if valued.contains(letter) {
                let attached = &letters[at + letter.len_utf8()..];
                let value = if attached.is_empty() {
                    rest.next().cloned().ok_or_else(|| format!("-{letter}"))?
                } else {
                    attached.to_owned()
                };
                self.values.push((letter, value));
                return Ok(());
            } else {
                return Err(format!("-{letter}"));
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    pub(crate) fn value(&self, option: char) -> Option<&str> {
        self.values.iter().rev().find(|(o, _)| *o == option).map(|(_, value)| value.as_str())
    }
}
