//! Containers of a description: their image, command, state, resources, probes, variables, mounts.

use super::super::marked::Marked;
use super::outline::Node;
use podplay_api::{Value, json};

/// Reads containers into `spec`; with `status`, what they showed, too.
pub(super) fn containers(node: &Node<'_>, spec: &str, status: Option<&str>, tree: &mut Marked) {
    for (number, container) in node.under().iter().filter(|node| !node.key.is_empty()).enumerate() {
        let at = format!("{spec}[{number}]");
        tree.put(&format!("{at}.name"), container.key, container.line);
        let status = status.map(|status| format!("{status}[{number}]"));
        if let Some(status) = &status {
            tree.put(&format!("{status}.name"), container.key, container.line);
        }
        for field in container.under() {
            of_spec(&field, &at, tree);
            if let Some(status) = &status {
                of_status(&field, status, tree);
            }
        }
    }
}

fn of_spec(node: &Node<'_>, at: &str, tree: &mut Marked) {
    let path = |name: &str| format!("{at}.{name}");
    match node.key {
        "Image" if !node.none() => tree.put(&path("image"), node.value, node.line),
        "Port" | "Ports" => ports(node, &path("ports"), "containerPort", tree),
        "Host Port" | "Host Ports" => ports(node, &path("ports"), "hostPort", tree),
        "Command" => words(node, &path("command"), false, tree),
        "Args" => {
            let shell = tree.get(&path("command")).as_array().is_some_and(|words| ends_in_c(words));
            words(node, &path("args"), shell, tree);
        }
        "Limits" => amounts(node, &path("resources.limits"), tree),
        "Requests" => amounts(node, &path("resources.requests"), tree),
        "Liveness" => probe(node, &path("livenessProbe"), tree),
        "Readiness" => probe(node, &path("readinessProbe"), tree),
        "Startup" => probe(node, &path("startupProbe"), tree),
        "Environment Variables from" => env_from(node, &path("envFrom"), tree),
        "Environment" => env(node, &path("env"), tree),
        "Mounts" => mounts(node, &path("volumeMounts"), tree),
        "Restart Policy" => tree.put(&path("restartPolicy"), node.value, node.line),
        _ => {}
    }
}

/// `8080/TCP (http), 9090/UDP`.
fn ports(node: &Node<'_>, path: &str, field: &str, tree: &mut Marked) {
    for (number, port) in node.value.split(", ").enumerate() {
        let Some((digits, rest)) = port.split_once('/') else { continue };
        let (protocol, name) = rest.split_once(' ').unwrap_or((rest, ""));
        let Ok(value) = digits.parse::<u32>() else { continue };
        if value == 0 {
            continue;
        }
        tree.put(&format!("{path}[{number}].{field}"), value, node.line);
        tree.put(&format!("{path}[{number}].protocol"), protocol, node.line);
        let name = name.trim_start_matches('(').trim_end_matches(')');
        if !name.is_empty() {
            tree.put(&format!("{path}[{number}].name"), name, node.line);
        }
    }
}

/// Whether a command ends in the flag that makes the next word a script.
fn ends_in_c(words: &[Value]) -> bool {
    let flag = words.last().and_then(Value::as_str).unwrap_or_default();
    let shell = words.first().and_then(Value::as_str).is_some_and(is_shell);
    shell && flag.starts_with('-') && flag.ends_with('c')
}

fn is_shell(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or_default();
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh")
}

/// Words of a command, one a line. A script has lines of its own, so what follows `-c` is one word.
fn words(node: &Node<'_>, path: &str, script_first: bool, tree: &mut Marked) {
    let mut texts = node.texts();
    let mut words: Vec<(String, u32)> = Vec::new();
    let mut script = script_first;
    if !node.value.is_empty() {
        words.push((node.value.to_owned(), node.line));
    }
    while !texts.is_empty() {
        if script {
            let line = texts.first().map_or(node.line, |(_, line)| *line);
            let last = texts.iter().rposition(|(text, _)| !text.trim().is_empty()).unwrap_or(0);
            let ended = texts.len() > last + 1;
            let body: Vec<&str> = texts.iter().take(last + 1).map(|(text, _)| *text).collect();
            let tail = if ended && body.len() > 1 { "\n" } else { "" };
            words.push((body.join("\n") + tail, line));
            break;
        }
        let (text, line) = texts.remove(0);
        if text.trim().is_empty() && texts.iter().all(|(text, _)| text.trim().is_empty()) {
            break;
        }
        let flag = text.starts_with('-') && text.ends_with('c') && text.len() <= 4;
        let shell = words.first().map_or(script_first, |(word, _)| is_shell(word));
        // `-c` as the first of the arguments: the image's entrypoint is a shell.
        script = flag && (shell || words.is_empty());
        words.push((text.to_owned(), line));
    }
    for (number, (word, line)) in words.into_iter().enumerate() {
        tree.put(&format!("{path}[{number}]"), word, line);
    }
}

