//! Pieces of manifests as articles print them, completed so that they run.

use serde_json::{Map, Value, json};

use crate::schema;
use crate::value::{filled, get, items, text};
use crate::yaml::Spans;

/// A completed fragment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Completed {
    /// The whole object.
    pub(crate) value: Value,
    /// Where the fields of the whole object stand in the text.
    pub(crate) spans: Spans,
    /// The whole object as text.
    pub(crate) text: String,
    /// What was done: `Complete to a Pod`.
    pub(crate) title: String,
}

/// The image of a container that only has to be there.
const IDLE_IMAGE: &str = "registry.k8s.io/pause:3.10";
/// The image of a container that answers on its ports.
const ANSWERING_IMAGE: &str = "nginx";

/// Completes a document that kubectl would refuse for want of its header.
pub(crate) fn complete(value: &Value, spans: &Spans, body: &str) -> Option<Completed> {
    match value {
        Value::Array(list) if is_container_list(list) => Some(container_list(value, spans, body)),
        Value::Object(map) => map_fragment(map, value, spans, body),
        _ => None,
    }
}

fn is_container_list(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|c| c.get("image").is_some() || is_container(c))
}

fn fits(short: &str, value: &Value) -> bool {
    let Some(of) = schema::table().by_short_name(short) else { return false };
    value.as_object().is_some_and(|m| !m.is_empty() && m.keys().all(|k| of.field(k).is_some()))
}

fn is_container(value: &Value) -> bool {
    let telling = [
        "image",
        "command",
        "args",
        "ports",
        "env",
        "envFrom",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "resources",
        "volumeMounts",
        "imagePullPolicy",
    ];
    fits("Container", value) && telling.iter().any(|k| value.get(k).is_some())
}

fn map_fragment(
    map: &Map<String, Value>,
    value: &Value,
    spans: &Spans,
    body: &str,
) -> Option<Completed> {
    let (kind, version) = (text(value, "kind"), text(value, "apiVersion"));
    if !kind.is_empty() && !version.is_empty() {
        return None;
    }
    if !kind.is_empty() {
        let usual = schema::usual_version(kind)?;
        return Some(headed(value, spans, body, usual, kind));
    }
    if map.contains_key("spec") || map.contains_key("metadata") {
        let (usual, kind) = kind_of(value)?;
        let version = if version.is_empty() { usual } else { version };
        schema::find_kind(version, kind)?;
        return Some(headed(value, spans, body, version, kind));
    }
    if !version.is_empty() {
        return None;
    }
    if map.contains_key("template") && map.get("template").is_some_and(Value::is_object) {
        return Some(under_spec("v1", "ReplicationController", value, spans, body));
    }
    if is_container(value) {
        return Some(container(value, spans, body));
    }
    if map.contains_key("containers")
        || map.contains_key("initContainers")
        || fits("PodSpec", value)
    {
        return Some(under_spec("v1", "Pod", value, spans, body));
    }
    fits("Probe", value).then(|| probe(value, spans, body))
}

/// Which kind an object without one is, from what its spec holds.
fn kind_of(value: &Value) -> Option<(&'static str, &'static str)> {
    let empty = Value::Null;
    let spec = get(value, "spec").unwrap_or(&empty);
    let has = |key: &str| spec.get(key).is_some();
    Some(if has("containers") || has("initContainers") {
        ("v1", "Pod")
    } else if has("schedule") && has("jobTemplate") {
        ("batch/v1", "CronJob")
    } else if has("template") {
        workload_kind(spec)
    } else if items(spec, "ports").iter().any(|p| p.get("port").is_some()) {
        ("v1", "Service")
    } else if filled(value, "data") {
        ("v1", "ConfigMap")
    } else {
        return None;
    })
}

fn workload_kind(spec: &Value) -> (&'static str, &'static str) {
    let has = |key: &str| spec.get(key).is_some();
    let new_selector = get(spec, "selector")
        .is_some_and(|s| s.get("matchLabels").is_some() || s.get("matchExpressions").is_some());
    if has("serviceName") || has("volumeClaimTemplates") {
        ("apps/v1", "StatefulSet")
    } else if has("completions") || has("backoffLimit") || has("parallelism") {
        ("batch/v1", "Job")
    } else if has("updateStrategy") {
        ("apps/v1", "DaemonSet")
    } else if has("strategy") || new_selector {
        ("apps/v1", "Deployment")
    } else {
        ("v1", "ReplicationController")
    }
}

