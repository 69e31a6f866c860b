//! What a pod template asks of its node.

use super::*;

pub(super) fn host_ports(spec: &Value) -> Vec<(i64, String)> {
    let network = truth(spec, "hostNetwork");
    items(spec, "containers")
        .iter()
        .flat_map(|container| items(container, "ports"))
        .filter_map(|port| {
            let own = int(port, "hostPort").filter(|p| *p > 0);
            let number = own.or_else(|| int(port, "containerPort").filter(|_| network))?;
            let protocol = match text(port, "protocol") {
                "" => "TCP",
                other => other,
            };
            Some((number, protocol.to_owned()))
        })
        .collect()
}

/// Labels of nodes that a pod spreads over or gathers by, with the number of domains that it needs.
pub(super) fn topology_keys(spec: &Value) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for spread in items(spec, "topologySpreadConstraints") {
        if text(spread, "whenUnsatisfiable") != "ScheduleAnyway" {
            let domains = int(spread, "minDomains").unwrap_or(1);
            out.push((text(spread, "topologyKey"), usize::try_from(domains).unwrap_or(1)));
        }
    }
    for way in ["affinity.podAffinity", "affinity.podAntiAffinity"] {
        let required = at(spec, way)
            .map_or(&[][..], |a| items(a, "requiredDuringSchedulingIgnoredDuringExecution"));
        out.extend(required.iter().map(|term| (text(term, "topologyKey"), 1)));
    }
    out.into_iter()
        .filter(|(key, _)| !key.is_empty() && *key != HOSTNAME)
        .map(|(key, domains)| (key.to_owned(), domains))
        .collect()
}

/// What the scheduler counts for a pod.
///
/// Models `pkg/scheduler/framework/types.go` calculateResource.
pub(super) fn requests(spec: &Value) -> Requests {
    let of = |container: &Value| {
        let resources = container.get("resources").cloned().unwrap_or_default();
        let mut all = Requests::new();
        for key in ["limits", "requests"] {
            for (name, value) in crate::value::entries(&resources, key) {
                let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let parsed = Quantity::parse(&written).map_or(0, Quantity::nanos);
                all.insert(name.clone(), parsed);
            }
        }
        all
    };
    let add = |sum: &mut Requests, more: Requests| {
        for (name, value) in more {
            let slot = sum.entry(name).or_default();
            *slot = slot.saturating_add(value);
        }
    };
    let mut sum = Requests::new();
    items(spec, "containers").iter().for_each(|container| add(&mut sum, of(container)));
    let mut sidecars = Requests::new();
    let mut peak = Requests::new();
    for container in items(spec, "initContainers") {
        if text(container, "restartPolicy") == "Always" {
            add(&mut sidecars, of(container));
            continue;
        }
        for (name, value) in of(container) {
            let slot = peak.entry(name.clone()).or_default();
            *slot = (*slot).max(value.saturating_add(sidecars.get(&name).copied().unwrap_or(0)));
        }
    }
    add(&mut sum, sidecars);
    for (name, value) in peak {
        let slot = sum.entry(name).or_default();
        *slot = (*slot).max(value);
    }
    sum
}

/// The labels that a node with `have` lacks for this pod; none if it can never fit.
pub(super) fn labels_for(
    spec: &Value,
    have: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let mut more = BTreeMap::new();
    for (key, value) in crate::value::entries(spec, "nodeSelector") {
        let value = value.as_str().unwrap_or_default();
        match have.get(key) {
            Some(there) if there == value => {}
            Some(_) => return None,
            None => drop(more.insert(key.clone(), value.to_owned())),
        }
    }
    let terms = terms(spec);
    if terms.is_empty() {
        return Some(more);
    }
    terms.iter().find_map(|term| {
        let mut labels = more.clone();
        items(term, "matchExpressions")
            .iter()
            .all(|wanted| require(wanted, have, &mut labels))
            .then_some(labels)
    })
}

/// Whether an expression holds, or can be made to hold by one more label.
pub(super) fn require(
    wanted: &Value,
    have: &BTreeMap<String, String>,
    labels: &mut BTreeMap<String, String>,
) -> bool {
    let key = text(wanted, "key").to_owned();
    let values: Vec<&str> = items(wanted, "values").iter().filter_map(Value::as_str).collect();
    let there = have.get(&key).or_else(|| labels.get(&key)).cloned();
    let bound = values.first().and_then(|v| v.parse::<i64>().ok());
    let number = there.as_ref().and_then(|v| v.parse::<i64>().ok());
    let given = match text(wanted, "operator") {
        "In" => values.first().map(|v| (*v).to_owned()),
        "Exists" => Some(String::new()),
        "Gt" => bound.map(|b| b.saturating_add(1).to_string()),
        "Lt" => bound.map(|b| b.saturating_sub(1).to_string()),
        _ => None,
    };
    match (text(wanted, "operator"), &there) {
        ("In", Some(there)) => values.contains(&there.as_str()),
        ("Exists", Some(_)) | ("NotIn" | "DoesNotExist", None) => true,
        ("NotIn", Some(there)) => !values.contains(&there.as_str()),
        ("Gt", Some(_)) => number > bound,
        ("Lt", Some(_)) => number.is_some() && number < bound,
        ("In" | "Exists" | "Gt" | "Lt", None) => {
            given.is_some_and(|value| labels.insert(key, value).is_none())
        }
        _ => false,
    }
}
