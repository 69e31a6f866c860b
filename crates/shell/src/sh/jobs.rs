//! Children of a shell: subshells, pipelines, background jobs, waiting.

use super::ast::Node;
use super::expand::Substituted;
use super::machine::{EXIT, Frame};
use super::redirect::HIDDEN;
use super::{Dialect, Job, Shell};
use crate::kernel::{Program, Sys};
use crate::{ExitStatus, Signal};
use std::sync::Arc;

/// Finished background jobs that are remembered.
const REMEMBERED: usize = 64;

impl Shell {
    /// A copy that will evaluate one node and end.
    fn subshell(&self, node: &Arc<Node>) -> Self {
        let mut child = self.clone();
        child.stack.clear();
        child.stack.push(Frame::Node { node: node.clone(), flags: EXIT, results: Vec::new() });
        child.traps.retain(|_, action| action.is_empty());
        child.had_traps = false;
        child.jobs.clear();
        child.skip = None;
        child.calls = self.calls;
        child.loops = 0;
        child.processes.clear();
        child.exiting = None;
        child.subshell = true;
        child
    }

    /// Starts a subshell. `None`: there are too many processes, and the shell ends.
    pub(super) fn fork(&mut self, sys: &mut Sys<'_>, node: &Arc<Node>) -> Option<u32> {
        sys.cost += (self.vars.len() + self.jobs.len()) as u64 / 4;
        let program = Program::Shell(Box::new(self.subshell(node)));
        let argv = sys.proc().argv.clone();
        sys.follows = !self.nothing_follows();
        let pid = sys.fork(program, argv, None);
        sys.follows = false;
        if pid.is_none() {
            self.cannot_fork(sys);
        }
        pid
    }

    /// There are too many processes: the shell ends.
    pub(super) fn cannot_fork(&mut self, sys: &mut Sys<'_>) {
        let (message, status) = match self.dialect {
            Dialect::Ash => ("can't fork: Resource temporarily unavailable", 2),
            Dialect::Dash => ("Cannot fork", 2),
            Dialect::Bash => ("fork: Resource temporarily unavailable", 254),
        };
        self.complain(sys, message);
        self.exit(status);
    }

    /// Starts `node &`.
    pub(super) fn background(&mut self, sys: &mut Sys<'_>, node: &Arc<Node>) {
        let Some(pid) = self.fork(sys, node) else { return };
        let null = sys.null_desc();
        sys.child_install(pid, 0, null);
        if let Some(child) = sys.u.procs.get_mut(&pid) {
            child.ignored |= Signal::INT.bit() | Signal::QUIT.bit();
            // Nothing waits for it.
            child.followed = false;
        }
        let text = match &**node {
            Node::Simple(simple) => simple.text.clone(),
            _ => "".into(),
        };
        self.jobs.push(Job { pid, status: None, text });
        if self.jobs.len() > REMEMBERED {
            let done = self.jobs.iter().position(|job| job.status.is_some());
            if let Some(done) = done {
                self.jobs.remove(done);
            }
        }
        self.last_background = Some(pid);
        self.status = 0;
    }

    /// Starts the parts of a pipeline and says which processes they are.
    pub(super) fn pipeline(&mut self, sys: &mut Sys<'_>, parts: &[Arc<Node>]) -> Vec<u32> {
        let mut pids = Vec::new();
        let mut input = None;
        for (i, part) in parts.iter().enumerate() {
            let pipe = (i + 1 < parts.len()).then(|| sys.u.new_pipe());
            if let Some(pid) = self.fork(sys, part) {
                if let Some(input) = input.take() {
                    sys.child_install(pid, 0, input);
                }
                if let Some((_, write)) = pipe {
                    sys.child_install(pid, 1, write);
                }
                pids.push(pid);
            } else {
                if let Some((_, write)) = pipe {
                    sys.u.release_desc(write);
                }
            }
            if let Some(unused) = input.take() {
                sys.u.release_desc(unused);
            }
            input = pipe.map(|(read, _)| read);
        }
        pids
    }

    /// Starts a command substitution; its output is read from the hidden descriptor.
    pub(super) fn substitute(&mut self, sys: &mut Sys<'_>, node: &Arc<Node>) -> Option<Frame> {
        let (read, write) = sys.u.new_pipe();
        match self.fork(sys, node) {
            Some(pid) => {
                sys.child_install(pid, 1, write);
                // Its output is waited for.
                if let Some(child) = sys.u.procs.get_mut(&pid) {
                    child.followed = true;
                }
                let fd = sys.install_from(HIDDEN, read);
                Some(Frame::Substitute { pid, fd, data: Vec::new(), closed: false })
            }
            None => {
                sys.u.release_desc(read);
                sys.u.release_desc(write);
                None
            }
        }
    }

    /// Starts the command of `<(…)` or `>(…)`; the word becomes the name of its pipe.
    pub(super) fn process_substitution(
        &mut self,
        sys: &mut Sys<'_>,
        reads: bool,
        body: &Arc<Node>,
    ) {
        let (read, write) = sys.u.new_pipe();
        let (own, theirs, fd) = if reads { (read, write, 1) } else { (write, read, 0) };
        let Some(pid) = self.fork(sys, body) else {
            sys.u.release_desc(read);
            sys.u.release_desc(write);
            return;
        };
        sys.child_install(pid, fd, theirs);
        // From 63 downwards, as bash does.
        let used = |fd: &u32| sys.desc(*fd).is_some();
        let place = (10..=63).rev().find(|fd| !used(fd)).unwrap_or(63);
        sys.install(place, own);
        self.processes.push(place);
        self.last_background = Some(pid);
        self.jobs.push(Job { pid, status: None, text: "".into() });
        let result = Substituted { text: format!("/dev/fd/{place}"), status: 0 };
        if let Some(Frame::Node { results, .. }) = self.stack.last_mut() {
            results.push(result);
        }
    }

    /// Closes the pipes of process substitutions, when the next command begins.
    pub(super) fn close_processes(&mut self, sys: &mut Sys<'_>) {
        let in_call = self.stack.iter().any(|frame| matches!(frame, Frame::Call { .. }));
        if !in_call {
            for fd in std::mem::take(&mut self.processes) {
                sys.close(fd);
            }
        }
    }

    /// Takes the status of background jobs that have ended.
    pub(super) fn reap_jobs(&mut self, sys: &mut Sys<'_>) {
        for job in self.jobs.iter_mut().filter(|job| job.status.is_none()) {
            job.status = sys.reap(job.pid).map(ExitStatus::code);
        }
    }

    /// Says how a foreground child died (`showjobs` in ash: not for SIGINT and SIGPIPE).
    pub(super) fn report_death(&mut self, sys: &mut Sys<'_>, pid: u32, status: ExitStatus) {
        let signal = match status {
            ExitStatus::Signaled(signal) => signal,
            ExitStatus::OutOfMemory => Signal::KILL,
            ExitStatus::Code(_) => return,
        };
        if signal == Signal::INT || signal == Signal::PIPE {
            return;
        }
        let what = signal.description();
        match self.dialect {
            Dialect::Bash if self.subshell => {}
            Dialect::Bash => {
                let (arg0, line) = (&self.arg0, self.line);
                sys.warn(&format!("{arg0}: line {line}: {pid:5} {what}"));
            }
            _ => sys.warn(what),
        }
    }
}
