//! What objects wait for, as data: a table of texts, a moment, and what is said then.

use podplay_api::SimTime;
use podplay_core::config::{Config, Profile};
use podplay_core::holds::{Hold, Wait, holds};
use podplay_core::{Budget, Cluster, Command};

/// The holds of a text after some seconds.
fn after(text: &str, seconds: u64) -> Vec<Hold> {
    let mut cluster = Cluster::new(Config::new(1, Profile::Typical));
    for object in podplay_manifest::read(text).objects {
        let _ = cluster.apply(Command::Create(object.object));
    }
    let mut budget = Budget::UNLIMITED;
    let _ = cluster.run_until(SimTime::from_secs(seconds), &mut budget);
    holds(&cluster)
}

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {spec}\n")
}

#[test]
fn each_thing_says_what_it_waits_for() {
    let container = |rest: &str| format!("{{containers: [{{name: app, image: nginx{rest}}}]}}");
    /// A pod's spec, seconds, what its first hold is, and the field it names.
    type Row = (String, u64, fn(&Wait) -> bool, &'static str);
    let table: [Row; 9] = [
        (container(", resources: {requests: {cpu: 900}}"), 5, |wait| matches!(wait, Wait::Nodes(_)), "spec"),
        (
            container(", envFrom: [{secretRef: {name: db}}]"),
            20,
            |wait| matches!(wait, Wait::Source { kind: "Secret", key: None, .. }),
            "spec.containers[0].envFrom[0].secretRef.name",
        ),
        (
            container(", imagePullPolicy: Never"),
            20,
            |wait| matches!(wait, Wait::Image(..)),
            "spec.containers[0].imagePullPolicy",
        ),
        (
            container(", command: [sh, -c, exit 3]"),
            30,
            |wait| matches!(wait, Wait::Exit(exit) if exit.code == 3 && exit.restarts > 0),
            "spec.containers[0].command",
        ),
        (
            // Killed once for its probe, and about to be killed again.
            container(", command: [sh, -c, sleep 600], livenessProbe: {exec: {command: [\"false\"]}, periodSeconds: 5}"),
            75,
            |wait| matches!(wait, Wait::Exit(exit) if exit.by.is_some()),
            "spec.containers[0].livenessProbe",
        ),
        (
            container(", readinessProbe: {tcpSocket: {port: 81}, periodSeconds: 2}"),
            20,
            |wait| matches!(wait, Wait::Probe(probe) if probe.failures > 2 && probe.listens == [80]),
            "spec.containers[0].readinessProbe",
        ),
        (
            "{schedulingGates: [{name: example.com/gate}], containers: [{name: app, image: nginx}]}".to_owned(),
            5,
            |wait| matches!(wait, Wait::Gates(gates) if gates == &["example.com/gate"]),
            "spec.schedulingGates",
        ),
        (
            "{readinessGates: [{conditionType: example.com/up}], containers: [{name: app, image: nginx}]}".to_owned(),
            20,
            |wait| matches!(wait, Wait::Condition(gate) if gate == "example.com/up"),
            "spec.readinessGates[0].conditionType",
        ),
        (
            "{initContainers: [{name: wait, image: busybox, command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}], containers: [{name: app, image: nginx}]}".to_owned(),
            30,
            |wait| matches!(wait, Wait::Init(Some((host, _))) if host == "db"),
            "spec.initContainers[0].command",
        ),
    ];
    for (spec, seconds, is, path) in table {
        let found = after(&pod(&spec), seconds);
        let first = found.first().unwrap_or_else(|| panic!("{spec}: nothing is held up"));
        assert!(is(&first.wait), "{spec}: {:?}", first.wait);
        assert_eq!(first.paths.first().map(String::as_str), Some(path), "{spec}");
    }
}

#[test]
fn what_gets_on_waits_for_nothing() {
    for (spec, seconds) in [
        ("{containers: [{name: app, image: nginx}]}", 2),
        ("{containers: [{name: app, image: nginx}]}", 30),
    ] {
        assert_eq!(after(&pod(spec), seconds), Vec::new(), "{spec} at {seconds} s");
    }
}
