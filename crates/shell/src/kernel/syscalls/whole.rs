//! Whole files: read, written, changed.

use super::*;

impl Sys<'_> {
    /// The whole content of a file, for those that need it at once. What has no end, or is too
    /// large, takes the container out of memory.
    pub(crate) fn read_all(&mut self, path: &str) -> Result<Rope, Errno> {
        self.read_whole(path, limits::PROCESS_BYTES)
    }
    /// The content of a file to be copied: zeros take no room.
    pub(crate) fn read_sparse(&mut self, path: &str) -> Result<Rope, Errno> {
        self.read_whole(path, limits::FILE_BYTES)
    }
    pub(super) fn read_whole(&mut self, path: &str, most: u64) -> Result<Rope, Errno> {
        let id = self.open(path, OpenMode::READ)?;
        let endless = matches!(
            self.u.desc_kind(id),
            Some(DescKind::Zero | DescKind::Full | DescKind::Random)
        );
        let most = if endless { limits::PROCESS_BYTES } else { most };
        let data = match self.read_desc(id, most + 1) {
            Io::Ready(data) if endless || data.len() > most => {
                self.exhaust("bytes of a process");
                Err(Errno::NoMemory)
            }
            Io::Ready(data) => {
                self.pay(if most < limits::FILE_BYTES { data.len() } else { 0 });
                Ok(data)
            }
            Io::Err(error) => Err(error),
            Io::Block(_) => Err(Errno::Invalid),
        };
        self.u.release_desc(id);
        data
    }
    /// Replaces the whole content of a file.
    pub(crate) fn write_all(&mut self, path: &str, data: &Rope) -> Result<(), Errno> {
        let id = self.open(path, OpenMode::WRITE)?;
        let result = self.write_desc(id, data, true);
        self.u.release_desc(id);
        match result {
            Io::Err(error) => Err(error),
            _ => Ok(()),
        }
    }
}
