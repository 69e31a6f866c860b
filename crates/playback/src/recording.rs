//! What `podplay run -o json` prints: a run in the shape of a recording of a real cluster.
//!
//! Lists hold changes only, in order; times are seconds since the text was applied, with at most
//! three decimals.

use crate::run::Run;
use podplay_api::{ContainerState, ContainerStatus, Map, Pod, SimTime, ToRaw, Value, json};
use podplay_core::record::Stored;
use podplay_core::record::Verb;
use podplay_core::{Cluster, What};
use podplay_kubectl::{NoFiles, Output, resource_plural};
use podplay_views::get::{cells, columns, row_of_pod};
use std::collections::{BTreeMap, BTreeSet};

/// Workloads whose rows are recorded.
const WORKLOADS: [&str; 8] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Node",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];
/// What `final_get` shows, if there is any: the word that is typed, and the kind.
const FINAL: [(&str, &str); 7] = [
    ("deploy", "Deployment"),
    ("rs", "ReplicaSet"),
    ("job", "Job"),
    ("rc", "ReplicationController"),
    ("sts", "StatefulSet"),
    ("ds", "DaemonSet"),
    ("pods", "Pod"),
];

/// Seconds with at most three decimals.
pub fn seconds(at: SimTime) -> Value {
    let millis = at.as_millis();
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).unwrap_or_default()
}

/// The recording of a run up to where it was computed.
pub fn recording(run: &Run, name: &str) -> Value {
    let mut book = Book { shared: shared_names(run), ..Book::default() };
    for record in run.trace() {
        match &record.what {
            What::Stored(verb, Stored::Pod(pod)) => book.pod(record.at, *verb, pod),
            What::Stored(verb, Stored::Object(object)) => {
                book.object(run, record.at, *verb, object)
            }
            What::Event(event) => book.event(record.at, &event.to_raw().unwrap_or_default()),
            _ => {}
        }
    }
    let cluster = run.cluster();
    let mut out = json!({
        "name": name,
        "title": name,
        "kubernetes": cluster.kubernetes().version.release(),
        "seconds": seconds(run.now()),
        "rows": book.rows,
        "phases": book.phases,
        "conditions": book.conditions,
        "containers": book.containers,
        "events": book.events(),
        "endpoints": book.endpoints,
        "workloads": book.workloads,
        "commands": commands(run),
        "requests": crate::requests::requests(run),
        "describe": describe(cluster),
        "events_table": ask(cluster, &["get", "events"]).stdout,
        "final_get": final_get(cluster),
        "logs": logs(cluster),
    });
    let assumed = assumed(run);
    if !assumed.is_empty() {
        out["assumed"] = Value::from(assumed);
    }
    out
}

/// Names that pods of several namespaces have.
fn shared_names(run: &Run) -> BTreeSet<String> {
    let mut homes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for record in run.trace() {
        let What::Stored(Verb::Created, Stored::Pod(pod)) = &record.what else { continue };
        let home = *homes.entry(&pod.meta.name).or_insert(&pod.meta.namespace);
        if home != pod.meta.namespace {
            shared.insert(pod.meta.name.clone());
        }
    }
    shared
}

/// What is assumed beside the text, each with its reason and the key that switches it off.
fn assumed(run: &Run) -> Vec<Value> {
    let row = |one: &podplay_manifest::Assumption| json!({"topic": one.topic.key(), "subject": one.subject, "reason": one.reason, "line": one.span.line});
    run.plan().reading.assumptions.iter().map(row).collect()
}

/// A list of changes by some names.
type Track = BTreeMap<String, Vec<Value>>;

/// The parts of a recording while the trace is read.
#[derive(Default)]
struct Book {
    /// Names of pods that occur in several namespaces.
    shared: BTreeSet<String>,
    rows: Track,
    phases: Track,
    conditions: BTreeMap<String, Track>,
    containers: BTreeMap<String, Track>,
    endpoints: Track,
    slices: BTreeMap<String, (String, Vec<Value>)>,
    workloads: Track,
    seen: Vec<Seen>,
    keys: BTreeMap<String, usize>,
}

/// An event as it was seen: counts by the uid of its object.
struct Seen {
    row: Value,
    counts: BTreeMap<String, u64>,
    times: Vec<Value>,
}

/// Adds a row to a list if it says something new.
fn push(list: &mut Vec<Value>, at: SimTime, mut row: Map<String, Value>) {
    let same = list.last().and_then(Value::as_object).is_some_and(|last| {
        last.len() == row.len() + 1 && row.iter().all(|(key, value)| last.get(key) == Some(value))
    });
    if !same {
        row.insert("t".into(), seconds(at));
        list.push(Value::Object(row));
    }
}

