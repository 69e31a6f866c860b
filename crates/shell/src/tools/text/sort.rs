//! `sort`.

use super::*;

/// `-k start[.char][,end]` with flags.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    pub(super) start: (usize, usize),
    pub(super) end: Option<(usize, usize)>,
    pub(super) flags: String,
}

#[derive(Clone, Debug)]
pub(super) struct Sort {
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) bytes: u64,
    pub(super) keys: Vec<Key>,
    pub(super) flags: String,
    pub(super) separator: Option<u8>,
    pub(super) output: Option<String>,
}

/// The value at the beginning of a text, in millionths.
pub(super) fn leading_number(text: &[u8], human: bool) -> i128 {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let whole: String = digits.chars().take_while(char::is_ascii_digit).take(24).collect();
    let rest = &digits[whole.len()..];
    let fraction: String = match rest.strip_prefix('.') {
        Some(rest) => rest.chars().take_while(char::is_ascii_digit).take(6).collect(),
        None => String::new(),
    };
    let mut value = whole.parse::<i128>().unwrap_or(0) * 1_000_000
        + format!("{fraction:0<6}").parse::<i128>().unwrap_or(0);
    if human {
        let unit = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).chars().next();
        let power = unit.and_then(|c| "KMGTP".find(c.to_ascii_uppercase())).map_or(0, |p| p + 1);
        value = value.saturating_mul(1024i128.pow(power as u32));
    }
    if negative { -value } else { value }
}

impl Sort {
    pub(super) fn field<'x>(&self, line: &'x [u8], key: &Key) -> &'x [u8] {
        let at = |(field, char): (usize, usize), end: bool| {
            let mut pos = 0;
            let target = if end && char == 0 { field } else { field.saturating_sub(1) };
            for _ in 0..target {
                if pos >= line.len() {
                    return line.len();
                }
                match self.separator {
                    Some(sep) => match line[pos..].iter().position(|b| *b == sep) {
                        Some(n) => pos += n + 1,
                        None => return line.len(),
                    },
                    None => {
                        pos += line[pos..].iter().take_while(|b| b.is_ascii_whitespace()).count();
                        pos += line[pos..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
                    }
                }
            }
            if end && char == 0 && self.separator.is_some() {
                pos = pos.saturating_sub(1);
            }
            pos.saturating_add(if end { char } else { char.saturating_sub(1) }).min(line.len())
        };
        let start = at(key.start, false);
        let stop = match key.end {
            None => line.len(),
            Some((field, _))
                if self.separator.is_some()
                    && line.split(|b| Some(*b) == self.separator).count() <= field =>
            {
                line.len()
            }
            Some(end) => at(end, true),
        };
        &line[start.min(stop)..stop]
    }

    pub(super) fn compare_by(&self, a: &[u8], b: &[u8], flags: &str) -> std::cmp::Ordering {
        let order = if flags.contains('n') || flags.contains('g') || flags.contains('h') {
            let human = flags.contains('h');
            leading_number(a, human).cmp(&leading_number(b, human))
        } else if flags.contains('V') {
            version_order(a, b)
        } else {
            let prepare = |text: &[u8]| -> Vec<u8> {
                let blanks = if flags.contains('b') {
                    text.iter().take_while(|c| c.is_ascii_whitespace()).count()
                } else {
                    0
                };
                let keep = |c: &u8| {
                    (!flags.contains('d') || c.is_ascii_alphanumeric() || c.is_ascii_whitespace())
                        && (!flags.contains('i') || (32..127).contains(c))
                };
                let fold = |c: u8| if flags.contains('f') { c.to_ascii_uppercase() } else { c };
                text[blanks..].iter().copied().filter(keep).map(fold).collect()
            };
            prepare(a).cmp(&prepare(b))
        };
        if flags.contains('r') { order.reverse() } else { order }
    }

    pub(super) fn compare(&self, a: &[u8], b: &[u8]) -> std::cmp::Ordering {
        for key in &self.keys {
            let flags = if key.flags.is_empty() { &self.flags } else { &key.flags };
            let order = self.compare_by(self.field(a, key), self.field(b, key), flags);
            if order.is_ne() {
                return order;
            }
        }
        if self.keys.is_empty() {
            let order = self.compare_by(a, b, &self.flags);
            if order.is_ne() || self.flags.contains('s') || self.flags.contains('u') {
                return order;
            }
        }
        if self.flags.contains('s') || self.flags.contains('u') {
            return std::cmp::Ordering::Equal;
        }
        if self.flags.contains('r') { b.cmp(a) } else { a.cmp(b) }
    }
}

