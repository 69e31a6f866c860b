//! `echo`, `printf`, escapes, and reading durations and sizes.

use crate::sh::parse_number;
use crate::{Nanos, limits};

/// Replaces backslash escapes; the flag says that `\c` ended the output. `octal_zero`: octal
/// numbers may be written without a leading zero (`printf`), otherwise as `\0nnn` too.
pub(crate) fn escapes(text: &str, plain_octal: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'\\' || i + 1 == bytes.len() {
            out.push(bytes[i]);
            i += 1;
            continue;
        }
        i += 2;
        match bytes[i - 1] {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'e' => out.push(27),
            b'\\' => out.push(b'\\'),
            b'"' if plain_octal => out.push(b'"'),
            b'c' => return (out, true),
            b'x' if bytes.get(i).is_some_and(u8::is_ascii_hexdigit) => {
                i += number(&bytes[i..], 16, 2, &mut out);
            }
            first @ b'0'..=b'7' => {
                let zero = first == b'0' && !plain_octal;
                let start = if zero { i } else { i - 1 };
                let used = number(&bytes[start..], 8, 3, &mut out);
                if used == 0 {
                    out.push(0);
                }
                i = start + used;
            }
            other => out.extend([b'\\', other]),
        }
    }
    (out, false)
}

fn number(bytes: &[u8], base: u32, max: usize, out: &mut Vec<u8>) -> usize {
    let digits = bytes.iter().take(max).take_while(|b| char::from(**b).is_digit(base)).count();
    let value = bytes[..digits]
        .iter()
        .fold(0u32, |n, b| n * base + char::from(*b).to_digit(base).unwrap_or(0));
    if digits > 0 {
        out.push((value & 255) as u8);
    }
    digits
}

/// `echo`'s output for its operands. `always`: escapes need no `-e` (dash).
pub(crate) fn echo(args: &[String], always: bool) -> Vec<u8> {
    let (mut newline, mut escaped) = (true, always);
    let mut rest = args;
    while let Some(arg) = rest.first() {
        let letters = match arg.strip_prefix('-') {
            Some(letters) if !letters.is_empty() && letters.chars().all(|c| "neE".contains(c)) => {
                letters
            }
            _ => break,
        };
        if always && letters != "n" {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escaped = true,
                _ => escaped = false,
            }
        }
        rest = &rest[1..];
    }
    let mut out = Vec::new();
    for (i, arg) in rest.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        if escaped {
            let (bytes, stop) = escapes(arg, false);
            out.extend(bytes);
            if stop {
                return out;
            }
        } else {
            out.extend(arg.as_bytes());
        }
    }
    if newline {
        out.push(b'\n');
    }
    out
}

/// Widths, precisions and outputs beyond this are too long whatever they are.
const MOST: usize = limits::STRING_BYTES as usize + 1;

/// A conversion of a `printf` format.
struct Spec {
    flags: String,
    width: usize,
    left: bool,
    precision: Option<usize>,
}

struct Printf<'a> {
    args: std::slice::Iter<'a, String>,
    out: Vec<u8>,
    errors: Vec<String>,
    used: bool,
    /// `%q` of bash.
    quotes: bool,
}

/// `printf`: output, messages, status.
pub(crate) fn printf(args: &[String]) -> (Vec<u8>, Vec<String>, u8) {
    printf_as(args, false)
}

/// The same; `quotes` says that it is bash's, with `%q`.
pub(crate) fn printf_as(args: &[String], quotes: bool) -> (Vec<u8>, Vec<String>, u8) {
    let Some((format, rest)) = args.split_first() else { return (Vec::new(), Vec::new(), 1) };
    let mut state =
        Printf { args: rest.iter(), out: Vec::new(), errors: Vec::new(), used: false, quotes };
    loop {
        state.used = false;
        let more = state.once(format);
        let left = state.args.len();
        if !more || left == 0 || !state.used {
            break;
        }
    }
    let status = u8::from(!state.errors.is_empty());
    (state.out, state.errors, status)
}

