//! Looking things up, and small tools that shells have built in.

use super::{Flow, find};
use crate::fs::normalise;
use crate::kernel::Sys;
use crate::sh::{Dialect, Shell};
use crate::tools;

const KEYWORDS: [&str; 16] = [
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then",
    "until", "while",
];

pub(super) fn colon(_: &mut Shell, _: &mut Sys<'_>, _: &[String]) -> Flow {
    Flow::Done(0)
}

/// `shopt -s nullglob`. The other names are known to do nothing here.
pub(super) fn shopt(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    if args.iter().any(|arg| arg == "nullglob") {
        match args.get(1).map(String::as_str) {
            Some("-s") => shell.opts.nullglob = true,
            Some("-u") => shell.opts.nullglob = false,
            _ => return Flow::Done(u8::from(!shell.opts.nullglob)),
        }
    }
    Flow::Done(0)
}

pub(super) fn no(_: &mut Shell, _: &mut Sys<'_>, _: &[String]) -> Flow {
    Flow::Done(1)
}

pub(super) fn alias(_: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let unknown = args[1..].iter().find(|arg| !arg.contains('='));
    match unknown {
        Some(name) => Flow::Error(1, format!("{name} not found")),
        None => Flow::Done(0),
    }
}

pub(super) fn help(_: &mut Shell, _: &mut Sys<'_>, _: &[String]) -> Flow {
    let text = "Built-in commands:\n------------------\n\t. : [ alias bg break cd command continue echo eval exec exit export\n\
\tfalse fg getopts hash help jobs kill let local printf pwd read readonly\n\treturn set shift source test times trap true type ulimit umask unalias\n\tunset wait\n\n";
    Flow::Print(text.as_bytes().to_vec(), 0)
}

pub(super) fn echo(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let always = shell.dialect == Dialect::Dash;
    Flow::Print(tools::echo(&args[1..], always), 0)
}

pub(super) fn printf(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    if args.len() < 2 {
        shell.builtin = None;
        return Flow::Error(2, "usage: printf FORMAT [ARGUMENT...]".to_owned());
    }
    if shell.dialect == Dialect::Bash && args[1] == "-v" && args.len() > 3 {
        let (out, _, status) = tools::printf_as(&args[3..], true);
        if !sys.has_room(out.len()) {
            return Flow::Done(1);
        }
        return match shell.set_var(sys, &args[2], &String::from_utf8_lossy(&out)) {
            Ok(()) => Flow::Done(status),
            Err(message) => Flow::Error(1, message),
        };
    }
    let start = if args[1] == "--" { 2 } else { 1 };
    let bash = shell.dialect == Dialect::Bash;
    let (out, errors, status) = tools::printf_as(&args[start..], bash);
    if !sys.has_room(out.len()) {
        return Flow::Done(1);
    }
    shell.builtin = None;
    for error in errors {
        let number = error.strip_prefix("invalid number '").and_then(|n| n.strip_suffix('\''));
        let error = match (number, shell.dialect) {
            (Some(n), Dialect::Bash) => format!("printf: {n}: invalid number"),
            (Some(n), Dialect::Dash) => format!("printf: {n}: expected numeric value"),
            _ => error,
        };
        shell.complain(sys, &error);
    }
    Flow::Print(out, status)
}

/// What each shell says of a condition that it cannot judge.
fn test_words(dialect: Dialect, name: &str, operands: &[String], message: String) -> String {
    let number = message.strip_suffix(": bad number");
    match (dialect, number, operands) {
        (Dialect::Bash, Some(number), _) => {
            format!("{name}: {number}: integer expression expected")
        }
        (Dialect::Dash, Some(number), _) => format!("{name}: Illegal number: {number}"),
        (Dialect::Bash, None, _) if !message.ends_with(": unknown operand") => message,
        (Dialect::Bash, None, [operator, _]) => {
            format!("{name}: {operator}: unary operator expected")
        }
        (Dialect::Bash, None, [_, operator, _]) => {
            format!("{name}: {operator}: binary operator expected")
        }
        (Dialect::Bash, None, _) => format!("{name}: too many arguments"),
        _ => message,
    }
}

