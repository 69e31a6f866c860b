//! Rows of the controllers that make pods.

use podplay_api::Timestamp;
use serde_json::Value;

use super::{age, container_cells};
use crate::duration::{human_duration, since};
use crate::json::{
    at, condition, controller, has, int, items, name, opt_int, plain, text, text_or, time,
};
use crate::labels::{format_labels, selector_or_none};

/// A row that ends with the containers' names and images, and the selector.
fn with_template(
    mut row: Vec<Value>,
    object: &Value,
    template: &str,
    selector: Option<String>,
) -> Vec<Value> {
    row.extend(container_cells(at(object, template)));
    row.extend(selector.map(Value::from));
    row
}

pub(super) fn deployment(object: &Value, now: Timestamp) -> Vec<Value> {
    let row = vec![
        name(object).into(),
        format!("{}/{}", int(object, "status.readyReplicas"), int(object, "spec.replicas")).into(),
        int(object, "status.updatedReplicas").into(),
        int(object, "status.availableReplicas").into(),
        age(object, now),
    ];
    with_template(row, object, "spec.template", Some(selector_or_none(at(object, "spec.selector"))))
}

/// A ReplicationController has a plain map of labels for a selector.
pub(super) fn replica_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let row = vec![
        name(object).into(),
        int(object, "spec.replicas").into(),
        int(object, "status.replicas").into(),
        int(object, "status.readyReplicas").into(),
        age(object, now),
    ];
    let selector = if text(object, "kind") == "ReplicationController" {
        format_labels(object, "spec.selector")
    } else {
        selector_or_none(at(object, "spec.selector"))
    };
    with_template(row, object, "spec.template", Some(selector))
}

pub(super) fn stateful_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let ready = format!("{}/{}", int(object, "status.readyReplicas"), int(object, "spec.replicas"));
    with_template(
        vec![name(object).into(), ready.into(), age(object, now)],
        object,
        "spec.template",
        None,
    )
}

pub(super) fn daemon_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let row = vec![
        name(object).into(),
        int(object, "status.desiredNumberScheduled").into(),
        int(object, "status.currentNumberScheduled").into(),
        int(object, "status.numberReady").into(),
        int(object, "status.updatedNumberScheduled").into(),
        int(object, "status.numberAvailable").into(),
        format_labels(object, "spec.template.spec.nodeSelector").into(),
        age(object, now),
    ];
    with_template(row, object, "spec.template", Some(selector_or_none(at(object, "spec.selector"))))
}

pub(super) fn job(object: &Value, now: Timestamp) -> Vec<Value> {
    let row = vec![
        name(object).into(),
        job_status(object).into(),
        completions(object).into(),
        job_duration(object, now).into(),
        age(object, now),
    ];
    with_template(row, object, "spec.template", Some(selector_or_none(at(object, "spec.selector"))))
}

