//! What is broken at the moment for a container of the world: [`Rules`] asked with the container's place.
//! What happens at once when a fault begins or ends is in `crate::impact`.

pub mod rules;

pub use rules::{HookFault, NodeHealth, Rule, Rules, Spot};

use crate::ids::{ContainerIx, RecordId, Uid};
use crate::world::World;
use std::time::Duration;

/// Asks the rules in force about a container, or about a pod as a whole.
fn ask<'a, T>(
    world: &'a World,
    uid: Uid,
    ix: Option<ContainerIx>,
    question: impl FnOnce(&'a Rules, &Spot<'a>) -> Option<T>,
) -> Option<T> {
    if world.faults.is_empty() {
        return None;
    }
    question(&world.faults, &world.spot(uid, ix)?)
}

/// The container is alive and answers nothing.
pub fn hangs(world: &World, uid: Uid, ix: ContainerIx) -> Option<RecordId> {
    ask(world, uid, Some(ix), Rules::hangs)
}
/// The container listens on nothing.
pub fn refuses(world: &World, uid: Uid, ix: ContainerIx) -> Option<RecordId> {
    ask(world, uid, Some(ix), Rules::refuses)
}
/// The container does not react to the stop signal.
pub fn ignores_sigterm(world: &World, uid: Uid, ix: ContainerIx) -> Option<RecordId> {
    ask(world, uid, Some(ix), Rules::ignores_sigterm)
}
/// How much later the container answers.
pub fn slow(world: &World, uid: Uid, ix: ContainerIx) -> Option<(Duration, RecordId)> {
    ask(world, uid, Some(ix), Rules::slow)
}
/// How much later the container starts.
pub fn slow_start(world: &World, uid: Uid, ix: ContainerIx) -> Option<(Duration, RecordId)> {
    ask(world, uid, Some(ix), Rules::slow_start)
}
/// The status that a fault answers a path with.
pub fn http_status(
    world: &World,
    uid: Uid,
    ix: ContainerIx,
    path: &str,
) -> Option<(u16, RecordId)> {
    ask(world, uid, Some(ix), |rules, spot| rules.http_status(spot, path))
}
/// Hooks of the container fail or hang.
pub fn hook(world: &World, uid: Uid, ix: ContainerIx) -> Option<(HookFault, RecordId)> {
    ask(world, uid, Some(ix), Rules::hook)
}
/// ConfigMaps and Secrets of the pod are gone.
pub fn config_missing(world: &World, uid: Uid) -> Option<RecordId> {
    ask(world, uid, None, Rules::config_missing)
}
/// Nobody outside the node reaches the pod.
pub fn partitioned(world: &World, uid: Uid) -> Option<RecordId> {
    ask(world, uid, None, Rules::partitioned)
}
