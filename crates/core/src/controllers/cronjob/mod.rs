//! CronJobs: Jobs made on a schedule.
//!
//! Models `pkg/controller/cronjob/{cronjob_controllerv2,utils}.go`.

pub mod schedule;

use super::common::{objects_of, reference, stored};
use super::{job, work};
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::command::DeleteOptions;
use crate::events;
use crate::world::World;
use podplay_api::{CronJobSpec, EventType, Timestamp, ToRaw, Value, Zone, json};
use schedule::Schedule;
use std::time::Duration;

const SOURCE: &str = "cronjob-controller";
/// A Job is made so long after its minute began.
///
/// Models nextScheduleDelta.
const DELTA: Duration = Duration::from_millis(100);
/// More missed starts than this without a deadline are an error of the clock.
const MISSED: u32 = 100;
/// Where counting them ends.
const MOST_MISSED: u32 = 600_000;

/// A CronJob as a sync sees it.
struct View {
    key: Key,
    resource: Resource,
    spec: CronJobSpec,
    jobs: Vec<(Key, Resource)>,
}

/// One look at a CronJob.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("CronJob", namespace, name);
    let Some(resource) = stored(world, &key) else { return };
    let jobs = objects_of(world, "Job", namespace, &resource.meta.uid);
    let view = View { key, spec: resource.typed_spec(), resource, jobs };
    clean_up(world, &view);
    let mut status = (*view.resource.status).clone();
    if !status.is_object() {
        status = json!({});
    }
    let mut active = status["active"].as_array().cloned().unwrap_or_default();
    follow(world, &view, &mut active, &mut status);
    let mut next = None;
    if view.resource.meta.deletion_timestamp.is_none() && !view.spec.suspend {
        match Schedule::parse(&view.spec.schedule) {
            Ok(schedule) => next = start(world, &view, &schedule, &mut active, &mut status),
            Err(error) => {
                let message = format!("unparseable schedule: {} : {error}", view.spec.schedule);
                tell(world, &view, EventType::Warning, "UnparseableSchedule", &message);
            }
        }
    }
    if let Some(fields) = status.as_object_mut() {
        fields.remove("active");
        if !active.is_empty() {
            fields.insert("active".into(), json!(active));
        }
    }
    apiserver::set_object_status(world, &view.key, status);
    if let Some(next) = next {
        let wait = u64::try_from(next.0 - world.wall().0).unwrap_or(0);
        work::after(world, "CronJob", &view.key, Duration::from_nanos(wait) + DELTA);
    }
}

fn tell(world: &mut World, view: &View, kind: EventType, reason: &str, message: &str) {
    events::about(world, &view.key, SOURCE, kind, reason, message);
}

/// Takes Jobs that ended or are missing off the list.
fn follow(world: &mut World, view: &View, active: &mut Vec<Value>, status: &mut Value) {
    for (key, job) in &view.jobs {
        let listed = active.iter().any(|entry| entry["uid"] == job.meta.uid.as_str());
        if !listed || job::finished_at(job).is_none() {
            continue;
        }
        active.retain(|entry| entry["uid"] != job.meta.uid.as_str());
        let complete = job::has(job, "Complete");
        let condition = if complete { "Complete" } else { "Failed" };
        let message = format!("Saw completed job: {}, condition: {condition}", key.name);
        tell(world, view, EventType::Normal, "SawCompletedJob", &message);
        if complete {
            status["lastSuccessfulTime"] = job.status["completionTime"].clone();
        }
    }
    let missing: Vec<Value> = active
        .iter()
        .filter(|entry| !view.jobs.iter().any(|(_, job)| entry["uid"] == job.meta.uid.as_str()))
        .cloned()
        .collect();
    for entry in missing {
        let message =
            format!("Active job went missing: {}", entry["name"].as_str().unwrap_or_default());
        tell(world, view, EventType::Normal, "MissingJob", &message);
        active.retain(|other| *other != entry);
    }
}

/// The latest moment that was missed, if any, and the next one.
fn moments(
    world: &mut World,
    view: &View,
    schedule: &Schedule,
    status: &Value,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let now = world.wall();
    let zone = view.spec.time_zone.as_deref().and_then(Zone::named).unwrap_or(Zone::UTC);
    let last = status["lastScheduleTime"].as_str().and_then(Timestamp::parse);
    let mut earliest = last.or(view.resource.meta.creation_timestamp).unwrap_or(now);
    if let Some(deadline) = view.spec.starting_deadline_seconds {
        earliest = earliest.max(Timestamp(now.0 - deadline.saturating_mul(1_000_000_000)));
    }
    let (mut missed, mut count) = (None, 0);
    let mut next = schedule.next_in(earliest, zone);
    while let Some(at) = next.filter(|at| *at <= now && count < MOST_MISSED) {
        (missed, next) = (Some(at), schedule.next_in(at, zone));
        count += 1;
    }
    if count > MISSED && view.spec.starting_deadline_seconds.is_none() {
        let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        tell(world, view, EventType::Warning, "TooManyMissedTimes", message);
    }
    (missed, next)
}

