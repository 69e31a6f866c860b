//! The smallest tools: waiting, printing, copying input.

use super::input::{CHUNK, Get, Input};
use super::{Begun, Cx, Next, Options, Start, Tool, duration, format};
use crate::Nanos;
use crate::kernel::{Io, OpenMode, Wait};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("sleep", Start::Run(sleep)),
    ("usleep", Start::Run(usleep)),
    ("true", Start::Now(|_, _| 0)),
    ("false", Start::Now(|_, _| 1)),
    ("sync", Start::Now(|_, _| 0)),
    ("tty", Start::Now(tty)),
    ("clear", Start::Now(|_, _| 0)),
    ("echo", Start::Now(echo)),
    ("printf", Start::Now(printf)),
    ("yes", Start::Run(yes)),
    ("cat", Start::Run(cat)),
    ("tee", Start::Run(tee)),
    ("pwd", Start::Now(pwd)),
    ("pause", Start::Run(pause)),
];

/// Waits until a time, then ends.
#[derive(Clone, Debug)]
struct Sleep {
    until: Nanos,
}

impl Tool for Sleep {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if cx.sys.now() >= self.until { Next::Exit(0) } else { Next::Wait(Wait::Until(self.until)) }
    }

    boxed!();
}

fn sleep(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    if args.len() < 2 {
        return Err(cx.usage("[N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays"));
    }
    let mut total: Nanos = 0;
    for arg in &args[1..] {
        match duration(arg) {
            Some(time) => total = total.saturating_add(time),
            None => {
                cx.warn(&format!("invalid number '{arg}'"));
                return Err(1);
            }
        }
    }
    let until = cx.sys.after(total);
    Ok(Box::new(Sleep { until }))
}

fn usleep(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    match args.get(1).and_then(|a| a.parse::<u64>().ok()) {
        Some(micros) => {
            let until = cx.sys.after(micros.saturating_mul(1000));
            Ok(Box::new(Sleep { until }))
        }
        None => Err(cx.usage("N\n\nPause for N microseconds")),
    }
}

fn pause(_: &mut Cx<'_, '_>, _: &[String]) -> Begun {
    Ok(Box::new(Sleep { until: Nanos::MAX / 4 }))
}

fn tty(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("not a tty\n");
    1
}

fn echo(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let bytes = format::echo(&args[1..], false);
    cx.write(&bytes);
    0
}

fn printf(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    if args.len() < 2 {
        return cx.usage(
            "FORMAT [ARG]...\n\nFormat and print ARG(s) according to FORMAT (a-la C printf)",
        );
    }
    let (out, errors, status) = format::printf(&args[1..]);
    if !cx.sys.has_room(out.len()) {
        return 1;
    }
    cx.write(&out);
    for error in errors {
        cx.warn(&error);
    }
    status
}

fn pwd(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let cwd = cx.sys.proc().cwd.clone();
    cx.print(&format!("{cwd}\n"));
    0
}

#[derive(Clone, Debug)]
struct Yes {
    block: Vec<u8>,
}

impl Tool for Yes {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        cx.write(&self.block);
        Next::Again
    }

    boxed!();
}

fn yes(_: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let text = if args.len() > 1 { args[1..].join(" ") } else { "y".to_owned() };
    let line = format!("{text}\n");
    let times = (4096 / line.len()).max(1);
    Ok(Box::new(Yes { block: line.repeat(times).into_bytes() }))
}

/// `cat`, with `-n`, `-b`, `-s`, `-e`, `-t`, `-v`, `-A`.
#[derive(Clone, Debug)]
struct Cat {
    input: Input,
    number: Option<u64>,
    only_full: bool,
    show: bool,
    ends: bool,
    at_start: bool,
}

impl Cat {
    fn transform(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len());
        for byte in data {
            if std::mem::take(&mut self.at_start)
                && let Some(n) = &mut self.number
                && !(self.only_full && *byte == b'\n')
            {
                *n += 1;
                out.extend(format!("{n:6}\t").into_bytes());
            }
            match byte {
                b'\n' => {
                    if self.ends {
                        out.push(b'$');
                    }
                    out.push(b'\n');
                    self.at_start = true;
                }
                b'\t' if self.show && self.ends => out.extend(b"^I"),
                0..=31 if self.show && *byte != b'\t' => out.extend([b'^', byte + 64]),
                127 if self.show => out.extend(b"^?"),
                other => out.push(*other),
            }
        }
        out
    }
}

impl Tool for Cat {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) if self.number.is_none() && !self.show && !self.ends => {
                cx.out.append(&data);
                Next::Again
            }
            Get::Data(data) => {
                let bytes = self.transform(&cx.sys.bytes(&data));
                cx.write(&bytes);
                Next::Again
            }
            Get::EndOfFile(_) => Next::Again,
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => Next::Exit(u8::from(self.input.failed)),
        }
    }

    boxed!();
}

fn cat(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "nbsvetAu", "")
        .map_err(|bad| cx.bad_option(&bad, "[-nbvteA] [FILE]...\n\nPrint FILEs to stdout"))?;
    let numbered = options.has('n') || options.has('b');
    Ok(Box::new(Cat {
        input: Input::new(&options.operands),
        number: numbered.then_some(0),
        only_full: options.has('b'),
        show: options.has('v') || options.has('e') || options.has('t') || options.has('A'),
        ends: options.has('e') || options.has('A'),
        at_start: true,
    }))
}

/// `tee`: the outputs are files; standard output is the buffer.
#[derive(Clone, Debug)]
struct Tee {
    input: Input,
    outputs: Vec<u32>,
    status: u8,
}

impl Tool for Tee {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                for fd in &self.outputs {
                    if let Io::Err(error) = cx.sys.write(*fd, &data) {
                        self.status = 1;
                        cx.sys.warn(&format!("tee: write error: {error}"));
                    }
                }
                cx.out.append(&data);
                Next::Again
            }
            Get::EndOfFile(_) => Next::Again,
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => Next::Exit(self.status),
        }
    }

    boxed!();
}

fn tee(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "ai", "").map_err(|bad| {
        cx.bad_option(&bad, "[-ai] [FILE]...\n\nCopy stdin to each FILE, and also to stdout")
    })?;
    let mode = if options.has('a') { OpenMode::APPEND } else { OpenMode::WRITE };
    let mut outputs = Vec::new();
    let mut status = 0;
    for file in &options.operands {
        match cx.sys.open_fd(file, mode) {
            Ok(fd) => outputs.push(fd),
            Err(error) => {
                cx.warn(&format!("{file}: {error}"));
                status = 1;
            }
        }
    }
    Ok(Box::new(Tee { input: Input::new(&[]), outputs, status }))
}
