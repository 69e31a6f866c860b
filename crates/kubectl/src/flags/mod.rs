//! kubectl's flags: which command takes which, and the words of the flag parser when it refuses.
//!
//! Models `github.com/spf13/pflag`.

mod table;

use crate::failure::Failure;
use std::collections::BTreeMap;
use std::time::Duration;
use table::Takes::{Bool, Each, Int, List, Optional, Time};
use table::{Flag, GLOBAL, flags_of};

/// A command line apart: flags by their long names, and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    flags: BTreeMap<&'static str, Vec<String>>,
    /// Words that are not flags.
    pub(crate) words: Vec<String>,
    /// How many of them stand before `--`.
    pub(crate) dash: Option<usize>,
}

/// The long flags of a command; those that take a value end with `=`.
pub(crate) fn long_names(command: &str) -> Vec<String> {
    let sets = flags_of(command);
    let own = sets.iter().copied().flatten();
    // Of what every command takes, what people use.
    let common = GLOBAL.iter().filter(|flag| matches!(flag.0, "namespace" | "help"));
    own.chain(common)
        .map(|(name, _, takes)| match takes {
            Bool | Optional(_) => format!("--{name}"),
            _ => format!("--{name}="),
        })
        .collect()
}

/// Takes the words behind the command's own apart.
pub(crate) fn parse(command: &str, args: &[String]) -> Result<Parsed, Failure> {
    let sets = flags_of(command);
    let known = || sets.iter().copied().chain([GLOBAL]).flatten();
    let mut parsed = Parsed::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            parsed.dash = Some(parsed.words.len());
            parsed.words.extend(args.by_ref().cloned());
        } else if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = long
                .split_once('=')
                .map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
            let flag = known().find(|flag| flag.0 == name);
            let flag =
                flag.ok_or_else(|| Failure::flag(command, format!("unknown flag: --{name}")))?;
            let value = match (value, flag.2) {
                (Some(value), _) => value,
                (None, Bool) => "true".to_owned(),
                (None, Optional(value)) => value.to_owned(),
                (None, _) => args.next().cloned().ok_or_else(|| {
                    Failure::flag(command, format!("flag needs an argument: --{name}"))
                })?,
            };
            parsed.put(command, flag, value)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            let mut rest = arg[1..].chars();
            while let Some(short) = rest.next() {
                let flag = known().find(|flag| flag.1 == short);
                let flag = flag.ok_or_else(|| {
                    Failure::flag(command, format!("unknown shorthand flag: '{short}' in {arg}"))
                })?;
                let attached = rest.as_str();
                if flag.2 == Bool && !attached.starts_with('=') {
                    parsed.put(command, flag, "true".to_owned())?;
                    continue;
                }
                let value = match attached.strip_prefix('=').unwrap_or(attached) {
                    "" if attached.is_empty() => {
                        let missing = || {
                            Failure::flag(
                                command,
                                format!("flag needs an argument: '{short}' in {arg}"),
                            )
                        };
                        args.next().cloned().ok_or_else(missing)?
                    }
                    value => value.to_owned(),
                };
                parsed.put(command, flag, value)?;
                break;
            }
        } else {
            parsed.words.push(arg.clone());
        }
    }
    Ok(parsed)
}

