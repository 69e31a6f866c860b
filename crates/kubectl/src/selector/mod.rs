//! Label and field selectors.
//!
//! Models `apimachinery/pkg/labels/selector.go` and `apimachinery/pkg/fields/selector.go`.

mod labels;

use crate::failure::Failure;
use crate::flags::Parsed;
use podplay_api::Value;
use podplay_manifest::schema::KindInfo;

/// One condition on labels.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    HasNot(String),
    /// More (`true`) or less than a number.
    Compare(String, bool, i64),
}

/// What `-l` and `--field-selector` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    rules: Vec<Rule>,
    /// As typed.
    labels: String,
    label_error: Option<String>,
    fields: Vec<(String, bool, String)>,
    field_text: String,
    field_error: Option<String>,
}

impl Selector {
    /// The selectors of a command line, if there are any.
    pub(crate) fn of(flags: &Parsed) -> Result<Option<Self>, Failure> {
        let (labels, fields) = (
            flags.text("selector").unwrap_or_default(),
            flags.text("field-selector").unwrap_or_default(),
        );
        if labels.is_empty() && fields.is_empty() {
            return Ok(None);
        }
        let mut selector = Self { field_text: fields.to_owned(), ..Self::labels(labels) };
        match parse_fields(fields) {
            Ok(fields) => selector.fields = fields,
            Err(why) => selector.field_error = Some(why),
        }
        Ok(Some(selector))
    }
    /// A selector of labels alone, which the server will read.
    pub(crate) fn labels(text: &str) -> Self {
        let (rules, label_error) = match labels::parse(text) {
            Ok(rules) => (rules, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Self { rules, label_error, labels: text.to_owned(), ..Self::default() }
    }
    /// A selector of labels that kubectl itself reads.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let selector = Self::labels(text);
        match &selector.label_error {
            Some(why) => Err(Failure::error(why.clone())),
            None => Ok(selector),
        }
    }
    /// Whether the server takes the selector for this kind.
    pub(crate) fn check(&self, kind: &KindInfo) -> Result<(), Failure> {
        let refuse = |why: &str| {
            let version = if kind.group().is_empty() {
                "/v1".to_owned()
            } else {
                kind.api_version.to_owned()
            };
            Failure::plain(format!(
                "Error from server (BadRequest): Unable to find \"{version}, Resource={}\" that match label selector \"{}\", field selector \"{}\": {why}",
                kind.plural, self.labels, self.field_text
            ))
        };
        if let Some(why) = self.label_error.as_ref().or(self.field_error.as_ref()) {
            return Err(refuse(why));
        }
        match self.fields.iter().find(|(field, _, _)| !knows_field(kind.kind, field)) {
            Some((field, _, _)) => Err(refuse(&format!("field label not supported: {field}"))),
            None => Ok(()),
        }
    }
    /// Whether an object is meant.
    pub(crate) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        let label = |key: &str| labels.get(key).and_then(Value::as_str);
        let rule = |rule: &Rule| match rule {
            Rule::In(key, values) => {
                label(key).is_some_and(|value| values.iter().any(|wanted| wanted == value))
            }
            Rule::NotIn(key, values) => {
                label(key).is_none_or(|value| values.iter().all(|other| other != value))
            }
            Rule::Has(key) => label(key).is_some(),
            Rule::HasNot(key) => label(key).is_none(),
            Rule::Compare(key, more, number) => label(key)
                .and_then(|value| value.parse::<i64>().ok())
                .is_some_and(|value| if *more { value > *number } else { value < *number }),
        };
        let field = |(field, equal, value): &(String, bool, String)| {
            (field_text(object, field) == *value) == *equal
        };
        self.rules.iter().all(rule) && self.fields.iter().all(field)
    }
}

/// The fields by which the server selects.
fn knows_field(kind: &str, field: &str) -> bool {
    let common = matches!(field, "metadata.name" | "metadata.namespace");
    common
        || match kind {
            "Pod" => matches!(
                field,
                "spec.nodeName"
                    | "spec.restartPolicy"
                    | "spec.schedulerName"
                    | "spec.serviceAccountName"
                    | "spec.hostNetwork"
                    | "status.phase"
                    | "status.podIP"
                    | "status.podIPs"
                    | "status.nominatedNodeName"
            ),
            "Event" => matches!(
                field,
                "involvedObject.kind"
                    | "involvedObject.namespace"
                    | "involvedObject.name"
                    | "involvedObject.uid"
                    | "involvedObject.apiVersion"
                    | "involvedObject.resourceVersion"
                    | "involvedObject.fieldPath"
                    | "reason"
                    | "reportingComponent"
                    | "source"
                    | "type"
            ),
            "Node" => field == "spec.unschedulable",
            "Namespace" => field == "status.phase",
            "Secret" => field == "type",
            "Service" => matches!(field, "spec.clusterIP" | "spec.type"),
            "Job" => field == "status.successful",
            "ReplicaSet" | "ReplicationController" => field == "status.replicas",
            _ => false,
        }
}

fn field_text(object: &Value, field: &str) -> String {
    let found = field.split('.').fold(object, |value, key| &value[key]);
    match found {
        Value::Null if field == "spec.unschedulable" || field == "spec.hostNetwork" => {
            "false".to_owned()
        }
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn parse_fields(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    let mut fields = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
            (field, false, value)
        } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('='))
        {
            (field, true, value)
        } else {
            return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
        };
        fields.push((field.to_owned(), equal, value.to_owned()));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::json;

    #[test]
    fn labels_that_are_meant() {
        let object = json!({"metadata": {"labels": {"app": "web", "tier": "x"}}});
        let table = [
            ("app=web", true),
            ("app==web,tier=x", true),
            ("app=web,tier=y", false),
            ("app in (web, api)", true),
            ("app notin (web)", false),
            ("app!=api", true),
            ("nope!=api", true),
            ("!nope", true),
            ("tier", true),
            ("!tier", false),
            ("app==", false),
        ];
        for (text, expected) in table {
            let selector = Selector::labels(text);
            assert_eq!(selector.matches(&object), expected, "{text}");
        }
        assert!(Selector::read("a b").is_err());
    }
}
