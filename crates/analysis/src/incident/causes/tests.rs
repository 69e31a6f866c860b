//! Messages that Kubernetes writes, and the causes that are read from them alone.

use super::{Certainty, causes};
use crate::incident::read;

/// `TYPE REASON OBJECT MESSAGE`, the code, and words of the sentence.
const EVENTS: &[(&str, &str, &str)] = &[
    (
        "Warning FailedScheduling pod/a 0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        "UntoleratedTaint",
        "dedicated=gpu",
    ),
    (
        "Warning FailedScheduling pod/a 0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory. preemption: 0/3 nodes",
        "InsufficientMemory",
        "memory",
    ),
    (
        "Warning FailedScheduling pod/a 0/3 nodes are available: 3 Insufficient ephemeral-storage.",
        "InsufficientEphemeralStorage",
        "ephemeral-storage",
    ),
    (
        "Warning FailedScheduling pod/a 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
        "NodeSelectorMismatch",
        "nodeSelector",
    ),
    (
        "Warning FailedScheduling pod/a 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
        "AntiAffinityConflict",
        "anti-affinity",
    ),
    (
        "Warning FailedScheduling pod/a 0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.",
        "TopologySpread",
        "",
    ),
    (
        "Warning FailedScheduling pod/a 0/1 nodes are available: persistentvolumeclaim \"data\" not found.",
        "MissingClaim",
        "data",
    ),
    (
        "Warning FailedScheduling pod/a 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found.",
        "UnboundClaim",
        "",
    ),
    (
        "Warning FailedMount pod/a MountVolume.SetUp failed for volume \"cfg\" : configmap \"app-config\" not found",
        "MissingConfigMap",
        "app-config",
    ),
    (
        "Warning FailedMount pod/a MountVolume.SetUp failed for volume \"tls\" : secret \"web-tls\" not found",
        "MissingSecret",
        "web-tls",
    ),
    (
        "Warning FailedMount pod/a MountVolume.SetUp failed for volume \"cfg\" : references non-existent config key: app.conf",
        "MissingConfigMapKey",
        "app.conf",
    ),
    (
        "Warning FailedMount pod/a MountVolume.SetUp failed for volume \"tls\" : references non-existent secret key: tls.key",
        "MissingSecretKey",
        "tls.key",
    ),
    (
        "Warning Failed pod/a Error: couldn't find key url in ConfigMap prod/settings",
        "MissingConfigMapKey",
        "url",
    ),
    (
        "Warning Failed pod/a Error: couldn't find key passwd in Secret prod/db",
        "MissingSecretKey",
        "passwd",
    ),
    (
        "Warning Failed pod/a Failed to pull image \"acme/app:1\": failed to pull and unpack image \"docker.io/acme/app:1\": failed to resolve reference \"docker.io/acme/app:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "ImagePullDenied",
        "acme/app:1",
    ),
    (
        "Warning Failed pod/a Failed to pull image \"r.io/app:1\": failed to resolve image: dial tcp: lookup r.io on 10.96.0.10:53: no such host",
        "RegistryDown",
        "r.io/app:1",
    ),
    (
        "Warning Failed pod/a Failed to pull image \"r.io/app:1\": manifest unknown",
        "ImageNotFound",
        "r.io/app:1",
    ),
    (
        "Warning InspectFailed pod/a Failed to apply default image tag \"nginx:1.27:alpine\": couldn't parse image name \"nginx:1.27:alpine\": invalid reference format",
        "InvalidImageName",
        "nginx:1.27:alpine",
    ),
    (
        "Warning ErrImageNeverPull pod/a Container image \"app:dev\" is not present with pull policy of Never",
        "ImageNeverPull",
        "app:dev",
    ),
    (
        "Warning Failed pod/a Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/app/serve\": stat /app/serve: no such file or directory",
        "CommandNotFound",
        "/app/serve",
    ),
    (
        "Warning Failed pod/a Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/app/run.sh\": permission denied",
        "PermissionDenied",
        "/app/run.sh",
    ),
    (
        "Warning Unhealthy pod/a Readiness probe failed: HTTP probe failed with statuscode: 503",
        "ReadinessFails",
        "503",
    ),
    (
        "Warning Unhealthy pod/a Readiness probe failed: Get \"http://10.1.1.1:8080/ready\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        "ProbeTimeout",
        "/ready",
    ),
    (
        "Warning Unhealthy pod/a Readiness probe failed: dial tcp 10.1.1.1:5432: connect: connection refused",
        "ReadinessPortClosed",
        "5432",
    ),
    (
        "Warning Unhealthy pod/a Liveness probe failed: HTTP probe failed with statuscode: 404",
        "LivenessFails",
        "404",
    ),
    (
        "Warning Unhealthy pod/a Startup probe failed: Get \"http://10.1.1.1:8080/\": dial tcp 10.1.1.1:8080: connect: connection refused",
        "StartupTooShort",
        "startup",
    ),
    ("Warning FailedPostStartHook pod/a PostStartHook failed", "PostStartFails", "postStart"),
    (
        "Warning BackOff pod/a Back-off restarting failed container app in pod a_prod(1)",
        "ExitsNonZero",
        "app",
    ),
    ("Warning Evicted pod/a The node was low on resource: memory.", "Evicted", "memory"),
    ("Warning NodeNotReady pod/a Node is not ready", "NodeLost", ""),
    (
        "Warning FailedCreate replicaset/a Error creating: pods \"a-x\" is forbidden: exceeded quota: team, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2",
        "QuotaExceeded",
        "team",
    ),
    (
        "Warning FailedCreate replicaset/a Error creating: pods \"a-x\" is forbidden: failed quota: team: must specify limits.memory for: app",
        "QuotaExceeded",
        "limits.memory",
    ),
    (
        "Warning FailedCreate replicaset/a Error creating: pods \"a-x\" is forbidden: minimum cpu usage per Container is 100m, but request is 50m",
        "LimitRangeViolation",
        "100m",
    ),
    (
        "Warning FailedCreate replicaset/a Error creating: pods \"a-x\" is forbidden: cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000",
        "LimitRangeViolation",
        "cpu",
    ),
    (
        "Warning FailedCreate replicaset/a Error creating: pods \"a-x\" is forbidden: no PriorityClass with name urgent was found",
        "MissingPriorityClass",
        "urgent",
    ),
    (
        "Warning BackoffLimitExceeded job/a Job has reached the specified backoff limit",
        "JobBackoffLimit",
        "backoffLimit",
    ),
    ("Normal Suspended job/a Job suspended", "JobSuspended", "suspend"),
];

