//! Resizes, paths of the node and claims: small texts and what a cluster makes of them, for behaviour that no recording shows.

use podplay_tests::answers::{message, reasons, record, said};

const RESIZE: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: app
    image: "nginx:1.27"
    resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: big}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: app, image: "nginx:1.27", resources: {requests: {cpu: 1500m}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 60s
  node: {profile: recorded}
  timeline:
  - {at: 5s, kubectl: "patch pod p --subresource resize -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"resources\":{\"requests\":{\"cpu\":\"200m\"}}}]}}'"}
  - {at: 10s, kubectl: "patch pod p --subresource resize -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"resources\":{\"limits\":{\"memory\":\"256Mi\"}}}]}}'"}
  - {at: 20s, kubectl: "patch pod p --subresource resize -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"resources\":{\"requests\":{\"cpu\":\"3\"}}}]}}'"}
  - {at: 21s, kubectl: "patch pod p --subresource resize -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]}}'"}
  - {at: 25s, kubectl: "get pod p -o jsonpath='{range .status.conditions[0]}{.type}={.reason} {.message}{end}; {.status.containerStatuses[0].allocatedResources.cpu}'"}
  - {at: 30s, kubectl: "delete pod big"}
  - {at: 40s, kubectl: "get pod p -o jsonpath='{.status.conditions[0].type} {.status.containerStatuses[0].resources.requests.cpu} {.status.observedGeneration}'"}
"#;

#[test]
fn a_resize_is_granted_carried_out_or_put_off() {
    let run = record(RESIZE);
    let resize = ["ResizeStarted", "ResizeCompleted", "ResizeDeferred", "Killing"];
    assert_eq!(
        reasons(&run, "Pod/p", &resize),
        [
            "ResizeStarted",
            "ResizeCompleted",
            "ResizeStarted",
            "Killing",
            "ResizeCompleted",
            "ResizeDeferred",
            "ResizeStarted",
            "ResizeCompleted"
        ],
    );
    let restarts: Vec<_> =
        run["rows"]["p"].as_array().into_iter().flatten().map(|row| &row["restarts"]).collect();
    assert_eq!(restarts.last().map(|n| n.to_string()), Some("1".to_owned()), "{restarts:?}");
    assert!(message(&run, "Killing").contains("Container app resize requires restart"));
    assert_eq!(
        said(&run, 2),
        "Error from server (Forbidden): pods \"p\" is forbidden: node didn't have enough allocatable resources: cpu, requested: 3000, allocatable: 2000\n"
    );
    let words =
        "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000";
    assert_eq!(said(&run, 4), format!("PodResizePending=Deferred {words}; 200m"));
    assert!(message(&run, "ResizeDeferred").starts_with("Pod resize OutOfcpu: {\"containers\":["));
    assert_eq!(said(&run, 6), "PodReadyToStartContainers 1 4");
}

const CLAIMS: &str = r#"
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv1}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /mnt/data}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c1}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 500Mi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c2}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  restartPolicy: Never
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "echo one >> /d/f"], volumeMounts: [{name: d, mountPath: /d}]}
  volumes: [{name: d, persistentVolumeClaim: {claimName: c1}}]
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  restartPolicy: Never
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "sleep 2; cat /d/f; sleep 10"], volumeMounts: [{name: d, mountPath: /d}]}
  volumes: [{name: d, hostPath: {path: /mnt/data, type: DirectoryOrCreate}}]
---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: "nginx:1.27", volumeMounts: [{name: d, mountPath: /d}]}]
  volumes: [{name: d, persistentVolumeClaim: {claimName: c2}}]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 40s
  node: {profile: recorded}
  timeline:
  - {at: 4s, kubectl: "logs reader"}
  - {at: 5s, kubectl: "get pv pv1 --no-headers"}
  - {at: 6s, kubectl: "delete pvc c1"}
  - {at: 8s, kubectl: "get pv pv1 -o jsonpath='{.status.phase}'"}
  - {at: 20s, kubectl: "get pod waiting -o jsonpath='{.status.conditions[0].message}'"}
"#;

