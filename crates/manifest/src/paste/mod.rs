//! What people paste that is no manifest: recognised, named, and turned into one where that can be done.
//!
//! Each shape has a test that no manifest passes. What was printed of a real cluster is left to be read
//! as an incident; what is a recipe for another tool becomes a Pod, or names the command to run first.

mod compose;
mod lines;
mod outputs;
mod sources;
mod typography;

use serde_json::Value;

use crate::model::{Diagnostic, Edit, Severity, Stage};
use crate::value::text;
use crate::yaml::{Document, Lines};
use lines::Pasted;
pub(crate) use typography::typography;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteKind {
    /// A table that `kubectl get` prints.
    Get,
    /// What `kubectl describe` prints.
    Describe,
    /// Events, as a table or the end of a description.
    Events,
    /// What `kubectl top` prints.
    Top,
    /// A program's log.
    Logs,
    /// A terminal program's screen, such as k9s.
    Screen,
    /// Several commands with what they printed.
    Terminal,
    /// A single message of an event or a status.
    Message,
    /// A template of a Helm chart.
    HelmTemplate,
    /// The values of a Helm chart.
    HelmValues,
    /// A list of files for kustomize.
    Kustomization,
    /// A compose file.
    Compose,
    /// A `docker run` command line.
    DockerRun,
    /// How an image is built.
    Dockerfile,
    /// Terraform.
    Terraform,
    /// kubectl commands.
    Commands,
    /// A manifest inside a shell's here-document, or below a prompt.
    Heredoc,
    /// A difference between two versions of a file.
    Diff,
    /// A manifest with the line numbers of its viewer.
    LineNumbers,
    /// An address.
    Url,
}

/// What can be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The text becomes a manifest.
    Make(Edit),
    /// It tells what happened in a cluster: it is read as an incident.
    Incident,
    /// A command has to be run first, outside.
    Run(String),
}

/// A text that is no manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paste {
    /// What it is.
    pub kind: PasteKind,
    /// What it is, in a sentence.
    pub message: String,
    /// What to do, in a sentence.
    pub help: String,
    /// What can be done by a button.
    pub actions: Vec<Action>,
    /// The line that told, from 1.
    pub line: usize,
}

/// What is read as an incident is told so in the same words everywhere.
const INCIDENT: &str = "Read it as an incident (`podplay incident`) to see what went wrong";

/// What a text is if it is no manifest.
pub(crate) fn recognise(source: &str, documents: &[Document]) -> Option<Paste> {
    let pasted = Pasted::new(source);
    if pasted.lines.is_empty() {
        return None;
    }
    let values: Vec<&Value> =
        documents.iter().filter_map(|d| Some(&d.content.as_ref().ok()?.value)).collect();
    let failed = documents.iter().any(|d| d.content.is_err());
    let headed = |v: &&&Value| !text(v, "apiVersion").is_empty() && !text(v, "kind").is_empty();
    let manifests = values.iter().filter(headed).count();
    let kustomizations = values.iter().filter(|v| is_kustomization(v)).count();
    if kustomizations > 0 && kustomizations >= manifests {
        return Some(kustomization(&pasted));
    }
    if manifests > 0 && !failed {
        return None;
    }
    let whole = |replacement: String, title: &str| Edit {
        span: Lines::new(source).span(0, source.len()),
        replacement,
        title: title.to_owned(),
    };
    sources::wrapped(&pasted, &whole)
        .or_else(|| sources::helm(&pasted, failed))
        .or_else(|| outputs::recognise(&pasted))
        .or_else(|| compose::recognise(&pasted, &values, &whole))
        .or_else(|| sources::recipes(&pasted, &whole))
        .or_else(|| sources::helm_values(&pasted, &values))
}

fn is_kustomization(value: &Value) -> bool {
    text(value, "apiVersion").starts_with("kustomize.config.k8s.io/")
        || matches!(text(value, "kind"), "Kustomization" | "Component")
            && text(value, "apiVersion").is_empty()
}

fn kustomization(pasted: &Pasted<'_>) -> Paste {
    Paste {
        kind: PasteKind::Kustomization,
        message: "This is a Kustomization: it names the files of an application and does not hold their objects".to_owned(),
        help: "Render it first, in its folder: `kubectl kustomize .`, and paste what that prints.".to_owned(),
        actions: vec![Action::Run("kubectl kustomize .".to_owned())],
        line: pasted.line_with("kind:").unwrap_or(1),
    }
}

impl Paste {
    /// The finding that stands for the whole text.
    pub(crate) fn diagnostic(&self, lines: &Lines<'_>) -> Diagnostic {
        let fix = self.actions.iter().find_map(|action| match action {
            Action::Make(edit) => Some(edit.clone()),
            _ => None,
        });
        Diagnostic {
            code: "PP-0210",
            severity: Severity::Error,
            stage: Stage::Client,
            message: self.message.clone(),
            help: Some(self.help.clone()),
            path: None,
            span: lines.line(self.line),
            fix,
        }
    }
}
