//! What moves through a run: the cluster, the entries that are still to come, the commands under way.

use crate::plan::{Act, Entry, Plan};
use podplay_api::{SimTime, Value};
use podplay_core::limits::WAITING;
use podplay_core::{Budget, Cluster, Command, Origin, Progress};
use podplay_kubectl::{Invocation, NoFiles, Output};
use std::time::Duration;

/// From the moment of an entry to the moment when kubectl's request reaches the API server.
const REQUEST: Duration = Duration::from_millis(20);

/// A command of the timeline that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ended {
    /// Which one, counted from the first that began.
    pub(crate) number: usize,
    /// When it ended.
    pub(crate) at: SimTime,
    /// What it printed.
    pub(crate) output: Output,
}

/// A moving point in a run. A clone is a checkpoint.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) cluster: Cluster,
    /// The next entry of the plan.
    next: usize,
    /// Commands that block.
    blocked: Vec<Blocked>,
    begun: usize,
    /// What began and ended since the last look.
    pub(crate) news: News,
}

/// A command that blocks.
#[derive(Clone, Debug)]
struct Blocked {
    number: usize,
    origin: Origin,
    command: Invocation,
}

/// What a step of the timeline brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct News {
    /// Entries of the plan that began, with the number of their command if they have one.
    pub(crate) began: Vec<(usize, SimTime, Option<usize>)>,
    /// Commands that ended.
    pub(crate) ended: Vec<Ended>,
    /// Entries of the plan that were refused, and why.
    pub(crate) refused: Vec<(Option<usize>, String)>,
}

