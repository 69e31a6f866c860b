//! From a text to everything that a run needs: configuration, first objects, timed actions.

use podplay_api::fault::Timed;
use podplay_api::{Assume, SimTime, Value};
use podplay_core::{Config, ImageBehaviour, Kubernetes, Latencies, NodeConfig, Profile, Version};
use podplay_kubectl::words;
use podplay_manifest::scenario::{self, Action, Field, Spec, Traffic};
use podplay_manifest::yaml::write;
use podplay_manifest::{Diagnostic, Reading, Severity, Span, Stage};
use std::time::Duration;

/// How far a run reaches when the text does not say.
pub const DEFAULT_DURATION: Duration = Duration::from_secs(300);

/// A run before it begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the manifest crate found, the Scenario's own errors included.
    pub reading: Reading,
    /// What the cluster is built from.
    pub config: Config,
    /// Objects that are stored at t = 0, as `kubectl apply` would send them.
    pub objects: Vec<Value>,
    /// Timed actions, in order of time and then of the text.
    pub entries: Vec<Entry>,
    /// Clients of Services.
    pub traffic: Vec<Traffic>,
    /// What the run must satisfy, as it is written.
    pub expect: Vec<String>,
    /// How far the timeline reaches.
    pub duration: Duration,
}

/// A timed action.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: SimTime,
    /// Its index in the Scenario's `timeline`.
    pub index: usize,
    /// What.
    pub act: Act,
}

/// What a timed action does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A kubectl command, without the word itself, and its standard input.
    Kubectl(Vec<String>, String),
    /// A text is applied.
    Apply(String),
    /// A raw patch of the API: path and body.
    Patch(String, Value),
    /// Something breaks.
    Fault(Box<Timed>),
}

impl Act {
    /// What a marker on the timeline says.
    pub fn title(&self) -> String {
        match self {
            Self::Kubectl(argv, _) => format!("kubectl {}", words::join(argv)),
            Self::Apply(_) => "apply".to_owned(),
            Self::Patch(path, _) => format!("patch {path}"),
            Self::Fault(timed) => timed.fault.name().to_owned(),
        }
    }
    /// The words of a command; none for other actions.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Kubectl(argv, _) => argv.clone(),
            _ => Vec::new(),
        }
    }
}

impl Plan {
    /// Reads a text. Never fails: what is wrong is in [`Reading::diagnostics`].
    pub fn read(text: &str) -> Self {
        Self::read_as(text, None)
    }
    /// Reads a text with assumptions that take the place of those that it asks for.
    pub fn read_as(text: &str, assume: Option<Assume>) -> Self {
        let mut reading = podplay_manifest::read_as(text, assume);
        let spec = reading.scenario.as_ref().map(|found| found.spec.clone()).unwrap_or_default();
        let mut problems = Vec::new();
        let mut config = config(&spec, &mut problems);
        config.assume = reading.assume;
        if !reading.nodes.is_empty() {
            config.nodes = reading.nodes.iter().map(assumed_node).collect();
        }
        let entries = entries(&spec.timeline, &mut problems);
        reading.diagnostics.extend(problems);
        let accepted = reading.objects.iter().filter(|object| object.accepted);
        let assumed = reading.assumptions.iter().flat_map(|assumption| assumption.objects.clone());
        let objects = assumed.chain(accepted.map(podplay_kubectl::apply::first_applied)).collect();
        let span = spec.duration.map_or(DEFAULT_DURATION, |span| span.value);
        let last = entries.last().map_or(SimTime::ZERO, |entry| entry.at);
        let enough = if spec.duration.is_some() {
            span
        } else {
            span.max(last.since(SimTime::ZERO) + Duration::from_secs(60))
        };
        let mut plan = Self {
            reading,
            config,
            objects,
            entries,
            traffic: spec.traffic,
            expect: spec.expect.into_iter().map(|text| text.value).collect(),
            duration: enough,
        };
        let (_, wrong) = crate::expect::read(&plan);
        plan.reading.diagnostics.extend(wrong);
        plan
    }
    /// The end of the timeline.
    pub fn end(&self) -> SimTime {
        SimTime::ZERO + self.duration
    }
    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.reading.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
    /// Whether runs of both begin with the same cluster.
    pub(crate) fn same_config(&self, other: &Self) -> bool {
        same_config(&self.config, &other.config)
    }
    /// The object of the text that is the n-th of those that the run begins with; the first ones are assumed.
    pub fn object_of(&self, n: usize) -> Option<&podplay_manifest::Object> {
        let assumed = self.reading.assumptions.iter().map(|assumption| assumption.objects.len());
        let mut accepted = self.reading.objects.iter().filter(|object| object.accepted);
        accepted.nth(n.checked_sub(assumed.sum())?)
    }
    /// Up to when a run of `other` went the same way: everything strictly before.
    pub fn agrees_with(&self, other: &Self) -> Option<SimTime> {
        if !self.same_config(other)
            || self.objects != other.objects
            || self.traffic != other.traffic
        {
            return None;
        }
        let differ =
            |(a, b): (&Entry, &Entry)| (a.at != b.at || a.act != b.act).then(|| a.at.min(b.at));
        let first = self.entries.iter().zip(&other.entries).find_map(differ);
        let (mine, theirs) = (self.entries.len(), other.entries.len());
        let longer = if mine > theirs { &self.entries[theirs..] } else { &other.entries[mine..] };
        Some(first.or_else(|| longer.first().map(|entry| entry.at)).unwrap_or(SimTime::MAX))
    }
}

