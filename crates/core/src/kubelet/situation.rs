//! What compute-actions sees of a pod.

use super::compute_actions::{Observed, Seen, Situation};
use super::resize;
use crate::ids::Uid;
use crate::runtime::instance::InstanceState;
use crate::world::World;

/// What compute-actions sees of a pod: the cached view of the runtime, and the probes' results.
pub fn situation(world: &World, uid: Uid) -> Option<Situation<'_>> {
    let worker = world.workers.get(&uid)?;
    let containers = worker
        .indexes()
        .map(|ix| {
            let newest = worker.view.newest(ix)?;
            let spec = worker.spec(ix)?;
            let state = match newest.state {
                InstanceState::Created => Observed::Created,
                InstanceState::Running => Observed::Running,
                InstanceState::Exited => Observed::Exited(newest.exit_code),
            };
            let (alive, started) = worker.results.of(newest.id);
            Some(Seen {
                id: newest.id,
                state,
                changed: *newest.image != *spec.image,
                alive,
                started,
                resize: resize::wanted(worker, ix),
            })
        })
        .collect();
    let sandbox = worker.view.sandbox().map(|sandbox| (sandbox.attempt, sandbox.ready));
    Some(Situation {
        spec: &worker.pod.spec,
        sandbox,
        containers,
        restart_all: worker.restarting_all,
    })
}
