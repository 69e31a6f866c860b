//! One file system tree: an immutable base shared by all containers of an image, and changes on top.

use super::Errno;
use crate::{Nanos, rope::Rope};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An inode number within one tree.
pub(crate) type Ino = u64;

/// The root directory of every tree.
pub(crate) const ROOT: Ino = 1;

/// Character devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// `/dev/null`
    Null,
    /// `/dev/zero`
    Zero,
    /// `/dev/full`
    Full,
    /// `/dev/random` and `/dev/urandom`
    Random,
}

/// What an inode is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A regular file.
    File(Rope),
    /// A directory: names and inodes.
    Dir(BTreeMap<String, Ino>),
    /// A symbolic link and its target.
    Link(String),
    /// A device.
    Device(Device),
    /// A named pipe; its buffer lives in the kernel.
    Fifo,
}

/// A file, directory, link or device.
#[derive(Clone, Debug, PartialEq)]
pub struct Inode {
    /// What it is, with its content.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change of the content, virtual nanoseconds.
    pub mtime: Nanos,
    /// Names that refer to it.
    pub links: u32,
}

impl Inode {
    /// An inode owned by root.
    #[must_use]
    pub fn new(kind: Kind, mode: u16) -> Self {
        Self { kind, mode, uid: 0, gid: 0, mtime: 0, links: 0 }
    }

    /// An empty directory.
    #[must_use]
    pub fn dir(mode: u16) -> Self {
        Self::new(Kind::Dir(BTreeMap::new()), mode)
    }

    /// A regular file.
    #[must_use]
    pub fn file(bytes: &[u8], mode: u16) -> Self {
        Self::new(Kind::File(Rope::from(bytes)), mode)
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Dir(_))
    }

    /// Whether it is a symbolic link.
    #[must_use]
    pub fn is_link(&self) -> bool {
        matches!(self.kind, Kind::Link(_))
    }

    /// Length as `stat` reports it.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(rope) => rope.len(),
            Kind::Dir(_) => 4096,
            Kind::Link(target) => target.len() as u64,
            Kind::Device(_) | Kind::Fifo => 0,
        }
    }
}

/// A whole tree. Cloning it copies only what was changed since the image.
#[derive(Clone, Debug)]
pub struct Tree {
    base: Arc<BTreeMap<Ino, Inode>>,
    upper: BTreeMap<Ino, Option<Arc<Inode>>>,
    next: Ino,
    /// Counts changes of names and attributes, for those who remember look-ups.
    version: u64,
    /// Bytes that processes stored in files of this tree, runs of zeros left out.
    stored: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new(0o755)
    }
}

impl Tree {
    /// An empty tree whose root directory has these permissions.
    #[must_use]
    pub fn new(mode: u16) -> Self {
        let mut root = Inode::dir(mode);
        root.links = 1;
        let upper = BTreeMap::from([(ROOT, Some(Arc::new(root)))]);
        Self { base: Arc::default(), upper, next: ROOT + 1, version: 0, stored: 0 }
    }

    /// What every image has: the usual directories, users and groups, and no program.
    #[must_use]
    pub fn skeleton() -> Self {
        super::image::skeleton()
    }

    /// Makes the present content the shared, immutable base.
    #[must_use]
    pub fn freeze(self) -> Self {
        let mut base = (*self.base).clone();
        for (ino, node) in self.upper {
            match node {
                Some(node) => base.insert(ino, Arc::unwrap_or_clone(node)),
                None => base.remove(&ino),
            };
        }
        Self {
            base: Arc::new(base),
            upper: BTreeMap::new(),
            next: self.next,
            version: 0,
            stored: 0,
        }
    }

    /// The inode, if it exists.
    #[must_use]
    pub fn get(&self, ino: Ino) -> Option<&Inode> {
        match self.upper.get(&ino) {
            Some(node) => node.as_deref(),
            None => self.base.get(&ino),
        }
    }

    /// The inode for changing; copied up from the base first.
    pub fn get_mut(&mut self, ino: Ino) -> Option<&mut Inode> {
        if !self.upper.contains_key(&ino) {
            let node = self.base.get(&ino)?.clone();
            self.upper.insert(ino, Some(Arc::new(node)));
        }
        self.upper.get_mut(&ino)?.as_mut().map(Arc::make_mut)
    }

    /// The inode of `name` in directory `dir`.
    #[must_use]
    pub fn child(&self, dir: Ino, name: &str) -> Option<Ino> {
        match &self.get(dir)?.kind {
            Kind::Dir(entries) => entries.get(name).copied(),
            _ => None,
        }
    }

    /// Adds a new inode under a name.
    pub fn insert(&mut self, dir: Ino, name: &str, node: Inode) -> Result<Ino, Errno> {
        let ino = self.next;
        self.next += 1;
        self.upper.insert(ino, Some(Arc::new(node)));
        self.link(dir, name, ino)?;
        Ok(ino)
    }

    /// Adds a name for an existing inode.
    pub fn link(&mut self, dir: Ino, name: &str, ino: Ino) -> Result<(), Errno> {
        self.version += 1;
        match &mut self.get_mut(dir).ok_or(Errno::NotFound)?.kind {
            Kind::Dir(entries) => entries.insert(name.to_owned(), ino),
            _ => return Err(Errno::NotDir),
        };
        self.get_mut(ino).ok_or(Errno::NotFound)?.links += 1;
        Ok(())
    }

