//! The rules of each kind, as the API server checks them after defaulting.
//!
//! Models `pkg/apis/*/validation/validation.go`. All findings of an object are returned at once,
//! in the order in which the server reports them.

mod annotations;
mod autoscaler;
mod batch;
mod common;
mod container;
mod cron;
mod diff;
mod env;
mod error;
mod ingress;
mod internal;
mod meta;
mod names;
mod others;
mod path;
mod pod;
mod probe;
mod projected;
mod resize;
mod resources;
mod scheduling;
mod security;
mod service;
mod update;
mod volumes;
mod workloads;

use serde_json::Value;

use crate::value::{Seen, text};

pub use error::{ErrorType, FieldError};

/// Collects findings below a path.
pub(crate) type Errors = Vec<FieldError>;

/// The rules that the key of a label breaks.
#[must_use]
pub fn broken_label_key(text: &str) -> Vec<String> {
    names::qualified(text)
}

/// The rules that the value of a label breaks.
#[must_use]
pub fn broken_label_value(text: &str) -> Vec<String> {
    names::label_value(text)
}

/// Checks a defaulted object as on creation.
///
/// A Job must have been prepared as [`crate::apply::prepare_for_create`] does, because its selector
/// and labels are made by the server.
#[must_use]
pub fn validate_create(object: &Value) -> Vec<FieldError> {
    let mut errors = Errors::new();
    alone(object, true, &mut errors);
    dedup(errors)
}

/// Checks a defaulted object as an update of an existing one.
#[must_use]
pub fn validate_update(old: &Value, new: &Value) -> Vec<FieldError> {
    let mut errors = Errors::new();
    alone(new, false, &mut errors);
    update::update(old, new, &mut errors);
    dedup(errors)
}

/// Checks a defaulted pod as an update through the subresource `resize`; returns what of it is taken, and the findings.
#[must_use]
pub fn validate_resize(old: &Value, new: &Value) -> (Value, Vec<FieldError>) {
    let mut errors = Errors::new();
    let taken = resize::taken(old, new);
    alone(&taken, false, &mut errors);
    resize::resize(old, &taken, &mut errors);
    (taken, dedup(errors))
}

/// The rules for one object by itself.
fn alone(object: &Value, create: bool, errors: &mut Errors) {
    let kind = text(object, "kind");
    meta::object_meta(object, kind, errors);
    match (text(object, "apiVersion"), kind) {
        ("v1", "Pod") if create => pod::create(object, errors),
        ("v1", "Pod") => pod::spec(object.get("spec").unwrap_or(&Value::Null), "spec", errors),
        ("v1", "PodTemplate") => others::pod_template(object, errors),
        ("v1", "ReplicationController") => workloads::replication_controller(object, errors),
        ("v1", "Service") => service::service(object, errors),
        ("v1", "ConfigMap") => others::config_map(object, errors),
        ("v1", "Secret") => others::secret(object, errors),
        ("v1", "Node") => others::node(object, errors),
        ("v1", "ResourceQuota") => others::quota(object, errors),
        ("v1", "PersistentVolume") => volumes::persistent_volume(object, errors),
        ("v1", "PersistentVolumeClaim") => others::claim(object, errors),
        ("apps/v1", "Deployment") => workloads::deployment(object, errors),
        ("apps/v1", "ReplicaSet") => workloads::replica_set(object, errors),
        ("apps/v1", "StatefulSet") => workloads::stateful_set(object, errors),
        ("apps/v1", "DaemonSet") => workloads::daemon_set(object, errors),
        ("batch/v1", "Job") => batch::job(object, errors),
        ("batch/v1", "CronJob") => batch::cron_job(object, errors),
        ("policy/v1", "PodDisruptionBudget") => others::budget(object, errors),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => autoscaler::autoscaler(object, errors),
        ("networking.k8s.io/v1", "Ingress") => ingress::ingress(object, errors),
        ("scheduling.k8s.io/v1", "PriorityClass") => others::priority_class(object, errors),
        _ => {}
    }
}

/// The rules that keep a name from being a DNS label.
pub(crate) fn label_problems(name: &str) -> Vec<String> {
    names::label(name)
}

/// Whether a name is a DNS subdomain.
pub(crate) fn is_subdomain(name: &str) -> bool {
    names::subdomain(name).is_empty()
}

/// The server reports each text once.
fn dedup(errors: Errors) -> Errors {
    let mut seen = Seen::default();
    errors.into_iter().filter(|e| seen.insert(&e.message)).collect()
}
