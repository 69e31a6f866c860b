//! StatefulSets: pods with names of their own, one after another.
//!
//! Models `pkg/controller/statefulset/{stateful_set,stateful_set_control,stateful_set_utils}.go`.

pub mod identity;
pub mod status;

use super::common::{Numbered, available, claim, is_ready, is_terminating, stored};
use super::history::{self, Revision};
use super::work;
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::events;
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{EventType, Pod, PodPhase, StatefulSetSpec};
use std::sync::Arc;
use std::time::Duration;

const SOURCE: &str = "statefulset-controller";

/// A StatefulSet as a sync sees it.
pub struct View {
    key: Key,
    resource: Resource,
    spec: StatefulSetSpec,
    current: String,
    update: Revision,
    /// One slot for each ordinal that is wanted.
    slots: Vec<Option<Numbered>>,
    /// Pods beyond them, highest ordinal first.
    condemned: Vec<Numbered>,
    pods: Vec<Numbered>,
}

impl View {
    fn ordered(&self) -> bool {
        self.spec.pod_management_policy != "Parallel"
    }
    fn start(&self) -> i64 {
        self.spec.ordinals.start
    }
    fn is_healthy(&self, pod: &Pod) -> bool {
        is_running_and_ready(pod) && pod.meta.deletion_timestamp.is_none()
    }
}

/// Phase Running and condition Ready.
fn is_running_and_ready(pod: &Pod) -> bool {
    pod.status.phase == PodPhase::Running && is_ready(pod)
}

/// What a sync found at a pod.
enum Next {
    /// The next pod may be looked at.
    GoOn,
    /// Nothing more now.
    Stop,
}

/// One look at a StatefulSet.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("StatefulSet", namespace, name);
    let Some(resource) = stored(world, &key) else { return };
    let spec: StatefulSetSpec = resource.typed_spec();
    claim(world, &key, &resource, &spec.selector);
    let Some(update) = history::current(world, &key, &resource) else { return };
    let known = resource.status["currentRevision"].as_str().unwrap_or_default().to_string();
    let exists = history::revisions(world, &key, &resource).iter().any(|r| *r.key.name == *known);
    let current = if exists { known } else { update.key.name.to_string() };
    let view = gather(world, key, resource, spec, current, update);
    if view.resource.meta.deletion_timestamp.is_none() {
        step(world, &view);
    }
    status::write(world, &view);
    let mut used = vec![view.current.clone(), view.update.key.name.to_string()];
    used.extend(
        view.pods.iter().filter_map(|(_, pod)| pod.meta.labels.get(history::LABEL).cloned()),
    );
    history::truncate(world, &view.key, &view.resource, view.spec.revision_history_limit, &used);
}

fn gather(
    world: &mut World,
    key: Key,
    resource: Resource,
    spec: StatefulSetSpec,
    current: String,
    update: Revision,
) -> View {
    let pods = claim(world, &key, &resource, &spec.selector);
    let wanted = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0);
    let mut slots: Vec<Option<Numbered>> = vec![None; wanted];
    let mut condemned = Vec::new();
    for (uid, pod) in &pods {
        let Some(ordinal) = identity::ordinal(&key.name, &pod.meta.name) else { continue };
        let place = usize::try_from(ordinal - spec.ordinals.start).ok();
        match place.and_then(|place| slots.get_mut(place)) {
            Some(slot) => *slot = Some((*uid, Arc::clone(pod))),
            None => condemned.push((ordinal, *uid, Arc::clone(pod))),
        }
    }
    condemned.sort_by_key(|(ordinal, ..)| std::cmp::Reverse(*ordinal));
    let condemned = condemned.into_iter().map(|(_, uid, pod)| (uid, pod)).collect();
    View { key, resource, spec, current, update, slots, condemned, pods }
}

/// Creates, deletes or replaces what comes next.
fn step(world: &mut World, view: &View) {
    let unhealthy = first_unhealthy(view);
    for place in 0..view.slots.len() {
        if matches!(replica(world, view, place), Next::Stop) {
            return;
        }
    }
    for (uid, pod) in &view.condemned {
        if is_terminating(pod) || pod.meta.deletion_timestamp.is_some() {
            if view.ordered() {
                return;
            }
            continue;
        }
        if view.ordered() && !view.is_healthy(pod) && Some(*uid) != unhealthy {
            return;
        }
        delete(world, view, *uid);
        if view.ordered() {
            return;
        }
    }
    if view.spec.update_strategy.kind != "OnDelete" {
        roll(world, view);
    }
}

/// The unhealthy pod of the lowest ordinal, those beyond the wanted number included.
fn first_unhealthy(view: &View) -> Option<Uid> {
    let all = view.slots.iter().flatten().chain(view.condemned.iter().rev());
    all.into_iter().find(|(_, pod)| !view.is_healthy(pod)).map(|(uid, _)| *uid)
}

/// One ordinal: made if it is missing, deleted if it ended, waited for if pods come one after another.
fn replica(world: &mut World, view: &View, place: usize) -> Next {
    let ordinal = view.start() + i64::try_from(place).unwrap_or(0);
    let wait = if view.ordered() { Next::Stop } else { Next::GoOn };
    let Some((uid, pod)) = &view.slots[place] else {
        identity::create(world, view, ordinal);
        return wait;
    };
    if pod.meta.deletion_timestamp.is_some() {
        return wait;
    }
    if pod.status.phase.is_terminal() {
        let failed = pod.status.phase == PodPhase::Failed;
        let (kind, reason, word) = if failed {
            (EventType::Warning, "RecreatingFailedPod", "failed")
        } else {
            (EventType::Normal, "RecreatingTerminatedPod", "terminated")
        };
        let (set, name) = (&view.key, &pod.meta.name);
        let message =
            format!("StatefulSet {}/{} is recreating {word} Pod {name}", set.namespace, set.name);
        events::about(world, set, SOURCE, kind, reason, &message);
        delete(world, view, *uid);
        return wait;
    }
    if !is_running_and_ready(pod) {
        return wait;
    }
    match available(world, pod, view.spec.min_ready_seconds) {
        Ok(()) => Next::GoOn,
        Err(left) => {
            let left = left.unwrap_or_default() + Duration::from_millis(5);
            work::after(world, "StatefulSet", &view.key, left);
            wait
        }
    }
}

/// Replaces the pod of the highest ordinal that has the old template, if all above it are healthy.
fn roll(world: &mut World, view: &View) {
    let partition =
        usize::try_from(view.spec.update_strategy.rolling_update.partition).unwrap_or(0);
    for slot in view.slots.iter().skip(partition).rev() {
        // One that was made by this very sync is not healthy yet.
        let Some((uid, pod)) = slot else { return };
        let revision = pod.meta.labels.get(history::LABEL).map_or("", String::as_str);
        let ending = pod.meta.deletion_timestamp.is_some();
        if revision != &*view.update.key.name && !ending {
            delete(world, view, *uid);
            return;
        }
        let settled =
            view.is_healthy(pod) && available(world, pod, view.spec.min_ready_seconds).is_ok();
        if !settled {
            return;
        }
    }
}

fn delete(world: &mut World, view: &View, uid: Uid) {
    let Some(name) = world.store.pod(uid).map(|pod| pod.meta.name.clone()) else { return };
    apiserver::delete_pod(world, uid, None);
    let message = format!("Delete Pod {name} in StatefulSet {} successful", view.key.name);
    events::about(world, &view.key, SOURCE, EventType::Normal, "SuccessfulDelete", &message);
}
