//! HorizontalPodAutoscalers. Where the Scenario says what programs use of a CPU, they scale by it; elsewhere the
//! cluster is one without a metrics API: the bounds hold, and the rest is said.
//!
//! Models `pkg/controller/podautoscaler/horizontal.go` reconcileAutoscaler.

use super::scaling::{metrics, usage};
use super::work;
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::events;
use crate::world::World;
use podplay_api::{EventType, Value, json};
use std::time::Duration;

/// The queue of autoscalers.
pub const QUEUE: &str = "HorizontalPodAutoscaler";
const SOURCE: &str = "horizontal-pod-autoscaler";
/// How often each is looked at, in the beginning too.
pub const PERIOD: Duration = Duration::from_secs(15);
const NO_METRICS: &str = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";

/// Looks at an autoscaler.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new(QUEUE, namespace, name);
    let Some(scaler) = world.store.resource(QUEUE, namespace, name).cloned() else { return };
    work::after(world, QUEUE, &key, PERIOD);
    let mut status = if scaler.status.is_object() {
        (*scaler.status).clone()
    } else {
        json!({"currentMetrics": null, "desiredReplicas": 0})
    };
    look(world, &key, &scaler, &mut status);
    apiserver::set_object_status(world, &key, status);
}

fn look(world: &mut World, key: &Key, scaler: &Resource, status: &mut Value) {
    let spec = scaler.spec();
    let reference = &spec["scaleTargetRef"];
    let word = |key: &str| reference[key].as_str().unwrap_or_default();
    let target = Key::new(word("kind"), &key.namespace, word("name"));
    let known = matches!(
        &*target.kind,
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
    );
    let object = world.store.get(&target.kind, &target.namespace, &target.name);
    let Some(object) = object.filter(|_| known) else {
        let resource = apiserver::resource_of(&target.kind);
        let error = format!("{resource} \"{}\" not found", target.name);
        event(world, key, EventType::Warning, "FailedGetScale", &error);
        let text =
            format!("the HPA controller was unable to get the target's current scale: {error}");
        condition(world, status, "AbleToScale", ("False", "FailedGetScale", &text));
        return;
    };
    let text = "the HPA controller was able to get the target's current scale";
    condition(world, status, "AbleToScale", ("True", "SucceededGetScale", text));
    let current = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let least = spec["minReplicas"].as_i64().unwrap_or(1);
    let most = spec["maxReplicas"].as_i64().unwrap_or(1);
    status["currentReplicas"] = json!(current);
    let (wanted, why) = match current {
        0 => {
            let text = "scaling is disabled since the replica count of the target is zero";
            condition(world, status, "ScalingActive", ("False", "ScalingDisabled", text));
            return;
        }
        n if n > most => (most, "Current number of replicas above Spec.MaxReplicas"),
        n if n < least => (least, "Current number of replicas below Spec.MinReplicas"),
        _ => {
            let selector = metrics::selector(&object);
            if usage::is_known(world, &key.namespace, &selector) {
                by_metrics(world, key, object, spec, status);
            } else {
                complain(world, key, spec, status);
            }
            return;
        }
    };
    rescaled(world, key, object, status, wanted, why);
}

/// Scales, and says so.
fn rescaled(
    world: &mut World,
    key: &Key,
    object: Value,
    status: &mut Value,
    wanted: i64,
    why: &str,
) {
    rescale(world, object, wanted);
    let text = format!("New size: {wanted}; reason: {why}");
    event(world, key, EventType::Normal, "SuccessfulRescale", &text);
    let text = format!("the HPA controller was able to update the target scale to {wanted}");
    condition(world, status, "AbleToScale", ("True", "SucceededRescale", &text));
    status["desiredReplicas"] = json!(wanted);
    status["lastScaleTime"] = json!(world.wall().to_string());
}

fn rescale(world: &mut World, mut object: Value, replicas: i64) {
    object["spec"]["replicas"] = json!(replicas);
    let _ = apiserver::replace(world, &object);
}

/// Scales by what the metrics ask for.
fn by_metrics(world: &mut World, key: &Key, object: Value, spec: &Value, status: &mut Value) {
    let current = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let (metrics, mut read, mut broken) = (listed(spec), Vec::<metrics::Read>::new(), None);
    let mut samples = world.controllers.autoscalers.get(key).cloned().unwrap_or_default().samples;
    for metric in &metrics {
        match metrics::read(world, &mut samples, key, &object, spec, metric) {
            Ok(one) => read.push(one),
            Err(words) => {
                let (reason, mut error, mut whole) = trouble(metric);
                if !words.is_empty() {
                    whole = whole.replace(
                        &format!("unable to get metrics for resource cpu: {NO_METRICS}"),
                        &words,
                    );
                    error = error.replace(
                        &format!("unable to get metrics for resource cpu: {NO_METRICS}"),
                        &words,
                    );
                }
                event(world, key, EventType::Warning, reason, &error);
                broken.get_or_insert((reason, error, whole));
            }
        }
    }
    world.controllers.autoscalers.entry(key.clone()).or_default().samples = samples;
    let bad = metrics.len() - read.len();
    // Of several the last of those that ask for most.
    let most = read.iter().max_by_key(|one| one.wanted.replicas).cloned();
    let fewer = most.as_ref().is_none_or(|most| bad > 0 && most.wanted.replicas < current);
    let (Some(most), false) = (most, fewer) else {
        if let Some((reason, error, whole)) = broken {
            let text = format!("the HPA was unable to compute the replica count: {error}");
            condition(world, status, "ScalingActive", ("False", reason, &text));
            let count = metrics.len();
            let text =
                format!("invalid metrics ({bad} invalid out of {count}), first error is: {whole}");
            event(world, key, EventType::Warning, "FailedComputeMetricsReplicas", &text);
        }
        return;
    };
    status["currentMetrics"] = read.iter().map(|one| one.status.clone()).collect();
    let text =
        format!("the HPA was able to successfully calculate a replica count from {}", most.name);
    condition(world, status, "ScalingActive", ("True", "ValidMetricFound", &text));
    let decision = metrics::decided(world, key, spec, current, most.wanted.replicas);
    condition(world, status, "AbleToScale", ("True", decision.able.0, decision.able.1));
    let (limited, reason, text) = decision.limited;
    let word = if limited { "True" } else { "False" };
    condition(world, status, "ScalingLimited", (word, reason, text));
    status["desiredReplicas"] = json!(decision.replicas);
    if decision.replicas != current {
        // What an earlier recommendation still asks for has no reason of its own.
        let why = match most.wanted.replicas {
            wanted if wanted > current => format!("{} above target", most.name),
            wanted if wanted < current => "All metrics below target".to_owned(),
            _ => String::new(),
        };
        rescaled(world, key, object, status, decision.replicas, &why);
    }
}

