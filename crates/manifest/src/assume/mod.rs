//! What a text refers to and a cluster would have: assumed to exist, each with its reason.
//!
//! Nothing here decides what is right: an assumption is a note that can be switched off. What the
//! text itself contradicts (a name that is one letter off one that it defines, a request that no
//! machine can grant) is not assumed, and stays the fault that it is.

mod internet;
mod nodes;
mod objects;
mod templates;

use podplay_api::Topic;
use serde_json::Value;

use crate::model::{Diagnostic, Edit, Object, Reading, Severity, Stage};
use crate::yaml::{Lines, Span};

pub use nodes::NodeWish;
pub(crate) use objects::near;
pub(crate) use templates::{Template, called, template};

/// Something that is assumed.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// What it is about; its key switches it off.
    pub topic: Topic,
    /// What is assumed: `namespace shop`.
    pub subject: String,
    /// Why: `deployment/web is in it`.
    pub reason: String,
    /// Where the text asks for it.
    pub span: Span,
    /// The objects that are stored before those of the text.
    pub objects: Vec<Value>,
}

impl Assumption {
    pub(crate) fn new(topic: Topic, subject: String, reason: String, span: Span) -> Self {
        Self { topic, subject, reason, span, objects: Vec::new() }
    }

    /// Stable code of the note.
    #[must_use]
    pub fn code(&self) -> &'static str {
        code(self.topic)
    }

    /// How to take it away, in words.
    #[must_use]
    pub fn switch(&self) -> String {
        format!("`assume: {{{}: false}}` in the Scenario takes it away.", self.topic.key())
    }

    /// The note in the list of findings.
    pub(crate) fn note(&self, text: &str, lines: &Lines<'_>) -> Diagnostic {
        Diagnostic {
            code: self.code(),
            severity: Severity::Info,
            stage: Stage::Advice,
            message: format!("assumed: {}; {}", self.subject, self.reason),
            help: Some(self.switch()),
            path: None,
            span: self.span,
            fix: self.fix(text, lines),
        }
    }

    /// Adds what is assumed to the text itself.
    fn fix(&self, text: &str, lines: &Lines<'_>) -> Option<Edit> {
        if self.objects.is_empty() || text.trim_start().starts_with('{') {
            return None;
        }
        let mut documents = String::new();
        for object in &self.objects {
            documents.push_str(&crate::yaml::write::document(&written(object)));
            documents.push_str("---\n");
        }
        let span = lines.span(0, 0);
        Some(Edit { span, replacement: documents, title: format!("Add the {}", self.subject) })
    }
}

/// An assumed object as a person would write it.
fn written(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(meta) = object.get_mut("metadata") {
        crate::value::remove(meta, "annotations");
    }
    object
}

/// The annotation of objects that are assumed.
pub const ANNOTATION: &str = "podplay.dev/assumed";

/// Stable code of a note about a topic.
pub(crate) fn code(topic: Topic) -> &'static str {
    match topic {
        Topic::Namespaces => "PP-0811",
        Topic::ServiceAccounts => "PP-0812",
        Topic::PriorityClasses => "PP-0813",
        Topic::RuntimeClasses => "PP-0814",
        Topic::StorageClasses => "PP-0815",
        Topic::IngressClasses => "PP-0816",
        Topic::Nodes => "PP-0817",
        Topic::Claims => "PP-0818",
        Topic::CustomResources => "PP-0819",
        Topic::OldVersions => "PP-0820",
        Topic::LiveObjects => "PP-0821",
        Topic::Images => "PP-0822",
        Topic::HostPaths => "PP-0823",
        Topic::Parts | Topic::Secrets => "PP-0824",
        Topic::ConfigMaps => "PP-0825",
        Topic::Internet => "PP-0826",
    }
}

/// The objects that are assumed beside those of the text.
pub(crate) fn objects(reading: &Reading, scenario: &str) -> Vec<Assumption> {
    let mut all = objects::assumed(reading, scenario);
    if reading.assume.has(Topic::Internet) {
        let templates: Vec<_> = reading.objects.iter().filter_map(template).collect();
        all.extend(internet::hosts(&templates));
    }
    all
}

/// The nodes that are assumed; none if the text says which there are.
pub(crate) fn nodes(known: &[Object], scenario: &str) -> (Vec<NodeWish>, Vec<Assumption>) {
    let templates: Vec<_> = known.iter().filter_map(template).collect();
    if templates.is_empty() || known.iter().any(|o| o.kind == "Node" && o.accepted) {
        return (Vec::new(), Vec::new());
    }
    nodes::wishes(&templates, scenario)
}
