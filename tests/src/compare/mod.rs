//! A run compared with a recording of a real cluster, by the rules in the recordings' README:
//! order and content must be equal, distances in time nearly, short steps may be missing.

pub mod mask;
pub mod pairing;
pub mod parts;
pub mod steps;
mod texts;

use std::fmt;

use serde_json::{Map, Value};

use mask::Names;
use pairing::Pairing;

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Part {
    /// What `kubectl get pods` showed, at each change.
    Rows,
    /// The states of the containers.
    Containers,
    /// Events, with their counts.
    Events,
    /// Pod conditions.
    Conditions,
    /// Endpoints of the Services.
    Endpoints,
    /// What `kubectl get` printed of the workloads, and their conditions.
    Workloads,
    /// `kubectl describe pods` at the end, without events.
    Describe,
    /// `kubectl get` at the end, and the output of the commands.
    Texts,
}

impl Part {
    /// All parts, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Rows,
        Self::Containers,
        Self::Events,
        Self::Conditions,
        Self::Endpoints,
        Self::Workloads,
        Self::Describe,
        Self::Texts,
    ];

    /// Whether a recording passes only if this part agrees.
    #[must_use]
    pub fn is_core(self) -> bool {
        matches!(self, Self::Rows | Self::Containers | Self::Events)
    }

    /// The part's name, as in the recordings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Containers => "containers",
            Self::Events => "events",
            Self::Conditions => "conditions",
            Self::Endpoints => "endpoints",
            Self::Workloads => "workloads",
            Self::Describe => "describe",
            Self::Texts => "texts",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One part of a comparison.
#[derive(Clone, Debug)]
pub struct PartResult {
    /// Which part.
    pub part: Part,
    /// Subjects (pods, containers, events, …) that agree.
    pub agree: usize,
    /// Subjects compared.
    pub total: usize,
    /// Every difference, readable; empty if the part agrees.
    pub differences: Vec<String>,
}

/// What came out for a pair.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The parts that the recording has.
    pub parts: Vec<PartResult>,
}

impl Comparison {
    /// Whether rows, containers and events agree.
    #[must_use]
    pub fn passes(&self) -> bool {
        !self.parts.is_empty()
            && self.parts.iter().all(|part| !part.part.is_core() || part.differences.is_empty())
    }

    /// How many differences the core parts have.
    #[must_use]
    pub fn core_differences(&self) -> usize {
        self.parts
            .iter()
            .filter(|part| part.part.is_core())
            .map(|part| part.differences.len())
            .sum()
    }

    /// The result for one part, if the recording has it.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&PartResult> {
        self.parts.iter().find(|result| result.part == part)
    }

    /// The first difference in the order of the parts.
    #[must_use]
    pub fn first_difference(&self) -> Option<&str> {
        self.parts.iter().flat_map(|part| &part.differences).next().map(String::as_str)
    }

    /// For a run that could not be made: the core parts differ, for this reason.
    #[must_use]
    pub fn failed(reason: &str) -> Self {
        let part =
            |part| PartResult { part, agree: 0, total: 1, differences: vec![reason.to_owned()] };
        Self { parts: Part::ALL.into_iter().filter(|part| part.is_core()).map(part).collect() }
    }
}

/// Gathers differences subject by subject.
#[derive(Default)]
struct Tally {
    agree: usize,
    total: usize,
    differences: Vec<String>,
}

impl Tally {
    fn add(&mut self, differences: Vec<String>) {
        self.total += 1;
        self.agree += usize::from(differences.is_empty());
        self.differences.extend(differences);
    }

    fn finish(self, part: Part) -> PartResult {
        PartResult { part, agree: self.agree, total: self.total, differences: self.differences }
    }
}

/// Both sides, and what is worked out once for all parts.
pub struct Sides<'a> {
    /// The recording.
    pub recorded: &'a Value,
    /// The run that is compared with it.
    pub actual: &'a Value,
    /// Seconds: the recording's length.
    pub end: f64,
    /// Which pods belong together.
    pub pairing: Pairing,
    /// Placeholders for the recording's names.
    pub recorded_names: Names,
    /// Placeholders for the run's names.
    pub actual_names: Names,
}

impl<'a> Sides<'a> {
    /// Pairs the pods of both sides.
    #[must_use]
    pub fn new(recorded: &'a Value, actual: &'a Value) -> Self {
        let end = recorded.get("seconds").and_then(Value::as_f64).unwrap_or(0.0);
        let pairing = Pairing::of(recorded, actual, end);
        let (recorded_names, actual_names) = pairing.names(recorded, actual);
        Self { recorded, actual, end, pairing, recorded_names, actual_names }
    }
}

/// Compares a run with a recording. Parts that the recording lacks are left out.
#[must_use]
pub fn compare(recorded: &Value, actual: &Value) -> Comparison {
    let sides = Sides::new(recorded, actual);
    let has = |key: &str| match recorded.get(key) {
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    };
    let mut parts = vec![
        parts::rows(&sides),
        parts::containers(&sides),
        parts::events(&sides),
        parts::conditions(&sides),
    ];
    if has("endpoints") {
        parts.push(parts::endpoints(&sides));
    }
    if has("workloads") {
        parts.push(parts::workloads(&sides));
    }
    if has("describe") {
        parts.push(texts::describe(&sides));
    }
    if has("final_get") || has("commands") {
        parts.push(texts::texts(&sides));
    }
    Comparison { parts }
}

/// A list, empty if there is none.
#[must_use]
pub fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An object's fields, empty if there is none.
#[must_use]
pub fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}
