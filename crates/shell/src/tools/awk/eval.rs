//! Running an `awk` program.

mod patterns;

mod calls;
mod value;
mod vars;

use super::parse::{Expr, Program, Stmt};
use crate::kernel::OpenMode;
use crate::limits;
use crate::tools::regex::{Range, Regex, Syntax};
use crate::tools::{Cx, date, printf};
use std::collections::BTreeMap;
use std::sync::Arc;
use value::{arithmetic, conversion_letters};

/// Regular expressions that are kept compiled.
const REMEMBERED: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
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
    /// Bytes put into arrays.
    stored: u64,
    compiled: BTreeMap<String, Regex>,
    written: Vec<String>,
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
            stored: 0,
            compiled: BTreeMap::new(),
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
        cx.sys.cost += u64::from(self.steps.is_multiple_of(2));
        if self.steps > limits::AWK_STEPS {
            cx.sys.meet("steps of awk for one record");
            self.fail("too many steps".to_owned());
        }
        if !cx.sys.alive() {
            self.exit.get_or_insert(2);
        }
        self.steps <= limits::AWK_STEPS && cx.sys.alive()
    }

    pub(super) fn fail(&mut self, message: String) {
        self.error = Some(message);
        self.exit = Some(2);
    }

    /// Whether a string of so many bytes may be made.
    pub(super) fn has_room(&mut self, cx: &mut Cx<'_, '_>, bytes: usize) -> bool {
        let fits = cx.sys.has_room(bytes);
        if !fits {
            self.fail("out of memory".to_owned());
        }
        fits
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
                    self.assign_var(cx, name, Value::Input(key));
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
        let waiting = cx.out.len() > 4 * limits::STRING_BYTES;
        if !self.has_room(cx, text.len()) || (waiting && !self.has_room(cx, usize::MAX)) {
            return;
        }
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
        let text = printf(&words).0;
        if !self.has_room(cx, text.len()) {
            return String::new();
        }
        String::from_utf8_lossy(&text).into_owned()
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
                flag(self.matches(cx, &text, pattern).is_some())
            }
            Expr::Var(name) if name == "NF" => Value::Number(self.split_record(cx).len() as f64),
            Expr::Var(name) => self.var(name),
            Expr::Index(name, index) => {
                let key = self.key(cx, index);
                self.array(name).entry(key).or_insert(Value::Input(String::new())).clone()
            }
            Expr::Field(n) => {
                let n = self.eval(cx, n).number();
                self.field(cx, n)
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
                return flag(self.matches(cx, &a.text(), &pattern).is_some() == (op == "~"));
            }
            _ => {}
        }
        let b = self.eval(cx, right);
        match op {
            " " => {
                let text = a.text() + &b.text();
                if !self.has_room(cx, text.len()) {
                    return Value::Number(0.0);
                }
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
}
