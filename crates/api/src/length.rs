//! Lengths of time as people write them: `5m`, `1m30s`, `500ms`, `90`, `2.5`.

use crate::limits::LONGEST;
use std::time::Duration;

/// Parses Go's durations and bare seconds; `d` stands for days.
pub fn parse_length(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    let mut bare = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        if bare || (unit.is_empty() && total != Duration::ZERO) {
            return None;
        }
        bare = unit.is_empty();
        total = total.checked_add(scaled(number, unit)?)?;
        rest = tail;
    }
    (total <= LONGEST).then_some(total)
}

/// `number` of `unit`, without floating arithmetic.
fn scaled(number: &str, unit: &str) -> Option<Duration> {
    let nanos: u64 = match unit {
        "" | "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" => 1_000,
        "ns" => 1,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = Duration::from_nanos(nanos.checked_mul(whole)?);
    let mut place = nanos;
    for digit in fraction.chars() {
        place /= 10;
        total += Duration::from_nanos(place * u64::from(digit.to_digit(10)?));
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::parse_length;

    #[test]
    fn lengths() {
        let table = [
            ("5m", Some(300_000)),
            ("1m30s", Some(90_000)),
            ("90", Some(90_000)),
            ("2.5", Some(2_500)),
            ("1.5h", Some(5_400_000)),
            ("500ms", Some(500)),
            ("1d", Some(86_400_000)),
            ("0", Some(0)),
            ("", None),
            ("-5s", None),
            ("5x", None),
            ("5m3", None),
            ("1e3", None),
            ("99999999999999999999", None),
            ("400d", None),
        ];
        for (text, millis) in table {
            assert_eq!(parse_length(text).map(|length| length.as_millis()), millis, "{text}");
        }
    }
}
