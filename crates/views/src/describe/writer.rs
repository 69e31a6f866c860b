//! Lines of fields with aligned values, and the fields that all kinds share.

use serde_json::Value;

use crate::json::{fields, items, plain, text};
use crate::table::{DESCRIBE, align};

/// Annotations longer than this stand on lines of their own.
const LONG_ANNOTATION: usize = 140;

/// Gathers lines; values are aligned over lines that follow each other.
#[derive(Debug, Default)]
pub(super) struct Writer {
    done: String,
    open: String,
}

impl Writer {
    /// A line at a level; each level indents by two.
    pub(super) fn line(&mut self, level: usize, text: &str) {
        self.raw(level, text);
        self.open.push('\n');
    }

    /// Text at a level, without an end of line.
    pub(super) fn raw(&mut self, level: usize, text: &str) {
        self.open.extend(std::iter::repeat_n("  ", level));
        self.open.push_str(&text.replace('\x1b', "^[").replace('\r', "\\r"));
    }

    /// Aligns what was written so far; what follows aligns by itself.
    pub(super) fn flush(&mut self) {
        if !self.open.is_empty() {
            self.done.push_str(&align(&self.open, DESCRIBE));
            self.open.clear();
        }
    }

    /// All lines.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.done
    }

    /// `Title:\tvalue`, if there is a value.
    pub(super) fn field_if(&mut self, title: &str, value: &str) {
        if !value.is_empty() {
            self.line(0, &format!("{title}:\t{value}"));
        }
    }

    /// `Title:\tvalue`.
    pub(super) fn field(&mut self, title: &str, value: &str) {
        self.line(0, &format!("{title}:\t{value}"));
    }

    /// Name and namespace.
    pub(super) fn names(&mut self, object: &Value) {
        self.field("Name", text(object, "metadata.name"));
        self.field("Namespace", text(object, "metadata.namespace"));
    }

    /// Labels and annotations of an object.
    pub(super) fn labels_and_annotations(&mut self, object: &Value) {
        self.map("Labels", object, "metadata.labels");
        self.annotations("Annotations", object);
    }

    /// `k=v` pairs, one a line.
    pub(super) fn map(&mut self, title: &str, object: &Value, path: &str) {
        let pairs: Vec<String> =
            fields(object, path).map(|(key, value)| format!("{key}={}", plain(value))).collect();
        self.several(title, &pairs);
    }

    /// Values one below the other, or `<none>`.
    pub(super) fn several(&mut self, title: &str, values: &[String]) {
        if values.is_empty() {
            self.field(title, "<none>");
            return;
        }
        for (index, value) in values.iter().enumerate() {
            let title = if index == 0 { format!("{title}:") } else { String::new() };
            self.line(0, &format!("{title}\t{value}"));
        }
    }

    /// `k: v` pairs, one a line; long ones on lines of their own. What `kubectl apply` remembers is left out.
    pub(super) fn annotations(&mut self, title: &str, object: &Value) {
        let shown = |key: &str| key != "kubectl.kubernetes.io/last-applied-configuration";
        let list: Vec<(&str, String)> = fields(object, "metadata.annotations")
            .filter(|(key, _)| shown(key))
            .map(|(key, value)| (key, plain(value)))
            .collect();
        if list.is_empty() {
            self.field(title, "<none>");
        }
        for (index, (key, value)) in list.iter().enumerate() {
            let value = value.strip_suffix('\n').unwrap_or(value);
            let lead = if index == 0 { format!("{title}:") } else { String::new() };
            if value.len() + key.len() + 2 <= LONG_ANNOTATION && !value.contains('\n') {
                self.line(0, &format!("{lead}\t{key}: {value}"));
                continue;
            }
            self.line(0, &format!("{lead}\t{key}:"));
            for line in value.split('\n') {
                self.line(0, &format!("\t  {}", shorten(line)));
            }
        }
    }

    /// Tolerations in words, one a line, by key.
    pub(super) fn tolerations(&mut self, title: &str, spec: &Value) {
        let mut list: Vec<&Value> = items(spec, "tolerations").iter().collect();
        list.sort_by_key(|toleration| text(toleration, "key"));
        let list: Vec<String> = list.into_iter().map(toleration).collect();
        self.several(title, &list);
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(LONG_ANNOTATION - 2) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// `key=value:Effect op=Exists for 300s`.
fn toleration(toleration: &Value) -> String {
    let [key, value, effect, operator] =
        ["key", "value", "effect", "operator"].map(|field| text(toleration, field));
    let mut out = key.to_owned();
    if !value.is_empty() {
        out += &format!("={value}");
    }
    if !effect.is_empty() {
        out += &format!(":{effect}");
    }
    if operator == "Exists" && value.is_empty() {
        out += if key.is_empty() && effect.is_empty() { "op=Exists" } else { " op=Exists" };
    }
    if let Some(seconds) = toleration.get("tolerationSeconds").and_then(Value::as_i64) {
        out += &format!(" for {seconds}s");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_annotations_have_lines_of_their_own() {
        let object = json!({"metadata": {"annotations": {
            "a": "1", "kubectl.kubernetes.io/last-applied-configuration": "{}", "b": "x\ny\n", "c": "z".repeat(200)}}});
        let mut w = Writer::default();
        w.annotations("Annotations", &object);
        let cut = "z".repeat(138);
        assert_eq!(
            w.finish(),
            format!(
                "Annotations:  a: 1\n              b:\n                x\n                y\n              c:\n                {cut}...\n"
            )
        );
    }

    #[test]
    fn tolerations_in_words() {
        let table = [
            (
                json!({"key": "dedicated", "value": "db", "effect": "NoSchedule"}),
                "dedicated=db:NoSchedule",
            ),
            (json!({"operator": "Exists"}), "op=Exists"),
            (
                json!({"key": "x", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}),
                "x:NoExecute op=Exists for 300s",
            ),
        ];
        for (value, expected) in table {
            assert_eq!(toleration(&value), expected);
        }
    }
}
