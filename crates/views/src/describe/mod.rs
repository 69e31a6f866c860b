//! `kubectl describe`: every kind as lines of fields. Models `kubectl/pkg/describe/describe.go`.

mod cluster;
mod config;
mod container;
mod env;
mod node;
mod pod;
mod policy;
mod service;
mod volumes;
mod workloads;
mod writer;

use podplay_api::Timestamp;
use serde_json::Value;

use crate::duration::rfc1123_or_zero;
use crate::events::{interval, is_about, source};
use crate::json::{controller, items, kind, name, namespace, text, time, uid};
use writer::Writer;

/// What a description needs beside its object.
#[derive(Clone, Copy, Debug)]
pub struct Related<'a> {
    /// The wall clock.
    pub now: Timestamp,
    /// Everything in the cluster, in any order; a description takes from it what belongs to its object:
    /// pods and ReplicaSets, endpoints, quotas, leases, events.
    pub objects: &'a [Value],
    /// `--show-events`.
    pub show_events: bool,
}

impl<'a> Related<'a> {
    /// Objects of a kind, in the order of their namespaces and names.
    fn of_kind(&self, wanted: &str) -> Vec<&'a Value> {
        let mut found: Vec<&Value> =
            self.objects.iter().filter(|object| kind(object) == wanted).collect();
        found.sort_by_key(|object| (namespace(object), name(object)));
        found
    }

    /// Objects of a kind that an object controls.
    fn controlled(&self, wanted: &str, by: &Value) -> Vec<&'a Value> {
        let mine = |object: &&Value| {
            namespace(object) == namespace(by)
                && controller(object).is_some_and(|owner| match text(owner, "uid") {
                    "" => text(owner, "kind") == kind(by) && text(owner, "name") == name(by),
                    owner => owner == uid(by),
                })
        };
        self.of_kind(wanted).into_iter().filter(mine).collect()
    }

    /// Objects of a kind in the namespace of an object.
    fn beside(&self, wanted: &str, object: &Value) -> Vec<&'a Value> {
        self.of_kind(wanted)
            .into_iter()
            .filter(|other| namespace(other) == namespace(object))
            .collect()
    }
}

/// The description of an object. Kinds without a description of their own show their fields.
#[must_use]
pub fn describe(object: &Value, related: &Related) -> String {
    let mut w = Writer::default();
    match kind(object) {
        "Pod" => pod::pod(&mut w, object, related),
        "Deployment" => workloads::deployment(&mut w, object, related),
        "ReplicaSet" | "ReplicationController" => workloads::replica_set(&mut w, object, related),
        "StatefulSet" => workloads::stateful_set(&mut w, object, related),
        "DaemonSet" => workloads::daemon_set(&mut w, object, related),
        "Job" => workloads::job(&mut w, object),
        "CronJob" => workloads::cron_job(&mut w, object),
        "Service" => service::service(&mut w, object, related),
        "Endpoints" => service::endpoints(&mut w, object),
        "EndpointSlice" => service::endpoint_slice(&mut w, object),
        "Node" => node::node(&mut w, object, related),
        "Namespace" => cluster::namespace(&mut w, object, related),
        "ResourceQuota" => cluster::resource_quota(&mut w, object),
        "LimitRange" => cluster::limit_range(&mut w, object),
        "PodDisruptionBudget" => cluster::disruption_budget(&mut w, object),
        "PriorityClass" => cluster::priority_class(&mut w, object),
        "ConfigMap" => config::config_map(&mut w, object),
        "Secret" => config::secret(&mut w, object),
        "ServiceAccount" => config::service_account(&mut w, object),
        "PersistentVolumeClaim" => config::volume_claim(&mut w, object, related),
        "PersistentVolume" => policy::volume(&mut w, object),
        "HorizontalPodAutoscaler" => policy::autoscaler(&mut w, object),
        "Ingress" => policy::ingress(&mut w, object, related),
        "NetworkPolicy" => policy::network_policy(&mut w, object),
        _ => config::generic(&mut w, object),
    }
    if related.show_events && has_events(kind(object)) {
        events(&mut w, object, related);
    }
    w.finish()
}

/// Descriptions of several objects, parted as kubectl parts them. Events are left out where there is more than one
/// object, unless `show_events` (the flag as given) asks for them.
#[must_use]
pub fn describe_all(objects: &[&Value], related: &Related, show_events: Option<bool>) -> String {
    let show_events = show_events.unwrap_or(objects.len() == 1);
    let related = Related { show_events, ..*related };
    let texts: Vec<String> = objects.iter().map(|object| describe(object, &related)).collect();
    texts.join("\n\n")
}

/// Some descriptions end without events.
fn has_events(kind: &str) -> bool {
    !matches!(kind, "Secret" | "Namespace" | "ResourceQuota" | "LimitRange" | "NetworkPolicy")
}

/// The events about the object, as they were last seen.
fn events(w: &mut Writer, object: &Value, related: &Related) {
    let mut list: Vec<&Value> = related
        .objects
        .iter()
        .filter(|event| kind(event) == "Event" && is_about(event, object))
        .collect();
    if list.is_empty() {
        w.line(0, "Events:\t<none>");
        return;
    }
    list.sort_by_key(|event| time(event, "lastTimestamp").unwrap_or(Timestamp(i64::MIN)));
    w.flush();
    w.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    w.line(1, "----\t------\t----\t----\t-------");
    for event in list {
        let message = text(event, "message").trim();
        let message = match text(event, "involvedObject.fieldPath") {
            "" => message.to_owned(),
            path => format!("{path}: {message}"),
        };
        let columns = [
            text(event, "type"),
            text(event, "reason"),
            &interval(event, related.now),
            source(event),
            &message,
        ];
        w.line(1, &columns.join("\t"));
    }
}

/// `ReplicaSet/web-7c5ddbdf54`.
fn controlled_by(w: &mut Writer, object: &Value) {
    if let Some(owner) = controller(object) {
        w.line(0, &format!("Controlled By:\t{}/{}", text(owner, "kind"), text(owner, "name")));
    }
}

/// A moment of the object, as descriptions print moments.
fn date(object: &Value, path: &str) -> String {
    rfc1123_or_zero(time(object, path))
}

/// The table of conditions with their reasons.
fn conditions(w: &mut Writer, object: &Value) {
    let conditions = items(object, "status.conditions");
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for condition in conditions {
        let [kind, status, reason] = ["type", "status", "reason"].map(|key| text(condition, key));
        w.line(1, &format!("{kind} \t{status}\t{reason}"));
    }
}