pub(super) fn test(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut operands = &args[1..];
    let closing = match args[0].as_str() {
        "[" => Some("]"),
        "[[" => Some("]]"),
        _ => None,
    };
    shell.builtin = None;
    if let Some(closing) = closing {
        match operands.split_last() {
            Some((last, rest)) if last == closing => operands = rest,
            _ => {
                let message = match shell.dialect {
                    Dialect::Bash => format!("{}: missing `{closing}'", args[0]),
                    Dialect::Dash => format!("{}: missing {closing}", args[0]),
                    Dialect::Ash => format!("missing {closing}"),
                };
                shell.complain(sys, &message);
                return Flow::Done(2);
            }
        }
    }
    if shell.dialect == Dialect::Dash
        && let [left, op, _] = operands
        && matches!(op.as_str(), "==" | "=~")
    {
        shell.complain(sys, &format!("{}: {left}: unexpected operator", args[0]));
        return Flow::Done(2);
    }
    match tools::test::evaluate_as(sys, operands, args[0] == "[[") {
        Ok(true) => Flow::Done(0),
        Ok(false) => Flow::Done(1),
        Err(message) => {
            let message = test_words(shell.dialect, &args[0], operands, message);
            shell.complain(sys, &message);
            Flow::Done(2)
        }
    }
}

pub(super) fn pwd(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let physical = args.iter().any(|a| a == "-P");
    let logical = shell.var("PWD").filter(|_| !physical);
    let text = logical.unwrap_or_else(|| sys.proc().cwd.to_string());
    Flow::Print(format!("{text}\n").into_bytes(), 0)
}

pub(super) fn cd(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let physical = args.iter().any(|a| a == "-P");
    let target = args[1..].iter().find(|a| !matches!(a.as_str(), "-P" | "-L" | "--"));
    let mut print = false;
    let target = match target.map(String::as_str) {
        None => match shell.var("HOME") {
            Some(home) => home,
            None if shell.dialect == Dialect::Ash => return Flow::Done(0),
            None => return Flow::Error(1, "HOME not set".to_owned()),
        },
        Some("-") => {
            print = true;
            match shell.var("OLDPWD") {
                Some(old) => old,
                None => return Flow::Error(1, "OLDPWD not set".to_owned()),
            }
        }
        Some("") => return Flow::Done(0),
        Some(dir) => dir.to_owned(),
    };
    let old = shell.var("PWD").unwrap_or_else(|| sys.proc().cwd.to_string());
    if let Err(error) = sys.chdir(&target) {
        let (status, what) = match shell.dialect {
            Dialect::Ash => (2, format!("can't cd to {target}: {error}")),
            Dialect::Dash => (2, format!("can't cd to {target}")),
            Dialect::Bash => (1, format!("{target}: {error}")),
        };
        return Flow::Error(status, what);
    }
    let logical = normalise(&crate::fs::join(&old, &target));
    let new = if physical { sys.proc().cwd.to_string() } else { logical };
    for (name, value) in [("OLDPWD", &old), ("PWD", &new)] {
        drop(shell.set_var(sys, name, value));
        if let Some(var) = shell.vars.get_mut(name) {
            var.exported |= name == "OLDPWD" || shell.dialect == Dialect::Ash;
        }
    }
    if print { Flow::Print(format!("{new}\n").into_bytes(), 0) } else { Flow::Done(0) }
}

/// What a command name stands for, as `type` and `command -V` say it.
fn describe(shell: &Shell, sys: &mut Sys<'_>, name: &str) -> Option<(String, String)> {
    if KEYWORDS.contains(&name) {
        return Some((format!("{name} is a shell keyword"), name.to_owned()));
    }
    if shell.functions.contains_key(name) {
        let what = if shell.dialect == Dialect::Dash { "shell function" } else { "function" };
        return Some((format!("{name} is a {what}"), name.to_owned()));
    }
    if find(name, shell.dialect).is_some() {
        let special = super::is_special(name) && shell.dialect != Dialect::Bash;
        let what = if special { "special shell builtin" } else { "shell builtin" };
        return Some((format!("{name} is a {what}"), name.to_owned()));
    }
    let path = shell.var("PATH").unwrap_or_default();
    let (cwd, cred) = (sys.proc().cwd.clone(), sys.proc().cred);
    let file = sys.u.find_program(sys.host, name, &cwd, &path, cred).ok()?;
    Some((format!("{name} is {file}"), file))
}

