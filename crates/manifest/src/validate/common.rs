//! Small rules that many kinds share.

use serde_json::Value;

use super::Errors;
use super::error::Report;
use super::names::{self, Broken};
use super::path::{nth, sub};
use crate::value::{entries, filled, get, int, items, text};
use crate::yaml::quote;

/// What is said of negative numbers.
pub(super) const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// A number under a key that may not be negative.
pub(super) fn not_negative(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    if let Some(n) = int(of, key).filter(|n| *n < 0) {
        errors.invalid_number(&sub(path, key), n, NOT_NEGATIVE);
    }
}

/// Adds one finding for each rule that a text breaks.
pub(super) fn check_text(text: &str, rule: fn(&str) -> Broken, path: &str, errors: &mut Errors) {
    for message in rule(text) {
        errors.invalid_text(path, text, &message);
    }
}

/// A text under a key, checked when it is there.
pub(super) fn optional(
    of: &Value,
    key: &str,
    rule: fn(&str) -> Broken,
    path: &str,
    errors: &mut Errors,
) {
    let value = text(of, key);
    if !value.is_empty() {
        check_text(value, rule, &sub(path, key), errors);
    }
}

/// A text under a key that must be there and keep a rule.
pub(super) fn required(of: &Value, key: &str, path: &str, errors: &mut Errors) -> bool {
    let there = filled(of, key);
    if !there {
        errors.required(&sub(path, key), "");
    }
    there
}

/// A text under a key out of a fixed set; absent is fine.
pub(super) fn one_of(of: &Value, key: &str, among: &[&str], path: &str, errors: &mut Errors) {
    if let Some(Value::String(value)) = get(of, key)
        && !among.contains(&value.as_str())
    {
        errors.not_supported(&sub(path, key), value, among);
    }
}

/// A port by number or name.
pub(super) fn port(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    let path = sub(path, key);
    match get(of, key) {
        Some(Value::String(name)) => check_text(name, names::port_name, &path, errors),
        other => {
            let number = other.and_then(Value::as_i64).unwrap_or(0);
            for message in names::port_number(number) {
                errors.invalid_number(&path, number, &message);
            }
        }
    }
}

/// A count or a percentage; neither may be negative.
pub(super) fn count_or_percent(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    match get(of, key) {
        Some(Value::String(s)) => check_text(s, names::percent, &sub(path, key), errors),
        _ => not_negative(of, key, path, errors),
    }
}

/// The number in a count or percentage; zero when it is neither.
pub(super) fn count_of(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(n)) => n.as_i64().unwrap_or(0),
        Some(Value::String(s)) => s.strip_suffix('%').and_then(|n| n.parse().ok()).unwrap_or(0),
        _ => 0,
    }
}

/// A percentage may not exceed a hundred.
pub(super) fn at_most_hundred(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    if let Some(value @ Value::String(s)) = get(of, key)
        && names::percent(s).is_empty()
        && count_of(Some(value)) > 100
    {
        let detail = "must not be greater than 100%";
        errors.invalid_text(&sub(path, key), s, detail);
    }
}

/// A label selector.
pub(super) fn label_selector(selector: &Value, path: &str, errors: &mut Errors) -> bool {
    let before = errors.len();
    super::meta::labels(selector, "matchLabels", &sub(path, "matchLabels"), errors);
    for (i, expression) in items(selector, "matchExpressions").iter().enumerate() {
        let path = nth(sub(path, "matchExpressions"), i);
        let filled_values = !items(expression, "values").is_empty();
        match text(expression, "operator") {
            "In" | "NotIn" => {
                if !filled_values {
                    let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                    errors.required(&sub(&path, "values"), detail);
                }
            }
            "Exists" | "DoesNotExist" => {
                if filled_values {
                    let detail =
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    errors.forbidden(&sub(&path, "values"), detail);
                }
            }
            other => {
                let detail = "not a valid selector operator";
                errors.invalid_text(&sub(&path, "operator"), other, detail);
            }
        }
        check_text(text(expression, "key"), names::qualified, &sub(&path, "key"), errors);
        for (n, value) in items(expression, "values").iter().enumerate() {
            let value = value.as_str().unwrap_or_default();
            check_text(value, names::label_value, &nth(sub(&path, "values"), n), errors);
        }
    }
    errors.len() == before
}

/// Whether a selector says nothing at all.
pub(super) fn is_empty_selector(selector: &Value) -> bool {
    !filled(selector, "matchLabels") && !filled(selector, "matchExpressions")
}

/// Whether labels match a selector; an absent selector matches nothing.
pub(super) fn selects(selector: Option<&Value>, labels: Option<&Value>) -> bool {
    let Some(selector) = selector else { return false };
    let label = |key: &str| labels.and_then(|l| l.get(key)).and_then(Value::as_str);
    let simple = entries(selector, "matchLabels").all(|(k, v)| label(k) == v.as_str());
    simple
        && items(selector, "matchExpressions").iter().all(|e| {
            let value = label(text(e, "key"));
            let listed = value.is_some_and(|v| items(e, "values").iter().any(|x| x == v));
            match text(e, "operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}

/// A selector as Go's JSON prints it, in the order of its struct.
pub(super) fn selector_shown(selector: &Value) -> String {
    let mut parts = Vec::new();
    if filled(selector, "matchLabels") {
        parts.push(format!("\"matchLabels\":{}", selector["matchLabels"]));
    }
    if filled(selector, "matchExpressions") {
        let list: Vec<String> = items(selector, "matchExpressions")
            .iter()
            .map(|e| {
                let mut out = format!(
                    "\"key\":{},\"operator\":{}",
                    quote(text(e, "key")),
                    quote(text(e, "operator"))
                );
                if filled(e, "values") {
                    out.push_str(&format!(",\"values\":{}", e["values"]));
                }
                format!("{{{out}}}")
            })
            .collect();
        parts.push(format!("\"matchExpressions\":[{}]", list.join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

/// A path below a volume: relative, without steps up.
pub(super) fn descending_path(value: &str, path: &str, errors: &mut Errors) {
    if value.starts_with('/') {
        errors.invalid_text(path, value, "must be a relative path");
    }
    no_steps_up(value, path, errors);
}

/// A path without `..` among its parts.
pub(super) fn no_steps_up(value: &str, path: &str, errors: &mut Errors) {
    if value.split('/').any(|part| part == "..") {
        errors.invalid_text(path, value, "must not contain '..'");
    }
}

/// A descending path that does not begin with two dots, which the kubelet keeps for itself.
pub(super) fn unreserved_path(value: &str, path: &str, errors: &mut Errors) {
    descending_path(value, path, errors);
    if value.starts_with("..") && !value.starts_with("../") && value != ".." {
        errors.invalid_text(path, value, "must not start with '..'");
    }
}
