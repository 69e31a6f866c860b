//! Small runs that tests and benchmarks share: a text, faults at fixed times, and how long.

use podplay_api::fault::{Exit, Timed, Whom};
use podplay_api::{Fault, SimTime};
use podplay_core::{Budget, Cluster, Command, Config, DeleteOptions, Profile, Progress, Record};
use std::time::Duration;

/// One run.
pub(crate) struct Scene {
    /// What it shows.
    pub(crate) name: &'static str,
    /// The manifests.
    pub(crate) text: &'static str,
    /// How long it runs.
    pub(crate) lasts: Duration,
    /// What happens on the way, in order of time.
    pub(crate) commands: fn() -> Vec<(Duration, Command)>,
}

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// A healthy pod whose probes run every ten seconds.
const PROBED: &str = include_str!("probed.yaml");

/// A pod that its own script makes unhealthy, again and again.
const RESTARTED: &str = include_str!("restarted.yaml");

/// A healthy pod whose probe is a command.
const ASKED: &str = "
apiVersion: v1
kind: Pod
metadata: {name: well}
spec:
  containers:
  - name: app
    image: busybox
    command: [sh, -c, 'touch /tmp/healthy; sleep 1000000']
    livenessProbe: {exec: {command: [cat, /tmp/healthy]}, periodSeconds: 10}
";

/// An init container that waits for a name, a Service, and a container that ends by itself.
const MIXED: &str = "
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {selector: {app: store}, ports: [{port: 6379}]}
---
apiVersion: v1
kind: Pod
metadata: {name: store, labels: {app: store}}
spec: {containers: [{name: redis, image: redis}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
  - {name: wait, image: busybox, command: [sh, -c, 'until nslookup store; do sleep 2; done']}
  containers:
  - {name: app, image: nginx}
  - {name: once, image: busybox, command: [sh, -c, 'sleep 20; exit 3']}
";

/// All of them.
pub(crate) const SCENES: [Scene; 4] = [
    Scene { name: "a day of one probed pod", text: PROBED, lasts: DAY, commands: Vec::new },
    Scene { name: "a day of exec probes", text: ASKED, lasts: DAY, commands: Vec::new },
    Scene { name: "an hour of restarts", text: RESTARTED, lasts: HOUR, commands: Vec::new },
    Scene { name: "an hour with faults", text: MIXED, lasts: HOUR, commands: faults },
];

fn faults() -> Vec<(Duration, Command)> {
    let at = Whom { container: Some("app".to_owned()), ..Whom::pod("default", "web") };
    let crash = Timed { fault: Fault::Crash { at, exit: Exit::Code(2) }, lasts: None };
    let delete = Command::Delete {
        kind: "Pod".to_owned(),
        namespace: "default".to_owned(),
        name: "store".to_owned(),
        options: DeleteOptions::default(),
    };
    vec![(Duration::from_secs(90), Command::Fault(crash)), (Duration::from_secs(600), delete)]
}

impl Scene {
    /// Plays it to its end.
    ///
    /// # Panics
    /// When the simulator refuses a command of the scene.
    pub(crate) fn play(&self) -> (Cluster, Vec<Record>) {
        let mut cluster = Cluster::new(Config::new(7, Profile::Typical));
        for object in podplay_manifest::read(self.text).objects {
            let created = cluster.apply(Command::Create(object.object));
            assert!(created.is_ok(), "{}: {created:?}", self.name);
        }
        for (at, command) in (self.commands)() {
            advance(&mut cluster, at);
            let applied = cluster.apply(command);
            assert!(applied.is_ok(), "{}: {applied:?}", self.name);
        }
        advance(&mut cluster, self.lasts);
        let records = cluster.take_records();
        (cluster, records)
    }
}

fn advance(cluster: &mut Cluster, to: Duration) {
    let mut budget = Budget::UNLIMITED;
    assert_eq!(cluster.run_until(SimTime::ZERO + to, &mut budget), Progress::Reached);
}