fn indent(body: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    body.lines()
        .map(|line| if line.trim().is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") })
        .collect()
}

fn title(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
    format!("Complete to {article} {kind}")
}

fn default_name(kind: &str) -> String {
    format!("sample-{}", kind.to_ascii_lowercase())
}

/// Adds `apiVersion`, `kind` and a name to an object that has its own structure.
fn headed(value: &Value, spans: &Spans, body: &str, version: &str, kind: &str) -> Completed {
    let mut object = value.as_object().cloned().unwrap_or_default();
    let mut head = String::new();
    for (key, new) in [("apiVersion", version), ("kind", kind)] {
        if object.get(key).is_none_or(Value::is_null) {
            object.insert(key.to_owned(), Value::from(new));
            head.push_str(&format!("{key}: {new}\n"));
        }
    }
    if !object.contains_key("metadata") {
        let name = default_name(kind);
        head.push_str(&format!("metadata:\n  name: {name}\n"));
        object.insert("metadata".to_owned(), json!({ "name": name }));
    }
    let mut tail = String::new();
    let spec = object.get("spec");
    if kind == "Pod" && spec.is_some_and(|s| s.get("containers").is_none()) {
        add_idle(&mut object);
        let by = spec_indent(body);
        tail = indent(&format!("containers:\n- name: app\n  image: {IDLE_IMAGE}\n"), by);
    }
    let text = format!("{head}{}{tail}", ensure_break(body));
    Completed { value: Value::Object(object), spans: spans.clone(), text, title: title(kind) }
}

/// The column of the fields below a `spec:` that ends the body.
fn spec_indent(body: &str) -> usize {
    body.lines()
        .skip_while(|l| !l.starts_with("spec:"))
        .skip(1)
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))
        .map_or(2, |l| l.len() - l.trim_start().len())
        .max(1)
}

fn ensure_break(body: &str) -> String {
    if body.ends_with('\n') { body.to_owned() } else { format!("{body}\n") }
}

fn add_idle(object: &mut Map<String, Value>) {
    if let Some(spec) = object.get_mut("spec") {
        crate::value::put(spec, "containers", json!([{"name": "app", "image": IDLE_IMAGE}]));
    }
}

fn header(version: &str, kind: &str) -> (Map<String, Value>, String) {
    let name = default_name(kind);
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), Value::from(version));
    object.insert("kind".to_owned(), Value::from(kind));
    object.insert("metadata".to_owned(), json!({ "name": name }));
    (object, format!("apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n"))
}

/// Puts the fields of a fragment under `spec`.
fn under_spec(version: &str, kind: &str, value: &Value, spans: &Spans, body: &str) -> Completed {
    let (mut object, head) = header(version, kind);
    object.insert("spec".to_owned(), value.clone());
    let mut tail = String::new();
    if kind == "Pod" && items(value, "containers").is_empty() {
        add_idle(&mut object);
        tail = format!("  containers:\n  - name: app\n    image: {IDLE_IMAGE}\n");
    }
    let text = format!("{head}spec:\n{}{tail}", indent(body, 2));
    Completed { value: Value::Object(object), spans: spans.under("spec"), text, title: title(kind) }
}

fn container_list(value: &Value, spans: &Spans, body: &str) -> Completed {
    let (mut object, head) = header("v1", "Pod");
    object.insert("spec".to_owned(), json!({ "containers": value }));
    let text = format!("{head}spec:\n  containers:\n{}", indent(body, 2));
    let spans = spans.under("spec.containers");
    Completed { value: Value::Object(object), spans, text, title: title("Pod") }
}

fn container(value: &Value, spans: &Spans, body: &str) -> Completed {
    let (mut object, head) = header("v1", "Pod");
    let mut container = value.as_object().cloned().unwrap_or_default();
    let mut added = Vec::new();
    let image = if container.contains_key("ports") || probes_http(value) {
        ANSWERING_IMAGE
    } else {
        IDLE_IMAGE
    };
    for (key, new) in [("name", "app"), ("image", image)] {
        if !container.contains_key(key) {
            container.insert(key.to_owned(), Value::from(new));
            added.push(format!("{key}: {new}\n"));
        }
    }
    object.insert("spec".to_owned(), json!({ "containers": [container] }));
    let item = format!("{}{}", added.concat(), ensure_break(body));
    let text = format!("{head}spec:\n  containers:\n{}", list_item(&item));
    let spans = spans.under("spec.containers[0]");
    Completed { value: Value::Object(object), spans, text, title: title("Pod") }
}

fn probes_http(container: &Value) -> bool {
    ["livenessProbe", "readinessProbe", "startupProbe"]
        .iter()
        .filter_map(|p| container.get(p))
        .any(|p| p.get("httpGet").is_some() || p.get("tcpSocket").is_some())
}

/// A mapping as the first item of a list two columns in.
fn list_item(body: &str) -> String {
    let shifted = indent(body, 4);
    let at = shifted.find(|c: char| c != ' ' && c != '\n').unwrap_or(0).saturating_sub(2);
    let mut out = shifted;
    if out.get(at..at + 2) == Some("  ") {
        out.replace_range(at..at + 2, "- ");
    }
    out
}

fn probe(value: &Value, spans: &Spans, body: &str) -> Completed {
    let (mut object, head) = header("v1", "Pod");
    let container = json!({"name": "app", "image": ANSWERING_IMAGE, "livenessProbe": value});
    object.insert("spec".to_owned(), json!({ "containers": [container] }));
    let text = format!(
        "{head}spec:\n  containers:\n  - name: app\n    image: {ANSWERING_IMAGE}\n    livenessProbe:\n{}",
        indent(body, 6)
    );
    let spans = spans.under("spec.containers[0].livenessProbe");
    Completed { value: Value::Object(object), spans, text, title: title("Pod") }
}
