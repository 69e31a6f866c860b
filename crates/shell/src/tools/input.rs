//! Reading operands one after another, or standard input.

use super::Cx;
use crate::kernel::{Io, OpenMode, Wait};
use crate::rope::Rope;
use std::collections::VecDeque;

/// Bytes taken at once.
pub(super) const CHUNK: u64 = 65_536;

/// The files named by a tool's operands.
#[derive(Clone, Debug)]
pub(super) struct Input {
    files: VecDeque<String>,
    current: Option<(u32, String)>,
    /// A file could not be opened or read.
    pub(super) failed: bool,
    /// Name files in messages as `name: reason` instead of `can't open 'name': reason`.
    pub(super) short: bool,
    /// Say nothing about missing files.
    pub(super) silent: bool,
}

/// What comes next from an [`Input`].
#[derive(Debug)]
pub(super) enum Get {
    Data(Rope),
    /// A file ended; its name.
    EndOfFile(String),
    Wait(Wait),
    End,
}

impl Input {
    /// No operands mean standard input.
    pub(super) fn new(operands: &[String]) -> Self {
        let mut files: VecDeque<String> = operands.iter().cloned().collect();
        if files.is_empty() {
            files.push_back("-".to_owned());
        }
        Self { files, current: None, failed: false, short: false, silent: false }
    }

    /// The file that is being read.
    pub(super) fn name(&self) -> &str {
        self.current.as_ref().map_or("-", |(_, name)| name.as_str())
    }

    fn fail(&mut self, cx: &mut Cx<'_, '_>, name: &str, error: crate::Errno, opening: bool) {
        self.failed = true;
        if self.silent {
            return;
        }
        match (self.short, opening) {
            (false, true) => cx.warn(&format!("can't open '{name}': {error}")),
            (false, false) => cx.warn(&format!("read error: {error}")),
            (true, _) => cx.warn(&format!("{name}: {error}")),
        }
    }

    pub(super) fn get(&mut self, cx: &mut Cx<'_, '_>, max: u64) -> Get {
        loop {
            let Some((fd, _)) = &self.current else {
                let Some(name) = self.files.pop_front() else { return Get::End };
                if name == "-" {
                    self.current = Some((0, name));
                    continue;
                }
                match cx.sys.open_fd(&name, OpenMode::READ) {
                    Ok(fd) => self.current = Some((fd, name)),
                    Err(error) => self.fail(cx, &name, error, true),
                }
                continue;
            };
            let fd = *fd;
            match cx.sys.read(fd, max) {
                Io::Ready(data) if data.is_empty() => return Get::EndOfFile(self.close(cx)),
                Io::Ready(data) => return Get::Data(data),
                Io::Block(wait) => return Get::Wait(wait),
                Io::Err(error) => {
                    let name = self.name().to_owned();
                    self.fail(cx, &name, error, false);
                    self.close(cx);
                }
            }
        }
    }

    /// Leaves the current file.
    pub(super) fn close(&mut self, cx: &mut Cx<'_, '_>) -> String {
        match self.current.take() {
            Some((0, name)) => name,
            Some((fd, name)) => {
                cx.sys.close(fd);
                name
            }
            None => String::new(),
        }
    }
}
