//! Any Scenario, link, kubectl line and series of commands ends, without a panic and within bounds.

use podplay_api::SimTime;
use podplay_core::{Budget, Cluster};
use podplay_kubectl::NoFiles;
use podplay_playback::session::Session;
use podplay_playback::{Run, share};
use podplay_tests::fuzz::{Dice, search};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// The texts of the recordings, each with its Scenario.
fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    let yaml = paths.iter().filter(|path| path.extension().is_some_and(|ext| ext == "yaml"));
    let texts: Vec<String> = yaml
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|t| t.len() < 6000)
        .collect();
    assert!(texts.len() > 50, "the recordings are beside this test");
    texts
}

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    "\"",
    "#",
    "é",
    "🚀",
    "\u{feff}",
    "\r\n",
    "\0",
    "|\n",
    "0",
    "-1",
    "9223372036854775808",
    "1e400",
    "null",
    "true",
    "0.1",
    "1ms",
    "99999h",
    "-5s",
    "366d",
    "1Gi",
    "-2m",
    "100%",
    "\n---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n",
    "  duration: 1h\n",
    "  seed: -1\n",
    "  nodes: [{name: a}, {name: a}]\n",
    "  timeline:\n",
    "  - {at: 1s, fault: {kind: NodeDown, node: node01}}\n",
    "  - {at: 1s, fault: {kind: Crash, pod: \"*\", exitCode: 300}}\n",
    "  - {at: 2s, kubectl: \"get pods -w\"}\n",
    "  - {at: 2s, kubectl: \"get pods -o go-template={{eq}}\"}\n",
    "  - {at: 3s, kubectl: \"delete pod --all\"}\n",
    "  - {at: 3s, kubectl: \"scale deploy --all --replicas=70\"}\n",
    "  traffic:\n  - {service: web, rps: 1000}\n",
    "command: [sh, -c, \"cat /dev/zero\"]",
    "command: [sh, -c, \"yes | sort\"]",
    "command: [sh, -c, \"while :; do :; done\"]",
    "replicas: 60",
    "periodSeconds: 0",
    "periodSeconds: -1",
    "timeoutSeconds: 99999999999",
    "terminationGracePeriodSeconds: -1",
    "restartPolicy: Never",
    "value: $(A)$(A)",
    "memory: 1",
    "cpu: 1e30",
    "suspend: true",
    "schedule: \"* * * * *\"",
];

#[test]
fn fuzz_scenario() {
    let texts = texts();
    search(
        "scenario",
        150,
        |dice| dice.damaged(&texts, PIECES),
        |text| {
            let mut run = Run::new(text);
            for finding in &run.plan().reading.diagnostics {
                assert!(text.get(finding.span.range()).is_some(), "a place outside: {finding:?}");
            }
            let _ = run.advance(SimTime::from_secs(60), &mut Budget(2_000));
        },
    );
}

#[test]
fn fuzz_share() {
    let texts = texts();
    search(
        "share link",
        2_000,
        |dice| {
            let text = dice.damaged(&texts, PIECES);
            let at = (dice.below(2) == 0).then(|| SimTime::from_millis(dice.draw() % 100_000_000));
            let link = share::encode(&text, at);
            let broken = dice.damaged(
                &[link],
                &["", "#", "&", "t=", "t=1e30", "v1.", "v2.", "=", "%", "A", "é"],
            );
            (text, at, broken)
        },
        |(text, at, broken)| {
            let shared =
                share::decode(&share::encode(text, *at)).expect("a link that was just made");
            assert_eq!((&shared.text, shared.at), (text, *at));
            let _ = share::decode(broken);
        },
    );
}

const VERBS: &[&str] = &[
    "get",
    "describe",
    "delete",
    "apply",
    "create",
    "scale",
    "rollout",
    "logs",
    "exec",
    "label",
    "annotate",
    "patch",
    "set",
    "wait",
    "top",
    "cordon",
    "drain",
    "taint",
    "expose",
    "autoscale",
    "run",
    "debug",
    "explain",
    "events",
    "config",
    "cp",
    "edit",
    "version",
    "api-resources",
    "kubectl",
    "gett",
    "",
];

