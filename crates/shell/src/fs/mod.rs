//! The file system of one container: its root layer, private tmpfs mounts, and mounted volumes.

mod paths;
pub(crate) use paths::{join, normalise};

mod access;
mod errno;
mod image;
mod layers;
mod tree;
mod volumes;

pub use errno::Errno;
pub(crate) use tree::{Device, Ino, ROOT};
pub use tree::{Inode, Kind, Tree};
pub use volumes::Volumes;

use crate::rope::Rope;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Links followed in one look-up before giving up, as in Linux.
const MAX_LINKS: u32 = 40;

/// Which tree an inode lives in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TreeId {
    Root,
    Local(String),
    Volume(String),
    Proc,
}

/// A mounted volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path in the container.
    pub path: String,
    /// Key in [`Volumes`].
    pub volume: String,
    /// Path within the volume that is mounted; empty for its root. May name a file.
    pub sub_path: String,
    /// Whether writing fails.
    pub read_only: bool,
}

/// The identity that permission checks use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cred {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Supplementary groups; those that are not needed repeat the primary one.
    pub(crate) more: [u32; 4],
}

impl Cred {
    pub(crate) fn new(uid: u32, gid: u32, groups: &[u32]) -> Self {
        let mut more = [gid; 4];
        for (slot, group) in more.iter_mut().zip(groups.iter().filter(|group| **group != gid)) {
            *slot = *group;
        }
        Self { uid, gid, more }
    }
}

/// The result of a path look-up.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) tree: TreeId,
    /// The inode, or `None` if only its directory exists.
    pub(crate) ino: Option<Ino>,
    /// The directory in which the last name is looked up.
    pub(crate) dir: Ino,
    pub(crate) name: String,
    /// Normalised absolute path with links resolved.
    pub(crate) path: String,
    pub(crate) read_only: bool,
    pub(crate) is_mount: bool,
}

/// The result of looking up a plain path.
struct Plain<'a> {
    /// The private tmpfs that it is in; the root layer without.
    local: Option<&'a str>,
    ino: Option<Ino>,
    dir: Ino,
    name: &'a str,
}

/// The root layer is lost with the container; volumes are not part of it.
#[derive(Clone, Debug)]
pub struct Fs {
    root: Tree,
    locals: BTreeMap<String, Tree>,
    mounts: Vec<Mount>,
    pub(crate) read_only_root: bool,
    /// Directories of the root layer that stay writable.
    writable: Arc<[String]>,
}

impl Fs {
    /// The root file system of a busybox image.
    #[must_use]
    pub fn busybox() -> Self {
        Self::with_root(image::busybox())
    }

    /// The root file system of a Debian-like image, with bash and curl.
    #[must_use]
    pub fn debian() -> Self {
        Self::with_root(image::debian())
    }

    /// The root file system of a distroless image: no shell and no tools.
    #[must_use]
    pub fn distroless() -> Self {
        Self::with_root(image::distroless())
    }

    /// A file system with this root layer.
    #[must_use]
    pub fn of(root: Tree) -> Self {
        Self::with_root(root)
    }

    fn with_root(root: Tree) -> Self {
        let locals =
            [("/dev".to_owned(), image::dev()), ("/dev/shm".to_owned(), Tree::new(0o1777))];
        Self {
            root,
            locals: locals.into(),
            mounts: Vec::new(),
            read_only_root: false,
            writable: Arc::default(),
        }
    }

