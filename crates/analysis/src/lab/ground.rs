//! A text made ready for many runs, and the moment at which all that will be ready is: where those runs branch off.

use super::{Line, scenario, span_text};
use crate::context::{Context, probe_port};
use crate::remedy::goal;
use crate::verdict::Target;
use podplay_api::{IntOrString, PodSpec, SimTime, StringMap, Value, json};
use podplay_core::{Budget, What};
use podplay_manifest::scenario::Node;
use podplay_manifest::{Assume, Severity};
use podplay_playback::{Plan, Run};
use std::time::Duration;

/// How long a text may take until everything is ready.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long it is left alone after that.
const SETTLE: Duration = Duration::from_secs(15);
/// Requests a second of a client that the lab brings.
pub(crate) const RPS: u32 = 20;
/// Most clients that the lab brings.
const CLIENTS: usize = 10;
/// Nodes of a cluster of which the text says nothing.
const NODES: usize = 3;
/// Wakeups of one run.
pub(crate) const WAKEUPS: u64 = 400_000;

/// A text with the cluster and the clients that the lab adds to it.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    /// The text with what is added.
    pub(crate) text: String,
    pub(crate) plan: Plan,
    /// What was added, in words.
    pub(crate) added: Vec<String>,
}

/// Something that makes pods, or a pod.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) target: Target,
    pub(crate) spec: PodSpec,
    pub(crate) labels: StringMap,
    /// It is meant to end.
    pub(crate) job: bool,
    /// It was ready (or complete) when nothing was broken.
    pub(crate) well: bool,
}

/// A client whose requests were all answered before anything was broken.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) client: u32,
    pub(crate) service: String,
    pub(crate) namespace: String,
}

/// A run of the text with one seed, up to where it is ready and has settled.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) seed: u64,
    pub(crate) run: Run,
    /// When everything was ready.
    pub(crate) ready: SimTime,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) served: Vec<Served>,
}

impl Lab {
    /// Prepares a text: several nodes where it says nothing of them, and a client for each Service without one.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn new(text: &str, rps: u32) -> Result<Self, String> {
        Self::new_as(text, rps, None)
    }
    /// The same with assumptions that take the place of those that the text asks for.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn new_as(text: &str, rps: u32, assume: Option<Assume>) -> Result<Self, String> {
        let plan = Plan::read_as(text, assume);
        if let Some(wrong) = plan.reading.diagnostics.iter().find(|d| d.severity == Severity::Error)
        {
            let (line, column) = (wrong.span.line, wrong.span.column);
            return Err(format!("{line}:{column}: {}", wrong.message.trim_end()));
        }
        let workloads = workloads(text, &plan);
        if workloads.is_empty() {
            return Err("there is nothing in it that makes pods".to_owned());
        }
        let (nodes, clients) = (wants_nodes(&plan), clients(text, &plan, rps));
        let mut added = Vec::new();
        let made = |from: SimTime, nodes: bool| {
            scenario(text, &plan.reading, |spec| {
                if assume == Some(Assume::STRICT) {
                    spec["assume"] = Value::from("strict");
                }
                if nodes {
                    let names = (1..=NODES).map(|n| json!({"name": format!("node{n:02}")}));
                    spec["nodes"] = names.collect();
                }
                if !clients.is_empty() {
                    let from = span_text(from.since(SimTime::ZERO));
                    let with = |client: &Value| {
                        let mut client = client.clone();
                        client["from"] = Value::from(from.as_str());
                        client
                    };
                    spec["traffic"] = clients.iter().map(with).collect();
                }
            })
        };
        let first = made(SimTime::ZERO, nodes);
        let ready = Ground::new(&Plan::read_as(&first, assume), &first, plan.config.seed).ready;
        let from = SimTime::from_secs(ready.as_millis().div_ceil(1000) + 5);
        let whole = made(from, nodes);
        if nodes {
            added.push(format!("{NODES} nodes"));
        }
        let asked: Vec<&str> = clients.iter().filter_map(|one| one["service"].as_str()).collect();
        if !asked.is_empty() {
            added.push(format!("{rps} requests a second to {}", asked.join(", ")));
        }
        Ok(Self { plan: Plan::read_as(&whole, assume), text: whole, added })
    }
    /// The run of a seed.
    pub(crate) fn ground(&self, seed: u64) -> Ground {
        Ground::new(&self.plan, &self.text, seed)
    }
    /// The text with these entries behind those of its own timeline, for people to run.
    pub(crate) fn with(&self, lines: &[Line], seed: u64, duration: Duration) -> String {
        scenario(&self.text, &self.plan.reading, |spec| {
            if seed != 0 || spec.get("seed").is_some() {
                spec["seed"] = json!(seed);
            }
            spec["duration"] = Value::from(span_text(duration));
            let mut all = spec["timeline"].as_array().cloned().unwrap_or_default();
            all.extend(lines.iter().map(Line::value));
            spec["timeline"] = Value::Array(all);
        })
    }
}

