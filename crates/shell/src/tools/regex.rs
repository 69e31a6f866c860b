//! POSIX regular expressions, basic and extended, by backtracking with a budget of steps.

use crate::limits;
use crate::sh::in_class;
use std::cell::Cell;

#[derive(Clone, Debug)]
enum Item {
    Byte(u8),
    Any,
    Set { negated: bool, set: Box<[bool; 256]> },
    Start,
    End,
    WordStart,
    WordEnd,
    WordEdge,
    Group(usize, Vec<Vec<Node>>),
    Back(usize),
}

#[derive(Clone, Debug)]
struct Node {
    item: Item,
    min: u32,
    max: Option<u32>,
}

/// How a pattern is to be read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Syntax {
    pub(crate) extended: bool,
    pub(crate) icase: bool,
}

impl Syntax {
    pub(crate) const BASIC: Self = Self { extended: false, icase: false };
    pub(crate) const EXTENDED: Self = Self { extended: true, icase: false };
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    alternatives: Vec<Vec<Node>>,
    groups: usize,
    icase: bool,
}

/// Where the whole match and each group are.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

struct Compiler<'a> {
    text: &'a [u8],
    at: usize,
    extended: bool,
    icase: bool,
    groups: usize,
    depth: u32,
}

type Compiled<T> = Result<T, &'static str>;

impl Regex {
    /// A basic or extended expression.
    pub(crate) fn new(pattern: &str, syntax: Syntax) -> Compiled<Self> {
        let Syntax { extended, icase } = syntax;
        let mut compiler =
            Compiler { text: pattern.as_bytes(), at: 0, extended, icase, groups: 0, depth: 0 };
        let alternatives = compiler.alternatives()?;
        if compiler.at < compiler.text.len() {
            return Err("Unmatched ) or \\)");
        }
        Ok(Self { alternatives, groups: compiler.groups, icase })
    }

    /// A pattern that matches the text itself (`grep -F`).
    pub(crate) fn literal(text: &str, icase: bool) -> Self {
        let fold = |b: u8| if icase { b.to_ascii_lowercase() } else { b };
        let node = |b: u8| Node { item: Item::Byte(fold(b)), min: 1, max: Some(1) };
        Self { alternatives: vec![text.bytes().map(node).collect()], groups: 0, icase }
    }

    /// The leftmost match from `start` on. `bol`: position 0 is the beginning of a line.
    pub(crate) fn find(&self, text: &[u8], start: usize, bol: bool) -> Option<Groups> {
        let matcher = Matcher {
            text,
            bol,
            icase: self.icase,
            steps: Cell::new(limits::MATCH_STEPS),
            depth: Cell::new(0),
        };
        (start..=text.len()).find_map(|at| self.match_at(&matcher, at))
    }

    fn match_at(&self, matcher: &Matcher<'_>, at: usize) -> Option<Groups> {
        let mut best: Option<Groups> = None;
        for alternative in &self.alternatives {
            let mut groups = vec![None; self.groups + 1];
            let mut end = None;
            let found = matcher.sequence(alternative, 0, at, &mut groups, &mut |at, _| {
                end = Some(at);
                true
            });
            if found && let Some(end) = end {
                groups[0] = Some((at, end));
                let longer = best.as_ref().and_then(|b| b[0]).is_none_or(|(_, old)| end > old);
                if longer {
                    best = Some(groups);
                }
            }
        }
        best
    }
}

