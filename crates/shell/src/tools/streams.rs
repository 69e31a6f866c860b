//! Tools that look at bytes: `wc`, `head`, `tail`, `tr`, `od`, `base64`, checksums, `cmp`.

mod dump;
mod ends;

use super::hash::{Digest, Kind};
use super::input::{CHUNK, Get, Input};
use super::{Begun, Cx, Next, Options, Start, Tool, format};
use crate::Nanos;
use crate::kernel::{Io, OpenMode, Wait};
use crate::rope::Rope;
use dump::{base64, cmp, diff, od};
use ends::{head, tail};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("wc", Start::Run(wc)),
    ("head", Start::Run(head)),
    ("tail", Start::Run(tail)),
    ("tr", Start::Run(tr)),
    ("md5sum", Start::Run(checksum)),
    ("sha1sum", Start::Run(checksum)),
    ("sha256sum", Start::Run(checksum)),
    ("sha512sum", Start::Run(checksum)),
    ("base64", Start::Run(base64)),
    ("od", Start::Run(od)),
    ("hexdump", Start::Run(od)),
    ("hd", Start::Run(od)),
    ("xxd", Start::Run(od)),
    ("cmp", Start::Now(cmp)),
    ("diff", Start::Now(diff)),
];

#[derive(Clone, Debug, Default)]
struct Counts {
    lines: u64,
    words: u64,
    bytes: u64,
    chars: u64,
    longest: u64,
    column: u64,
    in_word: bool,
}

impl Counts {
    fn add(&mut self, cx: &mut Cx<'_, '_>, data: &Rope, deep: bool) {
        self.bytes += data.len();
        self.lines += data.newlines();
        if !deep {
            return;
        }
        for byte in cx.sys.bytes(data) {
            let space = byte.is_ascii_whitespace();
            self.words += u64::from(!space && !self.in_word);
            self.in_word = !space;
            self.chars += u64::from(byte & 0xc0 != 0x80);
            self.column = if byte == b'\n' { 0 } else { self.column + 1 };
            self.longest = self.longest.max(self.column);
        }
    }
}

#[derive(Clone, Debug)]
struct Wc {
    input: Input,
    flags: String,
    now: Counts,
    total: Counts,
    files: usize,
    named: bool,
}

impl Wc {
    fn report(&self, cx: &mut Cx<'_, '_>, counts: &Counts, name: Option<&str>) {
        let mut columns = Vec::new();
        for (flag, n) in [
            ('l', counts.lines),
            ('w', counts.words),
            ('m', counts.chars),
            ('c', counts.bytes),
            ('L', counts.longest),
        ] {
            if self.flags.contains(flag) {
                columns.push(n);
            }
        }
        // busybox aligns unless there is exactly one column.
        let text: Vec<String> = match columns.as_slice() {
            [one] => vec![one.to_string()],
            many => many.iter().map(|n| format!("{n:>9}")).collect(),
        };
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        cx.print(&format!("{}{name}\n", text.join(" ")));
    }
}

impl Tool for Wc {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK * 16) {
            Get::Data(data) => {
                let deep = self.flags.contains(['w', 'm', 'L']);
                self.now.add(cx, &data, deep);
                Next::Again
            }
            Get::EndOfFile(name) => {
                let counts = std::mem::take(&mut self.now);
                self.report(cx, &counts, self.named.then_some(name.as_str()));
                self.total.lines += counts.lines;
                self.total.words += counts.words;
                self.total.bytes += counts.bytes;
                self.total.chars += counts.chars;
                self.total.longest = self.total.longest.max(counts.longest);
                Next::Again
            }
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => {
                if self.files > 1 {
                    let total = self.total.clone();
                    self.report(cx, &total, Some("total"));
                }
                Next::Exit(u8::from(self.input.failed))
            }
        }
    }

    boxed!();
}

fn wc(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-cmlwL] [FILE]...\n\nCount lines, words, and bytes for FILEs (or stdin)\n";
    let options = Options::parse(args, "cmlwL", "").map_err(|bad| cx.bad_option(&bad, usage))?;
    let flags = if options.flags.is_empty() { "lwc".to_owned() } else { options.flags.clone() };
    let mut input = Input::new(&options.operands);
    input.short = true;
    Ok(Box::new(Wc {
        input,
        flags,
        now: Counts::default(),
        total: Counts::default(),
        files: options.operands.len(),
        named: !options.operands.is_empty(),
    }))
}

#[derive(Clone, Debug)]
struct Tr {
    input: Input,
    map: Vec<u8>,
    delete: Vec<bool>,
    squeeze: Vec<bool>,
    last: Option<u8>,
}

impl Tool for Tr {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                let mut out = Vec::new();
                for byte in cx.sys.bytes(&data) {
                    if self.delete[usize::from(byte)] {
                        continue;
                    }
                    let byte = self.map[usize::from(byte)];
                    if self.squeeze[usize::from(byte)] && self.last == Some(byte) {
                        continue;
                    }
                    self.last = Some(byte);
                    out.push(byte);
                }
                cx.write(&out);
                Next::Again
            }
            Get::EndOfFile(_) => Next::Again,
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => Next::Exit(0),
        }
    }

    boxed!();
}

