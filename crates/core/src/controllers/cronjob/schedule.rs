//! Cron schedules: five fields, macros, `@every`.
//!
//! Follows what `github.com/robfig/cron/v3` accepts with its standard parser.

use podplay_api::{Timestamp, Zone};
use std::time::Duration;

/// When something is to happen again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At matching minutes.
    Fields(Fields),
    /// So long after the last time.
    Every(Duration),
}

/// Allowed values, a bit for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
    /// A day is any day, or a weekday any weekday: then both must match, otherwise either.
    any_day: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY: i64 = 86_400_000_000_000;

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(delay) = text.strip_prefix("@every ") {
            let span = duration(delay).ok_or_else(|| format!("failed to parse duration {text}"))?;
            return Ok(Self::Every(span.max(Duration::from_secs(1))));
        }
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ if text.starts_with('@') => return Err(format!("unrecognized descriptor: {text}")),
            _ => text,
        };
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts.as_slice() else {
            return Err(format!("expected exactly 5 fields, found {}: {parts:?}", parts.len()));
        };
        let star = |field: &str| field.split(',').any(|part| part.starts_with(['*', '?']));
        Ok(Self::Fields(Fields {
            minute: field(minute, 0, 59, &[])?,
            hour: field(hour, 0, 23, &[])?,
            day: field(day, 1, 31, &[])?,
            month: field(month, 1, 12, &MONTHS)?,
            weekday: field(weekday, 0, 6, &WEEKDAYS)?,
            any_day: star(day) || star(weekday),
        }))
    }
    /// The first moment after `after` by a place's clock; `None` if there is none in five years.
    ///
    /// What falls into an hour that is left out does not happen; in one that comes twice it happens twice.
    pub fn next_in(&self, after: Timestamp, zone: Zone) -> Option<Timestamp> {
        let (mut from, mut seen) = (after, after);
        loop {
            let next = self.next(from, zone.offset(seen))?;
            match zone.change_between(seen, next) {
                Some(change) if matches!(self, Self::Fields(_)) => {
                    (from, seen) = (Timestamp(change.0 - 1), change);
                }
                _ => return Some(next),
            }
        }
    }
    /// The first moment after `after`, whose clock is `offset` seconds ahead of UTC; `None` if there is none in five years.
    fn next(&self, after: Timestamp, offset: i64) -> Option<Timestamp> {
        match self {
            Self::Every(span) => Some(crate::controllers::common::whole(after) + *span),
            Self::Fields(fields) => {
                let shift = offset * 1_000_000_000;
                let found = fields.next(Timestamp(after.0 + shift))?;
                Some(Timestamp(found.0 - shift))
            }
        }
    }
}

impl Fields {
    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let [mut year, month, day, hour, minute, ..] = after.civil();
        let start = Timestamp::from_civil(year, month, day, hour, minute);
        let mut at = Timestamp(start.0 + DAY / 1440);
        // Each turn goes on by at least an hour, or by whole days and months where they do not match.
        for _ in 0..5 * 366 * 25 {
            let [y, month, day, hour, minute, _, weekday] = at.civil();
            year = y;
            if !has(self.month, month) {
                let (y, m) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                at = Timestamp::from_civil(y, m, 1, 0, 0);
            } else if !self.on_day(day, weekday) {
                at = Timestamp(Timestamp::from_civil(year, month, day, 0, 0).0 + DAY);
            } else if !has(self.hour, hour) {
                at = Timestamp(Timestamp::from_civil(year, month, day, hour, 0).0 + DAY / 24);
            } else if let Some(minute) = (minute..60).find(|minute| has(self.minute, *minute)) {
                return Some(Timestamp::from_civil(year, month, day, hour, minute));
            } else {
                at = Timestamp(Timestamp::from_civil(year, month, day, hour, 0).0 + DAY / 24);
            }
        }
        None
    }
    fn on_day(&self, day: i64, weekday: i64) -> bool {
        let (of_month, of_week) = (has(self.day, day), has(self.weekday, weekday));
        if self.any_day { of_month && of_week } else { of_month || of_week }
    }
}

fn has(bits: u64, value: i64) -> bool {
    u32::try_from(value).is_ok_and(|value| bits >> value & 1 == 1)
}

fn field(text: &str, least: u32, most: u32, names: &[&str]) -> Result<u64, String> {
    let mut bits = 0;
    for part in text.split(',') {
        bits |= range(part, least, most, names)?;
    }
    Ok(bits)
}

