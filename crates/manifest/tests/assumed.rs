//! What is assumed beside a text, what stays a fault, and what a cluster's own fields become.

use podplay_manifest::{Assume, Reading, Severity, Topic, read, read_as};

fn pod(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers: [{{name: c, image: \"example.com/app:1\"}}]\n{spec}"
    )
}

fn subjects(reading: &Reading) -> Vec<&str> {
    reading.assumptions.iter().map(|a| a.subject.as_str()).collect()
}

fn errors(reading: &Reading) -> Vec<&str> {
    let bad = |d: &&podplay_manifest::Diagnostic| d.severity == Severity::Error;
    reading.diagnostics.iter().filter(bad).map(|d| d.message.as_str()).collect()
}

#[test]
fn what_a_cluster_would_have_is_assumed_and_switched_off_by_its_key() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], storageClassName: gp3, resources: {requests: {storage: 1Gi}}}\n";
    let table = [
        (
            pod("").replace("{name: web}", "{name: web, namespace: shop}"),
            Topic::Namespaces,
            "namespace shop",
        ),
        (
            pod("  serviceAccountName: builder\n"),
            Topic::ServiceAccounts,
            "ServiceAccount builder of namespace default",
        ),
        (
            pod("  priorityClassName: urgent\n  priority: 7000\n"),
            Topic::PriorityClasses,
            "PriorityClass urgent with value 7000",
        ),
        (pod("  runtimeClassName: gvisor\n"), Topic::RuntimeClasses, "RuntimeClass gvisor"),
        (claim.to_owned(), Topic::StorageClasses, "StorageClass gp3"),
        (
            pod("  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]\n"),
            Topic::Claims,
            "PersistentVolumeClaim data of namespace default, bound",
        ),
        (pod("  nodeSelector: {disk: ssd}\n"), Topic::Nodes, "label disk=ssd of node node01"),
        (pod("  nodeName: worker-7\n"), Topic::Nodes, "node worker-7"),
    ];
    for (text, topic, subject) in table {
        let reading = read(&text);
        assert_eq!(errors(&reading), Vec::<&str>::new(), "{text}");
        assert_eq!(subjects(&reading), [subject], "{text}");
        assert_eq!(reading.assumptions[0].topic, topic);
        assert!(reading.diagnostics.iter().any(|d| d.message.contains(subject)), "{text}");
        let off = format!(
            "{text}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {{assume: {{{}: false}}}}\n",
            topic.key()
        );
        assert_eq!(subjects(&read(&off)), Vec::<&str>::new(), "{off}");
        assert_eq!(subjects(&read_as(&text, Some(Assume::STRICT))), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn recordings_are_strict_unless_they_say_otherwise() {
    let with = |spec: &str| {
        format!(
            "{}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {spec}\n",
            pod("  serviceAccountName: builder\n")
        )
    };
    for (spec, assumed) in [
        ("{node: {profile: recorded}}", 0),
        ("{node: {profile: recorded}, assume: helpful}", 1),
        ("{assume: strict}", 0),
        ("{node: {profile: typical}}", 1),
    ] {
        assert_eq!(read(&with(spec)).assumptions.len(), assumed, "{spec}");
    }
}

#[test]
fn what_the_text_contradicts_stays_a_fault() {
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: builder}\n---\n";
    let misspelt = format!("{account}{}", pod("  serviceAccountName: biulder\n"));
    let reading = read(&misspelt);
    assert!(subjects(&reading).is_empty(), "{:?}", subjects(&reading));
    let finding = reading.diagnostics.iter().find(|d| d.code == "PP-0501").expect("it is refused");
    assert_eq!(finding.fix.as_ref().map(|f| f.replacement.as_str()), Some("builder"));
    let huge = pod("").replace("app:1\"", "app:1\", resources: {requests: {cpu: 1000}}");
    assert!(read(&huge).nodes.is_empty());
    let selector = "  nodeSelector: {disk: ssd}\n  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}]}]}}}\n";
    assert!(read(&pod(selector)).nodes.is_empty());
    let later = format!(
        "{}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {{timeline: [{{at: 5s, kubectl: label node node01 disk=ssd}}]}}\n",
        pod("  nodeSelector: {disk: ssd}\n")
    );
    assert!(read(&later).nodes.is_empty());
}

#[test]
fn nodes_are_as_many_and_as_large_as_the_pods_need() {
    let deployment = |replicas: i64, container: &str, more: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers: [{{name: c, image: \"x:1\"{container}}}]\n{more}"
        )
    };
    let anti = "      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}\n";
    let table = [
        (deployment(2, ", resources: {requests: {cpu: 500m}}", ""), 0, None, None),
        (
            deployment(6, ", resources: {requests: {cpu: 1, memory: 10Gi}}", ""),
            1,
            Some("8"),
            Some("64Gi"),
        ),
        (deployment(3, "", anti), 3, None, None),
        (deployment(2, ", ports: [{containerPort: 80, hostPort: 80}]", ""), 2, None, None),
        (deployment(250, "", ""), 3, None, None),
    ];
    for (text, count, cpu, memory) in table {
        let nodes = read(&text).nodes;
        assert_eq!(nodes.len(), count, "{text}: {nodes:?}");
        let first = nodes.first().cloned().unwrap_or_default();
        assert_eq!((first.cpu.as_deref(), first.memory.as_deref()), (cpu, memory), "{text}");
    }
    let gpu = pod("").replace("app:1\"", "app:1\", resources: {limits: {nvidia.com/gpu: 2}}");
    let nodes = read(&gpu).nodes;
    assert_eq!(nodes[0].resources.get("nvidia.com/gpu").map(String::as_str), Some("2"));
}

#[test]
fn sources_are_assumed_only_where_other_texts_evidently_bring_them() {
    let env = "  serviceAccountName: builder\n";
    let reads =
        |spec: &str| pod(spec).replace("app:1\"", "app:1\", envFrom: [{secretRef: {name: creds}}]");
    let has = |text: &str| subjects(&read(text)).iter().any(|s| s.contains("creds"));
    assert!(!has(&reads("")), "its absence is the commonest fault of all");
    assert!(has(&reads(env)), "the account of the application is not here either");
    let asked = format!(
        "{}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {{assume: {{secrets: true}}}}\n",
        reads("")
    );
    assert!(has(&asked));
    let defined =
        format!("{}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: crads}}\n", reads(env));
    assert!(!has(&defined), "one letter off what the text defines");
}

#[test]
fn old_versions_are_read_as_their_successors() {
    let old = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: x}]}\n";
    let reading = read(old);
    assert_eq!(
        errors(&reading),
        ["no matches for kind \"Deployment\" in version \"extensions/v1beta1\""]
    );
    assert!(reading.objects[0].accepted && reading.objects[0].api_version == "apps/v1");
    assert!(!read_as(old, Some(Assume::STRICT)).objects[0].accepted);
    let role = "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\nmetadata: {name: r}\nrules: []\n";
    assert!(errors(&read(role)).is_empty(), "what has no effect here is no error");
}

