//! Everything that the runtime needs to create a container.

use podplay_api::{LinuxUser, ResourceRequirements};
use podplay_shell::Mount;

/// Everything that the runtime needs to create a container.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The image.
    pub image: String,
    /// Program and arguments; empty for the image's own.
    pub command: Vec<String>,
    /// Environment in order.
    pub env: Vec<(String, String)>,
    /// Working directory, empty for the image's own.
    pub cwd: String,
    /// User and groups.
    pub user: LinuxUser,
    /// Mounted volumes.
    pub mounts: Vec<Mount>,
    /// Requests and limits.
    pub resources: ResourceRequirements,
    /// The root file system is not writable.
    pub read_only_root: bool,
    /// File of the last words.
    pub message_path: String,
}
