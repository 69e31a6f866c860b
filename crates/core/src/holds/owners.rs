//! Owners of pods: Deployments, StatefulSets, DaemonSets, Jobs, CronJobs. Their pods' holds are the pods' own.

use super::{Hold, Wait, admission, moment, object};
use crate::apiserver::store::{Key, Resource};
use crate::controllers::common::{count, is_active, is_ready, objects_of, pods_of};
use crate::controllers::cronjob::schedule::Schedule;
use crate::record::Subject;
use crate::world::World;
use podplay_api::{Timestamp, Value};
use std::sync::Arc;

/// Adds what holds up every owner.
pub(super) fn all(world: &World, found: &mut Vec<Hold>) {
    for kind in ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet"] {
        for (key, resource) in world.store.resources(kind) {
            // Its Deployment has the hold.
            if kind == "ReplicaSet" && resource.meta.controller().is_some() {
                continue;
            }
            if kind == "Deployment" {
                deployment(world, key, resource, found);
            }
            workload(world, key, resource, found);
            standing(world, key, resource, found);
        }
    }
    for (key, resource) in world.store.resources("Job") {
        job(world, key, resource, found);
    }
    for (key, resource) in world.store.resources("CronJob") {
        cronjob(world, key, resource, found);
    }
    for (key, resource) in world.store.resources("PersistentVolumeClaim") {
        if resource.status["phase"] != "Bound" && resource.meta.deletion_timestamp.is_none() {
            let wait = Wait::UnboundClaim(key.name.to_string());
            push(world, found, key, resource, wait, &["spec.resources.requests.storage"]);
        }
    }
    for (key, resource) in world.store.resources("Namespace") {
        let left = world.store.pods().filter(|pod| pod.meta.namespace == *key.name);
        let left = left
            .filter(|pod| !pod.meta.finalizers.is_empty())
            .flat_map(|pod| pod.meta.finalizers.clone());
        let left: Vec<String> = left.collect();
        if resource.meta.deletion_timestamp.is_some() && !left.is_empty() {
            push(world, found, key, resource, Wait::Finalizers(left), &["metadata.name"]);
        }
    }
}

fn push(
    world: &World,
    found: &mut Vec<Hold>,
    key: &Key,
    resource: &Resource,
    wait: Wait,
    paths: &[&str],
) {
    let since = moment(world, resource.meta.creation_timestamp);
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    found.push(Hold { subject: object(key), since, wait, paths });
}

fn condition<'a>(resource: &'a Resource, kind: &str) -> Option<&'a Value> {
    let list = resource.status["conditions"].as_array()?;
    list.iter().find(|condition| condition["type"] == kind)
}

fn since(world: &World, condition: &Value) -> podplay_api::SimTime {
    moment(world, condition["lastTransitionTime"].as_str().and_then(Timestamp::parse))
}

fn deployment(world: &World, key: &Key, resource: &Resource, found: &mut Vec<Hold>) {
    let spec = resource.spec();
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    if spec["paused"] == true && count(&resource.status, "updatedReplicas") < wanted {
        push(world, found, key, resource, Wait::Paused, &["spec.paused"]);
    }
    let Some(progress) = condition(resource, "Progressing") else { return };
    if progress["reason"] == "ProgressDeadlineExceeded" {
        let seconds = spec["progressDeadlineSeconds"].as_i64().unwrap_or(600);
        found.push(Hold {
            subject: object(key),
            since: since(world, progress),
            wait: Wait::Progress(seconds),
            paths: vec!["spec.progressDeadlineSeconds".to_owned()],
        });
    }
}

/// The pods of an owner, those of a Deployment through its ReplicaSets.
fn pods(world: &World, key: &Key, resource: &Resource) -> Vec<Arc<podplay_api::Pod>> {
    let own = pods_of(world, &resource.meta.uid);
    let below = objects_of(world, "ReplicaSet", &key.namespace, &resource.meta.uid);
    let below = below.into_iter().flat_map(|(_, set)| pods_of(world, &set.meta.uid));
    own.into_iter().chain(below).map(|(_, pod)| pod).collect()
}

fn subject(world: &World, pod: &podplay_api::Pod) -> Option<Subject> {
    let entry = world.store.pod_entry(&pod.meta.namespace, &pod.meta.name)?;
    Some(Subject::Pod(Arc::clone(&entry.pod_ref)))
}

/// Pods that are ready and do not count, or that nobody replaces.
fn standing(world: &World, key: &Key, resource: &Resource, found: &mut Vec<Hold>) {
    let (spec, status) = (resource.spec(), &resource.status);
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    let seconds = spec["minReadySeconds"].as_i64().unwrap_or(0);
    let ready = count(status, "readyReplicas");
    if seconds > 0 && ready >= wanted && count(status, "availableReplicas") < wanted {
        push(world, found, key, resource, Wait::MinReady(seconds), &["spec.minReadySeconds"]);
    }
    let strategy = &spec["updateStrategy"];
    let old = &*key.kind == "StatefulSet"
        && status["currentRevision"] != status["updateRevision"]
        && count(status, "updatedReplicas") < wanted;
    let held = strategy["type"] == "OnDelete"
        || strategy["rollingUpdate"]["partition"].as_i64().unwrap_or(0) > 0;
    if old && held {
        let paths = ["spec.updateStrategy.rollingUpdate.partition", "spec.updateStrategy.type"];
        push(world, found, key, resource, Wait::OldPods, &paths);
    }
}

