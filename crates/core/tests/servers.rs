//! Servers of known images: what delays them, and what they answer.

use podplay_api::fault::{Timed, Whom};
use podplay_api::{Fault, SimTime};
use podplay_core::record::What;
use podplay_core::{Budget, Cluster, Command, Config, Profile};
use std::time::Duration;

fn run(cluster: &mut Cluster, seconds: u64) {
    let _ = cluster.run_until(SimTime::from_secs(seconds), &mut Budget(u64::MAX));
}

/// When the pod was ready first, in seconds.
fn ready_after(image: &str, args: &str, port: u16, slow: Option<u64>) -> Option<u64> {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: app\n    image: {image}\n    {args}\n    readinessProbe: {{tcpSocket: {{port: {port}}}, periodSeconds: 1}}\n"
    );
    let mut cluster = Cluster::new(Config::new(1, Profile::Instant));
    if let Some(seconds) = slow {
        let fault = Fault::SlowStart { at: Whom::default(), by: Duration::from_secs(seconds) };
        assert!(cluster.apply(Command::Fault(Timed { fault, lasts: None })).is_ok());
    }
    for object in podplay_manifest::read(&text).objects {
        assert!(cluster.apply(Command::Create(object.object)).is_ok(), "{image}");
    }
    (0..120).find(|second| {
        run(&mut cluster, *second);
        cluster.pods().any(|pod| pod.status.is_true("Ready"))
    })
}

#[test]
fn a_slow_start_delays_every_server() {
    let table = [
        ("nginx", "", 80),
        ("httpd", "", 80),
        ("redis", "", 6379),
        ("postgres", "env: [{name: POSTGRES_PASSWORD, value: x}]", 5432),
        ("registry.k8s.io/e2e-test-images/agnhost:2.40", "args: [netexec]", 8080),
        ("example.com/shop:1", "ports: [{containerPort: 8080}]", 8080),
    ];
    for (image, args, port) in table {
        let plain = ready_after(image, args, port, None);
        let slow = ready_after(image, args, port, Some(30));
        let (Some(plain), Some(slow)) = (plain, slow) else {
            panic!("{image}: {plain:?}, {slow:?}");
        };
        assert!((29..=31).contains(&(slow - plain)), "{image}: {plain} s, then {slow} s");
    }
}

#[test]
fn a_web_server_answers_by_method() {
    let table = [
        ("nginx", "curl -s -o /dev/null -w '%{http_code}' -I", "/", "200"),
        ("nginx", "curl -s -o /dev/null -w '%{http_code}' -X POST", "/", "405"),
        ("nginx", "curl -s -o /dev/null -w '%{http_code}' -X POST", "/nothing", "404"),
        ("nginx", "curl -s -o /dev/null -w '%{http_code}' -X DELETE", "/nothing", "405"),
        ("httpd", "curl -s -o /dev/null -w '%{http_code}' -X POST", "/", "200"),
        ("httpd", "curl -s -o /dev/null -w '%{http_code}' -X PUT", "/", "405"),
    ];
    for (image, curl, path, expected) in table {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  restartPolicy: Never\n  containers:\n  - {{name: app, image: {image}}}\n  - name: client\n    image: radial/busyboxplus\n    command: [sh, -c, \"sleep 5; {curl} http://localhost{path}\"]\n"
        );
        let mut cluster = Cluster::new(Config::new(1, Profile::Instant));
        for object in podplay_manifest::read(&text).objects {
            assert!(cluster.apply(Command::Create(object.object)).is_ok(), "{image}");
        }
        run(&mut cluster, 8);
        let records = cluster.take_records();
        let failed = records.iter().any(|record| matches!(record.what, What::Limit(_)));
        let log = cluster.logs("default", "web", Some("client"), false).unwrap_or_default();
        let said: String = log.iter().map(|line| line.text.to_string()).collect();
        assert!(!failed && said.trim() == expected, "{image} {curl} {path}: {said}");
    }
}
