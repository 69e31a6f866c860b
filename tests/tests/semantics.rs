//! Small texts and what a cluster makes of them, for behaviour that no recording shows.

use podplay_tests::answers::{count, message, pods, record, said, statuses};

const NAMESPACE: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: team}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 3
      containers:
      - {name: web, image: "busybox:1.28", command: [sleep, "3600"]}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 40s
  node: {profile: recorded}
  timeline:
  - {at: 5s, kubectl: "delete ns team"}
  - {at: 6s, kubectl: "get ns team"}
  - {at: 7s, kubectl: "create configmap x -n team"}
  - {at: 11s, kubectl: "get ns team -o jsonpath='{.spec.finalizers} {range .status.conditions[*]}{.type}={.reason} {end}'"}
  - {at: 35s, kubectl: "get all,cm,ns -n team"}
  - {at: 36s, kubectl: "delete ns default"}
"#;

#[test]
fn a_namespace_goes_after_what_is_in_it() {
    let run = record(NAMESPACE);
    assert_eq!(said(&run, 0), "namespace \"team\" deleted\n");
    assert!(said(&run, 1).contains("team   Terminating   6s"), "{}", said(&run, 1));
    assert_eq!(
        said(&run, 2),
        "error: failed to create configmap: configmaps \"x\" is forbidden: unable to create new content in namespace team because it is being terminated\n"
    );
    assert_eq!(
        said(&run, 3).trim_end(),
        "[\"kubernetes\"] NamespaceDeletionDiscoveryFailure=ResourcesDiscovered NamespaceDeletionGroupVersionParsingFailure=ParsedGroupVersions NamespaceDeletionContentFailure=ContentDeletionFailed NamespaceContentRemaining=ContentRemoved NamespaceFinalizersRemaining=ContentHasNoFinalizers"
    );
    assert!(!said(&run, 4).contains("team "), "{}", said(&run, 4));
    assert!(said(&run, 5).contains(
        "Error from server (Forbidden): namespaces \"default\" is forbidden: this namespace may not be deleted"
    ));
    let web = pods(&run, "web-");
    assert_eq!(web.len(), 1, "nothing replaces the pod: {web:?}");
    assert_eq!(
        statuses(&run, web[0]),
        ["Pending", "ContainerCreating", "Running", "Terminating", "Error", "gone"]
    );
    let set = web[0].rsplit_once('-').map_or("", |(set, _)| set);
    assert_eq!(count(&run, &format!("ReplicaSet/{set}"), "FailedCreate"), 0);
    assert_eq!(count(&run, &format!("Pod/{}", web[0]), "Killing"), 0, "no new events either");
}

const SURGE: &str = r#"
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  minReadySeconds: 4
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: agent, image: "busybox:1.28", command: [sleep, "3600"]}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 40s
  node: {profile: recorded}
  timeline:
  - {at: 15s, kubectl: "set image ds/agent agent=busybox:1.36"}
  - {at: 30s, kubectl: "get ds agent -o jsonpath='{.metadata.annotations.deprecated\\.daemonset\\.template\\.generation} {.status.updatedNumberScheduled}'"}
  - {at: 31s, kubectl: "get pods -l pod-template-generation=2 -o name"}
"#;

#[test]
fn a_surging_daemon_set_removes_the_old_pod_when_the_new_one_is_available() {
    let run = record(SURGE);
    let agents = pods(&run, "agent-");
    assert_eq!(agents.len(), 2);
    let gone = agents.iter().filter(|pod| statuses(&run, pod).contains(&"gone".to_owned()));
    assert_eq!(gone.count(), 1);
    assert_eq!(said(&run, 1).trim_end(), "2 1");
    assert_eq!(said(&run, 2).lines().count(), 1);
}

const HINTS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: near}
spec:
  affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: peer}}}]}}
  containers:
  - {name: c, image: busybox:1.28, command: [sleep, "500"]}
