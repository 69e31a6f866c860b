//! Deployments, ReplicaSets, ReplicationControllers, StatefulSets, DaemonSets.
//!
//! Models `pkg/apis/apps/validation/validation.go` and the replication part of core's.

use serde_json::Value;

use super::Errors;
use super::common::{
    NOT_NEGATIVE, at_most_hundred, count_of, count_or_percent, is_empty_selector, label_selector,
    not_negative, one_of, optional, selector_shown, selects,
};
use super::error::Report;
use super::internal;
use super::names;
use super::path::sub;
use super::pod;
use super::volumes;
use crate::value::{Seen, at, entries, filled, get, int, items, text};

const NO_MATCH: &str = "`selector` does not match template `labels`";
const NULL: Value = Value::Null;

fn spec_of(object: &Value) -> &Value {
    get(object, "spec").unwrap_or(&NULL)
}

fn template_of(spec: &Value) -> &Value {
    get(spec, "template").unwrap_or(&NULL)
}

/// The selector of a workload: there, in order, not empty.
fn selector(spec: &Value, kind: &str, errors: &mut Errors) -> bool {
    let Some(selector) = get(spec, "selector") else {
        errors.required("spec.selector", "");
        return true;
    };
    let fine = label_selector(selector, "spec.selector", errors);
    if is_empty_selector(selector) {
        let detail = format!("empty selector is invalid for {kind}");
        errors.invalid_shown("spec.selector", &selector_shown(selector), &detail);
    }
    if !fine {
        let detail = "invalid label selector";
        errors.invalid_shown("spec.selector", &selector_shown(selector), detail);
    }
    fine
}

/// Whether the template carries the labels that are selected.
pub(super) fn template_labels(spec: &Value, errors: &mut Errors) {
    let selector = get(spec, "selector");
    if selector.is_some_and(is_empty_selector) {
        return;
    }
    let labels = at(spec, "template.metadata.labels");
    if !selects(selector, labels) {
        let shown = labels.map_or_else(|| "null".to_owned(), Value::to_string);
        errors.invalid_shown("spec.template.metadata.labels", &shown, NO_MATCH);
    }
}

/// Pods of workloads are always restarted and have no deadline of their own.
fn always_restarted(spec: &Value, kind: &str, errors: &mut Errors) {
    let pod = get(template_of(spec), "spec").unwrap_or(&NULL);
    let policy = text(pod, "restartPolicy");
    if policy != "Always" {
        let path = "spec.template.spec.restartPolicy";
        errors.not_supported(path, policy, &["Always"]);
    }
    if get(pod, "activeDeadlineSeconds").is_some() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden("spec.template.spec.activeDeadlineSeconds", &detail);
    }
}

fn replica_template(spec: &Value, errors: &mut Errors) {
    template_labels(spec, errors);
    pod::template(template_of(spec), "spec.template", errors);
    always_restarted(spec, "ReplicaSet", errors);
}

/// A Deployment.
pub(super) fn deployment(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    not_negative(spec, "replicas", "spec", errors);
    if selector(spec, "deployment", errors) {
        replica_template(spec, errors);
    }
    strategy(spec, errors);
    not_negative(spec, "minReadySeconds", "spec", errors);
    not_negative(spec, "revisionHistoryLimit", "spec", errors);
    if let Some(deadline) = int(spec, "progressDeadlineSeconds") {
        let path = "spec.progressDeadlineSeconds";
        let value = Value::from(deadline);
        if deadline < 0 {
            errors.invalid(path, &value, NOT_NEGATIVE);
        }
        if deadline <= int(spec, "minReadySeconds").unwrap_or(0) {
            let detail = "must be greater than minReadySeconds";
            errors.invalid(path, &value, detail);
        }
    }
}

