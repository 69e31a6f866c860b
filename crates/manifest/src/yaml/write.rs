//! YAML as kubectl prints it.
//!
//! Models the emitter behind `sigs.k8s.io/yaml`: sorted keys, blocks, quotes only where a reader needs them.

use serde_json::Value;

/// The document of a value.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(value, 0, &mut out),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut out),
        other => {
            scalar(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A map or list whose first line is already indented by the caller when it follows a dash.
fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            for (n, (key, value)) in map.iter().enumerate() {
                if n > 0 || out.is_empty() || out.ends_with('\n') {
                    indent(out, depth);
                }
                scalar(&Value::from(key.as_str()), depth, out);
                out.push(':');
                entry(value, depth, out);
            }
        }
        Value::Array(items) => {
            for value in items {
                if out.is_empty() || out.ends_with('\n') {
                    indent(out, depth);
                }
                out.push_str("- ");
                match value {
                    Value::Object(map) if !map.is_empty() => block(value, depth + 1, out),
                    Value::Array(items) if !items.is_empty() => block(value, depth + 1, out),
                    other => {
                        scalar(other, depth + 1, out);
                        out.push('\n');
                    }
                }
            }
        }
        _ => {}
    }
}

fn entry(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(value, depth + 1, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(value, depth, out);
        }
        other => {
            out.push(' ');
            scalar(other, depth + 1, out);
            out.push('\n');
        }
    }
}

fn scalar(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::String(text) => string(text, depth, out),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        other => out.push_str(&other.to_string()),
    }
}

fn string(text: &str, depth: usize, out: &mut String) {
    if text.contains('\n')
        && printable(text)
        && !text.starts_with([' ', '\n'])
        && !text.lines().any(|line| line.ends_with(' '))
    {
        let keep = match (text.ends_with("\n\n") || text == "\n", text.ends_with('\n')) {
            (true, _) => "|+",
            (false, true) => "|",
            (false, false) => "|-",
        };
        out.push_str(keep);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            out.push('\n');
            if !line.is_empty() {
                indent(out, depth.max(1));
                out.push_str(line);
            }
        }
    } else if !printable(text) || text.contains('\n') {
        out.push_str(&double_quoted(text));
    } else if looks_like_another_type(text) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else if plain_is_safe(text) {
        folded(text, depth, out);
    } else {
        folded(&format!("'{}'", text.replace('\'', "''")), depth, out);
    }
}

/// Long texts go on in the next line, at the first blank behind column 80.
fn folded(text: &str, depth: usize, out: &mut String) {
    let mut column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    let chars: Vec<char> = text.chars().collect();
    for (n, c) in chars.iter().enumerate() {
        let single = *c == ' '
            && n > 0
            && chars[n - 1] != ' '
            && chars.get(n + 1).is_some_and(|next| *next != ' ');
        if single && column > 80 {
            out.push('\n');
            indent(out, depth.max(1));
            column = depth.max(1) * 2;
        } else {
            out.push(*c);
            column += 1;
        }
    }
}

fn printable(text: &str) -> bool {
    text.chars()
        .all(|c| c == '\n' || c == '\u{85}' || (c >= ' ' && c != '\u{7f}' && c != '\u{feff}'))
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            '\0' => out.push_str("\\0"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => {
                out.push_str(&format!("\\x{:02X}", c as u32))
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a reader would take the plain text for a number, a truth value, nothing or a date.
fn looks_like_another_type(text: &str) -> bool {
    let word = matches!(
        text,
        "" | "~"
            | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "y"
            | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
            | "<<"
            | "="
    );
    word || number(text) || date(text)
}

fn number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(body.to_ascii_lowercase().as_str(), ".inf" | ".nan") {
        return true;
    }
    let joined = body.replace('_', "");
    let based = |prefix: &str, radix| {
        joined
            .strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    if based("0x", 16) || based("0b", 2) || based("0o", 8) {
        return true;
    }
    let sixty = body.contains(':')
        && body
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let first = joined.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let decimal = joined
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    sixty || (first && decimal && joined.parse::<f64>().is_ok())
}

fn date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    bytes.len() >= 8
        && digits(0..4)
        && bytes[4] == b'-'
        && bytes.iter().skip(5).all(|byte| byte.is_ascii_digit() || b"-:TtZz. +".contains(byte))
        && text[5..].contains('-')
}

fn plain_is_safe(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    let second = text.chars().nth(1);
    let bad_start = "!&*|>@`%'\"#,[]{}".contains(first)
        || (matches!(first, '-' | '?' | ':') && second.is_none_or(char::is_whitespace));
    let blank_ends = text.starts_with(' ') || text.ends_with(' ');
    let document = text.starts_with("---") || text.starts_with("...");
    !(bad_start
        || blank_ends
        || document
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.contains('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents() {
        let value = json!({"a": [{"b": 1, "c": []}, "x", ["y"]], "d": {}, "e": {"f": "yes", "g": "two\nlines\n", "h": "*/1 * * * *", "i": "a: b"},
            "j": "", "k": null, "l": "80", "m": "2026-11-22T11:22:21Z", "n": "busybox:1.36", "o": "-", "p": "--x"});
        let expected = "a:\n- b: 1\n  c: []\n- x\n- - \"y\"\nd: {}\ne:\n  f: \"yes\"\n  g: |\n    two\n    lines\n  h: '*/1 * * * *'\n  i: 'a: b'\n\
            j: \"\"\nk: null\nl: \"80\"\nm: \"2026-11-22T11:22:21Z\"\n\"n\": busybox:1.36\no: '-'\np: --x\n";
        assert_eq!(document(&value), expected);
    }
}
