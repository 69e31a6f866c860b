//! What a run is built from: seed, wall clock, latencies, nodes, images.

use crate::version::Kubernetes;
use podplay_api::{Assume, StringMap, Taint, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything that is fixed when a run begins.
#[derive(Clone, Debug)]
pub struct Config {
    /// Source of all randomness.
    pub seed: u64,
    /// The wall clock at t = 0.
    pub start: Timestamp,
    /// Which version of Kubernetes.
    pub kubernetes: Kubernetes,
    /// Which latencies, and which registry.
    pub profile: Profile,
    /// The latencies of the profile, with overrides.
    pub latencies: Latencies,
    /// The nodes. Empty stands for one `node01`.
    pub nodes: Vec<NodeConfig>,
    /// Behaviour of images that nobody can know.
    pub images: BTreeMap<String, ImageBehaviour>,
    /// `crashLoopBackOff.maxContainerRestartPeriod` of the kubelets; five minutes otherwise.
    pub max_restart_period: Option<Duration>,
    /// What is assumed of programs and nodes that nobody describes.
    pub assume: Assume,
}

impl Config {
    /// A run of `profile` with `seed`, at a fixed wall clock, on one node.
    pub fn new(seed: u64, profile: Profile) -> Self {
        Self {
            seed,
            start: Timestamp::from_civil(2026, 1, 1, 0, 0),
            kubernetes: Kubernetes::default(),
            profile,
            latencies: profile.latencies(),
            nodes: Vec::new(),
            images: BTreeMap::new(),
            max_restart_period: None,
            assume: Assume::STRICT,
        }
    }
}

/// Sets of latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Nothing takes time but what the manifest says.
    Instant,
    /// An ordinary cluster.
    #[default]
    Typical,
    /// The machine of the recordings, with its registry.
    Recorded,
}

impl Profile {
    /// The profile of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "instant" => Some(Self::Instant),
            "typical" => Some(Self::Typical),
            "recorded" => Some(Self::Recorded),
            _ => None,
        }
    }
    /// CPUs of the machine, which pods that start at the same time share.
    pub const fn cpus(self) -> u32 {
        match self {
            Self::Instant | Self::Typical => 16,
            // Both of them are what `kubectl describe node` showed there.
            Self::Recorded => 2,
        }
    }
    /// Its latencies.
    pub const fn latencies(self) -> Latencies {
        let ms = Duration::from_millis;
        match self {
            Self::Instant => Latencies {
                scheduling: ms(0),
                kubelet: ms(0),
                volumes: ms(0),
                sandbox: ms(0),
                sandbox_stop: ms(0),
                create: ms(0),
                start: ms(0),
                exec: ms(0),
                pull: ms(0),
                slow_pull: ms(0),
                sync: ms(0),
            },
            Self::Typical => Latencies {
                scheduling: ms(10),
                kubelet: ms(15),
                volumes: ms(300),
                sandbox: ms(400),
                sandbox_stop: ms(150),
                create: ms(50),
                start: ms(80),
                exec: ms(40),
                pull: ms(2_200),
                slow_pull: ms(10_000),
                sync: ms(5),
            },
            Self::Recorded => Latencies {
                scheduling: ms(10),
                kubelet: ms(15),
                volumes: ms(300),
                sandbox: ms(140),
                sandbox_stop: ms(150),
                create: ms(30),
                start: ms(70),
                exec: ms(40),
                pull: ms(40),
                slow_pull: ms(10_000),
                sync: ms(20),
            },
        }
    }
}

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latencies {
    /// Pod created → bound.
    pub scheduling: Duration,
    /// API change → seen by the kubelet.
    pub kubelet: Duration,
    /// Volumes of a new pod mounted.
    pub volumes: Duration,
    /// Sandbox created.
    pub sandbox: Duration,
    /// Sandbox stopped.
    pub sandbox_stop: Duration,
    /// Container created.
    pub create: Duration,
    /// Container started.
    pub start: Duration,
    /// A command started in a container.
    pub exec: Duration,
    /// An image pulled.
    pub pull: Duration,
    /// An image of `slow.local` pulled.
    pub slow_pull: Duration,
    /// A sync of a pod in which there is nothing to do.
    pub sync: Duration,
}

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeConfig {
    /// Its name.
    pub name: String,
    /// Allocatable cpu, as a quantity.
    pub cpu: String,
    /// Allocatable memory, as a quantity.
    pub memory: String,
    /// Labels beside the usual ones.
    pub labels: StringMap,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// Devices and other resources beside the usual ones.
    pub resources: StringMap,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: "node01".into(),
            cpu: "2".into(),
            memory: "24581700Ki".into(),
            labels: StringMap::new(),
            taints: Vec::new(),
            resources: StringMap::new(),
        }
    }
}

/// How containers of an image behave: the Scenario's `images` entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageBehaviour {
    /// Time from start to listening.
    pub startup: Option<Duration>,
    /// Answers: port → path → status. A path `*` stands for all others.
    pub http: BTreeMap<u16, BTreeMap<String, u16>>,
    /// Reaction to SIGTERM: exit after this time with this code. `None` of the time: ignored.
    pub on_sigterm: Option<(Option<Duration>, i32)>,
    /// Exits by itself after this time with this code.
    pub exits: Option<(Duration, i32)>,
    /// Time of a pull.
    pub pull: Option<Duration>,
    /// What it uses of a CPU.
    pub cpu: Option<Cpu>,
}

/// What a program uses of a CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    /// When nobody asks it, in thousandths of a core.
    pub idle: i64,
    /// Time of a core for each request that it answers.
    pub per_request: Duration,
}
