//! The Scenario document: its fields are checked here, its meaning belongs to the run.

use podplay_api::length::parse_length;
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
    Object(&'static [(&'static str, Self)]),
    Items(&'static [(&'static str, Self)]),
}

use Holds::{Anything, Boolean, Duration, Integer, Items, List, Map, Object, Text};

/// The kinds of faults, and the fields that each takes beside its target.
const FAULTS: &[(&str, &[&str])] = &[
    ("Crash", &["exitCode", "signal"]),
    ("OOMKill", &[]),
    ("Hang", &["for"]),
    ("Slow", &["by", "for"]),
    ("FailHTTP", &["path", "status", "for"]),
    ("RefuseConnections", &["for"]),
    ("IgnoreSigterm", &["for"]),
    ("SlowStart", &["by", "for"]),
    ("ImageMissing", &["for", "image"]),
    ("RegistryDown", &["for"]),
    ("SlowPull", &["by", "for", "image"]),
    ("HookFails", &["for"]),
    ("HookHangs", &["for"]),
    ("ConfigMissing", &["for"]),
    ("SandboxLost", &[]),
    ("KubeletRestart", &["for"]),
    ("KubeletDown", &["for"]),
    ("NodeDown", &["for"]),
    ("NodePressure", &["for", "resource"]),
    ("DNSDown", &["for"]),
    ("Partition", &["for"]),
];

const TARGETS: &[&str] = &["kind", "pod", "container", "node", "namespace", "for"];

const FAULT_FIELDS: &[(&str, Holds)] = &[
    ("kind", Text),
    ("pod", Text),
    ("container", Text),
    ("node", Text),
    ("namespace", Text),
    ("for", Duration),
    ("by", Duration),
    ("exitCode", Integer),
    ("signal", Anything),
    ("path", Text),
    ("status", Integer),
    ("image", Text),
    ("resource", Text),
];

const PATCH: &[(&str, Holds)] = &[("path", Text), ("body", Anything)];

const ENTRY: &[(&str, Holds)] = &[
    ("at", Duration),
    ("kubectl", Text),
    ("stdin", Text),
    ("fault", Object(FAULT_FIELDS)),
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
    ("seed", Integer),
    ("start", Text),
    ("kubernetes", Anything),
    ("duration", Duration),
    ("node", Map),
    ("nodes", Items(NODE)),
    ("images", Map),
    ("timeline", Items(ENTRY)),
    ("traffic", Items(TRAFFIC)),
];

const TOP: &[(&str, Holds)] =
    &[("apiVersion", Text), ("kind", Text), ("metadata", Map), ("spec", Object(SPEC))];

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
    let profile = value.pointer("/spec/node/profile").and_then(Value::as_str);
    if let Some(profile) = profile.filter(|p| !["instant", "typical", "recorded"].contains(p)) {
        walk.unknown_word("spec.node.profile", profile, &["instant", "typical", "recorded"]);
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
                None => self.unknown_field(key, &at, fields),
            }
        }
        if std::ptr::eq(fields, FAULT_FIELDS) {
            self.fault(value, path);
        }
        if std::ptr::eq(fields, ENTRY) {
            self.entry(value, path);
        }
    }

    fn unknown_field(&mut self, key: &str, path: &str, fields: &[(&'static str, Holds)]) {
        let span = self.spans.nearest(path);
        let near = schema::nearest(key, fields.iter().map(|(name, _)| *name));
        let message = format!("unknown field {}", quote(path));
        let finding = self.finder.error("PP-0704", Stage::Scenario, message, span);
        finding.path = Some(path.to_owned());
        let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
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
        let kinds: Vec<&str> = FAULTS.iter().map(|(kind, _)| *kind).collect();
        let Some(kind) = fault.get("kind").and_then(Value::as_str) else {
            let span = self.spans.value(path);
            let message = format!("{path}.kind: Required value");
            let help = format!("Known: {}.", kinds.join(", "));
            self.finder.error("PP-0706", Stage::Scenario, message, span).help = Some(help);
            return;
        };
        let Some((_, takes)) = FAULTS.iter().find(|(name, _)| *name == kind) else {
            return self.unknown_word(&format!("{path}.kind"), kind, &kinds);
        };
        for key in fault.as_object().into_iter().flatten().map(|(k, _)| k.as_str()) {
            let known = FAULT_FIELDS.iter().any(|(name, _)| *name == key);
            if known && !TARGETS.contains(&key) && !takes.contains(&key) {
                let at = format!("{path}.{key}");
                let span = self.spans.nearest(&at);
                let message = format!("{at}: {kind} does not take {key}");
                self.finder.error("PP-0707", Stage::Scenario, message, span).path = Some(at);
            }
        }
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
