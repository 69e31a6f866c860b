//! Tools that start other programs.

mod xargs;

use super::input::{CHUNK, Get, Input};
use super::{Begun, Cx, Next, Options, Start, Tool, duration};
use crate::kernel::{ExecError, Wait};
use crate::{ExitStatus, Nanos, Signal};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use xargs::xargs;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("env", Start::Run(env)),
    ("nice", Start::Run(prefix)),
    ("nohup", Start::Run(prefix)),
    ("setsid", Start::Run(prefix)),
    ("time", Start::Run(time)),
    ("timeout", Start::Run(timeout)),
    ("watch", Start::Run(watch)),
    ("xargs", Start::Run(xargs)),
    ("tini", Start::Run(init)),
    ("dumb-init", Start::Run(init)),
];

fn reason(error: ExecError) -> (&'static str, u8) {
    match error {
        ExecError::NotFound => ("No such file or directory", 127),
        ExecError::Denied => ("Permission denied", 126),
        ExecError::TooLong => ("Argument list too long", 126),
    }
}

/// Becomes another program at its first step.
#[derive(Clone, Debug)]
struct Become {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
}

impl Tool for Become {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let path = self.env.get("PATH").map_or("/bin:/usr/bin", String::as_str).to_owned();
        match cx.sys.load(&self.argv, &self.env, &path) {
            Ok(program) => {
                cx.sys.become_program(&self.argv, Arc::new(self.env.clone()));
                Next::Exec(program)
            }
            Err(error) => {
                let (what, status) = reason(error);
                let how = if gnu(cx) && cx.name == "env" { "" } else { "can't execute " };
                cx.warn(&format!("{how}'{}': {what}", self.argv[0]));
                Next::Exit(status)
            }
        }
    }

    boxed!();
}

/// Whether the image has GNU's tools.
fn gnu(cx: &Cx<'_, '_>) -> bool {
    cx.sys.u.setup.tools != crate::Tools::Busybox
}

/// Prints and ends.
#[derive(Clone, Debug)]
struct Print(String);

impl Tool for Print {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        cx.print(&self.0);
        Next::Exit(0)
    }

    boxed!();
}

/// The arguments of `env` with the first one split at its blanks.
fn words(first: Option<&String>, rest: Option<&[String]>) -> Vec<String> {
    let name = std::iter::once("env".to_owned());
    let first = first.into_iter().flat_map(|text| text.split_whitespace()).map(str::to_owned);
    name.chain(first).chain(rest.unwrap_or_default().iter().cloned()).collect()
}

fn env(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let mut env = (*cx.sys.proc().env).clone();
    // GNU's `-S` is for the first line of scripts: one argument that is several.
    let split = args.get(1).and_then(|arg| arg.strip_prefix("-S")).filter(|_| gnu(cx));
    let args = match split {
        Some("") => words(args.get(2), args.get(3..)),
        Some(_) => words(split.map(str::to_owned).as_ref(), args.get(2..)),
        None => args.to_vec(),
    };
    let mut rest = &args[1..];
    while let Some(arg) = rest.first() {
        match arg.as_str() {
            "-i" | "-" | "--ignore-environment" => env.clear(),
            "-u" => {
                if let Some(name) = rest.get(1) {
                    env.remove(name);
                    rest = &rest[1..];
                }
            }
            "--" => {
                rest = &rest[1..];
                break;
            }
            a if a.starts_with("-u") => drop(env.remove(&a[2..])),
            a if a.starts_with('-') && a.len() > 1 => {
                return Err(
                    cx.bad_option(a, "[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]\n")
                );
            }
            _ => break,
        }
        rest = &rest[1..];
    }
    while let Some((name, value)) = rest.first().and_then(|a| a.split_once('=')) {
        env.insert(name.to_owned(), value.to_owned());
        rest = &rest[1..];
    }
    if rest.is_empty() {
        let text = env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        return Ok(Box::new(Print(text)));
    }
    Ok(Box::new(Become { argv: rest.to_vec(), env }))
}

/// `nice`, `nohup`, `setsid`: the rest of the arguments is the program.
fn prefix(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let mut rest = &args[1..];
    while let Some(arg) = rest.first().filter(|a| a.starts_with('-') && a.len() > 1) {
        let valued = cx.name == "nice" && arg == "-n";
        rest = rest.get(if valued { 2 } else { 1 }..).unwrap_or_default();
    }
    if rest.is_empty() {
        if cx.name == "nice" {
            return Ok(Box::new(Print("0\n".to_owned())));
        }
        return Err(cx.usage("PROG ARGS\n"));
    }
    if cx.name == "nohup" {
        cx.sys.proc_mut().ignored |= Signal::HUP.bit();
    }
    let env = (*cx.sys.proc().env).clone();
    Ok(Box::new(Become { argv: rest.to_vec(), env }))
}

