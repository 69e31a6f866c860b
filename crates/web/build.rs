//! Writes a typed function for each entry of `www/locales/<tag>/page.ftl`, so that the page carries its words without
//! a runtime for them. A language is a folder; what it does not say is said in English.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// The language that has every entry.
const FIRST: &str = "en";
/// The folder of the languages.
const LOCALES: &str = "../../www/locales";
/// The folder of the pages that explain advice, by language; words about fields are there in the same ones.
const PAGES: &str = "../analysis/advice";
/// The entry that is no word of the page: what a language calls itself.
const OWN_NAME: &str = "language-name";

/// A piece of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(String),
}

/// The entries of a language, by name.
type Words = BTreeMap<String, Vec<Piece>>;

fn main() {
    println!("cargo::rerun-if-changed={LOCALES}");
    println!("cargo::rerun-if-changed={PAGES}");
    assert!(Path::new(PAGES).join(FIRST).is_dir(), "{PAGES} has no {FIRST}");
    let mut languages: Vec<(String, Words)> = Vec::new();
    for tag in tags() {
        let path = format!("{LOCALES}/{tag}/page.ftl");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        languages.push((tag, read(&path, text)));
    }
    let (_, first) = &languages[0];
    for (tag, words) in &languages {
        same_holes(tag, words, first);
    }
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("words.rs");
    fs::write(out, code(&languages)).expect("cargo gives a folder to write to");
}

/// The languages that there are, the first one first.
fn tags() -> Vec<String> {
    let folders = fs::read_dir(LOCALES).unwrap_or_else(|error| panic!("{LOCALES}: {error}"));
    let names = folders.filter_map(|one| one.ok()?.file_name().into_string().ok());
    let mut tags: Vec<String> =
        names.filter(|tag| Path::new(&format!("{LOCALES}/{tag}/page.ftl")).is_file()).collect();
    tags.sort_unstable_by_key(|tag| (tag != FIRST, tag.clone()));
    assert!(tags.first().is_some_and(|tag| tag == FIRST), "{LOCALES} has no {FIRST}");
    tags
}

/// The entries of a file.
fn read(path: &str, text: String) -> Words {
    let resource = fluent_syntax::parser::parse(text)
        .unwrap_or_else(|(_, errors)| panic!("{path}: {errors:?}"));
    let mut words = Words::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let name = message.id.name;
                let pattern = message.value.unwrap_or_else(|| panic!("{path}: {name} is empty"));
                let pieces = pieces(&pattern).unwrap_or_else(|why| panic!("{path}: {name}: {why}"));
                assert!(
                    words.insert(name.clone(), pieces).is_none(),
                    "{path}: {name} is there twice"
                );
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Term(term) => panic!("{path}: -{}: terms are not used here", term.id.name),
            Entry::Junk { content } => panic!("{path}: cannot read {content:?}"),
        }
    }
    words
}

fn pieces(pattern: &Pattern<String>) -> Result<Vec<Piece>, &'static str> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Text(value.clone()),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::StringLiteral { value }),
            } => Piece::Text(value.clone()),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Piece::Hole(id.name.clone()),
            PatternElement::Placeable { .. } => return Err("only { $name } can be put in"),
        };
        match (pieces.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
            (_, piece) => pieces.push(piece),
        }
    }
    Ok(pieces)
}

/// What is put into an entry, in the order of its words.
fn holes(pieces: &[Piece]) -> Vec<&str> {
    let mut holes = Vec::new();
    for piece in pieces {
        if let Piece::Hole(name) = piece
            && !holes.contains(&name.as_str())
        {
            holes.push(name);
        }
    }
    holes
}

/// An entry takes the same in every language, and says nothing that the first one does not.
fn same_holes(tag: &str, words: &Words, first: &Words) {
    for (name, own) in words {
        let Some(known) = first.get(name) else { panic!("{tag}: {name} is not in {FIRST}") };
        let (mut own, mut known) = (holes(own), holes(known));
        own.sort_unstable();
        known.sort_unstable();
        assert_eq!(own, known, "{tag}: {name} takes other arguments than in {FIRST}");
    }
}

/// The language of the pages that a language has on the site.
fn pages(tag: &str) -> &str {
    if Path::new(&format!("{PAGES}/{tag}")).is_dir() { tag } else { FIRST }
}

