//! Takes out of each function what a first visit does not run, as functions of their own.
//!
//! The module that comes out does the same as the one that went in; it only has more functions,
//! which then belong to the deferred part.

use super::Damaged;
use super::body::{Body, Types, each_body, parameters, results};
use super::liveness;
use super::module::Module;
use super::region::{Extra, Region, Surroundings};
use std::ops::Range;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, Function, FunctionSection, NameMap, NameSection, RawSection, TypeSection,
};
use wasmparser::{FuncType, KnownCustom, Operator, Parser, Payload, ValType};

/// Added to the name of a function, this is the name of what was taken out of it.
const REST: &str = " (rest)";
/// What a call of a function in the deferred part takes besides the call, once it is compressed.
const WAY_OVER: usize = 4;

/// Which of its leaders a function has run, by its name and shape; nothing when it is not known.
pub(crate) type Ran<'r> = dyn Fn(&str, u32) -> Option<Vec<bool>> + 'r;

/// What the new module has instead of the old one, and beside it.
struct Outline<'a> {
    module: &'a [u8],
    types: Vec<FuncType>,
    /// New bodies of its functions, where they change.
    bodies: Vec<Option<Function>>,
    /// The functions that were taken out, with their types and where they come from.
    functions: Vec<(Function, u32, usize)>,
    /// How many functions there are, imported ones among them.
    before: u32,
}

/// The module with what was not run in functions of their own.
pub(crate) fn outlined(bytes: &[u8], ran: &Ran<'_>) -> Result<Vec<u8>, Damaged> {
    let module = Module::read(bytes)?;
    let imported = module.imported_functions();
    let mut outline = Outline {
        module: bytes,
        types: Vec::new(),
        bodies: Vec::new(),
        functions: Vec::new(),
        before: imported + module.functions.len() as u32,
    };
    each_body(bytes, &mut |types, body| {
        if outline.types.is_empty() {
            outline.types.clone_from(types);
        }
        let name = module.names.get(&(imported + body.place as u32)).copied().unwrap_or_default();
        let seen = ran(name, body.shape(bytes));
        let changed = seen.and_then(|seen| outline.changed(types, &body, &seen));
        outline.bodies.push(changed);
        Ok(())
    })?;
    outline.write(&module)
}

/// A frame that is open.
struct Frame {
    wanted: Vec<ValType>,
    left: Vec<ValType>,
    is_loop: bool,
}

/// The regions of a body that were not run, each the rest of a frame.
fn cold(types: &Types, body: &Body<'_>, seen: &[bool]) -> Vec<(Range<usize>, Surroundings)> {
    let wanted = body.results.clone();
    let mut frames = vec![Frame { left: wanted.clone(), wanted, is_loop: false }];
    let mut leaders = body.leaders().into_iter().zip(seen).peekable();
    let mut regions = Vec::new();
    let mut at = 0;
    while let Some(step) = body.steps.get(at) {
        while leaders.next_if(|(leader, _)| *leader < at).is_some() {}
        if leaders.next_if(|(leader, seen)| *leader == at && !**seen).is_some() {
            let (region, end) = rest_of_frame(body, at);
            regions.extend(region.map(|region| (region, surroundings(&frames))));
            at = end;
            continue;
        }
        match step.operator {
            Operator::Block { blockty } | Operator::If { blockty } => {
                let left = results(types, blockty);
                frames.push(Frame { wanted: left.clone(), left, is_loop: false });
            }
            Operator::Loop { blockty } => {
                let (wanted, left) = (parameters(types, blockty), results(types, blockty));
                frames.push(Frame { wanted, left, is_loop: true });
            }
            Operator::End => drop(frames.pop()),
            _ => {}
        }
        at += 1;
    }
    regions
}

fn surroundings(frames: &[Frame]) -> Surroundings {
    let inner = frames.last();
    Surroundings {
        wanted: frames.iter().rev().map(|frame| frame.wanted.clone()).collect(),
        in_loop: inner.is_some_and(|frame| frame.is_loop),
        left: inner.map(|frame| frame.left.clone()).unwrap_or_default(),
    }
}

/// From the first step at which nothing of the frame is on the stack; and where the frame ends.
fn rest_of_frame(body: &Body<'_>, from: usize) -> (Option<Range<usize>>, usize) {
    let mut depth = 0;
    let mut start = None;
    for (at, step) in body.steps.iter().enumerate().skip(from) {
        if depth == 0 && step.bare && step.reachable && start.is_none() {
            start = Some(at);
        }
        match step.operator {
            Operator::End | Operator::Else if depth == 0 => {
                return (start.filter(|start| *start < at).map(|start| start..at), at);
            }
            Operator::End => depth -= 1,
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
            _ => {}
        }
    }
    (None, body.steps.len())
}