#[test]
fn events_alone_tell_the_cause() {
    for (event, code, words) in EVENTS {
        let mut parts = event.splitn(4, ' ');
        let mut cell = |width: usize| format!("{:width$}   ", parts.next().unwrap_or_default());
        let row = format!("5s          {}{}{}{}", cell(8), cell(20), cell(12), cell(1));
        let head = "LAST SEEN   TYPE       REASON                 OBJECT         MESSAGE\n";
        let found = causes(&read(&format!("{head}{row}\n")));
        let first = found.first().unwrap_or_else(|| panic!("{event}: nothing was found"));
        let sentence = first.sentence(crate::verdict::Lang::En);
        assert_eq!(first.code(), *code, "{event}: {sentence}");
        assert!(sentence.contains(words), "{event}: {sentence}");
        assert!(first.spots.iter().any(|spot| spot.line == 2), "{event}: {:?}", first.spots);
        assert_ne!(first.certainty, Certainty::Likely, "{event}");
    }
}

#[test]
fn states_tell_the_cause_where_no_event_is_left() {
    let pod = |spec: &str, status: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  nodeName: n\n  containers:\n  - name: app\n    image: r.io/app:1\n{spec}status:\n  phase: Running\n  containerStatuses:\n  - name: app\n{status}    image: x\n"
        )
    };
    let crashed = |code: u8, reason: &str| {
        format!(
            "    restartCount: 4\n    ready: false\n    state:\n      waiting:\n        reason: CrashLoopBackOff\n    lastState:\n      terminated:\n        exitCode: {code}\n        reason: {reason}\n        startedAt: \"2026-11-29T09:00:00Z\"\n        finishedAt: \"2026-11-29T09:00:30Z\"\n"
        )
    };
    let liveness = "    livenessProbe:\n      httpGet:\n        path: /live\n        port: 8080\n";
    let table = [
        (pod("", &crashed(1, "Error")), "ExitsNonZero"),
        (pod("", &crashed(0, "Completed")), "ExitsZero"),
        (pod("", &crashed(137, "OOMKilled")), "OomKilled"),
        (pod("", &crashed(127, "Error")), "CommandNotFound"),
        (pod(liveness, &crashed(137, "Error")), "LivenessFails"),
        (pod(liveness, &crashed(1, "Error")), "ExitsNonZero"),
        (
            pod(
                "",
                "    restartCount: 0\n    ready: false\n    state:\n      waiting:\n        reason: ImagePullBackOff\n        message: 'Back-off pulling image \"r.io/app:1\": ErrImagePull: not found'\n",
            ),
            "ImageNotFound",
        ),
    ];
    for (text, code) in table {
        let found = causes(&read(&text));
        assert_eq!(found.first().map(super::Found::code), Some(code), "{text}\n{found:?}");
    }
}
