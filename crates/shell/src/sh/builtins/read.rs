//! `read`.

use super::Flow;
use crate::Nanos;
use crate::kernel::{Io, Step, Sys, Wait};
use crate::sh::machine::Frame;
use crate::sh::variables::Key;
use crate::sh::{Dialect, Shell};

/// Bytes that are taken before others get their turn.
const PIECE: u32 = 4_096;

/// A `read` that waits for input.
#[derive(Clone, Debug)]
pub(in crate::sh) struct Reading {
    names: Vec<String>,
    raw: bool,
    fd: u32,
    limit: Option<usize>,
    delimiter: u8,
    deadline: Option<Nanos>,
    array: bool,
    /// `readarray`: all lines, with what `-t`, `-n`, `-s` and `-O` say.
    lines: Option<Lines>,
    /// Bytes read, and whether each was escaped.
    line: Vec<(u8, bool)>,
    escaped: bool,
}

/// What `readarray` takes.
#[derive(Clone, Debug, Default)]
struct Lines {
    strip: bool,
    most: usize,
    skip: usize,
    origin: Option<u64>,
}

/// `readarray` and `mapfile`.
pub(super) fn mapfile(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut lines = Lines::default();
    let (mut fd, mut delimiter, mut name) = (0, b'\n', "MAPFILE".to_owned());
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        let Some(letter) = arg.strip_prefix('-').and_then(|letters| letters.chars().next()) else {
            name.clone_from(arg);
            continue;
        };
        let attached = arg.get(2..).unwrap_or_default().to_owned();
        if letter == 't' {
            lines.strip = true;
            continue;
        }
        let value =
            if attached.is_empty() { rest.next().cloned().unwrap_or_default() } else { attached };
        match letter {
            'n' => lines.most = value.parse().unwrap_or(0),
            's' => lines.skip = value.parse().unwrap_or(0),
            'O' => lines.origin = value.parse().ok(),
            'u' => fd = value.parse().unwrap_or(0),
            'd' => delimiter = value.bytes().next().unwrap_or(0),
            _ => return Flow::Error(2, format!("{arg}: invalid option")),
        }
    }
    let reading = Reading {
        names: vec![name],
        raw: true,
        fd,
        limit: None,
        delimiter,
        deadline: None,
        array: true,
        lines: Some(lines),
        line: Vec::new(),
        escaped: false,
    };
    shell.stack.push(Frame::Read(Box::new(reading)));
    Flow::Pushed
}

pub(super) fn read(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut reading = Reading {
        names: Vec::new(),
        raw: false,
        fd: 0,
        limit: None,
        delimiter: b'\n',
        deadline: None,
        array: false,
        lines: None,
        line: Vec::new(),
        escaped: false,
    };
    let mut i = 1;
    while let Some(arg) = args.get(i).filter(|a| a.len() > 1 && a.starts_with('-')) {
        i += 1;
        if arg == "--" {
            break;
        }
        let letters: Vec<char> = arg.chars().skip(1).collect();
        for (at, letter) in letters.iter().enumerate() {
            if "rsea".contains(*letter) {
                reading.raw |= *letter == 'r';
                reading.array |= *letter == 'a';
                continue;
            }
            let attached: String = letters[at + 1..].iter().collect();
            let value = if attached.is_empty() {
                i += 1;
                args.get(i - 1).cloned().unwrap_or_default()
            } else {
                attached
            };
            match letter {
                't' => match crate::tools::duration(&value) {
                    Some(time) => reading.deadline = Some(sys.after(time)),
                    None => return Flow::Error(1, format!("invalid timeout '{value}'")),
                },
                'n' | 'N' => reading.limit = value.parse().ok(),
                'd' => reading.delimiter = value.bytes().next().unwrap_or(0),
                'u' => reading.fd = value.parse().unwrap_or(0),
                'p' => sys.print_now(2, b""),
                _ => return Flow::Error(2, format!("illegal option -{letter}")),
            }
            break;
        }
    }
    reading.names = args.get(i..).unwrap_or_default().to_vec();
    if let Some(bad) = reading.names.iter().find(|n| !crate::sh::lexer::is_name(n)) {
        let text = format!("{}: read: '{bad}': bad variable name", shell.arg0);
        sys.warn(&text);
        return Flow::Done(1);
    }
    shell.stack.push(Frame::Read(Box::new(reading)));
    Flow::Pushed
}

impl Reading {
    /// One line into one variable.
    pub(in crate::sh) fn line(name: &str) -> Self {
        Self {
            names: vec![name.to_owned()],
            raw: false,
            fd: 0,
            limit: None,
            delimiter: b'\n',
            deadline: None,
            array: false,
            lines: None,
            line: Vec::new(),
            escaped: false,
        }
    }
}

