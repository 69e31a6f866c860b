//! Candidates for pods that find no node, no volume, or lose their node.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::{CPU, MEMORY, at_most, least};
use super::volumes::{claim_of, missing_claim};
use crate::verdict::{Cause, nearest};
use podplay_api::{Quantity, Value, json};

pub(super) fn of(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
        Cause::Insufficient { resource, whole, .. } => {
            insufficient(search, cx, list, resource, *whole)
        }
        Cause::NodeSelectorMismatch { label, nearest } => {
            selector(cx, list, label, nearest.as_deref());
        }
        Cause::AffinityMismatch { .. } => affinity(cx, list),
        Cause::AntiAffinityConflict { .. } => {
            fewer(search, cx, list, 0);
            prefer(cx, list);
        }
        Cause::UntoleratedTaint { taint, nearly, .. } => {
            taint_of(cx, list, taint, nearly.is_some())
        }
        Cause::TopologySpread { .. } => spread(search, cx, list),
        Cause::HostPortConflict { port, .. } => {
            let containers = cx.spec()["containers"].as_array().cloned().unwrap_or_default();
            for (c, container) in containers.iter().enumerate() {
                let ports = container["ports"].as_array().cloned().unwrap_or_default();
                for (n, _) in ports.iter().enumerate().filter(|(_, of)| of["hostPort"] == *port) {
                    let path = cx.path(&format!("spec.containers[{c}].ports[{n}].hostPort"));
                    let (en, ko) =
                        (format!("Leave hostPort {port} out"), format!("hostPort {port} 빼기"));
                    list.one(0, cx.editor.remove(&path), &en, &ko);
                }
            }
            fewer(search, cx, list, 1);
        }
        Cause::NodeCordoned { node } => uncordon(cx, list, node),
        Cause::UnboundClaim { claim, why, .. } => claim_of(cx, list, claim, why),
        Cause::MissingClaim { claim, nearest } => {
            missing_claim(cx, list, claim, nearest.as_deref())
        }
        Cause::SchedulingGated { .. } => {
            let path = cx.path("spec.schedulingGates");
            list.one(
                0,
                cx.editor.remove(&path),
                "Take the scheduling gate away",
                "스케줄링 게이트 없애기",
            );
        }
        Cause::UnknownNode { nearest, .. } => {
            let path = cx.path("spec.nodeName");
            if let Some(node) = nearest {
                let value = Value::from(node.as_str());
                let (en, ko) =
                    (format!("Write nodeName: {node}"), format!("nodeName을 {node}(으)로"));
                list.one(0, cx.editor.replace(&path, &value), &en, &ko);
            }
            list.one(1, cx.editor.remove(&path), "Leave nodeName out", "nodeName 빼기");
        }
        Cause::UnknownScheduler { .. } => {
            let path = cx.path("spec.schedulerName");
            list.one(0, cx.editor.remove(&path), "Leave schedulerName out", "schedulerName 빼기");
        }
        Cause::NodeLost { .. } => node_lost(cx, list),
        _ => {}
    }
}

/// The containers of the spec with their paths.
fn containers(cx: &Cx<'_>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for kind in ["containers", "initContainers"] {
        for (n, one) in cx.spec()[kind].as_array().into_iter().flatten().enumerate() {
            found.push((cx.path(&format!("spec.{kind}[{n}]")), one.clone()));
        }
    }
    found
}

