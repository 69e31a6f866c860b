//! Comments that silence findings: `# podplay: ignore PP-1102 (reason)`.
//!
//! Such a comment covers its own line; on a line of its own it covers the next line that has something else on it.
//! `# podplay: ignore-file PP-1102` covers the whole text. Without codes it covers every code.

use podplay_manifest::Diagnostic;
use std::collections::BTreeMap;

const MARK: &str = "podplay:";

/// What one comment names: nothing means every code.
type Codes = Vec<String>;

/// The findings that comments of a text silence.
#[derive(Debug, Default)]
pub(super) struct Silenced {
    lines: BTreeMap<usize, Vec<Codes>>,
    file: Vec<Codes>,
}

impl Silenced {
    pub(super) fn read(text: &str) -> Self {
        let mut out = Self::default();
        let mut waiting: Vec<Codes> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let alone = line.trim_start().starts_with('#');
            match comment(line) {
                Some((true, codes)) => out.file.push(codes),
                Some((false, codes)) if alone => waiting.push(codes),
                Some((false, codes)) => out.lines.entry(number + 1).or_default().push(codes),
                None => {}
            }
            if !alone && !line.trim().is_empty() {
                out.lines.entry(number + 1).or_default().append(&mut waiting);
            }
        }
        out
    }

    /// Whether a comment silences a finding.
    pub(super) fn covers(&self, found: &Diagnostic) -> bool {
        let names = |codes: &Codes| codes.is_empty() || codes.iter().any(|code| code == found.code);
        self.file.iter().any(names)
            || self.lines.get(&found.span.line).is_some_and(|here| here.iter().any(names))
    }
}

/// Whether a line's comment is about the whole file, and the codes that it names.
fn comment(line: &str) -> Option<(bool, Codes)> {
    let words = line
        .match_indices('#')
        .filter(|(at, _)| *at == 0 || line[..*at].ends_with([' ', '\t']))
        .find_map(|(at, _)| line[at + 1..].trim_start().strip_prefix(MARK))?
        .trim_start();
    let (whole, rest) = match words.strip_prefix("ignore-file") {
        Some(rest) => (true, rest),
        None => (false, words.strip_prefix("ignore")?),
    };
    if rest.starts_with(|c: char| !c.is_whitespace()) {
        return None;
    }
    let list = rest.split('(').next().unwrap_or_default();
    let codes = list
        .split([',', ' ', '\t'])
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    Some((whole, codes))
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn comments_are_read() {
        let line = |text: &str| comment(text).map(|(whole, codes)| (whole, codes.join(" ")));
        let some = |whole, codes: &str| Some((whole, codes.to_owned()));
        for (text, wanted) in [
            ("a: 1 # podplay: ignore PP-1102", some(false, "PP-1102")),
            ("# podplay: ignore PP-1102, pp-1103 (it is a test)", some(false, "PP-1102 PP-1103")),
            ("  #podplay: ignore", some(false, "")),
            ("# podplay: ignore-file PP-1202", some(true, "PP-1202")),
            ("a: 1 # fine # podplay: ignore PP-1", some(false, "PP-1")),
            ("a: x#podplay: ignore PP-1", None),
            ("# podplay: ignored", None),
            ("# podplay", None),
        ] {
            assert_eq!(line(text), wanted, "{text}");
        }
    }
}
