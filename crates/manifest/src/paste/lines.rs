//! A paste as lines: without colours, with the prompts told apart from what was printed.

/// A text that somebody copied.
pub(super) struct Pasted<'a> {
    /// Lines that are not blank, with their numbers from 1.
    pub(super) lines: Vec<(usize, std::borrow::Cow<'a, str>)>,
    /// Commands that were typed at a prompt, with the numbers of their lines.
    pub(super) typed: Vec<(usize, String)>,
}

/// Most lines that are looked at: what a text is shows early.
const LOOKED_AT: usize = 2_000;

impl<'a> Pasted<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut typed = Vec::new();
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (n, line) in bare.lines().enumerate() {
            let line = if line.contains('\u{1b}') { plain(line).into() } else { line.into() };
            let line: std::borrow::Cow<'a, str> = line;
            if line.trim().is_empty() {
                continue;
            }
            if let Some(command) = command(&line) {
                typed.push((n + 1, command.to_owned()));
            } else {
                lines.push((n + 1, line));
            }
            if lines.len() >= LOOKED_AT {
                break;
            }
        }
        if lines.is_empty() {
            lines = typed.iter().map(|(n, line)| (*n, line.clone().into())).collect();
        }
        Self { lines, typed }
    }

    /// The lines as texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|(_, line)| line.as_ref())
    }

    /// The first line that was printed.
    pub(super) fn first(&self) -> (usize, &str) {
        self.lines.first().map_or((1, ""), |(n, line)| (*n, line.as_ref()))
    }

    /// The number of the first line that begins so.
    pub(super) fn line_with(&self, start: &str) -> Option<usize> {
        self.lines.iter().find(|(_, line)| line.trim_start().starts_with(start)).map(|(n, _)| *n)
    }

    /// The share of lines, in percent, for which something holds.
    pub(super) fn share(&self, holds: impl Fn(&str) -> bool) -> usize {
        let count = self.texts().filter(|line| holds(line)).count();
        count * 100 / self.lines.len().max(1)
    }
}

/// A line without the codes that colour it.
pub(super) fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        if chars.next() == Some('[') {
            // A sequence ends with its first letter.
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        }
    }
    out
}

/// Commands of which people paste the output.
const COMMANDS: &[&str] =
    &["kubectl ", "k ", "oc ", "docker ", "podman ", "helm ", "cat ", "kubectl.exe ", "microk8s "];

/// The command behind a prompt.
pub(super) fn command(line: &str) -> Option<&str> {
    let trimmed = line.trim_start();
    for mark in ["$ ", "❯ ", "➜ ", "> ", "% ", "# ", "PS> "] {
        let Some(at) = trimmed.find(mark) else { continue };
        let (head, rest) = trimmed.split_at(at);
        let rest = rest.get(mark.len()..)?.trim_start();
        let prompt = head.is_empty()
            || head.contains('@')
            || head.contains('~')
            || head.starts_with('[')
            || head.starts_with("PS ");
        if prompt && COMMANDS.iter().any(|known| rest.starts_with(known)) {
            return Some(rest);
        }
    }
    None
}

/// The columns of a line of a table: words, or groups of words, two blanks apart.
pub(super) fn columns(line: &str) -> Vec<&str> {
    line.split("  ")
        .flat_map(|part| part.split('\t'))
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .collect()
}
