//! Entries of a timeline as values, as they are run, and as a text has them.

use podplay_api::{SimTime, Value, fault, json};
use podplay_manifest::Reading;
use podplay_playback::{Act, Entry};
use std::time::Duration;

/// An entry of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) at: SimTime,
    /// `kubectl` or `fault`, with what it says.
    pub(crate) act: (&'static str, Value),
}

impl Line {
    pub(crate) fn kubectl(at: SimTime, words: &str) -> Self {
        Self { at, act: ("kubectl", Value::from(words)) }
    }
    pub(crate) fn fault(at: SimTime, fault: Value) -> Self {
        Self { at, act: ("fault", fault) }
    }
    /// How long its fault lasts.
    pub(crate) fn lasts(&self) -> Duration {
        let text = self.act.1.get("for").and_then(Value::as_str);
        text.and_then(podplay_api::length::parse_length).unwrap_or_default()
    }
    /// When what it breaks is whole again.
    pub(crate) fn ends(&self) -> SimTime {
        self.at + self.lasts()
    }
    /// The name of its fault.
    pub(crate) fn fault_kind(&self) -> Option<&str> {
        self.act.1.get("kind").and_then(Value::as_str)
    }
    /// As a run does it.
    pub(crate) fn entry(&self) -> Option<Entry> {
        let act = match self.act.0 {
            "kubectl" => {
                let words = self.act.1.as_str()?.split_whitespace().map(str::to_owned);
                Act::Kubectl(words.collect(), String::new())
            }
            _ => Act::Fault(Box::new(fault::read(&self.act.1).ok()?)),
        };
        Some(Entry { at: self.at, index: 0, act })
    }
    /// As a Scenario has it.
    pub(crate) fn value(&self) -> Value {
        json!({"at": span_text(self.at.since(SimTime::ZERO)), self.act.0: self.act.1.clone()})
    }
    /// In one line, for people.
    pub(crate) fn words(&self) -> String {
        let at = span_text(self.at.since(SimTime::ZERO));
        match &self.act.1 {
            Value::String(words) => format!("{at} kubectl {words}"),
            value => {
                let fields = value.as_object().into_iter().flatten();
                let others = fields.filter(|(key, value)| *key != "kind" && *value != "default");
                let all: Vec<String> = others
                    .map(|(key, value)| match value {
                        Value::String(text) => format!(" {key} {text}"),
                        value => format!(" {key} {value}"),
                    })
                    .collect();
                format!("{at} fault {}{}", self.fault_kind().unwrap_or_default(), all.join(","))
            }
        }
    }
}

/// A length of time as a Scenario takes it: `90s`, `1250ms`.
pub(crate) fn span_text(span: Duration) -> String {
    let millis = span.as_millis();
    if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{}.{:03}s", millis / 1000, millis % 1000)
    }
}

/// The text with another Scenario: its own, changed, behind all other documents.
pub(crate) fn scenario(text: &str, reading: &Reading, change: impl FnOnce(&mut Value)) -> String {
    let mut whole = json!({"apiVersion": "podplay/v1", "kind": "Scenario", "spec": {}});
    let mut rest = text.to_owned();
    if let Some(own) = &reading.scenario {
        whole = own.value.clone();
        rest = format!(
            "{}{}",
            text.get(..own.start).unwrap_or_default(),
            text.get(own.end..).unwrap_or_default()
        );
    }
    if !whole["spec"].is_object() {
        whole["spec"] = json!({});
    }
    change(&mut whole["spec"]);
    let kept = rest.trim_end().trim_end_matches("---").trim_end();
    format!("{kept}\n---\n{}", podplay_manifest::yaml::write::document(&whole))
}

#[cfg(test)]
mod tests {
    use super::{Line, scenario};
    use podplay_api::{SimTime, json};
    use podplay_playback::Plan;

    #[test]
    fn a_line_is_the_same_in_a_run_and_in_a_text() {
        let text = "apiVersion: v1\nkind: Pod # kept\nmetadata: {name: web}\nspec:\n  containers: [{name: app, image: nginx}]\n---\napiVersion: podplay/v1\nkind: Scenario\nspec: {seed: 3}\n";
        let lines = [
            Line::kubectl(SimTime::from_secs(20), "delete pod web"),
            Line::fault(
                SimTime::from_millis(30_250),
                json!({"kind": "Hang", "pod": "web", "for": "20s"}),
            ),
        ];
        let reading = Plan::read(text).reading;
        let after = scenario(text, &reading, |spec| {
            spec["timeline"] = lines.iter().map(Line::value).collect();
        });
        assert!(after.contains("kind: Pod # kept") && after.contains("seed: 3"), "{after}");
        let plan = Plan::read(&after);
        assert!(!plan.has_errors(), "{:?}", plan.reading.diagnostics);
        let wanted: Vec<_> =
            lines.iter().filter_map(Line::entry).map(|one| (one.at, one.act)).collect();
        let read: Vec<_> = plan.entries.iter().map(|one| (one.at, one.act.clone())).collect();
        assert_eq!(read, wanted);
        assert_eq!(lines[1].ends(), SimTime::from_millis(50_250));
    }
}
