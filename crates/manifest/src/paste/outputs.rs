//! What kubectl and its like print: tables, descriptions, events, logs, screens, single messages.

use super::lines::{Pasted, columns};
use super::{Action, INCIDENT, Paste, PasteKind};

/// What a text is, if a tool printed it about a cluster.
pub(super) fn recognise(pasted: &Pasted<'_>) -> Option<Paste> {
    several(pasted)
        .or_else(|| screen(pasted))
        .or_else(|| table(pasted))
        .or_else(|| describe(pasted))
        .or_else(|| events_of_describe(pasted))
        .or_else(|| message(pasted))
        .or_else(|| logs(pasted))
}

fn observed(kind: PasteKind, message: String, help: String, line: usize) -> Paste {
    Paste { kind, message, help, actions: vec![Action::Incident], line }
}

/// Several commands with what they printed.
fn several(pasted: &Pasted<'_>) -> Option<Paste> {
    let kubectl: Vec<&(usize, String)> =
        pasted.typed.iter().filter(|(_, c)| c.starts_with('k') || c.starts_with("oc ")).collect();
    if kubectl.len() < 2 || pasted.lines.len() <= kubectl.len() {
        return None;
    }
    let shown: Vec<String> =
        kubectl.iter().take(3).map(|(_, c)| format!("`{}`", c.trim())).collect();
    let message =
        format!("This is a terminal's text: {}, with what they printed", shown.join(", "));
    let help =
        format!("{INCIDENT}; to run something, paste the output of `kubectl get … -o yaml`.");
    Some(observed(PasteKind::Terminal, message, help, kubectl[0].0))
}

/// Header words by which a table is known, with what it lists.
const TABLES: &[(&[&str], &str, &str)] = &[
    (&["NAME", "READY", "STATUS", "RESTARTS"], "pods", "pods"),
    (&["NAME", "STATUS", "ROLES", "VERSION"], "nodes", "nodes"),
    (&["NAME", "READY", "UP-TO-DATE", "AVAILABLE"], "deployments", "Deployments"),
    (&["NAME", "DESIRED", "CURRENT", "UP-TO-DATE"], "daemonsets", "DaemonSets"),
    (&["NAME", "DESIRED", "CURRENT", "READY"], "replicasets", "ReplicaSets"),
    (&["NAME", "TYPE", "CLUSTER-IP"], "services", "Services"),
    (&["NAME", "COMPLETIONS", "DURATION"], "jobs", "Jobs"),
    (&["NAME", "STATUS", "COMPLETIONS"], "jobs", "Jobs"),
    (&["NAME", "SCHEDULE", "SUSPEND"], "cronjobs", "CronJobs"),
    (&["NAME", "ENDPOINTS"], "endpoints", "endpoints"),
    (&["NAME", "ADDRESSTYPE", "PORTS"], "endpointslices", "EndpointSlices"),
    (&["NAME", "STATUS", "VOLUME"], "pvc", "claims"),
    (&["NAME", "CAPACITY", "ACCESS MODES"], "pv", "volumes"),
    (&["NAME", "REFERENCE", "TARGETS"], "hpa", "autoscalers"),
    (&["NAME", "CLASS", "HOSTS"], "ingress", "Ingresses"),
    (&["NAME", "READY", "AGE"], "statefulsets", "StatefulSets"),
    (&["NAME", "STATUS", "AGE"], "namespaces", "namespaces"),
    (&["NAME", "DATA", "AGE"], "configmaps", "ConfigMaps"),
];

fn is_header(words: &[&str]) -> bool {
    words.len() >= 2
        && words.iter().all(|word| {
            word.chars()
                .all(|c| c.is_ascii_uppercase() || "-_ ()/%".contains(c) || c.is_ascii_digit())
                || matches!(*word, "CPU(cores)" | "CPU%" | "MEMORY(bytes)" | "MEMORY%")
        })
        && words.iter().any(|word| matches!(*word, "NAME" | "LAST SEEN" | "AGE" | "REASON"))
}

