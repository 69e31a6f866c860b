//! Jobs and CronJobs.
//!
//! Models `pkg/apis/batch/validation/validation.go`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, label_selector, not_negative, one_of, selector_shown};
use super::cron;
use super::error::Report;
use super::internal;
use super::names;
use super::path::{nth, sub};
use super::pod;
use super::workloads;
use crate::value::{Seen, at, filled, get, int, items, text, truth};

const NULL: Value = Value::Null;
const UID_LABEL: &str = "batch.kubernetes.io/controller-uid";

/// A Job that is created or updated.
pub(super) fn job(object: &Value, errors: &mut Errors) {
    let spec = get(object, "spec").unwrap_or(&NULL);
    generated_selector(spec, errors);
    pod_names(object, spec, errors);
    job_spec(spec, "spec", errors);
    match get(spec, "selector") {
        None => errors.required("spec.selector", ""),
        Some(selector) => {
            label_selector(selector, "spec.selector", errors);
        }
    }
    workloads::template_labels(spec, errors);
}

/// The pods of an indexed Job are named after it and their index, which must be a DNS label.
fn pod_names(object: &Value, spec: &Value, errors: &mut Errors) {
    let last =
        int(spec, "completions").filter(|n| *n > 0 && text(spec, "completionMode") == "Indexed");
    let Some(last) = last else { return };
    let name = crate::value::name(object);
    let pod = format!("{name}-{}", last - 1);
    let only_length = names::subdomain(name).is_empty();
    if only_length && !names::label(&pod).is_empty() {
        let detail = format!("will not able to create pod with invalid DNS label: {pod}");
        errors.invalid_text("metadata.name", name, &detail);
    }
}

/// A selector of one's own needs `manualSelector`.
fn generated_selector(spec: &Value, errors: &mut Errors) {
    if truth(spec, "manualSelector") {
        return;
    }
    let Some(selector) = get(spec, "selector") else { return };
    let only_own = at(selector, "matchLabels")
        .and_then(Value::as_object)
        .is_some_and(|m| m.len() == 1 && m.contains_key(UID_LABEL))
        && !filled(selector, "matchExpressions");
    if !only_own {
        let detail = "`selector` not auto-generated";
        errors.invalid_shown("spec.selector", &selector_shown(selector), detail);
    }
}

/// The spec of a Job, alone or in a CronJob.
fn job_spec(spec: &Value, path: &str, errors: &mut Errors) {
    for key in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        not_negative(spec, key, path, errors);
    }
    if int(spec, "maxFailedIndexes").is_some() && int(spec, "backoffLimitPerIndex").is_none() {
        let detail = "when maxFailedIndexes is specified";
        errors.required(&sub(path, "backoffLimitPerIndex"), detail);
    }
    managed_by(spec, path, errors);
    one_of(spec, "completionMode", &["NonIndexed", "Indexed"], path, errors);
    indexes(spec, path, errors);
    if let Some(policy) = get(spec, "podFailurePolicy") {
        failure_policy(policy, spec, &sub(path, "podFailurePolicy"), errors);
    }
    if let Some(policy) = get(spec, "successPolicy") {
        success_policy(policy, spec, &sub(path, "successPolicy"), errors);
    }
    let known: &[&str] = match get(spec, "podFailurePolicy") {
        Some(_) => &["Failed"],
        None => &["Failed", "TerminatingOrFailed"],
    };
    one_of(spec, "podReplacementPolicy", known, path, errors);
    let template = get(spec, "template").unwrap_or(&NULL);
    pod::template(template, &sub(path, "template"), errors);
    restart_policy(spec, template, path, errors);
}

fn restart_policy(spec: &Value, template: &Value, path: &str, errors: &mut Errors) {
    let path = sub(path, "template.spec.restartPolicy");
    let policy = get(template, "spec").map_or("", |s| text(s, "restartPolicy"));
    match policy {
        "" | "Always" => {
            errors.required(&path, "valid values: \"OnFailure\", \"Never\"");
        }
        "OnFailure" | "Never" => {
            if policy != "Never" && get(spec, "podFailurePolicy").is_some() {
                let detail = "only \"Never\" is supported when podFailurePolicy is specified";
                errors.invalid_text(&path, policy, detail);
            }
        }
        other => errors.not_supported(&path, other, &["OnFailure", "Never"]),
    }
}

fn managed_by(spec: &Value, path: &str, errors: &mut Errors) {
    let Some(name) = get(spec, "managedBy").and_then(Value::as_str) else { return };
    let path = sub(path, "managedBy");
    let (domain, rest) = name.split_once('/').unwrap_or(("", ""));
    if domain.is_empty() || rest.is_empty() {
        let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        errors.invalid_text(&path, name, detail);
        return;
    }
    check_text(domain, names::subdomain, &path, errors);
    if name.len() > 63 {
        errors.too_long(&path, 63);
    }
}

