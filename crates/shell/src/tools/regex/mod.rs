//! POSIX regular expressions, basic and extended: of the leftmost matches the longest.
//!
//! An expression becomes a machine whose states are followed all at once, so that a search takes
//! time in proportion to the text ([`program`]). Groups are found afterwards, within the match
//! ([`groups`]). Only back-references are tried one possibility after the other ([`backtrack`]).
//! What takes more than [`crate::limits::PATTERN_STEPS`] is an error.

mod backtrack;
mod groups;
mod parse;
mod program;

use crate::kernel::Sys;
use crate::sh::TooManySteps;
use parse::Node;
use program::{Direction, Program};
use std::sync::Arc;

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
pub(crate) struct Regex(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    node: Node,
    /// `None`: it has back-references.
    program: Option<Program>,
    groups: usize,
}

/// Where something begins and ends.
pub(crate) type Range = (usize, usize);
/// Where the whole match and each group are.
pub(crate) type Groups = Vec<Option<Range>>;

/// Steps of one search, and the error when they are too many.
struct Steps(u64);

impl Steps {
    fn spend(&mut self, n: usize) -> Result<(), TooManySteps> {
        self.0 += n as u64;
        if self.0 > crate::limits::PATTERN_STEPS { Err(TooManySteps) } else { Ok(()) }
    }
}

impl Regex {
    /// A basic or extended expression.
    pub(crate) fn new(pattern: &str, syntax: Syntax) -> Result<Self, &'static str> {
        let (node, groups) = parse::parse(pattern.as_bytes(), syntax)?;
        let program = match node.refers_back() {
            true => None,
            false => Some(Program::new(&node, Direction::Forward)?),
        };
        Ok(Self(Arc::new(Compiled { node, program, groups })))
    }

    /// A pattern that matches the text itself (`grep -F`).
    pub(crate) fn literal(text: &str, icase: bool) -> Result<Self, &'static str> {
        let node = Node::Cat(text.bytes().map(|byte| parse::byte(byte, icase)).collect());
        let program = Some(Program::new(&node, Direction::Forward)?);
        Ok(Self(Arc::new(Compiled { node, program, groups: 0 })))
    }

    /// The leftmost longest match from `start` on.
    fn find(
        &self,
        text: &[u8],
        start: usize,
        steps: &mut Steps,
    ) -> Result<Option<Range>, TooManySteps> {
        match &self.0.program {
            Some(program) => program.find(text, start, steps),
            None => Ok(self.captures(text, start, steps)?.and_then(|groups| groups[0])),
        }
    }

    fn captures(
        &self,
        text: &[u8],
        start: usize,
        steps: &mut Steps,
    ) -> Result<Option<Groups>, TooManySteps> {
        let Compiled { node, program, groups } = &*self.0;
        let Some(program) = program else {
            return backtrack::find(node, *groups, text, start, steps);
        };
        let Some(whole) = program.find(text, start, steps)? else { return Ok(None) };
        let mut found = vec![None; groups + 1];
        found[0] = Some(whole);
        if *groups > 0 {
            groups::fill(node, whole, text, &mut found, steps)?;
        }
        Ok(Some(found))
    }
}

/// The words of a search that was given up.
const GIVEN_UP: &str = "pattern: too many steps";

impl Sys<'_> {
    /// The leftmost longest match from `start` on; the steps are paid for.
    pub(crate) fn find(
        &mut self,
        regex: &Regex,
        text: &[u8],
        start: usize,
    ) -> Result<Option<Range>, &'static str> {
        let mut steps = Steps(0);
        let found = regex.find(text, start, &mut steps);
        self.paid(&steps, found)
    }

    /// The same with its groups.
    pub(crate) fn captures(
        &mut self,
        regex: &Regex,
        text: &[u8],
        start: usize,
    ) -> Result<Option<Groups>, &'static str> {
        let mut steps = Steps(0);
        let found = regex.captures(text, start, &mut steps);
        self.paid(&steps, found)
    }

    fn paid<T>(
        &mut self,
        steps: &Steps,
        found: Result<T, TooManySteps>,
    ) -> Result<T, &'static str> {
        self.cost += 1 + steps.0 / 8;
        found.map_err(|TooManySteps| {
            self.meet("steps of a pattern");
            GIVEN_UP
        })
    }
}

#[cfg(test)]
mod tests;
