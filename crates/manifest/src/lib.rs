//! Text to objects and diagnostics with places: read, complete, decode, default, validate.
//!
//! Speaks with the words of kubectl and the API server. Never fails and never panics: any text
//! ends in objects, diagnostics, or both.

pub mod apply;
pub mod base64;
pub mod codes;
pub mod defaults;
mod findings;
mod fragments;
mod help;
pub mod limits;
mod model;
pub mod qos;
pub mod quantity;
mod read;
pub mod scenario;
pub mod schema;
mod simulated;
mod time;
pub mod validate;
mod value;
pub mod yaml;

pub use model::{
    DefaultFilled, Diagnostic, Edit, NotSimulated, Object, Reading, Scenario, Severity, Stage,
    in_order,
};
pub use read::read;
pub use yaml::{FieldSpan, Span, Spans};
