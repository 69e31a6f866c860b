//! The controllers that make pods.

use serde_json::Value;

use super::pod::template;
use super::writer::Writer;
use super::{Related, conditions, controlled_by, date};
use crate::duration::human_duration;
use crate::json::{at, has, int, items, kind, name, opt_int, plain, text, time};
use crate::labels::{format_labels, none_if_empty, selector, selector_or_none};

pub(super) fn deployment(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    w.field("CreationTimestamp", &date(object, "metadata.creationTimestamp"));
    w.labels_and_annotations(object);
    w.field("Selector", &selector(at(object, "spec.selector")));
    let count = |path: &str| int(object, path);
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        count("spec.replicas"),
        count("status.updatedReplicas"),
        count("status.replicas"),
        count("status.availableReplicas"),
        count("status.unavailableReplicas")
    );
    w.field("Replicas", &replicas);
    w.field("StrategyType", text(object, "spec.strategy.type"));
    w.field("MinReadySeconds", &count("spec.minReadySeconds").to_string());
    if has(object, "spec.strategy.rollingUpdate") {
        let [unavailable, surge] = ["maxUnavailable", "maxSurge"]
            .map(|key| plain(at(object, &format!("spec.strategy.rollingUpdate.{key}"))));
        w.field(
            "RollingUpdateStrategy",
            &format!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
    template(w, at(object, "spec.template"));
    conditions(w, object);
    replica_sets(w, object, related);
}

/// The ReplicaSet of the current template, and all others.
fn replica_sets(w: &mut Writer, object: &Value, related: &Related) {
    let all = related.controlled("ReplicaSet", object);
    if all.is_empty() {
        return;
    }
    let wanted = without_hash(at(object, "spec.template"));
    let new = all
        .iter()
        .filter(|set| without_hash(at(set, "spec.template")) == wanted)
        .min_by_key(|set| time(set, "metadata.creationTimestamp"))
        .copied();
    let is_new = |set: &Value| new.is_some_and(|new| name(new) == name(set));
    let words = |sets: Vec<&Value>| {
        let one = |set: &Value| {
            format!(
                "{} ({}/{} replicas created)",
                name(set),
                int(set, "status.replicas"),
                int(set, "spec.replicas")
            )
        };
        none_if_empty(sets.into_iter().map(one).collect::<Vec<_>>().join(", "))
    };
    w.field("OldReplicaSets", &words(all.iter().copied().filter(|set| !is_new(set)).collect()));
    w.field("NewReplicaSet", &words(new.into_iter().collect()));
}

/// A template without the label that tells ReplicaSets apart.
fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    template
}

/// ReplicaSets and ReplicationControllers, whose selector is a plain map of labels.
pub(super) fn replica_set(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    let selector = if kind(object) == "ReplicationController" {
        format_labels(object, "spec.selector")
    } else {
        selector_or_none(at(object, "spec.selector"))
    };
    w.field("Selector", &selector);
    w.labels_and_annotations(object);
    if kind(object) == "ReplicaSet" {
        controlled_by(w, object);
    }
    let [current, desired] = ["status.replicas", "spec.replicas"].map(|path| int(object, path));
    w.field("Replicas", &format!("{current} current / {desired} desired"));
    pods_status(w, object, related);
    template(w, at(object, "spec.template"));
    conditions(w, object);
}

/// How many of its pods are in which phase.
fn pods_status(w: &mut Writer, object: &Value, related: &Related) {
    let pods = related.controlled("Pod", object);
    let [running, waiting, succeeded, failed] = ["Running", "Pending", "Succeeded", "Failed"]
        .map(|phase| pods.iter().filter(|pod| text(pod, "status.phase") == phase).count());
    let words =
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed");
    w.field("Pods Status", &words);
}

pub(super) fn stateful_set(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    w.field("CreationTimestamp", &date(object, "metadata.creationTimestamp"));
    w.field("Selector", &selector(at(object, "spec.selector")));
    w.labels_and_annotations(object);
    let [desired, total] = ["spec.replicas", "status.replicas"].map(|path| int(object, path));
    w.field("Replicas", &format!("{desired} desired | {total} total"));
    w.field("Update Strategy", text(object, "spec.updateStrategy.type"));
    if let Some(partition) = opt_int(object, "spec.updateStrategy.rollingUpdate.partition") {
        w.line(1, &format!("Partition:\t{partition}"));
        let unavailable = at(object, "spec.updateStrategy.rollingUpdate.maxUnavailable");
        if !unavailable.is_null() {
            w.line(1, &format!("MaxUnavailable:\t{}", plain(unavailable)));
        }
    }
    pods_status(w, object, related);
    template(w, at(object, "spec.template"));
    volume_claims(w, items(object, "spec.volumeClaimTemplates"));
}

fn volume_claims(w: &mut Writer, claims: &[Value]) {
    if claims.is_empty() {
        w.field("Volume Claims", "<none>");
        return;
    }
    w.line(0, "Volume Claims:");
    for claim in claims {
        w.line(1, &format!("Name:\t{}", name(claim)));
        w.line(1, &format!("StorageClass:\t{}", text(claim, "spec.storageClassName")));
        for (title, path) in
            [("  Labels", "metadata.labels"), ("  Annotations", "metadata.annotations")]
        {
            w.map(title, claim, path);
        }
        let capacity = match at(claim, "spec.resources.requests.storage") {
            Value::Null => "<default>".to_owned(),
            capacity => plain(capacity),
        };
        w.line(1, &format!("Capacity:\t{capacity}"));
        let modes: Vec<&str> =
            items(claim, "spec.accessModes").iter().filter_map(Value::as_str).collect();
        w.line(1, &format!("Access Modes:\t[{}]", modes.join(" ")));
    }
}

