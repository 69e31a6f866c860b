//! What differs between any two runs (ids, addresses, dates, generated names) and is masked before comparing.

use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::Value;

/// Names of one side with the placeholders that stand for them, longest name first.
pub type Names = Vec<(String, String)>;

type Mask = (Regex, &'static str);

const UID: &str = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b";

/// In the order in which they are applied.
const PATTERNS: &[(&str, &str)] = &[
    (UID, "<uid>"),
    (r"in [\d.]+m?s \([\d.hm]*[\d.]+m?s including waiting\)", "in <d> (<d> including waiting)"),
    (r"Image size: \d+ bytes", "Image size: <n> bytes"),
    (r"\b(containerd|docker-pullable|docker)://\S+", "<id>"),
    (r"\S+@sha256:[0-9a-f]{64}", "<digest>"),
    (r"sha256:[0-9a-f]{64}", "<digest>"),
    (r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{16,64}\b", "<id>"),
    (r"<rs(\d+)>-[a-z0-9]{5}\b", "<rs${1}>-<x>"),
    // An artefact of the recording machine: a projected volume's additional entry.
    (r"(?m)^\s*ConfigMapName:\s+openshift-service-ca\.crt\s*\n(\s*Optional:\s+false\s*\n)?", ""),
    (r"(,\s*)?openshift-service-ca\.crt", ""),
    (r"pod-template-hash[=:] ?[a-z0-9]+", "pod-template-hash=<h>"),
    (r"controller-revision-hash[=:] ?\S+", "controller-revision-hash=<h>"),
    (r"\bdebugger-[a-z0-9]{5}\b", "debugger-<x>"),
    (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
    (r":[3-6]\d{4}\b", ":<port>"),
    (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<x>"),
    (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} [+-]\d{4}", "<date>"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", "<date>"),
];

static MASKS: LazyLock<Vec<Mask>> =
    LazyLock::new(|| PATTERNS.iter().map(|(pattern, to)| (regex(pattern), *to)).collect());

static AGE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?<![\w.])(?:\d+[smhdy]){1,3}(?![\w.])"));

/// Compiles a pattern of this crate's own.
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// `text` with the names replaced by their placeholders and everything masked that no two runs share.
#[must_use]
pub fn mask(text: &str, names: &Names) -> String {
    // Uids first: a short pod name may be part of one.
    let mut out = MASKS[0].0.replace_all(text, MASKS[0].1).into_owned();
    for (name, placeholder) in names {
        if out.contains(name.as_str()) {
            out = out.replace(name.as_str(), placeholder);
        }
    }
    for (pattern, to) in MASKS.iter() {
        if let std::borrow::Cow::Owned(masked) = pattern.replace_all(&out, *to) {
            out = masked;
        }
    }
    out
}

/// Masks a value through its JSON text, so that keys and neighbouring fields are seen as the patterns expect.
#[must_use]
pub fn mask_value(value: &Value, names: &Names) -> Value {
    let masked = mask(&json_text(value), names);
    serde_json::from_str(&masked).unwrap_or_else(|_| mask_strings(value, names))
}

/// Where a mask eats JSON punctuation: string by string.
fn mask_strings(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) => Value::String(mask(text, names)),
        Value::Array(items) => items.iter().map(|item| mask_strings(item, names)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| (mask(key, names), mask_strings(field, names)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// JSON with a blank after each comma and colon: the patterns reckon with words that end there.
fn json_text(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, field)| format!("{}: {}", Value::from(key.as_str()), json_text(field)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// The lines of a printed text, masked (ages too), blanks folded, sorted.
#[must_use]
pub fn sorted_lines(text: &str, names: &Names) -> Vec<String> {
    let mut lines: Vec<String> = mask(text, names)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| fold_blanks(&AGE.replace_all(line, "<age>")))
        .collect();
    lines.sort();
    lines
}

/// One blank for any run of blanks, none at the ends.
#[must_use]
pub fn fold_blanks(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        let table = [
            ("pod 8a1c2f3e-0000-1111-2222-333344445555 x", "pod <uid> x"),
            (
                "Successfully pulled image in 1.2s (1m2.5s including waiting). Image size: 77 bytes.",
                "Successfully pulled image in <d> (<d> including waiting). Image size: <n> bytes.",
            ),
            ("containerd://abc def", "<id> def"),
            ("x@sha256:0123", "x@sha256:0123"),
            ("0123456789abcdef", "<id>"),
            ("0123456789012345", "0123456789012345"),
            (
                "Get \"http://10.244.0.5:8080/\": read 10.0.0.1:45678->",
                "Get \"http://<ip>:8080/\": read <ip>:<port>->",
            ),
            ("Sun, 22 Nov 2026 10:50:48 +0000", "<date>"),
            ("2026-11-22T10:50:48.123Z", "<date>"),
            ("app=web,pod-template-hash=9684b4757", "app=web,pod-template-hash=<h>"),
        ];
        for (text, expected) in table {
            assert_eq!(mask(text, &Vec::new()), expected);
        }
    }

    #[test]
    fn names_become_placeholders() {
        let names = vec![("web-9684b4757".to_owned(), "<rs0>".to_owned())];
        assert_eq!(mask("Created pod: web-9684b4757-mhbfz", &names), "Created pod: <rs0>-<x>");
    }

    #[test]
    fn ages_are_masked_in_lines() {
        let lines = sorted_lines("b  1m5s  v1.36.2\n\na 5s (3d2h ago)\n", &Vec::new());
        assert_eq!(lines, ["a <age> (<age> ago)", "b <age> v1.36.2"]);
    }
}
