//! Ages as kubectl prints them. Models `apimachinery/pkg/util/duration/duration.go`.

use podplay_api::Timestamp;

const NANOS: i64 = 1_000_000_000;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// `HumanDuration`: at most two units, fewer the longer the time. `nanos` is in nanoseconds.
#[must_use]
pub fn human_duration(nanos: i64) -> String {
    let seconds = nanos / NANOS;
    match seconds {
        ..=-2 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if seconds < 10 * MINUTE => two(seconds, (MINUTE, "m"), (1, "s")),
        _ if seconds < 3 * HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < 8 * HOUR => two(seconds, (HOUR, "h"), (MINUTE, "m")),
        _ if seconds < 2 * DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 8 * DAY => two(seconds, (DAY, "d"), (HOUR, "h")),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ if seconds < 8 * YEAR => two(seconds, (YEAR, "y"), (DAY, "d")),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// The larger unit, and the rest in the smaller one if there is any.
fn two(seconds: i64, large: (i64, &str), small: (i64, &str)) -> String {
    let rest = seconds % large.0 / small.0;
    let whole = format!("{}{}", seconds / large.0, large.1);
    if rest == 0 { whole } else { format!("{whole}{rest}{}", small.1) }
}

/// `ShortHumanDuration`: one unit only. `nanos` is in nanoseconds.
#[must_use]
pub fn short_human_duration(nanos: i64) -> String {
    let seconds = nanos / NANOS;
    match seconds {
        ..=-2 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        _ if seconds < MINUTE => format!("{seconds}s"),
        _ if seconds < HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < DAY => format!("{}h", seconds / HOUR),
        _ if seconds < YEAR => format!("{}d", seconds / DAY),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// The time since a moment, `<unknown>` where there is none.
#[must_use]
pub fn since(moment: Option<Timestamp>, now: Timestamp) -> String {
    moment.map_or_else(
        || "<unknown>".to_owned(),
        |moment| human_duration(now.0.saturating_sub(moment.0)),
    )
}

/// `Sun, 22 Nov 2026 10:50:48 +0000`: RFC 1123 with a numeric zone, in UTC.
#[must_use]
pub fn rfc1123(moment: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [year, month, day, hour, minute, second, weekday] = moment.civil();
    let name = |names: &[&'static str], at: i64| {
        usize::try_from(at).ok().and_then(|at| names.get(at).copied())
    };
    format!(
        "{}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} +0000",
        name(&DAYS, weekday).unwrap_or_default(),
        name(&MONTHS, month - 1).unwrap_or_default(),
    )
}

/// [`rfc1123`] of a field that may be absent: Go's zero time.
#[must_use]
pub fn rfc1123_or_zero(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), rfc1123)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(rfc1123(Timestamp(1_795_344_648 * NANOS)), "Sun, 22 Nov 2026 10:50:48 +0000");
    }
}
