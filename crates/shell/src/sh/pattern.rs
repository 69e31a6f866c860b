//! Shell patterns: `*`, `?`, `[…]`; a backslash makes the next character literal.

use crate::kernel::Sys;
use crate::limits::PATTERN_STEPS;

/// A pattern took more steps than [`PATTERN_STEPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManySteps;

/// Whether the whole text matches; for texts that are short by their nature, such as names.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).matches(text).unwrap_or(false)
}

/// Whether the whole text matches; the steps are paid for. An error is a message.
pub(crate) fn judge(sys: &mut Sys<'_>, pattern: &str, text: &str) -> Result<bool, String> {
    let mut compiled = Pattern::new(pattern);
    let result = compiled.matches(text);
    sys.cost += (compiled.steps() + pattern.len() as u64) / 16;
    result.map_err(|TooManySteps| {
        sys.meet("steps of a pattern");
        "pattern: too many steps".to_owned()
    })
}

/// One element of a pattern.
#[derive(Clone, Copy, Debug)]
enum Element {
    Star,
    Any,
    Literal(char),
    /// A bracket expression that begins here.
    Set(usize),
}

/// A pattern that is matched by following all its possibilities at once, one bit for each element.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    source: Vec<char>,
    elements: Vec<Element>,
    steps: u64,
}

/// The elements of which one character makes the beginnings, by bits.
type Bits = Vec<u64>;

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Self {
        let source: Vec<char> = pattern.chars().collect();
        let mut elements = Vec::new();
        let mut p = 0;
        while let Some(c) = source.get(p) {
            let (element, next) = match c {
                '*' => (Element::Star, p + 1),
                '?' => (Element::Any, p + 1),
                '[' => match bracket(&source, p, 'x') {
                    Some((_, next)) => (Element::Set(p), next),
                    None => (Element::Literal('['), p + 1),
                },
                '\\' if p + 1 < source.len() => (Element::Literal(source[p + 1]), p + 2),
                literal => (Element::Literal(*literal), p + 1),
            };
            let again = matches!((element, elements.last()), (Element::Star, Some(Element::Star)));
            if !again {
                elements.push(element);
            }
            p = next;
        }
        Self { source, elements, steps: 0 }
    }

    /// Steps taken so far, to be paid for.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    fn spend(&mut self, steps: usize) -> Result<(), TooManySteps> {
        self.steps += steps as u64;
        if self.steps > PATTERN_STEPS { Err(TooManySteps) } else { Ok(()) }
    }

    fn takes(&self, element: Element, c: char) -> bool {
        match element {
            Element::Star | Element::Any => true,
            Element::Literal(literal) => literal == c,
            Element::Set(at) => bracket(&self.source, at, c).is_some_and(|(found, _)| found),
        }
    }

    /// Whether the whole text matches: what is between stars is found from left to right.
    pub(crate) fn matches(&mut self, text: &str) -> Result<bool, TooManySteps> {
        let text: Vec<char> = text.chars().collect();
        let (mut p, mut t) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            self.spend(1)?;
            match (self.elements.get(p), star) {
                (Some(Element::Star), _) => {
                    star = Some((p + 1, t));
                    p += 1;
                }
                (Some(element), _) if self.takes(*element, text[t]) => {
                    p += 1;
                    t += 1;
                }
                (_, Some((after, from))) => {
                    p = after;
                    t = from + 1;
                    star = Some((after, t));
                }
                (_, None) => return Ok(false),
            }
        }
        Ok(self.elements[p..].iter().all(|e| matches!(e, Element::Star)))
    }

    /// How many characters of the text, from its beginning, the elements can match: the fewest or
    /// the most.
    fn reach(
        &mut self,
        elements: &[Element],
        text: impl Iterator<Item = char>,
        longest: bool,
    ) -> Result<Option<usize>, TooManySteps> {
        let words = elements.len() / 64 + 1;
        let mask = |keep: &dyn Fn(Element) -> bool| {
            let mut bits = vec![0u64; words];
            for (i, element) in elements.iter().enumerate().filter(|(_, e)| keep(**e)) {
                let _ = element;
                bits[i / 64] |= 1 << (i % 64);
            }
            bits
        };
        let stars = mask(&|e| matches!(e, Element::Star));
        let mut known: std::collections::BTreeMap<char, Bits> = std::collections::BTreeMap::new();
        let mut state = vec![0u64; words];
        state[0] = 1;
        skip_stars(&mut state, &stars);
        let (end, bit) = (elements.len() / 64, 1u64 << (elements.len() % 64));
        let mut best = (state[end] & bit != 0).then_some(0);
        for (n, c) in text.enumerate() {
            if best.is_some() && !longest {
                break;
            }
            self.spend(words)?;
            if let std::collections::btree_map::Entry::Vacant(e) = known.entry(c) {
                self.spend(elements.len())?;
                let bits = mask(&|e| !matches!(e, Element::Star) && self.takes(e, c));
                e.insert(bits);
            }
            advance(&mut state, &known[&c], &stars);
            if state.iter().all(|word| *word == 0) {
                break;
            }
            if state[end] & bit != 0 {
                best = Some(n + 1);
            }
        }
        Ok(best)
    }

    /// The length in bytes of the prefix that matches, if any.
    pub(crate) fn prefix(
        &mut self,
        text: &str,
        longest: bool,
    ) -> Result<Option<usize>, TooManySteps> {
        let elements = self.elements.clone();
        let n = self.reach(&elements, text.chars(), longest)?;
        Ok(n.map(|n| text.chars().take(n).map(char::len_utf8).sum()))
    }

    /// The position in bytes from which on the suffix matches, if any.
    pub(crate) fn suffix(
        &mut self,
        text: &str,
        longest: bool,
    ) -> Result<Option<usize>, TooManySteps> {
        let elements: Vec<Element> = self.elements.iter().rev().copied().collect();
        let n = self.reach(&elements, text.chars().rev(), longest)?;
        Ok(n.map(|n| text.len() - text.chars().rev().take(n).map(char::len_utf8).sum::<usize>()))
    }

    /// Whether it begins by a star: then it matches nowhere what it does not match at once.
    pub(crate) fn floats(&self) -> bool {
        matches!(self.elements.first(), Some(Element::Star))
    }
}

