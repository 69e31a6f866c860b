//! The cluster: the function that takes commands, the one that lets time pass, and what can be read.

use crate::apiserver;
use crate::apiserver::error::ApiError;
use crate::command::{Applied, Command};
use crate::config::Config;
use crate::ids::ExecId;
use crate::limits;
use crate::queue::Timer;
use crate::record::{Origin, Record};
use crate::runtime::LogLine;
use crate::world::World;
use podplay_api::{Pod, SimTime, Timestamp, Value};
use std::sync::Arc;

/// A simulated cluster. A clone is a checkpoint: both share the world until one of them changes it.
#[derive(Clone, Debug)]
pub struct Cluster {
    world: Arc<World>,
}

/// How many wakeups a call may process.
#[derive(Clone, Copy, Debug)]
pub struct Budget(pub u64);

impl Budget {
    /// Practically without bounds.
    pub const UNLIMITED: Self = Self(u64::MAX);
}

/// How far [`Cluster::run_until`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// The time was reached.
    Reached,
    /// The budget was spent first; call again to go on.
    OutOfBudget,
}

impl Cluster {
    /// A cluster at t = 0, with its nodes and nothing on them.
    pub fn new(config: Config) -> Self {
        Self { world: Arc::new(crate::step::begin(config)) }
    }
    /// Applies a command now.
    ///
    /// # Errors
    /// What the API server would answer.
    pub fn apply(&mut self, command: Command) -> Result<Applied, ApiError> {
        crate::step::command(self.world_mut(), command)
    }
    /// Says where the next commands come from.
    pub fn set_origin(&mut self, origin: Origin) {
        if self.world.origin != origin {
            self.world_mut().origin = origin;
        }
    }
    /// What would be stored for a new object, without storing it: a dry run.
    ///
    /// # Errors
    /// What the API server would answer.
    pub fn dry_create(&self, object: &Value) -> Result<Value, ApiError> {
        apiserver::dry_create(self.clone().world_mut(), object)
    }
    /// Processes the next wakeup and returns its time, or `None` if nothing is left to happen.
    pub fn step(&mut self) -> Option<SimTime> {
        self.world.queue.peek()?;
        let world = self.world_mut();
        let (at, timer, cause) = world.queue.pop()?;
        if at > world.now {
            world.now = at;
            world.steps_at_instant = 0;
        }
        world.steps_at_instant += 1;
        if world.steps_at_instant > limits::STEPS_PER_INSTANT {
            postpone(world, timer);
            return Some(world.now);
        }
        world.cause = cause;
        crate::step::wakeup(world, timer);
        world.cause = None;
        Some(world.now)
    }
    /// Lets time pass until `time`, or until the budget is spent.
    pub fn run_until(&mut self, time: SimTime, budget: &mut Budget) -> Progress {
        self.pay(budget);
        while self.world.queue.peek().is_some_and(|(at, _)| at <= time) {
            if budget.0 == 0 {
                return Progress::OutOfBudget;
            }
            budget.0 -= 1;
            self.step();
            self.pay(budget);
        }
        if time > self.world.now {
            self.world_mut().now = time;
        }
        Progress::Reached
    }
    /// Pays for wakeups in which containers computed much; what the budget has not is owed.
    fn pay(&mut self, budget: &mut Budget) {
        let paid = self.world.owed.min(budget.0);
        if paid > 0 {
            budget.0 -= paid;
            self.world_mut().owed -= paid;
        }
    }
    /// The world, to change. Clones of the cluster keep what they have.
    fn world_mut(&mut self) -> &mut World {
        Arc::make_mut(&mut self.world)
    }
    /// The present.
    pub fn now(&self) -> SimTime {
        self.world.now
    }
    /// The wall clock at the present.
    pub fn wall_clock(&self) -> Timestamp {
        self.world.wall()
    }
    /// The wall clock at t = 0.
    pub fn start(&self) -> Timestamp {
        self.world.config.start
    }
    /// The Kubernetes that it runs.
    pub fn kubernetes(&self) -> crate::Kubernetes {
        self.world.config.kubernetes
    }
    /// When the next thing happens, and what.
    pub fn next_wakeup(&self) -> Option<(SimTime, Timer)> {
        self.world.queue.peek().map(|(at, timer)| (at, timer.clone()))
    }
    /// Everything that is due to happen, in order.
    pub fn wakeups(&self) -> impl Iterator<Item = (SimTime, &Timer)> {
        self.world.queue.iter()
    }
    /// Hands out the records since the last call.
    pub fn take_records(&mut self) -> Vec<Record> {
        if self.world.records.is_empty() {
            return Vec::new();
        }
        std::mem::take(&mut self.world_mut().records)
    }
    /// An object as the API server would return it.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.world.store.get(kind, namespace, name)
    }
    /// All objects of a kind, sorted by namespace and name; `None` for all namespaces.
    pub fn list(&self, kind: &str, namespace: Option<&str>) -> Vec<Value> {
        self.world.store.list(kind, namespace)
    }
    /// The lease of a node.
    pub fn lease(&self, node: &str) -> Option<Value> {
        crate::controllers::node_lifecycle::lease(&self.world, node)
    }
    /// Counts the changes of all objects: while it stays, so do they.
    pub fn revision(&self) -> u64 {
        self.world.store.revision()
    }
    /// The kinds of which there are objects.
    pub fn kinds(&self) -> Vec<String> {
        self.world.store.kinds()
    }
    /// All pods, sorted by namespace and name.
    pub fn pods(&self) -> impl Iterator<Item = &Pod> {
        self.world.store.pods()
    }
    /// The log of a container's newest instance, or of the one before.
    ///
    /// # Errors
    /// What the API server would answer.
    pub fn logs(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        previous: bool,
    ) -> Result<Vec<LogLine>, ApiError> {
        crate::runtime::logs::read(&self.world, namespace, pod, container, previous)
    }
    /// State of an exec: its output so far, and its exit status once it has ended.
    pub fn exec(&self, id: ExecId) -> Option<&crate::runtime::instance::ExecOutput> {
        self.world.execs.get(&id)
    }
    /// The clients of Services by number, and what they saw, in the order in which they came.
    pub fn traffic(&self) -> impl Iterator<Item = (u32, &crate::traffic::state::Client)> {
        self.world.traffic.clients()
    }
    /// The state of the world, to read.
    pub fn world(&self) -> &World {
        &self.world
    }
}