impl Printf<'_> {
    fn next(&mut self) -> Option<String> {
        self.used = true;
        self.args.next().cloned()
    }

    /// Goes through the format once; false after `\c` or a bad conversion.
    fn once(&mut self, format: &str) -> bool {
        let mut rest = format;
        while !rest.is_empty() {
            let Some(at) = rest.find('%') else {
                let (bytes, stop) = escapes(rest, true);
                self.out.extend(bytes);
                return !stop;
            };
            let (bytes, stop) = escapes(&rest[..at], true);
            self.out.extend(bytes);
            if stop {
                return false;
            }
            rest = &rest[at + 1..];
            match self.conversion(rest) {
                Some(used) if self.out.len() <= MOST => rest = &rest[used..],
                _ => return false,
            }
        }
        true
    }

    fn spec(&mut self, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Spec {
        let mut spec = Spec { flags: String::new(), width: 0, left: false, precision: None };
        while let Some((_, c)) = chars.next_if(|(_, c)| "-+ #0".contains(*c)) {
            spec.left |= c == '-';
            spec.flags.push(c);
        }
        let count =
            |this: &mut Self, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>| {
                if chars.next_if(|(_, c)| *c == '*').is_some() {
                    return this.next().and_then(|a| a.parse::<i64>().ok()).unwrap_or(0);
                }
                let mut n = 0i64;
                while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
                    n = (n * 10 + i64::from(c.to_digit(10).unwrap_or(0))).min(MOST as i64);
                }
                n
            };
        let width = count(self, chars);
        spec.left |= width < 0;
        spec.width = width.unsigned_abs().min(MOST as u64) as usize;
        if chars.next_if(|(_, c)| *c == '.').is_some() {
            spec.precision = usize::try_from(count(self, chars)).ok().map(|p| p.min(MOST));
        }
        spec
    }

    /// One conversion; says how many bytes of the format it took.
    fn conversion(&mut self, text: &str) -> Option<usize> {
        let mut chars = text.char_indices().peekable();
        let spec = self.spec(&mut chars);
        let quotes = self.quotes;
        while chars.next_if(|(_, c)| "hlLqjzt".contains(*c) && !(quotes && *c == 'q')).is_some() {}
        let Some((at, c)) = chars.next() else {
            self.errors.push(format!("%{text}: invalid format"));
            return None;
        };
        let used = at + c.len_utf8();
        match c {
            '%' => self.out.push(b'%'),
            's' => {
                let arg = self.next().unwrap_or_default();
                self.text(&spec, arg.into_bytes());
            }
            'b' => {
                let arg = self.next().unwrap_or_default();
                let (bytes, stop) = escapes(&arg, false);
                self.text(&spec, bytes);
                if stop {
                    return None;
                }
            }
            'q' if self.quotes => {
                let arg = self.next().unwrap_or_default();
                self.text(&spec, crate::sh::quoted(&arg).into_bytes());
            }
            'c' => {
                let arg = self.next().unwrap_or_default();
                self.text(&spec, arg.into_bytes().into_iter().take(1).collect());
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.integer(&spec, c),
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' => self.float(&spec, c),
            _ => {
                self.errors.push(format!("%{text}: invalid format"));
                return None;
            }
        }
        Some(used)
    }

    fn text(&mut self, spec: &Spec, mut bytes: Vec<u8>) {
        if let Some(precision) = spec.precision {
            bytes.truncate(precision);
        }
        self.pad(spec, bytes, false);
    }

    fn pad(&mut self, spec: &Spec, bytes: Vec<u8>, numeric: bool) {
        let missing = spec.width.saturating_sub(bytes.len());
        let zero = numeric && spec.flags.contains('0') && !spec.left;
        if spec.left {
            self.out.extend(bytes);
            self.out.resize(self.out.len() + missing, b' ');
        } else if zero {
            let sign = usize::from(bytes.first().is_some_and(|b| b"+- ".contains(b)));
            self.out.extend(&bytes[..sign]);
            self.out.resize(self.out.len() + missing, b'0');
            self.out.extend(&bytes[sign..]);
        } else {
            self.out.resize(self.out.len() + missing, b' ');
            self.out.extend(bytes);
        }
    }

    fn integer(&mut self, spec: &Spec, conversion: char) {
        let arg = self.next();
        let value = match arg.as_deref() {
            None => 0,
            Some(text) => self.parse_integer(text),
        };
        let mut digits = match conversion {
            'd' | 'i' => value.unsigned_abs().to_string(),
            'u' => (value as u64).to_string(),
            'o' => format!("{value:o}"),
            'x' => format!("{value:x}"),
            _ => format!("{value:X}"),
        };
        if let Some(precision) = spec.precision {
            digits = zeros(precision.saturating_sub(digits.len())) + &digits;
        }
        if spec.flags.contains('#') && value != 0 {
            digits = match conversion {
                'x' => format!("0x{digits}"),
                'X' => format!("0X{digits}"),
                'o' => format!("0{digits}"),
                _ => digits,
            };
        }
        if matches!(conversion, 'd' | 'i') {
            let sign = if value < 0 {
                "-"
            } else if spec.flags.contains('+') {
                "+"
            } else if spec.flags.contains(' ') {
                " "
            } else {
                ""
            };
            digits = format!("{sign}{digits}");
        }
        self.pad(spec, digits.into_bytes(), spec.precision.is_none());
    }

    fn parse_integer(&mut self, text: &str) -> i64 {
        if let Some(c) = text.strip_prefix(['\'', '"']) {
            return c.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        let trimmed = text.trim_start();
        let digits = trimmed.strip_prefix('+').unwrap_or(trimmed);
        parse_number(digits).unwrap_or_else(|| {
            self.errors.push(format!("invalid number '{text}'"));
            0
        })
    }

    fn float(&mut self, spec: &Spec, conversion: char) {
        let arg = self.next();
        let value = match arg.as_deref() {
            None => 0.0,
            Some(text) => text.trim().parse::<f64>().unwrap_or_else(|_| {
                self.errors.push(format!("invalid number '{text}'"));
                0.0
            }),
        };
        let text = float_text(value, conversion, spec.precision.unwrap_or(6));
        let plus = if spec.flags.contains('+') && value >= 0.0 { "+" } else { "" };
        self.pad(spec, format!("{plus}{text}").into_bytes(), true);
    }
}

fn zeros(n: usize) -> String {
    "0".repeat(n)
}

/// Digits behind which a double has only zeros, and which the formatter can be asked for.
const EXACT: usize = 1_100;

/// A floating-point number as C's `printf` writes it.
pub(crate) fn float_text(value: f64, conversion: char, precision: usize) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    match conversion {
        'e' | 'E' => {
            let (mantissa, exponent) = scientific(value, precision);
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}{conversion}{sign}{:02}", exponent.unsigned_abs())
        }
        'g' | 'G' => {
            let precision = precision.max(1);
            // The exponent is that of the number after it was rounded.
            let (mantissa, exponent) = scientific(value, precision - 1);
            let text = if exponent < -4 || i64::from(exponent) >= precision as i64 {
                let sign = if exponent < 0 { '-' } else { '+' };
                format!("{}e{sign}{:02}", trim_zeros(&mantissa), exponent.unsigned_abs())
            } else {
                let places = (precision as i64 - 1 - i64::from(exponent)).max(0) as usize;
                trim_zeros(&fixed(value, places)).to_owned()
            };
            if conversion == 'G' { text.to_ascii_uppercase() } else { text }
        }
        _ => fixed(value, precision),
    }
}

