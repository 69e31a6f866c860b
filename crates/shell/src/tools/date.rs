//! `date` and the calendar.

use super::{Cx, Options, Start};

pub(super) const TOOLS: &[(&str, Start)] = &[("date", Start::Now(date)), ("cal", Start::Now(cal))];

const NANOS: i64 = 1_000_000_000;
const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month (1-12) and day of a number of days since 1970.
fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// Days since 1970 of a date.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let m = i64::from(month);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// `strftime` in UTC, of Unix nanoseconds.
pub(super) fn format(format: &str, unix: i64) -> String {
    let seconds = unix.div_euclid(NANOS);
    let days = seconds.div_euclid(86_400);
    let in_day = seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let weekday = (days + 4).rem_euclid(7) as usize;
    let yday = days - days_from_civil(year, 1, 1);
    let (hour, minute, second) = (in_day / 3600, in_day / 60 % 60, in_day % 60);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = chars.next();
        let unpadded = spec == Some('-');
        if matches!(spec, Some('-' | '_' | '0' | 'E' | 'O')) {
            spec = chars.next();
        }
        let two = |n: i64| if unpadded { n.to_string() } else { format!("{n:02}") };
        out += &match spec {
            Some('Y') => year.to_string(),
            Some('C') => two(year / 100),
            Some('y') => two(year.rem_euclid(100)),
            Some('m') => two(i64::from(month)),
            Some('d') => two(i64::from(day)),
            Some('e') => format!("{day:2}"),
            Some('H') => two(hour),
            Some('k') => format!("{hour:2}"),
            Some('I') => two(twelve),
            Some('l') => format!("{twelve:2}"),
            Some('M') => two(minute),
            Some('S') => two(second),
            Some('N') => format!("{:09}", unix.rem_euclid(NANOS)),
            Some('s') => seconds.to_string(),
            Some('j') => format!("{:03}", yday + 1),
            Some('a') => DAYS[weekday][..3].to_owned(),
            Some('A') => DAYS[weekday].to_owned(),
            Some('b' | 'h') => MONTHS[month as usize - 1][..3].to_owned(),
            Some('B') => MONTHS[month as usize - 1].to_owned(),
            Some('p') => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            Some('P') => (if hour < 12 { "am" } else { "pm" }).to_owned(),
            Some('u') => (if weekday == 0 { 7 } else { weekday }).to_string(),
            Some('w') => weekday.to_string(),
            Some('U') => format!("{:02}", (yday + 7 - weekday as i64) / 7),
            Some('Z') => "UTC".to_owned(),
            Some('z') => "+0000".to_owned(),
            Some('F') => format!("{year}-{month:02}-{day:02}"),
            Some('T' | 'X') => format!("{hour:02}:{minute:02}:{second:02}"),
            Some('R') => format!("{hour:02}:{minute:02}"),
            Some('r') => format!(
                "{twelve:02}:{minute:02}:{second:02} {}",
                if hour < 12 { "AM" } else { "PM" }
            ),
            Some('D' | 'x') => format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100)),
            Some('c') => format!(
                "{} {} {day:2} {hour:02}:{minute:02}:{second:02} {year}",
                &DAYS[weekday][..3],
                &MONTHS[month as usize - 1][..3]
            ),
            Some('n') => "\n".to_owned(),
            Some('t') => "\t".to_owned(),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
    }
    out
}

