//! The status of a Deployment and its conditions.
//!
//! Models `pkg/controller/deployment/{sync,progress}.go` and `util/deployment_util.go`.

use super::numbers::Bounds;
use super::{Set, View};
use crate::apiserver;
use crate::apiserver::store::Key;
use crate::controllers::common::{count, put_count};
use crate::controllers::work;
use crate::world::World;
use podplay_api::{Map, Timestamp, Value, json};
use std::time::Duration;

/// A condition to set.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its type.
    pub kind: &'static str,
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// One word.
    pub reason: &'static str,
    /// For people.
    pub message: String,
}

impl Condition {
    /// Sets it in a list, unless it is there with the same status and reason. It moves to the end.
    fn put(self, list: &mut Vec<Value>, wall: Timestamp) {
        let mut since = json!(wall.to_string());
        if let Some(at) = list.iter().position(|old| old["type"] == self.kind) {
            if list[at]["status"] == self.status && list[at]["reason"] == self.reason {
                return;
            }
            let old = list.remove(at);
            if old["status"] == self.status {
                since = old["lastTransitionTime"].clone();
            }
        }
        list.push(json!({"type": self.kind, "status": self.status, "reason": self.reason, "message": self.message,
            "lastUpdateTime": wall.to_string(), "lastTransitionTime": since}));
    }
}

/// Writes one condition.
pub fn put_condition(world: &mut World, key: &Key, condition: Condition) {
    let Some(resource) = world.store.resource(&key.kind, &key.namespace, &key.name) else { return };
    let mut status = (*resource.status).clone();
    let mut list = status["conditions"].as_array().cloned().unwrap_or_default();
    condition.put(&mut list, world.wall());
    if status.is_null() {
        status = json!({});
    }
    status["conditions"] = json!(list);
    apiserver::set_object_status(world, key, status);
}

/// Sets or ends the condition that the rollout is paused.
pub fn note_pause(world: &mut World, view: &View) {
    if !view.has_deadline() {
        return;
    }
    let reason = progressing(view.conditions()).map(|condition| condition["reason"].clone());
    let reason = reason.as_ref().and_then(Value::as_str);
    let (reason, message) = match (view.spec.paused, reason) {
        (_, Some("ProgressDeadlineExceeded")) => return,
        (true, Some("DeploymentPaused")) => return,
        (true, _) => ("DeploymentPaused", "Deployment is paused"),
        (false, Some("DeploymentPaused")) => ("DeploymentResumed", "Deployment is resumed"),
        (false, _) => return,
    };
    let condition =
        Condition { kind: "Progressing", status: "Unknown", reason, message: message.into() };
    put_condition(world, &view.key, condition);
}

fn progressing(conditions: &[Value]) -> Option<&Value> {
    conditions.iter().find(|condition| condition["type"] == "Progressing")
}