impl Compiler<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn looking_at(&self, token: &[u8]) -> bool {
        self.text[self.at..].starts_with(token)
    }

    fn alternatives(&mut self) -> Compiled<Vec<Vec<Node>>> {
        self.depth += 1;
        if self.depth > 50 {
            return Err("Regular expression too big");
        }
        let mut all = vec![self.sequence()?];
        let bar: &[u8] = if self.extended { b"|" } else { b"\\|" };
        while self.looking_at(bar) {
            self.at += bar.len();
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(all)
    }

    fn sequence(&mut self) -> Compiled<Vec<Node>> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            let Some(c) = self.peek() else { return Ok(nodes) };
            if self.extended && (c == b'|' || (c == b')' && self.depth > 1)) {
                return Ok(nodes);
            }
            if !self.extended && (self.looking_at(b"\\|") || self.looking_at(b"\\)")) {
                return Ok(nodes);
            }
            let first = nodes.is_empty();
            let item = self.item(c, first)?;
            let mut node = Node { item, min: 1, max: Some(1) };
            self.repetition(&mut node)?;
            nodes.push(node);
        }
    }

    fn item(&mut self, c: u8, first: bool) -> Compiled<Item> {
        self.at += 1;
        Ok(match c {
            b'.' => Item::Any,
            b'[' => self.set()?,
            b'^' if self.extended || first => Item::Start,
            b'$' if self.extended || self.at_end() => Item::End,
            b'(' if self.extended => self.group(b")")?,
            b'\\' => {
                let Some(c) = self.peek() else { return Err("Trailing backslash") };
                self.at += 1;
                match c {
                    b'(' if !self.extended => self.group(b"\\)")?,
                    b'1'..=b'9' => Item::Back(usize::from(c - b'0')),
                    b'<' => Item::WordStart,
                    b'>' => Item::WordEnd,
                    b'b' => Item::WordEdge,
                    b'w' | b'W' => class_set(c == b'W', |b| b.is_ascii_alphanumeric() || b == b'_'),
                    b's' | b'S' => class_set(c == b'S', |b| b.is_ascii_whitespace()),
                    b'd' if self.extended => class_set(false, |b| b.is_ascii_digit()),
                    b'n' => Item::Byte(b'\n'),
                    b't' => Item::Byte(b'\t'),
                    other => Item::Byte(self.fold(other)),
                }
            }
            other => Item::Byte(self.fold(other)),
        })
    }

    fn fold(&self, byte: u8) -> u8 {
        if self.icase { byte.to_ascii_lowercase() } else { byte }
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len() || self.looking_at(b"\\)") || self.looking_at(b"\\|")
    }

    fn group(&mut self, close: &[u8]) -> Compiled<Item> {
        self.groups += 1;
        let number = self.groups;
        let inside = self.alternatives()?;
        if !self.looking_at(close) {
            return Err("Unmatched ( or \\(");
        }
        self.at += close.len();
        Ok(Item::Group(number, inside))
    }

    fn set(&mut self) -> Compiled<Item> {
        let negated = self.peek() == Some(b'^');
        if negated {
            self.at += 1;
        }
        let mut set = Box::new([false; 256]);
        let first = self.at;
        loop {
            let Some(c) = self.peek() else { return Err("Unmatched [, [^, [:, [., or [=") };
            if c == b']' && self.at > first {
                self.at += 1;
                return Ok(Item::Set { negated, set });
            }
            if self.looking_at(b"[:")
                && let Some(len) = self.text[self.at..].windows(2).position(|w| w == b":]")
            {
                let class =
                    String::from_utf8_lossy(&self.text[self.at + 2..self.at + len]).into_owned();
                (0..=255u8)
                    .filter(|b| in_class(&class, char::from(*b)) && b.is_ascii())
                    .for_each(|b| set[usize::from(b)] = true);
                self.at += len + 2;
                continue;
            }
            self.at += 1;
            let high = match (self.peek(), self.text.get(self.at + 1)) {
                (Some(b'-'), Some(high)) if *high != b']' => {
                    self.at += 2;
                    *high
                }
                _ => c,
            };
            for byte in c..=high {
                set[usize::from(byte)] = true;
                if self.icase {
                    set[usize::from(byte.to_ascii_lowercase())] = true;
                    set[usize::from(byte.to_ascii_uppercase())] = true;
                }
            }
        }
    }

    fn repetition(&mut self, node: &mut Node) -> Compiled<()> {
        while let Some(c) = self.peek() {
            let (min, max) = match c {
                b'*' if !matches!(node.item, Item::Start) || self.extended => (0, None),
                b'+' if self.extended => (1, None),
                b'?' if self.extended => (0, Some(1)),
                b'{' if self.extended
                    && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) =>
                {
                    self.at += 1;
                    self.interval(b"}")?
                }
                b'\\' if !self.extended && self.looking_at(b"\\{") => {
                    self.at += 2;
                    self.interval(b"\\}")?
                }
                b'\\' if !self.extended && self.looking_at(b"\\+") => {
                    self.at += 1;
                    (1, None)
                }
                b'\\' if !self.extended && self.looking_at(b"\\?") => {
                    self.at += 1;
                    (0, Some(1))
                }
                _ => return Ok(()),
            };
            self.at += 1;
            (node.min, node.max) = (min, max);
        }
        Ok(())
    }

    /// `n`, `n,` or `n,m` up to one byte before the end of `close`.
    fn interval(&mut self, close: &[u8]) -> Compiled<(u32, Option<u32>)> {
        let rest = &self.text[self.at..];
        let len = rest.windows(close.len()).position(|w| w == close).ok_or("Unmatched { or \\{")?;
        let text = String::from_utf8_lossy(&rest[..len]).into_owned();
        self.at += len + close.len() - 1;
        let number = |s: &str| {
            s.parse::<u32>().ok().filter(|n| *n <= 1000).ok_or("Invalid content of \\{\\}")
        };
        match text.split_once(',') {
            None => number(&text).map(|n| (n, Some(n))),
            Some((min, "")) => Ok((number(min)?, None)),
            Some((min, max)) => {
                Ok((if min.is_empty() { 0 } else { number(min)? }, Some(number(max)?)))
            }
        }
    }
}

