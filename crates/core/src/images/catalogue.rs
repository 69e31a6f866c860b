//! The images that podplay knows: the files of `crates/core/images`, which `docs/catalogue.md` describes.

use super::Reference;
use super::fields::Fields;
use super::program::Program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

/// An image.
#[derive(Debug)]
pub struct Image {
    /// ENTRYPOINT.
    pub(crate) entrypoint: Vec<String>,
    /// CMD.
    pub(crate) cmd: Vec<String>,
    /// WORKDIR.
    pub(crate) workdir: String,
    /// STOPSIGNAL.
    pub(crate) stop_signal: String,
    /// USER, as numbers.
    pub(crate) user: (u32, u32),
    /// ENV.
    pub(crate) env: Vec<(String, String)>,
    /// Programs that the shell does not play, by name.
    pub(crate) programs: BTreeMap<String, Program>,
    /// What is in its file system.
    pub(crate) files: super::filesystem::Files,
    /// The file system, once it was needed.
    pub(super) tree: OnceLock<super::filesystem::Built>,
}

impl Image {
    /// Reads an entry of the catalogue.
    pub(crate) fn read(entry: &Value) -> Self {
        let fields = Fields(entry);
        let programs = fields.map("programs");
        let programs: BTreeMap<String, Program> = programs
            .map(|(path, value)| {
                let name = path.rsplit('/').next().unwrap_or(path);
                (name.to_owned(), Program::read(name, value))
            })
            // The same program at a second place.
            .filter(|(name, program)| !matches!(program, Program::Same(other) if other == name))
            .collect();
        let user = fields.list("user");
        let number = |n: usize| user.get(n).and_then(|text| text.parse().ok());
        let uid = number(0).unwrap_or(0);
        Self {
            entrypoint: fields.list("entrypoint"),
            cmd: fields.list("cmd"),
            workdir: fields.text("workdir").to_owned(),
            stop_signal: match fields.text("stopSignal") {
                "" => "SIGTERM".to_owned(),
                signal => signal.to_owned(),
            },
            user: (uid, number(1).unwrap_or(uid)),
            env: fields.pairs("env"),
            files: super::filesystem::Files::read(entry),
            programs,
            tree: OnceLock::new(),
        }
    }
}

/// Names for names that are followed.
const ALIASES: usize = 4;

/// A file of the catalogue: the image, and how it differs for some tags.
struct Line {
    json: &'static str,
    parsed: OnceLock<Vec<(String, Arc<Image>)>>,
}

impl Line {
    fn images(&self) -> &[(String, Arc<Image>)] {
        self.parsed.get_or_init(|| {
            let entry: Value = serde_json::from_str(self.json).unwrap_or_default();
            let mut all: Vec<(String, Arc<Image>)> = Vec::new();
            for variant in entry["tags"].as_array().into_iter().flatten() {
                let mut whole = entry.clone();
                merge(&mut whole, variant);
                let when = Fields(variant).text("when").to_owned();
                all.push((when, Arc::new(Image::read(&whole))));
            }
            all.push((String::new(), Arc::new(Image::read(&entry))));
            all
        })
    }
}

/// Puts the fields of a variant over those of an entry; maps are merged, a null removes.
fn merge(entry: &mut Value, over: &Value) {
    match (entry, over) {
        (Value::Object(entry), Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    entry.remove(key);
                } else {
                    merge(entry.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
        }
        (entry, over) => *entry = over.clone(),
    }
}

/// All lines, and which of them a repository means.
struct Catalogue {
    lines: Vec<Line>,
    names: BTreeMap<&'static str, usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("OUT_DIR"), "/images.jsonl"));
    let mut found = Catalogue { lines: Vec::new(), names: BTreeMap::new() };
    for line in text.lines() {
        let json = line.split_once('\t').map_or(line, |(_, json)| json);
        for name in names(json) {
            found.names.insert(name, found.lines.len());
        }
        found.lines.push(Line { json, parsed: OnceLock::new() });
    }
    found
});

/// The names of an entry, without reading all of it: `"image":"a"` or `"image":["a","b"]`.
fn names(json: &'static str) -> impl Iterator<Item = &'static str> {
    let rest = json.split_once("\"image\":").map_or("", |(_, rest)| rest);
    let list = match rest.strip_prefix('[') {
        Some(list) => list.split(']').next().unwrap_or_default(),
        None => rest.split([',', '}']).next().unwrap_or_default(),
    };
    list.split(',').map(|name| name.trim_matches('"'))
}

/// The program of a name, with other names for it followed.
pub(crate) fn program<'a>(image: &'a Image, name: &str) -> Option<&'a Program> {
    let mut found = image.programs.get(name);
    for _ in 0..ALIASES {
        match found {
            Some(Program::Same(other)) => found = image.programs.get(other),
            found => return found,
        }
    }
    None
}

/// The entry of an image reference.
pub(crate) fn find(image: &str) -> Option<&'static Image> {
    let reference = Reference::parse(image).ok()?;
    let line = *CATALOGUE.names.get(reference.familiar())?;
    let tag = reference.tag().unwrap_or("latest");
    let fits = |when: &str| when.is_empty() || tag.split('-').any(|part| part.starts_with(when));
    let found = CATALOGUE.lines.get(line)?.images().iter().find(|(when, _)| fits(when));
    found.map(|(_, image)| &**image)
}

/// The names of all images, for tests and documents.
pub fn all() -> impl Iterator<Item = &'static str> {
    CATALOGUE.names.keys().copied()
}

/// Which file of the catalogue a name is in.
pub fn file_of(name: &str) -> Option<usize> {
    CATALOGUE.names.get(name).copied()
}

/// How many files the catalogue has.
pub fn entries() -> usize {
    CATALOGUE.lines.len()
}
