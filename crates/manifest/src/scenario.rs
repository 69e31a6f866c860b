//! The Scenario document: its fields are checked here, its meaning belongs to the run.

use podplay_api::fault::{self, ProblemKind};
use podplay_api::length::parse_length;
use podplay_api::{Assume, Topic};
use serde_json::Value;

use crate::findings::Finder;
use crate::model::{Edit, Stage};
use crate::schema;
use crate::yaml::{Spans, quote};

/// The `apiVersion` of Scenario documents.
pub const API_VERSION: &str = "podplay/v1";

/// What a field of a Scenario holds.
enum Holds {
    Text,
    Integer,
    Duration,
    Boolean,
    Map,
    List,
    Anything,
    Fault,
    Object(&'static [(&'static str, Self)]),
    Items(&'static [(&'static str, Self)]),
}

use Holds::{Anything, Boolean, Duration, Fault, Integer, Items, List, Map, Object, Text};

const PATCH: &[(&str, Holds)] = &[("path", Text), ("body", Anything)];

const ENTRY: &[(&str, Holds)] = &[
    ("at", Duration),
    ("kubectl", Text),
    ("stdin", Text),
    ("fault", Fault),
    ("apply", Anything),
    ("patch", Object(PATCH)),
];

const IMAGE: &[(&str, Holds)] = &[
    ("startup", Duration),
    ("http", Map),
    ("onSigterm", Object(&[("exitAfter", Duration), ("code", Integer), ("ignore", Boolean)])),
    ("exits", Object(&[("after", Duration), ("code", Integer)])),
    ("pull", Duration),
];

const NODE: &[(&str, Holds)] =
    &[("name", Text), ("cpu", Anything), ("memory", Anything), ("labels", Map), ("taints", List)];

const TRAFFIC: &[(&str, Holds)] = &[
    ("service", Text),
    ("namespace", Text),
    ("rps", Anything),
    ("from", Duration),
    ("for", Duration),
    ("path", Text),
    ("port", Integer),
    ("latency", Duration),
    ("timeout", Duration),
    ("connections", Integer),
    ("outside", Duration),
    ("node", Text),
];

const SPEC: &[(&str, Holds)] = &[
    ("assume", Anything),
    ("seed", Integer),
    ("start", Text),
    ("kubernetes", Anything),
    ("duration", Duration),
    ("node", Map),
    ("nodes", Items(NODE)),
    ("images", Map),
    ("timeline", Items(ENTRY)),
    ("traffic", Items(TRAFFIC)),
    ("expect", List),
];

const TOP: &[(&str, Holds)] =
    &[("apiVersion", Text), ("kind", Text), ("metadata", Map), ("spec", Object(SPEC))];

/// What a Scenario wants to be assumed: its own word, or nothing where the recordings' cluster is meant.
pub(crate) fn assumed(document: &Value) -> Assume {
    let recorded = document.pointer("/spec/node/profile").is_some_and(|p| p == "recorded");
    let usual = if recorded { Assume::STRICT } else { Assume::helpful() };
    match document.pointer("/spec/assume") {
        Some(Value::String(word)) => Assume::parse(word).unwrap_or(usual),
        Some(Value::Object(map)) => map.iter().fold(usual, |all, (key, on)| {
            Topic::parse(key).map_or(all, |topic| all.with(topic, on == true))
        }),
        _ => usual,
    }
}

/// Checks a Scenario document; findings go to `finder`.
pub(crate) fn check(value: &Value, spans: &Spans, finder: &mut Finder<'_>) {
    let mut walk = Walk { spans, finder };
    if value.get("apiVersion").and_then(Value::as_str) != Some(API_VERSION) {
        let span = spans.value("apiVersion");
        let message = format!("a Scenario has apiVersion {}", quote(API_VERSION));
        let edit =
            Edit { span, replacement: API_VERSION.to_owned(), title: format!("Use {API_VERSION}") };
        walk.finder.error("PP-0702", Stage::Scenario, message, span).fix = Some(edit);
    }
    walk.object(value, TOP, "");
    for (name, image) in
        value.pointer("/spec/images").and_then(Value::as_object).into_iter().flatten()
    {
        walk.object(image, IMAGE, &format!("spec.images.{name}"));
    }
    assume(&mut walk, value.pointer("/spec/assume").unwrap_or(&Value::Null));
    let profile = value.pointer("/spec/node/profile").and_then(Value::as_str);
    if let Some(profile) = profile.filter(|p| !["instant", "typical", "recorded"].contains(p)) {
        walk.unknown_word("spec.node.profile", profile, &["instant", "typical", "recorded"]);
    }
}

/// Checks `spec.assume`: a word, or topics switched on and off.
fn assume(walk: &mut Walk<'_, '_>, value: &Value) {
    let path = "spec.assume";
    match value {
        Value::Null => {}
        Value::String(word) if Assume::parse(word).is_some() => {}
        Value::String(word) => walk.unknown_word(path, word, &["strict", "helpful"]),
        Value::Object(map) => {
            let topics: Vec<&str> = Topic::all().map(Topic::key).collect();
            for (key, on) in map {
                let at = format!("{path}.{key}");
                match Topic::parse(key) {
                    None => walk.unknown_field(key, &at, &topics),
                    Some(_) if !on.is_boolean() => walk.wrong(&at, word(&Boolean)),
                    Some(_) => {}
                }
            }
        }
        _ => walk.wrong(path, "strict, helpful, or an object of topics"),
    }
}

struct Walk<'a, 'b> {
    spans: &'a Spans,
    finder: &'a mut Finder<'b>,
}

