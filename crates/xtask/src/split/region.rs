//! A stretch of a function as a function of its own, and what stands in its place.
//!
//! A region is the rest of a frame: it begins somewhere in it and goes on to its end, so nothing
//! jumps into it. It takes the locals that it needs as parameters, and gives back those that it
//! changes, the values that its frame or the target of a branch wants, and, if there is more than
//! one way out, the number of the way.

use super::body::{Body, Types, parameters};
use super::liveness::Around;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasm_encoder::{BlockType, Encode, Function, Instruction};
use wasmparser::{Operator, ValType};

/// More than that is not worth it.
const MOST_RESULTS: usize = 24;

/// How control leaves a region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// By the end of its frame.
    Through,
    /// To the label of a frame around it, counted from its own.
    Label(u32),
}

pub(super) struct Exit {
    way: Way,
    pub(super) values: Vec<ValType>,
}

/// What a region reads, changes and leaves by.
pub(super) struct Region<'b, 'a> {
    pub(super) module: &'a [u8],
    pub(super) body: &'b Body<'a>,
    pub(super) steps: Range<usize>,
    pub(super) parameters: Vec<u32>,
    /// The locals that it gives back.
    pub(super) changed: Vec<u32>,
    /// The values that go with the ways out: each way uses as many of a type as it needs.
    pub(super) carried: Vec<ValType>,
    pub(super) exits: Vec<Exit>,
    /// The locals that it uses.
    pub(super) used: BTreeSet<u32>,
    pub(super) surroundings: &'b Surroundings,
}

/// The frames around a region, innermost first.
pub(super) struct Surroundings {
    /// What each label wants on the stack.
    pub(super) wanted: Vec<Vec<ValType>>,
    /// Whether the innermost is a loop, whose label is not its end.
    pub(super) in_loop: bool,
    /// What the innermost leaves on the stack.
    pub(super) left: Vec<ValType>,
}

impl Surroundings {
    /// The label whose target is the end of the function.
    pub(super) fn whole(&self) -> Option<u32> {
        self.wanted.len().checked_sub(1).map(|label| label as u32)
    }

    fn way(&self, label: u32) -> Way {
        if label == 0 && !self.in_loop { Way::Through } else { Way::Label(label) }
    }
}

/// Locals that the function around its regions has for all of them.
#[derive(Clone, Default)]
pub(super) struct Extra {
    way: Option<u32>,
    carried: BTreeMap<(u8, usize), u32>,
    pub(super) types: Vec<ValType>,
}

impl Extra {
    fn local(&mut self, body: &Body<'_>, ty: ValType) -> u32 {
        self.types.push(ty);
        (body.locals.len() + self.types.len() - 1) as u32
    }

    fn way(&mut self, body: &Body<'_>) -> u32 {
        let known = self.way;
        let way = known.unwrap_or_else(|| self.local(body, ValType::I32));
        self.way = Some(way);
        way
    }

    /// The local for the nth carried value of a type.
    fn carried(&mut self, body: &Body<'_>, ty: ValType, nth: usize) -> u32 {
        let key = (rank(ty), nth);
        if let Some(local) = self.carried.get(&key) {
            return *local;
        }
        let local = self.local(body, ty);
        self.carried.insert(key, local);
        local
    }
}

/// So that like signatures become the same type.
fn rank(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(_) => 5,
    }
}

impl<'b, 'a> Region<'b, 'a> {
    /// `None` where the region does something that cannot be taken out.
    pub(super) fn new(
        module: &'a [u8],
        body: &'b Body<'a>,
        types: &Types,
        steps: Range<usize>,
        around: &Around,
        surroundings: &'b Surroundings,
    ) -> Option<Self> {
        let Used { mut read, changed, exits } = used(body, types, &steps, surroundings)?;
        let mut live_after = super::liveness::Locals::default();
        for exit in &exits {
            match exit.way {
                Way::Through => live_after.extend(&around.after),
                Way::Label(depth) => {
                    live_after.extend(around.labels.get(depth as usize)?);
                }
            }
        }
        let by_type = |locals: &mut Vec<u32>| {
            locals.sort_by_key(|local| {
                (body.locals.get(*local as usize).map(|ty| rank(*ty)), *local)
            });
        };
        let mut given: Vec<u32> =
            changed.iter().copied().filter(|local| live_after.contains(*local)).collect();
        by_type(&mut given);
        let mut parameters: Vec<u32> = read.iter().chain(&given).copied().collect();
        parameters.retain(|local| around.before.contains(*local));
        by_type(&mut parameters);
        parameters.dedup();
        read.extend(&changed);
        let mut carried: Vec<ValType> = Vec::new();
        for exit in &exits {
            for ty in &exit.values {
                let count = |types: &[ValType]| types.iter().filter(|other| *other == ty).count();
                if count(&carried) < count(&exit.values) {
                    carried.push(*ty);
                }
            }
        }
        let few = given.len() + carried.len() < MOST_RESULTS;
        let steps_ok = carried.iter().all(|ty| rank(*ty) < 4);
        (few && steps_ok).then_some(Self {
            module,
            body,
            steps,
            parameters,
            changed: given,
            carried,
            exits,
            used: read,
            surroundings,
        })
    }

    pub(super) fn type_of(&self, local: u32) -> ValType {
        self.body.locals[local as usize]
    }

    pub(super) fn tells_way(&self) -> bool {
        self.exits.len() > 1
    }

