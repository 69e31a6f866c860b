//! Commands that the shell runs itself.

mod control;
mod declare;
mod info;
mod read;
mod traps;
mod vars;

pub(super) use read::Reading;

use super::{Dialect, Shell};
use crate::kernel::{Program, Sys};

/// What a builtin led to.
#[derive(Debug)]
pub(super) enum Flow {
    Done(u8),
    /// Output, then a status.
    Print(Vec<u8>, u8),
    /// Frames were pushed that set the status.
    Pushed,
    Error(u8, String),
    Exec(Program),
    /// Run this instead, functions left out.
    Command(Vec<String>),
}

pub(super) type Run = fn(&mut Shell, &mut Sys<'_>, &[String]) -> Flow;

pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) run: Run,
}

const ALL: [(&str, Run); 54] = [
    (":", info::colon),
    (".", control::source),
    ("[", info::test),
    ("[[", info::test),
    ("alias", info::alias),
    ("bg", control::no_job_control),
    ("break", control::break_loop),
    ("builtin", info::command),
    ("cd", info::cd),
    ("chdir", info::cd),
    ("command", info::command),
    ("continue", control::continue_loop),
    ("declare", declare::declare),
    ("echo", info::echo),
    ("eval", control::eval),
    ("exec", control::exec),
    ("exit", control::exit),
    ("export", vars::export),
    ("false", info::no),
    ("fg", control::no_job_control),
    ("getopts", vars::getopts),
    ("hash", info::colon),
    ("help", info::help),
    ("history", info::colon),
    ("jobs", control::jobs),
    ("kill", traps::kill),
    ("let", vars::let_command),
    ("mapfile", read::mapfile),
    ("readarray", read::mapfile),
    ("caller", info::no),
    ("enable", info::colon),
    ("local", declare::local),
    ("printf", info::printf),
    ("pwd", info::pwd),
    ("read", read::read),
    ("readonly", vars::readonly),
    ("return", control::return_command),
    ("set", vars::set),
    ("shift", vars::shift),
    ("shopt", info::shopt),
    ("source", control::source),
    ("test", info::test),
    ("times", info::times),
    ("trap", traps::trap),
    ("true", info::colon),
    ("type", info::type_command),
    ("typeset", declare::declare),
    ("ulimit", info::ulimit),
    ("umask", info::umask),
    ("unalias", info::colon),
    ("unset", declare::unset),
    ("wait", control::wait),
    ("disown", info::colon),
    ("bind", info::colon),
];

const BASH_ONLY: [&str; 10] = [
    "builtin",
    "declare",
    "typeset",
    "shopt",
    "disown",
    "bind",
    "mapfile",
    "readarray",
    "caller",
    "enable",
];
const NOT_IN_DASH: [&str; 6] = ["[[", "source", "let", "chdir", "help", "history"];

/// The builtin of this name.
pub(super) fn find(name: &str, dialect: Dialect) -> Option<Builtin> {
    let (name, run) = ALL.into_iter().find(|(n, _)| *n == name)?;
    let missing = match dialect {
        Dialect::Bash => false,
        Dialect::Ash => BASH_ONLY.contains(&name),
        Dialect::Dash => BASH_ONLY.contains(&name) || NOT_IN_DASH.contains(&name),
    };
    (!missing).then_some(Builtin { name, run })
}

/// Special builtins of POSIX: their errors end the shell, their assignments stay.
pub(super) fn is_special(name: &str) -> bool {
    matches!(
        name,
        ":" | "."
            | "break"
            | "continue"
            | "eval"
            | "exec"
            | "exit"
            | "export"
            | "local"
            | "readonly"
            | "return"
            | "set"
            | "shift"
            | "source"
            | "times"
            | "trap"
            | "unset"
    )
}

/// A word in single quotes, if it needs them (`maybe_single_quote` in ash).
pub(super) fn quote(text: &str) -> String {
    let plain =
        |c: char| ('+'..='z').contains(&c) && !(';'..='?').contains(&c) && !"`[\\".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { single_quote(text) }
}

/// A word in single quotes.
pub(super) fn single_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}
