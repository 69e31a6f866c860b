//! Services and their endpoints.

use serde_json::Value;

use super::Related;
use super::writer::Writer;
use crate::get::host_port_text;
use crate::json::{at, int, items, name, opt_int, plain, text, text_or};
use crate::labels::{format_labels, none_if_empty};

fn joined(object: &Value, path: &str) -> String {
    items(object, path).iter().map(plain).collect::<Vec<_>>().join(",")
}

pub(super) fn service(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    w.labels_and_annotations(object);
    w.field("Selector", &format_labels(object, "spec.selector"));
    w.field("Type", text(object, "spec.type"));
    w.field_if("IP Family Policy", text(object, "spec.ipFamilyPolicy"));
    w.field("IP Families", &none_if_empty(joined(object, "spec.ipFamilies")));
    w.field("IP", text(object, "spec.clusterIP"));
    w.field("IPs", &none_if_empty(joined(object, "spec.clusterIPs")));
    w.field_if("External IPs", &joined(object, "spec.externalIPs"));
    w.field_if("Desired LoadBalancer IP", text(object, "spec.loadBalancerIP"));
    w.field_if("External Name", text(object, "spec.externalName"));
    let ingress = |ingress: &Value| match (text(ingress, "ip"), text(ingress, "ipMode")) {
        ("", _) => text(ingress, "hostname").to_owned(),
        (ip, "") => ip.to_owned(),
        (ip, mode) => format!("{ip} ({mode})"),
    };
    let ingress: Vec<String> =
        items(object, "status.loadBalancer.ingress").iter().map(ingress).collect();
    w.field_if("LoadBalancer Ingress", &ingress.join(", "));
    for port in items(object, "spec.ports") {
        service_port(w, object, port, related);
    }
    w.field("Session Affinity", text(object, "spec.sessionAffinity"));
    w.field_if("External Traffic Policy", text(object, "spec.externalTrafficPolicy"));
    w.field_if("Internal Traffic Policy", text(object, "spec.internalTrafficPolicy"));
    if int(object, "spec.healthCheckNodePort") != 0 {
        w.field("HealthCheck NodePort", &int(object, "spec.healthCheckNodePort").to_string());
    }
    w.field_if("LoadBalancer Source Ranges", &joined(object, "spec.loadBalancerSourceRanges"));
    w.field_if("Traffic Distribution", text(object, "spec.trafficDistribution"));
}

fn service_port(w: &mut Writer, object: &Value, port: &Value, related: &Related) {
    let (name, protocol) = (text_or(port, "name", "<unset>"), text(port, "protocol"));
    w.line(0, &format!("Port:\t{name}\t{}/{protocol}", int(port, "port")));
    w.field("TargetPort", &format!("{}/{protocol}", plain(at(port, "targetPort"))));
    w.field_if("AppProtocol", text(port, "appProtocol"));
    if int(port, "nodePort") != 0 {
        w.line(0, &format!("NodePort:\t{name}\t{}/{protocol}", int(port, "nodePort")));
    }
    w.field("Endpoints", &ready_endpoints(object, text(port, "name"), related));
}

/// At most three ready endpoints of a port, and how many more there are.
fn ready_endpoints(service: &Value, port_name: &str, related: &Related) -> String {
    let slices = related.beside("EndpointSlice", service);
    let mine = |slice: &&&Value| {
        let owner = &slice["metadata"]["labels"]["kubernetes.io/service-name"];
        owner.as_str() == Some(name(service))
    };
    let mut slices = slices.iter().filter(mine).peekable();
    if slices.peek().is_none() {
        return "<none>".to_owned();
    }
    let mut list = Vec::new();
    for slice in slices {
        let ports = items(slice, "ports");
        let named = ports.iter().filter(|port| text(port, "name") == port_name);
        for port in named {
            let number = opt_int(port, "port").map_or_else(String::new, |port| port.to_string());
            let ready =
                |endpoint: &&Value| at(endpoint, "conditions.ready").as_bool() != Some(false);
            for endpoint in items(slice, "endpoints").iter().filter(ready) {
                list.extend(
                    items(endpoint, "addresses")
                        .iter()
                        .map(|address| host_port_text(&plain(address), &number)),
                );
            }
        }
    }
    let more = list.len().saturating_sub(3);
    list.truncate(3);
    if more == 0 { list.join(",") } else { format!("{} + {more} more...", list.join(",")) }
}

pub(super) fn endpoints(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.line(0, "Subsets:");
    for subset in items(object, "subsets") {
        for (title, path) in
            [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")]
        {
            let list: Vec<&str> =
                items(subset, path).iter().map(|address| text(address, "ip")).collect();
            w.line(1, &format!("{title}:\t{}", none_if_empty(list.join(","))));
        }
        let ports = items(subset, "ports");
        if !ports.is_empty() {
            w.line(1, "Ports:");
            w.line(2, "Name\tPort\tProtocol");
            w.line(2, "----\t----\t--------");
            for port in ports {
                let name = text_or(port, "name", "<unset>");
                w.line(2, &format!("{name}\t{}\t{}", int(port, "port"), text(port, "protocol")));
            }
        }
        w.line(0, "");
    }
}

pub(super) fn endpoint_slice(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.field("AddressType", text(object, "addressType"));
    let ports = items(object, "ports");
    if ports.is_empty() {
        w.field("Ports", "<unset>");
    } else {
        w.line(0, "Ports:");
        w.line(1, "Name\tPort\tProtocol");
        w.line(1, "----\t----\t--------");
        for port in ports {
            let number =
                opt_int(port, "port").map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
            w.line(
                1,
                &format!(
                    "{}\t{number}\t{}",
                    text_or(port, "name", "<unset>"),
                    text(port, "protocol")
                ),
            );
        }
    }
    let list = items(object, "endpoints");
    if list.is_empty() {
        w.line(0, "Endpoints: <none>");
        return;
    }
    w.line(0, "Endpoints:");
    for endpoint in list {
        slice_endpoint(w, endpoint);
    }
}

fn slice_endpoint(w: &mut Writer, endpoint: &Value) {
    w.line(1, &format!("- Addresses:\t{}", none_if_empty(joined(endpoint, "addresses"))));
    w.line(2, "Conditions:");
    let ready = at(endpoint, "conditions.ready").as_bool();
    w.line(
        3,
        &format!(
            "Ready:\t{}",
            ready.map_or_else(|| "<unset>".to_owned(), |ready| ready.to_string())
        ),
    );
    w.line(2, &format!("Hostname:\t{}", text_or(endpoint, "hostname", "<unset>")));
    let target = at(endpoint, "targetRef");
    if !target.is_null() {
        w.line(2, &format!("TargetRef:\t{}/{}", text(target, "kind"), text(target, "name")));
    }
    w.line(2, &format!("NodeName:\t{}", text_or(endpoint, "nodeName", "<unset>")));
    w.line(2, &format!("Zone:\t{}", text_or(endpoint, "zone", "<unset>")));
}
