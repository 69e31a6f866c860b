//! The kubectl command line on a simulated cluster: parse, act through commands, print through `views`.
//!
#![doc = include_str!("../README.md")]

pub mod apply;
mod commands;
mod cx;
mod endpoints;
mod event_objects;
mod failure;
mod files;
mod flags;
mod gotemplate;
mod jsonpath;
mod output;
mod patch;
mod resources;
mod selector;
mod task;
mod update;
pub mod words;

pub use commands::complete::{Completion, complete};
pub use commands::{Nature, is_command, nature};
pub use files::{Files, MemoryFiles, NoFiles};
pub use patch::raw_patch;
pub use task::{Invocation, Output, start};

/// The plural by which a kind's objects are listed: `deployments`.
pub fn resource_plural(kind: &str) -> String {
    resources::kind_of(kind)
        .map_or_else(|| kind.to_ascii_lowercase(), |kind| kind.plural.to_owned())
}

/// A value as YAML, as kubectl prints it.
pub fn to_yaml(value: &podplay_api::Value) -> String {
    podplay_manifest::yaml::write::document(value)
}
