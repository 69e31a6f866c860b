//! What a module is made of: the size and name of each function, for the crates' shares; and the module without names.

use std::collections::BTreeMap;
use wasm_encoder::RawSection;
use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload, TypeRef};

/// What a module is made of, in bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Functions with their name, where the module still has names.
    pub(crate) functions: Vec<(Option<String>, usize)>,
    /// Strings and tables.
    pub(crate) data: Vec<u8>,
}

/// Reads a module.
pub(crate) fn contents(module: &[u8]) -> Result<Contents, BinaryReaderError> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    let mut names = BTreeMap::new();
    let mut data = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let ours = matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    imported += u32::from(ours);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(slice(module, &body.range()).len()),
            Payload::DataSection(section) => data = slice(module, &section.range()).to_vec(),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    names.extend(function_names(section)?);
                }
            }
            _ => {}
        }
    }
    let named = |(index, size)| (names.remove(&(imported + index)), size);
    Ok(Contents { functions: (0u32..).zip(bodies).map(named).collect(), data })
}

fn function_names(
    section: wasmparser::NameSectionReader<'_>,
) -> Result<Vec<(u32, String)>, BinaryReaderError> {
    let mut names = Vec::new();
    for part in section {
        if let Name::Function(map) = part? {
            for naming in map {
                let naming = naming?;
                names.push((naming.index, naming.name.to_owned()));
            }
        }
    }
    Ok(names)
}

/// The bytes of a range of a file.
fn slice<'a>(module: &'a [u8], range: &std::ops::Range<u64>) -> &'a [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    module.get(at(range.start)..at(range.end)).unwrap_or_default()
}

/// The module without its custom sections.
pub(crate) fn stripped(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut kept = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let custom = matches!(payload, Payload::CustomSection(_));
        if let Some((id, range)) = payload.as_section().filter(|_| !custom) {
            kept.section(&RawSection { id, data: slice(module, &range) });
        }
    }
    Ok(kept.finish())
}

#[cfg(test)]
mod tests {
    use super::{contents, stripped};

    const MODULE: &str = r#"(module
        (import "e" "f" (func))
        (memory 1)
        (func $a::b)
        (func $c nop)
        (data (i32.const 0) "x"))"#;

    #[test]
    fn functions_have_their_names_and_sizes_until_they_are_taken_out() {
        let module = wat::parse_str(MODULE).expect("it is a module");
        let whole = contents(&module).expect("it can be read");
        let named = |name: &str, size| (Some(name.to_owned()), size);
        assert_eq!(whole.functions, [named("a::b", 2), named("c", 3)]);
        assert!(whole.data.ends_with(b"x"));
        let bare = stripped(&module).expect("it can be read");
        assert!(bare.len() < module.len());
        let bare = contents(&bare).expect("it can still be read");
        assert_eq!(bare.functions, [(None, 2), (None, 3)]);
        assert_eq!(bare.data, whole.data);
    }

    #[test]
    fn damage_is_noticed() {
        let module = wat::parse_str(MODULE).expect("it is a module");
        assert!(contents(b"").is_err());
        assert!(contents(&module[..module.len() / 2]).is_err());
        assert!(stripped(&module[..module.len() / 2]).is_err());
    }
}
