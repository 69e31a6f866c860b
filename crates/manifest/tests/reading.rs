//! Whole readings: fragments, the article's blocks, the corpus, edits that mend, places.

use std::path::{Path, PathBuf};

use podplay_manifest::{Assume, Reading, Severity, Stage, read, read_as};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cases(path: &str) -> Vec<Value> {
    let Ok(text) = std::fs::read_to_string(root().join(path)) else {
        eprintln!("skipped: {path} is not there");
        return Vec::new();
    };
    let data: Value = serde_json::from_str(&text).expect("a verdict file is JSON");
    data["cases"].as_array().cloned().unwrap_or_default()
}

fn errors(reading: &Reading) -> Vec<String> {
    reading
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| format!("{}:{} {}: {}", d.span.line, d.span.column, d.code, d.message))
        .collect()
}

fn runs(reading: &Reading) -> bool {
    errors(reading).is_empty() && reading.objects.iter().any(|o| o.accepted)
}

/// Applies every fix of an error, the last first, so that places stay right.
fn mended(text: &str, reading: &Reading) -> String {
    let mut fixes: Vec<_> = reading
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .filter_map(|d| d.fix.clone())
        .collect();
    fixes.sort_by_key(|f| std::cmp::Reverse(f.span.start));
    fixes.dedup_by_key(|f| f.span);
    fixes.iter().fold(text.to_owned(), |text, fix| fix.apply(&text))
}

/// The YAML blocks of a Markdown text.
fn blocks(markdown: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.lines() {
        match (&mut open, line.trim()) {
            (None, "```yaml" | "```yml") => open = Some(String::new()),
            (Some(_), "```") => out.extend(open.take()),
            (Some(block), _) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    out
}

#[test]
fn blocks_of_the_article_run_alone_or_are_mended() {
    let Ok(article) = std::fs::read_to_string(root().join("../shared/article/k8s_pod.md")) else {
        eprintln!("skipped: the article is not there");
        return;
    };
    let blocks = blocks(&article);
    assert!(blocks.len() >= 6);
    for block in blocks {
        let reading = read(&block);
        if runs(&reading) {
            continue;
        }
        assert!(errors(&reading).iter().all(|e| !e.starts_with("0:")), "{:?}", errors(&reading));
        let fixed = mended(&block, &reading);
        let again = read(&fixed);
        assert!(runs(&again), "{block}\n{:?}\n{fixed}\n{:?}", errors(&reading), errors(&again));
    }
}

#[test]
fn fragments_are_completed_and_their_edit_says_so() {
    let table: &[(&str, &str, &str)] = &[
        ("containers:\n- name: app\n  image: nginx\n", "Pod", "app"),
        (
            "initContainers:\n- name: i\n  image: busybox\n  command: [sh, -c, 'sleep 5']\n",
            "Pod",
            "app",
        ),
        ("- name: a\n  image: nginx\n- name: b\n  image: redis\n", "Pod", "a"),
        ("name: one\nimage: nginx\nlivenessProbe:\n  httpGet: {port: 80}\n", "Pod", "one"),
        ("livenessProbe:\n  httpGet:\n    port: 8080\n", "Pod", "app"),
        ("httpGet:\n  port: 80\nperiodSeconds: 3\n", "Pod", "app"),
        ("lifecycle:\n  preStop:\n    exec:\n      command: [sleep, '5']\n", "Pod", "app"),
        ("metadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: nginx\n", "Pod", "c"),
        ("spec:\n  initContainers:\n  - name: i\n    image: busybox\n", "Pod", "app"),
        (
            "kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: c, image: nginx}\n",
            "Pod",
            "c",
        ),
        (
            "metadata:\n  name: r\nspec:\n  replicas: 2\n  selector:\n    app: a\n  template:\n    metadata:\n      labels:\n        app: a\n    spec:\n      containers:\n      - name: c\n        image: x\n",
            "ReplicationController",
            "c",
        ),
        (
            "spec:\n  selector:\n    matchLabels: {app: a}\n  template:\n    metadata:\n      labels: {app: a}\n    spec:\n      containers:\n      - name: c\n        image: x\n",
            "Deployment",
            "c",
        ),
        (
            "template:\n  metadata:\n    labels: {app: web}\n  spec:\n    containers:\n    - name: c\n      image: x\n",
            "ReplicationController",
            "c",
        ),
        ("volumes:\n- name: v\n  emptyDir: {}\n", "Pod", "app"),
        ("# as printed\n\ncontainers:\n- name: app\n  image: nginx\n", "Pod", "app"),
    ];
    for (text, kind, container) in table {
        let reading = read(text);
        assert!(runs(&reading), "{text}: {:?}", errors(&reading));
        assert_eq!(reading.objects[0].kind, *kind, "{text}");
        let edit = reading.completions.first().expect("a completion is offered");
        let whole = edit.apply(text);
        let again = read(&whole);
        assert!(runs(&again) && again.completions.is_empty(), "{whole}: {:?}", errors(&again));
        assert_eq!(again.objects[0].submitted, reading.objects[0].submitted, "{whole}");
        let spec = match *kind {
            "Pod" => &again.objects[0].object["spec"],
            _ => &again.objects[0].object["spec"]["template"]["spec"],
        };
        assert_eq!(spec["containers"][0]["name"], *container, "{whole}");
    }
}

#[test]
fn what_a_server_refuses_is_an_error_with_a_place_and_the_rest_is_none() {
    let (mut agree, mut all) = (0, 0);
    for file in ["yaml", "strict", "validation"] {
        for case in cases(&format!("tests/verdicts/{file}.json")) {
            let plain = case["command"].as_array().is_some_and(|c| c.len() == 5 && c[1] == "apply");
            let Some(text) = case["input"].as_str().filter(|_| plain && case["setup"].is_null())
            else {
                continue;
            };
            let reading = read_as(text, Some(Assume::STRICT));
            for finding in &reading.diagnostics {
                assert!(
                    finding.span.line > 0 && text.get(finding.span.range()).is_some(),
                    "{text}"
                );
            }
            let refused =
                !errors(&reading).is_empty() || reading.objects.iter().all(|o| !o.accepted);
            all += 1;
            agree += usize::from(refused == (case["exit"] == 1));
            let same = refused == (case["exit"] == 1);
            if !same && std::env::var_os("VERBOSE").is_some() {
                println!(
                    "--- {file} {}: exit {} {:?}",
                    case["name"],
                    case["exit"],
                    errors(&reading)
                );
                println!(
                    "    {:?}",
                    case["stderr"]
                        .as_str()
                        .unwrap_or_default()
                        .chars()
                        .take(200)
                        .collect::<String>()
                );
            }
        }
    }
    println!("editor and server agree in {agree} of {all}");
    assert!(agree * 100 >= all * 97, "{agree} of {all}");
}

fn manifests(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            manifests(&path, out);
        } else if path.extension().is_some_and(|e| ["yaml", "yml", "json"].iter().any(|x| e == *x))
        {
            out.push(path);
        }
    }
}

