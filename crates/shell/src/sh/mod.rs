//! The shell: an explicit stack machine over parsed commands, so that it can be suspended at any
//! wait and cloned at any time.

mod arith;
mod ast;
mod brace;
mod builtins;
mod command;
mod cond;
mod expand;
mod glob;
mod jobs;
mod lexer;
mod machine;
mod options;
mod parser;
mod pattern;
mod redirect;
mod values;
mod variables;

pub(crate) use arith::parse_number;
pub(crate) use pattern::{TooManySteps, in_class, judge, matches as pattern_matches};
pub(crate) use redirect::HIDDEN;

use ast::Node;
use machine::{Frame, Skip};
use options::Options;
use std::collections::BTreeMap;
use std::sync::Arc;
use values::{Data, Params, Var};

/// Whose language and messages a shell has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// busybox `ash`.
    Ash,
    /// Debian's `sh`.
    Dash,
    /// The common part of bash.
    Bash,
}

/// A background job.
#[derive(Clone, Debug)]
struct Job {
    pid: u32,
    status: Option<u8>,
    text: Arc<str>,
}

/// A running shell or subshell.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    dialect: Dialect,
    arg0: String,
    /// It reads a script file: messages carry the line.
    script: bool,
    opts: Options,
    vars: BTreeMap<String, Var>,
    functions: BTreeMap<String, Arc<Node>>,
    params: Params,
    /// Bytes in variables.
    stored: u64,
    /// Actions by signal number, 0 for EXIT; an empty one ignores the signal.
    traps: BTreeMap<u8, String>,
    /// Set once a trap was set: then nothing is executed in place.
    had_traps: bool,
    status: u8,
    /// `$$`, set when it starts.
    root_pid: Option<u32>,
    last_background: Option<u32>,
    jobs: Vec<Job>,
    stack: Vec<Frame>,
    skip: Option<Skip>,
    line: u32,
    /// The builtin that runs, for messages.
    builtin: Option<&'static str>,
    exiting: Option<u8>,
    /// The statuses of the last pipeline; empty after a single command.
    pipe_status: Vec<u8>,
    /// Descriptors of process substitutions, to be closed behind the command.
    processes: Vec<u32>,
    calls: usize,
    loops: u32,
    /// Position of `getopts` within a group of options.
    option_at: usize,
    subshell: bool,
    /// The environment that the last program got, to be shared while nothing changes.
    last_env: Arc<BTreeMap<String, String>>,
}

impl Shell {
    fn new(dialect: Dialect, arg0: &str, env: &BTreeMap<String, String>) -> Self {
        let exported = |value: &String| Var {
            data: Data::Text(value.as_str().into()),
            exported: true,
            ..Var::default()
        };
        let mut vars: BTreeMap<String, Var> = env
            .iter()
            // bash passes on what it cannot call by a name.
            .filter(|(name, _)| dialect == Dialect::Bash || lexer::is_name(name))
            .map(|(name, value)| (name.clone(), exported(value)))
            .collect();
        for (name, value) in
            [("IFS", " \t\n"), ("OPTIND", "1"), ("PS1", "$ "), ("PS2", "> "), ("PS4", "+ ")]
        {
            let var = vars.entry(name.to_owned()).or_default();
            if name == "IFS" || name == "OPTIND" || var.text().is_none() {
                var.set_text(value);
            }
        }
        Self {
            dialect,
            arg0: arg0.to_owned(),
            script: false,
            opts: Options::default(),
            vars,
            functions: BTreeMap::new(),
            params: Params::default(),
            stored: 0,
            traps: BTreeMap::new(),
            had_traps: false,
            status: 0,
            root_pid: None,
            last_background: None,
            jobs: Vec::new(),
            stack: Vec::new(),
            skip: None,
            line: 0,
            builtin: None,
            exiting: None,
            pipe_status: Vec::new(),
            processes: Vec::new(),
            calls: 0,
            loops: 0,
            option_at: 1,
            subshell: false,
            last_env: Arc::default(),
        }
    }

    /// `sh [options] [-c text [name [arg …]] | file [arg …] | -s]`.
    pub(crate) fn from_argv(
        dialect: Dialect,
        argv: &[String],
        env: &BTreeMap<String, String>,
    ) -> Self {
        let arg0 = argv.first().map_or("sh", String::as_str);
        let mut shell = Self::new(dialect, arg0, env);
        shell.stack.push(Frame::Start { argv: argv.get(1..).unwrap_or_default().to_vec() });
        shell
    }

    /// A script file that is executed directly.
    pub(crate) fn for_script(
        dialect: Dialect,
        file: &str,
        text: &str,
        args: &[String],
        env: &BTreeMap<String, String>,
    ) -> Self {
        let mut shell = Self::new(dialect, file, env);
        shell.script = true;
        shell.params = args.into();
        shell.stack.push(Frame::script(text.into(), machine::EXIT));
        shell
    }
}

/// A word that bash reads back as one: `printf %q`.
pub(crate) fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(char::is_control) {
        return expand::ansi_quote(text);
    }
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        let special = " \t\n'\"\\|&;()<>!{}*[]?$^`,".contains(c);
        if special || (i == 0 && matches!(c, '~' | '#')) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether a text parses as a script: the message and line of the first syntax error.
#[cfg(test)]
fn check(text: &str) -> Result<(), parser::SyntaxError> {
    lexer::parse_all(text, Dialect::Ash).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn syntax_errors() {
        for (text, message, line) in [
            ("if", "unexpected end of file", 1),
            ("echo )", "unexpected \")\"", 1),
            ("a\nb;;", "unexpected \";;\"", 2),
            ("echo 'x", "unterminated quoted string", 1),
            ("if true; then\necho )\nfi", "unexpected \")\"", 2),
            ("for 1 in a; do b; done", "bad for loop variable", 1),
        ] {
            let error = check(text).expect_err(text);
            assert!(error.message.starts_with(message), "{text}: {}", error.message);
            assert_eq!(error.line, line, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        for piece in ["(", "$(", "{ ", "if ", "`", "\"$(", "${x:-", "$((", "! ", "case x in x) "] {
            drop(check(&piece.repeat(20_000)));
        }
    }
}
