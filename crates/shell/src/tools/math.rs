//! `seq`, `expr`, `factor`, `dd`.

mod dd;

use dd::dd;

use super::regex::{Regex, Syntax};
use super::{Begun, Cx, Next, Start, Tool, format};
use crate::kernel::{Io, OpenMode, Sys};
use crate::rope::Rope;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("seq", Start::Run(seq)),
    ("expr", Start::Now(expr)),
    ("factor", Start::Now(factor)),
    ("dd", Start::Run(dd)),
];

/// Numbers as integers scaled by a power of ten.
#[derive(Clone, Debug)]
struct Seq {
    next: i128,
    step: i128,
    last: i128,
    places: usize,
    width: usize,
    separator: String,
    first: bool,
}

impl Seq {
    fn text(&self, n: i128) -> String {
        let scale = 10i128.pow(self.places as u32);
        let sign = if n < 0 { "-" } else { "" };
        let (whole, part) = (n.abs() / scale, n.abs() % scale);
        let width = self
            .width
            .saturating_sub(sign.len() + if self.places > 0 { self.places + 1 } else { 0 });
        if self.places == 0 {
            format!("{sign}{whole:0width$}")
        } else {
            format!("{sign}{whole:0width$}.{part:0p$}", p = self.places)
        }
    }
}

impl Tool for Seq {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        for _ in 0..500 {
            let done = if self.step > 0 { self.next > self.last } else { self.next < self.last };
            if done {
                if !self.first {
                    cx.print("\n");
                }
                return Next::Exit(0);
            }
            if !std::mem::take(&mut self.first) {
                cx.print(&self.separator);
            }
            let text = self.text(self.next);
            cx.print(&text);
            self.next += self.step;
            cx.sys.cost += 1;
        }
        Next::Again
    }

    boxed!();
}

fn seq(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-w] [-s SEP] [FIRST [INC]] LAST\n\nPrint numbers from FIRST to LAST, in steps of INC.\nFIRST, INC default to 1.\n\n\t-w\tPad to last with leading zeros\n\t-s SEP\tString separator";
    let (mut equal, mut separator, mut numbers) = (false, "\n".to_owned(), Vec::new());
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-w" => equal = true,
            "-s" => separator = rest.next().cloned().unwrap_or_default(),
            _ => numbers.push(arg.clone()),
        }
    }
    if numbers.is_empty() || numbers.len() > 3 {
        return Err(cx.usage(usage));
    }
    let places = numbers
        .iter()
        .map(|n| n.split_once('.').map_or(0, |(_, f)| f.len()))
        .max()
        .unwrap_or(0)
        .min(9);
    let scaled = |text: &str| -> Option<i128> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let ok = |s: &str| s.bytes().all(|b| b.is_ascii_digit()) && s.len() < 18;
        if !ok(whole) || !ok(part) || digits.is_empty() {
            return None;
        }
        let n: i128 =
            format!("{whole}{:0<places$}", &part[..part.len().min(places)]).parse().ok()?;
        Some(if negative { -n } else { n })
    };
    let mut values = Vec::new();
    for text in &numbers {
        match scaled(text) {
            Some(n) => values.push(n),
            None => {
                return Err(cx.usage(usage));
            }
        }
    }
    let one = 10i128.pow(places as u32);
    let (next, step, last) = match values.as_slice() {
        [last] => (one, one, *last),
        [first, last] => (*first, one, *last),
        [first, step, last] => (*first, *step, *last),
        _ => return Err(1),
    };
    if step == 0 {
        return Err(0);
    }
    let mut tool = Seq { next, step, last, places, width: 0, separator, first: true };
    if equal {
        tool.width = tool.text(next).len().max(tool.text(last).len());
    }
    Ok(Box::new(tool))
}

fn factor(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    for arg in &args[1..] {
        let Ok(n) = arg.parse::<u32>() else {
            cx.warn(&format!("invalid number '{arg}'"));
            return 1;
        };
        let (mut rest, mut divisor, mut out) = (n, 2, format!("{n}:"));
        while rest > 1 && divisor * divisor <= rest && divisor < 65_536 {
            while rest % divisor == 0 {
                out += &format!(" {divisor}");
                rest /= divisor;
            }
            divisor += 1;
        }
        if rest > 1 {
            out += &format!(" {rest}");
        }
        cx.print(&format!("{out}\n"));
    }
    0
}

struct Expr<'a, 'b> {
    sys: &'a mut Sys<'b>,
    words: &'a [String],
    at: usize,
    depth: u32,
}

