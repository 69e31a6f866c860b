//! Rows of Services and their endpoints.

use podplay_api::Timestamp;
use serde_json::Value;

use super::{age, three_of};
use crate::json::{at, int, items, name, opt_int, text};
use crate::labels::{format_labels, none_if_empty, selector_or_none};

fn texts(object: &Value, path: &str) -> Vec<String> {
    items(object, path).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn service(object: &Value, now: Timestamp) -> Vec<Value> {
    let cluster_ip = texts(object, "spec.clusterIPs").into_iter().next();
    let cluster_ip = cluster_ip.unwrap_or_else(|| text(object, "spec.clusterIP").to_owned());
    let ports: Vec<String> = items(object, "spec.ports").iter().map(service_port).collect();
    vec![
        name(object).into(),
        text(object, "spec.type").into(),
        none_if_empty(cluster_ip).into(),
        external_ip(object).into(),
        none_if_empty(ports.join(",")).into(),
        age(object, now),
        format_labels(object, "spec.selector").into(),
    ]
}

/// `80/TCP`, or `80:30123/TCP` with a node port.
fn service_port(port: &Value) -> String {
    let node_port = match int(port, "nodePort") {
        0 => String::new(),
        node_port => format!(":{node_port}"),
    };
    format!("{}{node_port}/{}", int(port, "port"), text(port, "protocol"))
}

fn external_ip(object: &Value) -> String {
    let external = texts(object, "spec.externalIPs");
    match text(object, "spec.type") {
        "ClusterIP" | "NodePort" => none_if_empty(external.join(",")),
        "LoadBalancer" => {
            let mut addresses = load_balancer_addresses(object);
            addresses.extend(external);
            if addresses.is_empty() { "<pending>".to_owned() } else { addresses.join(",") }
        }
        "ExternalName" => text(object, "spec.externalName").to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

fn load_balancer_addresses(object: &Value) -> Vec<String> {
    let address = |ingress: &Value| match text(ingress, "ip") {
        "" => text(ingress, "hostname").to_owned(),
        ip => ip.to_owned(),
    };
    let mut addresses: Vec<String> =
        items(object, "status.loadBalancer.ingress").iter().map(address).collect();
    addresses.retain(|address| !address.is_empty());
    addresses.sort();
    addresses.dedup();
    addresses
}

fn unset_if_empty(list: &[String]) -> Value {
    if list.is_empty() { "<unset>".into() } else { three_of(list).into() }
}

pub(super) fn endpoint_slice(object: &Value, now: Timestamp) -> Vec<Value> {
    let port = |port: &Value| {
        opt_int(port, "port").map_or_else(|| "*".to_owned(), |port| port.to_string())
    };
    let ports: Vec<String> = items(object, "ports").iter().map(port).collect();
    let addresses: Vec<String> = items(object, "endpoints")
        .iter()
        .flat_map(|endpoint| texts(endpoint, "addresses"))
        .collect();
    vec![
        name(object).into(),
        text(object, "addressType").into(),
        unset_if_empty(&ports),
        unset_if_empty(&addresses),
        age(object, now),
    ]
}

/// `1.2.3.4:80`, `[::1]:80`.
pub(crate) fn host_port(host: &str, port: &str) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

pub(super) fn endpoints(object: &Value, now: Timestamp) -> Vec<Value> {
    let subsets = items(object, "subsets");
    let text = if subsets.is_empty() {
        "<none>".to_owned()
    } else {
        three_of(&subsets.iter().flat_map(subset_addresses).collect::<Vec<_>>())
    };
    vec![name(object).into(), text.into(), age(object, now)]
}

/// Ready addresses, with each port where there are ports.
fn subset_addresses(subset: &Value) -> Vec<String> {
    let addresses: Vec<&str> =
        items(subset, "addresses").iter().map(|address| text(address, "ip")).collect();
    let ports = items(subset, "ports");
    if ports.is_empty() {
        return addresses.into_iter().map(str::to_owned).collect();
    }
    let with_port = |port: &Value| {
        let port = int(port, "port").to_string();
        addresses.iter().map(|address| host_port(address, &port)).collect::<Vec<_>>()
    };
    ports.iter().flat_map(with_port).collect()
}

pub(super) fn network_policy(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(object).into(),
        selector_or_none(at(object, "spec.podSelector")).into(),
        age(object, now),
    ]
}
