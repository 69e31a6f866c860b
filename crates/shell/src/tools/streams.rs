//! Tools that look at bytes: `wc`, `head`, `tail`, `tr`, `od`, `base64`, checksums, `cmp`.

use super::hash::{Digest, Kind};
use super::input::{CHUNK, Get, Input};
use super::{Cx, Next, Options, Start, Tool, format};
use crate::Nanos;
use crate::kernel::{Io, OpenMode, Wait};
use crate::rope::Rope;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("wc", Start::Run(wc)),
    ("head", Start::Run(head)),
    ("tail", Start::Run(tail)),
    ("tr", Start::Run(tr)),
    ("md5sum", Start::Run(checksum)),
    ("sha1sum", Start::Run(checksum)),
    ("sha256sum", Start::Run(checksum)),
    ("base64", Start::Run(base64)),
    ("od", Start::Run(od)),
    ("hexdump", Start::Run(od)),
    ("hd", Start::Run(od)),
    ("xxd", Start::Run(od)),
    ("cmp", Start::Now(cmp)),
    ("diff", Start::Now(diff)),
];

type Begun = Result<Box<dyn Tool>, u8>;

macro_rules! boxed {
    () => {
        fn boxed(&self) -> Box<dyn Tool> {
            Box::new(self.clone())
        }
    };
}

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
    fn add(&mut self, data: &Rope, deep: bool) {
        self.bytes += data.len();
        self.lines += data.newlines();
        if !deep {
            return;
        }
        for byte in data.to_vec() {
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
                self.now.add(&data, deep);
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

/// `-5`, `-n 5`, `-n +5`, `-n -5`, `-c 1k`.
#[derive(Clone, Copy, Debug)]
struct Amount {
    n: u64,
    bytes: bool,
    /// `+` for tail (from there on), `-` for head (all but).
    from_other_end: bool,
}

fn amount(cx: &mut Cx<'_, '_>, options: &Options, sign: char) -> Result<Amount, u8> {
    let given = options.values.iter().rev().find(|(o, _)| *o == 'n' || *o == 'c');
    let Some((option, text)) = given else {
        return Ok(Amount { n: 10, bytes: false, from_other_end: false });
    };
    let from_other_end = text.starts_with(sign);
    let digits = text.trim_start_matches(['+', '-']);
    match format::size(digits) {
        Some(n) => Ok(Amount { n, bytes: *option == 'c', from_other_end }),
        None => {
            cx.warn(&format!("invalid number '{text}'"));
            Err(1)
        }
    }
}

/// Rewrites the old form `-5` to `-n 5`.
fn modern(args: &[String]) -> Vec<String> {
    let old = |a: &String| {
        a.len() > 1 && a.starts_with(['-', '+']) && a[1..].starts_with(|c: char| c.is_ascii_digit())
    };
    match args.get(1).filter(|a| old(a)) {
        Some(first) => {
            let number = first.strip_prefix('-').unwrap_or(first).to_owned();
            let mut out = vec![args[0].clone(), "-n".to_owned(), number];
            out.extend_from_slice(&args[2..]);
            out
        }
        None => args.to_vec(),
    }
}

#[derive(Clone, Debug)]
struct Head {
    input: Input,
    amount: Amount,
    left: u64,
    titles: bool,
    shown: usize,
    titled: bool,
    /// Everything, when all but the end is wanted.
    kept: Vec<u8>,
}

impl Head {
    fn title(&mut self, cx: &mut Cx<'_, '_>, name: &str) {
        if self.titles && !std::mem::replace(&mut self.titled, true) {
            let gap = if self.shown > 0 { "\n" } else { "" };
            let name = if name == "-" { "standard input" } else { name };
            cx.print(&format!("{gap}==> {name} <==\n"));
            self.shown += 1;
        }
    }

    fn take(&mut self, cx: &mut Cx<'_, '_>, data: &Rope) {
        if self.amount.from_other_end {
            self.kept.extend(data.to_vec());
        } else if self.amount.bytes {
            let part = data.slice(0, self.left);
            self.left -= part.len();
            cx.out.append(&part);
        } else {
            let bytes = data.to_vec();
            let mut end = 0;
            while self.left > 0 && end < bytes.len() {
                match bytes[end..].iter().position(|b| *b == b'\n') {
                    Some(n) => {
                        end += n + 1;
                        self.left -= 1;
                    }
                    None => end = bytes.len(),
                }
            }
            cx.write(&bytes[..end]);
        }
    }

    fn end_of_file(&mut self, cx: &mut Cx<'_, '_>) {
        let kept = std::mem::take(&mut self.kept);
        if self.amount.from_other_end {
            let end = if self.amount.bytes {
                kept.len().saturating_sub(self.amount.n as usize)
            } else {
                last_lines(&kept, self.amount.n)
            };
            cx.write(&kept[..end]);
        }
        self.left = self.amount.n;
        self.titled = false;
    }
}

/// Where the last `n` lines begin.
fn last_lines(text: &[u8], n: u64) -> usize {
    if n == 0 {
        return text.len();
    }
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let breaks = body.iter().enumerate().rev().filter(|(_, b)| **b == b'\n');
    breaks.map(|(i, _)| i + 1).nth(n as usize - 1).unwrap_or(0)
}

impl Tool for Head {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if self.left == 0 && !self.amount.from_other_end {
            if self.input.name() != "-" || self.titled {
                self.input.close(cx);
            }
            self.end_of_file(cx);
            if self.amount.n == 0 || !self.titles {
                return Next::Exit(u8::from(self.input.failed));
            }
        }
        let max = if self.amount.bytes && !self.amount.from_other_end {
            self.left.min(CHUNK * 16)
        } else {
            CHUNK
        };
        match self.input.get(cx, max) {
            Get::Data(data) => {
                let name = self.input.name().to_owned();
                self.title(cx, &name);
                if cx.sys.too_much(self.kept.len() as u64) {
                    cx.sys.charge(u64::MAX / 2);
                    return Next::Wait(Wait::Forever);
                }
                self.take(cx, &data);
                Next::Again
            }
            Get::EndOfFile(name) => {
                self.title(cx, &name);
                self.end_of_file(cx);
                Next::Again
            }
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => Next::Exit(u8::from(self.input.failed)),
        }
    }

    boxed!();
}

fn head(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[OPTIONS] [FILE]...\n\nPrint first 10 lines of FILEs (or stdin)\n";
    let options =
        Options::parse(&modern(args), "qv", "nc").map_err(|bad| cx.bad_option(&bad, usage))?;
    let amount = amount(cx, &options, '-')?;
    let titles = (options.operands.len() > 1 || options.has('v')) && !options.has('q');
    let mut input = Input::new(&options.operands);
    input.short = true;
    Ok(Box::new(Head {
        input,
        amount,
        left: amount.n,
        titles,
        shown: 0,
        titled: false,
        kept: Vec::new(),
    }))
}

/// A file that `tail -f` follows.
#[derive(Clone, Debug)]
struct Followed {
    name: String,
    fd: Option<u32>,
    offset: u64,
}

#[derive(Clone, Debug)]
struct Tail {
    files: Vec<Followed>,
    at: usize,
    amount: Amount,
    kept: Rope,
    seen: u64,
    lines: u64,
    titles: bool,
    last_title: Option<usize>,
    follow: bool,
    retry: bool,
    pause: Nanos,
    until: Option<Nanos>,
    status: u8,
}

impl Tail {
    fn title(&mut self, cx: &mut Cx<'_, '_>) {
        if self.titles && self.last_title != Some(self.at) {
            let gap = if self.last_title.is_some() { "\n" } else { "" };
            let name = match self.files[self.at].name.as_str() {
                "-" => "standard input",
                name => name,
            };
            let text = format!("{gap}==> {name} <==\n");
            cx.print(&text);
            self.last_title = Some(self.at);
        }
    }

    /// Keeps what may still be among the last lines or bytes.
    fn keep(&mut self, cx: &mut Cx<'_, '_>, data: &Rope) -> bool {
        if self.amount.from_other_end {
            let part = self.whole_tail(data);
            cx.out.append(&part);
            return true;
        }
        self.kept.append(data);
        if self.amount.bytes {
            let extra = self.kept.len().saturating_sub(self.amount.n);
            self.kept.take_front(extra);
        } else if self.kept.stored() > 4 * CHUNK {
            let bytes = self.kept.to_vec();
            self.kept = Rope::from(bytes[last_lines(&bytes, self.amount.n)..].to_vec());
        }
        cx.sys.charge(self.kept.len());
        cx.sys.alive()
    }

    /// `+n`: everything from there on.
    fn whole_tail(&mut self, data: &Rope) -> Rope {
        let skip = self.amount.n.saturating_sub(1);
        if self.amount.bytes {
            let start = skip.saturating_sub(self.seen);
            self.seen += data.len();
            return data.slice(start, u64::MAX);
        }
        if self.lines >= skip {
            return data.clone();
        }
        let bytes = data.to_vec();
        let mut at = 0;
        while self.lines < skip {
            match bytes[at..].iter().position(|b| *b == b'\n') {
                Some(n) => {
                    at += n + 1;
                    self.lines += 1;
                }
                None => return Rope::default(),
            }
        }
        Rope::from(bytes[at..].to_vec())
    }

    fn finish_file(&mut self, cx: &mut Cx<'_, '_>) {
        let kept = std::mem::take(&mut self.kept);
        cx.sys.charge(0);
        if self.amount.bytes {
            cx.out.append(&kept);
        } else {
            let bytes = kept.to_vec();
            cx.write(&bytes[last_lines(&bytes, self.amount.n)..]);
        }
        (self.seen, self.lines) = (0, 0);
    }

    /// The first pass: each file to its end.
    fn first_pass(&mut self, cx: &mut Cx<'_, '_>) -> Option<Next> {
        let file = self.files.get(self.at)?;
        let name = file.name.clone();
        let Some(fd) = file.fd else {
            let opened = if name == "-" { Ok(0) } else { cx.sys.open_fd(&name, OpenMode::READ) };
            match opened {
                Ok(fd) => self.files[self.at].fd = Some(fd),
                Err(error) => {
                    cx.warn(&format!("can't open '{name}': {error}"));
                    self.status = 1;
                    if self.retry {
                        self.at += 1;
                    } else {
                        self.files.remove(self.at);
                    }
                    if self.files.is_empty() {
                        cx.warn("no files");
                        return Some(Next::Exit(1));
                    }
                }
            }
            return Some(Next::Again);
        };
        match cx.sys.read(fd, CHUNK) {
            Io::Ready(data) if data.is_empty() => {
                self.title(cx);
                self.finish_file(cx);
                self.at += 1;
            }
            Io::Ready(data) => {
                self.title(cx);
                self.files[self.at].offset += data.len();
                if !self.keep(cx, &data) {
                    return Some(Next::Wait(Wait::Forever));
                }
            }
            Io::Block(wait) => return Some(Next::Wait(wait)),
            Io::Err(error) => {
                cx.warn(&format!("error reading '{name}': {error}"));
                self.status = 1;
                self.at += 1;
            }
        }
        Some(Next::Again)
    }

    /// Looks for new bytes in all files, once a second.
    fn poll(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(until) = self.until.filter(|at| *at > cx.sys.now()) {
            return Next::Wait(Wait::Until(until));
        }
        self.until = None;
        for i in 0..self.files.len() {
            self.at = i;
            if self.retry {
                self.reopen(cx, i);
            }
            let Some(fd) = self.files[i].fd else { continue };
            if let Some(len) = cx.sys.file_len(fd)
                && len < self.files[i].offset
            {
                cx.sys.seek(fd, 0);
                self.files[i].offset = 0;
            }
            while let Io::Ready(data) = cx.sys.read(fd, CHUNK) {
                if data.is_empty() {
                    break;
                }
                self.title(cx);
                self.files[i].offset += data.len();
                cx.out.append(&data);
            }
        }
        self.at = self.files.len();
        let pause = self.pause;
        self.until = Some(cx.sys.after(pause));
        Next::Again
    }

    /// `-F`: the name may stand for another file now.
    fn reopen(&mut self, cx: &mut Cx<'_, '_>, i: usize) {
        let name = self.files[i].name.clone();
        let new = cx.sys.stat(&name, true).ok().map(|s| s.ino);
        let missing = self.files[i].fd.is_none();
        if missing
            && new.is_some()
            && let Ok(fd) = cx.sys.open_fd(&name, OpenMode::READ)
        {
            self.files[i].fd = Some(fd);
            self.files[i].offset = 0;
            cx.warn(&format!("{name} has appeared; following end of new file"));
        } else if let (Some(fd), Some(ino)) = (self.files[i].fd, new)
            && cx.sys.fd_ino(fd).is_some_and(|old| old != ino)
        {
            cx.sys.close(fd);
            self.files[i].fd = cx.sys.open_fd(&name, OpenMode::READ).ok();
            self.files[i].offset = 0;
            cx.warn(&format!("{name} has been replaced; following end of new file"));
        }
    }
}

impl Tool for Tail {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(next) = self.first_pass(cx) {
            return next;
        }
        if !self.follow {
            return Next::Exit(self.status);
        }
        if self.files.len() == 1 && self.files[0].fd == Some(0) {
            return match cx.sys.read(0, CHUNK) {
                Io::Block(wait) => Next::Wait(wait),
                _ => Next::Exit(self.status),
            };
        }
        self.poll(cx)
    }

    boxed!();
}

