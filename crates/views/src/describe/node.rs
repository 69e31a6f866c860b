//! Nodes, with what runs on them.

use std::collections::BTreeMap;

use podplay_api::Quantity;
use serde_json::Value;

use super::writer::Writer;
use super::{Related, date};
use crate::duration::{rfc1123, since};
use crate::get::node_roles_text;
use crate::json::{at, fields, flag, has, items, name, namespace, plain, text, text_or, time};

pub(super) fn node(w: &mut Writer, object: &Value, related: &Related) {
    w.field("Name", name(object));
    w.field("Roles", &node_roles_text(object));
    w.labels_and_annotations(object);
    w.field("CreationTimestamp", &date(object, "metadata.creationTimestamp"));
    w.several("Taints", &items(object, "spec.taints").iter().map(taint).collect::<Vec<_>>());
    w.field("Unschedulable", &flag(object, "spec.unschedulable").to_string());
    lease(w, object, related);
    node_conditions(w, object);
    w.line(0, "Addresses:");
    for address in items(object, "status.addresses") {
        w.line(1, &format!("{}:\t{}", text(address, "type"), text(address, "address")));
    }
    for (title, path) in [("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")] {
        if has(object, path) {
            w.line(0, &format!("{title}:"));
            for (resource, quantity) in fields(object, path) {
                w.line(1, &format!("{resource}:\t{}", plain(quantity)));
            }
        }
    }
    system_info(w, object);
    pods(w, object, related);
}

/// `key=value:Effect`.
fn taint(taint: &Value) -> String {
    let value = match text(taint, "value") {
        "" => String::new(),
        value => format!("={value}"),
    };
    format!("{}{value}:{}", text(taint, "key"), text(taint, "effect"))
}

fn lease(w: &mut Writer, object: &Value, related: &Related) {
    let mine =
        |lease: &&Value| namespace(lease) == "kube-node-lease" && name(lease) == name(object);
    let Some(lease) = related.of_kind("Lease").into_iter().find(mine) else { return };
    w.line(0, "Lease:");
    w.line(1, &format!("HolderIdentity:\t{}", text_or(lease, "spec.holderIdentity", "<unset>")));
    for (title, path) in [("AcquireTime", "spec.acquireTime"), ("RenewTime", "spec.renewTime")] {
        let moment = time(lease, path).map_or_else(|| "<unset>".to_owned(), rfc1123);
        w.line(1, &format!("{title}:\t{moment}"));
    }
}

fn node_conditions(w: &mut Writer, object: &Value) {
    let conditions = items(object, "status.conditions");
    if conditions.is_empty() {
        return;
    }
    w.line(
        0,
        "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
    );
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let columns = [
            text(condition, "type"),
            text(condition, "status"),
            &date(condition, "lastHeartbeatTime"),
            &date(condition, "lastTransitionTime"),
            text(condition, "reason"),
            text(condition, "message"),
        ];
        w.line(1, &columns.join(" \t"));
    }
}

fn system_info(w: &mut Writer, object: &Value) {
    w.line(0, "System Info:");
    for (title, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        w.line(1, &format!("{title}:\t{}", text(at(object, "status.nodeInfo"), field)));
    }
    w.field_if("PodCIDR", text(object, "spec.podCIDR"));
    let cidrs: Vec<String> = items(object, "spec.podCIDRs").iter().map(plain).collect();
    w.field_if("PodCIDRs", &cidrs.join(","));
    w.field_if("ProviderID", text(object, "spec.providerID"));
}

/// Requests or limits by resource, in thousandths.
type Amounts = BTreeMap<String, i64>;

/// What a pod asks for: the sum of its containers and sidecars, or more where an init container needs more.
/// Models `component-helpers/resource` PodRequests and PodLimits.
fn pod_amounts(pod: &Value, kind: &str) -> Amounts {
    let of = |container: &Value| amounts(at(container, &format!("resources.{kind}")));
    let mut sum = Amounts::new();
    for container in items(pod, "spec.containers") {
        add(&mut sum, &of(container));
    }
    let (mut sidecars, mut peak) = (Amounts::new(), Amounts::new());
    for container in items(pod, "spec.initContainers") {
        if text(container, "restartPolicy") == "Always" {
            add(&mut sum, &of(container));
            add(&mut sidecars, &of(container));
            raise(&mut peak, &sidecars);
        } else {
            let mut own = of(container);
            add(&mut own, &sidecars);
            raise(&mut peak, &own);
        }
    }
    raise(&mut sum, &peak);
    for (resource, amount) in amounts(at(pod, &format!("spec.resources.{kind}"))) {
        sum.insert(resource, amount);
    }
    for (resource, amount) in amounts(at(pod, "spec.overhead")) {
        if kind == "requests" || sum.contains_key(&resource) {
            *sum.entry(resource).or_default() += amount;
        }
    }
    sum
}

