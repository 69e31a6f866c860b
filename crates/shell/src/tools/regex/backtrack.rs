//! Expressions with back-references: every possibility is tried, the longest match counts.

use super::parse::Node;
use super::program::holds;
use super::{Groups, Steps};
use crate::sh::TooManySteps;

struct Matcher<'a> {
    text: &'a [u8],
    steps: &'a mut Steps,
    depth: u32,
    best: Option<Groups>,
    failed: bool,
}

/// Deepest recursion.
const DEPTH: u32 = 1_000;

/// What follows; it says whether to stop looking.
type Then<'x> = &'x mut dyn FnMut(&mut Matcher<'_>, usize, &mut Groups) -> bool;

/// The longest of the leftmost matches from `from` on, with its groups.
pub(super) fn find(
    node: &Node,
    groups: usize,
    text: &[u8],
    from: usize,
    steps: &mut Steps,
) -> Result<Option<Groups>, TooManySteps> {
    let mut matcher = Matcher { text, steps, depth: 0, best: None, failed: false };
    for start in from..=text.len() {
        let mut found = vec![None; groups + 1];
        matcher.node(node, start, &mut found, &mut |matcher, end, found| {
            let longest = matcher.best.as_ref().and_then(|best| best[0]).map(|(_, end)| end);
            if longest.is_none_or(|longest| end > longest) {
                let mut best = found.clone();
                best[0] = Some((start, end));
                matcher.best = Some(best);
            }
            end == matcher.text.len()
        });
        if matcher.failed {
            return Err(TooManySteps);
        }
        if matcher.best.is_some() {
            break;
        }
    }
    Ok(matcher.best)
}

impl Matcher<'_> {
    fn node(&mut self, node: &Node, at: usize, found: &mut Groups, then: Then<'_>) -> bool {
        if self.depth > DEPTH || self.steps.spend(1).is_err() {
            self.failed = true;
        }
        if self.failed {
            return true;
        }
        self.depth += 1;
        let stop = self.match_node(node, at, found, then);
        self.depth -= 1;
        stop
    }

    fn match_node(&mut self, node: &Node, at: usize, found: &mut Groups, then: Then<'_>) -> bool {
        match node {
            Node::Set(set) => {
                let taken = self.text.get(at).is_some_and(|b| set[usize::from(*b)]);
                taken && then(self, at + 1, found)
            }
            Node::At(place) => holds(*place, self.text, at) && then(self, at, found),
            Node::Group(number, inner) => {
                let old = found[*number];
                let stop = self.node(inner, at, found, &mut |matcher, end, found| {
                    let old = found[*number].replace((at, end));
                    let stop = then(matcher, end, found);
                    found[*number] = old;
                    stop
                });
                found[*number] = old;
                stop
            }
            Node::Cat(all) => self.sequence(all, at, found, then),
            Node::Alt(all) => all.iter().any(|node| self.node(node, at, found, then)),
            Node::Optional(inner) => self.node(inner, at, found, then) || then(self, at, found),
            Node::Star(inner) => match &**inner {
                Node::Set(set) => {
                    let rest = &self.text[at..];
                    let most = rest.iter().take_while(|b| set[usize::from(**b)]).count();
                    (0..=most).rev().any(|n| {
                        if self.steps.spend(1).is_err() {
                            self.failed = true;
                        }
                        self.failed || then(self, at + n, found)
                    })
                }
                _ => self.rounds(inner, at, found, then),
            },
            Node::Back(number) => {
                let Some((from, to)) = found[*number] else { return false };
                let length = to - from;
                let same = self.text.get(at..at + length) == Some(&self.text[from..to]);
                same && then(self, at + length, found)
            }
        }
    }

    fn sequence(&mut self, all: &[Node], at: usize, found: &mut Groups, then: Then<'_>) -> bool {
        match all {
            [] => then(self, at, found),
            [one] => self.node(one, at, found, then),
            [first, rest @ ..] => self.node(first, at, found, &mut |matcher, at, found| {
                matcher.sequence(rest, at, found, then)
            }),
        }
    }

    fn rounds(&mut self, inner: &Node, at: usize, found: &mut Groups, then: Then<'_>) -> bool {
        let again = self.node(inner, at, found, &mut |matcher, end, found| {
            // An empty round would repeat for ever.
            end > at && matcher.rounds(inner, end, found, then)
        });
        again || then(self, at, found)
    }
}
