//! What xtask tells the person at the terminal. Everything goes to standard error,
//! so that standard output carries only what a command was asked for.

use crate::failure::Failure;
use std::fmt::Display;
use std::io::IsTerminal;

/// A step begins.
pub(crate) fn step(text: impl Display) {
    line("1;36", "==>", text);
}

/// A step had nothing to do.
pub(crate) fn skip(text: impl Display) {
    line("2", "  -", text);
}

/// Something worth knowing that does not stop the work.
pub(crate) fn note(text: impl Display) {
    line("33", "  !", text);
}

/// A step is done.
pub(crate) fn done(text: impl Display) {
    line("32", " ok", text);
}

/// The work stopped.
pub(crate) fn failure(failure: &Failure) {
    line("1;31", "error:", failure);
}

/// Whether colours make sense here.
pub(crate) fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn line(colour: &str, mark: &str, text: impl Display) {
    if colours() {
        eprintln!("\x1b[{colour}m{mark}\x1b[0m {text}");
    } else {
        eprintln!("{mark} {text}");
    }
}