fn amounts(node: &Node<'_>, path: &str, tree: &mut Marked) {
    for amount in node.under().iter().filter(|amount| !amount.key.is_empty()) {
        tree.put_key(path, amount.key, amount.value, amount.line);
    }
}

/// `http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3`.
fn probe(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let (handler, timing) = node
        .value
        .split_once(" delay=")
        .map_or((node.value, ""), |(handler, timing)| (handler, timing));
    let Some(value) = handler_of(handler) else { return };
    let (kind, fields) = value;
    tree.put(&format!("{path}.{kind}"), fields, node.line);
    let names = [
        ("initialDelaySeconds", ""),
        ("timeoutSeconds", "timeout="),
        ("periodSeconds", "period="),
        ("successThreshold", "#success="),
        ("failureThreshold", "#failure="),
    ];
    for (number, (name, lead)) in names.into_iter().enumerate() {
        let word = timing.split(' ').nth(number).unwrap_or_default();
        let digits = word.strip_prefix(lead).unwrap_or_default().trim_end_matches('s');
        if let Ok(seconds) = digits.parse::<i64>()
            && !(number == 0 && seconds == 0)
        {
            tree.put(&format!("{path}.{name}"), seconds, node.line);
        }
    }
}

/// The handler of a probe: its field and what is in it.
fn handler_of(text: &str) -> Option<(&'static str, Value)> {
    let (kind, rest) = text.split_once(' ')?;
    match kind {
        "exec" => {
            let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
            Some(("exec", json!({"command": command_of(inner)})))
        }
        "http-get" => {
            let (scheme, rest) = rest.split_once("://").unwrap_or(("http", rest));
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let (host, port) = host.rsplit_once(':')?;
            let mut get = json!({"path": unescape(path), "port": port_of(port), "scheme": scheme.to_ascii_uppercase()});
            if !host.is_empty() {
                get["host"] = host.into();
            }
            Some(("httpGet", get))
        }
        "tcp-socket" => {
            let (host, port) = rest.rsplit_once(':')?;
            let mut socket = json!({"port": port_of(port)});
            if !host.is_empty() && host != "<pod>" {
                socket["host"] = host.into();
            }
            Some(("tcpSocket", socket))
        }
        "grpc" => {
            let (_, rest) = rest.split_once(':')?;
            let (port, service) = rest.split_once(' ').unwrap_or((rest, ""));
            let mut grpc = json!({"port": port_of(port)});
            if !service.is_empty() {
                grpc["service"] = service.into();
            }
            Some(("grpc", grpc))
        }
        _ => None,
    }
}

/// The words of an exec probe, which a description joins with blanks: behind a shell's `-c` the rest is one word.
fn command_of(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let shell = out.first().is_some_and(|word| is_shell(word));
        let flag = out.last().is_some_and(|word| word.starts_with('-') && word.ends_with('c'));
        if shell && flag {
            out.push(rest.to_owned());
            break;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        out.push(word.to_owned());
        rest = after;
    }
    out
}

/// A port: a number, or a name.
pub(super) fn port_of(text: &str) -> Value {
    text.parse::<u32>().map_or_else(|_| Value::from(text), Value::from)
}

/// A path with its escapes read.
fn unescape(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) if *byte == b'%' => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `NAME  ConfigMap  Optional: false`.
fn env_from(node: &Node<'_>, path: &str, tree: &mut Marked) {
    for (number, line) in node.body.iter().filter(|line| !line.is_blank()).enumerate() {
        let text = line.words();
        let Some((name, rest)) = text.split_once(' ') else { continue };
        let kind = if rest.contains("ConfigMap") { "configMapRef" } else { "secretRef" };
        let at = format!("{path}[{number}]");
        tree.put(&format!("{at}.{kind}.name"), name, line.number);
        if rest.contains("Optional: true") {
            tree.put(&format!("{at}.{kind}.optional"), true, line.number);
        }
        if let Some((_, prefix)) = rest.split_once(" with prefix '") {
            let prefix = prefix.split('\'').next().unwrap_or_default();
            tree.put(&format!("{at}.prefix"), prefix, line.number);
        }
    }
}

