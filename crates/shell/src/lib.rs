//! A POSIX-sh subset and the usual small tools on virtual time.
//!
//! One [`Userland`] is what runs inside one container: a process table, a file system view, pipes,
//! signals and listening ports. The simulator starts the entrypoint and execs with
//! [`Userland::spawn`], lets them run with [`Userland::run`] at an instant of virtual time, asks
//! [`Userland::next_wakeup`] when to come back, and drains [`Userland::take_effects`].
//! Everything is plain data: a snapshot of a run is a clone.

mod effect;
mod fs;
mod host;
mod kernel;
pub mod limits;
mod rope;
mod sh;
mod signal;
mod tools;

pub use effect::{
    Accept, Effect, EffectKind, ExitStatus, Listener, Process, ProcessState, Session, SessionState,
    SpawnError, Stream,
};
pub use fs::{Errno, Fs, Inode, Kind, Mount, Tree, Volumes};
pub use host::{Behaviour, Call, Host, InUse, Lookup, Outcome, Proto, Reply, Request};
pub use kernel::{Setup, SpawnOptions, Tools, Userland};
pub use rope::Rope;
pub use signal::Signal;
pub use tools::names as tool_names;

/// Virtual time in nanoseconds since the run began.
pub type Nanos = u64;

/// One virtual second.
pub const SECOND: Nanos = 1_000_000_000;

/// Whether a program is the shell itself or one of its tools, by name or by path.
#[must_use]
pub fn is_tool(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    matches!(name, "sh" | "ash" | "bash" | "dash") || tools::exists(name)
}
