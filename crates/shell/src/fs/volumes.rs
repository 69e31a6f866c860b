//! Storage that outlives a container: the pod's volumes.

use super::{Errno, Inode, Kind, Tree};
use crate::rope::Rope;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
struct Volume {
    tree: Tree,
    memory: bool,
}

/// The volumes of a pod by a key that the simulator chooses.
#[derive(Clone, Debug, Default)]
pub struct Volumes {
    all: BTreeMap<String, Volume>,
    /// Those with no room left.
    full: BTreeSet<String>,
}

impl Volumes {
    /// Makes an empty volume, replacing one of the same key. `memory`: a tmpfs, which counts
    /// against the memory limit of the container that writes to it. `mode`: of its root directory.
    pub fn create(&mut self, key: &str, memory: bool, mode: u16) {
        self.all.insert(key.to_owned(), Volume { tree: Tree::new(mode), memory });
    }

    /// Removes a volume with its content.
    pub fn remove(&mut self, key: &str) {
        self.all.remove(key);
    }

    /// Moves a volume here from another collection, if it is there.
    pub fn take_from(&mut self, key: &str, other: &mut Self, other_key: &str) {
        if let Some(volume) = other.all.remove(other_key) {
            self.all.insert(key.to_owned(), volume);
        }
    }

    /// Makes a directory, with parents, unless something is at the path.
    pub fn make_dirs(&mut self, key: &str, path: &str) {
        if let Some(tree) = self.tree_mut(key).filter(|tree| tree.find_linked(path).is_none()) {
            let _ = tree.make_dirs(path, 0o777);
        }
    }

    /// Whether the volume exists.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.all.contains_key(key)
    }

    /// The volume's tree.
    #[must_use]
    pub fn tree(&self, key: &str) -> Option<&Tree> {
        self.all.get(key).map(|volume| &volume.tree)
    }

    /// The volume's tree for changing.
    pub fn tree_mut(&mut self, key: &str) -> Option<&mut Tree> {
        self.all.get_mut(key).map(|volume| &mut volume.tree)
    }

    /// Says which volumes have no room left: their files cannot grow.
    pub fn set_full(&mut self, keys: BTreeSet<String>) {
        self.full = keys;
    }

    /// Whether nothing more can be written to the volume.
    #[must_use]
    pub fn is_full(&self, key: &str) -> bool {
        self.full.contains(key)
    }

    /// Whether any volume has no room left.
    #[must_use]
    pub fn any_full(&self) -> bool {
        !self.full.is_empty()
    }

    /// Whether the volume is a tmpfs.
    #[must_use]
    pub fn in_memory(&self, key: &str) -> bool {
        self.all.get(key).is_some_and(|volume| volume.memory)
    }

    /// Bytes in the volume's files.
    #[must_use]
    pub fn used_bytes(&self, key: &str) -> u64 {
        self.tree(key).map_or(0, Tree::used_bytes)
    }

    /// Writes a whole file (config maps, secrets, tokens), with parents.
    pub fn write(&mut self, key: &str, path: &str, bytes: &[u8], mode: u16) -> Result<(), Errno> {
        let tree = self.tree_mut(key).ok_or(Errno::NotFound)?;
        tree.put(path, Inode::new(Kind::File(Rope::from(bytes)), mode)).map(|_| ())
    }

    /// Reads a whole file.
    #[must_use]
    pub fn read(&self, key: &str, path: &str) -> Option<Vec<u8>> {
        let tree = self.tree(key)?;
        match &tree.get(tree.find_linked(path)?)?.kind {
            Kind::File(rope) => Some(rope.to_vec()),
            _ => None,
        }
    }

    /// Puts files into a folder of their own and lets links lead to them, all at once: programs see all of the old files
    /// or all of the new ones. `folder` is the folder's name if anything is new; old folders go unless `keep`.
    ///
    /// Models `pkg/volume/util/atomic_writer.go`.
    pub fn write_atomically(
        &mut self,
        key: &str,
        folder: &str,
        files: &[(String, String, u16)],
        (now, keep): (crate::Nanos, bool),
    ) {
        let Some(tree) = self.tree_mut(key) else { return };
        let data = super::ROOT;
        let old =
            tree.child(data, "..data").and_then(|ino| tree.get(ino)).map(|node| match &node.kind {
                Kind::Link(target) => target.clone(),
                _ => String::new(),
            });
        let same = |path: &str, text: &str, mode: u16| {
            let node = tree.find_linked(&format!("..data/{path}")).and_then(|ino| tree.get(ino));
            node.is_some_and(|node| match &node.kind {
                Kind::File(rope) => {
                    rope.to_vec() == text.as_bytes() && node.mode & 0o7337 == mode & 0o7337
                }
                _ => false,
            })
        };
        let count = old.as_ref().map_or(0, |folder| {
            tree.files().iter().filter(|(path, _)| path.starts_with(&format!("/{folder}/"))).count()
        });
        if old.is_some()
            && count == files.len()
            && files.iter().all(|(path, text, mode)| same(path, text, *mode))
        {
            return;
        }
        let _ = tree.make_dirs(folder, 0o755);
        for (path, text, mode) in files {
            let mut node = Inode::new(Kind::File(Rope::from(text.as_bytes())), *mode);
            node.mtime = now;
            let _ = tree.put(&format!("{folder}/{path}"), node);
        }
        let _ = tree.put("..data", Inode::new(Kind::Link(folder.to_owned()), 0o777));
        let tops: BTreeSet<&str> = files
            .iter()
            .filter_map(|(path, ..)| path.trim_start_matches('/').split('/').next())
            .collect();
        for top in &tops {
            let _ = tree.put(top, Inode::new(Kind::Link(format!("..data/{top}")), 0o777));
        }
        let names: Vec<String> = match tree.get(data).map(|node| &node.kind) {
            Some(Kind::Dir(entries)) => entries.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for name in names {
            let stale = if name.starts_with("..") {
                name != "..data" && name != folder && !keep
            } else {
                !tops.contains(name.as_str())
            };
            if stale {
                let _ = tree.remove_tree(data, &name);
            }
        }
    }

    /// Removes one file or link by its path.
    pub fn remove_file(&mut self, key: &str, path: &str) -> Result<(), Errno> {
        let tree = self.tree_mut(key).ok_or(Errno::NotFound)?;
        let path = path.trim_matches('/');
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = tree.find(parent).ok_or(Errno::NotFound)?;
        tree.unlink(dir, name, false)
    }
}
