//! Numbers that name things: pods, containers, instances, records, execs.

pub use podplay_api::RecordId;

/// Numbers pods in the order in which they were stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u32);

/// Index of a container within its pod: init containers, then regular ones, then ephemeral ones.
pub type ContainerIx = u16;

/// Numbers container instances in the order in which they were created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceId(pub u32);

/// Numbers the execs of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExecId(pub u32);

/// A container of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) uid: Uid,
    pub(crate) ix: ContainerIx,
}
