//! Labels and selectors as text. Models `apimachinery/pkg/labels` and `meta/v1/helpers.go`.

use serde_json::Value;

use crate::json::{fields, items, plain, text};

/// `a=b,c=d`, or `<none>`.
#[must_use]
pub fn format_labels(object: &Value, path: &str) -> String {
    let labels: Vec<String> =
        fields(object, path).map(|(key, value)| format!("{key}={}", plain(value))).collect();
    none_if_empty(labels.join(","))
}

/// A label selector in words, empty if it selects nothing or all.
#[must_use]
pub fn selector(selector: &Value) -> String {
    let mut terms: Vec<(String, String)> = fields(selector, "matchLabels")
        .map(|(key, value)| (key.to_owned(), format!("{key}={}", plain(value))))
        .chain(items(selector, "matchExpressions").iter().map(expression))
        .collect();
    terms.sort_by(|x, y| x.0.cmp(&y.0));
    terms.into_iter().map(|(_, term)| term).collect::<Vec<_>>().join(",")
}

/// A label selector in words, `<none>` if it selects nothing or all.
#[must_use]
pub fn selector_or_none(value: &Value) -> String {
    none_if_empty(selector(value))
}

/// The key of an expression, and its words.
fn expression(expression: &Value) -> (String, String) {
    let key = text(expression, "key");
    let mut values: Vec<&str> =
        items(expression, "values").iter().filter_map(Value::as_str).collect();
    values.sort_unstable();
    let values = values.join(",");
    let words = match text(expression, "operator") {
        "In" => format!("{key} in ({values})"),
        "NotIn" => format!("{key} notin ({values})"),
        "DoesNotExist" => format!("!{key}"),
        _ => key.to_owned(),
    };
    (key.to_owned(), words)
}

/// `<none>` instead of nothing.
#[must_use]
pub fn none_if_empty(text: String) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_in_words() {
        let table = [
            (json!(null), ""),
            (json!({"matchLabels": {"b": "1", "a": "2"}}), "a=2,b=1"),
            (
                json!({"matchLabels": {"app": "web"}, "matchExpressions": [
                    {"key": "tier", "operator": "In", "values": ["front", "back"]},
                    {"key": "aged", "operator": "Exists"},
                    {"key": "bad", "operator": "DoesNotExist"},
                    {"key": "zone", "operator": "NotIn", "values": ["x"]}]}),
                "aged,app=web,!bad,tier in (back,front),zone notin (x)",
            ),
        ];
        for (value, expected) in table {
            assert_eq!(selector(&value), expected);
        }
    }
}
