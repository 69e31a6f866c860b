//! The block of one container.

use serde_json::Value;

use super::date;
use super::env::{env, env_from};
use super::pod::seccomp;
use super::writer::Writer;
use crate::get::host_port_text;
use crate::json::{at, fields, flag, has, int, items, plain, text};

/// All containers of one sort. Without a pod they are those of a template: no state, no values of fields.
pub(super) fn containers(
    w: &mut Writer,
    title: &str,
    list: &[Value],
    statuses: &[Value],
    pod: Option<&Value>,
) {
    let indent = if pod.is_some() { "" } else { "  " };
    let none = if list.is_empty() { " <none>" } else { "" };
    w.line(0, &format!("{indent}{title}:{none}"));
    for container in list {
        let status = statuses.iter().find(|status| text(status, "name") == text(container, "name"));
        basics(w, container, status, indent);
        lines(w, "Command", items(container, "command"));
        lines(w, "Args", items(container, "args"));
        if let Some(status) = status {
            states(w, status);
        }
        resources(w, at(container, "resources"), 2);
        for (title, field) in [
            ("Liveness", "livenessProbe"),
            ("Readiness", "readinessProbe"),
            ("Startup", "startupProbe"),
        ] {
            if has(container, field) {
                w.line(2, &format!("{title}:\t{}", probe(at(container, field))));
            }
        }
        env_from(w, container);
        env(w, container, pod);
        mounts(w, container);
    }
}

fn basics(w: &mut Writer, container: &Value, status: Option<&Value>, indent: &str) {
    // Templates are one blank deeper.
    let lead = if indent.is_empty() { "" } else { " " };
    w.line(1, &format!("{lead}{}:", text(container, "name")));
    if let Some(status) = status {
        w.line(2, &format!("Container ID:\t{}", text(status, "containerID")));
    }
    w.line(2, &format!("Image:\t{}", text(container, "image")));
    if let Some(status) = status {
        w.line(2, &format!("Image ID:\t{}", text(status, "imageID")));
    }
    ports(w, container, "Port", "containerPort");
    ports(w, container, "Host Port", "hostPort");
    seccomp(w, at(container, "securityContext.seccompProfile"), 2);
}

/// `8080/TCP (http)`; several joined by commas under a title in the plural.
fn ports(w: &mut Writer, container: &Value, title: &str, field: &str) {
    let words = |port: &Value| {
        let name = match text(port, "name") {
            "" => String::new(),
            name => format!(" ({name})"),
        };
        format!("{}/{}{name}", int(port, field), text(port, "protocol"))
    };
    let list: Vec<String> = items(container, "ports").iter().map(words).collect();
    match list.len() {
        0 => w.line(2, &format!("{title}:\t<none>")),
        1 => w.line(2, &format!("{title}:\t{}", list[0])),
        _ => w.line(2, &format!("{title}s:\t{}", list.join(", "))),
    }
}

/// One element a line; an element of several lines on as many.
fn lines(w: &mut Writer, title: &str, list: &[Value]) {
    if list.is_empty() {
        return;
    }
    w.line(2, &format!("{title}:"));
    for line in list.iter().filter_map(Value::as_str).flat_map(|element| element.split('\n')) {
        w.line(3, line);
    }
}

fn states(w: &mut Writer, status: &Value) {
    state(w, "State", at(status, "state"));
    if has(status, "lastState.terminated") {
        state(w, "Last State", at(status, "lastState"));
    }
    w.line(2, &format!("Ready:\t{}", if flag(status, "ready") { "True" } else { "False" }));
    w.line(2, &format!("Restart Count:\t{}", int(status, "restartCount")));
}

fn state(w: &mut Writer, title: &str, state: &Value) {
    if has(state, "running") {
        w.line(2, &format!("{title}:\tRunning"));
        w.line(3, &format!("Started:\t{}", date(state, "running.startedAt")));
    } else if has(state, "terminated") {
        terminated(w, title, at(state, "terminated"));
    } else {
        w.line(2, &format!("{title}:\tWaiting"));
        let reason = text(state, "waiting.reason");
        if !reason.is_empty() {
            w.line(3, &format!("Reason:\t{reason}"));
        }
    }
}

