//! Functions of the library and of the program.

use super::*;

impl Machine {
    pub(super) fn call(&mut self, cx: &mut Cx<'_, '_>, name: &str, args: &[Expr]) -> Value {
        let program = self.program.clone();
        if let Some((params, body)) = program.functions.get(name) {
            return self.call_own(cx, params, body, args);
        }
        match name {
            "sub" | "gsub" => return self.substitute(cx, name == "gsub", args),
            "split" => return self.split_call(cx, args),
            "sprintf" => return Value::Text(self.format(cx, args)),
            "length" => {
                return match args.first() {
                    None => Value::Number(self.record.chars().count() as f64),
                    Some(Expr::Var(name)) if !self.array(name).is_empty() => {
                        Value::Number(self.array(name).len() as f64)
                    }
                    Some(arg) => Value::Number(self.eval(cx, arg).text().chars().count() as f64),
                };
            }
            "match" => {
                let text = args.first().map(|a| self.eval(cx, a).text()).unwrap_or_default();
                let pattern = args.get(1).map(|a| self.pattern(cx, a)).unwrap_or_default();
                let (start, length) = match self.matches(cx, &text, &pattern) {
                    Some((a, b)) => (a as f64 + 1.0, (b - a) as f64),
                    None => (0.0, -1.0),
                };
                self.vars.insert("RSTART".to_owned(), Value::Number(start));
                self.vars.insert("RLENGTH".to_owned(), Value::Number(length));
                return Value::Number(start);
            }
            _ => {}
        }
        self.call_simple(cx, name, args)
    }

    /// Functions that only need the values of their arguments.
    fn call_simple(&mut self, cx: &mut Cx<'_, '_>, name: &str, args: &[Expr]) -> Value {
        let values: Vec<Value> = args.iter().map(|a| self.eval(cx, a)).collect();
        let number = |i: usize| values.get(i).map_or(0.0, Value::number);
        let text = |i: usize| values.get(i).map(Value::text).unwrap_or_default();
        match name {
            "substr" => {
                let chars: Vec<char> = text(0).chars().collect();
                let start = number(1).round();
                let end = if values.len() > 2 { start + number(2).round() } else { f64::MAX };
                let from = (start.max(1.0) - 1.0) as usize;
                let to = (end - 1.0).clamp(0.0, chars.len() as f64) as usize;
                Value::Text(
                    chars.get(from.min(to)..to).map(|c| c.iter().collect()).unwrap_or_default(),
                )
            }
            "index" => Value::Number(text(0).find(&text(1)).map_or(0.0, |n| n as f64 + 1.0)),
            "toupper" => Value::Text(text(0).to_ascii_uppercase()),
            "tolower" => Value::Text(text(0).to_ascii_lowercase()),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(libm::sqrt(number(0))),
            "exp" => Value::Number(libm::exp(number(0))),
            "log" => Value::Number(libm::log(number(0))),
            "sin" => Value::Number(libm::sin(number(0))),
            "cos" => Value::Number(libm::cos(number(0))),
            "atan2" => Value::Number(libm::atan2(number(0), number(1))),
            "rand" => Value::Number((cx.sys.random() >> 11) as f64 / (1u64 << 53) as f64),
            "srand" => Value::Number(0.0),
            "systime" => Value::Number((cx.sys.unix_nanos() / 1_000_000_000) as f64),
            "strftime" => {
                let at = if values.len() > 1 {
                    number(1) as i64 * 1_000_000_000
                } else {
                    cx.sys.unix_nanos()
                };
                Value::Text(date::format(&text(0), at))
            }
            _ => {
                self.error = Some(format!("Call to undefined function {name}"));
                self.exit = Some(2);
                Value::Number(0.0)
            }
        }
    }

    pub(super) fn call_own(
        &mut self,
        cx: &mut Cx<'_, '_>,
        params: &[String],
        body: &Stmt,
        args: &[Expr],
    ) -> Value {
        if self.frames.len() > 40 {
            self.error = Some("too many nested calls".to_owned());
            self.exit = Some(2);
            return Value::Number(0.0);
        }
        let mut frame = Frame { params: params.to_vec(), ..Frame::default() };
        for (param, arg) in params.iter().zip(args) {
            if let Expr::Var(name) = arg
                && !self.vars.contains_key(name)
                && self.frames.last().is_none_or(|f| !f.vars.contains_key(name))
            {
                frame.aliases.insert(param.clone(), name.clone());
                continue;
            }
            let value = self.eval(cx, arg);
            frame.vars.insert(param.clone(), value);
        }
        self.frames.push(frame);
        let flow = self.run(cx, body);
        self.frames.pop();
        match flow {
            Flow::Return(value) => value,
            _ => Value::Input(String::new()),
        }
    }

