//! A command line as typed, split into words the way a shell does, and joined again.

/// Why a line cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed(char);

impl Unclosed {
    /// The quote.
    pub const fn quote(self) -> char {
        self.0
    }
}

impl core::fmt::Display for Unclosed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the quote {} is not closed", self.0)
    }
}
impl std::error::Error for Unclosed {}

/// Splits a line into words: blanks, single and double quotes, backslashes.
///
/// # Errors
/// If a quote is not closed.
pub fn split(line: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(Unclosed('\'')),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some('\n') => {}
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(Unclosed('"')),
                        },
                        Some(c) => word.push(c),
                        None => return Err(Unclosed('"')),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Joins words to a line that [`split`] splits into the same words.
pub fn join(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+*".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            return word.clone();
        }
        if word.contains('\'') {
            let escaped: String = word
                .chars()
                .flat_map(|c| "\"\\$`".contains(c).then_some('\\').into_iter().chain([c]))
                .collect();
            return format!("\"{escaped}\"");
        }
        format!("'{word}'")
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words() {
        let table: [(&str, &[&str]); 6] = [
            ("get pods -o wide", &["get", "pods", "-o", "wide"]),
            ("patch x -p '{\"a\": 1}'", &["patch", "x", "-p", "{\"a\": 1}"]),
            ("a \"b \\\" c\" 'd e'f", &["a", "b \" c", "d ef"]),
            ("exec web -- sh -c \"echo $A\"", &["exec", "web", "--", "sh", "-c", "echo $A"]),
            ("a '' b", &["a", "", "b"]),
            ("  ", &[]),
        ];
        for (line, words) in table {
            let split = split(line).expect(line);
            assert_eq!(split, words, "{line}");
            assert_eq!(super::split(&join(&split)).as_deref(), Ok(&split[..]), "{line}");
        }
        assert_eq!(split("a 'b"), Err(Unclosed('\'')));
    }
}
