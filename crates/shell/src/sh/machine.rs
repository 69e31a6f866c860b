//! The machine: a stack of frames, each of which knows what it does next.

mod compound;
mod leaving;
mod scripts;
mod waiting;

use super::ast::{Item, Node};
use super::builtins::Reading;
use super::expand::{Expander, Halt, Substituted};
use super::lexer::Parser;
use super::redirect::{self, Saved};
use super::{Dialect, Params, Shell, Var, pattern};
use crate::kernel::{Io, OpenMode, Step, Sys, Wait};
use crate::rope::Rope;
use crate::{EffectKind, Signal, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The shell ends after this command: it may be executed in place.
pub(super) const EXIT: u8 = 1;
/// The status is looked at, so `set -e` does not apply.
pub(super) const TESTED: u8 = 2;

/// Numbers of the traps that are no signals.
pub(super) const ERR: u8 = 64;
pub(super) const RETURN: u8 = 65;

/// What a text that is being run is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Main,
    /// `eval`
    Eval,
    /// `. file`: `return` ends it.
    Source {
        params: Option<Params>,
    },
    /// A trap's action; the status is put back afterwards.
    Trap {
        status: u8,
    },
    /// The action of the ERR trap.
    Error {
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
    /// `;;&`: the arms from here on are tried.
    Case {
        node: Arc<Node>,
        arm: usize,
        flags: u8,
        subject: Arc<str>,
        patterns: Arc<[Vec<String>]>,
    },
    /// `select`: shows its menu, or has read an answer.
    Menu {
        node: Arc<Node>,
        items: Arc<[String]>,
        answered: bool,
        flags: u8,
    },
    Restore {
        saved: Saved,
    },
    Vars {
        saved: Vec<(String, Option<Var>)>,
    },
    Call {
        name: Arc<str>,
        params: Params,
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
    /// `wait -n`
    WaitAny,
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
        if matches!(
            self.stack.last(),
            Some(Frame::WaitFor { .. } | Frame::WaitAny | Frame::Read(_))
        ) {
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
            Frame::Fallthrough { node, arm, flags } => {
                self.run_arm(node, arm, flags, &"".into(), &[].into())
            }
            Frame::Case { node, arm, flags, subject, patterns } => {
                self.choose_arm(sys, &node, flags, arm, subject, patterns);
                Step::Continue
            }
            Frame::Menu { node, items, answered, flags } => {
                self.menu(sys, node, items, answered, flags)
            }
            Frame::WaitAny => self.wait_any(sys),
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
        if flags & TESTED != 0 || self.status == 0 || self.skip.is_some() {
            return;
        }
        let failed = self.status;
        if self.opts.errexit {
            self.exit(failed);
        }
        let action = self.traps.get(&ERR).cloned().filter(|action| !action.is_empty());
        if let Some(action) = action.filter(|_| !self.in_error_trap()) {
            self.push_text(&action, Kind::Error { status: failed }, TESTED);
        }
    }

    fn next_command(&mut self, sys: &mut Sys<'_>, frame: Frame) -> Step {
        let Frame::Script { text, pos, line, flags, kind } = frame else { return Step::Continue };
        let source = text.clone();
        let mut parser = Parser::new(&source, pos, line, self.dialect);
        match parser.next_command() {
            Ok(None) => {
                if let Kind::Trap { status } | Kind::Error { status } = kind {
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
                self.leave(sys, Frame::Script { text, pos, line, flags, kind });
                self.syntax_error(sys, &error, &source);
            }
        }
        Step::Continue
    }

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
        if group {
            self.pipe_status = pids.iter().filter_map(|(_, status)| *status).collect();
        }
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
}
