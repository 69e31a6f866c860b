//! Scalars as kubectl's YAML library resolves them: YAML 1.1 booleans, octal numbers, `1_000`.
//!
//! Models `resolve` of the YAML library behind `sigs.k8s.io/yaml`.

use super::gofmt;

const STR: &str = "tag:yaml.org,2002:str";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";
const BOOL: &str = "tag:yaml.org,2002:bool";
const NULL: &str = "tag:yaml.org,2002:null";
const BINARY: &str = "tag:yaml.org,2002:binary";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";

/// A resolved scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Str(String),
}

/// Resolves a scalar with its tag (`None` or empty when there is none).
///
/// The error is the library's text.
pub(crate) fn resolve(tag: Option<&str>, plain: bool, text: &str) -> Result<Scalar, String> {
    let tag = tag.unwrap_or_default();
    if tag.is_empty() && !plain {
        return Ok(Scalar::Str(text.to_owned()));
    }
    if !matches!(tag, "" | STR | INT | FLOAT | BOOL | NULL | TIMESTAMP | BINARY) {
        return Ok(Scalar::Str(text.to_owned()));
    }
    if tag == STR {
        return Ok(Scalar::Str(text.to_owned()));
    }
    if tag == BINARY {
        return decode_binary(text);
    }
    let (found, value) = guess(tag, text);
    match (tag, value) {
        ("", value) => Ok(value),
        (tag, value) if tag == found => Ok(value),
        (FLOAT, Scalar::Int(i)) => Ok(Scalar::Float(gofmt::int_to_float(i))),
        (tag, _) => Err(format!("cannot decode {} `{text}` as a {}", short(found), short(tag))),
    }
}

fn decode_binary(text: &str) -> Result<Scalar, String> {
    match crate::base64::decode(text) {
        Some(bytes) => Ok(Scalar::Str(String::from_utf8_lossy(&bytes).into_owned())),
        None => Err("!!binary value contains invalid base64 data".to_owned()),
    }
}

fn short(tag: &str) -> String {
    tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |t| format!("!!{t}"))
}

fn guess(tag: &str, text: &str) -> (&'static str, Scalar) {
    if let Some(found) = word(text) {
        return found;
    }
    let string = (STR, Scalar::Str(text.to_owned()));
    match text.bytes().next() {
        Some(b'.') => match gofmt::parse_float(text) {
            Some(f) => (FLOAT, Scalar::Float(f)),
            None => string,
        },
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if (tag.is_empty() || tag == TIMESTAMP) && is_timestamp(text) {
                return (TIMESTAMP, Scalar::Str(text.to_owned()));
            }
            number(&text.replace('_', "")).unwrap_or(string)
        }
        _ => string,
    }
}

fn word(text: &str) -> Option<(&'static str, Scalar)> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => (NULL, Scalar::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            (BOOL, Scalar::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            (BOOL, Scalar::Bool(false))
        }
        ".nan" | ".NaN" | ".NAN" => (FLOAT, Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            (FLOAT, Scalar::Float(f64::INFINITY))
        }
        "-.inf" | "-.Inf" | "-.INF" => (FLOAT, Scalar::Float(f64::NEG_INFINITY)),
        _ => return None,
    })
}

fn number(plain: &str) -> Option<(&'static str, Scalar)> {
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(plain)),
    };
    let signed = plain.starts_with(['+', '-']);
    if let Some(magnitude) = go_integer(digits) {
        if negative {
            if magnitude <= i64::MIN.unsigned_abs() {
                return Some((INT, Scalar::Int(0_i64.wrapping_sub_unsigned(magnitude))));
            }
        } else if let Ok(i) = i64::try_from(magnitude) {
            return Some((INT, Scalar::Int(i)));
        } else if !signed {
            return Some((INT, Scalar::Uint(magnitude)));
        }
    }
    if is_style_float(plain) {
        gofmt::parse_float(plain).map(|f| (FLOAT, Scalar::Float(f)))
    } else {
        None
    }
}

/// Go's `strconv.ParseUint(s, 0, 64)` without underscores.
fn go_integer(digits: &str) -> Option<u64> {
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    u64::from_str_radix(body, radix).ok()
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_style_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent_ok = exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)));
    mantissa_ok && exponent_ok
}

/// Dates (`2001-12-14`) and times, which the library turns back into strings.
fn is_timestamp(text: &str) -> bool {
    let b = text.as_bytes();
    let dashes: Vec<usize> =
        b.iter().enumerate().filter(|(_, c)| **c == b'-').map(|(i, _)| i).take(2).collect();
    if dashes.first() != Some(&4) || !b[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    b.iter().all(|c| c.is_ascii_digit() || b"-:. \tTtZz+".contains(c))
}
