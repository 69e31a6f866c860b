//! What a kubelet knows of one pod: its worker's stage, its containers, its sandbox, its probes.

use super::backoff::Backoff;
use super::prober::worker::{Prober, Results};
use crate::ids::{ContainerIx, InstanceId, RecordId, Uid};
use crate::kubelet::mounts::Mounts;
use crate::kubelet::resizing::Resize;
use crate::kubelet::task::Task;
use crate::kubelet::view::RuntimeView;
use crate::record::PodRef;
use crate::runtime::answer::Reply;
use crate::runtime::instance::Instance;
use podplay_api::{Container, Pod, PodStatus, ProbeKind, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a pod's worker is in the pod's life.
///
/// Models `pkg/kubelet/pod_workers.go` PodWorkerState.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Containers should run: SyncPod.
    #[default]
    Sync,
    /// Containers should stop: SyncTerminatingPod.
    Terminating,
    /// Containers have stopped: SyncTerminatedPod.
    Terminated,
    /// Nothing is left to do.
    Finished,
}

/// Why and how a pod is to end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terminate {
    /// Grace period in seconds that overrides the pod's own.
    pub grace: Option<u64>,
    /// Phase Failed with this reason and message: evictions.
    pub failed: Option<(String, String)>,
}

/// A pod as its kubelet sees it.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The pod's number.
    pub uid: Uid,
    /// Its identity.
    pub pod_ref: PodRef,
    /// The node.
    pub node: Arc<str>,
    /// The pod's spec and metadata as last seen from the API server, with the resources that the kubelet has granted.
    pub pod: Arc<Pod>,
    /// Where the worker is.
    pub stage: Stage,
    /// The sync that is under way.
    pub task: Option<Task>,
    /// Another sync was asked for meanwhile.
    pub pending: bool,
    /// A relist saw more events than one: one more sync follows the one that the first began.
    pub more_events: bool,
    /// When the last sync ended.
    pub last_sync: Option<SimTime>,
    /// The last sync had nothing to do, and nothing has changed since: the next regular one need not look.
    pub settled: bool,
    /// The pod is to end.
    pub terminate: Option<Terminate>,
    /// The status manager's newest status.
    pub status: PodStatus,
    /// All containers have stopped for good: a terminal phase may be written.
    pub stopped: bool,
    /// Containers by index: init, regular, ephemeral.
    pub containers: Vec<ContainerRt>,
    /// Sandboxes, the newest last.
    pub sandboxes: Vec<Sandbox>,
    /// The runtime as the last relist saw it.
    pub view: RuntimeView,
    /// Back-off of image pulls by image.
    pub pulls: BTreeMap<Arc<str>, Backoff>,
    /// Volumes.
    pub mounts: Mounts,
    /// Files of the volumes, shared by the containers.
    pub volumes: podplay_shell::Volumes,
    /// Its disks are among its volumes at the moment.
    pub lent: bool,
    /// Probe workers.
    pub probers: BTreeMap<(ContainerIx, ProbeKind), Prober>,
    /// Results of probes by container instance.
    pub results: Results,
    /// A change of resources that is asked for or under way.
    pub resize: Option<Box<Resize>>,
    /// The runtime was changed in a way that makes no event: the next relist asks for a sync all the same.
    pub reinspect: bool,
    /// When the pod's deadline was first seen to be over.
    pub deadline_exceeded: bool,
    /// `RestartAllContainers` is under way.
    pub restarting_all: bool,
    /// When the kubelet took the pod over.
    pub start: Option<SimTime>,
    /// The record of the last exit or failed pull: what the next status may be due to.
    pub last_end: Option<RecordId>,
    /// When the kubelet itself started, if that was during the run.
    pub kubelet_started: Option<SimTime>,
}

/// A sandbox: the pod's network namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Sandbox {
    /// Which sandbox of the pod it is, from 0.
    pub attempt: u32,
    /// It is up.
    pub ready: bool,
    /// The pod's address.
    pub ip: Arc<str>,
}

/// A container as its kubelet sees it.
#[derive(Clone, Debug, Default)]
pub struct ContainerRt {
    /// Its name.
    pub name: Arc<str>,
    /// Its instances in the runtime, the newest last.
    pub instances: Vec<Instance>,
    /// Crash back-off.
    pub backoff: Option<Backoff>,
    /// Image and resources that the back-off belongs to.
    pub backoff_key: String,
    /// Why it could not be started: reason and message.
    pub reason: Option<(Arc<str>, String)>,
    /// It is being stopped.
    pub kill: Option<Kill>,
    /// The instance that the kubelet last ended by itself, and why.
    pub ended: Option<(InstanceId, EndedBy)>,
    /// What the probe that ended it was answered.
    pub last_reply: Option<Reply>,
    /// Restarts that instances which were removed had.
    pub removed_restarts: Option<u32>,
}

/// Why the kubelet ended an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// This probe failed.
    Probe(ProbeKind),
    /// Its postStart hook failed, with these words.
    PostStart(String),
}

/// A container that is being stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Kill {
    /// Which instance.
    pub instance: InstanceId,
    /// Grace that is left, in seconds.
    pub grace: i64,
    /// When the present stage began.
    pub since: SimTime,
    /// What it waits for.
    pub stage: KillStage,
}

