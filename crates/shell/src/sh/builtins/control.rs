//! Control: loops, functions, other scripts, waiting, leaving.

use super::Flow;
use crate::kernel::{ExecError, Sys};
use crate::limits;
use crate::sh::machine::{Frame, Kind, Skip, TESTED};
use crate::sh::{Dialect, Shell};

impl Shell {
    /// The `TESTED` flag of the command that runs.
    fn flags(&self) -> u8 {
        let checked = self.stack.iter().rev().find_map(|frame| match frame {
            Frame::Checked { flags } => Some(*flags),
            _ => None,
        });
        checked.unwrap_or(0) & TESTED
    }

    /// Pushes a text that is run now; false if texts are nested too deep.
    pub(in crate::sh) fn push_text(&mut self, text: &str, kind: Kind, flags: u8) -> bool {
        if self.calls >= limits::CALLS {
            return false;
        }
        self.calls += 1;
        let line = if matches!(kind, Kind::Eval) { self.line.max(1) } else { 1 };
        self.stack.push(Frame::Script { text: text.into(), pos: 0, line, flags, kind });
        true
    }
}

fn number(text: Option<&String>) -> Result<Option<u32>, String> {
    match text {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(n) => Ok(Some(n)),
            Err(_) => Err(format!("Illegal number: {text}")),
        },
    }
}

fn leave_loop(shell: &mut Shell, args: &[String], make: fn(u32) -> Skip) -> Flow {
    match number(args.get(1)) {
        Ok(Some(0)) => Flow::Error(2, "Illegal number: 0".to_owned()),
        Ok(n) => {
            if shell.loops > 0 {
                shell.skip = Some(make(n.unwrap_or(1).min(shell.loops)));
            }
            shell.status = 0;
            Flow::Done(0)
        }
        Err(message) => Flow::Error(2, message),
    }
}

pub(super) fn break_loop(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    leave_loop(shell, args, Skip::Break)
}

pub(super) fn continue_loop(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    leave_loop(shell, args, Skip::Continue)
}

fn status_argument(shell: &Shell, args: &[String]) -> Result<u8, String> {
    match args.get(1) {
        None => Ok(shell.status),
        Some(text) => match text.parse::<i64>() {
            Ok(n) if n >= 0 || shell.dialect == Dialect::Bash => Ok((n & 255) as u8),
            _ => Err(format!("Illegal number: {text}")),
        },
    }
}

pub(super) fn exit(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    match status_argument(shell, args) {
        Ok(status) => {
            shell.exit(status);
            Flow::Done(status)
        }
        Err(message) => Flow::Error(2, message),
    }
}

pub(super) fn return_command(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    match status_argument(shell, args) {
        Ok(_) if shell.dialect == Dialect::Bash && shell.calls == 0 => {
            let message = "can only `return' from a function or sourced script";
            shell.complain(sys, message);
            Flow::Done(2)
        }
        Ok(status) => {
            shell.skip = Some(Skip::Return);
            Flow::Done(status)
        }
        Err(message) => Flow::Error(2, message),
    }
}

pub(super) fn eval(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let text = args[1..].join(" ");
    if text.trim().is_empty() {
        return Flow::Done(0);
    }
    let flags = shell.flags();
    shell.status = 0;
    if shell.push_text(&text, Kind::Eval, flags) {
        Flow::Pushed
    } else {
        Flow::Error(2, "maximum nesting level exceeded".to_owned())
    }
}

pub(super) fn source(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let Some(file) = args.get(1) else {
        return Flow::Error(2, "filename argument required".to_owned());
    };
    let mut path = file.clone();
    if !file.contains('/') {
        let dirs = shell.var("PATH").unwrap_or_default();
        let found = dirs
            .split(':')
            .map(|dir| format!("{dir}/{file}"))
            .find(|full| sys.stat(full, true).is_ok_and(|stat| !stat.is_dir()));
        if let Some(found) = found {
            path = found;
        } else if shell.dialect != Dialect::Bash && sys.stat(file, true).is_err() {
            let what = if shell.dialect == Dialect::Ash {
                format!("can't open '{file}': No such file or directory")
            } else {
                format!("{file}: not found")
            };
            return Flow::Error(2, what);
        }
    }
    match sys.read_all(&path) {
        Ok(data) => {
            let text = String::from_utf8_lossy(&data.to_vec()).into_owned();
            let params =
                (args.len() > 2).then(|| std::mem::replace(&mut shell.params, args[2..].into()));
            let flags = shell.flags();
            shell.status = 0;
            if shell.push_text(&text, Kind::Source { params }, flags) {
                Flow::Pushed
            } else {
                Flow::Error(2, "maximum nesting level exceeded".to_owned())
            }
        }
        Err(error) => {
            if shell.dialect == Dialect::Bash {
                shell.builtin = None;
            }
            let error = match (shell.dialect, error) {
                (Dialect::Dash, crate::Errno::NotFound) => "No such file".to_owned(),
                (_, error) => error.to_string(),
            };
            let (status, what) = match shell.dialect {
                Dialect::Ash => (2, format!("can't open '{file}': {error}")),
                Dialect::Dash => (2, format!("cannot open {file}: {error}")),
                Dialect::Bash => (1, format!("{file}: {error}")),
            };
            Flow::Error(status, what)
        }
    }
}