#[test]
fn claims_are_bound_kept_and_released() {
    let run = record(CLAIMS);
    assert_eq!(said(&run, 0), "one\n");
    let row = said(&run, 1).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(row, "pv1 1Gi RWO Retain Bound default/c1 <unset> 5s");
    assert_eq!(said(&run, 3), "Released");
    assert_eq!(
        said(&run, 4),
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    );
    assert_eq!(
        message(&run, "FailedBinding"),
        "no persistent volumes available for this claim and no storage class is set"
    );
}

const PATHS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: c, image: "busybox:1.36", command: [sleep, "60"], volumeMounts: [{name: s, mountPath: /s}]}
  volumes: [{name: s, hostPath: {path: /var/run/docker.sock, type: Socket}}]
---
apiVersion: v1
kind: Pod
metadata: {name: env}
spec:
  hostAliases: [{ip: 10.1.2.3, hostnames: [foo.local]}]
  dnsConfig: {nameservers: [1.1.1.1, 2.2.2.2, 3.3.3.3]}
  containers:
  - name: c
    image: "busybox:1.36"
    env: [{name: P, value: "$(PATH) $(KUBERNETES_PORT_443_TCP_PORT)"}]
    command: [sh, -c, "grep foo /etc/hosts; grep -c nameserver /etc/resolv.conf; echo $P; id -g; sleep 60"]
    securityContext: {runAsUser: 1000}
---
apiVersion: v1
kind: Pod
metadata: {name: sub}
spec:
  containers:
  - {name: c, image: "busybox:1.36", command: [sleep, "60"], volumeMounts: [{name: e, mountPath: /e, subPathExpr: $(NOPE)}]}
  volumes: [{name: e, emptyDir: {}}]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 10s
  node: {profile: recorded}
  timeline:
  - {at: 4s, kubectl: "logs env"}
"#;

#[test]
fn what_the_kubelet_puts_into_containers_and_refuses() {
    let run = record(PATHS);
    assert_eq!(
        message(&run, "FailedMount"),
        "MountVolume.SetUp failed for volume \"s\" : hostPath type check failed: /var/run/docker.sock is not a socket file"
    );
    assert_eq!(said(&run, 0), "10.1.2.3\tfoo.local\n3\n$(PATH) 443\n0\n");
    assert_eq!(
        message(&run, "DNSConfigForming"),
        "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2"
    );
    assert_eq!(message(&run, "Failed"), "Error: missing value for NOPE");
}

const SCALER: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      imagePullSecrets: [{name: regcred}]
      containers: [{name: c, image: "nginx:1.27"}]
---
apiVersion: v1
kind: Pod
metadata: {name: g}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000]}
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "id; sleep 100"]}
  - {name: web, image: "nginx:1.27", readinessProbe: {grpc: {port: 80}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 50s
  node: {profile: recorded}
  timeline:
  - {at: 5s, kubectl: "autoscale deployment web --min=2 --max=5 --cpu=80%"}
  - {at: 40s, kubectl: "get hpa web --no-headers"}
  - {at: 41s, kubectl: "autoscale pod g --max=2"}
  - {at: 42s, kubectl: "logs g -c c"}
  - {at: 43s, kubectl: "autoscale deployment web --min=3 --max=2"}
"#;

#[test]
fn an_autoscaler_without_metrics_keeps_its_bounds() {
    let run = record(SCALER);
    assert_eq!(said(&run, 0), "horizontalpodautoscaler.autoscaling/web autoscaled\n");
    let row = said(&run, 1).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(row, "web Deployment/web cpu: <unknown>/80% 2 5 2 35s");
    assert!(said(&run, 2).contains("cannot autoscale a Pod"), "{}", said(&run, 2));
    assert_eq!(said(&run, 3), "uid=1000 gid=3000 groups=2000,3000,4000\n");
    assert!(said(&run, 4).contains("must be larger or equal to --min=MINPODS, max: 2, min: 3"));
    assert_eq!(
        message(&run, "SuccessfulRescale"),
        "New size: 2; reason: Current number of replicas below Spec.MinReplicas"
    );
    assert!(message(&run, "FailedComputeMetricsReplicas").starts_with(
        "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: unable to get metrics for resource cpu: "
    ));
    assert_eq!(
        message(&run, "FailedToRetrieveImagePullSecret"),
        "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    );
    assert!(message(&run, "Unhealthy").contains("within 1s: context deadline exceeded"));
}