impl Ground {
    fn new(plan: &Plan, text: &str, seed: u64) -> Self {
        let mut plan = plan.clone();
        plan.config.seed = seed;
        let mut workloads = workloads(text, &plan);
        let own = plan.entries.last().map_or(SimTime::ZERO, |entry| entry.at);
        plan.duration = own.since(SimTime::ZERO) + PATIENCE + SETTLE;
        let mut run = Run::of(plan);
        let mut budget = Budget(WAKEUPS);
        let (mut ready, mut at) = (None, SimTime::ZERO);
        while at < own + PATIENCE && ready.is_none() && budget.0 > 0 {
            at += Duration::from_secs(1);
            let _ = run.advance(at, &mut budget);
            let all = workloads.iter().all(|one| well(&run, one));
            ready = (all && at >= own).then_some(at);
        }
        let ready = ready.unwrap_or(run.now());
        let _ = run.advance(ready + SETTLE, &mut budget);
        run.mark();
        for one in &mut workloads {
            one.well = well(&run, one);
        }
        let served = served(&run);
        Self { seed, run, ready, workloads, served }
    }
    /// The first moment for whatever is broken when all is well.
    pub(crate) fn calm(&self) -> SimTime {
        SimTime::from_secs(self.run.now().as_millis().div_ceil(1000))
    }
    /// The workload that a pod belongs to, by its name.
    pub(crate) fn workload_of(&self, namespace: &str, pod: &str) -> Option<usize> {
        let fits = |one: &Workload| {
            one.target.namespace == namespace
                && (one.target.name == pod
                    || pod
                        .strip_prefix(one.target.name.as_str())
                        .is_some_and(|rest| one.target.kind != "Pod" && rest.starts_with('-')))
        };
        let all = self.workloads.iter().enumerate().filter(|(_, one)| fits(one));
        all.max_by_key(|(_, one)| one.target.name.len()).map(|(index, _)| index)
    }
    /// Whether clients ask a workload's pods.
    pub(crate) fn asked(&self, workload: &Workload) -> bool {
        self.served.iter().any(|served| {
            let service = self.run.cluster().get("Service", &served.namespace, &served.service);
            let selector: StringMap = service
                .map(|service| podplay_api::raw::field(&service["spec"], "selector"))
                .unwrap_or_default();
            workload.target.namespace == served.namespace
                && podplay_api::labels_match(&selector, &workload.labels)
        })
    }
}

/// Whether a workload is as it should be: ready, or complete.
pub(crate) fn well(run: &Run, one: &Workload) -> bool {
    let cluster = run.cluster();
    if one.target.kind == "CronJob" {
        return true;
    }
    if one.job {
        goal::completed(cluster, &one.target) > 0
    } else {
        goal::ready(cluster, &one.target)
    }
}

fn workloads(text: &str, plan: &Plan) -> Vec<Workload> {
    let cx = Context::new(text, plan);
    let each = cx.pods.iter().filter(|pod| pod.object.accepted && pod.replicas > 0);
    each.map(|pod| Workload {
        target: Target::new(&pod.object.kind, &pod.object.namespace, &pod.object.name),
        spec: pod.spec.clone(),
        labels: pod.labels.clone(),
        job: matches!(pod.object.kind.as_str(), "Job" | "CronJob"),
        well: false,
    })
    .collect()
}

/// Whether a text says nothing of the nodes of its cluster.
fn wants_nodes(plan: &Plan) -> bool {
    let spec = plan.reading.scenario.as_ref().map(|scenario| &scenario.spec);
    plan.reading.nodes.is_empty()
        && plan.reading.objects.iter().all(|object| object.kind != "Node")
        && spec.is_none_or(|spec| spec.nodes.is_empty() && spec.node.node == Node::default())
}

/// A client for each Service of the text that selects pods of it, if the text has no clients of its own.
fn clients(text: &str, plan: &Plan, rps: u32) -> Vec<Value> {
    if !plan.traffic.is_empty() || rps == 0 {
        return Vec::new();
    }
    let cx = Context::new(text, plan);
    let mut out: Vec<Value> = Vec::new();
    for pod in cx.pods.iter().filter(|pod| pod.object.kind != "Job" && pod.replicas > 0) {
        for (service, spec) in cx.services_of(pod) {
            let known = out.iter().any(|one| {
                one["service"] == service.name.as_str()
                    && one["namespace"] == service.namespace.as_str()
            });
            let Some(port) = spec.ports.first().filter(|_| !known) else { continue };
            out.push(json!({
                "service": service.name, "namespace": service.namespace,
                "rps": rps, "path": path(&pod.spec, &port.target_port),
            }));
        }
    }
    out.truncate(CLIENTS);
    out
}

/// The path that is asked: the readiness probe's, if it asks the same port.
fn path(spec: &PodSpec, port: &IntOrString) -> String {
    let number = |port: &IntOrString| match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::Text(name) => spec
            .containers
            .iter()
            .flat_map(|one| &one.ports)
            .find(|port| port.name == *name)
            .map(|port| i64::from(port.container_port)),
    };
    let probes = spec.containers.iter().flat_map(|one| [&one.readiness_probe, &one.liveness_probe]);
    let same = probes.flatten().find(|probe| {
        probe.http_get.is_some() && probe_port(probe).as_ref().and_then(number) == number(port)
    });
    let http = same.and_then(|probe| probe.http_get.as_ref());
    http.map(|http| http.path.clone()).filter(|path| !path.is_empty()).unwrap_or("/".to_owned())
}

/// The clients whose last requests were all answered.
fn served(run: &Run) -> Vec<Served> {
    let since = SimTime(run.now().0.saturating_sub(8_000_000_000));
    let from = run.records_until(since);
    let ends = |number: u32, good: bool| {
        run.trace()[from..].iter().any(|record| {
            matches!(&record.what, What::Request(end) if end.client == number && end.end.is_ok() == good)
        })
    };
    run.cluster()
        .traffic()
        .filter(|(number, _)| ends(*number, true) && !ends(*number, false))
        .map(|(client, of)| Served {
            client,
            service: of.wants.service.name.to_string(),
            namespace: of.wants.service.namespace.to_string(),
        })
        .collect()
}
