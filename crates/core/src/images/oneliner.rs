//! One-liners of language runtimes (`python -c`, `node -e`, `ruby -e` …) in the forms that people write: print, sleep,
//! exit, loops, variables of the environment, a request, a server. What is more than that does nothing.

mod forms;
mod requests;

use forms::{
    Line, NODE, STDLIB, after, argument, between, callback, head, is_plain, lines, parsed, quoted,
    server, size, sum,
};

use super::served::Served;
use super::start::{Start, behaviour, done};
use podplay_shell::Behaviour;
use std::collections::BTreeMap;

const SECOND: u64 = 1_000_000_000;
/// A loop without an end is written out so often.
const ROUNDS: usize = 500;
/// Statements that are looked at.
const STEPS: usize = 4_000;
/// Blocks within each other that are followed.
const DEPTH: u32 = 20;
/// An expression longer than this is not told.
const LONGEST: usize = 400;

/// A program that is followed through, line by line.
struct Program<'a, 's, 'h> {
    start: &'a mut Start<'s, 'h>,
    kind: &'a str,
    now: u64,
    log: Vec<(u64, String)>,
    errors: Vec<(u64, String)>,
    names: BTreeMap<String, String>,
    memory: u64,
    steps: usize,
    /// Whether a condition was met before, as far as it can be told.
    met: Option<bool>,
    /// Blocks within each other.
    depth: u32,
}

/// How a piece of a program ended.
enum End {
    Goes,
    Exits(u8),
    Forever,
    Serves(u16),
}

/// Runs a one-liner.
pub(super) fn run(start: &mut Start<'_, '_>, kind: &str, code: &str) -> Behaviour {
    let mut program = Program {
        start,
        kind,
        now: 20_000_000,
        log: Vec::new(),
        errors: Vec::new(),
        names: BTreeMap::new(),
        memory: 0,
        steps: 0,
        met: None,
        depth: 0,
    };
    let mut end = program.block(&lines(code));
    // A time-out keeps node alive until it has come.
    if let End::Goes = end
        && kind == "node"
    {
        end = program.timers(code);
    }
    let (now, log, errors, memory) = (program.now, program.log, program.errors, program.memory);
    let handles = code.contains("SIGTERM");
    match end {
        End::Serves(port) => {
            let tag = program.start.serve(
                "one-liner",
                Served::Http(super::served::Http {
                    speaks: "http".to_owned(),
                    routes: vec![("*".to_owned(), 200, "ok".to_owned())],
                    backend: None,
                }),
            );
            let stop = behaviour("", Vec::new()).on_signal;
            let on_signal = if handles { stop } else { Vec::new() };
            Behaviour {
                listen_after: now,
                log,
                errors,
                memory,
                on_signal,
                ..behaviour(&tag, vec![port])
            }
        }
        End::Forever => {
            let on_signal = if handles { behaviour("", Vec::new()).on_signal } else { Vec::new() };
            Behaviour { log, errors, memory, on_signal, exit: None, ..behaviour("", Vec::new()) }
        }
        End::Goes | End::Exits(_) => {
            let code = if let End::Exits(code) = end { code } else { 0 };
            let on_signal = Vec::new();
            Behaviour { log, errors, memory, on_signal, exit: Some((now, code)), ..done(code) }
        }
    }
}

