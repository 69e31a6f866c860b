//! Reads the `fault` of a timeline's entry: either the fault, or everything that is wrong with it.

use super::table::{Missing, TARGETS};
use super::{FAULTS, Fault, FaultField, FaultInfo, Holds, Whom, signals};
use crate::Value;
use crate::length::parse_length;
use std::collections::BTreeMap;
use std::time::Duration;

/// A fault and how long it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// The fault.
    pub fault: Fault,
    /// How long; `None` for good, and for one that is a moment.
    pub lasts: Option<Duration>,
}

/// Something wrong with an entry's fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field; empty for the fault as a whole.
    pub field: String,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// It has to be there.
    Required,
    /// No fault is called so, and no field.
    Unknown {
        /// What is known instead.
        known: Vec<&'static str>,
    },
    /// The fault does not take it.
    NotTaken {
        /// The fault.
        by: &'static str,
        /// Why not, where there is more to say.
        because: Option<&'static str>,
    },
    /// It holds something else; this was expected.
    Expected(String),
}

/// Reads a fault.
///
/// # Errors
/// Everything that is wrong, in the order of the text.
pub fn read(value: &Value) -> Result<Timed, Vec<Problem>> {
    let problem = |field: &str, kind| Problem { field: field.to_owned(), kind };
    let Some(map) = value.as_object() else {
        return Err(vec![problem("", ProblemKind::Expected("an object".into()))]);
    };
    let Some(kind) = map.get("kind").filter(|kind| !kind.is_null()) else {
        return Err(vec![problem("kind", ProblemKind::Required)]);
    };
    let Some(kind) = kind.as_str() else {
        return Err(vec![problem("kind", ProblemKind::Expected("a text".into()))]);
    };
    let Some(info) = FAULTS.iter().find(|info| info.name == kind) else {
        let known = FAULTS.iter().map(|info| info.name).collect();
        return Err(vec![problem("kind", ProblemKind::Unknown { known })]);
    };
    let (mut fields, mut problems) = (Fields::default(), Vec::new());
    for (key, value) in map.iter().filter(|(key, value)| *key != "kind" && !value.is_null()) {
        match field_value(info, key, value) {
            Ok((name, value)) => drop(fields.values.insert(name, value)),
            Err(kind) => problems.push(problem(key, kind)),
        }
    }
    for field in info.fields {
        let given = map.get(field.name).is_some_and(|value| !value.is_null());
        if !given && matches!(field.missing, Missing::Required(_)) {
            problems.push(problem(field.name, ProblemKind::Required));
        }
    }
    let has = |name: &str| map.get(name).is_some_and(|value| !value.is_null());
    if info.target.needs_pod() && !has("pod") && !has("node") {
        problems.push(problem("pod", ProblemKind::Required));
    }
    if has("exitCode") && has("signal") && info.name == "Crash" {
        let because = Some("a process ends by a signal or with a code of its own");
        problems.push(problem("exitCode", ProblemKind::NotTaken { by: info.name, because }));
    }
    if problems.is_empty() {
        let lasts = fields.values.contains_key("for").then(|| fields.length("for"));
        return Ok(Timed { fault: (info.build)(&fields), lasts });
    }
    Err(problems)
}

