//! Conditions of a Job, its two-phase end, and what comes after it.
//!
//! Models `pkg/controller/job/job_controller.go` trackJobStatusAndRemoveFinalizers and `pkg/controller/ttlafterfinished`.

use super::{SOURCE, View};
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::command::{DeleteOptions, Propagation};
use crate::controllers::common::stored;
use crate::controllers::state::End;
use crate::controllers::work;
use crate::events;
use crate::world::World;
use podplay_api::{EventType, Timestamp, Value, json};
use std::time::Duration;

impl End {
    /// It succeeded.
    pub fn success(reason: &str, message: &str) -> Self {
        Self { success: true, reason: reason.into(), message: message.into() }
    }
    /// It failed.
    pub fn failure(reason: &str, message: &str) -> Self {
        Self { success: false, reason: reason.into(), message: message.into() }
    }
    /// The end that an interim condition announced.
    pub fn announced(status: &Value) -> Option<Self> {
        let list = status["conditions"].as_array()?;
        let of = |kind: &str, success| {
            let found = list.iter().find(|c| c["type"] == kind && c["status"] == "True")?;
            let text = |field: &str| found[field].as_str().unwrap_or_default().to_string();
            Some(Self { success, reason: text("reason"), message: text("message") })
        };
        of("FailureTarget", false).or_else(|| of("SuccessCriteriaMet", true))
    }
    /// Announces it.
    pub fn announce(&self, conditions: &mut Vec<Value>, wall: Timestamp) {
        let kind = if self.success { "SuccessCriteriaMet" } else { "FailureTarget" };
        ensure(conditions, kind, true, &self.reason, &self.message, wall);
    }
    /// Makes it final.
    pub fn conclude(&self, conditions: &mut Vec<Value>, wall: Timestamp) {
        let kind = if self.success { "Complete" } else { "Failed" };
        ensure(conditions, kind, true, &self.reason, &self.message, wall);
    }
    /// The event at the end.
    pub fn tell(&self, world: &mut World, key: &Key) {
        if self.success {
            events::about(world, key, SOURCE, EventType::Normal, "Completed", "Job completed");
        } else {
            events::about(world, key, SOURCE, EventType::Warning, &self.reason, &self.message);
        }
    }
}

/// Sets a condition in its place; one that is not there is not added as false. Returns whether something changed.
pub fn ensure(
    conditions: &mut Vec<Value>,
    kind: &str,
    value: bool,
    reason: &str,
    message: &str,
    wall: Timestamp,
) -> bool {
    let status = if value { "True" } else { "False" };
    let fresh = json!({"type": kind, "status": status, "reason": reason, "message": message,
        "lastProbeTime": wall.to_string(), "lastTransitionTime": wall.to_string()});
    match conditions.iter_mut().find(|condition| condition["type"] == kind) {
        Some(old)
            if old["status"] == status && old["reason"] == reason && old["message"] == message =>
        {
            false
        }
        Some(old) => {
            *old = fresh;
            true
        }
        None if value => {
            conditions.push(fresh);
            true
        }
        None => false,
    }
}

/// Whether a Job has ended, and when.
pub fn finished_at(resource: &Resource) -> Option<Timestamp> {
    let list = resource.status["conditions"].as_array()?;
    let last = |condition: &&Value| {
        (condition["type"] == "Complete" || condition["type"] == "Failed")
            && condition["status"] == "True"
    };
    let condition = list.iter().find(last)?;
    Timestamp::parse(condition["lastTransitionTime"].as_str()?)
}

/// Whether a condition of that type is true.
pub fn has(resource: &Resource, kind: &str) -> bool {
    resource.status["conditions"]
        .as_array()
        .is_some_and(|list| list.iter().any(|c| c["type"] == kind && c["status"] == "True"))
}

/// A finished Job whose time is over is deleted, its pods first.
pub fn expire(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("Job", namespace, name);
    let Some(resource) = stored(world, &key) else { return };
    let ttl = resource.spec()["ttlSecondsAfterFinished"].as_i64();
    let (Some(ttl), Some(end)) = (ttl, finished_at(&resource)) else { return };
    if resource.meta.deletion_timestamp.is_some() {
        return;
    }
    let left = end.0 + ttl.saturating_mul(1_000_000_000) - world.wall().0;
    match u64::try_from(left) {
        Ok(left) if left > 0 => work::after(world, "JobTtl", &key, Duration::from_nanos(left)),
        _ => {
            let options =
                DeleteOptions { propagation: Propagation::Foreground, ..DeleteOptions::default() };
            let _ = apiserver::delete(world, &key, &options);
        }
    }
}

/// Whether the Job has been active too long; if it will be, it is looked at then.
pub fn past_deadline(world: &mut World, view: &View) -> bool {
    let start = view.resource.status["startTime"].as_str().and_then(Timestamp::parse);
    let (Some(deadline), Some(start), false) =
        (view.spec.active_deadline_seconds, start, view.suspended())
    else {
        return false;
    };
    let left = start.0 + deadline.saturating_mul(1_000_000_000) - world.wall().0;
    match u64::try_from(left) {
        Ok(left) if left > 0 => {
            work::after(world, "Job", &view.key, Duration::from_nanos(left));
            false
        }
        _ => true,
    }
}
