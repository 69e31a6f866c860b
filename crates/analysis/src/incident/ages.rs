//! Lengths of time and moments as kubectl prints them, with what was rounded away.

use podplay_api::Timestamp;
use podplay_api::Value;
use std::fmt;

/// Seconds between two bounds: `3m12s` is exact to the second, `45m` to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds {
    /// At least so many.
    pub least: i64,
    /// At most so many.
    pub most: i64,
}

impl Seconds {
    /// Exactly so many.
    pub const fn exactly(seconds: i64) -> Self {
        Self { least: seconds, most: seconds }
    }
    /// The middle.
    pub const fn middle(self) -> i64 {
        self.least + (self.most - self.least) / 2
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.most - self.least <= 1 {
            write!(f, "{}s", self.least)
        } else {
            write!(f, "{}s to {}s", self.least, self.most)
        }
    }
}

/// The units of an age, in seconds.
const UNITS: [(char, i64); 6] =
    [('y', 365 * 86_400), ('w', 7 * 86_400), ('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// `3m12s`, `45m`, `2d3h`; what is smaller than the last unit was cut off.
pub(crate) fn age(text: &str) -> Option<Seconds> {
    let (mut sum, mut digits, mut last) = (0i64, String::new(), None);
    for c in text.chars() {
        if c.is_ascii_digit() && digits.len() < 9 {
            digits.push(c);
        } else {
            let (_, unit) = UNITS.iter().find(|(letter, _)| *letter == c)?;
            if last.is_some_and(|last| last <= *unit) {
                return None;
            }
            sum += digits.parse::<i64>().ok()?.checked_mul(*unit)?;
            last = Some(*unit);
            digits.clear();
        }
    }
    if !digits.is_empty() {
        return None;
    }
    Some(Seconds { least: sum, most: sum + last? - 1 })
}

/// `27s (x3 over 40s)`: how long ago the last was seen, how often, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Often {
    /// How long ago it was seen last.
    pub last: Option<Seconds>,
    /// How often it was seen, if that is said.
    pub count: Option<u32>,
    /// How long ago it was seen first.
    pub first: Option<Seconds>,
}

/// Reads an age with its count.
pub(crate) fn often(text: &str) -> Option<Often> {
    let text = text.trim();
    let (last, more) = match text.split_once(' ') {
        Some((last, more)) => (last, Some(more.trim())),
        None => (text, None),
    };
    let last = match last {
        "<unknown>" | "<invalid>" => None,
        last => Some(age(last)?),
    };
    let Some(more) = more else { return Some(Often { last, count: None, first: last }) };
    let inner = more.strip_prefix("(x")?.strip_suffix(')')?;
    let (count, over) = inner.split_once(" over ")?;
    Some(Often { last, count: count.parse().ok(), first: age(over) })
}

/// `2 (40s ago)`, `5`: restarts, and when the last was.
pub(crate) fn restarts(text: &str) -> Option<(u32, Option<Seconds>)> {
    let (count, ago) = match text.split_once(' ') {
        Some((count, ago)) => (count, Some(ago.trim())),
        None => (text, None),
    };
    let ago = ago.and_then(|ago| age(ago.strip_prefix('(')?.strip_suffix(" ago)")?));
    Some((count.parse().ok()?, ago))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sun, 29 Nov 2026 09:02:43 +0000` as seconds since 1970.
pub(crate) fn date(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, clock, zone] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let day: u32 = day.parse().ok()?;
    let year: u32 = year.parse().ok()?;
    let utc = instant(&format!("{year:04}-{month:02}-{day:02}T{clock}Z"))?;
    let (sign, digits) = zone.split_at_checked(1)?;
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..)?.parse().ok()?;
    let offset = hours * 3600 + minutes * 60;
    Some(if sign == "-" { utc + offset } else { utc - offset })
}

/// `2026-11-29T09:02:43Z` as seconds since 1970.
pub(crate) fn instant(text: &str) -> Option<i64> {
    Timestamp::parse(text).map(|moment| moment.0.div_euclid(1_000_000_000))
}

/// Seconds since 1970 as the API writes them.
pub(crate) fn rfc3339(seconds: i64) -> Value {
    Value::from(Timestamp(seconds.saturating_mul(1_000_000_000)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_know_what_was_rounded_away() {
        let table = [
            ("40s", Some((40, 40))),
            ("3m12s", Some((192, 192))),
            ("45m", Some((2700, 2759))),
            ("2d3h", Some((183_600, 187_199))),
            ("5", None),
            ("12s3m", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(age(text).map(|age| (age.least, age.most)), expected, "{text}");
        }
        let seen = often("27s (x3 over 40m)").unwrap_or_default();
        assert_eq!((seen.count, seen.first.map(|first| first.least)), (Some(3), Some(2400)));
        assert_eq!(restarts("2 (40s ago)"), Some((2, Some(Seconds::exactly(40)))));
        assert_eq!(restarts("7"), Some((7, None)));
        let written = date("Sun, 29 Nov 2026 11:02:43 +0200");
        assert_eq!(written, instant("2026-11-29T09:02:43Z"));
        assert!(written.is_some());
    }
}
