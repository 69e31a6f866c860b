//! Descriptions of pods, and of the templates of workloads.

use super::super::marked::Marked;
use super::container::containers;
use super::outline::Node;
use super::volumes::volumes;

/// A title of a pod's description.
pub(super) fn field(node: &Node<'_>, tree: &mut Marked) -> bool {
    let line = node.line;
    match node.key {
        "Node" if node.none() => {}
        "Node" => {
            let name = node.value.split('/').next().unwrap_or_default();
            tree.put("spec.nodeName", name, line);
        }
        "Start Time" => super::put_date(tree, "status.startTime", node),
        "Status" => status(node, tree),
        "Reason" => tree.put("status.reason", node.value, line),
        "Message" => tree.put("status.message", node.value, line),
        "IP" if !node.none() => tree.put("status.podIP", node.value, line),
        "Termination Grace Period" => {
            if let Ok(seconds) = node.value.trim_end_matches('s').parse::<u32>() {
                tree.put("metadata.deletionGracePeriodSeconds", seconds, line);
            }
        }
        "Init Containers" => {
            containers(node, "spec.initContainers", Some("status.initContainerStatuses"), tree)
        }
        "Containers" => {
            containers(node, "spec.containers", Some("status.containerStatuses"), tree);
        }
        "Conditions" => conditions(node, tree),
        "Readiness Gates" => gates(node, tree),
        "QoS Class" => tree.put("status.qosClass", node.value, line),
        _ => return spec(node, "spec", tree) || rest(node.key),
    }
    true
}

/// Titles that are known and not needed.
fn rest(key: &str) -> bool {
    ["IP", "IPs", "NominatedNodeName", "SeccompProfile", "Ephemeral Containers", "Resources"]
        .contains(&key)
}

/// What stands in a pod's spec, and in a template's.
pub(super) fn spec(node: &Node<'_>, at: &str, tree: &mut Marked) -> bool {
    let path = |name: &str| format!("{at}.{name}");
    match node.key {
        "Service Account" => tree.put(&path("serviceAccountName"), node.value, node.line),
        "Priority" => {}
        "Priority Class Name" => tree.put(&path("priorityClassName"), node.value, node.line),
        "Runtime Class Name" => tree.put(&path("runtimeClassName"), node.value, node.line),
        "Volumes" => volumes(node, &path("volumes"), tree),
        "Node-Selectors" => node.pairs('=', |key, value, line| {
            tree.put_key(&path("nodeSelector"), key, value, line);
        }),
        "Tolerations" => tolerations(node, &path("tolerations"), tree),
        "Topology Spread Constraints" => spread(node, &path("topologySpreadConstraints"), tree),
        _ => return false,
    }
    true
}

/// `Running`, or `Terminating (lasts 3m)`.
fn status(node: &Node<'_>, tree: &mut Marked) {
    let Some(rest) = node.value.strip_prefix("Terminating") else {
        tree.put("status.phase", node.value, node.line);
        return;
    };
    let lasts = rest.trim().trim_start_matches("(lasts ").trim_end_matches(')');
    // The moment is not told, only how long ago it was.
    tree.put("metadata.deletionTimestamp", format!("{lasts} ago"), node.line);
}

/// The table under `Conditions:`.
pub(super) fn conditions(node: &Node<'_>, tree: &mut Marked) {
    let mut number = 0;
    for line in node.body.iter().filter(|line| !line.is_blank()) {
        let words: Vec<&str> = line.text.split_whitespace().collect();
        let [kind, status, rest @ ..] = words.as_slice() else { continue };
        if !matches!(*status, "True" | "False" | "Unknown") {
            continue;
        }
        let at = format!("status.conditions[{number}]");
        tree.put(&format!("{at}.type"), *kind, line.number);
        tree.put(&format!("{at}.status"), *status, line.number);
        // Nodes have dates between.
        let reason = rest.iter().find(|word| {
            word.len() > 3
                && word.chars().all(|c| c.is_ascii_alphanumeric())
                && word.starts_with(|c: char| c.is_ascii_uppercase())
        });
        if let Some(reason) = reason {
            tree.put(&format!("{at}.reason"), *reason, line.number);
        }
        number += 1;
    }
}

