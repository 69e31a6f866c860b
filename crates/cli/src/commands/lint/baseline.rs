//! A baseline: findings that are known and are not reported again.

use super::Linted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// One known finding. Lines are left out, so that an edit elsewhere does not make it new.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Known {
    file: String,
    code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    field: String,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Known>,
}

fn known(file: &str, found: &podplay_manifest::Diagnostic) -> Known {
    Known {
        file: file.replace('\\', "/"),
        code: found.code.to_owned(),
        field: found.path.clone().unwrap_or_default(),
        message: found.message.trim_end().to_owned(),
    }
}

/// Writes everything that was found.
pub(super) fn write(path: &Path, linted: &[Linted]) -> Result<(), String> {
    let each =
        |one: &'_ Linted| one.found.iter().map(|found| known(&one.file, found)).collect::<Vec<_>>();
    let mut findings: Vec<Known> = linted.iter().flat_map(each).collect();
    findings.sort();
    let count = findings.len();
    let json = serde_json::to_string_pretty(&File { version: 1, findings }).unwrap_or_default();
    std::fs::write(path, json + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("{}: {count} findings", path.display());
    Ok(())
}

/// Takes out what the baseline names, each entry once.
pub(super) fn leave_out(path: &Path, linted: &mut [Linted]) -> Result<(), String> {
    let said = |error: String| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| said(error.to_string()))?;
    if file.version != 1 {
        return Err(said(format!("version {} is not known here", file.version)));
    }
    let mut left: BTreeMap<Known, usize> = BTreeMap::new();
    for entry in file.findings {
        *left.entry(entry).or_default() += 1;
    }
    for one in linted {
        let file = one.file.clone();
        one.found.retain(|found| match left.get_mut(&known(&file, found)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }
    Ok(())
}
