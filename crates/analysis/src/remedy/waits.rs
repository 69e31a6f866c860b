//! Candidates for what is waited for: hooks, Services, conditions, the end of a program.

use super::candidates::{Cx, List};
use super::edit;
use super::life::{files, paths_in, scripts, words};
use super::probes::{listens, network_words};
use super::programs::similar_tool;
use crate::verdict::nearest;
use podplay_api::{Value, json};

/// A hook whose command asks the wrong port, file or program.
pub(super) fn hook(cx: &Cx<'_>, list: &mut List, name: &str) {
    let base = format!("{}.lifecycle.{name}", cx.container_path());
    let command = cx
        .editor
        .value(&format!("{base}.exec.command"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let listens = listens(cx);
    let files = files(cx);
    for (n, word) in command.iter().enumerate() {
        let text = word.as_str().unwrap_or_default();
        let at = format!("{base}.exec.command[{n}]");
        network_words(cx, list, &at, text, &listens);
        for path in paths_in(text) {
            let near = nearest(&path, files.iter().map(String::as_str));
            if let Some(file) = near {
                list.one(
                    0,
                    cx.editor.reword(&at, &path, file),
                    &format!("Write {file}"),
                    &format!("{file}(으)로 쓰기"),
                );
            }
            if let Some((dir, _)) = path.rsplit_once('/').filter(|(dir, _)| !dir.is_empty()) {
                let first = text.trim_start();
                let edit = cx.editor.reword(&at, first, &format!("mkdir -p {dir}; {first}"));
                list.one(
                    2,
                    edit,
                    &format!("Make the directory {dir} first"),
                    &format!("먼저 디렉터리 {dir} 만들기"),
                );
            }
        }
        if text == "bash" || text == "/bin/bash" {
            let shell = if text == "bash" { "sh" } else { "/bin/sh" };
            list.one(0, cx.editor.replace(&at, &Value::from(shell)), "Use sh", "sh 사용");
        }
        for word in text
            .split([' ', ';', '&', '|', '(', ')'])
            .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase()))
        {
            if let Some(tool) = similar_tool(word) {
                list.one(
                    1,
                    cx.editor.reword(&at, word, tool),
                    &format!("Run {tool}"),
                    &format!("{tool} 실행"),
                );
            }
        }
    }
    if let Some(port) = listens.first() {
        let edit = cx.editor.replace(&format!("{base}.httpGet.port"), &json!(port));
        list.one(0, edit, &format!("Ask port {port}"), &format!("포트 {port}에 묻기"));
    }
    let parent = format!("{}.lifecycle.{name}", cx.container_path());
    list.one(
        9,
        cx.editor.remove(&parent),
        &format!("Take the {name} hook away"),
        &format!("{name} 훅 없애기"),
    );
    list.weakens();
}

pub(super) fn waits(cx: &Cx<'_>, list: &mut List, host: &str, near: Option<&str>, exists: bool) {
    let bare = host.split('.').next().unwrap_or(host);
    if let Some(near) = near {
        for (at, text) in words(cx) {
            if text.contains(bare) {
                let edit = cx.editor.reword(&at, bare, near);
                list.one(0, edit, &format!("Wait for {near}"), &format!("{near}을(를) 기다리기"));
            }
        }
        let rename = cx
            .object("Service", near)
            .and_then(|of| of.replace("metadata.name", &Value::from(bare)));
        list.one(
            1,
            rename,
            &format!("Call the Service {bare}"),
            &format!("Service 이름을 {bare}(으)로"),
        );
    }
    if exists && let Some(service) = cx.object("Service", bare) {
        service_of(cx, list, &service, bare);
        let ports: Vec<u64> = service
            .value("spec.ports")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|port| port["port"].as_u64())
            .collect();
        for (at, text) in words(cx) {
            for number in text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() >= 2) {
                for port in ports.iter().filter(|port| port.to_string() != number) {
                    let edit = cx.editor.reword(&at, number, &port.to_string());
                    list.one(0, edit, &format!("Ask port {port}"), &format!("포트 {port}에 묻기"));
                }
            }
        }
    }
    if !exists {
        add_service(cx, list, bare);
    }
}

/// The selector and the port of a Service that does not answer.
pub(super) fn service_of(cx: &Cx<'_>, list: &mut List, service: &edit::Editor<'_>, name: &str) {
    let wanted =
        service.value("spec.selector").and_then(Value::as_object).cloned().unwrap_or_default();
    for pod in cx.cluster.pods().filter(|pod| pod.meta.namespace == cx.target.namespace) {
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
            let path = format!("spec.selector.{key}");
            if new_key != *key {
                edits.extend(service.rename(&path, &new_key));
            }
            if new_value != value {
                edits.extend(service.replace(&path, &Value::from(new_value)));
            }
        }
        list.many(
            1,
            Some(edits),
            &format!("Let {name} select labels that pods have"),
            &format!("{name}이(가) 실제 레이블을 선택하게 하기"),
        );
        let entry = cx.cluster.world().store.pod_entry(&pod.meta.namespace, &pod.meta.name);
        let uid = entry.map(|entry| entry.uid);
        for port in uid
            .map(|uid| podplay_core::holds::listens(cx.cluster.world(), uid, None))
            .unwrap_or_default()
        {
            let edit = service.set("spec.ports[0]", "targetPort", &json!(port));
            list.one(
                1,
                edit,
                &format!("Let {name} send to port {port}"),
                &format!("{name}이(가) 포트 {port}(으)로 보내게 하기"),
            );
        }
    }
}

