//! Signals: Linux numbers, names, default actions and the words the C library has for them.

use std::fmt;

/// A Linux signal number (1 to 31) on x86-64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(u8);

/// What happens when a process has no handler for a signal (`signal(7)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultAction {
    Terminate,
    Ignore,
    Stop,
    Continue,
}

const NAMES: [(&str, &str); 31] = [
    ("HUP", "Hangup"),
    ("INT", "Interrupt"),
    ("QUIT", "Quit"),
    ("ILL", "Illegal instruction"),
    ("TRAP", "Trace/breakpoint trap"),
    ("ABRT", "Aborted"),
    ("BUS", "Bus error"),
    ("FPE", "Floating point exception"),
    ("KILL", "Killed"),
    ("USR1", "User defined signal 1"),
    ("SEGV", "Segmentation fault"),
    ("USR2", "User defined signal 2"),
    ("PIPE", "Broken pipe"),
    ("ALRM", "Alarm clock"),
    ("TERM", "Terminated"),
    ("STKFLT", "Stack fault"),
    ("CHLD", "Child exited"),
    ("CONT", "Continued"),
    ("STOP", "Stopped (signal)"),
    ("TSTP", "Stopped"),
    ("TTIN", "Stopped (tty input)"),
    ("TTOU", "Stopped (tty output)"),
    ("URG", "Urgent I/O condition"),
    ("XCPU", "CPU time limit exceeded"),
    ("XFSZ", "File size limit exceeded"),
    ("VTALRM", "Virtual timer expired"),
    ("PROF", "Profiling timer expired"),
    ("WINCH", "Window changed"),
    ("IO", "I/O possible"),
    ("PWR", "Power failure"),
    ("SYS", "Bad system call"),
];

impl Signal {
    /// Hang-up (1).
    pub const HUP: Self = Self(1);
    /// Interrupt from the keyboard (2).
    pub const INT: Self = Self(2);
    /// Quit from the keyboard (3); nginx images stop on it.
    pub const QUIT: Self = Self(3);
    /// Abort (6).
    pub const ABRT: Self = Self(6);
    /// Kill, cannot be handled (9).
    pub const KILL: Self = Self(9);
    /// First signal free for users (10).
    pub const USR1: Self = Self(10);
    /// Invalid memory reference (11).
    pub const SEGV: Self = Self(11);
    /// Second signal free for users (12).
    pub const USR2: Self = Self(12);
    /// Write to a pipe without readers (13).
    pub const PIPE: Self = Self(13);
    /// Timer (14).
    pub const ALRM: Self = Self(14);
    /// Termination, what the kubelet sends first (15).
    pub const TERM: Self = Self(15);
    /// A child changed state (17).
    pub const CHLD: Self = Self(17);
    /// Continue if stopped (18).
    pub const CONT: Self = Self(18);
    /// Stop, cannot be handled (19).
    pub const STOP: Self = Self(19);
    /// Window size changed (28); httpd images stop on it.
    pub const WINCH: Self = Self(28);

    /// The signal with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        if number >= 1 && number <= 31 { Some(Self(number)) } else { None }
    }

    /// The Linux number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The name without `SIG`, e.g. `TERM`.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0) - 1].0
    }

    /// What `strsignal` says, e.g. `Terminated`.
    #[must_use]
    pub fn description(self) -> &'static str {
        NAMES[usize::from(self.0) - 1].1
    }

    /// Reads `TERM`, `SIGTERM`, `sigterm` or `15`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<u8>() {
            return Self::from_number(number);
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let name = match name {
            "CLD" => "CHLD",
            "POLL" => "IO",
            "IOT" => "ABRT",
            other => other,
        };
        (1..=31).zip(NAMES).find(|(_, (n, _))| *n == name).map(|(number, _)| Self(number))
    }

    pub(crate) const fn bit(self) -> u64 {
        1 << self.0
    }

    pub(crate) fn default_action(self) -> DefaultAction {
        match self.0 {
            17 | 23 | 28 => DefaultAction::Ignore,
            18 => DefaultAction::Continue,
            19..=22 => DefaultAction::Stop,
            _ => DefaultAction::Terminate,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIG{}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn names_and_numbers() {
        for (text, number) in
            [("TERM", 15), ("SIGTERM", 15), ("sigquit", 3), ("9", 9), ("CLD", 17), ("SYS", 31)]
        {
            assert_eq!(Signal::parse(text).map(Signal::number), Some(number), "{text}");
        }
        for text in ["", "0", "32", "SIG", "NOPE", "-1"] {
            assert_eq!(Signal::parse(text), None, "{text}");
        }
    }
}