pub(super) fn exec(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut words = &args[1..];
    while words.first().is_some_and(|w| w == "--" || (w.starts_with('-') && w.len() > 1)) {
        let skip = if words[0] == "-a" { 2 } else { 1 };
        words = words.get(skip..).unwrap_or_default();
    }
    if words.is_empty() {
        return Flow::Done(0);
    }
    let env = shell.environment();
    let path = shell.var("PATH").unwrap_or_default();
    match sys.load(words, &env, &path) {
        Ok(program) => {
            sys.become_program(words, env.into());
            Flow::Exec(program)
        }
        Err(error) => {
            let (status, what) = match error {
                ExecError::NotFound => (127, "not found"),
                ExecError::Denied => (126, "Permission denied"),
                ExecError::TooLong => (126, "Argument list too long"),
            };
            shell.complain(sys, &format!("{}: {what}", words[0]));
            shell.exit(status);
            Flow::Done(status)
        }
    }
}

fn job_pid(shell: &Shell, text: &str) -> Result<u32, String> {
    match text.strip_prefix('%') {
        Some("" | "%" | "+") => shell.jobs.last().map(|job| job.pid),
        Some(n) => n
            .parse::<usize>()
            .ok()
            .and_then(|n| shell.jobs.get(n.checked_sub(1)?))
            .map(|job| job.pid),
        None => return text.parse().map_err(|_| format!("Illegal number: {text}")),
    }
    .ok_or_else(|| format!("{text}: no such job"))
}

pub(super) fn wait(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let any = shell.dialect == Dialect::Bash && args.iter().any(|a| a == "-n");
    if shell.dialect == Dialect::Dash && args.iter().any(|a| a == "-n") {
        return Flow::Error(2, "Illegal option -n".to_owned());
    }
    let args: Vec<&String> = args[1..].iter().filter(|a| *a != "-n").collect();
    if any {
        shell.stack.push(Frame::WaitAny);
        return Flow::Pushed;
    }
    if args.is_empty() {
        shell.stack.push(Frame::WaitFor { pids: None });
        return Flow::Pushed;
    }
    let mut pids = Vec::new();
    for arg in args {
        match job_pid(shell, arg) {
            Ok(pid) => pids.push(pid),
            Err(message) => return Flow::Error(2, message),
        }
    }
    let last = pids.last().copied().unwrap_or(0);
    if shell.dialect == Dialect::Bash && !shell.jobs.iter().any(|job| job.pid == last) {
        return Flow::Error(127, format!("pid {last} is not a child of this shell"));
    }
    shell.stack.push(Frame::WaitFor { pids: Some(pids) });
    Flow::Pushed
}

pub(super) fn jobs(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    shell.reap_jobs(sys);
    let only_pids = args.iter().any(|a| a == "-p");
    let mut out = String::new();
    let count = shell.jobs.len();
    for (i, job) in shell.jobs.iter().enumerate() {
        if only_pids {
            out += &format!("{}\n", job.pid);
            continue;
        }
        let mark = if i + 1 == count {
            '+'
        } else if i + 2 == count {
            '-'
        } else {
            ' '
        };
        let state = match job.status {
            None => "Running".to_owned(),
            Some(0) => "Done".to_owned(),
            Some(n) => format!("Done({n})"),
        };
        out += &format!("[{}]{mark} {state:<27}{}\n", i + 1, job.text);
    }
    shell.jobs.retain(|job| job.status.is_none() || only_pids);
    Flow::Print(out.into_bytes(), 0)
}

pub(super) fn no_job_control(_: &mut Shell, _: &mut Sys<'_>, _: &[String]) -> Flow {
    Flow::Error(2, "No current job".to_owned())
}
