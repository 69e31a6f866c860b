//! `podplay test` on a folder of texts: what holds, what does not and why, in all formats.

use std::path::{Path, PathBuf};
use std::process::Command;

fn rollout(hook: &str, expect: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: app
        image: nginx:1.27
        readinessProbe: {{httpGet: {{port: 80}}, periodSeconds: 2}}
{hook}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 90s
  seed: 1
  traffic: [{{service: web, rps: 50, from: 15s, latency: 80ms}}]
  timeline:
  - {{at: 30s, kubectl: set image deployment/web app=nginx:1.28}}
  expect:
  - ready deployment/web by 15s
  {expect}
"
    )
}

/// A test's own folder with one text that holds, one that does not, one that expects nothing and one with an error.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expectations").join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("made");
    let hook = "        lifecycle: {preStop: {sleep: {seconds: 5}}}";
    let texts = [
        ("a-kept.yaml", rollout(hook, "- no request lost")),
        ("b-lost.yaml", rollout("", "- no request lost")),
        ("c-plain.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n".to_owned()),
        ("d-wrong.yaml", rollout(hook, "- nothing breaks")),
    ];
    for (name, text) in texts {
        std::fs::write(path.join(name), text).expect("written");
    }
    path
}

fn test(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_podplay"))
        .arg("test")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command was built for this test");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), out)
}

#[test]
fn a_folder_is_judged_in_every_format() {
    let folder = folder("formats");
    let (status, out) = test(&folder, &["."]);
    assert_eq!(status, 1, "{out}");
    assert!(
        out.starts_with("a-kept.yaml\n  ✓ ready deployment/web by 15s\n  ✓ no request lost\n"),
        "{out}"
    );
    assert!(out.contains("  ✗ no request lost (line 31)\n    does not hold at 3"), "{out}");
    assert!(
        out.contains("← container app was told to stop with SIGQUIT") && out.contains("#v1."),
        "why and where:\n{out}"
    );
    assert!(
        out.contains(
            "d-wrong.yaml\n  ✗ 31:5: spec.expect[1]: \"nothing breaks\" is no statement\n"
        ),
        "{out}"
    );
    assert!(!out.contains("c-plain"), "{out}");
    assert!(out.ends_with("1 passed, 2 failed\n"), "{out}");

    let (_, out) = test(&folder, &["a-kept.yaml", "b-lost.yaml", "-o", "json"]);
    let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (list[0]["passes"].as_bool(), list[1]["passes"].as_bool()),
        (Some(true), Some(false))
    );
    assert_eq!(list[1]["expectations"][1]["broken"]["found"], "1");
    let (_, out) = test(&folder, &[".", "-o", "junit"]);
    assert!(out.contains("tests=\"5\" failures=\"1\" errors=\"1\""), "{out}");
    let (_, out) = test(&folder, &["b-lost.yaml", "-o", "github"]);
    assert!(
        out.starts_with(
            "::error file=b-lost.yaml,line=31,col=5,title=podplay test::no request lost: does"
        ),
        "{out}"
    );
}

#[test]
fn seeds_and_statuses() {
    let folder = folder("seeds");
    let (status, out) = test(&folder, &["a-kept.yaml", "--seeds", "5", "-q"]);
    assert_eq!((status, out.as_str()), (0, "1 passed, 0 failed\n"));
    assert_eq!(test(&folder, &["c-plain.yaml"]).0, 1);
    assert_eq!(test(&folder, &["nope.yaml"]).0, 2);
}
