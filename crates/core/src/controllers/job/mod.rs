//! Jobs: pods that are to end.
//!
//! Models `pkg/controller/job/job_controller.go` syncJob.

pub mod backoff;
pub mod finish;
pub mod indexes;
pub mod pods;
pub mod policy;

pub use finish::{expire, finished_at, has};

use super::common::{
    Numbered, claim, count, delete_pod, is_active, is_ready, is_terminating, len, pods_of,
    put_count, stored,
};
use super::state::{Backoff, End, Pending};
use super::work;
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::config::Profile;
use crate::events;
use crate::world::World;
use finish::ensure;
use podplay_api::{EventType, JobSpec, Map, Pod, PodPhase, Value, json};
use policy::Verdict;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const SOURCE: &str = "job-controller";
/// The finalizer by which each pod is counted exactly once.
pub const FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// Time in which changes of pods are gathered.
///
/// Models SyncJobBatchPeriod.
pub const BATCH: Duration = Duration::from_secs(1);

/// A Job as a sync sees it.
pub struct View {
    key: Key,
    resource: Resource,
    spec: JobSpec,
}

impl View {
    fn suspended(&self) -> bool {
        self.spec.suspend
    }
    fn indexed(&self) -> bool {
        self.spec.completion_mode == "Indexed"
    }
    fn per_index(&self) -> bool {
        self.indexed() && self.spec.backoff_limit_per_index.is_some()
    }
    fn completions(&self) -> i64 {
        self.spec.completions.unwrap_or(0)
    }
    fn replaces_failed_only(&self) -> bool {
        self.spec.pod_replacement_policy == "Failed"
    }
    fn is_failed(&self, pod: &Pod) -> bool {
        pod.status.phase == PodPhase::Failed
            || !self.replaces_failed_only()
                && pod.meta.deletion_timestamp.is_some()
                && pod.status.phase != PodPhase::Succeeded
    }
}

/// The pods of a Job, counted.
pub struct Tally {
    active: Vec<Numbered>,
    ready: i64,
    terminating: usize,
    /// Indexes of pods that are being deleted.
    ending: Vec<i64>,
    /// Pods that succeeded or failed and are not in the status yet.
    new_succeeded: Vec<Numbered>,
    new_failed: Vec<Numbered>,
    /// Failed pods that hold the failure count of their index until a successor exists.
    held: Vec<Numbered>,
    succeeded: i64,
    failed: i64,
    /// Indexes that succeeded, and that failed for good.
    done: BTreeSet<i64>,
    lost: BTreeSet<i64>,
    backoff: Backoff,
}

