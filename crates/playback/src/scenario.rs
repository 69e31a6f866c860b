//! The Scenario document: seed, clock, node, images, traffic and the timed actions of a run.
//!
//! The page writes this document and reads it, so it is plain YAML read by serde; everything it
//! can say becomes a [`podplay_core::Config`] and a list of `Entry`.

use crate::span::Span;
use podplay_api::{StringMap, Value};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Why a Scenario document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// What is wrong, with the path of the field: `spec.timeline[0].at: …`.
    pub message: String,
    /// Line in the whole text, from 1; 0 if unknown.
    pub line: usize,
    /// Column, from 1; 0 if unknown.
    pub column: usize,
}

impl core::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for ScenarioError {}

/// The whole document.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Document {
    /// Always `podplay/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// Always `Scenario`.
    pub kind: String,
    /// A name is allowed and has no effect.
    #[serde(default)]
    pub metadata: Option<serde_yaml::Value>,
    /// What it says.
    #[serde(default)]
    pub spec: Scenario,
}

/// `spec` of the document.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Scenario {
    /// What is assumed to exist; read with the manifests.
    pub assume: Option<serde_yaml::Value>,
    /// Source of all randomness; 0 by default.
    pub seed: Option<u64>,
    /// The wall clock at t = 0, as in `2026-11-22T10:36:09Z`.
    pub start: Option<String>,
    /// Which version of Kubernetes: `1.36` (default) or `1.34`.
    pub kubernetes: Option<Scalar>,
    /// How far the timeline reaches.
    pub duration: Option<Span>,
    /// The only node, or what all nodes share.
    pub node: NodeSettings,
    /// Several nodes.
    pub nodes: Vec<Node>,
    /// Behaviour of images that nobody can know.
    pub images: BTreeMap<String, Image>,
    /// Clients of Services.
    pub traffic: Vec<Traffic>,
    /// What the run must satisfy.
    pub expect: Vec<String>,
    /// What happens when.
    pub timeline: Vec<Action>,
}

/// Latencies by profile, each of which can be overridden, and the size of a single node.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NodeSettings {
    /// `instant`, `typical` (default) or `recorded`.
    pub profile: Option<String>,
    /// Pod created → bound.
    pub scheduling: Option<Span>,
    /// API change → seen by the kubelet.
    pub kubelet: Option<Span>,
    /// Volumes of a new pod mounted.
    pub volumes: Option<Span>,
    /// Sandbox created.
    pub sandbox: Option<Span>,
    /// Sandbox stopped.
    pub sandbox_stop: Option<Span>,
    /// Container created.
    pub create: Option<Span>,
    /// Container started.
    pub start: Option<Span>,
    /// A command started in a container.
    pub exec: Option<Span>,
    /// An image pulled.
    pub pull: Option<Span>,
    /// An image of `slow.local` pulled.
    pub slow_pull: Option<Span>,
    /// Its name, `node01` by default.
    pub name: Option<String>,
    /// Allocatable cpu.
    pub cpu: Option<Scalar>,
    /// Allocatable memory.
    pub memory: Option<Scalar>,
    /// Labels beside the usual ones.
    pub labels: BTreeMap<String, Scalar>,
    /// Its taints.
    pub taints: Vec<Taint>,
}

/// One of several nodes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Allocatable cpu.
    pub cpu: Option<Scalar>,
    /// Allocatable memory.
    pub memory: Option<Scalar>,
    /// Labels beside the usual ones.
    pub labels: BTreeMap<String, Scalar>,
    /// Its taints.
    pub taints: Vec<Taint>,
}

/// A number or a word where Kubernetes wants a string.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Scalar {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
}

impl core::fmt::Display for Scalar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// The strings of a map of scalars.
pub(crate) fn strings(map: &BTreeMap<String, Scalar>) -> StringMap {
    map.iter().map(|(key, value)| (key.clone(), value.to_string())).collect()
}

/// A taint of a node.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: String,
}

/// How containers of an image behave.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Image {
    /// Time from start to listening.
    pub startup: Option<Span>,
    /// Port → path → status; the path `*` stands for all others.
    pub http: BTreeMap<u16, BTreeMap<String, u16>>,
    /// Reaction to SIGTERM.
    pub on_sigterm: Option<OnSigterm>,
    /// Exits by itself.
    pub exits: Option<Exits>,
    /// Time of a pull.
    pub pull: Option<Span>,
}

/// Reaction to SIGTERM: exit after a time, or none.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct OnSigterm {
    /// Time from the signal to the exit; at once without.
    pub exit_after: Option<Span>,
    /// Exit code.
    pub code: i32,
    /// The signal is ignored.
    pub ignore: bool,
}

/// An exit without a signal.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Exits {
    /// Time from the start.
    pub after: Span,
    /// Exit code.
    #[serde(default)]
    pub code: i32,
}

/// A client of a Service.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The Service.
    pub service: String,
    /// Its namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Port; the Service's first by default.
    #[serde(default)]
    pub port: Option<u16>,
    /// Path of the requests.
    #[serde(default)]
    pub path: Option<String>,
    /// Requests a second.
    pub rps: u32,
    /// When it begins.
    #[serde(default)]
    pub from: Span,
    /// How long it lasts; to the end by default.
    #[serde(default, rename = "for")]
    pub lasts: Option<Span>,
    /// How long a request is in flight at least.
    #[serde(default)]
    pub latency: Option<Span>,
    /// How long it waits for an answer.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Connections that it keeps open; 0 for a new one for each request.
    #[serde(default)]
    pub connections: u32,
    /// It is outside of the cluster: how late its load balancer learns of endpoints.
    #[serde(default)]
    pub outside: Option<Span>,
    /// The node on which it runs.
    #[serde(default)]
    pub node: Option<String>,
}

/// One entry of the timeline: a moment and exactly one of the actions.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// When, counted from the moment when the text is applied.
    pub at: Span,
    /// A command line as typed, with or without `kubectl` in front.
    #[serde(default)]
    pub kubectl: Option<String>,
    /// Standard input of the command.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Something breaks.
    #[serde(default)]
    pub fault: Option<Value>,
    /// An object, or its text, is applied.
    #[serde(default)]
    pub apply: Option<serde_yaml::Value>,
    /// A raw patch of the API.
    #[serde(default)]
    pub patch: Option<Patch>,
}

/// A raw patch of the API.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// `pods/web`, `pods/web/status`, `namespaces/shop/services/db`.
    pub path: String,
    /// What is merged in.
    pub body: Value,
}

/// Reads the document.
///
/// # Errors
/// With the path of the field that is wrong, and its line relative to the document.
pub fn read(text: &str) -> Result<Scenario, ScenarioError> {
    let document: Document = serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        ScenarioError { message: error.to_string(), line, column }
    })?;
    let wrong = |message: String| Err(ScenarioError { message, line: 1, column: 1 });
    if document.api_version != "podplay/v1" {
        return wrong(format!(
            "apiVersion: \"{}\" is not known, write podplay/v1",
            document.api_version
        ));
    }
    if document.kind != "Scenario" {
        return wrong(format!("kind: \"{}\" is not known, write Scenario", document.kind));
    }
    Ok(document.spec)
}

/// `span` as a duration, zero without.
pub(crate) fn duration(span: Option<Span>) -> Option<Duration> {
    span.map(|span| span.0)
}
