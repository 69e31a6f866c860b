//! Text to objects and diagnostics with places: read, complete, decode, default, validate.
//!
#![doc = include_str!("../README.md")]

pub mod apply;
mod assume;
pub mod base64;
pub mod codes;
mod crowds;
pub mod defaults;
mod findings;
mod fragments;
mod help;
pub mod limits;
mod live;
mod model;
mod notes;
mod paste;
pub mod qos;
pub mod quantity;
mod read;
mod relations;
pub mod scenario;
pub mod schema;
mod simulated;
mod time;
pub mod validate;
mod value;
mod versions;
pub mod yaml;

pub use assume::{ANNOTATION as ASSUMED, Assumption, NodeWish};
pub use live::Aside;
pub use model::{
    DefaultFilled, Diagnostic, Edit, NotSimulated, Object, Observed, Reading, Scenario, Severity,
    Stage, in_order,
};
pub use paste::{Action as PasteAction, Paste, PasteKind};
pub use podplay_api::{Assume, Topic};
pub use read::{read, read_as};
pub use yaml::{FieldSpan, Span, Spans};