fn job_status(object: &Value) -> &'static str {
    let is = |kind: &str| condition(object, kind) == Some("True");
    if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if has(object, "metadata.deletionTimestamp") {
        "Terminating"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else if is("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}

fn completions(object: &Value) -> String {
    let succeeded = int(object, "status.succeeded");
    match (opt_int(object, "spec.completions"), int(object, "spec.parallelism")) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn job_duration(object: &Value, now: Timestamp) -> String {
    let Some(start) = time(object, "status.startTime") else { return String::new() };
    let end = time(object, "status.completionTime").unwrap_or(now);
    human_duration(end.0.saturating_sub(start.0))
}

pub(super) fn cron_job(object: &Value, now: Timestamp) -> Vec<Value> {
    let last = time(object, "status.lastScheduleTime");
    let row = vec![
        name(object).into(),
        text(object, "spec.schedule").into(),
        text_or(object, "spec.timeZone", "<none>").into(),
        match at(object, "spec.suspend").as_bool() {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        }
        .into(),
        items(object, "status.active").len().into(),
        last.map_or_else(|| "<none>".to_owned(), |last| since(Some(last), now)).into(),
        age(object, now),
    ];
    let selector = selector_or_none(at(object, "spec.jobTemplate.spec.selector"));
    with_template(row, object, "spec.jobTemplate.spec.template", Some(selector))
}

pub(super) fn disruption_budget(object: &Value, now: Timestamp) -> Vec<Value> {
    let bound = |path: &str| match at(object, path) {
        Value::Null => "N/A".to_owned(),
        value => plain(value),
    };
    vec![
        name(object).into(),
        bound("spec.minAvailable").into(),
        bound("spec.maxUnavailable").into(),
        int(object, "status.disruptionsAllowed").into(),
        age(object, now),
    ]
}

/// Models `pkg/printers/internalversion/printers.go` formatHPAMetrics.
fn metrics(object: &Value) -> String {
    let target = |of: &Value| match (
        opt_int(of, "target.averageUtilization"),
        at(of, "target.averageValue"),
    ) {
        (Some(percent), _) => format!("{percent}%"),
        (None, Value::Null) => "<auto>".to_owned(),
        (None, value) => plain(value),
    };
    let read = items(object, "status.currentMetrics");
    // What was measured, in the place of the metric that it belongs to.
    let current = |n: usize, metric: &Value| {
        let kind =
            if text(metric, "type") == "Resource" { "resource" } else { "containerResource" };
        let found = read.get(n).map(|one| at(one, kind));
        let percent = found.and_then(|one| opt_int(one, "current.averageUtilization"));
        let average = found.map_or(&Value::Null, |one| at(one, "current.averageValue"));
        match (percent, average) {
            (Some(percent), _)
                if opt_int(at(metric, kind), "target.averageUtilization").is_some() =>
            {
                format!("{percent}%")
            }
            (_, Value::Null) => "<unknown>".to_owned(),
            (_, value) => plain(value),
        }
    };
    let one = |(n, metric): (usize, &Value)| match text(metric, "type") {
        kind @ ("Resource" | "ContainerResource") => {
            let of = at(metric, if kind == "Resource" { "resource" } else { "containerResource" });
            format!("{}: {}/{}", text(of, "name"), current(n, metric), target(of))
        }
        kind => {
            let of = at(metric, &kind.to_ascii_lowercase());
            match at(of, "target.averageValue") {
                Value::Null => format!("<unknown>/{}", plain(at(of, "target.value"))),
                value if kind == "Pods" => format!("<unknown>/{}", plain(value)),
                value => format!("<unknown>/{} (avg)", plain(value)),
            }
        }
    };
    let mut list: Vec<String> = items(object, "spec.metrics").iter().enumerate().map(one).collect();
    if let Some(percent) = opt_int(object, "spec.targetCPUUtilizationPercentage") {
        list.push(format!("cpu: <unknown>/{percent}%"));
    }
    match list.len() {
        0 => "<none>".to_owned(),
        1 | 2 => list.join(", "),
        count => format!("{} + {} more...", list[..2].join(", "), count - 2),
    }
}

pub(super) fn autoscaler(object: &Value, now: Timestamp) -> Vec<Value> {
    let target = |key: &str| text(object, key);
    let least = opt_int(object, "spec.minReplicas");
    vec![
        name(object).into(),
        format!("{}/{}", target("spec.scaleTargetRef.kind"), target("spec.scaleTargetRef.name"))
            .into(),
        metrics(object).into(),
        least.map_or_else(|| "<unset>".to_owned(), |n| n.to_string()).into(),
        int(object, "spec.maxReplicas").into(),
        int(object, "status.currentReplicas").into(),
        age(object, now),
    ]
}

pub(super) fn controller_revision(object: &Value, now: Timestamp) -> Vec<Value> {
    let owner = controller(object).map_or_else(
        || "<none>".to_owned(),
        |owner| {
            let group = text(owner, "apiVersion")
                .split_once('/')
                .map_or(String::new(), |(group, _)| format!(".{group}"));
            format!("{}{group}/{}", text(owner, "kind").to_ascii_lowercase(), text(owner, "name"))
        },
    );
    vec![name(object).into(), owner.into(), int(object, "revision").into(), age(object, now)]
}
