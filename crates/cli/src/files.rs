//! Reading texts, and the current folder as kubectl's `-f` sees it.

use podplay_kubectl::Files;
use std::io::Read;
use std::path::Path;

/// The text of a file, or of standard input for `-`.
pub(crate) fn read(path: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("standard input: {error}"))?;
    } else {
        bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(podplay_manifest::apply::decode(&bytes))
}

/// Several texts as one.
pub(crate) fn read_all(paths: &[String]) -> Result<String, String> {
    let texts: Vec<String> = paths.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let mut whole = String::new();
    for text in texts {
        if !whole.is_empty() {
            if !whole.ends_with('\n') {
                whole.push('\n');
            }
            whole.push_str("---\n");
        }
        whole.push_str(&text);
    }
    Ok(whole)
}

/// All of standard input, if it is no terminal.
pub(crate) fn standard_input() -> Vec<u8> {
    let mut bytes = Vec::new();
    if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        // A broken pipe is the same as an empty one.
        let _ = std::io::stdin().read_to_end(&mut bytes);
    }
    bytes
}

/// A name for a run: the file's name without its ending.
pub(crate) fn stem(path: &str) -> String {
    Path::new(path)
        .file_stem()
        .map_or_else(|| "run".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// The files of the current folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        })
    }
    fn list(&self, path: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(path).ok()?;
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.ok()?;
            let end = if entry.file_type().is_ok_and(|kind| kind.is_dir()) { "/" } else { "" };
            Some(entry.file_name().to_string_lossy().into_owned() + end)
        };
        let mut names: Vec<String> = entries.filter_map(name).collect();
        names.sort();
        Some(names)
    }
}
