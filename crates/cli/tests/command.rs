//! The command as people call it: what it prints and with which status it ends.

use std::io::Write;
use std::process::{Command, Stdio};

const CRASH: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox
    command: [sh, -c, \"echo hello; sleep 5; exit 3\"]
";

/// Runs `podplay` with a text on its standard input: status, standard output, standard error.
fn podplay(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_podplay"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command was built for this test");
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input closes it early.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().expect("it ends by itself");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn views_of_a_run() {
    let table: [(&[&str], &str); 8] = [
        (&["run", "-", "--until", "30s"], "   web    1/1     Running"),
        (&["run", "-", "--until", "30s", "-o", "events"], "pod/web   1       Container started"),
        (&["run", "-", "--until", "30s", "-o", "describe"], "Last State:     Terminated"),
        (&["run", "-", "--until", "30s", "-o", "logs"], "hello"),
        (&["run", "-", "--until", "30s", "-o", "timeline"], "web/app  "),
        (&["run", "-", "--until", "30s", "-o", "yaml"], "kind: Pod"),
        (&["run", "-", "--until", "30s", "-o", "json"], "\"restartCount\": 1"),
        (&["why", "-", "--at", "30s"], "ended with exit code 3"),
    ];
    for (arguments, part) in table {
        let (status, out, err) = podplay(arguments, CRASH);
        assert_eq!(status, 0, "{arguments:?}: {err}");
        assert!(out.contains(part), "{arguments:?} has no {part:?}:\n{out}");
    }
}

#[test]
fn kubectl_needs_no_dashes() {
    for words in [
        &["kubectl", "--", "get", "nodes", "-o", "name"][..],
        &["kubectl", "get", "nodes", "-o", "name"],
    ] {
        let (status, out, err) = podplay(words, "");
        assert_eq!((status, out.as_str()), (0, "node/node01\n"), "{words:?}: {err}");
    }
}

#[test]
fn kubectl_keeps_its_status() {
    let (status, out, err) = podplay(&["kubectl", "--", "get", "pods"], "");
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert_eq!(err, "No resources found in default namespace.\n");
    let (status, _, err) = podplay(&["kubectl", "--", "get", "pod", "nope"], "");
    assert_eq!(
        (status, err.as_str()),
        (1, "Error from server (NotFound): pods \"nope\" not found\n")
    );
    let (status, out, _) = podplay(&["kubectl", "--", "apply", "-f", "-"], CRASH);
    assert_eq!((status, out.as_str()), (0, "pod/web created\n"));
}

#[test]
fn a_session_remembers() {
    let lines = "{\"t\": 0, \"argv\": [\"kubectl\", \"run\", \"x\", \"--image=nginx\"]}\n{\"t\": 20, \"argv\": [\"kubectl\", \"get\", \"pods\", \"--no-headers\"]}\n";
    let (status, out, err) = podplay(&["session"], lines);
    assert_eq!(status, 0, "{err}");
    let answers: Vec<&str> = out.lines().collect();
    assert_eq!(answers.len(), 2);
    assert!(answers[0].contains("pod/x created"), "{out}");
    assert!(answers[1].contains("Running"), "{out}");
}

#[test]
fn findings_have_a_line_and_a_caret() {
    let (status, out, _) = podplay(&["lint", "-"], &CRASH.replace("image:", "imge:"));
    assert_eq!(status, 1);
    assert!(out.contains("-:7:5: error["), "{out}");
    assert!(out.contains("^^^^"), "{out}");
    assert!(out.contains("`image`"), "{out}");
    assert_eq!(podplay(&["lint", "-"], CRASH).0, 0);
}

#[test]
fn links_go_there_and_back() {
    let (_, link, _) = podplay(&["share", "-", "--at", "42.5"], CRASH);
    assert!(link.trim_end().ends_with("&t=42.5"), "{link}");
    let (status, text, _) = podplay(&["open", link.trim()], "");
    assert_eq!((status, text.as_str()), (0, CRASH));
    assert_eq!(podplay(&["open", "#v1.!!"], "").0, 1);
}

#[test]
fn wrong_usage_ends_with_two() {
    for arguments in
        [&["run", "no-such-file.yaml"][..], &["run"], &["nope"], &["run", "-", "--until", "x"]]
    {
        assert_eq!(podplay(arguments, "").0, 2, "{arguments:?}");
    }
}

#[test]
fn runs_are_compared() {
    let folder = std::env::temp_dir().join(format!("podplay-diff-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (a, b) = (path("a.yaml"), path("b.yaml"));
    std::fs::write(&a, CRASH).expect("it can be written to");
    std::fs::write(&b, CRASH.replace("sleep 5", "sleep 9")).expect("it can be written to");
    let (status, out, err) = podplay(&["diff", &a, &b, "--until", "1m"], "");
    assert_eq!(status, 1, "{err}");
    assert!(out.contains("First difference at "), "{out}");
    let (status, out, _) = podplay(&["diff", &a, &a, "--until", "1m"], "");
    assert_eq!((status, out.as_str()), (0, "The two runs show the same.\n"));
    let versions = ["--kubernetes", "1.34,1.36"];
    let after = podplay(&["diff", versions[0], versions[1], &a], "");
    assert_eq!(
        after,
        podplay(&["diff", &a, versions[0], versions[1]], ""),
        "the file may come last"
    );
    assert!(after.1.starts_with("--- Kubernetes 1.34\n+++ Kubernetes 1.36\n"), "{}", after.1);
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn lint_says_what_is_wrong_what_could_be_better_and_what_has_no_effect() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostIPC: true\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: app\n    image: nginx:1.27\n".to_owned();
    let (status, out, _) = podplay(&["lint", "-"], &text);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("-:5:3: note[PP-0803]: spec.hostIPC is accepted and has no effect here\n    hostIPC: true\n    ^^^^^^^\n"), "{out}");
    assert!(out.contains("-:6:34: advice[PP-1103]: "), "{out}");
    assert!(out.contains("  fix: Give it 30 seconds\n"), "{out}");
    assert_eq!(podplay(&["lint", "-", "--strict"], &text).0, 1);
    let (_, json, _) = podplay(&["lint", "-", "-o", "json"], &text);
    assert!(
        json.contains("\"code\": \"PP-1103\"") && json.contains("\"replacement\": \"30\""),
        "{json}"
    );
    let (status, out, _) = podplay(&["lint", "-"], &text.replace("image:", "imag:"));
    assert!(status == 1 && out.contains(": error[PP-0401]: "), "{out}");
    let (_, _, err) = podplay(&["run", "-", "--until", "1s"], &text);
    assert!(err.contains("without effect in a run: hostIPC (line 5)"), "{err}");
}

#[test]
fn codes_are_explained_in_two_languages() {
    let (status, out, _) = podplay(&["lint", "--explain", "pp-1003"], "");
    assert!(status == 0 && out.starts_with("# Restarted before it can be up\n"), "{out}");
    let (_, out, _) = podplay(&["lint", "--explain", "PP-1003", "--lang", "ko"], "");
    assert!(out.contains("## 왜 그런가"), "{out}");
    assert_eq!(podplay(&["lint", "--explain", "PP-9999"], "").0, 2);
}
