//! Which volumes of a pod are mounted.

use podplay_api::SimTime;
use std::collections::BTreeMap;
use std::time::Duration;

/// Which volumes are mounted.
#[derive(Clone, Debug, Default)]
pub struct Mounts {
    /// The first attempt was made.
    pub(super) started: bool,
    /// Everything is mounted, and the wait sees it then.
    pub(super) ready_at: Option<SimTime>,
    /// Pause before the next attempt, by volume.
    pub(super) retries: BTreeMap<String, Duration>,
    /// Volumes that are made of storage that outlives the pod, with its name.
    pub(crate) disks: Vec<(String, String)>,
}

impl Mounts {
    /// The volumes that failed to mount and are tried again.
    pub fn failing(&self) -> impl Iterator<Item = &str> {
        self.retries.keys().map(String::as_str)
    }
}
