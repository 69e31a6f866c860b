//! Line-wise text tools.

mod sort;

use super::filter::{Filter, Lines};
use super::input::Input;
use super::{Begun, Cx, Options, Start};
use sort::sort;
use std::collections::BTreeSet;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("cut", Start::Run(cut)),
    ("sort", Start::Run(sort)),
    ("uniq", Start::Run(uniq)),
    ("rev", Start::Run(rev)),
    ("tac", Start::Run(tac)),
    ("nl", Start::Run(nl)),
    ("fold", Start::Run(fold)),
    ("strings", Start::Run(strings)),
    ("paste", Start::Now(paste)),
    ("comm", Start::Now(comm)),
    ("shuf", Start::Run(shuf)),
    ("expand", Start::Run(expand)),
];

/// Files whose messages are `name: reason`.
fn short_input(operands: &[String]) -> Input {
    let mut input = Input::new(operands);
    input.short = true;
    input
}

fn put(cx: &mut Cx<'_, '_>, line: &[u8]) {
    cx.write(line);
    cx.write(b"\n");
}

/// `1,3-5,7-` as ranges, 1-based and inclusive.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let range = |part: &str| {
        let (first, last) = match part.split_once('-') {
            None => {
                let n = part.parse().ok()?;
                (n, n)
            }
            Some(("", last)) => (1, last.parse().ok()?),
            Some((first, "")) => (first.parse().ok()?, usize::MAX),
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
        };
        (first > 0 && first <= last).then_some((first, last))
    };
    text.split(',').map(range).collect()
}

#[derive(Clone, Debug)]
struct Cut {
    ranges: Vec<(usize, usize)>,
    fields: bool,
    delimiter: Vec<u8>,
    out_delimiter: Vec<u8>,
    only_delimited: bool,
}

impl Cut {
    fn wanted(&self, n: usize) -> bool {
        self.ranges.iter().any(|(a, b)| *a <= n && n <= *b)
    }
}

impl Filter for Cut {
    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        if !self.fields {
            let out: Vec<u8> = line
                .iter()
                .enumerate()
                .filter(|(i, _)| self.wanted(i + 1))
                .map(|(_, b)| *b)
                .collect();
            put(cx, &out);
            return true;
        }
        let delimiter = self.delimiter.first().copied().unwrap_or(b'\t');
        if !line.contains(&delimiter) {
            if !self.only_delimited {
                put(cx, line);
            }
            return true;
        }
        let parts: Vec<&[u8]> = line
            .split(|b| *b == delimiter)
            .enumerate()
            .filter(|(i, _)| self.wanted(i + 1))
            .map(|(_, part)| part)
            .collect();
        put(cx, &parts.join(self.out_delimiter.as_slice()));
        true
    }

    fn finish(&mut self, _: &mut Cx<'_, '_>, failed: bool) -> u8 {
        u8::from(failed)
    }
}

fn cut(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage =
        "[-cbf LIST] [-d SEP] [-s] [FILE]...\n\nPrint selected fields from FILEs to stdout\n";
    let args: Vec<String> =
        args.iter()
            .map(|a| {
                a.replacen("--output-delimiter=", "-O", 1)
                    .replacen("--delimiter=", "-d", 1)
                    .replacen("--fields=", "-f", 1)
            })
            .collect();
    let options = Options::parse(&args, "sn", "cbfdO").map_err(|bad| cx.bad_option(&bad, usage))?;
    let list = options.values.iter().find(|(o, _)| "cbf".contains(*o)).cloned();
    let Some((kind, list)) = list else {
        cx.warn("expected a list of bytes, characters, or fields");
        return Err(1);
    };
    let Some(ranges) = ranges(&list) else {
        cx.warn(&format!("invalid range {list}"));
        return Err(1);
    };
    let delimiter = options.value('d').map_or_else(|| b"\t".to_vec(), |d| d.as_bytes().to_vec());
    if delimiter.len() > 1 {
        cx.warn("the delimiter must be a single character");
        return Err(1);
    }
    let out_delimiter =
        options.value('O').map_or_else(|| delimiter.clone(), |d| d.as_bytes().to_vec());
    let only_delimited = options.has('s');
    let filter = Cut { ranges, fields: kind == 'f', delimiter, out_delimiter, only_delimited };
    Ok(Lines::start(filter, short_input(&options.operands)))
}

#[derive(Clone, Debug)]
struct Uniq {
    flags: String,
    skip_fields: usize,
    skip_chars: usize,
    width: usize,
    last: Option<Vec<u8>>,
    count: u64,
    output: Option<String>,
}

