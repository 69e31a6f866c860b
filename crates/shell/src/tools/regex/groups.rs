//! Where the groups are within a match: each part, from left to right, takes as much as it can.

use super::parse::Node;
use super::program::{Direction, Program};
use super::{Groups, Range, Steps};
use crate::sh::TooManySteps;

struct Filler<'a> {
    text: &'a [u8],
    found: &'a mut Groups,
    steps: &'a mut Steps,
}

type Filled = Result<(), TooManySteps>;

/// Fills in the groups of an expression that matches exactly there.
pub(super) fn fill(
    node: &Node,
    whole: Range,
    text: &[u8],
    found: &mut Groups,
    steps: &mut Steps,
) -> Filled {
    Filler { text, found, steps }.node(node, whole)
}

impl Filler<'_> {
    fn node(&mut self, node: &Node, (start, end): Range) -> Filled {
        if !node.has_groups() {
            return Ok(());
        }
        match node {
            Node::Group(number, inner) => {
                self.found[*number] = Some((start, end));
                self.node(inner, (start, end))
            }
            Node::Cat(all) => self.sequence(all, (start, end)),
            Node::Alt(all) => {
                for alternative in all {
                    if self.fits(alternative, (start, end))? {
                        return self.node(alternative, (start, end));
                    }
                }
                Ok(())
            }
            Node::Star(inner) => self.rounds(node, inner, (start, end)),
            Node::Optional(inner) if end > start || self.fits(inner, (start, end))? => {
                self.node(inner, (start, end))
            }
            _ => Ok(()),
        }
    }

    fn program(&mut self, node: &Node, direction: Direction) -> Result<Program, TooManySteps> {
        // Parts of an expression that was small enough are small enough.
        Program::new(node, direction).map_err(|_| TooManySteps)
    }

    fn fits(&mut self, node: &Node, (start, end): Range) -> Result<bool, TooManySteps> {
        let program = self.program(node, Direction::Forward)?;
        Ok(program.ends(self.text, &[start], end, self.steps)?.contains(&end))
    }

    /// The parts of a sequence one after the other.
    fn sequence(&mut self, all: &[Node], (start, end): Range) -> Filled {
        // From where on each rest of the sequence can reach the end.
        let mut rests = vec![vec![end]];
        for node in all.iter().skip(1).rev() {
            let program = self.program(node, Direction::Backward)?;
            let seeds = rests.last().cloned().unwrap_or_default();
            rests.push(program.begins(self.text, &seeds, start, self.steps)?);
        }
        let mut at = start;
        for node in all {
            let Some(rest) = rests.pop() else { return Ok(()) };
            let program = self.program(node, Direction::Forward)?;
            let ends = program.ends(self.text, &[at], end, self.steps)?;
            // What can be the rest comes in falling order.
            let reached = |place: &usize| ends.binary_search(place).is_ok();
            let Some(next) = rest.iter().copied().find(reached) else { return Ok(()) };
            self.node(node, (at, next))?;
            at = next;
        }
        Ok(())
    }

    /// The rounds of a repetition, each as long as the others allow.
    fn rounds(&mut self, star: &Node, inner: &Node, (start, end): Range) -> Filled {
        if start == end {
            return if self.fits(inner, (start, end))? {
                self.node(inner, (start, end))
            } else {
                Ok(())
            };
        }
        let rest = self.program(star, Direction::Backward)?.begins(
            self.text,
            &[end],
            start,
            self.steps,
        )?;
        let once = self.program(inner, Direction::Forward)?;
        let mut at = start;
        while at < end {
            let ends = once.ends(self.text, &[at], end, self.steps)?;
            let reached = |place: &usize| *place > at && ends.binary_search(place).is_ok();
            let Some(next) = rest.iter().copied().find(reached) else { return Ok(()) };
            self.node(inner, (at, next))?;
            at = next;
        }
        Ok(())
    }
}
