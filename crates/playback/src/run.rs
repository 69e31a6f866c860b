//! A run of a text: the growing trace, the outputs of commands, checkpoints, and seeking.

use crate::plan::{Entry, Plan};
use crate::timeline::{News, Point};
use podplay_api::SimTime;
use podplay_core::limits::RUN_WAKEUPS;
use podplay_core::record::{RecordId, Subject};
use podplay_core::{Budget, Cluster, Progress, Record, What};
use podplay_kubectl::Output;
use std::time::Duration;

/// Most checkpoints that are kept; when there are more, every second one is dropped.
pub const CHECKPOINTS: usize = 96;
/// Bytes of all checkpoints together, about: a run of many pods has fewer of them, but not fewer than [`LEAST`].
const CHECKPOINTED_BYTES: u64 = 256 << 20;
/// Checkpoints that are kept in any case.
const LEAST: usize = 6;
/// Fewest wakeups between two checkpoints: to compute fewer again costs less than to keep another.
const WAKEUPS: u64 = 64;
/// Most records of a trace. What happens later is not recorded; the last record says so.
pub const RECORDS: usize = 500_000;

/// A kubectl command of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandLog {
    /// Its entry of the Scenario's `timeline`.
    pub entry: usize,
    /// When it began.
    pub began: SimTime,
    /// When it ended; `None` while it blocks.
    pub ended: Option<SimTime>,
    /// What it printed so far; the exit status counts once it has ended.
    pub output: Output,
}

/// An action that the cluster refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Its entry of the Scenario's `timeline`; `None` for an object of the text.
    pub entry: Option<usize>,
    /// The API server's words.
    pub message: String,
}

/// A clone of everything that moves, with the lengths of what had been written by then.
#[derive(Clone, Debug)]
struct Checkpoint {
    point: Point,
    records: usize,
    logs: usize,
    refusals: usize,
    spent: u64,
}

/// The cluster at a moment of a run.
#[derive(Clone, Debug)]
pub struct Moment {
    point: Point,
}

impl Moment {
    /// The cluster then.
    pub const fn cluster(&self) -> &Cluster {
        &self.point.cluster
    }
    /// The cluster then, to go on with elsewhere.
    pub fn into_cluster(self) -> Cluster {
        self.point.cluster
    }
}

/// A run of a text.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Plan,
    /// The cluster without the text's objects: what most edits begin again from.
    empty: Cluster,
    head: Point,
    trace: Vec<Record>,
    logs: Vec<CommandLog>,
    refusals: Vec<Refusal>,
    checkpoints: Vec<Checkpoint>,
    spacing: Duration,
    /// When a checkpoint was last considered, and the wakeups since the last one that was kept.
    considered: SimTime,
    wakeups: u64,
    /// Wakeups since t = 0, and where the run ended because they were too many.
    spent: u64,
    stopped: Option<SimTime>,
}