const WORDS: &[&str] = &[
    "pods",
    "pod",
    "po",
    "deploy",
    "deployment/web",
    "svc",
    "nodes",
    "node01",
    "all",
    "web",
    "-n",
    "default",
    "kube-system",
    "-A",
    "-w",
    "-f",
    "-o",
    "yaml",
    "json",
    "wide",
    "name",
    "jsonpath={..}",
    "jsonpath={.items[*].metadata.name}",
    "jsonpath={range",
    "go-template={{eq}}",
    "go-template={{index .items 99}}",
    "go-template={{range $a,$b := .}}",
    "custom-columns=A:.a,B:{.b",
    "-l",
    "app=web",
    "app in (a,b",
    "--field-selector=status.phase!=Running",
    "--replicas=-1",
    "--replicas=99999999999",
    "--image=nginx",
    "web=nginx:1.16",
    "status",
    "history",
    "undo",
    "restart",
    "--to-revision=99",
    "--timeout=1h",
    "--timeout=-1s",
    "--for=condition=Ready",
    "--for=jsonpath={.status.phase}=Running",
    "--for=delete",
    "--all",
    "--grace-period=-5",
    "--force",
    "--wait=false",
    "--dry-run=server",
    "-p",
    "{\"spec\":{\"replicas\":3}}",
    "{spec:",
    "--type=json",
    "[{\"op\":\"remove\",\"path\":\"/spec\"}]",
    "--",
    "sh",
    "-c",
    "cat /dev/zero",
    "yes",
    "-it",
    "--tail=-1",
    "--since=1e9h",
    "-c",
    "é",
    "🚀",
    "\0",
    "'",
    "key=value:NoSchedule",
    "key-",
    "--overwrite",
    "-",
    "--help",
    "--port=99999",
    "--min=5",
    "--max=1",
    "--limits=cpu=1e999",
    "--schedule=* * * * *",
    "--from-literal=k=v",
    "configmap",
];

/// A cluster with something in it, at a moment when much happens.
fn cluster() -> Cluster {
    const TEXT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - {name: web, image: busybox, command: [sh, -c, 'sleep 25; exit 1']}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: a, image: nginx}\n  - {name: b, image: nosuch.example/x}\n";
    let mut run = Run::new(TEXT);
    let _ = run.advance(SimTime::from_secs(30), &mut Budget(u64::MAX));
    run.cluster().clone()
}

fn line(dice: &mut Dice) -> Vec<String> {
    let mut words = vec![(*dice.pick(VERBS)).to_owned()];
    for _ in 0..dice.below(7) {
        words.push((*dice.pick(WORDS)).to_owned());
    }
    words
}

#[test]
fn fuzz_kubectl() {
    let cluster = std::panic::AssertUnwindSafe(cluster());
    search("kubectl words", 800, line, |argv| {
        let mut cluster = cluster.clone();
        let until = cluster.now() + Duration::from_secs(60);
        let stdin = b"apiVersion: v1\nkind: Pod\n";
        let mut command = podplay_kubectl::start(argv, stdin, &mut cluster, &NoFiles);
        let _ = command.finish_within(&mut cluster, until, &mut Budget(300));
    });
}

#[test]
fn fuzz_session() {
    let texts = texts();
    let times = [
        json!(0),
        json!(1.5),
        json!(7),
        json!(60),
        json!(-1),
        json!(1e300),
        json!("x"),
        json!(null),
        json!(600),
    ];
    search(
        "session",
        60,
        |dice| {
            let mut asked = vec![
                json!({"t": 0, "argv": ["apply", "-f", "-"], "stdin": dice.damaged(&texts, PIECES)}),
            ];
            for _ in 0..dice.below(6) {
                let argv = line(dice);
                let (t, killed) = (dice.pick(&times).clone(), dice.pick(&times).clone());
                let stdin =
                    if dice.below(3) == 0 { dice.damaged(&texts, PIECES) } else { String::new() };
                asked.push(json!({"t": t, "argv": argv, "stdin": stdin, "killed_after": killed}));
            }
            asked
        },
        |asked| {
            let mut session = Session::bounded(3_000);
            for line in asked {
                let answer = session.answer(line, &NoFiles);
                assert!(answer["exit"].is_number() && answer["stdout"].is_string(), "{answer}");
            }
        },
    );
}