fn terminated(w: &mut Writer, title: &str, state: &Value) {
    w.line(2, &format!("{title}:\tTerminated"));
    for (title, field) in [("Reason", "reason"), ("Message", "message")] {
        let value = text(state, field);
        if !value.is_empty() {
            w.line(3, &format!("{title}:\t{value}"));
        }
    }
    w.line(3, &format!("Exit Code:\t{}", int(state, "exitCode")));
    if int(state, "signal") > 0 {
        w.line(3, &format!("Signal:\t{}", int(state, "signal")));
    }
    w.line(3, &format!("Started:\t{}", date(state, "startedAt")));
    w.line(3, &format!("Finished:\t{}", date(state, "finishedAt")));
}

/// Limits, then requests, by name.
pub(super) fn resources(w: &mut Writer, resources: &Value, level: usize) {
    for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
        if fields(resources, field).next().is_some() {
            w.line(level, &format!("{title}:"));
        }
        for (name, quantity) in fields(resources, field) {
            w.line(level + 1, &format!("{name}:\t{}", plain(quantity)));
        }
    }
}

/// A probe in one line.
fn probe(probe: &Value) -> String {
    let number = |field: &str| int(probe, field);
    let timing = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    format!("{} {timing}", handler(probe))
}

fn handler(probe: &Value) -> String {
    if has(probe, "exec") {
        let words: Vec<&str> =
            items(probe, "exec.command").iter().filter_map(Value::as_str).collect();
        return format!("exec [{}]", words.join(" "));
    }
    if has(probe, "httpGet") {
        let scheme = text(probe, "httpGet.scheme").to_ascii_lowercase();
        let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}:") };
        let host = host_port_text(text(probe, "httpGet.host"), &plain(at(probe, "httpGet.port")));
        return format!("http-get {scheme}//{host}{}", url_path(text(probe, "httpGet.path")));
    }
    if has(probe, "tcpSocket") {
        return format!(
            "tcp-socket {}:{}",
            text(probe, "tcpSocket.host"),
            plain(at(probe, "tcpSocket.port"))
        );
    }
    if has(probe, "grpc") {
        return format!("grpc <pod>:{} {}", int(probe, "grpc.port"), text(probe, "grpc.service"));
    }
    "unknown".to_owned()
}

/// A path as `net/url` prints it: other characters than those of paths are escaped, `?` among them.
fn url_path(path: &str) -> String {
    let mut out = String::new();
    if !path.is_empty() && !path.starts_with('/') {
        out.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!'()*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

fn mounts(w: &mut Writer, container: &Value) {
    let mut list: Vec<&Value> = items(container, "volumeMounts").iter().collect();
    list.sort_by_key(|mount| text(mount, "mountPath"));
    w.line(2, if list.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    for mount in list {
        let mut flags = if flag(mount, "readOnly") { "ro" } else { "rw" }.to_owned();
        let sub_path = text(mount, "subPath");
        if !sub_path.is_empty() {
            flags += &format!(",path={sub_path:?}");
        }
        w.line(3, &format!("{} from {} ({flags})", text(mount, "mountPath"), text(mount, "name")));
    }
    let devices = items(container, "volumeDevices");
    if !devices.is_empty() {
        w.line(2, "Devices:");
        for device in devices {
            w.line(3, &format!("{} from {}", text(device, "devicePath"), text(device, "name")));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn probes_in_one_line() {
        let timing = "delay=0s timeout=1s period=10s #success=1 #failure=3";
        let table = [
            (json!({"exec": {"command": ["cat", "/tmp/ok"]}}), "exec [cat /tmp/ok]"),
            (
                json!({"httpGet": {"path": "/a b?c", "port": 80, "scheme": "HTTP"}}),
                "http-get http://:80/a%20b%3Fc",
            ),
            (
                json!({"httpGet": {"port": "http", "host": "::1", "scheme": "HTTPS"}}),
                "http-get https://[::1]:http",
            ),
            (json!({"tcpSocket": {"port": 80}}), "tcp-socket :80"),
            (json!({"grpc": {"port": 9000, "service": "x"}}), "grpc <pod>:9000 x"),
        ];
        for (mut value, expected) in table {
            let defaults = [
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ];
            for (field, number) in defaults {
                value[field] = json!(number);
            }
            assert_eq!(probe(&value), format!("{expected} {timing}"));
        }
    }
}