impl Uniq {
    fn key(&self, line: &[u8]) -> Vec<u8> {
        let mut at = 0;
        for _ in 0..self.skip_fields {
            if at >= line.len() {
                break;
            }
            at += line[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
            at += line[at..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
        }
        at = at.saturating_add(self.skip_chars).min(line.len());
        let key: Vec<u8> = line[at..].iter().copied().take(self.width).collect();
        if self.flags.contains('i') { key.to_ascii_lowercase() } else { key }
    }

    fn flush(&mut self, cx: &mut Cx<'_, '_>) {
        let Some(line) = self.last.take() else { return };
        let repeated = self.count > 1;
        if (self.flags.contains('d') && !repeated) || (self.flags.contains('u') && repeated) {
            return;
        }
        if self.flags.contains('c') {
            cx.print(&format!("{:7} ", self.count));
        }
        put(cx, &line);
    }
}

impl Filter for Uniq {
    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        if self.last.as_ref().is_some_and(|last| self.key(last) == self.key(line)) {
            self.count += 1;
        } else {
            self.flush(cx);
            self.last = Some(line.to_vec());
            self.count = 1;
        }
        true
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        self.flush(cx);
        if let Some(path) = self.output.clone() {
            let data = std::mem::take(cx.out);
            if let Err(error) = cx.sys.write_all(&path, &data) {
                cx.warn(&format!("can't open '{path}': {error}"));
                return 1;
            }
        }
        u8::from(failed)
    }
}

fn uniq(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "cduiz", "fsw")
        .map_err(|bad| cx.bad_option(&bad, "[-cduiz] [-f,s,w N] [FILE [OUTFILE]]\n"))?;
    let number = |o, default| options.value(o).and_then(|v| v.parse().ok()).unwrap_or(default);
    let filter = Uniq {
        flags: options.flags.clone(),
        skip_fields: number('f', 0),
        skip_chars: number('s', 0),
        width: number('w', usize::MAX),
        last: None,
        count: 0,
        output: options.operands.get(1).cloned(),
    };
    Ok(Lines::start(filter, Input::new(&options.operands[..options.operands.len().min(1)])))
}

/// Tools that turn each line into another one.
#[derive(Clone, Debug)]
enum Each {
    Rev,
    Nl { n: u64, all: bool, width: usize, separator: String },
    Fold { width: usize, words: bool },
    Strings { least: usize },
    Expand { stop: usize },
}

impl Filter for Each {
    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], ended: bool) -> bool {
        let end: &[u8] = if ended { b"\n" } else { b"" };
        match self {
            Self::Rev => {
                let text: String = String::from_utf8_lossy(line).chars().rev().collect();
                cx.print(&text);
                cx.write(end);
            }
            Self::Nl { n, all, width, separator } => {
                if line.is_empty() && !*all {
                    cx.print(&format!("{:w$}\n", "", w = (*width + separator.len()).min(2000)));
                } else {
                    *n = n.wrapping_add(1);
                    cx.print(&format!("{n:width$}{separator}", n = *n, width = *width));
                    put(cx, line);
                }
            }
            Self::Fold { width, words } => {
                let mut rest = line;
                while rest.len() > *width {
                    let mut at = *width;
                    if *words && let Some(space) = rest[..at].iter().rposition(|b| *b == b' ') {
                        at = space + 1;
                    }
                    put(cx, &rest[..at]);
                    rest = &rest[at..];
                }
                cx.write(rest);
                cx.write(end);
            }
            Self::Strings { least } => {
                let runs = line.split(|b| !(32..127).contains(b) && *b != b'\t');
                for run in runs.filter(|run| run.len() >= *least) {
                    put(cx, run);
                }
            }
            Self::Expand { stop } => {
                let mut column = 0;
                for byte in line {
                    let n = if *byte == b'\t' { *stop - column % *stop } else { 1 };
                    cx.write(&if *byte == b'\t' { vec![b' '; n] } else { vec![*byte] });
                    column += n;
                }
                cx.write(end);
            }
        }
        true
    }

    fn finish(&mut self, _: &mut Cx<'_, '_>, failed: bool) -> u8 {
        u8::from(failed)
    }
}

fn rev(_: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    Ok(Lines::start(Each::Rev, short_input(&args[1..])))
}

fn nl(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "p", "bisvw")
        .map_err(|bad| cx.bad_option(&bad, "[OPTIONS] [FILE]...\n"))?;
    let start: u64 = options.value('v').and_then(|v| v.parse().ok()).unwrap_or(1);
    let filter = Each::Nl {
        n: start.wrapping_sub(1),
        all: options.value('b') == Some("a"),
        width: options.value('w').and_then(|w| w.parse().ok()).unwrap_or(6).min(1000),
        separator: options.value('s').unwrap_or("\t").to_owned(),
    };
    Ok(Lines::start(filter, short_input(&options.operands)))
}

fn fold(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "bs", "w")
        .map_err(|bad| cx.bad_option(&bad, "[-bs] [-w WIDTH] [FILE]...\n"))?;
    let width = options.value('w').and_then(|w| w.parse().ok()).unwrap_or(80).max(1);
    Ok(Lines::start(Each::Fold { width, words: options.has('s') }, short_input(&options.operands)))
}

fn strings(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "fao", "n")
        .map_err(|bad| cx.bad_option(&bad, "[-fo] [-t o|d|x] [-n LEN] [FILE]...\n"))?;
    let least = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(4);
    Ok(Lines::start(Each::Strings { least }, short_input(&options.operands)))
}

