//! The flags of `set`.

/// `set -e` and its like.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own, as `set` has them")]
pub(super) struct Options {
    pub(super) errexit: bool,
    pub(super) nounset: bool,
    pub(super) xtrace: bool,
    pub(super) noglob: bool,
    pub(super) noexec: bool,
    pub(super) verbose: bool,
    pub(super) pipefail: bool,
    pub(super) allexport: bool,
    pub(super) noclobber: bool,
    pub(super) interactive: bool,
    pub(super) monitor: bool,
    pub(super) notify: bool,
    pub(super) stdin: bool,
    /// The script is the argument of `-c`.
    pub(super) command: bool,
    /// bash's `shopt -s nullglob`.
    pub(super) nullglob: bool,
}

pub(super) const NAMES: [(char, &str); 14] = [
    ('e', "errexit"),
    ('f', "noglob"),
    ('I', "ignoreeof"),
    ('i', "interactive"),
    ('m', "monitor"),
    ('n', "noexec"),
    ('s', "stdin"),
    ('c', ""),
    ('x', "xtrace"),
    ('v', "verbose"),
    ('C', "noclobber"),
    ('a', "allexport"),
    ('b', "notify"),
    ('u', "nounset"),
];

impl Options {
    pub(super) fn by_letter(&mut self, letter: char) -> Option<&mut bool> {
        Some(match letter {
            'e' => &mut self.errexit,
            'f' => &mut self.noglob,
            'i' => &mut self.interactive,
            'm' => &mut self.monitor,
            'n' => &mut self.noexec,
            's' => &mut self.stdin,
            'c' => &mut self.command,
            'x' => &mut self.xtrace,
            'v' => &mut self.verbose,
            'C' => &mut self.noclobber,
            'a' => &mut self.allexport,
            'b' => &mut self.notify,
            'u' => &mut self.nounset,
            _ => return None,
        })
    }

    pub(super) fn by_name(&mut self, name: &str) -> Option<&mut bool> {
        if name == "pipefail" {
            return Some(&mut self.pipefail);
        }
        let letter = NAMES.iter().find(|(_, n)| *n == name && !n.is_empty())?.0;
        self.by_letter(letter)
    }

    /// `$-`
    pub(super) fn letters(mut self) -> String {
        let on = |c: &char| self.by_letter(*c).is_some_and(|flag| *flag);
        NAMES.map(|(c, _)| c).into_iter().filter(on).collect()
    }
}
