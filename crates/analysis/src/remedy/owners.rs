//! Candidates for rollouts, Jobs, CronJobs, budgets and Services.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::{COUNTS, SECONDS, at_least, least};
use crate::verdict::{Cause, job_takes, label_meant};
use podplay_api::{Value, json};
use std::time::Duration;

pub(super) fn of(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
        Cause::RolloutRefused { field, .. } => as_before(cx, list, field),
        Cause::ProgressDeadlineExceeded { seconds, needs } => {
            progress(search, cx, list, *seconds, *needs);
        }
        Cause::RolloutWaits { .. } => {
            for seconds in [10, 5, 0] {
                let edit = cx.editor.replace("spec.minReadySeconds", &json!(seconds));
                let (en, ko) = (
                    format!("Write minReadySeconds: {seconds}"),
                    format!("minReadySeconds를 {seconds}(으)로"),
                );
                list.one(0, edit, &en, &ko);
            }
        }
        Cause::RolloutHeld { .. } => {
            let strategy = "spec.updateStrategy";
            let edit = cx.editor.replace(&format!("{strategy}.rollingUpdate.partition"), &json!(0));
            list.one(0, edit, "Write partition: 0", "partition을 0으로");
            let edit =
                cx.editor.replace(&format!("{strategy}.type"), &Value::from("RollingUpdate"));
            list.one(
                0,
                edit,
                "Replace the pods one after the other: RollingUpdate",
                "파드를 차례로 교체: RollingUpdate",
            );
        }
        Cause::RolloutPaused { .. } => {
            resume(cx, list);
            list.one(
                0,
                cx.editor.remove("spec.paused"),
                "Do not pause the rollout",
                "롤아웃 일시 중지 풀기",
            );
        }
        Cause::JobSuspended { .. } | Cause::CronJobSuspended { .. } => {
            let edit = cx.editor.replace("spec.suspend", &json!(false));
            list.one(0, edit, "Write suspend: false", "suspend를 false로");
        }
        Cause::PdbBlocksDrain { budget, .. } => budget_of(cx, list, budget),
        Cause::JobDeadline { seconds, needs } => {
            let base = job_base(cx);
            let path = format!("{base}activeDeadlineSeconds");
            let takes = needs
                .map_or(*seconds * 2, |needs| i64::try_from(needs.as_secs()).unwrap_or(0) * 3 / 2);
            let pod = cx.path("spec.activeDeadlineSeconds");
            for value in [at_least(&SECONDS, takes), at_least(&SECONDS, takes * 2)] {
                for path in [&path, &pod] {
                    let edit = cx.editor.replace(path, &json!(value));
                    list.one(0, edit, &format!("Allow {value} s"), &format!("{value}초 허용"));
                }
            }
            list.one(3, cx.editor.remove(&path), "Set no deadline", "기한 없애기");
            list.weakens();
        }
        Cause::JobBackoffLimit { limit, .. } => {
            let base = job_base(cx);
            let higher: Vec<i64> =
                COUNTS.iter().copied().filter(|count| count > limit).take(7).collect();
            let set = |value: &i64| {
                cx.editor.set(base.trim_end_matches('.'), "backoffLimit", &json!(value))
            };
            if let Some(n) = least(search, &higher, |value| edit::apply(cx.text, &[set(value)?])) {
                let value = higher[n];
                let (en, ko) =
                    (format!("Allow {value} failures"), format!("실패를 {value}번까지 허용"));
                list.one(1, set(&value), &en, &ko);
            }
        }
        Cause::JobNeverEnds { .. } => never_ends(cx, list),
        Cause::CronJobForbidSkips { .. } => {
            for (cost, policy) in [(0, "Allow"), (1, "Replace")] {
                let edit = cx.editor.set("spec", "concurrencyPolicy", &Value::from(policy));
                list.one(
                    cost,
                    edit,
                    &format!("Write concurrencyPolicy: {policy}"),
                    &format!("concurrencyPolicy를 {policy}(으)로"),
                );
            }
        }
        Cause::SelectorMatchesNothing { .. } => selector(cx, list),
        Cause::PortMismatch { port, listens, nearest, .. } => {
            port_of(cx, list, port, listens, nearest.as_deref())
        }
        Cause::RequestsLostNotReady { .. } => early(cx, list),
        Cause::RequestsLostOnRollout { .. } => late(search, cx, list),
        Cause::StatefulSetWaitsForPod { .. } => {
            let edit = cx.editor.set("spec", "podManagementPolicy", &Value::from("Parallel"));
            list.one(2, edit, "Make all pods at once", "파드를 동시에 만들기(Parallel)");
        }
        _ => {}
    }
}

