//! What a moment shows.

use crate::Lang;
use crate::judge::Target;
use podplay_api::{ProbeKind, RecordId, SimTime};
use podplay_timeline::{Role, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How far back requests are counted for a [`Flow`].
pub const FLOW_WINDOW: Duration = Duration::from_secs(2);

/// What the inspector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// The chain of causes.
    #[default]
    Why,
    /// `kubectl describe pod`
    Describe,
    /// `kubectl get events`
    Events,
    /// `kubectl logs`
    Logs,
    /// `kubectl get pod -o yaml`
    Yaml,
}

/// What is chosen: a pod, perhaps one of its containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
    /// The container's name.
    pub container: Option<String>,
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The chosen pod or container.
    pub selected: Option<Selection>,
    /// The object that is looked at, if it is no pod.
    pub target: Option<Target>,
    /// The open tab.
    pub tab: Tab,
    /// Whether the logs are of the instance before.
    pub previous: bool,
    /// The chosen record.
    pub record: Option<RecordId>,
    /// The language.
    pub lang: Lang,
}

/// What stage, inspector and terminal show of a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The moment.
    pub at: SimTime,
    /// The stage.
    pub scene: Scene,
    /// The selection, if it is still there; the first pod otherwise.
    pub selected: Option<Selection>,
    /// The namespace that is meant where none is named.
    pub namespace: String,
    /// What the terminal begins with: `get pods`.
    pub pods_command: String,
    /// What that printed, each row with its pod.
    pub pods: Vec<PodRow>,
    /// The command of the open tab.
    pub command: Option<String>,
    /// What that printed.
    pub text: String,
    /// The chain of causes, the newest first.
    pub why: Vec<Link>,
    /// What comes next.
    pub next: Option<(SimTime, String)>,
    /// Whether anything is recorded of it later.
    pub goes_on: bool,
    /// What the chosen record is of, so that another run's record of that number is not taken for it.
    pub pinned: Option<(SimTime, String)>,
    /// Which faults can do nothing to the chosen container.
    pub unfit: Unfit,
    /// The command that follows the playhead.
    pub live: Option<Live>,
}

/// What a command that follows the playhead has printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The question by which it was typed.
    pub id: u32,
    /// All that it has printed.
    pub said: String,
    /// Whether it has ended.
    pub over: bool,
    /// Whether it has not come to the playhead yet.
    pub lags: bool,
}

/// Faults that can do nothing to a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    /// It has no hook.
    pub hooks: bool,
    /// Its pod uses no ConfigMap and no Secret.
    pub config: bool,
    /// It surely listens on no port.
    pub http: bool,
}

/// A line of `kubectl get pods`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PodRow {
    /// As printed.
    pub line: String,
    /// The pod, and the record and the moment from which on it shows what it shows.
    pub state: Option<(Selection, RecordId, SimTime)>,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// When.
    pub at: SimTime,
    /// What, as a sentence.
    pub text: String,
    /// The line of the text that set it, and the field with its value.
    pub place: Option<(u32, String)>,
    /// Its record.
    pub record: RecordId,
}

/// All that is on the stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// The nodes with their pods; a nameless one for pods that are on none.
    pub nodes: Vec<(String, Vec<PodScene>)>,
    /// Workloads and Services: kind, name, state.
    pub objects: Vec<(Arc<str>, Arc<str>, State)>,
    /// Traffic of the last moments.
    pub flows: Vec<Flow>,
}

/// A pod.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PodScene {
    /// Its namespace and name.
    pub id: (String, String),
    /// Its STATUS, and whether it is ready.
    pub state: State,
    /// Its address.
    pub ip: String,
    /// Its containers in the order of the spec.
    pub containers: Vec<Container>,
    /// Why it does not get on, in the words of its last warning: reason and message.
    pub trouble: Option<(String, String)>,
    /// What containers share: the network (without a name) and volumes, and which containers they are.
    pub shared: Vec<(String, Vec<String>)>,
}

/// The last answer of a probe: success, how many of its kind in a row, when.
pub type Answered = (bool, usize, SimTime);

/// A container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: Arc<str>,
    /// What it is for.
    pub role: Role,
    /// Its image.
    pub image: String,
    /// What it does.
    pub state: State,
    /// Since when.
    pub since: SimTime,
    /// Whether it is ready.
    pub ready: bool,
    /// How often it was started again.
    pub restarts: u32,
    /// The last answer of each of its probes, and how many of its kind in a row.
    pub probes: Vec<(ProbeKind, Option<Answered>)>,
    /// Its probes that were not tried in this life yet, and when they will be.
    pub due: Vec<(ProbeKind, SimTime)>,
    /// How its life before ended: exit code and reason.
    pub ended: Option<(i32, Arc<str>)>,
    /// Files that its probes ask for: whether they are there.
    pub files: Vec<(Arc<str>, bool)>,
    /// Hooks that run.
    pub hooks: Vec<String>,
    /// Its last line, of this life.
    pub said: Option<Arc<str>>,
    /// The ports that it declares.
    pub ports: Vec<u16>,
    /// What had to be assumed about it.
    pub assumptions: Vec<Assumption>,
}

impl Container {
    /// The newest answer of its probes: kind, success, how many in a row, when.
    pub fn newest_probe(&self) -> Option<(ProbeKind, bool, usize, SimTime)> {
        let answers = self.probes.iter().filter_map(|(kind, answer)| {
            answer.map(|(success, row, at)| (*kind, success, row, at))
        });
        answers.max_by_key(|(.., at)| *at)
    }
}

/// Something that podplay cannot know, or does not simulate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assumption {
    /// How an unknown image behaves.
    Image(String),
    /// That a command in an unknown image succeeds.
    ExecProbe(String),
    /// Nothing: the text says how the image behaves.
    Written(String),
    /// A field is accepted and has no effect: its path and its line.
    NoEffect(String, u32),
}

/// The requests to one Service in the last moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The Service's namespace.
    pub namespace: Arc<str>,
    /// The Service's name.
    pub service: Arc<str>,
    /// The pods that were reached: name, requests, failures among them.
    pub pods: Vec<(Arc<str>, u32, u32)>,
    /// All requests.
    pub total: u32,
    /// Those that failed, also those that reached nobody.
    pub failed: u32,
    /// The newest failure.
    pub error: Option<Arc<str>>,
}

impl Flow {
    /// Requests a second, rounded.
    pub fn rate(count: u32) -> u64 {
        let window = FLOW_WINDOW.as_millis() as u64;
        (u64::from(count) * 1000 + window / 2) / window
    }
    /// Failures of a hundred requests, rounded up so that none is hidden.
    pub fn percent(&self) -> u32 {
        (self.failed * 100).div_ceil(self.total.max(1))
    }
}
