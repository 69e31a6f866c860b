//! What is done to the value of a parameter.

use super::*;
use crate::limits;
use crate::sh::pattern::{Pattern, TooManySteps};
use crate::sh::{Data, Var};

impl<'a, 'b> Expander<'a, 'b> {
    pub(super) fn transform(&mut self, param: &Param, value: Value) -> Expanded<Value> {
        match &param.op {
            Op::Length => Ok(Value::One(match value {
                Value::Unset => "0".to_owned(),
                Value::One(text) => text.len().to_string(),
                Value::Many(items, _) => items.len().to_string(),
            })),
            Op::TrimPrefix { longest, pattern } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                self.search(value, pattern, |pattern, text| {
                    Ok(text[pattern.prefix(text, *longest)?.unwrap_or(0)..].to_owned())
                })
            }
            Op::TrimSuffix { longest, pattern } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                self.search(value, pattern, |pattern, text| {
                    Ok(text[..pattern.suffix(text, *longest)?.unwrap_or(text.len())].to_owned())
                })
            }
            Op::Replace { how, pattern, with } => {
                let pattern = self.pattern(pattern)?;
                let with = self.single(with)?;
                if pattern.is_empty() && matches!(how, Replace::First | Replace::All) {
                    return Ok(value);
                }
                self.search(value, Pattern::new(&pattern), |pattern, text| {
                    replace(text, pattern, &with, *how)
                })
            }
            Op::Slice { offset, length } => {
                let offset = self.arithmetic(offset)?;
                let length = match length {
                    Some(parts) => Some(self.arithmetic(parts)?),
                    None => None,
                };
                let keys = match &value {
                    Value::Many(items, _) if !matches!(param.name.as_str(), "@" | "*") => {
                        let keys: Vec<i64> = self
                            .shell
                            .keys(&param.name)
                            .iter()
                            .filter_map(|key| key.parse().ok())
                            .collect();
                        (keys.len() == items.len()).then_some(keys)
                    }
                    _ => None,
                };
                if let (Some(keys), Value::Many(items, star)) = (keys, &value) {
                    return Ok(Value::Many(elements(items, &keys, offset, length), *star));
                }
                let arg0 = match param.name.as_str() {
                    "@" | "*" => Some(self.shell.arg0.as_str()),
                    _ => None,
                };
                Ok(slice(value, offset, length, arg0))
            }
            Op::Case { upper, all } => {
                let convert: fn(&str) -> String =
                    if *upper { str::to_uppercase } else { str::to_lowercase };
                Ok(map(value, |text| change_case(text, convert, *all)))
            }
            Op::Transform(letter) => Ok(self.reshape(param, value, *letter)),
            _ => Ok(value),
        }
    }

    /// `${x@Q}` and its like.
    fn reshape(&self, param: &Param, value: Value, letter: char) -> Value {
        let var = self.shell.vars.get(&param.name);
        match letter {
            'Q' => map(value, quote),
            'U' => map(value, str::to_uppercase),
            'L' => map(value, str::to_lowercase),
            'u' => map(value, |text| change_case(text, str::to_uppercase, false)),
            'E' => map(value, |text| {
                let (bytes, _) = crate::tools::escapes(text, true);
                String::from_utf8_lossy(&bytes).into_owned()
            }),
            'a' => Value::One(var.map(attributes).unwrap_or_default()),
            'A' => match (value, var) {
                (Value::One(text), Some(var)) if attributes(var).is_empty() => {
                    Value::One(format!("{}={}", param.name, quote(&text)))
                }
                (Value::One(text), Some(var)) => Value::One(format!(
                    "declare -{} {}={}",
                    attributes(var),
                    param.name,
                    quote(&text)
                )),
                (value, _) => value,
            },
            _ => value,
        }
    }

    /// Changes a value by a pattern, and pays for the search.
    fn search(
        &mut self,
        value: Value,
        mut pattern: Pattern,
        f: impl Fn(&mut Pattern, &str) -> Result<String, TooManySteps>,
    ) -> Expanded<Value> {
        let result = match value {
            Value::Unset => Ok(Value::Unset),
            Value::One(text) => f(&mut pattern, &text).map(Value::One),
            Value::Many(items, star) => items
                .iter()
                .map(|item| f(&mut pattern, item))
                .collect::<Result<_, _>>()
                .map(|items| Value::Many(items, star)),
        };
        self.sys.cost += pattern.steps() / 16;
        result.or_else(|TooManySteps| {
            self.sys.meet("steps of a pattern");
            fail("pattern: too many steps")
        })
    }
}