/// Pods that cannot be made, or that are not ready.
fn workload(world: &World, key: &Key, resource: &Resource, found: &mut Vec<Hold>) {
    let spec = resource.spec();
    let pods = pods(world, key, resource);
    let wanted = match &*key.kind {
        "DaemonSet" => count(&resource.status, "desiredNumberScheduled"),
        _ => spec["replicas"].as_i64().unwrap_or(1),
    };
    let active = pods.iter().filter(|pod| is_active(pod)).count();
    if i64::try_from(active).unwrap_or(i64::MAX) < wanted {
        refused(world, key, resource, &spec["template"]["spec"], "spec.template.spec", found);
    }
    let waiting: Vec<Subject> =
        pods.iter().filter(|pod| !is_ready(pod)).filter_map(|pod| subject(world, pod)).collect();
    if !waiting.is_empty() {
        push(world, found, key, resource, Wait::Pods(waiting), &[]);
    }
}

fn refused(
    world: &World,
    key: &Key,
    resource: &Resource,
    spec: &Value,
    base: &str,
    found: &mut Vec<Hold>,
) {
    if let Some((wait, paths)) = admission(world, &key.namespace, spec) {
        let paths: Vec<String> = paths.iter().map(|path| format!("{base}.{path}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        push(world, found, key, resource, wait, &paths);
    }
}

fn job(world: &World, key: &Key, resource: &Resource, found: &mut Vec<Hold>) {
    let spec = resource.spec();
    let is = |kind: &str| condition(resource, kind).filter(|of| of["status"] == "True");
    if is("Complete").is_some() {
        return;
    }
    if spec["suspend"] == true {
        push(world, found, key, resource, Wait::Suspended, &["spec.suspend"]);
        return;
    }
    let pods = pods(world, key, resource);
    if let Some(failed) = is("Failed").or_else(|| is("FailureTarget")) {
        let reason = failed["reason"].as_str().unwrap_or_default().to_owned();
        let path = match reason.as_str() {
            "DeadlineExceeded" => "spec.activeDeadlineSeconds",
            "PodFailurePolicy" => "spec.podFailurePolicy",
            _ => "spec.backoffLimit",
        };
        let (subject, since) = (object(key), since(world, failed));
        let paths = vec![path.to_owned()];
        found.push(Hold { subject, since, wait: Wait::JobFailed(reason), paths });
        return;
    }
    if !pods.iter().any(|pod| is_active(pod)) {
        refused(world, key, resource, &spec["template"]["spec"], "spec.template.spec", found);
    }
    let (running, waiting): (Vec<_>, Vec<_>) = pods
        .iter()
        .filter(|pod| is_active(pod))
        .partition(|pod| pod.status.phase == podplay_api::PodPhase::Running);
    let subjects = |pods: Vec<&Arc<podplay_api::Pod>>| -> Vec<Subject> {
        pods.into_iter().filter_map(|pod| subject(world, pod)).collect()
    };
    let failed = pods.iter().filter(|pod| pod.status.phase == podplay_api::PodPhase::Failed);
    let waiting: Vec<Subject> =
        subjects(waiting).into_iter().chain(subjects(failed.collect())).collect();
    if !waiting.is_empty() {
        push(world, found, key, resource, Wait::Pods(waiting), &[]);
    }
    let running = subjects(running);
    if !running.is_empty() {
        push(
            world,
            found,
            key,
            resource,
            Wait::Ends(running),
            &["spec.template.spec.containers[0]"],
        );
    }
}

fn cronjob(world: &World, key: &Key, resource: &Resource, found: &mut Vec<Hold>) {
    let spec = resource.spec();
    if spec["suspend"] == true {
        push(world, found, key, resource, Wait::Suspended, &["spec.suspend"]);
        return;
    }
    let jobs = objects_of(world, "Job", &key.namespace, &resource.meta.uid);
    let active = jobs.iter().find(|(_, job)| crate::controllers::job::finished_at(job).is_none());
    let Some((before, _)) = active else { return };
    let last = resource.status["lastScheduleTime"].as_str().and_then(Timestamp::parse);
    let schedule = Schedule::parse(spec["schedule"].as_str().unwrap_or_default()).ok();
    let due = last
        .zip(schedule)
        .and_then(|(last, schedule)| schedule.next_in(last, podplay_api::Zone::UTC));
    if spec["concurrencyPolicy"] == "Forbid" && due.is_some_and(|due| due <= world.wall()) {
        let paths = ["spec.concurrencyPolicy", "spec.schedule"];
        push(world, found, key, resource, Wait::RunBefore(before.clone()), &paths);
    }
}
