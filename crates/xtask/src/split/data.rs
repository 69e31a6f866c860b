//! Which constant data the first part needs.
//!
//! The linker's notes (`--emit-relocs`) say where each constant lies and what it points to. What no
//! code of the first part names, nor any constant that it names, comes with the deferred part; in the
//! first part there are zeros, which take no space once they are compressed.

use super::Damaged;
use super::module::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{
    DataKind, FunctionBody, KnownCustom, Linking, Operator, Parser, Payload, RelocSectionReader,
    RelocationType, SymbolInfo,
};

/// The linker's name for data that never changes.
const CONSTANT: &str = ".rodata";
/// So many bytes between two constants of the deferred part are written again with them.
const GAP: u32 = 16;

/// The constants of a program.
#[derive(Default)]
pub(crate) struct Constants {
    /// Where they lie, in order and apart.
    places: Vec<Range<u32>>,
    /// What each one points to; code does not appear here.
    points_to: BTreeMap<usize, BTreeSet<usize>>,
    /// Those that somebody reaches from outside of them, so nobody knows who does.
    always: BTreeSet<usize>,
}

/// A symbol of the linker, if it is data.
type Symbol = Option<Range<u32>>;

impl Constants {
    /// Reads the linker's notes of a module; `None` if there are none.
    pub(crate) fn read(linked: &[u8]) -> Result<Option<Self>, Damaged> {
        let mut notes = Notes::default();
        let mut index = 0;
        for payload in Parser::new(0).parse_all(linked) {
            let payload = payload?;
            notes.section(&payload, index)?;
            index += u32::from(payload.as_section().is_some());
        }
        if notes.symbols.is_empty() {
            return Ok(None);
        }
        let mut constants = Self { places: notes.places(), ..Self::default() };
        for (section, relocations) in &notes.relocations {
            for relocation in relocations.entries() {
                let relocation = relocation?;
                let symbol = notes.symbols.get(relocation.index as usize).cloned().flatten();
                let Some(symbol) = symbol.filter(|_| is_address(relocation.ty)) else { continue };
                let target = i64::from(symbol.start) + relocation.addend;
                if target < i64::from(symbol.start) || target > i64::from(symbol.end) {
                    constants.always.extend(constants.at(symbol.start));
                }
                if Some(*section) == notes.data_section {
                    constants.note(notes.address(relocation.offset), symbol.start);
                }
            }
        }
        Ok(Some(constants))
    }

    /// Notes that there is a pointer somewhere.
    fn note(&mut self, from: Option<u32>, to: u32) {
        let Some(to) = self.at(to) else { return };
        match from.and_then(|from| self.at(from)) {
            Some(from) => drop(self.points_to.entry(from).or_default().insert(to)),
            // From data that changes, which always comes with the first part.
            None => drop(self.always.insert(to)),
        }
    }

    /// The constant in which an address lies.
    fn at(&self, address: u32) -> Option<usize> {
        let next = self.places.partition_point(|place| place.start <= address);
        let found = next.checked_sub(1)?;
        (address < self.places[found].end).then_some(found)
    }

    /// The constants that an address may be meant for: also the one that ends there.
    fn near(&self, address: u32) -> impl Iterator<Item = usize> {
        let ended = address.checked_sub(1).and_then(|before| self.at(before));
        self.at(address).into_iter().chain(ended)
    }

    /// What nobody needs who needs only these addresses, as few stretches.
    pub(super) fn without(&self, addresses: &BTreeSet<u32>) -> Deferred {
        let mut needed = self.always.clone();
        needed.extend(addresses.iter().flat_map(|address| self.near(*address)));
        let mut next: Vec<usize> = needed.iter().copied().collect();
        while let Some(constant) = next.pop() {
            for other in self.points_to.get(&constant).into_iter().flatten() {
                if needed.insert(*other) {
                    next.push(*other);
                }
            }
        }
        let mut deferred = Deferred::default();
        let left = self.places.iter().enumerate().filter(|(at, _)| !needed.contains(at));
        for (_, place) in left {
            deferred.zeros.push(place.clone());
            match deferred.written.last_mut() {
                Some(last) if place.start - last.end <= GAP => last.end = place.end,
                _ => deferred.written.push(place.clone()),
            }
        }
        deferred
    }
}

