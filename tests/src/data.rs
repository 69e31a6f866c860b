//! Where test data lies: beside this crate, or (from elsewhere, never committed) in `../shared`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of this crate.
#[must_use]
pub fn tests_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file that may be absent, under `../shared` as seen from the repository. Says so when it is not there.
#[must_use]
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = tests_dir().join("../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("SKIPPED: ../shared/{path} is not here; the cases in it were not checked");
    None
}

/// Reads JSON.
///
/// # Panics
/// If the file cannot be read: test data is broken then.
#[must_use]
pub fn read_json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The cases of an upstream table, or none (with a note) where the tables are not at hand.
#[must_use]
pub fn upstream_cases(table: &str) -> Vec<Value> {
    let Some(path) = shared(&format!("upstream-tables/{table}.json")) else { return Vec::new() };
    read_json(&path)["cases"].as_array().cloned().unwrap_or_default()
}
