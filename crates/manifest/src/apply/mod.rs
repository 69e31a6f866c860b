//! What kubectl and the API server say to `apply -f` and `create -f`, and what they accept.
//!
//! Models `kubectl/pkg/cmd/apply`, `kubectl/pkg/cmd/create`, `cli-runtime/pkg/resource` and the API
//! server's create and patch handlers: the order of the checks and every text.

mod admission;
mod client;
mod merge;
mod server;
mod stored;
mod warnings;
mod words;

use serde_json::Value;

pub(crate) use admission::after_validation;
pub use admission::{Refusal, admit};
pub use client::{Info, ReadFailure, read_infos};
pub(crate) use client::{check_shape, is_list};
pub use merge::{strategic_merge, three_way};
pub(crate) use server::without_nulls;
pub use server::{Outcome as Answer, create, update};
pub use stored::{StoreOptions, prepare_for_create};
pub use warnings::warnings;
pub use words::Failure;

/// The cluster as far as kubectl has to know it.
pub trait Live {
    /// The object as stored, or none. `namespace` is empty for kinds without one.
    fn get(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value>;
    /// Whether a namespace exists.
    fn namespace_exists(&self, name: &str) -> bool;
}

/// An empty cluster with its usual namespaces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Live for Nothing {
    fn get(&self, _: &str, _: &str, _: &str, _: &str) -> Option<Value> {
        None
    }
    fn namespace_exists(&self, name: &str) -> bool {
        matches!(name, "default" | "kube-system" | "kube-public" | "kube-node-lease")
    }
}

/// Which command is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verb {
    /// `kubectl apply`
    #[default]
    Apply,
    /// `kubectl create`
    Create,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Create => "create",
        }
    }
}

/// `--dry-run`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DryRun {
    /// Really do it.
    #[default]
    None,
    /// Ask nobody.
    Client,
    /// Ask the server, store nothing.
    Server,
}

impl DryRun {
    /// What is printed after the verb.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Client => " (dry run)",
            Self::Server => " (server dry run)",
        }
    }
}

/// `--validate`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Validate {
    /// Unknown fields are errors.
    #[default]
    Strict,
    /// Unknown fields are warnings.
    Warn,
    /// Unknown fields are dropped.
    Ignore,
}

impl Validate {
    /// Reads the flag; the error is kubectl's line.
    ///
    /// # Errors
    /// When the word is not one of those that kubectl takes.
    pub fn parse(word: &str) -> Result<Self, String> {
        match word {
            "strict" | "true" | "" => Ok(Self::Strict),
            "warn" => Ok(Self::Warn),
            "ignore" | "false" => Ok(Self::Ignore),
            other => Err(format!(
                "error: invalid - validate option {}; must be one of: strict (or true), warn, ignore (or false)",
                crate::yaml::quote(other)
            )),
        }
    }
}

/// How the command was called.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which command.
    pub verb: Verb,
    /// The file's name as messages show it; `STDIN` for `-`.
    pub file: String,
    /// `--dry-run`.
    pub dry_run: DryRun,
    /// `--validate`.
    pub validate: Validate,
    /// `-n`; empty means `default`.
    pub namespace: String,
    /// `apply --server-side`.
    pub server_side: bool,
}

/// What happened to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It did not exist.
    Created,
    /// It was changed.
    Configured,
    /// It was already so.
    Unchanged,
    /// `apply --server-side`.
    ServerSideApplied,
}

impl Action {
    /// The word that kubectl prints.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
            Self::ServerSideApplied => "serverside-applied",
        }
    }
}

/// One object that was taken.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// What happened.
    pub action: Action,
    /// `pod/web`.
    pub printed: String,
    /// The object as it is to be stored: defaulted, with the annotation of `apply`.
    pub object: Value,
    /// As written, without nulls.
    pub submitted: Value,
}

/// What the command printed and did.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Standard output without `-o`.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub exit: i32,
    /// What is to be stored, in order.
    pub accepted: Vec<Accepted>,
}

/// Runs `kubectl apply -f` or `kubectl create -f` over a text.
#[must_use]
pub fn run(text: &[u8], options: &Options, live: &dyn Live) -> Outcome {
    let text = decode(text);
    let (infos, read_failures) = read_infos(&text, options);
    let mut outcome = Outcome::default();
    let mut failures: Vec<Failure> = read_failures.into_iter().map(Failure::from).collect();
    if infos.is_empty() && failures.is_empty() {
        let word = options.verb.word();
        outcome.stderr = format!("error: no objects passed to {word}\n");
        outcome.exit = 1;
        return outcome;
    }
    for info in &infos {
        let answer = server::one(info, options, &Sent { live, before: stored(&outcome, options) });
        for warning in &answer.warnings {
            outcome.stderr.push_str(&format!("Warning: {warning}\n"));
        }
        match answer.result {
            Ok(accepted) => {
                let suffix = options.dry_run.suffix();
                let word = accepted.action.word();
                outcome.stdout.push_str(&format!("{} {word}{suffix}\n", accepted.printed));
                outcome.accepted.push(accepted);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if !failures.is_empty() {
        outcome.exit = 1;
        outcome.stderr.push_str(&words::report(&failures));
    }
    outcome
}

/// What the command has stored so far; a dry run stores nothing.
fn stored<'a>(outcome: &'a Outcome, options: &Options) -> &'a [Accepted] {
    if options.dry_run == DryRun::None { &outcome.accepted } else { &[] }
}

/// A cluster with what the same command has sent before.
struct Sent<'a> {
    live: &'a dyn Live,
    before: &'a [Accepted],
}

impl Live for Sent<'_> {
    fn get(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let same = |accepted: &&Accepted| {
            let object = &accepted.object;
            crate::value::text(object, "kind") == kind
                && crate::value::text(object, "apiVersion") == api_version
                && crate::value::name(object) == name
                && crate::value::namespace(object) == namespace
                && !name.is_empty()
        };
        let sent = self.before.iter().rev().find(same).map(|accepted| accepted.object.clone());
        sent.or_else(|| self.live.get(api_version, kind, namespace, name))
    }
    fn namespace_exists(&self, name: &str) -> bool {
        self.live.namespace_exists(name)
    }
}

/// Bytes of a file to text: UTF-16 with a byte order mark, else UTF-8, with marks for what is neither.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let wide = |swap: bool| -> String {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|p| {
                if swap {
                    u16::from_be_bytes([p[0], p[1]])
                } else {
                    u16::from_le_bytes([p[0], p[1]])
                }
            })
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(false),
        [0xfe, 0xff, ..] => wide(true),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
