//! PodDisruptionBudgets: their status and what is said of them.
//!
//! Models `pkg/controller/disruption/disruption.go`.

use super::work;
use crate::apiserver;
use crate::apiserver::budget::{Scales, selected, state};
use crate::apiserver::store::Key;
use crate::events;
use crate::world::World;
use podplay_api::{
    EventType, IntOrString, LabelSelector, Pod, PodDisruptionBudgetSpec, Value, json,
};

const SOURCE: &str = "controllermanager";

/// Brings a budget's status up to date.
///
/// Models `pkg/controller/disruption/disruption.go` updatePdbStatus.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("PodDisruptionBudget", namespace, name);
    let Some(resource) = world.store.resource(&key.kind, namespace, name) else { return };
    let spec: PodDisruptionBudgetSpec = resource.typed_spec();
    let generation = resource.meta.generation.unwrap_or(1);
    let old = resource.status["conditions"][0].clone();
    let status = Value::clone(&resource.status);
    if let Some(failure) = complain(world, &key, &spec) {
        fail_safe(world, &key, status, (generation, &failure));
        return;
    }
    let budget = state(world, namespace, &spec);
    let allowed = budget.allowed();
    let (value, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let condition = condition(world, &old, generation, (value, reason, ""));
    let status = json!({
        "conditions": [condition],
        "currentHealthy": budget.current, "desiredHealthy": budget.desired,
        "disruptionsAllowed": allowed, "expectedPods": budget.expected, "observedGeneration": generation,
    });
    apiserver::set_object_status(world, &key, status);
}

/// The events of a sync; returns why the budget cannot be reckoned.
///
/// Models `pkg/controller/disruption/disruption.go` trySync.
fn complain(world: &mut World, key: &Key, spec: &PodDisruptionBudgetSpec) -> Option<String> {
    let pods = selected(world, &key.namespace, spec);
    let none = pods.is_empty();
    let whole = matches!(spec.min_available, Some(IntOrString::Int(_)));
    let scales = if whole { Scales::default() } else { Scales::of(world, &pods) };
    if none {
        let text = "No matching pods found";
        events::about(world, key, SOURCE, EventType::Normal, "NoPods", text);
    }
    if let Some(failure) = scales.failure {
        let text = format!("Failed to calculate the number of expected pods: {failure}");
        let reason = "CalculateExpectedPodCountFailed";
        events::about(world, key, SOURCE, EventType::Warning, reason, &text);
        return Some(failure);
    }
    if scales.unmanaged {
        let selector = spec.selector.as_ref().map(printed).unwrap_or_default();
        let text = format!(
            "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value."
        );
        events::about(world, key, SOURCE, EventType::Warning, "UnmanagedPods", &text);
    }
    None
}

/// A selector as Go prints it.
fn printed(selector: &LabelSelector) -> String {
    let labels: String =
        selector.match_labels.iter().map(|(key, value)| format!("{key}: {value},")).collect();
    let expressions: String = selector
        .match_expressions
        .iter()
        .map(|one| {
            format!(
                "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
                one.key,
                one.operator,
                one.values.join(" ")
            )
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}

/// Nothing may be disrupted while the budget cannot be reckoned. Models failSafe.
fn fail_safe(world: &mut World, key: &Key, mut status: Value, (generation, why): (i64, &str)) {
    let old = status["conditions"][0].clone();
    let condition = condition(world, &old, generation, ("False", "SyncFailed", why));
    if !status.is_object() {
        status = json!({"currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0});
    }
    status["disruptionsAllowed"] = json!(0);
    status["conditions"] = json!([condition]);
    apiserver::set_object_status(world, key, status);
}

fn condition(
    world: &World,
    old: &Value,
    generation: i64,
    (value, reason, message): (&str, &str, &str),
) -> Value {
    let wall = world.wall().to_string();
    let since =
        if old["status"] == value { old["lastTransitionTime"].clone() } else { json!(wall) };
    json!({"type": "DisruptionAllowed", "status": value, "reason": reason, "message": message,
        "observedGeneration": generation, "lastTransitionTime": since})
}

/// A pod was stored or is gone: budgets that select it are looked at.
pub fn on_pod(world: &mut World, pod: &Pod) {
    let touched: Vec<Key> = world
        .store
        .resources("PodDisruptionBudget")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
        .filter(|(_, resource)| {
            let spec: PodDisruptionBudgetSpec = resource.typed_spec();
            spec.selector.is_some_and(|selector| selector.matches(&pod.meta.labels))
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in touched {
        work::soon(world, "PodDisruptionBudget", &key);
    }
}
