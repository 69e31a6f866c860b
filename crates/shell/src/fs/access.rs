//! Who may do what with a file.

use super::{Cred, Inode};

impl Inode {
    /// Whether `cred` may do what the bits (4 read, 2 write, 1 execute) ask for.
    pub(crate) fn allows(&self, cred: Cred, bits: u16) -> bool {
        if cred.uid == 0 {
            return bits & 1 == 0 || self.is_dir() || self.mode & 0o111 != 0;
        }
        let shift = if cred.uid == self.uid {
            6
        } else if cred.gid == self.gid || cred.more.contains(&self.gid) {
            3
        } else {
            0
        };
        self.mode >> shift & bits == bits
    }
}
