//! The values of `awk`.

use super::*;

pub(super) fn number_text(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e16 {
        return format!("{}", n as i64);
    }
    crate::tools::float_text(n, 'g', 6)
}

/// The number at the beginning of a text.
pub(super) fn leading(text: &str) -> (f64, bool) {
    let trimmed = text.trim();
    if let Ok(n) = trimmed.parse::<f64>()
        && !trimmed.to_ascii_lowercase().contains(['n', 'i'])
    {
        return (n, true);
    }
    let mut best = 0.0;
    let mut seen = false;
    for (i, c) in trimmed.char_indices().take(40) {
        if !(c.is_ascii_digit() || ".+-eE".contains(c)) {
            break;
        }
        if let Ok(n) = trimmed[..=i].parse::<f64>() {
            best = n;
            seen = true;
        }
    }
    (if seen { best } else { 0.0 }, false)
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Text(text) | Self::Input(text) => leading(text).0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(n) => number_text(*n),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Number(n) => *n != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => match leading(text) {
                (n, true) => n != 0.0,
                _ => !text.is_empty(),
            },
        }
    }

    /// The value as a number, if it compares like one.
    pub(super) fn numeric(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(_) => None,
            Self::Input(text) if text.is_empty() => Some(0.0),
            Self::Input(text) => Some(leading(text)).filter(|(_, whole)| *whole).map(|(n, _)| n),
        }
    }
}

/// What an operator makes of two numbers.
pub(super) fn arithmetic(op: &str, a: f64, b: f64) -> f64 {
    match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => libm::fmod(a, b),
        _ => libm::pow(a, b),
    }
}

/// The conversion letter that takes each argument of a format; `*` for a width.
pub(super) fn conversion_letters(format: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        for c in chars.by_ref() {
            match c {
                '%' => break,
                '*' => out.push('d'),
                c if c.is_ascii_alphabetic() && !"hlLqjzt".contains(c) => {
                    out.push(c);
                    break;
                }
                _ => {}
            }
        }
    }
    out
}
