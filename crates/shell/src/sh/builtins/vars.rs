//! Variables, options and parameters.

use super::{Flow, quote, single_quote};
use crate::kernel::Sys;
use crate::sh::lexer::is_name;
use crate::sh::options::NAMES;
use crate::sh::{Dialect, Shell, Var, arith};

struct ShellVars<'x, 'a, 'b> {
    shell: &'x mut Shell,
    sys: &'a mut Sys<'b>,
}

impl arith::Variables for ShellVars<'_, '_, '_> {
    fn get(&self, name: &str) -> Option<String> {
        self.shell.parameter(name, self.sys)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        self.shell.set_var(self.sys, name, &value)
    }
}

fn split_assign(arg: &str) -> (&str, Option<&str>) {
    match arg.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (arg, None),
    }
}

fn mark(
    shell: &mut Shell,
    sys: &mut Sys<'_>,
    args: &[String],
    word: &str,
    has: fn(&Var) -> bool,
    set: fn(&mut Var, bool),
) -> Flow {
    let mut on = true;
    let mut names = Vec::new();
    let mut list = args.len() == 1;
    for arg in &args[1..] {
        match arg.as_str() {
            "-p" => list = true,
            "-n" => on = false,
            "-a" | "-A" if shell.dialect == Dialect::Bash => {}
            "--" | "-f" => {}
            other => names.push(other),
        }
    }
    if list && names.is_empty() {
        let line = |(name, var): (&String, &Var)| match var.text() {
            _ if shell.dialect == Dialect::Bash => super::declare::line(name, var),
            Some(value) => format!("{word} {name}={}\n", single_quote(value)),
            None => format!("{word} {name}\n"),
        };
        let out: String = shell.vars.iter().filter(|(_, var)| has(var)).map(line).collect();
        return Flow::Print(out.into_bytes(), 0);
    }
    for arg in names {
        let (name, value) = split_assign(arg);
        if !is_name(name) {
            let status = if shell.dialect == Dialect::Bash { 1 } else { 2 };
            return Flow::Error(status, shell.bad_name(arg));
        }
        if let Some(value) = value
            && let Err(message) = shell.set_var(sys, name, value)
        {
            return Flow::Error(2, message);
        }
        set(shell.vars.entry(name.to_owned()).or_default(), on);
    }
    Flow::Done(0)
}

pub(super) fn export(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    mark(shell, sys, args, "export", |var| var.exported, |var, on| var.exported = on)
}

pub(super) fn readonly(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    mark(shell, sys, args, "readonly", |var| var.readonly, |var, on| var.readonly |= on)
}

impl Shell {
    /// The value of an arithmetic expression.
    pub(in crate::sh) fn compute(&mut self, sys: &mut Sys<'_>, text: &str) -> Result<i64, String> {
        arith::evaluate(text, &mut ShellVars { shell: self, sys })
    }
}

pub(super) fn shift(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    let n = match args.get(1) {
        None => 1,
        Some(text) => match text.parse::<usize>() {
            Ok(n) => n,
            Err(_) => return Flow::Error(2, format!("Illegal number: {text}")),
        },
    };
    if n > shell.params.len() {
        if shell.dialect == Dialect::Dash {
            return Flow::Error(2, "can't shift that many".to_owned());
        }
        return Flow::Done(1);
    }
    shell.params.shift(n);
    Flow::Done(0)
}

pub(super) fn set(shell: &mut Shell, _: &mut Sys<'_>, args: &[String]) -> Flow {
    if args.len() == 1 {
        let line = |(name, var): (&String, &Var)| {
            var.text().map(|value| {
                let value =
                    if shell.dialect == Dialect::Bash { quote(value) } else { single_quote(value) };
                format!("{name}={value}\n")
            })
        };
        let out: String = shell.vars.iter().filter_map(line).collect();
        return Flow::Print(out.into_bytes(), 0);
    }
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        let on = arg.starts_with('-');
        if arg == "--" || arg == "-" {
            i += 1;
            shell.params = args[i..].into();
            return Flow::Done(0);
        }
        if arg.len() < 2 || !(on || arg.starts_with('+')) {
            break;
        }
        i += 1;
        for letter in arg.chars().skip(1) {
            if letter == 'o' {
                let Some(name) = args.get(i) else { return list_options(shell, on) };
                i += 1;
                let known = shell.has_option(name);
                let ignored = shell.ignores_option(name);
                match shell.opts.by_name(name).filter(|_| known) {
                    Some(flag) => *flag = on,
                    None if ignored => {}
                    None => return illegal(shell, &format!("-o {name}"), on),
                }
            } else if !matches!(letter, 'h' | 'B' | 'H' | 'E' | 'T' | 'k' | 'p' | 't')
                || shell.dialect != Dialect::Bash
            {
                match shell.opts.by_letter(letter) {
                    Some(flag) => *flag = on,
                    None => return illegal(shell, &format!("-{letter}"), on),
                }
            }
        }
    }
    if i < args.len() {
        shell.params = args[i..].into();
    }
    Flow::Done(0)
}

