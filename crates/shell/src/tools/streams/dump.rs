//! Tools that need everything at once: `base64`, `od`, `cmp`, `diff`.

use super::*;

/// Tools that need the whole input at once.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) input: Input,
    pub(super) data: Vec<u8>,
    pub(super) args: Vec<String>,
    pub(super) run: fn(&mut Cx<'_, '_>, &[u8], &[String]) -> u8,
}

impl Tool for Whole {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                if cx.sys.too_much(self.data.len() as u64 + data.len()) {
                    cx.sys.exhaust("bytes of a process");
                    return Next::Wait(Wait::Forever);
                }
                self.data.extend(cx.sys.bytes(&data));
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

pub(super) fn whole(
    operands: &[String],
    args: &[String],
    run: fn(&mut Cx<'_, '_>, &[u8], &[String]) -> u8,
) -> Box<dyn Tool> {
    let mut input = Input::new(operands);
    input.short = true;
    Box::new(Whole { input, data: Vec::new(), args: args.to_vec(), run })
}

pub(super) fn base64(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let args: Vec<String> =
        args.iter().map(|a| a.replacen("--decode", "-d", 1).replacen("--wrap=", "-w", 1)).collect();
    let options = Options::parse(&args, "di", "w")
        .map_err(|bad| cx.bad_option(&bad, "[-d] [-w COL] [FILE]\n"))?;
    let run = if options.has('d') { base64_decode } else { base64_encode };
    let wrap = options.value('w').unwrap_or("76").to_owned();
    Ok(whole(&options.operands, &[wrap], run))
}

pub(super) const BASE64: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn base64_encode(cx: &mut Cx<'_, '_>, data: &[u8], args: &[String]) -> u8 {
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

pub(super) fn base64_decode(cx: &mut Cx<'_, '_>, data: &[u8], _: &[String]) -> u8 {
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

pub(super) fn od(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
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

pub(super) fn dump(cx: &mut Cx<'_, '_>, data: &[u8], args: &[String]) -> u8 {
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

pub(super) fn printable(line: &[u8]) -> String {
    line.iter().map(|b| if (32..127).contains(b) { char::from(*b) } else { '.' }).collect()
}

pub(super) fn offset(name: &str, address: &str, at: usize) -> String {
    match (name, address) {
        ("hexdump", _) => format!("{at:07x}"),
        (_, "x") => format!("{at:06x}"),
        (_, "d") => format!("{at:07}"),
        (_, "n") => String::new(),
        _ => format!("{at:07o}"),
    }
}

pub(super) fn cells(name: &str, kind: &str, line: &[u8]) -> String {
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

pub(super) fn char_name(byte: u8) -> String {
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

pub(super) fn two_files(cx: &mut Cx<'_, '_>, operands: &[String]) -> Result<[Vec<u8>; 2], u8> {
    let mut out = [Vec::new(), Vec::new()];
    for (slot, path) in out.iter_mut().zip(operands) {
        let real = if path == "-" { "/dev/stdin" } else { path };
        match cx.sys.read_all(real) {
            Ok(data) => *slot = data.to_vec(),
            Err(error) => {
                cx.warn(&format!("{path}: {error}"));
                return Err(2);
            }
        }
    }
    Ok(out)
}

pub(super) fn cmp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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

pub(super) fn diff(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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
    let text =
        super::super::diff::unified(&String::from_utf8_lossy(&a), &String::from_utf8_lossy(&b), 3);
    cx.print(&format!("--- {}\n+++ {}\n{text}", names[0], names[1]));
    1
}
