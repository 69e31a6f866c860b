//! Signals by name and number, as Linux numbers them.

const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Parses `SIGSEGV`, `segv` or `11`.
pub(super) fn number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse() {
        return (1..=31).contains(&number).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    (1..).zip(NAMES).find(|(_, known)| *known == name).map(|(number, _)| number)
}
