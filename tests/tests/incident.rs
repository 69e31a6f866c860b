//! Pastes of a real cluster: causes named, runs that fit, and readers that say nothing wrong of a cut text.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use podplay_analysis::incident::{self, Incident};
use podplay_api::Value;
use podplay_kubectl::NoFiles;
use podplay_playback::Run;
use podplay_tests::data::{read_json, shared};
use podplay_tests::fuzz::{Dice, search};

/// Texts of which pastes are made: what `kubectl` prints of their runs.
const TEXTS: [&str; 3] = [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: importer}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: importer}}\n  template:\n    metadata: {labels: {app: importer}}\n    spec:\n      containers:\n      - name: importer\n        image: busybox:1.36\n        command: [sh, -c, \"echo 'fatal: no database' >&2; sleep 2; exit 3\"]\n        env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: k, optional: true}}}]\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: docs, labels: {app: docs}}\nspec:\n  initContainers: [{name: prepare, image: busybox:1.36, command: [\"true\"]}]\n  containers:\n  - name: nginx\n    image: nginx:1.27\n    ports: [{containerPort: 8080}]\n    resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}\n    readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 5}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: docs}\nspec: {selector: {app: doc}, ports: [{port: 80}]}\n",
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  backoffLimit: 1\n  template:\n    spec:\n      restartPolicy: Never\n      nodeSelector: {disk: ssd}\n      volumes: [{name: v, emptyDir: {}}]\n      containers: [{name: main, image: busybox:1.36, command: [\"false\"], volumeMounts: [{name: v, mountPath: /v}]}]\n",
];

/// What kubectl prints at the end of a run.
fn ask(run: &Run, words: &str) -> String {
    let argv: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let mut cluster = run.cluster().clone();
    let until = cluster.now();
    podplay_kubectl::start(&argv, &[], &mut cluster, &NoFiles).finish(&mut cluster, until).stdout
}

/// Pastes of every shape.
fn pastes() -> Vec<String> {
    let mut out = Vec::new();
    for text in TEXTS {
        let mut run = Run::new(&format!(
            "{text}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {{duration: 50s}}\n"
        ));
        run.finish();
        let kinds = "deployments,replicasets,jobs,services";
        let events = ask(&run, "get events");
        out.push(ask(&run, "get pods -o yaml"));
        out.push(ask(&run, "get pods -o json"));
        out.push(ask(&run, "describe pods"));
        out.push(ask(&run, &format!("describe {kinds}")));
        out.push(events.clone());
        out.push(format!(
            "me@host:~$ kubectl get all\n{}\nme@host:~$ kubectl get events\n{events}\nme@host:~$ kubectl logs --all-containers --prefix\nhello\n",
            ask(&run, "get all")
        ));
    }
    out
}

/// The facts of a text as a set.
fn facts(text: &str) -> BTreeSet<String> {
    incident::read(text).facts().into_iter().collect()
}

/// What is read of a paste that is cut at the top or at the bottom is part of what is read of the whole.
fn cut(name: &str, paste: &str, step: usize) {
    let whole = facts(paste);
    assert!(!whole.is_empty(), "{name}: nothing was read");
    let lines: Vec<&str> = paste.lines().collect();
    for at in (1..lines.len()).step_by(step) {
        let top = lines[..at].join("\n");
        let bottom = lines[at..].join("\n");
        for (side, part) in [("before", top), ("from", bottom)] {
            let wrong: Vec<String> = facts(&part).difference(&whole).cloned().collect();
            assert!(wrong.is_empty(), "{name}, {side} line {}: {wrong:#?}", at + 1);
        }
    }
}

#[test]
fn a_cut_paste_says_nothing_that_the_whole_does_not() {
    for (number, paste) in pastes().iter().enumerate() {
        cut(&format!("paste {number}"), paste, 1);
    }
}

#[test]
fn real_pastes_may_be_cut_too() {
    for path in real() {
        if let Ok(paste) = fs::read_to_string(&path) {
            cut(&path.display().to_string(), &paste, 13);
        }
    }
}

/// The real pastes that are at hand.
fn real() -> Vec<PathBuf> {
    let Some(folder) = shared("incidents/cases") else { return Vec::new() };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut out: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    out.sort();
    out
}

/// Widths, quotes, tabs and colours do not change what is read of rows and events.
#[test]
fn what_chats_do_to_a_paste_changes_no_fact() {
    for (number, paste) in pastes().iter().enumerate() {
        let whole = facts(paste);
        let quoted: String = paste.lines().map(|line| format!("> {line}\n")).collect();
        let fenced = format!("```\n{paste}```\n");
        let coloured = paste.replace("Warning", "\u{1b}[33mWarning\u{1b}[0m").replace('\n', "\r\n");
        for (what, changed) in [("quoted", quoted), ("fenced", fenced), ("coloured", coloured)] {
            assert_eq!(facts(&changed), whole, "paste {number}, {what}");
        }
    }
}

/// Anything ends in an answer: pieces taken out, doubled, moved, broken.
#[test]
fn fuzz_incident() {
    let pieces = [
        "",
        " ",
        "\n",
        "- ",
        ": ",
        "{",
        "[",
        "\"",
        "'",
        "|",
        "(x3 over",
        "\u{1b}[",
        "Name:",
        "apiVersion: v1\n",
        "---\n",
        "é",
        "\t",
    ];
    let pastes = pastes();
    let make = |dice: &mut Dice| {
        let mut text: Vec<char> = pastes[dice.below(pastes.len())].chars().collect();
        for _ in 0..=dice.below(8) {
            let at = dice.below(text.len());
            match dice.below(3) {
                0 => {
                    text.drain(at..(at + dice.below(200)).min(text.len()));
                }
                1 => {
                    let piece: Vec<char> = pieces[dice.below(pieces.len())].chars().collect();
                    text.splice(at..at, piece);
                }
                _ => {
                    let copy: Vec<char> = text[at..(at + dice.below(300)).min(text.len())].to_vec();
                    let to = dice.below(text.len());
                    text.splice(to..to, copy);
                }
            }
        }
        text.into_iter().collect::<String>()
    };
    search("what was copied of a cluster", 300, make, |text| {
        let observed = incident::read(text);
        let lines = u32::try_from(text.lines().count() + 1).unwrap_or(u32::MAX);
        for found in incident::causes(&observed) {
            assert!(found.spots.iter().all(|spot| spot.line <= lines), "{found:?}\n{text}");
        }
    });
}

/// The share of real pastes whose cause is named, by the rules of their own check.
#[test]
fn causes_of_real_pastes_are_named() {
    let mut asked = 0;
    let mut named = 0;
    for path in real() {
        let Ok(paste) = fs::read_to_string(&path) else { continue };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((case, _)) = name.split_once('.') else { continue };
        let expect = read_json(&path.with_file_name(format!("{case}.expect.json")));
        let Incident { found, .. } = incident::explain(&paste, &mut |_| {});
        asked += 1;
        named += usize::from(found.first().is_some_and(|found| fits(found, &expect, &paste)));
    }
    if asked > 0 {
        assert!(named * 100 >= asked * 92, "{named} of {asked}");
    }
}

fn fits(found: &incident::Found, expect: &Value, paste: &str) -> bool {
    let sentence = found.sentence(podplay_analysis::verdict::Lang::En);
    let words =
        found.spots.iter().fold(sentence, |words, spot| words + " " + &spot.path).to_lowercase();
    let list = |value: &Value, key: &str| -> Vec<String> {
        let items = value[key].as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let paste = paste.to_lowercase();
    let said = |fault: &Value| {
        let wanted = list(fault, "mentions").into_iter().map(|word| word.to_lowercase());
        wanted.filter(|word| paste.contains(word)).all(|word| words.contains(&word))
    };
    match expect["faults"].as_array() {
        Some(faults) if !faults.is_empty() => {
            faults.iter().any(|fault| fault["code"].as_str() == Some(found.code()) && said(fault))
        }
        _ => list(expect, "codes").iter().any(|code| code == found.code()) && said(expect),
    }
}
