//! The public type for a container's processes.

use super::desc::{Desc, DescId, DescKind, Pipe, PipeId};
use super::process::{Origin, Proc};
use super::spawn::KnownPrograms;
use crate::fs::{Ino, TreeId};
use crate::{
    Accept, Effect, EffectKind, ExitStatus, Fs, Host, Listener, Nanos, Process, ProcessState, Rope,
    Session, SessionState, Signal, SpawnError, limits,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which tools the image has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tools {
    /// busybox's `ash` and applets (busybox, alpine).
    #[default]
    Busybox,
    /// Debian-like: GNU tools, `dash` as `sh`.
    Debian,
    /// Fedora-like: GNU tools, `bash` as `sh`.
    RedHat,
    /// No shell at all.
    None,
}

/// What is fixed when a container is created.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The pod's host name.
    pub hostname: String,
    /// The container's environment. `PATH`, `HOME` and `HOSTNAME` are added if missing.
    pub env: Vec<(String, String)>,
    /// Working directory; empty means `/`.
    pub cwd: String,
    /// User id.
    pub user: u32,
    /// Primary group id.
    pub group: u32,
    /// All group ids; empty for the primary one alone.
    pub groups: Vec<u32>,
    /// The first process is PID 1 of its namespace: signals with their default action do nothing
    /// to it, except SIGKILL from outside. False under `shareProcessNamespace`.
    pub is_pid1: bool,
    /// The number of its first process, where it shares them with other containers.
    pub first_pid: u32,
    /// `readOnlyRootFilesystem`.
    pub read_only_root: bool,
    /// Memory limit in bytes.
    pub memory_limit: Option<u64>,
    /// Unix time in nanoseconds at virtual time 0.
    pub epoch: i64,
    /// Seconds that the node had been up at virtual time 0.
    pub uptime: u64,
    /// Which tools the image has.
    pub tools: Tools,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            hostname: "localhost".to_owned(),
            env: Vec::new(),
            cwd: String::new(),
            user: 0,
            group: 0,
            groups: Vec::new(),
            is_pid1: true,
            first_pid: 0,
            read_only_root: false,
            memory_limit: None,
            epoch: 0,
            uptime: 3600,
            tools: Tools::Busybox,
        }
    }
}

/// How one entrypoint or exec is started.
#[derive(Clone, Debug, Default)]
pub struct SpawnOptions {
    /// What it reads from standard input; `None` is `/dev/null`.
    pub stdin: Option<Vec<u8>>,
    /// Without `stdin`: its standard input is open, and nobody writes to it.
    pub open_stdin: bool,
    /// Added to the container's environment.
    pub env: Vec<(String, String)>,
    /// Instead of the container's working directory.
    pub cwd: Option<String>,
    /// Given as [`Effect::line`] to what has no script of its own.
    pub line: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct SessionRecord {
    pub(crate) root: u32,
    pub(crate) ended: Option<(ExitStatus, Nanos)>,
    /// Open descriptors of its output pipes.
    pub(crate) outputs: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Served {
    /// Files below a directory.
    Files(Arc<str>),
    /// A raw connection handled by the process.
    Raw,
    /// The simulator knows the answers.
    Outside,
}

#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) listener: Listener,
    pub(crate) served: Served,
}

/// One accepted connection on a raw listener.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection {
    pub(crate) incoming: Rope,
    pub(crate) outgoing: Vec<u8>,
    pub(crate) taken: bool,
    pub(crate) closed: bool,
}

/// The processes, files and ports of one container.
#[derive(Clone, Debug)]
pub struct Userland {
    pub(crate) setup: Arc<Setup>,
    pub(crate) fs: Fs,
    pub(crate) now: Nanos,
    pub(crate) procs: BTreeMap<u32, Proc>,
    pub(crate) next_pid: u32,
    pub(crate) descs: BTreeMap<DescId, Desc>,
    pub(crate) next_desc: DescId,
    pub(crate) pipes: BTreeMap<PipeId, Pipe>,
    pub(crate) next_pipe: PipeId,
    pub(crate) sessions: BTreeMap<Session, SessionRecord>,
    pub(crate) next_session: u32,
    pub(crate) entry: Option<Session>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) ports: BTreeMap<u16, Bound>,
    pub(crate) connections: BTreeMap<u16, Connection>,
    pub(crate) orphans: Vec<(TreeId, Ino)>,
    pub(crate) busy_until: Option<Nanos>,
    pub(crate) random: u64,
    pub(crate) known: KnownPrograms,
    /// Processes of other containers of the same process namespace.
    pub(crate) neighbours: Vec<Process>,
    /// The program that is being loaded is what the container runs.
    pub(crate) lasting: bool,
    /// Ended processes are in the table that nobody waits for.
    pub(crate) unclaimed: bool,
    /// Steps that were taken beyond the budget of their instant.
    pub(crate) debt: u64,
    /// Names of the limits that were met.
    pub(crate) met: Vec<&'static str>,
    /// The environment of an exec without additions.
    pub(crate) plain_env: Option<Arc<BTreeMap<String, String>>>,
}