/// A pause that a command of the timeline began.
fn resume(cx: &Cx<'_>, list: &mut List) {
    let Some(scenario) = cx.scenario() else { return };
    for entry in &cx.plan.entries {
        let argv = entry.act.argv();
        if argv.iter().any(|word| word == "pause") {
            let remove = scenario.remove_item("spec.timeline", entry.index);
            list.one(1, remove, "Do not pause the rollout", "롤아웃을 일시 중지하지 않기");
            let seconds = cx.cluster.now().as_nanos().div_euclid(1_000_000_000) + 1;
            let line = format!("rollout resume {}", cx.target);
            let item = json!({"at": format!("{seconds}s"), "kubectl": line});
            list.one(
                0,
                scenario.append("spec.timeline", &item),
                "Resume the rollout",
                "롤아웃 재개",
            );
        }
    }
}

/// What stands before the fields of a Job's spec.
fn job_base(cx: &Cx<'_>) -> &'static str {
    if cx.target.kind == "CronJob" { "spec.jobTemplate.spec." } else { "spec." }
}

/// The fields that cannot be changed, as they were.
fn as_before(cx: &Cx<'_>, list: &mut List, field: &str) {
    for written in crate::verdict::applied(cx.plan, &cx.target) {
        let editor = edit::Editor { text: cx.text, written };
        let Some(old) = cx.editor.value(field) else { continue };
        let mut edits = Vec::new();
        restore(&editor, field, old, &mut edits);
        // Labels of the template follow the selector.
        if let Some(labels) = old.get("matchLabels") {
            restore(&editor, "spec.template.metadata.labels", labels, &mut edits);
        }
        list.many(
            0,
            Some(edits),
            &format!("Leave {field} as it was"),
            &format!("{field}을(를) 그대로 두기"),
        );
        let remove = cx.scenario().and_then(|scenario| {
            let index =
                editor.written.outer.trim_start_matches("spec.timeline[").split(']').next()?;
            scenario.remove_item("spec.timeline", index.parse().ok()?)
        });
        list.one(5, remove, "Do not apply the new version", "새 버전을 적용하지 않기");
        list.weakens();
    }
}

/// Scalars below a path, each as it was.
fn restore(
    editor: &edit::Editor<'_>,
    path: &str,
    old: &Value,
    edits: &mut Vec<podplay_manifest::Edit>,
) {
    match old {
        Value::Object(map) => {
            for (key, value) in map {
                restore(editor, &format!("{path}.{key}"), value, edits);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                restore(editor, &format!("{path}[{n}]"), value, edits);
            }
        }
        scalar => edits.extend(editor.replace(path, scalar)),
    }
}

fn progress(
    search: &mut Search<'_>,
    cx: &Cx<'_>,
    list: &mut List,
    now: i64,
    needs: Option<Duration>,
) {
    let wanted = needs.map_or(now, |needs| i64::try_from(needs.as_secs()).unwrap_or(0) + 1);
    let higher: Vec<i64> =
        SECONDS.iter().copied().filter(|rung| *rung > now && *rung >= wanted).collect();
    let set = |value: &i64| cx.editor.set("spec", "progressDeadlineSeconds", &json!(value));
    let found = least(search, &higher, |value| edit::apply(cx.text, &[set(value)?]));
    // A start is sometimes slower: twice the time that was seen.
    let n = found.unwrap_or(0);
    if let Some(value) =
        higher.iter().skip(n).copied().find(|rung| *rung >= wanted * 2).or(higher.get(n).copied())
    {
        list.one(
            0,
            set(&value),
            &format!("Allow {value} s without progress"),
            &format!("진행 없이 {value}초 허용"),
        );
    }
}

fn budget_of(cx: &Cx<'_>, list: &mut List, budget: &str) {
    let Some(object) = cx.object("PodDisruptionBudget", budget) else { return };
    if let Some(value) = object.value("spec.minAvailable") {
        let lower = match value {
            Value::Number(number) => {
                let now = number.as_i64().unwrap_or(1);
                vec![json!((now - 1).max(0)), json!(now / 2)]
            }
            _ => vec![json!("75%"), json!("50%")],
        };
        for value in lower {
            let edit = object.replace("spec.minAvailable", &value);
            list.one(
                0,
                edit,
                &format!("Write minAvailable: {value}"),
                &format!("minAvailable을 {value}(으)로"),
            );
        }
    }
    if object.has("spec.maxUnavailable") {
        let edit = object.replace("spec.maxUnavailable", &json!(1));
        list.one(0, edit, "Write maxUnavailable: 1", "maxUnavailable을 1로");
    }
    if let Some(now) = cx.editor.value("spec.replicas").and_then(Value::as_i64) {
        let edit = cx.editor.replace("spec.replicas", &json!(now + 1));
        list.one(
            2,
            edit,
            &format!("Run {} replicas", now + 1),
            &format!("레플리카를 {}개로", now + 1),
        );
    } else if cx.editor.has("spec.template") {
        let edit = cx.editor.insert("spec", "replicas", &json!(2));
        list.one(2, edit, "Run 2 replicas", "레플리카를 2개로");
    }
}

/// A Job with a program that goes on: a helper becomes a sidecar, a loop an end.
fn never_ends(cx: &Cx<'_>, list: &mut List) {
    let path = cx.container_path();
    let containers = cx.spec()["containers"].as_array().cloned().unwrap_or_default();
    if containers.len() > 1 && path.contains(".containers[") {
        let mut sidecar = cx.container().clone();
        if let Some(fields) = sidecar.as_object_mut() {
            fields.insert("restartPolicy".into(), "Always".into());
        }
        let index =
            path.rsplit('[').next().and_then(|rest| rest.trim_end_matches(']').parse().ok());
        let remove =
            index.and_then(|index| cx.editor.remove_item(&cx.path("spec.containers"), index));
        let lists = cx.path("spec.initContainers");
        let add = if cx.editor.has(&lists) {
            cx.editor.append(&lists, &sidecar)
        } else {
            cx.editor.insert(&cx.path("spec"), "initContainers", &json!([sidecar]))
        };
        let both = remove.zip(add).map(|(remove, add)| vec![remove, add]);
        list.many(
            0,
            both,
            "Make it a sidecar (an init container that is restarted)",
            "사이드카(재시작되는 초기화 컨테이너)로 만들기",
        );
    }
    for field in ["command", "args"] {
        let words = cx.container()[field].as_array().cloned().unwrap_or_default();
        for (n, word) in words.iter().enumerate() {
            let text = word.as_str().unwrap_or_default();
            let at = format!("{path}.{field}[{n}]");
            for endless in ["sleep infinity", "tail -f /dev/null", "sleep inf"] {
                for tail in
                    [format!("; {endless}"), format!(" && {endless}"), format!("\n{endless}")]
                {
                    if text.contains(&tail) {
                        let raw = cx.editor.raw(&at).unwrap_or_default();
                        let edit =
                            raw.contains(&tail).then(|| cx.editor.reword(&at, &tail, "")).flatten();
                        list.one(0, edit, "Let the program end", "프로그램이 끝나게 하기");
                    }
                }
            }
            for (from, to) in [
                ("while true; do", "for once in 1; do"),
                ("while :; do", "for once in 1; do"),
                ("tail -f", "cat"),
            ] {
                let edit = text.contains(from).then(|| cx.editor.reword(&at, from, to)).flatten();
                list.one(1, edit, "Do the work once instead of for ever", "한 번만 실행하게 하기");
            }
        }
    }
    if cx.container()["command"].is_null() && cx.container()["args"].is_null() {
        let edit = cx.editor.insert(
            &path,
            "command",
            &json!(["sh", "-c", "echo CHANGE-ME: what the Job is to do"]),
        );
        list.one(3, edit, "Give the Job a command that ends", "끝나는 명령을 지정하기");
    }
    let deadline = job_takes(cx.plan, cx.editor.written.index.unwrap_or(usize::MAX));
    debug_assert!(deadline.is_none() || deadline > Some(Duration::ZERO));
}

fn selector(cx: &Cx<'_>, list: &mut List) {
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

fn port_of(cx: &Cx<'_>, list: &mut List, port: &str, listens: &[u16], near: Option<&str>) {
    let ports =
        cx.editor.value("spec.ports").and_then(Value::as_array).cloned().unwrap_or_default();
    let index = ports.iter().position(|one| one["port"].to_string() == port).unwrap_or(0);
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
fn asked_of(cx: &Cx<'_>) -> Option<(Value, String)> {
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
fn workload<'a>(cx: &Cx<'a>) -> Option<(edit::Editor<'a>, String)> {
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
fn early(cx: &Cx<'_>, list: &mut List) {
    let (Some((port, path)), Some((editor, base))) = (asked_of(cx), workload(cx)) else { return };
    let container = format!("{base}.containers[0]");
    let probe = json!({"httpGet": {"path": path, "port": port}, "periodSeconds": 3});
    let (en, ko) = ("Add a readiness probe", "readinessProbe 추가");
    list.one(0, editor.insert(&container, "readinessProbe", &probe), en, ko);
    let probe = json!({"tcpSocket": {"port": port}, "periodSeconds": 3});
    list.one(1, editor.insert(&container, "readinessProbe", &probe), en, ko);
}

/// A pause before the stop, in which no more requests come; and readiness, if that is missing too.
fn late(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
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
