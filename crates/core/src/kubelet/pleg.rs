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

#[cfg(test)]
mod tests {
    use super::{InstanceState, InstanceStatus, RuntimeView, events_between};
    use crate::ids::InstanceId;
    use crate::kubelet::worker::Sandbox;
    use crate::runtime::instance::Shown;
    use podplay_api::{LinuxUser, ResourceRequirements, SimTime};
    use std::sync::Arc;

    fn instance(id: u32, state: InstanceState) -> InstanceStatus {
        let shown = Shown {
            container_id: String::new(),
            image: String::new(),
            image_id: String::new(),
            resources: ResourceRequirements::default(),
            user: LinuxUser::default(),
        };
        InstanceStatus {
            id: InstanceId(id),
            state,
            restart: 0,
            created_at: SimTime::ZERO,
            started_at: None,
            finished_at: None,
            exit_code: 0,
            reason: Arc::from(""),
            message: String::new(),
            image: Arc::from(""),
            shown: Arc::new(shown),
        }
    }

    #[test]
    fn starts_and_ends_are_events() {
        use InstanceState::{Created, Exited, Running};
        let view = |ready: bool, instances: &[(u32, InstanceState)]| RuntimeView {
            containers: vec![instances.iter().map(|(id, state)| instance(*id, *state)).collect()],
            sandboxes: vec![Sandbox { attempt: 0, ready, ip: Arc::from("") }],
            at: SimTime::ZERO,
        };
        for (name, old, new, events) in [
            ("nothing new", view(true, &[(1, Running)]), view(true, &[(1, Running)]), 0),
            ("created", view(true, &[]), view(true, &[(1, Created)]), 0),
            ("started", view(true, &[(1, Created)]), view(true, &[(1, Running)]), 1),
            ("ended", view(true, &[(1, Running)]), view(true, &[(1, Exited)]), 1),
            (
                "started anew",
                view(true, &[(1, Running)]),
                view(true, &[(1, Exited), (2, Running)]),
                2,
            ),
            ("removed", view(true, &[(1, Exited), (2, Running)]), view(true, &[(2, Running)]), 0),
            ("the sandbox is gone", view(true, &[(1, Running)]), view(false, &[(1, Exited)]), 2),
        ] {
            assert_eq!(events_between(&old, &new), events, "{name}");
        }
    }
}