fn fixed(value: f64, places: usize) -> String {
    let exact = places.min(EXACT);
    format!("{value:.exact$}") + &zeros(places - exact)
}

/// The mantissa with so many digits behind the point, and the exponent.
fn scientific(value: f64, places: usize) -> (String, i32) {
    let exact = places.min(EXACT);
    let text = format!("{value:.exact$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.to_owned() + &zeros(places - exact), exponent.parse().unwrap_or(0))
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// `1.5`, `10s`, `2m`, `1h`, `1d`, `infinity` as nanoseconds.
pub(crate) fn duration(text: &str) -> Option<Nanos> {
    if text.eq_ignore_ascii_case("infinity") || text.eq_ignore_ascii_case("inf") {
        return Some(Nanos::MAX / 4);
    }
    let (number, unit) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1),
        'm' => (&text[..text.len() - 1], 60),
        'h' => (&text[..text.len() - 1], 3600),
        'd' => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let seconds: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos: u64 = format!("{fraction:0<9}")[..9].parse().ok()?;
    Some(
        (seconds.checked_mul(crate::SECOND)?.checked_add(nanos)?)
            .saturating_mul(unit)
            .min(Nanos::MAX / 4),
    )
}

/// `10`, `4k`, `1M`, `200M`, `1G`, and products like `2x4`.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (first, rest) = match text.split_once('x') {
        Some((first, rest)) if !first.is_empty() && first != "0" => (first, Some(rest)),
        _ => (text, None),
    };
    let digits = first.find(|c: char| !c.is_ascii_digit()).unwrap_or(first.len());
    let number: u64 = first[..digits].parse().ok()?;
    let unit = match &first[digits..] {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "kB" if &first[digits..] == "kB" => 1000,
        "k" | "K" => 1024,
        "M" | "m" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "g" => 1 << 30,
        "GB" => 1_000_000_000,
        "T" => 1 << 40,
        _ => return None,
    };
    let value = number.checked_mul(unit)?;
    match rest {
        Some(rest) => value.checked_mul(size(rest)?),
        None => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, duration, echo, float_text, printf, size};

    fn words(args: &[&str]) -> Vec<String> {
        args.iter().map(|a| (*a).to_owned()).collect()
    }

    #[test]
    fn durations_and_sizes() {
        for (text, nanos) in [
            ("1", 1_000_000_000),
            ("0.1", 100_000_000),
            ("2m", 120_000_000_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(duration(text), Some(nanos), "{text}");
        }
        for text in ["", "x", "1x", "-1", "1..2"] {
            assert_eq!(duration(text), None, "{text}");
        }
        for (text, bytes) in [("200M", 200 << 20), ("1k", 1024), ("2x3", 6), ("1kB", 1000)] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn printing() {
        for (args, expected) in [
            (vec!["%s-%d\\n", "a", "1", "b", "2"], "a-1\nb-2\n"),
            (vec!["%05d|%-4s|%x|%o|%c", "42", "ab", "255", "8", "xyz"], "00042|ab  |ff|10|x"),
            (vec!["%.2f %e %g", "3.14159", "12345", "0.0001"], "3.14 1.234500e+04 0.0001"),
            (vec!["%b", "a\\tb\\0101"], "a\tbA"),
            (vec!["100%%\\n"], "100%\n"),
            (vec!["%*d", "5", "42"], "   42"),
        ] {
            let out = printf(&words(&args)).0;
            assert_eq!(String::from_utf8_lossy(&out), expected, "{args:?}");
        }
        assert_eq!(echo(&words(&["-en", "a\\x41\\n", "b"]), false), b"aA\n b");
        assert_eq!(float_text(1e10, 'g', 6), "1e+10");
        assert_eq!(float_text(999_999.5, 'g', 6), "1e+06");
        assert_eq!(float_text(0.000_099_999_99, 'g', 3), "0.0001");
        for conversion in ["d", "u", "x", "f", "e", "g", "s"] {
            for precision in ["65535", "65536", "100000", "400000"] {
                let format = format!("%.{precision}{conversion}|%{precision}{conversion}|");
                let out = printf(&words(&[&format, "1", "2"])).0;
                assert!(out.ends_with(b"|"), "{format}");
            }
        }
        assert_eq!(printf(&words(&["%.65536f", "1"])).0.len(), 65_538);
        let long = printf(&words(&["%99999999999999999999d%9d", "1"])).0;
        assert!((MOST..MOST + 100).contains(&long.len()));
    }
}
