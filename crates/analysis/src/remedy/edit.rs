//! Edits of a text that keep its comments and layout: another value, one more field, one less, one more document.

use crate::verdict::Written;
use podplay_api::Value;
use podplay_manifest::{Edit, Span};

/// A text and the object in it that is edited.
#[derive(Clone)]
pub(crate) struct Editor<'a> {
    pub(crate) text: &'a str,
    pub(crate) written: Written<'a>,
}

fn edit(start: usize, end: usize, replacement: String) -> Edit {
    let span = Span { start, end, line: 0, column: 0 };
    Edit { span, replacement, title: String::new() }
}

/// The text after some edits that do not overlap.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let overlap = sorted.windows(2).any(|pair| pair[0].span.end > pair[1].span.start);
    if overlap {
        return None;
    }
    let mut out = text.to_owned();
    for edit in sorted.into_iter().rev() {
        out.get(edit.span.range())?;
        out.replace_range(edit.span.range(), &edit.replacement);
    }
    (out != text).then_some(out)
}

/// A scalar as YAML; in quotes where it would be read as something else.
pub(crate) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let plain = |c: char| c.is_alphanumeric() || "-_./:@+=%,() ".contains(c);
    let bare = !text.is_empty()
        && text.chars().all(plain)
        && !text.starts_with(|c: char| "-:@%= ,".contains(c))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.parse::<f64>().is_err()
        && !text.contains(',')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n" | "~"
        );
    if bare { text.clone() } else { value.to_string() }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let all: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", all.join(", "))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if text.contains([',', '{', '}', '[', ']', ':']) => value.to_string(),
        _ => scalar(value),
    }
}

/// `key: value` over as many lines as it takes; lines after the first are indented.
fn block(key: &str, value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            let fields = map
                .iter()
                .map(|(key, value)| format!("\n{pad}  {}", block(key, value, indent + 2)));
            format!("{key}:{}", fields.collect::<String>())
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            let items = list.iter().map(|item| format!("\n{pad}- {}", flow(item)));
            format!("{key}:{}", items.collect::<String>())
        }
        Value::Object(_) | Value::Array(_) => format!("{key}: {}", flow(value)),
        _ => format!("{key}: {}", scalar(value)),
    }
}

/// A whole document.
pub(crate) fn document(value: &Value) -> String {
    let Some(map) = value.as_object() else { return String::new() };
    let order = ["apiVersion", "kind", "metadata"];
    let first = order.iter().filter_map(|key| map.get_key_value(*key));
    let rest = map.iter().filter(|(key, _)| !order.contains(&key.as_str()));
    first.chain(rest).map(|(key, value)| block(key, value, 0) + "\n").collect()
}

/// A document behind all others, as the Scenario is.
pub(crate) fn add_scenario(text: &str, spec: &Value) -> Edit {
    let object = podplay_api::json!({"apiVersion": "podplay/v1", "kind": "Scenario", "spec": spec});
    let open = if text.ends_with('\n') { "" } else { "\n" };
    edit(text.len(), text.len(), format!("{open}---\n{}", document(&object)))
}

/// A document in front of all others.
pub(crate) fn add_document(value: &Value) -> Edit {
    edit(0, 0, format!("{}---\n", document(value)))
}

