//! Evaluating one node: simple commands, and the words of compound ones.

mod assign;
mod invoke;

use assign::expand_assign;

use super::ast::{Assign, Node, Redir, Simple, Value};
use super::builtins::{self, Flow};
use super::expand::{Expander, Halt, Substituted};
use super::machine::{EXIT, Frame, TESTED, Waiting};
use super::redirect::{self, Resolved};
use super::variables::Key;
use super::{Dialect, Shell, Var};
use crate::kernel::{ExecError, Origin, Step, Sys};
use crate::limits;
use crate::rope::Rope;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An assignment after expansion.
#[derive(Debug)]
enum Assigned {
    Scalar { name: String, index: Option<String>, value: String, append: bool },
    Array { name: String, items: Vec<Item>, append: bool },
}

/// An element of an array after expansion; its subscript is still a text.
#[derive(Clone, Debug)]
struct Item {
    key: Option<String>,
    value: String,
    append: bool,
}

/// A simple command after expansion.
#[derive(Debug)]
struct Ready {
    words: Vec<String>,
    redirs: Vec<Resolved>,
    assigns: Vec<Assigned>,
    declares: Vec<Assigned>,
    last_status: Option<u8>,
}

impl Shell {
    /// Prints a message the way the shell does.
    pub(super) fn complain(&mut self, sys: &mut Sys<'_>, message: &str) {
        let mut text = format!("{}: ", self.arg0);
        let line = if self.script { self.line } else { self.line.saturating_sub(1) };
        match (self.dialect, self.builtin) {
            (Dialect::Ash, Some(builtin)) => text += &format!("{builtin}: line {line}: "),
            (Dialect::Ash, None) if self.script => text += &format!("line {line}: "),
            (Dialect::Ash, None) => {}
            (Dialect::Dash, Some(builtin)) => text += &format!("{}: {builtin}: ", self.line),
            (Dialect::Dash, None) => text += &format!("{}: ", self.line),
            (Dialect::Bash, Some(builtin)) => text += &format!("line {}: {builtin}: ", self.line),
            (Dialect::Bash, None) => text += &format!("line {}: ", self.line),
        }
        text += message;
        sys.warn(&text);
    }

    /// An error that ends the shell.
    pub(super) fn fatal(&mut self, sys: &mut Sys<'_>, message: &str) {
        self.complain(sys, message);
        let status = match self.dialect {
            Dialect::Bash if self.opts.command && message.ends_with(": unbound variable") => 127,
            Dialect::Bash => 1,
            _ => 2,
        };
        self.exit(status);
    }

    /// Makes the assignments of an expansion real.
    pub(super) fn commit(&mut self, sys: &mut Sys<'_>, overlay: BTreeMap<String, String>) {
        for (name, value) in overlay {
            // Read-only variables were refused during the expansion.
            drop(self.set_var(sys, &name, &value));
        }
    }

    /// Runs an expansion; on a command substitution the node is put back and the command started.
    fn expanding<T>(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        flags: u8,
        results: Vec<Substituted>,
        f: impl FnOnce(&mut Expander<'_, '_>) -> Result<T, Halt>,
    ) -> Option<T> {
        let mut expander = Expander::new(self, sys, &results);
        let result = f(&mut expander);
        let overlay = std::mem::take(&mut expander.overlay);
        match result {
            Ok(value) => {
                self.commit(sys, overlay);
                Some(value)
            }
            Err(Halt::Substitute(body)) => {
                self.stack.push(Frame::Node { node: node.clone(), flags, results });
                if self.is_file_reading(&body) {
                    return self.substitute_file(sys, &body);
                }
                let frame = self.substitute(sys, &body);
                self.stack.extend(frame);
                None
            }
            Err(Halt::Process(reads, body)) => {
                self.stack.push(Frame::Node { node: node.clone(), flags, results });
                self.process_substitution(sys, reads, &body);
                None
            }
            Err(Halt::Fail(message)) => {
                self.commit(sys, overlay);
                self.fatal(sys, &message);
                None
            }
        }
    }

    /// bash's `$(<file)`
    fn is_file_reading(&self, body: &Arc<Node>) -> bool {
        matches!(&**body, Node::Simple(s) if self.dialect == Dialect::Bash
            && s.words.is_empty() && s.assigns.is_empty() && s.redirs.len() == 1)
    }