    /// Mounts a volume; the mount point is made in the root layer if it is missing.
    pub fn mount(&mut self, mut mount: Mount, volumes: &Volumes) {
        let mut path = normalise(&mount.path);
        // Links among the directories above count, also where the last ones are still to be made.
        let mut above = path.as_str();
        while !above.is_empty() {
            if let Ok(found) = self.look_up(volumes, "/", above, true) {
                path = format!("{}{}", found.path.trim_end_matches('/'), &path[above.len()..]);
                break;
            }
            above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        if path != "/" && !self.locals.contains_key(&path) && self.root.find(&path).is_none() {
            // A failure means that a file is in the way; the mount then hides it.
            let _ = self.root.make_dirs(&path, 0o755);
        }
        mount.path = path;
        self.mounts.retain(|old| old.path != mount.path);
        self.mounts.push(mount);
    }

    /// The mounted volumes.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Changes whenever a program could be found elsewhere in the root layer. `None`: programs
    /// may come from volumes, whose changes are not counted.
    pub(crate) fn program_version(&self) -> Option<u64> {
        let holds_programs = |m: &Mount| {
            m.path.contains("bin") || ["/", "/usr", "/usr/local"].contains(&m.path.as_str())
        };
        (!self.mounts.iter().any(holds_programs)).then(|| self.root.version())
    }

    pub(crate) fn in_memory(&self, tree: &TreeId, volumes: &Volumes) -> bool {
        match tree {
            TreeId::Local(path) => path == "/dev/shm",
            TreeId::Volume(key) => volumes.in_memory(key),
            TreeId::Root | TreeId::Proc => false,
        }
    }

    /// Memory volumes mounted here, each counted once.
    pub(crate) fn memory_in_use(&self, volumes: &Volumes) -> u64 {
        let mut keys: Vec<&str> = self.mounts.iter().map(|m| m.volume.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let shared: u64 = keys
            .iter()
            .filter(|k| volumes.in_memory(k))
            .map(|k| volumes.used_bytes(k))
            .fold(0, u64::saturating_add);
        shared.saturating_add(self.local_memory())
    }

    pub(crate) fn tree<'a>(&'a self, id: &TreeId, volumes: &'a Volumes) -> Option<&'a Tree> {
        match id {
            TreeId::Root => Some(&self.root),
            TreeId::Local(path) => self.locals.get(path),
            TreeId::Volume(key) => volumes.tree(key),
            TreeId::Proc => None,
        }
    }

    pub(crate) fn tree_mut<'a>(
        &'a mut self,
        id: &TreeId,
        volumes: &'a mut Volumes,
    ) -> Option<&'a mut Tree> {
        match id {
            TreeId::Root => Some(&mut self.root),
            TreeId::Local(path) => self.locals.get_mut(path),
            TreeId::Volume(key) => volumes.tree_mut(key),
            TreeId::Proc => None,
        }
    }

    pub(crate) fn node<'a>(&'a self, found: &Found, volumes: &'a Volumes) -> Option<&'a Inode> {
        self.tree(&found.tree, volumes)?.get(found.ino?)
    }

    /// What is mounted at exactly this path.
    fn mounted(&self, path: &str, volumes: &Volumes) -> Option<(TreeId, Option<Ino>, bool)> {
        if let Some(mount) = self.mounts.iter().rev().find(|m| m.path == path) {
            let ino = volumes.tree(&mount.volume).and_then(|t| t.find_linked(&mount.sub_path));
            return Some((TreeId::Volume(mount.volume.clone()), ino, mount.read_only));
        }
        if path == "/proc" {
            return Some((TreeId::Proc, Some(ROOT), true));
        }
        let local = self.locals.contains_key(path);
        local.then(|| (TreeId::Local(path.to_owned()), Some(ROOT), false))
    }

