//! What a running process may ask of the kernel: descriptors, children, signals, time.

mod outside;

use super::desc::{DescId, DescKind, OpenMode};
use super::process::{Proc, Program, Wait};
use super::spawn::ExecError;
use super::userland::{Bound, Served};
use crate::fs::Errno;
use crate::rope::Rope;
use crate::{
    EffectKind, ExitStatus, Host, Listener, Lookup, Nanos, Outcome, Proto, Reply, Request, Signal,
    Stream, Userland, limits,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The result of an operation that may have to wait.
#[derive(Clone, Debug)]
pub(crate) enum Io<T> {
    Ready(T),
    Block(Wait),
    Err(Errno),
}

use crate::limits::BYTES_PER_STEP;

pub(crate) struct Sys<'a> {
    pub(crate) u: &'a mut Userland,
    pub(crate) host: &'a mut dyn Host,
    pub(crate) pid: u32,
    pub(crate) cost: u64,
    /// The script goes on after the program that it starts now.
    pub(crate) follows: bool,
}

impl<'a> Sys<'a> {
    pub(crate) fn new(u: &'a mut Userland, host: &'a mut dyn Host, pid: u32) -> Self {
        Self { u, host, pid, cost: 0, follows: false }
    }

    pub(crate) fn now(&self) -> Nanos {
        self.u.now
    }

    /// The time at which this process sees itself, with the cost of what it did at this instant.
    pub(crate) fn local_now(&self) -> Nanos {
        self.u.now + self.proc().lag
    }

    /// The end of a wait of `duration` that begins now.
    pub(crate) fn after(&mut self, duration: Nanos) -> Nanos {
        let lag = std::mem::take(&mut self.proc_mut().lag);
        self.u.now.saturating_add(lag).saturating_add(duration)
    }

    pub(crate) fn unix_nanos(&self) -> i64 {
        self.u.setup.epoch.saturating_add_unsigned(self.local_now())
    }

    pub(crate) fn proc(&self) -> &Proc {
        // The table keeps a process at least until its slice is over.
        self.u.procs.get(&self.pid).expect("the running process is in the table")
    }

    pub(crate) fn proc_mut(&mut self) -> &mut Proc {
        self.u.procs.get_mut(&self.pid).expect("the running process is in the table")
    }

    pub(crate) fn alive(&self) -> bool {
        self.u.procs.get(&self.pid).is_some_and(Proc::alive)
    }

    pub(crate) fn effect(&mut self, kind: EffectKind) {
        self.u.effect(self.pid, kind);
    }

    /// A pseudo-random number; the sequence is part of the container's state.
    pub(crate) fn random(&mut self) -> u64 {
        let mut x = self.u.random;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.u.random = x;
        x
    }

    /// Sets the memory of this process; beyond the limit the container is killed.
    pub(crate) fn charge(&mut self, bytes: u64) {
        if !self.alive() {
            return;
        }
        self.proc_mut().memory = bytes;
        self.check_memory(bytes);
    }

    pub(crate) fn check_memory(&mut self, own: u64) {
        let used = self.u.memory(self.host.volumes());
        let over = match self.u.setup.memory_limit {
            Some(limit) => used > limit,
            None => false,
        };
        if over || own > self.u.setup.memory_limit.unwrap_or(1 << 34) {
            self.effect(EffectKind::OutOfMemory { used });
            self.u.out_of_memory(self.u.now);
        }
    }

    /// Whether this much really stored data would be too much for the simulator itself.
    pub(crate) fn too_much(&self, bytes: u64) -> bool {
        bytes
            > self.u.setup.memory_limit.unwrap_or(limits::PROCESS_BYTES).min(limits::PROCESS_BYTES)
    }

    /// Takes note of a limit that was met.
    pub(crate) fn meet(&mut self, name: &'static str) {
        self.u.meet(self.pid, name);
    }

    /// The process wants more memory than there is: the container is out of memory.
    pub(crate) fn exhaust(&mut self, name: &'static str) {
        if self.u.setup.memory_limit.is_none_or(|limit| limit > limits::PROCESS_BYTES) {
            self.meet(name);
        }
        self.charge(u64::MAX / 2);
    }

