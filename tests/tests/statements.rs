//! What every tutorial says of Pods, as tests: each statement holds in a run.

use podplay_api::{Pod, PodStatus, SimTime};
use podplay_core::record::{ProcessEffectKind, Stored};
use podplay_core::{Record, What};
use podplay_playback::Run;
use std::sync::Arc;

/// A finished run of a pod `web` with this spec, for this long.
fn run(seconds: u32, spec: &str, rest: &str) -> Run {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {{app: web}}}}\nspec:\n{spec}\n---\n{rest}\n---\n\
         apiVersion: podplay/v1\nkind: Scenario\nspec: {{duration: {seconds}s, node: {{profile: recorded}}}}\n"
    );
    let mut run = Run::new(&text);
    assert!(run.refusals().is_empty(), "{:?}", run.refusals());
    run.finish();
    run
}

/// The pod's stored versions with their times.
fn versions(run: &Run) -> Vec<(SimTime, Arc<Pod>)> {
    let stored = |record: &Record| match &record.what {
        What::Stored(_, Stored::Pod(pod)) => Some((record.at, Arc::clone(pod))),
        _ => None,
    };
    run.trace().iter().filter_map(stored).collect()
}

fn last(run: &Run) -> PodStatus {
    versions(run).last().map(|(_, pod)| pod.status.clone()).expect("a pod")
}

/// When the trace first says so of the container.
fn when(run: &Run, container: &str, says: impl Fn(&What) -> bool) -> Option<SimTime> {
    times(run, container, says).first().copied()
}

fn times(run: &Run, container: &str, says: impl Fn(&What) -> bool) -> Vec<SimTime> {
    let of = |record: &&Record| record.subject.container() == Some(container) && says(&record.what);
    run.trace().iter().filter(of).map(|record| record.at).collect()
}

fn restarts(status: &PodStatus, container: &str) -> u32 {
    status.container(container).map_or(0, |status| status.restart_count)
}

const SLEEPER: &str = "image: busybox:1.28, command: [sh, -c, 'sleep 3600']";

#[test]
fn init_containers_run_one_after_another() {
    let spec = format!(
        "  initContainers:\n  - {{name: one, image: busybox:1.28, command: [sh, -c, 'sleep 3']}}\n  - {{name: two, image: busybox:1.28, command: [sh, -c, 'sleep 2']}}\n  containers:\n  - {{name: app, {SLEEPER}}}"
    );
    let run = run(30, &spec, "");
    let began = |name| when(&run, name, |what| matches!(what, What::Running { .. })).expect(name);
    let ended = |name| when(&run, name, |what| matches!(what, What::Exited { .. })).expect(name);
    assert!(ended("one") < began("two") && ended("two") < began("app"));
}