impl Userland {
    /// A container without processes. The file system comes with its volumes mounted.
    #[must_use]
    pub fn new(setup: Setup, mut fs: Fs) -> Self {
        fs.read_only_root = setup.read_only_root;
        let next_pid = if setup.is_pid1 { 1 } else { setup.first_pid.max(7) };
        Self {
            setup: Arc::new(setup),
            fs,
            now: 0,
            procs: BTreeMap::new(),
            next_pid,
            descs: BTreeMap::new(),
            next_desc: 0,
            pipes: BTreeMap::new(),
            next_pipe: 0,
            sessions: BTreeMap::new(),
            next_session: 0,
            entry: None,
            effects: Vec::new(),
            ports: BTreeMap::new(),
            connections: BTreeMap::new(),
            orphans: Vec::new(),
            busy_until: None,
            random: 0x9E37_79B9_7F4A_7C15,
            known: KnownPrograms::default(),
            neighbours: Vec::new(),
            lasting: false,
            unclaimed: false,
            debt: 0,
            met: Vec::new(),
            plain_env: None,
        }
    }

    /// The container's working directory.
    #[must_use]
    pub fn cwd(&self) -> &str {
        &self.setup.cwd
    }

    /// Starts the entrypoint (the first call) or an exec. Nothing runs yet.
    pub fn spawn(
        &mut self,
        now: Nanos,
        argv: &[String],
        options: SpawnOptions,
        host: &mut dyn Host,
    ) -> Result<Session, SpawnError> {
        self.now = now;
        self.spawn_session(argv, options, host)
    }

    /// Runs everything that can run at `now`, until all processes block or `budget` steps are
    /// spent. In the latter case the container is busy, and goes on 10 ms later.
    pub fn run(&mut self, now: Nanos, host: &mut dyn Host, budget: &mut u64) {
        self.now = now;
        self.busy_until = None;
        let paid = self.debt.min(*budget);
        self.debt -= paid;
        *budget -= paid;
        if *budget == 0 {
            self.pause();
        } else {
            self.schedule(host, budget);
        }
        self.free_orphans(host);
    }

    /// Nothing runs at this instant: the steps are used up.
    fn pause(&mut self) {
        let waiting = self.procs.values().find(|p| self.is_ready(p)).map(|p| p.pid);
        if let Some(pid) = waiting {
            self.busy_until = Some(self.now + limits::BUSY_PAUSE);
            self.effect(pid, EffectKind::Busy);
        }
    }