    /// Whether a string of so many bytes may be made; otherwise the container is out of memory.
    pub(crate) fn has_room(&mut self, bytes: usize) -> bool {
        self.pay(bytes as u64);
        let fits = bytes as u64 <= limits::STRING_BYTES;
        if !fits {
            self.exhaust("bytes of one string");
        }
        fits
    }

    /// Pays for looking at so many bytes.
    pub(crate) fn pay(&mut self, bytes: u64) {
        self.cost += bytes / BYTES_PER_STEP;
        let process = self.proc_mut();
        process.longest = process.longest.max(bytes.min(limits::STRING_BYTES));
    }

    /// All bytes of what was read. Runs of zeros, which cost nothing until then, are paid for here.
    pub(crate) fn bytes(&mut self, data: &Rope) -> Vec<u8> {
        self.pay(data.len() - data.stored());
        data.to_vec()
    }

    // Descriptors

    pub(crate) fn desc(&self, fd: u32) -> Option<DescId> {
        self.proc().fds.get(&fd).copied()
    }

    /// Reads at most `max` bytes; an empty rope is the end.
    pub(crate) fn read(&mut self, fd: u32, max: u64) -> Io<Rope> {
        let Some(id) = self.desc(fd) else { return Io::Err(Errno::BadFd) };
        self.read_desc(id, max)
    }

    pub(crate) fn read_desc(&mut self, id: DescId, max: u64) -> Io<Rope> {
        let Some(desc) = self.u.descs.get(&id) else { return Io::Err(Errno::BadFd) };
        if !desc.readable {
            return Io::Err(Errno::BadFd);
        }
        let offset = desc.offset;
        let data = match &desc.kind {
            DescKind::Null | DescKind::Out { .. } => Rope::default(),
            DescKind::Zero | DescKind::Full => Rope::zeros(max),
            DescKind::Random => return Io::Ready(self.random_bytes(max)),
            DescKind::Static(rope) => rope.slice(offset, max),
            DescKind::File { tree, ino, .. } => {
                let content = self.u.fs.tree(tree, self.host.volumes()).and_then(|t| t.get(*ino));
                match content.map(|node| &node.kind) {
                    Some(crate::fs::Kind::File(rope)) => rope.slice(offset, max),
                    _ => Rope::default(),
                }
            }
            DescKind::Dir => return Io::Err(Errno::IsDir),
            DescKind::PipeRead(pipe) | DescKind::Fifo(pipe) => {
                if !self.u.readable(id) {
                    return Io::Block(Wait::Read(id, None));
                }
                let pipe = *pipe;
                let data = self
                    .u
                    .pipes
                    .get_mut(&pipe)
                    .map(|p| p.buffer.take_front(max))
                    .unwrap_or_default();
                let now = self.u.now;
                if let Some(desc) = self.u.descs.get_mut(&id) {
                    desc.noted = Some(now);
                }
                data
            }
            DescKind::PipeWrite(_) => return Io::Err(Errno::BadFd),
        };
        self.cost += data.stored() / BYTES_PER_STEP;
        if let Some(desc) = self.u.descs.get_mut(&id) {
            desc.offset += data.len();
        }
        Io::Ready(data)
    }

    fn random_bytes(&mut self, max: u64) -> Rope {
        let wanted = max.min(65_536);
        let mut out = Vec::with_capacity(wanted as usize);
        while (out.len() as u64) < wanted {
            out.extend_from_slice(&self.random().to_le_bytes());
        }
        out.truncate(wanted as usize);
        self.cost += wanted / BYTES_PER_STEP;
        Rope::from(out)
    }

    /// Writes as much as fits; says how many bytes that were.
    pub(crate) fn write(&mut self, fd: u32, data: &Rope) -> Io<u64> {
        match self.desc(fd) {
            Some(id) => self.write_desc(id, data, false),
            None => Io::Err(Errno::BadFd),
        }
    }

    /// Writes all, letting a pipe's buffer grow: for messages that cannot wait.
    pub(crate) fn print_now(&mut self, fd: u32, bytes: &[u8]) {
        if let Some(id) = self.proc_fd_if_alive(fd) {
            // A closed or full standard error is no reason to fail.
            let _ = self.write_desc(id, &Rope::from(bytes), true);
        }
    }

