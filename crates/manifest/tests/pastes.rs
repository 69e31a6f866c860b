//! What people paste that is no manifest: each shape with what is said to it and what can be made of it.

use podplay_manifest::{PasteAction, PasteKind, Severity, read};

/// What a row expects to be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// A manifest that is read without an error, of this kind.
    Makes(&'static str),
    /// To be read as an incident.
    Incident,
    /// A command to run first.
    Run(&'static str),
    /// Nothing but the sentence.
    Nothing,
}
use Offer::{Incident, Makes, Nothing, Run};

const PODS: &str = "NAME                   READY   STATUS             RESTARTS        AGE\nshop-5d8f7c9b6-k2x4q   0/1     CrashLoopBackOff   12 (103s ago)   41m\ncache-0                1/1     Running            0               9d\n";
const WIDE: &str = "NAMESPACE   NAME      READY   STATUS    RESTARTS   AGE   IP           NODE       NOMINATED NODE   READINESS GATES\nshop        cart-0    1/1     Running   0          3d    10.2.4.17    worker-2   <none>           <none>\n";
const DESCRIBE_POD: &str = "Name:             cart-0\nNamespace:        shop\nPriority:         0\nService Account:  default\nNode:             worker-2/10.1.0.12\nLabels:           app=cart\nStatus:           Running\nContainers:\n  cart:\n    Image:          registry.example/cart:3\n    Port:           8080/TCP\n    State:          Waiting\n      Reason:       CrashLoopBackOff\n";
const DESCRIBE_DEPLOYMENT: &str = "Name:                   cart\nNamespace:              shop\nCreationTimestamp:      Mon, 02 Mar 2026 08:00:00 +0000\nLabels:                 app=cart\nSelector:               app=cart\nReplicas:               2 desired | 2 updated | 2 total | 1 available | 1 unavailable\nStrategyType:           RollingUpdate\nPod Template:\n  Labels:  app=cart\n";
const DESCRIBE_NODE: &str = "Name:               worker-2\nRoles:              <none>\nLabels:             kubernetes.io/os=linux\nAnnotations:        node.alpha.kubernetes.io/ttl: 0\nConditions:\n  Type             Status\n  MemoryPressure   False\n";
const EVENTS: &str = "LAST SEEN   TYPE      REASON      OBJECT       MESSAGE\n3m          Warning   BackOff     pod/cart-0   Back-off restarting failed container cart in pod cart-0_shop(6f1d)\n";
const DESCRIBED_EVENTS: &str = "Events:\n  Type     Reason   Age                From     Message\n  ----     ------   ----               ----     -------\n  Warning  BackOff  2m (x9 over 11m)   kubelet  Back-off restarting failed container\n";
const COMPOSE: &str = "services:\n  web:\n    build: ./web\n    ports: [\"8080:80\"]\n    environment: {LOG: debug}\n    healthcheck: {test: [CMD, curl, -f, \"http://localhost\"], interval: 15s, retries: 3}\n  db:\n    image: postgres:17\n    environment: [POSTGRES_PASSWORD=secret]\n";
const TEMPLATE: &str = "{{- if .Values.enabled }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include \"shop.fullname\" . }}\n{{- end }}\n";
const DIFF: &str = "diff --git a/web.yaml b/web.yaml\n--- a/web.yaml\n+++ b/web.yaml\n@@ -3,6 +3,6 @@ spec:\n   spec:\n     containers:\n     - name: web\n-      image: nginx:1.26\n+      image: nginx:1.27\n       ports:\n       - containerPort: 80\n";
const NUMBERED: &str = "  1\tapiVersion: v1\n  2\tkind: Pod\n  3\tmetadata: {name: web}\n  4\tspec:\n  5\t  containers:\n  6\t  - {name: web, image: nginx}\n";

#[test]
fn each_shape_is_named_and_offered_what_can_be_made_of_it() {
    let prompt = format!("ann@laptop:~$ kubectl get pods\n{PODS}");
    let two = format!("$ kubectl get pods\n{PODS}$ kubectl describe pod cart-0\n{DESCRIBE_POD}");
    let coloured = PODS.replace("CrashLoopBackOff", "\u{1b}[31mCrashLoopBackOff\u{1b}[0m");
    let all = format!(
        "{}\nNAME       TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nservice/a  ClusterIP   10.0.0.9     <none>        80/TCP    1d\n",
        PODS
    );
    let printed = "$ kubectl get pod web -o yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n";
    let json_logs = "{\"level\":\"info\",\"ts\":1.7,\"msg\":\"listening\"}\n{\"level\":\"error\",\"ts\":1.8,\"msg\":\"cannot connect\"}\n";
    let logs =
        "2026-03-02T08:00:00Z INFO starting\n2026-03-02T08:00:01Z ERROR cannot reach db:5432\n";
    let klog = "I0302 08:00:00.000001       1 main.go:12] starting\nE0302 08:00:01.000001       1 main.go:30] no leader\n";
    let k9s = "┌──── Pods(shop)[1] ────┐\n│ NAME↑    PF READY STATUS │\n│ cart-0   ●  1/1  Running │\n└───────────────────────┘\n";
    let docker = "docker run -d --name web -p 8080:80 \\\n  -e MODE=fast --memory 256m nginx:1.27 nginx -g 'daemon off;'\n";
    let commands = "kubectl create deployment web --image=nginx --replicas=3\nkubectl expose deployment web --port=80\n";
    let dockerfile = "FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nRUN npm ci\nEXPOSE 3000\nCMD [\"node\", \"main.js\"]\n";
    let terraform = "resource \"kubernetes_pod\" \"web\" {\n  metadata { name = \"web\" }\n}\n";
    let heredoc = "cat <<'EOF' | kubectl apply -f -\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\nEOF\n";
    let scheduling = "0/4 nodes are available: 1 node(s) had untolerated taint {dedicated: db}, 3 Insufficient memory.\n";
    let values = "replicaCount: 2\nimage:\n  repository: nginx\n  tag: \"1.27\"\nservice: {type: ClusterIP, port: 80}\n";
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [deployment.yaml, service.yaml]\n";
    let top = "NAME     CPU(cores)   MEMORY(bytes)\ncart-0   3m           84Mi\n";
    let nodes = "NAME       STATUS   ROLES           AGE   VERSION\nworker-1   Ready    control-plane   12d   v1.36.1\n";
    let table: &[(&str, PasteKind, Offer, &str)] = &[
        (PODS, PasteKind::Get, Incident, "`kubectl get pods`"),
        (WIDE, PasteKind::Get, Incident, "`kubectl get pods -A`"),
        (&prompt, PasteKind::Get, Incident, "`kubectl get pods`"),
        (&coloured, PasteKind::Get, Incident, "pods"),
        (&all, PasteKind::Get, Incident, "`kubectl get all`"),
        (nodes, PasteKind::Get, Incident, "nodes"),
        (&two, PasteKind::Terminal, Incident, "`kubectl describe pod cart-0`"),
        (DESCRIBE_POD, PasteKind::Describe, Incident, "`kubectl describe pod cart-0`"),
        (DESCRIBE_DEPLOYMENT, PasteKind::Describe, Incident, "`kubectl describe deployment cart`"),
        (DESCRIBE_NODE, PasteKind::Describe, Incident, "`kubectl describe node worker-2`"),
        (EVENTS, PasteKind::Events, Incident, "events"),
        (DESCRIBED_EVENTS, PasteKind::Events, Incident, "events"),
        (top, PasteKind::Top, Incident, "`kubectl top`"),
        (json_logs, PasteKind::Logs, Incident, "log"),
        (logs, PasteKind::Logs, Incident, "log"),
        (klog, PasteKind::Logs, Incident, "log"),
        (k9s, PasteKind::Screen, Incident, "k9s"),
        (scheduling, PasteKind::Message, Incident, "scheduler"),
        (COMPOSE, PasteKind::Compose, Makes("Pod"), "compose"),
        (docker, PasteKind::DockerRun, Makes("Pod"), "`docker run`"),
        (commands, PasteKind::Commands, Makes("Scenario"), "kubectl commands"),
        (dockerfile, PasteKind::Dockerfile, Makes("Pod"), "Dockerfile"),
        (terraform, PasteKind::Terraform, Nothing, "Terraform"),
        (heredoc, PasteKind::Heredoc, Makes("Pod"), "shell command"),
        (printed, PasteKind::Heredoc, Makes("Pod"), "kubectl get pod web -o yaml"),
        (NUMBERED, PasteKind::LineNumbers, Makes("Pod"), "line numbers"),
        (DIFF, PasteKind::Diff, Makes("Pod"), "difference"),
        (TEMPLATE, PasteKind::HelmTemplate, Run("helm template"), "Helm"),
        (values, PasteKind::HelmValues, Run("helm template"), "values"),
        (kustomization, PasteKind::Kustomization, Run("kubectl kustomize"), "Kustomization"),
        ("https://example.com/pod.yaml\n", PasteKind::Url, Run("curl"), "address"),
    ];
    for (text, kind, offer, says) in table {
        named_and_offered(text, kind, offer, says);
    }
}

fn named_and_offered(text: &str, kind: &PasteKind, offer: &Offer, says: &str) {
    let reading = read(text);
    let paste = reading.paste.as_ref().unwrap_or_else(|| panic!("not recognised: {text}"));
    assert_eq!(paste.kind, *kind, "{text}");
    assert!(paste.message.contains(says), "{} for {text}", paste.message);
    assert_eq!(reading.diagnostics.len(), 1, "one sentence for {text}");
    assert!(!paste.help.is_empty() && paste.line > 0, "{text}");
    let found = paste.actions.first();
    match offer {
        Makes(kind) => {
            let Some(PasteAction::Make(edit)) = found else { panic!("{found:?} for {text}") };
            let again = read(&edit.apply(text));
            let errors: Vec<_> =
                again.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:?} in {}", edit.apply(text));
            let made = again.objects.iter().any(|o| o.kind == *kind && o.accepted)
                || *kind == "Scenario" && again.scenario.is_some();
            assert!(made, "no {kind} in {}", edit.apply(text));
        }
        Incident => assert_eq!(found, Some(&PasteAction::Incident), "{text}"),
        Run(command) => {
            let Some(PasteAction::Run(run)) = found else { panic!("{found:?} for {text}") };
            assert!(run.starts_with(command), "{run}");
        }
        Nothing => assert_eq!(found, None, "{text}"),
    }
}

