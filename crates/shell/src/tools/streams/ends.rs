//! `head` and `tail`.

use super::*;

/// `-5`, `-n 5`, `-n +5`, `-n -5`, `-c 1k`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) n: u64,
    pub(super) bytes: bool,
    /// `+` for tail (from there on), `-` for head (all but).
    pub(super) from_other_end: bool,
}

pub(super) fn amount(cx: &mut Cx<'_, '_>, options: &Options, sign: char) -> Result<Amount, u8> {
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
pub(super) fn modern(args: &[String]) -> Vec<String> {
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
pub(super) struct Head {
    pub(super) input: Input,
    pub(super) amount: Amount,
    pub(super) left: u64,
    pub(super) titles: bool,
    pub(super) shown: usize,
    pub(super) titled: bool,
    /// Everything, when all but the end is wanted.
    pub(super) kept: Vec<u8>,
}

impl Head {
    pub(super) fn title(&mut self, cx: &mut Cx<'_, '_>, name: &str) {
        if self.titles && !std::mem::replace(&mut self.titled, true) {
            let gap = if self.shown > 0 { "\n" } else { "" };
            let name = if name == "-" { "standard input" } else { name };
            cx.print(&format!("{gap}==> {name} <==\n"));
            self.shown += 1;
        }
    }

    pub(super) fn take(&mut self, cx: &mut Cx<'_, '_>, data: &Rope) {
        if self.amount.from_other_end {
            self.kept.extend(cx.sys.bytes(data));
        } else if self.amount.bytes {
            let part = data.slice(0, self.left);
            self.left -= part.len();
            cx.out.append(&part);
        } else {
            let bytes = cx.sys.bytes(data);
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

    pub(super) fn end_of_file(&mut self, cx: &mut Cx<'_, '_>) {
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
pub(super) fn last_lines(text: &[u8], n: u64) -> usize {
    if n == 0 {
        return text.len();
    }
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let breaks = body.iter().enumerate().rev().filter(|(_, b)| **b == b'\n');
    breaks.map(|(i, _)| i + 1).nth(usize::try_from(n).unwrap_or(usize::MAX) - 1).unwrap_or(0)
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
                if cx.sys.too_much(self.kept.len() as u64 + data.len()) {
                    cx.sys.exhaust("bytes of a process");
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

pub(super) fn head(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
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
pub(super) struct Followed {
    pub(super) name: String,
    pub(super) fd: Option<u32>,
    pub(super) offset: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Tail {
    pub(super) files: Vec<Followed>,
    pub(super) at: usize,
    pub(super) amount: Amount,
    pub(super) kept: Rope,
    /// Bytes kept when it was last cut.
    pub(super) trimmed: u64,
    pub(super) seen: u64,
    pub(super) lines: u64,
    pub(super) titles: bool,
    pub(super) last_title: Option<usize>,
    pub(super) follow: bool,
    pub(super) retry: bool,
    pub(super) pause: Nanos,
    pub(super) until: Option<Nanos>,
    pub(super) status: u8,
}

impl Tail {
    pub(super) fn title(&mut self, cx: &mut Cx<'_, '_>) {
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
    pub(super) fn keep(&mut self, cx: &mut Cx<'_, '_>, data: &Rope) -> bool {
        if self.amount.from_other_end {
            let part = self.whole_tail(cx, data);
            cx.out.append(&part);
            return true;
        }
        self.kept.append(data);
        if self.amount.bytes {
            let extra = self.kept.len().saturating_sub(self.amount.n);
            self.kept.take_front(extra);
        } else if self.kept.stored() > 4 * CHUNK + 2 * self.trimmed {
            let bytes = cx.sys.bytes(&self.kept);
            self.kept = Rope::from(bytes[last_lines(&bytes, self.amount.n)..].to_vec());
            self.trimmed = self.kept.stored();
        }
        cx.sys.charge(self.kept.len());
        if cx.sys.alive() && cx.sys.too_much(self.kept.stored()) {
            cx.sys.exhaust("bytes of a process");
        }
        cx.sys.alive()
    }

    /// `+n`: everything from there on.
    pub(super) fn whole_tail(&mut self, cx: &mut Cx<'_, '_>, data: &Rope) -> Rope {
        let skip = self.amount.n.saturating_sub(1);
        if self.amount.bytes {
            let start = skip.saturating_sub(self.seen);
            self.seen += data.len();
            return data.slice(start, u64::MAX);
        }
        if self.lines >= skip {
            return data.clone();
        }
        let bytes = cx.sys.bytes(data);
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

    pub(super) fn finish_file(&mut self, cx: &mut Cx<'_, '_>) {
        let kept = std::mem::take(&mut self.kept);
        cx.sys.charge(0);
        self.trimmed = 0;
        if self.amount.bytes {
            cx.out.append(&kept);
        } else if cx.sys.too_much(kept.len()) {
            cx.sys.exhaust("bytes of a process");
        } else {
            let bytes = kept.to_vec();
            cx.write(&bytes[last_lines(&bytes, self.amount.n)..]);
        }
        (self.seen, self.lines) = (0, 0);
    }

    /// The first pass: each file to its end.
    pub(super) fn first_pass(&mut self, cx: &mut Cx<'_, '_>) -> Option<Next> {
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
    pub(super) fn poll(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(until) = self.until.filter(|at| *at > cx.sys.now()) {
            return Next::Wait(Wait::Until(until));
        }
        self.until = None;
        let mut more = false;
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
            if let Io::Ready(data) = cx.sys.read(fd, CHUNK)
                && !data.is_empty()
            {
                self.title(cx);
                self.files[i].offset += data.len();
                cx.out.append(&data);
                more |= data.len() == CHUNK;
            }
        }
        self.at = self.files.len();
        if more {
            return Next::Again;
        }
        let pause = self.pause;
        self.until = Some(cx.sys.after(pause));
        Next::Again
    }

    /// `-F`: the name may stand for another file now.
    pub(super) fn reopen(&mut self, cx: &mut Cx<'_, '_>, i: usize) {
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

pub(super) fn tail(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
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
        trimmed: 0,
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