impl<'a> Outline<'a> {
    /// The body with stubs in it, if there is something to take out.
    fn changed(&mut self, types: &Types, body: &Body<'a>, seen: &[bool]) -> Option<Function> {
        let mut regions = cold(types, body, seen);
        regions.retain(|(steps, _)| bytes_of(body, steps).len() > WAY_OVER);
        let ranges: Vec<_> = regions.iter().map(|(steps, _)| steps.clone()).collect();
        if ranges.is_empty() {
            return None;
        }
        let around = liveness::around(body, &ranges);
        let mut extra = Extra::default();
        let mut stubs = Vec::new();
        for ((steps, surroundings), around) in regions.iter().zip(&around) {
            let region = Region::new(self.module, body, types, steps.clone(), around, surroundings);
            stubs.extend(region.and_then(|region| self.take_out(&region, &mut extra)));
        }
        (!stubs.is_empty()).then(|| self.with_stubs(body, &stubs, &extra))?
    }

    /// Makes a function of a region if that is worth it; what stands in its place then.
    fn take_out(
        &mut self,
        region: &Region<'_, 'a>,
        extra: &mut Extra,
    ) -> Option<(Range<usize>, Vec<u8>)> {
        let bytes = bytes_of(region.body, &region.steps);
        let mut tried = extra.clone();
        let stub = region.stub(self.before + self.functions.len() as u32, &mut tried);
        if bytes.len() < stub.len() + WAY_OVER {
            return None;
        }
        let function = region.function()?;
        let (parameters, results) = region.signature();
        let ty = self.type_for(FuncType::new(parameters, results));
        self.functions.push((function, ty, region.body.place));
        *extra = tried;
        Some((bytes, stub))
    }

    fn type_for(&mut self, ty: FuncType) -> u32 {
        let known = self.types.iter().position(|known| *known == ty);
        known.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        }) as u32
    }

    fn with_stubs(
        &self,
        body: &Body<'_>,
        stubs: &[(Range<usize>, Vec<u8>)],
        extra: &Extra,
    ) -> Option<Function> {
        let own = body.locals[body.parameters..].iter().chain(&extra.types);
        let own: Result<Vec<_>, _> = own.map(|ty| RoundtripReencoder.val_type(*ty)).collect();
        let mut function = Function::new_with_locals_types(own.ok()?);
        let mut from = body.steps.first()?.bytes.start;
        for (bytes, stub) in stubs {
            function.raw(self.module[from..bytes.start].iter().chain(stub).copied());
            from = bytes.end;
        }
        let end = body.steps.last()?.bytes.end;
        function.raw(self.module[from..end].iter().copied());
        Some(function)
    }

    fn write(&self, module: &Module<'_>) -> Result<Vec<u8>, Damaged> {
        let mut out = wasm_encoder::Module::new();
        for payload in Parser::new(0).parse_all(self.module) {
            let payload = payload?;
            match &payload {
                Payload::TypeSection(_) => out.section(&self.type_section()?),
                Payload::FunctionSection(section) => {
                    let mut functions = FunctionSection::new();
                    RoundtripReencoder
                        .parse_function_section(&mut functions, section.clone())
                        .map_err(|error| Damaged(error.to_string()))?;
                    for (_, ty, _) in &self.functions {
                        functions.function(*ty);
                    }
                    out.section(&functions)
                }
                Payload::CodeSectionStart { .. } => out.section(&self.code(module)),
                Payload::CodeSectionEntry(_) => continue,
                Payload::CustomSection(custom)
                    if matches!(custom.as_known(), KnownCustom::Name(_)) =>
                {
                    out.section(&self.names(module))
                }
                other => match other.as_section() {
                    Some((id, range)) => {
                        let data = &self.module[range.start as usize..range.end as usize];
                        out.section(&RawSection { id, data })
                    }
                    None => continue,
                },
            };
        }
        Ok(out.finish())
    }

    fn type_section(&self) -> Result<TypeSection, Damaged> {
        let mut types = TypeSection::new();
        for ty in &self.types {
            let damaged = |error: wasm_encoder::reencode::Error| Damaged(error.to_string());
            types.ty().func_type(&RoundtripReencoder.func_type(ty.clone()).map_err(damaged)?);
        }
        Ok(types)
    }

    fn code(&self, module: &Module<'_>) -> CodeSection {
        let mut code = CodeSection::new();
        for (old, new) in module.bodies.iter().zip(&self.bodies) {
            match new {
                Some(function) => code.function(function),
                None => code.raw(old.as_bytes()),
            };
        }
        for (function, ..) in &self.functions {
            code.function(function);
        }
        code
    }

    fn names(&self, module: &Module<'_>) -> NameSection {
        let mut names = NameMap::new();
        for (index, name) in &module.names {
            names.append(*index, name);
        }
        let imported = module.imported_functions();
        for ((_, _, place), index) in self.functions.iter().zip(self.before..) {
            let name = module.names.get(&(imported + *place as u32)).copied().unwrap_or_default();
            names.append(index, &format!("{name}{REST}"));
        }
        let mut section = NameSection::new();
        section.functions(&names);
        section
    }
}

fn bytes_of(body: &Body<'_>, steps: &Range<usize>) -> Range<usize> {
    body.steps[steps.start].bytes.start..body.steps[steps.end].bytes.start
}
