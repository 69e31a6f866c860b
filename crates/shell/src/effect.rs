//! What a run of a container's processes did, for the simulator's trace.

use crate::{Nanos, Signal};
use std::fmt;
use std::sync::Arc;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// It called `exit`.
    Code(u8),
    /// A signal killed it.
    Signaled(Signal),
    /// The kernel's OOM killer killed the container's processes.
    OutOfMemory,
}

impl ExitStatus {
    /// The status as a shell and a container runtime report it: 128 + n for signals.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signaled(signal) => 128 + signal.number(),
            Self::OutOfMemory => 137,
        }
    }
}

/// One of a process' two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A process group root started from outside: the entrypoint or an exec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session(pub u32);

/// Something that a process did, and the line of the script that made it do so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When, in virtual nanoseconds since the run began.
    pub at: Nanos,
    /// The entrypoint or exec that the process belongs to.
    pub session: Session,
    /// The process.
    pub pid: u32,
    /// 1-based line in the script's text; 0 when there is no script.
    pub line: u32,
    /// The simple command, shortened.
    pub command: Arc<str>,
    /// What happened.
    pub kind: EffectKind,
}

/// The kinds of [`Effect`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// Bytes on the session's standard output or error: the container's log.
    Output {
        /// Which stream.
        stream: Stream,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A file was created or changed.
    Wrote {
        /// Absolute path in the container.
        path: String,
    },
    /// A file or directory was removed.
    Removed {
        /// Absolute path in the container.
        path: String,
    },
    /// The process ended.
    Exited {
        /// How.
        status: ExitStatus,
    },
    /// A shell runs its `trap` for this signal, or a program its handler.
    SignalHandled {
        /// Which signal.
        signal: Signal,
    },
    /// A process started to listen.
    Listening {
        /// TCP port.
        port: u16,
    },
    /// A process sent a signal to another one.
    SentSignal {
        /// Which signal.
        signal: Signal,
        /// To whom.
        to: u32,
    },
    /// The memory limit was passed; all processes of the container are killed (cgroup v2).
    OutOfMemory {
        /// Bytes in use when it happened.
        used: u64,
    },
    /// The processes used up their budget of steps at this instant.
    Busy,
    /// One of the simulator's own limits was met ([`crate::limits`]); said once for each container.
    Limit {
        /// Its name, as a person would say it.
        name: &'static str,
    },
}

/// Why a program could not be started by the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// No such file, neither in `PATH` nor as an absolute path.
    NotFound {
        /// `argv[0]`.
        program: String,
        /// Whether it was looked up in `PATH` (no slash in it).
        in_path: bool,
    },
    /// The file is not executable, or a directory.
    PermissionDenied {
        /// `argv[0]`.
        program: String,
    },
    /// The working directory cannot be entered.
    NoSuchCwd {
        /// The directory.
        cwd: String,
    },
    /// The arguments or the environment are longer than Linux takes.
    TooLong {
        /// `argv[0]`.
        program: String,
    },
    /// There is no command at all.
    Empty,
}

impl fmt::Display for SpawnError {
    /// The words of runc for the same failure (`exec: "x": …`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { program, in_path: true } => {
                write!(f, "exec: {program:?}: executable file not found in $PATH")
            }
            Self::NotFound { program, in_path: false } => {
                write!(f, "exec: {program:?}: stat {program}: no such file or directory")
            }
            Self::PermissionDenied { program } => write!(f, "exec: {program:?}: permission denied"),
            Self::NoSuchCwd { cwd } => write!(
                f,
                "chdir to cwd ({cwd:?}) set in config.json failed: no such file or directory"
            ),
            Self::TooLong { program } => write!(f, "exec {program}: argument list too long"),
            Self::Empty => f.write_str("no command specified"),
        }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Its root process lives.
    Running,
    /// Its root process has ended.
    Exited {
        /// How the root process ended.
        status: ExitStatus,
        /// When.
        at: Nanos,
        /// No surviving process still holds the session's output pipe. A runtime reports an exec
        /// as finished only then.
        drained: bool,
    },
}

/// A TCP port that a process of the container listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// Since when, in virtual nanoseconds.
    pub since: Nanos,
    /// The process.
    pub pid: u32,
    /// [`crate::Behaviour::tag`], or the tool's name (`httpd`, `nc`).
    pub program: Arc<str>,
}

/// What became of a connection from outside; see [`crate::Userland::accept`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accept {
    /// Nobody listens.
    Refused,
    /// The connection was accepted; nothing has been answered yet, or the listener is a
    /// [`crate::Behaviour`] whose answers the simulator knows.
    NoAnswer,
    /// Bytes that came back before the connection was closed.
    Answered(Vec<u8>),
}

/// What a process does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    /// It can run.
    Runnable,
    /// It waits for time, a pipe, a child or the network.
    Sleeping,
    /// Stopped by SIGSTOP.
    Stopped,
    /// Ended and not yet waited for.
    Zombie,
}

/// A line of the process table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Process id in the container's namespace.
    pub pid: u32,
    /// Parent; 0 for what the runtime started.
    pub ppid: u32,
    /// Its arguments.
    pub argv: Vec<String>,
    /// What it does.
    pub state: ProcessState,
    /// The session it belongs to.
    pub session: Session,
}
