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

mod deferred;
mod first;
mod instrument;
mod module;

use crate::html;
use module::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wasm_encoder::reencode::{self, Reencode};

pub(crate) use instrument::instrumented;

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

/// What the functions of the whole module are numbered in one of the parts.
struct Numbers {
    new: BTreeMap<u32, u32>,
}

impl Reencode for Numbers {
    type Error = Damaged;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Damaged>> {
        let missing = || Damaged(format!("function {function} is in the other part"));
        self.new.get(&function).copied().ok_or_else(|| reencode::Error::UserError(missing()))
    }
}

/// Which function goes where. Functions are numbered as in the whole module.
struct Division {
    /// Imported functions come first in the numbering.
    imported: u32,
    /// The functions of the second part.
    deferred: BTreeSet<u32>,
    /// Those of them that the first part names: each gets a stand-in and a slot of the table.
    named: Vec<u32>,
    /// Functions of the first part that the second one calls.
    shared: Vec<u32>,
}

impl Division {
    fn new(module: &Module<'_>, keep: &dyn Fn(&str) -> bool) -> Result<Self, Damaged> {
        let imported = module.imported_functions();
        // What has no name was put there by wasm-bindgen, mostly for the start.
        let kept = |index: &u32| module.names.get(index).is_none_or(|name| keep(name));
        let own = imported..imported + module.functions.len() as u32;
        let deferred: BTreeSet<u32> = own.filter(|index| !kept(index)).collect();
        let mut from_first = module.named_outside_code()?;
        let mut from_deferred = BTreeSet::new();
        for (index, body) in (imported..).zip(&module.bodies) {
            let into = if deferred.contains(&index) { &mut from_deferred } else { &mut from_first };
            module::named_in(body, into)?;
        }
        let named = from_first.intersection(&deferred).copied().collect();
        let shared = from_deferred.difference(&deferred).copied().collect();
        Ok(Self { imported, deferred, named, shared })
    }
}

/// Divides a module that still has its names.
pub(crate) fn divided(module: &[u8], keep: &dyn Fn(&str) -> bool) -> Result<Parts, Damaged> {
    let module = Module::read(module)?;
    let division = Division::new(&module, keep)?;
    let parts = Parts {
        first: first::written(&module, &division)?,
        deferred: deferred::written(&module, &division)?,
    };
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

/// A name without the numbers of crates (`core[0123456789abcdef]::fmt`).
pub(crate) fn without_numbers(name: &str) -> String {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('[') {
        let number = rest.get(at + 1..at + 17).is_some_and(is_number);
        let closed = rest.as_bytes().get(at + 17) == Some(&b']');
        let (kept, next) = if number && closed { (at, at + 18) } else { (at + 1, at + 1) };
        plain.push_str(&rest[..kept]);
        rest = &rest[next..];
    }
    plain + rest
}

/// The names of all functions of a module, in the order of their bodies.
pub(crate) fn names(module: &[u8]) -> Result<Vec<String>, Damaged> {
    let module = Module::read(module)?;
    let imported = module.imported_functions();
    let own = imported..imported + module.functions.len() as u32;
    Ok(own.map(|index| module.names.get(&index).copied().unwrap_or_default().to_owned()).collect())
}

#[cfg(test)]
mod tests;