    /// What the function takes and gives.
    pub(super) fn signature(&self) -> (Vec<ValType>, Vec<ValType>) {
        let parameters = self.parameters.iter().map(|local| self.type_of(*local)).collect();
        let changed = self.changed.iter().map(|local| self.type_of(*local));
        let way = self.tells_way().then_some(ValType::I32);
        (parameters, self.carried.iter().copied().chain(changed).chain(way).collect())
    }

    /// The carried values that a way uses, by their places.
    pub(super) fn places(&self, exit: &Exit) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::new();
        for ty in &exit.values {
            let free = |at: &usize| self.carried[*at] == *ty && !places.contains(at);
            let place = (0..self.carried.len()).find(free);
            places.extend(place);
        }
        places
    }

    /// What stands in the place of the region: a call, and the way on from it.
    pub(super) fn stub(&self, function: u32, extra: &mut Extra) -> Vec<u8> {
        let mut out = Vec::new();
        for local in &self.parameters {
            Instruction::LocalGet(*local).encode(&mut out);
        }
        Instruction::Call(function).encode(&mut out);
        if self.exits.is_empty() {
            Instruction::Unreachable.encode(&mut out);
            return out;
        }
        let way = self.tells_way().then(|| extra.way(self.body));
        let plain = self.changed.is_empty() && self.carried.is_empty() && self.exits.len() == 2;
        if let Some(way) = way.filter(|_| !plain) {
            Instruction::LocalSet(way).encode(&mut out);
        }
        for local in self.changed.iter().rev() {
            Instruction::LocalSet(*local).encode(&mut out);
        }
        let Some(way) = way else {
            self.go(&self.exits[0], 0, &mut out);
            return out;
        };
        let mut nth = BTreeMap::new();
        let mut kept = Vec::new();
        for ty in &self.carried {
            let nth = nth.entry(rank(*ty)).or_insert(0);
            kept.push(extra.carried(self.body, *ty, *nth));
            *nth += 1;
        }
        for local in kept.iter().rev() {
            Instruction::LocalSet(*local).encode(&mut out);
        }
        for (number, exit) in self.exits.iter().enumerate().skip(1) {
            if !plain {
                Instruction::LocalGet(way).encode(&mut out);
                if self.exits.len() > 2 {
                    Instruction::I32Const(number as i32).encode(&mut out);
                    Instruction::I32Eq.encode(&mut out);
                }
            }
            match exit.way {
                Way::Label(depth) if exit.values.is_empty() => {
                    Instruction::BrIf(depth).encode(&mut out);
                }
                _ => {
                    Instruction::If(BlockType::Empty).encode(&mut out);
                    self.carry(exit, &kept, &mut out);
                    self.go(exit, 1, &mut out);
                    Instruction::End.encode(&mut out);
                }
            }
        }
        self.carry(&self.exits[0], &kept, &mut out);
        self.go(&self.exits[0], 0, &mut out);
        out
    }

    /// The way out that a label is, by its number; `None` inside the region.
    pub(super) fn exit(&self, label: u32) -> Option<usize> {
        let way = self.surroundings.way(label);
        self.exits.iter().position(|exit| exit.way == way)
    }

    /// Whether the region goes on after its frame.
    pub(super) fn ends_open(&self) -> bool {
        self.body.steps[self.steps.end].reachable
    }

    fn carry(&self, exit: &Exit, kept: &[u32], out: &mut Vec<u8>) {
        for place in self.places(exit) {
            Instruction::LocalGet(kept[place]).encode(out);
        }
    }

    fn go(&self, exit: &Exit, deeper: u32, out: &mut Vec<u8>) {
        if let Way::Label(depth) = exit.way {
            Instruction::Br(depth + deeper).encode(out);
        }
    }

    /// The region as a function.
    pub(super) fn function(&self) -> Option<Function> {
        super::outlined::written(self)
    }
}

struct Used {
    /// Locals that are read.
    read: BTreeSet<u32>,
    changed: BTreeSet<u32>,
    /// The way through first, if there is one: its number is what the local for it begins with.
    exits: Vec<Exit>,
}

fn used(
    body: &Body<'_>,
    types: &Types,
    steps: &Range<usize>,
    around: &Surroundings,
) -> Option<Used> {
    let mut used = Used { read: BTreeSet::new(), changed: BTreeSet::new(), exits: Vec::new() };
    let mut ways = BTreeMap::new();
    if body.steps.get(steps.end)?.reachable {
        ways.insert(Way::Through, around.left.clone());
    }
    let mut depth = 0;
    for step in body.steps.get(steps.clone())? {
        let mut leave = |label: u32, most: usize| {
            let Some(label) = label.checked_sub(depth) else { return Some(()) };
            let wanted = around.wanted.get(label as usize)?;
            ways.insert(around.way(label), wanted.clone());
            (wanted.len() <= most).then_some(())
        };
        match &step.operator {
            Operator::LocalGet { local_index } => drop(used.read.insert(*local_index)),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                used.changed.insert(*local_index);
            }
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                if !parameters(types, *blockty).is_empty() {
                    return None;
                }
                depth += 1;
            }
            Operator::End => depth -= 1,
            Operator::Br { relative_depth } => leave(*relative_depth, usize::MAX)?,
            Operator::BrIf { relative_depth } => leave(*relative_depth, 1)?,
            Operator::BrTable { targets } => {
                leave(targets.default(), 0)?;
                for target in targets.targets() {
                    leave(target.ok()?, 0)?;
                }
            }
            Operator::Return => leave(around.whole()? + depth, usize::MAX)?,
            Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::TryTable { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. } => return None,
            _ => {}
        }
    }
    used.exits = ways.into_iter().map(|(way, values)| Exit { way, values }).collect();
    Some(used)
}
