//! Running a command so that its output is seen at once and can be counted afterwards.

use crate::failure::{Failure, Result};
use crate::say;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use xshell::Cmd;

/// What a command left behind.
pub(crate) struct Outcome {
    /// Whether it ended with status 0.
    pub(crate) ok: bool,
    /// Every line of both its outputs, without colours.
    pub(crate) lines: Vec<String>,
}

/// Runs a command, passing its output through line by line while remembering it.
pub(crate) fn watched(cmd: Cmd<'_>) -> Result<Outcome> {
    let told = cmd.to_string();
    say::skip(&told);
    let mut command = Command::from(cmd);
    if say::colours() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&told, &error))?;
    let lines = Mutex::new(Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(out, std::io::stdout(), &lines));
        scope.spawn(|| pass_on(err, std::io::stderr(), &lines));
    });
    let status = child.wait().map_err(|error| cannot_start(&told, &error))?;
    let lines = lines.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(Outcome { ok: status.success(), lines })
}

/// Runs a command that shows its own progress; a non-zero status is a failure.
pub(crate) fn plainly(cmd: Cmd<'_>, advice: &str) -> Result {
    let told = cmd.to_string();
    say::skip(&told);
    cmd.quiet().run().map_err(|_| Failure::new(format!("`{told}` failed"), advice))
}

/// Runs a command only for its answer; its output is not shown.
pub(crate) fn answer(cmd: Cmd<'_>) -> Option<String> {
    cmd.quiet().ignore_stderr().read().ok()
}

fn cannot_start(told: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not run `{told}`: {error}"), "run `cargo xtask setup` first")
}

fn pass_on(from: Option<impl Read>, mut to: impl Write, lines: &Mutex<Vec<String>>) {
    let Some(from) = from else { return };
    for line in BufReader::new(from).split(b'\n').map_while(std::result::Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // A reader that went away (`| head`) must not stop the work itself.
        let _ = writeln!(to, "{line}");
        if let Ok(mut lines) = lines.lock() {
            lines.push(without_colours(&line));
        }
    }
}

/// Takes the escape sequences that colour a terminal out of a line.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else if c != '\r' {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_taken_out() {
        let table = [
            ("plain", "plain"),
            ("\x1b[32;1mok\x1b[0m.", "ok."),
            ("windows\r", "windows"),
            ("\x1b[", ""),
            ("", ""),
        ];
        for (given, expected) in table {
            assert_eq!(without_colours(given), expected);
        }
    }
}
