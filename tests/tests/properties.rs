//! Invariants over random pods, scripts, faults and seeks.

use podplay_api::{Pod, SimTime};
use podplay_core::record::Stored;
use podplay_core::{Budget, Record, What};
use podplay_playback::{Run, digest};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

const SCRIPTS: [&str; 8] = [
    "sleep 3600",
    "sleep 4; exit 1",
    "sleep 2",
    "exit 3",
    "touch /tmp/ok; sleep 12; rm /tmp/ok; sleep 3600",
    "trap 'exit 0' TERM; while true; do sleep 1; done",
    "trap '' TERM; while true; do sleep 1; done",
    "while true; do :; done",
];
const PROBES: [&str; 5] = [
    "",
    "livenessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 3, failureThreshold: 2}",
    "readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 2, successThreshold: 2}",
    "startupProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 2, failureThreshold: 4}",
    "livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 5, periodSeconds: 4, terminationGracePeriodSeconds: 3}",
];
const FAULTS: [&str; 10] = [
    "fault: {pod: web, container: c0, kind: Crash, exitCode: 7}",
    "fault: {pod: web, container: c0, kind: OOMKill}",
    "fault: {pod: web, kind: Hang, for: 8s}",
    "fault: {pod: web, kind: SandboxLost}",
    "fault: {node: node01, kind: KubeletRestart}",
    "fault: {node: node01, kind: KubeletDown, for: 5s}",
    "fault: {pod: web, container: c0, kind: IgnoreSigterm, for: 20s}",
    "kubectl: 'delete pod web --wait=false'",
    "kubectl: 'delete pod web --grace-period=3 --wait=false'",
    "kubectl: 'exec web -- touch /tmp/ok'",
];

/// A text of one pod, with faults.
#[derive(Clone, Debug)]
struct Case {
    policy: &'static str,
    grace: u32,
    init: Vec<usize>,
    containers: Vec<(usize, usize)>,
    faults: Vec<(u32, usize)>,
    profile: &'static str,
    seed: u32,
}

impl Case {
    fn text(&self) -> String {
        let mut text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  restartPolicy: {}\n  terminationGracePeriodSeconds: {}\n",
            self.policy, self.grace
        );
        let quoted = |script: usize| SCRIPTS[script].replace('\'', "''");
        if !self.init.is_empty() {
            text += "  initContainers:\n";
        }
        for (n, &script) in self.init.iter().enumerate() {
            let sidecar = if script == 0 { ", restartPolicy: Always" } else { "" };
            let _ = writeln!(
                text,
                "  - {{name: i{n}, image: 'busybox:1.28', command: [sh, -c, '{}']{sidecar}}}",
                quoted(script)
            );
        }
        text += "  containers:\n";
        for (n, &(script, probe)) in self.containers.iter().enumerate() {
            let _ = writeln!(
                text,
                "  - name: c{n}\n    image: busybox:1.28\n    command: [sh, -c, '{}']\n    {}",
                quoted(script),
                PROBES[probe]
            );
        }
        let _ = writeln!(
            text,
            "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  seed: {}\n  duration: 90s\n  node: {{profile: {}}}\n  timeline:",
            self.seed, self.profile
        );
        for &(at, fault) in &self.faults {
            let _ = writeln!(text, "  - {{at: {at}s, {}}}", FAULTS[fault]);
        }
        text
    }
}

impl Case {
    /// The seconds that a container has at least between SIGTERM and SIGKILL.
    fn least_grace(&self, container: &str) -> u64 {
        let grace = u64::from(self.grace);
        let probe_says = self.containers.iter().any(|(_, probe)| *probe == 4);
        let delete_says = self.faults.iter().any(|(_, fault)| *fault == 8);
        if container.starts_with('i') {
            // A sidecar has what the others left, but not less than upstream's minimum.
            grace.min(2)
        } else if probe_says || delete_says {
            grace.min(3)
        } else {
            grace
        }
    }
}

fn case() -> impl Strategy<Value = Case> {
    let policy = prop::sample::select(vec!["Always", "OnFailure", "Never"]);
    let init = prop::collection::vec(prop::sample::select(vec![0usize, 2, 3]), 0..3);
    let containers = prop::collection::vec((0..SCRIPTS.len(), 0..PROBES.len()), 1..3);
    let faults = prop::collection::vec((1u32..80, 0..FAULTS.len()), 0..4);
    // The profile that people run, and now and then that of the recordings.
    let profile = prop::sample::select(vec!["typical", "typical", "recorded"]);
    (policy, 1u32..12, init, containers, faults, profile, 0u32..1000).prop_map(
        |(policy, grace, init, containers, mut faults, profile, seed)| {
            faults.sort_unstable();
            Case { policy, grace, init, containers, faults, profile, seed }
        },
    )
}

