//! What can be asked. Moments and lengths are seconds of virtual time, as numbers.

use podplay_api::Value;
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

/// A question, as a line of `podplay session` holds it: `{"do": "open", …}`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(crate) enum Ask {
    Open(Open),
    Fork(Fork),
    List(Nothing),
    Text(Whose),
    State(State),
    Advance(Advance),
    Rewind(Rewind),
    Kubectl(Kubectl),
    Fault(Fault),
    Why(Why),
    Remedies(Why),
    Apply(Apply),
    Expect(Expect),
    Check(Check),
}

/// No fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    /// Kubernetes manifests as YAML, perhaps with a podplay Scenario document.
    pub(crate) text: String,
    /// Its name; "main" if left out. A cluster of that name is replaced.
    pub(crate) cluster: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fork {
    /// The cluster to copy; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The name of the copy.
    pub(crate) name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The moment in seconds; the cluster's clock if left out. The clock stays.
    pub(crate) at: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The clock's new moment in seconds.
    pub(crate) to: Option<f64>,
    /// Or by how many seconds it moves.
    pub(crate) by: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rewind {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The moment in seconds: the clock goes back to it, and what was done after it is undone.
    pub(crate) to: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kubectl {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// A kubectl command line, with or without `kubectl` in front, such as "get pods -o wide".
    pub(crate) command: String,
    /// How many seconds of virtual time a command that follows (`wait`, `-w`, `logs -f`) may take; 60 if left out.
    pub(crate) wait: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The fault as a Scenario's timeline takes it, such as {"pod": "web", "kind": "Crash"}.
    pub(crate) fault: Value,
    /// The moment in seconds; the cluster's clock if left out.
    pub(crate) at: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// The object, such as "deployment/web"; the most broken one if left out.
    pub(crate) object: Option<String>,
    /// Its namespace; "default" if left out.
    pub(crate) namespace: Option<String>,
    /// The moment in seconds; the cluster's clock if left out.
    pub(crate) at: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Apply {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// Which of the remedies that were told last, from 1.
    pub(crate) remedy: usize,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// Statements about the whole run, such as "ready deployment/web by 60s", "no request lost".
    pub(crate) that: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    /// The cluster; "main" if left out.
    pub(crate) cluster: Option<String>,
    /// Most runs, from 1 to 10,000; 200 if left out.
    pub(crate) runs: Option<usize>,
}
