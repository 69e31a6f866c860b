//! Instances of containers: what the runtime reports of them, what runs in them, and what is on its way.

use super::answer::Said;
use super::log::Log;
use super::steps::Steps;
use crate::ids::{ExecId, InstanceId, RecordId};
use podplay_api::{LinuxUser, ProbeKind, ResourceRequirements, SimTime};
use podplay_shell::{Session, Userland};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The state of an instance in the runtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstanceState {
    /// Created, not started.
    #[default]
    Created,
    /// Running.
    Running,
    /// Ended.
    Exited,
}

/// What the runtime reports of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceStatus {
    /// Which instance.
    pub id: InstanceId,
    /// Its state.
    pub state: InstanceState,
    /// Which restart it is: 0 for the first start.
    pub restart: u32,
    /// When it was created.
    pub created_at: SimTime,
    /// When its process was started; `None` if it could not be.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub finished_at: Option<SimTime>,
    /// How it ended.
    pub exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled`, `StartError`.
    pub reason: Arc<str>,
    /// Its last words.
    pub message: String,
    /// Its image.
    pub image: Arc<str>,
    /// How the API shows it.
    pub shown: Arc<Shown>,
}

/// What the API shows of an instance as long as it lives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The runtime's id, `containerd://…`.
    pub container_id: String,
    /// The image as the runtime names it.
    pub image: String,
    /// The image's digest.
    pub image_id: String,
    /// Requests and limits that it was given.
    pub resources: ResourceRequirements,
    /// Whom its main process belongs to.
    pub user: LinuxUser,
}

/// The records that what happens to an instance is due to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traces {
    /// It was started.
    pub(crate) began: Option<RecordId>,
    /// It ended.
    pub(crate) ended: Option<RecordId>,
    /// A fault makes it listen later.
    pub(crate) slowed: Option<RecordId>,
    /// A fault kept the stop signal from it.
    pub(crate) deaf: Option<RecordId>,
    /// One of its programs met a fault.
    pub(crate) met: Option<RecordId>,
}

/// What a program of an image keeps. Only the image knows what it is.
#[derive(Clone, Debug)]
pub struct Kept(Arc<dyn Any + Send + Sync>);

impl Kept {
    pub(crate) fn new<T: Any + Send + Sync>(what: T) -> Self {
        Self(Arc::new(what))
    }
    /// What is kept, if it is that.
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

/// An instance of a container.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What the runtime reports.
    pub status: InstanceStatus,
    /// Its processes, while it lives.
    pub process: Option<Box<Userland>>,
    /// Its main process.
    pub session: Option<Session>,
    /// Execs in it.
    pub execs: Vec<ExecRun>,
    /// Its log.
    pub log: Log,
    /// Its hook.
    pub hook: Option<HookState>,
    /// Answers of probes that are on their way.
    pub answers: BTreeMap<ProbeKind, Said>,
    /// What it was created from.
    pub(crate) command: Arc<[String]>,
    /// Its program is not known; what it does is assumed.
    pub(crate) assumed: bool,
    /// What keeps the runtime from starting it, whatever its program is.
    pub(crate) hindered: Option<String>,
    /// What its servers serve, by the tag of their listeners.
    pub(crate) served: BTreeMap<String, Kept>,
    /// File of its termination message.
    pub(crate) message_path: Arc<str>,
    /// A hook ends then, with this error.
    pub(crate) hook_end: Option<(Hook, SimTime, Option<String>)>,
    /// The exit code and reason that a fault gave to its end.
    pub(crate) forced_end: Option<(i32, Arc<str>)>,
    pub(super) next_exec: u32,
    /// Why its main process could not be started.
    pub(crate) refused: Option<podplay_shell::SpawnError>,
    /// The last host that did not answer its processes, and the port; 0 for a look-up of the name alone.
    pub(crate) asked: Option<(String, u16)>,
    /// How often in a row its processes used up their steps.
    pub(crate) traces: Traces,
    pub(super) busy: u32,
    /// The steps that they may still take.
    pub(super) steps: Steps,
}

/// A hook that runs or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    /// It runs.
    Running,
    /// It has ended, with this error.
    Done(Option<String>),
}

impl Instance {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.status.state == InstanceState::Running
    }
    /// Whether its main process lives, whatever the runtime has noted yet.
    pub fn is_alive(&self) -> bool {
        let session = self.session.zip(self.process.as_ref());
        session.is_some_and(|(main, process)| {
            process.session(main) == podplay_shell::SessionState::Running
        })
    }
    /// Bytes in its writable layer.
    pub fn disk_usage(&self) -> u64 {
        self.process.as_ref().map_or(0, |process| process.fs().used_bytes()) + self.log.written()
    }
}

/// What an exec is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A probe.
    Probe(ProbeKind),
    /// A hook.
    Hook(Hook),
    /// A command from outside.
    Command(ExecId),
}

/// An exec that is under way.
#[derive(Clone, Debug)]
pub struct ExecRun {
    pub(super) number: u32,
    pub(super) session: Session,
    pub(super) purpose: Purpose,
    pub(super) command: Vec<String>,
    pub(super) output: Vec<u8>,
    pub(super) limit: Option<Duration>,
    pub(super) timed_out: bool,
}

/// How an exec ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEnd {
    /// With this code and output.
    Exited {
        /// 0 to 255.
        code: i32,
        /// Standard output and error together.
        output: Vec<u8>,
    },
    /// Its time was over.
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// It could not be run, in the runtime's words.
    Failed(String),
    /// This program could not be started, in the runtime's words.
    NotStarted(String, String),
}

/// State of an exec that came in as a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecOutput {
    /// Standard output so far.
    pub stdout: Vec<u8>,
    /// Standard error so far.
    pub stderr: Vec<u8>,
    /// Exit code, once it has ended.
    pub exit: Option<i32>,
    /// Why it could not be run.
    pub error: Option<String>,
    /// When it ended.
    pub ended: Option<SimTime>,
}

/// Which hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// After the start.
    PostStart,
    /// Before the stop.
    PreStop,
}

impl Hook {
    /// As manifests spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PostStart => "postStart",
            Self::PreStop => "preStop",
        }
    }
}
