//! Virtual time: nanoseconds since the run began, and the wall-clock stamps that API objects carry.

use crate::raw::{FromRaw, ToRaw};
use core::fmt;
use core::ops::{Add, AddAssign, Sub};
use core::time::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const NANOS: u64 = 1_000_000_000;

/// Nanoseconds since the run began.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The beginning of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything.
    pub const MAX: Self = Self(u64::MAX);

    /// `secs` whole seconds after the beginning.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * NANOS)
    }
    /// `millis` milliseconds after the beginning.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }
    /// Nanoseconds since the beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// Whole milliseconds since the beginning.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
    /// The time passed since `earlier`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)))
    }
}
impl AddAssign<Duration> for SimTime {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}
impl Sub<Duration> for SimTime {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)))
    }
}
/// Seconds with three decimals: `35.004s`.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / NANOS, self.as_millis() % 1000)
    }
}

/// A wall-clock moment, in nanoseconds since 1970-01-01T00:00:00Z. Objects print whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The wall clock at `time` of a run that began at `start`.
    pub fn at(start: Self, time: SimTime) -> Self {
        Self(start.0.saturating_add(i64::try_from(time.0).unwrap_or(i64::MAX)))
    }
    /// Whole seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS as i64)
    }
    /// Parses `2026-11-22T10:36:09Z`, with an optional fraction and offset.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |range: core::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let shape = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        if bytes.len() < 20
            || shape.iter().any(|&(at, byte)| bytes[at] != byte)
            || !matches!(bytes[10], b'T' | b't' | b' ')
        {
            return None;
        }
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        if !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        let (nanos, rest) = fraction(text.get(19..)?)?;
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
                - offset(rest)?;
        Some(Self(seconds.checked_mul(NANOS as i64)?.checked_add(nanos)?))
    }
    /// `2026-11-22T10:36:09.000000Z`, as `MicroTime` fields print.
    pub fn micro(self) -> String {
        let whole = self.to_string();
        format!("{}.{:06}Z", whole.trim_end_matches('Z'), self.0.rem_euclid(NANOS as i64) / 1000)
    }
    /// Year, month, day, hour, minute, second, and the day of the week (0 = Sunday), in UTC.
    pub fn civil(self) -> [i64; 7] {
        let seconds = self.seconds();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        [year, month, day, rest / 3600, rest % 3600 / 60, rest % 60, (days + 4).rem_euclid(7)]
    }
    /// The moment of a civil date and time in UTC.
    pub fn from_civil(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> Self {
        Self(
            (days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60)
                .saturating_mul(NANOS as i64),
        )
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
    }
}

/// `2026-11-22T10:36:09Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second, _] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
impl FromRaw for Timestamp {
    fn from_raw(value: &Value) -> Self {
        value.as_str().and_then(Self::parse).unwrap_or_default()
    }
}
impl ToRaw for Timestamp {
    fn to_raw(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

/// Nanoseconds of a leading `.fff…`, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut nanos: i64 = 0;
    for place in 0..9 {
        let digit = if place < digits { i64::from(rest.as_bytes()[place] - b'0') } else { 0 };
        nanos = nanos * 10 + digit;
    }
    (digits > 0).then(|| (nanos, &rest[digits..]))
}

/// Seconds east of UTC of `Z`, `+09:00` or `-05:30`.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    Some(
        sign * (hours.parse::<u16>().ok().map(i64::from)? * 3600
            + minutes.parse::<u16>().ok().map(i64::from)? * 60),
    )
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day number, the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (
        of_year - (153 * shifted + 2) / 5 + 1,
        if shifted < 10 { shifted + 3 } else { shifted - 9 },
    );
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_print_what_they_parse() {
        for text in [
            "2026-11-22T10:36:09Z",
            "1970-01-01T00:00:00Z",
            "2000-02-29T23:59:59Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
        assert_eq!(
            Timestamp::parse("2026-11-22T19:36:09.5+09:00").map(Timestamp::micro).as_deref(),
            Some("2026-11-22T10:36:09.500000Z")
        );
        for text in [
            "",
            "2026-11-22",
            "2026-13-22T10:36:09Z",
            "2026-11-22T10:36:09",
            "2026-11-22T10:36:09.Z",
            "éééééééééééé",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_the_week() {
        assert_eq!(
            Timestamp::parse("2026-11-22T10:36:09Z").map(Timestamp::civil),
            Some([2026, 11, 22, 10, 36, 9, 0])
        );
    }
}
