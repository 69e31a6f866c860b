//! The machine: a stack of frames, each of which knows what it does next.

use super::ast::{Item, Node};
use super::builtins::Reading;
use super::expand::{Expander, Halt, Substituted};
use super::lexer::Parser;
use super::redirect::{self, Saved};
use super::{Dialect, Shell, Var, pattern};
use crate::kernel::{Io, OpenMode, Step, Sys, Wait};
use crate::rope::Rope;
use crate::{EffectKind, Signal, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The shell ends after this command: it may be executed in place.
pub(super) const EXIT: u8 = 1;
/// The status is looked at, so `set -e` does not apply.
pub(super) const TESTED: u8 = 2;

/// What a text that is being run is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Main,
    /// `eval`
    Eval,
    /// `. file`: `return` ends it.
    Source {
        params: Option<Vec<String>>,
    },
    /// A trap's action; the status is put back afterwards.
    Trap {
        status: u8,
    },
}

/// Leaving loops, functions and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skip {
    Break(u32),
    Continue(u32),
    Return,
}

/// Foreground children that are waited for, with the status of those that have ended.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) pids: Vec<(u32, Option<u8>)>,
    pub(super) negate: bool,
    pub(super) flags: u8,
    /// It is a pipeline: `pipefail` applies.
    pub(super) group: bool,
}

