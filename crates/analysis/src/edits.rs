//! Changes of the text that certainly help, and the places that advice points at.

use podplay_manifest::{Edit, Object, Span};

/// Most characters of a value that advice points at; of a longer one it points at the key.
const SHORT: usize = 60;

/// Where advice about a field points: at a short value, or at the key, or at what is around it.
pub(crate) fn place(text: &str, object: &Object, path: &str) -> Span {
    let Some(field) = object.spans.get(path) else { return object.spans.nearest(path) };
    let value = text.get(field.value.range()).unwrap_or_default();
    let short = value.len() <= SHORT;
    match field.key {
        Some(key) if !short || field.value.line != key.line => key,
        _ => {
            let line = value.lines().next().unwrap_or_default();
            let shown: usize = line.chars().take(SHORT).map(char::len_utf8).sum();
            Span { end: field.value.start + shown, ..field.value }
        }
    }
}

/// Puts another value in the place of one that is written.
pub(crate) fn replace(object: &Object, path: &str, value: &str, title: String) -> Option<Edit> {
    let span = object.spans.get(path)?.value;
    Some(Edit { span, replacement: value.to_owned(), title })
}

/// Writes `field: value` before a field of the same mapping.
pub(crate) fn insert(
    text: &str,
    object: &Object,
    before: &str,
    field: &str,
    title: String,
) -> Option<Edit> {
    let key = object.spans.get(before)?.key?;
    let line = text.get(..key.start)?.rsplit('\n').next()?;
    let block = line.chars().all(|c| matches!(c, ' ' | '-'));
    let replacement = if block {
        format!("{field}\n{}", " ".repeat(key.column - 1))
    } else {
        format!("{field}, ")
    };
    Some(Edit { span: Span { end: key.start, ..key }, replacement, title })
}

/// Sets a field: another value if it is written, else a new line before `before`.
pub(crate) fn set(
    text: &str,
    object: &Object,
    path: &str,
    before: &str,
    value: &str,
) -> Option<Edit> {
    let name = path.rsplit('.').next()?;
    let title = format!("Set {name}: {value}");
    if object.spans.get(path).is_some() {
        return replace(object, path, value, title);
    }
    insert(text, object, before, &format!("{name}: {value}"), title)
}

/// Words in place of one item of a list.
pub(crate) fn items(text: &str, object: &Object, path: &str, words: &[&str]) -> Option<Edit> {
    let span = object.spans.get(path)?.value;
    let line = text.get(..span.start)?.rsplit('\n').next()?;
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    let replacement = match line.rfind("- ") {
        Some(dash) if line[dash..].trim() == "-" => {
            let indent = " ".repeat(line.get(..dash)?.chars().count());
            quoted.join(&format!("\n{indent}- "))
        }
        _ => quoted.join(", "),
    };
    Some(Edit { span, replacement, title: format!("Write [{}]", quoted.join(", ")) })
}

/// A word in double quotes, as YAML and JSON read it.
pub(crate) fn quote(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}
