//! Settings that hold: which numbers a container's probes should have, and how its pods should be exchanged, for a
//! program that starts, answers, pauses, hangs and stops as somebody knows.
//!
//! The numbers are swept, each setting is run with many samples of the program, and what no other setting beats in
//! every respect is the front. Three of it are chosen and written into the text.

mod choose;
mod measure;
mod program;
mod report;
mod settings;

pub use choose::Written;
pub use measure::{Alarm, Exchange};
pub use program::{Program, Range};
pub use report::{Choice, Point, Report};
pub use settings::{Numbers, Probes, Rollout};

use crate::context::{Context, probe_port};
use crate::verdict::Target;
use measure::Bench;
use podplay_api::{Container, Probe, Value, json};
use podplay_manifest::Severity;
use podplay_playback::Plan;
use settings::Whose;

/// What is tuned, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the program behaves.
    pub program: Program,
    /// The workload, such as `deployment/web`; the first one that can be tuned without.
    pub object: Option<String>,
    /// Its container; the first one without.
    pub container: Option<String>,
    /// Samples of the program for each setting.
    pub samples: u64,
}

/// A sweep that has been prepared.
#[derive(Debug)]
pub struct Tune {
    text: String,
    bench: Bench,
    samples: u64,
}

impl Tune {
    /// Reads a text and finds what is to be tuned.
    ///
    /// # Errors
    /// What is wrong with the text or with the question.
    pub fn new(text: &str, options: &Options) -> Result<Self, String> {
        let plan = Plan::read(text);
        if let Some(wrong) = plan.reading.diagnostics.iter().find(|d| d.severity == Severity::Error)
        {
            let (line, column) = (wrong.span.line, wrong.span.column);
            return Err(format!("{line}:{column}: {}", wrong.message.trim_end()));
        }
        let whose = whose(text, &plan, options)?;
        let traffic = measure::clients(text, &plan, &whose);
        let bench = Bench { plan, whose, program: options.program, traffic };
        Ok(Self { text: text.to_owned(), bench, samples: options.samples.max(2) })
    }
    /// What probes lead to, over so many samples of a seed: fresh ones, for whoever does not trust the sweep.
    pub fn prove(&self, probes: &Probes, seed: u64, samples: u64) -> Alarm {
        let all: Vec<_> = (0..samples).map(|n| self.bench.program.sample(seed, n)).collect();
        self.bench.alarm(probes, &all)
    }
}

/// The workload and container that are meant.
fn whose(text: &str, plan: &Plan, options: &Options) -> Result<Whose, String> {
    let cx = Context::new(text, plan);
    let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
    let fits = |target: &Target| match &options.object {
        Some(wanted) => target.to_string() == wanted.to_lowercase(),
        None => kinds.contains(&target.kind.as_str()),
    };
    for pod in cx.pods.iter().filter(|pod| pod.object.accepted && pod.replicas > 0) {
        let target = Target::new(&pod.object.kind, &pod.object.namespace, &pod.object.name);
        if !fits(&target) {
            continue;
        }
        let named =
            |one: &&Container| options.container.as_ref().is_none_or(|name| one.name == *name);
        let (index, container) = pod
            .spec
            .containers
            .iter()
            .enumerate()
            .find(|(_, one)| named(one))
            .ok_or_else(|| format!("{target} has no container of that name"))?;
        let service = cx.services_of(pod).next().map(|(_, spec)| spec);
        let port = service.and_then(|spec| spec.ports.first().map(|port| port.target_port.clone()));
        let (alive, ready) = handlers(
            container,
            port.map(|port| match port {
                podplay_api::IntOrString::Int(number) => json!(number),
                podplay_api::IntOrString::Text(name) => json!(name),
            }),
        )
        .ok_or_else(|| {
            format!("{target}: nobody knows what its probes could ask: it has no probe and no port")
        })?;
        let container = container.name.clone();
        let replicas = pod.replicas;
        return Ok(Whose { target, container, index, alive, ready, replicas });
    }
    Err(match &options.object {
        Some(wanted) => format!("there is no {wanted} in it"),
        None => "there is no Deployment, StatefulSet or DaemonSet in it".to_owned(),
    })
}

/// What the probes of a container ask: as they are written, or its port.
fn handlers(container: &Container, port: Option<Value>) -> Option<(Value, Value)> {
    let of = |probe: &Probe| {
        if let Some(http) = &probe.http_get {
            let port = probe_port(probe).map_or(Value::Null, |port| match port {
                podplay_api::IntOrString::Int(number) => json!(number),
                podplay_api::IntOrString::Text(name) => json!(name),
            });
            let path = if http.path.is_empty() { "/" } else { http.path.as_str() };
            return json!({"httpGet": {"path": path, "port": port}});
        }
        if let Some(exec) = &probe.exec {
            return json!({"exec": {"command": exec.command}});
        }
        match (probe_port(probe), &probe.grpc) {
            (Some(port), Some(_)) => match port {
                podplay_api::IntOrString::Int(number) => json!({"grpc": {"port": number}}),
                podplay_api::IntOrString::Text(name) => json!({"grpc": {"port": name}}),
            },
            (Some(podplay_api::IntOrString::Int(number)), None) => {
                json!({"tcpSocket": {"port": number}})
            }
            (Some(podplay_api::IntOrString::Text(name)), None) => {
                json!({"tcpSocket": {"port": name}})
            }
            (None, _) => Value::Null,
        }
    };
    let own = container.ports.first().map(|port| json!(port.container_port)).or(port);
    let by_port = own.map(|port| json!({"tcpSocket": {"port": port}}));
    let written = |probe: &Option<Probe>| probe.as_ref().map(of).filter(|value| !value.is_null());
    let (live, ready, start) = (
        written(&container.liveness_probe),
        written(&container.readiness_probe),
        written(&container.startup_probe),
    );
    let alive = live.clone().or(start).or_else(|| ready.clone()).or_else(|| by_port.clone())?;
    let ready = ready.or(live).or(by_port).unwrap_or_else(|| alive.clone());
    Some((alive, ready))
}
