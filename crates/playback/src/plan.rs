//! From a text to everything that a run needs: configuration, first objects, timed actions.

use crate::scenario::{self, Action, Scalar, Scenario, ScenarioError, Traffic, duration, strings};
use crate::span::Span;
use podplay_api::fault::{self, Timed};
use podplay_api::{Assume, SimTime, Timestamp, Value};
use podplay_core::{Config, ImageBehaviour, Kubernetes, Latencies, NodeConfig, Profile, Version};
use podplay_kubectl::words;
use podplay_manifest::{Diagnostic, Reading, Severity, Stage};
use std::collections::BTreeMap;
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
        let mut scenario = Scenario::default();
        if let Some(document) = &reading.scenario {
            let document_start = document.start;
            match text.get(document.start..document.end).map(scenario::read) {
                Some(Ok(found)) => scenario = found,
                Some(Err(error)) => {
                    let found = diagnostic(&reading, text, document_start, &error);
                    report(&mut reading, found, |known| known.stage == Stage::Scenario);
                }
                None => {}
            }
        }
        let (mut config, problems) = config(&scenario);
        config.assume = reading.assume;
        if !reading.nodes.is_empty() {
            config.nodes = reading.nodes.iter().map(assumed_node).collect();
        }
        let (entries, more) = entries(&scenario.timeline);
        let start = reading.scenario.as_ref().map_or(0, |document| document.start);
        for message in problems.into_iter().chain(more) {
            let error = ScenarioError { message, line: 1, column: 1 };
            let found = diagnostic(&reading, text, start, &error);
            let line = found.span.line;
            report(&mut reading, found, |known| known.span.line == line);
        }
        let accepted = reading.objects.iter().filter(|object| object.accepted);
        let assumed = reading.assumptions.iter().flat_map(|assumption| assumption.objects.clone());
        let objects = assumed.chain(accepted.map(podplay_kubectl::apply::first_applied)).collect();
        let span = scenario.duration.map_or(DEFAULT_DURATION, |Span(span)| span);
        let last = entries.last().map_or(SimTime::ZERO, |entry| entry.at);
        let enough = if scenario.duration.is_some() {
            span
        } else {
            span.max(last.since(SimTime::ZERO) + Duration::from_secs(60))
        };
        let mut plan = Self {
            reading,
            config,
            objects,
            entries,
            traffic: scenario.traffic,
            expect: scenario.expect,
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

/// Adds a finding about the Scenario, unless the front door has found an error that says the same.
fn report(reading: &mut Reading, found: Diagnostic, same: impl Fn(&Diagnostic) -> bool) {
    let known = |other: &Diagnostic| other.severity == Severity::Error && same(other);
    if !reading.diagnostics.iter().any(known) {
        reading.diagnostics.push(found);
    }
}

/// A finding of the Scenario document, placed in the whole text: at the field that it names.
fn diagnostic(reading: &Reading, text: &str, start: usize, error: &ScenarioError) -> Diagnostic {
    let path = error.message.split(": ").next().unwrap_or_default();
    let field = reading.scenario.as_ref().and_then(|document| document.spans.get(path));
    let span = field.map_or_else(|| located(text, start, error), |field| field.value);
    Diagnostic {
        code: "PP-0900",
        severity: Severity::Error,
        stage: Stage::Scenario,
        message: format!("Scenario: {}", error.message),
        help: None,
        path: field.map(|_| path.to_owned()),
        span,
        fix: None,
    }
}

/// The line and column that the reader of the document gave.
fn located(text: &str, start: usize, error: &ScenarioError) -> podplay_manifest::Span {
    let before = text.get(..start).unwrap_or_default();
    let first_line = before.bytes().filter(|byte| *byte == b'\n').count();
    let line = first_line + error.line.max(1);
    let line_start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let at = (line_start + error.column.saturating_sub(1)).min(text.len());
    podplay_manifest::Span::locate(text, at, at)
}

fn config(scenario: &Scenario) -> (Config, Vec<String>) {
    let mut problems = Vec::new();
    let settings = &scenario.node;
    let profile = settings.profile.as_deref().unwrap_or("typical");
    let profile = Profile::parse(profile).unwrap_or_else(|| {
        problems.push(format!(
            "spec.node.profile: \"{profile}\" is none of instant, typical, recorded"
        ));
        Profile::default()
    });
    let mut config = Config::new(scenario.seed.unwrap_or(0), profile);
    if let Some(start) = &scenario.start {
        match Timestamp::parse(start) {
            Some(start) => config.start = start,
            None => problems
                .push(format!("spec.start: \"{start}\" is no time: write 2026-11-22T10:36:09Z")),
        }
    }
    if let Some(text) = scenario.kubernetes.as_ref().map(ToString::to_string) {
        match Version::parse(&text) {
            Some(version) => config.kubernetes = Kubernetes::of(version),
            None => problems.push(format!(
                "spec.kubernetes: \"{text}\" is none of {}",
                Version::ALL.map(Version::name).join(", ")
            )),
        }
    }
    override_latencies(&mut config.latencies, settings);
    config.nodes = nodes(scenario);
    config.images =
        scenario.images.iter().map(|(name, image)| (name.clone(), behaviour(image))).collect();
    (config, problems)
}

fn override_latencies(latencies: &mut Latencies, settings: &scenario::NodeSettings) {
    let slots = [
        (&mut latencies.scheduling, settings.scheduling),
        (&mut latencies.kubelet, settings.kubelet),
        (&mut latencies.volumes, settings.volumes),
        (&mut latencies.sandbox, settings.sandbox),
        (&mut latencies.sandbox_stop, settings.sandbox_stop),
        (&mut latencies.create, settings.create),
        (&mut latencies.start, settings.start),
        (&mut latencies.exec, settings.exec),
        (&mut latencies.pull, settings.pull),
        (&mut latencies.slow_pull, settings.slow_pull),
    ];
    for (slot, setting) in slots {
        if let Some(Span(span)) = setting {
            *slot = span;
        }
    }
}

fn nodes(scenario: &Scenario) -> Vec<NodeConfig> {
    let taint = |taint: &scenario::Taint| podplay_api::Taint {
        key: taint.key.clone(),
        value: taint.value.clone(),
        effect: podplay_api::FromRaw::from_raw(&Value::from(taint.effect.as_str())),
        ..podplay_api::Taint::default()
    };
    let node = |name: &str,
                cpu: &Option<Scalar>,
                memory: &Option<Scalar>,
                labels: &BTreeMap<String, Scalar>,
                taints: &[scenario::Taint]| {
        let usual = NodeConfig::default();
        NodeConfig {
            name: name.to_owned(),
            cpu: cpu.as_ref().map_or(usual.cpu, ToString::to_string),
            memory: memory.as_ref().map_or(usual.memory, ToString::to_string),
            labels: strings(labels),
            taints: taints.iter().map(taint).collect(),
            resources: usual.resources,
        }
    };
    let one = &scenario.node;
    if scenario.nodes.is_empty() {
        let name = one.name.as_deref().unwrap_or("node01");
        return vec![node(name, &one.cpu, &one.memory, &one.labels, &one.taints)];
    }
    let named = |(n, each): (usize, &scenario::Node)| {
        let usual = format!("node{:02}", n + 1);
        let name = if each.name.is_empty() { &usual } else { &each.name };
        node(name, &each.cpu, &each.memory, &each.labels, &each.taints)
    };
    scenario.nodes.iter().enumerate().map(named).collect()
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
        let after = duration(on.exit_after).unwrap_or_default();
        ((!on.ignore).then_some(after), on.code)
    });
    ImageBehaviour {
        startup: duration(image.startup),
        http: image.http.clone(),
        on_sigterm,
        exits: image.exits.as_ref().map(|exits| (exits.after.0, exits.code)),
        pull: duration(image.pull),
    }
}

