//! A probe that fails because of a fault leads to the fault, and to the line of the text that made it; one that fails
//! because of the container's own script leads to the line of that script.

use podplay_api::SimTime;
use podplay_playback::{Run, why};

const SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: nginx:1.27
    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  timeline:
  - {at: 12s, kubectl: get pods}
  - {at: 31s, fault: FAULT}
";

const SCRIPT: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox:1.36
    command:
    - sh
    - -c
    - |
      touch /tmp/ready
      sleep 30
      rm /tmp/ready
      sleep 600
    readinessProbe:
      exec: {command: [cat, /tmp/ready]}
      periodSeconds: 5
";

const NAMES: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox:1.36
    command: [sleep, \"3600\"]
    readinessProbe: {exec: {command: [nslookup, kubernetes.default]}, periodSeconds: 5}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  timeline:
  - {at: 31s, fault: {kind: DNSDown}}
";

/// The chain behind the pod's last change up to a second.
fn chain(text: &str, second: u64) -> Vec<(String, Option<usize>)> {
    let mut run = Run::new(text);
    run.finish();
    let chain =
        why::of_pod(&run, Some(("default", "web")), SimTime::from_secs(second)).unwrap_or_default();
    let line = |step: &why::Step| step.place.as_ref().map(|place| place.span.line);
    chain.iter().map(|step| (why::sentence(&run, step, why::Lang::En), line(step))).collect()
}

#[test]
fn a_fault_behind_a_probe_is_told() {
    let table = [
        ("{pod: web, container: app, kind: FailHTTP, status: 503}", "FailHTTP", "statuscode: 503"),
        ("{pod: web, kind: RefuseConnections}", "RefuseConnections", "connection refused"),
        ("{pod: web, kind: Hang, for: 40s}", "Hang", "deadline exceeded"),
        ("{pod: web, container: app, kind: Slow, by: 3s}", "Slow", "deadline exceeded"),
    ];
    for (fault, kind, words) in table {
        let chain = chain(&SERVER.replace("FAULT", fault), 55);
        let sentences: Vec<&str> = chain.iter().map(|(sentence, _)| sentence.as_str()).collect();
        assert!(
            sentences[0]
                .starts_with("pod web shows 0/1 Running, because container app is not ready"),
            "{sentences:#?}"
        );
        assert!(
            sentences[1].contains("failed 3 times in a row (failureThreshold 3, line 8)"),
            "{sentences:#?}"
        );
        assert!(sentences[2].contains(words), "{kind}: {sentences:#?}");
        assert!(sentences[3].starts_with(&format!("the fault {kind} hit")), "{sentences:#?}");
        assert_eq!(chain[3].1, Some(15), "{kind}: the line of the fault");
        assert_eq!(chain.len(), 4, "a fault is where it began: {sentences:#?}");
    }
}

#[test]
fn names_that_do_not_resolve_are_told() {
    let chain = chain(NAMES, 60);
    let fault = chain
        .iter()
        .find(|(sentence, _)| sentence.starts_with("the fault DNSDown hit the cluster"));
    assert_eq!(fault.and_then(|(_, line)| *line), Some(15), "{chain:#?}");
}

#[test]
fn a_script_behind_a_probe_is_told_with_its_line() {
    let chain = chain(SCRIPT, 60);
    let sentences: Vec<&str> = chain.iter().map(|(sentence, _)| sentence.as_str()).collect();
    let wanted = [
        "pod web shows 0/1 Running, because container app is not ready",
        "the readiness probe of container app failed 3 times in a row (failureThreshold 3, line 16)",
        "the readiness probe of container app failed: `cat /tmp/ready` exited with 1: cat: can't open '/tmp/ready': No such file or directory (readinessProbe, line 16)",
        "`rm /tmp/ready` was run by the script of container app and removed /tmp/ready (line 14)",
        "container app was started (line 6)",
        "the scheduler put pod web on node01",
        "the request: create pod/web (line 3)",
    ];
    assert_eq!(sentences, wanted);
}

#[test]
fn what_counts_before_the_first_attempt_is_said_so() {
    let chain = chain(SCRIPT, 3);
    let told: Vec<&str> = chain.iter().map(|(sentence, _)| sentence.as_str()).collect();
    assert!(told.iter().all(|sentence| !sentence.contains("in a row")), "{told:#?}");
}

const TWO: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: app, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec: {containers: [{name: app, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: app, image: nginx}]}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  timeline:
  - {at: 30s, fault: {kind: Crash, pod: other}}
  - {at: 30s, fault: {kind: Crash, pod: web}}
  - {at: 30s, fault: {kind: DNSDown}}
  - {at: 30s, fault: {kind: Crash, pod: web, namespace: shop}}
";

#[test]
fn each_fault_of_one_moment_is_blamed_for_its_own() {
    let mut run = Run::new(TWO);
    run.finish();
    for (namespace, name, line) in
        [("default", "other", 24), ("default", "web", 25), ("shop", "web", 27)]
    {
        let chain = why::of_pod(&run, Some((namespace, name)), SimTime::from_secs(40));
        let fault = chain.iter().flatten().find(|step| {
            why::record(&run, step.record)
                .is_some_and(|record| matches!(record.what, podplay_core::What::Fault(..)))
        });
        let place = fault.and_then(|step| step.place.as_ref());
        assert_eq!(place.map(|place| place.span.line), Some(line), "{namespace}/{name}: {chain:?}");
    }
}
