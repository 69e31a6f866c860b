//! Divides the page's module in two: what a first visit runs, and what is fetched later.
//!
//! The first part is a module in its own right. Where it calls a function of the second part, a
//! small stand-in makes sure that the second part is there (it calls the import `deferred.load`
//! if not) and goes on through the function table, whose new slots the second part fills when it
//! is started. The second part owns nothing: memory, tables, globals and functions come from the
//! exports of the first. The method is that of binaryen's wasm-split.
//!
//! Which functions a first visit runs was seen in a browser: `cargo xtask first-load` writes
//! their names to `www/first-load.txt`.

mod body;
mod data;
mod deferred;
mod first;
mod instrument;
mod liveness;
mod module;
mod outline;
mod outlined;
mod region;

use crate::html;
use module::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wasm_encoder::reencode::{self, Reencode};

pub(crate) use data::Constants;
pub(crate) use instrument::{Outline, instrumented, outlines};
pub(crate) use outline::outlined;

/// The module of the imports of the first part.
const LOADER: (&str, &str) = ("deferred", "load");
/// The module of the imports of the second part: what the first one exports.
const FIRST: &str = "first";

/// Both parts, without names.
pub(crate) struct Parts {
    pub(crate) first: Vec<u8>,
    pub(crate) deferred: Vec<u8>,
}

/// A module that cannot be read or written, in the words of the reader.
#[derive(Debug)]
pub(crate) struct Damaged(String);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<wasmparser::BinaryReaderError> for Damaged {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self(error.to_string())
    }
}

impl From<reencode::Error<Self>> for Damaged {
    fn from(error: reencode::Error<Self>) -> Self {
        Self(error.to_string())
    }
}

/// What the functions and types of the whole module are numbered in one of the parts.
struct Numbers {
    functions: BTreeMap<u32, u32>,
    /// Empty where they keep their numbers.
    types: BTreeMap<u32, u32>,
}

impl Reencode for Numbers {
    type Error = Damaged;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Damaged>> {
        let missing = || Damaged(format!("function {function} is in the other part"));
        self.functions.get(&function).copied().ok_or_else(|| reencode::Error::UserError(missing()))
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, reencode::Error<Damaged>> {
        let missing = || Damaged(format!("type {ty} is in the other part"));
        if self.types.is_empty() {
            return Ok(ty);
        }
        self.types.get(&ty).copied().ok_or_else(|| reencode::Error::UserError(missing()))
    }
}

/// Which function goes where. Functions are numbered as in the whole module.
struct Division {
    /// Imported functions come first in the numbering.
    imported: u32,
    /// The functions of the second part.
    deferred: BTreeSet<u32>,
    /// Those of them that the first part names: each gets a slot of the table.
    named: Vec<u32>,
    /// Those of them that are named once, by a call: it goes through the slot itself. The others
    /// get a stand-in.
    called_once: BTreeSet<u32>,
    /// Functions of the first part that the second one calls.
    shared: Vec<u32>,
    /// Data that only the second part needs.
    data: data::Deferred,
}

impl Division {
    fn new(
        module: &Module<'_>,
        keep: &dyn Fn(&str) -> bool,
        constants: Option<&Constants>,
    ) -> Result<Self, Damaged> {
        let imported = module.imported_functions();
        // What has no name was put there by wasm-bindgen, mostly for the start.
        let kept = |index: &u32| module.names.get(index).is_none_or(|name| keep(name));
        let own = imported..imported + module.functions.len() as u32;
        let deferred: BTreeSet<u32> = own.filter(|index| !kept(index)).collect();
        let outside = module.named_outside_code()?;
        let mut from_first = outside.clone();
        let mut calls: BTreeMap<u32, u32> = BTreeMap::new();
        let mut from_deferred = BTreeSet::new();
        let mut addresses = BTreeSet::new();
        for (index, body) in (imported..).zip(&module.bodies) {
            if deferred.contains(&index) {
                module::named_in(body, &mut |function, _| {
                    from_deferred.insert(function);
                })?;
                continue;
            }
            data::addresses(body, &mut addresses)?;
            module::named_in(body, &mut |function, called| {
                from_first.insert(function);
                // What is not called counts as much as two calls.
                *calls.entry(function).or_default() += if called { 1 } else { 2 };
            })?;
        }
        let named: Vec<u32> = from_first.intersection(&deferred).copied().collect();
        let once = |index: &u32| calls.get(index) == Some(&1) && !outside.contains(index);
        let called_once = named.iter().copied().filter(once).collect();
        let shared = from_deferred.difference(&deferred).copied().collect();
        let data = constants.map(|constants| constants.without(&addresses)).unwrap_or_default();
        Ok(Self { imported, deferred, named, called_once, shared, data })
    }
}

/// Divides a module that still has its names; without `constants` all data is in the first part.
pub(crate) fn divided(
    module: &[u8],
    keep: &dyn Fn(&str) -> bool,
    constants: Option<&Constants>,
) -> Result<Parts, Damaged> {
    let module = Module::read(module)?;
    let division = Division::new(&module, keep, constants)?;
    let first = first::written(&module, &division)?;
    let deferred = deferred::written(&module, &division, &first.shared)?;
    let parts = Parts { first: first.bytes, deferred };
    for part in [&parts.first, &parts.deferred] {
        wasmparser::Validator::new().validate_all(part)?;
    }
    Ok(parts)
}

/// A function's name without the numbers that change with every compiler, and not too long.
pub(crate) fn lasting_name(name: &str) -> String {
    const LONG: usize = 120;
    let plain = without_numbers(name);
    let Some(beginning) = plain.get(..LONG) else { return plain };
    format!("{beginning}…{:08x}", html::fingerprint(plain.as_bytes()) as u32)
}

/// A name without the numbers of crates (`core[0123456789abcdef]::fmt`), which lack leading zeros.
pub(crate) fn without_numbers(name: &str) -> String {
    const SHORT: usize = 8;
    const LONG: usize = 16;
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('[') {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let closed = rest.as_bytes().get(at + 1 + digits) == Some(&b']');
        let number = closed && (SHORT..=LONG).contains(&digits);
        let (kept, next) = if number { (at, at + digits + 2) } else { (at + 1, at + 1) };
        plain.push_str(&rest[..kept]);
        rest = &rest[next..];
    }
    plain + rest
}

#[cfg(test)]
mod same_results;
#[cfg(test)]
mod tests;
