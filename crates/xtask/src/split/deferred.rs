//! Writing the second part: its functions, and everything else imported from the first.

use super::first::shared_name;
use super::module::Module;
use super::{Damaged, Division, FIRST, Numbers};
use std::collections::BTreeMap;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind,
    FunctionSection, ImportSection, TypeSection,
};

/// `shared` is what the first part's table of shared functions holds.
pub(super) fn written(
    module: &Module<'_>,
    division: &Division,
    shared: &[u32],
) -> Result<Vec<u8>, Damaged> {
    let functions = shared.iter().chain(&division.deferred).copied();
    let mut numbers = Numbers { functions: functions.zip(0..).collect(), types: BTreeMap::new() };
    let mut out = wasm_encoder::Module::new();
    let mut types = TypeSection::new();
    if let Some(section) = &module.types {
        numbers.parse_type_section(&mut types, section.clone())?;
    }
    out.section(&types);
    out.section(&imports(module, division, shared, &mut numbers)?);
    let mut functions = FunctionSection::new();
    for index in &division.deferred {
        functions.function(module.type_of(*index)?);
    }
    out.section(&functions);
    out.section(&slots(module, division, &mut numbers)?);
    let mut code = CodeSection::new();
    for index in &division.deferred {
        let body = &module.bodies[(index - division.imported) as usize];
        numbers.parse_function_body(&mut code, body.clone())?;
    }
    out.section(&code);
    let mut data = DataSection::new();
    for (address, bytes) in division.data.rest(module)? {
        data.active(0, &ConstExpr::i32_const(address as i32), bytes);
    }
    out.section(&data);
    Ok(out.finish())
}

/// Tables, memories and globals keep their numbers, because there are no others.
fn imports(
    module: &Module<'_>,
    division: &Division,
    shared: &[u32],
    numbers: &mut Numbers,
) -> Result<ImportSection, Damaged> {
    let mut imports = ImportSection::new();
    let grown = module.function_table()?;
    for (index, table) in (0..).zip(&module.tables) {
        let mut ty = numbers.table_type(table.ty)?;
        if index == grown {
            let more = division.named.len() as u64;
            ty.minimum += more;
            ty.maximum = ty.maximum.map(|maximum| maximum + more);
        }
        imports.import(FIRST, &shared_name(ExportKind::Table, index), EntityType::Table(ty));
    }
    for (index, memory) in (0..).zip(&module.memories) {
        let ty = EntityType::Memory(numbers.memory_type(*memory)?);
        imports.import(FIRST, &shared_name(ExportKind::Memory, index), ty);
    }
    for (index, global) in (0..).zip(&module.globals) {
        let ty = EntityType::Global(numbers.global_type(global.ty)?);
        imports.import(FIRST, &shared_name(ExportKind::Global, index), ty);
    }
    for (name, index) in (0..).zip(shared) {
        let ty = EntityType::Function(module.type_of(*index)?);
        imports.import(FIRST, &shared_name(ExportKind::Func, name), ty);
    }
    Ok(imports)
}

/// Fills the slots through which the first part calls.
fn slots(
    module: &Module<'_>,
    division: &Division,
    numbers: &mut Numbers,
) -> Result<ElementSection, Damaged> {
    let table = module.function_table()?;
    let first_slot = module.tables[table as usize].ty.initial as i32;
    let mut functions = Vec::with_capacity(division.named.len());
    for index in &division.named {
        functions.push(numbers.function_index(*index)?);
    }
    let mut elements = ElementSection::new();
    let offset = ConstExpr::i32_const(first_slot);
    elements.active(Some(table), &offset, Elements::Functions(functions.into()));
    Ok(elements)
}