/// Failures that an index had before this pod.
fn index_failures(pod: &Pod) -> i64 {
    pod.meta.annotations.get(pods::INDEX_FAILURES).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn tracked(pod: &Pod) -> bool {
    pod.meta.finalizers.iter().any(|name| name == FINALIZER)
}

fn tally(world: &World, view: &View, pods: &[Numbered]) -> Tally {
    let select = |wanted: &dyn Fn(&Pod) -> bool| -> Vec<Numbered> {
        pods.iter().filter(|(_, pod)| wanted(pod)).map(|(n, pod)| (*n, Arc::clone(pod))).collect()
    };
    let status = &view.resource.status;
    let active = select(&is_active);
    let known = |pod: &Pod| {
        !view.indexed() || indexes::of(pod).is_some_and(|index| index < view.completions())
    };
    let new_succeeded =
        select(&|pod| tracked(pod) && pod.status.phase == PodPhase::Succeeded && known(pod));
    let new_failed = select(&|pod| tracked(pod) && view.is_failed(pod));
    let indexes_of = |field: &str| {
        indexes::parse(status[field].as_str().unwrap_or_default(), view.completions())
    };
    let mut done = indexes_of("completedIndexes");
    done.extend(new_succeeded.iter().filter_map(|(_, pod)| indexes::of(pod)));
    let mut lost = indexes_of("failedIndexes");
    if view.per_index() {
        lost.extend(
            new_failed
                .iter()
                .filter(|(_, pod)| loses_index(view, pod))
                .filter_map(|(_, pod)| indexes::of(pod)),
        );
        lost.retain(|index| !done.contains(index));
    }
    let held = new_failed
        .iter()
        .filter(|(_, pod)| {
            view.per_index()
                && indexes::of(pod).is_some_and(|index| waits(index, pod, &lost, &done, &active))
        })
        .cloned()
        .collect();
    let counted = |pod: &&Numbered| !matches!(judged(view, &pod.1), Verdict::Ignore);
    let failed = count(status, "failed") + len(new_failed.iter().filter(counted).count());
    let succeeded = if view.indexed() {
        len(done.len())
    } else {
        count(status, "succeeded") + len(new_succeeded.len())
    };
    let backoff = world.controllers.jobs.get(&view.resource.meta.uid).copied().unwrap_or_default();
    let backoff = backoff.with(
        new_succeeded.iter().map(|(_, pod)| &**pod),
        new_failed.iter().map(|(_, pod)| &**pod),
    );
    let ending = pods.iter().filter(|(_, pod)| is_terminating(pod));
    Tally {
        ready: len(active.iter().filter(|(_, pod)| is_ready(pod)).count()),
        terminating: ending.clone().count(),
        ending: ending.filter_map(|(_, pod)| indexes::of(pod)).collect(),
        active,
        new_succeeded,
        new_failed,
        held,
        succeeded,
        failed,
        done,
        lost,
        backoff,
    }
}

/// Whether a failed pod's index waits for its next pod.
fn waits(
    index: i64,
    pod: &Pod,
    lost: &BTreeSet<i64>,
    done: &BTreeSet<i64>,
    active: &[Numbered],
) -> bool {
    let newer = |(_, other): &Numbered| {
        indexes::of(other) == Some(index) && index_failures(other) > index_failures(pod)
    };
    !lost.contains(&index) && !done.contains(&index) && !active.iter().any(newer)
}

fn judged(view: &View, pod: &Pod) -> Verdict {
    policy::judge(view.spec.pod_failure_policy.as_ref(), pod)
}

fn loses_index(view: &View, pod: &Pod) -> bool {
    match judged(view, pod) {
        Verdict::FailIndex => true,
        Verdict::Ignore => false,
        _ => index_failures(pod) >= view.spec.backoff_limit_per_index.unwrap_or(0),
    }
}

/// One look at a Job.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("Job", namespace, name);
    if world.controllers.counting.contains_key(&key) {
        return;
    }
    let Some(resource) = stored(world, &key) else { return };
    if finished_at(&resource).is_some() {
        work::soon(world, "JobTtl", &key);
        return;
    }
    let spec: JobSpec = resource.typed_spec();
    if !matches!(spec.managed_by.as_str(), "" | "kubernetes.io/job-controller") {
        return;
    }
    let pods = claim(world, &key, &resource, &spec.selector);
    let view = View { key, resource, spec };
    let mut tally = tally(world, &view, &pods);
    let mut status = view.resource.status.as_object().cloned().unwrap_or_default();
    if !status.contains_key("startTime") && !view.suspended() {
        status.insert("startTime".into(), json!(world.wall().to_string()));
    }
    let mut conditions = view.resource.status["conditions"].as_array().cloned().unwrap_or_default();
    let mut end = end_of(world, &view, &tally, &pods);
    let mut active = len(tally.active.len());
    if end.is_some() {
        for (uid, pod) in &tally.active {
            tally.ready -= i64::from(is_ready(pod));
            tally.terminating += 1;
            delete_pod(world, &view.key, SOURCE, *uid);
        }
        active = 0;
    } else {
        if view.resource.meta.deletion_timestamp.is_none() {
            active = pods::manage(world, &view, &tally);
        }
        let enough = match view.spec.completions {
            Some(completions) => tally.succeeded >= completions,
            None => tally.succeeded > 0,
        };
        if enough && active == 0 {
            end = Some(End::success(
                "CompletionsReached",
                "Reached expected number of succeeded pods",
            ));
        } else if view.resource.meta.deletion_timestamp.is_none() {
            note_suspension(world, &view, &mut conditions, &mut status);
        }
    }
    put_count_or_none(&mut status, "active", active);
    status.insert("ready".into(), json!(tally.ready.min(active)));
    status.insert("terminating".into(), json!(tally.terminating));
    record(world, &view, &tally, end, status, conditions);
}

