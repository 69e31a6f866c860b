//! How Go prints and parses numbers and values, where kubectl's words show it.

use serde_json::{Number, Value};

/// An integer as a float, as Go converts it.
#[expect(clippy::cast_precision_loss, reason = "Go loses the same bits")]
pub(crate) fn int_to_float(i: i64) -> f64 {
    i as f64
}

/// An unsigned integer as a float, as Go converts it.
#[expect(clippy::cast_precision_loss, reason = "Go loses the same bits")]
pub(crate) fn float_of(u: u64) -> f64 {
    u as f64
}

/// `strconv.ParseFloat`, decimal forms; infinite results are errors.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    if !text.bytes().any(|b| b.is_ascii_digit())
        || !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
    {
        return None;
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite())
}

/// A finite float as `encoding/json` writes it.
pub(crate) fn json_float(f: f64) -> String {
    let magnitude = f.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{f:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text.as_str(), "0"));
        return match exponent.strip_prefix('-') {
            Some(e) => format!("{mantissa}e-{e}"),
            None => format!("{mantissa}e+{exponent}"),
        };
    }
    if f == 0.0 && f.is_sign_negative() { "-0".to_owned() } else { format!("{f}") }
}

/// A float as a JSON value after one trip through JSON: whole numbers become integers.
pub(crate) fn float_value(f: f64) -> Value {
    let text = json_float(f);
    match text.parse::<i64>() {
        Ok(i) => Value::from(i),
        Err(_) => Number::from_f64(f).map_or(Value::Null, Value::Number),
    }
}

/// A number in a JSON text as Go prints it in messages.
pub(crate) fn number_text(n: &Number) -> String {
    match (n.as_i64(), n.as_f64()) {
        (Some(i), _) => i.to_string(),
        (None, Some(f)) => json_float(f),
        (None, None) => n.to_string(),
    }
}

/// A float used as a mapping key: `strconv.FormatFloat(f, 'g', -1, 32)`.
pub(crate) fn key_float(f: f64) -> String {
    if f.is_nan() {
        return ".nan".to_owned();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "Go prints with 32 bits here")]
    let f = f as f32;
    let text = format!("{f:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text.as_str(), "0"));
    let e: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let precision = if digits > 6 && i32::try_from(digits).unwrap_or(0) > e { digits } else { 6 };
    if f != 0.0 && (e < -4 || e >= i32::try_from(precision).unwrap_or(6).max(21)) {
        let sign = if e < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", e.abs());
    }
    if f != 0.0 && e >= 6 && digits <= 6 || e >= 17 {
        return format!("{mantissa}e+{e:02}");
    }
    format!("{f}")
}

/// `%q` / `strconv.Quote` for the strings that occur in messages.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{b}' => out.push_str("\\v"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", c as u32))
            }
            c if unprintable(c) && (c as u32) < 0x1_0000 => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Space-like and invisible characters that Go escapes.
fn unprintable(c: char) -> bool {
    matches!(c as u32, 0x80..=0xa0 | 0xad | 0x1680 | 0x2000..=0x200f | 0x2028..=0x202f
        | 0x205f..=0x206f | 0x3000 | 0xfeff | 0xe000..=0xf8ff | 0xfff0..=0xfffb)
}

/// `%#v` of a value decoded into `interface{}`.
pub(crate) fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => number_text(n),
        Value::String(s) => quote(s),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(map) => {
            let items: Vec<_> =
                map.iter().map(|(k, v)| format!("{}:{}", quote(k), go_syntax(v))).collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", items.join(", "))
        }
    }
}
