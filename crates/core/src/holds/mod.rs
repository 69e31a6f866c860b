//! Holds: for every object that does not get on, what it waits for, as data.
//!
//! Computed from the state at a moment and from nothing else, least of all from the words of an event. What may be
//! wrong with a thing is asked where the thing is: of the scheduler's filters, of the store, of the container.

mod admission;
mod end;
mod life;
mod owners;
mod pods;
mod services;
mod start;

pub use admission::admission;
pub use services::listens;

use crate::Cluster;
use crate::apiserver::store::{Key, PodEntry};
use crate::images::Trouble;
use crate::kubelet::worker::EndedBy;
use crate::record::Subject;
use crate::runtime::answer::Reply;
use crate::scheduler::Refusal;
use crate::world::World;
use podplay_api::{ProbeKind, SimTime, Timestamp};
use podplay_shell::SpawnError;
use std::sync::Arc;
use std::time::Duration;

/// Something that does not get on.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// Who.
    pub subject: Subject,
    /// Since when.
    pub since: SimTime,
    /// What it waits for, or what keeps it down.
    pub wait: Wait,
    /// The fields of the subject that decide it, the first one most: `spec.containers[0].image`.
    pub paths: Vec<String>,
}

/// What something waits for, or what keeps it down.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// A node: each refuses, for its reason.
    Nodes(Vec<Refusal>),
    /// A claim that does not exist.
    MissingClaim(String),
    /// A claim that has no volume.
    UnboundClaim(String),
    /// Scheduling gates that nobody takes away.
    Gates(Vec<String>),
    /// A node that does not exist.
    NoSuchNode(String),
    /// A scheduler that nobody runs.
    NoScheduler(String),

    /// A service account that does not exist.
    Account(String),
    /// A priority class that does not exist.
    PriorityClass(String),
    /// A namespace that does not exist.
    Namespace(String),
    /// Room in a quota: its name, the resource, and in thousandths what is asked, used and allowed.
    Quota {
        /// Its name.
        name: String,
        /// The resource.
        resource: String,
        /// What the pod would add; 0 if the quota wants it to be said.
        asked: i64,
        /// What is used.
        used: i64,
        /// What may be used.
        limit: i64,
    },
    /// Amounts that a LimitRange allows.
    Range {
        /// Its name.
        name: String,
        /// The resource.
        resource: String,
        /// `max` or `min`.
        bound: &'static str,
        /// What is allowed.
        allowed: String,
        /// What a container has; empty for nothing.
        asked: String,
    },

    /// A Secret or ConfigMap that does not exist, or lacks this key.
    Source {
        /// `Secret` or `ConfigMap`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The key, if the object exists.
        key: Option<String>,
    },
    /// Something of this type at this path of the node.
    HostPath(String, String),
    /// An image that cannot be had.
    Image(String, ImageTrouble),
    /// A user other than root.
    RootUser(String),
    /// A program that can be started.
    Program(SpawnError),
    /// Anything else that the kubelet says: a reason and its message.
    Refused(String, String),

    /// Its program ended.
    Exit(Exit),
    /// A probe fails.
    Probe(Probing),
    /// A hook: its name, since it runs or with the error it ended with.
    Hook(&'static str, Option<String>),
    /// An init container that goes on; the last host and port that did not answer it.
    Init(Option<(String, u16)>),
    /// A condition that nobody sets.
    Condition(String),

    /// A program that does not stop: the signal, and when it is killed.
    Stop(Arc<str>, SimTime),
    /// A preStop hook that goes on until then at the latest.
    PreStop(SimTime),
    /// Finalizers.
    Finalizers(Vec<String>),
    /// Its node; when its taint evicts the pod.
    NodeLost(Arc<str>, Option<SimTime>),
    /// The pod failed as a whole: reason and message.
    Failed(String, String),
    /// The budget that allows no eviction: its name, what it wants and what there is.
    Budget(String, i64, i64),

    /// It is paused.
    Paused,
    /// It is suspended.
    Suspended,
    /// Its pods to have been ready for so many seconds.
    MinReady(i64),
    /// Somebody who deletes its pods, or a smaller partition: the pods are of an older template.
    OldPods,
    /// Progress within its deadline, in seconds.
    Progress(i64),
    /// Its pods.
    Pods(Vec<Subject>),
    /// The Job failed: the condition's reason.
    JobFailed(String),
    /// Pods of a Job that do not end.
    Ends(Vec<Subject>),
    /// The run before, which goes on.
    RunBefore(Key),

    /// Pods that it selects.
    Selector,
    /// A port that somebody listens on: port, and the number that is asked; none for an unknown name.
    Listener(u16, Option<u16>, Vec<u16>),
}