/// `type -t`: one word for what a description says.
fn kind_of(text: &str) -> &'static str {
    if text.ends_with("function") {
        "function\n"
    } else if text.ends_with("builtin") {
        "builtin\n"
    } else if text.ends_with("keyword") {
        "keyword\n"
    } else {
        "file\n"
    }
}

pub(super) fn type_command(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut out = String::new();
    let mut status = 0;
    let words = shell.dialect == Dialect::Bash && args.get(1).is_some_and(|a| a == "-t");
    for name in args[1..].iter().filter(|a| !a.starts_with('-')) {
        if words {
            match describe(shell, sys, name) {
                Some((text, _)) => out += kind_of(&text),
                None => status = 1,
            }
            continue;
        }
        match describe(shell, sys, name) {
            Some((text, _)) => out += &format!("{text}\n"),
            None => {
                status = if shell.dialect == Dialect::Bash { 1 } else { 127 };
                out += &format!("{name}: not found\n");
            }
        }
    }
    Flow::Print(out.into_bytes(), status)
}

pub(super) fn command(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut words = &args[1..];
    let mut mode = None;
    while let Some(arg) = words.first().filter(|a| a.starts_with('-')) {
        match arg.as_str() {
            "-v" => mode = Some(false),
            "-V" => mode = Some(true),
            "-p" | "--" => {}
            other => return Flow::Error(2, format!("illegal option {other}")),
        }
        words = &words[1..];
    }
    let Some(name) = words.first() else { return Flow::Done(0) };
    match mode {
        None => Flow::Command(words.to_vec()),
        Some(long) => match describe(shell, sys, name) {
            Some((text, short)) => {
                Flow::Print(format!("{}\n", if long { text } else { short }).into_bytes(), 0)
            }
            None if long => Flow::Print(format!("{name}: not found\n").into_bytes(), 127),
            None => Flow::Done(if shell.dialect == Dialect::Bash { 1 } else { 127 }),
        },
    }
}

pub(super) fn umask(_: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    match args.get(1).map(String::as_str) {
        None => Flow::Print(format!("{:04o}\n", sys.proc().umask).into_bytes(), 0),
        Some("-S") => {
            let mask = !sys.proc().umask;
            let part = |who: char, shift: u16| {
                let bits = [(4, 'r'), (2, 'w'), (1, 'x')];
                let on: String =
                    bits.iter().filter(|(b, _)| mask >> shift & b != 0).map(|(_, c)| *c).collect();
                format!("{who}={on}")
            };
            let text = format!("{},{},{}\n", part('u', 6), part('g', 3), part('o', 0));
            Flow::Print(text.into_bytes(), 0)
        }
        Some(text) => match u16::from_str_radix(text, 8) {
            Ok(mask) => {
                sys.proc_mut().umask = mask & 0o777;
                Flow::Done(0)
            }
            Err(_) => Flow::Error(2, format!("illegal mode: {text}")),
        },
    }
}

pub(super) fn ulimit(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let text = match args.get(1).map(String::as_str) {
        Some("-n") if args.len() == 2 => "1048576\n",
        Some("-u" | "-s" | "-c" | "-v" | "-f") | None if args.len() < 3 => {
            match args.get(1).map(String::as_str) {
                Some("-s") => "8192\n",
                Some("-c") => "0\n",
                _ => "unlimited\n",
            }
        }
        _ => "",
    };
    let _ = shell;
    Flow::Print(text.as_bytes().to_vec(), 0)
}

pub(super) fn times(_: &mut Shell, _: &mut Sys<'_>, _: &[String]) -> Flow {
    Flow::Print(b"0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n".to_vec(), 0)
}