fn field_value(
    info: &'static FaultInfo,
    key: &str,
    value: &Value,
) -> Result<(&'static str, FieldValue), ProblemKind> {
    let own = info.fields.iter().find(|field| field.name == key);
    if let Some(FaultField { name, holds, .. }) = own {
        return Ok((name, holds.read(value)?));
    }
    if let Some(name) = info.takes().find(|name| *name == key) {
        let holds = if name == "for" { Holds::Length } else { Holds::Name };
        return Ok((name, holds.read(value)?));
    }
    let mut known: Vec<&'static str> = vec!["kind", "for"];
    known.extend(TARGETS);
    known.extend(FAULTS.iter().flat_map(|info| info.fields).map(|field| field.name));
    if known.contains(&key) {
        let because = (key == "for").then_some("it is a moment and does not last");
        return Err(ProblemKind::NotTaken { by: info.name, because });
    }
    let mut known = vec!["kind"];
    known.extend(info.takes());
    Err(ProblemKind::Unknown { known })
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FieldValue {
    Length(Duration),
    Whole(i64),
    Signal(u8),
    Text(String),
}

impl Holds {
    fn read(self, value: &Value) -> Result<FieldValue, ProblemKind> {
        let text = value.as_str();
        let read = match self {
            Self::Length => {
                let number = value.as_number().map(ToString::to_string);
                number.as_deref().or(text).and_then(parse_length).map(FieldValue::Length)
            }
            Self::Whole(from, to) => {
                let number = value.as_i64().filter(|number| (from..=to).contains(number));
                number.map(FieldValue::Whole)
            }
            Self::Signal => {
                let number = value.as_number().map(ToString::to_string);
                number.as_deref().or(text).and_then(signals::number).map(FieldValue::Signal)
            }
            Self::Path => text.filter(|text| text.starts_with('/')).map(FieldValue::text),
            Self::Word(words) => text.filter(|text| words.contains(text)).map(FieldValue::text),
            Self::Name => text.filter(|text| !text.is_empty()).map(FieldValue::text),
        };
        read.ok_or_else(|| ProblemKind::Expected(self.words()))
    }
    /// What it holds, in words.
    pub fn words(self) -> String {
        match self {
            Self::Length => "a duration such as 35s, 5m or 1h30m, at most 366d".into(),
            Self::Whole(from, to) => format!("a whole number from {from} to {to}"),
            Self::Signal => "a signal such as SIGSEGV".into(),
            Self::Path => "a path such as /healthz".into(),
            Self::Word(words) => words.join(" or "),
            Self::Name => "a text".into(),
        }
    }
}

impl FieldValue {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The fields of a fault, read and checked.
#[derive(Debug, Default)]
pub(super) struct Fields {
    values: BTreeMap<&'static str, FieldValue>,
}

impl Fields {
    pub(super) fn whom(&self) -> Whom {
        Whom {
            namespace: self.text("namespace").unwrap_or_else(|| "default".to_owned()),
            pod: self.text("pod"),
            container: self.text("container"),
            node: self.text("node"),
        }
    }
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            FieldValue::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
    pub(super) fn length(&self, name: &str) -> Duration {
        match self.values.get(name) {
            Some(FieldValue::Length(length)) => *length,
            _ => Duration::ZERO,
        }
    }
    pub(super) fn whole<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        match self.values.get(name)? {
            FieldValue::Whole(number) => T::try_from(*number).ok(),
            _ => None,
        }
    }
    pub(super) fn signal(&self, name: &str) -> Option<u8> {
        match self.values.get(name)? {
            FieldValue::Signal(number) => Some(*number),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Exit, FAULTS, Fault, Missing, documentation};
    use super::read;
    use crate::{Map, Value, json};

    /// The smallest entry of each kind.
    fn smallest(info: &'static super::FaultInfo) -> Value {
        let mut map = Map::from_iter([("kind".to_owned(), json!(info.name))]);
        if info.target.needs_pod() {
            map.insert("pod".into(), json!("web"));
        }
        for field in info.fields {
            if let Missing::Required(usual) = field.missing {
                map.insert(field.name.into(), json!(usual));
            }
        }
        Value::Object(map)
    }

    #[test]
    fn every_row_builds_its_fault() {
        for info in &FAULTS {
            let mut entry = smallest(info);
            let read_back = read(&entry).map(|timed| (timed.fault.name(), timed.lasts));
            assert_eq!(read_back, Ok((info.name, None)), "{entry}");
            entry["for"] = json!("30s");
            assert_eq!(read(&entry).is_ok(), info.lasts, "{entry}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let table = [
            (json!({"kind": "Crash", "pod": "p", "for": "40s"}), "for", "does not last"),
            (json!({"kind": "Crash", "pod": "p", "signal": "SIGFOO"}), "signal", "SIGSEGV"),
            (json!({"kind": "Crash", "pod": 123}), "pod", "a text"),
            (json!({"kind": "Crash"}), "pod", "Required"),
            (
                json!({"kind": "Crash", "pod": "p", "exitCode": 1, "signal": 9}),
                "exitCode",
                "signal",
            ),
            (json!({"kind": "Crash", "pod": "p", "exitCode": 256}), "exitCode", "255"),
            (json!({"kind": "FailHTTP", "pod": "p", "status": 99}), "status", "100"),
            (json!({"kind": "FailHTTP", "pod": "p", "path": "x"}), "path", "/healthz"),
            (json!({"kind": "NodePressure", "resource": "cpu"}), "resource", "memory or disk"),
            (json!({"kind": "KubeletRestart", "for": "5m"}), "for", "does not last"),
            (json!({"kind": "DNSDown", "pod": "p"}), "pod", "DNSDown"),
            (json!({"kind": "Slow", "pod": "p"}), "by", "Required"),
            (json!({"kind": "Hang", "pod": "p", "fro": "1s"}), "fro", "namespace"),
            (json!({"kind": "Hung", "pod": "p"}), "kind", "Hang"),
            (json!({"pod": "p"}), "kind", "Required"),
            (json!("Crash"), "", "an object"),
        ];
        for (entry, field, says) in table {
            let problems = read(&entry).expect_err(&entry.to_string());
            let found: Vec<&str> = problems.iter().map(|problem| &*problem.field).collect();
            assert_eq!(found, [field], "{entry}");
            assert!(format!("{:?}", problems[0].kind).contains(says), "{entry}: {problems:?}");
        }
    }

    #[test]
    fn signals_become_exit_codes() {
        for (signal, code) in [(json!("SIGSEGV"), 139), (json!("kill"), 137), (json!(15), 143)] {
            let fault =
                read(&json!({"kind": "Crash", "pod": "p", "signal": signal})).unwrap().fault;
            assert!(matches!(fault, Fault::Crash { exit, .. } if exit.code() == code), "{fault:?}");
            assert!(matches!(fault, Fault::Crash { exit: Exit::Signal(_), .. }));
        }
    }

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../../docs/faults.md");
        let table = documentation();
        assert!(page.contains(&table), "docs/faults.md should have this table:\n{table}");
    }
}
