//! What settings lead to: runs of the text with a program that behaves as was said.

use super::choose::Written;
use super::program::{Program, Sample};
use super::settings::{Probes, Rollout, Whose};
use podplay_api::{ProbeKind, SimTime, Value, json};
use podplay_core::record::RequestEnd;
use podplay_core::{Budget, ImageBehaviour, Subject, What};
use podplay_manifest::scenario::Traffic;
use podplay_playback::{Plan, Run};
use std::time::Duration;

/// Wakeups of one run.
const WAKEUPS: u64 = 400_000;
/// How long a start may take that the probes let go on.
const START: Duration = Duration::from_secs(1800);
/// How long a rollout may take.
const ROLLOUT: Duration = Duration::from_secs(1800);
/// How long a hang is waited for whose probes are not known.
const UNKNOWN: Duration = Duration::from_secs(600);
/// Requests a second during a rollout.
const RPS: u32 = 50;

/// What probes lead to, over some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Restarts of a program that had not hung.
    pub false_restarts: u32,
    /// Hangs that nobody noticed.
    pub unnoticed: u32,
    /// The longest time from a hang to the decision to restart.
    pub notice: Duration,
    /// The same on average.
    pub usual: Duration,
    /// How many samples.
    pub samples: u32,
}

/// What a rollout leads to, over some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The longest time from the change to the last new pod that is available.
    pub takes: Duration,
    /// Requests that were lost, and all of them.
    pub lost: u64,
    /// All requests.
    pub sent: u64,
    /// Pods that were killed because they took too long to stop.
    pub killed: u32,
    /// Rollouts that did not get done, or missed their deadline.
    pub failed: u32,
}

/// What is measured: a text, whose settings, and the program.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) plan: Plan,
    pub(super) whose: Whose,
    pub(super) program: Program,
    /// The Services that are asked during a rollout.
    pub(super) traffic: Vec<Traffic>,
}