impl Editor<'_> {
    fn full(&self, path: &str) -> String {
        format!("{}{path}", self.written.outer)
    }
    /// The text of a value as written.
    pub(crate) fn raw(&self, path: &str) -> Option<&str> {
        let span = self.written.spans.get(&self.full(path))?.value;
        self.text.get(span.range())
    }
    pub(crate) fn has(&self, path: &str) -> bool {
        self.written.has(path)
    }
    /// The value at a path, as written.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        self.written.value(path)
    }
    /// Another scalar in the place of one that is written; quotes stay.
    pub(crate) fn replace(&self, path: &str, value: &Value) -> Option<Edit> {
        let span = self.written.spans.get(&self.full(path))?.value;
        let old = self.text.get(span.range())?;
        let text = match (value, old.chars().next()) {
            (Value::String(text), Some('"')) => Value::from(text.as_str()).to_string(),
            (Value::String(text), Some('\'')) => format!("'{}'", text.replace('\'', "''")),
            _ => scalar(value),
        };
        (text != old).then(|| edit(span.start, span.end, text))
    }
    /// Another word within a scalar, wherever it stands there.
    pub(crate) fn reword(&self, path: &str, from: &str, to: &str) -> Option<Edit> {
        let span = self.written.spans.get(&self.full(path))?.value;
        let old = self.text.get(span.range())?;
        if from.is_empty() || !old.contains(from) {
            return None;
        }
        let new = replace_words(old, from, to);
        (new != old).then(|| edit(span.start, span.end, new))
    }
    /// Another key in the place of one that is written.
    pub(crate) fn rename(&self, path: &str, key: &str) -> Option<Edit> {
        let span = self.written.spans.get(&self.full(path))?.key?;
        Some(edit(span.start, span.end, scalar(&Value::from(key))))
    }
    /// The value of a field: replaced if it is written, else added to what is around it.
    pub(crate) fn set(&self, parent: &str, key: &str, value: &Value) -> Option<Edit> {
        let dot = if parent.is_empty() { "" } else { "." };
        let path = format!("{parent}{dot}{key}");
        if self.has(&path) && !value.is_object() && !value.is_array() {
            return self.replace(&path, value);
        }
        if self.has(&path) { self.put(&path, value) } else { self.insert(parent, key, value) }
    }
    /// Another value, of any shape, in the place of a whole field.
    pub(crate) fn put(&self, path: &str, value: &Value) -> Option<Edit> {
        let field = self.written.spans.get(&self.full(path))?;
        let Some(key) = field.key else {
            return Some(edit(field.value.start, field.value.end, flow(value)));
        };
        let end = self.end_of(field.value);
        let name = self.text.get(key.range())?;
        let text = if self.in_flow(key) {
            format!("{name}: {}", flow(value))
        } else {
            block(name, value, key.column - 1)
        };
        Some(edit(key.start, end, text))
    }
    /// Where a value ends, without the space behind it.
    fn end_of(&self, span: Span) -> usize {
        let text = self.text.get(span.range()).unwrap_or_default();
        span.start + text.trim_end().len()
    }
    /// Whether a key stands within braces.
    fn in_flow(&self, key: Span) -> bool {
        let line = self.text.get(..key.start).and_then(|before| before.rsplit('\n').next());
        line.is_some_and(|line| !line.chars().all(|c| c == ' ' || c == '-'))
    }
    /// The direct fields of a mapping, in the order of the text, with their paths.
    fn children(&self, parent: &str) -> Vec<(String, podplay_manifest::FieldSpan)> {
        let full = self.full(parent);
        let prefix = if full.is_empty() {
            String::new()
        } else {
            format!("{}.", full.trim_end_matches('.'))
        };
        let mut found: Vec<_> = self
            .written
            .spans
            .iter()
            .filter_map(|(path, field)| {
                let rest = path.strip_prefix(&prefix)?;
                let direct = field.key.is_some() && !rest.is_empty() && !rest.contains('[');
                // Of `a.b` and `a`, only the latter is direct; keys with dots have no shorter one before them.
                let inner = rest.match_indices('.').any(|(at, _)| {
                    self.written.spans.get(&format!("{prefix}{}", &rest[..at])).is_some()
                });
                (direct && !inner).then(|| (path.to_owned(), field))
            })
            .collect();
        found.sort_by_key(|(_, field)| field.key.map_or(0, |key| key.start));
        found
    }
    /// A field that is not written yet, behind a short one of the same mapping.
    pub(crate) fn insert(&self, parent: &str, key: &str, value: &Value) -> Option<Edit> {
        let children = self.children(parent);
        if children.is_empty() {
            // The mapping itself is not there: it is made.
            let (above, name) = match parent.rsplit_once('.') {
                Some((above, name)) => (above, name),
                None => ("", parent),
            };
            if parent.is_empty() || name.contains('[') || self.has(parent) {
                return None;
            }
            return self.insert(above, name, &podplay_api::json!({ key: value }));
        }
        let (_, first) = children.first()?;
        let first_key = first.key?;
        if self.in_flow(first_key) {
            let (_, last) = children.last()?;
            let at = last.value.end.max(last.key.map_or(0, |key| key.end));
            return Some(edit(at, at, format!(", {key}: {}", flow(value))));
        }
        let column = first_key.column - 1;
        let short = |field: &podplay_manifest::FieldSpan| {
            let text = self.text.get(field.value.range()).unwrap_or_default();
            let same = field.key.is_some_and(|key| key.line == field.value.line);
            same && !text.trim_end().contains('\n') && !text.starts_with(['|', '>'])
        };
        let named = |name: &str| {
            children
                .iter()
                .find(|(path, field)| path.ends_with(&format!(".{name}")) && short(field))
        };
        let behind =
            named("image").or_else(|| children.iter().rev().find(|(_, field)| short(field)));
        if let Some((_, field)) = behind {
            let line_end = self.text[field.value.end..]
                .find('\n')
                .map_or(self.text.len(), |n| field.value.end + n);
            let text = format!("\n{}{}", " ".repeat(column), block(key, value, column));
            return Some(edit(line_end, line_end, text));
        }
        // All fields are long: before the first.
        let text = format!("{}\n{}", block(key, value, column), " ".repeat(column));
        Some(edit(first_key.start, first_key.start, text))
    }
    /// Takes a field away; with the mapping around it if nothing else is in it.
    pub(crate) fn remove(&self, path: &str) -> Option<Edit> {
        let field = self.written.spans.get(&self.full(path))?;
        if let Some(parent) = parent_of(path) {
            let alone = self.children(&parent).len() == 1 && field.key.is_some();
            if alone && !parent.ends_with("spec") && parent.contains('.') {
                return self.remove(&parent);
            }
        }
        let start = field.key.map_or(field.value.start, |key| key.start);
        let end = self.end_of(field.value).max(field.key.map_or(0, |key| key.end));
        let line_start = self.text[..start].rfind('\n').map_or(0, |n| n + 1);
        let before = self.text.get(line_start..start)?;
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n + 1);
        let after = self.text.get(end..line_end)?;
        let own_line = before.chars().all(|c| c == ' ')
            && (after.trim().is_empty() || after.trim_start().starts_with('#'));
        if own_line {
            return Some(edit(line_start, line_end, String::new()));
        }
        if before.trim() == "-" {
            // The first field of an item: what follows takes its place.
            let next = self.text[line_end..].len() - self.text[line_end..].trim_start().len();
            return Some(edit(start, line_end + next, String::new()));
        }
        // Within braces: with the comma before or behind.
        let comma_after = after.trim_start().starts_with(',');
        if comma_after {
            let skip = after.len() - after.trim_start_matches([' ', ',']).len();
            return Some(edit(start, end + skip, String::new()));
        }
        let kept = before.trim_end_matches([' ', ',']).len();
        Some(edit(line_start + kept, end, String::new()))
    }
    /// Takes an item of a list away; with the list if it is the only one.
    pub(crate) fn remove_item(&self, list: &str, index: usize) -> Option<Edit> {
        let count = self.value(list)?.as_array()?.len();
        if count <= 1 {
            return self.remove(list);
        }
        let field = self.written.spans.get(&self.full(&format!("{list}[{index}]")))?;
        let line_start = self.text[..field.value.start].rfind('\n').map_or(0, |n| n + 1);
        let before = self.text.get(line_start..field.value.start)?;
        let end = self.end_of(field.value);
        if before.trim() == "-" {
            let line_end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n + 1);
            return Some(edit(line_start, line_end, String::new()));
        }
        let after = self.text.get(end..)?;
        if let Some(rest) = after.trim_start().strip_prefix(',') {
            let skip = after.len() - rest.trim_start().len();
            return Some(edit(field.value.start, end + skip, String::new()));
        }
        let kept = before.trim_end_matches([' ', ',']).len();
        Some(edit(line_start + kept, end, String::new()))
    }
    /// One more item at the end of a list in block style.
    pub(crate) fn append(&self, list: &str, item: &Value) -> Option<Edit> {
        let count = self.value(list)?.as_array()?.len();
        let last =
            self.written.spans.get(&self.full(&format!("{list}[{}]", count.checked_sub(1)?)))?;
        let line_start = self.text[..last.value.start].rfind('\n').map_or(0, |n| n + 1);
        let before = self.text.get(line_start..last.value.start)?;
        let end = self.end_of(last.value);
        if before.trim() == "-" {
            let line_end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n);
            let indent = before.len() - before.trim_start().len();
            return Some(edit(
                line_end,
                line_end,
                format!("\n{}- {}", " ".repeat(indent), flow(item)),
            ));
        }
        Some(edit(end, end, format!(", {}", flow(item))))
    }
    /// The beginning of a value is replaced, as many bytes as given.
    pub(crate) fn swap(&self, path: &str, bytes: usize, new: &str) -> Option<Edit> {
        let span = self.written.spans.get(&self.full(path))?.value;
        Some(edit(span.start, span.start + bytes, new.to_owned()))
    }
    /// Several items in the place of one, in the style of the list.
    pub(crate) fn split_item(&self, path: &str, words: &[String]) -> Option<Edit> {
        let span = self.written.spans.get(&self.full(path))?.value;
        let line_start = self.text[..span.start].rfind('\n').map_or(0, |n| n + 1);
        let before = self.text.get(line_start..span.start)?;
        let items: Vec<String> =
            words.iter().map(|word| scalar(&Value::from(word.as_str()))).collect();
        let text = if before.trim() == "-" {
            let indent = before.len() - before.trim_start().len();
            items.join(&format!("\n{}- ", " ".repeat(indent)))
        } else {
            words
                .iter()
                .map(|word| Value::from(word.as_str()).to_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        Some(edit(span.start, self.end_of(span), text))
    }
    /// A list of words in the place of a list or of one word.
    pub(crate) fn words(&self, path: &str, words: &[String]) -> Option<Edit> {
        let field = self.written.spans.get(&self.full(path))?;
        let list: Vec<String> =
            words.iter().map(|word| Value::from(word.as_str()).to_string()).collect();
        let end = self.end_of(field.value);
        let key = field.key?;
        let name = self.text.get(key.range())?;
        Some(edit(key.start, end, format!("{name}: [{}]", list.join(", "))))
    }
}

fn parent_of(path: &str) -> Option<String> {
    let cut = path.rfind(['.', '['])?;
    Some(path[..cut].to_owned())
}

/// Replaces a word where it stands by itself: `/tmp/ready`, not the beginning of `/tmp/ready-2`.
pub(crate) fn replace_words(text: &str, from: &str, to: &str) -> String {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let before = rest[..at].chars().next_back();
        let after = rest[at + from.len()..].chars().next();
        let starts = from.chars().next().is_some_and(joins);
        let inside = starts && before.is_some_and(joins) || after.is_some_and(joins);
        out.push_str(&rest[..at]);
        out.push_str(if inside { from } else { to });
        rest = &rest[at + from.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{Editor, apply, replace_words};
    use crate::verdict::{Target, written};
    use podplay_api::json;
    use podplay_playback::Plan;

    const TEXT: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  finalizers: # kept for the backup
  - example.com/a
spec:
  # the usual
  containers:
  - name: app # main
    image: nginx:1.27
    ports: [{containerPort: 80, hostPort: 8080}]
    env:
    - {name: A, value: \"1\"}
    resources:
      limits:
        memory: 64Mi # small
";

    fn edited(of: impl Fn(&Editor<'_>) -> Option<podplay_manifest::Edit>) -> String {
        let plan = Plan::read(TEXT);
        let target = Target::new("Pod", "default", "web");
        let editor = written(&plan, &target).map(|written| Editor { text: TEXT, written });
        let edit = editor.as_ref().and_then(of);
        let after = edit.and_then(|edit| apply(TEXT, &[edit])).unwrap_or_default();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (lines(TEXT), lines(&after));
        let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("-{line}"));
        let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+{line}"));
        gone.chain(come).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn layout_and_comments_stay() {
        let app = "spec.containers[0]";
        assert_eq!(
            edited(|e| e.set(&format!("{app}.resources.limits"), "memory", &json!("128Mi"))),
            "-        memory: 64Mi # small\n+        memory: 128Mi # small"
        );
        assert_eq!(
            edited(|e| e.set(app, "imagePullPolicy", &json!("IfNotPresent"))),
            "+    imagePullPolicy: IfNotPresent"
        );
        assert_eq!(
            edited(|e| e.set("spec", "securityContext", &json!({"runAsUser": 1000}))),
            "+  securityContext:\n+    runAsUser: 1000"
        );
        assert_eq!(
            edited(|e| e.remove(&format!("{app}.ports[0].hostPort"))),
            "-    ports: [{containerPort: 80, hostPort: 8080}]\n+    ports: [{containerPort: 80}]"
        );
        assert_eq!(
            edited(|e| e.remove_item("metadata.finalizers", 0)),
            "-  finalizers: # kept for the backup\n-  - example.com/a"
        );
        assert_eq!(
            edited(|e| e.rename(&format!("{app}.env[0].value"), "v")),
            "-    - {name: A, value: \"1\"}\n+    - {name: A, v: \"1\"}"
        );
        assert_eq!(
            edited(|e| e.replace(&format!("{app}.env[0].value"), &json!("2"))),
            "-    - {name: A, value: \"1\"}\n+    - {name: A, value: \"2\"}"
        );
    }

    #[test]
    fn only_whole_words_are_replaced() {
        assert_eq!(
            replace_words("cat /tmp/a; cat /tmp/ab", "/tmp/a", "/tmp/c"),
            "cat /tmp/c; cat /tmp/ab"
        );
        assert_eq!(replace_words("nc -z db 5432; nc db2", "db", "pg"), "nc -z pg 5432; nc db2");
    }
}
