//! What is reported of a pod: phase, conditions, container states.

use crate::raw::{FromRaw, ToRaw, field};
use crate::{Quantity, ResourceRequirements, Timestamp, raw_enum, raw_object};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

raw_enum! {
    /// A pod's phase.
    pub enum PodPhase {
        /// Not all containers have started yet.
        Pending = "Pending",
        /// Running, or about to run again.
        Running = "Running",
        /// All containers ended well and stay down.
        Succeeded = "Succeeded",
        /// All containers ended and one of them badly.
        Failed = "Failed",
        /// The node's kubelet has been lost; no kubelet writes it.
        Unknown = "Unknown",
    }
}
impl PodPhase {
    /// Succeeded or Failed.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

raw_object! {
    /// `status` of a pod.
    pub struct PodStatus {
        /// Spec generation that this status is about.
        pub observed_generation: Option<i64> = "observedGeneration",
        /// The phase.
        pub phase: PodPhase = "phase",
        /// In the order in which `describe` prints them.
        pub conditions: Vec<PodCondition> = "conditions",
        /// For people.
        pub message: String = "message",
        /// Such as `Evicted`.
        pub reason: String = "reason",
        /// The node on which room is being made for it by preemption.
        pub nominated_node_name: String = "nominatedNodeName",
        /// The node's address.
        pub host_ip: String = "hostIP",
        /// All of them.
        pub host_ips: Vec<PodIp> = "hostIPs",
        /// The pod's address.
        pub pod_ip: String = "podIP",
        /// All of them.
        pub pod_ips: Vec<PodIp> = "podIPs",
        /// When the kubelet took it over.
        pub start_time: Option<Timestamp> = "startTime",
        /// In spec order.
        pub init_container_statuses: Vec<ContainerStatus> = "initContainerStatuses",
        /// Sorted by name.
        pub container_statuses: Vec<ContainerStatus> = "containerStatuses",
        /// In spec order.
        pub ephemeral_container_statuses: Vec<ContainerStatus> = "ephemeralContainerStatuses",
        /// `BestEffort`, `Burstable` or `Guaranteed`.
        pub qos_class: String = "qosClass",
        /// What the kubelet has granted to the pod as a whole.
        pub allocated_resources: BTreeMap<String, Quantity> = "allocatedResources",
        /// What holds for the pod as a whole.
        pub resources: Option<ResourceRequirements> = "resources",
    }
}

impl PodStatus {
    /// The condition of that type.
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
    /// Whether the condition of that type is `True`.
    pub fn is_true(&self, kind: &str) -> bool {
        self.condition(kind).is_some_and(|condition| condition.status == "True")
    }
    /// All container statuses: init, regular, ephemeral.
    pub fn all_containers(&self) -> impl Iterator<Item = &ContainerStatus> {
        self.init_container_statuses
            .iter()
            .chain(&self.container_statuses)
            .chain(&self.ephemeral_container_statuses)
    }
    /// The status of the container of that name.
    pub fn container(&self, name: &str) -> Option<&ContainerStatus> {
        self.all_containers().find(|status| status.name == name)
    }
}

raw_object! {
    /// An address.
    pub struct PodIp {
        /// The address.
        pub ip: String = "ip",
    }
}
raw_object! {
    /// One condition.
    pub struct PodCondition {
        /// Such as `Ready`.
        pub kind: String = "type",
        /// Spec generation that it is about.
        pub observed_generation: Option<i64> = "observedGeneration",
        /// `True`, `False` or `Unknown`.
        pub status: String = "status",
        /// Last probe of the condition; only those of a resize have one.
        pub last_probe_time: NullTime = "lastProbeTime",
        /// When `status` last changed.
        pub last_transition_time: Option<Timestamp> = "lastTransitionTime",
        /// One word.
        pub reason: String = "reason",
        /// For people.
        pub message: String = "message",
    }
}

/// A time that the API prints as `null` when there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NullTime(pub Option<Timestamp>);
impl FromRaw for NullTime {
    fn from_raw(value: &Value) -> Self {
        Self(Option::from_raw(value))
    }
}
impl ToRaw for NullTime {
    fn to_raw(&self) -> Option<Value> {
        Some(self.0.to_raw().unwrap_or_default())
    }
}

raw_object! {
    /// What is known of a container.
    pub struct ContainerStatus {
        /// Its name.
        pub name: String = "name",
        /// Now.
        pub state: ContainerState = "state",
        /// Before that.
        pub last_state: ContainerState = "lastState",
        /// It may get traffic.
        pub ready: bool = "ready",
        /// How often it has been started again.
        pub restart_count: u32 = "restartCount",
        /// The image as the runtime names it.
        pub image: String = "image",
        /// The image's digest.
        pub image_id: String = "imageID",
        /// The runtime's id, `containerd://…`.
        pub container_id: String = "containerID",
        /// Its startup probe succeeded, or it has none and runs.
        pub started: Option<bool> = "started",
        /// What the kubelet has granted.
        pub allocated_resources: BTreeMap<String, Quantity> = "allocatedResources",
        /// What the runtime applies; nothing as long as there is no container.
        pub resources: Option<ResourceRequirements> = "resources",
        /// Its mounts.
        pub volume_mounts: Vec<VolumeMountStatus> = "volumeMounts",
        /// Whom its first process belongs to.
        pub user: Option<ContainerUser> = "user",
    }
}

raw_object! {
    /// A mount as the status shows it.
    pub struct VolumeMountStatus {
        /// The volume.
        pub name: String = "name",
        /// Where it appears.
        pub mount_path: String = "mountPath",
        /// Not writable.
        pub read_only: Option<bool> = "readOnly",
        /// Whether that holds for mounts below it too.
        pub recursive_read_only: String = "recursiveReadOnly",
    }
}
raw_object! {
    /// Whom a container's first process belongs to.
    pub struct ContainerUser {
        /// On Linux.
        pub linux: LinuxUser = "linux",
    }
}
raw_object! {
    /// Ids of a process.
    pub struct LinuxUser {
        /// User.
        pub uid: i64 = "uid",
        /// Primary group.
        pub gid: i64 = "gid",
        /// All groups.
        pub supplemental_groups: Vec<i64> = "supplementalGroups",
    }
}

/// Waiting, running or terminated.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ContainerState {
    /// Nothing known: the empty object.
    #[default]
    Empty,
    /// Not running yet, or not again.
    Waiting {
        /// Such as `CrashLoopBackOff`.
        reason: String,
        /// For people.
        message: String,
    },
    /// Running.
    Running {
        /// Since when.
        started_at: Timestamp,
    },
    /// Ended.
    Terminated(Terminated),
}

