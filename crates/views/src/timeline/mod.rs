//! The timeline: lanes built from a trace record by record.
//!
//! [`Builder::push`] takes records in order, so a growing run is appended to, never built again. What is built is
//! plain data, [`podplay_timeline`], which also has the geometry from lanes to pixels.

mod build;
mod objects;
#[cfg(test)]
mod tests;

pub use podplay_timeline::*;

use podplay_api::{Pod, SimTime};
use podplay_core::record::PodRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Builds the lanes of a run.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    timeline: Timeline,
    /// The pods as they were stored last.
    last: Vec<Arc<Pod>>,
    by_ref: BTreeMap<PodRef, u32>,
}

impl Builder {
    /// What has been built.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }
    fn changed(&mut self, at: SimTime) {
        if self.timeline.changes.last() != Some(&at) {
            self.timeline.changes.push(at);
        }
    }
}
