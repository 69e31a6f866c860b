//! Scenarios around workloads: traffic during a rollout, a readiness gate that nobody sets, many pods.

use std::fs;
use std::path::Path;

use podplay_api::{SimTime, Value, json};
use podplay_core::controllers::traffic::Seen;
use podplay_core::{Budget, Cluster, Command, Config, NodeConfig, Profile};
use podplay_playback::Run;

fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn run(text: &str) -> Run {
    let mut run = Run::new(text);
    run.finish();
    assert!(run.refusals().is_empty(), "{:?}", run.refusals());
    run
}

fn seen(name: &str) -> Seen {
    let run = run(&scenario(name));
    let seen = run.cluster().traffic().next().map(|client| client.seen.clone()).unwrap_or_default();
    println!(
        "{name}: {} of {} requests failed ({} ppm): {:?}",
        seen.failures(),
        seen.total(),
        seen.failed_ppm(),
        seen.failed
    );
    seen
}

#[test]
fn a_rollout_without_pre_stop_loses_requests() {
    let (without, with) =
        (seen("rollout-loses-requests.yaml"), seen("rollout-keeps-requests.yaml"));
    for seen in [&without, &with] {
        assert_eq!(seen.total(), 3000, "50 a second for a minute");
        assert_eq!(
            seen.answered.len(),
            6,
            "three old pods and three new ones: {:?}",
            seen.answered
        );
    }
    assert!(without.failures() > 0, "pods stop before kube-proxy knows");
    assert_eq!(with.failures(), 0, "{:?}", with.failed);
}

/// Pods of the Deployment by image.
fn pods(cluster: &Cluster, image: &str) -> Vec<String> {
    let of = |pod: &&podplay_api::Pod| pod.spec.containers.iter().any(|c| c.image == image);
    cluster.pods().filter(of).map(|pod| pod.meta.name.clone()).collect()
}

fn set_gate(cluster: &mut Cluster, name: &str) {
    let Some(mut pod) = cluster.get("Pod", "default", name) else { panic!("no pod {name}") };
    let condition = json!({"type": "example.com/load-balancer", "status": "True"});
    if let Some(conditions) = pod["status"]["conditions"].as_array_mut() {
        conditions.push(condition);
    }
    assert!(cluster.apply(Command::ReplaceStatus(pod)).is_ok());
}

fn pass(cluster: &mut Cluster, seconds: u64) {
    let to = SimTime::from_secs(cluster.now().as_millis() / 1000 + seconds);
    let _ = cluster.run_until(to, &mut Budget(10_000_000));
}

#[test]
fn a_readiness_gate_stops_a_rollout() {
    let (old, new) = ("nginx:1.25", "nginx:1.27");
    let mut cluster =
        Run::new(&scenario("readiness-gate.yaml")).seek(SimTime::ZERO, None).into_cluster();
    pass(&mut cluster, 10);
    let ready = |cluster: &Cluster| {
        let deployment = cluster.get("Deployment", "default", "web").unwrap_or_default();
        deployment["status"]["availableReplicas"].as_i64().unwrap_or(0)
    };
    assert_eq!((pods(&cluster, old).len(), ready(&cluster)), (3, 0), "nobody set the gate");
    for name in pods(&cluster, old) {
        set_gate(&mut cluster, &name);
    }
    pass(&mut cluster, 5);
    assert_eq!(ready(&cluster), 3);
    let mut deployment: Value = cluster.get("Deployment", "default", "web").unwrap_or_default();
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!(new);
    assert!(cluster.apply(Command::Replace(deployment)).is_ok());
    pass(&mut cluster, 60);
    assert_eq!(
        (pods(&cluster, old).len(), pods(&cluster, new).len()),
        (3, 1),
        "it waits for the first"
    );
    // One gate after another, and the rollout goes on to its end.
    let mut set: Vec<String> = Vec::new();
    for _ in 0..3 {
        let next = pods(&cluster, new).into_iter().find(|name| !set.contains(name));
        let Some(next) = next else { panic!("the rollout did not go on after {set:?}") };
        set_gate(&mut cluster, &next);
        set.push(next);
        pass(&mut cluster, 40);
    }
    assert_eq!((pods(&cluster, old).len(), pods(&cluster, new).len()), (0, 3));
    assert_eq!(ready(&cluster), 3);
}

/// A cluster of 20 nodes with so many pods, in Deployments of 50 behind a Service each, after ten minutes.
/// Returns its wakeups.
fn crowd(count: usize) -> u64 {
    let mut config = Config::new(7, Profile::Typical);
    config.nodes = (1..=20)
        .map(|n| NodeConfig { name: format!("node{n:02}"), ..NodeConfig::default() })
        .collect();
    let mut cluster = Cluster::new(config);
    for n in 0..count / 50 {
        let labels = json!({"app": format!("web{n}")});
        let probe = json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10, "failureThreshold": 3,
            "successThreshold": 1, "timeoutSeconds": 1});
        let container = json!({"name": "web", "image": "nginx:1.25", "ports": [{"containerPort": 80}],
            "readinessProbe": probe, "livenessProbe": probe});
        let template = json!({"metadata": {"labels": labels},
            "spec": {"containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 30}});
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": format!("web{n}"), "namespace": "default"},
            "spec": {"replicas": 50, "selector": {"matchLabels": labels}, "template": template}});
        let service = json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": format!("web{n}"), "namespace": "default"},
            "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 80}]}});
        for object in [deployment, service] {
            assert!(cluster.apply(Command::Create(object)).is_ok());
        }
    }
    let mut budget = Budget(u64::MAX);
    let _ = cluster.run_until(SimTime::from_secs(600), &mut budget);
    let ready = cluster.pods().filter(|pod| pod.status.is_true("Ready")).count();
    assert_eq!(ready, count);
    u64::MAX - budget.0
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the table shows real time")]
fn the_cost_of_a_pod_does_not_grow_with_their_number() {
    let mut per_pod: Vec<u64> = Vec::new();
    println!("pods  wakeups  per pod  milliseconds  microseconds per pod");
    for count in [50, 100, 200, 500] {
        let start = std::time::Instant::now();
        let wakeups = crowd(count);
        let spent = start.elapsed();
        let pods = count as u64;
        let each = spent.as_micros() / u128::from(pods);
        println!(
            "{count:4}  {wakeups:7}  {:7}  {:12}  {each:20}",
            wakeups / pods,
            spent.as_millis()
        );
        per_pod.push(wakeups / pods);
    }
    let (first, last) = (per_pod[0], per_pod[per_pod.len() - 1]);
    assert!(last <= first + first / 4, "{first} wakeups for a pod of 50, {last} for one of 500");
}
