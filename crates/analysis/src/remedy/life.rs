//! Candidates for containers that end, that are restarted, or that do not get ready.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::{COUNTS, MEMORY, SECONDS, at_least, least};
use crate::verdict::{Cause, answer_takes, distance, nearest, needs};
use podplay_api::{ProbeKind, Quantity, Value, json};
use podplay_core::What;
use podplay_core::record::ProcessEffectKind;
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) fn of(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
        Cause::OomKilled { limit, .. } => memory(search, cx, list, limit.as_deref()),
        Cause::ExitsZero { .. } => go_on(cx, list),
        Cause::ExitsNonZero { last, .. }
        | Cause::InitFails { last, .. }
        | Cause::JobBackoffLimit { last, .. } => {
            said(cx, list, last.as_deref().unwrap_or_default());
            program(cx, list);
            go_on(cx, list);
        }
        Cause::PermissionDenied { what, .. } => {
            permission(cx, list, what);
            said(cx, list, what);
        }
        Cause::CommandNotFound { program: word, .. } => {
            not_found(cx, list, word);
            program(cx, list);
        }
        Cause::LivenessTooEager { needs, .. } => {
            late(search, cx, list, ProbeKind::Liveness, Some(*needs))
        }
        Cause::StartupTooShort { needs, .. } => late(search, cx, list, ProbeKind::Startup, *needs),
        Cause::LivenessFails { .. } => asks(cx, list, ProbeKind::Liveness),
        Cause::StartupFails { .. } | Cause::SidecarNotStarted { .. } => {
            late(search, cx, list, ProbeKind::Startup, None);
            asks(cx, list, ProbeKind::Startup);
        }
        Cause::ReadinessFails { .. } | Cause::ReadinessPortClosed { .. } => {
            asks(cx, list, ProbeKind::Readiness)
        }
        Cause::ProbeTimeout { probe, .. } | Cause::ProbeCommandMissing { probe, .. } => {
            let kind = match probe.as_str() {
                "liveness" => ProbeKind::Liveness,
                "startup" => ProbeKind::Startup,
                _ => ProbeKind::Readiness,
            };
            if matches!(cx.verdict.cause, Cause::ProbeTimeout { .. }) {
                timeout(search, cx, list, kind);
            }
            asks(cx, list, kind);
        }
        Cause::PostStartFails { said: words, .. } => {
            hook(cx, list, "postStart");
            said(cx, list, words);
        }
        Cause::PostStartHangs { .. } => hook(cx, list, "postStart"),
        Cause::InitWaitsForService { host, nearest, exists, .. } => {
            waits(cx, list, host, nearest.as_deref(), *exists)
        }
        Cause::InitNeverEnds { .. } => {
            said(cx, list, "");
            super::owners::of(search, cx, list);
        }
        Cause::ReadinessGateUnset { gate } => gate_of(cx, list, gate),
        Cause::IgnoresSigterm { .. } => stop(cx, list),
        Cause::PreStopTooLong { .. } => {
            shorter_hook(cx, list);
            stop(cx, list);
        }
        Cause::FinalizerHolds { .. } => {
            let path = cx.path("metadata.finalizers");
            list.one(0, cx.editor.remove(&path), "Take the finalizer away", "파이널라이저 없애기");
        }
        Cause::PodDeadline { seconds } => {
            let path = cx.path("spec.activeDeadlineSeconds");
            for value in [at_least(&SECONDS, seconds * 2), at_least(&SECONDS, seconds * 6), 1800] {
                let edit = cx.editor.replace(&path, &json!(value));
                list.one(0, edit, &format!("Allow {value} s"), &format!("{value}초 허용"));
            }
            list.one(3, cx.editor.remove(&path), "Set no deadline", "기한 없애기");
            list.weakens();
        }
        _ => {}
    }
}

