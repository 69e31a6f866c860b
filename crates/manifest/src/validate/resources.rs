//! Requests and limits of containers and pods.
//!
//! Models `validateResourceRequirements` and `validatePodResources`.

use serde_json::Value;

use super::Errors;
use super::common::NOT_NEGATIVE;
use super::error::Report;
use super::names;
use super::path::{keyed, nth, sub};
use crate::quantity::Quantity;
use crate::value::{entries, get, items, text};

const STANDARD_FOR_CONTAINERS: &[&str] = &["cpu", "memory", "ephemeral-storage"];
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

/// Names with quantities, in the order of the names.
type Amounts = Vec<(String, Quantity)>;

fn amount_of(amounts: &Amounts, name: &str) -> Option<Quantity> {
    let at = amounts.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok()?;
    amounts.get(at).map(|(_, q)| *q)
}

fn add_amount(amounts: &mut Amounts, name: String, quantity: Quantity) {
    match amounts.binary_search_by(|(n, _)| n.cmp(&name)) {
        Ok(at) => amounts[at].1 = amounts[at].1.plus(quantity),
        Err(at) => amounts.insert(at, (name, quantity)),
    }
}

fn amounts(resources: &Value, list: &str) -> Amounts {
    entries(resources, list)
        .filter_map(|(k, v)| {
            Quantity::parse(v.as_str().unwrap_or_default()).ok().map(|q| (k.clone(), q))
        })
        .collect()
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn may_overcommit(name: &str) -> bool {
    is_native(name) && !is_huge(name)
}

/// `resources` of a container.
pub(super) fn container(resources: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    requirements(resources, path, container_name, errors);
    claims(resources, spec, path, errors);
}

fn requirements(
    resources: &Value,
    path: &str,
    name_rule: fn(&str, &str, &mut Errors),
    errors: &mut Errors,
) {
    let (limits, requests) = (amounts(resources, "limits"), amounts(resources, "requests"));
    let (limits_path, requests_path) = (sub(path, "limits"), sub(path, "requests"));
    for (name, quantity) in &limits {
        let path = keyed(&limits_path, name);
        name_rule(name, &path, errors);
        amount(name, *quantity, &path, errors);
        pages(name, *quantity, &path, errors);
    }
    for (name, quantity) in &requests {
        let path = keyed(&requests_path, name);
        name_rule(name, &path, errors);
        amount(name, *quantity, &path, errors);
        match amount_of(&limits, name) {
            Some(limit)
                if limit != *quantity
                    && limit.nanos() != quantity.nanos()
                    && !may_overcommit(name) =>
            {
                let detail = format!("must be equal to {name} limit of {limit}");
                errors.invalid_text(&requests_path, &quantity.to_string(), &detail);
            }
            Some(limit) if *quantity > limit => {
                let detail = format!("must be less than or equal to {name} limit of {limit}");
                errors.invalid_text(&requests_path, &quantity.to_string(), &detail);
            }
            None if !may_overcommit(name) => {
                let detail = "Limit must be set for non overcommitable resources";
                errors.required(&limits_path, detail);
            }
            _ => {}
        }
        pages(name, *quantity, &path, errors);
    }
    let names = || limits.iter().chain(&requests).map(|(n, _)| n.as_str());
    if names().any(is_huge) && !names().any(|n| n == "cpu" || n == "memory") {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
}

pub(super) fn container_name(name: &str, path: &str, errors: &mut Errors) {
    let broken = names::qualified(name);
    for message in &broken {
        errors.invalid_text(path, name, message);
    }
    let mut reject = |detail: &str| errors.invalid_text(path, name, detail);
    if !name.contains('/') {
        if broken.is_empty() && !STANDARD.contains(&name) && !is_huge(name) {
            reject("must be a standard resource type or fully qualified");
        }
        if !STANDARD_FOR_CONTAINERS.contains(&name) && !is_huge(name) {
            reject("must be a standard resource for containers");
        }
    } else if !is_native(name)
        && (name.starts_with("requests.")
            || !names::qualified(&format!("requests.{name}")).is_empty())
    {
        reject("doesn't follow extended resource name standard");
    }
}

fn amount(name: &str, quantity: Quantity, path: &str, errors: &mut Errors) {
    let shown = quantity.to_string();
    if quantity < Quantity::ZERO {
        errors.invalid_text(path, &shown, NOT_NEGATIVE);
    }
    let whole = is_huge(name) || name.contains('/') && !is_native(name);
    if whole && !quantity.is_whole() {
        errors.invalid_text(path, &shown, "must be an integer");
    }
}

fn pages(name: &str, quantity: Quantity, path: &str, errors: &mut Errors) {
    if is_huge(name) && !fills_pages(name, quantity) {
        let shown = quantity.to_string();
        let detail = format!("{shown} is not positive integer multiple of {name}");
        errors.invalid_text(path, &shown, &detail);
    }
}

/// Whether an amount of huge pages is a number of pages of the size that their name says.
fn fills_pages(name: &str, quantity: Quantity) -> bool {
    let size = name.strip_prefix("hugepages-").and_then(|size| Quantity::parse(size).ok());
    let size = size.filter(|size| *size > Quantity::ZERO && size.is_whole());
    size.is_some_and(|size| quantity.nanos() % size.nanos() == 0)
}

fn claims(resources: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    let known: Vec<&str> = items(spec, "resourceClaims").iter().map(|c| text(c, "name")).collect();
    for (i, claim) in items(resources, "claims").iter().enumerate() {
        let path = nth(sub(path, "claims"), i);
        let name = text(claim, "name");
        if name.is_empty() {
            errors.required(&sub(&path, "name"), "");
        } else if !known.contains(&name) {
            let detail = match known.is_empty() {
                true => {
                    "must be one of the names in pod.spec.resourceClaims which is empty".to_owned()
                }
                false => format!(
                    "must be one of the names in pod.spec.resourceClaims: {}",
                    known.join(", ")
                ),
            };
            errors.not_found(&path, name, &detail);
        }
    }
}

/// `spec.resources`: what all containers together may use.
pub(super) fn pod(spec: &Value, path: &str, errors: &mut Errors) {
    let Some(resources) = get(spec, "resources") else { return };
    let path = sub(path, "resources");
    requirements(resources, &path, pod_name, errors);
    let mut sums = Amounts::new();
    for container in items(spec, "containers") {
        let Some(own) = get(container, "resources") else { continue };
        for (name, quantity) in amounts(own, "requests") {
            add_amount(&mut sums, name, quantity);
        }
    }
    for (name, quantity) in amounts(resources, "requests") {
        if let Some(sum) = amount_of(&sums, &name).filter(|s| *s > quantity) {
            let detail =
                format!("must be greater than or equal to aggregate container requests of {sum}");
            let path = format!("{path}.requests[{name}]");
            errors.invalid_text(&path, &quantity.to_string(), &detail);
        }
    }
    for (name, limit) in amounts(resources, "limits") {
        for (i, container) in items(spec, "containers").iter().enumerate() {
            let own = get(container, "resources").map(|r| amounts(r, "limits")).unwrap_or_default();
            if let Some(over) = amount_of(&own, &name).filter(|q| *q > limit) {
                let path = format!(
                    "{}.containers[{i}].resources.limits[{name}]",
                    path.trim_end_matches(".resources")
                );
                let detail = format!("must be less than or equal to pod limits of {limit}");
                errors.invalid_text(&path, &over.to_string(), &detail);
            }
        }
    }
}

fn pod_name(name: &str, path: &str, errors: &mut Errors) {
    if !matches!(name, "cpu" | "memory") && !is_huge(name) {
        errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

/// `spec.overhead`.
pub(super) fn overhead(spec: &Value, path: &str, errors: &mut Errors) {
    for (name, value) in entries(spec, "overhead") {
        let path = format!("{path}.overhead.limits[{name}]");
        container_name(name, &path, errors);
        if let Ok(quantity) = Quantity::parse(value.as_str().unwrap_or_default()) {
            amount(name, quantity, &path, errors);
        }
    }
}

/// The size in a claim for storage.
pub(super) fn storage(spec: &Value, path: &str, errors: &mut Errors) {
    let requests = get(spec, "resources").map(|r| amounts(r, "requests")).unwrap_or_default();
    let path = format!("{path}.resources[storage]");
    match amount_of(&requests, "storage") {
        None => errors.required(&path, ""),
        Some(q) if q <= Quantity::ZERO => {
            errors.invalid_text(&path, &q.to_string(), "must be greater than zero");
        }
        Some(_) => {}
    }
}
