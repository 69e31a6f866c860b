//! What of the layers can be written, and how much they hold.

use super::{Fs, Tree};

impl Fs {
    /// Directories that stay writable where the root layer is read-only: an image's own volumes.
    pub fn keep_writable(&mut self, dirs: &[String]) {
        self.writable = dirs.into();
    }

    /// Whether a path of the root layer cannot be written.
    pub(super) fn locked(&self, path: &str) -> bool {
        let open = |dir: &String| {
            path.strip_prefix(dir.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.read_only_root && !self.writable.iter().any(open)
    }

    /// Bytes in the writable root layer, for ephemeral-storage accounting.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.root.used_bytes()
    }

    /// Bytes in the container's private tmpfs mounts, which count as memory.
    #[must_use]
    pub(crate) fn local_memory(&self) -> u64 {
        self.locals.values().map(Tree::used_bytes).fold(0, u64::saturating_add)
    }
}
