//! A process: what it runs, what it waits for, how it reacts to signals.

use super::desc::DescId;
use super::service::Service;
use crate::fs::Cred;
use crate::sh::Shell;
use crate::tools::ToolRun;
use crate::{ExitStatus, Nanos, Session};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a process executes.
#[derive(Clone, Debug)]
pub(crate) enum Program {
    Shell(Box<Shell>),
    Tool(Box<ToolRun>),
    Service(Box<Service>),
}

/// What one step of a program led to.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Continue,
    Block(Wait),
    Exit(u8),
    Exec(Program),
}

/// What a blocked process waits for. A caught signal wakes it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Nothing: it can run.
    Ready,
    Until(Nanos),
    /// Until there is something to read (or, if given, until that time).
    Read(DescId, Option<Nanos>),
    Write(DescId),
    /// Until a child ends.
    Child,
    Forever,
}

/// The place in a script that a process stems from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) line: u32,
    pub(crate) command: Arc<str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Proc {
    pub(crate) pid: u32,
    pub(crate) ppid: u32,
    pub(crate) session: Session,
    pub(crate) argv: Arc<[String]>,
    pub(crate) env: Arc<BTreeMap<String, String>>,
    pub(crate) cwd: Arc<str>,
    pub(crate) umask: u16,
    pub(crate) cred: Cred,
    pub(crate) fds: BTreeMap<u32, DescId>,
    /// Taken out while it runs; `None` for a zombie.
    pub(crate) program: Option<Program>,
    pub(crate) wait: Wait,
    /// Something happened that makes it look again at what it waits for.
    pub(crate) kicked: bool,
    pub(crate) pending: u64,
    pub(crate) ignored: u64,
    pub(crate) caught: u64,
    pub(crate) stopped: bool,
    pub(crate) status: Option<ExitStatus>,
    pub(crate) started: Nanos,
    /// Bytes of memory beyond what every process has.
    pub(crate) memory: u64,
    /// The longest string that it has worked with.
    pub(crate) longest: u64,
    pub(crate) origin: Origin,
    /// Virtual time used at this instant but not yet waited for.
    pub(crate) lag: Nanos,
    /// Its parent ended; the process that adopted it waits for it at once.
    pub(crate) adopted: bool,
    /// The script that it is part of goes on after it.
    pub(crate) followed: bool,
}

impl Proc {
    pub(crate) fn alive(&self) -> bool {
        self.status.is_none()
    }
}
