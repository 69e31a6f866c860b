//! What a reading returns: objects, diagnostics, edits.

use podplay_api::Assume;
use serde_json::Value;

use crate::assume::{Assumption, NodeWish};
use crate::live::Aside;
use crate::paste::Paste;
use crate::scenario::Spec;
use crate::yaml::{Span, Spans};

/// Everything that was found in a text.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Objects in the order of the text; those with `accepted == false` are for display only.
    pub objects: Vec<Object>,
    /// The Scenario document, when there is one.
    pub scenario: Option<Scenario>,
    /// Findings of all stages, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What was added so that a fragment runs, offered as edits of the text.
    pub completions: Vec<Edit>,
    /// Defaults that were filled in.
    pub defaults: Vec<DefaultFilled>,
    /// Fields that are accepted and have no effect in a run.
    pub not_simulated: Vec<NotSimulated>,
    /// Which assumptions were allowed.
    pub assume: Assume,
    /// What is assumed to exist beside the text.
    pub assumptions: Vec<Assumption>,
    /// The nodes as they are assumed; empty if the usual ones do.
    pub nodes: Vec<NodeWish>,
    /// What servers wrote into the objects, set aside.
    pub observed: Vec<Observed>,
    /// What the text is when it is no manifest but something else that people copy.
    pub paste: Option<Paste>,
}

/// What a server wrote into an object of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Which object of the reading.
    pub object: usize,
    /// What was set aside.
    pub aside: Aside,
}

/// One object of the text.
#[derive(Debug, Clone, Default)]
pub struct Object {
    /// Which document of the text it came from, from 0.
    pub document: usize,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`, or empty.
    pub name: String,
    /// The namespace it goes to; empty for kinds without one.
    pub namespace: String,
    /// As written (fragments: as completed), scalars resolved.
    pub submitted: Value,
    /// With defaults, as the API server would store it, before admission.
    pub object: Value,
    /// Where each field of `submitted` stands.
    pub spans: Spans,
    /// Whether an API server would take it; only such objects belong in a run.
    pub accepted: bool,
    /// Whether the kind has any effect in a run.
    pub simulated: bool,
}

/// The Scenario document as written.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// What it says.
    pub spec: Spec,
    /// The whole document.
    pub value: Value,
    /// Where its fields stand.
    pub spans: Spans,
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The object is not accepted.
    Error,
    /// Accepted, but probably not what was meant.
    Warning,
    /// Accepted and meant, but it could live better.
    Advice,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word that `podplay lint` prints.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
            Self::Info => "note",
        }
    }
}

/// The stage that reports a finding, in the order in which kubectl and the API server check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Text to values.
    Yaml,
    /// kubectl's own check of `apiVersion`, `kind` and metadata.
    Client,
    /// The first wrong type.
    Decode,
    /// Unknown fields.
    Strict,
    /// What admission plugins refuse.
    Admission,
    /// The rules of the kind.
    Validation,
    /// The Scenario document.
    Scenario,
    /// Limits of this program.
    Limit,
    /// Advice.
    Advice,
}

/// One finding with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `PP-0301`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The stage that reports it.
    pub stage: Stage,
    /// The words of kubectl or the API server.
    pub message: String,
    /// One sentence that helps.
    pub help: Option<String>,
    /// The field, when there is one.
    pub path: Option<String>,
    /// Where.
    pub span: Span,
    /// A change of the text that mends it.
    pub fix: Option<Edit>,
}

/// Findings in the order of the text; those of one place by their rank, and equal ones as they came.
///
/// There are few of them ([`crate::limits::DIAGNOSTICS`]), and most come in order.
pub fn in_order(found: &[Diagnostic], rank: fn(&Diagnostic) -> [u8; 2]) -> Vec<&Diagnostic> {
    let mut order: Vec<&Diagnostic> = Vec::with_capacity(found.len());
    for one in found {
        let key = (one.span.start, rank(one));
        let place = order.partition_point(|other| (other.span.start, rank(other)) <= key);
        order.insert(place, one);
    }
    order
}

/// A change of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
    /// What a button would say.
    pub title: String,
}

impl Edit {
    /// The text after this change.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut out = text.to_owned();
        if text.get(self.span.range()).is_some() {
            out.replace_range(self.span.range(), &self.replacement);
        }
        out
    }
}

/// A default that was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct DefaultFilled {
    /// Which object of the reading.
    pub object: usize,
    /// The field.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// The nearest place in the text.
    pub span: Span,
}

/// A field that is accepted and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSimulated {
    /// Which object of the reading.
    pub object: usize,
    /// The field; empty when the whole kind has no effect.
    pub path: String,
    /// Where it stands.
    pub span: Span,
}
