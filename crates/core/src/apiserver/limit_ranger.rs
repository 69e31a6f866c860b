//! LimitRanges: what containers get that ask for nothing, and which pods are refused.
//!
//! Models `plugin/pkg/admission/limitranger/admission.go`.

use crate::world::World;
use podplay_api::{ObjectMeta, Quantity, Value, raw};
use std::collections::BTreeMap;

type Amounts = BTreeMap<String, Quantity>;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Applies the LimitRanges of a new pod's namespace.
///
/// # Errors
/// Upstream's words for what is out of range.
pub(super) fn admit(world: &World, meta: &mut ObjectMeta, spec: &mut Value) -> Result<(), String> {
    let here =
        world.store.resources("LimitRange").filter(|(key, _)| *key.namespace == *meta.namespace);
    let ranges: Vec<Vec<Value>> = here
        .map(|(_, range)| range.spec()["limits"].as_array().cloned().unwrap_or_default())
        .collect();
    for items in &ranges {
        let notes = fill(spec, items);
        if !notes.is_empty() {
            let note = format!("LimitRanger plugin set: {}", notes.join("; "));
            meta.annotations.insert(ANNOTATION.to_owned(), note);
        }
    }
    for items in &ranges {
        let mut errors: Vec<String> = items.iter().flat_map(|item| problems(spec, item)).collect();
        errors.dedup();
        match errors.as_slice() {
            [] => {}
            [one] => return Err(one.clone()),
            more => return Err(format!("[{}]", more.join(", "))),
        }
    }
    Ok(())
}

/// Whether requests are within limits: a range's defaults may have put a limit below a request.
///
/// Models `pkg/apis/core/validation/validation.go` ValidateContainerResourceRequirements.
pub(super) fn consistent(spec: &Value) -> Result<(), String> {
    let mut errors = Vec::new();
    for (list, _) in LISTS {
        for (n, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            let resources = &container["resources"];
            let (requests, limits): (Amounts, Amounts) =
                (raw::field(resources, "requests"), raw::field(resources, "limits"));
            for (name, asked) in &requests {
                if let Some(limit) = limits.get(name).filter(|limit| asked.milli() > limit.milli())
                {
                    errors.push(format!(
                        "spec.{list}[{n}].resources.requests: Invalid value: \"{}\": must be less than or equal to {name} limit of {}",
                        asked.text(),
                        limit.text()
                    ));
                }
            }
        }
    }
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        more => Err(format!("[{}]", more.join(", "))),
    }
}

const LISTS: [(&str, &str); 2] =
    [("containers", "container"), ("initContainers", "init container")];

/// Gives containers the defaults of a range; returns what was set.
pub fn fill(spec: &mut Value, items: &[Value]) -> Vec<String> {
    let mut notes = Vec::new();
    for (list, prefix) in LISTS {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let name = container["name"].as_str().unwrap_or_default().to_owned();
            for (field, word, default) in
                [("requests", "request", "defaultRequest"), ("limits", "limit", "default")]
            {
                let set = fill_list(&mut container["resources"][field], items, default);
                if !set.is_empty() {
                    notes.push(format!("{} {word} for {prefix} {name}", set.join(", ")));
                }
            }
        }
    }
    notes
}

fn fill_list(amounts: &mut Value, items: &[Value], default: &str) -> Vec<String> {
    let mut set = Vec::new();
    for item in items.iter().filter(|item| item["type"] == "Container") {
        for (name, amount) in item[default].as_object().into_iter().flatten() {
            if amounts[name.as_str()].is_null() {
                amounts[name.as_str()] = amount.clone();
                set.push(name.clone());
            }
        }
    }
    set.sort_unstable();
    set
}

/// What one item of a range finds wrong with a pod.
fn problems(spec: &Value, item: &Value) -> Vec<String> {
    let kind = item["type"].as_str().unwrap_or_default();
    let asked = |container: &Value| -> (Amounts, Amounts) {
        let resources = &container["resources"];
        (raw::field(resources, "requests"), raw::field(resources, "limits"))
    };
    let all = |list: &str| -> Vec<(Amounts, Amounts)> {
        spec[list].as_array().into_iter().flatten().map(asked).collect()
    };
    match kind {
        "Container" => {
            let each = all("containers").into_iter().chain(all("initContainers"));
            each.flat_map(|(requests, limits)| check(kind, item, &requests, &limits)).collect()
        }
        "Pod" => {
            let sum = |pick: fn(&(Amounts, Amounts)) -> &Amounts| {
                let mut total: BTreeMap<String, i64> = BTreeMap::new();
                for (name, amount) in all("containers").iter().flat_map(pick) {
                    *total.entry(name.clone()).or_default() += amount.milli();
                }
                let whole = total.into_iter();
                whole.map(|(name, milli)| (name, Quantity::from_milli(milli))).collect::<Amounts>()
            };
            check(kind, item, &sum(|both| &both.0), &sum(|both| &both.1))
        }
        _ => Vec::new(),
    }
}