---
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  containers:
  - {name: c, image: busybox:1.28, command: [sleep, "500"], ports: [{containerPort: 80, hostPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: second}
spec:
  containers:
  - {name: c, image: busybox:1.28, command: [sleep, "500"], ports: [{containerPort: 80, hostPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lost}
spec:
  nodeName: node99
  containers:
  - {name: c, image: busybox:1.28, command: [sleep, "500"]}
---
apiVersion: v1
kind: Pod
metadata: {name: short}
spec:
  restartPolicy: Never
  containers:
  - {name: c, image: busybox:1.28, command: [sh, -c, "sleep 1"]}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 100s
  node: {profile: recorded}
  timeline:
  - {at: 10s, kubectl: "cordon node01"}
  - {at: 15s, kubectl: "uncordon node01"}
  - {at: 20s, kubectl: "run peer --image=nginx:1.25 --labels=app=peer"}
  - {at: 40s, kubectl: "delete pod first --grace-period=1"}
  - {at: 60s, kubectl: "top pod"}
"#;

#[test]
fn only_what_helps_makes_a_waiting_pod_be_tried_again() {
    let run = record(HINTS);
    let (near, second) = (statuses(&run, "near"), statuses(&run, "second"));
    assert_eq!(near, ["Pending", "ContainerCreating", "Running"], "its peer came");
    assert_eq!(second, ["Pending", "ContainerCreating", "Running"], "the port is free");
    assert_eq!(count(&run, "Pod/near", "FailedScheduling"), 1, "a cordon does not help");
    assert_eq!(count(&run, "Pod/second", "FailedScheduling"), 1, "nor does another pod's end");
    assert_eq!(statuses(&run, "lost"), ["Pending", "Failed", "gone"]);
    assert_eq!(said(&run, 4), "error: Metrics API not available\n");
}

const LIMITS: &str = r#"
apiVersion: v1
kind: LimitRange
metadata: {name: lr}
spec: {limits: [{type: Container, default: {memory: 64Mi}, defaultRequest: {cpu: 100m}, max: {memory: 1Gi}}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: big}
spec:
  replicas: 1
  selector: {matchLabels: {app: big}}
  template:
    metadata: {labels: {app: big}}
    spec:
      containers:
      - {name: c, image: "busybox:1.28", resources: {limits: {memory: 2Gi}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 20s
  node: {profile: recorded}
  timeline:
  - {at: 5s, kubectl: "run plain --image=nginx:1.25"}
  - {at: 6s, kubectl: "get pod plain -o jsonpath='{.spec.containers[0].resources} {.metadata.annotations} {.status.qosClass}'"}
"#;

#[test]
fn a_limit_range_gives_and_refuses() {
    let run = record(LIMITS);
    assert_eq!(
        said(&run, 1).trim_end(),
        r#"{"limits":{"memory":"64Mi"},"requests":{"cpu":"100m","memory":"64Mi"}} {"kubernetes.io/limit-ranger":"LimitRanger plugin set: cpu, memory request for container plain; memory limit for container plain"} Burstable"#
    );
    assert!(pods(&run, "big-").is_empty());
    let events = run["events"].as_array().into_iter().flatten();
    let told = events.filter_map(|event| event["message"].as_str());
    let refused = |message: &str| {
        message
            .ends_with("is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi")
    };
    assert!(told.into_iter().any(refused));
}

const NAMES: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: c
    image: busybox:1.28
    command: [sh, -c, "echo $CPU $MEMORY; sleep 60"]
    env:
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Ki}}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 10s
  node: {profile: recorded}
  timeline:
  - {at: 5s, kubectl: "logs web"}
"#;

#[test]
fn a_container_without_limits_is_told_the_nodes() {
    let run = record(NAMES);
    assert_eq!(said(&run, 0), "2 24581700\n");
}

const BUDGETS: &str = r#"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: nobody}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: nobody}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: bare}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: bare}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: counted}
spec: {minAvailable: 1, selector: {matchLabels: {app: bare}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: work}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: work}}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: bare}}
spec: {containers: [{name: c, image: "nginx:1.27"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  template:
    metadata: {labels: {app: work}}
    spec: {restartPolicy: Never, containers: [{name: c, image: "busybox:1.28", command: [sleep, "60"]}]}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 20s
  node: {profile: recorded}
  timeline:
  - {at: 10s, kubectl: "get pdb -o jsonpath='{range .items[*]}{.metadata.name} {.status.expectedPods} {.status.conditions[0].reason} {.status.conditions[0].message}/{end}'"}
"#;

#[test]
fn budgets_say_what_they_cannot_reckon() {
    let run = record(BUDGETS);
    let table: [(&str, &str, bool); 6] = [
        ("nobody", "NoPods", true),
        ("nobody", "UnmanagedPods", false),
        ("bare", "UnmanagedPods", true),
        ("bare", "CalculateExpectedPodCountFailed", false),
        ("counted", "UnmanagedPods", false),
        ("work", "CalculateExpectedPodCountFailed", true),
    ];
    for (name, reason, said) in table {
        let object = format!("PodDisruptionBudget/{name}");
        assert_eq!(count(&run, &object, reason) > 0, said, "{name} {reason}");
    }
    assert!(message(&run, "UnmanagedPods").starts_with(
        "Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: bare,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged."
    ));
    assert_eq!(
        said(&run, 0).trim_end(),
        "bare 0 InsufficientPods /counted 1 InsufficientPods /nobody 0 InsufficientPods /work 0 SyncFailed jobs.batch does not implement the scale subresource/"
    );
}

const OWNERLESS: &str = r#"
apiVersion: v1
kind: Pod
metadata:
  name: left
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: gone, uid: 11111111-1111-1111-1111-111111111111}]
spec: {containers: [{name: c, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  ownerReferences: [{apiVersion: v1, kind: Pod, name: gone, uid: 11111111-1111-1111-1111-111111111112}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: strange
  ownerReferences: [{apiVersion: example.com/v1, kind: Widget, name: gone, uid: 11111111-1111-1111-1111-111111111113}]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 20s
  node: {profile: recorded}
  timeline:
  - {at: 10s, kubectl: "get cm -o name"}
"#;

#[test]
fn what_names_an_owner_that_does_not_exist_is_collected() {
    let run = record(OWNERLESS);
    assert_eq!(statuses(&run, "left").last().map(String::as_str), Some("gone"));
    assert!(
        said(&run, 0).contains("configmap/strange"),
        "of a kind nobody knows: {}",
        said(&run, 0)
    );
    assert!(!said(&run, 0).contains("configmap/settings"), "{}", said(&run, 0));
}

const FRESH: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data: {k: one}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: v, projected: {sources: [{configMap: {name: cm}}]}}]
  containers:
  - name: c
    image: busybox:1.28
    command: [sleep, "3600"]
    volumeMounts: [{name: v, mountPath: /cfg}]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 40s
  node: {profile: recorded}
  timeline:
  - {at: 10s, kubectl: "patch cm cm -p '{\"data\":{\"k\":\"two\"}}'"}
  - {at: 15s, kubectl: "exec web -- cat /cfg/k"}
  - {at: 20s, kubectl: "annotate pod web touched=yes"}
  - {at: 22s, kubectl: "exec web -- cat /cfg/k"}
"#;

#[test]
fn a_change_of_the_pod_makes_its_files_fresh() {
    let run = record(FRESH);
    assert_eq!((said(&run, 1).as_str(), said(&run, 3).as_str()), ("one", "two"));
}