/// Starts a child with this process' environment.
fn start(cx: &mut Cx<'_, '_>, argv: &[String]) -> Result<u32, ExecError> {
    let env = cx.sys.proc().env.clone();
    let path = env.get("PATH").map_or("/bin:/usr/bin", String::as_str).to_owned();
    let program = cx.sys.load(argv, &env, &path)?;
    cx.sys.fork(program, argv.into(), Some(env)).ok_or(ExecError::Denied)
}

/// Waits for one child and ends with its status.
#[derive(Clone, Debug)]
struct Time {
    child: u32,
    began: Nanos,
}

impl Tool for Time {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let Some(status) = cx.sys.reap(self.child) else { return Next::Wait(Wait::Child) };
        let tenths = (cx.sys.now() - self.began) / 10_000_000;
        let (m, s, h) = (tenths / 6000, tenths / 100 % 60, tenths % 100);
        cx.sys.warn(&format!("real\t{m}m {s}.{h:02}s\nuser\t0m 0.00s\nsys\t0m 0.00s"));
        Next::Exit(status.code())
    }

    boxed!();
}

fn time(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let rest: Vec<String> = args[1..].iter().skip_while(|a| a.starts_with('-')).cloned().collect();
    if rest.is_empty() {
        return Err(cx.usage("[-vpa] [-o FILE] PROG ARGS\n"));
    }
    match start(cx, &rest) {
        Ok(child) => Ok(Box::new(Time { child, began: cx.sys.now() })),
        Err(error) => {
            let (what, status) = reason(error);
            cx.warn(&format!("can't execute '{}': {what}", rest[0]));
            Err(status)
        }
    }
}

#[derive(Clone, Debug)]
struct Timeout {
    child: u32,
    until: Nanos,
    kill_after: Option<Nanos>,
    signal: Signal,
    fired: bool,
    /// GNU's says 124 of what it ended.
    gnu: bool,
}

impl Tool for Timeout {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(status) = cx.sys.reap(self.child) {
            if self.gnu && self.fired && status != ExitStatus::Signaled(Signal::KILL) {
                return Next::Exit(124);
            }
            if let ExitStatus::Signaled(_) = status {
                // In busybox it is this process that becomes the program.
                cx.sys.u.end(cx.sys.pid, status);
            }
            return Next::Exit(status.code());
        }
        if cx.sys.now() >= self.until {
            let signal = if self.fired { Signal::KILL } else { self.signal };
            let _ = cx.sys.kill(i64::from(self.child), Some(signal));
            let again = (!self.fired).then_some(self.kill_after).flatten();
            self.fired = true;
            self.until = again.map_or(Nanos::MAX, |after| cx.sys.now() + after);
            return Next::Again;
        }
        Next::Wait(Wait::Until(self.until))
    }

    boxed!();
}

/// GNU's long options of `timeout` as short ones.
fn short_options(args: &[String]) -> Vec<String> {
    let short = |arg: &String| match arg.split_once('=') {
        _ if matches!(arg.as_str(), "--foreground" | "--verbose" | "-v") => None,
        _ if arg == "--preserve-status" => Some("-p".to_owned()),
        Some(("--signal", value)) => Some(format!("-s{value}")),
        Some(("--kill-after", value)) => Some(format!("-k{value}")),
        _ => Some(arg.clone()),
    };
    let options = args.iter().skip(1).take_while(|arg| arg.starts_with('-')).count() + 1;
    let (options, rest) = args.split_at(options.min(args.len()));
    options.iter().filter_map(short).chain(rest.iter().cloned()).collect()
}

