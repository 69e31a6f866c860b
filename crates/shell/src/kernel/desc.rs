//! Open file descriptions and pipes, with their reference counts.

use crate::fs::{Ino, TreeId};
use crate::rope::Rope;
use crate::{Nanos, Session, Stream, Userland};
use std::sync::Arc;

pub(crate) type DescId = u32;
pub(crate) type PipeId = u32;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenMode {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) create: bool,
    pub(crate) truncate: bool,
    pub(crate) append: bool,
    pub(crate) exclusive: bool,
}

impl OpenMode {
    const NONE: Self = Self {
        read: false,
        write: false,
        create: false,
        truncate: false,
        append: false,
        exclusive: false,
    };
    pub(crate) const READ: Self = Self { read: true, ..Self::NONE };
    pub(crate) const WRITE: Self = Self { write: true, create: true, truncate: true, ..Self::NONE };
    pub(crate) const APPEND: Self = Self { write: true, create: true, append: true, ..Self::NONE };
    pub(crate) const READ_WRITE: Self =
        Self { read: true, write: true, create: true, ..Self::NONE };
    pub(crate) const NO_TRUNCATE: Self = Self { write: true, create: true, ..Self::NONE };
    pub(crate) const EXCLUSIVE: Self =
        Self { write: true, create: true, exclusive: true, ..Self::NONE };
}

#[derive(Clone, Debug)]
pub(crate) enum DescKind {
    Null,
    Zero,
    Full,
    Random,
    Static(Arc<Rope>),
    File {
        tree: TreeId,
        ino: Ino,
        path: Arc<str>,
        append: bool,
    },
    Dir,
    PipeRead(PipeId),
    PipeWrite(PipeId),
    /// Both ends of a named pipe opened by one descriptor.
    Fifo(PipeId),
    Out {
        session: Session,
        stream: Stream,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Desc {
    pub(crate) refs: u32,
    pub(crate) kind: DescKind,
    pub(crate) offset: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// A `Wrote` effect was already given at this time.
    pub(crate) noted: Option<Nanos>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe {
    pub(crate) buffer: Rope,
    pub(crate) readers: u32,
    pub(crate) writers: u32,
    /// The inode of a named pipe.
    pub(crate) named: Option<(TreeId, Ino)>,
}

impl Userland {
    /// A description with one reference. `access` says what it may be used for.
    pub(crate) fn new_desc(&mut self, kind: DescKind, access: OpenMode) -> DescId {
        let id = self.next_desc;
        self.next_desc += 1;
        match &kind {
            DescKind::Out { session, .. } => self.session_outputs(*session, 1),
            DescKind::PipeRead(pipe) => self.pipe_ends(*pipe, 1, 0),
            DescKind::PipeWrite(pipe) => self.pipe_ends(*pipe, 0, 1),
            DescKind::Fifo(pipe) => self.pipe_ends(*pipe, 1, 1),
            _ => {}
        }
        let (readable, writable) = (access.read, access.write);
        let desc = Desc { refs: 1, kind, offset: 0, readable, writable, noted: None };
        self.descs.insert(id, desc);
        id
    }

    fn pipe_ends(&mut self, pipe: PipeId, readers: i32, writers: i32) {
        let Some(found) = self.pipes.get_mut(&pipe) else { return };
        found.readers = found.readers.saturating_add_signed(readers);
        found.writers = found.writers.saturating_add_signed(writers);
        if found.readers == 0 && found.writers == 0 {
            self.pipes.remove(&pipe);
        }
    }

    pub(crate) fn retain_desc(&mut self, id: DescId) {
        if let Some(desc) = self.descs.get_mut(&id) {
            desc.refs += 1;
        }
    }

    /// Drops one reference; the last one closes. Returns the file whose inode may now be freed.
    pub(crate) fn release_desc(&mut self, id: DescId) {
        let Some(desc) = self.descs.get_mut(&id) else { return };
        desc.refs -= 1;
        if desc.refs > 0 {
            return;
        }
        let Some(desc) = self.descs.remove(&id) else { return };
        match desc.kind {
            DescKind::Out { session, .. } => self.session_outputs(session, -1),
            DescKind::PipeRead(pipe) => self.pipe_ends(pipe, -1, 0),
            DescKind::PipeWrite(pipe) => self.pipe_ends(pipe, 0, -1),
            DescKind::Fifo(pipe) => self.pipe_ends(pipe, -1, -1),
            DescKind::File { tree, ino, .. } => self.orphans.push((tree, ino)),
            _ => {}
        }
    }

    /// Whether some process has the file open.
    pub(crate) fn is_open(&self, tree: &TreeId, ino: Ino) -> bool {
        self.descs.values().any(
            |d| matches!(&d.kind, DescKind::File { tree: t, ino: i, .. } if t == tree && *i == ino),
        )
    }

    pub(crate) fn new_pipe(&mut self) -> (DescId, DescId) {
        let pipe = self.next_pipe;
        self.next_pipe += 1;
        self.pipes.insert(pipe, Pipe::default());
        let read = self.new_desc(DescKind::PipeRead(pipe), OpenMode::READ);
        (read, self.new_desc(DescKind::PipeWrite(pipe), OpenMode::WRITE))
    }

    /// The buffer of a named pipe, made on the first opening.
    pub(crate) fn named_pipe(&mut self, tree: &TreeId, ino: Ino) -> PipeId {
        let named = Some((tree.clone(), ino));
        if let Some((id, _)) = self.pipes.iter().find(|(_, pipe)| pipe.named == named) {
            return *id;
        }
        let id = self.next_pipe;
        self.next_pipe += 1;
        self.pipes.insert(id, Pipe { named, ..Pipe::default() });
        id
    }

    /// Whether reading would not block.
    pub(crate) fn readable(&self, id: DescId) -> bool {
        let Some(desc) = self.descs.get(&id) else { return true };
        match desc.kind {
            DescKind::PipeRead(pipe) | DescKind::Fifo(pipe) => {
                let pipe = self.pipes.get(&pipe);
                pipe.is_none_or(|p| !p.buffer.is_empty() || (p.writers == 0 && p.named.is_none()))
                    || pipe.is_some_and(|p| {
                        p.named.is_some() && p.writers == 0 && desc.noted.is_some()
                    })
            }
            _ => true,
        }
    }

    /// Whether writing would not block.
    pub(crate) fn writable(&self, id: DescId) -> bool {
        let Some(desc) = self.descs.get(&id) else { return true };
        match desc.kind {
            DescKind::PipeWrite(pipe) | DescKind::Fifo(pipe) => {
                let Some(pipe) = self.pipes.get(&pipe) else { return true };
                let full = pipe.buffer.len() >= crate::limits::PIPE_BYTES;
                (pipe.readers == 0 && pipe.named.is_none()) || (pipe.readers > 0 && !full)
            }
            _ => true,
        }
    }
}