fn memory(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, limit: Option<&str>) {
    let Some(limit) = limit else { return };
    let base = cx.container_path();
    let path = format!("{base}.resources.limits.memory");
    let now = Quantity::parse(limit).map_or(0, |of| of.value());
    let higher: Vec<&str> =
        MEMORY.iter().filter(|(_, bytes)| *bytes > now).map(|(text, _)| *text).collect();
    let with =
        |value: &&str| edit::apply(cx.text, &[cx.editor.replace(&path, &Value::from(*value))?]);
    if let Some(n) = least(search, &higher, with) {
        // Some room above the least that will do.
        let value = higher.get(n + 1).copied().unwrap_or(higher[n]);
        for (cost, value) in [(0, value), (1, higher[n])] {
            let edit = cx.editor.replace(&path, &Value::from(value));
            list.one(
                cost,
                edit,
                &format!("Allow {value} of memory"),
                &format!("메모리를 {value}까지 허용"),
            );
        }
        return;
    }
    // With another fault behind this one: a generous value, from which the search goes on.
    if let Some(value) = higher.get(4).or(higher.last()) {
        let edit = cx.editor.replace(&path, &Value::from(*value));
        list.one(
            1,
            edit,
            &format!("Allow {value} of memory"),
            &format!("메모리를 {value}까지 허용"),
        );
    }
}

/// A program that ends with success is followed by one that goes on; or its pod may end.
fn go_on(cx: &Cx<'_>, list: &mut List) {
    if !matches!(cx.verdict.cause, Cause::ExitsZero { .. }) {
        return;
    }
    let base = cx.container_path();
    let container = cx.typed();
    if container.command.is_empty() && container.args.is_empty() {
        let edit = cx.editor.insert(&base, "command", &json!(["sleep", "infinity"]));
        list.one(
            0,
            edit,
            "Give the container something that goes on: sleep infinity",
            "계속 실행되는 명령 주기: sleep infinity",
        );
        return;
    }
    for (path, text) in scripts(cx) {
        let Some(raw) = cx.editor.raw(&path) else { continue };
        let trimmed = raw.trim_end();
        let quote = trimmed.chars().last().filter(|c| matches!(c, '"' | '\''));
        let new = if raw.starts_with(['|', '>']) {
            let last = trimmed.lines().last().unwrap_or_default();
            let indent = last.len() - last.trim_start().len();
            format!("{trimmed}\n{}sleep infinity", " ".repeat(indent))
        } else if let Some(quote) = quote {
            format!(
                "{}; sleep infinity{quote}",
                trimmed[..trimmed.len() - 1].trim_end_matches([';', ' '])
            )
        } else {
            format!("{trimmed}; sleep infinity")
        };
        if !text.contains("sleep infinity") {
            list.one(
                1,
                cx.editor.swap(&path, trimmed.len(), &new),
                "Let the script go on: sleep infinity",
                "스크립트가 계속 실행되게 하기: sleep infinity",
            );
        }
    }
    if cx.target.kind == "Pod" {
        let edit = cx.editor.set("spec", "restartPolicy", &Value::from("OnFailure"));
        list.one(
            2,
            edit,
            "Let the pod complete: restartPolicy OnFailure",
            "파드가 끝나도록: restartPolicy OnFailure",
        );
    }
    if !container.command.is_empty() && scripts(cx).is_empty() {
        let edit = cx
            .editor
            .words(&format!("{base}.command"), &["sleep".to_owned(), "infinity".to_owned()]);
        list.one(
            3,
            edit,
            "Run something that goes on: sleep infinity",
            "계속 실행되는 명령으로: sleep infinity",
        );
    }
}

/// The words of the container's command and arguments that are scripts, with their paths.
fn scripts(cx: &Cx<'_>) -> Vec<(String, String)> {
    let base = cx.container_path();
    let mut found = Vec::new();
    for field in ["command", "args"] {
        for (n, word) in cx.container()[field].as_array().into_iter().flatten().enumerate() {
            let text = word.as_str().unwrap_or_default();
            if text.contains([' ', '\n', ';']) {
                found.push((format!("{base}.{field}[{n}]"), text.to_owned()));
            }
        }
    }
    found
}

/// All words of a container's command line, with their paths.
fn words(cx: &Cx<'_>) -> Vec<(String, String)> {
    let base = cx.container_path();
    let mut found = Vec::new();
    for field in ["command", "args"] {
        for (n, word) in cx.container()[field].as_array().into_iter().flatten().enumerate() {
            let text = word.as_str().unwrap_or_default().to_owned();
            found.push((format!("{base}.{field}[{n}]"), text));
        }
    }
    found
}

