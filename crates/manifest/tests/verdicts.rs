//! What a real kubectl and API server said to some three thousand manifests, against what we say.
//!
//! The recordings are in `tests/verdicts` at the top of the repository. The rules of comparison are
//! those of their README: addresses, uids, random suffixes and the scene's namespace are masked.
//! `VERBOSE=1` prints every difference, `ONLY=part` keeps cases whose name has that part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podplay_manifest::apply::{self, DryRun, Live, Options, StoreOptions, Validate, Verb};
use podplay_manifest::yaml;
use serde_json::Value;

/// Shares that a change may not undercut, in tenths of a percent: file, exit status, text.
const FLOORS: &[(&str, usize, usize)] = &[
    ("yaml", 1000, 998),
    ("strict", 1000, 1000),
    ("validation", 1000, 990),
    ("errors", 1000, 1000),
    ("fragments", 1000, 1000),
    ("corpus", 1000, 1000),
    ("defaulting", 1000, 1000),
];

/// Cases whose text differs, with the reason. The list only shrinks: a case that starts to agree
/// must be taken off.
const DIFFERENT: &[(&str, &str)] = &[
    ("scalar/quantity(limits.cpu)=1e400", "quantities are kept up to 10^27"),
    ("update/pod/args", VOLUME),
    ("update/pod/container-name", VOLUME),
    ("update/pod/dnsPolicy", VOLUME),
    ("update/pod/env", VOLUME),
    ("update/pod/grace", VOLUME),
    ("update/pod/hostNetwork", VOLUME),
    ("update/pod/image-and-command", VOLUME),
    ("update/pod/invalid-too", VOLUME),
    ("update/pod/nodeName", VOLUME),
    ("update/pod/port", VOLUME),
    ("update/pod/priority", VOLUME),
    ("update/pod/sa", VOLUME),
    ("update/pod/two-changes", VOLUME),
];

/// The recording machine put one more source into the token volume.
const VOLUME: &str =
    "the line numbers of the difference count an artefact of the recording machine";

/// A cluster of stored objects.
#[derive(Default)]
struct Store(BTreeMap<(String, String, String, String), Value>);

impl Store {
    fn put(&mut self, object: Value) {
        let text =
            |p: &str| object.pointer(p).and_then(Value::as_str).unwrap_or_default().to_owned();
        let key = (
            text("/apiVersion"),
            text("/kind"),
            text("/metadata/namespace"),
            text("/metadata/name"),
        );
        self.0.insert(key, object);
    }
}

impl Live for Store {
    fn get(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let key = (api_version.to_owned(), kind.to_owned(), namespace.to_owned(), name.to_owned());
        self.0.get(&key).cloned()
    }

    fn namespace_exists(&self, name: &str) -> bool {
        apply::Nothing.namespace_exists(name) || self.get("v1", "Namespace", "", name).is_some()
    }
}

