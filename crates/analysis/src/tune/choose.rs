//! The sweep: settings that are tried, what none beats, and three of them that are good choices.

use super::Tune;
use super::measure::{Alarm, Exchange};
use super::program::Sample;
use super::report::{Choice, Point, Report};
use super::settings::{Numbers, Probes, Rollout, Value2};
use crate::remedy::numbers::{SECONDS, at_least};
use std::time::Duration;

/// Seed of the sweep's samples; whoever proves takes another one.
const SEED: u64 = 1;
/// Samples with which settings are screened.
const SCREEN: u64 = 4;
/// Samples of a rollout, which costs more to run.
const ROLLOUTS: u64 = 6;
/// Most points of the front that are listed.
const FRONT: usize = 12;

const PERIODS: [i64; 6] = [1, 2, 5, 10, 20, 30];
const FAILURES: [i64; 6] = [1, 2, 3, 4, 6, 10];
const TIMEOUTS: [i64; 5] = [1, 2, 3, 5, 10];

/// What a choice is for: how much longer pauses it has to bear, and how much longer starts, in percent.
struct Taste {
    name: &'static str,
    margin: u64,
    /// A pause in seconds that it bears in any case.
    bears: u64,
    min_ready: i64,
    /// Whether it may replace all pods at once.
    hurried: bool,
}

const TASTES: [Taste; 3] = [
    Taste { name: "balanced", margin: 200, bears: 10, min_ready: 0, hurried: false },
    Taste { name: "quick", margin: 120, bears: 0, min_ready: 0, hurried: true },
    Taste { name: "patient", margin: 400, bears: 30, min_ready: 10, hurried: false },
];