impl Program<'_, '_, '_> {
    fn block(&mut self, lines: &[Line]) -> End {
        let mut at = 0;
        while let Some((depth, text)) = lines.get(at) {
            at += 1;
            self.steps += 1;
            if self.steps > STEPS {
                return End::Forever;
            }
            let end = match head(text) {
                Some((head, rest)) => {
                    let inner = lines[at..].iter().take_while(|(inner, _)| inner > depth).count();
                    let mut body = lines[at..at + inner].to_vec();
                    at += inner;
                    if !rest.is_empty() {
                        body.insert(0, (depth + 1, rest.to_owned()));
                        // What semicolons divide belongs to the same body.
                        let same = lines[at..]
                            .iter()
                            .take_while(|(d, t)| d == depth && is_plain(t))
                            .count();
                        body.extend(
                            lines[at..at + same].iter().map(|(_, t)| (depth + 1, t.clone())),
                        );
                        at += same;
                    }
                    self.compound(head, &body)
                }
                None => self.statement(text),
            };
            if !matches!(end, End::Goes) {
                return end;
            }
        }
        End::Goes
    }

    /// A loop, a condition or a definition.
    fn compound(&mut self, head: &str, body: &[Line]) -> End {
        if self.depth >= DEPTH {
            return End::Goes;
        }
        self.depth += 1;
        let end = self.within(head, body);
        self.depth -= 1;
        end
    }

    fn within(&mut self, head: &str, body: &[Line]) -> End {
        if head.starts_with("while") {
            let from = self.now;
            for _ in 0..ROUNDS {
                let before = self.now;
                let end = self.block(body);
                if !matches!(end, End::Goes) {
                    return end;
                }
                if self.now == before {
                    self.log.truncate(ROUNDS);
                    break;
                }
            }
            self.now = self.now.max(from);
            return End::Forever;
        }
        if let Some(rest) = head.strip_prefix("for ") {
            let (name, over) = rest.split_once(" in ").unwrap_or((rest, ""));
            let count = between(over, "range(", ")")
                .and_then(|n| n.split(',').next_back()?.trim().parse().ok());
            for n in 0..count.unwrap_or(1usize).min(ROUNDS) {
                self.names.insert(name.trim().to_owned(), n.to_string());
                let end = self.block(body);
                if !matches!(end, End::Goes) {
                    return end;
                }
            }
            return End::Goes;
        }
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        match word {
            "with" | "try" | "finally" => return self.block(body),
            "if" => self.met = None,
            "elif" | "else" if self.met == Some(false) => {}
            _ => return End::Goes,
        }
        self.met = if word == "else" { Some(true) } else { self.holds(rest) };
        match self.met {
            Some(true) => self.block(body),
            _ => End::Goes,
        }
    }

    /// Whether a condition holds, as far as it can be told.
    fn holds(&self, text: &str) -> Option<bool> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        match text {
            "True" | "true" | "1" => return Some(true),
            "False" | "false" | "0" => return Some(false),
            _ => {}
        }
        if let Some((left, right)) = text.split_once("==") {
            return Some(self.text(left)? == self.text(right)?);
        }
        if let Some((left, right)) = text.split_once("!=") {
            return Some(self.text(left)? != self.text(right)?);
        }
        if let Some((left, right)) = text.split_once('<') {
            return Some(self.number(left)? < self.number(right)?);
        }
        if let Some((left, right)) = text.split_once('>') {
            return Some(self.number(left)? > self.number(right)?);
        }
        if let Some(rest) = text.strip_prefix("not ") {
            return self.holds(rest).map(|holds| !holds);
        }
        self.text(text).map(|text| !matches!(text.as_str(), "" | "0" | "None" | "undefined"))
    }

    /// A whole number.
    fn number(&self, code: &str) -> Option<i64> {
        let code = code.trim();
        if let Some((left, right)) = code.rsplit_once('%') {
            return self.number(left)?.checked_rem_euclid(self.number(right)?);
        }
        if let Some(inner) = code.strip_prefix("int(").and_then(|rest| rest.strip_suffix(')')) {
            return self.number(inner);
        }
        sum(code).or_else(|| self.text(code)?.trim().parse().ok())
    }

    fn statement(&mut self, text: &str) -> End {
        if let Some(port) = server(text) {
            return End::Serves(port);
        }
        if let Some(end) =
            self.imports(text).or_else(|| self.ends(text)).or_else(|| self.fails(text))
        {
            return end;
        }
        if let Some(text) =
            ["time.sleep(", "sleep(", "sleep "].iter().find_map(|form| after(text, form))
        {
            let seconds = text.trim_end_matches(')').trim();
            self.now += parsed(seconds).unwrap_or(0);
            return End::Goes;
        }
        if [
            "signal.pause()",
            ".wait()",
            "serve_forever",
            "run_forever",
            "Thread.sleep",
            "setInterval",
        ]
        .iter()
        .any(|form| text.contains(form))
        {
            return self.repeats(text);
        }
        for form in ["print(", "console.log(", "console.error(", "puts ", "print ", "echo ", "p "] {
            if let Some(rest) = text.strip_prefix(form) {
                let inner = if form.ends_with('(') { argument(rest) } else { rest };
                if let Some(said) = self.text(inner) {
                    self.log.extend(said.lines().map(|line| (self.now, line.to_owned())));
                }
                return End::Goes;
            }
        }
        if let Some((name, value)) = text.split_once('=')
            && name.trim().chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ')
            && !value.starts_with('=')
        {
            self.memory = self.memory.saturating_add(size(value));
            if let Some(value) = self.text(value) {
                let name = name.trim().rsplit(' ').next().unwrap_or(name).to_owned();
                self.names.insert(name, value);
            }
        }
        End::Goes
    }

    /// `setInterval(…)`: its body again and again; anything else waits for ever.
    fn repeats(&mut self, text: &str) -> End {
        if let Some(rest) = after(text, "setInterval(").filter(|_| self.depth < DEPTH) {
            self.depth += 1;
            let (body, pause) = callback(rest);
            for _ in 0..ROUNDS {
                self.now += pause.max(1_000_000);
                let end = self.block(&lines(&body));
                if !matches!(end, End::Goes) {
                    return end;
                }
            }
        }
        End::Forever
    }

    /// `setTimeout(…, 1000)`.
    fn timers(&mut self, code: &str) -> End {
        let Some(rest) = after(code, "setTimeout(") else { return End::Goes };
        let (body, pause) = callback(rest);
        self.now += pause;
        self.block(&lines(&body))
    }

    /// Modules that the runtime does not bring.
    fn imports(&mut self, text: &str) -> Option<End> {
        self.start.image?;
        if self.kind == "python" {
            let rest = text.strip_prefix("import ").or_else(|| text.strip_prefix("from "))?;
            let names = if text.starts_with("from") {
                rest.split(' ').next().into_iter().collect()
            } else {
                rest.split(',').collect::<Vec<_>>()
            };
            for name in names {
                let name = name.trim().split([' ', '.']).next().unwrap_or_default();
                if !STDLIB.split_whitespace().any(|known| known == name) && !self.installed(name) {
                    return Some(
                        self.error(&format!("ModuleNotFoundError: No module named '{name}'")),
                    );
                }
            }
            return Some(End::Goes);
        }
        let name = between(text, "require('", "'").or_else(|| between(text, "require(\"", "\""))?;
        let builtin = name.strip_prefix("node:").unwrap_or(name);
        let third = self.kind == "node"
            && !NODE.split_whitespace().any(|known| known == builtin)
            && !self.installed(builtin);
        third.then(|| {
            let line = format!("Error: Cannot find module '{name}'\nRequire stack:\n- /[eval]");
            self.error(&line)
        })
    }

    fn installed(&self, name: &str) -> bool {
        let path = format!("/usr/bin/{name}");
        self.start.own.fs().exists(&self.start.host.volumes, &path).is_some()
            || name.starts_with(['.', '/'])
    }

    fn ends(&mut self, text: &str) -> Option<End> {
        let forms = ["sys.exit(", "os._exit(", "process.exit(", "SystemExit(", "exit(", "exit "];
        if matches!(text, "exit" | "quit()") {
            return Some(End::Exits(0));
        }
        let rest = forms.iter().find_map(|form| after(text, form))?;
        let code = argument(rest).trim();
        if let Ok(code) = code.parse::<i64>() {
            return Some(End::Exits(u8::try_from(code & 0xff).unwrap_or(1)));
        }
        match self.text(code) {
            Some(said) if !said.is_empty() && !code.is_empty() => {
                self.errors.push((self.now, said));
                Some(End::Exits(1))
            }
            _ => Some(End::Exits(0)),
        }
    }

    /// Errors of the program's own, and requests that fail.
    fn fails(&mut self, text: &str) -> Option<End> {
        for form in ["raise ", "throw new ", "throw ", "die ", "abort"] {
            let Some(rest) = text.strip_prefix(form) else { continue };
            let name = rest.split('(').next().unwrap_or(rest).trim();
            let said =
                between(rest, "(", ")").and_then(|inner| self.text(inner)).unwrap_or_default();
            let line = if said.is_empty() { name.to_owned() } else { format!("{name}: {said}") };
            return Some(self.error(&line));
        }
        if text.contains("1/0") && self.kind == "python" {
            return Some(self.error("ZeroDivisionError: division by zero"));
        }
        if let Some(name) =
            between(text, "os.environ['", "']").or_else(|| between(text, "os.environ[\"", "\"]"))
            && !self.start.call.env.contains_key(name)
        {
            return Some(self.error(&format!("KeyError: '{name}'")));
        }
        self.asks(text)
    }

    /// The end by an error, as the runtime shows it.
    fn error(&mut self, line: &str) -> End {
        if self.kind == "python" {
            self.errors.push((self.now, "Traceback (most recent call last):".to_owned()));
            self.errors.push((self.now, "  File \"<string>\", line 1, in <module>".to_owned()));
        } else if self.kind == "node" {
            self.errors.push((self.now, "[eval]:1".to_owned()));
        }
        self.errors.extend(line.lines().map(|line| (self.now, line.to_owned())));
        End::Exits(if matches!(self.kind, "php") { 255 } else { 1 })
    }

    /// The text of an expression, as far as it can be told.
    fn text(&self, code: &str) -> Option<String> {
        if code.len() > LONGEST {
            return None;
        }
        let code = code.trim().trim_end_matches(';').trim();
        let code = code.split_once(", flush=").map_or(code, |(code, _)| code).trim();
        if let Some(inner) =
            code.strip_prefix(['f', 'b', 'r']).filter(|rest| rest.starts_with(['"', '\'']))
        {
            let mut text = quoted(inner)?;
            for (name, value) in &self.names {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            return Some(text);
        }
        if let Some(text) = quoted(code) {
            return Some(text);
        }
        if let Some(value) = self.names.get(code) {
            return Some(value.clone());
        }
        if let Some(n) = sum(code) {
            return Some(n.to_string());
        }
        if code.starts_with("int(") && code.ends_with(')') {
            return self.number(code).map(|n| n.to_string());
        }
        let variable = between(code, "os.environ['", "']")
            .or_else(|| between(code, "os.environ[\"", "\"]"))
            .or_else(|| between(code, "os.environ.get('", "'"))
            .or_else(|| between(code, "os.getenv('", "'"))
            .or_else(|| between(code, "os.environ.get(\"", "\""))
            .or_else(|| between(code, "os.getenv(\"", "\""))
            .or_else(|| code.strip_prefix("process.env."))
            .or_else(|| between(code, "ENV['", "']"));
        if let Some(name) = variable {
            return Some(self.start.call.env.get(name).cloned().unwrap_or_else(|| {
                if self.kind == "python" { "None" } else { "undefined" }.to_owned()
            }));
        }
        if let Some(path) =
            between(code, "open('", "'").or_else(|| between(code, "readFileSync('", "'"))
        {
            return self.start.read(path);
        }
        if let Some(inner) = between(code, "len(", ")") {
            return Some(self.text(inner)?.chars().count().to_string());
        }
        if let Some(inner) = between(code, "str(", ")") {
            return self.text(inner);
        }
        let (left, right) = code.split_once('+').or_else(|| code.split_once(','))?;
        let gap = if code.contains('+') { "" } else { " " };
        Some(format!("{}{gap}{}", self.text(left)?, self.text(right)?))
    }
}