/// One character further: each element that takes it hands on to the next, stars stay.
fn advance(state: &mut [u64], takes: &[u64], stars: &[u64]) {
    let mut carry = 0;
    for (i, word) in state.iter_mut().enumerate() {
        let moved = *word & takes[i];
        let kept = *word & stars[i];
        *word = moved << 1 | carry | kept;
        carry = moved >> 63;
    }
    skip_stars(state, stars);
}

/// A star may stand for nothing.
fn skip_stars(state: &mut [u64], stars: &[u64]) {
    let mut carry = 0;
    for (i, word) in state.iter_mut().enumerate() {
        let passed = *word & stars[i];
        *word |= passed << 1 | carry;
        carry = passed >> 63;
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

#[cfg(test)]
mod tests {
    use super::{Pattern, matches};

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
        let prefix = |p: &str, text: &str, longest| Pattern::new(p).prefix(text, longest);
        let suffix = |p: &str, text: &str, longest| Pattern::new(p).suffix(text, longest);
        assert_eq!(prefix("*/", "a/b/c", false), Ok(Some(2)));
        assert_eq!(prefix("*/", "a/b/c", true), Ok(Some(4)));
        assert_eq!(suffix(".*", "a.b.c", false), Ok(Some(3)));
        assert_eq!(suffix(".*", "a.b.c", true), Ok(Some(1)));
        assert_eq!(suffix("é*", "aéb", true), Ok(Some(1)));
        assert_eq!(prefix("*b", "aaa", true), Ok(None));
        let long = "ab".repeat(100);
        assert_eq!(prefix(&long, &long, true), Ok(Some(200)));
        assert_eq!(suffix(&format!("*{long}"), &long, true), Ok(Some(0)));
        assert_eq!(Pattern::new(&"*a".repeat(2000)).matches(&"a".repeat(9000)), Ok(true));
        let text = "a".repeat(3_000_000);
        assert_eq!(prefix("*b*b*b*b", &text, true), Ok(None));
        assert!(Pattern::new(&format!("*{}b", "a".repeat(2000))).matches(&text).is_err());
    }
}
