//! Resource quantities: `250m`, `64Mi`, `1e3`, `0.5`.

use crate::raw::{FromRaw, ToRaw};
use core::cmp::Ordering;
use serde_json::Value;

/// A quantity: its text as written, and its value in thousandths (`1` is 1000 milli).
#[derive(Clone, Debug, Default, Eq)]
pub struct Quantity {
    text: String,
    milli: i128,
}

impl Quantity {
    /// Reads a quantity. `None` if the text is none.
    ///
    /// Models `staging/apimachinery/pkg/api/resource/quantity.go` ParseQuantity, without its precision beyond one milli
    /// (smaller parts round up, as there for `Value()`).
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end =
            digits.bytes().position(|b| !(b.is_ascii_digit() || b == b'.')).unwrap_or(digits.len());
        let (number, suffix) = digits.split_at(end);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && part.is_empty()) || part.contains('.') || number.len() > 30 {
            return None;
        }
        let mantissa: i128 = format!("{whole}{part}").parse().ok()?;
        let milli = scale(mantissa, u32::try_from(part.len()).ok()?, suffix)?;
        Some(Self { text: text.to_string(), milli: if negative { -milli } else { milli } })
    }
    /// A quantity of `milli` thousandths without a text of its own.
    pub fn from_milli(milli: i64) -> Self {
        let text = if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{milli}m") };
        Self { text, milli: i128::from(milli) }
    }
    /// A quantity of bytes, in the largest power of 1024 that divides it.
    pub fn from_bytes(bytes: i64) -> Self {
        let (mut short, mut unit) = (bytes, "");
        for larger in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
            if short == 0 || short % 1024 != 0 {
                break;
            }
            (short, unit) = (short / 1024, larger);
        }
        Self { text: format!("{short}{unit}"), milli: i128::from(bytes) * 1000 }
    }
    /// The value in thousandths.
    pub fn milli(&self) -> i64 {
        i64::try_from(self.milli).unwrap_or(if self.milli < 0 { i64::MIN } else { i64::MAX })
    }
    /// The value in whole units, rounded up.
    pub fn value(&self) -> i64 {
        i64::try_from((self.milli + 999).div_euclid(1000)).unwrap_or(i64::MAX)
    }
    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// `mantissa / 10^places × suffix` in thousandths, rounded up.
fn scale(mantissa: i128, places: u32, suffix: &str) -> Option<i128> {
    let binary = |exponent: u32| 1024i128.checked_pow(exponent);
    let (up, down): (i128, u32) = match suffix {
        "n" => (1, 9),
        "u" => (1, 6),
        "m" => (1, 3),
        "" => (1, 0),
        "k" => (1_000, 0),
        "M" => (1_000_000, 0),
        "G" => (1_000_000_000, 0),
        "T" => (1_000_000_000_000, 0),
        "P" => (1_000_000_000_000_000, 0),
        "E" => (1_000_000_000_000_000_000, 0),
        "Ki" => (binary(1)?, 0),
        "Mi" => (binary(2)?, 0),
        "Gi" => (binary(3)?, 0),
        "Ti" => (binary(4)?, 0),
        "Pi" => (binary(5)?, 0),
        "Ei" => (binary(6)?, 0),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10i128.checked_pow(exponent.unsigned_abs().min(30))?;
            if exponent >= 0 { (power, 0) } else { (1, exponent.unsigned_abs().min(30)) }
        }
    };
    let numerator = mantissa.checked_mul(up)?.checked_mul(1000)?;
    let denominator = 10i128.checked_pow(places + down)?;
    Some((numerator + denominator - 1).div_euclid(denominator))
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.milli == other.milli
    }
}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.milli.cmp(&other.milli)
    }
}
impl FromRaw for Quantity {
    fn from_raw(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::parse(text).unwrap_or_default(),
            Value::Number(number) => Self::parse(&number.to_string()).unwrap_or_default(),
            _ => Self::default(),
        }
    }
}
impl ToRaw for Quantity {
    fn to_raw(&self) -> Option<Value> {
        Some(Value::String(self.text.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_texts() {
        for (text, milli) in [
            ("1", 1000),
            ("250m", 250),
            ("0.5", 500),
            ("1Ki", 1_024_000),
            ("1e3", 1_000_000),
            ("1u", 1),
            ("64Mi", 67_108_864_000),
            ("-1", -1000),
            (".5", 500),
        ] {
            assert_eq!(Quantity::parse(text).map(|q| q.milli()), Some(milli), "{text}");
        }
        for text in ["", "x", "1.2.3", "1Q", "Mi", "1 Mi", "."] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
        assert_eq!(Quantity::parse("1500m").map(|q| q.value()), Some(2));
        for (bytes, text) in [(0, "0"), (1000, "1000"), (64 << 20, "64Mi"), (1536, "1536")] {
            assert_eq!(Quantity::from_bytes(bytes).text(), text);
        }
    }
}
