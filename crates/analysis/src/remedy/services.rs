//! Candidates for Services: what they select, where they send, and requests that are lost.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::least;
use crate::verdict::label_meant;
use podplay_api::{Value, json};

pub(super) fn selector(cx: &Cx<'_>, list: &mut List) {
    let Some(wanted) = cx.editor.value("spec.selector").and_then(Value::as_object).cloned() else {
        return;
    };
    let mut all: Vec<podplay_api::StringMap> = cx
        .cluster
        .pods()
        .filter(|pod| pod.meta.namespace == cx.target.namespace)
        .map(|pod| pod.meta.labels.clone())
        .collect();
    all.sort();
    all.dedup();
    let added = |key: &str| {
        key == "pod-template-hash"
            || key.starts_with("controller-")
            || key.contains("kubernetes.io/pod-index")
    };
    let mut ranked = Vec::new();
    for labels in &mut all {
        labels.retain(|key, _| !added(key));
        let (mut edits, mut far) = (Vec::new(), 0);
        for (key, value) in &wanted {
            let value = value.as_str().unwrap_or_default();
            if labels.get(key).is_some_and(|other| other == value) {
                continue;
            }
            let Some((new_key, new_value)) = label_meant(key, value, labels) else {
                far += 50;
                continue;
            };
            far += crate::verdict::distance(&new_value, value)
                + crate::verdict::distance(&new_key, key) / 2;
            let path = format!("spec.selector.{key}");
            if wanted.contains_key(&new_key) && new_key != *key {
                edits.extend(cx.editor.remove(&path));
                continue;
            }
            if new_key != *key {
                edits.extend(cx.editor.rename(&path, &new_key));
            }
            if new_value != value {
                edits.extend(cx.editor.replace(&path, &Value::from(new_value)));
            }
        }
        ranked.push((far, edits));
    }
    ranked.sort_by_key(|(far, _)| *far);
    for (n, (_, edits)) in ranked.into_iter().take(3).enumerate() {
        let cost = u32::try_from(n).unwrap_or(9);
        list.many(
            cost,
            Some(edits),
            "Select labels that the pods have",
            "파드에 있는 레이블을 선택하기",
        );
    }
}

pub(super) fn port_of(
    cx: &Cx<'_>,
    list: &mut List,
    port: &str,
    listens: &[u16],
    near: Option<&str>,
) {
    let ports =
        cx.editor.value("spec.ports").and_then(Value::as_array).cloned().unwrap_or_default();
    let index = ports.iter().position(|one| one["port"] == port).unwrap_or(0);
    let parent = format!("spec.ports[{index}]");
    let to = |value: Value| cx.editor.set(&parent, "targetPort", &value);
    if let Some(name) = near {
        let (en, ko) =
            (format!("Send to the port named {name}"), format!("이름이 {name}인 포트로 보내기"));
        list.one(0, to(Value::from(name)), &en, &ko);
    }
    for number in listens {
        let (en, ko) = (format!("Send to port {number}"), format!("포트 {number}(으)로 보내기"));
        list.one(1, to(json!(number)), &en, &ko);
    }
}

/// The port that a Service's requests go to, and their path.
pub(super) fn asked_of(cx: &Cx<'_>) -> Option<(Value, String)> {
    let services = cx.cluster.list("Service", Some(&cx.target.namespace));
    let container = cx.typed();
    let clients: Vec<_> = cx.cluster.traffic().map(|(_, client)| client).collect();
    let name = cx.verdict_service();
    let service = services.iter().find(|one| one["metadata"]["name"] == name.as_str())?;
    let port = &service["spec"]["ports"][0];
    let target = if port["targetPort"].is_null() { &port["port"] } else { &port["targetPort"] };
    let path = clients
        .iter()
        .find(|one| *one.wants.service.name == *name)
        .map(|one| one.wants.path.to_string());
    let own = container.ports.first().map(|port| json!(port.container_port));
    let port = if target.is_number() || target.is_string() { target.clone() } else { own? };
    Some((port, path.unwrap_or_else(|| "/".to_owned())))
}