#[test]
fn a_failing_init_container_is_retried_until_it_succeeds() {
    let spec = format!(
        "  volumes: [{{name: w, emptyDir: {{}}}}]\n  initContainers:\n  - name: one\n    image: busybox:1.28\n    command: [sh, -c, 'echo x >> /w/n; test $(wc -l < /w/n) -ge 3']\n    volumeMounts: [{{name: w, mountPath: /w}}]\n  containers:\n  - {{name: app, {SLEEPER}}}"
    );
    let run = run(60, &spec, "");
    let codes: Vec<i32> = run
        .trace()
        .iter()
        .filter(|record| record.subject.container() == Some("one"))
        .filter_map(|record| match record.what {
            What::Exited { code, .. } => Some(code),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [1, 1, 0]);
    assert!(last(&run).is_true("Ready"));
}

#[test]
fn an_init_container_has_no_readiness_probe() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  initContainers:\n  - {name: i, image: busybox, readinessProbe: {exec: {command: [\"true\"]}}}\n  containers: [{name: c, image: busybox}]\n";
    let reading = podplay_manifest::read(text);
    let refused = reading.diagnostics.iter().any(|finding| {
        finding.message.contains("spec.initContainers[0].readinessProbe: Forbidden")
    });
    assert!(refused, "{:?}", reading.diagnostics);
}

#[test]
fn a_failing_liveness_probe_restarts_the_container_and_not_the_pod() {
    let spec = format!(
        "  containers:\n  - name: app\n    image: busybox:1.28\n    command: [sh, -c, \"touch /tmp/ok; trap 'exit 0' TERM; sleep 10 & wait; rm /tmp/ok; while true; do sleep 1; done\"]\n    livenessProbe: {{exec: {{command: [cat, /tmp/ok]}}, periodSeconds: 2, failureThreshold: 2}}\n  - {{name: other, {SLEEPER}}}"
    );
    let run = run(40, &spec, "");
    let status = last(&run);
    assert!(restarts(&status, "app") >= 1);
    assert_eq!(restarts(&status, "other"), 0);
    let uids: std::collections::BTreeSet<String> =
        versions(&run).iter().map(|(_, pod)| pod.meta.uid.clone()).collect();
    assert_eq!(uids.len(), 1, "the pod is the same one");
}

#[test]
fn a_failing_readiness_probe_takes_the_pod_out_of_the_service_and_does_not_restart_it() {
    let spec = "  containers:\n  - name: app\n    image: busybox:1.28\n    command: [sh, -c, 'touch /tmp/ok; sleep 10; rm /tmp/ok; sleep 3600']\n    readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 2, failureThreshold: 2}";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}";
    let run = run(40, spec, service);
    let readiness: Vec<bool> = run
        .trace()
        .iter()
        .filter_map(|record| match &record.what {
            What::Stored(_, Stored::Object(object)) if object["kind"] == "EndpointSlice" => {
                Some(object["endpoints"][0]["conditions"]["ready"] == true)
            }
            _ => None,
        })
        .collect();
    let changes: Vec<bool> = readiness
        .chunk_by(|a, b| a == b)
        .map(|chunk| chunk[0])
        .skip_while(|ready| !ready)
        .collect();
    assert_eq!(changes, [true, false]);
    assert_eq!(restarts(&last(&run), "app"), 0);
}

#[test]
fn other_probes_wait_for_the_startup_probe() {
    let spec = "  containers:\n  - name: app\n    image: busybox:1.28\n    command: [sh, -c, 'sleep 12; touch /tmp/up; sleep 3600']\n    startupProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 2, failureThreshold: 30}\n    livenessProbe: {exec: {command: [\"true\"]}, periodSeconds: 1}\n    readinessProbe: {exec: {command: [\"true\"]}, periodSeconds: 1}";
    let run = run(40, spec, "");
    let started = when(&run, "app", |what| {
        matches!(what, What::Probe { kind: podplay_api::ProbeKind::Startup, success: true, .. })
    })
    .expect("it starts");
    for kind in [podplay_api::ProbeKind::Liveness, podplay_api::ProbeKind::Readiness] {
        let first =
            when(&run, "app", |what| matches!(what, What::Probe { kind: of, .. } if *of == kind));
        assert!(first.expect("it is probed") >= started, "{kind:?}");
    }
}

#[test]
fn success_threshold_must_be_one_for_liveness_and_startup() {
    for (probe, refused) in
        [("livenessProbe", true), ("startupProbe", true), ("readinessProbe", false)]
    {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: c\n    image: busybox\n    {probe}: {{exec: {{command: [\"true\"]}}, successThreshold: 2}}\n"
        );
        let said = podplay_manifest::read(&text).diagnostics.iter().any(|finding| {
            finding.message.contains(&format!(
                "spec.containers[0].{probe}.successThreshold: Invalid value: 2: must be 1"
            ))
        });
        assert_eq!(said, refused, "{probe}");
    }
}

#[test]
fn on_failure_restarts_only_after_a_non_zero_exit() {
    for (code, again) in [(0, false), (1, true)] {
        let spec = format!(
            "  restartPolicy: OnFailure\n  containers:\n  - {{name: app, image: busybox:1.28, command: [sh, -c, 'sleep 2; exit {code}']}}"
        );
        let run = run(20, &spec, "");
        assert_eq!(restarts(&last(&run), "app") > 0, again, "exit {code}");
    }
}

#[test]
fn pre_stop_then_sigterm_then_sigkill_after_the_grace_period() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  terminationGracePeriodSeconds: 10\n  containers:\n  - name: app\n    image: busybox:1.28\n    command: [sh, -c, \"trap '' TERM; while true; do sleep 1; done\"]\n    lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 4']}}}\n---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  duration: 40s\n  node: {profile: recorded}\n  timeline:\n  - {at: 10s, kubectl: 'delete pod web --wait=false'}\n";
    let mut run = Run::new(text);
    run.finish();
    let hook =
        when(&run, "app", |what| matches!(what, What::Hook { name: "preStop", began: true, .. }))
            .expect("a hook");
    let signal = |name: &str| {
        when(&run, "app", |what| matches!(what, What::Signal(sent) if &**sent == name))
            .expect("a signal")
    };
    let (term, kill) = (signal("SIGTERM"), signal("SIGKILL"));
    assert!(hook < term && term < kill);
    assert_eq!(term.since(hook).as_secs(), 4, "the hook took four of the ten seconds");
    assert_eq!(kill.since(hook).as_secs(), 10, "and the signal had the other six");
}

#[test]
fn post_start_runs_beside_the_entrypoint() {
    let spec = "  containers:\n  - name: app\n    image: busybox:1.28\n    command: [sh, -c, 'sleep 2; echo entry; sleep 3600']\n    lifecycle: {postStart: {exec: {command: [sh, -c, 'sleep 5']}}}";
    let run = run(20, spec, "");
    let spoke = when(
        &run,
        "app",
        |what| matches!(what, What::Process(effect) if matches!(&effect.kind, ProcessEffectKind::Out(text) if &**text == "entry\n")),
    );
    let hook = |wanted: bool| {
        when(
            &run,
            "app",
            |what| matches!(what, What::Hook { name: "postStart", began, .. } if *began == wanted),
        )
        .expect("a hook")
    };
    let spoke = spoke.expect("the entrypoint speaks");
    assert!(hook(true) < spoke && spoke < hook(false));
    let running = versions(&run)
        .into_iter()
        .find(|(_, pod)| pod.status.container("app").is_some_and(|c| c.state.is_running()))
        .map(|(at, _)| at);
    assert!(
        running.expect("it runs") >= hook(false),
        "the API shows it running only after the hook"
    );
}
