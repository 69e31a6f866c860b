//! Faults that overlap: whatever their order, the state after the last of them is the state without any.

use podplay_api::fault::{FAULTS, Missing, Timed, read};
use podplay_api::{Map, SimTime, Value, json};
use podplay_core::{Budget, Cluster, Command, Config, NodeConfig, Profile};
use std::time::Duration;

const TEXT: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 2
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{operator: Exists}]
      containers:
      - name: app
        image: nginx:1.27
        envFrom: [{configMapRef: {name: settings}}]
        lifecycle: {preStop: {exec: {command: [sleep, '1']}}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
        livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
";

/// The faults that last, each as small as it can be written.
fn lasting() -> Vec<(&'static str, Timed)> {
    let smallest = |info: &'static podplay_api::fault::FaultInfo| {
        let mut entry = Map::from_iter([("kind".to_owned(), json!(info.name))]);
        if info.target.needs_pod() {
            entry.insert("pod".into(), json!("web-0"));
        }
        for field in info.fields {
            if let Missing::Required(usual) = field.missing {
                entry.insert(field.name.into(), json!(usual));
            }
        }
        (info.name, read(&Value::Object(entry)).expect(info.name))
    };
    FAULTS.iter().filter(|info| info.lasts).map(smallest).collect()
}

fn until(cluster: &mut Cluster, seconds: u64) {
    let _ = cluster.run_until(SimTime::from_secs(seconds), &mut Budget(u64::MAX));
}

/// What is broken: rules, the node's conditions and taints, pods that are not ready.
fn broken(cluster: &Cluster) -> Vec<String> {
    let mut out = Vec::new();
    for rule in cluster.world().faults.newest_first() {
        out.push(format!("{} is in force", rule.timed.fault.name()));
    }
    for (name, agent) in &cluster.world().nodes {
        if !agent.up || agent.health != podplay_core::faults::NodeHealth::default() {
            out.push(format!("{name}: up {}, {:?}", agent.up, agent.health));
        }
    }
    for node in cluster.list("Node", None) {
        for condition in node["status"]["conditions"].as_array().into_iter().flatten() {
            let well = if condition["type"] == "Ready" { "True" } else { "False" };
            if condition["status"] != well {
                out.push(format!("{} is {}", condition["type"], condition["status"]));
            }
        }
        out.extend(node["spec"]["taints"].as_array().into_iter().flatten().map(|t| t.to_string()));
    }
    let ready = cluster.pods().filter(|pod| pod.status.is_true("Ready")).count();
    if ready != 2 {
        out.push(format!("{ready} pods are ready"));
    }
    out
}

#[test]
fn after_any_two_faults_all_is_well() {
    let mut config = Config::new(3, Profile::Typical);
    config.nodes.push(NodeConfig::default());
    let mut start = Cluster::new(config);
    for object in podplay_manifest::read(TEXT).objects {
        assert!(start.apply(Command::Create(object.object)).is_ok());
    }
    until(&mut start, 60);
    assert_eq!(broken(&start), Vec::<String>::new(), "before any fault");
    // The second begins and ends, in seconds, while the first lasts from 60 to 120.
    let arrangements = [("nested", 80, 90), ("overlapping", 100, 150), ("back to back", 120, 170)];
    let faults = lasting();
    assert!(faults.len() > 15);
    for (one, first) in &faults {
        for (two, second) in &faults {
            for (name, from, to) in arrangements {
                let mut cluster = start.clone();
                let mut apply = |timed: &Timed, span: u64| {
                    let mut timed = timed.clone();
                    timed.lasts = Some(Duration::from_secs(span));
                    cluster.apply(Command::Fault(timed)).map(drop)
                };
                assert_eq!(apply(first, 60), Ok(()), "{one}");
                until(&mut cluster, from);
                let mut again = second.clone();
                again.lasts = Some(Duration::from_secs(to - from));
                // A pod that is away at the moment cannot be hit.
                let _ = cluster.apply(Command::Fault(again));
                until(&mut cluster, from + 1);
                let in_force = cluster.world().faults.newest_first().count();
                assert!(in_force > 0, "{one}, {two}, {name}");
                until(&mut cluster, 900);
                let found = broken(&cluster);
                assert!(found.is_empty(), "{one}, {two}, {name}: {found:?}");
            }
        }
    }
}