#[derive(Default, Clone, Copy)]
struct Score {
    cases: usize,
    exit: usize,
    text: usize,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.exit += other.exit;
        self.text += other.text;
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cases of a file; none when the file is not there (`corpus.json` stays outside).
fn cases(name: &str) -> Vec<Value> {
    let inside = root().join(format!("tests/verdicts/{name}.json"));
    let outside = root().join(format!("../shared/verdicts/{name}.json"));
    let Ok(text) = std::fs::read_to_string(&inside).or_else(|_| std::fs::read_to_string(&outside))
    else {
        eprintln!("skipped: {name}.json is not there");
        return Vec::new();
    };
    let data: Value = serde_json::from_str(&text).expect("a verdict file is JSON");
    data["cases"].as_array().cloned().unwrap_or_default()
}

fn input(case: &Value) -> Option<Vec<u8>> {
    if let Some(encoded) = case["input_base64"].as_str() {
        return podplay_manifest::base64::decode(encoded);
    }
    match case["path"].as_str() {
        Some(path) => std::fs::read(root().join("../shared/corpus").join(path)).ok(),
        None => Some(case["input"].as_str().unwrap_or_default().as_bytes().to_vec()),
    }
}

struct Call {
    options: Options,
    output: String,
    bad_flag: Option<String>,
}

fn parse(case: &Value) -> Call {
    let argv: Vec<&str> =
        case["command"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut call = Call { options: Options::default(), output: String::new(), bad_flag: None };
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        match *word {
            "apply" => call.options.verb = Verb::Apply,
            "create" => call.options.verb = Verb::Create,
            "--server-side" => call.options.server_side = true,
            "--dry-run=server" => call.options.dry_run = DryRun::Server,
            "--dry-run=client" => call.options.dry_run = DryRun::Client,
            "-n" => {
                words.next();
            }
            "-o" => call.output = words.next().map(|w| (*w).to_owned()).unwrap_or_default(),
            "-f" => {
                let file = words.next().copied().unwrap_or_default();
                let base = file.rsplit('/').next().unwrap_or(file);
                call.options.file = if file == "-" { "STDIN".to_owned() } else { base.to_owned() };
            }
            other => {
                if let Some(value) = other.strip_prefix("--validate=") {
                    match Validate::parse(value) {
                        Ok(v) => call.options.validate = v,
                        Err(line) => call.bad_flag = Some(line),
                    }
                }
            }
        }
    }
    call
}

/// The objects that existed before, as a server would have stored them.
fn before(case: &Value) -> Store {
    let mut store = Store::default();
    for step in case["setup"].as_array().into_iter().flatten() {
        let text = step["input"].as_str().unwrap_or_default();
        let outcome = apply::run(text.as_bytes(), &Options::default(), &store);
        for accepted in outcome.accepted {
            store.put(stored(&accepted.object, &store));
        }
    }
    store
}

fn stored(object: &Value, live: &dyn Live) -> Value {
    let mut object = object.clone();
    let _ = apply::admit(&mut object, live);
    apply::prepare_for_create(&mut object, &StoreOptions::dry_run());
    object
}

fn run(case: &Value) -> Option<(i64, String, String, Value)> {
    let call = parse(case);
    if let Some(line) = call.bad_flag {
        return Some((1, String::new(), format!("{line}\n"), Value::Null));
    }
    let store = before(case);
    let outcome = apply::run(&input(case)?, &call.options, &store);
    let mut stdout = outcome.stdout;
    let mut object = Value::Null;
    if let Some(path) = call.output.strip_prefix("jsonpath={.").and_then(|p| p.strip_suffix('}')) {
        stdout = String::new();
        for accepted in &outcome.accepted {
            let whole = stored(&accepted.object, &store);
            match yaml::value_at(&whole, path) {
                Some(Value::String(s)) => stdout.push_str(s),
                Some(other) => stdout.push_str(&other.to_string()),
                None => {}
            }
        }
    } else if call.output == "json" {
        object = outcome.accepted.first().map(|a| stored(&a.object, &store)).unwrap_or_default();
    }
    Some((i64::from(outcome.exit), stdout, outcome.stderr, object))
}

fn is_uuid(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 36
        && b.iter().enumerate().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => *c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

fn is_date(text: &str) -> bool {
    let shape = |i: usize, c: u8| match i {
        4 | 7 => c == b'-',
        10 => c == b'T',
        13 | 16 => c == b':',
        19 => c == b'Z',
        _ => c.is_ascii_digit(),
    };
    text.len() == 20 && text.bytes().enumerate().all(|(i, c)| shape(i, c))
}

fn mask(text: &str, file: &str) -> String {
    let mut out = text
        .replace("corpus/", "")
        .replace("v-default", "default")
        .replace("v-upd", "default")
        .replace("t-api", "default");
    if let Some(long) = file.strip_prefix("corpus/") {
        out = out.replace(long, long.rsplit('/').next().unwrap_or(long));
    }
    let mut masked = String::new();
    let mut rest = out.as_str();
    while let Some(c) = rest.chars().next() {
        if rest.get(..36).is_some_and(is_uuid) {
            masked.push_str("<uid>");
            rest = &rest[36..];
        } else if rest.starts_with("kube-api-access-") && rest.len() >= 21 {
            masked.push_str("kube-api-access-<x>");
            rest = rest.get(21..).unwrap_or_default();
        } else if rest.starts_with("10.") && ip_len(rest) > 0 {
            masked.push_str("<ip>");
            rest = &rest[ip_len(rest)..];
        } else {
            masked.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    let lines = masked.trim().lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

fn ip_len(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let candidate = text[..end].trim_end_matches('.');
    if candidate.split('.').count() == 4 { candidate.len() } else { 0 }
}

fn cleaned(value: &Value) -> Value {
    let dropped =
        ["uid", "creationTimestamp", "managedFields", "resourceVersion", "lastPhaseTransitionTime"];
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(k, v)| {
                    !dropped.contains(&k.as_str()) && v["name"] != "openshift-service-ca.crt"
                })
                .map(|(k, v)| (k.clone(), cleaned(v)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .filter(|i| i["configMap"]["name"] != "openshift-service-ca.crt")
                .map(cleaned)
                .collect(),
        ),
        Value::String(s) if is_date(s) => Value::from("<date>"),
        Value::String(s) => Value::String(mask(s, "")),
        other => other.clone(),
    }
}

fn compare(name: &str, case: &Value) -> Option<Score> {
    let (exit, stdout, stderr, object) = run(case)?;
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let path = case["command"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|a| a.contains('/'));
    let file = path.unwrap_or_default();
    let exit_ok = Some(exit) == case["exit"].as_i64();
    let same = |want: &str, got: &str| mask(want, file) == mask(got, file);
    let text_ok = if case["object"].is_object() {
        cleaned(&case["object"]) == cleaned(&object)
    } else {
        same(text("stdout"), &stdout) && same(text("stderr"), &stderr)
    };
    if !(exit_ok && text_ok) && std::env::var_os("VERBOSE").is_some() {
        println!("--- {name}: {} (exit {} / {exit})", text("name"), case["exit"]);
        if case["object"].is_object() {
            println!("  want {}\n  got  {}", cleaned(&case["object"]), cleaned(&object));
        }
        if !same(text("stdout"), &stdout) {
            println!("  want out {:?}\n  got  out {:?}", cut(text("stdout")), cut(&stdout));
        }
        if !same(text("stderr"), &stderr) {
            println!("  want err {:?}\n  got  err {:?}", cut(text("stderr")), cut(&stderr));
        }
    }
    Some(Score { cases: 1, exit: usize::from(exit_ok), text: usize::from(exit_ok && text_ok) })
}

fn cut(text: &str) -> String {
    text.chars().take(900).collect()
}

fn per_mille(part: usize, whole: usize) -> usize {
    (part * 1000).checked_div(whole).unwrap_or(1000)
}

#[test]
fn verdicts_agree() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut total = Score::default();
    let mut different = Vec::new();
    for (name, exit_floor, text_floor) in FLOORS {
        let mut score = Score::default();
        for case in cases(name) {
            if !only.is_empty() && !case["name"].as_str().unwrap_or_default().contains(&only) {
                continue;
            }
            let one = compare(name, &case).unwrap_or_default();
            if one.text == 0 {
                different.push(case["name"].as_str().unwrap_or_default().to_owned());
            }
            score.add(one);
        }
        println!(
            "{name:12} exit {:4}/{:<4} text {:4}/{:<4}",
            score.exit, score.cases, score.text, score.cases
        );
        if *name != "defaulting" {
            total.add(score);
        }
        if only.is_empty() {
            assert!(per_mille(score.exit, score.cases) >= *exit_floor, "{name}: exit status fell");
            assert!(per_mille(score.text, score.cases) >= *text_floor, "{name}: text fell");
        }
    }
    if only.is_empty() {
        different.sort();
        let listed: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
        assert_eq!(different, listed, "the list of differences is not current");
    }
    println!(
        "together     exit {} text {} (of 1000; {} cases)",
        per_mille(total.exit, total.cases),
        per_mille(total.text, total.cases),
        total.cases
    );
}
