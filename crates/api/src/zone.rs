//! Time zones: how far a place's clock is ahead of UTC, and when that changes.
//!
//! Upstream reads the zone's table from the machine; here are the rules that have held for years.

use crate::Timestamp;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600;

/// When clocks are put forward by an hour, and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Summer {
    /// Last Sunday of March to last Sunday of October, at one o'clock UTC.
    Europe,
    /// Second Sunday of March to first Sunday of November, at two o'clock of the clock that was.
    America,
}

/// A place's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Seconds ahead of UTC in winter.
    standard: i64,
    summer: Option<Summer>,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self { standard: 0, summer: None };

    /// The zone of that name, if it is known.
    pub fn named(name: &str) -> Option<Self> {
        let hours = |text: &str| text.parse::<i64>().ok().filter(|hours| hours.abs() <= 14);
        if let Some(hours) = name.strip_prefix("Etc/GMT").and_then(hours) {
            return Some(Self { standard: -hours * HOUR, summer: None });
        }
        let (summer, half_hours) = match name {
            "" | "UTC" | "Etc/UTC" | "GMT" => (None, 0),
            "Asia/Seoul" | "Asia/Tokyo" | "Asia/Pyongyang" => (None, 18),
            "Asia/Shanghai" | "Asia/Singapore" | "Asia/Hong_Kong" | "Asia/Taipei"
            | "Asia/Manila" | "Australia/Perth" => (None, 16),
            "Asia/Bangkok" | "Asia/Jakarta" | "Asia/Ho_Chi_Minh" => (None, 14),
            "Asia/Kolkata" | "Asia/Calcutta" => (None, 11),
            "Asia/Dubai" => (None, 8),
            "Europe/Istanbul" | "Europe/Moscow" | "Africa/Nairobi" | "Asia/Riyadh" => (None, 6),
            "Africa/Johannesburg" => (None, 4),
            "Africa/Lagos" => (None, 2),
            "America/Sao_Paulo" | "America/Argentina/Buenos_Aires" => (None, -6),
            "America/Bogota" | "America/Lima" => (None, -10),
            "America/Phoenix" => (None, -14),
            "Pacific/Honolulu" => (None, -20),
            _ => with_summer_time(name)?,
        };
        Some(Self { standard: half_hours * HOUR / 2, summer })
    }
    /// Seconds ahead of UTC at a moment.
    pub fn offset(self, at: Timestamp) -> i64 {
        let [year, ..] = at.civil();
        let summer =
            self.changes(year).is_some_and(|[forward, back]| forward.0 <= at.0 && at.0 < back.0);
        self.standard + if summer { HOUR } else { 0 }
    }
    /// The first change of the clock after `after` and not after `until`.
    pub fn change_between(self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let ([first, ..], [last, ..]) = (after.civil(), until.civil());
        (first..=last)
            .filter_map(|year| self.changes(year))
            .flatten()
            .find(|change| change.0 > after.0 && change.0 <= until.0)
    }
    /// When the clock is put forward in a year, and when back.
    fn changes(self, year: i64) -> Option<[Timestamp; 2]> {
        let at = |day: Timestamp, seconds: i64| Timestamp(day.0 + seconds * SECOND);
        Some(match self.summer? {
            Summer::Europe => [at(sunday(year, 3, 25), HOUR), at(sunday(year, 10, 25), HOUR)],
            Summer::America => [
                at(sunday(year, 3, 8), 2 * HOUR - self.standard),
                at(sunday(year, 11, 1), HOUR - self.standard),
            ],
        })
    }
}

/// The rule of a place and its winter's half hours ahead of UTC.
fn with_summer_time(name: &str) -> Option<(Option<Summer>, i64)> {
    let (summer, half_hours) = match name {
        "Europe/London" | "Europe/Dublin" | "Europe/Lisbon" => (Summer::Europe, 0),
        "Europe/Berlin" | "Europe/Paris" | "Europe/Madrid" | "Europe/Rome" | "Europe/Amsterdam"
        | "Europe/Brussels" | "Europe/Vienna" | "Europe/Zurich" | "Europe/Stockholm"
        | "Europe/Oslo" | "Europe/Copenhagen" | "Europe/Prague" | "Europe/Warsaw"
        | "Europe/Budapest" | "CET" => (Summer::Europe, 2),
        "Europe/Athens" | "Europe/Helsinki" | "Europe/Bucharest" | "Europe/Sofia"
        | "Europe/Kyiv" | "Europe/Kiev" | "Europe/Vilnius" | "Europe/Riga" | "Europe/Tallinn"
        | "EET" => (Summer::Europe, 4),
        "America/Halifax" => (Summer::America, -8),
        "America/New_York" | "America/Toronto" | "America/Detroit" | "US/Eastern" | "EST5EDT" => {
            (Summer::America, -10)
        }
        "America/Chicago" | "America/Winnipeg" | "US/Central" => (Summer::America, -12),
        "America/Denver" | "America/Edmonton" | "US/Mountain" => (Summer::America, -14),
        "America/Los_Angeles" | "America/Vancouver" | "America/Tijuana" | "US/Pacific" => {
            (Summer::America, -16)
        }
        "America/Anchorage" => (Summer::America, -18),
        _ => return None,
    };
    Some((Some(summer), half_hours))
}

/// The beginning of the first Sunday from that day on.
fn sunday(year: i64, month: i64, day: i64) -> Timestamp {
    let from = Timestamp::from_civil(year, month, day, 0, 0);
    let [.., weekday] = from.civil();
    Timestamp(from.0 + (7 - weekday) % 7 * 24 * HOUR * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change() {
        let table = [
            ("Asia/Seoul", "2026-07-01T00:00:00Z", 9 * HOUR),
            ("Etc/GMT+5", "2026-07-01T00:00:00Z", -5 * HOUR),
            ("Asia/Kolkata", "2026-07-01T00:00:00Z", 5 * HOUR + 1800),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", HOUR),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 2 * HOUR),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", 2 * HOUR),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", HOUR),
            ("America/New_York", "2026-03-08T06:59:59Z", -5 * HOUR),
            ("America/New_York", "2026-03-08T07:00:00Z", -4 * HOUR),
            ("America/New_York", "2026-11-01T05:59:59Z", -4 * HOUR),
            ("America/New_York", "2026-11-01T06:00:00Z", -5 * HOUR),
        ];
        assert_eq!(Zone::named("Nowhere/Land"), None);
        for (name, at, expected) in table {
            let moment = Timestamp::parse(at).unwrap();
            assert_eq!(Zone::named(name).unwrap().offset(moment), expected, "{name} at {at}");
        }
    }
}
