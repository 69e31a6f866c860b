//! Writing the first part: the whole module with stand-ins for what the second part has.

use super::module::{self, Module, is_function};
use super::{Damaged, Division, LOADER, Numbers};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, ImportSection,
    Instruction, MemorySection, RefType, TableSection, TableType, TypeSection,
};
use wasmparser::{ExternalKind, FunctionBody, Operator, TypeRef};

struct Writer<'m, 'a> {
    module: &'m Module<'a>,
    division: &'m Division,
    numbers: Numbers,
    /// Where the functions of this part come from, in order.
    kept: Vec<u32>,
    /// Where its types come from, in order.
    types: Vec<u32>,
}

/// The first part.
pub(super) struct First {
    pub(super) bytes: Vec<u8>,
    /// What is in its table of shared functions, as numbered in the whole module.
    pub(super) shared: Vec<u32>,
}

pub(super) fn written(module: &Module<'_>, division: &Division) -> Result<First, Damaged> {
    let stands_in = |index: &u32| {
        division.named.binary_search(index).is_ok() && !division.called_once.contains(index)
    };
    let own = division.imported..division.imported + module.functions.len() as u32;
    let kept = own.filter(|index| !division.deferred.contains(index) || stands_in(index));
    let (mut stand_ins, bodies): (Vec<u32>, Vec<u32>) = kept.partition(stands_in);
    let mut kept = compressible(module, bodies);
    // Stand-ins of a type differ in a number only.
    stand_ins.sort_by_key(|index| (module.type_of(*index).unwrap_or_default(), *index));
    kept.append(&mut stand_ins);
    // The loader is the last import.
    let imports = (0..division.imported).map(|index| (index, index));
    let functions: BTreeMap<u32, u32> =
        imports.chain(kept.iter().copied().zip(division.imported + 1..)).collect();
    let types = used_types(module, division, &kept)?;
    let numbers = Numbers { functions, types: types.iter().copied().zip(0..).collect() };
    let mut shared = division.shared.clone();
    // Rising numbers are easily compressed.
    shared.sort_by_key(|index| numbers.functions.get(index).copied());
    let mut writer = Writer { module, division, numbers, kept, types };
    Ok(First { bytes: writer.write(&shared)?, shared })
}

/// The types that this part names, those that it names most often first: they have the short numbers.
fn used_types(module: &Module<'_>, division: &Division, kept: &[u32]) -> Result<Vec<u32>, Damaged> {
    let mut uses: BTreeMap<u32, usize> = BTreeMap::new();
    let mut count = |ty| *uses.entry(ty).or_default() += 1;
    for import in &module.imports {
        if let TypeRef::Func(ty) = import.ty {
            count(ty);
        }
    }
    for index in kept {
        count(module.type_of(*index)?);
        if division.deferred.contains(index) {
            continue;
        }
        let body = &module.bodies[(index - division.imported) as usize];
        module::types_in(body, &mut count)?;
    }
    // They are called through the table.
    for index in &division.named {
        count(module.type_of(*index)?);
    }
    let mut types: Vec<_> = uses.into_iter().collect();
    types.sort_by_key(|(ty, uses)| (Reverse(*uses), *ty));
    Ok(types.into_iter().map(|(ty, _)| ty).collect())
}

/// Like functions stand beside each other, where compression finds what they have in common; those
/// that are called most often keep the numbers that need one byte.
fn compressible(module: &Module<'_>, mut functions: Vec<u32>) -> Vec<u32> {
    const OFTEN: usize = 40;
    let generic = |index: &u32| {
        let name = module.names.get(index).copied().unwrap_or_default();
        (without_arguments(name), name)
    };
    let often = OFTEN.min(functions.len());
    functions[often..].sort_by_cached_key(|index| {
        let (generic, name) = generic(index);
        (generic, name.to_owned())
    });
    functions
}

/// A function's name without what its generic parts became.
fn without_arguments(name: &str) -> String {
    let mut depth = 0;
    let outside = |letter: &char| {
        depth += i32::from(*letter == '<');
        let outside = depth < 2;
        depth -= i32::from(*letter == '>');
        outside
    };
    name.chars().filter(outside).collect()
}

