//! Shell patterns: `*`, `?`, `[…]`; a backslash makes the next character literal.

/// Whether the whole text matches.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    matches_chars(&pattern, &text)
}

pub(crate) fn matches_chars(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(_) => one(pattern, p, text[t]),
            None => None,
        };
        match (step, star) {
            (Some(next), _) => {
                p = next;
                t += 1;
            }
            (None, Some((after, from))) => {
                p = after;
                t = from + 1;
                star = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Matches one element of the pattern against a character; says where the next element is.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern[p] {
        '?' => Some(p + 1),
        '[' => match bracket(pattern, p, c) {
            Some((true, next)) => Some(next),
            Some((false, _)) => None,
            None => (c == '[').then_some(p + 1),
        },
        '\\' if p + 1 < pattern.len() => (pattern[p + 1] == c).then_some(p + 2),
        literal => (literal == c).then_some(p + 1),
    }
}

/// A bracket expression: whether it contains `c`, and where it ends. `None`: not one.
pub(crate) fn bracket(pattern: &[char], start: usize, c: char) -> Option<(bool, usize)> {
    let mut p = start + 1;
    let negated = matches!(pattern.get(p), Some('!' | '^'));
    if negated {
        p += 1;
    }
    let first = p;
    let mut found = false;
    loop {
        let mut low = *pattern.get(p)?;
        if low == ']' && p > first {
            return Some((found != negated, p + 1));
        }
        if low == '[' && pattern.get(p + 1) == Some(&':') {
            let end = (p + 2..pattern.len())
                .find(|i| pattern[*i] == ':' && pattern.get(i + 1) == Some(&']'));
            if let Some(end) = end {
                let class: String = pattern[p + 2..end].iter().collect();
                found |= in_class(&class, c);
                p = end + 2;
                continue;
            }
        }
        if low == '\\' && p + 1 < pattern.len() {
            p += 1;
            low = pattern[p];
        }
        p += 1;
        let high = match (pattern.get(p), pattern.get(p + 1)) {
            (Some('-'), Some(high)) if *high != ']' => {
                p += 2;
                *high
            }
            _ => low,
        };
        found |= low <= c && c <= high;
    }
}

/// POSIX character classes.
pub(crate) fn in_class(class: &str, c: char) -> bool {
    match class {
        "alpha" => c.is_ascii_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_ascii_alphanumeric(),
        "upper" => c.is_ascii_uppercase(),
        "lower" => c.is_ascii_lowercase(),
        "space" => c.is_ascii_whitespace() || c == '\x0b',
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && c != ' ',
        "cntrl" => c.is_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Whether an escaped text contains an active wildcard.
pub(crate) fn is_pattern(escaped: &str) -> bool {
    let mut chars = escaped.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Escapes every character that a pattern gives a meaning.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Takes the backslashes out again.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

/// The length in bytes of the prefix that matches, if any.
pub(crate) fn prefix(pattern: &str, text: &str, longest: bool) -> Option<usize> {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    let fits = |n: &usize| matches_chars(&pattern, &chars[..*n]);
    let n =
        if longest { (0..=chars.len()).rev().find(fits) } else { (0..=chars.len()).find(fits) }?;
    Some(chars[..n].iter().map(|c| c.len_utf8()).sum())
}

/// The position in bytes from which on the suffix matches, if any.
pub(crate) fn suffix(pattern: &str, text: &str, longest: bool) -> Option<usize> {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    let fits = |n: &usize| matches_chars(&pattern, &chars[*n..]);
    let n =
        if longest { (0..=chars.len()).find(fits) } else { (0..=chars.len()).rev().find(fits) }?;
    Some(chars[..n].iter().map(|c| c.len_utf8()).sum())
}

#[cfg(test)]
mod tests {
    use super::{matches, prefix, suffix};

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("?b", "ab", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[", "[", true),
            ("*a*b*", "xxaxxbxx", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn trims() {
        assert_eq!(prefix("*/", "a/b/c", false), Some(2));
        assert_eq!(prefix("*/", "a/b/c", true), Some(4));
        assert_eq!(suffix(".*", "a.b.c", false), Some(3));
        assert_eq!(suffix(".*", "a.b.c", true), Some(1));
    }
}