fn expand(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "i", "t")
        .map_err(|bad| cx.bad_option(&bad, "[-i] [-t N] [FILE]...\n"))?;
    let stop = options.value('t').and_then(|t| t.parse().ok()).unwrap_or(8).clamp(1, 1000);
    Ok(Lines::start(Each::Expand { stop }, short_input(&options.operands)))
}

#[derive(Clone, Debug)]
enum Reordered {
    Backwards(Vec<Vec<u8>>),
    Shuffled(Vec<Vec<u8>>, usize),
}

impl Filter for Reordered {
    fn line(&mut self, _: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        let (Self::Backwards(lines) | Self::Shuffled(lines, _)) = self;
        lines.push(line.to_vec());
        true
    }

    fn kept(&self) -> u64 {
        let (Self::Backwards(lines) | Self::Shuffled(lines, _)) = self;
        lines.iter().map(|line| line.len() as u64 + 24).sum()
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        match self {
            Self::Backwards(lines) => lines.iter().rev().for_each(|line| put(cx, line)),
            Self::Shuffled(lines, most) => {
                for i in (1..lines.len()).rev() {
                    let j = (cx.sys.random() >> 20) as usize % (i + 1);
                    lines.swap(i, j);
                }
                lines.iter().take(*most).for_each(|line| put(cx, line));
            }
        }
        u8::from(failed)
    }
}

fn tac(_: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    Ok(Lines::start(Reordered::Backwards(Vec::new()), short_input(&args[1..])))
}

fn shuf(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "e", "ni")
        .map_err(|bad| cx.bad_option(&bad, "[-n NUM] [-e ARG... | -i L-H | FILE]\n"))?;
    let most = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    if let Some((low, high)) = options.value('i').and_then(|r| r.split_once('-')) {
        let (low, high): (u64, u64) = (low.parse().unwrap_or(0), high.parse().unwrap_or(0));
        lines = (low..=high).take(100_000).map(|n| n.to_string().into_bytes()).collect();
    } else if options.has('e') {
        lines = options.operands.iter().map(|o| o.clone().into_bytes()).collect();
    }
    let own = !lines.is_empty();
    let input =
        if own { short_input(&["/dev/null".to_owned()]) } else { short_input(&options.operands) };
    Ok(Lines::start(Reordered::Shuffled(lines, most), input))
}

fn read_lines(cx: &mut Cx<'_, '_>, path: &str) -> Option<Vec<String>> {
    let path = if path == "-" { "/dev/stdin" } else { path };
    match cx.sys.read_all(path) {
        Ok(data) => {
            let text = data.to_vec();
            Some(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
        }
        Err(error) => {
            cx.warn(&format!("{path}: {error}"));
            None
        }
    }
}

fn paste(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "s", "d") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-d LIST] [-s] [FILE]...\n"),
    };
    let delimiters: Vec<char> = options
        .value('d')
        .unwrap_or("\t")
        .replace("\\t", "\t")
        .replace("\\n", "\n")
        .chars()
        .collect();
    let mut files = Vec::new();
    let operands =
        if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    for path in &operands {
        match read_lines(cx, path) {
            Some(lines) => files.push(lines),
            None => return 1,
        }
    }
    let join = |parts: Vec<&str>| {
        let mut out = String::new();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.extend(delimiters.get((i - 1) % delimiters.len().max(1)));
            }
            out += part;
        }
        out + "\n"
    };
    if options.has('s') {
        for lines in &files {
            let text = join(lines.iter().map(String::as_str).collect());
            cx.print(&text);
        }
        return 0;
    }
    for row in 0..files.iter().map(Vec::len).max().unwrap_or(0) {
        let text =
            join(files.iter().map(|lines| lines.get(row).map_or("", String::as_str)).collect());
        cx.print(&text);
    }
    0
}

fn comm(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "123", "") {
        Ok(options) if options.operands.len() == 2 => options,
        Ok(_) => return cx.usage("[-123] FILE1 FILE2\n"),
        Err(bad) => return cx.bad_option(&bad, "[-123] FILE1 FILE2\n"),
    };
    let (Some(a), Some(b)) =
        (read_lines(cx, &options.operands[0]), read_lines(cx, &options.operands[1]))
    else {
        return 1;
    };
    let hidden: BTreeSet<char> = options.flags.chars().collect();
    let shown = |c: char| !hidden.contains(&c);
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.cmp(y),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        let one = if shown('1') { "\t" } else { "" };
        let two = if shown('2') { "\t" } else { "" };
        match order {
            std::cmp::Ordering::Less => {
                if shown('1') {
                    cx.print(&format!("{}\n", a[i]));
                }
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                if shown('2') {
                    cx.print(&format!("{one}{}\n", b[j]));
                }
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                if shown('3') {
                    cx.print(&format!("{one}{two}{}\n", a[i]));
                }
                i += 1;
                j += 1;
            }
        }
    }
    0
}
