//! What the metrics of an autoscaler ask for, and what is done about it.
//!
//! Models `pkg/controller/podautoscaler/horizontal.go` computeReplicasForMetrics and reconcileAutoscaler.

use super::behavior::{self, Behavior, Bounds, Decision};
use super::calculator::{self, Target, Tolerance, Unknown, Wanted};
use super::state::Samples;
use super::usage;
use crate::apiserver::store::Key;
use crate::world::World;
use podplay_api::{FromRaw, LabelSelector, Quantity, StringMap, Value, json};

/// A metric that could be read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its name in messages.
    pub(crate) name: String,
    pub(crate) wanted: Wanted,
    /// Its entry of `status.currentMetrics`.
    pub(crate) status: Value,
}

/// The selector of a target's pods.
pub(crate) fn selector(object: &Value) -> LabelSelector {
    let selector = &object["spec"]["selector"];
    if object["kind"] == "ReplicationController" {
        let match_labels = StringMap::from_raw(selector);
        return LabelSelector { match_labels, ..LabelSelector::default() };
    }
    LabelSelector::from_raw(selector)
}

/// How many replicas one metric wants; in words why that is not known.
pub(crate) fn read(
    world: &World,
    samples: &mut Samples,
    key: &Key,
    object: &Value,
    spec: &Value,
    metric: &Value,
) -> Result<Read, String> {
    let Some((of, container)) = usage::about_cpu(metric) else { return Err(String::new()) };
    let target = target(&of["target"]);
    let pods = usage::measure(world, samples, key, &selector(object), container);
    let current = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let free = matches!(target, Target::Utilization(_)) && pods.iter().any(|pod| pod.request == 0);
    let found = match free {
        true => Err(Unknown::NoRequest),
        false => calculator::replicas(&pods, current, target, tolerance(spec)),
    };
    let wanted = found.map_err(|unknown| words(world, key, object, unknown))?;
    let what = match target {
        Target::Utilization(_) => "utilization (percentage of request)",
        Target::AverageValue(_) => "",
    };
    let name = match container {
        Some(container) => format!("cpu container resource {what} of {container}"),
        None => format!("cpu resource {what}"),
    };
    Ok(Read {
        name: name.trim_end().to_owned(),
        wanted,
        status: status(metric, &wanted, container),
    })
}

fn target(of: &Value) -> Target {
    let value = of["averageValue"].as_str().and_then(Quantity::parse);
    match (of["averageUtilization"].as_i64(), value) {
        (None, Some(value)) => Target::AverageValue(value.milli()),
        (percent, _) => Target::Utilization(percent.unwrap_or(80)),
    }
}

/// Models `horizontal.go` tolerancesForHpa.
fn tolerance(spec: &Value) -> Tolerance {
    let usual = Tolerance::default();
    let of = |direction: &str, usual: i64| {
        let written = &spec["behavior"][direction]["tolerance"];
        let text = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
        Quantity::parse(&text).map_or(usual, |quantity| quantity.milli())
    };
    Tolerance { up: of("scaleUp", usual.up), down: of("scaleDown", usual.down) }
}

fn words(world: &World, key: &Key, object: &Value, unknown: Unknown) -> String {
    match unknown {
        Unknown::NoPods => {
            "no pods returned by selector while calculating replica count".to_owned()
        }
        Unknown::NoMetrics => {
            "did not receive metrics for targeted pods (pods might be unready)".to_owned()
        }
        Unknown::NoRequest => {
            let selector = selector(object);
            let free = world.store.pods().filter(|pod| {
                pod.meta.namespace == *key.namespace && selector.matches(&pod.meta.labels)
            });
            let found = free.into_iter().find_map(|pod| {
                let without = pod.spec.containers.iter().find(|one| {
                    !one.resources.requests.contains_key("cpu")
                        && !one.resources.limits.contains_key("cpu")
                });
                without.map(|one| (one.name.clone(), pod.meta.name.clone()))
            });
            let (container, pod) = found.unwrap_or_default();
            format!("missing request for cpu in container {container} of Pod {pod}")
        }
    }
}

/// The entry of `status.currentMetrics`.
fn status(metric: &Value, wanted: &Wanted, container: Option<&str>) -> Value {
    let average = Quantity::from_milli(wanted.average);
    let mut current = json!({"averageValue": average.text()});
    if let Some(percent) = wanted.utilization {
        current["averageUtilization"] = json!(percent);
    }
    match container {
        Some(container) => json!({
            "type": metric["type"],
            "containerResource": {"name": "cpu", "container": container, "current": current},
        }),
        None => json!({"type": metric["type"], "resource": {"name": "cpu", "current": current}}),
    }
}

/// What is done about a recommendation; it is remembered.
pub(crate) fn decided(
    world: &mut World,
    key: &Key,
    spec: &Value,
    current: i64,
    wanted: i64,
) -> Decision {
    let (now, rules) = (world.now, Behavior::read(&spec["behavior"]));
    let bounds = Bounds {
        least: spec["minReplicas"].as_i64().unwrap_or(1),
        most: spec["maxReplicas"].as_i64().unwrap_or(1),
        current,
    };
    let memory = &mut world.controllers.autoscalers.entry(key.clone()).or_default().memory;
    if memory.recommended.is_empty() {
        memory.recommended.push((now, current));
    }
    let decision = behavior::decide(memory, rules.as_ref(), bounds, wanted, now);
    if decision.replicas != current {
        behavior::scaled(memory, rules.as_ref(), current, decision.replicas, now);
    }
    decision
}