fn tail(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[OPTIONS] [FILE]...\n\nPrint last 10 lines of FILEs (or stdin) to\n";
    let args: Vec<String> = modern(args)
        .into_iter()
        .map(|a| match a.as_str() {
            "--follow" | "--follow=descriptor" => "-f".to_owned(),
            "--follow=name" | "--retry" => "-F".to_owned(),
            _ => a.replacen("--lines=", "-n", 1).replacen("--bytes=", "-c", 1),
        })
        .collect();
    let options = Options::parse(&args, "fqvF", "ncs").map_err(|bad| cx.bad_option(&bad, usage))?;
    let amount = amount(cx, &options, '+')?;
    let mut names = options.operands.clone();
    if names.is_empty() {
        names.push("-".to_owned());
    }
    let pause = options.value('s').and_then(format::duration).unwrap_or(crate::SECOND);
    Ok(Box::new(Tail {
        titles: (names.len() > 1 || options.has('v')) && !options.has('q'),
        files: names.into_iter().map(|name| Followed { name, fd: None, offset: 0 }).collect(),
        at: 0,
        amount,
        kept: Rope::default(),
        seen: 0,
        lines: 0,
        last_title: None,
        follow: options.has('f') || options.has('F'),
        retry: options.has('F'),
        pause,
        until: None,
        status: 0,
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
                for byte in data.to_vec() {
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
            && let Some(len) = bytes[i..].windows(2).position(|w| w == b":]")
        {
            let class = String::from_utf8_lossy(&bytes[i + 2..i + len]).into_owned();
            out.extend((0..128u8).filter(|b| crate::sh::in_class(&class, char::from(*b))));
            i += len + 2;
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
                cx.sys.cost += data.len() / 64;
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
        let data = cx.sys.read_all(name).map(|d| d.slice(0, 1 << 24).to_vec());
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

/// Tools that need the whole input at once.
#[derive(Clone, Debug)]
struct Whole {
    input: Input,
    data: Vec<u8>,
    args: Vec<String>,
    run: fn(&mut Cx<'_, '_>, &[u8], &[String]) -> u8,
}

impl Tool for Whole {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                if cx.sys.too_much(self.data.len() as u64 + data.len()) {
                    cx.sys.charge(u64::MAX / 2);
                    return Next::Wait(Wait::Forever);
                }
                self.data.extend(data.to_vec());
                Next::Again
            }
            Get::EndOfFile(_) => Next::Again,
            Get::Wait(wait) => Next::Wait(wait),
            Get::End if self.input.failed => Next::Exit(1),
            Get::End => {
                cx.sys.cost += self.data.len() as u64 / 16;
                Next::Exit((self.run)(cx, &self.data, &self.args))
            }
        }
    }

    boxed!();
}

fn whole(
    operands: &[String],
    args: &[String],
    run: fn(&mut Cx<'_, '_>, &[u8], &[String]) -> u8,
) -> Box<dyn Tool> {
    let mut input = Input::new(operands);
    input.short = true;
    Box::new(Whole { input, data: Vec::new(), args: args.to_vec(), run })
}

fn base64(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let args: Vec<String> =
        args.iter().map(|a| a.replacen("--decode", "-d", 1).replacen("--wrap=", "-w", 1)).collect();
    let options = Options::parse(&args, "di", "w")
        .map_err(|bad| cx.bad_option(&bad, "[-d] [-w COL] [FILE]\n"))?;
    let run = if options.has('d') { base64_decode } else { base64_encode };
    let wrap = options.value('w').unwrap_or("76").to_owned();
    Ok(whole(&options.operands, &[wrap], run))
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encode(cx: &mut Cx<'_, '_>, data: &[u8], args: &[String]) -> u8 {
    let mut text = String::new();
    for chunk in data.chunks(3) {
        let n = chunk.iter().enumerate().fold(0u32, |n, (i, b)| n | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let c = if i <= chunk.len() {
                char::from(BASE64[(n >> (18 - 6 * i) & 63) as usize])
            } else {
                '='
            };
            text.push(c);
        }
    }
    let width = args[0].parse().unwrap_or(76usize);
    if width == 0 {
        cx.print(&text);
        return 0;
    }
    for line in text.as_bytes().chunks(width) {
        cx.write(line);
        cx.write(b"\n");
    }
    0
}

fn base64_decode(cx: &mut Cx<'_, '_>, data: &[u8], _: &[String]) -> u8 {
    let mut out = Vec::new();
    let (mut n, mut bits) = (0u32, 0);
    for byte in data.iter().filter(|b| !b.is_ascii_whitespace()) {
        if *byte == b'=' {
            break;
        }
        let Some(value) = BASE64.iter().position(|b| b == byte) else {
            cx.write(&out);
            cx.warn("truncated base64 input");
            return 1;
        };
        n = n << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((n >> bits & 255) as u8);
        }
    }
    cx.write(&out);
    0
}

fn od(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let (plain, valued) =
        if cx.name == "od" { ("bcdoxXv", "AtNjw") } else { ("bcdoxCvrpu", "nsl") };
    let options =
        Options::parse(args, plain, valued).map_err(|bad| cx.bad_option(&bad, "[FILE]...\n"))?;
    let name = cx.name.to_owned();
    let kind = options.value('t').map_or_else(|| options.flags.clone(), str::to_owned);
    let address = options.value('A').unwrap_or("o").to_owned();
    let limit = options.value('N').or(options.value('n')).unwrap_or("").to_owned();
    Ok(whole(&options.operands, &[name, kind, address, limit], dump))
}

fn dump(cx: &mut Cx<'_, '_>, data: &[u8], args: &[String]) -> u8 {
    let (name, kind, address) = (args[0].as_str(), args[1].as_str(), args[2].as_str());
    let data = args[3].parse().map_or(data, |n: usize| &data[..n.min(data.len())]);
    let canonical = name == "hd" || (name == "hexdump" && kind.contains('C'));
    let mut out = String::new();
    for (i, line) in data.chunks(16).enumerate() {
        let at = i * 16;
        if name == "xxd" {
            let pairs: Vec<String> =
                line.chunks(2).map(|p| p.iter().map(|b| format!("{b:02x}")).collect()).collect();
            out += &format!("{at:08x}: {:<39}  {}\n", pairs.join(" "), printable(line));
        } else if canonical {
            let hex: String = line
                .iter()
                .enumerate()
                .map(|(i, b)| format!("{}{b:02x} ", if i == 8 { " " } else { "" }))
                .collect();
            out += &format!("{at:08x}  {hex:<49} |{}|\n", printable(line));
        } else {
            out += &format!("{}{}\n", offset(name, address, at), cells(name, kind, line));
        }
    }
    match name {
        "xxd" => {}
        _ if canonical && data.is_empty() => {}
        _ if canonical => out += &format!("{:08x}\n", data.len()),
        _ if address == "n" => {}
        _ if name == "hexdump" && data.is_empty() => {}
        _ => out += &format!("{}\n", offset(name, address, data.len())),
    }
    cx.print(&out);
    0
}

fn printable(line: &[u8]) -> String {
    line.iter().map(|b| if (32..127).contains(b) { char::from(*b) } else { '.' }).collect()
}

fn offset(name: &str, address: &str, at: usize) -> String {
    match (name, address) {
        ("hexdump", _) => format!("{at:07x}"),
        (_, "x") => format!("{at:06x}"),
        (_, "d") => format!("{at:07}"),
        (_, "n") => String::new(),
        _ => format!("{at:07o}"),
    }
}

fn cells(name: &str, kind: &str, line: &[u8]) -> String {
    let words =
        || line.chunks(2).map(|p| u16::from(p[0]) | u16::from(*p.get(1).unwrap_or(&0)) << 8);
    let text: String = match kind {
        "c" => line.iter().map(|b| format!("{:>4}", char_name(*b))).collect(),
        "x1" => line.iter().map(|b| format!(" {b:02x}")).collect(),
        "o1" | "b" => line.iter().map(|b| format!(" {b:03o}")).collect(),
        "u1" => line.iter().map(|b| format!(" {b:3}")).collect(),
        "d1" => line.iter().map(|b| format!(" {:4}", *b as i8)).collect(),
        "x" | "x2" => words().map(|w| format!(" {w:04x}")).collect(),
        "d" | "u2" | "d2" => words().map(|w| format!(" {w:5}")).collect(),
        _ if name == "hexdump" => words().map(|w| format!(" {w:04x}")).collect(),
        _ => words().map(|w| format!(" {w:06o}")).collect(),
    };
    if name == "hexdump" && !matches!(kind, "c" | "b") { format!("{text:<40}") } else { text }
}

fn char_name(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        32..=126 => char::from(byte).to_string(),
        other => format!("{other:03o}"),
    }
}

fn two_files(cx: &mut Cx<'_, '_>, operands: &[String]) -> Result<[Vec<u8>; 2], u8> {
    let mut out = [Vec::new(), Vec::new()];
    for (slot, path) in out.iter_mut().zip(operands) {
        let real = if path == "-" { "/dev/stdin" } else { path };
        match cx.sys.read_all(real) {
            Ok(data) => *slot = data.slice(0, 1 << 24).to_vec(),
            Err(error) => {
                cx.warn(&format!("{path}: {error}"));
                return Err(2);
            }
        }
    }
    Ok(out)
}

fn cmp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "ls", "n") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage("[-ls] [-n NUM] FILE1 [FILE2]\n"),
        Err(bad) => return cx.bad_option(&bad, "[-ls] [-n NUM] FILE1 [FILE2]\n"),
    };
    let mut operands = options.operands.clone();
    operands.push("-".to_owned());
    let [a, b] = match two_files(cx, &operands[..2]) {
        Ok(files) => files,
        Err(status) => return status,
    };
    if a == b {
        return 0;
    }
    let common = a.len().min(b.len());
    match (0..common).find(|i| a[*i] != b[*i]) {
        _ if options.has('s') => {}
        Some(at) => {
            let line = a[..at].iter().filter(|c| **c == b'\n').count() + 1;
            cx.print(&format!(
                "{} {} differ: char {}, line {line}\n",
                operands[0],
                operands[1],
                at + 1
            ));
        }
        None => {
            let shorter = if a.len() < b.len() { &operands[0] } else { &operands[1] };
            cx.warn(&format!("EOF on {shorter}"));
        }
    }
    1
}

fn diff(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2\n";
    let options = match Options::parse(args, "abBdiNqrTstwu", "LSU") {
        Ok(options) if options.operands.len() == 2 => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let names = &options.operands;
    let [a, b] = match two_files(cx, names) {
        Ok(files) => files,
        Err(status) => return status,
    };
    if a == b {
        return 0;
    }
    if options.has('q') {
        cx.print(&format!("Files {} and {} differ\n", names[0], names[1]));
        return 1;
    }
    let text = super::diff::unified(&String::from_utf8_lossy(&a), &String::from_utf8_lossy(&b), 3);
    cx.print(&format!("--- {}\n+++ {}\n{text}", names[0], names[1]));
    1
}