/// Data that comes with the deferred part.
#[derive(Default)]
pub(super) struct Deferred {
    /// Where the first part has zeros.
    zeros: Vec<Range<u32>>,
    /// What the deferred part writes.
    written: Vec<Range<u32>>,
}

impl Deferred {
    /// The data of the first part, in its segments.
    pub(super) fn first(&self, module: &Module<'_>) -> Result<Vec<(u32, Vec<u8>)>, Damaged> {
        let mut segments = segments(module)?;
        for (start, bytes) in &mut segments {
            let end = *start + bytes.len() as u32;
            for zeros in &self.zeros {
                let (from, to) = (zeros.start.max(*start), zeros.end.min(end));
                if from < to {
                    bytes[(from - *start) as usize..(to - *start) as usize].fill(0);
                }
            }
        }
        Ok(segments)
    }

    /// The data of the deferred part.
    pub(super) fn rest(&self, module: &Module<'_>) -> Result<Vec<(u32, Vec<u8>)>, Damaged> {
        let mut rest = Vec::new();
        for (start, bytes) in segments(module)? {
            let end = start + bytes.len() as u32;
            for written in &self.written {
                let (from, to) = (written.start.max(start), written.end.min(end));
                if from < to {
                    let bytes = &bytes[(from - start) as usize..(to - start) as usize];
                    rest.push((from, bytes.to_vec()));
                }
            }
        }
        Ok(rest)
    }
}

/// The data of a module with its addresses.
fn segments(module: &Module<'_>) -> Result<Vec<(u32, Vec<u8>)>, Damaged> {
    let mut segments = Vec::new();
    for segment in module.data.clone().into_iter().flatten() {
        let segment = segment?;
        let DataKind::Active { offset_expr, .. } = segment.kind else {
            return Err(Damaged("data without an address".to_owned()));
        };
        let mut operators = offset_expr.get_operators_reader();
        let Operator::I32Const { value } = operators.read()? else {
            return Err(Damaged("data at an address that is computed".to_owned()));
        };
        segments.push((value as u32, segment.data.to_vec()));
    }
    Ok(segments)
}