/// Seconds, rounded up.
fn secs(span: Duration) -> i64 {
    i64::try_from(span.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

/// The longest pause that never restarts the program: the last failure must not be reached.
fn bears(of: Numbers) -> Duration {
    let secs = of.period * (of.failures - 1) + of.timeout;
    Duration::from_secs(u64::try_from(secs).unwrap_or(0))
}

impl Tune {
    /// How many settings will be run; `run` tells its progress against it.
    pub fn len(&self) -> usize {
        let choices = TASTES.iter().map(|taste| 1 + self.rollouts(taste).len());
        self.grid().len() + choices.sum::<usize>() + 1
    }
    /// There is always something to try.
    pub const fn is_empty(&self) -> bool {
        false
    }
    /// Runs the sweep. `step` is called after each setting.
    pub fn run(&self, step: &mut dyn FnMut()) -> Report {
        let samples = |most: u64| -> Vec<Sample> {
            (0..most).map(|n| self.bench.program.sample(SEED, n)).collect()
        };
        let screen = samples(SCREEN.min(self.samples));
        let mut points = Vec::new();
        for probes in self.grid() {
            let alarm = self.bench.alarm(&probes, &screen);
            let promise = self.bench.promise(&probes);
            points.push(Point { probes, alarm, promise, bears: bears(probes.liveness) });
            step();
        }
        let all = samples(self.samples);
        let few = samples(ROLLOUTS.min(self.samples));
        let mut choices = Vec::new();
        for taste in &TASTES {
            let choice = self.choice(taste, &mut points, &all, &few, step);
            let new = |choice: &Choice| {
                choices.iter().all(|other: &Choice| {
                    (other.probes, &other.rollout) != (choice.probes, &choice.rollout)
                })
            };
            let choice = choice.filter(new);
            choices.extend(choice);
        }
        let written = self.bench.as_written(&all, &few);
        step();
        let front = front(points);
        Report {
            target: self.bench.whose.target.to_string(),
            container: self.bench.whose.container.clone(),
            samples: self.samples,
            tried: self.len(),
            written,
            front,
            choices,
        }
    }
    /// The probes that are tried.
    fn grid(&self) -> Vec<Probes> {
        let mut out = Vec::new();
        for period in PERIODS {
            for failures in FAILURES {
                for timeout in TIMEOUTS.into_iter().filter(|timeout| *timeout <= period.max(1)) {
                    let liveness = Numbers { period, timeout, failures };
                    out.push(self.probes(liveness, 150));
                }
            }
        }
        // What notices later than ten minutes is no answer to a hang.
        out.retain(|probes| self.bench.promise(probes) <= Duration::from_secs(600));
        out
    }
    /// All three probes around a liveness probe; the start may take that much of the longest, in percent.
    fn probes(&self, liveness: Numbers, margin: u64) -> Probes {
        let most = self.bench.program.start.most;
        let period = match most.as_secs() {
            0..10 => 1,
            10..60 => 5,
            _ => 10,
        };
        let budget = most.as_millis() * u128::from(margin) / 100 / 1000;
        let failures = i64::try_from(budget).unwrap_or(600) / period + 2;
        let timeout = liveness.timeout.min(period);
        let startup = Numbers {
            period,
            timeout,
            failures: at_least(&crate::remedy::numbers::COUNTS, failures),
        };
        let (readiness_period, readiness_timeout) =
            (liveness.period.min(5), liveness.timeout.min(5));
        let readiness =
            Numbers { period: readiness_period, timeout: readiness_timeout, failures: 2 };
        Probes { startup, liveness, readiness }
    }
    /// The best setting for a taste, run with all samples.
    fn choice(
        &self,
        taste: &Taste,
        points: &mut [Point],
        all: &[Sample],
        few: &[Sample],
        step: &mut dyn FnMut(),
    ) -> Option<Choice> {
        let program = &self.bench.program;
        let want = (program.pause * u32::try_from(taste.margin).unwrap_or(100) / 100)
            .max(Duration::from_secs(taste.bears));
        let slowest = program.answer * u32::try_from(taste.margin).unwrap_or(100) / 100;
        let mut fitting: Vec<&mut Point> = points
            .iter_mut()
            .filter(|point| {
                let timeout = u64::try_from(point.probes.liveness.timeout).unwrap_or(0);
                point.alarm.false_restarts == 0
                    && point.alarm.unnoticed == 0
                    && point.bears >= want
                    && Duration::from_secs(timeout) > slowest
                    && point.probes.liveness.period >= 2
            })
            .collect();
        fitting
            .sort_by_key(|point| (point.promise, std::cmp::Reverse(point.probes.liveness.period)));
        let (probes, alarm) = fitting.into_iter().find_map(|point| {
            let margin = taste.margin.min(200);
            let probes = self.probes(point.probes.liveness, margin);
            point.alarm = self.bench.alarm(&probes, all);
            let good = point.alarm.false_restarts == 0 && point.alarm.unnoticed == 0;
            good.then_some((probes, point.alarm))
        })?;
        step();
        let promise = self.bench.promise(&probes);
        let (rollout, exchange) = self.exchange(taste, &probes, few, step)?;
        let text = self.bench.whose.write(&self.text, &probes, &rollout)?;
        // A program that hangs may not hear SIGTERM: its grace period passes.
        let grace = Duration::from_secs(u64::try_from(rollout.grace).unwrap_or(0));
        let each = promise + grace + program.start.most;
        let a_day = Duration::from_secs(86_400).as_secs().div_ceil(program.hangs.as_secs().max(1));
        let down = each * u32::try_from(a_day).unwrap_or(u32::MAX);
        let name = taste.name;
        let bears = bears(probes.liveness);
        Some(Choice { name, probes, rollout, alarm, promise, exchange, bears, down, text })
    }
    /// The quickest exchange of pods that loses nothing; else the one that loses least.
    fn exchange(
        &self,
        taste: &Taste,
        probes: &Probes,
        few: &[Sample],
        step: &mut dyn FnMut(),
    ) -> Option<(Rollout, Exchange)> {
        /// Failed exchanges, lost requests, killed programs, how long it takes.
        type Cost = (u32, u64, u32, Duration);
        let mut best: Option<(Cost, Rollout, Exchange)> = None;
        for rollout in self.rollouts(taste) {
            let exchange = self.bench.exchange(probes, &rollout, few);
            step();
            // A rollout that takes as long, within a second or so, and changes less of the text is as good.
            let takes = Duration::from_secs(exchange.takes.as_secs() / 3);
            let key = (exchange.failed, exchange.lost, exchange.killed, takes);
            if best.as_ref().is_none_or(|(least, _, _)| key < *least) {
                best = Some((key, rollout, exchange));
            }
        }
        best.map(|(_, rollout, exchange)| (rollout, exchange))
    }
    /// The exchanges that are tried, from those that change least.
    fn rollouts(&self, taste: &Taste) -> Vec<Rollout> {
        let deployment = self.bench.whose.target.kind == "Deployment";
        let many = self.bench.whose.replicas > 1;
        let mut strategies: Vec<Option<(Value2, Value2)>> = vec![None];
        if deployment {
            strategies.push(Some(("1", "0")));
            if taste.hurried && many {
                strategies.push(Some(("100%", "0")));
            }
        }
        let hooks: &[i64] = if self.bench.traffic.is_empty() { &[0] } else { &[0, 5, 10] };
        let min_ready = if deployment { taste.min_ready } else { 0 };
        let mut out = Vec::new();
        for strategy in strategies {
            for pre_stop in hooks.iter().copied() {
                let stop = secs(self.bench.program.stop.most);
                let grace = at_least(&SECONDS, (pre_stop + stop + 5).max(30));
                let needs = secs(self.bench.program.start.most) + min_ready + 60;
                let deadline =
                    (deployment && needs * 2 > 600).then(|| at_least(&SECONDS, needs * 2));
                out.push(Rollout { pre_stop, grace, strategy, min_ready, deadline });
            }
        }
        out
    }
}

/// The points that no other one beats in every respect, the quickest first.
fn front(points: Vec<Point>) -> Vec<Point> {
    let beats = |a: &Point, b: &Point| {
        let rate = |point: &Point| point.probes.liveness.period;
        let all = a.promise <= b.promise
            && a.alarm.false_restarts <= b.alarm.false_restarts
            && a.bears >= b.bears
            && rate(a) >= rate(b);
        let one = a.promise < b.promise
            || a.alarm.false_restarts < b.alarm.false_restarts
            || a.bears > b.bears
            || rate(a) > rate(b);
        all && one
    };
    let mut out: Vec<Point> = points
        .iter()
        .filter(|point| point.alarm.unnoticed == 0)
        .filter(|point| {
            !points.iter().any(|other| other.alarm.unnoticed == 0 && beats(other, point))
        })
        .cloned()
        .collect();
    out.sort_by_key(|point| (point.promise, point.alarm.false_restarts));
    out.dedup_by_key(|point| (point.promise, point.alarm.false_restarts));
    let step = out.len().div_ceil(FRONT).max(1);
    out.into_iter().step_by(step).collect()
}

/// What a text leads to as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Its probes.
    pub alarm: Alarm,
    /// Its rollout.
    pub exchange: Exchange,
}