const LEVELS: [&[&str]; 6] = [
    &["|"],
    &["&"],
    &["<", "<=", "=", "==", "!=", ">=", ">"],
    &["+", "-"],
    &["*", "/", "%"],
    &[":"],
];

fn truth(value: &str) -> bool {
    !value.is_empty() && value.parse::<i64>() != Ok(0)
}

impl Expr<'_, '_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn level(&mut self, level: usize) -> Result<String, String> {
        if level == LEVELS.len() {
            return self.primary();
        }
        let mut left = self.level(level + 1)?;
        while let Some(op) = self.peek().and_then(|w| LEVELS[level].iter().find(|op| **op == w)) {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(self.sys, op, &left, &right)?;
        }
        Ok(left)
    }

    fn next(&mut self) -> Result<String, String> {
        let word = self.words.get(self.at).cloned().ok_or("syntax error")?;
        self.at += 1;
        Ok(word)
    }

    fn primary(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("syntax error".to_owned());
        }
        let word = self.next()?;
        let more = self.at < self.words.len();
        let value = match word.as_str() {
            "(" => {
                let value = self.level(0)?;
                if self.next()? != ")" {
                    return Err("syntax error".to_owned());
                }
                value
            }
            "length" if more => self.primary()?.chars().count().to_string(),
            "match" if more => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                apply(self.sys, ":", &text, &pattern)?
            }
            "index" if more => {
                let (text, set) = (self.primary()?, self.primary()?);
                text.chars().position(|c| set.contains(c)).map_or(0, |n| n + 1).to_string()
            }
            "substr" if more => {
                let (text, from, len) = (self.primary()?, self.primary()?, self.primary()?);
                let from: usize = from.parse().map_err(|_| "non-numeric argument")?;
                let len: usize = len.parse().map_err(|_| "non-numeric argument")?;
                if from == 0 {
                    String::new()
                } else {
                    text.chars().skip(from - 1).take(len).collect()
                }
            }
            "+" if more => self.next()?,
            ")" => return Err("syntax error".to_owned()),
            _ => word,
        };
        self.depth -= 1;
        Ok(value)
    }
}

fn apply(sys: &mut Sys<'_>, op: &str, left: &str, right: &str) -> Result<String, String> {
    let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    let flag = |b: bool| Ok(i64::from(b).to_string());
    match op {
        "|" => {
            return Ok(if truth(left) {
                left
            } else if truth(right) {
                right
            } else {
                "0"
            }
            .to_owned());
        }
        "&" => return Ok(if truth(left) && truth(right) { left } else { "0" }.to_owned()),
        ":" => {
            let regex = Regex::new(&format!("^{}", right.trim_start_matches('^')), Syntax::BASIC)
                .map_err(str::to_owned)?;
            let groups = sys.captures(&regex, left.as_bytes(), 0)?;
            let text = |range: (usize, usize)| {
                String::from_utf8_lossy(&left.as_bytes()[range.0..range.1]).into_owned()
            };
            let captures = right.contains("\\(");
            return Ok(match groups {
                Some(groups) if captures => {
                    groups.get(1).copied().flatten().map(text).unwrap_or_default()
                }
                Some(groups) => groups[0].map_or(0, |(a, b)| b - a).to_string(),
                None if captures => String::new(),
                None => "0".to_owned(),
            });
        }
        _ => {}
    }
    let order = match numbers {
        Some((a, b)) => a.cmp(&b),
        None => left.cmp(right),
    };
    match op {
        "<" => return flag(order.is_lt()),
        "<=" => return flag(order.is_le()),
        "=" | "==" => return flag(order.is_eq()),
        "!=" => return flag(order.is_ne()),
        ">=" => return flag(order.is_ge()),
        ">" => return flag(order.is_gt()),
        _ => {}
    }
    let (a, b) = numbers.ok_or("non-numeric argument")?;
    if matches!(op, "/" | "%") && b == 0 {
        return Err("division by zero".to_owned());
    }
    let value = match op {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" => a.wrapping_div(b),
        _ => a.wrapping_rem(b),
    };
    Ok(value.to_string())
}

fn expr(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    if args.len() < 2 {
        cx.warn("too few arguments");
        return 2;
    }
    let mut state = Expr { sys: &mut *cx.sys, words: &args[1..], at: 0, depth: 0 };
    let result = state.level(0).and_then(|value| {
        if state.at == state.words.len() { Ok(value) } else { Err("syntax error".to_owned()) }
    });
    match result {
        Ok(value) => {
            cx.print(&format!("{value}\n"));
            u8::from(!truth(&value))
        }
        Err(message) => {
            cx.warn(&message);
            2
        }
    }
}