fn is_path(word: &str) -> bool {
    word.len() > 2 && word.starts_with('/') && !word.starts_with("//")
}

/// The paths of files in a text.
fn paths_in(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "\"'`;|&<>(){}[],=:?".contains(c);
    let mut found: Vec<String> = text
        .split(ends)
        .filter(|word| is_path(word))
        .map(|word| word.trim_end_matches('.').to_owned())
        .collect();
    found.dedup();
    found
}

/// The files that the container has from ConfigMaps, Secrets and its programs.
fn files(cx: &Cx<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for record in cx.run.trace() {
        let What::Process(effect) = &record.what else { continue };
        if let ProcessEffectKind::Wrote(path) = &effect.kind {
            found.insert(path.to_string());
        }
    }
    let spec: podplay_api::PodSpec = podplay_api::FromRaw::from_raw(cx.spec());
    let container = cx.typed();
    for mount in &container.volume_mounts {
        let Some(volume) = spec.volumes.iter().find(|volume| volume.name == mount.name) else {
            continue;
        };
        let source = match (&volume.config_map, &volume.secret) {
            (Some(map), _) => Some(("ConfigMap", &map.name, &map.items)),
            (_, Some(secret)) => Some(("Secret", &secret.secret_name, &secret.items)),
            _ => None,
        };
        let Some((kind, name, items)) = source else { continue };
        let object = cx.cluster.get(kind, &cx.target.namespace, name).unwrap_or_default();
        let keys: Vec<String> = ["data", "stringData"]
            .iter()
            .filter_map(|list| object[*list].as_object())
            .flat_map(|list| list.keys().cloned())
            .collect();
        for key in keys {
            let item = items.iter().find(|item| item.key == key);
            let file = item.map_or(key.as_str(), |item| item.path.as_str());
            let whole = format!("{}/{file}", mount.mount_path.trim_end_matches('/'));
            found.insert(if mount.sub_path == file { mount.mount_path.clone() } else { whole });
        }
    }
    found
}

