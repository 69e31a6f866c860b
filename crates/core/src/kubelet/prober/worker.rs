//! One probe worker's decisions, without the world around it.
//!
//! Models `pkg/kubelet/prober/worker.go` doProbe and `pkg/kubelet/prober/results/results_manager.go`.

use crate::ids::InstanceId;
use crate::runtime::answer::{Outcome, Reply};
use podplay_api::{ProbeKind, SimTime};
use std::collections::BTreeMap;
use std::time::Duration;

/// The state of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prober {
    /// Time between ticks.
    pub period: Duration,
    /// The instance that it last looked at.
    pub instance: Option<InstanceId>,
    /// Nothing to do until there is another instance.
    pub on_hold: bool,
    /// The last outcome.
    pub last: Outcome,
    /// How often in a row.
    pub run: u64,
    /// An attempt is under way since then.
    pub in_flight: Option<SimTime>,
    /// It was to look while an attempt was under way, or while it slept.
    pub missed: bool,
    /// Shortly after a kubelet's start it sleeps for a part of its period before it first looks.
    pub asleep: bool,
    /// The last attempt succeeded, and the next one will too unless something stirs the world.
    pub steady: Option<u64>,
    /// What came back when the last attempt failed.
    pub reply: Option<Reply>,
}

/// What a worker sees of its container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The pod's phase is Succeeded or Failed.
    pub pod_terminal: bool,
    /// The pod was already being deleted when the worker was made.
    pub pod_deleted: bool,
    /// The instance in the pod's status.
    pub instance: Option<InstanceId>,
    /// It runs.
    pub running: bool,
    /// It has ended.
    pub terminated: bool,
    /// For how many whole seconds it has run.
    pub running_seconds: i64,
    /// It has passed its startup probe, or has none.
    pub started: bool,
    /// It was started more than ten seconds before this kubelet was.
    pub before_kubelet: bool,
    /// It is a sidecar.
    pub sidecar: bool,
}

/// What a tick leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The worker ends.
    Stop,
    /// Nothing this time.
    Wait,
    /// Probe.
    Probe,
}

impl Prober {
    /// A worker that has not looked at anything yet.
    pub const fn new(period: Duration) -> Self {
        Self {
            period,
            instance: None,
            on_hold: false,
            last: Outcome::Success,
            run: 0,
            in_flight: None,
            missed: false,
            asleep: false,
            steady: None,
            reply: None,
        }
    }
}

/// Results by probe and instance. `None` for a startup probe without a result is "unknown".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results(BTreeMap<(ProbeKind, InstanceId), Option<bool>>);

impl Results {
    /// The result, if there is one and it is known.
    pub fn get(&self, kind: ProbeKind, id: InstanceId) -> Option<bool> {
        match (kind, self.0.get(&(kind, id))) {
            (_, Some(Some(result))) => Some(*result),
            // The startup result exists as "unknown", which is not a success.
            (ProbeKind::Startup, Some(None)) => Some(false),
            _ => None,
        }
    }
    /// Liveness and startup results as compute-actions wants them.
    pub fn of(&self, id: InstanceId) -> (Option<bool>, Option<bool>) {
        (
            self.0.get(&(ProbeKind::Liveness, id)).copied().flatten(),
            self.0.get(&(ProbeKind::Startup, id)).copied().flatten(),
        )
    }
    /// Sets a result; `true` if it is another one.
    pub fn set(&mut self, kind: ProbeKind, id: InstanceId, result: Option<bool>) -> bool {
        self.0.insert((kind, id), result) != Some(result)
    }
    /// The entry itself: absent, unknown, or known.
    pub fn entry(&self, kind: ProbeKind, id: InstanceId) -> Option<Option<bool>> {
        self.0.get(&(kind, id)).copied()
    }
    /// Forgets an instance's result.
    pub fn remove(&mut self, kind: ProbeKind, id: InstanceId) {
        self.0.remove(&(kind, id));
    }
}

/// What a container is held for before its first result.
pub const fn initial(kind: ProbeKind) -> Option<bool> {
    match kind {
        ProbeKind::Liveness => Some(true),
        ProbeKind::Readiness => Some(false),
        ProbeKind::Startup => None,
    }
}