fn strategy(spec: &Value, errors: &mut Errors) {
    let strategy = get(spec, "strategy").unwrap_or(&NULL);
    let rolling = get(strategy, "rollingUpdate");
    let path = "spec.strategy.rollingUpdate";
    match text(strategy, "type") {
        "Recreate" => {
            if rolling.is_some() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(path, detail);
            }
        }
        "RollingUpdate" => {
            let Some(rolling) = rolling else { return };
            count_or_percent(rolling, "maxUnavailable", path, errors);
            count_or_percent(rolling, "maxSurge", path, errors);
            let unavailable = get(rolling, "maxUnavailable");
            if count_of(unavailable) == 0 && count_of(get(rolling, "maxSurge")) == 0 {
                let field = sub(path, "maxUnavailable");
                let detail = "may not be 0 when `maxSurge` is 0";
                errors.invalid(&field, unavailable.unwrap_or(&NULL), detail);
            }
            at_most_hundred(rolling, "maxUnavailable", path, errors);
        }
        _ => {
            let shown = internal::compact("DeploymentStrategy", strategy);
            let known = ["Recreate", "RollingUpdate"];
            errors.not_supported_shown("spec.strategy", &shown, &known);
        }
    }
}

/// A ReplicaSet.
pub(super) fn replica_set(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    not_negative(spec, "replicas", "spec", errors);
    not_negative(spec, "minReadySeconds", "spec", errors);
    if selector(spec, "deployment", errors) {
        replica_template(spec, errors);
    }
}

/// A ReplicationController, whose selector is a plain map.
pub(super) fn replication_controller(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    not_negative(spec, "minReadySeconds", "spec", errors);
    let wanted = filled(spec, "selector");
    if !wanted {
        errors.required("spec.selector", "");
    }
    not_negative(spec, "replicas", "spec", errors);
    let Some(template) = get(spec, "template") else {
        errors.required("spec.template", "");
        return;
    };
    if wanted {
        let labels = at(template, "metadata.labels");
        let label = |k: &str| labels.and_then(|l| l.get(k));
        if !entries(spec, "selector").all(|(k, v)| label(k) == Some(v)) {
            let shown = labels.map_or_else(|| "null".to_owned(), Value::to_string);
            errors.invalid_shown("spec.template.metadata.labels", &shown, NO_MATCH);
        }
    }
    pod::template(template, "spec.template", errors);
    always_restarted(spec, "ReplicationController", errors);
}

/// A DaemonSet.
pub(super) fn daemon_set(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    match get(spec, "selector") {
        None => errors.required("spec.selector", ""),
        Some(selector) => {
            label_selector(selector, "spec.selector", errors);
        }
    }
    template_labels(spec, errors);
    if let Some(selector) = get(spec, "selector").filter(|s| is_empty_selector(s)) {
        let detail = "empty selector is invalid for daemonset";
        errors.invalid_shown("spec.selector", &selector_shown(selector), detail);
    }
    pod::template(template_of(spec), "spec.template", errors);
    always_restarted(spec, "DaemonSet", errors);
    not_negative(spec, "minReadySeconds", "spec", errors);
    daemon_strategy(get(spec, "updateStrategy").unwrap_or(&NULL), errors);
    not_negative(spec, "revisionHistoryLimit", "spec", errors);
}

fn daemon_strategy(strategy: &Value, errors: &mut Errors) {
    let path = "spec.updateStrategy.rollingUpdate";
    match text(strategy, "type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let Some(rolling) = get(strategy, "rollingUpdate") else {
                errors.required(path, "");
                return;
            };
            for key in ["maxUnavailable", "maxSurge"] {
                count_or_percent(rolling, key, path, errors);
                at_most_hundred(rolling, key, path, errors);
            }
            let surge = get(rolling, "maxSurge");
            let (down, up) = (count_of(get(rolling, "maxUnavailable")), count_of(surge));
            if down != 0 && up != 0 {
                let field = sub(path, "maxSurge");
                let detail = "may not be set when maxUnavailable is non-zero";
                errors.invalid(&field, surge.unwrap_or(&NULL), detail);
            }
            if down == 0 && up == 0 {
                let field = sub(path, "maxUnavailable");
                errors.required(&field, "cannot be 0 when maxSurge is 0");
            }
        }
        other => {
            let known = ["RollingUpdate", "OnDelete"];
            errors.not_supported("spec.updateStrategy.type", other, &known);
        }
    }
}

