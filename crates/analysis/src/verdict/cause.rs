//! Why something does not get on: one variant for each cause that is known, with what is to be said of it.
//!
//! A cause has no reference to a run. It is built from facts, of a simulated cluster or of what was seen of a real
//! one; its code and its sentence follow from it.

use std::time::Duration;

/// How a question to a container was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody listens on the port; these ports are listened on.
    Refused(Vec<u16>),
    /// An HTTP status that is no success.
    Status(u16),
    /// Nothing came in time.
    TimedOut,
    /// The command ended with this code, and said this.
    Exit(i32, String),
    /// The program does not exist in the container.
    NoProgram(String),
    /// The server answers HTTP without TLS.
    PlainHttp,
    /// Anything else, in the kubelet's words.
    Said(String),
}

/// A kind of object that holds configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
}

impl Source {
    /// The kind as manifests spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

/// Why a claim has no volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unbound {
    /// The largest volume that would do is smaller: its name and size.
    TooSmall(String, String),
    /// No volume has this access mode.
    AccessMode(String),
    /// Nobody provides this storage class, and no volume has it.
    NoClass(String),
    /// The volume that it names is taken or not there.
    Volume(String),
    /// No volume is free.
    NoVolume,
}

/// Why something does not get on. `nearest` is the most similar name that exists.
#[allow(missing_docs, reason = "the line above a variant says what its fields are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No node has enough of a resource. `whole`: not even an empty one.
    Insufficient { resource: String, asked: String, room: String, node: String, whole: bool },
    /// No node has this label, written `key=value`.
    NodeSelectorMismatch { label: String, nearest: Option<String> },
    /// No node satisfies this rule; their values of the key are those.
    AffinityMismatch { rule: String, seen: Vec<String> },
    /// A rule forbids pods beside each other within this topology.
    AntiAffinityConflict { topology: String, nodes: usize },
    /// A node's taint; `nearly` is the toleration that almost fits.
    UntoleratedTaint { taint: String, node: String, nearly: Option<String> },
    /// Pods would be spread too unevenly over this topology.
    TopologySpread { topology: String, max_skew: i64 },
    /// A port of the node is taken by another pod.
    HostPortConflict { port: u16, by: Option<String> },
    /// The node takes no new pods.
    NodeCordoned { node: String },
    /// The claim exists and has no volume.
    UnboundClaim { claim: String, asked: String, why: Unbound },
    /// The claim does not exist.
    MissingClaim { claim: String, nearest: Option<String> },
    /// Nobody has taken away these scheduling gates.
    SchedulingGated { gates: Vec<String> },
    /// The node that `nodeName` asks for does not exist.
    UnknownNode { node: String, nearest: Option<String> },
    /// Nobody runs the scheduler of that name.
    UnknownScheduler { scheduler: String },

    /// A quota allows no more.
    QuotaExceeded { quota: String, resource: String, asked: String, used: String, limit: String },
    /// A quota wants requests or limits that the pod does not have.
    QuotaNeeds { quota: String, resource: String },
    /// A LimitRange does not allow this much. `bound` is `max`, `min` or `maxLimitRequestRatio`.
    LimitRangeViolation {
        range: String,
        resource: String,
        bound: String,
        allowed: String,
        asked: String,
    },
    /// The service account does not exist.
    MissingServiceAccount { name: String, nearest: Option<String> },
    /// The namespace does not exist.
    MissingNamespace { name: String, nearest: Option<String> },
    /// The priority class does not exist.
    MissingPriorityClass { name: String, nearest: Option<String> },

    /// A Secret or ConfigMap does not exist.
    MissingSource { source: Source, name: String, nearest: Option<String> },
    /// A Secret or ConfigMap does not have this key.
    MissingKey { source: Source, name: String, key: String, nearest: Option<String> },
    /// What is at the path of the node is not of the type that is asked for, or nothing is.
    HostPathType { path: String, kind: String },
    /// The registry does not know the image.
    ImageNotFound { image: String, nearest: Option<String> },
    /// The registry wants credentials.
    ImagePullDenied { image: String },
    /// The image is not on the node and must not be pulled.
    ImageNeverPull { image: String },
    /// This is no name of an image.
    InvalidImageName { image: String },
    /// The registry does not answer.
    RegistryDown { image: String },
    /// The image runs as root and `runAsNonRoot` forbids that.
    RunsAsRoot { container: String, image: String },
    /// The program that the container is to run does not exist.
    CommandNotFound { container: String, program: String },
    /// The program may not be executed, or may not do what it tried.
    PermissionDenied { container: String, what: String },

    /// The container ends with an error; the program's last words.
    ExitsNonZero { container: String, code: i32, last: Option<String> },
    /// The container ends with success where it should go on.
    ExitsZero { container: String, image: String },
    /// The kernel killed the container for the memory that it used.
    OomKilled { container: String, limit: Option<String> },
    /// The liveness probe fails, and the container is restarted.
    LivenessFails { container: String, asked: String, answer: Answer },
    /// The liveness probe gives up before the program listens.
    LivenessTooEager { container: String, needs: Duration, allows: Duration },
    /// The startup probe gives up before the program listens.
    StartupTooShort { container: String, needs: Option<Duration>, allows: Duration },
    /// The startup probe fails for another reason than time.
    StartupFails { container: String, asked: String, answer: Answer },
    /// The readiness probe fails.
    ReadinessFails { container: String, asked: String, answer: Answer },
    /// The readiness probe asks a port that nobody listens on.
    ReadinessPortClosed { container: String, port: u16, listens: Vec<u16> },
    /// The answer to a probe takes longer than `timeoutSeconds`.
    ProbeTimeout {
        container: String,
        probe: String,
        asked: String,
        timeout: Duration,
        needs: Option<Duration>,
    },
    /// A probe's command does not exist in the container.
    ProbeCommandMissing { container: String, probe: String, program: String },
    /// The postStart hook fails.
    PostStartFails { container: String, asked: String, said: String },
    /// The postStart hook does not end.
    PostStartHangs { container: String, asked: String },
    /// An init container ends with an error.
    InitFails { container: String, code: i32, last: Option<String> },
    /// An init container waits for a host that does not answer. `exists`: its name is known.
    InitWaitsForService { container: String, host: String, exists: bool, nearest: Option<String> },
    /// An init container does not end.
    InitNeverEnds { container: String, last: Option<String> },
    /// A sidecar is not started, and what follows it waits.
    SidecarNotStarted { container: String, asked: String, answer: Answer },
    /// Nobody has set this condition.
    ReadinessGateUnset { gate: String },

    /// The program does not react to the stop signal.
    IgnoresSigterm { container: String, signal: String, grace: Duration },
    /// The preStop hook uses up the grace period.
    PreStopTooLong { container: String, asked: String, grace: Duration },
    /// Nobody takes away the finalizers.
    FinalizerHolds { finalizers: Vec<String> },
    /// The node does not answer. Its pods are evicted after this.
    NodeLost { node: String, evicted_in: Option<Duration> },
    /// The kubelet evicted the pod.
    Evicted { reason: String, message: String },
    /// The pod ran for as long as `activeDeadlineSeconds` allows.
    PodDeadline { seconds: i64 },

    /// The API server refuses the new version.
    RolloutRefused { object: String, field: String, message: String },
    /// Pods are ready and count only after `minReadySeconds`.
    RolloutWaits { object: String, seconds: i64 },
    /// Pods of an older template stay: a partition, or `OnDelete`.
    RolloutHeld { object: String, field: String },
    /// A rollout stands still for a reason of its own.
    RolloutStuck { object: String, wanted: i64, ready: i64 },
    /// The rollout makes no progress within its deadline.
    ProgressDeadlineExceeded { seconds: i64, needs: Option<Duration> },
    /// The rollout is paused.
    RolloutPaused { object: String },
    /// A budget allows no eviction.
    PdbBlocksDrain { budget: String, pod: String, needs: String, healthy: i64 },
    /// The Job's pods failed too often.
    JobBackoffLimit { limit: i64, container: String, code: i32, last: Option<String> },
    /// The Job was active for too long.
    JobDeadline { seconds: i64, needs: Option<Duration> },
    /// The Job is suspended.
    JobSuspended { object: String },
    /// A container of the Job does not end.
    JobNeverEnds { container: String, program: String },
    /// A run is due while the one before still works, and is left out.
    CronJobForbidSkips { schedule: String, takes: Option<Duration>, skipped: usize },
    /// The CronJob is suspended.
    CronJobSuspended { object: String },
    /// The StatefulSet makes its pods one after the other, and this one is not ready.
    StatefulSetWaitsForPod { pod: String },

    /// The Service's selector matches no pod.
    SelectorMatchesNothing { selector: String, nearest: Option<String> },
    /// The Service sends to a port that nobody listens on.
    PortMismatch { port: String, target: String, listens: Vec<u16>, nearest: Option<String> },
    /// Requests failed because pods were stopped while requests still came.
    RequestsLostOnRollout { service: String, failed: u64, total: u64 },
    /// Requests failed because pods counted as ready that did not answer yet.
    RequestsLostNotReady { service: String, failed: u64, total: u64, container: String },

    /// Something that has no name of its own here, in the cluster's words.
    Other { reason: String, message: String },
}

