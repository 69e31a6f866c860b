//! The status of a StatefulSet.

use super::{View, is_running_and_ready};
use crate::apiserver;
use crate::controllers::common::{available, count, len, pods_of, put_count};
use crate::controllers::history::LABEL;
use crate::controllers::work;
use crate::world::World;
use podplay_api::{Map, Pod, PodPhase, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Counts the pods and writes the status.
pub fn write(world: &mut World, view: &View) {
    let update = &*view.update.key.name;
    let pods: Vec<Arc<Pod>> =
        pods_of(world, &view.resource.meta.uid).into_iter().map(|(_, pod)| pod).collect();
    let number = |wanted: &dyn Fn(&Pod) -> bool| len(pods.iter().filter(|pod| wanted(pod)).count());
    let of = |pod: &Pod, revision: &str| {
        pod.meta.deletion_timestamp.is_none()
            && pod.meta.labels.get(LABEL).is_some_and(|label| label == revision)
    };
    let replicas = number(&|_| true);
    let ready = number(&is_running_and_ready);
    let min_ready = view.spec.min_ready_seconds;
    let usable =
        number(&|pod| is_running_and_ready(pod) && available(world, pod, min_ready).is_ok());
    let updated = number(&|pod| of(pod, update));
    let mut current_count = number(&|pod| of(pod, &view.current));
    let mut current = view.current.clone();
    let wanted = view.spec.replicas.unwrap_or(1);
    let rolling = view.spec.update_strategy.kind != "OnDelete";
    if rolling && updated == wanted && ready == wanted && replicas == wanted {
        (current_count, current) = (updated, update.to_string());
    }
    let mut status = Map::new();
    put_count(&mut status, "observedGeneration", view.resource.meta.generation.unwrap_or(1));
    status.insert("replicas".into(), json!(replicas));
    put_count(&mut status, "readyReplicas", ready);
    put_count(&mut status, "currentReplicas", current_count);
    put_count(&mut status, "updatedReplicas", updated);
    status.insert("currentRevision".into(), json!(current));
    status.insert("updateRevision".into(), json!(update));
    status.insert("collisionCount".into(), json!(count(&view.resource.status, "collisionCount")));
    status.insert("availableReplicas".into(), json!(usable));
    let waiting = ready != usable;
    let soonest = pods
        .iter()
        .filter(|pod| pod.status.phase == PodPhase::Running)
        .filter_map(|pod| available(world, pod, min_ready).err().flatten())
        .min();
    apiserver::set_object_status(world, &view.key, Value::Object(status));
    if let Some(left) = soonest.filter(|_| waiting) {
        work::after(world, "StatefulSet", &view.key, left + Duration::from_millis(5));
    }
}
