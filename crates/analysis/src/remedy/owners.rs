//! Candidates for rollouts, Jobs, CronJobs, budgets and Services.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::{COUNTS, SECONDS, at_least, least};
use super::services::{early, late, port_of, selector};
use crate::verdict::Cause;
use podplay_api::{Value, json};
use std::time::Duration;

pub(super) fn of(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
        Cause::RolloutRefused { field, .. } => as_before(cx, list, field),
        Cause::ProgressDeadlineExceeded { seconds, needs } => {
            progress(search, cx, list, *seconds, *needs);
        }
        Cause::RolloutWaits { .. } | Cause::RolloutHeld { .. } => standing(cx, list),
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
        Cause::JobDeadline { seconds, needs } => deadline(cx, list, *seconds, *needs),
        Cause::JobBackoffLimit { limit, .. } => failures(search, cx, list, *limit),
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

/// A longer time for a Job.
fn deadline(cx: &Cx<'_>, list: &mut List, seconds: i64, needs: Option<Duration>) {
    let base = job_base(cx);
    let path = format!("{base}activeDeadlineSeconds");
    let takes =
        needs.map_or(seconds * 2, |needs| i64::try_from(needs.as_secs()).unwrap_or(0) * 3 / 2);
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

/// More failures of a Job.
fn failures(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, limit: i64) {
    let base = job_base(cx);
    let higher: Vec<i64> = COUNTS.iter().copied().filter(|count| *count > limit).take(7).collect();
    let set =
        |value: &i64| cx.editor.set(base.trim_end_matches('.'), "backoffLimit", &json!(value));
    if let Some(n) = least(search, &higher, |value| edit::apply(cx.text, &[set(value)?])) {
        let value = higher[n];
        let (en, ko) = (format!("Allow {value} failures"), format!("실패를 {value}번까지 허용"));
        list.one(1, set(&value), &en, &ko);
    }
}

/// A rollout that waits for time or for somebody.
fn standing(cx: &Cx<'_>, list: &mut List) {
    for seconds in [10, 5, 0] {
        let edit = cx.editor.replace("spec.minReadySeconds", &json!(seconds));
        let (en, ko) = (
            format!("Write minReadySeconds: {seconds}"),
            format!("minReadySeconds를 {seconds}(으)로"),
        );
        list.one(0, edit, &en, &ko);
    }
    let strategy = "spec.updateStrategy";
    let edit = cx.editor.replace(&format!("{strategy}.rollingUpdate.partition"), &json!(0));
    list.one(0, edit, "Write partition: 0", "partition을 0으로");
    let edit = cx.editor.replace(&format!("{strategy}.type"), &Value::from("RollingUpdate"));
    let (en, ko) = (
        "Replace the pods one after the other: RollingUpdate",
        "파드를 차례로 교체: RollingUpdate",
    );
    list.one(0, edit, en, ko);
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
}