impl Cause {
    /// The code, as the documentation lists it.
    pub fn code(&self) -> &'static str {
        self.scheduling()
            .or_else(|| self.start())
            .or_else(|| self.life())
            .unwrap_or_else(|| self.owners())
    }
    fn scheduling(&self) -> Option<&'static str> {
        Some(match self {
            Self::Insufficient { resource, .. } => match resource.as_str() {
                "cpu" => "InsufficientCpu",
                "memory" => "InsufficientMemory",
                "ephemeral-storage" => "InsufficientEphemeralStorage",
                _ => "InsufficientResource",
            },
            Self::NodeSelectorMismatch { .. } => "NodeSelectorMismatch",
            Self::AffinityMismatch { .. } => "AffinityMismatch",
            Self::AntiAffinityConflict { .. } => "AntiAffinityConflict",
            Self::UntoleratedTaint { .. } => "UntoleratedTaint",
            Self::TopologySpread { .. } => "TopologySpread",
            Self::HostPortConflict { .. } => "HostPortConflict",
            Self::NodeCordoned { .. } => "NodeCordoned",
            Self::UnboundClaim { .. } => "UnboundClaim",
            Self::MissingClaim { .. } => "MissingClaim",
            Self::SchedulingGated { .. } => "SchedulingGated",
            Self::UnknownNode { .. } => "UnknownNode",
            Self::UnknownScheduler { .. } => "UnknownScheduler",
            Self::QuotaExceeded { .. } | Self::QuotaNeeds { .. } => "QuotaExceeded",
            Self::LimitRangeViolation { .. } => "LimitRangeViolation",
            Self::MissingServiceAccount { .. } => "MissingServiceAccount",
            Self::MissingNamespace { .. } => "MissingNamespace",
            Self::MissingPriorityClass { .. } => "MissingPriorityClass",
            _ => return None,
        })
    }
    fn start(&self) -> Option<&'static str> {
        Some(match self {
            Self::MissingSource { source: Source::Secret, .. } => "MissingSecret",
            Self::MissingSource { source: Source::ConfigMap, .. } => "MissingConfigMap",
            Self::MissingKey { source: Source::Secret, .. } => "MissingSecretKey",
            Self::MissingKey { source: Source::ConfigMap, .. } => "MissingConfigMapKey",
            Self::HostPathType { .. } => "HostPathType",
            Self::ImageNotFound { .. } => "ImageNotFound",
            Self::ImagePullDenied { .. } => "ImagePullDenied",
            Self::ImageNeverPull { .. } => "ImageNeverPull",
            Self::InvalidImageName { .. } => "InvalidImageName",
            Self::RegistryDown { .. } => "RegistryDown",
            Self::RunsAsRoot { .. } => "RunsAsRoot",
            Self::CommandNotFound { .. } => "CommandNotFound",
            Self::PermissionDenied { .. } => "PermissionDenied",
            _ => return None,
        })
    }
    fn life(&self) -> Option<&'static str> {
        Some(match self {
            Self::ExitsNonZero { .. } => "ExitsNonZero",
            Self::ExitsZero { .. } => "ExitsZero",
            Self::OomKilled { .. } => "OomKilled",
            Self::LivenessFails { .. } => "LivenessFails",
            Self::LivenessTooEager { .. } => "LivenessTooEager",
            Self::StartupTooShort { .. } => "StartupTooShort",
            Self::StartupFails { .. } => "StartupFails",
            Self::ReadinessFails { .. } => "ReadinessFails",
            Self::ReadinessPortClosed { .. } => "ReadinessPortClosed",
            Self::ProbeTimeout { .. } => "ProbeTimeout",
            Self::ProbeCommandMissing { .. } => "ProbeCommandMissing",
            Self::PostStartFails { .. } => "PostStartFails",
            Self::PostStartHangs { .. } => "PostStartHangs",
            Self::InitFails { .. } => "InitFails",
            Self::InitWaitsForService { .. } => "InitWaitsForService",
            Self::InitNeverEnds { .. } => "InitNeverEnds",
            Self::SidecarNotStarted { .. } => "SidecarNotStarted",
            Self::ReadinessGateUnset { .. } => "ReadinessGateUnset",
            Self::IgnoresSigterm { .. } => "IgnoresSigterm",
            Self::PreStopTooLong { .. } => "PreStopTooLong",
            Self::FinalizerHolds { .. } => "FinalizerHolds",
            Self::NodeLost { .. } => "NodeLost",
            Self::Evicted { .. } => "Evicted",
            Self::PodDeadline { .. } => "PodDeadline",
            _ => return None,
        })
    }
    fn owners(&self) -> &'static str {
        match self {
            Self::RolloutRefused { .. }
            | Self::RolloutWaits { .. }
            | Self::RolloutHeld { .. }
            | Self::RolloutStuck { .. } => "RolloutStuck",
            Self::ProgressDeadlineExceeded { .. } => "ProgressDeadlineExceeded",
            Self::RolloutPaused { .. } => "RolloutPaused",
            Self::PdbBlocksDrain { .. } => "PdbBlocksDrain",
            Self::JobBackoffLimit { .. } => "JobBackoffLimit",
            Self::JobDeadline { .. } => "JobDeadline",
            Self::JobSuspended { .. } | Self::CronJobSuspended { .. } => "JobSuspended",
            Self::JobNeverEnds { .. } => "JobNeverEnds",
            Self::CronJobForbidSkips { .. } => "CronJobForbidSkips",
            Self::StatefulSetWaitsForPod { .. } => "StatefulSetWaitsForPod",
            Self::SelectorMatchesNothing { .. } => "SelectorMatchesNothing",
            Self::PortMismatch { .. } => "PortMismatch",
            Self::RequestsLostOnRollout { .. } => "RequestsLostOnRollout",
            Self::RequestsLostNotReady { .. } => "RequestsLostNotReady",
            _ => "Other",
        }
    }
}