impl Bench {
    /// The plan of a sample, without what a run does not need to know.
    fn plan(&self, sample: &Sample, change: impl FnOnce(&mut Value)) -> Plan {
        let mut plan = Plan {
            reading: podplay_manifest::Reading::default(),
            config: self.plan.config.clone(),
            objects: self.plan.objects.clone(),
            entries: Vec::new(),
            traffic: Vec::new(),
            expect: Vec::new(),
            duration: START,
        };
        plan.config.seed = sample.seed;
        let target = &self.whose.target;
        let mine = plan.objects.iter_mut().find(|object| {
            object["kind"] == target.kind.as_str()
                && object["metadata"]["name"] == target.name.as_str()
                && object["metadata"]["namespace"].as_str().is_none_or(|at| at == target.namespace)
        });
        let Some(object) = mine else { return plan };
        change(object);
        let container = crate::verdict::container_of(object, &target.kind, &self.whose.container);
        let image = container.and_then(|one| one["image"].as_str().map(str::to_owned));
        if let Some(image) = image {
            let own = plan.config.images.get(&image).cloned().unwrap_or_default();
            let on_sigterm = Some((Some(sample.stop), 0));
            let behaviour = ImageBehaviour { startup: Some(sample.start), on_sigterm, ..own };
            plan.config.images.insert(image, behaviour);
        }
        plan
    }
    /// How the probes do: through a start, slow answers, a pause and a hang.
    pub(super) fn alarm(&self, probes: &Probes, samples: &[Sample]) -> Alarm {
        self.alarms(Some(probes), samples)
    }
    /// How the text does as it is written.
    pub(super) fn as_written(&self, samples: &[Sample], few: &[Sample]) -> Written {
        let mut exchange = Exchange::default();
        for sample in few {
            self.exchange_of(None, sample, &mut exchange);
        }
        Written { alarm: self.alarms(None, samples), exchange }
    }
    fn alarms(&self, probes: Option<&Probes>, samples: &[Sample]) -> Alarm {
        let mut out = Alarm::default();
        let mut sum = Duration::ZERO;
        for sample in samples {
            let (restarts, noticed) = self.alarm_of(probes, sample);
            out.samples += 1;
            out.false_restarts += restarts;
            match noticed {
                Some(after) => {
                    out.notice = out.notice.max(after);
                    sum += after;
                }
                None => out.unnoticed += 1,
            }
        }
        out.usual = sum / (out.samples - out.unnoticed).max(1);
        out
    }
    fn alarm_of(&self, probes: Option<&Probes>, sample: &Sample) -> (u32, Option<Duration>) {
        let plan = self.plan(sample, |object| {
            if let Some(probes) = probes {
                self.whose.set_probes(object, probes);
            }
            if object["spec"]["replicas"].is_number() {
                object["spec"]["replicas"] = json!(1);
            }
        });
        let mut run = Run::of(plan);
        let mut budget = Budget(WAKEUPS);
        let Some(ready) = self.until_ready(&mut run, &mut budget) else {
            return (self.restarts(&run, SimTime::ZERO).max(1), None);
        };
        let Some(pod) = self.pod(&run) else { return (0, None) };
        let at = |later: Duration| SimTime::from_millis((ready + later).as_millis());
        let mut faults = Vec::new();
        let of = |kind: &str| json!({"kind": kind, "pod": pod.1, "namespace": pod.0, "container": self.whose.container});
        let lasting = |length: Duration| Value::from(crate::lab::span_text(length));
        let quiet = Duration::from_secs(5);
        if !self.program.answer.is_zero() {
            let mut fault = of("Slow");
            fault["by"] = lasting(self.program.answer);
            fault["for"] = lasting(Duration::from_secs(170));
            faults.push((at(quiet), fault));
        }
        if !self.program.pause.is_zero() {
            let mut fault = of("Hang");
            fault["for"] = lasting(self.program.pause);
            faults.push((at(quiet + sample.pauses), fault));
        }
        let hangs = at(Duration::from_secs(180) + sample.hangs);
        faults.push((hangs, of("Hang")));
        let lines = faults.into_iter().map(|(at, fault)| crate::lab::Line::fault(at, fault));
        let entries: Vec<_> = lines.filter_map(|line| line.entry()).collect();
        let promise = probes.map_or(UNKNOWN, |probes| self.promise(probes));
        let bound = promise + Duration::from_secs(120);
        let end = hangs + bound;
        run.mark();
        let mut run = run.branched(&entries, end.since(SimTime::ZERO));
        let _ = run.advance(end, &mut budget);
        let restarts = run.trace().iter().filter(|record| record.at < hangs);
        let restarts = restarts.filter(|record| self.is_restart(record)).count();
        let noticed = run.trace()[run.records_until(hangs)..].iter().find(|record| {
            self.is_mine(record)
                && matches!(
                    record.what,
                    What::ProbeResult { kind: ProbeKind::Liveness, success: false }
                )
        });
        (u32::try_from(restarts).unwrap_or(u32::MAX), noticed.map(|record| record.at.since(hangs)))
    }
    /// Within which time these probes notice a hang, whenever it comes: the period in which it begins, one for each
    /// further failure, the last timeout, and a moment.
    pub(super) fn promise(&self, probes: &Probes) -> Duration {
        let of = probes.liveness;
        let between = of.period * ((of.timeout + of.period - 1) / of.period).max(1);
        let secs = between * of.failures + of.timeout + 1;
        Duration::from_secs(u64::try_from(secs).unwrap_or(0))
    }
    /// How a rollout goes, with clients that go on asking.
    pub(super) fn exchange(
        &self,
        probes: &Probes,
        rollout: &Rollout,
        samples: &[Sample],
    ) -> Exchange {
        let mut out = Exchange::default();
        for sample in samples {
            self.exchange_of(Some((probes, rollout)), sample, &mut out);
        }
        out
    }
    fn exchange_of(
        &self,
        settings: Option<(&Probes, &Rollout)>,
        sample: &Sample,
        out: &mut Exchange,
    ) {
        let mut plan = self.plan(sample, |object| {
            if let Some((probes, rollout)) = settings {
                self.whose.set_probes(object, probes);
                self.whose.set_rollout(object, rollout);
            }
        });
        plan.traffic.clone_from(&self.traffic);
        let mut run = Run::of(plan);
        let mut budget = Budget(WAKEUPS * 4);
        let Some(ready) = self.until_ready(&mut run, &mut budget) else {
            out.failed += 1;
            return;
        };
        let begins = SimTime::from_secs((ready.as_millis() / 1000) + 5);
        let (target, namespace) = (&self.whose.target, &self.whose.target.namespace);
        let line =
            crate::lab::Line::kubectl(begins, &format!("rollout restart {target} -n {namespace}"));
        let entries: Vec<_> = line.entry().into_iter().collect();
        let end = begins + ROLLOUT;
        run.mark();
        let mut run = run.branched(&entries, end.since(SimTime::ZERO));
        let mut at = begins + Duration::from_secs(1);
        let done = loop {
            let _ = run.advance(at, &mut budget);
            if self.is_done(&run) {
                break true;
            }
            if at >= end || budget.0 == 0 {
                break false;
            }
            at += Duration::from_secs(1);
        };
        out.takes = out.takes.max(run.now().since(begins));
        // The old pods are still stopping.
        let grace = settings.map_or(30, |(_, rollout)| u64::try_from(rollout.grace).unwrap_or(0));
        let grace = Duration::from_secs(grace);
        let _ = run.advance(run.now() + grace + Duration::from_secs(5), &mut budget);
        self.count(&run, begins, out);
        out.failed += u32::from(!done || missed(&run));
    }
    fn count(&self, run: &Run, begins: SimTime, out: &mut Exchange) {
        for record in &run.trace()[run.records_until(begins)..] {
            match &record.what {
                What::Request(RequestEnd { end, .. }) => {
                    out.sent += 1;
                    out.lost += u64::from(end.is_err());
                }
                What::Signal(name) if &**name == "SIGKILL" && self.is_mine(record) => {
                    out.killed += 1
                }
                _ => {}
            }
        }
    }
    /// Computes until all pods of the workload are ready.
    fn until_ready(&self, run: &mut Run, budget: &mut Budget) -> Option<SimTime> {
        let mut at = SimTime::ZERO;
        while at < SimTime::ZERO + START && budget.0 > 0 {
            at += Duration::from_secs(1);
            let _ = run.advance(at, budget);
            if crate::remedy::goal::ready(run.cluster(), &self.whose.target) {
                return Some(run.now());
            }
        }
        None
    }
    fn is_done(&self, run: &Run) -> bool {
        let target = &self.whose.target;
        let Some(object) = run.cluster().get(&target.kind, &target.namespace, &target.name) else {
            return false;
        };
        let (status, wanted) = (&object["status"], &object["spec"]["replicas"]);
        let seen = status["observedGeneration"] == object["metadata"]["generation"];
        let all = |field: &str| status[field] == *wanted;
        seen && match target.kind.as_str() {
            "Deployment" => all("updatedReplicas") && all("availableReplicas") && all("replicas"),
            "StatefulSet" => {
                status["currentRevision"] == status["updateRevision"] && all("readyReplicas")
            }
            "DaemonSet" => {
                let wanted = &status["desiredNumberScheduled"];
                status["updatedNumberScheduled"] == *wanted && status["numberAvailable"] == *wanted
            }
            _ => true,
        }
    }
    fn pod(&self, run: &Run) -> Option<(String, String)> {
        let name = &self.whose.target.name;
        run.cluster()
            .pods()
            .find(|pod| {
                pod.meta.name.starts_with(name.as_str())
                    && pod.meta.namespace == self.whose.target.namespace
            })
            .map(|pod| (pod.meta.namespace.clone(), pod.meta.name.clone()))
    }
    fn is_mine(&self, record: &podplay_core::Record) -> bool {
        matches!(&record.subject, Subject::Container(pod, name)
            if **name == *self.whose.container && pod.name.starts_with(self.whose.target.name.as_str()))
    }
    fn is_restart(&self, record: &podplay_core::Record) -> bool {
        self.is_mine(record) && matches!(record.what, What::Running { restart } if restart > 0)
    }
    fn restarts(&self, run: &Run, from: SimTime) -> u32 {
        let all = run.trace()[run.records_until(from)..].iter();
        u32::try_from(all.filter(|record| self.is_restart(record)).count()).unwrap_or(u32::MAX)
    }
}

