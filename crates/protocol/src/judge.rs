//! What holds things up, and what would mend it.

use podplay_api::SimTime;
use serde::{Deserialize, Serialize};

/// An object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty for what has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Target {
    /// An object of that kind.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        let (kind, namespace, name) = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        Self { kind, namespace, name }
    }
    /// `deployment/web`, as kubectl takes it.
    pub fn kubectl_name(&self) -> String {
        format!("{}/{}", self.kind.to_ascii_lowercase(), self.name)
    }
}

/// A verdict in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Its code.
    pub code: String,
    /// Whom it is about.
    pub subject: Target,
    /// The sentence.
    pub sentence: String,
    /// Since when.
    pub since: SimTime,
    /// The lines to look at, with the name of their field.
    pub places: Vec<(usize, String)>,
    /// What was seen.
    pub evidence: Vec<String>,
}

/// An object that does not get on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// Which.
    pub target: Target,
    /// Why, the true cause first; never empty.
    pub verdicts: Vec<Told>,
}

/// Everything that is said of a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The moment.
    pub at: SimTime,
    /// The objects that do not get on, the most broken first.
    pub troubled: Vec<Trouble>,
    /// The object that the rest is about, if there is one.
    pub subject: Option<Target>,
    /// The pod behind the most broken object, if nobody has chosen: the stage looks at it.
    pub worst_pod: Option<Target>,
    /// What holds up the subject.
    pub verdicts: Vec<Told>,
    /// What comes next for it; none while that is not known.
    pub next: Option<Vec<(SimTime, String)>>,
    /// Records of the run, and whether it is computed: what decides if remedies are tried unasked.
    pub records: usize,
    /// Whether it is computed.
    pub computed: bool,
}

/// An edit that was run and helps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What it does.
    pub title: String,
    /// What was seen when it was run.
    pub proof: String,
    /// The text with it.
    pub text: String,
    /// When it has helped.
    pub at: SimTime,
}

/// Remedies, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Remedies {
    /// There is nothing to mend.
    #[default]
    None,
    /// Nobody has looked: it would take a while.
    Unasked,
    /// They are being tried.
    Trying,
    /// What helps.
    Found(Vec<Proposal>),
}

/// What a pod showed from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedRow {
    /// From when.
    pub at: SimTime,
    /// `1/1 Running 0`, or `gone`.
    pub text: String,
}

/// A pod whose rows differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedRows {
    /// Its name.
    pub name: String,
    /// In the run that is shown.
    pub a: Vec<ComparedRow>,
    /// In the other one.
    pub b: Vec<ComparedRow>,
}

/// Milliseconds for which a pod was ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadyFor {
    /// Its name.
    pub name: String,
    /// In the run that is shown.
    pub a: u64,
    /// In the other one.
    pub b: u64,
}

/// Two runs beside each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The first moment at which they differ.
    pub first: Option<SimTime>,
    /// Pods whose rows differ.
    pub rows: Vec<ComparedRows>,
    /// For how long pods were ready.
    pub ready: Vec<ReadyFor>,
}
