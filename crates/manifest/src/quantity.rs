//! Quantities as the API server reads and rewrites them: `1000m` becomes `1`, `0.5Gi` `512Mi`.
//!
//! Models `apimachinery/pkg/api/resource/quantity.go`; values are kept in billionths.

use std::cmp::Ordering;

/// What the decoder says to a text that is no quantity at all.
pub(crate) const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";
const NANO: i128 = 1_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Decimal,
    Binary,
    Exponent,
}

/// A quantity. Equal to all others of its value, however they are written.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    nanos: i128,
    form: Form,
}

impl Quantity {
    /// Zero.
    pub const ZERO: Self = Self { nanos: 0, form: Form::Decimal };

    /// Reads a quantity; the error is the decoder's text.
    ///
    /// # Errors
    /// When the text is not a quantity.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let digits_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(digits_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let nothing = number.is_empty() && suffix.is_empty();
        if nothing || number == "." || fraction.contains('.') {
            return Err(WRONG_FORMAT);
        }
        check_suffix_letters(suffix)?;
        let (form, base, exponent) = suffix_of(suffix).ok_or(WRONG_SUFFIX)?;
        let magnitude = scaled(whole, fraction, base, exponent);
        let nanos = if negative { -magnitude } else { magnitude };
        let form = if form == Form::Binary && nanos.abs() < NANO { Form::Decimal } else { form };
        let cap = i128::from(i64::MAX) * NANO;
        let nanos = if form == Form::Binary { nanos.min(cap) } else { nanos };
        Ok(Self { nanos, form })
    }

    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self { nanos: i128::from(value) * NANO, form: Form::Decimal }
    }

    /// The value in billionths.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.nanos % NANO == 0
    }

    /// Rounded up to thousandths, as resources of containers are stored.
    #[must_use]
    pub fn round_up_milli(self) -> Self {
        const MILLI: i128 = NANO / 1000;
        let up = i128::from(self.nanos > 0 && self.nanos % MILLI != 0);
        Self { nanos: (self.nanos / MILLI + up) * MILLI, form: self.form }
    }

    /// The sum, in the form of `self`.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { nanos: self.nanos.saturating_add(other.nanos), form: self.form }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The canonical text.
impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = match self.form {
            Form::Binary if self.nanos.abs() < 1024 * NANO || !self.is_whole() => Form::Decimal,
            form => form,
        };
        if self.nanos == 0 {
            return write!(f, "0");
        }
        if form == Form::Binary {
            return binary(self.nanos / NANO, f);
        }
        let (mut number, mut exponent) = (self.nanos, -9_i32);
        while number % 1000 == 0 {
            number /= 1000;
            exponent += 3;
        }
        match form {
            Form::Exponent if exponent == 0 => write!(f, "{number}"),
            Form::Exponent => write!(f, "{number}e{exponent}"),
            _ => write!(f, "{number}{}", decimal_suffix(exponent)),
        }
    }
}

fn binary(value: i128, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let (mut number, mut power) = (value, 0_usize);
    while number % 1024 == 0 && power < 6 {
        number /= 1024;
        power += 1;
    }
    write!(f, "{number}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power])
}

fn decimal_suffix(exponent: i32) -> String {
    match exponent {
        -9 => "n".to_owned(),
        -6 => "u".to_owned(),
        -3 => "m".to_owned(),
        0 => String::new(),
        3 => "k".to_owned(),
        6 => "M".to_owned(),
        9 => "G".to_owned(),
        12 => "T".to_owned(),
        15 => "P".to_owned(),
        18 => "E".to_owned(),
        other => format!("e{other}"),
    }
}

/// Letters first, then an optional sign and digits; anything else is no quantity.
fn check_suffix_letters(suffix: &str) -> Result<(), &'static str> {
    let rest = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    if rest.bytes().all(|b| b.is_ascii_digit()) { Ok(()) } else { Err(WRONG_FORMAT) }
}

/// The form of a suffix, and the base and exponent that it stands for.
fn suffix_of(suffix: &str) -> Option<(Form, i128, i32)> {
    Some(match suffix {
        "n" => (Form::Decimal, 10, -9),
        "u" => (Form::Decimal, 10, -6),
        "m" => (Form::Decimal, 10, -3),
        "" => (Form::Decimal, 10, 0),
        "k" => (Form::Decimal, 10, 3),
        "M" => (Form::Decimal, 10, 6),
        "G" => (Form::Decimal, 10, 9),
        "T" => (Form::Decimal, 10, 12),
        "P" => (Form::Decimal, 10, 15),
        "E" => (Form::Decimal, 10, 18),
        "Ki" => (Form::Binary, 2, 10),
        "Mi" => (Form::Binary, 2, 20),
        "Gi" => (Form::Binary, 2, 30),
        "Ti" => (Form::Binary, 2, 40),
        "Pi" => (Form::Binary, 2, 50),
        "Ei" => (Form::Binary, 2, 60),
        other => {
            let exponent = other.strip_prefix(['e', 'E'])?;
            (Form::Exponent, 10, exponent.parse().ok()?)
        }
    })
}

/// `whole.fraction × base^exponent` in billionths, rounded up; saturates far outside any use.
fn scaled(whole: &str, fraction: &str, base: i128, exponent: i32) -> i128 {
    let fraction = fraction.get(..fraction.len().min(15)).unwrap_or_default();
    let whole = whole.trim_start_matches('0');
    if whole.len() > 27 {
        return i128::MAX / 4;
    }
    let digits: i128 = format!("0{whole}{fraction}").parse().unwrap_or(i128::MAX / 4);
    let power = base.checked_pow(exponent.unsigned_abs().min(60)).unwrap_or(i128::MAX / 4);
    let (mut up, mut down) = (NANO, 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0)));
    if exponent >= 0 {
        let shared = gcd(power, down);
        down /= shared;
        up = up.saturating_mul(power / shared);
    } else {
        let shared = gcd(up, power);
        up /= shared;
        down = down.saturating_mul(power / shared);
    }
    let shared = gcd(up, down);
    let (up, down) = (up / shared, down / shared);
    let product = digits.saturating_mul(up);
    product / down + i128::from(product % down != 0)
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts() {
        for (text, canonical) in [
            ("1000m", "1"),
            ("1_000", ""),
            ("1000", "1k"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("1024Mi", "1Gi"),
            ("100Ki", "100Ki"),
            ("1e3", "1e3"),
            ("1000e3", "1e6"),
            ("12345678901234567000", "12345678901234567k"),
            ("-5", "-5"),
            ("0.0000000001", "1n"),
            ("0", "0"),
            ("0Gi", "0"),
            ("128974848", "128974848"),
            ("64megs", ""),
            ("1ki", ""),
            ("", ""),
        ] {
            let got = Quantity::parse(text).map(|q| q.to_string()).unwrap_or_default();
            assert_eq!(got, canonical, "{text}");
        }
    }
}
