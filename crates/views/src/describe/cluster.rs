//! Namespaces, quotas, limits, disruption budgets, priorities.

use std::collections::BTreeSet;

use serde_json::Value;

use super::writer::Writer;
use super::{Related, date};
use crate::json::{at, fields, flag, has, int, items, name, plain, text};
use crate::labels::{format_labels, selector_or_none};

pub(super) fn namespace(w: &mut Writer, object: &Value, related: &Related) {
    w.field("Name", name(object));
    w.labels_and_annotations(object);
    w.field("Status", text(object, "status.phase"));
    let conditions = items(object, "status.conditions");
    if !conditions.is_empty() {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
        for condition in conditions {
            let [kind, status, reason, message] =
                ["type", "status", "reason", "message"].map(|key| text(condition, key));
            let moment = date(condition, "lastTransitionTime");
            w.line(1, &format!("{kind}\t{status}\t{moment}\t{reason}\t{message}"));
        }
    }
    let inside = |wanted: &str| -> Vec<&Value> {
        let all = related.of_kind(wanted);
        all.into_iter().filter(|other| crate::json::namespace(other) == name(object)).collect()
    };
    w.line(0, "");
    namespace_quotas(w, &inside("ResourceQuota"));
    w.line(0, "");
    namespace_limits(w, &inside("LimitRange"));
}

fn namespace_quotas(w: &mut Writer, quotas: &[&Value]) {
    if quotas.is_empty() {
        w.line(0, "No resource quota.");
        return;
    }
    w.line(0, "Resource Quotas");
    for quota in quotas {
        w.line(1, &format!("Name:\t{}", name(quota)));
        scopes(w, quota, "  Scopes:", "  * ");
        w.line(1, "Resource\tUsed\tHard");
        w.line(1, "--------\t---\t---");
        quota_lines(w, quota, 1);
    }
}

fn quota_lines(w: &mut Writer, quota: &Value, level: usize) {
    for (resource, hard) in fields(quota, "status.hard") {
        let used = at(quota, "status.used").get(resource).map_or_else(|| "0".to_owned(), plain);
        w.line(level, &format!("{resource}\t{used}\t{}", plain(hard)));
    }
}

fn scopes(w: &mut Writer, quota: &Value, title: &str, bullet: &str) {
    let scopes: BTreeSet<&str> =
        items(quota, "spec.scopes").iter().filter_map(Value::as_str).collect();
    if scopes.is_empty() {
        return;
    }
    w.line(0, &format!("{title}\t{}", scopes.iter().copied().collect::<Vec<_>>().join(", ")));
    for scope in scopes {
        let help = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        w.line(0, &format!("{bullet}{help}"));
    }
}

pub(super) fn resource_quota(w: &mut Writer, object: &Value) {
    w.names(object);
    scopes(w, object, "Scopes:", " * ");
    w.line(0, "Resource\tUsed\tHard");
    w.line(0, "--------\t----\t----");
    quota_lines(w, object, 0);
}

const LIMIT_HEAD: &str =
    "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
const LIMIT_RULE: &str =
    "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";

fn namespace_limits(w: &mut Writer, ranges: &[&Value]) {
    if ranges.is_empty() {
        w.line(0, "No LimitRange resource.");
        return;
    }
    w.line(0, &format!("Resource Limits\n {LIMIT_HEAD}"));
    w.line(0, &format!(" {LIMIT_RULE}"));
    for range in ranges {
        limit_lines(w, range, " ");
    }
}

fn limit_lines(w: &mut Writer, range: &Value, indent: &str) {
    const PARTS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in items(range, "spec.limits") {
        let resources: BTreeSet<&str> = PARTS
            .iter()
            .flat_map(|part| fields(item, part))
            .map(|(resource, _)| resource)
            .collect();
        for resource in resources {
            let cell =
                |part: &&str| at(item, part).get(resource).map_or_else(|| "-".to_owned(), plain);
            let cells: Vec<String> = PARTS.iter().map(cell).collect();
            w.line(0, &format!("{indent}{}\t{resource}\t{}", text(item, "type"), cells.join("\t")));
        }
    }
}

pub(super) fn limit_range(w: &mut Writer, object: &Value) {
    w.names(object);
    w.line(0, LIMIT_HEAD);
    w.line(0, LIMIT_RULE);
    limit_lines(w, object, "");
}

pub(super) fn disruption_budget(w: &mut Writer, object: &Value) {
    w.names(object);
    for (title, path) in
        [("Min available", "spec.minAvailable"), ("Max unavailable", "spec.maxUnavailable")]
    {
        if has(object, path) {
            w.field(title, &plain(at(object, path)));
        }
    }
    w.field("Selector", &selector_or_none(at(object, "spec.selector")));
    w.line(0, "Status:");
    for (title, path) in [
        ("Allowed disruptions", "status.disruptionsAllowed"),
        ("Current", "status.currentHealthy"),
        ("Desired", "status.desiredHealthy"),
        ("Total", "status.expectedPods"),
    ] {
        w.line(2, &format!("{title}:\t{}", int(object, path)));
    }
}

pub(super) fn priority_class(w: &mut Writer, object: &Value) {
    w.field("Name", name(object));
    w.field("Value", &int(object, "value").to_string());
    w.field("GlobalDefault", &flag(object, "globalDefault").to_string());
    w.field_if("PreemptionPolicy", text(object, "preemptionPolicy"));
    w.field("Description", text(object, "description"));
    w.field("Annotations", &format_labels(object, "metadata.annotations"));
}