/// What a program's last words speak of: files, variables, hosts.
fn said(cx: &Cx<'_>, list: &mut List, last: &str) {
    variables(cx, list, last);
    let files = files(cx);
    let mut wanted = paths_in(last);
    for (_, text) in words(cx) {
        wanted.extend(paths_in(&text));
    }
    wanted.dedup();
    for path in wanted {
        if files.contains(&path) {
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let mut near: Vec<&String> = files.iter().collect();
        near.sort_by_key(|file| {
            let same_name = file.rsplit('/').next() == Some(name);
            let same_dir = file.rsplit_once('/').map(|(dir, _)| dir)
                == path.rsplit_once('/').map(|(dir, _)| dir);
            (!(same_name || same_dir), distance(file, &path))
        });
        for file in near.into_iter().take(2) {
            for (at, text) in words(cx) {
                if text.contains(&path) {
                    let (en, ko) = (format!("Write {file}"), format!("{file}(으)로 쓰기"));
                    list.one(0, cx.editor.reword(&at, &path, file), &en, &ko);
                }
            }
        }
        mount_elsewhere(cx, list, &path, &files);
    }
}

/// The volume at the place where the program looks.
fn mount_elsewhere(cx: &Cx<'_>, list: &mut List, path: &str, files: &BTreeSet<String>) {
    let Some((dir, name)) = path.rsplit_once('/') else { return };
    let base = cx.container_path();
    for (n, mount) in cx.typed().volume_mounts.iter().enumerate() {
        let has = files.contains(&format!("{}/{name}", mount.mount_path.trim_end_matches('/')));
        if has && !dir.is_empty() {
            let at = format!("{base}.volumeMounts[{n}].mountPath");
            let edit = cx.editor.replace(&at, &Value::from(dir));
            list.one(0, edit, &format!("Mount it at {dir}"), &format!("{dir}에 마운트"));
        }
    }
}

/// Variables that the last words or the scripts ask for and that are not set.
fn variables(cx: &Cx<'_>, list: &mut List, last: &str) {
    let base = cx.container_path();
    let container = cx.typed();
    let set: Vec<&str> = container.env.iter().map(|one| one.name.as_str()).collect();
    let known = |name: &str| {
        set.contains(&name)
            || matches!(
                name,
                "PATH"
                    | "HOME"
                    | "HOSTNAME"
                    | "PWD"
                    | "ERROR"
                    | "FATAL"
                    | "WARNING"
                    | "INFO"
                    | "HTTP"
                    | "TODO"
            )
    };
    let shape = |word: &&str| {
        word.len() >= 3
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && word.starts_with(|c: char| c.is_ascii_uppercase())
    };
    let split = |text: &str| -> Vec<String> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(shape)
            .map(str::to_owned)
            .collect()
    };
    let mut wanted = split(last);
    for (_, text) in words(cx) {
        let asked = text.split('$').skip(1).filter_map(|rest| {
            let rest = rest.trim_start_matches('{');
            let end =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let name = &rest[..end];
            shape(&name).then(|| name.to_owned())
        });
        wanted.extend(asked.filter(|name| last.is_empty() || last.contains(name.as_str())));
    }
    wanted.sort();
    wanted.dedup();
    for name in wanted.iter().filter(|name| !known(name)) {
        let unused = set.iter().copied().filter(|other| !wanted.iter().any(|word| word == other));
        if let Some(near) =
            nearest(name, unused).filter(|near| distance(near, name) * 2 <= name.len())
        {
            let n = set.iter().position(|other| *other == near).unwrap_or(0);
            let edit =
                cx.editor.replace(&format!("{base}.env[{n}].name"), &Value::from(name.as_str()));
            list.one(
                0,
                edit,
                &format!("Call the variable {name}"),
                &format!("변수 이름을 {name}(으)로"),
            );
        }
        let item = json!({"name": name, "value": "CHANGE-ME"});
        let list_path = format!("{base}.env");
        let edit = if cx.editor.has(&list_path) {
            cx.editor.append(&list_path, &item)
        } else {
            cx.editor.insert(&base, "env", &json!([item]))
        };
        list.one(
            2,
            edit,
            &format!("Set the variable {name}, to be filled in"),
            &format!("변수 {name} 추가(값을 채워 넣으세요)"),
        );
    }
}

