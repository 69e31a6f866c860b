//! Scenarios around workloads: traffic during a rollout, a readiness gate that nobody sets.

use std::fs;
use std::path::Path;

use podplay_api::{SimTime, Value, json};
use podplay_core::traffic::Seen;
use podplay_core::{Budget, Cluster, Command};
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
    let seen =
        run.cluster().traffic().next().map(|(_, client)| client.seen.clone()).unwrap_or_default();
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
