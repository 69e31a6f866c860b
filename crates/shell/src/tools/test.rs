//! `test` and `[`.

use super::Start;
use crate::kernel::{FileType, Stat, Sys};

struct Parser<'a, 'b> {
    words: &'a [String],
    at: usize,
    sys: &'a mut Sys<'b>,
    depth: u32,
}

type Tested = Result<bool, String>;

const BINARY: [&str; 15] = [
    "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~",
];
const UNARY: &str = "rwxfdcbpugkshLSznteOGN";

/// Evaluates the operands of `[[` in ash, where `=` compares with a pattern.
pub(crate) fn evaluate_as(sys: &mut Sys<'_>, words: &[String], patterns: bool) -> Tested {
    match words {
        [left, op, right] if patterns && matches!(op.as_str(), "=" | "==" | "!=") => {
            Ok(crate::sh::judge(sys, right, left)? == (op != "!="))
        }
        _ => evaluate(sys, words),
    }
}

/// Evaluates the operands of `test`.
pub(crate) fn evaluate(sys: &mut Sys<'_>, words: &[String]) -> Tested {
    // With few operands POSIX fixes the meaning by their number.
    match words {
        [] => return Ok(false),
        [one] => return Ok(!one.is_empty()),
        [op, operand] if op == "!" => return Ok(operand.is_empty()),
        [left, op, right] if BINARY.contains(&op.as_str()) => return binary(sys, left, op, right),
        [bang, rest @ ..] if bang == "!" && rest.len() <= 3 => {
            return evaluate(sys, rest).map(|r| !r);
        }
        _ => {}
    }
    let mut parser = Parser { words, at: 0, sys, depth: 0 };
    let result = parser.or()?;
    match parser.words.get(parser.at) {
        Some(word) => Err(format!("{word}: unknown operand")),
        None => Ok(result),
    }
}

impl Parser<'_, '_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn or(&mut self) -> Tested {
        let mut result = self.and()?;
        while self.peek() == Some("-o") {
            self.at += 1;
            let right = self.and()?;
            result |= right;
        }
        Ok(result)
    }

    fn and(&mut self) -> Tested {
        let mut result = self.not()?;
        while self.peek() == Some("-a") {
            self.at += 1;
            let right = self.not()?;
            result &= right;
        }
        Ok(result)
    }

    fn not(&mut self) -> Tested {
        self.depth += 1;
        if self.depth > 100 {
            return Err("too many levels".to_owned());
        }
        let result = if self.peek() == Some("!") && self.at + 1 < self.words.len() {
            self.at += 1;
            self.not().map(|r| !r)
        } else {
            self.primary()
        };
        self.depth -= 1;
        result
    }

    fn primary(&mut self) -> Tested {
        let Some(word) = self.words.get(self.at).cloned() else {
            return Err("argument expected".to_owned());
        };
        let next = self.words.get(self.at + 1).cloned();
        if let Some(op) = next.as_deref().filter(|op| BINARY.contains(op))
            && let Some(right) = self.words.get(self.at + 2).cloned()
        {
            self.at += 3;
            return binary(self.sys, &word, op, &right);
        }
        if word == "(" {
            self.at += 1;
            let result = self.or()?;
            if self.peek() != Some(")") {
                return Err("closing paren expected".to_owned());
            }
            self.at += 1;
            return Ok(result);
        }
        if is_unary(&word)
            && let Some(operand) = next
        {
            self.at += 2;
            return unary(self.sys, &word, &operand);
        }
        self.at += 1;
        Ok(!word.is_empty())
    }
}

fn is_unary(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| UNARY.contains(c))
        && chars.next().is_none()
}

fn integer(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("{text}: bad number"))
}

fn binary(sys: &mut Sys<'_>, left: &str, op: &str, right: &str) -> Tested {
    Ok(match op {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-nt" | "-ot" => {
            let time = |sys: &mut Sys<'_>, path: &str| sys.stat(path, true).ok().map(|s| s.mtime);
            let (a, b) = (time(sys, left), time(sys, right));
            match (a, b) {
                (Some(a), Some(b)) => {
                    if op == "-nt" {
                        a > b
                    } else {
                        a < b
                    }
                }
                // busybox wants both files to exist.
                _ => false,
            }
        }
        "-ef" => {
            let id = |s: Stat| (s.tree, s.ino);
            let a = sys.stat(left, true).ok().map(id);
            a.is_some() && a == sys.stat(right, true).ok().map(id)
        }
        "=~" => {
            let regex = super::regex::Regex::new(right, super::regex::Syntax::EXTENDED)
                .map_err(|_| "invalid regular expression".to_owned())?;
            sys.find(&regex, left.as_bytes(), 0)?.is_some()
        }
        _ => {
            let (a, b) = (integer(left)?, integer(right)?);
            match op {
                "-eq" => a == b,
                "-ne" => a != b,
                "-lt" => a < b,
                "-le" => a <= b,
                "-gt" => a > b,
                _ => a >= b,
            }
        }
    })
}

fn unary(sys: &mut Sys<'_>, op: &str, operand: &str) -> Tested {
    match op {
        "-n" => return Ok(!operand.is_empty()),
        "-z" => return Ok(operand.is_empty()),
        "-t" => return Ok(false),
        "-r" => return Ok(sys.access(operand, 4)),
        "-w" => return Ok(sys.access(operand, 2)),
        "-x" => return Ok(sys.access(operand, 1)),
        _ => {}
    }
    let follow = !matches!(op, "-h" | "-L");
    let Ok(stat) = sys.stat(operand, follow) else { return Ok(false) };
    Ok(match op {
        "-f" => stat.file_type == FileType::File,
        "-d" => stat.file_type == FileType::Dir,
        "-c" => stat.file_type == FileType::Device,
        "-p" => stat.file_type == FileType::Fifo,
        "-h" | "-L" => stat.file_type == FileType::Link,
        "-s" => stat.size > 0,
        "-u" => stat.mode & 0o4000 != 0,
        "-g" => stat.mode & 0o2000 != 0,
        "-k" => stat.mode & 0o1000 != 0,
        "-O" => stat.uid == sys.proc().cred.uid,
        "-G" => stat.gid == sys.proc().cred.gid,
        "-b" | "-S" => false,
        _ => true,
    })
}

/// `/bin/test` and `/bin/[`, when they are not the shell's own.
pub(super) const TOOLS: &[(&str, Start)] =
    &[("test", Start::Now(run)), ("[", Start::Now(run)), ("[[", Start::Now(run))];

fn run(cx: &mut super::Cx<'_, '_>, args: &[String]) -> u8 {
    let mut words = &args[1..];
    let closing = match cx.name {
        "[" => Some("]"),
        "[[" => Some("]]"),
        _ => None,
    };
    if let Some(closing) = closing {
        match words.split_last() {
            Some((last, rest)) if last == closing => words = rest,
            _ => {
                cx.warn(&format!("missing {closing}"));
                return 2;
            }
        }
    }
    match evaluate(cx.sys, words) {
        Ok(result) => u8::from(!result),
        Err(message) => {
            cx.warn(&message);
            2
        }
    }
}