pub(super) fn daemon_set(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    w.field("Selector", &selector(at(object, "spec.selector")));
    w.field("Node-Selector", &format_labels(object, "spec.template.spec.nodeSelector"));
    w.labels_and_annotations(object);
    for (title, path) in [
        ("Desired Number of Nodes Scheduled", "status.desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "status.currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "status.updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "status.numberAvailable"),
        ("Number of Nodes Misscheduled", "status.numberMisscheduled"),
    ] {
        w.line(0, &format!("{title}: {}", int(object, path)));
    }
    pods_status(w, object, related);
    template(w, at(object, "spec.template"));
}

/// `Title:\tnumber`, if the field is set.
fn number_if(w: &mut Writer, title: &str, object: &Value, path: &str, unit: &str) {
    let value = at(object, path);
    if !value.is_null() {
        w.field(title, &format!("{}{unit}", plain(value)));
    }
}

/// `Title:\tnumber`, or `<unset>`.
fn number_or_unset(w: &mut Writer, title: &str, object: &Value, path: &str, unit: &str) {
    if has(object, path) {
        number_if(w, title, object, path, unit)
    } else {
        w.field(title, "<unset>")
    }
}

pub(super) fn job(w: &mut Writer, object: &Value) {
    w.names(object);
    w.field("Selector", &selector(at(object, "spec.selector")));
    w.labels_and_annotations(object);
    controlled_by(w, object);
    number_if(w, "Parallelism", object, "spec.parallelism", "");
    number_or_unset(w, "Completions", object, "spec.completions", "");
    number_if(w, "Completion Mode", object, "spec.completionMode", "");
    number_if(w, "Suspend", object, "spec.suspend", "");
    number_if(w, "Backoff Limit", object, "spec.backoffLimit", "");
    number_if(w, "TTL Seconds After Finished", object, "spec.ttlSecondsAfterFinished", "");
    let (start, end) = (time(object, "status.startTime"), time(object, "status.completionTime"));
    if start.is_some() {
        w.field("Start Time", &date(object, "status.startTime"));
    }
    if end.is_some() {
        w.field("Completed At", &date(object, "status.completionTime"));
    }
    if let (Some(start), Some(end)) = (start, end) {
        w.field("Duration", &human_duration(end.0.saturating_sub(start.0)));
    }
    number_if(w, "Active Deadline Seconds", object, "spec.activeDeadlineSeconds", "s");
    let [active, succeeded, failed] =
        ["status.active", "status.succeeded", "status.failed"].map(|path| int(object, path));
    let ready = opt_int(object, "status.ready")
        .map_or_else(String::new, |ready| format!(" ({ready} Ready)"));
    w.field(
        "Pods Statuses",
        &format!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"),
    );
    if text(object, "spec.completionMode") == "Indexed" {
        w.field("Completed Indexes", &completed_indexes(text(object, "status.completedIndexes")));
    }
    template(w, at(object, "spec.template"));
}

/// Long lists are cut at the first comma after fifty characters.
fn completed_indexes(list: &str) -> String {
    match list.get(50..).and_then(|rest| rest.find(',')) {
        Some(comma) => format!("{}...", &list[..=50 + comma]),
        None => none_if_empty(list.to_owned()),
    }
}

pub(super) fn cron_job(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.field("Schedule", text(object, "spec.schedule"));
    w.field("Concurrency Policy", text(object, "spec.concurrencyPolicy"));
    let suspend = match at(object, "spec.suspend").as_bool() {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    w.field("Suspend", suspend);
    number_or_unset(w, "Time Zone", object, "spec.timeZone", "");
    number_or_unset(
        w,
        "Successful Job History Limit",
        object,
        "spec.successfulJobsHistoryLimit",
        "",
    );
    number_or_unset(w, "Failed Job History Limit", object, "spec.failedJobsHistoryLimit", "");
    number_or_unset(w, "Starting Deadline Seconds", object, "spec.startingDeadlineSeconds", "s");
    let job = at(object, "spec.jobTemplate.spec");
    let job_selector =
        if has(job, "selector") { selector(at(job, "selector")) } else { "<unset>".to_owned() };
    w.field("Selector", &job_selector);
    number_or_unset(w, "Parallelism", job, "parallelism", "");
    number_or_unset(w, "Completions", job, "completions", "");
    number_if(w, "Active Deadline Seconds", job, "activeDeadlineSeconds", "s");
    template(w, at(job, "template"));
    let last = if has(object, "status.lastScheduleTime") {
        date(object, "status.lastScheduleTime")
    } else {
        "<unset>".to_owned()
    };
    w.field("Last Schedule Time", &last);
    let active: Vec<&str> =
        items(object, "status.active").iter().map(|job| text(job, "name")).collect();
    w.field("Active Jobs", &none_if_empty(active.join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_index_lists_are_cut() {
        let long = (0..40).map(|index| index.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(completed_indexes(""), "<none>");
        assert_eq!(completed_indexes("0-4"), "0-4");
        assert!(completed_indexes(&long).ends_with(",..."));
    }
}