    /// Finds a path. The last component may be missing; a missing directory is an error.
    pub(crate) fn look_up(
        &self,
        volumes: &Volumes,
        cwd: &str,
        path: &str,
        follow: bool,
    ) -> Result<Found, Errno> {
        if path.is_empty() {
            return Err(Errno::NotFound);
        }
        if path.len() >= crate::limits::PATH_BYTES {
            return Err(Errno::NameTooLong);
        }
        let full = join(cwd, path);
        if let Some(found) = self.quick(&full, follow) {
            return found;
        }
        let must_be_dir = path.ends_with('/');
        let mut todo: Vec<String> =
            full.split('/').rev().filter(|c| !c.is_empty()).map(str::to_owned).collect();
        let mut links = 0;
        let mut trail: Vec<Found> = vec![self.root_entry(volumes)];
        while let Some(name) = todo.pop() {
            match name.as_str() {
                "." => continue,
                ".." => {
                    if trail.len() > 1 {
                        trail.pop();
                    }
                    continue;
                }
                _ => {}
            }
            let next = self.enter(volumes, &trail[trail.len() - 1], &name)?;
            let link = match self.node(&next, volumes).map(|node| &node.kind) {
                Some(Kind::Link(target)) if follow || !todo.is_empty() || must_be_dir => {
                    Some(target.clone())
                }
                _ => None,
            };
            if let Some(target) = link {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Errno::Loop);
                }
                if target.starts_with('/') {
                    trail.truncate(1);
                }
                todo.extend(target.split('/').rev().filter(|c| !c.is_empty()).map(str::to_owned));
                continue;
            }
            if next.ino.is_none() && !todo.is_empty() {
                return Err(Errno::NotFound);
            }
            trail.push(next);
        }
        let found = trail.pop().ok_or(Errno::NotFound)?;
        if must_be_dir && self.node(&found, volumes).is_some_and(|node| !node.is_dir()) {
            return Err(Errno::NotDir);
        }
        Ok(found)
    }

    /// The look-up of a plain absolute path without links on it, which is what nearly all are.
    /// `None`: the path needs the full treatment.
    fn quick(&self, full: &str, follow: bool) -> Option<Result<Found, Errno>> {
        let plain = match self.plain(full, follow)? {
            Ok(plain) => plain,
            Err(error) => return Some(Err(error)),
        };
        let tree = plain.local.map_or(TreeId::Root, |path| TreeId::Local(path.to_owned()));
        let read_only = plain.local.is_none() && self.locked(full);
        let (name, path) = (plain.name.to_owned(), full.to_owned());
        let (ino, dir) = (plain.ino, plain.dir);
        Some(Ok(Found { tree, ino, dir, name, path, read_only, is_mount: false }))
    }

    /// Whether a path certainly names nothing: what most look-ups of a program along `PATH` find.
    pub(crate) fn lacks(&self, full: &str) -> bool {
        match self.plain(full, true) {
            Some(Ok(plain)) => plain.ino.is_none(),
            Some(Err(error)) => error == Errno::NotFound,
            None => false,
        }
    }

    fn plain<'a>(&'a self, full: &'a str, follow: bool) -> Option<Result<Plain<'a>, Errno>> {
        let below = |mount: &str| {
            full.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if below("/proc") || self.mounts.iter().any(|m| m.path == "/" || below(&m.path)) {
            return None;
        }
        let local = self.locals.keys().rev().find(|path| below(path));
        let (tree, rest) = match local {
            Some(path) => (self.locals.get(path)?, &full[path.len()..]),
            None => (&self.root, full),
        };
        let mut parts = rest.strip_prefix('/')?.split('/').peekable();
        let mut dir = ROOT;
        loop {
            let part = parts.next()?;
            if matches!(part, "" | "." | "..") {
                return None;
            }
            let last = parts.peek().is_none();
            let ino = match &tree.get(dir)?.kind {
                Kind::Dir(entries) => entries.get(part).copied(),
                _ => return Some(Err(Errno::NotDir)),
            };
            let is_link = ino.and_then(|ino| tree.get(ino)).is_some_and(Inode::is_link);
            if is_link && (follow || !last) {
                return None;
            }
            if last {
                let local = local.map(String::as_str);
                return Some(Ok(Plain { local, ino, dir, name: part }));
            }
            match ino {
                Some(ino) => dir = ino,
                None => return Some(Err(Errno::NotFound)),
            }
        }
    }

    fn root_entry(&self, volumes: &Volumes) -> Found {
        let (tree, ino, read_only) =
            self.mounted("/", volumes).unwrap_or((TreeId::Root, Some(ROOT), self.read_only_root));
        let (name, path) = (String::new(), "/".to_owned());
        Found { tree, ino, dir: ROOT, name, path, read_only, is_mount: true }
    }

    fn enter(&self, volumes: &Volumes, parent: &Found, name: &str) -> Result<Found, Errno> {
        let path = format!("{}/{name}", parent.path.trim_end_matches('/'));
        let dir = parent.ino.ok_or(Errno::NotFound)?;
        let name = name.to_owned();
        if let Some((tree, ino, read_only)) = self.mounted(&path, volumes) {
            return Ok(Found { tree, ino, dir, name, path, read_only, is_mount: true });
        }
        let tree = parent.tree.clone();
        let read_only = if tree == TreeId::Root { self.locked(&path) } else { parent.read_only };
        if tree == TreeId::Proc {
            return Ok(Found {
                tree,
                ino: Some(ROOT),
                dir,
                name,
                path,
                read_only,
                is_mount: false,
            });
        }
        let content = self.tree(&tree, volumes).ok_or(Errno::NotFound)?;
        match content.get(dir).map(|node| &node.kind) {
            Some(Kind::Dir(entries)) => {
                let ino = entries.get(&name).copied();
                Ok(Found { tree, ino, dir, name, path, read_only, is_mount: false })
            }
            Some(_) => Err(Errno::NotDir),
            None => Err(Errno::NotFound),
        }
    }

    /// Writes a whole file from outside (as the kubelet or the runtime does), with parents;
    /// read-only flags do not apply.
    pub fn write_file(
        &mut self,
        volumes: &mut Volumes,
        path: &str,
        bytes: &[u8],
        mode: u16,
    ) -> Result<(), Errno> {
        let found = match self.look_up(volumes, "/", path, true) {
            Err(Errno::NotFound) => {
                self.root.make_dirs(path.rsplit_once('/').map_or("", |p| p.0), 0o755)?;
                self.look_up(volumes, "/", path, true)?
            }
            other => other?,
        };
        let tree = self.tree_mut(&found.tree, volumes).ok_or(Errno::ReadOnly)?;
        match found.ino {
            Some(ino) => {
                let node = tree.get_mut(ino).ok_or(Errno::NotFound)?;
                if node.is_dir() {
                    return Err(Errno::IsDir);
                }
                node.kind = Kind::File(Rope::from(bytes));
                node.mode = mode;
            }
            None => drop(tree.insert(found.dir, &found.name, Inode::file(bytes, mode))?),
        }
        Ok(())
    }

    /// Reads a whole file from outside; at most `max` bytes.
    pub fn read_file(&self, volumes: &Volumes, path: &str, max: u64) -> Result<Vec<u8>, Errno> {
        let found = self.look_up(volumes, "/", path, true)?;
        match self.node(&found, volumes).map(|node| &node.kind) {
            Some(Kind::File(rope)) => Ok(rope.slice(0, max).to_vec()),
            Some(Kind::Dir(_)) => Err(Errno::IsDir),
            Some(_) => Err(Errno::Invalid),
            None => Err(Errno::NotFound),
        }
    }

    /// Removes a file from outside.
    pub fn remove_file(&mut self, volumes: &mut Volumes, path: &str) -> Result<(), Errno> {
        let found = self.look_up(volumes, "/", path, false)?;
        found.ino.ok_or(Errno::NotFound)?;
        let tree = self.tree_mut(&found.tree, volumes).ok_or(Errno::ReadOnly)?;
        tree.unlink(found.dir, &found.name, false)
    }

    /// Makes a directory and its parents from outside.
    pub fn make_dirs(&mut self, volumes: &Volumes, path: &str) -> Result<(), Errno> {
        match self.look_up(volumes, "/", path, true) {
            Ok(found) if self.node(&found, volumes).is_some_and(Inode::is_dir) => Ok(()),
            Ok(found) if found.ino.is_some() => Err(Errno::NotDir),
            _ => self.root.make_dirs(&normalise(path), 0o755).map(|_| ()),
        }
    }

    /// Whether the path exists (links followed), and whether it is a directory.
    #[must_use]
    pub fn exists(&self, volumes: &Volumes, path: &str) -> Option<bool> {
        let found = self.look_up(volumes, "/", path, true).ok()?;
        if found.tree == TreeId::Proc {
            return Some(true);
        }
        self.node(&found, volumes).map(Inode::is_dir)
    }

    /// Permissions and ownership of a path, links followed.
    #[must_use]
    pub fn stat(&self, volumes: &Volumes, path: &str) -> Option<Inode> {
        let found = self.look_up(volumes, "/", path, true).ok()?;
        self.node(&found, volumes).cloned()
    }

    /// Names in a directory, sorted.
    pub fn list(&self, volumes: &Volumes, path: &str) -> Result<Vec<String>, Errno> {
        let found = self.look_up(volumes, "/", path, true)?;
        match self.node(&found, volumes).map(|node| &node.kind) {
            Some(Kind::Dir(entries)) => Ok(entries.keys().cloned().collect()),
            Some(_) => Err(Errno::NotDir),
            None => Err(Errno::NotFound),
        }
    }

    /// Sets owner and permissions from outside (fsGroup, runAsUser homes).
    pub fn set_owner(&mut self, volumes: &mut Volumes, path: &str, uid: u32, gid: u32) {
        if let Ok(found) = self.look_up(volumes, "/", path, true)
            && let (Some(ino), Some(tree)) = (found.ino, self.tree_mut(&found.tree, volumes))
            && let Some(node) = tree.get_mut(ino)
        {
            (node.uid, node.gid) = (uid, gid);
        }
    }
}
