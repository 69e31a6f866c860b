//! From the text of an expression to a tree.

use super::Syntax;
use crate::limits;
use crate::sh::in_class;

/// The bytes that a single element takes.
pub(super) type Set = Box<[bool; 256]>;

/// What holds at a place without taking a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    WordStart,
    WordEnd,
    WordEdge,
    InWord,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Set(Set),
    At(Place),
    Group(usize, Box<Self>),
    Cat(Vec<Self>),
    Alt(Vec<Self>),
    Star(Box<Self>),
    Optional(Box<Self>),
    Back(usize),
}

impl Node {
    fn children(&self) -> &[Self] {
        match self {
            Self::Set(_) | Self::At(_) | Self::Back(_) => &[],
            Self::Group(_, inner) | Self::Star(inner) | Self::Optional(inner) => {
                std::slice::from_ref(inner)
            }
            Self::Cat(all) | Self::Alt(all) => all,
        }
    }

    pub(super) fn refers_back(&self) -> bool {
        matches!(self, Self::Back(_)) || self.children().iter().any(Self::refers_back)
    }

    pub(super) fn has_groups(&self) -> bool {
        matches!(self, Self::Group(..)) || self.children().iter().any(Self::has_groups)
    }

    fn size(&self) -> usize {
        1 + self.children().iter().map(Self::size).sum::<usize>()
    }
}

/// One byte, in either case if that is asked for.
pub(super) fn byte(byte: u8, icase: bool) -> Node {
    let mut set = Box::new([false; 256]);
    set[usize::from(byte)] = true;
    if icase {
        set[usize::from(byte.to_ascii_lowercase())] = true;
        set[usize::from(byte.to_ascii_uppercase())] = true;
    }
    Node::Set(set)
}

/// A class of bytes, or all others.
fn class(negated: bool, contains: impl Fn(u8) -> bool) -> Node {
    let mut set = Box::new([false; 256]);
    (0..=255u8).for_each(|b| set[usize::from(b)] = contains(b) != negated);
    Node::Set(set)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    syntax: Syntax,
    groups: usize,
    /// Groups that are complete and may be referred to.
    closed: Vec<usize>,
    depth: u32,
    size: usize,
}

type Parsed<T> = Result<T, &'static str>;

const TOO_BIG: &str = "Regular expression too big";
const OPEN_SET: &str = "Unmatched [, [^, [:, [., or [=";
const BAD_INTERVAL: &str = "Invalid content of \\{\\}";

