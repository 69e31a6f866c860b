//! What `podplay test` and `podplay check` print for programs keeps to the schemas: JSON to ours under
//! `docs/schemas`, JUnit to the elements and attributes of its XSD, annotations to the grammar of workflow commands.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ten texts of one pod: name, image or command, expectations.
const TEXTS: [(&str, &str, &str); 10] = [
    ("a-ready", "image: nginx:1.27", "ready pod/web by 30s"),
    ("b-late", "image: nginx:1.27", "ready pod/web by 1s"),
    ("c-quiet", "image: nginx:1.27", "pod/web never restarts"),
    ("d-crash", "image: busybox, command: [sh, -c, 'sleep 5; exit 3']", "pod/web never restarts"),
    ("e-kill", "image: nginx:1.27", "no SIGKILL"),
    ("f-deaf", "image: busybox, command: [sh, -c, 'sleep 600']", "no SIGKILL"),
    ("g-events", "image: nginx:1.27", "events Pod/web Unhealthy <= 2"),
    ("h-status", "image: nginx:1.27", "'at 30s: pod web status == CrashLoopBackOff'"),
    ("i-words", "image: nginx:1.27", "everything is <fine> & well"),
    ("j-missing", "image: nginx:1.27", "ready pod/other, 100%"),
];

fn folder() -> PathBuf {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("formats-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("made");
    for (name, container, expect) in TEXTS {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{terminationGracePeriodSeconds: 2, containers: [{{name: app, {container}}}]}}\n---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  duration: 40s\n  timeline: [{{at: 30s, kubectl: delete pod web}}]\n  expect: [{expect:?}]\n",
            expect = expect.trim_matches('\'')
        );
        std::fs::write(path.join(format!("{name}.yaml")), text).expect("written");
    }
    path
}

fn podplay(arguments: &[&str], folder: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_podplay"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command was built for this test");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What of a value does not keep to a schema: the part of JSON Schema that ours use.
fn against(schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        out.push(format!("{path}: no {kinds:?}"));
    }
    if schema["enum"].as_array().is_some_and(|list| !list.contains(value)) {
        out.push(format!("{path}: {value} is none of those allowed"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        out.push(format!("{path}: {number} is less than {least}"));
    }
    if let Some(map) = value.as_object() {
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(key) {
                out.push(format!("{path}.{key} is missing"));
            }
        }
        for (key, inner) in map {
            match schema["properties"].get(key) {
                Some(known) => against(known, inner, &format!("{path}.{key}"), out),
                None if schema["additionalProperties"] == false => {
                    out.push(format!("{path}.{key} is unknown"));
                }
                None => {}
            }
        }
    }
    for (n, inner) in value.as_array().into_iter().flatten().enumerate() {
        against(&schema["items"], inner, &format!("{path}[{n}]"), out);
    }
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).expect("a schema")
}

#[test]
fn json_keeps_to_its_schema() {
    let folder = folder();
    let (status, out) = podplay(&["test", ".", "-o", "json"], &folder);
    let found: Value = serde_json::from_str(&out).expect("JSON");
    let mut wrong = Vec::new();
    against(&schema("test.schema.json"), &found, "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!((status, found.as_array().map(Vec::len)), (1, Some(TEXTS.len())));
    let passes = found.as_array().into_iter().flatten().filter(|one| one["passes"] == true).count();
    assert_eq!(passes, 4, "{found:#}");
    // The schema says no to what is none.
    let mut wrong = Vec::new();
    against(
        &schema("test.schema.json"),
        &serde_json::json!([{"file": 1, "more": 2}]),
        "",
        &mut wrong,
    );
    assert_eq!(wrong.len(), 5, "{wrong:?}");

    let stays = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: 'nginx:1.27'}]}\n";
    std::fs::write(folder.join("stays.yaml"), stays).expect("written");
    let (_, out) = podplay(
        &["check", "stays.yaml", "--runs", "12", "--seeds", "1", "-q", "-o", "json"],
        &folder,
    );
    let found: Value = serde_json::from_str(&out).expect("JSON");
    let mut wrong = Vec::new();
    against(&schema("check.schema.json"), &found, "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// One tag of an XML document: its name, its attributes, whether it opens or closes.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    opens: bool,
    closes: bool,
}

/// The tags of an XML document, in order. Text between them must not have a bare `<` or `&`.
fn tags(text: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    for part in text.split('<').skip(1) {
        let (inner, after) = part.split_once('>').expect("a tag is closed");
        entities(after);
        if inner.starts_with('?') {
            continue;
        }
        let (closes, opens) =
            (inner.starts_with('/') || inner.ends_with('/'), !inner.starts_with('/'));
        let inner = inner.trim_matches('/');
        let (name, mut rest) = inner.split_once([' ', '\n']).unwrap_or((inner, ""));
        let mut attributes = Vec::new();
        while let Some((key, tail)) = rest.trim_start().split_once("=\"") {
            let (value, tail) = tail.split_once('"').expect("a value is closed");
            entities(value);
            attributes.push((key.trim().to_owned(), value.to_owned()));
            rest = tail;
        }
        out.push(Tag { name: name.to_owned(), attributes, opens, closes });
    }
    out
}

