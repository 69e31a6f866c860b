//! Many pods on many nodes: Deployments of 50 behind a Service each.

use podplay_api::{SimTime, json};
use podplay_core::{Budget, Cluster, Command, Config, NodeConfig, Profile, Record};

/// The numbers of pods that are measured.
pub(crate) const SIZES: [u32; 4] = [50, 100, 200, 500];

/// What came of a crowd.
pub(crate) struct Crowd {
    /// The cluster after ten minutes.
    pub(crate) cluster: Cluster,
    /// The whole trace.
    pub(crate) records: Vec<Record>,
    /// How many wakeups that took.
    pub(crate) wakeups: u64,
}

/// Ten minutes of so many pods on 20 nodes.
///
/// # Panics
/// When an object is refused or a pod is not ready at the end.
pub(crate) fn crowd(count: u32) -> Crowd {
    let mut config = Config::new(7, Profile::Typical);
    config.nodes = (1..=20)
        .map(|n| NodeConfig { name: format!("node{n:02}"), ..NodeConfig::default() })
        .collect();
    let mut cluster = Cluster::new(config);
    for n in 0..count / 50 {
        deploy(&mut cluster, &format!("web{n}"));
    }
    let mut budget = Budget(u64::MAX);
    let _ = cluster.run_until(SimTime::from_secs(600), &mut budget);
    let ready = cluster.pods().filter(|pod| pod.status.is_true("Ready")).count();
    assert_eq!(u32::try_from(ready), Ok(count), "all pods are ready");
    let records = cluster.take_records();
    Crowd { cluster, records, wakeups: u64::MAX - budget.0 }
}

fn deploy(cluster: &mut Cluster, name: &str) {
    let labels = json!({"app": name});
    let probe = json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10, "failureThreshold": 3,
        "successThreshold": 1, "timeoutSeconds": 1});
    let container = json!({"name": "web", "image": "nginx:1.25", "ports": [{"containerPort": 80}],
        "readinessProbe": probe, "livenessProbe": probe});
    let template = json!({"metadata": {"labels": labels},
        "spec": {"containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 30}});
    let metadata = json!({"name": name, "namespace": "default"});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {"replicas": 50, "selector": {"matchLabels": labels}, "template": template}});
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 80}]}});
    for object in [deployment, service] {
        assert!(cluster.apply(Command::Create(object)).is_ok());
    }
}
