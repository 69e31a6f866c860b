//! Failures, and how kubectl prints one of them alone and several together.
//!
//! Models `kubectl/pkg/cmd/util/helpers.go` and `apimachinery/pkg/api/errors`.

use super::client::ReadFailure;
use crate::validate::FieldError;
use crate::yaml::quote;

/// Why an object (or a document) did not get through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// kubectl itself says so.
    Plain(String),
    /// The server refuses with a reason.
    Status {
        /// `BadRequest`, `NotFound`, …; empty for none.
        reason: &'static str,
        /// What it says.
        message: String,
        /// What kubectl was doing: `error when creating "pod.yaml"`.
        doing: String,
    },
    /// The server finds fields invalid.
    Invalid {
        /// `Pod`.
        kind: String,
        /// The group, empty for the core.
        group: String,
        /// The object's name.
        name: String,
        /// The findings.
        errors: Vec<FieldError>,
        /// What kubectl was doing.
        doing: String,
    },
    /// A request that is invalid as such.
    InvalidRequest(String),
}

impl From<ReadFailure> for Failure {
    fn from(failure: ReadFailure) -> Self {
        Self::Plain(failure.0)
    }
}

/// Standard error for these failures.
pub(super) fn report(failures: &[Failure]) -> String {
    match failures {
        [] => String::new(),
        [one] => alone(one),
        many => many.iter().map(|f| format!("{}\n", in_company(f))).collect(),
    }
}

fn alone(failure: &Failure) -> String {
    match failure {
        Failure::Plain(text) => match text.starts_with("error: ") {
            true => format!("{text}\n"),
            false => format!("error: {text}\n"),
        },
        Failure::Invalid { kind, name, errors, .. } => {
            let head = format!("The {kind} {} is invalid: ", quote(name));
            match errors.as_slice() {
                [one] => format!("{head}{}\n", one.message),
                many => {
                    let lines: String = many.iter().map(|e| format!("* {}\n", e.message)).collect();
                    format!("{head}\n{lines}")
                }
            }
        }
        other => format!("{}\n", in_company(other)),
    }
}

fn in_company(failure: &Failure) -> String {
    match failure {
        Failure::Plain(text) => text.clone(),
        Failure::Status { reason, message, doing } => {
            let doing = if doing.is_empty() { String::new() } else { format!("{doing}: ") };
            match *reason {
                "" => format!("Error from server: {doing}{message}"),
                reason => format!("Error from server ({reason}): {doing}{message}"),
            }
        }
        Failure::Invalid { kind, group, name, errors, doing } => {
            let kind = if group.is_empty() { kind.clone() } else { format!("{kind}.{group}") };
            let texts: Vec<&str> = errors.iter().map(|e| e.message.as_str()).collect();
            let all = match texts.as_slice() {
                [one] => (*one).to_owned(),
                many => format!("[{}]", many.join(", ")),
            };
            format!(
                "Error from server (Invalid): {doing}: {kind} {} is invalid: {all}",
                quote(name)
            )
        }
        Failure::InvalidRequest(text) => format!("The request is invalid: {text}"),
    }
}
