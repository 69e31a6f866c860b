//! Descriptions of Services, nodes and claims.

use super::super::marked::Marked;
use super::container::port_of;
use super::outline::Node;
use super::pod::conditions;

/// A title of such a description.
pub(super) fn field(kind: &str, node: &Node<'_>, tree: &mut Marked) -> bool {
    match kind {
        "Service" => service(node, tree),
        "Node" => of_node(node, tree),
        _ => claim(node, tree),
    }
}

fn service(node: &Node<'_>, tree: &mut Marked) -> bool {
    let line = node.line;
    match node.key {
        "Selector" => node.listed(|key, value| tree.put_key("spec.selector", key, value, line)),
        "Type" => tree.put("spec.type", node.value, line),
        "IP" if node.value == "None" => tree.put("spec.clusterIP", "None", line),
        "Port" => {
            let number = tree.get("spec.ports").as_array().map_or(0, Vec::len);
            let at = format!("spec.ports[{number}]");
            let mut words = node.value.split_whitespace();
            let (name, port) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let (port, protocol) = port.split_once('/').unwrap_or((port, "TCP"));
            tree.put(&format!("{at}.port"), port_of(port), line);
            tree.put(&format!("{at}.protocol"), protocol, line);
            if name != "<unset>" {
                tree.put(&format!("{at}.name"), name, line);
            }
        }
        "TargetPort" => {
            let number = tree.get("spec.ports").as_array().map_or(0, Vec::len);
            let port = node.value.split('/').next().unwrap_or_default();
            if let Some(last) = number.checked_sub(1) {
                tree.put(&format!("spec.ports[{last}].targetPort"), port_of(port), line);
            }
        }
        "Endpoints" => {
            let none = node.none();
            tree.put_key("seen", "endpoints", if none { "" } else { node.value }, line);
        }
        "IP"
        | "IPs"
        | "IP Family Policy"
        | "IP Families"
        | "Session Affinity"
        | "NodePort"
        | "Internal Traffic Policy"
        | "External Traffic Policy"
        | "LoadBalancer Ingress" => {}
        _ => return false,
    }
    true
}

fn of_node(node: &Node<'_>, tree: &mut Marked) -> bool {
    let line = node.line;
    match node.key {
        "Unschedulable" => tree.put("spec.unschedulable", node.value == "true", line),
        "Taints" if !node.none() => {
            let first = [(node.value, node.line)];
            let rest = node.body.iter().map(|line| (line.words(), line.number));
            for (number, (text, line)) in first.into_iter().chain(rest).enumerate() {
                let (key, effect) = text.rsplit_once(':').unwrap_or((text, ""));
                let (key, value) = key.split_once('=').unwrap_or((key, ""));
                let at = format!("spec.taints[{number}]");
                tree.put(&format!("{at}.key"), key, line);
                tree.put(&format!("{at}.effect"), effect, line);
                if !value.is_empty() {
                    tree.put(&format!("{at}.value"), value, line);
                }
            }
        }
        "Allocatable" | "Capacity" => {
            let path = format!("status.{}", node.key.to_ascii_lowercase());
            for amount in node.under().iter().filter(|amount| !amount.key.is_empty()) {
                tree.put_key(&path, amount.key, amount.value, amount.line);
            }
        }
        "Conditions" => conditions(node, tree),
        "Roles"
        | "Taints"
        | "Lease"
        | "Addresses"
        | "System Info"
        | "PodCIDR"
        | "PodCIDRs"
        | "Non-terminated Pods"
        | "Allocated resources"
        | "ProviderID" => {}
        _ => return false,
    }
    true
}

fn claim(node: &Node<'_>, tree: &mut Marked) -> bool {
    let line = node.line;
    match node.key {
        "StorageClass" if !node.none() => tree.put("spec.storageClassName", node.value, line),
        "Status" => tree.put("status.phase", node.value, line),
        "Volume" if !node.none() => tree.put("spec.volumeName", node.value, line),
        "Capacity" if !node.none() => {
            tree.put("spec.resources.requests.storage", node.value, line);
        }
        "StorageClass" | "Volume" | "Capacity" | "Access Modes" | "VolumeMode" | "Finalizers"
        | "Used By" => {}
        _ => return false,
    }
    true
}