impl Waiting {
    pub(super) fn one(pid: u32, flags: u8) -> Self {
        Self { pids: vec![(pid, None)], negate: false, flags, group: false }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Frame {
    Start {
        argv: Vec<String>,
    },
    Script {
        text: Arc<str>,
        pos: usize,
        line: u32,
        flags: u8,
        kind: Kind,
    },
    /// A script read from standard input.
    Input {
        data: Vec<u8>,
        eof: bool,
        line: u32,
    },
    Node {
        node: Arc<Node>,
        flags: u8,
        results: Vec<Substituted>,
    },
    List {
        node: Arc<Node>,
        next: usize,
        flags: u8,
    },
    AndOr {
        node: Arc<Node>,
        next: usize,
        flags: u8,
    },
    Negate,
    If {
        node: Arc<Node>,
        arm: usize,
        flags: u8,
    },
    Loop {
        node: Arc<Node>,
        in_cond: bool,
        flags: u8,
        status: u8,
    },
    For {
        node: Arc<Node>,
        items: Arc<[String]>,
        next: usize,
        flags: u8,
    },
    ForArith {
        node: Arc<Node>,
        phase: u8,
        flags: u8,
    },
    Fallthrough {
        node: Arc<Node>,
        arm: usize,
        flags: u8,
    },
    Restore {
        saved: Saved,
    },
    Vars {
        saved: Vec<(String, Option<Var>)>,
    },
    Call {
        params: Vec<String>,
        locals: BTreeMap<String, Option<Var>>,
        loops: u32,
    },
    Wait(Waiting),
    Substitute {
        pid: u32,
        fd: u32,
        data: Vec<u8>,
        closed: bool,
    },
    Write {
        data: Rope,
        status: u8,
    },
    Read(Box<Reading>),
    WaitFor {
        pids: Option<Vec<u32>>,
    },
    /// Checks `set -e` after a compound command with redirections.
    Checked {
        flags: u8,
    },
}

impl Frame {
    pub(super) fn script(text: Arc<str>, flags: u8) -> Self {
        Self::Script { text, pos: 0, line: 1, flags, kind: Kind::Main }
    }

    fn node(node: &Arc<Node>, flags: u8) -> Self {
        Self::Node { node: node.clone(), flags, results: Vec::new() }
    }

    /// A trap's action must wait until this is done.
    fn holds_traps(&self) -> bool {
        matches!(
            self,
            Self::Wait(_) | Self::Substitute { .. } | Self::Write { .. } | Self::Start { .. }
        )
    }
}

impl Shell {
    /// Does one small piece of work.
    pub(crate) fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(skip) = self.skip {
            self.unwind(sys, skip);
            return Step::Continue;
        }
        if sys.proc().pending != 0 && self.take_trap(sys) {
            return Step::Continue;
        }
        match self.stack.pop() {
            None => self.finish(sys),
            Some(frame) => self.advance(sys, frame),
        }
    }

    /// The end of the script: the EXIT trap, then the process ends.
    fn finish(&mut self, sys: &mut Sys<'_>) -> Step {
        let status = *self.exiting.get_or_insert(self.status);
        match self.traps.remove(&0).filter(|action| !action.is_empty()) {
            Some(action) => {
                self.status = status;
                self.push_text(&action, Kind::Trap { status }, 0);
                Step::Continue
            }
            None => {
                let _ = sys;
                Step::Exit(status)
            }
        }
    }

    /// Ends the shell with a status, after its EXIT trap.
    pub(super) fn exit(&mut self, status: u8) {
        self.status = status;
        self.exiting = Some(status);
        self.skip = None;
        self.stack.clear();
    }

    /// Runs the trap of a pending signal, if this is the moment for it.
    fn take_trap(&mut self, sys: &mut Sys<'_>) -> bool {
        if self.stack.last().is_none_or(Frame::holds_traps) && !self.stack.is_empty() {
            return false;
        }
        let pending = sys.proc().pending;
        let Some(signal) =
            (1..=31).filter_map(Signal::from_number).find(|s| pending & s.bit() != 0)
        else {
            return false;
        };
        sys.proc_mut().pending &= !signal.bit();
        let Some(action) = self.traps.get(&signal.number()).cloned() else { return true };
        if matches!(self.stack.last(), Some(Frame::WaitFor { .. } | Frame::Read(_))) {
            self.stack.pop();
            self.status = 128 + signal.number();
        }
        if signal != Signal::CHLD {
            sys.effect(EffectKind::SignalHandled { signal });
        }
        let status = self.status;
        self.push_text(&action, Kind::Trap { status }, 0);
        true
    }

    /// Leaves frames until the target of a `break`, `continue` or `return` is on top.
    fn unwind(&mut self, sys: &mut Sys<'_>, skip: Skip) {
        match (self.stack.pop(), skip) {
            (None, _) => self.skip = None,
            (
                Some(frame @ (Frame::Loop { .. } | Frame::For { .. } | Frame::ForArith { .. })),
                Skip::Break(n),
            ) => {
                self.leave(sys, frame);
                self.skip = (n > 1).then_some(Skip::Break(n - 1));
            }
            (
                Some(frame @ (Frame::Loop { .. } | Frame::For { .. } | Frame::ForArith { .. })),
                Skip::Continue(n),
            ) => {
                if n > 1 {
                    self.leave(sys, frame);
                    self.skip = Some(Skip::Continue(n - 1));
                } else {
                    self.stack.push(continued(frame, self.status));
                    self.skip = None;
                }
            }
            (
                Some(Frame::Script { kind: kind @ (Kind::Trap { .. } | Kind::Main), .. }),
                Skip::Break(_) | Skip::Continue(_),
            ) => {
                if let Kind::Trap { status } = kind {
                    self.status = status;
                }
                self.skip = None;
            }
            (
                Some(
                    frame @ (Frame::Call { .. }
                    | Frame::Script { kind: Kind::Source { .. } | Kind::Main, .. }),
                ),
                Skip::Return,
            ) => {
                self.leave(sys, frame);
                self.skip = None;
            }
            (Some(frame), _) => self.leave(sys, frame),
        }
    }

    /// Undoes what a frame keeps undone.
    fn leave(&mut self, sys: &mut Sys<'_>, frame: Frame) {
        match frame {
            Frame::Restore { saved } => redirect::restore(sys, saved),
            Frame::Vars { saved } => {
                for (name, var) in saved {
                    self.put_back(name, var);
                }
            }
            Frame::Call { params, locals, loops } => {
                self.params = params;
                self.loops = loops;
                self.calls -= 1;
                for (name, var) in locals {
                    self.put_back(name, var);
                }
            }
            Frame::Loop { .. } | Frame::For { .. } | Frame::ForArith { .. } => {
                self.loops = self.loops.saturating_sub(1);
            }
            Frame::Script { kind, .. } => {
                if !matches!(kind, Kind::Main) {
                    self.calls = self.calls.saturating_sub(1);
                }
                if let Kind::Source { params: Some(params) } = kind {
                    self.params = params;
                }
            }
            Frame::Substitute { fd, .. } => sys.close(fd),
            _ => {}
        }
    }

    fn put_back(&mut self, name: String, var: Option<Var>) {
        match var {
            Some(var) => drop(self.vars.insert(name, var)),
            None => drop(self.vars.remove(&name)),
        }
    }

    fn advance(&mut self, sys: &mut Sys<'_>, frame: Frame) -> Step {
        match frame {
            Frame::Start { argv } => self.start(sys, &argv),
            Frame::Script { .. } => self.next_command(sys, frame),
            Frame::Input { data, eof, line } => self.next_input(sys, data, eof, line),
            Frame::Node { node, flags, results } => self.evaluate(sys, node, flags, results),
            Frame::List { node, next, flags } => self.next_item(sys, node, next, flags),
            Frame::AndOr { node, next, flags } => self.next_operand(node, next, flags),
            Frame::Negate => {
                self.status = u8::from(self.status == 0);
                Step::Continue
            }
            Frame::If { node, arm, flags } => self.branch(node, arm, flags),
            Frame::Loop { node, in_cond, flags, status } => {
                self.turn(sys, node, in_cond, flags, status)
            }
            Frame::For { node, items, next, flags } => {
                self.next_round(sys, node, items, next, flags)
            }
            Frame::ForArith { node, phase, flags } => self.arith_round(sys, node, phase, flags),
            Frame::Fallthrough { node, arm, flags } => self.run_arm(node, arm, flags),
            Frame::Wait(waiting) => self.wait_job(sys, waiting),
            Frame::Substitute { pid, fd, data, closed } => self.collect(sys, pid, fd, data, closed),
            Frame::Write { data, status } => self.write_out(sys, data, status),
            Frame::Read(reading) => self.read_more(sys, reading),
            Frame::WaitFor { pids } => self.wait_for(sys, pids),
            Frame::Checked { flags } => {
                self.check(flags);
                Step::Continue
            }
            other => {
                self.leave(sys, other);
                Step::Continue
            }
        }
    }

    /// Applies `set -e` to the status of the command that just ended.
    pub(super) fn check(&mut self, flags: u8) {
        if self.opts.errexit && flags & TESTED == 0 && self.status != 0 && self.skip.is_none() {
            self.exit(self.status);
        }
    }

    // Scripts

    fn next_command(&mut self, sys: &mut Sys<'_>, frame: Frame) -> Step {
        let Frame::Script { text, pos, line, flags, kind } = frame else { return Step::Continue };
        let source = text.clone();
        let mut parser = Parser::new(&source, pos, line, self.dialect);
        match parser.next_command() {
            Ok(None) => {
                if let Kind::Trap { status } = kind {
                    self.status = status;
                }
                self.leave(sys, Frame::Script { text, pos, line, flags, kind });
            }
            Ok(Some(node)) => {
                let (pos, line) = (parser.pos, parser.line);
                let last = parser.at_end();
                let node_flags = if last { flags } else { flags & !EXIT };
                self.stack.push(Frame::Script { text, pos, line, flags, kind });
                if let Some(node) = node.filter(|_| !self.opts.noexec) {
                    self.stack.push(Frame::node(&node, node_flags));
                }
            }
            Err(error) => {
                self.line = error.line;
                let message = format!("syntax error: {}", error.message);
                self.leave(sys, Frame::Script { text, pos, line, flags, kind });
                self.fatal(sys, &message);
            }
        }
        Step::Continue
    }

    fn next_input(&mut self, sys: &mut Sys<'_>, mut data: Vec<u8>, eof: bool, line: u32) -> Step {
        let text = String::from_utf8_lossy(&data).into_owned();
        let complete = eof || text.ends_with('\n');
        if complete && !text.is_empty() {
            let mut parser = Parser::new(&text, 0, line, self.dialect);
            match parser.next_command() {
                Ok(Some(node)) if eof || !parser.at_end() || text.ends_with('\n') => {
                    let rest = text.as_bytes()[parser.pos.min(text.len())..].to_vec();
                    let line = parser.line;
                    self.stack.push(Frame::Input { data: rest, eof, line });
                    if let Some(node) = node {
                        self.stack.push(Frame::node(&node, 0));
                    }
                    return Step::Continue;
                }
                Err(error)
                    if eof
                        || !error.message.contains("end of file")
                            && !error.message.contains("unterminated") =>
                {
                    self.line = error.line;
                    self.fatal(sys, &format!("syntax error: {}", error.message));
                    return Step::Continue;
                }
                _ => {}
            }
        }
        if eof {
            return Step::Continue;
        }
        // As in ash, what the buffer takes is lost for the commands.
        match sys.read(0, 1024) {
            Io::Ready(read) => {
                let eof = read.is_empty();
                data.extend(read.to_vec());
                self.stack.push(Frame::Input { data, eof, line });
                Step::Continue
            }
            Io::Block(wait) => {
                self.stack.push(Frame::Input { data, eof, line });
                Step::Block(wait)
            }
            Io::Err(_) => Step::Continue,
        }
    }

    fn start(&mut self, sys: &mut Sys<'_>, argv: &[String]) -> Step {
        self.root_pid = Some(sys.pid);
        self.initial_variables(sys);
        let mut text = None;
        let mut rest = argv;
        while let Some(arg) = rest.first().filter(|a| a.len() > 1 && a.starts_with(['-', '+'])) {
            rest = &rest[1..];
            if arg == "--" {
                break;
            }
            if arg.starts_with("--") {
                continue;
            }
            let on = arg.starts_with('-');
            for letter in arg.chars().skip(1) {
                match letter {
                    'c' => {
                        text = Some(String::new());
                        self.opts.command = on;
                    }
                    'l' => {}
                    'o' => {
                        let name = rest.first().cloned().unwrap_or_default();
                        rest = rest.get(1..).unwrap_or_default();
                        if let Some(flag) = self.opts.by_name(&name) {
                            *flag = on;
                        }
                    }
                    other => match self.opts.by_letter(other) {
                        Some(flag) => *flag = on,
                        None => {
                            self.fatal(sys, &format!("illegal option -{other}"));
                            return Step::Continue;
                        }
                    },
                }
            }
        }
        if text.is_some() {
            let Some(command) = rest.first() else {
                self.fatal(sys, "-c requires an argument");
                return Step::Continue;
            };
            if let Some(name) = rest.get(1) {
                self.arg0.clone_from(name);
            }
            self.params = rest.get(2..).unwrap_or_default().to_vec();
            self.stack.push(Frame::script(command.as_str().into(), EXIT));
        } else if let Some(file) = rest.first().filter(|_| !self.opts.stdin) {
            self.params = rest[1..].to_vec();
            self.start_file(sys, file);
        } else {
            self.params = rest.to_vec();
            self.stack.push(Frame::Input { data: Vec::new(), eof: false, line: 1 });
        }
        Step::Continue
    }

    fn start_file(&mut self, sys: &mut Sys<'_>, file: &str) {
        match sys.open(file, OpenMode::READ) {
            Ok(id) => {
                let data = match sys.read_desc(id, 1 << 20) {
                    Io::Ready(data) => data.to_vec(),
                    _ => Vec::new(),
                };
                sys.u.release_desc(id);
                file.clone_into(&mut self.arg0);
                self.script = true;
                let text = String::from_utf8_lossy(&data).into_owned();
                self.stack.push(Frame::script(text.into(), EXIT));
            }
            Err(error) => {
                let what = if self.dialect == Dialect::Ash {
                    format!("can't open '{file}': {error}")
                } else {
                    format!("{file}: {error}")
                };
                self.complain(sys, &what);
                self.exit(if error == crate::Errno::NotFound && self.dialect != Dialect::Ash {
                    127
                } else {
                    2
                });
            }
        }
    }

    fn initial_variables(&mut self, sys: &mut Sys<'_>) {
        let cwd = sys.proc().cwd.to_string();
        let ppid = sys.proc().ppid.to_string();
        for (name, value, exported) in [("PWD", cwd, true), ("PPID", ppid, false)] {
            let var = self.vars.entry(name.to_owned()).or_default();
            var.value = Some(value);
            var.exported |= exported && sys.proc().ppid == 0 && self.dialect != Dialect::Dash;
        }
        if self.dialect == Dialect::Bash {
            for (name, value) in [("BASH_VERSION", "5.2.15(1)-release"), ("BASH", "/bin/bash")] {
                self.vars.entry(name.to_owned()).or_default().value = Some(value.to_owned());
            }
        }
        if sys.proc().ppid == 0 {
            let level = self.vars.entry("SHLVL".to_owned()).or_default();
            level.value = Some("1".to_owned());
            level.exported = true;
        }
    }

    // Compound commands

    fn next_item(&mut self, sys: &mut Sys<'_>, node: Arc<Node>, next: usize, flags: u8) -> Step {
        let Node::List(items) = &*node else { return Step::Continue };
        let Some(Item { node: item, background }) = items.get(next) else { return Step::Continue };
        if *background {
            self.background(sys, item);
        }
        let last = next + 1 == items.len();
        let item_flags = if last { flags } else { flags & !EXIT };
        let frame = (!background).then(|| Frame::node(item, item_flags));
        if !last {
            self.stack.push(Frame::List { node, next: next + 1, flags });
        }
        self.stack.extend(frame);
        Step::Continue
    }

    fn next_operand(&mut self, node: Arc<Node>, next: usize, flags: u8) -> Step {
        let Node::AndOr { rest, .. } = &*node else { return Step::Continue };
        let Some((and, operand)) = rest.get(next) else { return Step::Continue };
        let wanted = *and == (self.status == 0);
        let last = next + 1 == rest.len();
        let operand_flags = if last { flags } else { (flags | TESTED) & !EXIT };
        let frame = wanted.then(|| Frame::node(operand, operand_flags));
        if !last {
            self.stack.push(Frame::AndOr { node, next: next + 1, flags });
        }
        self.stack.extend(frame);
        Step::Continue
    }

    fn branch(&mut self, node: Arc<Node>, arm: usize, flags: u8) -> Step {
        let Node::If { arms, otherwise } = &*node else { return Step::Continue };
        if self.status == 0 {
            self.stack.push(Frame::node(&arms[arm].1, flags));
        } else if let Some((cond, _)) = arms.get(arm + 1) {
            let frame = Frame::node(cond, TESTED);
            self.stack.push(Frame::If { node: node.clone(), arm: arm + 1, flags });
            self.stack.push(frame);
        } else if let Some(body) = otherwise {
            self.stack.push(Frame::node(body, flags));
        } else {
            self.status = 0;
        }
        Step::Continue
    }

    fn turn(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        in_cond: bool,
        flags: u8,
        status: u8,
    ) -> Step {
        let Node::Loop { until, cond, body } = &*node else { return Step::Continue };
        if !in_cond {
            let status = self.status;
            let frame = Frame::node(cond, TESTED);
            self.stack.push(Frame::Loop { node: node.clone(), in_cond: true, flags, status });
            self.stack.push(frame);
        } else if (self.status == 0) != *until {
            let frame = Frame::node(body, flags & TESTED);
            self.stack.push(Frame::Loop { node: node.clone(), in_cond: false, flags, status });
            self.stack.push(frame);
        } else {
            self.status = status;
            self.leave(sys, Frame::Loop { node: node.clone(), in_cond, flags, status });
        }
        Step::Continue
    }

    fn next_round(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        items: Arc<[String]>,
        next: usize,
        flags: u8,
    ) -> Step {
        let Node::For { name, body, .. } = &*node else { return Step::Continue };
        match items.get(next) {
            Some(item) => {
                if let Err(message) = self.set_var(sys, name, item) {
                    self.fatal(sys, &message);
                    return Step::Continue;
                }
                let frame = Frame::node(body, flags & TESTED);
                self.stack.push(Frame::For { node: node.clone(), items, next: next + 1, flags });
                self.stack.push(frame);
            }
            None => self.leave(sys, Frame::For { node: node.clone(), items, next, flags }),
        }
        Step::Continue
    }

    fn arith_round(&mut self, sys: &mut Sys<'_>, node: Arc<Node>, phase: u8, flags: u8) -> Step {
        let Node::ForArith { init, cond, step, body } = &*node else { return Step::Continue };
        let run = |shell: &mut Self, sys: &mut Sys<'_>, parts: &[super::ast::Part]| {
            let mut expander = Expander::new(shell, sys, &[]);
            let result = expander.arithmetic(parts);
            let overlay = std::mem::take(&mut expander.overlay);
            shell.commit(sys, overlay);
            result
        };
        if phase != 1 {
            let parts = if phase == 0 { init } else { step };
            if let Err(Halt::Fail(message)) = run(self, sys, parts) {
                self.fatal(sys, &message);
                return Step::Continue;
            }
        }
        let go_on = cond.is_empty() || run(self, sys, cond).is_ok_and(|value| value != 0);
        if go_on {
            let frame = Frame::node(body, flags & TESTED);
            self.stack.push(Frame::ForArith { node: node.clone(), phase: 2, flags });
            self.stack.push(frame);
        } else {
            self.leave(sys, Frame::ForArith { node: node.clone(), phase, flags });
        }
        Step::Continue
    }

