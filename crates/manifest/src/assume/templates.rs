//! The pods that the objects of a text ask for, as far as assumptions need them.

use serde_json::Value;

use crate::model::Object;
use crate::value::{at, get, items, text};
use crate::yaml::{Span, Spans};

/// A pod, or the template of many.
pub(crate) struct Template<'a> {
    /// `deployment/web`.
    pub(crate) who: String,
    pub(crate) object: &'a Object,
    /// Where the pod spec stands in the object.
    pub(crate) base: &'static str,
    pub(crate) spec: &'a Value,
    pub(crate) labels: &'a Value,
    pub(crate) namespace: &'a str,
    /// How many are wanted.
    pub(crate) count: i64,
    /// One on each node.
    pub(crate) daemon: bool,
}

static NOTHING: Value = Value::Null;

impl Template<'_> {
    /// The place of a field of the pod spec.
    pub(crate) fn span(&self, field: &str) -> Span {
        self.spans().nearest(&format!("{}.{field}", self.base))
    }
    pub(crate) fn spans(&self) -> &Spans {
        &self.object.spans
    }
    /// All containers, those that come first among them.
    pub(crate) fn containers(&self) -> impl Iterator<Item = (&'static str, usize, &Value)> {
        ["initContainers", "containers"].into_iter().flat_map(|list| {
            items(self.spec, list).iter().enumerate().map(move |(n, c)| (list, n, c))
        })
    }
}

/// `deployment/web`.
pub(crate) fn called(object: &Object) -> String {
    format!("{}/{}", object.kind.to_ascii_lowercase(), object.name)
}

/// The pods of an object that an API server would take.
pub(crate) fn template(object: &Object) -> Option<Template<'_>> {
    let (path, base, counted) = match object.kind.as_str() {
        "Pod" => ("", "spec", ""),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            ("spec.template", "spec.template.spec", "spec.replicas")
        }
        "DaemonSet" => ("spec.template", "spec.template.spec", ""),
        "Job" => ("spec.template", "spec.template.spec", "spec.parallelism"),
        "CronJob" => (
            "spec.jobTemplate.spec.template",
            "spec.jobTemplate.spec.template.spec",
            "spec.jobTemplate.spec.parallelism",
        ),
        _ => return None,
    };
    if !object.accepted || !object.simulated {
        return None;
    }
    let whole = &object.object;
    let template = if path.is_empty() { whole } else { at(whole, path)? };
    let count = if counted.is_empty() { None } else { at(whole, counted).and_then(Value::as_i64) };
    Some(Template {
        who: called(object),
        object,
        base,
        spec: get(template, "spec").unwrap_or(&NOTHING),
        labels: at(template, "metadata.labels").unwrap_or(&NOTHING),
        namespace: &object.namespace,
        count: count.unwrap_or(1).max(0),
        daemon: object.kind == "DaemonSet",
    })
}

/// Whether a label selector matches labels.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let equal = crate::value::entries(selector, "matchLabels")
        .all(|(key, value)| labels.get(key) == Some(value));
    equal
        && items(selector, "matchExpressions").iter().all(|wanted| {
            let there = labels.get(text(wanted, "key")).filter(|v| !v.is_null());
            let listed = there.is_some_and(|v| items(wanted, "values").contains(v));
            match text(wanted, "operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => there.is_some(),
                "DoesNotExist" => there.is_none(),
                _ => false,
            }
        })
}
