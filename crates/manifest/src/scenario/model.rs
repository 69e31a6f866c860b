//! What a Scenario says, typed, with the place of each field.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::Duration;

use podplay_api::fault::Timed;
use podplay_api::{StringMap, Taint, Timestamp};
use serde_json::Value;

use crate::yaml::Span;

/// A value and where it stands. Two are equal if their values are, wherever they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Field<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> Deref for Field<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// `spec` of a Scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec {
    /// Source of all randomness.
    pub seed: Option<Field<u64>>,
    /// The wall clock at t = 0.
    pub start: Option<Field<Timestamp>>,
    /// Which version of Kubernetes, as written.
    pub kubernetes: Option<Field<String>>,
    /// What the kubelets are configured to.
    pub kubelet: Kubelet,
    /// How far the timeline reaches.
    pub duration: Option<Field<Duration>>,
    /// The only node, or what all nodes share.
    pub node: NodeSettings,
    /// Several nodes.
    pub nodes: Vec<Node>,
    /// Behaviour of images that nobody can know.
    pub images: BTreeMap<String, Image>,
    /// Clients of Services.
    pub traffic: Vec<Traffic>,
    /// What happens when.
    pub timeline: Vec<Entry>,
    /// Statements that the run must satisfy.
    pub expect: Vec<Field<String>>,
}

/// Fields of the kubelet's configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kubelet {
    /// `crashLoopBackOff.maxContainerRestartPeriod`.
    pub max_container_restart_period: Option<Field<Duration>>,
}

/// Latencies by profile, each of which can be overridden, and the size of a single node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeSettings {
    /// `instant`, `typical` or `recorded`.
    pub profile: Option<Field<String>>,
    /// Latencies by the names of their fields.
    pub latencies: BTreeMap<&'static str, Field<Duration>>,
    /// The node itself.
    pub node: Node,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: Option<Field<String>>,
    /// Allocatable cpu, as a quantity.
    pub cpu: Option<Field<String>>,
    /// Allocatable memory, as a quantity.
    pub memory: Option<Field<String>>,
    /// Labels beside the usual ones.
    pub labels: StringMap,
    /// Its taints.
    pub taints: Vec<Taint>,
}

/// How containers of an image behave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image {
    /// Time from start to listening.
    pub startup: Option<Field<Duration>>,
    /// Port → path → status; the path `*` stands for all others.
    pub http: BTreeMap<u16, BTreeMap<String, u16>>,
    /// Reaction to SIGTERM.
    pub on_sigterm: Option<OnSigterm>,
    /// Exits by itself, after this time with this code.
    pub exits: Option<(Duration, i32)>,
    /// Time of a pull.
    pub pull: Option<Field<Duration>>,
    /// What it uses of a CPU: when nobody asks it, in thousandths of a core, and for each request.
    pub cpu: Option<(i64, Duration)>,
}

/// Reaction to SIGTERM: exit after a time, or none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OnSigterm {
    /// Time from the signal to the exit; at once without.
    pub exit_after: Option<Field<Duration>>,
    /// Exit code.
    pub code: i32,
    /// The signal is ignored.
    pub ignore: bool,
}

/// A client of a Service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traffic {
    /// The Service.
    pub service: Field<String>,
    /// Its namespace.
    pub namespace: Option<Field<String>>,
    /// Port; the Service's first by default.
    pub port: Option<Field<u16>>,
    /// Path of the requests.
    pub path: Option<Field<String>>,
    /// Requests a second.
    pub rps: Field<u32>,
    /// When it begins.
    pub from: Option<Field<Duration>>,
    /// How long it lasts; to the end by default.
    pub lasts: Option<Field<Duration>>,
    /// How long a request is in flight at least.
    pub latency: Option<Field<Duration>>,
    /// How long it waits for an answer.
    pub timeout: Option<Field<Duration>>,
    /// Connections that it keeps open; 0 for a new one for each request.
    pub connections: Option<Field<u32>>,
    /// It is outside of the cluster: how late its load balancer learns of endpoints.
    pub outside: Option<Field<Duration>>,
    /// The node on which it runs.
    pub node: Option<Field<String>>,
}

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its index in the `timeline`.
    pub index: usize,
    /// When, counted from the moment when the text is applied.
    pub at: Field<Duration>,
    /// What.
    pub action: Action,
    /// Where the entry stands.
    pub span: Span,
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A command line as typed, with its standard input.
    Kubectl {
        /// The line.
        line: Field<String>,
        /// What it reads.
        stdin: String,
    },
    /// Something breaks.
    Fault(Timed),
    /// An object, or its text, is applied.
    Apply(Value),
    /// A raw patch of the API.
    Patch {
        /// `pods/web`, `pods/web/status`, `namespaces/shop/services/db`.
        path: String,
        /// What is merged in.
        body: Value,
    },
}