    pub(super) fn choose_arm(
        &mut self,
        node: &Arc<Node>,
        flags: u8,
        subject: &str,
        patterns: &[Vec<String>],
    ) {
        let hit = patterns.iter().position(|arm| arm.iter().any(|p| pattern::matches(p, subject)));
        self.status = 0;
        if let Some(arm) = hit {
            self.run_arm(node.clone(), arm, flags);
        }
    }

    fn run_arm(&mut self, node: Arc<Node>, arm: usize, flags: u8) -> Step {
        let Node::Case { arms, .. } = &*node else { return Step::Continue };
        if let Some(chosen) = arms.get(arm) {
            let frame = chosen.body.as_ref().map(|body| Frame::node(body, flags));
            if chosen.falls_through {
                self.stack.push(Frame::Fallthrough { node: node.clone(), arm: arm + 1, flags });
            }
            self.stack.extend(frame);
        }
        Step::Continue
    }

    // Waiting

    fn wait_job(&mut self, sys: &mut Sys<'_>, mut waiting: Waiting) -> Step {
        let running = waiting.pids.iter_mut();
        for (pid, status) in running.filter(|(_, status)| status.is_none()) {
            if let Some(ended) = sys.reap(*pid) {
                *status = Some(ended.code());
                self.report_death(sys, *pid, ended);
            }
        }
        if waiting.pids.iter().any(|(_, status)| status.is_none()) {
            self.stack.push(Frame::Wait(waiting));
            return Step::Block(Wait::Child);
        }
        self.reap_jobs(sys);
        let Waiting { pids, negate, flags, group } = waiting;
        let last = pids.last().and_then(|(_, status)| *status).unwrap_or(127);
        let failed =
            pids.iter().rev().filter_map(|(_, status)| *status).find(|status| *status != 0);
        self.status = if group && self.opts.pipefail { failed.unwrap_or(0) } else { last };
        if negate {
            self.status = u8::from(self.status == 0);
        } else {
            self.check(flags);
        }
        Step::Continue
    }

