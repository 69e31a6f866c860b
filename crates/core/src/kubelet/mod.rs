//! The kubelet: one worker for each pod, a relist of the runtime once a second, probes, volumes, status.

pub mod backoff;
pub mod compute_actions;
pub mod disks;
pub mod environment;
pub mod etc;
pub mod eviction;
pub mod hooks;
pub mod images;
pub mod node;
pub mod phase;
pub mod pleg;
pub mod pod_worker;
pub mod prober;
pub mod resize;
mod settled;
mod start;
pub mod status;
mod sync;
pub mod termination;
pub mod volumes;
mod worker;

pub use node::NodeAgent;
pub use pod_worker::{on_pod, on_pod_removed};
pub use worker::{ContainerRt, EndedBy, Kill, KillStage, Sandbox, Stage, Terminate, Worker};

pub(crate) use sync::advance as advance_task;
pub(crate) use worker::{container_subject, pod_subject};