/// A date as `date -d` takes it, as Unix nanoseconds.
pub(super) fn parse(cx: &mut Cx<'_, '_>, text: &str) -> Option<i64> {
    let now = cx.sys.unix_nanos();
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<i64>().ok()?.checked_mul(NANOS);
    }
    if text == "now" {
        return Some(now);
    }
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => {
            (Some(date), Some(time.trim_end_matches('Z').trim_end_matches(" UTC")))
        }
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let mut days = now.div_euclid(NANOS).div_euclid(86_400);
    if let Some(date) = date {
        let parts: Vec<&str> = date.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return None };
        let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
        let year: i64 = year.parse().ok().filter(|y| (1..10_000).contains(y))?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        days = days_from_civil(year, month, day);
    }
    let mut seconds = 0;
    if let Some(time) = time {
        let mut scale = 3600;
        for part in time.split(':') {
            let n: i64 = part.split('.').next()?.parse().ok().filter(|n| (0..61).contains(n))?;
            seconds += n * scale;
            scale /= 60;
        }
    }
    (days * 86_400 + seconds).checked_mul(NANOS)
}

fn date(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[OPTIONS] [+FMT] [[-s] TIME]\n\nDisplay time (using +FMT), or set time\n";
    let args: Vec<String> = args
        .iter()
        .map(|a| match a.as_str() {
            "--utc" => "-u".to_owned(),
            "--iso-8601=seconds" | "-Iseconds" => "+%Y-%m-%dT%H:%M:%S+00:00".to_owned(),
            "-Ins" | "--iso-8601=ns" => "+%Y-%m-%dT%H:%M:%S,%N+00:00".to_owned(),
            "-I" | "-Idate" | "--iso-8601" => "+%Y-%m-%d".to_owned(),
            _ => a.replacen("--date=", "-d", 1),
        })
        .collect();
    let options = match Options::parse(&args, "uR", "dsDrI") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let mut unix = cx.sys.unix_nanos();
    if let Some(text) = options.value('d') {
        match parse(cx, text) {
            Some(found) => unix = found,
            None => {
                cx.warn(&format!("invalid date '{text}'"));
                return 1;
            }
        }
    }
    if let Some(path) = options.value('r') {
        match cx.sys.stat(path, true) {
            Ok(stat) => unix = cx.sys.u.setup.epoch.saturating_add_unsigned(stat.mtime),
            Err(error) => {
                cx.warn(&format!("{path}: {error}"));
                return 1;
            }
        }
    }
    let form = match options.operands.first() {
        Some(form) if form.starts_with('+') => &form[1..],
        Some(_) => {
            cx.warn("can't set date: Operation not permitted");
            return 1;
        }
        None if options.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
        None => "%a %b %e %H:%M:%S UTC %Y",
    };
    let text = format(form, unix);
    cx.print(&format!("{text}\n"));
    0
}

fn cal(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let days = cx.sys.unix_nanos().div_euclid(NANOS).div_euclid(86_400);
    let (mut year, mut month, _) = civil(days);
    let numbers: Vec<i64> = args[1..].iter().filter_map(|a| a.parse().ok()).collect();
    if let [m, y] = numbers.as_slice() {
        (month, year) = ((*m).clamp(1, 12) as u32, (*y).clamp(1, 9999));
    }
    let title = format!("{} {year}", MONTHS[month as usize - 1]);
    let first = days_from_civil(year, month, 1);
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let count = days_from_civil(next_year, next_month, 1) - first;
    let offset = (first + 4).rem_euclid(7);
    let mut out =
        format!("{:>w$}\nSu Mo Tu We Th Fr Sa\n", title, w = (20 + title.len().min(1000)) / 2);
    let mut cells: Vec<String> = vec!["  ".to_owned(); offset as usize];
    cells.extend((1..=count).map(|d| format!("{d:2}")));
    for week in cells.chunks(7) {
        out += &format!("{}\n", week.join(" "));
    }
    cx.print(&out);
    0
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn calendar() {
        for (unix, expected) in [
            (0, "Thu Jan  1 00:00:00 1970 001 4"),
            (951_782_400, "Tue Feb 29 00:00:00 2000 060 2"),
            (1_795_343_820, "Sun Nov 22 10:37:00 2026 326 0"),
            (-1, "Wed Dec 31 23:59:59 1969 365 3"),
        ] {
            assert_eq!(format("%c %j %w", unix * 1_000_000_000), expected);
        }
    }
}