fn versions(trace: &[Record]) -> Vec<(SimTime, Arc<Pod>)> {
    let stored = |record: &Record| match &record.what {
        What::Stored(_, Stored::Pod(pod)) => Some((record.at, Arc::clone(pod))),
        _ => None,
    };
    trace.iter().filter_map(stored).collect()
}

fn statuses_are_lawful(trace: &[Record]) -> Result<(), TestCaseError> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut ended: Option<podplay_api::PodPhase> = None;
    for (at, pod) in versions(trace) {
        for status in pod.status.all_containers() {
            let count = counts.entry(status.name.clone()).or_default();
            prop_assert!(status.restart_count >= *count, "{at}: restarts of {} fell", status.name);
            *count = status.restart_count;
            let plain_init =
                pod.spec.init_containers.iter().any(|c| c.name == status.name && !c.is_sidecar());
            if status.ready && !plain_init {
                prop_assert!(
                    status.state.is_running(),
                    "{at}: {} is ready and does not run",
                    status.name
                );
            }
        }
        if let Some(phase) = ended {
            prop_assert_eq!(pod.status.phase, phase, "{}: a terminal phase changed", at);
        }
        if pod.status.phase.is_terminal() {
            ended = Some(pod.status.phase);
        }
    }
    Ok(())
}

/// No probe of a container succeeds while it does not run; SIGKILL never comes earlier than the grace
/// period allows.
fn order_is_kept(trace: &[Record], case: &Case) -> Result<(), TestCaseError> {
    let mut running: BTreeMap<String, bool> = BTreeMap::new();
    let mut terminated: BTreeMap<String, SimTime> = BTreeMap::new();
    for record in trace {
        let Some(name) = record.subject.container().map(str::to_string) else { continue };
        match &record.what {
            What::Running { .. } => {
                running.insert(name.clone(), true);
                terminated.remove(&name);
            }
            What::Exited { .. } => {
                running.insert(name, false);
            }
            What::Probe { success: true, .. } => {
                prop_assert!(
                    running.get(&name) == Some(&true),
                    "{}: a probe of {name} succeeded while it did not run",
                    record.at
                );
            }
            What::Signal(signal) if &**signal == "SIGTERM" => {
                terminated.insert(name, record.at);
            }
            What::Signal(signal) if &**signal == "SIGKILL" => {
                let least = case.least_grace(&name);
                let since = terminated.get(&name).map(|at| record.at.since(*at).as_secs());
                prop_assert!(
                    since.is_none_or(|seconds| seconds >= least),
                    "{}: {name} was killed after {since:?} s",
                    record.at
                );
            }
            _ => {}
        }
    }
    Ok(())
}

fn causes_come_first(trace: &[Record]) -> Result<(), TestCaseError> {
    for record in trace {
        prop_assert!(record.cause.is_none_or(|cause| cause < record.id), "{:?}", record);
        prop_assert!(
            record.cause.is_some() || matches!(record.what, What::Started | What::Command(..)),
            "no cause: {:?}",
            record
        );
    }
    Ok(())
}

proptest! {
    // `PROPTEST_CASES=2000` for a long search.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48),
        ..ProptestConfig::default()
    })]

    #[test]
    fn invariants_hold(case in case()) {
        let text = case.text();
        let mut run = Run::new(&text);
        run.finish();
        statuses_are_lawful(run.trace())?;
        order_is_kept(run.trace(), &case)?;
        causes_come_first(run.trace())?;
        let mut again = Run::new(&text);
        again.finish();
        prop_assert_eq!(digest::of(run.trace()), digest::of(again.trace()), "a replay differs");
    }

    #[test]
    fn slices_and_seeks_change_nothing(case in case(), cut in 1u64..89) {
        let text = case.text();
        let mut whole = Run::new(&text);
        whole.finish();
        let mut sliced = Run::new(&text);
        while sliced.now() < sliced.end() {
            let next = sliced.now() + std::time::Duration::from_millis(777);
            let _ = sliced.advance(next.min(sliced.end()), &mut Budget(50));
        }
        prop_assert_eq!(digest::of(whole.trace()), digest::of(sliced.trace()));
        let time = SimTime::from_secs(cut);
        let sought = whole.seek(time, None).into_cluster();
        let mut straight = Run::new(&text);
        let mut unlimited = Budget::UNLIMITED;
        let _ = straight.advance(time, &mut unlimited);
        let at = straight.seek(time, None).into_cluster();
        prop_assert_eq!(sought.list("Pod", None), at.list("Pod", None));
    }
}