/// The part of doProbe before the attempt.
pub fn prepare(
    prober: &mut Prober,
    kind: ProbeKind,
    target: &Target,
    initial_delay: i64,
    may_restart: bool,
    results: &mut Results,
) -> Next {
    if target.pod_terminal {
        return Next::Stop;
    }
    let Some(id) = target.instance else { return Next::Wait };
    if prober.instance != Some(id) {
        if let Some(old) = prober.instance {
            results.remove(kind, old);
        }
        prober.instance = Some(id);
        // What ran before the kubelet started stays as its status says, until it is probed.
        if !(target.running && target.before_kubelet) {
            results.set(kind, id, initial(kind));
        } else if kind == ProbeKind::Startup && target.sidecar && target.started {
            results.set(kind, id, Some(true));
        }
        prober.on_hold = false;
    }
    if prober.on_hold {
        return Next::Wait;
    }
    if !target.running {
        results.set(kind, id, Some(false));
        return if target.terminated && !may_restart { Next::Stop } else { Next::Wait };
    }
    if target.pod_deleted && kind != ProbeKind::Readiness {
        results.set(kind, id, Some(true));
        return Next::Stop;
    }
    let gated = target.started == (kind == ProbeKind::Startup);
    if target.running_seconds < initial_delay || gated { Next::Wait } else { Next::Probe }
}

/// The part of doProbe after the attempt; `true` if the published result changed.
pub fn conclude(
    prober: &mut Prober,
    kind: ProbeKind,
    outcome: Outcome,
    (failures, successes): (u64, u64),
    results: &mut Results,
) -> bool {
    if outcome == Outcome::Error {
        return false;
    }
    if prober.last == outcome {
        prober.run += 1;
    } else {
        prober.last = outcome;
        prober.run = 1;
    }
    let success = outcome == Outcome::Success;
    if prober.run < if success { successes } else { failures } {
        return false;
    }
    let Some(id) = prober.instance else { return false };
    let changed = results.set(kind, id, Some(success));
    if (kind == ProbeKind::Liveness && !success) || kind == ProbeKind::Startup {
        prober.on_hold = true;
        prober.run = 0;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::{Next, Outcome, Prober, Results, Target, conclude, prepare};
    use crate::ids::InstanceId;
    use podplay_api::ProbeKind;
    use std::time::Duration;

    #[test]
    fn whether_to_probe_now() {
        let here = Target {
            instance: Some(InstanceId(1)),
            running: true,
            started: true,
            running_seconds: 10,
            ..Target::default()
        };
        let ended = Target { running: false, terminated: true, ..here };
        for (name, kind, target, delay, may_restart, expected) in [
            ("it runs", ProbeKind::Liveness, here, 0, true, Next::Probe),
            ("its delay is not over", ProbeKind::Liveness, here, 11, true, Next::Wait),
            (
                "no instance yet",
                ProbeKind::Liveness,
                Target { instance: None, ..here },
                0,
                true,
                Next::Wait,
            ),
            (
                "not started",
                ProbeKind::Readiness,
                Target { started: false, ..here },
                0,
                true,
                Next::Wait,
            ),
            (
                "startup until it has",
                ProbeKind::Startup,
                Target { started: false, ..here },
                0,
                true,
                Next::Probe,
            ),
            ("startup afterwards", ProbeKind::Startup, here, 0, true, Next::Wait),
            ("ended, and comes back", ProbeKind::Liveness, ended, 0, true, Next::Wait),
            ("ended for good", ProbeKind::Liveness, ended, 0, false, Next::Stop),
            (
                "the pod is over",
                ProbeKind::Readiness,
                Target { pod_terminal: true, ..here },
                0,
                true,
                Next::Stop,
            ),
            (
                "deleted: no liveness",
                ProbeKind::Liveness,
                Target { pod_deleted: true, ..here },
                0,
                true,
                Next::Stop,
            ),
            (
                "deleted: readiness goes on",
                ProbeKind::Readiness,
                Target { pod_deleted: true, ..here },
                0,
                true,
                Next::Probe,
            ),
        ] {
            let mut prober = Prober::new(Duration::from_secs(10));
            let found =
                prepare(&mut prober, kind, &target, delay, may_restart, &mut Results::default());
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn thresholds_count_outcomes_in_a_row() {
        for (outcomes, thresholds, changes) in [
            ("ff", (2, 1), "-c"),
            ("fsff", (2, 1), "---c"),
            ("fff", (3, 1), "--c"),
            ("fefe", (2, 1), "--c-"),
        ] {
            let (mut prober, mut results) =
                (Prober::new(Duration::from_secs(10)), Results::default());
            let id = InstanceId(1);
            prober.instance = Some(id);
            results.set(ProbeKind::Liveness, id, Some(true));
            let step = |letter: char| {
                let outcome = match letter {
                    's' => Outcome::Success,
                    'f' => Outcome::Failure,
                    _ => Outcome::Error,
                };
                let changed =
                    conclude(&mut prober, ProbeKind::Liveness, outcome, thresholds, &mut results);
                if changed { 'c' } else { '-' }
            };
            let found: String = outcomes.chars().map(step).collect();
            assert_eq!(found, changes, "{outcomes} {thresholds:?}");
        }
    }
}