fn entities(text: &str) {
    for part in text.split('&').skip(1) {
        let name = part.split_once(';').map_or("", |(name, _)| name);
        let known = ["amp", "lt", "gt", "quot", "apos"].contains(&name) || name.starts_with('#');
        assert!(known, "a bare & in {text:?}");
    }
}

/// An element, elements around it, attributes it must have, attributes it may have.
type Element =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The XSD of JUnit as a table.
const JUNIT: [Element; 8] = [
    (
        "testsuites",
        &[""],
        &[],
        &["name", "tests", "failures", "errors", "time", "timestamp", "disabled", "uuid"],
    ),
    (
        "testsuite",
        &["testsuites"],
        &["name", "tests"],
        &[
            "failures",
            "errors",
            "disabled",
            "skipped",
            "time",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
    ),
    (
        "testcase",
        &["testsuite"],
        &["name"],
        &["classname", "time", "assertions", "status", "timestamp"],
    ),
    ("failure", &["testcase"], &[], &["message", "type"]),
    ("error", &["testcase"], &[], &["message", "type"]),
    ("skipped", &["testcase"], &[], &["message", "type"]),
    ("system-out", &["testcase", "testsuite"], &[], &[]),
    ("properties", &["testsuite", "testcase"], &[], &[]),
];

#[test]
fn junit_keeps_to_its_schema() {
    let (_, out) = podplay(&["test", ".", "-o", "junit"], &folder());
    assert!(out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{out}");
    let mut around: Vec<String> = Vec::new();
    let mut counts = [0_usize; 3];
    for tag in tags(&out) {
        if tag.opens {
            let parent = around.last().map_or("", String::as_str);
            let (_, parents, must, may) = JUNIT
                .iter()
                .find(|(name, ..)| *name == tag.name)
                .unwrap_or_else(|| panic!("<{}>", tag.name));
            assert!(parents.contains(&parent), "<{}> in <{parent}>", tag.name);
            let has = |key: &str| tag.attributes.iter().any(|(name, _)| name == key);
            assert!(must.iter().all(|key| has(key)), "<{}> {:?}", tag.name, tag.attributes);
            for (key, value) in &tag.attributes {
                assert!(
                    must.contains(&key.as_str()) || may.contains(&key.as_str()),
                    "<{} {key}>",
                    tag.name
                );
                let number =
                    ["tests", "failures", "errors", "skipped", "disabled"].contains(&key.as_str());
                assert!(!number || value.parse::<u32>().is_ok(), "{key}={value}");
            }
            match tag.name.as_str() {
                "testsuite" => counts[0] += 1,
                "failure" => counts[1] += 1,
                "error" => counts[2] += 1,
                _ => {}
            }
            around.push(tag.name.clone());
        }
        if tag.closes {
            assert_eq!(around.pop().as_deref(), Some(tag.name.as_str()), "{out}");
        }
    }
    assert!(around.is_empty(), "{around:?}");
    assert_eq!(counts, [10, 4, 2], "{out}");
}

#[test]
fn annotations_keep_to_the_grammar_of_workflow_commands() {
    let (_, out) = podplay(&["test", ".", "-o", "github"], &folder());
    assert_eq!(out.lines().count(), 6, "{out}");
    for line in out.lines() {
        let rest = line.strip_prefix("::error ").unwrap_or_else(|| panic!("{line}"));
        let (properties, message) = rest.split_once("::").expect("a message");
        assert!(!message.is_empty() && !message.contains('\r'), "{line}");
        for (n, property) in properties.split(',').enumerate() {
            let (key, value) = property.split_once('=').expect("key=value");
            assert!(
                ["file", "line", "col", "title", "endLine", "endColumn"].contains(&key),
                "{line}"
            );
            assert!(n > 0 || key == "file", "{line}");
            let number = key == "line" || key == "col";
            assert!(!number || value.parse::<u32>().is_ok_and(|number| number > 0), "{line}");
            assert!(!value.contains(':'), "{line}");
        }
        // A percent sign is the beginning of an escape, and nothing else.
        for part in message.split('%').skip(1) {
            assert!(["25", "0D", "0A"].iter().any(|code| part.starts_with(code)), "{line}");
        }
    }
}

#[test]
fn text_has_a_line_for_each_expectation() {
    let (status, out) = podplay(&["test", "."], &folder());
    assert_eq!(status, 1);
    assert_eq!(out.lines().filter(|line| line.starts_with("  ✓ ")).count(), 4, "{out}");
    assert_eq!(out.lines().filter(|line| line.starts_with("  ✗ ")).count(), 6, "{out}");
    assert!(out.ends_with("4 passed, 6 failed\n"), "{out}");
}
