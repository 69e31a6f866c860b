//! A sync that is under way: its steps, and how it goes.

use super::worker::Stage;
use crate::ids::{ContainerIx, InstanceId};
use podplay_api::SimTime;
use std::collections::VecDeque;
use std::sync::Arc;

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing went wrong.
    Done,
    /// The worker goes on to another stage.
    Transition(Stage),
    /// The only trouble: restarts are held back, the first until then.
    BackOff(SimTime),
    /// Something failed.
    Error,
    /// Another sync must follow at once.
    Again,
    /// The pod's worker is done.
    Finished,
}

/// Why a container was not started: a reason and a message.
pub(super) type Refusal = (Arc<str>, String);

/// A sync that is under way.
#[derive(Clone, Debug)]
pub struct Task {
    pub(super) steps: VecDeque<Step>,
    /// Containers that were to be started, and how it went.
    pub(super) starts: Vec<(ContainerIx, Option<Refusal>)>,
    /// Earliest end of a back-off.
    pub(super) held: Option<SimTime>,
    /// Something failed other than by back-off.
    pub(super) failed: bool,
    /// The runtime was asked to do something.
    pub(super) acted: bool,
}

/// One step of a sync.
#[derive(Clone, Debug)]
pub enum Step {
    /// Wait for the pod's volumes, until the kubelet gives up.
    Volumes(SimTime),
    /// Compute actions and push their steps.
    Act,
    /// Let time pass.
    Sleep(SimTime),
    /// Start to stop containers, all at once.
    KillAll(KillOrder),
    /// Start to stop one container.
    Kill(ToKill),
    /// Wait until no container is being stopped.
    AwaitKills,
    /// Take down the sandbox.
    StopSandbox,
    /// Make a sandbox.
    CreateSandbox(u32),
    /// The sandbox is made.
    SandboxUp(u32),
    /// Start a container.
    Start(ContainerIx, StartStep),
    /// Give a running container the resources that were granted.
    Resize(ContainerIx),
    /// Remove a container's instances, for a restart of all.
    Remove(ContainerIx),
    /// End a sync of the first kind.
    EndSync,
    /// End of the terminating sync.
    EndTerminating,
    /// End of the terminated sync.
    EndTerminated,
}

/// Whether the next step can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Next,
    /// Wait to be poked.
    Wait,
    /// The sync is over.
    Over(Outcome),
}

impl Task {
    pub(super) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            starts: Vec::new(),
            held: None,
            failed: false,
            acted: false,
        }
    }
}

/// Where the start of a container stands.
#[derive(Clone, Debug)]
pub enum StartStep {
    /// Is it held back?
    Check,
    /// Is the image there?
    Image,
    /// The pull ends then.
    Pulling(SimTime),
    /// Create it.
    Create,
    /// It is created; start it.
    Run,
    /// It runs; its postStart hook begins.
    PostStart,
    /// The hook is under way.
    Hook,
    /// The hook failed and the container is being stopped.
    HookFailed(String),
}

/// How a whole pod is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillOrder {
    /// With the pod's own grace period.
    Pod,
    /// With this grace period, in seconds.
    Override(u64),
}

/// Why a container is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillReason {
    /// Its liveness probe failed.
    LivenessProbe,
    /// Its startup probe failed.
    StartupProbe,
    /// Its definition changed, or its state is unknown.
    Other,
}

/// A container to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToKill {
    /// Which container.
    pub ix: ContainerIx,
    /// Which instance.
    pub id: InstanceId,
    /// The event's message.
    pub message: String,
    /// Why.
    pub reason: KillReason,
}
