//! The trace: what happened, when, to whom, and because of what.

pub use crate::ids::RecordId;
use podplay_api::fault::Timed;
use podplay_api::{Event, Pod, ProbeKind, SimTime, Value};
use std::sync::Arc;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number.
    pub id: RecordId,
    /// When.
    pub at: SimTime,
    /// The record that led to it; `None` only for the start of the run.
    pub cause: Option<RecordId>,
    /// To whom.
    pub subject: Subject,
    /// What.
    pub what: What,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The cluster as a whole.
    Cluster,
    /// A node.
    Node(Arc<str>),
    /// A pod.
    Pod(PodRef),
    /// A container of a pod.
    Container(PodRef, Arc<str>),
    /// Any other object: kind, namespace, name.
    Object(Arc<str>, Arc<str>, Arc<str>),
}

impl Subject {
    /// The pod that it is about, itself or by its container.
    pub const fn pod(&self) -> Option<&PodRef> {
        match self {
            Self::Pod(pod) | Self::Container(pod, _) => Some(pod),
            _ => None,
        }
    }
    /// The container's name.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Container(_, name) => Some(name),
            _ => None,
        }
    }
}

/// A pod's identity, cheap to clone.
pub type PodRef = Arc<PodIdentity>;

/// Namespace, name and uid of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodIdentity {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid as objects carry it.
    pub uid: String,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// The run began.
    Started,
    /// A command came in from outside; the text is what a person would have typed.
    Command(Arc<str>, Origin),
    /// The API server stored an object.
    Stored(Verb, Stored),
    /// The Event was recorded or counted up.
    Event(Arc<Event>),
    /// A timer went off.
    Timer(Arc<str>),
    /// A component decided something.
    Decision(Decision),
    /// An image pull began (`true`) or ended (`false`), of this image, with this error.
    Pull {
        /// The image.
        image: Arc<str>,
        /// It began, or else ended.
        began: bool,
        /// Why it failed.
        error: Option<Arc<str>>,
    },
    /// The sandbox became ready or was stopped.
    Sandbox {
        /// It is up.
        ready: bool,
    },
    /// A container instance was created: the n-th restart.
    Created {
        /// Which restart it is: 0 for the first start.
        restart: u32,
    },
    /// Its process was started.
    Running {
        /// Which restart it is: 0 for the first start.
        restart: u32,
    },
    /// Its process ended.
    Exited {
        /// Its exit code.
        code: i32,
        /// The runtime's reason: `Completed`, `Error`, `OOMKilled`, …
        reason: Arc<str>,
    },
    /// A signal was sent to PID 1 of the container.
    Signal(Arc<str>),
    /// A probe was tried: which, whether it succeeded, and what it said.
    Probe {
        /// Which probe.
        kind: ProbeKind,
        /// It succeeded.
        success: bool,
        /// What it said.
        message: Option<Arc<str>>,
        /// Exit code of the command, of an exec probe that ran one to its end.
        exit: Option<i32>,
    },
    /// A probe's result, after its thresholds, changed.
    ProbeResult {
        /// Which probe.
        kind: ProbeKind,
        /// It succeeded.
        success: bool,
    },
    /// A hook began, or ended with this error.
    Hook {
        /// `postStart` or `preStop`.
        name: &'static str,
        /// It began, or else ended.
        began: bool,
        /// Why it failed.
        error: Option<Arc<str>>,
    },
    /// A restart or a pull is held back until then.
    BackOff {
        /// Until when.
        until: SimTime,
        /// The delay in force, in seconds.
        delay_seconds: u64,
    },
    /// A process did something that can be seen: output, files, ports.
    Process(ProcessEffect),
    /// A fault began (`true`) or ended.
    Fault(Arc<Timed>, bool),
    /// Traffic: a request to a Service was answered by this pod, or failed.
    Request(RequestEnd),
    /// A named limit was hit.
    Limit(&'static str),
}

/// Where a command came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Somebody asked for it.
    #[default]
    Person,
    /// That object of those that the run begins with.
    Object(usize),
    /// That client of the Scenario's traffic.
    Client(usize),
    /// That action of the timeline, counted in the order of their moments.
    Action(usize),
}

/// What a component decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The scheduler put the pod on a node.
    Assigned {
        /// The node.
        node: Arc<str>,
    },
    /// The scheduler found no node.
    NoNode {
        /// How many nodes refused it for what, in its words.
        message: Arc<str>,
    },
    /// Somebody asked the eviction API to evict the pod.
    EvictionAsked,
    /// The kubelet evicts the pod.
    Evicted {
        /// Why, in its words.
        message: Arc<str>,
    },
    /// Nothing was heard of a node for too long.
    NodeLost,
    /// What a sync of the kubelet is going to do.
    Sync {
        /// In short.
        actions: Arc<str>,
    },
    /// A container is removed, because all of the pod start anew in place.
    Removed,
    /// The kubelet is done with the pod.
    Done,
}

/// The end of a request of a simulated client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestEnd {
    /// The client's number.
    pub client: u32,
    /// When it was sent.
    pub sent: SimTime,
    /// The pod that it was sent to, if it came so far.
    pub pod: Option<PodRef>,
    /// Answered, or why not.
    pub end: Result<(), Lost>,
    /// The client's side still led to a pod that the slice no longer showed as ready.
    pub stale: bool,
}

/// Why a request got no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// There is no such Service.
    NoSuchService,
    /// The Service has no endpoint that could answer.
    NoEndpoints,
    /// Nobody listens on the pod's port.
    Refused,
    /// The pod's address is gone.
    Unreachable,
    /// The process ended before it answered.
    Reset,
    /// The process was killed with SIGKILL before it answered.
    Killed,
    /// No answer came in time.
    TimedOut,
    /// An HTTP status from 400.
    Status(u16),
}

impl core::fmt::Display for Lost {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NoSuchService => "no such host",
            Self::NoEndpoints => "no endpoints",
            Self::Refused => "connection refused",
            Self::Unreachable => "no route to host",
            Self::Reset => "connection reset",
            Self::Killed => "cut off by SIGKILL",
            Self::TimedOut => "timeout",
            Self::Status(status) => return write!(f, "HTTP {status}"),
        })
    }
}

/// What a process did.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessEffect {
    /// Its process id within the container.
    pub pid: u32,
    /// Line of the script, 1-based.
    pub line: u32,
    /// The command in short.
    pub command: Arc<str>,
    /// What it did.
    pub kind: ProcessEffectKind,
}

/// Kinds of what processes do.
#[derive(Clone, Debug, PartialEq)]
pub enum ProcessEffectKind {
    /// Wrote this to standard output.
    Out(Arc<str>),
    /// Wrote this to standard error.
    Err(Arc<str>),
    /// Wrote this file.
    Wrote(Arc<str>),
    /// Removed this file.
    Removed(Arc<str>),
    /// Listens on this port.
    Listening(u16),
    /// Handled this signal.
    Handled(Arc<str>),
    /// Sent a signal to a process.
    Sent(Arc<str>),
    /// Computes without rest.
    Busy,
}

/// How the store changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The object is new.
    Created,
    /// Its metadata or spec changed.
    Updated,
    /// Its status changed.
    StatusUpdated,
    /// It is gone.
    Deleted,
}

/// An object as it was stored.
#[derive(Clone, Debug)]
pub enum Stored {
    /// A pod.
    Pod(Arc<Pod>),
    /// Any other object, whole.
    Object(Arc<Value>),
}
