//! What moves a sync on: steps that are added, waits that are poked, ends that it waits for.

use super::task::{Flow, Step};
use super::worker::KillStage;
use crate::ids::{ContainerIx, Uid};
use crate::queue::Timer;
use crate::world::World;
use podplay_api::SimTime;
use std::sync::Arc;
use std::time::Duration;

/// How long the kubelet needs for things that are neither modelled nor worth a setting of their own.
pub const SMALL: Duration = Duration::from_millis(5);

/// Something that a blocked step waits for may have happened.
pub fn poke_task(world: &mut World, uid: Uid) {
    if world.workers.get(&uid).is_some_and(|worker| worker.task.is_some()) {
        world.arm_at(Timer::PodTask(uid), world.now);
    }
}

/// Puts steps before the rest of the task.
pub fn push_front(
    world: &mut World,
    uid: Uid,
    steps: impl IntoIterator<Item = Step, IntoIter: DoubleEndedIterator>,
) {
    if let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) {
        for step in steps.into_iter().rev() {
            task.steps.push_front(step);
        }
    }
}

pub(super) fn sleep(world: &mut World, uid: Uid, until: SimTime) -> Flow {
    if world.now >= until {
        return Flow::Next;
    }
    world.arm_at(Timer::PodTask(uid), until);
    Flow::Wait
}

pub(super) fn mark_acted(world: &mut World, uid: Uid) {
    if let Some(task) = world.workers.get_mut(&uid).and_then(|worker| worker.task.as_mut()) {
        task.acted = true;
    }
}

/// A container that was being stopped has ended.
pub fn stopped(world: &mut World, uid: Uid, ix: ContainerIx) {
    world.queue.cancel(&Timer::Kill(uid, ix));
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if let Some(rt) = worker.rt_mut(ix) {
        rt.kill = None;
    }
    let turns: Vec<ContainerIx> = worker
        .indexes()
        .filter(|&other| {
            worker
                .rt(other)
                .and_then(|rt| rt.kill.as_ref())
                .is_some_and(|kill| kill.stage == KillStage::Turn)
        })
        .collect();
    for other in turns {
        world.arm_at(Timer::Kill(uid, other), world.now);
    }
    poke_task(world, uid);
}

/// A container ended while it was being stopped: its hook ends with it.
pub fn exited(world: &mut World, uid: Uid, ix: ContainerIx) {
    let stage = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.rt(ix))
        .and_then(|rt| rt.kill.as_ref())
        .map(|kill| kill.stage);
    match stage {
        Some(KillStage::Stopping(_) | KillStage::Turn) => stopped(world, uid, ix),
        Some(KillStage::PreStop) | None => {}
    }
}

/// Something changed in the runtime: the next relist will see it.
pub fn runtime_changed(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let node = Arc::clone(&worker.node);
    let Some(agent) = world.nodes.get(&node) else { return };
    if agent.up {
        let at = agent.next_relist(world.now);
        world.arm_earlier(Timer::Relist(node), at);
    }
}