impl Shell {
    pub(in crate::sh) fn read_more(
        &mut self,
        sys: &mut Sys<'_>,
        mut reading: Box<Reading>,
    ) -> Step {
        let mut read = 0u32;
        for _ in 0..PIECE {
            if reading.limit.is_some_and(|n| reading.line.len() >= n) {
                return self.read_done(sys, &reading, 0);
            }
            match sys.read(reading.fd, 1) {
                Io::Ready(data) => {
                    let Some(byte) = data.to_vec().first().copied() else {
                        return self.read_done(sys, &reading, 1);
                    };
                    read += 1;
                    sys.cost += u64::from(read.is_multiple_of(8));
                    if reading.escaped {
                        reading.escaped = false;
                        if byte != b'\n' {
                            reading.line.push((byte, true));
                        }
                    } else if byte == b'\\' && !reading.raw {
                        reading.escaped = true;
                    } else if byte == reading.delimiter && reading.lines.is_none() {
                        return self.read_done(sys, &reading, 0);
                    } else if byte != 0 {
                        reading.line.push((byte, false));
                    }
                    if reading.line.len() as u64 > crate::limits::STRING_BYTES {
                        sys.exhaust("bytes of a process");
                        return Step::Block(Wait::Forever);
                    }
                }
                Io::Block(wait) => {
                    if reading.deadline.is_some_and(|at| at <= sys.now()) {
                        let status = if self.dialect == Dialect::Bash { 142 } else { 1 };
                        return self.read_done(sys, &reading, status);
                    }
                    let wait = match wait {
                        Wait::Read(id, _) => Wait::Read(id, reading.deadline),
                        other => other,
                    };
                    self.stack.push(Frame::Read(reading));
                    return Step::Block(wait);
                }
                Io::Err(_) => return self.read_done(sys, &reading, 1),
            }
        }
        self.stack.push(Frame::Read(reading));
        Step::Continue
    }

    fn read_done(&mut self, sys: &mut Sys<'_>, reading: &Reading, status: u8) -> Step {
        self.status = status;
        let ifs = self.var("IFS").unwrap_or_else(|| " \t\n".to_owned());
        let result = if let Some(lines) = &reading.lines {
            self.status = 0;
            self.take_lines(sys, reading, lines)
        } else if reading.array {
            let mut items = split(&reading.line, usize::MAX, &ifs);
            items.retain(|item| !item.is_empty());
            self.set_array(sys, reading.names.first().map_or("REPLY", String::as_str), items)
        } else if reading.names.is_empty() {
            let bytes: Vec<u8> = reading.line.iter().map(|(byte, _)| *byte).collect();
            self.set_var(sys, "REPLY", &String::from_utf8_lossy(&bytes))
        } else {
            let fields = split(&reading.line, reading.names.len(), &ifs);
            let values = fields.into_iter().chain(std::iter::repeat(String::new()));
            reading
                .names
                .iter()
                .zip(values)
                .try_for_each(|(name, value)| self.set_var(sys, name, &value))
        };
        if let Err(message) = result {
            self.complain(sys, &message);
            self.status = 1;
        }
        Step::Continue
    }
}

impl Shell {
    fn take_lines(
        &mut self,
        sys: &mut Sys<'_>,
        reading: &Reading,
        lines: &Lines,
    ) -> Result<(), String> {
        let bytes: Vec<u8> = reading.line.iter().map(|(byte, _)| *byte).collect();
        let most = if lines.most == 0 { usize::MAX } else { lines.most };
        let items: Vec<String> = bytes
            .split_inclusive(|byte| *byte == reading.delimiter)
            .skip(lines.skip)
            .take(most)
            .map(|line| match (lines.strip, line.strip_suffix(&[reading.delimiter])) {
                (true, Some(body)) => String::from_utf8_lossy(body).into_owned(),
                _ => String::from_utf8_lossy(line).into_owned(),
            })
            .collect();
        let name = reading.names.first().map_or("MAPFILE", String::as_str);
        match lines.origin {
            None => self.set_array(sys, name, items),
            Some(origin) => items.iter().enumerate().try_for_each(|(i, item)| {
                let n = origin.saturating_add(i as u64);
                let key = Key::Number(i64::try_from(n).unwrap_or(i64::MAX));
                self.set_element(sys, name, &key, item)
            }),
        }
    }
}

/// Splits a line for `n` variables; the last takes the rest.
fn split(line: &[(u8, bool)], n: usize, ifs: &str) -> Vec<String> {
    let is_ifs = |(byte, escaped): &(u8, bool)| !escaped && ifs.as_bytes().contains(byte);
    let is_blank = |item: &(u8, bool)| is_ifs(item) && item.0.is_ascii_whitespace();
    let text = |items: &[(u8, bool)]| {
        String::from_utf8_lossy(&items.iter().map(|(byte, _)| *byte).collect::<Vec<_>>())
            .into_owned()
    };
    let mut rest = line;
    while rest.first().is_some_and(is_blank) {
        rest = &rest[1..];
    }
    let mut out = Vec::new();
    while out.len() + 1 < n && !rest.is_empty() {
        let end = rest.iter().position(is_ifs).unwrap_or(rest.len());
        out.push(text(&rest[..end]));
        rest = &rest[end..];
        while rest.first().is_some_and(is_blank) {
            rest = &rest[1..];
        }
        if rest.first().is_some_and(|item| is_ifs(item) && !is_blank(item)) {
            rest = &rest[1..];
            while rest.first().is_some_and(is_blank) {
                rest = &rest[1..];
            }
        }
    }
    while rest.last().is_some_and(is_blank) {
        rest = &rest[..rest.len() - 1];
    }
    // One trailing separator after the last field does not belong to it.
    if let Some((last, before)) = rest.split_last()
        && is_ifs(last)
        && !before.iter().any(is_ifs)
    {
        rest = before;
    }
    if !rest.is_empty() {
        out.push(text(rest));
    }
    out
}
