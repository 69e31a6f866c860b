//! Running an `awk` program.

use super::parse::{Expr, Program, Stmt};
use crate::kernel::OpenMode;
use crate::tools::regex::Regex;
use crate::tools::{Cx, date, printf};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps that one record may take.
const STEPS: u32 = 1_000_000;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
    /// From input: a number if it looks like one.
    Input(String),
}

#[derive(Clone, Debug)]
enum Flow {
    Normal,
    Next,
    Break,
    Continue,
    Return(Value),
    Exit,
}

#[derive(Clone, Debug, Default)]
struct Frame {
    vars: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    /// Array parameters: local name and the caller's.
    aliases: BTreeMap<String, String>,
    params: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Machine {
    program: Arc<Program>,
    vars: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    record: String,
    fields: Option<Vec<String>>,
    open_ranges: Vec<bool>,
    frames: Vec<Frame>,
    pub(super) exit: Option<u8>,
    pub(super) error: Option<String>,
    steps: u32,
    written: Vec<String>,
}

fn number_text(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e16 {
        return format!("{}", n as i64);
    }
    crate::tools::float_text(n, 'g', 6)
}

/// The number at the beginning of a text.
fn leading(text: &str) -> (f64, bool) {
    let trimmed = text.trim();
    if let Ok(n) = trimmed.parse::<f64>()
        && !trimmed.to_ascii_lowercase().contains(['n', 'i'])
    {
        return (n, true);
    }
    let mut best = 0.0;
    let mut seen = false;
    for (i, c) in trimmed.char_indices().take(40) {
        if !(c.is_ascii_digit() || ".+-eE".contains(c)) {
            break;
        }
        if let Ok(n) = trimmed[..=i].parse::<f64>() {
            best = n;
            seen = true;
        }
    }
    (if seen { best } else { 0.0 }, false)
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Text(text) | Self::Input(text) => leading(text).0,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(n) => number_text(*n),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Self::Number(n) => *n != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => match leading(text) {
                (n, true) => n != 0.0,
                _ => !text.is_empty(),
            },
        }
    }

    /// The value as a number, if it compares like one.
    fn numeric(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(_) => None,
            Self::Input(text) if text.is_empty() => Some(0.0),
            Self::Input(text) => Some(leading(text)).filter(|(_, whole)| *whole).map(|(n, _)| n),
        }
    }
}

impl Machine {
    pub(super) fn new(
        program: Arc<Program>,
        env: &BTreeMap<String, String>,
        args: &[String],
    ) -> Self {
        let text = |s: &str| Value::Text(s.to_owned());
        let vars = [
            ("FS", text(" ")),
            ("OFS", text(" ")),
            ("ORS", text("\n")),
            ("RS", text("\n")),
            ("SUBSEP", text("\u{1c}")),
            ("NR", Value::Number(0.0)),
            ("FNR", Value::Number(0.0)),
            ("RSTART", Value::Number(0.0)),
            ("RLENGTH", Value::Number(-1.0)),
            ("ARGC", Value::Number(args.len() as f64 + 1.0)),
        ];
        let environ = env.iter().map(|(k, v)| (k.clone(), Value::Input(v.clone()))).collect();
        let argv = std::iter::once("awk".to_owned()).chain(args.iter().cloned()).enumerate();
        let argv = argv.map(|(i, a)| (i.to_string(), Value::Input(a))).collect();
        let ranges = program.rules.len();
        Self {
            program,
            vars: vars.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            arrays: [("ENVIRON".to_owned(), environ), ("ARGV".to_owned(), argv)].into(),
            record: String::new(),
            fields: None,
            open_ranges: vec![false; ranges],
            frames: Vec::new(),
            exit: None,
            error: None,
            steps: 0,
            written: Vec::new(),
        }
    }