fn illegal(shell: &mut Shell, option: &str, on: bool) -> Flow {
    let option = if on { option.to_owned() } else { option.replacen('-', "+", 1) };
    match (shell.dialect, option.strip_prefix("-o ").or(option.strip_prefix("+o "))) {
        (Dialect::Ash, _) => Flow::Error(2, format!("illegal option {option}")),
        (Dialect::Dash, _) => Flow::Error(2, format!("Illegal option {option}")),
        (Dialect::Bash, Some(name)) => Flow::Error(2, format!("{name}: invalid option name")),
        (Dialect::Bash, None) => {
            let usage =
                "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";
            Flow::Error(2, format!("{option}: invalid option\n{usage}"))
        }
    }
}

impl Shell {
    /// Whether the dialect has the option of this name.
    pub(in crate::sh) fn has_option(&self, name: &str) -> bool {
        name != "pipefail" || self.dialect != Dialect::Dash
    }

    /// Options of bash that change nothing that matters here.
    fn ignores_option(&self, name: &str) -> bool {
        self.dialect == Dialect::Bash
            && matches!(
                name,
                "errtrace"
                    | "functrace"
                    | "posix"
                    | "braceexpand"
                    | "hashall"
                    | "history"
                    | "histexpand"
                    | "physical"
                    | "keyword"
                    | "emacs"
                    | "vi"
                    | "nolog"
                    | "onecmd"
                    | "privileged"
                    | "interactive-comments"
            )
    }
}

fn list_options(shell: &Shell, table: bool) -> Flow {
    let mut opts = shell.opts;
    let head = table && shell.dialect == Dialect::Dash;
    let mut out = if head { "Current option settings\n".to_owned() } else { String::new() };
    let names = NAMES.iter().map(|(_, name)| *name).filter(|n| !n.is_empty()).chain(["pipefail"]);
    for name in names {
        let on = opts.by_name(name).is_some_and(|flag| *flag);
        out += &match table {
            true => format!("{name:<16}{}\n", if on { "on" } else { "off" }),
            false => format!("set {}o {name}\n", if on { '-' } else { '+' }),
        };
    }
    Flow::Print(out.into_bytes(), 0)
}

pub(super) fn let_command(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    if args.len() < 2 {
        return Flow::Error(2, "expression expected".to_owned());
    }
    let mut value = 0;
    for arg in &args[1..] {
        match shell.compute(sys, arg) {
            Ok(result) => value = result,
            Err(message) => return Flow::Error(2, message),
        }
    }
    Flow::Done(u8::from(value == 0))
}

/// A message of `getopts`; ash leaves its own name out.
fn usage_message(shell: &Shell, sys: &mut Sys<'_>, text: &str) {
    match shell.dialect {
        Dialect::Bash => sys.warn(&format!("{}: {}", shell.arg0, text.to_ascii_lowercase())),
        _ => sys.warn(text),
    }
}

pub(super) fn getopts(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let (Some(spec), Some(name)) = (args.get(1), args.get(2)) else {
        return Flow::Error(2, "usage: getopts optstring var [arg]".to_owned());
    };
    let words = if args.len() > 3 { args[3..].to_vec() } else { shell.params.to_vec() };
    let mut index: usize = shell.var("OPTIND").and_then(|v| v.parse().ok()).unwrap_or(1).max(1);
    let at = shell.option_at;
    let silent = spec.starts_with(':');
    let word: Vec<char> = words.get(index - 1).map(|w| w.chars().collect()).unwrap_or_default();
    let done = word.len() < 2 || word[0] != '-' || word == ['-', '-'];
    let mut argument = None;
    let (found, status) = if done {
        if word == ['-', '-'] {
            index += 1;
        }
        shell.option_at = 1;
        ("?".to_owned(), 1)
    } else {
        let letter = word.get(at).copied().unwrap_or('?');
        let mut next = at + 1;
        let place = spec.trim_start_matches(':').find(letter).filter(|_| letter != ':');
        let takes = place.is_some_and(|i| {
            spec.trim_start_matches(':')[i + letter.len_utf8()..].starts_with(':')
        });
        let mut result = letter.to_string();
        if place.is_none() {
            result = "?".to_owned();
            if silent {
                argument = Some(letter.to_string());
            } else {
                usage_message(shell, sys, &format!("Illegal option -{letter}"));
            }
        } else if takes {
            let attached: String = word[next.min(word.len())..].iter().collect();
            next = word.len();
            if !attached.is_empty() {
                argument = Some(attached);
            } else if let Some(value) = words.get(index) {
                argument = Some(value.clone());
                index += 1;
            } else if silent {
                result = ":".to_owned();
                argument = Some(letter.to_string());
            } else {
                result = "?".to_owned();
                usage_message(shell, sys, &format!("No arg for -{letter} option"));
            }
        }
        if next >= word.len() {
            index += 1;
            next = 1;
        }
        shell.option_at = next;
        (result, 0)
    };
    let at = shell.option_at;
    let stored = shell
        .set_var(sys, "OPTIND", &index.to_string())
        .and_then(|()| shell.set_var(sys, name, &found));
    shell.option_at = at;
    match argument {
        Some(value) => drop(shell.set_var(sys, "OPTARG", &value)),
        None => drop(shell.vars.remove("OPTARG")),
    }
    match stored {
        Ok(()) => Flow::Done(status),
        Err(message) => Flow::Error(2, message),
    }
}