impl Run {
    /// A run at t = 0, with the objects of `text` applied.
    pub fn new(text: &str) -> Self {
        Self::of(Plan::read(text))
    }
    /// A run of a plan at t = 0.
    pub fn of(plan: Plan) -> Self {
        let empty = Cluster::new(plan.config.clone());
        Self::on(empty, plan)
    }
    /// A run of a plan at t = 0 on the cluster that its configuration makes.
    fn on(empty: Cluster, plan: Plan) -> Self {
        let head = Point::new(&plan, empty.clone());
        let spacing = (plan.duration / 64).max(Duration::from_millis(500));
        let mut run = Self {
            plan,
            empty,
            head,
            trace: Vec::new(),
            logs: Vec::new(),
            refusals: Vec::new(),
            checkpoints: Vec::new(),
            spacing,
            considered: SimTime::ZERO,
            wakeups: 0,
            spent: 0,
            stopped: None,
        };
        run.collect();
        run.keep_checkpoint();
        run
    }
    /// The same run with another text: what both have in common is not computed again.
    pub fn edited(&self, text: &str) -> Self {
        let plan = Plan::read(text);
        if !self.plan.same_config(&plan) {
            return Self::of(plan);
        }
        let begun = |plan| Self::on(self.empty.clone(), plan);
        let Some(differs) = self.plan.agrees_with(&plan) else { return begun(plan) };
        let before = |checkpoint: &&Checkpoint| checkpoint.point.now() < differs;
        let Some(last) = self.checkpoints.iter().take_while(before).last() else {
            return begun(plan);
        };
        let mut logs = self.logs[..last.logs].to_vec();
        for log in
            logs.iter_mut().filter(|log| log.ended.is_some_and(|ended| ended > last.point.now()))
        {
            log.ended = None;
        }
        let kubectl =
            plan.entries.iter().filter(|entry| matches!(entry.act, crate::Act::Kubectl(..)));
        for (log, entry) in logs.iter_mut().zip(kubectl) {
            log.entry = entry.index;
        }
        Self {
            empty: self.empty.clone(),
            head: last.point.clone(),
            trace: self.trace[..last.records].to_vec(),
            logs,
            refusals: self.refusals[..last.refusals].to_vec(),
            checkpoints: self.checkpoints.iter().take_while(before).cloned().collect(),
            spacing: self.spacing,
            considered: last.point.now(),
            wakeups: 0,
            spent: last.spent,
            stopped: None,
            plan,
        }
    }
    /// A run that goes the same way until shortly before the first of some further entries, which it then does too.
    ///
    /// It knows of the text only what a run needs: its plan's reading is empty.
    #[must_use]
    pub fn branched(&self, more: &[Entry], duration: Duration) -> Self {
        let first = more.iter().map(|entry| entry.at).min().unwrap_or_else(|| self.now());
        let before = self.checkpoints.partition_point(|one| one.point.now() < first);
        let last = &self.checkpoints[before.saturating_sub(1)];
        let mut entries = self.plan.entries.clone();
        let index = entries.iter().map(|entry| entry.index + 1).max().unwrap_or(0);
        entries.extend(
            more.iter().enumerate().map(|(n, entry)| Entry { index: index + n, ..entry.clone() }),
        );
        entries.sort_by_key(|entry| entry.at);
        let plan = Plan {
            reading: podplay_manifest::Reading::default(),
            config: self.plan.config.clone(),
            objects: Vec::new(),
            entries,
            traffic: self.plan.traffic.clone(),
            expect: Vec::new(),
            duration,
        };
        Self {
            empty: self.empty.clone(),
            head: last.point.clone(),
            trace: self.trace[..last.records].to_vec(),
            logs: self.logs[..last.logs].to_vec(),
            refusals: self.refusals[..last.refusals].to_vec(),
            checkpoints: vec![last.clone()],
            // One that is looked at once and thrown away needs no more checkpoints.
            spacing: Duration::from_secs(10_000_000),
            considered: last.point.now(),
            wakeups: 0,
            spent: last.spent,
            stopped: None,
            plan,
        }
    }
    /// Keeps a checkpoint at this moment, for runs that branch off here.
    pub fn mark(&mut self) {
        self.keep_checkpoint();
        self.considered = self.now();
    }
    /// What the run is built from.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }
    /// How far the run has been computed.
    pub fn now(&self) -> SimTime {
        self.head.now()
    }
    /// The end of the timeline, or where the run was stopped by a limit.
    pub fn end(&self) -> SimTime {
        self.stopped.unwrap_or_else(|| self.plan.end())
    }
    /// The cluster at [`Self::now`].
    pub const fn cluster(&self) -> &Cluster {
        &self.head.cluster
    }
    /// Everything that happened, in order.
    pub fn trace(&self) -> &[Record] {
        &self.trace
    }
    /// The kubectl commands of the timeline that have begun.
    pub fn commands(&self) -> &[CommandLog] {
        &self.logs
    }
    /// Objects and actions that the cluster refused.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
    /// Computes on until `to` (at most the end), or until the budget is spent.
    pub fn advance(&mut self, to: SimTime, budget: &mut Budget) -> Progress {
        let to = to.min(self.end());
        while self.now() < to {
            let next = self.considered + self.spacing;
            let stop = next.max(self.now()).min(to);
            let mut some = Budget(budget.0.min(RUN_WAKEUPS - self.spent));
            let before = some.0;
            let progress = self.head.advance(&self.plan, stop, &mut some);
            let used = before - some.0;
            budget.0 -= used;
            self.wakeups += used;
            self.spent += used;
            self.collect();
            if self.spent >= RUN_WAKEUPS {
                self.stop();
                return Progress::Reached;
            }
            if progress == Progress::OutOfBudget {
                return progress;
            }
            if stop >= next {
                self.considered = stop;
                if self.wakeups >= WAKEUPS {
                    self.keep_checkpoint();
                }
            }
        }
        Progress::Reached
    }
    /// The run ends here: it has become too long.
    fn stop(&mut self) {
        self.stopped = Some(self.now());
        if let Some(last) = self.trace.last() {
            let id = RecordId(last.id.0.saturating_add(1));
            let (at, cause) = (self.now(), Some(last.id));
            let what = What::Limit("wakeups of a run");
            self.trace.push(Record { id, at, cause, subject: Subject::Cluster, what });
        }
    }
    /// Computes to the end.
    pub fn finish(&mut self) {
        let end = self.end();
        let _ = self.advance(end, &mut Budget(u64::MAX));
    }
    /// The cluster at `time`, which must have been computed; a later time stands for [`Self::now`].
    ///
    /// `near` is an earlier answer: it is taken as the point to start from if it is the nearest.
    pub fn seek(&self, time: SimTime, near: Option<Moment>) -> Moment {
        let time = time.min(self.now());
        let index = self.checkpoints.partition_point(|checkpoint| checkpoint.point.now() <= time);
        let kept = index.checked_sub(1).map(|index| &self.checkpoints[index].point);
        let near = near.filter(|near| {
            near.point.now() <= time && kept.is_none_or(|kept| kept.now() <= near.point.now())
        });
        let mut point = match (near, kept) {
            (Some(near), _) => near.point,
            (None, Some(kept)) => kept.clone(),
            (None, None) => Point::new(&self.plan, self.empty.clone()),
        };
        let _ = point.advance(&self.plan, time, &mut Budget(u64::MAX));
        let _ = point.cluster.take_records();
        point.news = News::default();
        Moment { point }
    }
    /// The run at `time`, to go on with elsewhere.
    pub(crate) fn point_at(&self, time: SimTime) -> Point {
        self.seek(time, None).point
    }
    /// Index of the first record later than `time`.
    pub fn records_until(&self, time: SimTime) -> usize {
        self.trace.partition_point(|record| record.at <= time)
    }
    fn keep_checkpoint(&mut self) {
        let checkpoint = Checkpoint {
            point: self.head.clone(),
            records: self.trace.len(),
            logs: self.logs.len(),
            refusals: self.refusals.len(),
            spent: self.spent,
        };
        self.checkpoints.push(checkpoint);
        self.wakeups = 0;
        let weight = self.head.cluster.world().weight().max(1);
        let most = usize::try_from(CHECKPOINTED_BYTES / weight).unwrap_or(CHECKPOINTS);
        if self.checkpoints.len() > most.clamp(LEAST, CHECKPOINTS) {
            let mut keep = false;
            self.checkpoints.retain(|_| {
                keep = !keep;
                keep
            });
            self.spacing *= 2;
        }
    }
    /// Takes the news of the head into the books.
    fn collect(&mut self) {
        let mut records = self.head.cluster.take_records();
        let room = RECORDS.saturating_sub(self.trace.len());
        if records.len() > room {
            records.truncate(room);
            if let Some(last) = records.last_mut() {
                last.what = What::Limit("records");
            }
        }
        self.trace.append(&mut records);
        let news = std::mem::take(&mut self.head.news);
        for (entry, began, number) in news.began {
            if number.is_some() {
                self.logs.push(CommandLog { entry, began, ended: None, output: Output::default() });
            }
        }
        for ended in news.ended {
            if let Some(log) = self.logs.get_mut(ended.number) {
                log.ended = Some(ended.at);
                log.output = ended.output;
            }
        }
        let unfinished: Vec<(usize, Output)> = self.head.unfinished().collect();
        for (number, output) in unfinished {
            if let Some(log) = self.logs.get_mut(number) {
                log.output = output;
            }
        }
        self.refusals
            .extend(news.refused.into_iter().map(|(entry, message)| Refusal { entry, message }));
    }
}