    pub(super) fn set_text(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), Value::Text(value.to_owned()));
    }

    pub(super) fn set_input(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), Value::Input(value.to_owned()));
    }

    pub(super) fn new_file(&mut self, name: &str) {
        let name = if name == "-" { "" } else { name };
        self.set_text("FILENAME", name);
        self.vars.insert("FNR".to_owned(), Value::Number(0.0));
    }

    pub(super) fn begin(&mut self, cx: &mut Cx<'_, '_>) {
        let program = self.program.clone();
        for body in &program.begins {
            self.steps = 0;
            if let Flow::Exit = self.run(cx, body) {
                return;
            }
        }
    }

    pub(super) fn end(&mut self, cx: &mut Cx<'_, '_>) {
        let program = self.program.clone();
        // `exit` in END itself ends at once; an earlier one still runs END.
        for body in &program.ends {
            self.steps = 0;
            if let Flow::Exit = self.run(cx, body) {
                return;
            }
        }
    }

    pub(super) fn record(&mut self, cx: &mut Cx<'_, '_>, line: &str) {
        line.clone_into(&mut self.record);
        self.fields = None;
        self.steps = 0;
        for name in ["NR", "FNR"] {
            let n = self.vars.get(name).map_or(0.0, Value::number) + 1.0;
            self.vars.insert(name.to_owned(), Value::Number(n));
        }
        let program = self.program.clone();
        for (i, rule) in program.rules.iter().enumerate() {
            let hit = match (&rule.pattern, &rule.until) {
                (None, _) => true,
                (Some(pattern), None) => self.eval(cx, pattern).truth(),
                (Some(pattern), Some(until)) => {
                    let inside = self.open_ranges[i] || self.eval(cx, pattern).truth();
                    if inside {
                        self.open_ranges[i] = !self.eval(cx, until).truth();
                    }
                    inside
                }
            };
            if !hit {
                continue;
            }
            let flow = match &rule.body {
                Some(body) => self.run(cx, body),
                None => {
                    let line = self.record.clone();
                    let end = self.var("ORS").text();
                    cx.print(&format!("{line}{end}"));
                    Flow::Normal
                }
            };
            if !matches!(flow, Flow::Normal) {
                return;
            }
        }
    }

    fn spend(&mut self, cx: &mut Cx<'_, '_>) -> bool {
        self.steps += 1;
        cx.sys.cost += u64::from(self.steps.is_multiple_of(16));
        if self.steps > STEPS {
            self.error = Some("too many steps".to_owned());
            self.exit = Some(2);
        }
        self.steps <= STEPS
    }

    fn run(&mut self, cx: &mut Cx<'_, '_>, statement: &Stmt) -> Flow {
        if !self.spend(cx) {
            return Flow::Exit;
        }
        match statement {
            Stmt::Expr(expr) => drop(self.eval(cx, expr)),
            Stmt::Block(all) => {
                for statement in all {
                    match self.run(cx, statement) {
                        Flow::Normal => {}
                        other => return other,
                    }
                }
            }
            Stmt::Print(args, target) => {
                let text = if args.is_empty() {
                    self.record_text()
                } else {
                    let separator = self.var("OFS").text();
                    args.iter()
                        .map(|a| self.eval(cx, a).text())
                        .collect::<Vec<_>>()
                        .join(&separator)
                };
                let end = self.var("ORS").text();
                self.output(cx, &format!("{text}{end}"), target.as_ref());
            }
            Stmt::Printf(args, target) => {
                let text = self.format(cx, args);
                self.output(cx, &text, target.as_ref());
            }
            Stmt::If(cond, yes, no) => {
                return match (self.eval(cx, cond).truth(), no) {
                    (true, _) => self.run(cx, yes),
                    (false, Some(no)) => self.run(cx, no),
                    (false, None) => Flow::Normal,
                };
            }
            Stmt::While(..) | Stmt::Do(..) | Stmt::For(..) | Stmt::ForIn(..) => {
                return self.run_loop(cx, statement);
            }
            Stmt::Next => return Flow::Next,
            Stmt::Break => return Flow::Break,
            Stmt::Continue => return Flow::Continue,
            Stmt::Exit(code) => {
                let code = code.as_ref().map(|code| self.eval(cx, code).number());
                self.exit = Some(code.map_or(self.exit.unwrap_or(0), |n| (n as i64 & 255) as u8));
                return Flow::Exit;
            }
            Stmt::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(cx, value),
                    None => Value::Input(String::new()),
                };
                return Flow::Return(value);
            }
            Stmt::Delete(name, index) => match index {
                None => self.array(name).clear(),
                Some(index) => {
                    let key = self.key(cx, index);
                    self.array(name).remove(&key);
                }
            },
        }
        if self.exit.is_some() && self.error.is_some() { Flow::Exit } else { Flow::Normal }
    }

    fn run_loop(&mut self, cx: &mut Cx<'_, '_>, statement: &Stmt) -> Flow {
        match statement {
            Stmt::ForIn(name, array, body) => {
                let keys: Vec<String> = self.array(array).keys().cloned().collect();
                for key in keys {
                    self.assign_var(name, Value::Input(key));
                    match self.run(cx, body) {
                        Flow::Normal | Flow::Continue => {}
                        Flow::Break => break,
                        other => return other,
                    }
                }
            }
            Stmt::For(init, cond, step, body) => {
                if let Some(init) = init {
                    self.run(cx, init);
                }
                while cond.as_ref().is_none_or(|cond| self.eval(cx, cond).truth()) {
                    match self.run(cx, body) {
                        Flow::Normal | Flow::Continue => {}
                        Flow::Break => break,
                        other => return other,
                    }
                    if let Some(step) = step
                        && let Flow::Exit = self.run(cx, step)
                    {
                        return Flow::Exit;
                    }
                }
            }
            Stmt::While(cond, body) => {
                while self.eval(cx, cond).truth() {
                    match self.run(cx, body) {
                        Flow::Normal | Flow::Continue => {}
                        Flow::Break => break,
                        other => return other,
                    }
                }
            }
            Stmt::Do(body, cond) => loop {
                match self.run(cx, body) {
                    Flow::Normal | Flow::Continue => {}
                    Flow::Break => break,
                    other => return other,
                }
                if !self.eval(cx, cond).truth() {
                    break;
                }
            },
            _ => {}
        }
        Flow::Normal
    }

    fn output(&mut self, cx: &mut Cx<'_, '_>, text: &str, target: Option<&Expr>) {
        let Some(target) = target else { return cx.print(text) };
        let path = self.eval(cx, target).text();
        match path.as_str() {
            "/dev/stdout" => cx.print(text),
            "/dev/stderr" => cx.sys.print_now(2, text.as_bytes()),
            _ => {
                let first = !self.written.contains(&path);
                let mode = if first { OpenMode::WRITE } else { OpenMode::APPEND };
                match cx.sys.open_fd(&path, mode) {
                    Ok(fd) => {
                        let _ = cx.sys.write(fd, &text.as_bytes().into());
                        cx.sys.close(fd);
                        if first {
                            self.written.push(path);
                        }
                    }
                    Err(error) => {
                        self.error = Some(format!("{path}: {error}"));
                        self.exit = Some(1);
                    }
                }
            }
        }
    }

    fn format(&mut self, cx: &mut Cx<'_, '_>, args: &[Expr]) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut conversions = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let value = self.eval(cx, arg);
            if i == 0 {
                let format = value.text();
                conversions = conversion_letters(&format);
                // The language has already replaced the escapes.
                words.push(format.replace('\\', "\\\\"));
                continue;
            }
            words.push(match conversions.get(i - 1) {
                Some('d' | 'i' | 'o' | 'x' | 'X' | 'u') => format!("{}", value.number() as i64),
                Some('e' | 'f' | 'g' | 'E' | 'F' | 'G') => format!("{}", value.number()),
                Some('c') if matches!(value, Value::Number(_)) => {
                    char::from_u32(value.number() as u32).map(String::from).unwrap_or_default()
                }
                _ => value.text(),
            });
        }
        words.truncate(conversions.len() + 1);
        String::from_utf8_lossy(&printf(&words).0).into_owned()
    }

    // Variables

    fn var(&self, name: &str) -> Value {
        if let Some(frame) = self.frames.last()
            && frame.params.iter().any(|p| p == name)
        {
            return frame.vars.get(name).cloned().unwrap_or(Value::Input(String::new()));
        }
        self.vars.get(name).cloned().unwrap_or(Value::Input(String::new()))
    }

    fn assign_var(&mut self, name: &str, value: Value) {
        if name == "NF" {
            let n = value.number().clamp(0.0, 10_000.0) as usize;
            let mut fields = self.split_record();
            fields.resize(n, String::new());
            self.rebuild(fields);
            return;
        }
        match self.frames.last_mut() {
            Some(frame) if frame.params.iter().any(|p| p == name) => {
                frame.vars.insert(name.to_owned(), value);
            }
            _ => drop(self.vars.insert(name.to_owned(), value)),
        }
    }

    fn array(&mut self, name: &str) -> &mut BTreeMap<String, Value> {
        let mut name = name.to_owned();
        for frame in self.frames.iter_mut().rev() {
            if !frame.params.contains(&name) {
                break;
            }
            match frame.aliases.get(&name) {
                Some(outer) => name.clone_from(outer),
                None => return frame.arrays.entry(name).or_default(),
            }
        }
        self.arrays.entry(name).or_default()
    }

    fn key(&mut self, cx: &mut Cx<'_, '_>, index: &[Expr]) -> String {
        let parts: Vec<String> = index.iter().map(|e| self.eval(cx, e).text()).collect();
        parts.join(&self.var("SUBSEP").text())
    }

    fn split_record(&self) -> Vec<String> {
        self.fields.clone().unwrap_or_else(|| split(&self.record, &self.var("FS").text()))
    }

    fn record_text(&self) -> String {
        self.record.clone()
    }

    fn rebuild(&mut self, fields: Vec<String>) {
        self.record = fields.join(&self.var("OFS").text());
        self.fields = Some(fields);
    }

    fn field(&self, n: f64) -> Value {
        if n == 0.0 {
            return Value::Input(self.record.clone());
        }
        let fields = self.split_record();
        Value::Input(fields.get(n as usize - 1).cloned().unwrap_or_default())
    }

    fn assign(&mut self, cx: &mut Cx<'_, '_>, target: &Expr, value: Value) {
        match target {
            Expr::Var(name) => self.assign_var(name, value),
            Expr::Index(name, index) => {
                let key = self.key(cx, index);
                self.array(name).insert(key, value);
            }
            Expr::Field(n) => {
                let n = self.eval(cx, n).number().clamp(0.0, 10_000.0) as usize;
                if n == 0 {
                    self.record = value.text();
                    self.fields = None;
                } else {
                    let mut fields = self.split_record();
                    if fields.len() < n {
                        fields.resize(n, String::new());
                    }
                    fields[n - 1] = value.text();
                    self.rebuild(fields);
                }
            }
            _ => {}
        }
    }

    fn eval(&mut self, cx: &mut Cx<'_, '_>, expr: &Expr) -> Value {
        if !self.spend(cx) {
            return Value::Number(0.0);
        }
        let flag = |b: bool| Value::Number(f64::from(u8::from(b)));
        match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(pattern) => {
                let text = self.record.clone();
                flag(self.matches(&text, pattern).is_some())
            }
            Expr::Var(name) if name == "NF" => Value::Number(self.split_record().len() as f64),
            Expr::Var(name) => self.var(name),
            Expr::Index(name, index) => {
                let key = self.key(cx, index);
                self.array(name).entry(key).or_insert(Value::Input(String::new())).clone()
            }
            Expr::Field(n) => {
                let n = self.eval(cx, n).number();
                self.field(n)
            }
            Expr::Assign(op, target, value) => {
                let mut value = self.eval(cx, value);
                if *op != "=" {
                    let old = self.eval(cx, target).number();
                    value = Value::Number(arithmetic(&op[..1], old, value.number()));
                }
                self.assign(cx, target, value.clone());
                value
            }
            Expr::Not(inner) => flag(!self.eval(cx, inner).truth()),
            Expr::Minus(inner) => Value::Number(-self.eval(cx, inner).number()),
            Expr::Plus(inner) => Value::Number(self.eval(cx, inner).number()),
            Expr::Step(prefix, by, target) => {
                let old = self.eval(cx, target).number();
                self.assign(cx, target, Value::Number(old + by));
                Value::Number(if *prefix { old + by } else { old })
            }
            Expr::Ternary(cond, yes, no) => {
                if self.eval(cx, cond).truth() {
                    self.eval(cx, yes)
                } else {
                    self.eval(cx, no)
                }
            }
            Expr::In(index, name) => {
                let key = self.key(cx, index);
                flag(self.array(name).contains_key(&key))
            }
            Expr::Binary(op, left, right) => self.binary(cx, op, left, right),
            Expr::Call(name, args) => self.call(cx, name, args),
        }
    }

    fn binary(&mut self, cx: &mut Cx<'_, '_>, op: &str, left: &Expr, right: &Expr) -> Value {
        let flag = |b: bool| Value::Number(f64::from(u8::from(b)));
        let a = self.eval(cx, left);
        match op {
            "&&" => return flag(a.truth() && self.eval(cx, right).truth()),
            "||" => return flag(a.truth() || self.eval(cx, right).truth()),
            "~" | "!~" => {
                let pattern = self.pattern(cx, right);
                return flag(self.matches(&a.text(), &pattern).is_some() == (op == "~"));
            }
            _ => {}
        }
        let b = self.eval(cx, right);
        match op {
            " " => {
                let text = a.text() + &b.text();
                // Long texts cost what copying them costs.
                self.steps = self.steps.saturating_add(text.len() as u32 / 64);
                Value::Text(text)
            }
            "+" | "-" | "*" | "/" | "%" | "^" => {
                if matches!(op, "/" | "%") && b.number() == 0.0 {
                    self.error = Some("Division by zero".to_owned());
                    self.exit = Some(2);
                    return Value::Number(0.0);
                }
                Value::Number(arithmetic(op, a.number(), b.number()))
            }
            _ => {
                let order = match (a.numeric(), b.numeric()) {
                    (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(std::cmp::Ordering::Less),
                    _ => a.text().cmp(&b.text()),
                };
                flag(match op {
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    fn pattern(&mut self, cx: &mut Cx<'_, '_>, expr: &Expr) -> String {
        match expr {
            Expr::Regex(pattern) => pattern.clone(),
            other => self.eval(cx, other).text(),
        }
    }

    fn regex(&mut self, pattern: &str) -> Option<Regex> {
        match Regex::new(pattern, true, false) {
            Ok(regex) => Some(regex),
            Err(error) => {
                self.error = Some(format!("bad regex '{pattern}': {error}"));
                self.exit = Some(2);
                None
            }
        }
    }

    fn matches(&mut self, text: &str, pattern: &str) -> Option<(usize, usize)> {
        self.regex(pattern)?.find(text.as_bytes(), 0, true)?[0]
    }

    fn call(&mut self, cx: &mut Cx<'_, '_>, name: &str, args: &[Expr]) -> Value {
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
                let (start, length) = match self.matches(&text, &pattern) {
                    Some((a, b)) => (a as f64 + 1.0, (b - a) as f64),
                    None => (0.0, -1.0),
                };
                self.vars.insert("RSTART".to_owned(), Value::Number(start));
                self.vars.insert("RLENGTH".to_owned(), Value::Number(length));
                return Value::Number(start);
            }
            _ => {}
        }
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
            "toupper" => Value::Text(text(0).to_uppercase()),
            "tolower" => Value::Text(text(0).to_lowercase()),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "atan2" => Value::Number(number(0).atan2(number(1))),
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

    fn call_own(
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

    fn substitute(&mut self, cx: &mut Cx<'_, '_>, all: bool, args: &[Expr]) -> Value {
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
            let Some((a, b)) = regex.find(&text, at, true).and_then(|g| g[0]) else { break };
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

    fn split_call(&mut self, cx: &mut Cx<'_, '_>, args: &[Expr]) -> Value {
        let text = args.first().map(|a| self.eval(cx, a).text()).unwrap_or_default();
        let separator = match args.get(2) {
            Some(separator) => self.pattern(cx, separator),
            None => self.var("FS").text(),
        };
        let parts = split(&text, &separator);
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
fn replaced(with: &str, matched: &str) -> String {
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

fn arithmetic(op: &str, a: f64, b: f64) -> f64 {
    match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        _ => a.powf(b),
    }
}

/// Splits by a field separator: blanks, one character, or a regular expression.
fn split(text: &str, separator: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut chars = separator.chars();
    match (chars.next(), chars.next()) {
        (Some(' '), None) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        (None, _) => text.chars().map(String::from).collect(),
        (Some(c), None) if c != '\\' => text.split(c).map(str::to_owned).collect(),
        _ => match Regex::new(separator, true, false) {
            Ok(regex) => split_regex(text, &regex),
            Err(_) => vec![text.to_owned()],
        },
    }
}

fn split_regex(text: &str, regex: &Regex) -> Vec<String> {
    let bytes = text.as_bytes();
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while at <= bytes.len() {
        let Some((a, b)) = regex.find(bytes, at, true).and_then(|g| g[0]) else { break };
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

/// The conversion letter that takes each argument of a format; `*` for a width.
fn conversion_letters(format: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        for c in chars.by_ref() {
            match c {
                '%' => break,
                '*' => out.push('d'),
                c if c.is_ascii_alphabetic() && !"hlLqjzt".contains(c) => {
                    out.push(c);
                    break;
                }
                _ => {}
            }
        }
    }
    out
}
