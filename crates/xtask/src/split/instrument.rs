//! A module that tells which of its functions run.

use super::Damaged;
use super::module::{Module, is_function};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, EntityType, ImportSection, Instruction, TypeSection};
use wasmparser::Parser;

/// The import that each function calls with its number, counted without imported functions.
const SEEN: (&str, &str) = ("profile", "seen");

/// Writes the module again, with one more import and a call of it at the head of each function.
struct Telling {
    imported: u32,
    seen_type: u32,
    next: i32,
}

impl Reencode for Telling {
    type Error = Damaged;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Damaged>> {
        Ok(if function < self.imported { function } else { function + 1 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), reencode::Error<Damaged>> {
        reencode::utils::parse_type_section(self, types, section)?;
        self.seen_type = types.len();
        types.ty().function([wasm_encoder::ValType::I32], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Damaged>> {
        reencode::utils::parse_import_section(self, imports, section)?;
        imports.import(SEEN.0, SEEN.1, EntityType::Function(self.seen_type));
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Damaged>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(self.next));
        function.instruction(&Instruction::Call(self.imported));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&function);
        Ok(())
    }
}

/// The module with a call of `profile.seen(number)` at the head of each function.
pub(crate) fn instrumented(bytes: &[u8]) -> Result<Vec<u8>, Damaged> {
    let module = Module::read(bytes)?;
    if module.imports.iter().any(|import| !is_function(import.ty)) {
        return Err(Damaged("something is imported that is not a function".to_owned()));
    }
    let mut telling = Telling { imported: module.imported_functions(), seen_type: 0, next: 0 };
    let mut out = wasm_encoder::Module::new();
    telling.parse_core_module(&mut out, Parser::new(0), bytes)?;
    Ok(out.finish())
}