impl Writer<'_, '_> {
    fn loader(&self) -> u32 {
        self.division.imported
    }

    /// The function that makes sure that the second part is there; the last one.
    fn guard(&self) -> u32 {
        self.division.imported + 1 + self.kept.len() as u32
    }

    fn write(&mut self, shared: &[u32]) -> Result<Vec<u8>, Damaged> {
        let mut out = wasm_encoder::Module::new();
        let nothing_type = self.write_types(&mut out)?;
        self.imports(&mut out, nothing_type)?;
        self.functions(&mut out, nothing_type)?;
        self.tables(&mut out, shared.len() as u64)?;
        let mut memories = MemorySection::new();
        for memory in &self.module.memories {
            memories.memory(self.numbers.memory_type(*memory)?);
        }
        out.section(&memories);
        let mut globals = GlobalSection::new();
        for global in &self.module.globals {
            self.numbers.parse_global(&mut globals, global.clone())?;
        }
        out.section(&globals);
        self.exports(&mut out)?;
        let mut elements = ElementSection::new();
        for element in &self.module.elements {
            self.numbers.parse_element(&mut elements, element.clone())?;
        }
        let mut numbers = Vec::with_capacity(shared.len());
        for index in shared {
            numbers.push(self.numbers.function_index(*index)?);
        }
        let table = self.module.tables.len() as u32;
        let numbers = Elements::Functions(numbers.into());
        elements.active(Some(table), &ConstExpr::i32_const(0), numbers);
        out.section(&elements);
        if let Some(data) = &self.module.data {
            out.section(&DataCountSection { count: data.count() });
        }
        self.code(&mut out)?;
        let mut data = DataSection::new();
        for (address, bytes) in self.division.data.first(self.module)? {
            data.active(0, &ConstExpr::i32_const(address as i32), bytes);
        }
        out.section(&data);
        Ok(out.finish())
    }

    /// Returns the number of the type of a function that takes and gives nothing.
    fn write_types(&mut self, out: &mut wasm_encoder::Module) -> Result<u32, Damaged> {
        let mut types = TypeSection::new();
        for ty in self.types.clone() {
            let ty = self.module.function_type(ty)?;
            let ty = self.numbers.func_type(ty)?;
            types.ty().func_type(&ty);
        }
        let nothing = types.len();
        types.ty().function([], []);
        out.section(&types);
        Ok(nothing)
    }

    fn imports(
        &mut self,
        out: &mut wasm_encoder::Module,
        nothing_type: u32,
    ) -> Result<(), Damaged> {
        let mut imports = ImportSection::new();
        for import in &self.module.imports {
            if !is_function(import.ty) {
                return Err(Damaged(format!("{} is imported, not a function", import.name)));
            }
            self.numbers.parse_import(&mut imports, *import)?;
        }
        imports.import(LOADER.0, LOADER.1, EntityType::Function(nothing_type));
        out.section(&imports);
        Ok(())
    }

    fn functions(
        &mut self,
        out: &mut wasm_encoder::Module,
        nothing_type: u32,
    ) -> Result<(), Damaged> {
        let mut functions = FunctionSection::new();
        for index in &self.kept {
            functions.function(self.numbers.type_index(self.module.type_of(*index)?)?);
        }
        functions.function(nothing_type);
        out.section(&functions);
        Ok(())
    }

