//! Upstream's own tables for the controllers: rollout arithmetic, endpoint conditions.

use podplay_api::{IntOrString, Pod, Value, json};
use podplay_core::controllers::deployment::numbers::{Bounds, Share};
use podplay_core::network::endpoints;
use podplay_tests::data::upstream_cases;

/// Runs `check` on every case of a table: what is found must be what is expected.
fn all(table: &str, found: impl Fn(&Value) -> Value) {
    let cases = upstream_cases(table);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = found(&case["input"]);
            let differs = found != case["expected"];
            differs.then(|| format!("{}: {found} instead of {}", case["name"], case["expected"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn number(input: &Value, key: &str) -> i64 {
    input[key].as_i64().unwrap_or_default()
}

/// A number, also where the table writes it as text.
fn amount(value: &Value) -> IntOrString {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().map_or(IntOrString::Text(text), IntOrString::Int)
}

fn bounds(input: &Value, replicas: &str) -> Bounds {
    let unavailable = input.get("maxUnavailable").map_or(IntOrString::Int(0), amount);
    Bounds {
        replicas: number(input, replicas),
        surge: amount(&input["maxSurge"]),
        unavailable,
        rolling: true,
    }
}

#[test]
fn deployment_rounding() {
    all("deployment_rounding", |input| {
        let bounds = bounds(input, "replicas");
        let (surge, unavailable) = bounds.fenceposts();
        json!({
            "resolvedSurge": surge, "resolvedUnavailable": unavailable,
            "effectiveMaxUnavailable": bounds.max_unavailable(),
            "maxPods": bounds.replicas + bounds.max_surge(), "minAvailable": bounds.min_available(),
        })
    });
}

#[test]
fn deployment_new_size() {
    all("deployment_new_rs_replicas", |input| {
        let (new, old) = (number(input, "newReplicas"), number(input, "oldReplicas"));
        json!({"newRSReplicas": bounds(input, "replicas").new_size(new, new + old)})
    });
}

#[test]
fn deployment_proportional() {
    all("deployment_proportional", |input| {
        let before = number(input, "oldDesired") + number(input, "maxSurge");
        let sizes = input["replicaSetSizesLargestFirst"].as_array().cloned().unwrap_or_default();
        let shares: Vec<Share> = sizes
            .iter()
            .map(|size| Share { size: size.as_i64().unwrap_or_default(), before })
            .collect();
        json!({"newSizes": bounds(input, "newDesired").proportional(&shares)})
    });
}

#[test]
fn endpoint_conditions() {
    all("endpoint_conditions", |input| {
        let ready = if input["podReadyCondition"] == true { "True" } else { "False" };
        let mut pod = json!({
            "metadata": {"name": "web", "namespace": "default"}, "spec": {},
            "status": {"phase": input["phase"], "podIP": input["podIP"], "conditions": [{"type": "Ready", "status": ready}]},
        });
        if input["deletionTimestampSet"] == true {
            pod["metadata"]["deletionTimestamp"] = json!("2026-11-22T10:36:09Z");
        }
        let pod = Pod::from_object(&pod);
        let publish = input["publishNotReadyAddresses"] == true;
        let found = endpoints::conditions(&pod, publish);
        let mut expected = json!({
            "inEndpointSlice": found.is_some(),
            "inLegacyEndpointsObject": endpoints::in_endpoints(&pod, publish),
        });
        if let Some(found) = found {
            expected["conditions"] = json!({"ready": found.ready, "serving": found.serving, "terminating": found.terminating});
        }
        expected
    });
}
