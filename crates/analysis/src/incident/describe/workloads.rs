//! Descriptions of the controllers that make pods.

use super::super::marked::Marked;
use super::outline::Node;
use super::pod::{conditions, template};
use podplay_api::{Value, json};

/// A title of a workload's description.
pub(super) fn field(kind: &str, node: &Node<'_>, tree: &mut Marked) -> bool {
    let at = if kind == "CronJob" { "spec.jobTemplate.spec.template" } else { "spec.template" };
    match node.key {
        "Pod Template" => template(node, at, tree),
        "Conditions" => conditions(node, tree),
        "Selector" => selector(kind, node, tree),
        "Replicas" => replicas(node, tree),
        "Pods Status" | "Pods Statuses" => counts(node, tree),
        _ => {
            return of_deployment(node, tree)
                || of_job(kind, node, tree)
                || of_cron_job(node, tree)
                || of_sets(node, tree);
        }
    }
    true
}

fn selector(kind: &str, node: &Node<'_>, tree: &mut Marked) {
    if matches!(kind, "Job" | "CronJob") {
        return;
    }
    node.listed(|key, value| {
        tree.put_key("spec.selector.matchLabels", key, value, node.line);
    });
}

/// `3 desired | 1 updated | 3 total | 2 available | 1 unavailable`, `1 current / 1 desired`.
fn replicas(node: &Node<'_>, tree: &mut Marked) {
    for part in node.value.split(['|', '/']) {
        let Some((count, what)) = part.trim().split_once(' ') else { continue };
        let Ok(count) = count.parse::<u32>() else { continue };
        let path = match what.trim() {
            "desired" => "spec.replicas",
            "updated" => "status.updatedReplicas",
            "total" | "current" => "status.replicas",
            "available" => "status.availableReplicas",
            "unavailable" => "status.unavailableReplicas",
            _ => continue,
        };
        tree.put(path, count, node.line);
    }
}

/// `0 Active (0 Ready) / 1 Succeeded / 0 Failed`.
fn counts(node: &Node<'_>, tree: &mut Marked) {
    for part in node.value.split(" / ") {
        let mut words = part.split_whitespace();
        let (Some(count), Some(what)) = (words.next(), words.next()) else { continue };
        if let Ok(count) = count.parse::<u32>() {
            tree.put(&format!("status.{}", what.to_ascii_lowercase()), count, node.line);
        }
    }
}

/// A number, perhaps with an `s` behind it.
fn number(node: &Node<'_>) -> Option<i64> {
    node.value.trim_end_matches('s').parse().ok()
}

fn put_number(tree: &mut Marked, path: &str, node: &Node<'_>) {
    if let Some(number) = number(node) {
        tree.put(path, number, node.line);
    }
}

/// A share such as `25%`, or a number.
fn amount(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
}

fn of_deployment(node: &Node<'_>, tree: &mut Marked) -> bool {
    match node.key {
        "StrategyType" => tree.put("spec.strategy.type", node.value, node.line),
        "MinReadySeconds" => put_number(tree, "spec.minReadySeconds", node),
        "RollingUpdateStrategy" => {
            for part in node.value.split(", ") {
                if let Some((share, what)) = part.split_once(" max ") {
                    let name = if what == "surge" { "maxSurge" } else { "maxUnavailable" };
                    let path = format!("spec.strategy.rollingUpdate.{name}");
                    tree.put(&path, amount(share), node.line);
                }
            }
        }
        "NewReplicaSet" | "OldReplicaSets" => {
            tree.put_key("seen", node.key, node.value, node.line);
        }
        _ => return false,
    }
    true
}