/// Ports and hosts in a command line, as the cluster has them.
fn network_words(cx: &Cx<'_>, list: &mut List, at: &str, text: &str, own: &[u16]) {
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
fn listens(cx: &Cx<'_>) -> Vec<u16> {
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

fn field(kind: ProbeKind) -> String {
    format!("{}Probe", kind.as_str().to_ascii_lowercase())
}

/// Other questions of a probe: the port that is listened on, the path that is served, the program that is there.
fn asks(cx: &Cx<'_>, list: &mut List, kind: ProbeKind) {
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
fn served(cx: &Cx<'_>, now: &str) -> Vec<String> {
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

fn exec_probe(cx: &Cx<'_>, list: &mut List, base: &str, command: &[String], listens: &[u16]) {
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

/// Another handler in the place of `exec`.
fn swap_handler(
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
fn late(
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

fn timeout(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, kind: ProbeKind) {
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

/// A hook whose command asks the wrong port, file or program.
fn hook(cx: &Cx<'_>, list: &mut List, name: &str) {
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

/// A tool that is written nearly so.
fn similar_tool(word: &str) -> Option<&'static str> {
    const TOOLS: [&str; 40] = [
        "sleep",
        "sh",
        "cat",
        "echo",
        "touch",
        "wget",
        "curl",
        "nc",
        "nslookup",
        "grep",
        "sed",
        "awk",
        "tail",
        "head",
        "mkdir",
        "cp",
        "mv",
        "rm",
        "ls",
        "test",
        "true",
        "false",
        "kill",
        "date",
        "env",
        "httpd",
        "nginx",
        "redis-server",
        "postgres",
        "mysqld",
        "mongod",
        "memcached",
        "httpd-foreground",
        "chmod",
        "chown",
        "find",
        "sort",
        "python3",
        "printf",
        "tee",
    ];
    if TOOLS.contains(&word) {
        return None;
    }
    TOOLS
        .into_iter()
        .filter(|tool| distance(tool, word) <= 1 + word.len() / 6)
        .min_by_key(|tool| distance(tool, word))
}

/// A program that is not there: one item for several words, a misspelt name, a shell that is not installed.
fn not_found(cx: &Cx<'_>, list: &mut List, program: &str) {
    let base = cx.container_path();
    for (at, text) in words(cx) {
        if text != program && !text.contains(program) {
            continue;
        }
        let alone = text == program;
        if alone && text.contains(' ') {
            let list_path = at.split_at(at.rfind('[').unwrap_or(at.len())).0.to_owned();
            let split: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            let edit =
                cx.editor.split_item(&at, &split).or_else(|| cx.editor.words(&list_path, &split));
            list.one(0, edit, "Write each word by itself", "단어마다 따로 쓰기");
            let script = ["sh", "-c", text.as_str()].map(str::to_owned);
            list.one(
                1,
                cx.editor.words(&list_path, &script),
                "Run it with a shell",
                "셸로 실행하기",
            );
        }
        let name = program.rsplit('/').next().unwrap_or(program);
        if name == "bash" {
            let shell = program.replace("bash", "sh");
            list.one(
                0,
                cx.editor.reword(&at, program, &shell),
                "Use sh, which the image has",
                "이미지에 있는 sh 사용",
            );
        }
        if let Some(tool) = similar_tool(name) {
            let new = program.replace(name, tool);
            list.one(
                0,
                cx.editor.reword(&at, program, &new),
                &format!("Run {new}"),
                &format!("{new} 실행"),
            );
        }
        if alone && program.starts_with('/') {
            list.one(
                0,
                cx.editor.reword(&at, program, name),
                &format!("Run {name} wherever it is"),
                &format!("경로 없이 {name} 실행"),
            );
            for file in files(cx) {
                if file.ends_with(&format!("/{name}")) {
                    list.one(
                        0,
                        cx.editor.reword(&at, program, &file),
                        &format!("Run {file}"),
                        &format!("{file} 실행"),
                    );
                }
            }
        }
    }
    if cx.editor.has(&format!("{base}.command")) {
        let list_path = format!("{base}.command");
        // Arguments that were written as a command.
        if program.starts_with('-') {
            let edit = cx.editor.rename(&list_path, "args");
            list.one(0, edit, "Write them as args", "args로 쓰기");
        }
        list.one(
            3,
            cx.editor.remove(&list_path),
            "Run what the image runs by itself",
            "이미지의 기본 프로그램 실행",
        );
    }
    if cx.editor.has(&format!("{base}.args")) && !cx.editor.has(&format!("{base}.command")) {
        let edit = cx.editor.remove(&format!("{base}.args"));
        list.one(4, edit, "Leave the arguments out", "인자 빼기");
    }
    let edit = cx.editor.remove(&format!("{base}.workingDir"));
    list.one(1, edit, "Leave workingDir out", "workingDir 빼기");
}

/// Other slips in a command line: a tool that is misspelt, a port, a host.
fn program(cx: &Cx<'_>, list: &mut List) {
    let listens = listens(cx);
    let services: Vec<String> = cx
        .cluster
        .list("Service", Some(&cx.target.namespace))
        .iter()
        .filter_map(|one| one["metadata"]["name"].as_str().map(str::to_owned))
        .filter(|name| name != "kubernetes")
        .collect();
    for (at, text) in words(cx) {
        for word in text.split([' ', ';', '&', '|', '(', ')', '\n']).filter(|word| word.len() > 2) {
            if let Some(tool) =
                similar_tool(word).filter(|_| word.chars().all(|c| c.is_ascii_lowercase()))
            {
                list.one(
                    1,
                    cx.editor.reword(&at, word, tool),
                    &format!("Run {tool}"),
                    &format!("{tool} 실행"),
                );
            }
            let host = word
                .split("://")
                .last()
                .unwrap_or(word)
                .split([':', '/'])
                .next()
                .unwrap_or_default();
            if host.len() > 2
                && !services.iter().any(|name| name == host)
                && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && let Some(near) = nearest(host, services.iter().map(String::as_str))
                    .filter(|near| distance(near, host) * 2 <= host.len().max(near.len()))
            {
                list.one(
                    1,
                    cx.editor.reword(&at, host, near),
                    &format!("Ask {near}"),
                    &format!("{near}에 묻기"),
                );
            }
        }
        let _ = &listens;
    }
}

fn permission(cx: &Cx<'_>, list: &mut List, what: &str) {
    let base = cx.container_path();
    let spec = cx.spec();
    for (n, volume) in spec["volumes"].as_array().into_iter().flatten().enumerate() {
        for field in ["configMap", "secret"] {
            if volume[field].is_object() {
                let at = cx.path(&format!("spec.volumes[{n}].{field}"));
                let edit = cx.editor.set(&at, "defaultMode", &json!(493));
                let edit = edit.map(|mut edit| {
                    edit.replacement = edit.replacement.replace("493", "0755");
                    edit
                });
                list.one(
                    0,
                    edit,
                    "Make the files executable: defaultMode 0755",
                    "파일을 실행 가능하게: defaultMode 0755",
                );
            }
        }
    }
    for (at, text) in words(cx) {
        if is_path(&text) && what.contains(&text) && at.ends_with("command[0]") {
            let list_path = at.trim_end_matches("[0]").to_owned();
            let mut all = vec!["sh".to_owned()];
            all.extend(cx.typed().command);
            list.one(
                1,
                cx.editor.words(&list_path, &all),
                "Run the script with sh",
                "sh로 스크립트 실행",
            );
        }
    }
    let pod = cx.path("spec.securityContext");
    let user = spec["securityContext"]["runAsUser"]
        .as_i64()
        .or(cx.container()["securityContext"]["runAsUser"].as_i64());
    let group = json!(user.unwrap_or(1000));
    let edit = if cx.editor.has(&pod) {
        cx.editor.set(&pod, "fsGroup", &group)
    } else {
        cx.editor.insert(&cx.path("spec"), "securityContext", &json!({ "fsGroup": group }))
    };
    list.one(
        1,
        edit,
        &format!("Give the volumes to group {group}"),
        &format!("볼륨을 그룹 {group}에 주기"),
    );
    let own = format!("{base}.securityContext");
    let edit = cx.editor.replace(&format!("{own}.readOnlyRootFilesystem"), &json!(false));
    list.one(
        2,
        edit,
        "Let the container write to its own files",
        "컨테이너가 자기 파일에 쓸 수 있게 하기",
    );
    for parent in [&own, &pod] {
        for (path, title) in [
            ("runAsUser", "Run as the image's own user"),
            ("runAsGroup", "Run as the image's own group"),
        ] {
            list.one(
                3,
                cx.editor.remove(&format!("{parent}.{path}")),
                title,
                "이미지의 기본 사용자로 실행",
            );
        }
    }
    // A place that everybody may write to.
    for path in paths_in(what) {
        for (at, text) in words(cx) {
            if text.contains(&path) {
                let name = path.rsplit('/').next().unwrap_or_default();
                list.one(
                    2,
                    cx.editor.reword(&at, &path, &format!("/tmp/{name}")),
                    &format!("Write to /tmp/{name}"),
                    &format!("/tmp/{name}에 쓰기"),
                );
            }
        }
    }
}

fn waits(cx: &Cx<'_>, list: &mut List, host: &str, near: Option<&str>, exists: bool) {
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
fn service_of(cx: &Cx<'_>, list: &mut List, service: &edit::Editor<'_>, name: &str) {
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
fn add_service(cx: &Cx<'_>, list: &mut List, name: &str) {
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

/// The condition is set by the Scenario, as whoever is to set it would; or it is not waited for.
fn gate_of(cx: &Cx<'_>, list: &mut List, gate: &str) {
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
fn stop(cx: &Cx<'_>, list: &mut List) {
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

fn shorter_hook(cx: &Cx<'_>, list: &mut List) {
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