/// `pt-BR` as `PtBr`.
fn variant(tag: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    tag.split('-').map(part).collect()
}

fn code(languages: &[(String, Words)]) -> String {
    let mut out = String::new();
    let (_, first) = &languages[0];
    let each = |line: &dyn Fn(&str, &Words) -> String| -> String {
        languages.iter().map(|(tag, words)| line(tag, words)).collect()
    };
    let own = |words: &Words| text(words.get(OWN_NAME).unwrap_or(&first[OWN_NAME]));
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "/// A language of the page.\n#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]\npub enum Lang {{\n    #[default]\n{}}}\n\nimpl Lang {{\n    /// All of them.\n    pub const ALL: [Self; {}] = [{}];\n    /// Its tag: `en`.\n    pub const fn tag(self) -> &'static str {{\n        match self {{\n{}        }}\n    }}\n    /// The tag of the language in which the site has pages for it: its own, or English.\n    pub const fn pages(self) -> &'static str {{\n        match self {{\n{}        }}\n    }}\n    /// Its own name.\n    pub const fn own_name(self) -> &'static str {{\n        match self {{\n{}        }}\n    }}\n",
        each(&|tag, words| format!("    /// {}\n    {},\n", own(words), variant(tag))),
        languages.len(),
        each(&|tag, _| format!("Self::{}, ", variant(tag))),
        each(&|tag, _| format!("            Self::{} => {tag:?},\n", variant(tag))),
        each(&|tag, _| format!("            Self::{} => {:?},\n", variant(tag), pages(tag))),
        each(&|tag, words| format!("            Self::{} => {:?},\n", variant(tag), own(words))),
    );
    for (name, pieces) in first.iter().filter(|(name, _)| *name != OWN_NAME) {
        out += &function(name, &holes(pieces), languages);
    }
    out += "}\n";
    out + &table(languages)
}

/// The words of an entry without arguments.
fn text(pieces: &[Piece]) -> String {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Hole(name) => format!("{{{name}}}"),
    };
    pieces.iter().map(part).collect()
}

/// As `format!` takes it.
fn format_text(pieces: &[Piece]) -> String {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        Piece::Hole(name) => format!("{{{}}}", name.replace('-', "_")),
    };
    pieces.iter().map(part).collect()
}

fn function(name: &str, arguments: &[&str], languages: &[(String, Words)]) -> String {
    let (_, first) = &languages[0];
    let rust = name.replace('-', "_");
    let mut arms = String::new();
    for (tag, words) in languages.iter().skip(1) {
        let Some(pieces) = words.get(name) else { continue };
        let words = match arguments {
            [] => format!("{:?}", text(pieces)),
            _ => format!("format!({:?})", format_text(pieces)),
        };
        let _ = writeln!(arms, "            Self::{} => {words},", variant(tag));
    }
    let english = &first[name];
    let (signature, words) = match arguments {
        [] => {
            (format!("pub const fn {rust}(self) -> &'static str"), format!("{:?}", text(english)))
        }
        _ => {
            let typed =
                |name: &&str| format!(", {}: impl core::fmt::Display", name.replace('-', "_"));
            let typed: String = arguments.iter().map(typed).collect();
            (
                format!("pub fn {rust}(self{typed}) -> String"),
                format!("format!({:?})", format_text(english)),
            )
        }
    };
    let doc = text(english).replace('\n', " ");
    format!(
        "    #[doc = {doc:?}]\n    #[allow(clippy::match_same_arms, clippy::match_single_binding, reason = \"a language may say the same\")]\n    {signature} {{\n        match self {{\n{arms}            _ => {words},\n        }}\n    }}\n"
    )
}

/// Name and words in every language, for tests.
fn table(languages: &[(String, Words)]) -> String {
    let (_, first) = &languages[0];
    let rows = first.keys().map(|name| {
        let said = languages.iter().map(|(_, words)| match words.get(name) {
            Some(pieces) => format!("Some({:?}), ", text(pieces)),
            None => "None, ".to_owned(),
        });
        format!("    ({name:?}, [{}]),\n", said.collect::<String>())
    });
    format!(
        "/// Name and words of every entry, in the languages' order.\n#[cfg(test)]\npub(crate) const TABLE: &[(&str, [Option<&str>; {}])] = &[\n{}];\n",
        languages.len(),
        rows.collect::<String>()
    )
}
