//! Counts what each language leaves to be said in English. A missing entry stops nothing.

use crate::ctx::Ctx;
use crate::failure::Result;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The folder of the languages, and the one that has every entry.
const LOCALES: &str = "www/locales";
const FIRST: &str = "en";

/// Says for each language how many entries it has not.
pub(crate) fn check(ctx: &Ctx) -> Result<String> {
    let root = ctx.at(LOCALES);
    let all = entries(&root.join(FIRST));
    let mut said = vec![format!("{} entries", all.len())];
    for tag in folders(&root).iter().filter(|tag| *tag != FIRST) {
        let own = entries(&root.join(tag));
        said.push(format!("{tag}: {} missing", all.difference(&own).count()));
    }
    Ok(said.join(", "))
}

fn folders(root: &Path) -> BTreeSet<String> {
    let found = fs::read_dir(root).into_iter().flatten().flatten();
    found.filter_map(|one| one.file_name().into_string().ok()).collect()
}

/// The entries of a language: file and name.
fn entries(folder: &Path) -> BTreeSet<String> {
    let files = folders(folder).into_iter().filter(|file| file.ends_with(".ftl"));
    let of = |file: String| {
        let text = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        names(&text).map(|name| format!("{file}/{name}")).collect::<Vec<_>>()
    };
    files.flat_map(of).collect()
}

/// The names that begin a line.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let name = |line: &'_ str| -> Option<usize> {
        let (name, _) = line.split_once('=')?;
        let name = name.trim_end();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(word))
            .then_some(name.len())
    };
    text.lines().filter_map(move |line| Some(&line[..name(line)?]))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn entries_are_named_at_the_beginning_of_a_line() {
        let text = "# a = b\none = 1\ntwo-words =\n    x = y\n## Group\nthree= 3\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["one", "two-words", "three"]);
    }
}
