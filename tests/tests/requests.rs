//! Requests with a life: which are lost when pods go, why, and what keeps them.

use podplay_core::record::Lost;
use podplay_playback::{Plan, Run, requests, why};
use std::collections::BTreeMap;

/// A Deployment that is rolled out at 30 s, a Service, and a client; `{pod}` and `{client}` are put in.
fn rollout(pod: &str, service: &str, client: &str, seed: u64) -> Run {
    let text = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]{service}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 2m
  traffic:
  - {{service: web, rps: 50, from: 15s, for: 75s{client}}}
  timeline:
  - {{at: 30s, kubectl: set image deployment/web app=nginx:1.28}}
"
    );
    let mut plan = Plan::read(&text);
    assert!(
        plan.reading
            .diagnostics
            .iter()
            .all(|one| one.severity != podplay_manifest::Severity::Error),
        "{:?}",
        plan.reading.diagnostics
    );
    plan.config.seed = seed;
    let mut run = Run::of(plan);
    run.finish();
    run
}

const PLAIN: &str = "containers: [{name: app, image: 'nginx:1.27', readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}}]";
const SLEEPS: &str = "containers: [{name: app, image: 'nginx:1.27', readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}, lifecycle: {preStop: {sleep: {seconds: 5}}}}]";

/// All requests that ended, and the failed ones by reason.
fn seen(run: &Run) -> (u64, BTreeMap<Lost, u64>) {
    let (_, client) = run.cluster().traffic().next().expect("a client");
    (client.seen.total(), client.seen.failed.clone())
}

#[test]
fn a_rollout_loses_requests_without_a_pause_before_the_stop_and_none_with_it() {
    let (mut lost, mut kept) = (0, 0);
    for seed in 0..8 {
        let (total, failed) = seen(&rollout(PLAIN, "", ", latency: 80ms", seed));
        assert!(total >= 3_740, "{total}");
        lost += failed.values().sum::<u64>();
        let known = [Lost::Refused, Lost::Unreachable, Lost::Reset];
        assert!(failed.keys().all(|one| known.contains(one)), "{failed:?}");
        let (_, failed) = seen(&rollout(SLEEPS, "", ", latency: 80ms", seed));
        kept += failed.values().sum::<u64>();
    }
    assert!(lost >= 8, "a rollout without preStop loses some requests: {lost}");
    assert_eq!(kept, 0, "a pause of 5 s before the stop loses none");
}

#[test]
fn a_lost_request_is_explained_by_the_end_of_its_pod() {
    let run = rollout(PLAIN, "", ", latency: 80ms", 1);
    let mut explained = 0;
    for (record, end) in requests::lost(&run, 0) {
        let chain = why::chain(&run, record.id);
        let pod = end.pod.as_ref().expect("it came as far as a pod");
        let about = |step: &why::Step| {
            why::record(&run, step.record).and_then(|record| record.subject.pod().cloned())
        };
        assert!(
            chain.iter().skip(1).any(|step| about(step).is_some_and(|of| of.name == pod.name)),
            "{end:?}: {chain:?}"
        );
        let last = chain.last().and_then(|step| why::record(&run, step.record)).expect("a start");
        assert!(matches!(last.what, podplay_core::What::Command(..)), "{last:?}");
        explained += 1;
    }
    assert!(explained > 0);
}

#[test]
fn kinds_of_loss() {
    let pod = |stops: &str| {
        format!(
            "terminationGracePeriodSeconds: 3\n      containers: [{{name: app, image: 'nginx:1.27', readinessProbe: {{httpGet: {{port: 80}}, periodSeconds: 2}}{stops}}}]"
        )
    };
    let slow = ", latency: 8s, timeout: 20s";
    // Requests that take longer than the pod has left are cut off.
    let (_, failed) = seen(&rollout(&pod(""), "", slow, 0));
    assert!(failed.contains_key(&Lost::Reset), "{failed:?}");
    // A client that does not wait gives up on every request.
    let (total, failed) = seen(&rollout(&pod(""), "", ", latency: 2s, timeout: 1s", 0));
    assert!(failed.get(&Lost::TimedOut).is_some_and(|n| *n > total * 9 / 10), "{failed:?}");
    // Nothing is selected.
    let (total, failed) = seen(&rollout(
        "containers: [{name: app, image: 'nginx:1.27', readinessProbe: {httpGet: {port: 81}}}]",
        "",
        "",
        0,
    ));
    assert_eq!(failed.get(&Lost::NoEndpoints), Some(&total), "{failed:?}");
}

#[test]
fn a_load_balancer_outside_learns_late() {
    let lost = |client: &str, pod: &str| -> u64 {
        (0..4).map(|seed| seen(&rollout(pod, "", client, seed)).1.values().sum::<u64>()).sum()
    };
    let soon = lost(", outside: 100ms", SLEEPS);
    let late = lost(", outside: 8s", SLEEPS);
    assert_eq!(soon, 0, "a pause of 5 s covers 100 ms");
    assert!(late > 10, "and does not cover 8 s: {late}");
}

#[test]
fn affinity_and_open_connections_stay_with_a_pod() {
    let pods = |service: &str, client: &str| {
        let run = rollout(SLEEPS, service, client, 3);
        let (_, client) = run.cluster().traffic().next().expect("a client");
        client.seen.answered.len()
    };
    assert!(pods("", "") >= 6, "three old and three new pods answer");
    assert!(pods(", sessionAffinity: ClientIP", "") <= 3, "one after the other");
    assert!(pods("", ", connections: 1") <= 4);
    // Connections that are open go on while their pod waits in its preStop; only what is in flight at its end is lost.
    let (_, failed) = seen(&rollout(SLEEPS, "", ", connections: 5", 3));
    assert_eq!(failed.values().sum::<u64>(), 0, "{failed:?}");
}