#[test]
fn letters_that_only_look_right_are_named_and_mended() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx\n";
    let table = [
        (pod.replace("  - name", "\u{a0}\u{a0}- name"), "no-break"),
        (pod.replace("name: web\nspec", "name: “web”\nspec"), "typographic quotes"),
        (pod.replace("  ", "\t"), "tab"),
    ];
    for (text, says) in table {
        let reading = read(&text);
        let told = |d: &&podplay_manifest::Diagnostic| {
            [&d.message, d.help.as_ref().unwrap_or(&d.message)].iter().any(|t| t.contains(says))
        };
        let finding = reading.diagnostics.iter().find(told);
        let finding = finding.unwrap_or_else(|| panic!("{says}: {:?}", reading.diagnostics));
        let mended = finding.fix.as_ref().expect("it can be mended").apply(&text);
        let again = read(&mended);
        assert!(again.objects.iter().any(|o| o.accepted), "{mended}: {:?}", again.diagnostics);
        assert!(again.diagnostics.iter().all(|d| d.severity == Severity::Info), "{mended}");
    }
}

#[test]
fn manifests_are_never_taken_for_something_else() {
    let table = [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  t: |\n    {{ .Values.x }}\n    NAME   READY   STATUS   RESTARTS\n    FROM node\n    RUN x\n",
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\nspec: {groups: [{name: g, rules: [{alert: A, annotations: {d: '{{ $labels.pod }}'}}]}]}\n",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"x\"}]}}",
        "containers:\n- name: app\n  image: nginx\n",
        "",
        "# only a remark\n",
        "name: web\nimage: nginx\nports: [{containerPort: 80}]\n",
    ];
    for text in table {
        assert_eq!(read(text).paste, None, "{text}");
    }
}
