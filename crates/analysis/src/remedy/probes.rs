//! Candidates for probes: the port that is listened on, the path that is served, more patience.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::life::{files, paths_in};
use super::numbers::{COUNTS, SECONDS, at_least, least};
use crate::verdict::{answer_takes, distance, nearest, needs};
use podplay_api::{ProbeKind, Value, json};
use podplay_core::What;
use podplay_core::record::ProcessEffectKind;
use std::collections::BTreeSet;
use std::time::Duration;

/// Ports and hosts in a command line, as the cluster has them.
pub(super) fn network_words(cx: &Cx<'_>, list: &mut List, at: &str, text: &str, own: &[u16]) {
    let numbers: BTreeSet<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|word| word.len() >= 2 && word.len() <= 5)
        .collect();
    let containers = &cx.spec()["containers"];
    let declared = containers
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| one["ports"].as_array().cloned().unwrap_or_default());
    let declared = declared
        .filter_map(|port| port["containerPort"].as_u64())
        .filter_map(|port| u16::try_from(port).ok());
    let mut ports: Vec<u16> = own.iter().copied().chain(declared).collect();
    ports.dedup();
    for number in numbers {
        for port in &ports {
            if port.to_string() != number && number.parse::<u16>().is_ok_and(|of| of >= 80) {
                let edit = cx.editor.reword(at, number, &port.to_string());
                list.one(0, edit, &format!("Ask port {port}"), &format!("포트 {port}에 묻기"));
            }
        }
    }
}