/// A finding of the Scenario that only the run's own words can tell.
fn problem(path: &str, message: String, span: Span) -> Diagnostic {
    Diagnostic {
        code: "PP-0710",
        severity: Severity::Error,
        stage: Stage::Scenario,
        message: format!("{path}: {message}"),
        help: None,
        path: Some(path.to_owned()),
        span,
        fix: None,
    }
}

fn config(spec: &Spec, problems: &mut Vec<Diagnostic>) -> Config {
    let profile = spec.node.profile.as_deref().and_then(|name| Profile::parse(name));
    let seed = spec.seed.map_or(0, |seed| seed.value);
    let mut config = Config::new(seed, profile.unwrap_or_default());
    if let Some(start) = spec.start {
        config.start = start.value;
    }
    if let Some(text) = &spec.kubernetes {
        match Version::parse(text) {
            Some(version) => config.kubernetes = Kubernetes::of(version),
            None => {
                let known = Version::ALL.map(Version::name).join(", ");
                let message = format!("\"{}\" is none of {known}", text.value);
                problems.push(problem("spec.kubernetes", message, text.span));
            }
        }
    }
    config.max_restart_period = spec.kubelet.max_container_restart_period.map(|most| most.value);
    override_latencies(&mut config.latencies, &spec.node);
    config.nodes = nodes(spec);
    config.images =
        spec.images.iter().map(|(name, image)| (name.clone(), behaviour(image))).collect();
    config
}

fn override_latencies(latencies: &mut Latencies, settings: &scenario::NodeSettings) {
    let slots = [
        (&mut latencies.scheduling, "scheduling"),
        (&mut latencies.kubelet, "kubelet"),
        (&mut latencies.volumes, "volumes"),
        (&mut latencies.sandbox, "sandbox"),
        (&mut latencies.sandbox_stop, "sandboxStop"),
        (&mut latencies.create, "create"),
        (&mut latencies.start, "start"),
        (&mut latencies.exec, "exec"),
        (&mut latencies.pull, "pull"),
        (&mut latencies.slow_pull, "slowPull"),
    ];
    for (slot, name) in slots {
        if let Some(length) = settings.latencies.get(name) {
            *slot = length.value;
        }
    }
}

fn nodes(spec: &Spec) -> Vec<NodeConfig> {
    let node = |n: usize, each: &scenario::Node| {
        let usual = NodeConfig::default();
        let text = |field: &Option<Field<String>>, usual: String| {
            field.as_ref().map_or(usual, |field| field.value.clone())
        };
        NodeConfig {
            name: text(&each.name, format!("node{n:02}")),
            cpu: text(&each.cpu, usual.cpu),
            memory: text(&each.memory, usual.memory),
            labels: each.labels.clone(),
            taints: each.taints.clone(),
            resources: usual.resources,
        }
    };
    if spec.nodes.is_empty() {
        return vec![node(1, &spec.node.node)];
    }
    spec.nodes.iter().enumerate().map(|(n, each)| node(n + 1, each)).collect()
}

/// A node as it is assumed.
fn assumed_node(wish: &podplay_manifest::NodeWish) -> NodeConfig {
    let usual = NodeConfig::default();
    NodeConfig {
        name: wish.name.clone(),
        cpu: wish.cpu.clone().unwrap_or(usual.cpu),
        memory: wish.memory.clone().unwrap_or(usual.memory),
        labels: wish.labels.clone(),
        taints: usual.taints,
        resources: wish.resources.clone(),
    }
}