raw_object! {
    /// How a container ended.
    pub struct Terminated {
        /// 0 to 255.
        pub exit_code: i32 = "exitCode",
        /// Never set by the runtimes of today.
        pub signal: Option<i32> = "signal",
        /// Such as `Completed`, `Error`, `OOMKilled`.
        pub reason: String = "reason",
        /// Its termination message.
        pub message: String = "message",
        /// Its start.
        pub started_at: Option<Timestamp> = "startedAt",
        /// Its end.
        pub finished_at: Option<Timestamp> = "finishedAt",
        /// The runtime's id.
        pub container_id: String = "containerID",
    }
}

impl ContainerState {
    /// The end, if it has ended.
    pub fn terminated(&self) -> Option<&Terminated> {
        match self {
            Self::Terminated(end) => Some(end),
            _ => None,
        }
    }
    /// Whether it runs.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
    /// The waiting reason.
    pub fn waiting(&self) -> Option<&str> {
        match self {
            Self::Waiting { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

impl FromRaw for ContainerState {
    fn from_raw(value: &Value) -> Self {
        if let Some(waiting) = value.get("waiting") {
            Self::Waiting { reason: field(waiting, "reason"), message: field(waiting, "message") }
        } else if let Some(running) = value.get("running") {
            Self::Running { started_at: field(running, "startedAt") }
        } else if let Some(end) = value.get("terminated") {
            Self::Terminated(Terminated::from_raw(end))
        } else {
            Self::Empty
        }
    }
}
impl ToRaw for ContainerState {
    fn to_raw(&self) -> Option<Value> {
        Some(match self {
            Self::Empty => Value::Object(Map::new()),
            Self::Waiting { reason, message } => {
                let mut waiting = Map::new();
                crate::raw::put(&mut waiting, "reason", reason);
                crate::raw::put(&mut waiting, "message", message);
                json!({ "waiting": waiting })
            }
            Self::Running { started_at } => {
                json!({"running": {"startedAt": started_at.to_string()}})
            }
            Self::Terminated(end) => json!({"terminated": end.to_raw()}),
        })
    }
}