fn check(kind: &str, item: &Value, requests: &Amounts, limits: &Amounts) -> Vec<String> {
    let bounds = |field: &str| -> Amounts { raw::field(item, field) };
    let mut errors: Vec<String> = Vec::new();
    for (name, least) in bounds("min") {
        let head = format!("minimum {name} usage per {kind} is {}", least.text());
        errors.extend(outside(&head, ["request", "limit"], [requests, limits], &name, |amount| {
            amount < least.milli()
        }));
    }
    for (name, most) in bounds("max") {
        let head = format!("maximum {name} usage per {kind} is {}", most.text());
        errors.extend(outside(&head, ["limit", "request"], [limits, requests], &name, |amount| {
            amount > most.milli()
        }));
    }
    for (name, ratio) in bounds("maxLimitRequestRatio") {
        let head = format!("{name} max limit to request ratio per {kind} is {}", ratio.text());
        let of = |amounts: &Amounts| amounts.get(&name).map_or(0, Quantity::milli);
        let (request, limit) = (of(requests), of(limits));
        errors.extend(if request == 0 {
            Some(format!("{head}, but no request is specified or request is 0"))
        } else if limit == 0 {
            Some(format!("{head}, but no limit is specified or limit is 0"))
        } else if i128::from(limit) * 1000 > i128::from(ratio.milli()) * i128::from(request) {
            let millionths = i128::from(limit) * 1_000_000 / i128::from(request);
            let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
            Some(format!("{head}, but provided ratio is {whole}.{rest:06}"))
        } else {
            None
        });
    }
    errors
}

/// The first of two amounts has to be there and within the bound; the second only if it is there.
fn outside(
    head: &str,
    words: [&str; 2],
    amounts: [&Amounts; 2],
    name: &str,
    beyond: impl Fn(i64) -> bool,
) -> Option<String> {
    if !amounts[0].contains_key(name) {
        return Some(format!("{head}.  No {} is specified", words[0]));
    }
    words.into_iter().zip(amounts).find_map(|(word, amounts)| {
        let amount = amounts.get(name).filter(|amount| beyond(amount.milli()))?;
        Some(format!("{head}, but {word} is {}", amount.text()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::json;

    fn wrong(item: &Value, requests: &Value, limits: &Value) -> Vec<String> {
        let spec = json!({"containers": [{"name": "c", "resources": {"requests": requests, "limits": limits}}]});
        problems(&spec, item)
    }

    #[test]
    fn bounds() {
        let none = json!({});
        let cases = [
            (
                json!({"type": "Container", "max": {"memory": "1Gi"}}),
                json!({"memory": "1Gi"}),
                json!({"memory": "2Gi"}),
                "maximum memory usage per Container is 1Gi, but limit is 2Gi",
            ),
            (
                json!({"type": "Container", "max": {"memory": "1Gi"}}),
                none.clone(),
                none.clone(),
                "maximum memory usage per Container is 1Gi.  No limit is specified",
            ),
            (
                json!({"type": "Container", "min": {"cpu": "100m"}}),
                json!({"cpu": "50m"}),
                none.clone(),
                "minimum cpu usage per Container is 100m, but request is 50m",
            ),
            (
                json!({"type": "Pod", "max": {"cpu": "1"}}),
                none.clone(),
                json!({"cpu": "1500m"}),
                "maximum cpu usage per Pod is 1, but limit is 1500m",
            ),
            (
                json!({"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}),
                json!({"cpu": "200m"}),
                json!({"cpu": "700m"}),
                "cpu max limit to request ratio per Container is 2, but provided ratio is 3.500000",
            ),
        ];
        for (item, requests, limits, expected) in cases {
            assert_eq!(wrong(&item, &requests, &limits), [expected]);
        }
        let fine = json!({"type": "Container", "max": {"memory": "1Gi"}, "min": {"memory": "1Mi"}});
        assert!(wrong(&fine, &json!({"memory": "2Mi"}), &json!({"memory": "3Mi"})).is_empty());
    }

    #[test]
    fn defaults() {
        let mut spec = json!({"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}, {"name": "d"}]});
        let items = [
            json!({"type": "Container", "default": {"cpu": "200m", "memory": "64Mi"}, "defaultRequest": {"cpu": "100m"}}),
        ];
        assert_eq!(
            fill(&mut spec, &items),
            [
                "cpu request for container c",
                "memory limit for container c",
                "cpu request for container d",
                "cpu, memory limit for container d"
            ]
        );
        assert_eq!(
            spec["containers"][1]["resources"],
            json!({"limits": {"cpu": "200m", "memory": "64Mi"}, "requests": {"cpu": "100m"}})
        );
    }
}