fn table(pasted: &Pasted<'_>) -> Option<Paste> {
    let headers: Vec<(usize, Vec<&str>)> = pasted
        .lines
        .iter()
        .map(|(n, line)| (*n, columns(line)))
        .filter(|(_, words)| is_header(words))
        .collect();
    let (line, words) = headers.first()?;
    let (line, has) = (*line, |name: &str| words.contains(&name));
    if has("CPU(cores)") {
        let help = "How much memory and CPU something takes is no manifest. `kubectl get … -o yaml` prints one.";
        let message = "This is the output of `kubectl top`: what pods or nodes take, at one moment";
        return Some(observed(PasteKind::Top, message.to_owned(), help.to_owned(), line));
    }
    if has("LAST SEEN") || (has("REASON") && has("MESSAGE")) {
        let message =
            "This is a list of events, as `kubectl get events` or `kubectl events` prints it";
        let help = format!("{INCIDENT}. It is no manifest.");
        return Some(observed(PasteKind::Events, message.to_owned(), help, line));
    }
    if headers.len() > 1 {
        let message = "These are tables that `kubectl get` prints, such as of `kubectl get all`: what there is, not how it is made";
        let help = format!("Paste the output of `kubectl get all -o yaml` to run it. {INCIDENT}.");
        return Some(observed(PasteKind::Get, message.to_owned(), help, line));
    }
    let known = TABLES.iter().find(|(names, _, _)| names.iter().all(|name| has(name)));
    let (resource, what) =
        known.map_or(("…", "objects"), |(_, resource, what)| (*resource, *what));
    let all = if has("NAMESPACE") { " -A" } else { "" };
    let message = format!(
        "This is a table that `kubectl get {resource}{all}` prints: a list of {what}, not their manifests"
    );
    let help = format!(
        "Paste the output of `kubectl get {resource}{all} -o yaml` to run them. {INCIDENT}."
    );
    Some(observed(PasteKind::Get, message, help, line))
}

/// A terminal program's screen.
fn screen(pasted: &Pasted<'_>) -> Option<Paste> {
    let boxed = pasted
        .share(|line| line.trim_start().starts_with(['│', '┌', '└', '╭', '╰', '║', '├']))
        >= 60;
    let arrow = pasted.texts().any(|line| line.contains("NAME↑") || line.contains("NAME↓"));
    if !boxed && !arrow {
        return None;
    }
    let message = "This is a screen of a terminal program such as k9s: a list of objects, not their manifests";
    let help = format!("In k9s, `y` shows an object's YAML: paste that to run it. {INCIDENT}.");
    Some(observed(PasteKind::Screen, message.to_owned(), help, pasted.first().0))
}

/// Fields that descriptions have, at the beginning of their line.
const DESCRIBED: &[&str] = &[
    "Namespace:",
    "Labels:",
    "Annotations:",
    "Containers:",
    "Selector:",
    "Status:",
    "Node:",
    "Replicas:",
    "Pod Template:",
    "Conditions:",
    "Type:",
    "Capacity:",
    "Roles:",
    "Data",
];

fn describe(pasted: &Pasted<'_>) -> Option<Paste> {
    let (n, name) = pasted
        .lines
        .iter()
        .find(|(_, line)| line.starts_with("Name:") && line.len() > "Name:".len())
        .map(|(n, line)| (*n, line["Name:".len()..].trim()))?;
    let known = DESCRIBED
        .iter()
        .filter(|field| pasted.texts().any(|line| line.starts_with(*field)))
        .count();
    let aligned = pasted.texts().any(|line| line.starts_with("Name:   "));
    if known < 2 || !aligned {
        return None;
    }
    let has = |field: &str| pasted.texts().any(|line| line.starts_with(field));
    let what = match () {
        () if has("StrategyType:") => "deployment",
        () if has("Roles:") || has("PodCIDR:") => "node",
        () if has("Containers:") || has("Service Account:") => "pod",
        () if has("Endpoints:") => "service",
        () => "",
    };
    let command = format!("kubectl describe {what} {name}").replace("  ", " ");
    let message = format!("This is the output of `{command}`: what there is, not how it was made");
    let help = format!(
        "{INCIDENT}, or paste the output of `kubectl get {what} {name} -o yaml` to run it."
    )
    .replace("get  ", "get ");
    Some(observed(PasteKind::Describe, message, help, n))
}