fn amounts(list: &Value) -> Amounts {
    let milli =
        |quantity: &Value| Quantity::parse(&plain(quantity)).map_or(0, |quantity| quantity.milli());
    list.as_object()
        .into_iter()
        .flatten()
        .map(|(resource, quantity)| (resource.clone(), milli(quantity)))
        .collect()
}

fn add(to: &mut Amounts, more: &Amounts) {
    for (resource, amount) in more {
        let sum = to.entry(resource.clone()).or_default();
        *sum = sum.saturating_add(*amount);
    }
}

fn raise(to: &mut Amounts, least: &Amounts) {
    for (resource, amount) in least {
        let known = to.entry(resource.clone()).or_default();
        *known = (*known).max(*amount);
    }
}

/// An amount as a quantity: processors in thousandths, sizes in the largest binary unit that divides them.
fn quantity(resource: &str, milli: i64) -> String {
    if milli % 1000 != 0 {
        return format!("{milli}m");
    }
    let mut value = milli / 1000;
    if resource == "cpu" || value == 0 {
        return value.to_string();
    }
    let units = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
    let mut unit = 0;
    while value % 1024 == 0 && unit + 1 < units.len() {
        value /= 1024;
        unit += 1;
    }
    format!("{value}{}", units[unit])
}

/// `250m (12%)`.
fn share(resource: &str, amounts: &Amounts, allocatable: &Amounts) -> String {
    let amount = amounts.get(resource).copied().unwrap_or(0);
    let whole = allocatable.get(resource).copied().unwrap_or(0);
    let percent = if whole == 0 { 0 } else { i128::from(amount) * 100 / i128::from(whole) };
    format!("{} ({percent}%)", quantity(resource, amount))
}

fn pods(w: &mut Writer, object: &Value, related: &Related) {
    let path =
        if has(object, "status.allocatable") { "status.allocatable" } else { "status.capacity" };
    let allocatable = amounts(at(object, path));
    let here = |pod: &&Value| {
        text(pod, "spec.nodeName") == name(object)
            && !matches!(text(pod, "status.phase"), "Succeeded" | "Failed")
    };
    let pods: Vec<&Value> = related.of_kind("Pod").into_iter().filter(here).collect();
    w.field("Non-terminated Pods", &format!("({} in total)", pods.len()));
    w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let (asks, may) = (pod_amounts(pod, "requests"), pod_amounts(pod, "limits"));
        let [cpu_asks, cpu_may, memory_asks, memory_may] =
            [("cpu", &asks), ("cpu", &may), ("memory", &asks), ("memory", &may)]
                .map(|(resource, amounts)| share(resource, amounts, &allocatable));
        let age = since(time(pod, "metadata.creationTimestamp"), related.now);
        w.line(
            1,
            &format!(
                "{}\t{}\t\t{cpu_asks}\t{cpu_may}\t{memory_asks}\t{memory_may}\t{age}",
                namespace(pod),
                name(pod)
            ),
        );
        add(&mut requests, &asks);
        add(&mut limits, &may);
    }
    allocated(w, &requests, &limits, &allocatable);
}

fn allocated(w: &mut Writer, requests: &Amounts, limits: &Amounts, allocatable: &Amounts) {
    w.line(
        0,
        "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)",
    );
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    let huge = allocatable
        .keys()
        .map(String::as_str)
        .filter(|resource| resource.starts_with("hugepages-"));
    for resource in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(huge) {
        let [asks, may] = [requests, limits].map(|amounts| share(resource, amounts, allocatable));
        w.line(1, &format!("{resource}\t{asks}\t{may}"));
    }
    let standard = ["cpu", "memory", "ephemeral-storage", "pods"];
    let extended = |resource: &&String| {
        !standard.contains(&resource.as_str()) && !resource.starts_with("hugepages-")
    };
    for resource in allocatable.keys().filter(extended) {
        let [asks, may] = [requests, limits]
            .map(|amounts| quantity(resource, amounts.get(resource).copied().unwrap_or(0)));
        w.line(1, &format!("{resource}\t{asks}\t{may}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_init_container_may_need_more_than_all_others() {
        let container =
            |cpu: &str| json!({"resources": {"requests": {"cpu": cpu, "memory": "64Mi"}}});
        let mut sidecar = container("100m");
        sidecar["restartPolicy"] = json!("Always");
        let pod = json!({"spec": {
            "containers": [container("100m"), container("100m")],
            "initContainers": [sidecar, container("1")]}});
        let sum = pod_amounts(&pod, "requests");
        assert_eq!(quantity("cpu", sum["cpu"]), "1100m");
        assert_eq!(quantity("memory", sum["memory"]), "192Mi");
        assert_eq!(share("cpu", &sum, &amounts(&json!({"cpu": "2"}))), "1100m (55%)");
    }
}
