//! PodDisruptionBudgets: their status.
//!
//! Models `pkg/controller/disruption/disruption.go`.

use super::work;
use crate::apiserver;
use crate::apiserver::budget::state;
use crate::apiserver::store::Key;
use crate::world::World;
use podplay_api::{Pod, PodDisruptionBudgetSpec, json};

/// Brings a budget's status up to date.
///
/// Models `pkg/controller/disruption/disruption.go` updatePdbStatus.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("PodDisruptionBudget", namespace, name);
    let Some(resource) = world.store.resource(&key.kind, namespace, name) else { return };
    let spec: PodDisruptionBudgetSpec = resource.typed_spec();
    let generation = resource.meta.generation.unwrap_or(1);
    let old = resource.status["conditions"][0].clone();
    let budget = state(world, namespace, &spec);
    let allowed = if budget.expected > 0 { (budget.current - budget.desired).max(0) } else { 0 };
    let (value, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let wall = world.wall().to_string();
    let since =
        if old["status"] == value { old["lastTransitionTime"].clone() } else { json!(wall) };
    let status = json!({
        "conditions": [{"type": "DisruptionAllowed", "status": value, "reason": reason, "message": "",
            "observedGeneration": generation, "lastTransitionTime": since}],
        "currentHealthy": budget.current, "desiredHealthy": budget.desired,
        "disruptionsAllowed": allowed, "expectedPods": budget.expected, "observedGeneration": generation,
    });
    apiserver::set_object_status(world, &key, status);
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
