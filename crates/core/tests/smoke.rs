//! A pod runs, crashes, is restarted, and goes when it is deleted.

use podplay_api::{SimTime, Value, json};
use podplay_core::{Budget, Cluster, Command, Config, DeleteOptions, Profile, Progress};

fn pod(name: &str, script: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "containers": [{
            "name": "c", "image": "busybox:1.28", "imagePullPolicy": "IfNotPresent", "command": ["sh", "-c", script],
            "terminationMessagePath": "/dev/termination-log",
        }]},
    })
}

fn run(cluster: &mut Cluster, seconds: u64) {
    let reached = cluster.run_until(SimTime::from_secs(seconds), &mut Budget(1_000_000));
    assert_eq!(reached, Progress::Reached);
}

#[test]
fn a_pod_lives_and_dies() {
    let mut cluster = Cluster::new(Config::new(1, Profile::Recorded));
    cluster.apply(Command::Create(pod("web", "echo hi; sleep 5; exit 3"))).expect("created");
    run(&mut cluster, 3);
    if std::env::var_os("PRINT_RECORDS").is_some() {
        for record in cluster.take_records() {
            println!("{} {:?} {:?}", record.at, record.subject.container(), record.what);
        }
    }
    let status = |cluster: &Cluster| cluster.pods().next().map(|pod| pod.status.clone());
    let running = status(&cluster).expect("there");
    assert_eq!(running.phase.as_str(), "Running");
    assert!(running.is_true("Ready"));
    let log = cluster.logs("default", "web", None, false).expect("a log");
    assert_eq!(log.first().map(|line| line.text.to_string()).as_deref(), Some("hi"));
    run(&mut cluster, 9);
    let restarted = status(&cluster).expect("there");
    assert_eq!(restarted.container_statuses[0].restart_count, 1);
    assert_eq!(
        restarted.container_statuses[0].last_state.terminated().map(|end| end.exit_code),
        Some(3)
    );
    let delete = Command::Delete {
        kind: "Pod".into(),
        namespace: "default".into(),
        name: "web".into(),
        options: DeleteOptions::default(),
    };
    cluster.apply(delete).expect("deleted");
    run(&mut cluster, 60);
    assert!(status(&cluster).is_none());
}