    fn proc_fd_if_alive(&self, fd: u32) -> Option<DescId> {
        self.u.procs.get(&self.pid).filter(|p| p.alive())?.fds.get(&fd).copied()
    }

    pub(crate) fn warn(&mut self, text: &str) {
        self.print_now(2, format!("{text}\n").as_bytes());
    }

    pub(super) fn write_desc(&mut self, id: DescId, data: &Rope, force: bool) -> Io<u64> {
        let Some(desc) = self.u.descs.get(&id) else { return Io::Err(Errno::BadFd) };
        if !desc.writable {
            return Io::Err(Errno::BadFd);
        }
        self.cost += data.stored() / BYTES_PER_STEP;
        match desc.kind.clone() {
            DescKind::Full => return Io::Err(Errno::NoSpace),
            DescKind::Out { session, stream } => {
                let most = if force { 1 << 20 } else { limits::PIPE_BYTES };
                let part = data.slice(0, most);
                self.output(session, stream, &part);
                return Io::Ready(part.len());
            }
            DescKind::PipeWrite(pipe) | DescKind::Fifo(pipe) => {
                return self.write_pipe(id, pipe, data, force);
            }
            DescKind::File { .. } => return self.write_file_desc(id, data),
            _ => {}
        }
        Io::Ready(data.len())
    }

    fn output(&mut self, session: crate::Session, stream: Stream, data: &Rope) {
        let bytes = self.bytes(data);
        // Each line becomes an entry of the log.
        self.cost += data.newlines();
        let own = self.proc().session;
        self.effect(EffectKind::Output { stream, bytes });
        if own != session
            && let Some(last) = self.u.effects.last_mut()
        {
            last.session = session;
        }
    }

    fn write_pipe(&mut self, id: DescId, pipe: u32, data: &Rope, force: bool) -> Io<u64> {
        if !force && !self.u.writable(id) {
            return Io::Block(Wait::Write(id));
        }
        let Some(pipe) = self.u.pipes.get_mut(&pipe) else { return Io::Err(Errno::Pipe) };
        if pipe.readers == 0 && pipe.named.is_none() {
            self.u.deliver(self.pid, Signal::PIPE, false);
            return Io::Err(Errno::Pipe);
        }
        let room = limits::PIPE_BYTES.saturating_sub(pipe.buffer.len());
        let count = if force { data.len() } else { data.len().min(room) };
        if count == data.len() {
            pipe.buffer.append(data);
        } else {
            pipe.buffer.append(&data.slice(0, count));
        }
        Io::Ready(count)
    }

    pub(crate) fn close(&mut self, fd: u32) {
        if let Some(id) = self.proc_mut().fds.remove(&fd) {
            self.u.release_desc(id);
        }
    }

    /// Puts an owned reference to a description at `fd`, closing what was there.
    pub(crate) fn install(&mut self, fd: u32, id: DescId) {
        if let Some(old) = self.proc_mut().fds.insert(fd, id) {
            self.u.release_desc(old);
        }
    }

    /// Puts an owned reference at the lowest free number from `from` on.
    pub(crate) fn install_from(&mut self, from: u32, id: DescId) -> u32 {
        let fds = &mut self.proc_mut().fds;
        let fd = (from..).find(|fd| !fds.contains_key(fd)).unwrap_or(u32::MAX);
        fds.insert(fd, id);
        fd
    }

    /// A description of fixed content (a here-document).
    pub(crate) fn static_desc(&mut self, data: Rope) -> DescId {
        self.u.new_desc(DescKind::Static(Arc::new(data)), OpenMode::READ)
    }

    pub(crate) fn null_desc(&mut self) -> DescId {
        self.u.new_desc(DescKind::Null, OpenMode::READ_WRITE)
    }

    // Children

