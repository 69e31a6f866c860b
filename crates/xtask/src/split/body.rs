//! Functions as steps, with what the validator and the nesting say about each of them.

use super::Damaged;
use std::ops::Range;
use wasmparser::{
    BlockType, FuncType, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, Parser,
    Payload, ValType, ValidPayload, Validator, ValidatorResources,
};

/// One instruction.
pub(super) struct Step<'a> {
    pub(super) operator: Operator<'a>,
    /// Where it stands in the module.
    pub(super) bytes: Range<usize>,
    /// Whether nothing lies on the stack but what was there when its frame began.
    pub(super) bare: bool,
    /// Whether control can come here at all.
    pub(super) reachable: bool,
}

/// One function of the module's own.
pub(super) struct Body<'a> {
    /// Its place among the functions that are not imported.
    pub(super) place: usize,
    /// The types of its locals, parameters first.
    pub(super) locals: Vec<ValType>,
    pub(super) parameters: usize,
    pub(super) results: Vec<ValType>,
    /// The last one is the `end` of the function.
    pub(super) steps: Vec<Step<'a>>,
}

/// Types of functions by their numbers.
pub(super) type Types = Vec<FuncType>;

/// Calls `each` with every function of a module, in order.
pub(super) fn each_body<'a>(
    module: &'a [u8],
    each: &mut dyn FnMut(&Types, Body<'a>) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut validator = Validator::new();
    let mut allocations = FuncValidatorAllocations::default();
    let mut types = Types::new();
    let mut place = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::TypeSection(section) = &payload {
            types = section.clone().into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            let ty = function.ty;
            let mut validator = function.into_validator(allocations);
            let ty = types.get(ty as usize).ok_or_else(|| Damaged(format!("no type {ty}")))?;
            each(&types, Body::read(place, ty, &mut validator, &body)?)?;
            allocations = validator.into_allocations();
            place += 1;
        }
    }
    Ok(())
}

impl<'a> Body<'a> {
    fn read(
        place: usize,
        ty: &FuncType,
        validator: &mut FuncValidator<ValidatorResources>,
        body: &FunctionBody<'a>,
    ) -> Result<Self, Damaged> {
        validator.read_locals(&mut body.get_binary_reader())?;
        let locals =
            (0..validator.len_locals()).filter_map(|local| validator.get_local_type(local));
        let locals = locals.collect();
        let mut steps = Vec::new();
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let from = operators.original_position();
            let operator = operators.read()?;
            let height = validator.operand_stack_height() as usize;
            let frame = validator.get_control_frame(0);
            let bare = frame.is_some_and(|frame| frame.height == height);
            let reachable = frame.is_some_and(|frame| !frame.unreachable);
            validator.op(from, &operator)?;
            let bytes = from as usize..operators.original_position() as usize;
            steps.push(Step { operator, bytes, bare, reachable });
        }
        let (parameters, results) = (ty.params().len(), ty.results().to_vec());
        Ok(Self { place, locals, parameters, results, steps })
    }

    /// The steps where control may arrive from elsewhere than the step before, or may not arrive
    /// although that one runs. What one of them is to the next always runs as a whole.
    pub(super) fn leaders(&self) -> Vec<usize> {
        let ends = |step: &Step<'_>| matches!(step.operator, Operator::End | Operator::Else);
        let splits = |step: &Step<'_>| {
            ends(step) || matches!(step.operator, Operator::BrIf { .. } | Operator::If { .. })
        };
        let pairs = self.steps.windows(2).zip(1..);
        let inner = pairs.filter(|(pair, _)| splits(&pair[0]) && !ends(&pair[1]));
        std::iter::once(0).chain(inner.map(|(_, at)| at)).collect()
    }

    /// What identifies its instructions, but neither addresses nor the numbers of functions.
    pub(super) fn shape(&self, module: &[u8]) -> u32 {
        let codes: Vec<u8> = self.steps.iter().map(|step| module[step.bytes.start]).collect();
        crate::html::fingerprint(&codes) as u32
    }
}

/// What a frame leaves on the stack.
pub(super) fn results(types: &Types, block: BlockType) -> Vec<ValType> {
    match block {
        BlockType::Empty => Vec::new(),
        BlockType::Type(ty) => vec![ty],
        BlockType::FuncType(ty) => {
            types.get(ty as usize).map(|ty| ty.results().to_vec()).unwrap_or_default()
        }
    }
}

/// What a frame begins with on the stack.
pub(super) fn parameters(types: &Types, block: BlockType) -> Vec<ValType> {
    let BlockType::FuncType(ty) = block else { return Vec::new() };
    types.get(ty as usize).map(|ty| ty.params().to_vec()).unwrap_or_default()
}