#[test]
fn custom_resources_are_kept_and_called_like_no_kind_of_kubernetes() {
    let text = format!(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: hello}}\nspec: {{}}\n---\napiVersion: example.com/v1\nkind: Foo\nmetadata: {{name: f}}\n---\n{}",
        pod("")
    );
    let reading = read(&text);
    assert_eq!(errors(&reading), Vec::<&str>::new());
    let accepted: Vec<_> = reading.objects.iter().map(|o| o.accepted).collect();
    assert_eq!(accepted, [false, true, true]);
    let alone = read("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n");
    assert!(alone.diagnostics.iter().any(|d| d.code == "PP-0206"), "{:?}", alone.diagnostics);
    let typo = read("apiVersion: netwroking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n");
    assert_eq!(
        typo.diagnostics[0].fix.as_ref().map(|f| f.replacement.as_str()),
        Some("networking.k8s.io/v1")
    );
}

#[test]
fn objects_of_a_cluster_run_as_new_ones() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web-abc\n    uid: 11\n    ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: 12, controller: true}]\n  spec: {nodeName: worker-3, containers: [{name: c, image: nginx}]}\n  status: {phase: Running, podIP: 10.0.0.3}\n- apiVersion: batch/v1\n  kind: CronJob\n  metadata: {name: tick, resourceVersion: \"5\"}\n  spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}}\n  status: {lastScheduleTime: \"2020-01-01T00:00:00Z\"}\n".replace("uid: 11", "uid: \"11\"").replace("uid: 12", "uid: \"12\"");
    let reading = read(&text);
    assert_eq!(errors(&reading), Vec::<&str>::new());
    assert!(reading.objects.iter().all(|o| o.accepted && o.object.get("status").is_none()));
    assert!(reading.objects[0].object["metadata"].get("ownerReferences").is_none());
    assert_eq!(reading.observed[0].aside.status["podIP"], "10.0.0.3");
    assert_eq!(reading.nodes[0].name, "worker-3");
    let told = |part: &str| reading.diagnostics.iter().any(|d| d.message.contains(part));
    assert!(told("is set aside") && told("belongs to replicaset/web"), "{:?}", reading.diagnostics);
}

#[test]
fn what_a_controller_of_the_text_makes_is_left_to_it() {
    let set = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web, uid: r}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n---\n";
    let owned = pod("").replace("{name: web}", "{name: web-1, uid: p, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: r, controller: true}]}");
    let reading = read(&format!("{set}{owned}"));
    let accepted: Vec<_> = reading.objects.iter().map(|o| o.accepted).collect();
    assert_eq!(accepted, [true, false], "{:?}", reading.diagnostics);
}