impl Point {
    /// The beginning of a run: a new cluster of the plan's configuration, with the text's objects applied.
    pub(crate) fn new(plan: &Plan, cluster: Cluster) -> Self {
        let mut point =
            Self { cluster, next: 0, blocked: Vec::new(), begun: 0, news: News::default() };
        for (n, object) in plan.objects.iter().enumerate() {
            point.cluster.set_origin(Origin::Object(n));
            if let Err(error) = first_applied(&mut point.cluster, object) {
                point.news.refused.push((None, error));
            }
        }
        for (n, client) in plan.traffic.iter().enumerate() {
            point.cluster.set_origin(Origin::Client(n));
            let text = |field: &Option<podplay_manifest::scenario::Field<String>>| {
                field.as_ref().map(|field| field.value.clone())
            };
            let command = Command::Traffic(podplay_core::Traffic {
                namespace: text(&client.namespace).unwrap_or_else(|| "default".into()),
                service: client.service.value.clone(),
                port: client.port.map(|port| port.value),
                path: text(&client.path).unwrap_or_else(|| "/".into()),
                rps: client.rps.value,
                after: client.from.map(|from| from.value).unwrap_or_default(),
                lasts: client.lasts.map(|lasts| lasts.value),
                latency: client.latency.map(|latency| latency.value).unwrap_or_default(),
                timeout: client.timeout.map(|timeout| timeout.value),
                connections: client.connections.map_or(0, |count| count.value),
                outside: client.outside.map(|outside| outside.value),
                node: text(&client.node),
            });
            if let Err(error) = point.cluster.apply(command) {
                point.news.refused.push((None, error.to_string()));
            }
        }
        point.cluster.set_origin(Origin::Person);
        point
    }
    pub(crate) fn now(&self) -> SimTime {
        self.cluster.now()
    }
    /// Lets time pass until `to`, doing the plan's entries on the way.
    pub(crate) fn advance(&mut self, plan: &Plan, to: SimTime, budget: &mut Budget) -> Progress {
        loop {
            let due = self.due(plan);
            let stop = due.map_or(to, |due| due.min(to));
            if self.pass(stop, budget) == Progress::OutOfBudget {
                return Progress::OutOfBudget;
            }
            let now = self.now();
            self.poll();
            while let Some(entry) = plan.entries.get(self.next).filter(|entry| moment(entry) <= now)
            {
                self.cluster.set_origin(Origin::Action(self.next));
                self.next += 1;
                self.perform(entry);
                self.cluster.set_origin(Origin::Person);
            }
            if now >= to && self.due(plan).is_none_or(|due| due > to) {
                return Progress::Reached;
            }
        }
    }
    /// When an entry or a blocked command wants attention.
    fn due(&self, plan: &Plan) -> Option<SimTime> {
        let entry = plan.entries.get(self.next).map(moment);
        let now = self.now();
        // A command whose moment has come was just asked: only what lies ahead counts.
        let moments = self.blocked.iter().filter_map(|blocked| blocked.command.wakes_at());
        let blocked = moments.filter(|at| *at > now).min();
        entry.into_iter().chain(blocked).min().map(|due| due.max(now))
    }
    /// Passes time; while a command blocks, only from one instant to the next.
    fn pass(&mut self, to: SimTime, budget: &mut Budget) -> Progress {
        if self.blocked.is_empty() {
            return self.cluster.run_until(to, budget);
        }
        while self.cluster.next_wakeup().is_some_and(|(at, _)| at <= to) {
            let at = self.cluster.next_wakeup().map_or(to, |(at, _)| at);
            if self.cluster.run_until(at, budget) == Progress::OutOfBudget {
                return Progress::OutOfBudget;
            }
            self.poll();
            if self.blocked.is_empty()
                || self
                    .blocked
                    .iter()
                    .any(|blocked| blocked.command.wakes_at().is_some_and(|due| due <= at))
            {
                return Progress::Reached;
            }
        }
        self.cluster.run_until(to, budget)
    }
    fn poll(&mut self) {
        let mut waiting = std::mem::take(&mut self.blocked);
        waiting.retain_mut(|Blocked { number, origin, command }| {
            self.cluster.set_origin(*origin);
            let output = command.poll(&mut self.cluster);
            self.cluster.set_origin(Origin::Person);
            let Some(output) = output else { return true };
            self.news.ended.push(Ended { number: *number, at: self.cluster.now(), output });
            false
        });
        waiting.append(&mut self.blocked);
        self.blocked = waiting;
    }
    fn perform(&mut self, entry: &Entry) {
        let now = self.now();
        let number = match &entry.act {
            Act::Kubectl(argv, stdin) => {
                Some(self.begin_as(Origin::Action(self.next - 1), argv, stdin.as_bytes()))
            }
            Act::Apply(text) => {
                let argv = ["apply", "-f", "-"].map(str::to_owned);
                let mut command =
                    podplay_kubectl::start(&argv, text.as_bytes(), &mut self.cluster, &NoFiles);
                if let Some(output) =
                    command.poll(&mut self.cluster).filter(|output| output.exit != 0)
                {
                    self.news.refused.push((Some(entry.index), output.stderr));
                }
                None
            }
            Act::Patch(path, body) => {
                self.patch(entry, path, body);
                None
            }
            Act::Fault(fault) => {
                if let Err(error) = self.cluster.apply(Command::Fault((**fault).clone())) {
                    self.news.refused.push((Some(entry.index), error.to_string()));
                }
                None
            }
        };
        self.news.began.push((entry.index, now, number));
    }
    fn patch(&mut self, entry: &Entry, path: &str, body: &Value) {
        if let Err(error) = podplay_kubectl::raw_patch(&mut self.cluster, path, body) {
            self.news.refused.push((Some(entry.index), error));
        }
    }
    /// Begins a command that somebody typed; its number.
    pub(crate) fn begin(&mut self, argv: &[String], stdin: &[u8]) -> usize {
        self.begin_as(Origin::Person, argv, stdin)
    }
    fn begin_as(&mut self, origin: Origin, argv: &[String], stdin: &[u8]) -> usize {
        let number = self.begun;
        self.begun += 1;
        let mut command = podplay_kubectl::start(argv, stdin, &mut self.cluster, &NoFiles);
        match command.poll(&mut self.cluster).or_else(|| self.crowded()) {
            Some(output) => self.news.ended.push(Ended { number, at: self.cluster.now(), output }),
            None => self.blocked.push(Blocked { number, origin, command }),
        }
        number
    }
    /// The end of a command that would wait, when too many wait already.
    fn crowded(&self) -> Option<Output> {
        let stderr =
            format!("podplay: more than {WAITING} commands of the timeline wait at once\n");
        let full = self.blocked.len() >= WAITING;
        full.then(|| Output { exit: 1, stderr, ..Output::default() })
    }
    /// What a command that still blocks has printed so far.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = (usize, Output)> {
        self.blocked.iter().map(|blocked| (blocked.number, blocked.command.so_far()))
    }
}

/// Stores an object of the text; what is there already (by the cluster, or by the text itself) is changed.
fn first_applied(cluster: &mut Cluster, object: &Value) -> Result<(), String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, meta) = (text(&object["kind"]), &object["metadata"]);
    let there = cluster.get(&kind, &text(&meta["namespace"]), &text(&meta["name"])).is_some();
    let command = if there { Command::Replace } else { Command::Create };
    cluster.apply(command(object.clone())).map(|_| ()).map_err(|error| error.to_string())
}

/// When an entry takes effect: commands need a moment to reach the API server.
fn moment(entry: &Entry) -> SimTime {
    match entry.act {
        Act::Fault(_) => entry.at,
        _ => entry.at + REQUEST,
    }
}
