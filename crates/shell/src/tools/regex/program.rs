//! A machine for an expression, all of whose states are followed at once.

use super::parse::{Node, Place, Set};
use super::{Range, Steps};
use crate::limits;
use crate::sh::TooManySteps;

/// Which way a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

#[derive(Debug)]
enum Inst {
    Set(Set),
    At(Place),
    /// Goes on here and there.
    Split(usize, usize),
    Jump(usize),
    Match,
}

#[derive(Debug)]
pub(super) struct Program {
    code: Vec<Inst>,
    /// Bytes with which a match can begin; `None`: it may be empty.
    first: Option<Set>,
}

/// Whether a place in a text is of this kind.
pub(super) fn holds(place: Place, text: &[u8], at: usize) -> bool {
    let word = |i: Option<usize>| {
        i.and_then(|i| text.get(i)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    let (before, after) = (word(at.checked_sub(1)), word(Some(at)));
    match place {
        Place::Start => at == 0,
        Place::End => at == text.len(),
        Place::WordStart => !before && after,
        Place::WordEnd => before && !after,
        Place::WordEdge => before != after,
        Place::InWord => before == after,
    }
}

/// States at one place, each once, with the place where its match began; earlier ones first.
#[derive(Debug)]
struct Threads {
    list: Vec<(usize, usize)>,
    seen: Vec<bool>,
}

impl Threads {
    fn new(size: usize) -> Self {
        Self { list: Vec::new(), seen: vec![false; size] }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.seen.fill(false);
    }
}

impl Program {
    pub(super) fn new(node: &Node, direction: Direction) -> Result<Self, &'static str> {
        let mut program = Self { code: Vec::new(), first: None };
        program.emit(node, direction)?;
        program.code.push(Inst::Match);
        program.first = program.first_bytes();
        Ok(program)
    }

    fn emit(&mut self, node: &Node, direction: Direction) -> Result<(), &'static str> {
        if self.code.len() > 2 * limits::PATTERN_STATES {
            return Err("Regular expression too big");
        }
        match node {
            Node::Set(set) => self.code.push(Inst::Set(set.clone())),
            Node::At(place) => self.code.push(Inst::At(*place)),
            // Back-references are not for this machine.
            Node::Back(_) => self.code.push(Inst::Match),
            Node::Group(_, inner) => self.emit(inner, direction)?,
            Node::Cat(all) if direction == Direction::Forward => {
                all.iter().try_for_each(|node| self.emit(node, direction))?;
            }
            Node::Cat(all) => all.iter().rev().try_for_each(|node| self.emit(node, direction))?,
            Node::Alt(all) => self.emit_alternatives(all, direction)?,
            Node::Star(inner) => {
                let split = self.code.len();
                self.code.push(Inst::Match);
                self.emit(inner, direction)?;
                self.code.push(Inst::Jump(split));
                self.code[split] = Inst::Split(split + 1, self.code.len());
            }
            Node::Optional(inner) => {
                let split = self.code.len();
                self.code.push(Inst::Match);
                self.emit(inner, direction)?;
                self.code[split] = Inst::Split(split + 1, self.code.len());
            }
        }
        Ok(())
    }

    fn emit_alternatives(
        &mut self,
        all: &[Node],
        direction: Direction,
    ) -> Result<(), &'static str> {
        let mut jumps = Vec::new();
        for (i, node) in all.iter().enumerate() {
            if i + 1 == all.len() {
                self.emit(node, direction)?;
                break;
            }
            let split = self.code.len();
            self.code.push(Inst::Match);
            self.emit(node, direction)?;
            jumps.push(self.code.len());
            self.code.push(Inst::Match);
            self.code[split] = Inst::Split(split + 1, self.code.len());
        }
        let end = self.code.len();
        jumps.into_iter().for_each(|at| self.code[at] = Inst::Jump(end));
        Ok(())
    }

    fn first_bytes(&self) -> Option<Set> {
        let mut set = Box::new([false; 256]);
        let mut seen = vec![false; self.code.len()];
        let mut todo = vec![0];
        while let Some(pc) = todo.pop() {
            if std::mem::replace(&mut seen[pc], true) {
                continue;
            }
            match &self.code[pc] {
                Inst::Set(bytes) => (0..256).filter(|b| bytes[*b]).for_each(|b| set[b] = true),
                Inst::Split(a, b) => todo.extend([*a, *b]),
                Inst::Jump(to) => todo.push(*to),
                Inst::At(_) | Inst::Match => return None,
            }
        }
        Some(set)
    }

    /// Adds a state and all that follow from it without taking a byte; says whether it matches.
    fn enter(
        &self,
        threads: &mut Threads,
        (pc, start): (usize, usize),
        text: &[u8],
        at: usize,
        steps: &mut Steps,
    ) -> Result<bool, TooManySteps> {
        let mut matched = false;
        let mut todo = vec![pc];
        while let Some(pc) = todo.pop() {
            if std::mem::replace(&mut threads.seen[pc], true) {
                continue;
            }
            steps.spend(1)?;
            match &self.code[pc] {
                Inst::Set(_) => threads.list.push((pc, start)),
                Inst::Split(a, b) => todo.extend([*b, *a]),
                Inst::Jump(to) => todo.push(*to),
                Inst::At(place) if holds(*place, text, at) => todo.push(pc + 1),
                Inst::At(_) => {}
                Inst::Match => matched = true,
            }
        }
        Ok(matched)
    }

    /// The longest of the leftmost matches from `from` on.
    pub(super) fn find(
        &self,
        text: &[u8],
        from: usize,
        steps: &mut Steps,
    ) -> Result<Option<Range>, TooManySteps> {
        let mut now = Threads::new(self.code.len());
        let mut next = Threads::new(self.code.len());
        let mut best: Option<Range> = None;
        let mut at = from;
        while at <= text.len() {
            if best.is_none() {
                if now.list.is_empty() {
                    at = self.skip(text, at);
                }
                if at > text.len() {
                    break;
                }
                if self.enter(&mut now, (0, at), text, at, steps)? {
                    best = Some((at, at));
                }
            }
            let Some(byte) = text.get(at) else { break };
            if now.list.is_empty() {
                if best.is_some() {
                    break;
                }
                now.clear();
                at += 1;
                continue;
            }
            steps.spend(1 + self.code.len() / 64)?;
            next.clear();
            for (pc, start) in &now.list {
                if best.is_some_and(|(leftmost, _)| *start > leftmost) {
                    break;
                }
                let taken = matches!(&self.code[*pc], Inst::Set(set) if set[usize::from(*byte)]);
                if taken && self.enter(&mut next, (pc + 1, *start), text, at + 1, steps)? {
                    best = Some((*start, at + 1));
                }
            }
            std::mem::swap(&mut now, &mut next);
            at += 1;
        }
        Ok(best)
    }

    /// The next place where a match can begin.
    fn skip(&self, text: &[u8], at: usize) -> usize {
        match &self.first {
            None => at,
            Some(first) => text
                .get(at..)
                .and_then(|rest| rest.iter().position(|b| first[usize::from(*b)]))
                .map_or(text.len() + 1, |n| at + n),
        }
    }

    /// All places where a match ends that begins at one of `seeds`, up to `end`, in order.
    pub(super) fn ends(
        &self,
        text: &[u8],
        seeds: &[usize],
        end: usize,
        steps: &mut Steps,
    ) -> Result<Vec<usize>, TooManySteps> {
        let places = seeds.first().map_or(0..0, |first| *first..end + 1);
        self.reach(text, seeds, places, |at| text.get(at).copied(), steps)
    }

    /// All places where a match begins that ends at one of `seeds`, down to `begin`; the program
    /// reads backwards, and the places come from the last to the first.
    pub(super) fn begins(
        &self,
        text: &[u8],
        seeds: &[usize],
        begin: usize,
        steps: &mut Steps,
    ) -> Result<Vec<usize>, TooManySteps> {
        let places = seeds.first().map_or(0..0, |last| begin..*last + 1).rev();
        self.reach(text, seeds, places, |at| at.checked_sub(1).map(|at| text[at]), steps)
    }

    fn reach(
        &self,
        text: &[u8],
        seeds: &[usize],
        places: impl Iterator<Item = usize>,
        byte: impl Fn(usize) -> Option<u8>,
        steps: &mut Steps,
    ) -> Result<Vec<usize>, TooManySteps> {
        let mut now = Threads::new(self.code.len());
        let mut before = Threads::new(self.code.len());
        let mut found = Vec::new();
        let mut left = seeds.iter().peekable();
        let mut last: Option<u8> = None;
        for at in places {
            if left.peek().is_none() && before.list.is_empty() {
                break;
            }
            steps.spend(1 + self.code.len() / 64)?;
            now.clear();
            let mut matched = false;
            for (pc, start) in &before.list {
                let taken = matches!((&self.code[*pc], last), (Inst::Set(set), Some(b)) if set[usize::from(b)]);
                if taken {
                    matched |= self.enter(&mut now, (pc + 1, *start), text, at, steps)?;
                }
            }
            if left.next_if(|seed| **seed == at).is_some() {
                matched |= self.enter(&mut now, (0, at), text, at, steps)?;
            }
            if matched {
                found.push(at);
            }
            last = byte(at);
            std::mem::swap(&mut now, &mut before);
        }
        Ok(found)
    }
}
