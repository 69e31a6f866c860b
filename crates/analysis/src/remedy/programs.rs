//! Candidates for command lines: programs that are not there, that may not do what they try, that ask amiss.

use super::candidates::{Cx, List};
use super::life::{files, is_path, paths_in, words};
use crate::verdict::{distance, nearest};
use podplay_api::json;

/// A tool that is written nearly so.
pub(super) fn similar_tool(word: &str) -> Option<&'static str> {
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
pub(super) fn not_found(cx: &Cx<'_>, list: &mut List, program: &str) {
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
    by_itself(cx, list, program);
}

/// What the image runs without the text's command line.
fn by_itself(cx: &Cx<'_>, list: &mut List, program: &str) {
    let base = cx.container_path();
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
pub(super) fn program(cx: &Cx<'_>, list: &mut List) {
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
    }
}

pub(super) fn permission(cx: &Cx<'_>, list: &mut List, what: &str) {
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
    users(cx, list);
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

/// Other users and groups.
fn users(cx: &Cx<'_>, list: &mut List) {
    let base = cx.container_path();
    let spec = cx.spec();
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
}
