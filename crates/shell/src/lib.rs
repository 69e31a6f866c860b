//! A POSIX-sh subset and the usual small tools on virtual time.
//!
#![doc = include_str!("../README.md")]

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
