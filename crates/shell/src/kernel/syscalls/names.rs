//! Making, removing and renaming files.

use super::*;

impl Sys<'_> {
    pub(super) fn writable_dir(&mut self, found: &Found) -> Result<&mut Tree, Errno> {
        if found.tree == TreeId::Proc {
            return Err(Errno::Perm);
        }
        if found.read_only {
            return Err(Errno::ReadOnly);
        }
        let cred = self.cred();
        let tree = self.u.fs.tree_mut(&found.tree, self.host.volumes()).ok_or(Errno::NotFound)?;
        let dir = tree.get(found.dir).ok_or(Errno::NotFound)?;
        if !dir.allows(cred, 2) {
            return Err(Errno::Access);
        }
        Ok(tree)
    }

    /// Makes a new inode where `found` has none.
    pub(crate) fn create(&mut self, found: &Found, kind: Kind, mode: u16) -> Result<Ino, Errno> {
        if found.ino.is_some() {
            return Err(Errno::Exists);
        }
        if found.name.len() > 255 {
            return Err(Errno::NameTooLong);
        }
        let (cred, now) = (self.cred(), self.local_now());
        let full = self.writable_dir(found)?.changed() >= limits::FILES;
        if full {
            self.meet("files");
            return Err(Errno::NoSpace);
        }
        let tree = self.writable_dir(found)?;
        let mut node = Inode::new(kind, mode);
        (node.uid, node.gid, node.mtime) = (cred.uid, cred.gid, now);
        if let Some(dir) = tree.get(found.dir).filter(|dir| dir.mode & 0o2000 != 0) {
            node.gid = dir.gid;
            node.mode |= if node.is_dir() { 0o2000 } else { 0 };
        }
        tree.insert(found.dir, &found.name, node)
    }

    pub(crate) fn mkdir(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        let found = self.look_up(path, false)?;
        let mode = mode & !self.proc().umask;
        self.create(&found, Kind::Dir(Default::default()), mode)?;
        self.effect(EffectKind::Wrote { path: found.path });
        Ok(())
    }

    pub(crate) fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        if target.len() >= limits::PATH_BYTES {
            return Err(Errno::NameTooLong);
        }
        let found = self.look_up(path, false)?;
        self.create(&found, Kind::Link(target.to_owned()), 0o777).map(|_| ())
    }

    pub(crate) fn mkfifo(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        let found = self.look_up(path, false)?;
        let mode = mode & !self.proc().umask;
        self.create(&found, Kind::Fifo, mode).map(|_| ())
    }

    pub(crate) fn hard_link(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.look_up(from, false)?;
        let target = self.look_up(to, false)?;
        let ino = source.ino.ok_or(Errno::NotFound)?;
        if target.ino.is_some() {
            return Err(Errno::Exists);
        }
        if source.tree != target.tree {
            return Err(Errno::CrossDevice);
        }
        self.writable_dir(&target)?.link(target.dir, &target.name, ino)
    }

    pub(crate) fn unlink(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.look_up(path, false)?;
        let ino = found.ino.ok_or(Errno::NotFound)?;
        if found.tree != TreeId::Proc
            && self.u.fs.node(&found, self.host.volumes()).is_some_and(Inode::is_dir)
        {
            return Err(Errno::IsDir);
        }
        self.remove_name(&found, ino)
    }

    pub(crate) fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.look_up(path, false)?;
        let ino = found.ino.ok_or(Errno::NotFound)?;
        let node = self.u.fs.node(&found, self.host.volumes()).ok_or(Errno::NotFound)?;
        match &node.kind {
            Kind::Dir(entries) if !entries.is_empty() => return Err(Errno::NotEmpty),
            Kind::Dir(_) => {}
            _ => return Err(Errno::NotDir),
        }
        self.remove_name(&found, ino)
    }

    pub(super) fn remove_name(&mut self, found: &Found, ino: Ino) -> Result<(), Errno> {
        if found.is_mount {
            return Err(Errno::Busy);
        }
        let open = self.u.is_open(&found.tree, ino);
        self.writable_dir(found)?.unlink(found.dir, &found.name, open)?;
        self.effect(EffectKind::Removed { path: found.path.clone() });
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.look_up(from, false)?;
        let target = self.look_up(to, false)?;
        let ino = source.ino.ok_or(Errno::NotFound)?;
        if source.tree != target.tree {
            return Err(Errno::CrossDevice);
        }
        if source.is_mount || target.is_mount {
            return Err(Errno::Busy);
        }
        if source.path == target.path {
            return Ok(());
        }
        if target.path.starts_with(&format!("{}/", source.path)) {
            return Err(Errno::Invalid);
        }
        self.writable_dir(&source)?;
        if let Some(old) = target.ino.filter(|old| *old != ino) {
            self.replaceable(&source, &target)?;
            self.remove_name(&target, old)?;
        }
        let tree = self.writable_dir(&target)?;
        tree.link(target.dir, &target.name, ino)?;
        tree.unlink(source.dir, &source.name, true)?;
        self.effect(EffectKind::Removed { path: source.path });
        self.effect(EffectKind::Wrote { path: target.path });
        Ok(())
    }

    pub(super) fn replaceable(&mut self, source: &Found, target: &Found) -> Result<(), Errno> {
        let volumes = self.host.volumes();
        let moved = self.u.fs.node(source, volumes).is_some_and(Inode::is_dir);
        let over = self.u.fs.node(target, volumes).ok_or(Errno::NotFound)?;
        match (&over.kind, moved) {
            (Kind::Dir(_), false) => Err(Errno::IsDir),
            (Kind::Dir(entries), true) if !entries.is_empty() => Err(Errno::NotEmpty),
            (Kind::Dir(_), true) | (_, false) => Ok(()),
            (_, true) => Err(Errno::NotDir),
        }
    }
}
