//! Text to objects and diagnostics with places: read, complete, decode, default, validate.
//!
//! Speaks with the words of kubectl and the API server. Never fails and never panics: any text
//! ends in objects, diagnostics, or both.

pub mod limits;
mod model;
pub mod yaml;

pub use model::{
    DefaultFilled, Diagnostic, Edit, NotSimulated, Object, Reading, Scenario, Severity, Stage,
};
pub use yaml::{FieldSpan, Span, Spans};