/// The events at the end of a description, alone.
fn events_of_describe(pasted: &Pasted<'_>) -> Option<Paste> {
    let (line, _) = pasted.lines.iter().find(|(_, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words == ["Type", "Reason", "Age", "From", "Message"]
    })?;
    let message = "These are the events at the end of a `kubectl describe`";
    let help = format!("{INCIDENT}. They are no manifest.");
    Some(observed(PasteKind::Events, message.to_owned(), help, *line))
}

/// Parts of messages that Kubernetes writes into events and statuses.
const MESSAGES: &[(&str, &str)] = &[
    (" nodes are available:", "the scheduler's message about a pod for which it has no node"),
    (
        "Back-off restarting failed container",
        "the kubelet's message about a container that keeps ending",
    ),
    ("Back-off pulling image", "the kubelet's message about an image that it cannot pull"),
    ("Failed to pull image", "the kubelet's message about an image that it cannot pull"),
    ("Liveness probe failed", "the kubelet's message about a failing probe"),
    ("Readiness probe failed", "the kubelet's message about a failing probe"),
    ("Startup probe failed", "the kubelet's message about a failing probe"),
    ("MountVolume.SetUp failed", "the kubelet's message about a volume that it cannot mount"),
    (
        "Unable to attach or mount volumes",
        "the kubelet's message about volumes that it cannot mount",
    ),
    ("is forbidden: exceeded quota", "the API server's refusal because of a quota"),
];

fn message(pasted: &Pasted<'_>) -> Option<Paste> {
    if pasted.lines.len() > 5 {
        return None;
    }
    let (n, what) = pasted.lines.iter().find_map(|(n, line)| {
        let (_, what) = MESSAGES.iter().find(|(part, _)| line.contains(part))?;
        Some((*n, *what))
    })?;
    let message = format!("This is {what}, not a manifest");
    let help = format!("{INCIDENT}; paste the manifest of the pod as well to see it happen.");
    Some(observed(PasteKind::Message, message, help, n))
}

fn logs(pasted: &Pasted<'_>) -> Option<Paste> {
    if pasted.lines.len() < 2 || pasted.share(is_log_line) < 50 {
        return None;
    }
    let message = "These are lines of a program's log, as `kubectl logs` prints them";
    let help =
        format!("A log says what a program did, not what runs it: paste the manifest. {INCIDENT}.");
    Some(observed(PasteKind::Logs, message.to_owned(), help, pasted.first().0))
}

/// Whether a line looks as loggers write them.
fn is_log_line(line: &str) -> bool {
    let line = line.trim_start();
    // `[pod/web/app]` of `--prefix`.
    let line = line
        .strip_prefix("[pod/")
        .and_then(|rest| rest.split_once("] "))
        .map_or(line, |(_, rest)| rest);
    let json = line.starts_with('{')
        && ["\"level\"", "\"msg\"", "\"message\"", "\"time", "\"ts\"", "\"severity\""]
            .iter()
            .any(|key| line.contains(key));
    let digits =
        |text: &str, n: usize| text.len() >= n && text.bytes().take(n).all(|b| b.is_ascii_digit());
    let bare = line.trim_start_matches(['[', '"']);
    let dated = digits(bare, 4)
        && bare.as_bytes().get(4).is_some_and(|b| matches!(b, b'-' | b'/'))
        && digits(bare.get(5..).unwrap_or_default(), 2);
    let timed = digits(bare, 2)
        && bare.as_bytes().get(2) == Some(&b':')
        && digits(bare.get(3..).unwrap_or_default(), 2);
    let klog =
        line.starts_with(['I', 'W', 'E', 'F']) && digits(line.get(1..).unwrap_or_default(), 4);
    let level = ["INFO", "WARN", "WARNING", "ERROR", "DEBUG", "FATAL", "TRACE", "level="]
        .iter()
        .any(|word| {
            bare.starts_with(word)
                || bare.contains(&format!(" {word} "))
                || bare.contains(&format!("[{word}]"))
        });
    let key_values = line.starts_with("time=") || line.starts_with("ts=");
    json || dated || timed || klog || level || key_values
}
