//! Short names for what the module and its script call each other by.
//!
//! wasm-bindgen's names carry types and hashes, and stand in both files; a browser compares them
//! once and nobody reads them in a release build.

use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection};
use wasmparser::{Export, ImportSectionReader, Parser, Payload};

/// How the names begin that are wasm-bindgen's own; what others may call keeps its name.
const GENERATED: [&str; 2] = ["__wb", "wasm_bindgen_"];

/// The module and its script with short names. A name is changed only if the script has it as a word.
pub(crate) fn shortened(module: &[u8], script: &str) -> Result<(Vec<u8>, String), Unreadable> {
    let said: BTreeSet<&str> = words(script).filter(|(_, is_word)| *is_word).map(|w| w.0).collect();
    let names = generated_names(module)?.into_iter().filter(|name| said.contains(name.as_str()));
    let free = (0u32..).map(short_name).filter(|short| !said.contains(short.as_str()));
    let mut shorter = Shorter { names: names.zip(free).collect() };
    let mut out = wasm_encoder::Module::new();
    shorter.parse_core_module(&mut out, Parser::new(0), module)?;
    Ok((out.finish(), shorter.script(script)))
}

/// Why a module could not be read.
pub(crate) type Unreadable = reencode::Error<std::convert::Infallible>;

/// The imports and exports that wasm-bindgen named.
fn generated_names(module: &[u8]) -> Result<BTreeSet<String>, Unreadable> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    names.insert(import?.name.to_owned());
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    names.insert(export?.name.to_owned());
                }
            }
            _ => {}
        }
    }
    names.retain(|name| GENERATED.iter().any(|beginning| name.starts_with(beginning)));
    Ok(names)
}

/// `_0` to `_z`, `_00`, …
fn short_name(number: u32) -> String {
    const DIGITS: u32 = 36;
    let digit = |number| char::from_digit(number % DIGITS, DIGITS).unwrap_or_default();
    match number.checked_sub(DIGITS) {
        None => format!("_{}", digit(number)),
        Some(rest) => format!("{}{}", short_name(rest / DIGITS), digit(rest)),
    }
}

/// A script in pieces: words, and what is between them.
fn words(script: &str) -> impl Iterator<Item = (&str, bool)> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut rest = script;
    std::iter::from_fn(move || {
        let is_word = part_of_word(rest.chars().next()?);
        let end = rest.find(|c| part_of_word(c) != is_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some((piece, is_word))
    })
}

/// Puts a short name in the place of each long one.
struct Shorter {
    names: BTreeMap<String, String>,
}

impl Shorter {
    fn name<'n>(&'n self, name: &'n str) -> &'n str {
        self.names.get(name).map_or(name, String::as_str)
    }

    fn script(&self, script: &str) -> String {
        words(script)
            .map(|(piece, is_word)| if is_word { self.name(piece) } else { piece })
            .collect()
    }
}

impl Reencode for Shorter {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Unreadable> {
        for import in section.into_imports() {
            let import = import?;
            let ty = RoundtripReencoder.entity_type(import.ty)?;
            imports.import(import.module, self.name(import.name), ty);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Unreadable> {
        let kind = RoundtripReencoder.export_kind(export.kind)?;
        exports.export(self.name(export.name), kind, export.index);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{short_name, shortened, words};
    use wasm_encoder::{EntityType, ExportKind, ExportSection, ImportSection, Module, TypeSection};
    use wasmparser::{Parser, Payload};

    fn module() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types);
        let mut imports = ImportSection::new();
        for name in ["__wbg_log_0123456789abcdef", "__wbg_unknown_0123456789abcdef", "print"] {
            imports.import("env", name, EntityType::Function(0));
        }
        module.section(&imports);
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 0);
        exports.export("__wbindgen_start", ExportKind::Func, 1);
        module.section(&exports);
        module.finish()
    }

    fn names(module: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("readable") {
                Payload::ImportSection(imports) => {
                    names.extend(imports.into_imports().map(|i| i.expect("one").name.to_owned()));
                }
                Payload::ExportSection(exports) => {
                    names.extend(exports.into_iter().map(|e| e.expect("one").name.to_owned()));
                }
                _ => {}
            }
        }
        names
    }

    #[test]
    fn both_files_say_the_same_short_names() {
        let script = "let _0={__wbg_log_0123456789abcdef(){}};wasm.__wbindgen_start(),main,\"é\"";
        let (module, script) = shortened(&module(), script).expect("readable");
        assert_eq!(script, "let _0={_1(){}};wasm._2(),main,\"é\"", "`_0` was taken");
        let kept = "__wbg_unknown_0123456789abcdef";
        assert_eq!(names(&module), ["_1", kept, "print", "main", "_2"]);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(shortened(b"nonsense", "a").is_err());
    }

    #[test]
    fn names_are_short_and_different() {
        let all: Vec<_> = (0..2000).map(short_name).collect();
        assert_eq!((all[0].as_str(), all[35].as_str(), all[36].as_str()), ("_0", "_z", "_00"));
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_script_is_the_sum_of_its_words() {
        for script in ["", "a", " a b", "한글 $x=1;"] {
            assert_eq!(words(script).map(|(piece, _)| piece).collect::<String>(), script);
        }
    }
}