fn indexes(spec: &Value, path: &str, errors: &mut Errors) {
    const MOST: i64 = 100_000;
    if text(spec, "completionMode") != "Indexed" {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if let Some(value) = get(spec, key) {
                let detail = "requires indexed completion mode";
                errors.invalid(&sub(path, key), value, detail);
            }
        }
        return;
    }
    let completions = int(spec, "completions");
    if completions.is_none() {
        let detail = "when completion mode is Indexed";
        errors.required(&sub(path, "completions"), detail);
    }
    if let Some(n) = int(spec, "parallelism").filter(|n| *n > MOST) {
        let detail =
            format!("must be less than or equal to {MOST} when completion mode is Indexed");
        errors.invalid_number(&sub(path, "parallelism"), n, &detail);
    }
    if let (Some(failed), Some(all)) = (int(spec, "maxFailedIndexes"), completions) {
        let field = sub(path, "maxFailedIndexes");
        if failed > all {
            let detail = "must be less than or equal to completions";
            errors.invalid_number(&field, failed, detail);
        }
        if failed > MOST {
            let detail = format!("must be less than or equal to {MOST}");
            errors.invalid_number(&field, failed, &detail);
        }
    }
}

fn failure_policy(policy: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    let path = sub(path, "rules");
    let rules = items(policy, "rules");
    if rules.len() > 20 {
        errors.too_many(&path, rules.len(), 20);
    }
    let pod = at(spec, "template.spec").unwrap_or(&NULL);
    let containers: Vec<&str> = items(pod, "containers")
        .iter()
        .chain(items(pod, "initContainers"))
        .map(|c| text(c, "name"))
        .collect();
    for (i, rule) in rules.iter().enumerate() {
        failure_rule(rule, spec, &containers, &nth(&path, i), errors);
    }
}