/// Pushes a wakeup away from an instant that does not end.
fn postpone(world: &mut World, timer: Timer) {
    let later = world.now + std::time::Duration::from_millis(1);
    world.record_limit("steps per instant");
    world.queue.arm(timer, later, None);
}

#[cfg(test)]
mod tests {
    use super::{Cluster, Command};
    use crate::config::{Config, Profile};
    use podplay_api::SimTime;

    /// Probes of all kinds, thresholds, a container that comes and goes, a program that changes by the clock.
    const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: nginx
    livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 7}
    readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 3, successThreshold: 4}
    startupProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
---
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  containers:
  - name: app
    image: registry.k8s.io/e2e-test-images/agnhost:2.40
    args: [liveness]
    livenessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 3}
"#;

    const SICK: &str = include_str!("../tests/scenes/restarted.yaml");

    fn play(look_again: bool) -> Vec<String> {
        let mut cluster = Cluster::new(Config::new(3, Profile::Typical));
        for object in [PODS, SICK].into_iter().flat_map(|text| podplay_manifest::read(text).objects)
        {
            assert!(cluster.apply(Command::Create(object.object)).is_ok());
        }
        while cluster.step().is_some_and(|at| at < SimTime::from_secs(1800)) {
            if look_again {
                cluster.world_mut().stir();
                cluster.world_mut().workers.values_mut().for_each(|worker| worker.settled = false);
            }
        }
        cluster.take_records().iter().map(|record| format!("{record:?}")).collect()
    }

    #[test]
    fn what_is_not_computed_again_would_have_been_the_same() {
        let (skipped, computed) = (play(false), play(true));
        assert!(skipped.len() > 1000, "{} records", skipped.len());
        for (one, other) in skipped.iter().zip(&computed) {
            assert_eq!(one, other);
        }
        assert_eq!(skipped.len(), computed.len());
    }

    #[test]
    fn clones_go_separate_ways() {
        let mut cluster = Cluster::new(Config::new(3, Profile::Typical));
        let before = cluster.clone();
        for object in podplay_manifest::read(SICK).objects {
            assert!(cluster.apply(Command::Create(object.object)).is_ok());
        }
        let one = cluster.clone();
        while cluster.step().is_some_and(|at| at < SimTime::from_secs(60)) {}
        assert_eq!((before.pods().count(), one.pods().count()), (0, 1));
        assert_eq!(one.now(), SimTime::ZERO);
        assert!(cluster.now() >= SimTime::from_secs(60));
    }
}
