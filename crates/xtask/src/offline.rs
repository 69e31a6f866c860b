//! The service worker of a build: `www/sw.js` with the names and fingerprints of the files that it keeps.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::html::fingerprint;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the service worker is in the sources and, with its list, in a build.
const WORKER: (&str, &str) = ("www/sw.js", "sw.js");
/// Files that nobody fetches from a page, or that the worker must not answer for.
const NOT_KEPT: [&str; 3] = ["sw.js", "_headers", "podplay-embed.d.ts"];
/// Endings of copies for web servers that send compressed files as they are.
pub(crate) const COMPRESSED: [&str; 2] = ["gz", "br"];

/// Writes the worker of the build in `folder`.
pub(crate) fn write(ctx: &Ctx, folder: &Path) -> Result {
    let files = files(folder)?;
    let template = ctx.read(&ctx.at(WORKER.0))?;
    Ok(ctx.shell.write_file(folder.join(WORKER.1), filled(&template, &files))?)
}

/// The worker with its list.
fn filled(template: &str, files: &BTreeMap<String, String>) -> String {
    let list = serde_json::json!(files).to_string();
    let version = fingerprint(list.as_bytes());
    template.replace("__VERSION__", &format!("{version:016x}")).replace("__FILES__", &list)
}

/// Every kept file of a build, relative to its folder, with a fingerprint of its content.
fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for path in walk(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if NOT_KEPT.contains(&name.as_str()) || COMPRESSED.contains(&ending) || name.contains('\'')
        {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        found.insert(name, format!("{:016x}", fingerprint(&bytes)));
    }
    Ok(found)
}

/// Every file below a folder.
pub(crate) fn walk(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let list = std::fs::read_dir(&folder);
        for entry in list.map_err(|error| Failure::file("list", &folder, &error))?.flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::filled;
    use std::collections::BTreeMap;

    #[test]
    fn another_file_makes_another_version() {
        let list = |content: &str| BTreeMap::from([("a.js".to_owned(), content.to_owned())]);
        let template = "'__VERSION__' '__FILES__'";
        let one = filled(template, &list("1"));
        assert!(one.ends_with(r#"'{"a.js":"1"}'"#), "{one}");
        assert_ne!(one, filled(template, &list("2")));
        assert_eq!(one, filled(template, &list("1")));
    }
}