    fn collect(
        &mut self,
        sys: &mut Sys<'_>,
        pid: u32,
        fd: u32,
        mut data: Vec<u8>,
        mut closed: bool,
    ) -> Step {
        while !closed {
            match sys.read(fd, limits::PIPE_BYTES) {
                Io::Ready(read) if read.is_empty() => closed = true,
                Io::Ready(read) => data.extend(read.to_vec()),
                Io::Block(wait) => {
                    self.stack.push(Frame::Substitute { pid, fd, data, closed });
                    return Step::Block(wait);
                }
                Io::Err(_) => closed = true,
            }
            if sys.too_much(data.len() as u64) {
                sys.charge(u64::MAX / 2);
                return Step::Block(Wait::Forever);
            }
        }
        let Some(status) = sys.reap(pid) else {
            self.stack.push(Frame::Substitute { pid, fd, data, closed });
            return Step::Block(Wait::Child);
        };
        sys.close(fd);
        self.report_death(sys, pid, status);
        data.retain(|byte| *byte != 0);
        let text = String::from_utf8_lossy(&data).trim_end_matches('\n').to_owned();
        if let Some(Frame::Node { results, .. }) = self.stack.last_mut() {
            results.push(Substituted { text, status: status.code() });
        }
        Step::Continue
    }

