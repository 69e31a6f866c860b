//! What is done to the value of a parameter.

use super::*;

impl<'a, 'b> Expander<'a, 'b> {
    pub(super) fn transform(&mut self, param: &Param, value: Value) -> Expanded<Value> {
        match &param.op {
            Op::Length => Ok(Value::One(match value {
                Value::Unset => "0".to_owned(),
                Value::One(text) => text.len().to_string(),
                Value::Many(items, _) => items.len().to_string(),
            })),
            Op::TrimPrefix { longest, pattern } => {
                let pattern = self.pattern(pattern)?;
                Ok(map(value, |text| match pattern::prefix(&pattern, text, *longest) {
                    Some(n) => text[n..].to_owned(),
                    None => text.to_owned(),
                }))
            }
            Op::TrimSuffix { longest, pattern } => {
                let pattern = self.pattern(pattern)?;
                Ok(map(value, |text| match pattern::suffix(&pattern, text, *longest) {
                    Some(n) => text[..n].to_owned(),
                    None => text.to_owned(),
                }))
            }
            Op::Replace { how, pattern, with } => {
                let pattern = self.pattern(pattern)?;
                let with = self.single(with)?;
                Ok(map(value, |text| replace(text, &pattern, &with, *how)))
            }
            Op::Slice { offset, length } => {
                let offset = self.arithmetic(offset)?;
                let length = match length {
                    Some(parts) => Some(self.arithmetic(parts)?),
                    None => None,
                };
                Ok(slice(value, offset, length, &self.shell.arg0))
            }
            Op::Case { upper, all } => {
                let convert: fn(&str) -> String =
                    if *upper { str::to_uppercase } else { str::to_lowercase };
                Ok(map(value, |text| change_case(text, convert, *all)))
            }
            _ => Ok(value),
        }
    }
}

pub(super) fn map(value: Value, f: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Unset => Value::Unset,
        Value::One(text) => Value::One(f(&text)),
        Value::Many(items, star) => Value::Many(items.iter().map(|i| f(i)).collect(), star),
    }
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

pub(super) fn slice(value: Value, offset: i64, length: Option<i64>, arg0: &str) -> Value {
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
            let all: Vec<String> = std::iter::once(arg0.to_owned()).chain(items).collect();
            let (start, stop) = range(all.len());
            Value::Many(all[start..stop].to_vec(), star)
        }
    }
}

pub(super) fn replace(text: &str, pattern: &str, with: &str, how: Replace) -> String {
    if pattern.is_empty() {
        return text.to_owned();
    }
    match how {
        Replace::Prefix => match pattern::prefix(pattern, text, true) {
            Some(n) => format!("{with}{}", &text[n..]),
            None => text.to_owned(),
        },
        Replace::Suffix => match pattern::suffix(pattern, text, true) {
            Some(n) => format!("{}{with}", &text[..n]),
            None => text.to_owned(),
        },
        Replace::First | Replace::All => {
            let mut out = String::new();
            let mut rest = text;
            while let Some(c) = rest.chars().next() {
                match pattern::prefix(pattern, rest, true).filter(|n| *n > 0) {
                    Some(n) => {
                        out.push_str(with);
                        rest = &rest[n..];
                        if how == Replace::First {
                            break;
                        }
                    }
                    None => {
                        out.push(c);
                        rest = &rest[c.len_utf8()..];
                    }
                }
            }
            out + rest
        }
    }
}
