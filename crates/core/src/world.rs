//! The state of everything, and the few ways in which its parts reach each other.

use crate::apiserver::change::Change;
use crate::apiserver::owned::Owned;
use crate::apiserver::store::Store;
use crate::config::Config;
use crate::events::recorder::Recorder;
use crate::faults::rules::{Rules, Spot};
pub use crate::ids::Uid;
use crate::ids::{ContainerIx, ExecId, RecordId};
use crate::kubelet::agent::NodeAgent;
use crate::kubelet::worker::Worker;
use crate::limits;
use crate::queue::{Queue, Timer};
use crate::record::{Origin, PodRef, Record, Subject, What};
use crate::runtime::instance::ExecOutput;
use crate::runtime::notice::Notice;
use podplay_api::{SimTime, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// What a component says to those above it, which it does not know. `step` delivers it before time goes on.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// The API server stored something.
    Changed(Change),
    /// The runtime saw something.
    Noticed(Notice),
}

/// A fault that somebody met on the way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    /// The record of its beginning.
    pub(crate) fault: RecordId,
    /// It only made the answer late.
    pub(crate) late: bool,
}

/// The state of the simulation.
#[derive(Clone, Debug)]
pub struct World {
    /// The present.
    pub now: SimTime,
    /// What the run was built from.
    pub config: Arc<Config>,
    /// What is to happen.
    pub queue: Queue,
    /// The objects of the API server.
    pub store: Store,
    /// Its indexes of the pods.
    pub owned: Owned,
    /// Kubelets' workers, one for each pod that is bound to a node.
    pub workers: BTreeMap<Uid, Worker>,
    /// Kubelets.
    pub nodes: BTreeMap<Arc<str>, NodeAgent>,
    /// The clients' event correlators.
    pub recorder: Recorder,
    /// State of the scheduler.
    pub scheduler: crate::scheduler::state::Scheduler,
    /// Clients of Services.
    pub traffic: crate::traffic::state::State,
    /// State of the controllers.
    pub controllers: crate::controllers::state::Controllers,
    /// Storage that outlives pods: paths of nodes, and what is behind claims.
    pub disks: podplay_shell::Volumes,
    /// Faults in force.
    pub faults: Rules,
    /// Execs that came in as commands.
    pub execs: BTreeMap<ExecId, ExecOutput>,
    /// Where the next commands come from.
    pub(crate) origin: Origin,
    pub(crate) cause: Option<RecordId>,
    /// The fault that an exchange met.
    met: Option<Met>,
    pub(crate) records: Vec<Record>,
    pub(crate) steps_at_instant: u32,
    /// See [`World::stir`].
    pub(crate) stirred: u64,
    /// Bytes of output in the trace.
    pub(crate) said: usize,
    /// What was said and nobody has heard yet, with its causes.
    messages: VecDeque<(Option<RecordId>, Message)>,
    /// What wakeups cost beside themselves, because containers computed much in them (see [`crate::Budget`]).
    pub(crate) owed: u64,
    /// What all containers compute together.
    pub(crate) machine: crate::runtime::steps::Machine,
    next_record: u32,
    counters: BTreeMap<&'static str, u32>,
}

