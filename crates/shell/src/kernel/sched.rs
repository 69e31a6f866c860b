//! The scheduler, signal delivery and the end of processes.

use super::process::{Proc, Program, Step, Wait};
use super::sys::Sys;
use super::userland::SessionRecord;
use crate::signal::DefaultAction;
use crate::{EffectKind, ExitStatus, Host, Nanos, Session, Signal, Userland, limits};

/// Steps of one process before another one gets its turn.
const QUANTUM: u32 = 64;

impl Proc {
    pub(crate) fn wakes_at(&self) -> Option<Nanos> {
        match self.wait {
            _ if !self.alive() || self.stopped => None,
            Wait::Until(at) | Wait::Read(_, Some(at)) => Some(at),
            _ => None,
        }
    }
}

impl Userland {
    pub(crate) fn is_ready(&self, process: &Proc) -> bool {
        if !process.alive() || process.stopped || process.program.is_none() {
            return false;
        }
        process.kicked
            || match process.wait {
                Wait::Ready => true,
                Wait::Until(at) => at <= self.now,
                Wait::Read(desc, until) => {
                    until.is_some_and(|at| at <= self.now) || self.readable(desc)
                }
                Wait::Write(desc) => self.writable(desc),
                Wait::Child | Wait::Forever => false,
            }
    }

    pub(crate) fn schedule(&mut self, host: &mut dyn Host, budget: &mut u64) {
        loop {
            if std::mem::take(&mut self.unclaimed) {
                self.procs.retain(|_, p| p.alive() || !p.adopted);
            }
            let ready: Vec<u32> =
                self.procs.values().filter(|p| self.is_ready(p)).map(|p| p.pid).collect();
            if ready.is_empty() {
                return;
            }
            *budget = budget.saturating_sub(self.procs.len() as u64 / 8);
            for pid in ready {
                self.slice(pid, host, budget);
                if *budget == 0 {
                    self.busy_until = Some(self.now + limits::BUSY_PAUSE);
                    self.effect(pid, EffectKind::Busy);
                    return;
                }
            }
        }
    }

    /// Lets one process run until it blocks, ends, or its quantum is spent.
    fn slice(&mut self, pid: u32, host: &mut dyn Host, budget: &mut u64) {
        let Some(process) = self.procs.get_mut(&pid) else { return };
        if !process.alive() || process.stopped {
            return;
        }
        let Some(mut program) = process.program.take() else { return };
        process.wait = Wait::Ready;
        process.kicked = false;
        for _ in 0..QUANTUM {
            let mut sys = Sys::new(self, host, pid);
            let step = match &mut program {
                Program::Shell(shell) => shell.step(&mut sys),
                Program::Tool(tool) => tool.step(&mut sys),
                Program::Service(service) => service.step(&mut sys),
            };
            let cost = 1 + sys.cost;
            self.debt += cost.saturating_sub(*budget);
            *budget = budget.saturating_sub(cost);
            let Some(process) = self.procs.get_mut(&pid).filter(|p| p.alive()) else { return };
            match step {
                Step::Continue => {}
                Step::Block(wait) => {
                    process.wait = wait;
                    break;
                }
                Step::Exit(code) => {
                    self.end(pid, ExitStatus::Code(code));
                    return;
                }
                Step::Exec(next) => program = next,
            }
            if *budget == 0 || process.stopped {
                break;
            }
        }
        if let Some(process) = self.procs.get_mut(&pid).filter(|p| p.alive()) {
            process.program = Some(program);
        }
    }

    /// Whether the process is PID 1 of a namespace of its own.
    fn protected(&self, pid: u32) -> bool {
        pid == 1 && self.setup.is_pid1
    }

    /// Delivers a signal (`signal(7)`, `pid_namespaces(7)`).
    pub(crate) fn deliver(&mut self, pid: u32, signal: Signal, outside: bool) {
        let protected = self.protected(pid);
        let Some(process) = self.procs.get_mut(&pid).filter(|p| p.alive()) else { return };
        if process.stopped && signal == Signal::CONT {
            process.stopped = false;
            process.kicked = true;
        }
        let unstoppable = matches!(signal, Signal::KILL | Signal::STOP);
        if !unstoppable && process.ignored & signal.bit() != 0 {
            return;
        }
        if !unstoppable && process.caught & signal.bit() != 0 {
            process.pending |= signal.bit();
            process.kicked = true;
            return;
        }
        if protected && !(outside && unstoppable) {
            return;
        }
        match signal.default_action() {
            DefaultAction::Terminate => self.end(pid, ExitStatus::Signaled(signal)),
            DefaultAction::Stop => process.stopped = true,
            DefaultAction::Ignore | DefaultAction::Continue => {}
        }
    }

    /// Ends a process: closes its files, tells its parent, and takes the container down with the
    /// entrypoint.
    pub(crate) fn end(&mut self, pid: u32, status: ExitStatus) {
        let now = self.now;
        let Some(process) = self.procs.get_mut(&pid).filter(|p| p.alive()) else { return };
        process.status = Some(status);
        process.program = None;
        (process.memory, process.longest) = (0, 0);
        let (ppid, session, lag) = (process.ppid, process.session, process.lag);
        let adopted = process.adopted;
        let fds = std::mem::take(&mut process.fds);
        self.effect(pid, EffectKind::Exited { status });
        for desc in fds.into_values() {
            self.release_desc(desc);
        }
        self.ports.retain(|_, bound| bound.listener.pid != pid);
        let entry_ended = self.end_session_root(session, pid, status, now);
        self.adopt_children_of(pid);
        match self.procs.get_mut(&ppid).filter(|p| p.alive() && !adopted) {
            Some(parent) => {
                parent.kicked = true;
                parent.lag = parent.lag.max(lag);
                self.deliver(ppid, Signal::CHLD, false);
            }
            None => {
                // Nobody waits for it; it stays in the table until its slice is over.
                self.unclaimed = true;
                if let Some(process) = self.procs.get_mut(&pid) {
                    process.adopted = true;
                }
            }
        }
        if entry_ended {
            for other in self.procs.keys().copied().collect::<Vec<_>>() {
                self.end(other, ExitStatus::Signaled(Signal::KILL));
            }
        }
    }

    fn end_session_root(
        &mut self,
        session: Session,
        pid: u32,
        status: ExitStatus,
        now: Nanos,
    ) -> bool {
        match self.sessions.get_mut(&session) {
            Some(SessionRecord { root, ended: ended @ None, .. }) if *root == pid => {
                *ended = Some((status, now));
                self.entry == Some(session)
            }
            _ => false,
        }
    }

    /// Orphans become children of PID 1, which is assumed to wait for them.
    fn adopt_children_of(&mut self, pid: u32) {
        let children: Vec<u32> =
            self.procs.values().filter(|p| p.ppid == pid).map(|p| p.pid).collect();
        let init = u32::from(self.setup.is_pid1 && self.procs.get(&1).is_some_and(Proc::alive));
        for child in children {
            if let Some(process) = self.procs.get_mut(&child) {
                self.unclaimed |= !process.alive();
                process.adopted = true;
                process.ppid = init;
            }
        }
    }

    pub(crate) fn free_orphans(&mut self, host: &mut dyn Host) {
        for (id, ino) in std::mem::take(&mut self.orphans) {
            if !self.is_open(&id, ino)
                && let Some(tree) = self.fs.tree_mut(&id, host.volumes())
            {
                tree.release(ino);
            }
        }
    }
}
