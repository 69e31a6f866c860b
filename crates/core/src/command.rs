//! What comes in from outside: API requests, execs, faults.

pub use crate::ids::ExecId;
use podplay_api::Value;
use podplay_api::fault::Timed;
use std::time::Duration;

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
    Fault(Timed),
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
