//! The controllers' work queues: one slot for each object, delayed entries, and the rate limiter after errors.
//!
//! Models `staging/client-go/util/workqueue/{delaying_queue,default_rate_limiters}.go`.

use super::state::Item;
use crate::apiserver::store::Key;
use crate::config::Profile;
use crate::queue::Timer;
use crate::world::World;
use std::sync::Arc;
use std::time::Duration;

/// First delay after an error; it doubles.
const FIRST_DELAY: Duration = Duration::from_millis(5);
/// Longest delay after an error.
const LONGEST_DELAY: Duration = Duration::from_secs(1000);

/// Time from a change to the controller's sync.
fn latency(world: &World, kind: &str) -> Duration {
    if world.config.profile == Profile::Instant {
        return Duration::ZERO;
    }
    Duration::from_millis(match kind {
        "Deployment" | "EndpointSlice" => 8,
        "CronJob" | "GarbageCollector" => 15,
        "NodeLifecycle" => 20,
        "Job" => 4,
        "ReplicaSet" | "ReplicationController" => 3,
        "PodDisruptionBudget" | "ResourceQuota" => 12,
        _ => 6,
    })
}

fn timer((kind, namespace, name): &Item) -> Timer {
    Timer::Controller(kind, Arc::clone(namespace), Arc::clone(name))
}

fn item(kind: &'static str, key: &Key) -> Item {
    (kind, Arc::clone(&key.namespace), Arc::clone(&key.name))
}

/// The object changed: the controller looks at it in a moment.
pub fn soon(world: &mut World, kind: &'static str, key: &Key) {
    let at = world.now + latency(world, kind);
    world.arm_earlier(timer(&item(kind, key)), at);
}

/// The controller looks at the object again after `delay`, or earlier.
pub fn after(world: &mut World, kind: &'static str, key: &Key, delay: Duration) {
    let (item, at) = (item(kind, key), world.now + delay);
    let later = world.controllers.work.later.entry(item.clone()).or_insert(at);
    *later = at.min(*later);
    world.arm_earlier(timer(&item), at);
}

/// The sync failed: the object is tried again, later and later.
pub fn failed(world: &mut World, kind: &'static str, key: &Key) {
    let failures = world.controllers.work.failures.entry(item(kind, key)).or_default();
    let delay = FIRST_DELAY.saturating_mul(1 << (*failures).min(30)).min(LONGEST_DELAY);
    *failures += 1;
    after(world, kind, key, delay);
}

/// The sync succeeded: earlier errors are forgotten.
pub fn succeeded(world: &mut World, kind: &'static str, key: &Key) {
    world.controllers.work.failures.remove(&item(kind, key));
}

/// Whether the last sync failed.
pub fn is_failing(world: &World, kind: &'static str, key: &Key) -> bool {
    world.controllers.work.failures.contains_key(&item(kind, key))
}

/// A sync begins: a delayed entry that is not due yet stays.
pub(super) fn taken(world: &mut World, kind: &'static str, key: &Key) {
    let item = item(kind, key);
    match world.controllers.work.later.get(&item).copied() {
        Some(at) if at <= world.now => {
            world.controllers.work.later.remove(&item);
        }
        Some(at) => world.arm_earlier(timer(&item), at),
        None => {}
    }
}
