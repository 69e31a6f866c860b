//! What comes in from outside: API requests, execs, faults.

use podplay_api::{Value, raw_enum};
use std::time::Duration;

/// Numbers the execs of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExecId(pub u32);

/// A command to the cluster. Objects are whole, defaulted and valid: `manifest` saw to that.
#[derive(Clone, Debug)]
pub enum Command {
    /// Store a new object.
    Create(Value),
    /// Replace an object's metadata (labels, annotations, finalizers, owners) and everything but its status.
    Replace(Value),
    /// Replace a pod with one that asks for other resources.
    Resize(Value),
    /// Replace an object's status.
    ReplaceStatus(Value),
    /// Delete an object.
    Delete {
        /// Its kind.
        kind: String,
        /// Its namespace, empty for kinds without.
        namespace: String,
        /// Its name.
        name: String,
        /// How.
        options: DeleteOptions,
    },
    /// Evict a pod through the eviction API, which asks PodDisruptionBudgets.
    Evict {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Grace period override in seconds.
        grace_period_seconds: Option<i64>,
    },
    /// Run a command in a container.
    Exec {
        /// The pod's namespace.
        namespace: String,
        /// The pod.
        pod: String,
        /// The container; `None` for the first.
        container: Option<String>,
        /// The program and its arguments.
        command: Vec<String>,
        /// Its standard input.
        stdin: Vec<u8>,
    },
    /// Break something.
    Fault(Fault),
    /// Start a client that sends requests to a Service.
    Traffic(Traffic),
}

/// A client of a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service.
    pub service: String,
    /// Its port; `None` for the first.
    pub port: Option<u16>,
    /// Path of the requests.
    pub path: String,
    /// Requests per second, 1 to 1000.
    pub rps: u32,
    /// Time until the first of them.
    pub after: Duration,
    /// How long they go on; `None` for the rest of the run.
    pub lasts: Option<Duration>,
    /// How long a request is in flight at least.
    pub latency: Duration,
    /// How long the client waits for an answer; 10 s for `None`.
    pub timeout: Option<Duration>,
    /// Connections that are kept open and used in turn, at most 1000; 0 for a new one for each request.
    pub connections: u32,
    /// The client is outside: how long after a change of the slice its load balancer knows.
    pub outside: Option<Duration>,
    /// The node that the client runs on; `None` for the first.
    pub node: Option<String>,
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// The object as stored.
    Object(Value),
    /// The object is gone, or will be.
    Deleted,
    /// The exec has begun.
    Exec(ExecId),
    /// The fault is in force.
    Fault,
    /// The client of that number has begun.
    Traffic(u32),
}

/// Options of a delete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteOptions {
    /// Overrides the pod's own grace period, in seconds; 0 removes the object at once.
    pub grace_period_seconds: Option<i64>,
    /// What becomes of dependents.
    pub propagation: Propagation,
}

/// What becomes of an owner's dependents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// Deleted after it.
    #[default]
    Background,
    /// Deleted before it.
    Foreground,
    /// Left alone.
    Orphan,
}

raw_enum! {
    /// The kinds of faults.
    pub enum FaultKind {
        /// The main process dies.
        Crash = "Crash",
        /// The kernel kills it for memory.
        OOMKill = "OOMKill",
        /// Alive, answers nothing.
        Hang = "Hang",
        /// Answers late.
        Slow = "Slow",
        /// Answers a path with a status.
        FailHTTP = "FailHTTP",
        /// Listens on nothing.
        RefuseConnections = "RefuseConnections",
        /// Does not react to the stop signal.
        IgnoreSigterm = "IgnoreSigterm",
        /// The next starts take longer.
        SlowStart = "SlowStart",
        /// The registry does not know the image, the node lost it.
        ImageMissing = "ImageMissing",
        /// The registry does not answer.
        RegistryDown = "RegistryDown",
        /// Pulls take longer.
        SlowPull = "SlowPull",
        /// Hooks fail.
        HookFails = "HookFails",
        /// Hooks never end.
        HookHangs = "HookHangs",
        /// ConfigMaps and Secrets of the pod are gone.
        ConfigMissing = "ConfigMissing",
        /// The pod's sandbox dies.
        SandboxLost = "SandboxLost",
        /// The kubelet starts anew.
        KubeletRestart = "KubeletRestart",
        /// The kubelet is stopped, its containers go on.
        KubeletDown = "KubeletDown",
        /// The node is off.
        NodeDown = "NodeDown",
        /// Memory or disk runs short.
        NodePressure = "NodePressure",
        /// Names do not resolve.
        DNSDown = "DNSDown",
        /// The node cannot be reached.
        Partition = "Partition",
    }
}

/// A fault and its target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fault {
    /// What breaks.
    pub kind: FaultKind,
    /// The pod's namespace.
    pub namespace: String,
    /// The pod, for faults of pods and containers.
    pub pod: Option<String>,
    /// The container; `None` for all of the pod.
    pub container: Option<String>,
    /// The node, for faults of nodes.
    pub node: Option<String>,
    /// The image, for faults of the registry; `None` for all.
    pub image: Option<String>,
    /// How long it lasts; `None` for good.
    pub lasts: Option<Duration>,
    /// Delay of `Slow`, `SlowStart`, `SlowPull`.
    pub by: Option<Duration>,
    /// Exit code of `Crash`.
    pub exit_code: Option<i32>,
    /// Signal of `Crash`, such as `SIGSEGV`.
    pub signal: Option<String>,
    /// Path of `FailHTTP`; `None` for all.
    pub path: Option<String>,
    /// Status of `FailHTTP`, 500 by default.
    pub status: Option<u16>,
    /// Resource of `NodePressure`: `memory` (default) or `disk`.
    pub resource: Option<String>,
}
