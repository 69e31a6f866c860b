//! Which locals still matter where a region begins, and where control goes from it.

use super::body::Body;
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::Operator;

/// A set of locals.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Locals(Vec<u64>);

impl Locals {
    pub(super) fn contains(&self, local: u32) -> bool {
        let word = self.0.get(local as usize / 64);
        word.is_some_and(|word| word >> (local % 64) & 1 == 1)
    }

    pub(super) fn insert(&mut self, local: u32) {
        let at = local as usize / 64;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (local % 64);
    }

    fn remove(&mut self, local: u32) {
        if let Some(word) = self.0.get_mut(local as usize / 64) {
            *word &= !(1 << (local % 64));
        }
    }

    pub(super) fn extend(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word |= other;
        }
    }
}

/// What matters around a region.
#[derive(Clone, Default)]
pub(super) struct Around {
    pub(super) before: Locals,
    /// After the frame that the region ends.
    pub(super) after: Locals,
    /// At the label of each frame around it, innermost first.
    pub(super) labels: Vec<Locals>,
}

/// A frame on the way from its end to its beginning.
struct Frame {
    label: Locals,
    out: Locals,
    /// What matters where the `else` arm begins.
    otherwise: Option<Locals>,
}

/// Goes backwards through a body until nothing changes at the heads of its loops.
pub(super) fn around(body: &Body<'_>, regions: &[Range<usize>]) -> Vec<Around> {
    let openers = openers(body);
    let mut heads: BTreeMap<usize, Locals> = BTreeMap::new();
    loop {
        let before = heads.clone();
        let found = pass(body, &openers, &mut heads, regions);
        if heads == before {
            return found;
        }
    }
}

/// For each `end`, the step that began its frame, passing over an `else`.
fn openers(body: &Body<'_>) -> BTreeMap<usize, usize> {
    let mut open = Vec::new();
    let mut openers = BTreeMap::new();
    for (at, step) in body.steps.iter().enumerate() {
        match step.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
            Operator::End => {
                if let Some(opener) = open.pop() {
                    openers.insert(at, opener);
                }
            }
            _ => {}
        }
    }
    openers
}

fn pass(
    body: &Body<'_>,
    openers: &BTreeMap<usize, usize>,
    heads: &mut BTreeMap<usize, Locals>,
    regions: &[Range<usize>],
) -> Vec<Around> {
    let mut found = vec![Around::default(); regions.len()];
    let mut frames: Vec<Frame> = Vec::new();
    let mut live = Locals::default();
    let mut next = regions.len();
    for (at, step) in body.steps.iter().enumerate().rev() {
        let label = |depth: u32, frames: &[Frame]| {
            let frame = frames.len().checked_sub(depth as usize + 1).and_then(|at| frames.get(at));
            frame.map(|frame| frame.label.clone()).unwrap_or_default()
        };
        match &step.operator {
            Operator::End => {
                let head = openers.get(&at).filter(|opener| {
                    matches!(body.steps[**opener].operator, Operator::Loop { .. })
                });
                let head = head.map(|head| heads.get(head).cloned().unwrap_or_default());
                let label = head.unwrap_or_else(|| live.clone());
                frames.push(Frame { label, out: live.clone(), otherwise: None });
            }
            Operator::Else => {
                if let Some(frame) = frames.last_mut() {
                    frame.otherwise = Some(std::mem::replace(&mut live, frame.out.clone()));
                }
            }
            Operator::If { .. } => {
                if let Some(frame) = frames.pop() {
                    live.extend(frame.otherwise.as_ref().unwrap_or(&frame.out));
                }
            }
            Operator::Block { .. } => drop(frames.pop()),
            Operator::Loop { .. } => {
                frames.pop();
                heads.entry(at).or_default().extend(&live);
            }
            Operator::Br { relative_depth } => live = label(*relative_depth, &frames),
            Operator::BrIf { relative_depth } => live.extend(&label(*relative_depth, &frames)),
            Operator::BrTable { targets } => {
                live = label(targets.default(), &frames);
                for target in targets.targets().flatten() {
                    live.extend(&label(target, &frames));
                }
            }
            Operator::Return | Operator::Unreachable => live = Locals::default(),
            Operator::LocalGet { local_index } => live.insert(*local_index),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                live.remove(*local_index);
            }
            _ => {}
        }
        if next > 0 && regions[next - 1].end == at {
            found[next - 1].after.clone_from(&live);
            found[next - 1].labels = frames.iter().rev().map(|frame| frame.label.clone()).collect();
        }
        if next > 0 && regions[next - 1].start == at {
            found[next - 1].before.clone_from(&live);
            next -= 1;
        }
    }
    found
}
