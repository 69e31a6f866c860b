//! Pods whose regular sync has nothing to do: it is not computed again until something changes.
//!
//! Whatever a sync looks at clears [`crate::kubelet::worker::Worker::settled`] when it changes: the API object, a status that another
//! writes, the view of the runtime, a probe's result, every request for a sync but the regular one.

use super::{compute_actions, prober, status, volumes};
use crate::ids::Uid;
use crate::world::World;

/// The next regular sync of the pod must look again.
pub fn unsettle(world: &mut World, uid: Uid) {
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.settled = false;
    }
}

/// Whether a sync would indeed find nothing to do.
pub fn nothing_to_do(world: &World, uid: Uid) -> bool {
    status::is_current(world, uid)
        && volumes::ready(world, uid)
        && prober::all_present(world, uid)
        && super::situation::situation(world, uid)
            .is_some_and(|found| compute_actions::compute(&found).is_empty())
}
