//! File operations of a running process.

mod whole;

mod names;

use super::desc::{DescId, DescKind, OpenMode};
use super::procfs::Entry;
use super::sys::{Io, Sys};
use crate::fs::{Cred, Device, Errno, Found, Ino, Inode, Kind, Tree, TreeId, normalise};
use crate::rope::Rope;
use crate::{EffectKind, Nanos, limits};
use std::sync::Arc;

/// File types as `ls` and `test` see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileType {
    File,
    Dir,
    Link,
    Device,
    Fifo,
}

/// What `stat(2)` says.
#[derive(Clone, Debug)]
pub(crate) struct Stat {
    pub(crate) file_type: FileType,
    pub(crate) mode: u16,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) size: u64,
    pub(crate) mtime: Nanos,
    pub(crate) links: u32,
    pub(crate) ino: Ino,
    pub(crate) tree: TreeId,
}

/// What an attribute change needs: to own the inode, or to be able to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Owner,
    /// As `Owner`, on the link itself.
    Link,
    Content,
}

impl Stat {
    pub(crate) fn is_dir(&self) -> bool {
        self.file_type == FileType::Dir
    }

    fn of(found: &Found, node: &Inode) -> Self {
        let file_type = match node.kind {
            Kind::File(_) => FileType::File,
            Kind::Dir(_) => FileType::Dir,
            Kind::Link(_) => FileType::Link,
            Kind::Device(_) => FileType::Device,
            Kind::Fifo => FileType::Fifo,
        };
        let subdirs = u32::from(node.is_dir());
        Self {
            file_type,
            mode: node.mode,
            uid: node.uid,
            gid: node.gid,
            size: node.size(),
            mtime: node.mtime,
            links: node.links + subdirs,
            ino: found.ino.unwrap_or(0),
            tree: found.tree.clone(),
        }
    }

    fn of_proc(entry: &Entry) -> Self {
        let (file_type, mode) = match entry {
            Entry::Dir(_) => (FileType::Dir, 0o555),
            Entry::File(_) => (FileType::File, 0o444),
            Entry::Link(_) => (FileType::Link, 0o777),
            Entry::Fd(_) => (FileType::Fifo, 0o700),
        };
        Self {
            file_type,
            mode,
            uid: 0,
            gid: 0,
            size: 0,
            mtime: 0,
            links: 1,
            ino: 1,
            tree: TreeId::Proc,
        }
    }
}