    /// Writes a builtin's output, waiting for room in a pipe.
    pub(super) fn write_out(&mut self, sys: &mut Sys<'_>, mut data: Rope, status: u8) -> Step {
        while !data.is_empty() {
            match sys.write(1, &data) {
                Io::Ready(n) => drop(data.take_front(n)),
                Io::Block(wait) => {
                    self.stack.push(Frame::Write { data, status });
                    return Step::Block(wait);
                }
                Io::Err(error) => {
                    if !sys.alive() {
                        return Step::Block(Wait::Forever);
                    }
                    self.builtin = None;
                    self.complain(sys, &format!("write error: {error}"));
                    self.status = 1;
                    return Step::Continue;
                }
            }
        }
        self.status = status;
        Step::Continue
    }

    /// `wait`: for some children, or for all.
    fn wait_for(&mut self, sys: &mut Sys<'_>, pids: Option<Vec<u32>>) -> Step {
        for job in self.jobs.iter_mut().filter(|job| job.status.is_none()) {
            if let Some(status) = sys.reap(job.pid) {
                job.status = Some(status.code());
                if pids.as_ref().is_some_and(|pids| pids.contains(&job.pid))
                    && self.dialect == Dialect::Ash
                    && let crate::ExitStatus::Signaled(signal) = status
                    && signal != Signal::INT
                    && signal != Signal::PIPE
                {
                    sys.warn(signal.description());
                }
            }
        }
        let running = |pid: u32| self.jobs.iter().any(|job| job.pid == pid && job.status.is_none());
        match pids {
            None => {
                if self.jobs.iter().any(|job| job.status.is_none()) {
                    self.stack.push(Frame::WaitFor { pids: None });
                    return Step::Block(Wait::Child);
                }
                self.jobs.clear();
                self.status = 0;
            }
            Some(pids) => {
                if pids.iter().any(|pid| running(*pid)) {
                    self.stack.push(Frame::WaitFor { pids: Some(pids) });
                    return Step::Block(Wait::Child);
                }
                let last = pids.last().copied().unwrap_or(0);
                let status =
                    self.jobs.iter().find(|job| job.pid == last).and_then(|job| job.status);
                self.jobs.retain(|job| !pids.contains(&job.pid));
                self.status = status.unwrap_or(127);
            }
        }
        Step::Continue
    }
}

/// A loop frame after `continue`.
fn continued(frame: Frame, status: u8) -> Frame {
    match frame {
        Frame::Loop { node, flags, .. } => Frame::Loop { node, in_cond: false, flags, status },
        other => other,
    }
}