fn timeout(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let (gnu, mut keep) = (gnu(cx), false);
    let short = if gnu { short_options(args) } else { args.to_vec() };
    let args = short.as_slice();
    let usage = "[-s SIG] [-k KILL_SECS] SECS PROG ARGS\n\nRun PROG. Send SIG to it if it is not gone in SECS seconds.\nDefault SIG: TERM.If it still exists in KILL_SECS seconds, send KILL.\n";
    let (mut signal, mut kill_after) = (Signal::TERM, None);
    let mut rest = &args[1..];
    while let Some(arg) = rest.first().filter(|a| a.starts_with('-') && a.len() > 1) {
        let mut letters = arg[1..].chars();
        let letter = letters.next().unwrap_or('-');
        let attached = letters.as_str().to_owned();
        let value = if attached.is_empty() {
            rest.get(1).cloned().unwrap_or_default()
        } else {
            attached.clone()
        };
        if letter == 'p' && gnu {
            keep = true;
            rest = &rest[1..];
            continue;
        }
        match letter {
            's' => match Signal::parse(&value) {
                Some(found) => signal = found,
                None => {
                    cx.warn(&format!("bad signal name '{value}'"));
                    return Err(1);
                }
            },
            'k' => kill_after = duration(&value),
            _ => return Err(cx.bad_option(arg, usage)),
        }
        rest = rest.get(if attached.is_empty() { 2 } else { 1 }..).unwrap_or_default();
    }
    let [seconds, command @ ..] = rest else {
        return Err(if gnu { misused(cx) } else { cx.usage(usage) });
    };
    if command.is_empty() {
        return Err(if gnu { misused(cx) } else { cx.usage(usage) });
    }
    let Some(time) = duration(seconds) else {
        if gnu {
            cx.warn(&format!("invalid time interval '{seconds}'"));
            return Err(misused(cx));
        }
        cx.warn(&format!("invalid number '{seconds}'"));
        return Err(1);
    };
    match start(cx, command) {
        Ok(child) => {
            let until = if time == 0 { Nanos::MAX } else { cx.sys.after(time) };
            Ok(Box::new(Timeout {
                child,
                until,
                kill_after,
                signal,
                fired: false,
                gnu: gnu && !keep,
            }))
        }
        Err(error) => {
            let (what, status) = reason(error);
            let how = if gnu { "failed to run command" } else { "can't execute" };
            cx.warn(&format!("{how} '{}': {what}", command[0]));
            Err(status)
        }
    }
}

/// What GNU's `timeout` says to a command line that it cannot use.
fn misused(cx: &mut Cx<'_, '_>) -> u8 {
    cx.sys.warn("Try 'timeout --help' for more information.");
    125
}

#[derive(Clone, Debug)]
struct Watch {
    command: Vec<String>,
    period: Nanos,
    title: Option<String>,
    child: Option<u32>,
    until: Nanos,
}

impl Tool for Watch {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(child) = self.child {
            if cx.sys.reap(child).is_none() {
                return Next::Wait(Wait::Child);
            }
            self.child = None;
            self.until = cx.sys.after(self.period);
        }
        if cx.sys.now() < self.until {
            return Next::Wait(Wait::Until(self.until));
        }
        if let Some(title) = &self.title {
            cx.sys.print_now(1, title.as_bytes());
        }
        match start(cx, &self.command) {
            Ok(child) => self.child = Some(child),
            Err(_) => return Next::Exit(127),
        }
        Next::Again
    }

    boxed!();
}

fn watch(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let mut period = 2 * crate::SECOND;
    let mut titled = true;
    let mut rest = &args[1..];
    while let Some(arg) = rest.first().filter(|a| a.starts_with('-')) {
        if arg == "-t" {
            titled = false;
        } else if let Some(value) = arg.strip_prefix("-n") {
            let value = if value.is_empty() {
                rest.get(1).cloned().unwrap_or_default()
            } else {
                value.to_owned()
            };
            period = duration(&value).unwrap_or(period);
            if arg == "-n" {
                rest = &rest[1..];
            }
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    if rest.is_empty() {
        return Err(cx.usage("[-n SEC] [-t] PROG ARGS\n"));
    }
    let text = rest.join(" ");
    let seconds = period / crate::SECOND;
    let title = titled.then(|| format!("\x1b[H\x1b[JEvery {seconds}.0s: {text}\n\n"));
    let command = vec!["sh".to_owned(), "-c".to_owned(), text];
    Ok(Box::new(Watch { command, period, title, child: None, until: 0 }))
}

/// A minimal init: passes signals on, waits for its child.
#[derive(Clone, Debug)]
struct Init {
    child: u32,
}

impl Tool for Init {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let pending = std::mem::take(&mut cx.sys.proc_mut().pending);
        for signal in (1..=31).filter_map(Signal::from_number).filter(|s| pending & s.bit() != 0) {
            if signal != Signal::CHLD {
                let _ = cx.sys.kill(i64::from(self.child), Some(signal));
            }
        }
        if let Some(status) = cx.sys.reap(self.child) {
            return Next::Exit(status.code());
        }
        while let Some(other) = cx.sys.dead_child() {
            cx.sys.reap(other);
        }
        Next::Wait(Wait::Child)
    }

    boxed!();
}

fn init(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let rest: Vec<String> = args[1..].iter().skip_while(|a| a.starts_with('-')).cloned().collect();
    if rest.is_empty() {
        return Err(cx.usage("[OPTIONS] PROGRAM -- [ARGS]\n"));
    }
    match start(cx, &rest) {
        Ok(child) => {
            let caught = !(Signal::KILL.bit() | Signal::STOP.bit() | Signal::SEGV.bit());
            cx.sys.proc_mut().caught = caught;
            Ok(Box::new(Init { child }))
        }
        Err(error) => {
            let (what, status) = reason(error);
            cx.warn(&format!("exec {} failed: {what}", rest[0]));
            Err(status)
        }
    }
}