    fn substitute_file<T>(&mut self, sys: &mut Sys<'_>, body: &Arc<Node>) -> Option<T> {
        let Node::Simple(simple) = &**body else { return None };
        let path =
            Expander::new(self, sys, &[]).single(&simple.redirs[0].target).unwrap_or_default();
        let (text, status) = match sys.read_all(&path) {
            Ok(data) => {
                (String::from_utf8_lossy(&data.to_vec()).trim_end_matches('\n').to_owned(), 0)
            }
            Err(error) => {
                self.complain(sys, &format!("{path}: {error}"));
                (String::new(), 1)
            }
        };
        if let Some(Frame::Node { results, .. }) = self.stack.last_mut() {
            results.push(Substituted { text, status });
        }
        None
    }

    pub(super) fn evaluate(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        flags: u8,
        results: Vec<Substituted>,
    ) -> Step {
        let push = |shell: &mut Self, node: &Arc<Node>, flags| {
            shell.stack.push(Frame::Node { node: node.clone(), flags, results: Vec::new() });
        };
        match &*node {
            _ if self.opts.noexec => {}
            Node::Simple(simple) => return self.simple(sys, &node, simple, flags, results),
            Node::List(_) => self.stack.push(Frame::List { node, next: 0, flags }),
            Node::AndOr { first, .. } => {
                self.stack.push(Frame::AndOr { node: node.clone(), next: 0, flags });
                push(self, first, TESTED);
            }
            Node::Pipeline { negate, parts } if parts.len() == 1 => {
                if *negate {
                    self.stack.push(Frame::Negate);
                }
                push(self, &parts[0], TESTED);
            }
            Node::Pipeline { negate, parts } => {
                let pids: Vec<_> =
                    self.pipeline(sys, parts).into_iter().map(|pid| (pid, None)).collect();
                if pids.len() == parts.len() {
                    let waiting = Waiting { pids, negate: *negate, flags, group: true };
                    self.stack.push(Frame::Wait(waiting));
                }
            }
            Node::Subshell { body, line } => {
                self.line = *line;
                if flags & EXIT != 0 && !self.had_traps {
                    self.subshell = true;
                    push(self, body, flags);
                } else if let Some(pid) = self.fork(sys, body) {
                    self.stack.push(Frame::Wait(Waiting::one(pid, flags)));
                }
            }
            Node::If { arms, .. } => {
                self.stack.push(Frame::If { node: node.clone(), arm: 0, flags });
                push(self, &arms[0].0, TESTED);
            }
            Node::Loop { .. } => {
                self.loops += 1;
                self.status = 0;
                self.stack.push(Frame::Loop { node, in_cond: false, flags, status: 0 });
            }
            Node::ForArith { .. } => {
                self.loops += 1;
                self.status = 0;
                self.stack.push(Frame::ForArith { node, phase: 0, flags });
            }
            Node::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                self.status = 0;
            }
            _ => self.evaluate_words(sys, &node, flags, results),
        }
        Step::Continue
    }

    /// Compound commands with words of their own.
    fn evaluate_words(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        flags: u8,
        results: Vec<Substituted>,
    ) {
        match &**node {
            Node::For { words, line, menu, .. } => {
                self.line = *line;
                let items = match words {
                    None => Some(self.params.to_vec()),
                    Some(words) => self.expanding(sys, node, flags, results, |e| e.words(words)),
                };
                let Some(items) = items else { return };
                let (node, items) = (node.clone(), items.into());
                self.loops += 1;
                self.status = 0;
                self.stack.push(if *menu {
                    Frame::Menu { node, items, answered: false, flags }
                } else {
                    Frame::For { node, items, next: 0, flags }
                });
            }
            Node::Case { word, arms, line } => {
                self.line = *line;
                let expanded = self.expanding(sys, node, flags, results, |e| {
                    let subject = e.single(word)?;
                    let mut patterns = Vec::new();
                    for arm in arms {
                        let arm: Result<Vec<_>, _> =
                            arm.patterns.iter().map(|p| e.pattern(p)).collect();
                        patterns.push(arm?);
                    }
                    Ok((subject, patterns))
                });
                if let Some((subject, patterns)) = expanded {
                    self.choose_arm(sys, node, flags, 0, subject.as_str().into(), patterns.into());
                }
            }
            Node::Redirected { node: inner, redirs, line } => {
                self.line = *line;
                self.redirected(sys, node, inner, redirs, flags, results);
            }
            Node::Cond { expr, line } => {
                self.line = *line;
                let expanded =
                    self.expanding(sys, node, flags, results, |e| super::cond::expand(e, expr));
                if let Some(expr) = expanded {
                    self.status = self.test_condition(sys, &expr);
                    self.check(flags);
                }
            }
            Node::Arith { expr, line } => {
                self.line = *line;
                if let Some(value) =
                    self.expanding(sys, node, flags, results, |e| e.arithmetic(expr))
                {
                    self.status = u8::from(value == 0);
                    self.check(flags);
                }
            }
            _ => {}
        }
    }

    fn redirected(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        inner: &Arc<Node>,
        redirs: &[Redir],
        flags: u8,
        results: Vec<Substituted>,
    ) {
        let resolved = self.expanding(sys, node, flags, results, |e| redirect::resolve(e, redirs));
        let Some(resolved) = resolved else { return };
        let Some(saved) = self.redirect_or_fail(sys, &resolved, flags) else { return };
        self.stack.push(Frame::Checked { flags });
        self.stack.push(Frame::Restore { saved });
        let flags = flags & TESTED;
        self.stack.push(Frame::Node { node: inner.clone(), flags, results: Vec::new() });
    }

    fn prepare(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        simple: &Simple,
        flags: u8,
        results: Vec<Substituted>,
    ) -> Option<Ready> {
        self.expanding(sys, node, flags, results, |e| {
            let words = e.command_words(&simple.words)?;
            let redirs = redirect::resolve(e, &simple.redirs)?;
            let mut assigns = Vec::new();
            for assign in &simple.assigns {
                assigns.push(expand_assign(e, assign)?);
            }
            let mut declares = Vec::new();
            for assign in &simple.declares {
                declares.push(expand_assign(e, assign)?);
            }
            let last_status = e.last_status();
            // Assignments are made by the shell itself, not by the expansion.
            for assign in &assigns {
                if let Assigned::Scalar { name, index: None, .. } = assign {
                    e.overlay.remove(name);
                }
            }
            Ok(Ready { words, redirs, assigns, declares, last_status })
        })
    }

    fn simple(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        simple: &Simple,
        flags: u8,
        results: Vec<Substituted>,
    ) -> Step {
        self.line = simple.line;
        self.builtin = None;
        if results.is_empty() && !self.processes.is_empty() {
            self.close_processes(sys);
        }
        sys.proc_mut().origin = Origin { line: simple.line, command: simple.text.clone() };
        let Some(ready) = self.prepare(sys, node, simple, flags, results) else {
            return Step::Continue;
        };
        self.pipe_status.clear();
        if self.opts.xtrace {
            self.trace(sys, &ready);
        }
        match ready.words.first().cloned() {
            None => self.assign_only(sys, ready, flags),
            Some(name) => return self.invoke(sys, &name, ready, flags, false),
        }
        Step::Continue
    }

    fn trace(&mut self, sys: &mut Sys<'_>, ready: &Ready) {
        let mut text = self.var("PS4").unwrap_or_else(|| "+ ".to_owned());
        let mut first = true;
        let mut add = |piece: &str| {
            if !std::mem::take(&mut first) {
                text.push(' ');
            }
            text.push_str(piece);
        };
        for assign in &ready.assigns {
            if let Assigned::Scalar { name, value, .. } = assign {
                add(&format!("{name}={}", builtins::quote(value)));
            }
        }
        for word in &ready.words {
            add(&builtins::quote(word));
        }
        sys.warn(&text);
    }

    /// A command without words: its assignments stay.
    fn assign_only(&mut self, sys: &mut Sys<'_>, ready: Ready, flags: u8) {
        match self.redirect(sys, &ready.redirs) {
            Ok(saved) => redirect::restore(sys, saved),
            Err(message) => {
                self.complain(sys, &message);
                self.status = 1;
                return self.check(flags);
            }
        }
        if let Err(message) = self.make_assignments(sys, &ready.assigns) {
            return self.fatal(sys, &message);
        }
        self.status = ready.last_status.unwrap_or(0);
        self.check(flags);
    }
}