/// The metrics of a text, or what stands for them.
fn listed(spec: &Value) -> Vec<Value> {
    let by_default = || {
        vec![
            json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}),
        ]
    };
    spec["metrics"].as_array().cloned().filter(|list| !list.is_empty()).unwrap_or_else(by_default)
}

/// No metric can be read.
fn complain(world: &mut World, key: &Key, spec: &Value, status: &mut Value) {
    let metrics = listed(spec);
    let mut first = None;
    for metric in &metrics {
        let (reason, error, whole) = trouble(metric);
        event(world, key, EventType::Warning, reason, &error);
        first.get_or_insert((reason, error, whole));
    }
    let Some((reason, error, whole)) = first else { return };
    let text = format!("the HPA was unable to compute the replica count: {error}");
    condition(world, status, "ScalingActive", ("False", reason, &text));
    let count = metrics.len();
    let text = format!("invalid metrics ({count} invalid out of {count}), first error is: {whole}");
    event(world, key, EventType::Warning, "FailedComputeMetricsReplicas", &text);
}

/// The reason and the words for a metric that cannot be read, alone and among others.
fn trouble(metric: &Value) -> (&'static str, String, String) {
    let resource = |of: &Value| {
        let name = of["name"].as_str().unwrap_or_default();
        let what = if of["target"]["type"] == "AverageValue" { "usage" } else { "utilization" };
        format!(
            "failed to get {name} {what}: unable to get metrics for resource {name}: {NO_METRICS}"
        )
    };
    let name = |path: [&str; 3]| {
        path.iter().fold(metric, |value, key| &value[*key]).as_str().unwrap_or_default()
    };
    let other = |what: &str, group: &str, name: &str| {
        format!(
            "unable to get metric {name}: unable to fetch metrics from {what} metrics API: the server could not find the metric {name} for {group}"
        )
    };
    match metric["type"].as_str().unwrap_or_default() {
        "ContainerResource" => {
            let of = &metric["containerResource"];
            let error = resource(of);
            let container = of["container"].as_str().unwrap_or_default();
            let whole = format!("failed to get {container} container metric value: {error}");
            ("FailedGetContainerResourceMetric", error, whole)
        }
        "Resource" => {
            let error = resource(&metric["resource"]);
            let of = metric["resource"]["name"].as_str().unwrap_or_default();
            let whole = format!("failed to get {of} resource metric value: {error}");
            ("FailedGetResourceMetric", error, whole)
        }
        "External" => {
            let name = name(["external", "metric", "name"]);
            let error = other("external", "external", name);
            let whole = format!("failed to get {name} external metric value: {error}");
            ("FailedGetExternalMetric", error, whole)
        }
        "Object" => {
            let error = other("custom", "objects", name(["object", "metric", "name"]));
            let whole = format!("failed to get object metric value: {error}");
            ("FailedGetObjectMetric", error, whole)
        }
        _ => {
            let error = other("custom", "pods", name(["pods", "metric", "name"]));
            let whole = format!("failed to get pods metric value: {error}");
            ("FailedGetPodsMetric", error, whole)
        }
    }
}

fn event(world: &mut World, key: &Key, kind: EventType, reason: &str, message: &str) {
    events::about(world, key, SOURCE, kind, reason, message);
}

/// Sets a condition; its time changes only with its status.
fn condition(
    world: &World,
    status: &mut Value,
    kind: &str,
    (value, reason, message): (&str, &str, &str),
) {
    let mut list = status["conditions"].as_array().cloned().unwrap_or_default();
    let wall = json!(world.wall().to_string());
    let old = list.iter().position(|known| known["type"] == kind);
    let since = match old.map(|at| &list[at]) {
        Some(old) if old["status"] == value => old["lastTransitionTime"].clone(),
        _ => wall,
    };
    let new = json!({"type": kind, "status": value, "reason": reason, "message": message, "lastTransitionTime": since});
    match old {
        Some(at) => list[at] = new,
        None => list.push(new),
    }
    status["conditions"] = Value::Array(list);
}