fn insufficient(
    search: &mut Search<'_>,
    cx: &Cx<'_>,
    list: &mut List,
    resource: &str,
    whole: bool,
) {
    let amount = |value: &Value| {
        Quantity::parse(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let mut asked: Vec<(i64, String)> = Vec::new();
    for (path, container) in containers(cx) {
        for field in ["requests", "limits"] {
            let value = &container["resources"][field][resource];
            if let Some(quantity) = amount(value).filter(|_| !value.is_null()) {
                asked.push((quantity.milli(), format!("{path}.resources.{field}.{resource}")));
                break;
            }
        }
    }
    asked.sort();
    let Some((milli, path)) = asked.pop() else { return fewer(search, cx, list, 0) };
    let raw = cx
        .editor
        .value(&path)
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    // A thousand cores are a slip of the pen for thousandths.
    if let (Some(raw), "cpu", true) = (&raw, resource, milli >= 50_000) {
        let value = format!("{raw}m");
        let (en, ko) = (format!("Write cpu: {value}"), format!("cpu를 {value}(으)로"));
        list.one(0, cx.editor.replace(&path, &Value::from(value)), &en, &ko);
    }
    let ladder: Vec<(&str, i64)> = match resource {
        "cpu" => CPU.to_vec(),
        "memory" | "ephemeral-storage" => {
            MEMORY.iter().map(|(text, bytes)| (*text, bytes.saturating_mul(1000))).collect()
        }
        _ => Vec::new(),
    };
    let lower: Vec<&str> =
        ladder.iter().rev().filter(|(_, of)| *of < milli).map(|(text, _)| *text).collect();
    let with = |value: &&str| {
        let edit = cx.editor.replace(&path, &Value::from(*value))?;
        edit::apply(cx.text, &[edit])
    };
    // With others faults behind this one no value reaches the goal: then what a node has decides.
    let found = least(search, &lower, with).map(|n| lower[n]).or_else(|| {
        let nodes = cx.cluster.world().nodes.keys();
        let room = nodes.filter_map(|node| {
            let object = cx.cluster.get("Node", "", node)?;
            amount(&object["status"]["allocatable"][resource]).map(|of| of.milli())
        });
        at_most(&ladder, room.max()? / 2)
    });
    if let Some(value) = found {
        let (en, ko) =
            (format!("Ask for {value} of {resource}"), format!("{resource} 요청을 {value}(으)로"));
        list.one(1, cx.editor.replace(&path, &Value::from(value)), &en, &ko);
    }
    if !whole {
        fewer(search, cx, list, 2);
    }
}

/// As many replicas as find room, at least one.
pub(super) fn fewer(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, cost: u32) {
    let path = "spec.replicas";
    let Some(now) = cx.editor.value(path).and_then(Value::as_i64).filter(|now| *now > 1) else {
        return;
    };
    let numbers: Vec<i64> = (1..now).rev().collect();
    let with = |number: &i64| {
        let edit = cx.editor.replace(path, &json!(number))?;
        edit::apply(cx.text, &[edit])
    };
    if let Some(n) = least(search, &numbers, with) {
        let number = numbers[n];
        let (en, ko) = (format!("Run {number} replicas"), format!("레플리카를 {number}개로"));
        list.one(cost, cx.editor.replace(path, &json!(number)), &en, &ko);
    }
}

fn selector(cx: &Cx<'_>, list: &mut List, label: &str, near: Option<&str>) {
    let Some((key, value)) = label.split_once('=') else { return };
    let path = cx.path(&format!("spec.nodeSelector.{key}"));
    if let Some((other_key, other_value)) = near.and_then(|near| near.split_once('=')) {
        let mut edits = Vec::new();
        if other_key != key {
            edits.extend(cx.editor.rename(&path, other_key));
        }
        if other_value != value {
            edits.extend(cx.editor.replace(&path, &Value::from(other_value)));
        }
        let (en, ko) = (
            format!("Select {other_key}={other_value}"),
            format!("{other_key}={other_value} 선택"),
        );
        list.many(0, Some(edits), &en, &ko);
    }
    label_node(cx, list, key, value);
    list.one(
        3,
        cx.editor.remove(&path),
        &format!("Leave the selector {label} out"),
        &format!("셀렉터 {label} 빼기"),
    );
    list.weakens();
}

/// The label on a node of the Scenario.
fn label_node(cx: &Cx<'_>, list: &mut List, key: &str, value: &str) {
    let Some(scenario) = cx.scenario() else { return };
    for at in ["spec.nodes[0]", "spec.node"] {
        if scenario.has(at) {
            let parent = format!("{at}.labels");
            let edit = if scenario.has(&parent) {
                scenario.insert(&parent, key, &Value::from(value))
            } else {
                scenario.insert(at, "labels", &json!({ key: value }))
            };
            let (en, ko) = (
                format!("Give a node the label {key}={value}"),
                format!("노드에 레이블 {key}={value} 붙이기"),
            );
            list.one(2, edit, &en, &ko);
            return;
        }
    }
}

fn affinity(cx: &Cx<'_>, list: &mut List) {
    let base = cx.path("spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
    let labels: Vec<podplay_api::StringMap> = cx
        .cluster
        .world()
        .store
        .resources("Node")
        .map(|(_, node)| node.meta.labels.clone())
        .collect();
    let terms = cx.editor.value(&base).and_then(Value::as_array).cloned().unwrap_or_default();
    for (t, term) in terms.iter().enumerate() {
        for (e, rule) in term["matchExpressions"].as_array().into_iter().flatten().enumerate() {
            let at = format!("{base}[{t}].matchExpressions[{e}]");
            let key = rule["key"].as_str().unwrap_or_default();
            let wanted = rule["values"][0].as_str().unwrap_or_default();
            let values: Vec<&str> =
                labels.iter().filter_map(|of| of.get(key)).map(String::as_str).collect();
            let near = nearest(wanted, values.iter().copied()).or(values.first().copied());
            if let Some(value) = near.filter(|value| *value != wanted) {
                let (en, ko) =
                    (format!("Ask for {key}: {value}"), format!("{key}을(를) {value}(으)로"));
                list.one(
                    0,
                    cx.editor.replace(&format!("{at}.values[0]"), &Value::from(value)),
                    &en,
                    &ko,
                );
            }
            let keys: Vec<&str> =
                labels.iter().flat_map(|of| of.keys()).map(String::as_str).collect();
            if values.is_empty()
                && let Some(other) = nearest(key, keys.into_iter())
            {
                let (en, ko) = (format!("Write the key {other}"), format!("키를 {other}(으)로"));
                list.one(0, cx.editor.replace(&format!("{at}.key"), &Value::from(other)), &en, &ko);
            }
            if !wanted.is_empty() {
                label_node(cx, list, key, wanted);
            }
        }
    }
    pod_affinity(cx, list);
    prefer(cx, list);
}

/// The labels of a pod affinity, as pods really have them.
fn pod_affinity(cx: &Cx<'_>, list: &mut List) {
    let base =
        cx.path("spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]");
    let at = format!("{base}.labelSelector.matchLabels");
    let Some(wanted) = cx.editor.value(&at).and_then(Value::as_object).cloned() else { return };
    for pod in cx.cluster.pods() {
        let mut edits = Vec::new();
        for (key, value) in &wanted {
            let value = value.as_str().unwrap_or_default();
            if pod.meta.labels.get(key).is_some_and(|other| other == value) {
                continue;
            }
            let Some((new_key, new_value)) =
                crate::verdict::label_meant(key, value, &pod.meta.labels)
            else {
                continue;
            };
            if new_key != *key {
                edits.extend(cx.editor.rename(&format!("{at}.{key}"), &new_key));
            }
            if new_value != value {
                edits.extend(cx.editor.replace(&format!("{at}.{key}"), &Value::from(new_value)));
            }
        }
        let (en, ko) =
            ("Ask for labels that a pod has".to_owned(), "실제 파드의 레이블로".to_owned());
        list.many(0, Some(edits), &en, &ko);
    }
}

/// A hard rule becomes a wish.
fn prefer(cx: &Cx<'_>, list: &mut List) {
    let hard = "requiredDuringSchedulingIgnoredDuringExecution";
    for kind in ["podAffinity", "podAntiAffinity"] {
        let base = cx.path(&format!("spec.affinity.{kind}"));
        let Some(terms) = cx.editor.value(&format!("{base}.{hard}")).and_then(Value::as_array)
        else {
            continue;
        };
        let soft: Vec<Value> =
            terms.iter().map(|term| json!({"weight": 100, "podAffinityTerm": term})).collect();
        let put =
            cx.editor.put(&base, &json!({"preferredDuringSchedulingIgnoredDuringExecution": soft}));
        list.one(3, put, "Make the rule a preference", "규칙을 선호(preferred)로 바꾸기");
    }
}

fn taint_of(cx: &Cx<'_>, list: &mut List, taint: &str, nearly: bool) {
    let Some((rest, effect)) = taint.rsplit_once(':') else { return };
    let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
    let base = cx.path("spec.tolerations");
    let all = cx.editor.value(&base).and_then(Value::as_array).cloned().unwrap_or_default();
    if nearly {
        for (n, one) in all.iter().enumerate() {
            let mut edits = Vec::new();
            let exists = one["operator"] == "Exists";
            for (field, wanted) in [("key", key), ("value", value), ("effect", effect)] {
                let path = format!("{base}[{n}].{field}");
                let differs = one[field].as_str().is_some_and(|now| now != wanted);
                if differs && !(exists && field == "value") {
                    edits.extend(cx.editor.replace(&path, &Value::from(wanted)));
                }
            }
            if edits.is_empty() && one["value"].is_null() && !exists && !value.is_empty() {
                edits.extend(cx.editor.insert(
                    &format!("{base}[{n}]"),
                    "value",
                    &Value::from(value),
                ));
            }
            list.many(0, Some(edits), &format!("Tolerate {taint}"), &format!("{taint} 용인"));
        }
    }
    let mut toleration = json!({"key": key, "operator": "Equal", "value": value, "effect": effect});
    if value.is_empty() {
        toleration = json!({"key": key, "operator": "Exists", "effect": effect});
    }
    let edit = if all.is_empty() {
        cx.editor.insert(&cx.path("spec"), "tolerations", &json!([toleration]))
    } else {
        cx.editor.append(&base, &toleration)
    };
    list.one(1, edit, &format!("Tolerate the taint {taint}"), &format!("테인트 {taint} 용인"));
}

fn spread(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    let base = cx.path("spec.topologySpreadConstraints");
    let all = cx.editor.value(&base).and_then(Value::as_array).cloned().unwrap_or_default();
    for (n, one) in all.iter().enumerate() {
        let path = format!("{base}[{n}]");
        let key = one["topologyKey"].as_str().unwrap_or_default();
        let nodes = cx.cluster.world().store.resources("Node");
        let keys: Vec<String> = nodes
            .flat_map(|(_, node)| node.meta.labels.keys().cloned().collect::<Vec<_>>())
            .collect();
        if !keys.iter().any(|known| known == key)
            && let Some(near) = nearest(key, keys.iter().map(String::as_str))
        {
            let (en, ko) = (format!("Spread over {near}"), format!("{near}별로 분산"));
            list.one(
                0,
                cx.editor.replace(&format!("{path}.topologyKey"), &Value::from(near)),
                &en,
                &ko,
            );
        }
        let skew = one["maxSkew"].as_i64().unwrap_or(1);
        let edit = cx.editor.set(&path, "whenUnsatisfiable", &Value::from("ScheduleAnyway"));
        list.one(
            1,
            edit,
            "Schedule anyway where it cannot be even",
            "균등하지 않아도 스케줄(ScheduleAnyway)",
        );
        for more in [skew + 1, skew + 2, skew + 4] {
            let (en, ko) = (format!("Allow maxSkew {more}"), format!("maxSkew를 {more}(으)로"));
            list.one(2, cx.editor.set(&path, "maxSkew", &json!(more)), &en, &ko);
        }
    }
    fewer(search, cx, list, 2);
}

/// The node takes pods again.
fn uncordon(cx: &Cx<'_>, list: &mut List, node: &str) {
    let Some(scenario) = cx.scenario() else { return };
    let entries =
        scenario.value("spec.timeline").and_then(Value::as_array).cloned().unwrap_or_default();
    let seconds = cx.cluster.now().as_nanos().div_euclid(1_000_000_000) + 1;
    let entry = json!({"at": format!("{seconds}s"), "kubectl": format!("uncordon {node}")});
    let title = (format!("Uncordon {node}"), format!("{node} uncordon"));
    list.one(1, scenario.append("spec.timeline", &entry), &title.0, &title.1);
    for (n, one) in entries.iter().enumerate() {
        let line = one["kubectl"].as_str().unwrap_or_default();
        if line.contains("cordon") && line.contains(node) && !line.contains("uncordon") {
            let edit = scenario.remove_item("spec.timeline", n);
            list.one(0, edit, &format!("Do not cordon {node}"), &format!("{node} cordon하지 않기"));
        }
    }
}

/// A shorter time on a node that is lost.
fn node_lost(cx: &Cx<'_>, list: &mut List) {
    let base = cx.path("spec.tolerations");
    for seconds in [20, 5, 0] {
        let one = |key: &str| json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds});
        let both = json!([one("unreachable"), one("not-ready")]);
        let existing =
            cx.editor.value(&base).and_then(Value::as_array).cloned().unwrap_or_default();
        let mine = existing.iter().position(|of| of["key"] == "node.kubernetes.io/unreachable");
        let edit = match mine {
            Some(n) => cx.editor.set(&format!("{base}[{n}]"), "tolerationSeconds", &json!(seconds)),
            None if existing.is_empty() => cx.editor.insert(&cx.path("spec"), "tolerations", &both),
            None => cx.editor.append(&base, &one("unreachable")),
        };
        let (en, ko) = (
            format!("Replace the pods of a lost node after {seconds} s"),
            format!("잃어버린 노드의 파드를 {seconds}초 뒤에 교체"),
        );
        list.one(0, edit, &en, &ko);
    }
}