/// The numbers in a body that may be addresses.
pub(super) fn addresses(body: &FunctionBody<'_>, into: &mut BTreeSet<u32>) -> Result<(), Damaged> {
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let mut plain = operators.get_binary_reader();
        let code = plain.read_u8()?;
        match (code, operators.read()?) {
            (_, Operator::I32Const { value }) => drop(into.insert(value as u32)),
            // Two numbers in one, where two stores became one.
            (_, Operator::I64Const { value }) => into.extend(halves(value as u64)),
            (_, Operator::F64Const { value }) => into.extend(halves(value.bits())),
            // Loads and stores: how they are aligned, then their constant part.
            (0x28..=0x3e, _) => {
                plain.read_var_u32()?;
                into.insert(plain.read_var_u32()?);
            }
            (0xfd | 0xfe, _) => {
                return Err(Damaged("vectors or atomics: not expected here".to_owned()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

fn is_address(ty: RelocationType) -> bool {
    matches!(
        ty,
        RelocationType::MemoryAddrLeb
            | RelocationType::MemoryAddrSleb
            | RelocationType::MemoryAddrI32
    )
}

/// The linker's notes as they stand.
#[derive(Default)]
struct Notes<'a> {
    symbols: Vec<Symbol>,
    /// The section that they are about, and the places in it that are addresses.
    relocations: Vec<(u32, RelocSectionReader<'a>)>,
    data_section: Option<u32>,
    /// Segments: where they lie in memory, and in their section.
    segments: Vec<(Range<u32>, u32)>,
    /// The segments that never change.
    constant: BTreeSet<u32>,
}

impl<'a> Notes<'a> {
    fn section(&mut self, payload: &Payload<'a>, index: u32) -> Result<(), Damaged> {
        match payload {
            Payload::DataSection(section) => {
                self.data_section = Some(index);
                let start = section.range().start;
                for segment in section.clone() {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                    let mut operators = offset_expr.get_operators_reader();
                    let Operator::I32Const { value } = operators.read()? else { continue };
                    let at = segment.range.end - segment.data.len() as u64 - start;
                    let memory = value as u32..value as u32 + segment.data.len() as u32;
                    self.segments.push((memory, at as u32));
                }
            }
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Reloc(relocations) => {
                    self.relocations.push((relocations.section_index(), relocations));
                }
                KnownCustom::Linking(linking) => {
                    for part in linking.subsections() {
                        self.linking(part?)?;
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn linking(&mut self, part: Linking<'_>) -> Result<(), Damaged> {
        match part {
            Linking::SegmentInfo(segments) => {
                for (segment, index) in segments.into_iter().zip(0..) {
                    if segment?.name.starts_with(CONSTANT) {
                        self.constant.insert(index);
                    }
                }
            }
            Linking::SymbolTable(symbols) => {
                for symbol in symbols {
                    let symbol = self.symbol(&symbol?);
                    self.symbols.push(symbol);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn symbol(&self, symbol: &SymbolInfo<'_>) -> Symbol {
        let SymbolInfo::Data { symbol: Some(data), .. } = symbol else { return None };
        let (memory, _) = self.segments.get(data.index as usize)?;
        let start = memory.start + data.offset;
        Some(start..start + data.size)
    }

    /// Constants that share a byte become one.
    fn places(&self) -> Vec<Range<u32>> {
        let constant = self.segments.iter().zip(0..).filter(|(_, at)| self.constant.contains(at));
        let constant: Vec<_> = constant.map(|((memory, _), _)| memory).collect();
        let mut places: Vec<Range<u32>> = self.symbols.iter().flatten().cloned().collect();
        places.retain(|place| {
            !place.is_empty() && constant.iter().any(|memory| memory.contains(&place.start))
        });
        places.sort_by_key(|place| (place.start, place.end));
        let mut apart: Vec<Range<u32>> = Vec::with_capacity(places.len());
        for place in places {
            match apart.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => apart.push(place),
            }
        }
        apart
    }

    /// Where in memory a byte of the data section lies.
    fn address(&self, offset: u32) -> Option<u32> {
        let inside = |(memory, at): &(Range<u32>, u32)| {
            let into = offset.checked_sub(*at)?;
            (into < memory.len() as u32).then_some(memory.start + into)
        };
        self.segments.iter().find_map(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::Constants;
    use std::collections::BTreeSet;

    /// Four constants; the second points to the third; the last is reached from outside of it.
    fn constants() -> Constants {
        let mut constants =
            Constants { places: vec![10..20, 20..24, 40..44, 100..104], ..Constants::default() };
        constants.note(Some(21), 40);
        constants.note(None, 100);
        constants
    }

    #[test]
    fn what_is_named_and_what_that_points_to_stays() {
        let table: [(&[u32], &[std::ops::Range<u32>]); 6] = [
            (&[], &[10..20, 20..24, 40..44]),
            (&[15], &[20..24, 40..44]),
            (&[22], std::slice::from_ref(&(10..20))),
            (&[44], &[10..20, 20..24]),
            // An end may be meant, or the next one's beginning.
            (&[20], &[]),
            (&[30, 5, 9999], &[10..20, 20..24, 40..44]),
        ];
        for (addresses, expected) in table {
            let addresses: BTreeSet<u32> = addresses.iter().copied().collect();
            let deferred = constants().without(&addresses);
            assert_eq!(deferred.zeros, expected, "{addresses:?}");
        }
    }

    #[test]
    fn stretches_near_each_other_are_written_together() {
        let deferred = constants().without(&BTreeSet::new());
        let starts: Vec<_> =
            deferred.written.iter().map(|place| (place.start, place.end)).collect();
        assert_eq!(starts, [(10, 44)]);
    }
}