pub(super) fn version_order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let pieces = |text: &[u8]| -> Vec<(bool, u64, String)> {
        let text = String::from_utf8_lossy(text).into_owned();
        let mut out: Vec<(bool, u64, String)> = Vec::new();
        for c in text.chars() {
            let digit = c.to_digit(10);
            match (out.last_mut(), digit) {
                (Some((true, n, _)), Some(d)) => {
                    *n = n.saturating_mul(10).saturating_add(u64::from(d))
                }
                (Some((false, _, s)), None) => s.push(c),
                (_, Some(d)) => out.push((true, u64::from(d), String::new())),
                (_, None) => out.push((false, 0, c.to_string())),
            }
        }
        out
    };
    pieces(a).cmp(&pieces(b))
}

impl Filter for Sort {
    fn line(&mut self, _: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        self.bytes += line.len() as u64 + 24;
        self.lines.push(line.to_vec());
        true
    }

    fn kept(&self) -> u64 {
        self.bytes
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        if failed {
            return 2;
        }
        let mut lines = std::mem::take(&mut self.lines);
        // Comparing is what takes the time: each line some twenty times.
        cx.sys.cost += 4 * lines.len() as u64 + self.bytes / 4;
        if self.flags.contains('c') {
            let bad = lines.windows(2).position(|w| self.compare(&w[0], &w[1]).is_gt());
            return u8::from(bad.is_some());
        }
        lines.sort_by(|a, b| self.compare(a, b));
        if self.flags.contains('u') {
            lines.dedup_by(|a, b| self.compare(a, b).is_eq());
        }
        let mut text = lines.join(&b'\n');
        if !lines.is_empty() {
            text.push(b'\n');
        }
        match &self.output {
            None => cx.write(&text),
            Some(path) => {
                if let Err(error) = cx.sys.write_all(path, &text.into()) {
                    cx.warn(&format!("{path}: {error}"));
                    return 2;
                }
            }
        }
        0
    }
}

pub(super) fn key(text: &str) -> Option<Key> {
    let position = |text: &str| -> Option<((usize, usize), String)> {
        let flags_at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (numbers, flags) = text.split_at(flags_at);
        let (field, char) = numbers.split_once('.').unwrap_or((numbers, "0"));
        Some(((field.parse().ok()?, char.parse().ok()?), flags.to_owned()))
    };
    let (first, last) = match text.split_once(',') {
        Some((first, last)) => (first, Some(last)),
        None => (text, None),
    };
    let (start, mut flags) = position(first)?;
    let mut end = None;
    if let Some(last) = last {
        let (at, more) = position(last)?;
        end = Some(at);
        flags += &more;
    }
    Some(Key { start, end, flags })
}

pub(super) fn sort(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]]] [-t CHAR] [FILE]...\n\nSort lines of text\n";
    let options =
        Options::parse(args, "nrughMcszbdfiVm", "kto").map_err(|bad| cx.bad_option(&bad, usage))?;
    let mut keys = Vec::new();
    for (_, text) in options.values.iter().filter(|(o, _)| *o == 'k') {
        match key(text) {
            Some(key) if key.start.0 > 0 => keys.push(key),
            _ => {
                cx.warn("bad field specification");
                return Err(2);
            }
        }
    }
    let filter = Sort {
        lines: Vec::new(),
        bytes: 0,
        keys,
        flags: options.flags.clone(),
        separator: options.value('t').and_then(|t| t.bytes().next()),
        output: options.value('o').map(str::to_owned),
    };
    Ok(Lines::start(filter, short_input(&options.operands)))
}

#[cfg(test)]
mod tests {
    use super::Sort;

    /// Every pair and every triple of awkward lines, under every kind of comparison.
    #[test]
    fn every_order_is_total() {
        let lines: [&[u8]; 14] = [
            b"", b"0", b"-0", b"9", b"10", b" 10", b"10.5", b"1K", b"1M", b"-3x", b"v1.9",
            b"v1.10", b"abc", b"\xff 1",
        ];
        for flags in ["", "n", "h", "V", "f", "d", "i", "b", "r", "nr", "s", "fs", "u", "Vu"] {
            let sort = Sort {
                lines: Vec::new(),
                bytes: 0,
                keys: Vec::new(),
                flags: flags.to_owned(),
                separator: None,
                output: None,
            };
            for a in lines {
                for b in lines {
                    let order = sort.compare(a, b);
                    assert_eq!(order, sort.compare(b, a).reverse(), "{flags}: {a:?} {b:?}");
                    for c in lines.into_iter().filter(|c| sort.compare(b, c).is_le()) {
                        assert!(
                            order.is_gt() || sort.compare(a, c).is_le(),
                            "{flags}: {a:?} {b:?} {c:?}"
                        );
                    }
                }
            }
        }
    }
}
