//! What the lab's instruments share: a text made ready for many runs, entries of a timeline, and texts with them in.

mod ground;
mod lines;

pub(crate) use ground::{Ground, Lab, RPS, Served, WAKEUPS, Workload, well};
pub(crate) use lines::{Line, scenario, span_text};