fn class_set(negated: bool, contains: fn(u8) -> bool) -> Item {
    let mut set = Box::new([false; 256]);
    (0..=255u8).for_each(|b| set[usize::from(b)] = contains(b));
    Item::Set { negated, set }
}

struct Matcher<'a> {
    text: &'a [u8],
    bol: bool,
    icase: bool,
    steps: Cell<u32>,
    depth: Cell<u32>,
}

/// Deepest recursion; a longer repetition does not match.
const DEPTH: u32 = 400;

type Then<'x> = &'x mut dyn FnMut(usize, &mut Groups) -> bool;

impl Matcher<'_> {
    fn spend(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    fn is_word(&self, at: usize) -> bool {
        self.text.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    }

    fn sequence(
        &self,
        nodes: &[Node],
        i: usize,
        at: usize,
        groups: &mut Groups,
        then: Then<'_>,
    ) -> bool {
        let Some(node) = nodes.get(i) else { return then(at, groups) };
        if !self.spend() || self.depth.get() > DEPTH {
            return false;
        }
        self.depth.set(self.depth.get() + 1);
        let found = match &node.item {
            Item::Group(..) | Item::Back(_) => {
                self.repeat(node, 0, at, groups, &mut |at, groups| {
                    self.sequence(nodes, i + 1, at, groups, then)
                })
            }
            item => self.run(nodes, i, node, item, at, groups, then),
        };
        self.depth.set(self.depth.get() - 1);
        found
    }

    /// A repeated single character: the longest run first, then shorter ones.
    #[allow(clippy::too_many_arguments)]
    fn run(
        &self,
        nodes: &[Node],
        i: usize,
        node: &Node,
        item: &Item,
        at: usize,
        groups: &mut Groups,
        then: Then<'_>,
    ) -> bool {
        if let Some(holds) = self.assertion(item, at) {
            return (holds || node.min == 0) && self.sequence(nodes, i + 1, at, groups, then);
        }
        let most = node.max.map_or(usize::MAX, |max| max as usize);
        let mut count = 0;
        while count < most && self.text.get(at + count).is_some_and(|b| self.single(item, *b)) {
            count += 1;
        }
        loop {
            if count < node.min as usize || !self.spend() {
                return false;
            }
            if self.sequence(nodes, i + 1, at + count, groups, then) {
                return true;
            }
            if count == 0 {
                return false;
            }
            count -= 1;
        }
    }

    fn assertion(&self, item: &Item, at: usize) -> Option<bool> {
        let before = at > 0 && self.is_word(at - 1);
        let after = self.is_word(at);
        Some(match item {
            Item::Start => at == 0 && self.bol,
            Item::End => at == self.text.len(),
            Item::WordStart => !before && after,
            Item::WordEnd => before && !after,
            Item::WordEdge => before != after,
            _ => return None,
        })
    }

    fn single(&self, item: &Item, byte: u8) -> bool {
        match item {
            Item::Byte(wanted) => {
                *wanted == if self.icase { byte.to_ascii_lowercase() } else { byte }
            }
            Item::Any => true,
            Item::Set { negated, set } => set[usize::from(byte)] != *negated,
            _ => false,
        }
    }

    fn repeat(
        &self,
        node: &Node,
        count: u32,
        at: usize,
        groups: &mut Groups,
        then: Then<'_>,
    ) -> bool {
        if !self.spend() || self.depth.get() > DEPTH {
            return false;
        }
        self.depth.set(self.depth.get() + 1);
        let may_repeat = node.max.is_none_or(|max| count < max);
        let mut found = false;
        if may_repeat {
            let before = groups.clone();
            found = self.once(node, at, groups, &mut |end, groups| {
                // An empty round would repeat for ever.
                (end > at || count < node.min) && self.repeat(node, count + 1, end, groups, then)
            });
            if !found {
                *groups = before;
            }
        }
        found = found || (count >= node.min && then(at, groups));
        self.depth.set(self.depth.get() - 1);
        found
    }

    fn once(&self, node: &Node, at: usize, groups: &mut Groups, then: Then<'_>) -> bool {
        match &node.item {
            Item::Group(number, alternatives) => alternatives.iter().any(|alternative| {
                self.sequence(alternative, 0, at, groups, &mut |end, groups| {
                    let old = groups[*number];
                    groups[*number] = Some((at, end));
                    let found = then(end, groups);
                    if !found {
                        groups[*number] = old;
                    }
                    found
                })
            }),
            Item::Back(number) => {
                let Some(Some((from, to))) = groups.get(*number).copied() else { return false };
                let length = to - from;
                let same = self.text.get(at..at + length) == Some(&self.text[from..to]);
                same && then(at + length, groups)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Regex, Syntax};

    #[test]
    fn matches() {
        for (pattern, extended, text, expected) in [
            ("b*", false, "abb", Some((0, 0))),
            ("bb*", false, "abbc", Some((1, 3))),
            ("a+", false, "a+", Some((0, 2))),
            ("a+", true, "caaat", Some((1, 4))),
            ("^x|y$", true, "zy", Some((1, 2))),
            ("\\(ab\\)*c", false, "ababc", Some((0, 5))),
            ("(a|ab)(c|bcd)", true, "abcd", Some((0, 4))),
            ("\\(.\\)\\1", false, "abccd", Some((2, 4))),
            ("[[:digit:]]{2,3}", true, "a1234", Some((1, 4))),
            ("[^a-c]", false, "abcd", Some((3, 4))),
            ("\\<bar\\>", false, "foobar bar", Some((7, 10))),
            ("(a*)*b", true, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", None),
            ("x$", false, "xx", Some((1, 2))),
            ("", false, "abc", Some((0, 0))),
            ("-([0-9]+)$", true, "web-12", Some((3, 6))),
        ] {
            let regex = Regex::new(pattern, Syntax { extended, icase: false }).expect(pattern);
            let found = regex.find(text.as_bytes(), 0, true).and_then(|g| g[0]);
            assert_eq!(found, expected, "{pattern}");
        }
        for pattern in ["(", "[a", "a{1"] {
            assert!(
                Regex::new(pattern, Syntax::EXTENDED).is_err() || pattern == "a{1",
                "{pattern}"
            );
        }
    }
}