impl Walk<'_, '_> {
    fn wrong(&mut self, path: &str, want: &str) {
        let span = self.spans.value(path);
        let message = format!("{path}: expected {want}");
        let finding = self.finder.error("PP-0703", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
    }

    fn unknown_word(&mut self, path: &str, word: &str, among: &[&str]) {
        let span = self.spans.value(path);
        let message = format!("{path}: unknown value {}", quote(word));
        let near = schema::nearest(word, among.iter().copied());
        let finding = self.finder.error("PP-0705", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        finding.help = Some(match near {
            Some(found) => format!("Did you mean `{found}`?"),
            None => format!("Known: {}.", among.join(", ")),
        });
        finding.fix = near.map(|found| Edit {
            span,
            replacement: found.to_owned(),
            title: format!("Use {found}"),
        });
    }

    fn object(&mut self, value: &Value, fields: &'static [(&'static str, Holds)], path: &str) {
        let Value::Object(map) = value else {
            if !value.is_null() {
                self.wrong(path, "an object");
            }
            return;
        };
        for (key, item) in map {
            let mut at = path.to_owned();
            crate::yaml::push_key(&mut at, key);
            match fields.iter().find(|(name, _)| name == key) {
                Some((_, holds)) => self.value(item, holds, &at),
                None => {
                    let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                    self.unknown_field(key, &at, &known);
                }
            }
        }
        if std::ptr::eq(fields, ENTRY) {
            self.entry(value, path);
        }
    }

    fn unknown_field(&mut self, key: &str, path: &str, known: &[&'static str]) {
        let span = self.spans.nearest(path);
        let near = schema::nearest(key, known.iter().copied());
        let message = format!("unknown field {}", quote(path));
        let finding = self.finder.error("PP-0704", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        finding.help = Some(match near {
            Some(found) => format!("Did you mean `{found}`?"),
            None => format!("Known: {}.", known.join(", ")),
        });
        finding.fix = near.map(|found| Edit {
            span,
            replacement: found.to_owned(),
            title: format!("Rename to {found}"),
        });
    }

    fn value(&mut self, value: &Value, holds: &'static Holds, path: &str) {
        let ok = match holds {
            Text => value.is_string(),
            Integer => value.is_i64(),
            Boolean => value.is_boolean(),
            Duration => is_duration(value),
            Map => value.is_object(),
            List => value.is_array(),
            Anything => true,
            Fault => return self.fault(value, path),
            Object(fields) => return self.object(value, fields, path),
            Items(fields) => return self.items(value, fields, path),
        };
        if !ok && !value.is_null() {
            self.wrong(path, word(holds));
        }
    }

    fn items(&mut self, value: &Value, fields: &'static [(&'static str, Holds)], path: &str) {
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.object(item, fields, &format!("{path}[{i}]"));
                }
            }
            Value::Null => {}
            _ => self.wrong(path, "a list"),
        }
    }

    fn fault(&mut self, fault: &Value, path: &str) {
        for problem in fault::read(fault).err().into_iter().flatten() {
            let mut at = path.to_owned();
            if !problem.field.is_empty() {
                crate::yaml::push_key(&mut at, &problem.field);
            }
            self.fault_problem(fault, path, &at, problem);
        }
    }

    fn fault_problem(&mut self, fault: &Value, path: &str, at: &str, problem: fault::Problem) {
        let (code, message, help) = match problem.kind {
            ProblemKind::Expected(want) => return self.wrong(at, &want),
            ProblemKind::Unknown { known } if problem.field == "kind" => {
                let word = fault.get("kind").and_then(Value::as_str).unwrap_or_default();
                return self.unknown_word(at, word, &known);
            }
            ProblemKind::Unknown { known } => {
                return self.unknown_field(&problem.field, at, &known);
            }
            ProblemKind::Required => {
                let known = fault::FAULTS.iter().map(|info| info.name).collect::<Vec<_>>();
                let help =
                    (problem.field == "kind").then(|| format!("Known: {}.", known.join(", ")));
                ("PP-0706", format!("{at}: Required value"), help)
            }
            ProblemKind::NotTaken { by, because } => {
                let because = because.map(|because| format!("{by}: {because}."));
                ("PP-0707", format!("{at}: {by} does not take {}", problem.field), because)
            }
        };
        let span = if code == "PP-0706" { self.spans.value(path) } else { self.spans.nearest(at) };
        let finding = self.finder.error(code, Stage::Scenario, message, span);
        finding.path = Some(at.to_owned());
        finding.help = help;
    }

    fn entry(&mut self, entry: &Value, path: &str) {
        let does = ["kubectl", "fault", "apply", "patch"];
        let named = does.iter().filter(|k| entry.get(**k).is_some()).count();
        if named != 1 {
            let span = self.spans.value(path);
            let message = format!("{path}: must have one of kubectl, fault, apply, patch");
            self.finder.error("PP-0708", Stage::Scenario, message, span).path =
                Some(path.to_owned());
        }
        if entry.get("at").is_none() {
            let span = self.spans.value(path);
            let message = format!("{path}.at: Required value");
            let finding = self.finder.error("PP-0709", Stage::Scenario, message, span);
            finding.help = Some("Say when: `at: 35s`, counted from the start.".to_owned());
        }
    }
}

fn word(holds: &Holds) -> &'static str {
    match holds {
        Text => "a text",
        Integer => "a whole number",
        Boolean => "true or false",
        Duration => "a duration such as 35s, 5m or 1h30m, at most 366d",
        Map | Object(_) => "an object",
        List | Items(_) => "a list",
        Anything => "anything",
        Fault => "a fault",
    }
}

/// `35s`, `1h30m`, `250ms`, `1.5s`, or a number of seconds.
fn is_duration(value: &Value) -> bool {
    match value {
        Value::Number(n) => parse_length(&n.to_string()).is_some(),
        Value::String(text) => parse_length(text).is_some(),
        _ => false,
    }
}