/// Stages of stopping a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillStage {
    /// The preStop hook runs.
    PreStop,
    /// Other containers must stop first.
    Turn,
    /// The stop signal was sent; SIGKILL follows at that time.
    Stopping(SimTime),
}

impl Worker {
    /// A worker that has not done anything yet.
    pub fn new(uid: Uid, pod_ref: PodRef, pod: Arc<Pod>) -> Self {
        let containers =
            pod.spec.all_containers().map(|container| ContainerRt::new(&container.name)).collect();
        Self {
            uid,
            pod_ref,
            node: Arc::from(pod.spec.node_name.as_str()),
            status: pod.status.clone(),
            pod,
            stage: Stage::Sync,
            task: None,
            pending: false,
            more_events: false,
            last_sync: None,
            settled: false,
            terminate: None,
            stopped: false,
            containers,
            sandboxes: Vec::new(),
            view: RuntimeView::default(),
            pulls: BTreeMap::new(),
            mounts: Mounts::default(),
            volumes: podplay_shell::Volumes::default(),
            lent: false,
            probers: BTreeMap::new(),
            results: Results::default(),
            resize: None,
            reinspect: false,
            deadline_exceeded: false,
            restarting_all: false,
            start: None,
            last_end: None,
            kubelet_started: None,
        }
    }
    /// The spec of the container of that index.
    pub fn spec(&self, ix: ContainerIx) -> Option<&Container> {
        self.pod.spec.all_containers().nth(usize::from(ix))
    }
    /// The index of the container of that name.
    pub fn index(&self, name: &str) -> Option<ContainerIx> {
        self.containers
            .iter()
            .position(|container| *container.name == *name)
            .and_then(|ix| u16::try_from(ix).ok())
    }
    /// How many init containers there are; regular ones follow.
    pub fn init_count(&self) -> usize {
        self.pod.spec.init_containers.len()
    }
    /// Whether that index is an init container's.
    pub fn is_init(&self, ix: ContainerIx) -> bool {
        usize::from(ix) < self.init_count()
    }
    /// Whether that index is an ephemeral container's.
    pub fn is_ephemeral(&self, ix: ContainerIx) -> bool {
        usize::from(ix) >= self.init_count() + self.pod.spec.containers.len()
    }
    /// Whether that index is a sidecar's.
    pub fn is_sidecar(&self, ix: ContainerIx) -> bool {
        self.is_init(ix) && self.spec(ix).is_some_and(Container::is_sidecar)
    }
    /// The runtime state of a container.
    pub fn rt(&self, ix: ContainerIx) -> Option<&ContainerRt> {
        self.containers.get(usize::from(ix))
    }
    /// The runtime state of a container, to change.
    pub fn rt_mut(&mut self, ix: ContainerIx) -> Option<&mut ContainerRt> {
        self.containers.get_mut(usize::from(ix))
    }
    /// The newest instance of a container.
    pub fn newest(&self, ix: ContainerIx) -> Option<&Instance> {
        self.rt(ix).and_then(|rt| rt.instances.last())
    }
    /// The newest instance of a container, to change.
    pub fn newest_mut(&mut self, ix: ContainerIx) -> Option<&mut Instance> {
        self.rt_mut(ix).and_then(|rt| rt.instances.last_mut())
    }
    /// An instance by its number, of whatever container.
    pub fn instance(&self, id: InstanceId) -> Option<&Instance> {
        self.containers.iter().flat_map(|rt| &rt.instances).find(|found| found.status.id == id)
    }
    /// The instances of the container of that name, the newest last.
    pub fn instances_of(&self, name: &str) -> &[Instance] {
        self.index(name)
            .and_then(|ix| self.rt(ix))
            .map(|rt| rt.instances.as_slice())
            .unwrap_or_default()
    }
    /// Whether any container runs, according to the runtime itself.
    pub fn anything_runs(&self) -> bool {
        self.containers.iter().any(|rt| rt.instances.iter().any(Instance::is_running))
    }
    /// The pod's address, if its sandbox is up.
    pub fn ip(&self) -> Option<&Arc<str>> {
        self.sandboxes.last().filter(|sandbox| sandbox.ready).map(|sandbox| &sandbox.ip)
    }
    /// All indexes.
    pub fn indexes(&self) -> impl Iterator<Item = ContainerIx> + use<> {
        (0..self.containers.len()).filter_map(|ix| u16::try_from(ix).ok())
    }
    /// `spec.containers{app}`: how events name a container.
    pub fn field_path(&self, ix: ContainerIx) -> String {
        let list = if self.is_init(ix) {
            "initContainers"
        } else if self.is_ephemeral(ix) {
            "ephemeralContainers"
        } else {
            "containers"
        };
        format!("spec.{list}{{{}}}", self.rt(ix).map_or("", |rt| &rt.name))
    }
    /// `name_namespace(uid)`: how messages name a pod.
    pub fn full_name(&self) -> String {
        format!("{}_{}({})", self.pod.meta.name, self.pod.meta.namespace, self.pod.meta.uid)
    }
}

impl ContainerRt {
    /// A container that has no instance yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