fn env(node: &Node<'_>, path: &str, tree: &mut Marked) {
    for (number, variable) in node.under().iter().filter(|node| !node.key.is_empty()).enumerate() {
        let at = format!("{path}[{number}]");
        tree.put(&format!("{at}.name"), variable.key, variable.line);
        match reference(variable.value) {
            Some((field, value)) => {
                tree.put(&format!("{at}.valueFrom.{field}"), value, variable.line);
            }
            None => tree.put(&format!("{at}.value"), variable.value, variable.line),
        }
    }
}

/// `<set to the key 'k' in secret 's'>  Optional: false`, ` (v1:metadata.name)`, `128 (limits.memory)`.
fn reference(text: &str) -> Option<(&'static str, Value)> {
    if let Some(rest) = text.strip_prefix("<set to the key '") {
        let (key, rest) = rest.split_once('\'')?;
        let (place, rest) = rest.split_once('\'')?;
        let name = rest.split('\'').next()?;
        let field = if place.contains("secret") { "secretKeyRef" } else { "configMapKeyRef" };
        let mut value = json!({"name": name, "key": key});
        if text.ends_with("Optional: true") {
            value["optional"] = true.into();
        }
        return Some((field, value));
    }
    let inner = text.strip_suffix(')')?.rsplit_once('(')?.1;
    if let Some((api, path)) = inner.split_once(':')
        && api.starts_with('v')
        && (path.starts_with("metadata.")
            || path.starts_with("spec.")
            || path.starts_with("status."))
    {
        return Some(("fieldRef", json!({"apiVersion": api, "fieldPath": path})));
    }
    let resource = inner.starts_with("limits.") || inner.starts_with("requests.");
    resource.then(|| ("resourceFieldRef", json!({"resource": inner})))
}

/// `/etc/app from config (ro,path="app.conf")`.
fn mounts(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let lines = node.body.iter().filter(|line| line.text.contains(" from "));
    for (number, line) in lines.enumerate() {
        let Some((place, rest)) = line.words().split_once(" from ") else { continue };
        let (volume, flags) = rest.split_once(" (").unwrap_or((rest, ""));
        let at = format!("{path}[{number}]");
        tree.put(&format!("{at}.mountPath"), place, line.number);
        tree.put(&format!("{at}.name"), volume, line.number);
        if flags.starts_with("ro") {
            tree.put(&format!("{at}.readOnly"), true, line.number);
        }
        if let Some((_, sub)) = flags.split_once("path=\"") {
            let sub = sub.split('"').next().unwrap_or_default();
            tree.put(&format!("{at}.subPath"), sub, line.number);
        }
    }
}

fn of_status(node: &Node<'_>, at: &str, tree: &mut Marked) {
    let path = |name: &str| format!("{at}.{name}");
    match node.key {
        "Container ID" if !node.none() => tree.put(&path("containerID"), node.value, node.line),
        "State" => state(node, &path("state"), tree),
        "Last State" => state(node, &path("lastState"), tree),
        "Ready" => tree.put(&path("ready"), node.value == "True", node.line),
        "Restart Count" => {
            if let Ok(count) = node.value.parse::<u32>() {
                tree.put(&path("restartCount"), count, node.line);
            }
        }
        _ => {}
    }
}

/// `State:  Terminated` with what is under it.
fn state(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let name = match node.value {
        "Running" => "running",
        "Waiting" => "waiting",
        "Terminated" => "terminated",
        _ => return,
    };
    let at = format!("{path}.{name}");
    tree.put(&at, json!({}), node.line);
    for field in node.under() {
        let path = |name: &str| format!("{at}.{name}");
        match field.key {
            "Reason" => tree.put(&path("reason"), field.value, field.line),
            "Message" => {
                let mut text = field.value.to_owned();
                for (line, _) in field.texts() {
                    text.push('\n');
                    text.push_str(line);
                }
                tree.put(&path("message"), text.trim_end(), field.line);
            }
            "Exit Code" | "Signal" => {
                let name = if field.key == "Signal" { "signal" } else { "exitCode" };
                if let Ok(code) = field.value.parse::<i64>() {
                    tree.put(&path(name), code, field.line);
                }
            }
            "Started" => super::put_date(tree, &path("startedAt"), &field),
            "Finished" => super::put_date(tree, &path("finishedAt"), &field),
            _ => {}
        }
    }
}