/// The counts of all ReplicaSets, and the condition `Available`.
fn counted(world: &World, view: &View, new: Option<&Set>, all: &[&Set]) -> Map<String, Value> {
    let sum = |field: &str| all.iter().map(|set| set.counted(field)).sum::<i64>();
    let bounds = Bounds::of(&view.spec);
    let (available, total) =
        (sum("availableReplicas"), all.iter().map(|set| set.size()).sum::<i64>());
    let mut status = Map::new();
    put_count(&mut status, "observedGeneration", view.resource.meta.generation.unwrap_or(1));
    put_count(&mut status, "replicas", sum("replicas"));
    put_count(&mut status, "updatedReplicas", new.map_or(0, |set| set.counted("replicas")));
    put_count(&mut status, "readyReplicas", sum("readyReplicas"));
    put_count(&mut status, "availableReplicas", available);
    put_count(&mut status, "unavailableReplicas", (total - available).max(0));
    status.insert("terminatingReplicas".into(), json!(sum("terminatingReplicas")));
    put_count(&mut status, "collisionCount", count(&view.resource.status, "collisionCount"));
    let (value, reason, message) = if available >= bounds.replicas - bounds.max_unavailable() {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    let mut conditions = view.conditions().to_vec();
    let condition = Condition { kind: "Available", status: value, reason, message: message.into() };
    condition.put(&mut conditions, world.wall());
    status.insert("conditions".into(), json!(conditions));
    status
}

/// Status without the progress of a rollout: while paused, scaled, or deleted.
pub fn sync_only(world: &mut World, view: &View, new: Option<&Set>, all: &[&Set]) {
    let status = counted(world, view, new, all);
    apiserver::set_object_status(world, &view.key, Value::Object(status));
}

/// Whether a status says that the rollout is complete.
pub fn is_complete(view: &View, status: &Value) -> bool {
    let wanted = view.spec.replicas.unwrap_or(1);
    let generation = view.resource.meta.generation.unwrap_or(1);
    ["updatedReplicas", "replicas", "availableReplicas"].iter().all(|f| count(status, f) == wanted)
        && count(status, "observedGeneration") >= generation
}

fn has_progressed(old: &Value, new: &Value) -> bool {
    let of = |status: &Value| {
        let updated = count(status, "updatedReplicas");
        (updated, count(status, "replicas") - updated)
    };
    of(new).0 > of(old).0
        || of(new).1 < of(old).1
        || count(new, "readyReplicas") > count(old, "readyReplicas")
        || count(new, "availableReplicas") > count(old, "availableReplicas")
}

/// Nanoseconds until the progress deadline, negative once it is over.
fn time_left(world: &World, view: &View, condition: &Value) -> i64 {
    let since = condition["lastUpdateTime"].as_str().and_then(Timestamp::parse).unwrap_or_default();
    let deadline = view.spec.progress_deadline_seconds.unwrap_or(600);
    since.0.saturating_add(deadline.saturating_mul(1_000_000_000)) - world.wall().0
}

/// Status with the progress of the rollout.
pub fn sync_rollout(world: &mut World, view: &View, new: Option<&Set>, all: &[&Set]) {
    let mut status = Value::Object(counted(world, view, new, all));
    let wall = world.wall();
    let mut conditions = status["conditions"].as_array().cloned().unwrap_or_default();
    if !view.has_deadline() {
        conditions.retain(|condition| condition["type"] != "Progressing");
    }
    let current = progressing(view.conditions()).cloned();
    let settled = count(&status, "replicas") == count(&status, "updatedReplicas")
        && current.as_ref().is_some_and(|c| c["reason"] == "NewReplicaSetAvailable");
    if view.has_deadline() && !settled {
        progress(world, view, new, &status, &mut conditions);
    }
    let failure = new.into_iter().chain(all.iter().copied()).find_map(Set::failure);
    conditions.retain(|c| c["type"] != "ReplicaFailure" || failure.is_some());
    if let Some((reason, message)) = failure {
        let known =
            conditions.iter().any(|c| c["type"] == "ReplicaFailure" && c["reason"] == *reason);
        if !known {
            conditions.retain(|c| c["type"] != "ReplicaFailure");
            conditions.push(json!({"type": "ReplicaFailure", "status": "True", "reason": reason, "message": message,
                "lastUpdateTime": wall.to_string(), "lastTransitionTime": wall.to_string()}));
        }
    }
    status["conditions"] = json!(conditions);
    let stuck = !is_complete(view, &status);
    apiserver::set_object_status(world, &view.key, status);
    if let Some(condition) = progressing(&conditions).filter(|_| view.has_deadline() && stuck)
        && condition["reason"] != "ProgressDeadlineExceeded"
    {
        let left = u64::try_from(time_left(world, view, condition)).unwrap_or(0);
        work::after(
            world,
            "Deployment",
            &view.key,
            Duration::from_nanos(left) + Duration::from_secs(1),
        );
    }
}

/// Sets the condition `Progressing`.
fn progress(world: &World, view: &View, new: Option<&Set>, status: &Value, list: &mut Vec<Value>) {
    let subject = match new {
        Some(set) => format!("ReplicaSet \"{}\"", set.key.name),
        None => format!("Deployment \"{}\"", view.key.name),
    };
    let condition = |status, reason, message: &str| Condition {
        kind: "Progressing",
        status,
        reason,
        message: format!("{subject} {message}"),
    };
    let wall = world.wall();
    let current = progressing(list).cloned();
    if is_complete(view, status) {
        condition("True", "NewReplicaSetAvailable", "has successfully progressed.").put(list, wall);
    } else if has_progressed(&view.resource.status, status) {
        let next = condition("True", "ReplicaSetUpdated", "is progressing.");
        let since = current.filter(|old| old["status"] == "True");
        list.retain(|old| old["type"] != "Progressing");
        next.put(list, wall);
        if let (Some(old), Some(new)) = (since, list.last_mut()) {
            new["lastTransitionTime"] = old["lastTransitionTime"].clone();
        }
    } else if current.is_some_and(|current| timed_out(world, view, &current)) {
        condition("False", "ProgressDeadlineExceeded", "has timed out progressing.")
            .put(list, wall);
    }
}

fn timed_out(world: &World, view: &View, current: &Value) -> bool {
    match current["reason"].as_str().unwrap_or_default() {
        "NewReplicaSetAvailable" => false,
        "ProgressDeadlineExceeded" => true,
        _ => time_left(world, view, current) < 0,
    }
}