#[test]
fn the_corpus_is_read_to_the_end() {
    let mut paths = Vec::new();
    manifests(&root().join("../shared/corpus"), &mut paths);
    if paths.is_empty() {
        eprintln!("skipped: the corpus is not there");
    }
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
        let reading = read(&text);
        let spoken = !reading.objects.is_empty() || !reading.diagnostics.is_empty();
        assert!(spoken || text.trim().is_empty(), "{}", path.display());
    }
}

#[test]
fn limits_are_findings() {
    let deep = format!("a: {}{}", "[".repeat(600), "]".repeat(600));
    let many = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n".repeat(600);
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(1000), "*a,".repeat(1000));
    let pods = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: 100000\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: c, image: x}]}\n";
    for text in [deep, many, wide, pods.to_owned(), "x".repeat(5 << 20)] {
        let reading = read(&text);
        let told = reading.diagnostics.iter().any(|d| {
            d.stage == Stage::Limit || d.message.contains("limit") || d.message.contains("aliasing")
        });
        assert!(told, "{}…: {:?}", text.chars().take(40).collect::<String>(), errors(&reading));
        assert!(reading.objects.iter().filter(|o| o.kind == "Deployment").all(|o| !o.accepted));
    }
}

#[test]
fn large_texts_are_read_without_a_pause() {
    let pod = |i: usize| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers:\n  - name: c\n    image: nginx\n    foo: {i}\n---\n"
        )
    };
    let many: String = (0..450).map(pod).collect();
    let one = format!(
        "{}{}",
        pod(0).replace("---\n", ""),
        "    bar: 1\n    baz: [1, 2, 3]\n".repeat(8_000)
    );
    let ports = "    - {containerPort: 80, hostPort: 80, name: a}\n".repeat(5_000);
    let ports = format!("{}    ports:\n{ports}", pod(1).replace("---\n", ""));
    for text in [many, one, ports] {
        assert!(text.len() < 1 << 20);
        assert!(!read(&text).diagnostics.is_empty());
    }
}

