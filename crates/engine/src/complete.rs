//! Completion in the editor: field names and words from the schema, at the cursor.

use podplay_manifest::schema;
use serde_json::{Value, json};

/// Most answers that are shown.
const MOST: usize = 60;

/// What fits at a UTF-16 offset: `{from, options: [{label, detail, info}]}`.
pub(crate) fn answer(text: &str, offset: usize, explicit: bool) -> Option<Value> {
    let at = bytes(text, offset);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..at];
    let word: String = line
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '-' | '_'))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let word = word.trim_start_matches('-').to_owned();
    if word.is_empty() && !explicit {
        return None;
    }
    let (api_version, kind) = kind_of(text, start);
    let before = &line[..line.len() - word.len()];
    let options = match before.trim().trim_start_matches("- ").strip_suffix(':') {
        Some(key) => words(&api_version, &kind, &path_of(text, start, before, Some(key.trim()))),
        None if before.trim().is_empty() || before.trim().chars().all(|c| c == '-') => {
            names(&api_version, &kind, &path_of(text, start, before, None))
        }
        None => return None,
    };
    let from = offset - word.encode_utf16().count();
    (!options.is_empty()).then(|| json!({"from": from, "options": options}))
}

/// Which field stands at a UTF-16 offset, what it holds and what is said about it:
/// `{from, to, name, type, doc}`; the words are empty until they have been fetched.
pub(crate) fn about(text: &str, offset: usize) -> Option<Value> {
    let at = bytes(text, offset);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?;
    let key = line.split(':').next().filter(|key| key.len() < line.len())?;
    let name = key.trim_start_matches([' ', '-']);
    let from = start + key.len() - name.len();
    if at < from || at > from + name.len() || name.is_empty() {
        return None;
    }
    let (api_version, kind) = kind_of(text, start);
    let path = path_of(text, start, &key[..key.len() - name.len()], None);
    let found = schema::candidates(&api_version, &kind, &path);
    let field = found.into_iter().find(|field| field.name == name)?;
    let from = offset - text[from..at].encode_utf16().count();
    Some(
        json!({"from": from, "to": from + name.len(), "name": name, "type": field.holds, "doc": field.doc}),
    )
}

fn names(api_version: &str, kind: &str, path: &str) -> Vec<Value> {
    let found = schema::candidates(api_version, kind, path);
    found.into_iter().take(MOST * 4).map(|one| {
        let end = if one.holds.starts_with("list") || one.holds.starts_with("object") { ":" } else { ": " };
        json!({"label": one.name, "apply": format!("{}{end}", one.name), "detail": one.holds, "info": one.doc, "boost": i32::from(one.required)})
    }).collect()
}

fn words(api_version: &str, kind: &str, path: &str) -> Vec<Value> {
    let known: Vec<String> = match path {
        "kind" => schema::all_kinds()
            .map(|kind| kind.kind.to_owned())
            .chain(["Scenario".to_owned()])
            .collect(),
        "apiVersion" => {
            let mut all: Vec<String> =
                schema::all_kinds().map(|kind| kind.api_version.to_owned()).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
        path => schema::values(api_version, kind, path).into_iter().map(str::to_owned).collect(),
    };
    known.into_iter().take(MOST).map(|word| json!({"label": word})).collect()
}

fn bytes(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

/// `apiVersion` and `kind` of the document around a line.
fn kind_of(text: &str, at: usize) -> (String, String) {
    let start = text[..at].rfind("\n---").map_or(0, |found| found + 4);
    let end = text[at..].find("\n---").map_or(text.len(), |found| at + found);
    let value = |key: &str| {
        let line =
            text[start..end].lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(|value| value.trim().trim_matches('"').to_owned()).unwrap_or_default()
    };
    let kind = value("kind");
    let version = value("apiVersion");
    let usual = schema::usual_version(&kind).unwrap_or("v1").to_owned();
    (
        if version.is_empty() { usual } else { version },
        if kind.is_empty() { "Pod".to_owned() } else { kind },
    )
}

/// The path of the mapping around a line, from the lines above it that are less indented; with `key` its field.
fn path_of(text: &str, start: usize, before: &str, key: Option<&str>) -> String {
    let column = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut indent = column(before);
    let mut parts: Vec<String> = key.map(str::to_owned).into_iter().collect();
    let mut in_item = before.trim_start().starts_with('-');
    let document = text[..start].rfind("\n---").map_or(0, |found| found + 4);
    for line in text[document..start].lines().rev() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let dash = trimmed.starts_with('-');
        let (outer, inner) = (line.len() - trimmed.len(), column(line));
        if inner == indent && dash && !in_item {
            in_item = true;
            indent = outer;
            parts.push("[0]".to_owned());
            continue;
        }
        if in_item && parts.last().is_none_or(|last| last != "[0]") {
            parts.push("[0]".to_owned());
            indent = before.len() - before.trim_start().len();
        }
        let name = trimmed.trim_start_matches(['-', ' ']).split(':').next().unwrap_or_default();
        let opens = trimmed.trim_end().ends_with(':');
        if opens && (inner < indent || (inner == indent && in_item && !dash)) {
            parts.push(name.to_owned());
            in_item = dash;
            indent = inner;
            if dash {
                parts.push("[0]".to_owned());
                indent = outer;
            }
        }
        if indent == 0 {
            break;
        }
    }
    parts.reverse();
    parts.join(".").replace(".[0]", "[0]")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: nginx\n    livenessProbe:\n      exec:\n        command: [x]\n";

    fn path(text: &str) -> String {
        let start = text.rfind('\n').map_or(0, |newline| newline + 1);
        path_of(text, start, &text[start..], None)
    }

    #[test]
    fn the_path_follows_the_indentation() {
        let table = [
            ("", ""),
            ("  ", "spec"),
            ("    ", "spec.containers[0]"),
            ("  - ", "spec.containers[0]"),
            ("      ", "spec.containers[0].livenessProbe"),
        ];
        for (indent, expected) in table {
            assert_eq!(path(&format!("{POD}{indent}")), expected, "behind {indent:?}");
        }
    }

    #[test]
    fn names_of_fields_are_offered() {
        let text = format!("{POD}    readi");
        let found = answer(&text, text.len(), false).expect("there are fields of a container");
        let labels: Vec<_> = found["options"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["label"].as_str())
            .collect();
        assert!(labels.contains(&"readinessProbe"), "{labels:?}");
        assert_eq!(found["from"], text.len() - 5);
    }

    #[test]
    fn the_field_below_the_pointer_is_known() {
        let name_at = |needle: &str| {
            let found = about(POD, POD.find(needle)? + 1)?;
            Some((found["name"].as_str()?.to_owned(), found["from"].as_u64()?))
        };
        let table = [
            ("kind", true),
            ("containers", true),
            ("image", true),
            ("exec", true),
            ("nginx", false),
        ];
        for (needle, expected) in table {
            let from = POD.find(needle).expect("it stands there") as u64;
            let expected = expected.then(|| (needle.to_owned(), from));
            assert_eq!(name_at(needle), expected, "{needle}");
        }
    }
}