impl Sys<'_> {
    fn cred(&self) -> Cred {
        self.proc().cred
    }

    pub(crate) fn look_up(&mut self, path: &str, follow: bool) -> Result<Found, Errno> {
        let cwd = self.proc().cwd.clone();
        // The way down a deep path is written out at each of its parts.
        let length = (cwd.len() + path.len()) as u64;
        self.cost += length * length / 4096;
        let found = self.u.fs.look_up(self.host.volumes(), &cwd, path, follow)?;
        self.may_search(&found)?;
        Ok(found)
    }

    /// Directories on the way need the execute bit.
    fn may_search(&mut self, found: &Found) -> Result<(), Errno> {
        let cred = self.cred();
        if cred.uid == 0 || found.tree == TreeId::Proc {
            return Ok(());
        }
        let dir = self.u.fs.tree(&found.tree, self.host.volumes()).and_then(|t| t.get(found.dir));
        match dir {
            Some(dir) if !found.is_mount && dir.is_dir() && !dir.allows(cred, 1) => {
                Err(Errno::Access)
            }
            _ => Ok(()),
        }
    }

    fn entry(&mut self, found: &Found) -> Result<Entry, Errno> {
        self.u.proc_entry(self.pid, &found.path).ok_or(Errno::NotFound)
    }

    pub(crate) fn stat(&mut self, path: &str, follow: bool) -> Result<Stat, Errno> {
        let found = self.look_up(path, follow)?;
        if found.tree == TreeId::Proc {
            return self.entry(&found).map(|entry| Stat::of_proc(&entry));
        }
        let node = self.u.fs.node(&found, self.host.volumes()).ok_or(Errno::NotFound)?;
        Ok(Stat::of(&found, node))
    }

    /// `access(2)`: 4 read, 2 write, 1 execute.
    pub(crate) fn access(&mut self, path: &str, bits: u16) -> bool {
        let Ok(found) = self.look_up(path, true) else { return false };
        let cred = self.cred();
        if found.tree == TreeId::Proc {
            return self.entry(&found).is_ok() && bits & 3 == 0;
        }
        let read_only = found.read_only && bits & 2 != 0;
        let node = self.u.fs.node(&found, self.host.volumes());
        node.is_some_and(|node| node.allows(cred, bits)) && !read_only
    }

    pub(crate) fn list(&mut self, path: &str) -> Result<Vec<String>, Errno> {
        let found = self.look_up(path, true)?;
        if found.tree == TreeId::Proc {
            return match self.entry(&found)? {
                Entry::Dir(names) => Ok(names),
                _ => Err(Errno::NotDir),
            };
        }
        let cred = self.cred();
        let node = self.u.fs.node(&found, self.host.volumes()).ok_or(Errno::NotFound)?;
        match &node.kind {
            Kind::Dir(_) if !node.allows(cred, 4) => Err(Errno::Access),
            Kind::Dir(entries) => {
                let mut names: Vec<String> = entries.keys().cloned().collect();
                self.cost += names.len() as u64 / 8;
                self.add_mount_points(&found.path, &mut names);
                Ok(names)
            }
            _ => Err(Errno::NotDir),
        }
    }

    fn add_mount_points(&mut self, path: &str, names: &mut Vec<String>) {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let below =
            |full: &str| full.strip_prefix(&prefix).filter(|n| !n.contains('/')).map(str::to_owned);
        names.extend(self.u.fs.mounts().iter().filter_map(|m| below(&m.path)));
        if path == "/" {
            names.extend(["dev".to_owned(), "proc".to_owned()]);
        }
        names.sort();
        names.dedup();
    }

    pub(crate) fn read_link(&mut self, path: &str) -> Result<String, Errno> {
        let found = self.look_up(path, false)?;
        if found.tree == TreeId::Proc {
            return match self.entry(&found)? {
                Entry::Link(target) => Ok(target),
                _ => Err(Errno::Invalid),
            };
        }
        match self.u.fs.node(&found, self.host.volumes()).map(|n| &n.kind) {
            Some(Kind::Link(target)) => Ok(target.clone()),
            Some(_) => Err(Errno::Invalid),
            None => Err(Errno::NotFound),
        }
    }

    /// Opens a file; the result is an owned reference.
    pub(crate) fn open(&mut self, path: &str, mode: OpenMode) -> Result<DescId, Errno> {
        let found = self.look_up(path, true)?;
        if found.tree == TreeId::Proc {
            return self.open_proc(&found, mode);
        }
        let Some(ino) = found.ino else { return self.create_file(&found, mode) };
        if mode.exclusive {
            return Err(Errno::Exists);
        }
        let cred = self.cred();
        let node = self.u.fs.node(&found, self.host.volumes()).ok_or(Errno::NotFound)?;
        if mode.write && node.is_dir() {
            return Err(Errno::IsDir);
        }
        if mode.write && found.read_only && matches!(node.kind, Kind::File(_)) {
            return Err(Errno::ReadOnly);
        }
        let wanted = if mode.read { 4 } else { 0 } | if mode.write { 2 } else { 0 };
        if !node.allows(cred, wanted) {
            return Err(Errno::Access);
        }
        let kind = match &node.kind {
            Kind::Dir(_) => DescKind::Dir,
            Kind::Device(Device::Null) => DescKind::Null,
            Kind::Device(Device::Zero) => DescKind::Zero,
            Kind::Device(Device::Full) => DescKind::Full,
            Kind::Device(Device::Random) => DescKind::Random,
            Kind::Fifo => DescKind::Null,
            Kind::File(_) | Kind::Link(_) => self.file_kind(&found, ino, mode),
        };
        let fifo =
            self.u.fs.node(&found, self.host.volumes()).is_some_and(|n| n.kind == Kind::Fifo);
        let kind = if fifo { self.fifo_kind(&found.tree, ino, mode) } else { kind };
        let id = self.u.new_desc(kind, mode);
        if mode.write && mode.truncate && !fifo {
            self.truncate(id, &found, ino);
        }
        Ok(id)
    }

    fn file_kind(&self, found: &Found, ino: Ino, mode: OpenMode) -> DescKind {
        let path: Arc<str> = found.path.as_str().into();
        DescKind::File { tree: found.tree.clone(), ino, path, append: mode.append }
    }

    fn fifo_kind(&mut self, tree: &TreeId, ino: Ino, mode: OpenMode) -> DescKind {
        let pipe = self.u.named_pipe(tree, ino);
        match (mode.read, mode.write) {
            (true, true) => DescKind::Fifo(pipe),
            (true, false) => DescKind::PipeRead(pipe),
            _ => DescKind::PipeWrite(pipe),
        }
    }

    fn truncate(&mut self, id: DescId, found: &Found, ino: Ino) {
        let now = self.local_now();
        let Some(tree) = self.u.fs.tree_mut(&found.tree, self.host.volumes()) else { return };
        if let Some(node) = tree.get_mut(ino)
            && let Kind::File(rope) = &mut node.kind
        {
            let before = rope.stored();
            *rope = Rope::default();
            node.mtime = now;
            if node.mode & 0o111 != 0 {
                tree.touch();
            }
            tree.count_bytes(before, 0);
            self.note_write(id, &found.path);
        }
    }

    fn create_file(&mut self, found: &Found, mode: OpenMode) -> Result<DescId, Errno> {
        if !mode.create {
            return Err(Errno::NotFound);
        }
        let permissions = 0o666 & !self.proc().umask;
        let ino = self.create(found, Kind::File(Rope::default()), permissions)?;
        let kind = self.file_kind(found, ino, mode);
        let id = self.u.new_desc(kind, mode);
        self.note_write(id, &found.path);
        Ok(id)
    }

    fn open_proc(&mut self, found: &Found, mode: OpenMode) -> Result<DescId, Errno> {
        match self.entry(found)? {
            Entry::Fd(id) => {
                self.u.retain_desc(id);
                Ok(id)
            }
            Entry::File(bytes) if !mode.write => {
                Ok(self.u.new_desc(DescKind::Static(Arc::new(Rope::from(bytes))), OpenMode::READ))
            }
            Entry::File(_) => Err(Errno::Access),
            Entry::Dir(_) if mode.write => Err(Errno::IsDir),
            Entry::Dir(_) => Ok(self.u.new_desc(DescKind::Dir, OpenMode::READ)),
            Entry::Link(_) => Err(Errno::NotFound),
        }
    }

    fn note_write(&mut self, id: DescId, path: &str) {
        let now = self.u.now;
        let Some(desc) = self.u.descs.get_mut(&id) else { return };
        if desc.noted != Some(now) {
            desc.noted = Some(now);
            self.effect(EffectKind::Wrote { path: path.to_owned() });
        }
    }

    pub(super) fn write_file_desc(&mut self, id: DescId, data: &Rope) -> Io<u64> {
        let Some(desc) = self.u.descs.get(&id) else { return Io::Err(Errno::BadFd) };
        let DescKind::File { tree, ino, path, append } = desc.kind.clone() else {
            return Io::Err(Errno::BadFd);
        };
        let (offset, now) = (desc.offset, self.local_now());
        let full = matches!(&tree, TreeId::Volume(key) if self.host.volumes().is_full(key));
        if full && !data.is_empty() {
            return Io::Err(Errno::NoSpace);
        }
        let Some(content) = self.u.fs.tree_mut(&tree, self.host.volumes()) else {
            return Io::Err(Errno::NoSpace);
        };
        if data.stored() > 0 && content.stored_bytes() + data.stored() > limits::DISK_BYTES {
            self.meet("bytes in files");
            return Io::Err(Errno::NoSpace);
        }
        let Some(Inode { kind: Kind::File(rope), mtime, .. }) = content.get_mut(ino) else {
            return Io::Err(Errno::BadFd);
        };
        let at = if append { rope.len() } else { offset };
        if at.saturating_add(data.len()) > limits::FILE_BYTES {
            return Io::Err(Errno::TooLarge);
        }
        if at != rope.len() {
            // The rest of the file is copied.
            self.cost += rope.stored() / limits::BYTES_PER_STEP;
        }
        let before = rope.stored();
        rope.write_at(at, data);
        let (before, after) = (before, rope.stored());
        *mtime = now;
        content.count_bytes(before, after);
        if let Some(desc) = self.u.descs.get_mut(&id) {
            desc.offset = at + data.len();
        }
        self.note_write(id, &path);
        if self.u.fs.in_memory(&tree, self.host.volumes()) {
            self.check_memory(0);
        }
        Io::Ready(data.len())
    }

    /// Moves a description's offset (`dd skip=`, `tail`).
    pub(crate) fn seek(&mut self, fd: u32, offset: u64) {
        if let Some(id) = self.desc(fd)
            && let Some(desc) = self.u.descs.get_mut(&id)
        {
            desc.offset = offset;
        }
    }

    /// Cuts or extends the file behind a descriptor.
    pub(crate) fn set_len(&mut self, fd: u32, len: u64) -> Result<(), Errno> {
        if len > limits::FILE_BYTES {
            return Err(Errno::TooLarge);
        }
        let Some(id) = self.desc(fd) else { return Ok(()) };
        let Some(DescKind::File { tree, ino, .. }) = self.u.desc_kind(id).cloned() else {
            return Ok(());
        };
        if let Some(tree) = self.u.fs.tree_mut(&tree, self.host.volumes())
            && let Some(Inode { kind: Kind::File(rope), .. }) = tree.get_mut(ino)
        {
            let before = rope.stored();
            rope.set_len(len);
            let after = rope.stored();
            tree.count_bytes(before, after);
        }
        Ok(())
    }

    /// Length of the regular file behind a descriptor.
    pub(crate) fn file_len(&mut self, fd: u32) -> Option<u64> {
        let id = self.desc(fd)?;
        match self.u.desc_kind(id)?.clone() {
            DescKind::File { tree, ino, .. } => {
                self.u.fs.tree(&tree, self.host.volumes())?.get(ino).map(Inode::size)
            }
            DescKind::Static(rope) => Some(rope.len()),
            _ => None,
        }
    }

    /// The inode behind a descriptor of a regular file.
    pub(crate) fn fd_ino(&self, fd: u32) -> Option<Ino> {
        match self.u.desc_kind(self.desc(fd)?)? {
            DescKind::File { ino, .. } => Some(*ino),
            _ => None,
        }
    }

    /// Opens a file at the lowest free descriptor from 3 on.
    pub(crate) fn open_fd(&mut self, path: &str, mode: OpenMode) -> Result<u32, Errno> {
        let id = self.open(path, mode)?;
        Ok(self.install_from(3, id))
    }

    /// Changes an inode's attributes after checking who may.
    pub(crate) fn change(
        &mut self,
        path: &str,
        how: Change,
        edit: impl FnOnce(&mut Inode),
    ) -> Result<(), Errno> {
        let found = self.look_up(path, how != Change::Link)?;
        let cred = self.cred();
        let ino = found.ino.ok_or(Errno::NotFound)?;
        if found.read_only {
            return Err(Errno::ReadOnly);
        }
        let tree = self.u.fs.tree_mut(&found.tree, self.host.volumes()).ok_or(Errno::NotFound)?;
        let node = tree.get_mut(ino).ok_or(Errno::NotFound)?;
        if cred.uid != 0 && cred.uid != node.uid {
            if how != Change::Content {
                return Err(Errno::Perm);
            }
            if !node.allows(cred, 2) {
                return Err(Errno::Access);
            }
        }
        edit(node);
        tree.touch();
        Ok(())
    }

    pub(crate) fn set_mtime(&mut self, path: &str, at: Nanos) -> Result<(), Errno> {
        let full = self.look_up(path, true)?.path;
        self.change(path, Change::Content, |node| node.mtime = at)?;
        self.effect(EffectKind::Wrote { path: full });
        Ok(())
    }

    pub(crate) fn chdir(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.look_up(path, true)?;
        if found.path.len() >= limits::PATH_BYTES {
            return Err(Errno::NameTooLong);
        }
        let cred = self.cred();
        if found.tree == TreeId::Proc {
            match self.entry(&found)? {
                Entry::Dir(_) => {}
                _ => return Err(Errno::NotDir),
            }
        } else {
            let node = self.u.fs.node(&found, self.host.volumes()).ok_or(Errno::NotFound)?;
            if !node.is_dir() {
                return Err(Errno::NotDir);
            }
            if !node.allows(cred, 1) {
                return Err(Errno::Access);
            }
        }
        self.proc_mut().cwd = found.path.into();
        Ok(())
    }

    pub(crate) fn absolute(&self, path: &str) -> String {
        normalise(&crate::fs::join(&self.proc().cwd, path))
    }
}
