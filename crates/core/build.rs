//! Makes one text of the image catalogue: each file of `images/` becomes a line of JSON.

use serde_yaml::Value;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (folder, file) in [("images", "images.jsonl"), ("images/bases", "bases.jsonl")] {
        println!("cargo::rerun-if-changed={folder}");
        fs::write(out.join(file), lines(Path::new(folder))).expect("the folder is writable");
    }
}

/// The YAML files of a folder in the order of their names, a line of JSON for each.
fn lines(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the catalogue is there");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let yaml = fs::read_to_string(&path).expect("a file of the catalogue is readable");
        let mut entry: Value = match serde_yaml::from_str(&yaml) {
            Ok(entry) => entry,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        // Where a fact comes from is for those who read the file.
        if let Some(fields) = entry.as_mapping_mut() {
            fields.remove("source");
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let json = serde_json::to_string(&entry).expect("YAML of strings is JSON");
        text.push_str(&format!("{stem}\t{json}\n"));
    }
    text
}
