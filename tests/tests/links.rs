//! The documents' links: each leads to a file of the project, and each `#` to a heading of it.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders with documents.
const FOLDERS: &[&str] = &["", "docs", "tests/e2e", "www/embed", ".github"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All documents: of the folders above and of each crate.
fn documents() -> Vec<PathBuf> {
    let crates = fs::read_dir(root().join("crates")).expect("the crates are part of the project");
    let crates = crates.map(|entry| entry.expect("an entry").path());
    let folders = FOLDERS.iter().map(|folder| root().join(folder)).chain(crates);
    let files = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.sort();
    paths
}

/// The lines of a document that are not in a fenced block.
fn prose(document: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    document.lines().enumerate().filter(move |(_, line)| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !fence && !inside
    })
}

/// The targets of a line's links: `[words](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The name by which a heading is linked: small letters, hyphens for spaces, no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// What is wrong with a link that stands in `document`, if anything is.
fn complaint(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => document.to_path_buf(),
        file => document.parent().expect("a folder").join(file),
    };
    if !path.exists() {
        return Some(format!("{target}: there is no such file"));
    }
    if heading.is_empty() {
        return None;
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let known = prose(&text)
        .filter_map(|(_, line)| line.strip_prefix('#'))
        .any(|line| anchor(line.trim_start_matches('#')) == heading);
    (!known).then(|| format!("{target}: there is no such heading"))
}

#[test]
fn links_lead_somewhere() {
    let (mut count, mut wrong) = (0, Vec::new());
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a readable document");
        for (line, words) in prose(&text) {
            for target in targets(words) {
                count += 1;
                let found = complaint(&path, target);
                wrong.extend(found.map(|what| format!("{}:{}: {what}", path.display(), line + 1)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 50, "the documents have {count} links");
}

#[test]
fn the_index_names_every_page() {
    let folder = root().join("docs");
    let index = fs::read_to_string(folder.join("README.md")).expect("the index");
    let pages = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry"));
    for page in pages.map(|page| page.file_name().to_string_lossy().into_owned()) {
        let listed =
            !page.ends_with(".md") || page == "README.md" || index.contains(&format!("({page})"));
        assert!(listed, "docs/{page}");
    }
}

#[test]
fn wrong_links_are_found() {
    let page = root().join("docs/README.md");
    assert!(complaint(&page, "nothing.md").is_some());
    assert!(complaint(&page, "cli.md#no-such-heading").is_some());
    assert_eq!(complaint(&page, "cli.md#exit-statuses"), None);
}
