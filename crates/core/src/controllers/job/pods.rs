//! Creating and deleting the pods of a Job.
//!
//! Models `pkg/controller/job/job_controller.go` manageJob.

use super::backoff::{finished, remaining};
use super::{FINALIZER, SOURCE, Tally, View, indexes};
use crate::apiserver;
use crate::apiserver::error::ApiError;
use crate::controllers::common::{Numbered, create_pod, delete_pod, len, pod_after, slow_start};
use crate::controllers::{ranking, work};
use crate::world::World;
use podplay_api::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Failures of an index before this pod.
pub const INDEX_FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
const BURST: i64 = 500;

/// Brings the number of active pods to what is wanted. Returns how many are active then.
pub fn manage(world: &mut World, view: &View, tally: &Tally) -> i64 {
    let active = len(tally.active.len());
    let wanted = if view.suspended() { 0 } else { wanted(view, tally, active) };
    let doomed = doomed(world, view, tally, usize::try_from(active - wanted).unwrap_or(0));
    if !doomed.is_empty() {
        let gone = len(doomed.len());
        for (uid, _) in doomed {
            release(world, uid);
            delete_pod(world, &view.key, SOURCE, uid);
        }
        return active - gone;
    }
    let ending = if view.replaces_failed_only() { len(tally.terminating) } else { 0 };
    let missing = (wanted - ending - active).min(BURST);
    if missing <= 0 || view.suspended() {
        return active;
    }
    let left =
        if view.per_index() { Duration::ZERO } else { tally.backoff.remaining(world.wall()) };
    if left > Duration::ZERO {
        work::after(world, "Job", &view.key, left);
        return active;
    }
    active + create(world, view, tally, missing)
}

fn wanted(view: &View, tally: &Tally, active: i64) -> i64 {
    let parallelism = view.spec.parallelism.unwrap_or(1);
    match view.spec.completions {
        Some(completions) => (completions - tally.succeeded).clamp(0, parallelism),
        None if tally.succeeded > 0 => active,
        None => parallelism,
    }
}

/// The job's hold on a pod ends.
pub fn release(world: &mut World, uid: crate::ids::Uid) {
    apiserver::update_pod(world, uid, |pod| pod.meta.finalizers.retain(|name| name != FINALIZER));
}

/// Active pods that have to go: those of indexes that are there twice or too high, then the least useful.
fn doomed(world: &World, view: &View, tally: &Tally, least: usize) -> Vec<Numbered> {
    if !view.indexed() && least == 0 {
        return Vec::new();
    }
    let mut pods = tally.active.clone();
    ranking::rank(&mut pods, &tally.active, world.wall());
    let mut doomed: Vec<Numbered> = Vec::new();
    if view.indexed() {
        let mut seen = BTreeSet::new();
        // From the most useful on: the first of an index stays.
        for (uid, pod) in pods.iter().rev() {
            let index = indexes::of(pod).filter(|index| *index < view.completions());
            if index.is_none_or(|index| !seen.insert(index)) {
                doomed.push((*uid, std::sync::Arc::clone(pod)));
            }
        }
    }
    pods.retain(|(uid, _)| !doomed.iter().any(|(other, _)| other == uid));
    let more = least.saturating_sub(doomed.len());
    doomed.extend(pods.into_iter().take(more));
    doomed
}

/// Makes pods, up to `missing`. Returns how many.
fn create(world: &mut World, view: &View, tally: &Tally, missing: i64) -> i64 {
    let base = template(view);
    let missing = usize::try_from(missing).unwrap_or(0);
    let pods = if view.indexed() {
        let pending = pending(world, view, tally, missing);
        pending.into_iter().map(|(index, failures)| indexed(view, &base, index, failures)).collect()
    } else {
        vec![base; missing]
    };
    let make = |world: &mut World, n: usize| -> Result<(), ApiError> {
        create_pod(world, &view.key, SOURCE, &pods[n]).map(|_| ())
    };
    let (made, outcome) = slow_start(world, pods.len(), make);
    if outcome.is_err_and(|error| !error.namespace_ends()) {
        work::failed(world, "Job", &view.key);
    }
    len(made)
}

fn template(view: &View) -> Value {
    let mut pod = pod_after(&view.key, &view.resource, &view.spec.template);
    let meta = &mut pod["metadata"];
    if !meta["finalizers"].is_array() {
        meta["finalizers"] = json!([]);
    }
    if let Some(finalizers) = meta["finalizers"].as_array_mut() {
        finalizers.retain(|name| name != FINALIZER);
        finalizers.push(json!(FINALIZER));
    }
    pod
}

/// The first indexes without a pod, with the failures they had. Those that wait for their back-off are left out.
fn pending(world: &mut World, view: &View, tally: &Tally, most: usize) -> Vec<(i64, i64)> {
    let mut busy: BTreeSet<i64> =
        tally.active.iter().filter_map(|(_, pod)| indexes::of(pod)).collect();
    busy.extend(&tally.done);
    busy.extend(&tally.lost);
    if view.replaces_failed_only() {
        busy.extend(tally.ending.iter().copied());
    }
    let free = (0..view.completions()).filter(|index| !busy.contains(index)).take(most);
    let mut found = Vec::new();
    let mut soonest: Option<Duration> = None;
    for index in free {
        let Some((_, failed)) = tally.held.iter().find(|(_, pod)| indexes::of(pod) == Some(index))
        else {
            found.push((index, 0));
            continue;
        };
        let failures = super::index_failures(failed) + 1;
        let count = u32::try_from(failures).unwrap_or(1);
        let left = remaining(count, finished(failed), world.wall());
        if left > Duration::ZERO {
            soonest = Some(soonest.map_or(left, |old| old.min(left)));
        } else {
            found.push((index, failures));
        }
    }
    if let Some(left) = soonest {
        work::after(world, "Job", &view.key, left);
    }
    found
}

/// The pod of an index: name, host name, label, annotation and environment.
fn indexed(view: &View, base: &Value, index: i64, failures: i64) -> Value {
    let mut pod = base.clone();
    let (name, text) = (&view.key.name, json!(index.to_string()));
    let meta = &mut pod["metadata"];
    meta["generateName"] = json!(format!("{name}-{index}-"));
    meta["labels"][indexes::INDEX] = text.clone();
    meta["annotations"][indexes::INDEX] = text;
    if view.per_index() {
        meta["annotations"][INDEX_FAILURES] = json!(failures.to_string());
    }
    pod["spec"]["hostname"] = json!(format!("{name}-{index}"));
    let source = json!({"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {
        "apiVersion": "v1", "fieldPath": format!("metadata.labels['{}']", indexes::INDEX)}}});
    for list in ["initContainers", "containers"] {
        for container in
            pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
        {
            if !container["env"].is_array() {
                container["env"] = json!([]);
            }
            if let Some(env) = container["env"].as_array_mut()
                && !env.iter().any(|variable| variable["name"] == "JOB_COMPLETION_INDEX")
            {
                env.push(source.clone());
            }
        }
    }
    pod
}
