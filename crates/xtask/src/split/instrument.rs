//! A module that remembers which of its instructions run.
//!
//! It has a second memory with a byte for each leader (see [`Body::leaders`]), which becomes 1 when
//! control comes there.

use super::Damaged;
use super::body::{Body, each_body};
use super::module::{Module, is_function};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, Encode, ExportKind, ExportSection, Function, Instruction, MemArg, MemArgTarget,
    MemorySection, MemoryType, RawSection,
};
use wasmparser::{Parser, Payload};

/// The name under which that memory is exported.
const SEEN: &str = "podplay_seen";
/// Bytes in a page of memory.
const PAGE: usize = 1 << 16;

/// What the list of a first visit says of a function.
pub(crate) struct Outline {
    pub(crate) name: String,
    /// See [`Body::shape`].
    pub(crate) shape: u32,
    /// How many leaders it has.
    pub(crate) leaders: usize,
}

/// The functions of a module, in the order of their bodies.
pub(crate) fn outlines(bytes: &[u8]) -> Result<Vec<Outline>, Damaged> {
    let module = Module::read(bytes)?;
    let imported = module.imported_functions();
    let mut outlines = Vec::with_capacity(module.functions.len());
    each_body(bytes, &mut |_, body| {
        let name = module.names.get(&(imported + body.place as u32)).copied().unwrap_or_default();
        let (shape, leaders) = (body.shape(bytes), body.leaders().len());
        outlines.push(Outline { name: name.to_owned(), shape, leaders });
        Ok(())
    })?;
    Ok(outlines)
}

/// The module with the second memory, whose bytes are numbered through all functions.
pub(crate) fn instrumented(bytes: &[u8]) -> Result<Vec<u8>, Damaged> {
    let module = Module::read(bytes)?;
    if module.imports.iter().any(|import| !is_function(import.ty)) {
        return Err(Damaged("something is imported that is not a function".to_owned()));
    }
    let own = module.memories.len() as u32;
    let mut code = CodeSection::new();
    let mut leaders = 0;
    each_body(bytes, &mut |_, body| {
        code.function(&telling(bytes, &body, &mut leaders, own)?);
        Ok(())
    })?;
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::MemorySection(section) => {
                let mut memories = MemorySection::new();
                RoundtripReencoder
                    .parse_memory_section(&mut memories, section.clone())
                    .map_err(said)?;
                memories.memory(seen(leaders));
                out.section(&memories);
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                RoundtripReencoder
                    .parse_export_section(&mut exports, section.clone())
                    .map_err(said)?;
                exports.export(SEEN, ExportKind::Memory, own);
                out.section(&exports);
            }
            Payload::CodeSectionStart { .. } => drop(out.section(&code)),
            Payload::CodeSectionEntry(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &bytes[range.start as usize..range.end as usize];
                    out.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(out.finish())
}

fn said(error: wasm_encoder::reencode::Error) -> Damaged {
    Damaged(error.to_string())
}

fn seen(leaders: i32) -> MemoryType {
    let minimum = (leaders as usize).div_ceil(PAGE) as u64;
    MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// The body with a store before each leader; `next` counts them.
fn telling(
    module: &[u8],
    body: &Body<'_>,
    next: &mut i32,
    memory: u32,
) -> Result<Function, Damaged> {
    let own: Result<Vec<_>, _> =
        body.locals[body.parameters..].iter().map(|ty| RoundtripReencoder.val_type(*ty)).collect();
    let mut function = Function::new_with_locals_types(own.map_err(said)?);
    let mut leaders = body.leaders().into_iter().peekable();
    for (at, step) in body.steps.iter().enumerate() {
        if leaders.next_if_eq(&at).is_some() {
            let mut store = Vec::new();
            Instruction::I32Const(*next).encode(&mut store);
            Instruction::I32Const(1).encode(&mut store);
            let place = MemArg {
                offset: 0,
                align: 0,
                target: MemArgTarget::Memory(memory),
                ordering: None,
            };
            Instruction::I32Store8(place).encode(&mut store);
            function.raw(store);
            *next += 1;
        }
        function.raw(module[step.bytes.clone()].iter().copied());
    }
    Ok(function)
}