/// The table under `Readiness Gates:`.
fn gates(node: &Node<'_>, tree: &mut Marked) {
    let mut number = 0;
    for line in node.body.iter().filter(|line| !line.is_blank()) {
        let words: Vec<&str> = line.text.split_whitespace().collect();
        let [kind, status] = words.as_slice() else { continue };
        if *kind == "Type" {
            continue;
        }
        tree.put(&format!("spec.readinessGates[{number}].conditionType"), *kind, line.number);
        tree.put(&format!("spec.readinessGates[{number}].seen"), *status, line.number);
        number += 1;
    }
}

/// `key=value:Effect op=Exists for 300s`.
fn tolerations(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let first = [(node.value, node.line)];
    let rest = node.body.iter().map(|line| (line.words(), line.number));
    let own = |text: &&str| {
        !text.is_empty() && *text != "<none>" && !text.starts_with("node.kubernetes.io/")
    };
    let lines = first.into_iter().chain(rest).filter(|(text, _)| own(text));
    for (number, (text, line)) in lines.enumerate() {
        let at = format!("{path}[{number}]");
        let mut words = text.split_whitespace();
        let head = words.next().unwrap_or_default();
        let (key, effect) = head.rsplit_once(':').unwrap_or((head, ""));
        let (key, value) = key.split_once('=').unwrap_or((key, ""));
        for (name, value) in [("key", key), ("value", value), ("effect", effect)] {
            if !value.is_empty() {
                tree.put(&format!("{at}.{name}"), value, line);
            }
        }
        let exists = text.contains("op=Exists") || value.is_empty();
        tree.put(&format!("{at}.operator"), if exists { "Exists" } else { "Equal" }, line);
        let seconds = text.rsplit_once(" for ").and_then(|(_, s)| s.strip_suffix('s'));
        if let Some(seconds) = seconds.and_then(|seconds| seconds.parse::<i64>().ok()) {
            tree.put(&format!("{at}.tolerationSeconds"), seconds, line);
        }
    }
}

/// `zone:DoNotSchedule when max skew 1 is exceeded for selector app=web`.
fn spread(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let first = [(node.value, node.line)];
    let rest = node.body.iter().map(|line| (line.words(), line.number));
    let mut number = 0;
    for (text, line) in first.into_iter().chain(rest) {
        let Some((head, tail)) = text.split_once(" when max skew ") else { continue };
        let Some((key, action)) = head.rsplit_once(':') else { continue };
        let at = format!("{path}[{number}]");
        tree.put(&format!("{at}.topologyKey"), key, line);
        tree.put(&format!("{at}.whenUnsatisfiable"), action, line);
        let skew = tail.split(' ').next().and_then(|digits| digits.parse::<i64>().ok());
        tree.put(&format!("{at}.maxSkew"), skew.unwrap_or(1), line);
        if let Some((_, selector)) = tail.split_once("for selector ") {
            for pair in selector.split(',') {
                if let Some((key, value)) = pair.split_once('=') {
                    tree.put_key(&format!("{at}.labelSelector.matchLabels"), key, value, line);
                }
            }
        }
        number += 1;
    }
}

/// The template of a workload.
pub(super) fn template(node: &Node<'_>, at: &str, tree: &mut Marked) {
    for field in node.under() {
        match field.key {
            "Labels" => field.pairs('=', |key, value, line| {
                tree.put_key(&format!("{at}.metadata.labels"), key, value, line);
            }),
            "Annotations" => field.pairs(':', |key, value, line| {
                tree.put_key(&format!("{at}.metadata.annotations"), key, value, line);
            }),
            "Init Containers" => {
                containers(&field, &format!("{at}.spec.initContainers"), None, tree);
            }
            "Containers" => containers(&field, &format!("{at}.spec.containers"), None, tree),
            _ => {
                spec(&field, &format!("{at}.spec"), tree);
            }
        }
    }
}
