//! What the runtime tells the kubelet at once.

use super::instance::{ExecEnd, Hook, Purpose};
use crate::ids::{ContainerIx, Uid};

/// Something that happened in a container.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The runtime changed: the next relist will see it.
    Changed(Uid),
    /// The main process ended, with this code.
    Exited(Uid, ContainerIx, i32),
    /// Files were written.
    Wrote(Uid),
    /// A hook ended, with this error.
    HookEnded(Uid, ContainerIx, Hook, Option<String>),
    /// The command of a probe or a hook ended.
    ExecEnded {
        /// The pod.
        uid: Uid,
        /// The container.
        ix: ContainerIx,
        /// What it was for.
        purpose: Purpose,
        /// The command.
        command: Vec<String>,
        /// How it ended.
        end: ExecEnd,
    },
}
