//! Writing a region as a function.
//!
//! The steps stand in a block, and every way out of the region goes to the end of that block, after
//! the values that it carries and its number were put into locals.

use super::region::Region;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Instruction};
use wasmparser::{BrTable, Operator, ValType};

struct Writer<'r, 'b, 'a> {
    region: &'r Region<'b, 'a>,
    /// What the locals of the function around are numbered here.
    locals: BTreeMap<u32, u32>,
    /// Where the carried values wait.
    carried: Vec<u32>,
    /// The number of the way out; it begins as 0.
    way: u32,
    /// For a condition or an index while something is put under it.
    aside: u32,
    out: Function,
    /// How many frames of the region are open.
    depth: u32,
}

/// `None` where the region does something that cannot be taken out.
pub(super) fn written(region: &Region<'_, '_>) -> Option<Function> {
    Writer::new(region)?.write()
}

impl<'r, 'b, 'a> Writer<'r, 'b, 'a> {
    fn new(region: &'r Region<'b, 'a>) -> Option<Self> {
        let mut locals: BTreeMap<u32, u32> = region.parameters.iter().copied().zip(0..).collect();
        let mut own = Vec::new();
        for local in &region.used {
            let next = locals.len() as u32;
            locals.entry(*local).or_insert_with(|| {
                own.push(region.type_of(*local));
                next
            });
        }
        own.extend(&region.carried);
        own.extend([ValType::I32, ValType::I32]);
        let carried: Vec<u32> =
            region.carried.iter().zip(locals.len() as u32..).map(|(_, at)| at).collect();
        let way = (locals.len() + carried.len()) as u32;
        let own: Result<Vec<_>, _> =
            own.into_iter().map(|ty| RoundtripReencoder.val_type(ty)).collect();
        let out = Function::new_with_locals_types(own.ok()?);
        Some(Self { region, locals, carried, way, aside: way + 1, out, depth: 0 })
    }

    fn write(mut self) -> Option<Function> {
        let region = self.region;
        self.add(&Instruction::Block(BlockType::Empty));
        for at in region.steps.clone() {
            self.step(at)?;
        }
        if region.ends_open() {
            self.put_aside(0);
        }
        self.add(&Instruction::End);
        if region.exits.is_empty() {
            self.add(&Instruction::Unreachable);
        }
        for local in self.carried.clone() {
            self.add(&Instruction::LocalGet(local));
        }
        for local in &region.changed {
            let local = *self.locals.get(local)?;
            self.add(&Instruction::LocalGet(local));
        }
        if region.tells_way() {
            self.add(&Instruction::LocalGet(self.way));
        }
        self.add(&Instruction::End);
        Some(self.out)
    }

    fn add(&mut self, instruction: &Instruction<'_>) {
        self.out.instruction(instruction);
    }

    fn step(&mut self, at: usize) -> Option<()> {
        let step = &self.region.body.steps[at];
        match &step.operator {
            Operator::LocalGet { local_index } => {
                let local = *self.locals.get(local_index)?;
                self.add(&Instruction::LocalGet(local));
            }
            Operator::LocalSet { local_index } => {
                let local = *self.locals.get(local_index)?;
                self.add(&Instruction::LocalSet(local));
            }
            Operator::LocalTee { local_index } => {
                let local = *self.locals.get(local_index)?;
                self.add(&Instruction::LocalTee(local));
            }
            Operator::Br { relative_depth } if self.leads_out(*relative_depth) => {
                let exit = self.exit(*relative_depth)?;
                self.leave(exit, 0);
            }
            Operator::BrIf { relative_depth } if self.leads_out(*relative_depth) => {
                let exit = self.exit(*relative_depth)?;
                self.leave_if(exit);
            }
            Operator::BrTable { targets } => self.table(targets)?,
            Operator::Return => {
                let exit = self.region.exit(self.region.surroundings.whole()?)?;
                self.leave(exit, 0);
            }
            operator => {
                match operator {
                    Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                        self.depth += 1;
                    }
                    Operator::End => self.depth -= 1,
                    _ => {}
                }
                self.out.raw(self.region.module[step.bytes.clone()].iter().copied());
            }
        }
        Some(())
    }

    fn leads_out(&self, label: u32) -> bool {
        label >= self.depth
    }

    /// The number of the way out by a label.
    fn exit(&self, label: u32) -> Option<usize> {
        self.region.exit(label.checked_sub(self.depth)?)
    }

    /// Takes the values of a way from the stack.
    fn put_aside(&mut self, exit: usize) {
        for place in self.region.places(&self.region.exits[exit]).into_iter().rev() {
            self.add(&Instruction::LocalSet(self.carried[place]));
        }
    }

    /// Goes out, from so many frames deeper than the region has.
    fn go(&mut self, exit: usize, deeper: u32) {
        if self.region.tells_way() && exit > 0 {
            self.add(&Instruction::I32Const(exit as i32));
            self.add(&Instruction::LocalSet(self.way));
        }
        self.add(&Instruction::Br(self.depth + deeper));
    }

    fn leave(&mut self, exit: usize, deeper: u32) {
        self.put_aside(exit);
        self.go(exit, deeper);
    }

    /// A value that a branch may carry stays on the stack for the case that it does not.
    fn leave_if(&mut self, exit: usize) {
        let places = self.region.places(&self.region.exits[exit]);
        if let Some(place) = places.first() {
            self.add(&Instruction::LocalSet(self.aside));
            self.add(&Instruction::LocalTee(self.carried[*place]));
            self.add(&Instruction::LocalGet(self.aside));
        }
        self.add(&Instruction::If(BlockType::Empty));
        self.go(exit, 1);
        self.add(&Instruction::End);
    }

    /// Each way out gets a block around the table, after which it goes.
    fn table(&mut self, table: &BrTable<'_>) -> Option<()> {
        let mut labels: Vec<u32> = table.targets().collect::<Result<_, _>>().ok()?;
        labels.push(table.default());
        let mut ways: Vec<usize> = Vec::new();
        for label in labels.iter().filter(|label| self.leads_out(**label)) {
            let exit = self.exit(*label)?;
            if !ways.contains(&exit) {
                ways.push(exit);
            }
        }
        let blocks = ways.len() as u32;
        let mut targets = Vec::with_capacity(labels.len());
        for label in labels {
            targets.push(if self.leads_out(label) {
                let exit = self.exit(label)?;
                ways.iter().position(|way| *way == exit)? as u32
            } else {
                label + blocks
            });
        }
        let default = targets.pop()?;
        if blocks > 0 {
            self.add(&Instruction::LocalSet(self.aside));
            for _ in &ways {
                self.add(&Instruction::Block(BlockType::Empty));
            }
            self.add(&Instruction::LocalGet(self.aside));
        }
        self.add(&Instruction::BrTable(Cow::Owned(targets), default));
        for (way, deeper) in ways.into_iter().zip((0..blocks).rev()) {
            self.add(&Instruction::End);
            self.go(way, deeper);
        }
        Some(())
    }
}
