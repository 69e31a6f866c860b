//! Candidates for containers that end, that are restarted, or that do not get ready.

use super::Search;
use super::candidates::{Cx, List};
use super::edit;
use super::numbers::{MEMORY, SECONDS, at_least, least};
use super::probes::{asks, late, timeout};
use super::programs::{not_found, permission, program};
use super::waits::{gate_of, hook, shorter_hook, stop, waits};
use crate::verdict::{Cause, distance, nearest};
use podplay_api::{ProbeKind, Quantity, Value, json};
use podplay_core::What;
use podplay_core::record::ProcessEffectKind;
use std::collections::BTreeSet;

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
        _ => probed(search, cx, list),
    }
}

fn probed(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
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
pub(super) fn scripts(cx: &Cx<'_>) -> Vec<(String, String)> {
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
pub(super) fn words(cx: &Cx<'_>) -> Vec<(String, String)> {
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

pub(super) fn is_path(word: &str) -> bool {
    word.len() > 2 && word.starts_with('/') && !word.starts_with("//")
}

/// The paths of files in a text.
pub(super) fn paths_in(text: &str) -> Vec<String> {
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
pub(super) fn files(cx: &Cx<'_>) -> BTreeSet<String> {
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
        for (at, text) in scripts(cx).into_iter().filter(|(_, text)| text.contains(&path)) {
            let first = text.lines().next().unwrap_or_default();
            let edit = cx.editor.reword(&at, first, &format!("mkdir -p {path}; {first}"));
            let (en, ko) = (
                format!("Make the directory {path} first"),
                format!("먼저 디렉터리 {path} 만들기"),
            );
            list.one(3, edit, &en, &ko);
        }
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
                    | "NOTE"
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
        variable(cx, list, name, &wanted);
    }
}

/// One variable that is not set: another one is misspelt, or it is missing.
fn variable(cx: &Cx<'_>, list: &mut List, name: &str, wanted: &[String]) {
    let base = cx.container_path();
    let container = cx.typed();
    let set: Vec<&str> = container.env.iter().map(|one| one.name.as_str()).collect();
    let unused = set.iter().copied().filter(|other| !wanted.iter().any(|word| word == other));
    if let Some(near) = nearest(name, unused).filter(|near| distance(near, name) * 2 <= name.len())
    {
        let n = set.iter().position(|other| *other == near).unwrap_or(0);
        let edit = cx.editor.replace(&format!("{base}.env[{n}].name"), &Value::from(name));
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
