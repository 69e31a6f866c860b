//! From the words of the command line to the texts to look at.

use super::config::{Configs, Rules, globs};
use crate::files;
use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// One text to look at.
#[derive(Debug)]
pub(crate) struct Target {
    /// The path as it is printed; `-` for standard input.
    pub(crate) file: String,
    /// The text, where it had to be read already.
    pub(crate) text: Option<String>,
    pub(crate) rules: Rules,
}

/// All texts, in order, and how many files of folders hold no manifest.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub(crate) files: Vec<Target>,
    pub(crate) passed_over: usize,
}

/// Finds the texts that paths, folders and globs stand for.
pub(crate) fn find(
    words: &[String],
    exclude: &[String],
    configs: &mut Configs,
) -> Result<Targets, String> {
    let exclude = globs(exclude)?;
    let mut out = Targets::default();
    for word in words {
        let path = Path::new(word);
        if word == "-" {
            let rules = configs.of(Path::new("."))?;
            let text = Some(files::read("-")?);
            out.files.push(Target { file: word.clone(), text, rules });
        } else if path.is_dir() {
            folder(path, None, &exclude, configs, &mut out)?;
        } else if !path.exists() && word.contains(['*', '?', '[', '{']) {
            let before = out.files.len();
            folder(&base(path), Some(word), &exclude, configs, &mut out)?;
            if out.files.len() == before {
                return Err(format!("{word}: no file matches"));
            }
        } else {
            // A file that is named is read whatever a configuration leaves out.
            let rules = configs.of(path.parent().unwrap_or(Path::new("")))?;
            out.files.push(Target { file: word.clone(), text: None, rules });
        }
    }
    out.files.sort_by(|a, b| a.file.cmp(&b.file));
    out.files.dedup_by(|a, b| a.file == b.file);
    Ok(out)
}

/// The part of a glob before its first wildcard.
fn base(glob: &Path) -> PathBuf {
    let plain = glob
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']));
    let base: PathBuf = plain.collect();
    if base.as_os_str().is_empty() { PathBuf::from(".") } else { base }
}

/// The manifests below a folder, of those that match the glob.
fn folder(
    folder: &Path,
    glob: Option<&str>,
    exclude: &globset::GlobSet,
    configs: &mut Configs,
    out: &mut Targets,
) -> Result<(), String> {
    let matches = glob.map(|glob| globs(&[glob.to_owned()])).transpose()?;
    for entry in WalkBuilder::new(folder).require_git(false).build() {
        let entry = entry.map_err(|error| error.to_string())?;
        let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if !entry.file_type().is_some_and(|kind| kind.is_file())
            || !matches!(ending, "yaml" | "yml" | "json")
            || matches.as_ref().is_some_and(|globs| !globs.is_match(path))
            || exclude.is_match(path)
        {
            continue;
        }
        let rules = configs.of(path.parent().unwrap_or(Path::new("")))?;
        if rules.excludes(path) {
            continue;
        }
        let file = path.to_string_lossy().into_owned();
        let text = files::read(&file)?;
        if holds_manifest(&text, ending) {
            out.files.push(Target { file, text: Some(text), rules });
        } else {
            out.passed_over += 1;
        }
    }
    Ok(())
}

/// Whether a file of a folder is meant for Kubernetes: one that is named is always read.
fn holds_manifest(text: &str, ending: &str) -> bool {
    if ending == "json" {
        return text.contains("\"apiVersion\"") && text.contains("\"kind\"");
    }
    let begins = |key: &str| {
        text.lines().any(|line| {
            let line = line.strip_prefix("- ").unwrap_or(line);
            line.starts_with(key) || line.trim_start_matches(['{', '"', '\'']).starts_with(key)
        })
    };
    begins("apiVersion") && begins("kind")
}

#[cfg(test)]
mod tests {
    use super::{base, holds_manifest};
    use std::path::Path;

    #[test]
    fn a_globs_folder() {
        for (glob, folder) in [
            ("k8s/**/*.yaml", "k8s"),
            ("*.yaml", "."),
            ("/a/b/c?.yml", "/a/b"),
            ("a/{b,c}/d.yaml", "a"),
        ] {
            assert_eq!(base(Path::new(glob)), Path::new(folder), "{glob}");
        }
    }

    #[test]
    fn what_is_a_manifest() {
        for (text, ending, wanted) in [
            ("apiVersion: v1\nkind: Pod\n", "yaml", true),
            ("# a\n---\nkind: Pod\napiVersion: v1\n", "yml", true),
            ("services:\n  web: {image: nginx}\n", "yaml", false),
            ("- apiVersion: v1\n  kind: Pod\n", "yaml", false),
            ("{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}", "json", true),
            ("{\"name\": \"podplay\"}", "json", false),
        ] {
            assert_eq!(holds_manifest(text, ending), wanted, "{text}");
        }
    }
}