    /// When something can go on by itself; `None` if everything waits for the outside.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Nanos> {
        let timers = self.procs.values().filter_map(Proc::wakes_at).min();
        if !self.procs.values().any(|p| self.is_ready(p)) {
            return timers;
        }
        let soon = self.busy_until.unwrap_or(self.now);
        Some(timers.map_or(soon, |at| at.min(soon)))
    }

    /// A signal from the runtime to the root process of a session. SIGKILL to the entrypoint ends
    /// every process of the container.
    pub fn signal(&mut self, now: Nanos, session: Session, signal: Signal) {
        self.now = now;
        let Some(root) = self.sessions.get(&session).map(|s| s.root) else { return };
        if signal == Signal::KILL && self.entry == Some(session) {
            self.kill_all(now);
        } else {
            self.deliver(root, signal, true);
        }
    }

    /// Kills every process with SIGKILL from outside (the runtime removes the container).
    pub fn kill_all(&mut self, now: Nanos) {
        self.now = now;
        for pid in self.procs.keys().copied().collect::<Vec<_>>() {
            self.end(pid, ExitStatus::Signaled(Signal::KILL));
        }
    }

    /// Changes the memory limit while processes run.
    pub fn set_memory_limit(&mut self, bytes: Option<u64>) {
        Arc::make_mut(&mut self.setup).memory_limit = bytes;
    }
    /// Kills every process as the kernel does when the node or the limit runs out of memory.
    pub fn out_of_memory(&mut self, now: Nanos) {
        self.now = now;
        let entry = self.entry;
        for (pid, root) in self.procs.values().map(|p| (p.pid, p.session)).collect::<Vec<_>>() {
            let is_root = self.sessions.get(&root).is_some_and(|s| s.root == pid);
            let status = if is_root && entry == Some(root) {
                ExitStatus::OutOfMemory
            } else {
                ExitStatus::Signaled(Signal::KILL)
            };
            self.end(pid, status);
        }
    }

    /// What happened since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Whether the session still runs, and how it ended. An unknown session counts as killed.
    #[must_use]
    pub fn session(&self, session: Session) -> SessionState {
        let Some(record) = self.sessions.get(&session) else {
            let status = ExitStatus::Signaled(Signal::KILL);
            return SessionState::Exited { status, at: self.now, drained: true };
        };
        match record.ended {
            None => SessionState::Running,
            Some((status, at)) => SessionState::Exited { status, at, drained: record.outputs == 0 },
        }
    }

    /// Forgets an ended session.
    pub fn forget(&mut self, session: Session) {
        if self.sessions.get(&session).is_some_and(|s| s.ended.is_some() && s.outputs == 0) {
            self.sessions.remove(&session);
        }
    }

    /// The session of the entrypoint.
    #[must_use]
    pub fn entrypoint(&self) -> Option<Session> {
        self.entry
    }

    /// Ports that are listened on.
    #[must_use]
    pub fn listeners(&self) -> Vec<Listener> {
        self.ports.values().map(|bound| bound.listener.clone()).collect()
    }

    /// The program that listens on a port.
    #[must_use]
    pub fn listener(&self, port: u16) -> Option<&Listener> {
        self.ports.values().map(|bound| &bound.listener).find(|listener| listener.port == port)
    }

    /// A connection from outside to a port, with the bytes that the client sends.
    pub fn accept(&mut self, now: Nanos, port: u16, payload: &[u8], host: &mut dyn Host) -> Accept {
        self.now = now;
        self.accept_connection(port, payload, host)
    }

    /// The present, as this container last saw it.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// Unix time in nanoseconds now.
    #[must_use]
    pub fn unix_nanos(&self) -> i64 {
        self.setup.epoch.saturating_add_unsigned(self.now)
    }

    /// Says which processes of other containers can be seen.
    pub fn set_neighbours(&mut self, neighbours: Vec<Process>) {
        self.neighbours = neighbours;
    }

    /// Sends a signal to one process, as another process of the container does.
    pub fn kill(&mut self, pid: u32, signal: Signal) {
        self.deliver(pid, signal, false);
    }

    /// Whether a process of that user and group may do to a path what the bits ask for (4 read, 2 write, 1 execute).
    #[must_use]
    pub fn may(&self, volumes: &crate::Volumes, path: &str, uid: u32, gid: u32, bits: u16) -> bool {
        let cred = crate::fs::Cred::new(uid, gid, &self.setup.groups);
        let Ok(found) = self.fs.look_up(volumes, "/", path, true) else { return false };
        let allowed = self.fs.node(&found, volumes).is_some_and(|node| node.allows(cred, bits));
        allowed && (bits & 2 == 0 || !found.read_only)
    }

    /// The process table.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let state = |p: &Proc| {
            if !p.alive() {
                ProcessState::Zombie
            } else if p.stopped {
                ProcessState::Stopped
            } else if self.is_ready(p) {
                ProcessState::Runnable
            } else {
                ProcessState::Sleeping
            }
        };
        let line = |p: &Proc| Process {
            pid: p.pid,
            ppid: p.ppid,
            argv: p.argv.to_vec(),
            state: state(p),
            session: p.session,
        };
        self.procs.values().filter(|p| p.alive() || !p.adopted).map(line).collect()
    }

    /// Bytes of memory in use: processes and tmpfs files.
    #[must_use]
    pub fn memory(&self, volumes: &crate::Volumes) -> u64 {
        let processes = self.procs.values().map(|p| p.memory).fold(0, u64::saturating_add);
        processes.saturating_add(self.fs.memory_in_use(volumes))
    }

    /// About how many bytes a copy takes beside files: a string that is worked with exists a few times over.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let own = |p: &Proc| p.memory.saturating_add(p.longest.saturating_mul(4));
        self.procs.values().map(own).fold(0, u64::saturating_add)
    }

    /// The file system.
    #[must_use]
    pub fn fs(&self) -> &Fs {
        &self.fs
    }

    /// The file system for changing from outside.
    pub fn fs_mut(&mut self) -> &mut Fs {
        &mut self.fs
    }

    pub(crate) fn session_outputs(&mut self, session: Session, change: i32) {
        if let Some(record) = self.sessions.get_mut(&session) {
            record.outputs = record.outputs.saturating_add_signed(change);
        }
    }

    pub(crate) fn effect(&mut self, pid: u32, kind: EffectKind) {
        let Some(process) = self.procs.get(&pid) else { return };
        let Origin { line, command } = process.origin.clone();
        let (session, at) = (process.session, self.now);
        if let EffectKind::Output { stream, bytes } = &kind
            && let Some(last) = self.effects.last_mut()
            && (last.pid, last.at, last.line) == (pid, at, line)
            && let EffectKind::Output { stream: s, bytes: old } = &mut last.kind
            && s == stream
            && old.len() < limits::PIPE_BYTES as usize
        {
            old.extend_from_slice(bytes);
            return;
        }
        self.effects.push(Effect { at, session, pid, line, command, kind });
    }

    /// Takes note of a limit that was met, once for each container.
    pub(crate) fn meet(&mut self, pid: u32, name: &'static str) {
        if !self.met.contains(&name) {
            self.met.push(name);
            self.effect(pid, EffectKind::Limit { name });
        }
    }

    pub(crate) fn desc_kind(&self, id: DescId) -> Option<&DescKind> {
        self.descs.get(&id).map(|desc| &desc.kind)
    }
}