pub(super) fn map(value: Value, f: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Unset => Value::Unset,
        Value::One(text) => Value::One(f(&text)),
        Value::Many(items, star) => Value::Many(items.iter().map(|i| f(i)).collect(), star),
    }
}

/// A word in quotes that bash reads back: `${x@Q}`.
pub(in crate::sh) fn quote(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return ansi_quote(text);
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// `$'…'`
pub(in crate::sh) fn ansi_quote(text: &str) -> String {
    let mut out = "$'".to_owned();
    for c in text.chars() {
        match c {
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            '\x07' => out += "\\a",
            '\x08' => out += "\\b",
            '\x0b' => out += "\\v",
            '\x0c' => out += "\\f",
            '\x1b' => out += "\\E",
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\{:03o}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "'"
}

/// The letters of a variable's attributes, as `declare -p` shows them.
pub(in crate::sh) fn attributes(var: &Var) -> String {
    let kind = match var.data {
        Data::List(_) => "a",
        Data::Map(_) => "A",
        _ => "",
    };
    let flags = [
        (var.integer, "i"),
        (var.reference, "n"),
        (var.readonly, "r"),
        (var.exported, "x"),
        (var.upper == Some(false), "l"),
        (var.upper == Some(true), "u"),
    ];
    let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect();
    format!("{kind}{flags}")
}

pub(super) fn change_case(text: &str, convert: fn(&str) -> String, all: bool) -> String {
    match text.chars().next() {
        Some(first) if !all => {
            let (head, tail) = text.split_at(first.len_utf8());
            convert(head) + tail
        }
        _ => convert(text),
    }
}

pub(super) fn slice(value: Value, offset: i64, length: Option<i64>, arg0: Option<&str>) -> Value {
    let range = |n: usize| {
        let n = n as i64;
        let start = if offset < 0 { (n + offset).max(0) } else { offset.min(n) };
        let stop = match length {
            None => n,
            Some(len) if len < 0 => (n + len).max(start),
            Some(len) => start.saturating_add(len).min(n),
        };
        (start as usize, stop as usize)
    };
    match value {
        Value::Unset => Value::Unset,
        Value::One(text) => {
            let chars: Vec<char> = text.chars().collect();
            let (start, stop) = range(chars.len());
            Value::One(chars[start..stop].iter().collect())
        }
        Value::Many(items, star) => {
            // `${@:n}` counts from $0.
            let all: Vec<String> = arg0.map(str::to_owned).into_iter().chain(items).collect();
            let (start, stop) = range(all.len());
            Value::Many(all[start..stop].to_vec(), star)
        }
    }
}

/// `${a[@]:offset:length}`: the offset is a subscript, the length a number of elements.
fn elements(items: &[String], keys: &[i64], offset: i64, length: Option<i64>) -> Vec<String> {
    let end = keys.last().map_or(0, |last| last + 1);
    let from = if offset < 0 { end.saturating_add(offset) } else { offset };
    let wanted = keys.iter().zip(items).filter(|(key, _)| from >= 0 && **key >= from);
    let most = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
    wanted.take(most).map(|(_, item)| item.clone()).collect()
}

fn replace(
    text: &str,
    pattern: &mut Pattern,
    with: &str,
    how: Replace,
) -> Result<String, TooManySteps> {
    match how {
        Replace::Prefix => Ok(match pattern.prefix(text, true)? {
            Some(n) => format!("{with}{}", &text[n..]),
            None => text.to_owned(),
        }),
        Replace::Suffix => Ok(match pattern.suffix(text, true)? {
            Some(n) => format!("{}{with}", &text[..n]),
            None => text.to_owned(),
        }),
        Replace::First | Replace::All => replace_each(text, pattern, with, how == Replace::All),
    }
}

fn replace_each(
    text: &str,
    pattern: &mut Pattern,
    with: &str,
    all: bool,
) -> Result<String, TooManySteps> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match pattern.prefix(rest, true)?.filter(|n| *n > 0) {
            Some(n) => {
                out.push_str(with);
                rest = &rest[n..];
                if !all {
                    break;
                }
            }
            None if pattern.floats() => break,
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if out.len() as u64 > limits::STRING_BYTES {
            break;
        }
    }
    Ok(out + rest)
}