fn of_job(kind: &str, node: &Node<'_>, tree: &mut Marked) -> bool {
    let at = if kind == "CronJob" { "spec.jobTemplate.spec" } else { "spec" };
    match node.key {
        "Parallelism" => put_number(tree, &format!("{at}.parallelism"), node),
        "Completions" => put_number(tree, &format!("{at}.completions"), node),
        "Backoff Limit" => put_number(tree, &format!("{at}.backoffLimit"), node),
        "Active Deadline Seconds" => put_number(tree, &format!("{at}.activeDeadlineSeconds"), node),
        "TTL Seconds After Finished" => {
            put_number(tree, &format!("{at}.ttlSecondsAfterFinished"), node);
        }
        "Completion Mode" => tree.put(&format!("{at}.completionMode"), node.value, node.line),
        "Suspend" if !node.none() => {
            tree.put("spec.suspend", node.value.eq_ignore_ascii_case("true"), node.line);
        }
        "Suspend" | "Duration" | "Completed Indexes" => {}
        "Start Time" => super::put_date(tree, "status.startTime", node),
        "Completed At" => super::put_date(tree, "status.completionTime", node),
        _ => return false,
    }
    true
}

fn of_cron_job(node: &Node<'_>, tree: &mut Marked) -> bool {
    match node.key {
        "Schedule" => tree.put("spec.schedule", node.value, node.line),
        "Concurrency Policy" => tree.put("spec.concurrencyPolicy", node.value, node.line),
        "Time Zone" if !node.none() => tree.put("spec.timeZone", node.value, node.line),
        "Starting Deadline Seconds" => put_number(tree, "spec.startingDeadlineSeconds", node),
        "Successful Job History Limit" => put_number(tree, "spec.successfulJobsHistoryLimit", node),
        "Failed Job History Limit" => put_number(tree, "spec.failedJobsHistoryLimit", node),
        "Last Schedule Time" => super::put_date(tree, "status.lastScheduleTime", node),
        "Active Jobs" if !node.none() => {
            for (number, name) in node.value.split(", ").enumerate() {
                tree.put(&format!("status.active[{number}].name"), name, node.line);
            }
        }
        "Time Zone" | "Active Jobs" => {}
        _ => return false,
    }
    true
}

fn of_sets(node: &Node<'_>, tree: &mut Marked) -> bool {
    match node.key {
        "Update Strategy" => {
            tree.put("spec.updateStrategy.type", node.value, node.line);
            for field in node.under() {
                if field.key == "Partition" {
                    put_number(tree, "spec.updateStrategy.rollingUpdate.partition", &field);
                }
            }
        }
        "Desired Number of Nodes Scheduled" => {
            put_number(tree, "status.desiredNumberScheduled", node);
        }
        "Current Number of Nodes Scheduled" => {
            put_number(tree, "status.currentNumberScheduled", node);
        }
        "Number of Nodes Scheduled with Available Pods" => {
            put_number(tree, "status.numberAvailable", node);
        }
        "Number of Nodes Scheduled with Up-to-date Pods" | "Number of Nodes Misscheduled" => {}
        "Node-Selector" => node.pairs('=', |key, value, line| {
            tree.put_key("spec.template.spec.nodeSelector", key, value, line);
        }),
        "Volume Claims" => claims(node, tree),
        _ => return false,
    }
    true
}

/// The claims of a StatefulSet.
fn claims(node: &Node<'_>, tree: &mut Marked) {
    let mut number: Option<usize> = None;
    for field in node.under() {
        if field.key == "Name" {
            number = Some(number.map_or(0, |number| number + 1));
        }
        let Some(number) = number else { continue };
        let path = |name: &str| format!("spec.volumeClaimTemplates[{number}].{name}");
        match field.key {
            "Name" => tree.put(&path("metadata.name"), field.value, field.line),
            "StorageClass" if !field.none() => {
                tree.put(&path("spec.storageClassName"), field.value, field.line);
            }
            "Capacity" if field.value != "<default>" => {
                tree.put(&path("spec.resources.requests.storage"), field.value, field.line);
            }
            "Access Modes" => {
                let modes = field.value.trim_start_matches('[').trim_end_matches(']');
                let modes: Vec<&str> = modes.split_whitespace().collect();
                tree.put(&path("spec.accessModes"), json!(modes), field.line);
            }
            _ => {}
        }
    }
}