    /// The last table holds what the second part may call.
    fn tables(&mut self, out: &mut wasm_encoder::Module, shared: u64) -> Result<(), Damaged> {
        let mut tables = TableSection::new();
        let grown = self.module.function_table()?;
        for (index, table) in (0..).zip(&self.module.tables) {
            let mut ty = self.numbers.table_type(table.ty)?;
            if index == grown {
                let more = self.division.named.len() as u64;
                ty.minimum += more;
                ty.maximum = ty.maximum.map(|maximum| maximum + more);
            }
            tables.table(ty);
        }
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: shared,
            maximum: Some(shared),
            shared: false,
        });
        out.section(&tables);
        Ok(())
    }

    fn exports(&mut self, out: &mut wasm_encoder::Module) -> Result<(), Damaged> {
        let mut exports = ExportSection::new();
        for export in &self.module.exports {
            let function = matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact);
            let index =
                if function { self.numbers.function_index(export.index)? } else { export.index };
            exports.export(export.name, self.numbers.export_kind(export.kind)?, index);
        }
        let own = [
            (ExportKind::Table, self.module.tables.len()),
            (ExportKind::Memory, self.module.memories.len()),
            (ExportKind::Global, self.module.globals.len()),
        ];
        for (kind, count) in own {
            for index in 0..count as u32 {
                exports.export(&shared_name(kind, index), kind, index);
            }
        }
        exports.export(SHARED, ExportKind::Table, self.module.tables.len() as u32);
        out.section(&exports);
        Ok(())
    }

    fn code(&mut self, out: &mut wasm_encoder::Module) -> Result<(), Damaged> {
        let mut code = CodeSection::new();
        let table = self.module.function_table()?;
        let first_slot = self.module.tables[table as usize].ty.initial as i32;
        for index in self.kept.clone() {
            match self.division.named.binary_search(&index) {
                Ok(place) => {
                    let slot = first_slot + place as i32;
                    code.function(&self.stand_in(self.module.type_of(index)?, table, slot)?);
                }
                Err(_) => {
                    let body = &self.module.bodies[(index - self.division.imported) as usize];
                    code.function(&self.body(body, table, first_slot)?);
                }
            }
        }
        code.function(&self.guard_body(table, first_slot));
        out.section(&code);
        Ok(())
    }

    /// A function of this part.
    fn body(
        &mut self,
        body: &FunctionBody<'_>,
        table: u32,
        first_slot: i32,
    ) -> Result<Function, Damaged> {
        let mut function = self.numbers.new_function_with_parsed_locals(body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let before = operators.clone();
            match operators.read()? {
                Operator::Call { function_index: index }
                    if self.division.called_once.contains(&index) =>
                {
                    let place = self.division.named.binary_search(&index).unwrap_or_default();
                    let type_index = self.numbers.type_index(self.module.type_of(index)?)?;
                    function.instruction(&Instruction::Call(self.guard()));
                    function.instruction(&Instruction::I32Const(first_slot + place as i32));
                    function
                        .instruction(&Instruction::CallIndirect { type_index, table_index: table });
                }
                _ => {
                    let mut operator = before;
                    function.instruction(&self.numbers.parse_instruction(&mut operator)?);
                }
            }
        }
        Ok(function)
    }

    /// Hands its parameters on to the function in the slot.
    fn stand_in(&mut self, ty: u32, table: u32, slot: i32) -> Result<Function, Damaged> {
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(self.guard()));
        for parameter in 0..self.module.function_type(ty)?.params().len() as u32 {
            body.instruction(&Instruction::LocalGet(parameter));
        }
        body.instruction(&Instruction::I32Const(slot));
        let type_index = self.numbers.type_index(ty)?;
        body.instruction(&Instruction::CallIndirect { type_index, table_index: table });
        body.instruction(&Instruction::End);
        Ok(body)
    }

    /// Loads the second part if its first slot is empty.
    fn guard_body(&self, table: u32, first_slot: i32) -> Function {
        let mut body = Function::new([]);
        for instruction in [
            Instruction::I32Const(first_slot),
            Instruction::TableGet(table),
            Instruction::RefIsNull,
            Instruction::If(BlockType::Empty),
            Instruction::Call(self.loader()),
            Instruction::End,
            Instruction::End,
        ] {
            body.instruction(&instruction);
        }
        body
    }
}

/// The name of the table with the functions that the second part calls. They have no names of their own:
/// thousands of those would be a large part of the module.
const SHARED: &str = "shared";

/// The name under which the second part gets something from the first; that of a function is made
/// from its place in the table of shared ones.
pub(super) fn shared_name(kind: ExportKind, index: u32) -> String {
    let letter = match kind {
        ExportKind::Table => 't',
        ExportKind::Memory => 'm',
        ExportKind::Global => 'g',
        _ => 'f',
    };
    format!("{letter}{index:x}")
}
