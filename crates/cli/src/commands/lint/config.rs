//! `podplay.toml`: which rules are on, how severe they are, and which paths are left out.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use podplay_manifest::{Diagnostic, Severity};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file's name; it is looked for upwards from each text.
pub(crate) const NAME: &str = "podplay.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    lint: Lint,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Lint {
    #[serde(default)]
    select: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    severity: BTreeMap<String, Level>,
    #[serde(default)]
    per_file_ignores: BTreeMap<String, Vec<String>>,
}

/// A severity as it is written in the file.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Advice,
    Note,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Advice => Self::Advice,
            Level::Note => Self::Info,
        }
    }
}

/// The rules that hold for one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    file: Arc<Settings>,
    select: Vec<String>,
    ignore: Vec<String>,
    /// What the command line wants to be assumed.
    pub(super) assume: Option<podplay_manifest::Assume>,
}

#[derive(Debug, Default)]
struct Settings {
    /// The folder in which the configuration stands.
    folder: PathBuf,
    lint: Lint,
    exclude: GlobSet,
    per_file: Vec<(GlobSet, Vec<String>)>,
}

impl Rules {
    /// These rules with what the command line adds; its `--select` takes the place of the file's.
    pub(crate) fn with(
        &self,
        select: &[String],
        ignore: &[String],
        assume: Option<podplay_manifest::Assume>,
    ) -> Self {
        let (select, ignore) = (select.to_vec(), ignore.to_vec());
        Self { file: Arc::clone(&self.file), select, ignore, assume }
    }

    /// Everything is reported, of the same cluster.
    pub(crate) fn without_choice(&self) -> Self {
        Self { assume: self.assume, ..Self::default() }
    }

    /// Whether findings of a code in a file are reported.
    pub(crate) fn wants(&self, code: &str, file: &str) -> bool {
        let among = |list: &[String]| list.iter().any(|prefix| begins(code, prefix));
        let select = if self.select.is_empty() { &self.file.lint.select } else { &self.select };
        let ignored = among(&self.ignore)
            || among(&self.file.lint.ignore)
            || self.file.per_file.iter().any(|(globs, codes)| {
                globs.is_match(self.file.relative(Path::new(file))) && among(codes)
            });
        (select.is_empty() || among(select)) && !ignored
    }

    /// The severity of a finding, the most exact entry first.
    pub(crate) fn severity(&self, found: &Diagnostic) -> Severity {
        let entries = self.file.lint.severity.iter();
        entries
            .filter(|(prefix, _)| begins(found.code, prefix))
            .max_by_key(|(prefix, _)| prefix.len())
            .map_or(found.severity, |(_, level)| (*level).into())
    }

    /// Whether the configuration leaves a path out.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        self.file.exclude.is_match(self.file.relative(path))
    }
}

fn begins(code: &str, prefix: &str) -> bool {
    code.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

impl Settings {
    /// A path as seen from the configuration's folder.
    fn relative(&self, path: &Path) -> PathBuf {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        whole.strip_prefix(&self.folder).map_or(whole.clone(), Path::to_owned)
    }

    fn read(path: &Path) -> Result<Self, String> {
        let said = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
        let lint = toml::from_str::<File>(&text).map_err(|error| said(error.to_string()))?.lint;
        let exclude = globs(&lint.exclude).map_err(said)?;
        let per_file = lint
            .per_file_ignores
            .iter()
            .map(|(glob, codes)| Ok((globs(std::slice::from_ref(glob))?, codes.clone())))
            .collect::<Result<_, String>>()
            .map_err(said)?;
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = whole.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { folder, lint, exclude, per_file })
    }
}

/// Globs as people write them: `*` stays within a folder, `charts/` means all below it,
/// and a name without a slash matches at any depth.
pub(crate) fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let path = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
        let deep = if path.contains('/') { path.to_owned() } else { format!("**/{path}") };
        for glob in [deep.clone(), format!("{deep}/**")] {
            let glob = GlobBuilder::new(&glob).literal_separator(true).build();
            set.add(glob.map_err(|error| error.to_string())?);
        }
    }
    set.build().map_err(|error| error.to_string())
}

/// The configurations that were found, each read once.
#[derive(Debug)]
pub(crate) struct Configs {
    /// The one that holds for all texts.
    fixed: Option<Rules>,
    folders: BTreeMap<PathBuf, Rules>,
}

impl Configs {
    pub(crate) fn new(path: Option<&Path>, isolated: bool) -> Result<Self, String> {
        let fixed = match path {
            Some(path) => Some(Rules { file: Settings::read(path)?.into(), ..Rules::default() }),
            None => isolated.then(Rules::default),
        };
        Ok(Self { fixed, folders: BTreeMap::new() })
    }

    /// The rules for the texts of a folder.
    pub(crate) fn of(&mut self, folder: &Path) -> Result<Rules, String> {
        if let Some(rules) = &self.fixed {
            return Ok(rules.clone());
        }
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        if let Some(rules) = self.folders.get(&folder) {
            return Ok(rules.clone());
        }
        let here = folder.join(NAME);
        let rules = if here.is_file() {
            Rules { file: Settings::read(&here)?.into(), ..Rules::default() }
        } else {
            match folder.parent() {
                Some(parent) => self.of(parent)?,
                None => Rules::default(),
            }
        };
        self.folders.insert(folder, rules.clone());
        Ok(rules)
    }
}