/// The workload behind a Service's pods, to be edited in place of the Service.
pub(super) fn workload<'a>(cx: &Cx<'a>) -> Option<(edit::Editor<'a>, String)> {
    let name = cx.verdict_service();
    let service = cx.cluster.get("Service", &cx.target.namespace, &name)?;
    let selector: podplay_api::StringMap = podplay_api::raw::field(&service["spec"], "selector");
    let pod =
        cx.cluster.pods().find(|pod| podplay_api::labels_match(&selector, &pod.meta.labels))?;
    let entry = cx.cluster.world().store.pod_entry(&pod.meta.namespace, &pod.meta.name)?;
    let subject = podplay_core::Subject::Pod(entry.pod_ref.clone());
    let owners = crate::verdict::owners_of(cx.cluster, &subject);
    let written = owners.iter().find_map(|of| crate::verdict::written(cx.plan, of))?;
    let base = format!("{}spec", crate::verdict::template(written.kind));
    Some((edit::Editor { text: cx.text, written }, base))
}

impl Cx<'_> {
    /// The name of the Service whose requests were lost.
    fn verdict_service(&self) -> String {
        self.verdict.subject.name.clone()
    }
}

/// A readiness probe where there is none.
pub(super) fn early(cx: &Cx<'_>, list: &mut List) {
    let (Some((port, path)), Some((editor, base))) = (asked_of(cx), workload(cx)) else { return };
    let container = format!("{base}.containers[0]");
    let probe = json!({"httpGet": {"path": path, "port": port}, "periodSeconds": 3});
    let (en, ko) = ("Add a readiness probe", "readinessProbe 추가");
    list.one(0, editor.insert(&container, "readinessProbe", &probe), en, ko);
    let probe = json!({"tcpSocket": {"port": port}, "periodSeconds": 3});
    list.one(1, editor.insert(&container, "readinessProbe", &probe), en, ko);
}

/// A pause before the stop, in which no more requests come; and readiness, if that is missing too.
pub(super) fn late(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    let Some((editor, base)) = workload(cx) else { return };
    let container = format!("{base}.containers[0]");
    let hook = |seconds: i64| json!({"preStop": {"sleep": {"seconds": seconds}}});
    let at = format!("{container}.lifecycle");
    let set = |seconds: &i64| {
        if editor.has(&format!("{at}.preStop")) {
            editor.put(&format!("{at}.preStop"), &hook(*seconds)["preStop"])
        } else if editor.has(&at) {
            editor.insert(&at, "preStop", &hook(*seconds)["preStop"])
        } else {
            editor.insert(&container, "lifecycle", &hook(*seconds))
        }
    };
    let ready = asked_of(cx)
        .filter(|_| !editor.has(&format!("{container}.readinessProbe")))
        .and_then(|(port, path)| {
            let probe = json!({"httpGet": {"path": path, "port": port}, "periodSeconds": 3});
            editor.insert(&container, "readinessProbe", &probe)
        });
    let ladder = [3, 5, 10, 15];
    if let Some(n) = least(search, &ladder, |seconds| edit::apply(cx.text, &[set(seconds)?])) {
        let seconds = ladder[n].max(5);
        let (en, ko) = (
            format!("Wait {seconds} s before the stop"),
            format!("멈추기 전에 {seconds}초 기다리기"),
        );
        list.one(0, set(&seconds), &en, &ko);
        return;
    }
    if let (Some(hook), Some(probe)) = (set(&5), ready) {
        // Both go behind the same field: one edit.
        let mut joined = hook.clone();
        if hook.span == probe.span {
            joined.replacement += &probe.replacement;
            list.one(
                1,
                Some(joined),
                "Wait 5 s before the stop, and add a readiness probe",
                "멈추기 전에 5초 기다리고 readinessProbe 추가",
            );
        } else {
            list.many(
                1,
                Some(vec![hook, probe]),
                "Wait 5 s before the stop, and add a readiness probe",
                "멈추기 전에 5초 기다리고 readinessProbe 추가",
            );
        }
    }
}
