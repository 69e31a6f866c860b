//! What a remedy has to reach, and whether a run has reached it.

use crate::verdict::{Cause, Target, Verdict};
use podplay_api::{SimTime, Value};
use podplay_core::record::Stored;
use podplay_core::{Cluster, What};
use podplay_playback::Run;
use std::collections::BTreeSet;

/// What the object is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// All its pods are ready and none is restarted any more.
    Ready,
    /// It is complete.
    Complete,
    /// It is gone.
    Gone,
    /// It has ready endpoints that answer, and no request is lost.
    Answers,
    /// Its runs are not left out.
    Runs,
}

impl Goal {
    pub(crate) fn of(target: &Target, verdicts: &[Verdict]) -> Self {
        let ends = |verdict: &Verdict| {
            matches!(
                verdict.cause,
                Cause::FinalizerHolds { .. }
                    | Cause::IgnoresSigterm { .. }
                    | Cause::PreStopTooLong { .. }
                    | Cause::PdbBlocksDrain { .. }
            )
        };
        match target.kind.as_str() {
            "Pod" if verdicts.first().is_some_and(ends) => Self::Gone,
            "Job" => Self::Complete,
            "CronJob" => Self::Runs,
            "Service" => Self::Answers,
            _ => Self::Ready,
        }
    }
}

/// How a run of a text went for the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// It has reached the goal at the end.
    pub(crate) reached: bool,
    /// Since when.
    pub(crate) at: SimTime,
}

/// Whether the goal is reached at the end of a run, and since when.
pub(crate) fn judge(run: &Run, target: &Target, goal: Goal, asked: SimTime) -> Outcome {
    let cluster = run.cluster();
    let reached = match goal {
        Goal::Ready => {
            ready(cluster, target) && calm(run, target, asked) && rolled_out(run, target)
        }
        Goal::Complete => completed(cluster, target) >= 1,
        Goal::Gone => gone(run, target),
        Goal::Answers => answers(run, target),
        Goal::Runs => completed(cluster, target) >= 1 && !skips(cluster, target),
    };
    Outcome { reached, at: since(run, target, goal) }
}

fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or(0)
}

pub(crate) fn ready(cluster: &Cluster, target: &Target) -> bool {
    if target.kind == "Pod" {
        let entry = cluster.world().store.pod_entry(&target.namespace, &target.name);
        return entry.is_some_and(|entry| {
            let pod = &entry.pod;
            let done = pod.status.phase == podplay_api::PodPhase::Succeeded;
            pod.meta.deletion_timestamp.is_none() && (pod.status.is_true("Ready") || done)
        });
    }
    let Some(object) = cluster.get(&target.kind, &target.namespace, &target.name) else {
        return false;
    };
    let status = &object["status"];
    match target.kind.as_str() {
        "DaemonSet" => {
            let wanted = number(status, "desiredNumberScheduled");
            wanted > 0 && number(status, "numberReady") == wanted
        }
        "PersistentVolumeClaim" => status["phase"] == "Bound",
        _ => {
            let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
            wanted > 0 && number(status, "readyReplicas") == wanted
        }
    }
}

/// Whether a rollout is complete, its deadline was never missed, and nothing of the text was refused.
fn rolled_out(run: &Run, target: &Target) -> bool {
    if target.kind != "Deployment" {
        return true;
    }
    let Some(object) = run.cluster().get(&target.kind, &target.namespace, &target.name) else {
        return false;
    };
    let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let status = &object["status"];
    let all = ["updatedReplicas", "availableReplicas", "replicas"];
    let missed = run.trace().iter().any(|record| match &record.what {
        What::Stored(_, Stored::Object(object)) => {
            object["kind"] == "Deployment"
                && object["metadata"]["name"] == target.name.as_str()
                && object["status"]["conditions"].as_array().is_some_and(|list| {
                    list.iter().any(|one| one["reason"] == "ProgressDeadlineExceeded")
                })
        }
        _ => false,
    });
    let last = run.end();
    let entries = run.plan().entries.iter().filter(|entry| entry.at <= last);
    let refused = run
        .refusals()
        .iter()
        .any(|refusal| entries.clone().any(|entry| refusal.entry == Some(entry.index)));
    all.iter().all(|field| number(status, field) == wanted) && !missed && !refused
}

/// The pods of the object at the end of a run.
fn pods<'a>(cluster: &'a Cluster, target: &Target) -> Vec<&'a podplay_api::Pod> {
    cluster.pods().filter(|pod| below(cluster, pod, target)).collect()
}

fn below(cluster: &Cluster, pod: &podplay_api::Pod, target: &Target) -> bool {
    if target.kind == "Pod" {
        return pod.meta.name == target.name && pod.meta.namespace == target.namespace;
    }
    let store = &cluster.world().store;
    let mut owner = pod.meta.controller();
    while let Some(by) = owner {
        if by.kind == target.kind && by.name == target.name {
            return pod.meta.namespace == target.namespace;
        }
        let above = store.resource(&by.kind, &pod.meta.namespace, &by.name);
        owner = above.and_then(|above| above.meta.controller());
    }
    false
}