fn put_count_or_none(status: &mut Map<String, Value>, field: &str, value: i64) {
    status.remove(field);
    put_count(status, field, value);
}

/// Whether the Job is over, and why.
fn end_of(world: &mut World, view: &View, tally: &Tally, pods: &[Numbered]) -> Option<End> {
    if let Some(announced) = End::announced(&view.resource.status) {
        return Some(announced);
    }
    let by_policy = pods.iter().filter(|(_, pod)| view.is_failed(pod)).find_map(|(_, pod)| {
        match judged(view, pod) {
            Verdict::FailJob(message) => Some(End::failure("PodFailurePolicy", &message)),
            _ => None,
        }
    });
    if by_policy.is_some() {
        return by_policy;
    }
    let limit = view.spec.backoff_limit.unwrap_or(6);
    let fresh = tally.failed > count(&view.resource.status, "failed");
    if fresh && tally.failed > limit || restarted_too_often(view, pods, limit) {
        return Some(End::failure(
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
        ));
    }
    if finish::past_deadline(world, view) {
        return Some(End::failure(
            "DeadlineExceeded",
            "Job was active longer than specified deadline",
        ));
    }
    if view.per_index() && !tally.lost.is_empty() {
        let lost = len(tally.lost.len());
        if view.spec.max_failed_indexes.is_some_and(|most| lost > most) {
            return Some(End::failure(
                "MaxFailedIndexesExceeded",
                "Job has exceeded the specified maximal number of failed indexes",
            ));
        }
        if lost + len(tally.done.len()) >= view.completions() {
            return Some(End::failure("FailedIndexes", "Job has failed indexes"));
        }
    }
    let policy = view.spec.success_policy.as_ref().filter(|_| view.indexed());
    let met = policy::success(policy, &tally.done, view.completions())?;
    Some(End::success("SuccessPolicy", &met))
}

/// Restart policy OnFailure: the restarts of the running pods count.
fn restarted_too_often(view: &View, pods: &[Numbered], limit: i64) -> bool {
    if view.spec.template.spec["restartPolicy"] != "OnFailure" {
        return false;
    }
    let counted =
        |pod: &&Numbered| matches!(pod.1.status.phase, PodPhase::Running | PodPhase::Pending);
    let restarts: i64 = pods
        .iter()
        .filter(counted)
        .flat_map(|(_, pod)| {
            pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses)
        })
        .map(|status| i64::from(status.restart_count))
        .sum();
    if limit == 0 { restarts > 0 } else { restarts >= limit }
}

/// Sets the condition `Suspended`, says so, and starts the clock again on resume.
fn note_suspension(
    world: &mut World,
    view: &View,
    conditions: &mut Vec<Value>,
    status: &mut Map<String, Value>,
) {
    let wall = world.wall();
    let (reason, message, event) = if view.suspended() {
        ("JobSuspended", "Job suspended", "Suspended")
    } else {
        ("JobResumed", "Job resumed", "Resumed")
    };
    if ensure(conditions, "Suspended", view.suspended(), reason, message, wall) {
        events::about(world, &view.key, SOURCE, EventType::Normal, event, message);
        if !view.suspended() {
            status.insert("startTime".into(), json!(wall.to_string()));
        }
    }
}