/// `*`, `5`, `1-5`, `*/15`, `10-50/20`, `5/15`.
fn range(text: &str, least: u32, most: u32, names: &[&str]) -> Result<u64, String> {
    let bad = |what: &str| format!("{what}: {text}");
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => {
            (span, Some(step.parse::<u32>().map_err(|_| bad("failed to parse int from"))?))
        }
        None => (text, None),
    };
    let number = |word: &str| -> Result<u32, String> {
        let lower = word.to_ascii_lowercase();
        let named = names.iter().position(|name| *name == lower);
        match named.and_then(|place| u32::try_from(place).ok()) {
            Some(place) => Ok(place + least),
            None => word.parse().map_err(|_| bad("failed to parse int from")),
        }
    };
    let (first, last) = match span.split_once('-') {
        _ if matches!(span, "*" | "?") => (least, most),
        Some((first, last)) => (number(first)?, number(last)?),
        None if step.is_some() => (number(span)?, most),
        None => (number(span)?, number(span)?),
    };
    if first < least {
        return Err(bad(&format!("beginning of range ({first}) below minimum ({least})")));
    }
    if last > most {
        return Err(bad(&format!("end of range ({last}) above maximum ({most})")));
    }
    if first > last {
        return Err(bad(&format!("beginning of range ({first}) beyond end of range ({last})")));
    }
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(bad("step of range should be a positive number"));
    }
    let step = usize::try_from(step).unwrap_or(1);
    Ok((first..=last).step_by(step).fold(0, |bits, value| bits | 1 << value))
}

/// `1h30m`, `90s`.
fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text.trim(), 0_u64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let value: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = match rest.bytes().next()? {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(value.checked_mul(unit)?)?;
        rest = rest.get(1..)?;
    }
    (total > 0).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_moments() {
        let table = [
            ("* * * * *", "2026-11-22T10:36:09Z", "2026-11-22T10:37:00Z"),
            ("*/15 * * * *", "2026-11-22T10:36:09Z", "2026-11-22T10:45:00Z"),
            ("0 9-17/4 * * mon-fri", "2026-11-22T10:36:09Z", "2026-11-23T09:00:00Z"),
            ("30 3 1,15 * *", "2026-12-31T23:59:59Z", "2027-01-01T03:30:00Z"),
            ("0 0 29 2 *", "2026-11-22T10:36:09Z", "2028-02-29T00:00:00Z"),
            ("0 0 13 * 5", "2026-11-22T10:36:09Z", "2026-11-27T00:00:00Z"),
            ("5/20 * * * ?", "2026-11-22T10:46:00Z", "2026-11-22T11:05:00Z"),
            ("@hourly", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
            ("@daily", "2026-11-22T10:00:00Z", "2026-11-23T00:00:00Z"),
            ("@weekly", "2026-11-22T10:00:00Z", "2026-11-29T00:00:00Z"),
            ("@monthly", "2026-11-22T10:00:00Z", "2026-12-01T00:00:00Z"),
            ("@yearly", "2026-11-22T10:00:00Z", "2027-01-01T00:00:00Z"),
            ("@every 1h30m", "2026-11-22T10:00:00Z", "2026-11-22T11:30:00Z"),
        ];
        for (text, after, expected) in table {
            let after = Timestamp::parse(after).unwrap();
            let next = Schedule::parse(text)
                .map(|schedule| schedule.next(after, 0).map(|at| at.to_string()));
            assert_eq!(next, Ok(Some(expected.to_string())), "{text}");
        }
        let nightly = Schedule::parse("0 3 * * *").unwrap();
        let after = Timestamp::parse("2026-11-22T10:36:09Z").unwrap();
        let in_seoul =
            nightly.next_in(after, Zone::named("Asia/Seoul").unwrap()).map(|at| at.to_string());
        assert_eq!(in_seoul.as_deref(), Some("2026-11-22T18:00:00Z"));
        assert_eq!(Schedule::parse("0 0 30 2 *").unwrap().next(after, 0), None);
    }

    #[test]
    fn across_changes_of_the_clock() {
        let table = [
            // The night when the clock goes forward in Berlin: the next morning is an hour earlier.
            ("0 9 * * *", "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
            ("0 * * * *", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"),
            // And back: half past two comes twice.
            ("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("0 9 * * *", "2026-10-25T07:00:00Z", "2026-10-25T08:00:00Z"),
            ("0 0 1 1 *", "2026-01-02T00:00:00Z", "2026-12-31T23:00:00Z"),
        ];
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (text, after, expected) in table {
            let schedule = Schedule::parse(text).unwrap();
            let after = Timestamp::parse(after).unwrap();
            let next = schedule.next_in(after, berlin);
            assert_eq!(next.map(|at| at.to_string()).as_deref(), Some(expected), "{text} {after}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "@often",
            "@every",
            "@every 5x",
            "a * * * *",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
    }
}