/// Whether no container of the object was ever restarted.
fn calm(run: &Run, target: &Target, _asked: SimTime) -> bool {
    let restarts = |pod: &&podplay_api::Pod| {
        pod.status.all_containers().map(|status| status.restart_count).sum::<u32>()
    };
    let pods = pods(run.cluster(), target);
    // One restart that a fault of the Scenario brings is not the text's.
    let faults =
        run.plan().entries.iter().any(|entry| matches!(entry.act, podplay_playback::Act::Fault(_)));
    !pods.is_empty() && (faults || pods.iter().map(restarts).sum::<u32>() == 0)
}

pub(crate) fn completed(cluster: &Cluster, target: &Target) -> usize {
    let jobs = cluster.list("Job", Some(&target.namespace));
    let complete = |job: &&Value| {
        let conditions = job["status"]["conditions"].as_array();
        conditions
            .into_iter()
            .flatten()
            .any(|one| one["type"] == "Complete" && one["status"] == "True")
    };
    let mine = |job: &&Value| match target.kind.as_str() {
        "Job" => job["metadata"]["name"] == target.name.as_str(),
        _ => job["metadata"]["ownerReferences"][0]["name"] == target.name.as_str(),
    };
    jobs.iter().filter(mine).filter(complete).count()
}

/// Whether a CronJob's run waits for the one before.
fn skips(cluster: &Cluster, target: &Target) -> bool {
    use podplay_core::holds::{Wait, holds};
    holds(cluster).iter().any(|hold| {
        Target::of(&hold.subject) == *target
            && matches!(hold.wait, Wait::RunBefore(_) | Wait::Suspended)
    })
}

fn gone(run: &Run, target: &Target) -> bool {
    let was = run
        .trace()
        .iter()
        .any(|record| record.subject.pod().is_some_and(|pod| pod.name == target.name));
    // An owner may have made another of the same name meanwhile.
    let deleted = run.trace().iter().any(|record| {
        matches!(&record.what, What::Stored(podplay_core::record::Verb::Deleted, Stored::Pod(pod))
            if pod.meta.name == target.name && pod.meta.namespace == target.namespace)
    });
    was && deleted
}

fn answers(run: &Run, target: &Target) -> bool {
    use podplay_core::holds::{Wait, holds};
    let cluster = run.cluster();
    let Some(object) = cluster.get("Service", &target.namespace, &target.name) else {
        return false;
    };
    let mine = holds(cluster).into_iter().filter(|hold| Target::of(&hold.subject) == *target);
    let silent = mine.filter(|hold| !matches!(hold.wait, Wait::Pods(_))).count() > 0;
    let selector: podplay_api::StringMap = podplay_api::raw::field(&object["spec"], "selector");
    let ready = cluster.pods().any(|pod| {
        pod.meta.namespace == target.namespace
            && podplay_api::labels_match(&selector, &pod.meta.labels)
            && pod.status.is_true("Ready")
    });
    let clients = cluster
        .traffic()
        .map(|(_, client)| client)
        .filter(|client| *client.wants.service.name == *target.name);
    let lost = clients.map(|client| client.seen.failures()).sum::<u64>();
    ready && !silent && lost == 0
}

/// Since when the object has shown what it shows at the end.
fn since(run: &Run, target: &Target, goal: Goal) -> SimTime {
    let cluster = run.cluster();
    let moments = run.trace().iter().rev().filter_map(|record| match &record.what {
        What::Stored(verb, Stored::Pod(pod)) => {
            let gone = *verb == podplay_core::record::Verb::Deleted;
            let mine = below(cluster, pod, target)
                || target.kind == "Pod" && pod.meta.name == target.name
                || goal == Goal::Answers;
            mine.then_some((record.at, gone, pod.status.is_true("Ready")))
        }
        _ => None,
    });
    let mut last = SimTime::ZERO;
    for (at, gone, ready) in moments {
        match goal {
            Goal::Gone if gone => return at,
            Goal::Gone => {}
            Goal::Ready | Goal::Answers if !ready && last > SimTime::ZERO => return last,
            Goal::Ready | Goal::Answers if ready => last = at,
            Goal::Complete | Goal::Runs => return at,
            _ => {}
        }
    }
    last
}

/// The objects that do not get on, apart from the target and what is below it: a remedy must not add to them.
pub(crate) fn others(cluster: &Cluster, target: &Target) -> BTreeSet<String> {
    use podplay_core::holds::{Wait, holds};
    let only_slow = |wait: &Wait| {
        matches!(
            wait,
            Wait::Pods(_)
                | Wait::Ends(_)
                | Wait::Probe(_)
                | Wait::Init(_)
                | Wait::Hook(..)
                | Wait::Stop(..)
        )
    };
    let name = |hold: &podplay_core::holds::Hold| {
        let owners = crate::verdict::owners_of(cluster, &hold.subject);
        let own = owners.contains(target);
        let top = owners.last().filter(|_| !own)?;
        Some(top.to_string())
    };
    let holds = holds(cluster);
    holds.iter().filter(|hold| !only_slow(&hold.wait)).filter_map(name).collect()
}

/// The objects of a run's text.
pub(crate) fn objects(run: &Run) -> BTreeSet<String> {
    let all = run.plan().reading.objects.iter();
    all.map(|of| Target::new(&of.kind, &of.namespace, &of.name).to_string()).collect()
}
