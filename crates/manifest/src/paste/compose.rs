//! Compose files, as Pods and Services.

use serde_json::{Map, Value, json};

use super::lines::Pasted;
use super::{Action, Paste, PasteKind};
use crate::model::Edit;
use crate::value::{entries, filled, get, items, text};
use crate::yaml::write;

/// A compose file, if the text is one.
pub(super) fn recognise(
    pasted: &Pasted<'_>,
    values: &[&Value],
    whole: &dyn Fn(String, &str) -> Edit,
) -> Option<Paste> {
    let file = values.iter().find(|value| is_compose(value))?;
    let mut made = Vec::new();
    for (name, service) in entries(file, "services") {
        made.extend(objects(&dns_name(name), service));
    }
    let count = entries(file, "services").count();
    let title =
        if count == 1 { "Make a Pod of it".to_owned() } else { format!("Make {count} Pods of it") };
    let documents: Vec<String> = made.iter().map(write::document).collect();
    Some(Paste {
        kind: PasteKind::Compose,
        message: "This is a compose file: Docker reads it, Kubernetes does not".to_owned(),
        help: "It can be turned into Pods and Services; what is built from a folder gets a name that you fill in, volumes of the machine are left out.".to_owned(),
        actions: vec![Action::Make(whole(documents.join("---\n"), &title))],
        line: pasted.line_with("services:").unwrap_or(1),
    })
}

fn is_compose(value: &Value) -> bool {
    let telling = ["image", "build", "command", "ports", "environment", "depends_on"];
    value.get("kind").is_none()
        && entries(value, "services").next().is_some()
        && entries(value, "services")
            .all(|(_, service)| telling.iter().any(|key| service.get(*key).is_some()))
}

fn dns_name(name: &str) -> String {
    let ok = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let out: String = name.chars().take(50).map(ok).collect();
    let out = out.trim_matches('-').to_owned();
    if out.is_empty() { "app".to_owned() } else { out }
}

fn objects(name: &str, service: &Value) -> Vec<Value> {
    let image = match text(service, "image") {
        "" => format!("{name}:latest"),
        image => image.to_owned(),
    };
    let mut container = json!({"name": name, "image": image});
    for (from, to) in [("entrypoint", "command"), ("command", "args")] {
        if let Some(words) = get(service, from).map(words).filter(|words| !words.is_empty()) {
            container[to] = json!(words);
        }
    }
    let env = environment(service);
    if !env.is_empty() {
        container["env"] = Value::Array(env);
    }
    let ports: Vec<u16> = items(service, "ports")
        .iter()
        .chain(items(service, "expose"))
        .filter_map(container_port)
        .fold(Vec::new(), |mut all, port| {
            if !all.contains(&port) {
                all.push(port);
            }
            all
        });
    if !ports.is_empty() {
        container["ports"] = ports.iter().map(|port| json!({"containerPort": port})).collect();
    }
    if let Some(probe) = get(service, "healthcheck").and_then(probe) {
        container["readinessProbe"] = probe;
    }
    let restart = match text(service, "restart") {
        "no" => "Never",
        "on-failure" => "OnFailure",
        _ => "Always",
    };
    let mut out = vec![json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [container], "restartPolicy": restart}})];
    if !ports.is_empty() {
        let ports: Vec<Value> =
            ports.iter().map(|port| json!({"name": format!("p{port}"), "port": port})).collect();
        out.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": ports}}));
    }
    out
}

/// A command as a list, or as a line that Docker cuts at its blanks.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().map(shown).collect(),
        Value::String(line) => super::sources::shell_words(line),
        _ => Vec::new(),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn environment(service: &Value) -> Vec<Value> {
    let listed = items(service, "environment").iter().map(|line| {
        let line = shown(line);
        let (name, value) = line.split_once('=').unwrap_or((&line, ""));
        json!({"name": name, "value": value})
    });
    let mapped = entries(service, "environment").map(|(name, value)| {
        json!({"name": name, "value": if value.is_null() { String::new() } else { shown(value) }})
    });
    listed.chain(mapped).collect()
}

/// The port inside the container: `8080:80`, `127.0.0.1:9229:9229/tcp`, `{target: 80}`.
fn container_port(value: &Value) -> Option<u16> {
    if let Some(target) = value.get("target") {
        return u16::try_from(target.as_i64()?).ok();
    }
    let line = shown(value);
    let inner = line.rsplit(':').next()?.split('/').next()?;
    inner.split('-').next()?.parse().ok()
}

fn probe(check: &Value) -> Option<Value> {
    let test = match check.get("test")? {
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>(),
        Value::String(line) => vec!["CMD-SHELL".to_owned(), line.clone()],
        _ => return None,
    };
    let command: Vec<String> = match test.first()?.as_str() {
        "CMD" => test.get(1..)?.to_vec(),
        "CMD-SHELL" => vec!["sh".to_owned(), "-c".to_owned(), test.get(1)?.clone()],
        _ => return None,
    };
    let mut probe = Map::new();
    probe.insert("exec".to_owned(), json!({ "command": command }));
    for (from, to) in [
        ("interval", "periodSeconds"),
        ("timeout", "timeoutSeconds"),
        ("start_period", "initialDelaySeconds"),
    ] {
        let length =
            get(check, from).map(shown).and_then(|t| podplay_api::length::parse_length(&t));
        if let Some(seconds) = length.map(|length| length.as_secs()).filter(|s| *s > 0) {
            probe.insert(to.to_owned(), json!(seconds));
        }
    }
    if filled(check, "retries")
        && let Some(retries) = check["retries"].as_i64()
    {
        probe.insert("failureThreshold".to_owned(), json!(retries));
    }
    Some(Value::Object(probe))
}
