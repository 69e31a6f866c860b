//! The kernel of one container: processes, descriptors, pipes, signals and the scheduler.

mod desc;
mod http;
mod process;
mod procfs;
mod sched;
mod service;
mod spawn;
mod sys;
mod syscalls;
mod userland;

pub(crate) use desc::OpenMode;
pub(crate) use process::{Origin, Proc, Program, Step, Wait};
pub(crate) use procfs::command_name;
pub(crate) use spawn::ExecError;
pub(crate) use sys::{Io, Sys};
pub(crate) use syscalls::{Change, FileType, Stat};
pub(crate) use userland::Served;
pub use userland::{Setup, SpawnOptions, Tools, Userland};