/// Whether a rollout missed its deadline.
fn missed(run: &Run) -> bool {
    use podplay_core::record::Stored;
    run.trace().iter().any(|record| match &record.what {
        What::Stored(_, Stored::Object(object)) => {
            let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
            object["kind"] == "Deployment"
                && conditions.into_iter().any(|one| one["reason"] == "ProgressDeadlineExceeded")
        }
        _ => false,
    })
}

/// Clients for the Services that select the pods.
pub(super) fn clients(text: &str, plan: &Plan, whose: &Whose) -> Vec<Traffic> {
    let cx = crate::context::Context::new(text, plan);
    let mine = cx
        .pods
        .iter()
        .find(|pod| pod.object.kind == whose.target.kind && pod.object.name == whose.target.name);
    let Some(pod) = mine else { return Vec::new() };
    let path = whose.ready["httpGet"]["path"].as_str().unwrap_or("/").to_owned();
    let field = |value: String| podplay_manifest::scenario::Field {
        value,
        span: podplay_manifest::Span::default(),
    };
    cx.services_of(pod)
        .map(|(service, _)| Traffic {
            service: field(service.name.clone()),
            namespace: Some(field(service.namespace.clone())),
            path: Some(field(path.clone())),
            rps: podplay_manifest::scenario::Field {
                value: RPS,
                span: podplay_manifest::Span::default(),
            },
            ..Traffic::default()
        })
        .take(2)
        .collect()
}
