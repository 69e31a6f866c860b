//! Faults: what can break, each with its data. The table of them is in `table`, the reading of an entry in `read`.

mod read;
mod signals;
mod table;

pub use read::{Problem, ProblemKind, Timed, read};
pub use table::{FAULTS, FaultField, FaultInfo, Holds, Missing, TARGETS, Target, documentation};

use std::time::Duration;

/// What breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "where it hits; its row in the table says what each field is")]
pub enum Fault {
    /// The main process ends.
    Crash { at: Whom, exit: Exit },
    /// The kernel kills the container for memory.
    OOMKill { at: Whom },
    /// Alive, answers nothing.
    Hang { at: Whom },
    /// Answers come later.
    Slow { at: Whom, by: Duration },
    /// Requests to a path (`None` for all) are answered with a status.
    FailHTTP { at: Whom, path: Option<String>, status: u16 },
    /// Listens on nothing.
    RefuseConnections { at: Whom },
    /// Does not react to the stop signal.
    IgnoreSigterm { at: Whom },
    /// The next starts take longer.
    SlowStart { at: Whom, by: Duration },
    /// Hooks fail.
    HookFails { at: Whom },
    /// Hooks never end.
    HookHangs { at: Whom },
    /// ConfigMaps and Secrets of the pod are gone.
    ConfigMissing { at: Whom },
    /// A volume of the pod, or each of them, has no room left.
    DiskFull { at: Whom, volume: Option<String> },
    /// The pod's sandbox dies.
    SandboxLost { at: Whom },
    /// The registry does not know the image, the nodes lost it.
    ImageMissing { of: Images },
    /// The registry does not answer.
    RegistryDown { of: Images },
    /// Pulls take longer.
    SlowPull { of: Images, by: Duration },
    /// The kubelet starts anew.
    KubeletRestart { node: NodeName },
    /// The kubelet is stopped, its containers go on.
    KubeletDown { node: NodeName },
    /// The node is off.
    NodeDown { node: NodeName },
    /// Memory or disk runs short.
    NodePressure { node: NodeName, resource: Scarce },
    /// The node, or a pod alone, cannot be reached.
    Partition { of: Cut },
    /// Names do not resolve.
    DNSDown,
}

impl Fault {
    /// Its name, as a Scenario writes it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Crash { .. } => "Crash",
            Self::OOMKill { .. } => "OOMKill",
            Self::Hang { .. } => "Hang",
            Self::Slow { .. } => "Slow",
            Self::FailHTTP { .. } => "FailHTTP",
            Self::RefuseConnections { .. } => "RefuseConnections",
            Self::IgnoreSigterm { .. } => "IgnoreSigterm",
            Self::SlowStart { .. } => "SlowStart",
            Self::HookFails { .. } => "HookFails",
            Self::HookHangs { .. } => "HookHangs",
            Self::ConfigMissing { .. } => "ConfigMissing",
            Self::DiskFull { .. } => "DiskFull",
            Self::SandboxLost { .. } => "SandboxLost",
            Self::ImageMissing { .. } => "ImageMissing",
            Self::RegistryDown { .. } => "RegistryDown",
            Self::SlowPull { .. } => "SlowPull",
            Self::KubeletRestart { .. } => "KubeletRestart",
            Self::KubeletDown { .. } => "KubeletDown",
            Self::NodeDown { .. } => "NodeDown",
            Self::NodePressure { .. } => "NodePressure",
            Self::Partition { .. } => "Partition",
            Self::DNSDown => "DNSDown",
        }
    }
    /// Its row in the table.
    pub fn info(&self) -> &'static FaultInfo {
        let name = self.name();
        // A test proves that each has its row.
        FAULTS.iter().find(|info| info.name == name).unwrap_or(&FAULTS[0])
    }
    /// Where it hits.
    pub const fn place(&self) -> Place<'_> {
        match self {
            Self::Crash { at, .. }
            | Self::OOMKill { at }
            | Self::Hang { at }
            | Self::Slow { at, .. }
            | Self::FailHTTP { at, .. }
            | Self::RefuseConnections { at }
            | Self::IgnoreSigterm { at }
            | Self::SlowStart { at, .. }
            | Self::HookFails { at }
            | Self::HookHangs { at }
            | Self::ConfigMissing { at }
            | Self::DiskFull { at, .. }
            | Self::SandboxLost { at }
            | Self::Partition { of: Cut::Pod(at) }
            | Self::ImageMissing { of: Images::Of(at) }
            | Self::RegistryDown { of: Images::Of(at) }
            | Self::SlowPull { of: Images::Of(at), .. } => Place::Pods(at),
            Self::KubeletRestart { node }
            | Self::KubeletDown { node }
            | Self::NodeDown { node }
            | Self::NodePressure { node, .. }
            | Self::Partition { of: Cut::Node(node) } => Place::Node(node),
            Self::ImageMissing { of } | Self::RegistryDown { of } | Self::SlowPull { of, .. } => {
                Place::Images(of)
            }
            Self::DNSDown => Place::Cluster,
        }
    }
}

/// Where a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Pods and containers.
    Pods(&'a Whom),
    /// A node.
    Node(&'a NodeName),
    /// Images of any pod.
    Images(&'a Images),
    /// Everything.
    Cluster,
}

/// A node by name; `None` for the first.
pub type NodeName = Option<String>;

/// Which pods and containers: those for which everything holds that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod; `None` for all.
    pub pod: Option<String>,
    /// The container; `None` for all of the pod.
    pub container: Option<String>,
    /// The node that the pod is on; `None` for any.
    pub node: NodeName,
}

impl Whom {
    /// All containers of a pod.
    pub fn pod(namespace: &str, pod: &str) -> Self {
        Self { namespace: namespace.into(), pod: Some(pod.into()), container: None, node: None }
    }
    /// Whether it means a pod of this name on this node, or its container where one is asked for.
    pub fn hits(&self, namespace: &str, pod: &str, node: &str, container: Option<&str>) -> bool {
        self.pod.as_deref().is_none_or(|wanted| wanted == pod && self.namespace == namespace)
            && self.node.as_deref().is_none_or(|wanted| wanted == node)
            && container
                .is_none_or(|name| self.container.as_deref().is_none_or(|wanted| wanted == name))
    }
}

/// Which images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Images {
    /// Every one.
    All,
    /// This one, as manifests write it.
    Named(String),
    /// Those of these pods and containers.
    Of(Whom),
}

/// What a partition cuts off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Pods alone; the kubelets of their nodes stay connected.
    Pod(Whom),
    /// A node.
    Node(NodeName),
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
}

impl Exit {
    /// The exit code that the runtime reports.
    pub fn code(self) -> i32 {
        match self {
            Self::Code(code) => i32::from(code),
            Self::Signal(number) => 128 + i32::from(number),
        }
    }
}

/// What a node runs short of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scarce {
    /// Memory.
    Memory,
    /// Disk.
    Disk,
}
