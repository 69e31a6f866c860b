//! A pod's containers and sandboxes as the last relist saw them.

use super::worker::{Sandbox, Worker};
use crate::ids::ContainerIx;
use crate::runtime::instance::InstanceStatus;
use podplay_api::SimTime;

/// A pod's containers and sandboxes as the last relist saw them.
#[derive(Clone, Debug, Default)]
pub struct RuntimeView {
    /// Instances of each container by index, the newest last.
    pub containers: Vec<Vec<InstanceStatus>>,
    /// The newest sandbox last.
    pub sandboxes: Vec<Sandbox>,
    /// When it was taken.
    pub at: SimTime,
}

impl RuntimeView {
    /// The runtime as it is now.
    pub fn of(worker: &Worker, at: SimTime) -> Self {
        let containers = worker
            .containers
            .iter()
            .map(|rt| rt.instances.iter().map(|instance| instance.status.clone()).collect())
            .collect();
        Self { containers, sandboxes: worker.sandboxes.clone(), at }
    }
    /// Whether another view, of whatever time, shows the same.
    pub(super) fn shows_the_same(&self, other: &Self) -> bool {
        self.containers == other.containers && self.sandboxes == other.sandboxes
    }
    /// The instances of a container, the newest last.
    pub fn instances(&self, ix: ContainerIx) -> &[InstanceStatus] {
        self.containers.get(usize::from(ix)).map(Vec::as_slice).unwrap_or_default()
    }
    /// The newest instance of a container.
    pub fn newest(&self, ix: ContainerIx) -> Option<&InstanceStatus> {
        self.instances(ix).last()
    }
    /// The newest sandbox.
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.sandboxes.last()
    }
}