/// Why an image cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageTrouble {
    /// It is no name of an image.
    Invalid,
    /// It is not on the node and must not be pulled.
    Never,
    /// A pull fails.
    Pull(Trouble),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Exit {
    /// Its exit code.
    pub code: i32,
    /// The runtime's reason.
    pub reason: Arc<str>,
    /// How often it was restarted.
    pub restarts: u32,
    /// How long it ran.
    pub ran: Duration,
    /// When.
    pub at: SimTime,
    /// The kubelet ended it.
    pub by: Option<EndedBy>,
    /// What the probe that ended it was answered last.
    pub reply: Option<Reply>,
    /// It is an init container.
    pub init: bool,
}

/// A probe that fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Probing {
    /// Which.
    pub kind: ProbeKind,
    /// What came back.
    pub reply: Reply,
    /// How often in a row.
    pub failures: u64,
    /// The ports that the container listens on.
    pub listens: Vec<u16>,
    /// For how long the container has run.
    pub running: Duration,
}

/// What holds up every object that does not get on: pods and containers first, then their owners, then the rest.
pub fn holds(cluster: &Cluster) -> Vec<Hold> {
    let world = cluster.world();
    let mut found = Vec::new();
    for entry in world.store.pod_entries() {
        found.extend(pods::of(world, entry));
    }
    owners::all(world, &mut found);
    services::all(world, &mut found);
    found
}

/// What is known of a pod when its holds are asked for.
struct Look<'a> {
    world: &'a World,
    entry: &'a PodEntry,
}

impl Look<'_> {
    fn hold(&self, since: SimTime, wait: Wait, paths: Vec<String>) -> Hold {
        Hold { subject: Subject::Pod(Arc::clone(&self.entry.pod_ref)), since, wait, paths }
    }
    fn of_container(&self, name: &str, since: SimTime, wait: Wait, paths: Vec<String>) -> Hold {
        let subject = Subject::Container(Arc::clone(&self.entry.pod_ref), Arc::from(name));
        Hold { subject, since, wait, paths }
    }
    /// The path of a container of the pod's spec.
    fn path(&self, name: &str) -> String {
        let spec = &self.entry.pod.spec;
        let lists = [
            ("containers", &spec.containers),
            ("initContainers", &spec.init_containers),
            ("ephemeralContainers", &spec.ephemeral_containers),
        ];
        let found = lists.into_iter().find_map(|(list, containers)| {
            let index = containers.iter().position(|container| container.name == name)?;
            Some(format!("spec.{list}[{index}]"))
        });
        found.unwrap_or_else(|| "spec".to_owned())
    }
    /// A moment of the wall clock as one of the run.
    fn at(&self, wall: Option<Timestamp>) -> SimTime {
        moment(self.world, wall)
    }
}

/// A moment of the wall clock as one of the run; the present if it is not known.
fn moment(world: &World, wall: Option<Timestamp>) -> SimTime {
    let since = wall.map(|wall| wall.0 - world.config.start.0);
    since.and_then(|nanos| u64::try_from(nanos).ok()).map_or(world.now, SimTime)
}

/// The subject of an object other than a pod.
fn object(key: &Key) -> Subject {
    Subject::Object(Arc::clone(&key.kind), Arc::clone(&key.namespace), Arc::clone(&key.name))
}
