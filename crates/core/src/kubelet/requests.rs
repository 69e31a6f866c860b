//! Asking for a sync of a pod.

use super::worker::Stage;
use crate::ids::Uid;
use crate::queue::Timer;
use crate::world::World;
use podplay_api::SimTime;
use std::sync::Arc;
use std::time::Duration;

/// Asks for a sync of a pod as soon as its worker is free.
pub fn request(world: &mut World, uid: Uid) {
    request_at(world, uid, world.now);
}

/// Asks for a sync of a pod at `at`, or later if its worker is not free.
pub(super) fn request_at(world: &mut World, uid: Uid, at: SimTime) {
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.settled = false;
    }
    ask(world, uid, at);
}

/// As [`request_at`], of a pod in which nothing has changed.
pub(super) fn ask(world: &mut World, uid: Uid, at: SimTime) {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.stage == Stage::Finished {
        return;
    }
    worker.pending = true;
    if worker.task.is_some() {
        return;
    }
    let node = Arc::clone(&worker.node);
    let last = worker.last_sync;
    let seen = worker.view.at;
    let each = world.config.latencies.sync;
    let Some(agent) = world.nodes.get_mut(&node) else { return };
    if !agent.up {
        return;
    }
    let at = at.max(agent.syncs_from);
    // The worker waits until the runtime cache is newer than the end of its last sync.
    let at = match last {
        Some(last) if last >= seen && last >= agent.last_relist(now) => {
            let relist = agent.next_relist(last);
            let armed = world.queue.armed_at(&Timer::PodSync(uid));
            if armed.is_some_and(|armed| armed <= at.max(relist + LONGEST_TURN)) {
                return;
            }
            agent.turn(relist, each).min(relist + LONGEST_TURN).max(at)
        }
        _ => at,
    };
    world.arm_earlier(Timer::PodSync(uid), at);
}

/// Workers that wait for one relist have all had their turn by then.
const LONGEST_TURN: Duration = Duration::from_millis(500);