/// Writes the status: first what is found, with pods not counted yet; then, without their finalizers, the counts.
fn record(
    world: &mut World,
    view: &View,
    tally: &Tally,
    end: Option<End>,
    mut status: Map<String, Value>,
    mut conditions: Vec<Value>,
) {
    let (wall, key) = (world.wall(), &view.key);
    let over = end.is_some() || view.resource.meta.deletion_timestamp.is_some();
    let is_held = |uid| !over && tally.held.iter().any(|(held, _)| *held == uid);
    let failed: Vec<&Numbered> =
        tally.new_failed.iter().filter(|(uid, _)| !is_held(*uid)).collect();
    // A Job that has failed counts every pod that is not done as failed.
    let cut: Vec<&Numbered> = match &end {
        Some(end) => tally.active.iter().filter(|(_, pod)| tracked(pod) && !end.success).collect(),
        None => Vec::new(),
    };
    if let Some(end) = &end {
        end.announce(&mut conditions, wall);
    }
    let uids = |pods: &mut dyn Iterator<Item = &Numbered>| -> Vec<String> {
        pods.map(|(_, pod)| pod.meta.uid.clone()).collect()
    };
    let mut uncounted = Map::new();
    let ends = [
        ("failed", uids(&mut failed.iter().chain(&cut).copied())),
        ("succeeded", uids(&mut tally.new_succeeded.iter())),
    ];
    for (field, uids) in ends.into_iter().filter(|(_, uids)| !uids.is_empty()) {
        uncounted.insert(field.into(), json!(uids));
    }
    if !conditions.is_empty() {
        status.insert("conditions".into(), json!(conditions));
    }
    put_indexes(&mut status, view, tally);
    status.insert("uncountedTerminatedPods".into(), Value::Object(uncounted));
    apiserver::set_object_status(world, key, Value::Object(status.clone()));
    let mine = pods_of(world, &view.resource.meta.uid);
    let free = tally.new_succeeded.iter().chain(failed.iter().copied());
    let free: BTreeSet<_> = free.map(|(uid, _)| *uid).collect();
    for (uid, _) in mine.iter().filter(|(uid, pod)| tracked(pod) && (over || free.contains(uid))) {
        pods::release(world, *uid);
    }
    status.insert("uncountedTerminatedPods".into(), json!({}));
    let counts = |pod: &&&Numbered| !matches!(judged(view, &pod.1), Verdict::Ignore);
    let failures = failed.iter().filter(counts).count() + cut.len();
    put_count_or_none(
        &mut status,
        "failed",
        count(&view.resource.status, "failed") + len(failures),
    );
    put_count_or_none(&mut status, "succeeded", tally.succeeded);
    world.controllers.jobs.insert(view.resource.meta.uid.clone(), tally.backoff);
    let plain = free.is_empty() && cut.is_empty() && end.is_none();
    let end = end.filter(|_| tally.terminating == 0);
    let pending = Pending { status, conditions, end };
    if plain || world.config.profile == Profile::Instant {
        conclude(world, key, pending);
    } else {
        world.controllers.counting.insert(key.clone(), pending);
        work::after(world, CONCLUDE, &Key::new(CONCLUDE, &key.namespace, &key.name), FLUSH);
    }
}

/// The queue of the second halves of syncs.
pub const CONCLUDE: &str = "JobConclude";
/// Time to take the finalizers off, between the two writes of a status.
const FLUSH: Duration = Duration::from_millis(18);

/// Ends a sync that waited for its finalizers.
pub fn conclude_pending(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("Job", namespace, name);
    if let Some(pending) = world.controllers.counting.remove(&key) {
        conclude(world, &key, pending);
        work::after(world, "Job", &key, BATCH);
    }
}

/// Writes the counts, and the end if the Job is over.
fn conclude(world: &mut World, key: &Key, pending: Pending) {
    let Pending { mut status, mut conditions, end } = pending;
    let wall = world.wall();
    if let Some(end) = &end {
        end.conclude(&mut conditions, wall);
        status.insert("conditions".into(), json!(conditions));
        if end.success {
            status.insert("completionTime".into(), json!(wall.to_string()));
        }
    }
    apiserver::set_object_status(world, key, Value::Object(status));
    if let Some(end) = end {
        end.tell(world, key);
        if let Some(uid) = stored(world, key).map(|job| job.meta.uid) {
            world.controllers.jobs.remove(&uid);
        }
    }
}

fn put_indexes(status: &mut Map<String, Value>, view: &View, tally: &Tally) {
    if view.indexed() && !tally.done.is_empty() {
        status.insert("completedIndexes".into(), json!(indexes::print(&tally.done)));
    }
    if view.per_index() {
        status.insert("failedIndexes".into(), json!(indexes::print(&tally.lost)));
    }
}

/// A pod was counted on by a Job that is gone: its hold ends.
pub fn release_orphan(world: &mut World, uid: crate::ids::Uid) {
    let Some(pod) = world.store.pod(uid).filter(|pod| tracked(pod)) else { return };
    let gone = match pod.meta.controller() {
        Some(owner) => world
            .store
            .resource("Job", &pod.meta.namespace, &owner.name)
            .is_none_or(|job| job.meta.uid != owner.uid),
        None => true,
    };
    if gone {
        pods::release(world, uid);
    }
}