#[test]
fn findings_help_and_mend() {
    let pod = |container: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: nginx\n{container}"
        )
    };
    let table: &[(String, &str, &str)] = &[
        (pod("    livenesProbe:\n      httpGet: {port: 80}\n"), "PP-0401", "livenessProbe"),
        (pod("    imagePullPolicy: always\n"), "PP-0603", "Always"),
        (pod("    env:\n    - name: A\n      value: yes\n"), "PP-0301", "\"yes\""),
        (pod("    ports:\n    - containerPort: \"80\"\n"), "PP-0301", "80"),
        (pod("    command: sleep 10\n"), "PP-0301", "[sleep 10]"),
        (
            pod("    lifecycle:\n      preStop:\n        exec:\n          command: []\n"),
            "PP-0601",
            "[\"true\"]",
        ),
        (pod("    livenessProbe:\n      httpGet: {port: \"80\"}\n"), "PP-0602", "80"),
        (pod("").replace("name: web", "name: My_Web"), "PP-0602", "my-web"),
        (pod("").replace("kind: Pod", "kind: Pods"), "PP-0203", "Pod"),
        (pod("").replace("apiVersion: v1", "apiVersion: apps/v1"), "PP-0203", "v1"),
        (pod("\tports: []\n"), "PP-0101", "  "),
        (
            pod("").replace("  name: web", "  name: web\n  namespace: other"),
            "PP-0502",
            "kind: Namespace",
        ),
    ];
    for (text, code, replacement) in table {
        let reading = read_as(text, Some(Assume::STRICT));
        let finding = reading.diagnostics.iter().find(|d| d.code == *code);
        let Some(finding) = finding else {
            panic!("{text}: no {code} in {:?}", reading.diagnostics)
        };
        assert!(finding.help.is_some(), "{code} {}", finding.message);
        let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{code} has no fix: {text}"));
        assert!(fix.replacement.contains(replacement), "{code}: {fix:?}");
        let again = read_as(&fix.apply(text), Some(Assume::STRICT));
        let left = again.diagnostics.iter().any(|d| d.code == *code && d.span == finding.span);
        assert!(!left, "{code} is still there: {:?}", errors(&again));
    }
}

#[test]
fn scenarios_are_checked_and_left_as_they_are() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: nginx}]}\n---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  seed: 7\n  start: 2026-11-22T10:36:09Z\n  duration: 5m\n  node: {profile: typical}\n  images:\n    test-image: {startup: 20s, http: {8080: {/healthz: 200}}, onSigterm: {exitAfter: 3s, code: 0}}\n  timeline:\n  - {at: 35s, kubectl: \"exec web -- rm -f /tmp/healthy\"}\n  - {at: 60s, fault: {pod: web, container: app, kind: Hang, for: 20s}}\n  - {at: 99s, patch: {path: pods/web/status, body: {status: {}}}}\n  traffic:\n  - {service: web, rps: 50, from: 10s, for: 60s}\n";
    let reading = read(text);
    assert_eq!(errors(&reading), Vec::<String>::new());
    let scenario = reading.scenario.expect("the scenario is found");
    assert!(text[scenario.start..scenario.end].contains("kind: Scenario"));
    assert_eq!(scenario.value["spec"]["timeline"][1]["fault"]["kind"], "Hang");
    let table = [
        ("seed: 7", "sead: 7", "PP-0704", "seed"),
        ("kind: Hang", "kind: Hnag", "PP-0705", "Hang"),
        ("profile: typical", "profile: tipical", "PP-0705", "typical"),
        ("duration: 5m", "duration: soon", "PP-0703", ""),
        ("at: 35s, ", "", "PP-0709", ""),
        ("podplay/v1", "podplay/v2", "PP-0702", "podplay/v1"),
    ];
    for (from, to, code, fix) in table {
        let broken = text.replacen(from, to, 1);
        let reading = read(&broken);
        let finding = reading.diagnostics.iter().find(|d| d.code == code);
        let finding = finding.unwrap_or_else(|| panic!("{to}: {:?}", reading.diagnostics));
        let offered = finding.fix.as_ref().map_or("", |f| f.replacement.as_str());
        assert_eq!(offered, fix, "{to}");
    }
}

#[test]
fn defaults_and_inert_fields_are_listed() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostIPC: true\n  containers:\n  - name: app\n    image: nginx\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np}\nspec: {podSelector: {}}\n";
    let reading = read(text);
    let default =
        |path: &str| reading.defaults.iter().find(|d| d.path == path).map(|d| d.value.clone());
    assert_eq!(default("spec.containers[0].imagePullPolicy"), Some(Value::from("Always")));
    assert_eq!(default("spec.restartPolicy"), Some(Value::from("Always")));
    let inert: Vec<_> = reading.not_simulated.iter().map(|n| (n.object, n.path.as_str())).collect();
    assert_eq!(inert, [(0, "spec.hostIPC"), (1, "")]);
    assert!(reading.objects.iter().all(|o| o.accepted));
}
