//! Defaults of the kinds that make pods.
//!
//! Models `pkg/apis/apps/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go` and, for replication
//! controllers, `pkg/apis/core/v1/defaults.go`.

use serde_json::{Map, Value, json};

use super::others::claim_spec;
use super::pod::template;
use crate::value::{at, default, default_zero, ensure, get, int, items_mut, object_mut, put, text};

pub(super) fn deployment(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    template(spec, "template");
    default(spec, "replicas", 1);
    let strategy = ensure(spec, "strategy");
    default_zero(strategy, "type", "RollingUpdate");
    if text(strategy, "type") == "RollingUpdate" {
        let rolling = ensure(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", "25%");
        default(rolling, "maxSurge", "25%");
    }
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
}

pub(super) fn replica_set(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    template(spec, "template");
    default(spec, "replicas", 1);
}

pub(super) fn daemon_set(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    template(spec, "template");
    let strategy = ensure(spec, "updateStrategy");
    default_zero(strategy, "type", "RollingUpdate");
    if text(strategy, "type") == "RollingUpdate" {
        let rolling = ensure(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", 1);
        default(rolling, "maxSurge", 0);
    }
    default(spec, "revisionHistoryLimit", 10);
}

pub(super) fn stateful_set(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    template(spec, "template");
    default_zero(spec, "podManagementPolicy", "OrderedReady");
    let strategy = ensure(spec, "updateStrategy");
    default_zero(strategy, "type", "RollingUpdate");
    if text(strategy, "type") == "RollingUpdate" {
        default(ensure(strategy, "rollingUpdate"), "partition", 0);
    }
    let retention = ensure(spec, "persistentVolumeClaimRetentionPolicy");
    default_zero(retention, "whenDeleted", "Retain");
    default_zero(retention, "whenScaled", "Retain");
    default(spec, "replicas", 1);
    default(spec, "revisionHistoryLimit", 10);
    for claim in items_mut(spec, "volumeClaimTemplates") {
        default_zero(claim, "apiVersion", "v1");
        default_zero(claim, "kind", "PersistentVolumeClaim");
        ensure(claim, "metadata");
        claim_spec(ensure(claim, "spec"));
        default(ensure(claim, "status"), "phase", "Pending");
    }
}

/// The oldest of them takes its selector and labels from the template.
pub(super) fn replication_controller(object: &mut Value) {
    let labels = at(object, "spec.template.metadata.labels").cloned();
    if let Some(labels) = labels.filter(|l| l.as_object().is_some_and(|m| !m.is_empty())) {
        let spec = ensure(object, "spec");
        if get(spec, "selector").is_none_or(|s| s.as_object().is_some_and(Map::is_empty)) {
            put(spec, "selector", labels.clone());
        }
        let metadata = ensure(object, "metadata");
        if get(metadata, "labels").is_none_or(|s| s.as_object().is_some_and(Map::is_empty)) {
            put(metadata, "labels", labels);
        }
    }
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    default(spec, "replicas", 1);
    if get(spec, "template").is_some() {
        template(spec, "template");
    }
}

pub(super) fn job(object: &mut Value) {
    ensure(object, "metadata");
    job_spec(ensure(object, "spec"));
    // A Job without labels takes those of its template.
    let labels = at(object, "spec.template.metadata.labels").cloned();
    let own =
        at(object, "metadata.labels").and_then(Value::as_object).is_some_and(|m| !m.is_empty());
    if let (false, Some(labels)) = (own, labels) {
        put(ensure(object, "metadata"), "labels", labels);
    }
}

pub(super) fn job_spec(spec: &mut Value) {
    if int(spec, "completions").is_none() && int(spec, "parallelism").is_none() {
        put(spec, "completions", 1);
        put(spec, "parallelism", 1);
    }
    default(spec, "parallelism", 1);
    let per_index = int(spec, "backoffLimitPerIndex").is_some();
    default(spec, "backoffLimit", if per_index { i64::from(i32::MAX) } else { 6 });
    default_zero(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    let on_failure = get(spec, "podFailurePolicy").is_some();
    let replacement = if on_failure { "Failed" } else { "TerminatingOrFailed" };
    default_zero(spec, "podReplacementPolicy", replacement);
    default(spec, "manualSelector", false);
    if spec["manualSelector"] == json!(false) {
        // The value that a server stores for a Job that was created without the field.
        crate::value::remove(spec, "manualSelector");
    }
    if let Some(policy) = object_mut(spec, "podFailurePolicy") {
        for rule in items_mut(policy, "rules") {
            for pattern in items_mut(rule, "onPodConditions") {
                default_zero(pattern, "status", "True");
            }
        }
    }
    template(spec, "template");
}

pub(super) fn cron_job(object: &mut Value) {
    ensure(object, "metadata");
    let spec = ensure(object, "spec");
    default_zero(spec, "concurrencyPolicy", "Allow");
    default(spec, "suspend", false);
    default(spec, "successfulJobsHistoryLimit", 3);
    default(spec, "failedJobsHistoryLimit", 1);
    let job = ensure(spec, "jobTemplate");
    ensure(job, "metadata");
    let inner = ensure(job, "spec");
    template(inner, "template");
}