/// The tree and the number of groups.
pub(super) fn parse(text: &[u8], syntax: Syntax) -> Parsed<(Node, usize)> {
    let mut parser =
        Parser { text, at: 0, syntax, groups: 0, closed: Vec::new(), depth: 0, size: 0 };
    let node = parser.alternatives()?;
    if parser.at < text.len() {
        return Err("Unmatched ) or \\)");
    }
    Ok((node, parser.groups))
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn looking_at(&self, token: &[u8]) -> bool {
        self.text[self.at..].starts_with(token)
    }

    fn grow(&mut self, size: usize) -> Parsed<()> {
        self.size = self.size.saturating_add(size);
        if self.size > limits::PATTERN_STATES { Err(TOO_BIG) } else { Ok(()) }
    }

    fn alternatives(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > 50 {
            return Err(TOO_BIG);
        }
        let mut all = vec![self.sequence()?];
        let bar: &[u8] = if self.syntax.extended { b"|" } else { b"\\|" };
        while self.looking_at(bar) {
            self.at += bar.len();
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Alt(all) })
    }

    fn sequence(&mut self) -> Parsed<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            let Some(c) = self.peek() else { return Ok(Node::Cat(nodes)) };
            let extended = self.syntax.extended;
            if extended && (c == b'|' || (c == b')' && self.depth > 1)) {
                return Ok(Node::Cat(nodes));
            }
            if !extended && (self.looking_at(b"\\|") || self.looking_at(b"\\)")) {
                return Ok(Node::Cat(nodes));
            }
            let first = nodes.is_empty();
            let item = self.item(c, first)?;
            let node = self.repeated(item)?;
            self.grow(1)?;
            nodes.push(node);
        }
    }

    fn item(&mut self, c: u8, first: bool) -> Parsed<Node> {
        self.at += 1;
        let extended = self.syntax.extended;
        Ok(match c {
            b'.' => class(false, |_| true),
            b'[' => self.set()?,
            b'^' if extended || first => Node::At(Place::Start),
            b'$' if extended || self.at_end() => Node::At(Place::End),
            b'(' if extended => self.group(b")")?,
            b'\\' => {
                let Some(c) = self.peek() else { return Err("Trailing backslash") };
                self.at += 1;
                self.escaped(c)?
            }
            other => byte(other, self.syntax.icase),
        })
    }

    fn escaped(&mut self, c: u8) -> Parsed<Node> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        Ok(match c {
            b'(' if !self.syntax.extended => self.group(b"\\)")?,
            b'1'..=b'9' => {
                let number = usize::from(c - b'0');
                if !self.closed.contains(&number) {
                    return Err("Invalid back reference");
                }
                Node::Back(number)
            }
            b'<' => Node::At(Place::WordStart),
            b'>' => Node::At(Place::WordEnd),
            b'b' => Node::At(Place::WordEdge),
            b'B' => Node::At(Place::InWord),
            b'`' => Node::At(Place::Start),
            b'\'' => Node::At(Place::End),
            b'w' | b'W' => class(c == b'W', word),
            b's' | b'S' => class(c == b'S', |b| b.is_ascii_whitespace() || b == 0x0b),
            b'n' => byte(b'\n', false),
            b't' => byte(b'\t', false),
            other => byte(other, self.syntax.icase),
        })
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len() || self.looking_at(b"\\)") || self.looking_at(b"\\|")
    }

    fn group(&mut self, close: &[u8]) -> Parsed<Node> {
        self.groups += 1;
        let number = self.groups;
        let inside = self.alternatives()?;
        if !self.looking_at(close) {
            return Err("Unmatched ( or \\(");
        }
        self.at += close.len();
        self.closed.push(number);
        Ok(Node::Group(number, Box::new(inside)))
    }

    fn set(&mut self) -> Parsed<Node> {
        let negated = self.peek() == Some(b'^');
        self.at += usize::from(negated);
        let mut set = Box::new([false; 256]);
        let first = self.at;
        loop {
            let c = self.peek().ok_or(OPEN_SET)?;
            if c == b']' && self.at > first {
                self.at += 1;
                if negated {
                    set.iter_mut().for_each(|taken| *taken = !*taken);
                }
                return Ok(Node::Set(set));
            }
            if self.looking_at(b"[:") {
                self.named_class(&mut set)?;
                continue;
            }
            let low = self.set_member()?;
            let ranged = self.peek() == Some(b'-')
                && self.text.get(self.at + 1).is_some_and(|next| *next != b']');
            let high = if ranged {
                self.at += 1;
                self.set_member()?
            } else {
                low
            };
            if low > high {
                return Err("Invalid range end");
            }
            (low..=high).for_each(|b| self.add(&mut set, b));
        }
    }

    fn add(&self, set: &mut Set, byte: u8) {
        set[usize::from(byte)] = true;
        if self.syntax.icase {
            set[usize::from(byte.to_ascii_lowercase())] = true;
            set[usize::from(byte.to_ascii_uppercase())] = true;
        }
    }

    /// A byte of a set; `[.x.]` and `[=x=]` stand for it too.
    fn set_member(&mut self) -> Parsed<u8> {
        let c = self.peek().ok_or(OPEN_SET)?;
        if c == b'[' && matches!(self.text.get(self.at + 1), Some(b'.' | b'=')) {
            let mark = self.text[self.at + 1];
            let rest = &self.text[self.at + 2..];
            let len = rest.windows(2).position(|w| w == [mark, b']']).ok_or(OPEN_SET)?;
            if len != 1 {
                return Err("Invalid collation character");
            }
            self.at += len + 4;
            return Ok(rest[0]);
        }
        self.at += 1;
        Ok(c)
    }

    fn named_class(&mut self, set: &mut Set) -> Parsed<()> {
        let rest = &self.text[self.at + 2..];
        let len = rest.windows(2).position(|w| w == b":]").ok_or(OPEN_SET)?;
        let name = std::str::from_utf8(&rest[..len]).unwrap_or_default();
        // Either case is both cases.
        let name = match name {
            "upper" | "lower" if self.syntax.icase => "alpha",
            other => other,
        };
        if !(0..128u8).any(|b| in_class(name, char::from(b))) {
            return Err("Invalid character class name");
        }
        (0..128u8)
            .filter(|b| in_class(name, char::from(*b)))
            .for_each(|b| set[usize::from(b)] = true);
        self.at += len + 4;
        Ok(())
    }

    fn repeated(&mut self, mut node: Node) -> Parsed<Node> {
        let extended = self.syntax.extended;
        while let Some(c) = self.peek() {
            let (min, max) = match c {
                b'*' if extended || !matches!(node, Node::At(Place::Start)) => (0, None),
                b'+' if extended => (1, None),
                b'?' if extended => (0, Some(1)),
                b'{' if extended && self.is_interval() => {
                    self.at += 1;
                    self.interval(b"}")?
                }
                b'\\' if !extended && self.looking_at(b"\\{") => {
                    self.at += 2;
                    self.interval(b"\\}")?
                }
                b'\\' if !extended && self.looking_at(b"\\+") => {
                    self.at += 1;
                    (1, None)
                }
                b'\\' if !extended && self.looking_at(b"\\?") => {
                    self.at += 1;
                    (0, Some(1))
                }
                _ => return Ok(node),
            };
            self.at += 1;
            node = self.times(node, min, max)?;
        }
        Ok(node)
    }

    /// Whether the brace begins an interval; otherwise it stands for itself.
    fn is_interval(&self) -> bool {
        let rest = &self.text[self.at + 1..];
        let inside = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b',').count();
        rest.get(inside) == Some(&b'}') && rest[..inside].iter().any(u8::is_ascii_digit)
    }

    /// So many copies, and optional ones behind them.
    fn times(&mut self, node: Node, min: usize, max: Option<usize>) -> Parsed<Node> {
        match (min, max) {
            (0, None) => return Ok(Node::Star(Box::new(node))),
            (0, Some(1)) => return Ok(Node::Optional(Box::new(node))),
            _ => {}
        }
        self.grow(node.size().saturating_mul(max.unwrap_or(min + 1).max(1)))?;
        let mut all = vec![node.clone(); min];
        match max {
            None => all.push(Node::Star(Box::new(node))),
            Some(max) => {
                let optional = Node::Optional(Box::new(node));
                all.extend(std::iter::repeat_n(optional, max - min));
            }
        }
        Ok(Node::Cat(all))
    }

    /// `n`, `n,` or `n,m` up to one byte before the end of `close`.
    fn interval(&mut self, close: &[u8]) -> Parsed<(usize, Option<usize>)> {
        let rest = &self.text[self.at..];
        let len = rest.windows(close.len()).position(|w| w == close).ok_or("Unmatched \\{")?;
        let text = std::str::from_utf8(&rest[..len]).map_err(|_| BAD_INTERVAL)?;
        self.at += len + close.len() - 1;
        let number = |s: &str| match s.parse::<usize>() {
            Ok(n) if n <= 32_767 => Ok(n),
            _ if !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) => Err(TOO_BIG),
            _ => Err(BAD_INTERVAL),
        };
        let (min, max) = match text.split_once(',') {
            None => (number(text)?, Some(number(text)?)),
            Some((min, "")) => (number(min)?, None),
            Some(("", max)) => (0, Some(number(max)?)),
            Some((min, max)) => (number(min)?, Some(number(max)?)),
        };
        if max.is_some_and(|max| max < min) { Err(BAD_INTERVAL) } else { Ok((min, max)) }
    }
}