/// The ports that the container listens on, now or at any time.
pub(super) fn listens(cx: &Cx<'_>) -> Vec<u16> {
    let name = cx.verdict.container.clone().unwrap_or_default();
    let pods: Vec<&str> = cx.pods().iter().map(|pod| pod.meta.name.as_str()).collect();
    let mut found: Vec<u16> = cx
        .run
        .trace()
        .iter()
        .filter(|record| record.subject.pod().is_some_and(|pod| pods.contains(&pod.name.as_str())))
        .filter(|record| name.is_empty() || record.subject.container() == Some(&name))
        .filter_map(|record| match &record.what {
            What::Process(effect) => match effect.kind {
                ProcessEffectKind::Listening(port) => Some(port),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let world = cx.cluster.world();
    for worker in
        world.workers.values().filter(|worker| pods.contains(&worker.pod_ref.name.as_str()))
    {
        found.extend(podplay_core::holds::listens(world, worker.uid, worker.index(&name)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

pub(super) fn field(kind: ProbeKind) -> String {
    format!("{}Probe", kind.as_str().to_ascii_lowercase())
}

/// Other questions of a probe: the port that is listened on, the path that is served, the program that is there.
pub(super) fn asks(cx: &Cx<'_>, list: &mut List, kind: ProbeKind) {
    let container = cx.container_path();
    let base = format!("{container}.{}", field(kind));
    let typed = cx.typed();
    let Some(probe) = kind.of(&typed) else { return };
    let listens = listens(cx);
    let handler = ["httpGet", "tcpSocket", "grpc"]
        .into_iter()
        .find(|of| cx.editor.has(&format!("{base}.{of}")));
    if let Some(handler) = handler {
        let path = format!("{base}.{handler}.port");
        for port in &listens {
            let edit = cx.editor.replace(&path, &json!(port));
            list.one(0, edit, &format!("Ask port {port}"), &format!("포트 {port}에 묻기"));
        }
        for port in &typed.ports {
            if !port.name.is_empty() && !listens.contains(&port.container_port) {
                let edit = cx.editor.replace(&path, &Value::from(port.name.as_str()));
                list.one(
                    1,
                    edit,
                    &format!("Ask the port {}", port.name),
                    &format!("포트 {}에 묻기", port.name),
                );
            }
        }
    }
    if let Some(get) = &probe.http_get {
        if get.scheme.eq_ignore_ascii_case("https") {
            let edit = cx.editor.replace(&format!("{base}.httpGet.scheme"), &Value::from("HTTP"));
            list.one(0, edit, "Ask by HTTP", "HTTP로 묻기");
        }
        for path in served(cx, &get.path) {
            let edit =
                cx.editor.set(&format!("{base}.httpGet"), "path", &Value::from(path.as_str()));
            list.one(1, edit, &format!("Ask for {path}"), &format!("{path}(을)를 묻기"));
        }
        let edit = cx.editor.remove(&format!("{base}.httpGet.host"));
        list.one(1, edit, "Ask the pod itself", "파드 자신에게 묻기");
    }
    if let Some(exec) = &probe.exec {
        exec_probe(cx, list, &base, &exec.command, &listens);
    }
    let edit = cx.editor.remove(&base);
    list.one(
        9,
        edit,
        &format!("Take the {} away", field(kind)),
        &format!("{} 없애기", field(kind)),
    );
    list.weakens();
}

/// The paths that the Scenario says are served, and the usual ones; the most similar first.
pub(super) fn served(cx: &Cx<'_>, now: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let image = cx.typed().image;
    for (name, behaviour) in &cx.plan.config.images {
        if image == *name || image.split(':').next() == Some(name) {
            let paths = behaviour.http.values().flat_map(|paths| paths.iter());
            found.extend(
                paths
                    .filter(|(_, status)| (200..400).contains(*status))
                    .map(|(path, _)| path.clone()),
            );
        }
    }
    found.retain(|path| path != "*" && path != now);
    found.sort_by_key(|path| distance(path, now));
    found.extend(["/", "/healthz"].map(str::to_owned).into_iter().filter(|path| path != now));
    found.dedup();
    found.truncate(5);
    found
}

pub(super) fn exec_probe(
    cx: &Cx<'_>,
    list: &mut List,
    base: &str,
    command: &[String],
    listens: &[u16],
) {
    let at = |n: usize| format!("{base}.exec.command[{n}]");
    let files = files(cx);
    for (n, word) in command.iter().enumerate() {
        for path in paths_in(word) {
            let near = nearest(&path, files.iter().map(String::as_str));
            let (first, others): (Vec<&String>, Vec<&String>) =
                files.iter().partition(|file| near == Some(file.as_str()));
            for file in first.into_iter().chain(others).take(3) {
                let (en, ko) = (format!("Look at {file}"), format!("{file} 확인"));
                list.one(0, cx.editor.reword(&at(n), &path, file), &en, &ko);
            }
        }
        network_words(cx, list, &at(n), word, listens);
        if word == "bash" || word == "/bin/bash" {
            let shell = if word == "bash" { "sh" } else { "/bin/sh" };
            list.one(0, cx.editor.replace(&at(n), &Value::from(shell)), "Use sh", "sh 사용");
        }
    }
    by_curl(cx, list, base, command);
    for port in listens {
        swap_handler(
            cx,
            list,
            base,
            "tcpSocket",
            &json!({ "port": port }),
            &format!("Let the kubelet connect to port {port}"),
            &format!("kubelet이 포트 {port}에 연결하게 하기"),
        );
    }
}

/// A question that is asked with curl, which is not there.
fn by_curl(cx: &Cx<'_>, list: &mut List, base: &str, command: &[String]) {
    let at = |n: usize| format!("{base}.exec.command[{n}]");
    let url = command
        .iter()
        .flat_map(|word| word.split_whitespace())
        .find(|word| word.contains("://") || word.starts_with("localhost"));
    let line = command.join(" ");
    if line.contains("curl")
        && let Some(url) = url
    {
        let url = url.trim_matches(['"', '\'', ';']);
        if command.first().is_some_and(|word| word == "curl") {
            let words = ["wget", "-q", "-O", "-", url].map(str::to_owned);
            list.one(
                0,
                cx.editor.words(&format!("{base}.exec.command"), &words),
                "Ask with wget",
                "wget으로 묻기",
            );
        }
        for (n, word) in command.iter().enumerate().filter(|(_, word)| word.contains("curl ")) {
            let call: String = word[word.find("curl ").unwrap_or(0)..]
                .split([';', '|', '&'])
                .next()
                .unwrap_or_default()
                .trim_end()
                .to_owned();
            list.one(
                0,
                cx.editor.reword(&at(n), &call, &format!("wget -q -O /dev/null {url}")),
                "Ask with wget",
                "wget으로 묻기",
            );
        }
        let rest = url.split("://").last().unwrap_or(url);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port =
            host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).unwrap_or(80);
        let get = json!({"path": format!("/{path}"), "port": port});
        swap_handler(
            cx,
            list,
            base,
            "httpGet",
            &get,
            "Let the kubelet ask by HTTP",
            "kubelet이 HTTP로 묻게 하기",
        );
    }
}

/// Another handler in the place of `exec`.
pub(super) fn swap_handler(
    cx: &Cx<'_>,
    list: &mut List,
    base: &str,
    key: &str,
    value: &Value,
    en: &str,
    ko: &str,
) {
    let path = format!("{base}.exec");
    let edits = cx.editor.put(&path, value).and_then(|mut edit| {
        let rest = edit.replacement.strip_prefix("exec")?.to_owned();
        edit.replacement = format!("{key}{rest}");
        Some(vec![edit])
    });
    list.many(2, edits, en, ko);
}

/// More patience: a first look later, more failures, a startup probe.
pub(super) fn late(
    search: &mut Search<'_>,
    cx: &Cx<'_>,
    list: &mut List,
    kind: ProbeKind,
    known: Option<Duration>,
) {
    let container = cx.container_path();
    let base = format!("{container}.{}", field(kind));
    let typed = cx.typed();
    let Some(probe) = kind.of(&typed) else { return };
    let name = typed.name.as_str();
    let index = cx.editor.written.index;
    let takes = known.or_else(|| needs(cx.plan, index?, name, kind));
    let Some(takes) = takes else { return };
    let seconds = i64::try_from(takes.as_secs()).unwrap_or(0) + 1;
    let period = i64::try_from(probe.period()).unwrap_or(10);
    let delay = probe.initial_delay_seconds;
    let enough = (seconds - delay).max(0) / period + 2;
    let counts: Vec<i64> = COUNTS.iter().copied().filter(|count| *count >= enough).collect();
    let set = |count: &i64| cx.editor.set(&base, "failureThreshold", &json!(count));
    let found = least(search, &counts, |count| edit::apply(cx.text, &[set(count)?]));
    let count = counts.get(found.unwrap_or(0)).copied();
    let threshold = |list: &mut List, cost: u32| {
        if let Some(count) = count {
            // A start is sometimes slower: half as long again.
            let count = at_least(&COUNTS, count + count / 2);
            let (en, ko) = (
                format!("Allow {count} failures, {} s in all", count * period + delay),
                format!("실패를 {count}번({}초)까지 허용", count * period + delay),
            );
            list.one(cost, set(&count), &en, &ko);
        }
    };
    if kind == ProbeKind::Startup {
        threshold(list, 0);
    }
    let later = at_least(&SECONDS, seconds + 5);
    let edit = cx.editor.set(&base, "initialDelaySeconds", &json!(later));
    let (en, ko) =
        (format!("Ask for the first time after {later} s"), format!("{later}초 뒤에 처음 묻기"));
    list.one(1, edit, &en, &ko);
    if kind == ProbeKind::Liveness {
        threshold(list, 2);
        if !cx.editor.has(&format!("{container}.startupProbe")) {
            let mut start = cx.container()[field(kind)].clone();
            if let Some(fields) = start.as_object_mut() {
                for field in [
                    "initialDelaySeconds",
                    "timeoutSeconds",
                    "terminationGracePeriodSeconds",
                    "successThreshold",
                ] {
                    fields.remove(field);
                }
                fields.insert("periodSeconds".into(), json!(5));
                fields.insert("failureThreshold".into(), json!(at_least(&COUNTS, seconds / 5 + 3)));
            }
            let edit = cx.editor.insert(&container, "startupProbe", &start);
            list.one(
                3,
                edit,
                "Add a startup probe, which gives the start its time",
                "시작할 시간을 주는 startupProbe 추가",
            );
        }
    }
}

pub(super) fn timeout(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, kind: ProbeKind) {
    let base = format!("{}.{}", cx.container_path(), field(kind));
    let typed = cx.typed();
    let Some(probe) = kind.of(&typed) else { return };
    let takes =
        answer_takes(cx.plan, cx.editor.written.index.unwrap_or(usize::MAX), &typed.name, kind);
    let now = i64::try_from(probe.timeout()).unwrap_or(1);
    let wanted = takes.map_or(now + 1, |takes| i64::try_from(takes.as_secs()).unwrap_or(0) + 1);
    let higher: Vec<i64> = SECONDS
        .iter()
        .copied()
        .filter(|rung| *rung > now && *rung >= wanted && *rung <= 60)
        .collect();
    let set = |value: &i64| cx.editor.set(&base, "timeoutSeconds", &json!(value));
    let found = least(search, &higher, |value| edit::apply(cx.text, &[set(value)?]));
    let n = found.unwrap_or(0);
    if let Some(value) = higher.get(n + 1).or(higher.get(n)) {
        list.one(
            0,
            set(value),
            &format!("Give an answer {value} s"),
            &format!("응답에 {value}초 주기"),
        );
    }
}