    /// Starts a child that shares this process' open files. `None`: too many processes.
    pub(crate) fn fork(
        &mut self,
        program: Program,
        argv: Arc<[String]>,
        env: Option<Arc<BTreeMap<String, String>>>,
    ) -> Option<u32> {
        if self.u.procs.len() >= limits::PROCESSES {
            self.meet("processes");
            return None;
        }
        self.cost += limits::FORK_STEPS;
        let pid = self.u.next_pid;
        self.u.next_pid += 1;
        let mut child = self.proc().clone();
        child.pid = pid;
        child.ppid = self.pid;
        child.argv = argv;
        child.program = Some(program);
        child.wait = Wait::Ready;
        child.kicked = false;
        child.pending = 0;
        child.caught = 0;
        child.memory = 0;
        child.adopted = false;
        child.started = self.u.now;
        child.followed |= self.follows;
        child.lag += limits::START_COST;
        if let Some(env) = env {
            child.env = env;
        }
        child.fds.retain(|fd, _| *fd < crate::sh::HIDDEN);
        for id in child.fds.values() {
            self.u.retain_desc(*id);
        }
        self.u.procs.insert(pid, child);
        Some(pid)
    }

    /// Removes descriptor `fd` from a child and puts `id` (an owned reference) there.
    pub(crate) fn child_install(&mut self, child: u32, fd: u32, id: DescId) {
        let Some(process) = self.u.procs.get_mut(&child) else { return };
        if let Some(old) = process.fds.insert(fd, id) {
            self.u.release_desc(old);
        }
    }

    /// Finds a program for `exec` in a given environment.
    pub(crate) fn load(
        &mut self,
        argv: &[String],
        env: &BTreeMap<String, String>,
        path: &str,
    ) -> Result<Program, ExecError> {
        let (cwd, cred) = (self.proc().cwd.clone(), self.proc().cred);
        let main = self.u.entry == Some(self.proc().session);
        self.u.lasting = main && !self.follows && !self.proc().followed;
        self.u.load(self.host, argv, env, &cwd, path, cred)
    }

    /// Replaces what this process is (argv, environment) before `Step::Exec`.
    pub(crate) fn become_program(&mut self, argv: &[String], env: Arc<BTreeMap<String, String>>) {
        for fd in self
            .proc()
            .fds
            .keys()
            .copied()
            .filter(|fd| *fd >= crate::sh::HIDDEN)
            .collect::<Vec<_>>()
        {
            self.close(fd);
        }
        let process = self.proc_mut();
        process.argv = argv.into();
        process.env = env;
        process.caught = 0;
        process.lag += limits::START_COST;
    }

    /// Collects a child that has ended.
    pub(crate) fn reap(&mut self, child: u32) -> Option<ExitStatus> {
        let status = self.u.procs.get(&child).filter(|p| p.ppid == self.pid)?.status?;
        self.u.procs.remove(&child);
        Some(status)
    }

    /// A child of this process that has ended, if there is one.
    pub(crate) fn dead_child(&self) -> Option<u32> {
        self.u.procs.values().find(|p| p.ppid == self.pid && !p.alive()).map(|p| p.pid)
    }

    // Signals

    /// `kill(2)`; signal 0 (None) only asks whether the process exists. `-1`: all but oneself and PID 1.
    pub(crate) fn kill(&mut self, target: i64, signal: Option<Signal>) -> Result<(), Errno> {
        let targets: Vec<u32> = if target == -1 {
            self.u.procs.keys().copied().filter(|p| *p != 1 && *p != self.pid).collect()
        } else if target == 0 {
            let session = self.proc().session;
            self.u.procs.values().filter(|p| p.session == session).map(|p| p.pid).collect()
        } else {
            vec![u32::try_from(target.unsigned_abs()).map_err(|_| Errno::NoProcess)?]
        };
        if targets.is_empty() || targets.iter().all(|p| !self.u.procs.contains_key(p)) {
            let outside = targets.iter().find(|p| self.u.neighbours.iter().any(|n| n.pid == **p));
            let Some(&pid) = outside else { return Err(Errno::NoProcess) };
            if let Some(signal) = signal {
                self.host.signal_outside(pid, signal);
            }
            return Ok(());
        }
        let Some(signal) = signal else { return Ok(()) };
        for to in targets {
            self.effect(EffectKind::SentSignal { signal, to });
            self.u.deliver(to, signal, false);
        }
        Ok(())
    }

    // Network
}

/// Whether this is a numeric IPv4 or IPv6 address.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}