/// The characters of a set: ranges, classes, escapes, `[x*n]`.
fn tr_set(text: &str) -> Vec<u8> {
    let (bytes, _) = format::escapes(text, true);
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i..].starts_with(b"[:")
            && let Some(len) = bytes[i + 2..].windows(2).position(|w| w == b":]")
            && let Ok(class) = std::str::from_utf8(&bytes[i + 2..i + 2 + len])
            && (0..128u8).any(|b| crate::sh::in_class(class, char::from(b)))
        {
            out.extend((0..128u8).filter(|b| crate::sh::in_class(class, char::from(*b))));
            i += len + 4;
        } else if i + 2 < bytes.len() && bytes[i + 1] == b'-' && bytes[i] <= bytes[i + 2] {
            out.extend(bytes[i]..=bytes[i + 2]);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    out
}

fn tr(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-cds] STRING1 [STRING2]\n\nTranslate, squeeze, or delete characters from stdin, writing to stdout\n";
    // Sets may begin with a dash: options end at the first operand.
    let split = args.iter().skip(1).position(|a| {
        !(a.len() > 1 && a.starts_with('-') && a[1..].chars().all(|c| "cCdst".contains(c)))
    });
    let split = split.map_or(args.len(), |n| n + 1);
    let flags: String = args[1..split].iter().flat_map(|a| a.chars().skip(1)).collect();
    let sets: Vec<&String> = args[split..].iter().filter(|a| *a != "--").collect();
    let Some(first) = sets.first() else { return Err(cx.usage(usage)) };
    let mut one = tr_set(first);
    if flags.contains(['c', 'C']) {
        one = (0..=255u8).filter(|b| !one.contains(b)).collect();
    }
    let two = sets.get(1).map(|s| tr_set(s));
    let mut tool = Tr {
        input: Input::new(&[]),
        map: (0..=255).collect(),
        delete: vec![false; 256],
        squeeze: vec![false; 256],
        last: None,
    };
    if flags.contains('d') {
        one.iter().for_each(|b| tool.delete[usize::from(*b)] = true);
    } else if let Some(two) = &two {
        let Some(last) = two.last() else {
            cx.warn("STRING2 cannot be empty");
            return Err(1);
        };
        for (i, byte) in one.iter().enumerate() {
            tool.map[usize::from(*byte)] = *two.get(i).unwrap_or(last);
        }
    }
    if flags.contains('s') {
        let set = two.as_ref().unwrap_or(&one);
        set.iter().for_each(|b| tool.squeeze[usize::from(*b)] = true);
    }
    Ok(Box::new(tool))
}

#[derive(Clone, Debug)]
struct Checksum {
    input: Input,
    digest: Digest,
    kind: Kind,
}

impl Tool for Checksum {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                cx.sys.pay(4 * data.len());
                self.digest.update(&data.to_vec());
                Next::Again
            }
            Get::EndOfFile(name) => {
                let digest = std::mem::replace(&mut self.digest, Digest::new(self.kind));
                let hex: String = digest.finish().iter().map(|b| format!("{b:02x}")).collect();
                cx.print(&format!("{hex}  {name}\n"));
                Next::Again
            }
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => Next::Exit(u8::from(self.input.failed)),
        }
    }

    boxed!();
}

fn checksum(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let kind = match cx.name {
        "md5sum" => Kind::Md5,
        "sha1sum" => Kind::Sha1,
        "sha512sum" => Kind::Sha512,
        _ => Kind::Sha256,
    };
    let options = Options::parse(args, "cswb", "")
        .map_err(|bad| cx.bad_option(&bad, "[-c[sw]] [FILE]...\n"))?;
    if options.has('c') {
        return Err(check_sums(cx, &options, kind));
    }
    Ok(Box::new(Checksum { input: Input::new(&options.operands), digest: Digest::new(kind), kind }))
}

fn check_sums(cx: &mut Cx<'_, '_>, options: &Options, kind: Kind) -> u8 {
    let file = options.operands.first().map_or("/dev/stdin", String::as_str).to_owned();
    let list = match cx.sys.read_all(&file) {
        Ok(data) => String::from_utf8_lossy(&data.to_vec()).into_owned(),
        Err(error) => {
            cx.warn(&format!("can't open '{file}': {error}"));
            return 1;
        }
    };
    let mut bad = 0;
    let mut all = 0;
    for line in list.lines() {
        let Some((sum, name)) = line.split_once(' ') else { continue };
        let name = name.trim_start_matches([' ', '*']);
        let data = cx.sys.read_all(name).map(|data| data.to_vec());
        let ok = data.is_ok_and(|data| {
            let mut digest = Digest::new(kind);
            digest.update(&data);
            digest.finish().iter().map(|b| format!("{b:02x}")).collect::<String>() == sum
        });
        all += 1;
        bad += u64::from(!ok);
        if !options.has('s') {
            cx.print(&format!("{name}: {}\n", if ok { "OK" } else { "FAILED" }));
        }
    }
    if bad > 0 {
        cx.warn(&format!("WARNING: {bad} of {all} computed checksums did NOT match"));
    }
    u8::from(bad > 0)
}
