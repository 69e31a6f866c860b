//! `dd`.

use super::*;

#[derive(Clone, Debug)]
pub(super) struct Dd {
    input: u32,
    output: u32,
    input_block: u64,
    output_block: u64,
    count: Option<u64>,
    skip: u64,
    quiet: u8,
    full_in: u64,
    part_in: u64,
    full_out: u64,
    part_out: u64,
    bytes: u64,
    pending: Rope,
    /// An incomplete block that is being read (`iflag=fullblock` and pipes).
    error: bool,
}

impl Dd {
    fn finish(&self, cx: &mut Cx<'_, '_>, status: u8) -> Next {
        cx.sys.charge(0);
        if self.quiet < 2 {
            cx.sys.warn(&format!(
                "{}+{} records in\n{}+{} records out",
                self.full_in, self.part_in, self.full_out, self.part_out
            ));
        }
        if self.quiet == 0 {
            // As if the disk took 500 MB/s.
            let micros = (self.bytes / 500).max(10);
            let rate = self.bytes as u128 * 1_000_000 / u128::from(micros);
            cx.sys.warn(&format!(
                "{} bytes ({}B) copied, {}.{:06} seconds, {}B/s",
                self.bytes,
                human(u128::from(self.bytes)),
                micros / 1_000_000,
                micros % 1_000_000,
                human(rate)
            ));
        }
        Next::Exit(status)
    }

    fn write(&mut self, cx: &mut Cx<'_, '_>) -> Option<Next> {
        if !self.pending.is_empty() {
            match cx.sys.write(self.output, &self.pending) {
                Io::Ready(n) => {
                    self.pending.take_front(n);
                    self.bytes += n;
                }
                Io::Block(wait) => return Some(Next::Wait(wait)),
                Io::Err(error) => {
                    if cx.sys.alive() {
                        cx.warn(&format!("error writing: {error}"));
                    }
                    self.error = true;
                    self.pending = Rope::default();
                }
            }
            if !cx.sys.alive() {
                return Some(Next::Wait(crate::kernel::Wait::Forever));
            }
            return Some(Next::Again);
        }
        None
    }
}

fn set_len(cx: &mut Cx<'_, '_>, fd: u32, len: u64, name: &str) -> Result<(), u8> {
    cx.sys.set_len(fd, len).map_err(|error| {
        cx.warn(&format!("can't truncate '{name}': {error}"));
        1
    })
}

pub(super) fn human(n: u128) -> String {
    let units = ["", "K", "M", "G", "T"];
    if n < 1024 {
        return n.to_string();
    }
    let (mut tenths, mut unit) = (n * 10, 0);
    while tenths >= 10_240 && unit + 1 < units.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    format!("{}.{}{}", tenths / 10, tenths % 10, units[unit])
}

impl Tool for Dd {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(next) = self.write(cx) {
            return next;
        }
        if self.error {
            return self.finish(cx, 1);
        }
        if self.count.is_some_and(|count| self.full_in + self.part_in >= count) {
            return self.finish(cx, 0);
        }
        match cx.sys.read(self.input, self.input_block) {
            Io::Ready(data) if data.is_empty() => self.finish(cx, 0),
            Io::Ready(data) => {
                if self.skip > 0 {
                    self.skip -= 1;
                    return Next::Again;
                }
                if data.len() == self.input_block {
                    self.full_in += 1
                } else {
                    self.part_in += 1
                }
                let blocks = data.len() / self.output_block;
                self.full_out += blocks;
                self.part_out += u64::from(data.len() % self.output_block > 0);
                self.pending = data;
                Next::Again
            }
            Io::Block(wait) => Next::Wait(wait),
            Io::Err(error) => {
                cx.warn(&format!("error reading: {error}"));
                self.finish(cx, 1)
            }
        }
    }

    boxed!();
}

/// The operands of `dd`.
#[derive(Default)]
pub(super) struct DdOperands {
    from: Option<String>,
    to: Option<String>,
    ibs: Option<u64>,
    obs: Option<u64>,
    count: Option<u64>,
    skip: u64,
    seek: u64,
    quiet: u8,
    notrunc: bool,
    append: bool,
}

pub(super) const DD_USAGE: &str =
    "[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]\n";

impl DdOperands {
    fn parse(cx: &mut Cx<'_, '_>, args: &[String]) -> Result<Self, u8> {
        let mut parsed = Self::default();
        for arg in args {
            let Some((name, value)) = arg.split_once('=') else { return Err(cx.usage(DD_USAGE)) };
            match name {
                "if" => parsed.from = Some(value.to_owned()),
                "of" => parsed.to = Some(value.to_owned()),
                "status" => {
                    parsed.quiet = match value {
                        "none" => 2,
                        "noxfer" => 1,
                        _ => 0,
                    }
                }
                "conv" => parsed.notrunc |= value.split(',').any(|c| c == "notrunc"),
                "iflag" | "oflag" => parsed.append |= value.split(',').any(|f| f == "append"),
                _ => parsed.number(cx, name, value)?,
            }
        }
        Ok(parsed)
    }

    fn number(&mut self, cx: &mut Cx<'_, '_>, name: &str, value: &str) -> Result<(), u8> {
        let Some(n) = format::size(value).filter(|n| *n > 0 || !name.ends_with("bs")) else {
            cx.warn(&format!("invalid number '{value}'"));
            return Err(1);
        };
        match name {
            "bs" => (self.ibs, self.obs) = (Some(n), Some(n)),
            "ibs" => self.ibs = Some(n),
            "obs" => self.obs = Some(n),
            "count" => self.count = Some(n),
            "skip" => self.skip = n,
            "seek" => self.seek = n,
            _ => return Err(cx.usage(DD_USAGE)),
        }
        Ok(())
    }
}

pub(super) fn open_or_fail(cx: &mut Cx<'_, '_>, path: &str, mode: OpenMode) -> Result<u32, u8> {
    cx.sys.open_fd(path, mode).map_err(|error| {
        cx.warn(&format!("can't open '{path}': {error}"));
        1
    })
}

pub(super) fn dd(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let operands = DdOperands::parse(cx, &args[1..])?;
    let (ibs, obs) = (operands.ibs.unwrap_or(512), operands.obs.unwrap_or(512));
    // The buffer comes first: too large a block is what kills the container.
    cx.sys.charge(if ibs == obs { ibs } else { ibs.saturating_add(obs) });
    if !cx.sys.alive() {
        return Err(137);
    }
    let input = match &operands.from {
        Some(path) => open_or_fail(cx, path, OpenMode::READ)?,
        None => 0,
    };
    let output = match &operands.to {
        Some(path) => {
            let mode = if operands.append { OpenMode::APPEND } else { OpenMode::NO_TRUNCATE };
            let fd = open_or_fail(cx, path, mode)?;
            let start = operands.seek.saturating_mul(obs);
            if !operands.notrunc && !operands.append {
                set_len(cx, fd, start, operands.to.as_deref().unwrap_or_default())?;
            }
            cx.sys.seek(fd, start);
            fd
        }
        None => 1,
    };
    let mut skip = operands.skip;
    if skip > 0 && cx.sys.file_len(input).is_some() {
        cx.sys.seek(input, skip.saturating_mul(ibs));
        skip = 0;
    }
    Ok(Box::new(Dd {
        input,
        output,
        input_block: ibs,
        output_block: obs,
        count: operands.count,
        skip,
        quiet: operands.quiet,
        full_in: 0,
        part_in: 0,
        full_out: 0,
        part_out: 0,
        bytes: 0,
        pending: Rope::default(),
        error: false,
    }))
}