fn behaviour(image: &scenario::Image) -> ImageBehaviour {
    let on_sigterm = image.on_sigterm.as_ref().map(|on| {
        let after = on.exit_after.map_or(Duration::ZERO, |after| after.value);
        ((!on.ignore).then_some(after), on.code)
    });
    ImageBehaviour {
        startup: image.startup.map(|startup| startup.value),
        http: image.http.clone(),
        on_sigterm,
        exits: image.exits,
        pull: image.pull.map(|pull| pull.value),
        cpu: image.cpu.map(|(idle, per_request)| podplay_core::Cpu { idle, per_request }),
    }
}

fn entries(timeline: &[scenario::Entry], problems: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for entry in timeline {
        match act(&entry.action) {
            Ok(act) => {
                let at = SimTime::ZERO + entry.at.value;
                entries.push(Entry { at, index: entry.index, act });
            }
            Err((message, span)) => {
                let path = format!("spec.timeline[{}].kubectl", entry.index);
                problems.push(problem(&path, message, span));
            }
        }
    }
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn act(action: &Action) -> Result<Act, (String, Span)> {
    Ok(match action {
        Action::Kubectl { line, stdin } => {
            let mut argv = words::split(line).map_err(|error| (error.to_string(), line.span))?;
            if argv.first().is_some_and(|word| word == "kubectl") {
                argv.remove(0);
            }
            Act::Kubectl(argv, stdin.clone())
        }
        Action::Fault(timed) => Act::Fault(Box::new(timed.clone())),
        Action::Patch { path, body } => Act::Patch(path.clone(), body.clone()),
        Action::Apply(Value::String(text)) => Act::Apply(text.clone()),
        Action::Apply(object) => Act::Apply(write::document(object)),
    })
}

fn same_config(a: &Config, b: &Config) -> bool {
    (a.seed, a.start, a.kubernetes) == (b.seed, b.start, b.kubernetes)
        && (a.profile, a.latencies) == (b.profile, b.latencies)
        && (a.assume, a.max_restart_period) == (b.assume, b.max_restart_period)
        && a.nodes == b.nodes
        && a.images == b.images
}

#[cfg(test)]
mod tests {
    use super::Plan;

    #[test]
    fn what_is_wrong_with_a_scenario_stands_where_it_is_written() {
        let head = "apiVersion: podplay/v1\nkind: Scenario\nspec:\n  duration: 1m\n";
        let table = [
            ("  start: yesterday\n", 5, 10, "spec.start"),
            (
                "  timeline:\n  - {at: 1s, kubectl: get pods}\n  - at: 2s\n    kubectl: \"get 'pods\"\n",
                8,
                14,
                "spec.timeline[1].kubectl",
            ),
            ("  node:\n    profile: fast\n", 6, 14, "spec.node.profile"),
            ("  kubernetes: \"1.2\"\n", 5, 15, "spec.kubernetes"),
            (
                "  timeline:\n  - {at: 1s, fault: {kind: Crash, pod: web, for: 5s}}\n",
                6,
                45,
                "spec.timeline[0].fault.for",
            ),
            (
                "  timeline:\n  - {at: 1s, fault: {kind: Crash, pod: 123}}\n",
                6,
                40,
                "spec.timeline[0].fault.pod",
            ),
            (
                "  timeline:\n  - {at: 1s, stdin: x, apply: {kind: Pod}}\n",
                6,
                21,
                "spec.timeline[0].stdin",
            ),
            (
                "  kubelet: {maxContainerRestartPeriod: 1h}\n",
                5,
                40,
                "spec.kubelet.maxContainerRestartPeriod",
            ),
            ("  expect: [1]\n", 5, 12, "spec.expect[0]"),
            ("  traffic:\n  - {service: web}\n", 6, 5, "spec.traffic[0].rps"),
            ("  images: {x: {http: {80: {/: 99}}}}\n", 5, 31, "spec.images.x.http.80./"),
            ("  node: {cpu: lots}\n", 5, 15, "spec.node.cpu"),
        ];
        for (spec, line, column, path) in table {
            let plan = Plan::read(&[head, spec].concat());
            let found = &plan.reading.diagnostics;
            assert_eq!(found.len(), 1, "{spec}: {found:?}");
            assert_eq!((found[0].span.line, found[0].span.column), (line, column), "{found:?}");
            assert_eq!(found[0].path.as_deref(), Some(path));
        }
    }
}