fn failure_rule(rule: &Value, spec: &Value, containers: &[&str], path: &str, errors: &mut Errors) {
    let action = text(rule, "action");
    let field = sub(path, "action");
    match action {
        "" => errors
            .required(&field, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"),
        "FailIndex" if int(spec, "backoffLimitPerIndex").is_none() => {
            let detail = "requires the backoffLimitPerIndex to be set";
            errors.invalid_text(&field, action, detail);
        }
        "Count" | "FailIndex" | "FailJob" | "Ignore" => {}
        other => {
            let known = ["Count", "FailIndex", "FailJob", "Ignore"];
            errors.not_supported(&field, other, &known);
        }
    }
    let (codes, conditions) = (get(rule, "onExitCodes"), items(rule, "onPodConditions"));
    if let Some(codes) = codes {
        exit_codes(codes, containers, &sub(path, "onExitCodes"), errors);
    }
    for (i, pattern) in conditions.iter().enumerate() {
        let path = nth(sub(path, "onPodConditions"), i);
        check_text(text(pattern, "type"), names::qualified, &sub(&path, "type"), errors);
        one_of(pattern, "status", &["False", "True", "Unknown"], &path, errors);
    }
    match (codes.is_some(), conditions.is_empty()) {
        (true, false) => errors.invalid_hidden(
            path,
            "specifying both OnExitCodes and OnPodConditions is not supported",
        ),
        (false, true) => errors
            .invalid_hidden(path, "specifying one of OnExitCodes and OnPodConditions is required"),
        _ => {}
    }
}

fn exit_codes(codes: &Value, containers: &[&str], path: &str, errors: &mut Errors) {
    let operator = text(codes, "operator");
    if !matches!(operator, "In" | "NotIn") {
        let field = sub(path, "operator");
        errors.not_supported(&field, operator, &["In", "NotIn"]);
    }
    let name = text(codes, "containerName");
    if !name.is_empty() && !containers.contains(&name) {
        let detail = "must be one of the container or initContainer names in the pod template";
        errors.invalid_text(&sub(path, "containerName"), name, detail);
    }
    let path = sub(path, "values");
    let values: Vec<i64> = items(codes, "values").iter().filter_map(Value::as_i64).collect();
    let shown = Value::from(values.clone());
    if values.is_empty() {
        errors.invalid(&path, &shown, "at least one value is required");
    } else if values.len() > 255 {
        errors.too_many(&path, values.len(), 255);
    }
    let mut seen = Seen::default();
    for (i, value) in values.iter().enumerate() {
        let field = nth(&path, i);
        if operator == "In" && *value == 0 {
            let detail = "must not be 0 for the In operator";
            errors.invalid_number(&field, *value, detail);
        }
        if !seen.insert(&value.to_string()) {
            errors.duplicate_shown(&field, &value.to_string());
        }
    }
    if !values.is_sorted() {
        errors.invalid(&path, &shown, "must be ordered");
    }
}

fn success_policy(policy: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    if text(spec, "completionMode") != "Indexed" {
        let shown = internal::compact("SuccessPolicy", policy);
        errors.invalid_shown(path, &shown, "requires indexed completion mode");
        return;
    }
    let path = sub(path, "rules");
    let rules = items(policy, "rules");
    if rules.is_empty() {
        let detail = "at least one rules must be specified when the successPolicy is specified";
        errors.required(&path, detail);
    }
    if rules.len() > 20 {
        errors.too_many(&path, rules.len(), 20);
    }
    let completions = int(spec, "completions").unwrap_or(0);
    for (i, rule) in rules.iter().enumerate() {
        success_rule(rule, completions, &nth(&path, i), errors);
    }
}

fn success_rule(rule: &Value, completions: i64, path: &str, errors: &mut Errors) {
    let (indexes, count) = (get(rule, "succeededIndexes"), int(rule, "succeededCount"));
    if indexes.is_none() && count.is_none() {
        let detail = "at least one of succeededCount or succeededIndexes must be specified";
        errors.required(path, detail);
    }
    let mut total = None;
    if let Some(text) = indexes.and_then(Value::as_str) {
        match parse_indexes(text, completions) {
            Ok(n) => total = Some(n),
            Err(problem) => {
                let detail = format!("error parsing succeededIndexes: {problem}");
                let field = sub(path, "succeededIndexes");
                errors.invalid_text(&field, text, &detail);
            }
        }
    }
    let Some(count) = count else { return };
    let field = sub(path, "succeededCount");
    let value = Value::from(count);
    if count < 0 {
        errors.invalid(&field, &value, super::common::NOT_NEGATIVE);
    }
    if count > completions {
        let detail = format!(
            "must be less than or equal to {completions} (the number of specified completions)"
        );
        errors.invalid(&field, &value, &detail);
    }
    if let Some(total) = total.filter(|t| count > *t) {
        let detail = format!(
            "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        );
        errors.invalid(&field, &value, &detail);
    }
}

/// `0,2-4`: how many indexes that is, or why it is none.
fn parse_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let mut total = 0;
    let mut last = -1;
    for interval in text.split(',').filter(|_| !text.is_empty()) {
        let number = |part: &str| -> Result<i64, String> {
            let n: i64 = part.parse().map_err(|_| {
                format!("cannot convert string to integer for index: {}", crate::yaml::quote(part))
            })?;
            match n >= completions {
                true => Err(format!("too large index: {}", crate::yaml::quote(part))),
                false => Ok(n),
            }
        };
        let (from, to) = interval.split_once('-').map_or((interval, None), |(a, b)| (a, Some(b)));
        let from = number(from)?;
        let to = to.map_or(Ok(from), number)?;
        if from <= last {
            return Err(format!("non-increasing order, previous: {last}, current: {from}"));
        }
        if to < from {
            return Err(format!("non-increasing order, previous: {from}, current: {to}"));
        }
        total += to - from + 1;
        last = to;
    }
    Ok(total)
}

/// A CronJob.
pub(super) fn cron_job(object: &Value, errors: &mut Errors) {
    let spec = get(object, "spec").unwrap_or(&NULL);
    let name = crate::value::name(object);
    if name.len() > 52 {
        let detail = "must be no more than 52 characters";
        errors.invalid_text("metadata.name", name, detail);
    }
    let schedule = text(spec, "schedule");
    if schedule.is_empty() {
        errors.required("spec.schedule", "");
    } else if schedule.contains("TZ") {
        let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.invalid_text("spec.schedule", schedule, detail);
    } else if let Err(problem) = cron::check(schedule) {
        errors.invalid_text("spec.schedule", schedule, &problem);
    }
    not_negative(spec, "startingDeadlineSeconds", "spec", errors);
    time_zone(spec, errors);
    one_of(spec, "concurrencyPolicy", &["Allow", "Forbid", "Replace"], "spec", errors);
    let template = get(spec, "jobTemplate").unwrap_or(&NULL);
    let inner = get(template, "spec").unwrap_or(&NULL);
    if let Some(selector) = get(inner, "selector") {
        let detail = "`selector` will be auto-generated";
        let path = "spec.jobTemplate.spec.selector";
        errors.invalid_shown(path, &selector_shown(selector), detail);
    }
    if truth(inner, "manualSelector") {
        let known: &[&str] = &["nil", "false"];
        let path = "spec.jobTemplate.spec.manualSelector";
        errors.not_supported_shown(path, "true", known);
    }
    job_spec(inner, "spec.jobTemplate.spec", errors);
    not_negative(spec, "successfulJobsHistoryLimit", "spec", errors);
    not_negative(spec, "failedJobsHistoryLimit", "spec", errors);
}

fn time_zone(spec: &Value, errors: &mut Errors) {
    let Some(zone) = get(spec, "timeZone").and_then(Value::as_str) else { return };
    let path = "spec.timeZone";
    let problem = if zone.is_empty() {
        "timeZone must be nil or non-empty string".to_owned()
    } else if zone.eq_ignore_ascii_case("local") {
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
            .to_owned()
    } else if !cron::is_zone(zone) {
        format!("unknown time zone {zone}")
    } else {
        return;
    };
    errors.invalid_text(path, zone, &problem);
}