impl World {
    /// A world at t = 0 with nothing in it.
    pub(crate) fn new(mut config: Config) -> Self {
        if config.nodes.is_empty() {
            config.nodes.push(crate::config::NodeConfig::default());
        }
        let config = Arc::new(config);
        Self {
            now: SimTime::ZERO,
            queue: Queue::default(),
            store: Store::default(),
            owned: Owned::default(),
            workers: BTreeMap::new(),
            nodes: BTreeMap::new(),
            recorder: Recorder::default(),
            scheduler: crate::scheduler::state::Scheduler::default(),
            traffic: crate::traffic::state::State::default(),
            controllers: crate::controllers::state::Controllers::default(),
            disks: podplay_shell::Volumes::default(),
            faults: Rules::default(),
            execs: BTreeMap::new(),
            origin: Origin::default(),
            cause: None,
            met: None,
            records: Vec::new(),
            steps_at_instant: 0,
            stirred: 0,
            said: 0,
            messages: VecDeque::new(),
            owed: 0,
            machine: crate::runtime::steps::Machine::default(),
            next_record: 0,
            counters: BTreeMap::new(),
            config,
        }
    }
    /// The wall clock now.
    pub fn wall(&self) -> Timestamp {
        Timestamp::at(self.config.start, self.now)
    }
    /// The wall clock at `time`.
    pub fn wall_at(&self, time: SimTime) -> Timestamp {
        Timestamp::at(self.config.start, time)
    }
    /// The API server announces a change.
    pub(crate) fn announce(&mut self, change: Change) {
        self.messages.push_back((self.cause, Message::Changed(change)));
    }
    /// The runtime tells the kubelet.
    pub(crate) fn notify(&mut self, notice: Notice) {
        self.messages.push_back((self.cause, Message::Noticed(notice)));
    }
    /// Takes the oldest message that nobody has heard yet; what follows has its cause.
    pub(crate) fn next_message(&mut self) -> Option<Message> {
        let (cause, message) = self.messages.pop_front()?;
        self.cause = cause;
        Some(message)
    }
    /// Notes that an attempt of a probe might find something else from now on. Every command and every wakeup does,
    /// except those that are known to change nothing that an attempt looks at.
    pub(crate) const fn stir(&mut self) {
        self.stirred += 1;
    }
    /// Writes a record, caused by whatever is being processed.
    pub fn record(&mut self, subject: Subject, what: What) -> RecordId {
        let id = RecordId(self.next_record);
        self.next_record += 1;
        self.records.push(Record { id, at: self.now, cause: self.cause, subject, what });
        id
    }
    /// Writes a record that another one led to.
    pub(crate) fn record_caused_by(
        &mut self,
        cause: Option<RecordId>,
        subject: Subject,
        what: What,
    ) -> RecordId {
        let usual = std::mem::replace(&mut self.cause, cause);
        let id = self.record(subject, what);
        self.cause = usual;
        id
    }
    /// Writes a record and makes it the cause of what follows in this wakeup.
    pub fn record_cause(&mut self, subject: Subject, what: What) -> RecordId {
        let id = self.record(subject, what);
        self.cause = Some(id);
        id
    }
    /// Writes a record that `cause` led to, where that is known, and makes it the cause of what follows in this wakeup.
    pub(crate) fn record_after(
        &mut self,
        cause: Option<RecordId>,
        subject: Subject,
        what: What,
    ) -> RecordId {
        self.cause = cause.or(self.cause);
        self.record_cause(subject, what)
    }
    /// Notes that an exchange met a fault.
    pub(crate) const fn meet(&mut self, fault: RecordId, late: bool) {
        self.met = Some(Met { fault, late });
    }
    /// The fault that the last exchange met; asking forgets it.
    pub(crate) const fn take_met(&mut self) -> Option<Met> {
        self.met.take()
    }
    pub(crate) fn record_limit(&mut self, name: &'static str) {
        self.record(Subject::Cluster, What::Limit(name));
    }
    /// About how many bytes a copy of this world takes: what containers keep, and a sum for each pod.
    pub fn weight(&self) -> u64 {
        let containers = self.workers.values().flat_map(|worker| &worker.containers);
        let instances = containers.flat_map(|container| &container.instances);
        let kept = instances.filter_map(|instance| instance.process.as_ref());
        let bytes = kept.map(|process| process.weight());
        let pods = self.store.pod_count() as u64 * limits::POD_WEIGHT;
        bytes.map(|bytes| bytes.min(limits::MOST_WEIGHT)).fold(pods, u64::saturating_add)
    }
    /// The record that what happens now is caused by.
    pub const fn cause(&self) -> Option<RecordId> {
        self.cause
    }
    /// Arms `timer` after `delay`.
    pub fn arm_in(&mut self, timer: Timer, delay: Duration) {
        self.queue.arm(timer, self.now + delay, self.cause);
    }
    /// Arms `timer` at `at`.
    pub fn arm_at(&mut self, timer: Timer, at: SimTime) {
        self.queue.arm(timer, at, self.cause);
    }
    /// Arms `timer` at `at` unless it is armed for an earlier time.
    pub fn arm_earlier(&mut self, timer: Timer, at: SimTime) {
        self.queue.arm_earlier(timer, at, self.cause);
    }
    /// The next number of a counter, from 0.
    pub fn count(&mut self, counter: &'static str) -> u32 {
        let slot = self.counters.entry(counter).or_default();
        *slot += 1;
        *slot - 1
    }
    /// A random draw for the n-th use of `purpose` on `subject`.
    pub fn draw(&self, purpose: &str, subject: &str, n: u64) -> u64 {
        crate::random::draw(self.config.seed, purpose, subject, n)
    }
    /// Where a container is, or a pod as a whole, as faults name it.
    pub fn spot(&self, uid: Uid, ix: Option<ContainerIx>) -> Option<Spot<'_>> {
        let worker = self.workers.get(&uid)?;
        Some(Spot {
            namespace: &worker.pod.meta.namespace,
            pod: &worker.pod.meta.name,
            node: &worker.node,
            container: ix.and_then(|ix| worker.rt(ix)).map(|rt| &*rt.name),
        })
    }
    /// The subject of records about a pod.
    pub fn pod_subject(&self, uid: Uid) -> Subject {
        self.pod_ref(uid).map_or(Subject::Cluster, Subject::Pod)
    }
    /// The subject of records about a container.
    pub fn container_subject(&self, uid: Uid, ix: ContainerIx) -> Subject {
        let Some(worker) = self.workers.get(&uid) else { return Subject::Cluster };
        match worker.rt(ix) {
            Some(rt) => Subject::Container(Arc::clone(&worker.pod_ref), Arc::clone(&rt.name)),
            None => Subject::Pod(Arc::clone(&worker.pod_ref)),
        }
    }
    /// The identity of a pod that a kubelet knows.
    pub fn pod_ref(&self, uid: Uid) -> Option<PodRef> {
        self.workers
            .get(&uid)
            .map(|worker| Arc::clone(&worker.pod_ref))
            .or_else(|| self.store.pod_ref(uid))
    }
}