/// A StatefulSet.
pub(super) fn stateful_set(object: &Value, errors: &mut Errors) {
    let spec = spec_of(object);
    let policy = text(spec, "podManagementPolicy");
    if !matches!(policy, "OrderedReady" | "Parallel") {
        let detail = "must be 'OrderedReady' or 'Parallel'";
        errors.invalid_text("spec.podManagementPolicy", policy, detail);
    }
    stateful_strategy(get(spec, "updateStrategy").unwrap_or(&NULL), errors);
    if let Some(retention) = get(spec, "persistentVolumeClaimRetentionPolicy") {
        let path = "spec.persistentVolumeClaimRetentionPolicy";
        one_of(retention, "whenDeleted", &["Retain", "Delete"], path, errors);
        one_of(retention, "whenScaled", &["Retain", "Delete"], path, errors);
    }
    not_negative(spec, "replicas", "spec", errors);
    not_negative(spec, "minReadySeconds", "spec", errors);
    if let Some(ordinals) = get(spec, "ordinals") {
        not_negative(ordinals, "start", "spec.ordinals", errors);
    }
    if selector(spec, "statefulset", errors) {
        template_labels(spec, errors);
        let with_claims = claims_as_volumes(spec);
        pod::template(&with_claims, "spec.template", errors);
    }
    always_restarted(spec, "StatefulSet", errors);
    optional(spec, "serviceName", names::label, "spec", errors);
    for (i, claim) in items(spec, "volumeClaimTemplates").iter().enumerate() {
        if filled(get(claim, "metadata").unwrap_or(&NULL), "name") {
            let path = format!("spec.volumeClaimTemplates[{i}].spec");
            volumes::claim_spec(get(claim, "spec").unwrap_or(&NULL), &path, errors);
        }
    }
    not_negative(spec, "revisionHistoryLimit", "spec", errors);
}

/// The template as its pods will have it: each claim template is a volume of the same name.
fn claims_as_volumes(spec: &Value) -> Value {
    let mut template = template_of(spec).clone();
    let claims = items(spec, "volumeClaimTemplates");
    let mut taken = Seen::default();
    let names: Vec<&str> = claims.iter().map(crate::value::name).collect();
    for name in &names {
        taken.insert(name);
    }
    let mut volumes: Vec<Value> = names
        .iter()
        .map(|n| serde_json::json!({"name": n, "persistentVolumeClaim": {"claimName": n}}))
        .collect();
    if volumes.is_empty() {
        return template;
    }
    if let Some(pod) = template.get_mut("spec") {
        volumes.extend(
            items(pod, "volumes").iter().filter(|v| !taken.contains(text(v, "name"))).cloned(),
        );
        crate::value::put(pod, "volumes", Value::Array(volumes));
    }
    template
}

fn stateful_strategy(strategy: &Value, errors: &mut Errors) {
    let rolling = get(strategy, "rollingUpdate");
    let path = "spec.updateStrategy.rollingUpdate";
    match text(strategy, "type") {
        "OnDelete" => {
            if let Some(rolling) = rolling {
                let shown = internal::compact("RollingUpdateStatefulSet", rolling);
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                errors.invalid_shown(path, &shown, detail);
            }
        }
        "RollingUpdate" => {
            if let Some(rolling) = rolling {
                not_negative(rolling, "partition", path, errors);
                count_or_percent(rolling, "maxUnavailable", path, errors);
            }
        }
        "" => errors.required("spec.updateStrategy", ""),
        _ => {
            let shown = internal::compact("StatefulSetUpdateStrategy", strategy);
            let detail = "must be 'RollingUpdate' or 'OnDelete'";
            errors.invalid_shown("spec.updateStrategy", &shown, detail);
        }
    }
}