    /// Removes a name. The inode stays while it has other names or `open` says that it is in use;
    /// the caller then calls [`Tree::release`] later.
    pub fn unlink(&mut self, dir: Ino, name: &str, open: bool) -> Result<(), Errno> {
        self.version += 1;
        let removed = match &mut self.get_mut(dir).ok_or(Errno::NotFound)?.kind {
            Kind::Dir(entries) => entries.remove(name).ok_or(Errno::NotFound)?,
            _ => return Err(Errno::NotDir),
        };
        if let Some(node) = self.get_mut(removed) {
            node.links = node.links.saturating_sub(1);
        }
        if !open {
            self.release(removed);
        }
        Ok(())
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Says that attributes or the content of a program may have changed.
    pub(crate) fn touch(&mut self) {
        self.version += 1;
    }

    /// Frees an inode that has no names any more.
    pub fn release(&mut self, ino: Ino) {
        if let Some(node) = self.get(ino).filter(|node| node.links == 0) {
            if let Kind::File(rope) = &node.kind {
                let stored = rope.stored();
                self.count_bytes(stored, 0);
            }
            if self.base.contains_key(&ino) {
                self.upper.insert(ino, None);
            } else {
                self.upper.remove(&ino);
            }
        }
    }

    /// Takes note that a file's stored bytes have changed.
    pub(crate) fn count_bytes(&mut self, before: u64, after: u64) {
        self.stored = (self.stored + after).saturating_sub(before);
    }

    /// Bytes that processes stored in files of this tree, runs of zeros left out.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.stored
    }

    /// Files and directories that were made or changed on top of the base.
    pub(crate) fn changed(&self) -> usize {
        self.upper.len()
    }

    /// Bytes in files that were created or changed on top of the base.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.upper
            .values()
            .flatten()
            .map(|node| match &node.kind {
                Kind::File(rope) => rope.len(),
                _ => 0,
            })
            .fold(0, u64::saturating_add)
    }

    /// Walks `path` below the root by plain names (no links followed).
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Ino> {
        path.split('/').filter(|c| !c.is_empty()).try_fold(ROOT, |dir, name| self.child(dir, name))
    }

    /// Walks `path` below the root, following relative links.
    #[must_use]
    pub fn find_linked(&self, path: &str) -> Option<Ino> {
        let mut path = path.to_owned();
        for _ in 0..8 {
            let mut dir = ROOT;
            let parts: Vec<&str> = path.split('/').filter(|c| !c.is_empty()).collect();
            let mut redirect = None;
            for (n, name) in parts.iter().enumerate() {
                dir = self.child(dir, name)?;
                if let Kind::Link(target) = &self.get(dir)?.kind {
                    let (before, after) = (&parts[..n], &parts[n + 1..]);
                    redirect = Some([before, &[target.as_str()], after].concat().join("/"));
                    break;
                }
            }
            match redirect {
                Some(next) => path = next,
                None => return Some(dir),
            }
        }
        None
    }

    /// Gives all files and directories a group and these bits beside their own.
    pub fn set_group(&mut self, gid: u32, file_bits: u16, dir_bits: u16) {
        let mut stack = vec![ROOT];
        while let Some(ino) = stack.pop() {
            let Some(node) = self.get_mut(ino) else { continue };
            node.gid = gid;
            match &node.kind {
                Kind::Dir(entries) => {
                    stack.extend(entries.values());
                    node.mode |= dir_bits;
                }
                Kind::Link(_) => {}
                _ => node.mode |= file_bits,
            }
        }
    }

    /// Removes a directory with all that is in it.
    pub fn remove_tree(&mut self, dir: Ino, name: &str) -> Result<(), Errno> {
        let ino = self.child(dir, name).ok_or(Errno::NotFound)?;
        let names: Vec<String> = match self.get(ino).map(|node| &node.kind) {
            Some(Kind::Dir(entries)) => entries.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for inner in names {
            self.remove_tree(ino, &inner)?;
        }
        self.unlink(dir, name, false)
    }

    /// The directory at `path`, made with its parents if missing.
    pub fn make_dirs(&mut self, path: &str, mode: u16) -> Result<Ino, Errno> {
        let mut dir = ROOT;
        for name in path.split('/').filter(|c| !c.is_empty()) {
            dir = match self.child(dir, name) {
                Some(ino) => ino,
                None => self.insert(dir, name, Inode::dir(mode))?,
            };
        }
        Ok(dir)
    }

    /// Puts a node at `path`, replacing what is there and making parents.
    pub fn put(&mut self, path: &str, mut node: Inode) -> Result<Ino, Errno> {
        let (parent, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
        let dir = self.make_dirs(parent, 0o755)?;
        if let Some(old) = self.child(dir, name) {
            let slot = self.get_mut(old).ok_or(Errno::NotFound)?;
            node.links = slot.links;
            *slot = node;
            return Ok(old);
        }
        self.insert(dir, name, node)
    }

    /// Paths of all regular files with their content, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut out = Vec::new();
        let mut stack = vec![(String::new(), ROOT)];
        while let Some((path, ino)) = stack.pop() {
            match self.get(ino).map(|node| &node.kind) {
                Some(Kind::Dir(entries)) => {
                    stack.extend(entries.iter().map(|(n, i)| (format!("{path}/{n}"), *i)));
                }
                Some(Kind::File(rope)) => out.push((path, rope.to_vec())),
                _ => {}
            }
        }
        out.sort();
        out
    }
}
