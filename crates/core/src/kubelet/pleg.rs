//! The pod lifecycle event generator: once a second the runtime is listed, and what changed leads to syncs.
//!
//! Models `pkg/kubelet/pleg/generic.go` and `pkg/kubelet/container/cache.go`.

use super::pod_worker;
use crate::ids::Uid;
use crate::kubelet::view::RuntimeView;
use crate::runtime::instance::{InstanceState, InstanceStatus};
use crate::world::World;
use std::sync::Arc;

/// The relist of a node.
pub fn relist(world: &mut World, node: &Arc<str>) {
    if !world.nodes.get(node).is_some_and(|agent| agent.up) {
        return;
    }
    let pods: Vec<Uid> = world
        .workers
        .values()
        .filter(|worker| worker.node == *node)
        .map(|worker| worker.uid)
        .collect();
    for uid in pods {
        relist_pod(world, uid);
    }
}

/// The relist of one pod: refreshes the cache, and asks for a sync if a container or the sandbox started or died.
pub fn relist_pod(world: &mut World, uid: Uid) {
    let events = refresh(world, uid);
    pod_worker::relisted(world, uid, events);
}

/// Refreshes the cache and says how many events that makes.
fn refresh(world: &mut World, uid: Uid) -> usize {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return 0 };
    let view = RuntimeView::of(worker, now);
    let events = events_between(&worker.view, &view);
    worker.settled &= worker.view.shows_the_same(&view);
    worker.view = view;
    events.max(usize::from(std::mem::take(&mut worker.reinspect)))
}

/// The relist that a sync asks for itself once it has changed something: the cache is newer than the sync's end.
pub fn relist_on_demand(world: &mut World, uid: Uid) {
    let events = refresh(world, uid);
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.view.at += std::time::Duration::from_nanos(1);
        worker.pending |= events > 0;
        worker.more_events = events > 1;
    }
}

/// A sync begins: the cache is older than its end, even if no time passes between, unless the sync asks for a relist.
pub fn sync_begins(world: &mut World, uid: Uid) {
    let now = world.now;
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.view.at = worker.view.at.min(now);
    }
}

/// Before a sync: the cache is at least as new as the last tick of the relist.
pub fn refresh_if_stale(world: &mut World, uid: Uid) {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let Some(agent) = world.nodes.get(&worker.node) else { return };
    let tick = agent.last_relist(now);
    if worker.view.at < tick {
        worker.view.at = tick;
    }
}

/// How many containers and sandboxes started or died between two views. A container that was merely created, or
/// removed, does not count.
fn events_between(old: &RuntimeView, new: &RuntimeView) -> usize {
    let sandbox =
        |view: &RuntimeView| view.sandbox().map(|sandbox| (sandbox.attempt, sandbox.ready));
    let of_sandbox = usize::from(sandbox(old) != sandbox(new));
    let of_containers = new.containers.iter().enumerate().map(|(ix, instances)| {
        let before = old.containers.get(ix).map(Vec::as_slice).unwrap_or_default();
        let changed = |instance: &&InstanceStatus| {
            let known = before.iter().find(|other| other.id == instance.id);
            known.map(|other| other.state) != Some(instance.state)
                && instance.state != InstanceState::Created
        };
        instances.iter().filter(changed).count()
    });
    of_sandbox + of_containers.sum::<usize>()
}