impl Parsed {
    fn put(&mut self, command: &str, flag: &Flag, value: String) -> Result<(), Failure> {
        let &(name, short, takes) = flag;
        let shown = if short == '\0' { format!("--{name}") } else { format!("-{short}, --{name}") };
        let wrong = |why: String| {
            Failure::flag(
                command,
                format!("invalid argument \"{value}\" for \"{shown}\" flag: {why}"),
            )
        };
        match takes {
            Bool if !matches!(
                value.as_str(),
                "1" | "t"
                    | "T"
                    | "true"
                    | "TRUE"
                    | "True"
                    | "0"
                    | "f"
                    | "F"
                    | "false"
                    | "FALSE"
                    | "False"
            ) =>
            {
                return Err(wrong(format!(
                    "strconv.ParseBool: parsing \"{value}\": invalid syntax"
                )));
            }
            Int if value.parse::<i64>().is_err() => {
                return Err(wrong(format!(
                    "strconv.ParseInt: parsing \"{value}\": invalid syntax"
                )));
            }
            Time => {
                duration(&value).map_err(wrong)?;
            }
            _ => {}
        }
        let values = self.flags.entry(name).or_default();
        match takes {
            List => values.extend(value.split(',').map(str::to_owned)),
            Each => values.push(value),
            _ => *values = vec![value],
        }
        Ok(())
    }
    /// The value of a flag.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.flags.get(name)?.last().map(String::as_str)
    }
    /// All values of a flag.
    pub(crate) fn list(&self, name: &str) -> &[String] {
        self.flags.get(name).map_or(&[], Vec::as_slice)
    }
    /// Whether a flag is given at all.
    pub(crate) fn given(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }
    /// Whether a switch is on.
    pub(crate) fn on(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    }
    /// Whether a switch that is on by itself is still on.
    pub(crate) fn still_on(&self, name: &str) -> bool {
        !self.given(name) || self.on(name)
    }
    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }
    /// A length of time.
    pub(crate) fn time(&self, name: &str) -> Option<Span> {
        duration(self.text(name)?).ok()
    }
}

/// A length of time as a flag gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Negative.
    Before,
    /// Zero or more.
    For(Duration),
}

/// Parses Go's durations, with Go's words where it cannot.
fn duration(text: &str) -> Result<Span, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Span::For(Duration::ZERO));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() || number == "." {
            return Err(invalid());
        }
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let nanos: u64 = match unit {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            _ => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        total += Duration::from_nanos(nanos.checked_mul(whole).ok_or_else(invalid)?);
        let mut place = nanos;
        for digit in fraction.bytes() {
            place /= 10;
            total += Duration::from_nanos(place * u64::from(digit.wrapping_sub(b'0')));
        }
        rest = tail;
    }
    Ok(if negative { Span::Before } else { Span::For(total) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(command: &str, line: &str) -> String {
        let args = crate::words::split(line).expect(line);
        parse(command, &args).map_or_else(
            |failure| failure.message,
            |parsed| format!("{:?} {:?}", parsed.words, parsed.flags),
        )
    }

    #[test]
    fn what_the_parser_says() {
        let table = [
            (
                "get",
                "pods -o",
                "error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.",
            ),
            (
                "get",
                "pods --foo",
                "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.",
            ),
            (
                "apply",
                "-g web.yaml",
                "error: unknown shorthand flag: 'g' in -g\nSee 'kubectl apply --help' for usage.",
            ),
            (
                "wait",
                "--timeout=abc",
                "error: invalid argument \"abc\" for \"--timeout\" flag: time: invalid duration \"abc\"\nSee 'kubectl wait --help' for usage.",
            ),
            (
                "logs",
                "x --since=1x",
                "error: invalid argument \"1x\" for \"--since\" flag: time: unknown unit \"x\" in duration \"1x\"\nSee 'kubectl logs --help' for usage.",
            ),
            (
                "get",
                "pods -owide -A",
                "[\"pods\"] {\"all-namespaces\": [\"true\"], \"output\": [\"wide\"]}",
            ),
            (
                "exec",
                "-it web -c a -- sh -c x",
                "[\"web\", \"sh\", \"-c\", \"x\"] {\"container\": [\"a\"], \"stdin\": [\"true\"], \"tty\": [\"true\"]}",
            ),
            ("apply", "-f a,b -f c", "[] {\"filename\": [\"a\", \"b\", \"c\"]}"),
        ];
        for (command, line, expected) in table {
            assert_eq!(message(command, line), expected, "{line}");
        }
    }
}