    pub(super) fn substitute(&mut self, cx: &mut Cx<'_, '_>, all: bool, args: &[Expr]) -> Value {
        let (Some(pattern), Some(with)) = (args.first(), args.get(1)) else {
            return Value::Number(0.0);
        };
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let target = args.get(2).unwrap_or(&whole);
        let pattern = self.pattern(cx, pattern);
        let with = self.eval(cx, with).text();
        let text = self.eval(cx, target).text().into_bytes();
        let Some(regex) = self.regex(&pattern) else { return Value::Number(0.0) };
        let (mut out, mut at, mut count) = (Vec::new(), 0, 0u32);
        while at <= text.len() {
            let Some((a, b)) = self.find(cx, &regex, &text, at) else { break };
            if out.len() as u64 > limits::STRING_BYTES && !self.has_room(cx, out.len()) {
                break;
            }
            out.extend_from_slice(&text[at..a]);
            let matched = String::from_utf8_lossy(&text[a..b]).into_owned();
            out.extend(replaced(&with, &matched).into_bytes());
            count += 1;
            at = b;
            if a == b {
                out.extend(text.get(b));
                at += 1;
            }
            if !all {
                break;
            }
        }
        if count > 0 {
            out.extend_from_slice(text.get(at..).unwrap_or_default());
            let value = Value::Text(String::from_utf8_lossy(&out).into_owned());
            self.assign(cx, target, value);
        }
        Value::Number(f64::from(count))
    }

    pub(super) fn split_call(&mut self, cx: &mut Cx<'_, '_>, args: &[Expr]) -> Value {
        let text = args.first().map(|a| self.eval(cx, a).text()).unwrap_or_default();
        let separator = match args.get(2) {
            Some(separator) => self.pattern(cx, separator),
            None => self.var("FS").text(),
        };
        let parts = self.split(cx, &text, &separator);
        let count = parts.len();
        if let Some(Expr::Var(name)) = args.get(1) {
            let items =
                parts.into_iter().enumerate().map(|(i, p)| ((i + 1).to_string(), Value::Input(p)));
            *self.array(name) = items.collect();
        }
        Value::Number(count as f64)
    }
}

/// The replacement of `sub`: `&` is the match, `\\&` an ampersand.
pub(super) fn replaced(with: &str, matched: &str) -> String {
    let mut out = String::new();
    let mut chars = with.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'&') => {
                chars.next();
                out.push('&');
            }
            '&' => out += matched,
            other => out.push(other),
        }
    }
    out
}

/// Splits by a field separator that is no regular expression: blanks, nothing, or one character.
fn split_plain(text: &str, separator: &str) -> Option<Vec<String>> {
    let mut chars = separator.chars();
    match (chars.next(), chars.next()) {
        _ if text.is_empty() => Some(Vec::new()),
        (Some(' '), None) => Some(text.split_ascii_whitespace().map(str::to_owned).collect()),
        (None, _) => Some(text.chars().map(String::from).collect()),
        (Some(c), None) if c != '\\' => Some(text.split(c).map(str::to_owned).collect()),
        _ => None,
    }
}

impl Machine {
    pub(super) fn split(
        &mut self,
        cx: &mut Cx<'_, '_>,
        text: &str,
        separator: &str,
    ) -> Vec<String> {
        cx.sys.pay(text.len() as u64 * 4);
        if let Some(parts) = split_plain(text, separator) {
            return parts;
        }
        let Some(regex) = self.regex(separator) else { return vec![text.to_owned()] };
        let bytes = text.as_bytes();
        let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
        while at <= bytes.len() {
            let Some((a, b)) = self.find(cx, &regex, bytes, at) else { break };
            if a == b {
                at = a + 1;
                continue;
            }
            out.push(String::from_utf8_lossy(&bytes[start..a]).into_owned());
            (start, at) = (b, b);
        }
        out.push(String::from_utf8_lossy(&bytes[start..]).into_owned());
        out
    }
}