fn entries(timeline: &[Action]) -> (Vec<Entry>, Vec<String>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (index, action) in timeline.iter().enumerate() {
        match act(action) {
            Ok(act) => entries.push(Entry { at: SimTime::ZERO + action.at.0, index, act }),
            Err(problem) => problems.push(format!("spec.timeline[{index}]{problem}")),
        }
    }
    entries.sort_by_key(|entry| entry.at);
    (entries, problems)
}

fn act(action: &Action) -> Result<Act, String> {
    let given = [
        action.kubectl.is_some(),
        action.fault.is_some(),
        action.apply.is_some(),
        action.patch.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(": must have exactly one of kubectl, fault, apply, patch".to_owned());
    }
    if let Some(line) = &action.kubectl {
        let mut argv = words::split(line).map_err(|error| format!(".kubectl: {error}"))?;
        if argv.first().is_some_and(|word| word == "kubectl") {
            argv.remove(0);
        }
        return Ok(Act::Kubectl(argv, action.stdin.clone().unwrap_or_default()));
    }
    if let Some(fault) = &action.fault {
        return Ok(Act::Fault(Box::new(read_fault(fault)?)));
    }
    if let Some(patch) = &action.patch {
        return Ok(Act::Patch(patch.path.clone(), patch.body.clone()));
    }
    match &action.apply {
        Some(serde_yaml::Value::String(text)) => Ok(Act::Apply(text.clone())),
        Some(object) => serde_yaml::to_string(object)
            .map(Act::Apply)
            .map_err(|error| format!(".apply: {error}")),
        None => Err(": does nothing".to_owned()),
    }
}

/// The front door has said all that is wrong with a fault; here the first of it says where.
fn read_fault(value: &Value) -> Result<Timed, String> {
    fault::read(value).map_err(|problems| match problems.first() {
        Some(problem) if !problem.field.is_empty() => format!(".fault.{}: wrong", problem.field),
        _ => ".fault: wrong".to_owned(),
    })
}

fn same_config(a: &Config, b: &Config) -> bool {
    (a.seed, a.start, a.kubernetes) == (b.seed, b.start, b.kubernetes)
        && (a.profile, a.latencies) == (b.profile, b.latencies)
        && a.assume == b.assume
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