fn row_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Leaves out empty texts and nulls.
fn without_empty(mut row: Map<String, Value>) -> Map<String, Value> {
    row.retain(|_, value| !(value.is_null() || value.as_str() == Some("")));
    row
}

impl Book {
    fn pod(&mut self, at: SimTime, verb: Verb, pod: &Pod) {
        let name =
            &if self.shared.contains(&pod.meta.name) { pod.key() } else { pod.meta.name.clone() };
        let rows = self.rows.entry(name.clone()).or_default();
        if verb == Verb::Deleted {
            push(rows, at, row_of(json!({"gone": true})));
            return;
        }
        let row = row_of_pod(pod);
        let ready = format!("{}/{}", row.ready, row.total);
        push(
            rows,
            at,
            row_of(json!({"ready": ready, "status": row.status, "restarts": row.restarts})),
        );
        let status = &pod.status;
        let phase = row_of(json!({"phase": status.phase.as_str(), "reason": status.reason}));
        push(self.phases.entry(name.clone()).or_default(), at, without_empty(phase));
        let conditions = self.conditions.entry(name.clone()).or_default();
        for condition in &status.conditions {
            let row = json!({"status": condition.status, "reason": condition.reason, "message": condition.message});
            push(
                conditions.entry(condition.kind.clone()).or_default(),
                at,
                without_empty(row_of(row)),
            );
        }
        let containers = self.containers.entry(name.clone()).or_default();
        for container in status.all_containers() {
            push(
                containers.entry(container.name.clone()).or_default(),
                at,
                container_row(container),
            );
        }
    }
    fn object(&mut self, run: &Run, at: SimTime, verb: Verb, object: &Value) {
        let kind = object["kind"].as_str().unwrap_or_default();
        if kind == "EndpointSlice" {
            self.slice(at, verb, object);
        } else if WORKLOADS.contains(&kind) {
            self.workload(run, at, verb, object, kind);
        }
    }
    fn workload(&mut self, run: &Run, at: SimTime, verb: Verb, object: &Value, kind: &str) {
        let now = podplay_api::Timestamp::at(run.cluster().start(), at);
        let hidden = |name: &str| matches!(name, "Name" | "Age" | "Duration" | "Last Schedule");
        let shown = |name: &str, wide: bool| !(hidden(name) || wide && kind == "Node");
        let values = columns(kind).into_iter().zip(cells(kind, object, now));
        let cells: Map<String, Value> = values
            .filter(|(column, _)| shown(column.name, column.wide))
            .map(|(column, cell)| (column.name.to_owned(), cell))
            .collect();
        let mut row = Map::new();
        row.insert("cells".into(), Value::Object(cells));
        let conditions: Vec<Value> = object["status"]["conditions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(condition_row)
            .collect();
        if !conditions.is_empty() && kind != "Node" {
            row.insert("conditions".into(), Value::Array(conditions));
        }
        if verb == Verb::Deleted {
            row.insert("gone".into(), Value::Bool(true));
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        push(
            self.workloads.entry(format!("{}/{name}", resource_plural(kind))).or_default(),
            at,
            row,
        );
    }
    fn slice(&mut self, at: SimTime, verb: Verb, object: &Value) {
        let Some(service) = object["metadata"]["labels"]["kubernetes.io/service-name"].as_str()
        else {
            return;
        };
        if service == "kubernetes" {
            return;
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        if verb == Verb::Deleted {
            self.slices.remove(&name);
        } else {
            let endpoints =
                object["endpoints"].as_array().into_iter().flatten().map(endpoint_row).collect();
            self.slices.insert(name, (service.to_owned(), endpoints));
        }
        let of_service = self.slices.values().filter(|(of, _)| of == service);
        let mut all: Vec<Value> = of_service.flat_map(|(_, endpoints)| endpoints.clone()).collect();
        all.sort_by_key(|endpoint| endpoint["pod"].as_str().unwrap_or_default().to_owned());
        push(
            self.endpoints.entry(service.to_owned()).or_default(),
            at,
            row_of(json!({"endpoints": all})),
        );
    }
    fn event(&mut self, at: SimTime, event: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let about = &event["involvedObject"];
        let path = about
            .get("fieldPath")
            .filter(|path| path.as_str() != Some(""))
            .cloned()
            .unwrap_or_default();
        let row = json!({
            "object": format!("{}/{}", text(&about["kind"]), text(&about["name"])),
            "fieldPath": path,
            "type": event["type"],
            "reason": event["reason"],
            "source": event["reportingComponent"],
            "message": event.get("message").cloned().unwrap_or_else(|| Value::from("")),
        });
        let index = *self.keys.entry(row.to_string()).or_insert_with(|| {
            self.seen.push(Seen { row, counts: BTreeMap::new(), times: Vec::new() });
            self.seen.len() - 1
        });
        if let Some(seen) = self.seen.get_mut(index) {
            let count = event["count"].as_u64().unwrap_or(1).max(1);
            let slot = seen.counts.entry(text(&about["uid"])).or_default();
            *slot = (*slot).max(count);
            seen.times.push(seconds(at));
        }
    }
    fn events(&self) -> Vec<Value> {
        let whole = |seen: &Seen| {
            let mut row = seen.row.clone();
            row["count"] = Value::from(seen.counts.values().sum::<u64>());
            row["times"] = Value::from(seen.times.clone());
            row
        };
        self.seen.iter().map(whole).collect()
    }
}

fn condition_row(condition: &Value) -> Value {
    let pick = |key: &str| condition.get(key).cloned().unwrap_or_default();
    let row = json!({"type": pick("type"), "status": pick("status"), "reason": pick("reason")});
    Value::Object(without_empty(row_of(row)))
}

fn endpoint_row(endpoint: &Value) -> Value {
    let flag = |key: &str| endpoint["conditions"][key].as_bool().unwrap_or(false);
    json!({
        "pod": endpoint["targetRef"]["name"],
        "ready": flag("ready"),
        "serving": flag("serving"),
        "terminating": flag("terminating"),
    })
}

fn container_row(container: &ContainerStatus) -> Map<String, Value> {
    let mut row = state_row(&container.state);
    row.insert("ready".into(), container.ready.into());
    row.insert("started".into(), container.started.unwrap_or(false).into());
    row.insert("restartCount".into(), container.restart_count.into());
    if container.last_state != ContainerState::Empty {
        row.insert("last".into(), Value::Object(state_row(&container.last_state)));
    }
    row
}

fn state_row(state: &ContainerState) -> Map<String, Value> {
    let row = match state {
        ContainerState::Empty => json!({"state": "waiting"}),
        ContainerState::Waiting { reason, message } => {
            json!({"state": "waiting", "reason": reason, "message": message})
        }
        ContainerState::Running { .. } => json!({"state": "running"}),
        ContainerState::Terminated(end) => json!({
            "state": "terminated",
            "reason": end.reason,
            "message": end.message,
            "exitCode": end.exit_code,
            "signal": end.signal,
        }),
    };
    without_empty(row_of(row))
}

fn commands(run: &Run) -> Vec<Value> {
    let entries = &run.plan().entries;
    let argv = |index: usize| {
        entries.iter().find(|entry| entry.index == index).map(|entry| entry.act.argv())
    };
    let row = |log: &crate::CommandLog| {
        json!({
            "t": seconds(log.began),
            "kubectl": argv(log.entry).unwrap_or_default(),
            "exit": log.output.exit,
            "stdout": log.output.stdout,
            "stderr": log.output.stderr,
        })
    };
    run.commands().iter().map(row).collect()
}

/// What a command prints at the end of the run.
fn ask(cluster: &Cluster, argv: &[&str]) -> Output {
    let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
    let mut cluster = cluster.clone();
    let until = cluster.now();
    podplay_kubectl::start(&argv, &[], &mut cluster, &NoFiles).finish(&mut cluster, until)
}

fn describe(cluster: &Cluster) -> String {
    if cluster.pods().next().is_none() {
        return String::new();
    }
    ask(cluster, &["describe", "pods"]).stdout
}

fn final_get(cluster: &Cluster) -> Value {
    let asked = FINAL.iter().filter(|(_, kind)| !cluster.list(kind, Some("default")).is_empty());
    asked
        .map(|(word, _)| ((*word).to_owned(), Value::from(ask(cluster, &["get", word]).stdout)))
        .collect::<Map<_, _>>()
        .into()
}

fn logs(cluster: &Cluster) -> Value {
    let names: Vec<String> = cluster
        .pods()
        .filter(|pod| pod.meta.namespace == "default")
        .map(|pod| pod.meta.name.clone())
        .collect();
    let log = |name: String| {
        let output = ask(cluster, &["logs", &name, "--all-containers", "--prefix", "--tail=200"]);
        (name, Value::from(output.stdout + &output.stderr))
    };
    names.into_iter().map(log).collect::<Map<_, _>>().into()
}
