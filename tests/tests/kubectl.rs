//! Scenes of kubectl commands as a real kubectl answered them, in order; each scene runs against a simulated cluster of its own.

use fancy_regex::Regex;
use podplay_kubectl::MemoryFiles;
use podplay_playback::session::Session;
use serde_json::{Value, json};

/// How many of the scored cases agree at least, in percent. The floors only rise.
const EXIT_FLOOR: usize = 99;
const TEXT_FLOOR: usize = 93;

/// What differs from run to run, and what stands for it.
const MASKS: &[(&str, &str)] = &[
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uid>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<date>"),
    (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} [+-]\d{4}", "<date>"),
    (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
    (r#"resourceVersion: "?\d+"?"#, "resourceVersion: <n>"),
    (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<x>"),
    (r"(containerd|docker)://[0-9a-f]+", "<id>"),
    (r"\b[0-9a-f]{64}\b", "<id>"),
    (r"(?m)^\s*ConfigMapName:\s+openshift-service-ca\.crt\s*\n(\s*Optional:\s+false\s*\n)?", ""),
    (r"(?<![\w.=:/-])(?:\d+[smhdy]){1,3}(?![\w.=:/-])", "<age>"),
    (
        r"-(?:[bcdfghjklmnpqrstvwxz2456789]{8,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])|-[bcdfghjklmnpqrstvwxz2456789]{8,10}(?![a-z0-9])",
        "-<x>",
    ),
];

struct Masks(Vec<(Regex, &'static str)>);

impl Masks {
    fn new() -> Self {
        let compiled = |(pattern, with): &(&str, &'static str)| {
            (Regex::new(pattern).expect("the patterns above are fixed"), *with)
        };
        Self(MASKS.iter().map(compiled).collect())
    }
    /// Masked lines with their blanks squeezed.
    fn lines(&self, text: &str, namespace: &str) -> Vec<String> {
        let mut text = text.replace(namespace, "default").replace("v-default", "default");
        for (pattern, with) in &self.0 {
            text = pattern.replace_all(&text, *with).into_owned();
        }
        text.trim()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }
    fn same(&self, case: &Value, key: &str, got: &str, namespace: &str) -> bool {
        let mut want = self.lines(case[key].as_str().unwrap_or_default(), namespace);
        let mut got = self.lines(got, namespace);
        let get =
            case["command"].as_array().is_some_and(|words| words.iter().any(|word| word == "get"));
        // The order of rows with generated names is not determined.
        if get && want.iter().any(|line| line.contains("<x>")) {
            want.sort();
            got.sort();
        }
        want == got
    }
}

#[test]
fn scenes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/verdicts/kubectl.json");
    let text = std::fs::read_to_string(path).expect("the verdicts are part of the project");
    let data: Value = serde_json::from_str(&text).expect("the verdicts are JSON");
    let masks = Masks::new();
    let (mut exits, mut texts, mut all) = (0, 0, 0);
    for scene in data["meta"]["scenes"].as_array().into_iter().flatten() {
        let files = scene["files"].as_object().into_iter().flatten();
        let files = MemoryFiles(
            files
                .map(|(name, text)| (name.clone(), text.as_str().unwrap_or_default().to_owned()))
                .collect(),
        );
        let namespace = scene["namespace"].as_str().unwrap_or_default();
        let mut session = Session::new();
        let cases = data["cases"].as_array().into_iter().flatten();
        for case in cases.filter(|case| case["scene"] == scene["name"]) {
            let asked = json!({"t": case["t"], "argv": case["command"], "stdin": case["stdin"],
                "killed_after": case["killed_after"]});
            let answer = session.answer(&asked, &files);
            if case["scope"] != "in" {
                continue;
            }
            let exit = answer["exit"] == case["exit"];
            let said = |key: &str| {
                masks.same(case, key, answer[key].as_str().unwrap_or_default(), namespace)
            };
            let text = exit && said("stdout") && said("stderr");
            if !text && std::env::var_os("VERBOSE").is_some() {
                println!("{}", case["name"].as_str().unwrap_or_default());
            }
            (all, exits, texts) = (all + 1, exits + usize::from(exit), texts + usize::from(text));
        }
    }
    println!("kubectl scenes: exit {exits}/{all}, text {texts}/{all}");
    assert!(exits * 100 >= EXIT_FLOOR * all, "exit {exits}/{all}");
    assert!(texts * 100 >= TEXT_FLOOR * all, "text {texts}/{all}");
}

/// An object without what differs from run to run, and without the recording machine's own volume source.
fn cleaned(object: &Value, masks: &Masks) -> Value {
    match object {
        Value::Object(fields) => {
            let own = ["uid", "creationTimestamp", "managedFields", "resourceVersion"];
            let kept = fields.iter().filter(|(key, _)| !own.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), cleaned(value, masks))).collect()
        }
        Value::Array(items) => {
            let foreign = |item: &&Value| item["configMap"]["name"] == "openshift-service-ca.crt";
            items.iter().filter(|item| !foreign(item)).map(|item| cleaned(item, masks)).collect()
        }
        Value::String(text) => json!(masks.lines(text, "v-default").join("\n")),
        other => other.clone(),
    }
}

#[test]
fn a_dry_run_shows_what_the_server_would_store() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/verdicts/defaulting.json");
    let text = std::fs::read_to_string(path).expect("the verdicts are part of the project");
    let data: Value = serde_json::from_str(&text).expect("the verdicts are JSON");
    let masks = Masks::new();
    let mut wrong = Vec::new();
    for case in data["cases"].as_array().into_iter().flatten() {
        let words = case["command"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let words: Vec<&str> = words.filter(|word| *word != "-n" && *word != "v-default").collect();
        let input = case["input"].as_str().unwrap_or_default().to_owned();
        let named =
            words.iter().find(|word| word.ends_with(".yaml")).copied().unwrap_or("obj.yaml");
        let files = MemoryFiles([(named.to_owned(), input)].into_iter().collect());
        let answer = Session::new().answer(&json!({"argv": words}), &files);
        let shown: Value =
            serde_json::from_str(answer["stdout"].as_str().unwrap_or_default()).unwrap_or_default();
        let same = cleaned(&shown, &masks) == cleaned(&case["object"], &masks);
        if answer["exit"] != case["exit"] || !same {
            wrong.push(case["name"].as_str().unwrap_or_default().to_owned());
        }
    }
    assert!(wrong.is_empty(), "{} differ: {}", wrong.len(), wrong.join(", "));
}