/// Makes the Job that is due, if its time and the policy allow. Returns the next moment.
fn start(
    world: &mut World,
    view: &View,
    schedule: &Schedule,
    active: &mut Vec<Value>,
    status: &mut Value,
) -> Option<Timestamp> {
    let (due, next) = moments(world, view, schedule, status);
    let Some(due) = due else { return next };
    let late = view.spec.starting_deadline_seconds.is_some_and(|deadline| {
        due.0.saturating_add(deadline.saturating_mul(1_000_000_000)) < world.wall().0
    });
    if late {
        let message = format!("Missed scheduled time to start a job: {}", rfc1123(due));
        tell(world, view, EventType::Warning, "MissSchedule", &message);
        return next;
    }
    let name = format!("{}-{}", view.key.name, due.seconds() / 60);
    if active.iter().any(|entry| entry["name"] == name.as_str()) {
        return next;
    }
    if view.spec.concurrency_policy == "Forbid" && !active.is_empty() {
        let message =
            "Not starting job because prior execution is running and concurrency policy is Forbid";
        tell(world, view, EventType::Normal, "JobAlreadyActive", message);
        return next;
    }
    if view.spec.concurrency_policy == "Replace" {
        for entry in std::mem::take(active) {
            remove(world, view, entry["name"].as_str().unwrap_or_default());
        }
    }
    match apiserver::create(world, new_job(view, &name, due)) {
        Ok(job) => {
            let message = format!("Created job {name}");
            tell(world, view, EventType::Normal, "SuccessfulCreate", &message);
            let meta = &job["metadata"];
            active.push(json!({"apiVersion": "batch/v1", "kind": "Job", "name": name,
                "namespace": meta["namespace"], "uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}));
            status["lastScheduleTime"] = json!(due.to_string());
        }
        Err(error) => {
            let message = format!("Error creating job: {}", error.message);
            tell(world, view, EventType::Warning, "FailedCreate", &message);
        }
    }
    next
}

/// `Sun, 22 Nov 2026 10:37:00 +0000`.
fn rfc1123(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [year, month, day, hour, minute, second, weekday] = at.civil();
    let name = |names: &[&'static str], place: i64| {
        usize::try_from(place).ok().and_then(|place| names.get(place)).copied().unwrap_or("")
    };
    format!(
        "{}, {day:02} {} {year} {hour:02}:{minute:02}:{second:02} +0000",
        name(&DAYS, weekday),
        name(&MONTHS, month - 1)
    )
}

/// The Job of a moment, with the defaults that the API server fills in.
fn new_job(view: &View, name: &str, due: Timestamp) -> Value {
    let template = &view.spec.job_template;
    let mut meta = json!({
        "name": name, "namespace": &*view.key.namespace,
        "ownerReferences": [reference(&view.key, &view.resource).to_raw()],
    });
    if template["metadata"]["labels"].is_object() {
        meta["labels"] = template["metadata"]["labels"].clone();
    }
    meta["annotations"] = template["metadata"]["annotations"].clone();
    meta["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] = json!(due.to_string());
    let mut spec = template["spec"].clone();
    if spec["completions"].is_null() && spec["parallelism"].is_null() {
        spec["completions"] = json!(1);
    }
    let per_index = !spec["backoffLimitPerIndex"].is_null();
    let replacement =
        if spec["podFailurePolicy"].is_null() { "TerminatingOrFailed" } else { "Failed" };
    let defaults = [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(if per_index { i64::from(i32::MAX) } else { 6 })),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!(replacement)),
    ];
    for (field, value) in defaults {
        if spec[field].is_null() {
            spec[field] = value;
        }
    }
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec})
}

fn remove(world: &mut World, view: &View, name: &str) {
    let key = Key::new("Job", &view.key.namespace, name);
    if apiserver::delete(world, &key, &DeleteOptions::default()).is_ok() {
        let message = format!("Deleted job {name}");
        tell(world, view, EventType::Normal, "SuccessfulDelete", &message);
    }
}

/// Finished Jobs beyond the limits go, oldest first.
fn clean_up(world: &mut World, view: &View) {
    let limits = [
        ("Complete", view.spec.successful_jobs_history_limit.unwrap_or(3)),
        ("Failed", view.spec.failed_jobs_history_limit.unwrap_or(1)),
    ];
    for (condition, limit) in limits {
        let mut ended: Vec<&(Key, Resource)> =
            view.jobs.iter().filter(|(_, job)| job::has(job, condition)).collect();
        ended.sort_by_key(|(key, job)| {
            (job.status["startTime"].as_str().map(str::to_string), key.name.to_string())
        });
        let surplus = ended.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        for (key, _) in ended.into_iter().take(surplus) {
            remove(world, view, &key.name);
        }
    }
}
