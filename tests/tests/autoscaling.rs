//! An autoscaler under a load that comes and goes.

use podplay_core::What;
use podplay_playback::Run;

const TEXT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: nginx:1.27
        resources: {requests: {cpu: 100m}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 20
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 20m
  images: {nginx: {cpu: {idle: 1m, perRequest: 10ms}}}
  traffic:
  - {service: web, rps: 2, from: 10s}
  - {service: web, rps: 40, from: 2m, for: 5m}
";

/// Replicas wanted by the Deployment, and since when, in seconds.
fn sizes(run: &Run) -> Vec<(u64, i64)> {
    let mut out: Vec<(u64, i64)> = Vec::new();
    for record in run.trace() {
        let What::Stored(_, podplay_core::record::Stored::Object(object)) = &record.what else {
            continue;
        };
        if object["kind"] != "Deployment" {
            continue;
        }
        let size = object["spec"]["replicas"].as_i64().unwrap_or(1);
        if out.last().is_none_or(|(_, last)| *last != size) {
            out.push((record.at.as_millis() / 1000, size));
        }
    }
    out
}

#[test]
fn a_load_is_answered_by_more_pods_and_they_go_after_the_window() {
    let mut run = Run::new(TEXT);
    run.finish();
    let sizes = sizes(&run);
    // 42 requests a second take 420m of a core: 9 pods with 100m each, at 50 %.
    let most = sizes.iter().map(|(_, size)| *size).max().unwrap_or(0);
    assert!((8..=10).contains(&most), "{sizes:?}");
    let first = sizes.iter().find(|(_, size)| *size > 1).expect("it grows");
    assert!((120..=180).contains(&first.0), "{sizes:?}");
    // At most the double, or four, at a time.
    for pair in sizes.windows(2) {
        assert!(pair[1].1 <= (pair[0].1 * 2).max(4), "{sizes:?}");
    }
    // The load ends at 420 s; the highest recommendation holds for five minutes more.
    let last = sizes.last().expect("a size");
    assert_eq!(last.1, 1, "{sizes:?}");
    let shrinks = sizes.windows(2).find(|pair| pair[1].1 < pair[0].1).expect("it shrinks")[1].0;
    assert!((715..=780).contains(&shrinks), "{sizes:?}");
}

#[test]
fn kubectl_shows_what_was_measured() {
    let mut run = Run::new(TEXT);
    run.finish();
    let moment = run.seek(podplay_api::SimTime::from_secs(400), None);
    let scaler = moment.cluster().get("HorizontalPodAutoscaler", "default", "web").expect("stored");
    let status = &scaler["status"];
    let percent = status["currentMetrics"][0]["resource"]["current"]["averageUtilization"].as_i64();
    assert!(percent.is_some_and(|percent| (40..=60).contains(&percent)), "{status}");
    let conditions = status["conditions"].as_array().expect("conditions");
    let of = |kind: &str| conditions.iter().find(|one| one["type"] == kind).expect("a condition");
    assert_eq!(of("ScalingActive")["reason"], "ValidMetricFound");
    assert_eq!(of("ScalingLimited")["reason"], "DesiredWithinRange");
    let events: Vec<String> = run
        .trace()
        .iter()
        .filter_map(|record| match &record.what {
            What::Event(event) if event.reason == "SuccessfulRescale" => {
                Some(event.message.clone())
            }
            _ => None,
        })
        .collect();
    assert!(
        events
            .iter()
            .any(|text| text
                .ends_with("cpu resource utilization (percentage of request) above target")),
        "{events:?}"
    );
    assert!(events.iter().any(|text| text.ends_with("All metrics below target")), "{events:?}");
}

#[test]
fn without_requests_or_without_a_word_about_cpu_nothing_is_computed() {
    for (text, word) in [
        (
            TEXT.replace("        resources: {requests: {cpu: 100m}}\n", ""),
            "missing request for cpu in container app of Pod web-",
        ),
        (
            TEXT.replace("  images: {nginx: {cpu: {idle: 1m, perRequest: 10ms}}}\n", ""),
            "unable to get metrics for resource cpu",
        ),
    ] {
        let mut run = Run::new(&text);
        run.finish();
        assert_eq!(sizes(&run).iter().map(|(_, size)| *size).max(), Some(1));
        let said = run.trace().iter().any(|record| match &record.what {
            What::Event(event) => {
                event.reason == "FailedGetResourceMetric" && event.message.contains(word)
            }
            _ => false,
        });
        assert!(said, "{word}");
    }
}
