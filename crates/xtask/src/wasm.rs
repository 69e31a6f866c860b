//! Just enough of the WebAssembly binary format to say how large each function is, what it is
//! called, and to leave the custom sections out.

use std::collections::BTreeMap;

const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;
/// Magic number and version.
const HEADER: usize = 8;

/// What a module is made of, in bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Functions with their name, where the module still has names.
    pub(crate) functions: Vec<(Option<String>, usize)>,
    /// Strings and tables.
    pub(crate) data: usize,
    /// The whole module without its custom sections.
    pub(crate) whole: usize,
}

/// Reads a module; `None` when it is damaged.
pub(crate) fn contents(module: &[u8]) -> Option<Contents> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    let mut names = BTreeMap::new();
    let mut contents = Contents { whole: HEADER, ..Contents::default() };
    for section in sections(module)? {
        let mut body = Reader { bytes: section.body };
        match section.id {
            CUSTOM if body.name()? == b"name" => names = function_names(body)?,
            IMPORT => imported = imported_functions(body)?,
            CODE => bodies = body_sizes(body)?,
            DATA => contents.data = section.whole.len(),
            _ => {}
        }
        if section.id != CUSTOM {
            contents.whole += section.whole.len();
        }
    }
    let named = |(index, size)| (names.remove(&(imported + index)), size);
    contents.functions = (0u32..).zip(bodies).map(named).collect();
    Some(contents)
}

/// The strings and tables of a module; `None` when it is damaged.
pub(crate) fn data(module: &[u8]) -> Option<&[u8]> {
    let found = sections(module)?.into_iter().find(|section| section.id == DATA);
    Some(found.map_or(&[], |section| section.body))
}

/// The module without its custom sections; `None` when it is damaged.
pub(crate) fn stripped(module: &[u8]) -> Option<Vec<u8>> {
    let mut kept = module.get(..HEADER)?.to_vec();
    for section in sections(module)?.iter().filter(|section| section.id != CUSTOM) {
        kept.extend_from_slice(section.whole);
    }
    Some(kept)
}

struct Section<'a> {
    id: u8,
    body: &'a [u8],
    /// The body with its header.
    whole: &'a [u8],
}

fn sections(module: &[u8]) -> Option<Vec<Section<'_>>> {
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    let mut sections = Vec::new();
    while !rest.is_empty() {
        let mut reader = Reader { bytes: rest };
        let id = reader.byte()?;
        let size = reader.size()?;
        let body = reader.take(size)?;
        let whole = &rest[..rest.len() - reader.bytes.len()];
        sections.push(Section { id, body, whole });
        rest = reader.bytes;
    }
    Some(sections)
}

fn body_sizes(mut code: Reader<'_>) -> Option<Vec<usize>> {
    let count = code.number()?;
    (0..count).map(|_| code.size().and_then(|size| code.take(size)).map(<[u8]>::len)).collect()
}

/// How many functions come from outside: their indices precede those of our own.
fn imported_functions(mut imports: Reader<'_>) -> Option<u32> {
    let mut functions = 0;
    for _ in 0..imports.number()? {
        imports.name()?;
        imports.name()?;
        match imports.byte()? {
            0 => {
                imports.number()?;
                functions += 1;
            }
            1 => {
                imports.byte()?;
                imports.limits()?;
            }
            2 => imports.limits()?,
            3 => {
                imports.take(2)?;
            }
            _ => {
                imports.byte()?;
                imports.number()?;
            }
        }
    }
    Some(functions)
}

fn function_names(mut section: Reader<'_>) -> Option<BTreeMap<u32, String>> {
    const FUNCTIONS: u8 = 1;
    let mut names = BTreeMap::new();
    while !section.bytes.is_empty() {
        let id = section.byte()?;
        let size = section.size()?;
        let mut part = Reader { bytes: section.take(size)? };
        if id != FUNCTIONS {
            continue;
        }
        for _ in 0..part.number()? {
            let index = part.number()?;
            names.insert(index, String::from_utf8_lossy(part.name()?).into_owned());
        }
    }
    Some(names)
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        let size = self.size()?;
        self.take(size)
    }

    fn limits(&mut self) -> Option<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Contents, contents, data, stripped};

    /// One imported function, two of our own of 2 and 3 bytes, their names, one byte of data.
    fn module() -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 4, 1, 0x60, 0, 0]);
        module.extend([2, 7, 1, 1, b'e', 1, b'f', 0, 0]);
        module.extend([3, 3, 2, 0, 0]);
        module.extend([10, 8, 2, 2, 0, 0x0b, 3, 0, 1, 0x0b]);
        module.extend([11, 7, 1, 0, 0x41, 0, 0x0b, 1, b'x']);
        module.extend([0, 13, 4, b'n', b'a', b'm', b'e', 1, 6, 2, 0, 0, 1, 1, b'a']);
        module
    }

    #[test]
    fn functions_have_their_names_and_sizes() {
        let module = module();
        let functions = vec![(Some("a".to_owned()), 2), (None, 3)];
        let whole = module.len() - 15;
        assert_eq!(contents(&module), Some(Contents { functions, data: 9, whole }));
        assert_eq!(data(&module).map(<[u8]>::len), Some(7));
        assert_eq!(data(&module[..8]).map(<[u8]>::len), Some(0));
    }

    #[test]
    fn stripping_takes_the_names_and_nothing_else() {
        let module = module();
        let bare = stripped(&module).unwrap_or_default();
        assert_eq!(bare, module[..module.len() - 15]);
        let functions = vec![(None, 2), (None, 3)];
        assert_eq!(contents(&bare).map(|contents| contents.functions), Some(functions));
    }

    #[test]
    fn damage_is_noticed_at_every_length() {
        let module = module();
        assert_eq!(contents(b""), None);
        let ends = [8, 14, 23, 28, 38, 47, 62];
        for length in 9..module.len() {
            assert_eq!(contents(&module[..length]).is_some(), ends.contains(&length), "{length}");
        }
    }
}
