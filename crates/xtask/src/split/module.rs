//! The sections of a module, as far as dividing it needs them.

use super::Damaged;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    BinaryReaderError, BlockType, DataSectionReader, Element, ElementItems, Export, ExternalKind,
    FuncType, FunctionBody, Global, Import, KnownCustom, MemoryType, Name, Operator, Parser,
    Payload, Table, TypeRef, TypeSectionReader,
};

/// A module in pieces; all of them borrow its bytes.
#[derive(Default)]
pub(super) struct Module<'a> {
    pub(super) types: Option<TypeSectionReader<'a>>,
    pub(super) imports: Vec<Import<'a>>,
    /// The type of each function of its own.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) data: Option<DataSectionReader<'a>>,
    /// By the function's number.
    pub(super) names: BTreeMap<u32, &'a str>,
}

impl<'a> Module<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            module.section(payload?)?;
        }
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Damaged> {
        match payload {
            Payload::TypeSection(types) => self.types = Some(types),
            Payload::ImportSection(imports) => {
                self.imports = imports.into_imports().collect::<Result<_, _>>()?;
            }
            Payload::FunctionSection(functions) => self.functions = all(functions)?,
            Payload::TableSection(tables) => self.tables = all(tables)?,
            Payload::MemorySection(memories) => self.memories = all(memories)?,
            Payload::GlobalSection(globals) => self.globals = all(globals)?,
            Payload::ExportSection(exports) => self.exports = all(exports)?,
            Payload::ElementSection(elements) => self.elements = all(elements)?,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(data) => self.data = Some(data),
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known() {
                    self.read_names(names)?;
                }
            }
            Payload::StartSection { .. } | Payload::TagSection(_) => {
                return Err(Damaged("a start function or tags: not expected here".to_owned()));
            }
            _ => {}
        }
        Ok(())
    }

    fn read_names(&mut self, names: wasmparser::NameSectionReader<'a>) -> Result<(), Damaged> {
        for part in names {
            if let Name::Function(functions) = part? {
                for naming in functions {
                    let naming = naming?;
                    self.names.insert(naming.index, naming.name);
                }
            }
        }
        Ok(())
    }

    /// How many functions come from outside.
    pub(super) fn imported_functions(&self) -> u32 {
        let functions = self.imports.iter().filter(|import| is_function(import.ty));
        functions.count() as u32
    }

    /// The type of a function, imported or not.
    pub(super) fn type_of(&self, function: u32) -> Result<u32, Damaged> {
        let imported = self.imports.iter().filter_map(|import| match import.ty {
            TypeRef::Func(ty) => Some(ty),
            _ => None,
        });
        let mut all = imported.chain(self.functions.iter().copied());
        all.nth(function as usize).ok_or_else(|| Damaged(format!("no function {function}")))
    }

    /// What a function of this type takes and gives.
    pub(super) fn function_type(&self, ty: u32) -> Result<FuncType, Damaged> {
        let unknown = || Damaged(format!("no type {ty}"));
        let types = self.types.clone().ok_or_else(unknown)?;
        Ok(types.into_iter_err_on_gc_types().nth(ty as usize).ok_or_else(unknown)??)
    }

    /// The one table of functions.
    pub(super) fn function_table(&self) -> Result<u32, Damaged> {
        let found = self.tables.iter().position(|table| table.ty.element_type.is_func_ref());
        let index = found.ok_or_else(|| Damaged("there is no table of functions".to_owned()))?;
        Ok(index as u32)
    }

    /// The functions that exports and tables name.
    pub(super) fn named_outside_code(&self) -> Result<BTreeSet<u32>, Damaged> {
        let exported = self.exports.iter().filter(|export| export.kind == ExternalKind::Func);
        let mut named: BTreeSet<u32> = exported.map(|export| export.index).collect();
        for element in &self.elements {
            match &element.items {
                ElementItems::Functions(functions) => {
                    for function in functions.clone() {
                        named.insert(function?);
                    }
                }
                ElementItems::Expressions(..) => {
                    return Err(Damaged("a table filled by expressions".to_owned()));
                }
            }
        }
        Ok(named)
    }
}

/// Tells the functions that a body names, and whether by a call.
pub(super) fn named_in(
    body: &FunctionBody<'_>,
    found: &mut dyn FnMut(u32, bool),
) -> Result<(), Damaged> {
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } => found(function_index, true),
            Operator::ReturnCall { function_index } | Operator::RefFunc { function_index } => {
                found(function_index, false);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Tells the types that a body names.
pub(super) fn types_in(body: &FunctionBody<'_>, found: &mut dyn FnMut(u32)) -> Result<(), Damaged> {
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::CallIndirect { type_index, .. }
            | Operator::ReturnCallIndirect { type_index, .. }
            | Operator::Block { blockty: BlockType::FuncType(type_index) }
            | Operator::Loop { blockty: BlockType::FuncType(type_index) }
            | Operator::If { blockty: BlockType::FuncType(type_index) } => found(type_index),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn is_function(ty: TypeRef) -> bool {
    matches!(ty, TypeRef::Func(_))
}

fn all<T>(
    section: impl IntoIterator<Item = Result<T, BinaryReaderError>>,
) -> Result<Vec<T>, Damaged> {
    Ok(section.into_iter().collect::<Result<_, _>>()?)
}