/// The kubelet is back when the last rule that keeps it down ends.
#[test]
fn a_fault_inside_another_does_not_end_it() {
    let table: [(&str, u64, u64, &str, u64, u64); 4] = [
        ("KubeletDown", 30, 120, "KubeletDown", 40, 50),
        ("NodeDown", 30, 120, "NodeDown", 40, 50),
        ("NodeDown", 30, 120, "KubeletDown", 40, 50),
        ("KubeletDown", 30, 120, "KubeletRestart", 40, 0),
    ];
    for (outer, from, to, inner, at, end) in table {
        let mut cluster = Cluster::new(Config::new(3, Profile::Typical));
        let fault = |kind: &str, span: u64| {
            let mut timed = read(&json!({"kind": kind})).expect(kind);
            timed.lasts = (span > 0).then(|| Duration::from_secs(span));
            Command::Fault(timed)
        };
        until(&mut cluster, from);
        assert!(cluster.apply(fault(outer, to - from)).is_ok());
        until(&mut cluster, at);
        assert!(cluster.apply(fault(inner, end.saturating_sub(at))).is_ok());
        let up = |cluster: &Cluster| cluster.world().nodes.values().all(|agent| agent.up);
        for second in at..to {
            until(&mut cluster, second);
            assert!(!up(&cluster), "{inner} inside {outer}: up at {second} s");
        }
        until(&mut cluster, to + 15);
        assert!(up(&cluster), "{inner} inside {outer}");
    }
}

/// Two partitions, one in the other: the node is lost as with one.
#[test]
fn a_partition_goes_on_when_a_shorter_one_ends() {
    let mut cluster = Cluster::new(Config::new(3, Profile::Typical));
    for (at, span) in [(30, 120), (40, 10)] {
        until(&mut cluster, at);
        let mut timed = read(&json!({"kind": "Partition"})).expect("Partition");
        timed.lasts = Some(Duration::from_secs(span));
        assert!(cluster.apply(Command::Fault(timed)).is_ok());
    }
    until(&mut cluster, 120);
    let node = cluster.list("Node", None).remove(0);
    let ready = node["status"]["conditions"].as_array().into_iter().flatten();
    let ready: Vec<&Value> = ready.filter(|c| c["type"] == "Ready").collect();
    assert_eq!(ready[0]["status"], "Unknown");
}

const FULL: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox:1.36
    command: [sleep, \"3600\"]
    volumeMounts: [{name: data, mountPath: /data}, {name: cache, mountPath: /cache}]
  volumes: [{name: data, emptyDir: {}}, {name: cache, emptyDir: {}}]
";

/// Writes two lines into a file; the exit status, and what the shell says.
fn write(cluster: &mut Cluster, path: &str) -> (Option<i32>, String) {
    let command = ["sh", "-c", &format!("echo x >> {path}")].map(str::to_owned).to_vec();
    let (namespace, pod) = ("default".to_owned(), "web".to_owned());
    let exec = Command::Exec { namespace, pod, container: None, command, stdin: Vec::new() };
    let Ok(podplay_core::Applied::Exec(id)) = cluster.apply(exec) else {
        return (None, String::new());
    };
    let soon = cluster.now() + Duration::from_secs(1);
    let _ = cluster.run_until(soon, &mut Budget(u64::MAX));
    let found = cluster.exec(id).expect("the exec");
    (found.exit, String::from_utf8_lossy(&found.stderr).into_owned())
}

#[test]
fn a_full_volume_takes_nothing_more() {
    let full = |volume: Option<&str>| {
        let mut entry = json!({"kind": "DiskFull", "pod": "web", "for": "20s"});
        if let Some(volume) = volume {
            entry["volume"] = json!(volume);
        }
        read(&entry).expect("a fault")
    };
    for (faults, refused) in [
        (vec![], vec![]),
        (vec![full(Some("data"))], vec!["/data/f"]),
        (vec![full(Some("data")), full(Some("cache"))], vec!["/data/f", "/cache/f"]),
        (vec![full(None)], vec!["/data/f", "/cache/f"]),
        (vec![full(Some("other"))], vec![]),
    ] {
        let mut cluster = Cluster::new(Config::new(1, Profile::Typical));
        for object in podplay_manifest::read(FULL).objects {
            assert!(cluster.apply(Command::Create(object.object)).is_ok());
        }
        until(&mut cluster, 20);
        for fault in &faults {
            assert!(cluster.apply(Command::Fault(fault.clone())).is_ok());
        }
        for path in ["/data/f", "/cache/f", "/tmp/f"] {
            let (exit, said) = write(&mut cluster, path);
            let is_refused = refused.contains(&path);
            assert_eq!(exit, Some(i32::from(is_refused)), "{faults:?} {path}: {said}");
            assert_eq!(said.contains("No space left on device"), is_refused, "{path}: {said}");
        }
        until(&mut cluster, 60);
        assert_eq!(write(&mut cluster, "/data/f").0, Some(0), "{faults:?}: afterwards");
    }
}
