//! What autoscalers keep between syncs.

use podplay_api::SimTime;
use std::collections::BTreeMap;

/// What an autoscaler keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Autoscaler {
    pub(crate) memory: Memory,
    pub(crate) samples: Samples,
}

/// What an autoscaler remembers: recommendations, and changes in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    pub(crate) recommended: Vec<(SimTime, i64)>,
    pub(crate) up: Vec<(SimTime, i64)>,
    pub(crate) down: Vec<(SimTime, i64)>,
}

/// Requests that each pod of an autoscaler had answered, and when that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    pub(super) read: BTreeMap<String, (SimTime, u64)>,
}