/// A Service of the name that is waited for, in front of pods that listen on the port.
pub(super) fn add_service(cx: &Cx<'_>, list: &mut List, name: &str) {
    let ports: Vec<u16> = words(cx)
        .iter()
        .flat_map(|(_, text)| {
            text.split(|c: char| !c.is_ascii_digit())
                .filter_map(|word| word.parse::<u16>().ok())
                .collect::<Vec<_>>()
        })
        .filter(|port| *port >= 80)
        .collect();
    let port = ports.first().copied().unwrap_or(80);
    let world = cx.cluster.world();
    for worker in world.workers.values() {
        let pod = &worker.pod;
        let listens = podplay_core::holds::listens(world, worker.uid, None);
        if pod.meta.namespace == cx.target.namespace
            && !pod.meta.labels.is_empty()
            && !listens.is_empty()
        {
            let mut labels = pod.meta.labels.clone();
            labels.remove("pod-template-hash");
            let target = if listens.contains(&port) { port } else { listens[0] };
            let object = json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                "spec": {"selector": labels, "ports": [{"port": port, "targetPort": target}]},
            });
            let (en, ko) = (format!("Add the Service {name}"), format!("Service {name} 추가"));
            list.one(2, cx.document(object, true), &en, &ko);
        }
    }
    let looks_up = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": port}]},
    });
    let (en, ko) = (format!("Add the Service {name}"), format!("Service {name} 추가"));
    list.one(3, cx.document(looks_up, true), &en, &ko);
}

/// The Scenario sets the condition, in the place of the controller that would; or it is not waited for.
pub(super) fn gate_of(cx: &Cx<'_>, list: &mut List, gate: &str) {
    if cx.target.kind == "Pod" {
        let seconds = cx.cluster.now().as_nanos().div_euclid(1_000_000_000) + 1;
        let body = json!({"status": {"conditions": [{"type": gate, "status": "True"}]}});
        let path = format!("pods/{}/status", cx.target.name);
        let entry = json!({"at": format!("{seconds}s"), "patch": {"path": path, "body": body}});
        let (en, ko) = (format!("Set the condition {gate}"), format!("조건 {gate} 설정"));
        if cx.scenario().is_none() {
            let spec = json!({ "timeline": [entry] });
            list.one(1, Some(edit::add_scenario(cx.text, &spec)), &en, &ko);
        }
        if let Some(scenario) = cx.scenario() {
            let edit = if scenario.has("spec.timeline") {
                scenario.append("spec.timeline", &entry)
            } else {
                scenario.insert("spec", "timeline", &json!([entry]))
            };
            list.one(1, edit, &en, &ko);
        }
    }
    let path = cx.path("spec.readinessGates");
    list.one(2, cx.editor.remove(&path), "Do not wait for the condition", "조건을 기다리지 않기");
    list.weakens();
}

/// A shorter grace period, or a program that hears the signal.
pub(super) fn stop(cx: &Cx<'_>, list: &mut List) {
    for (at, text) in scripts(cx) {
        let first = text.trim_start();
        if !first.starts_with("trap ") && !first.is_empty() {
            let line: String = first.lines().next().unwrap_or_default().chars().take(60).collect();
            let edit = cx.editor.reword(&at, &line, &format!("trap 'exit 0' TERM; {line}"));
            let quoted = cx.editor.raw(&at).is_some_and(|raw| raw.starts_with('\''));
            list.one(
                0,
                edit.filter(|_| !quoted),
                "Let the script end on SIGTERM",
                "SIGTERM에 스크립트가 끝나게 하기",
            );
        }
    }
    for seconds in [5, 1] {
        let edit =
            cx.editor.set(&cx.path("spec"), "terminationGracePeriodSeconds", &json!(seconds));
        list.one(
            1,
            edit,
            &format!("Give the stop {seconds} s"),
            &format!("종료에 {seconds}초만 주기"),
        );
    }
}

pub(super) fn shorter_hook(cx: &Cx<'_>, list: &mut List) {
    let base = format!("{}.lifecycle.preStop", cx.container_path());
    for seconds in [5, 2] {
        let (en, ko) = (format!("Let the hook take {seconds} s"), format!("훅을 {seconds}초로"));
        list.one(0, cx.editor.replace(&format!("{base}.sleep.seconds"), &json!(seconds)), &en, &ko);
        let command = cx
            .editor
            .value(&format!("{base}.exec.command"))
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (n, word) in command.iter().enumerate() {
            let text = word.as_str().unwrap_or_default();
            let at = format!("{base}.exec.command[{n}]");
            for number in text
                .split(|c: char| !c.is_ascii_digit())
                .filter(|word| word.parse::<i64>().is_ok_and(|of| of > seconds))
            {
                let edit = cx.editor.reword(&at, number, &seconds.to_string());
                list.one(0, edit, &en, &ko);
            }
        }
    }
}
