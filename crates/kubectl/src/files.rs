//! Where `-f` reads from: a folder of the terminal's, or nothing.

/// Files that a command can read.
pub trait Files {
    /// The bytes of a file.
    ///
    /// # Errors
    /// With the operating system's words, such as `no such file or directory`.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
    /// The names in a folder, sorted; `None` if it is no folder. Folders end with `/`.
    fn list(&self, path: &str) -> Option<Vec<String>>;
    /// Whether something stands at that path.
    fn exists(&self, path: &str) -> bool {
        self.list(path).is_some() || self.read(path).is_ok()
    }
}

/// No files at all: the terminal of the page, the Scenario's entries.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("no such file or directory".to_owned())
    }
    fn list(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

/// Files in memory, for tests and for examples.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub std::collections::BTreeMap<String, String>);

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0
            .get(path)
            .map(|text| text.clone().into_bytes())
            .ok_or_else(|| "no such file or directory".to_owned())
    }
    fn list(&self, path: &str) -> Option<Vec<String>> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let inside = |name: &String| {
            let rest = name.strip_prefix(&folder)?;
            Some(rest.find('/').map_or_else(|| rest.to_owned(), |at| rest[..=at].to_owned()))
        };
        let mut names: Vec<String> = self.0.keys().filter_map(inside).collect();
        names.dedup();
        (!names.is_empty()).then_some(names)
    }
}
