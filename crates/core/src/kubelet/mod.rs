//! The kubelet: one worker for each pod, a relist of the runtime once a second, probes, volumes, status.

pub(crate) mod agent;
pub mod backoff;
pub mod compute_actions;
mod dns;
pub mod environment;
pub mod eviction;
pub mod hooks;
pub mod images;
pub(crate) mod mounts;
pub mod node;
pub(crate) mod notices;
pub mod phase;
pub mod pleg;
pub mod pod_worker;
pub mod prober;
pub(crate) mod requests;
pub mod resize;
pub(crate) mod resizing;
mod settled;
mod situation;
mod start;
pub mod status;
pub(crate) mod steps;
mod sync;
pub(crate) mod task;
pub mod termination;
pub(crate) mod view;
pub mod volumes;
pub(crate) mod worker;

pub use agent::NodeAgent;
pub use pod_worker::{on_pod, on_pod_removed};
pub use worker::{ContainerRt, EndedBy, Kill, KillStage, Sandbox, Stage, Terminate, Worker};

pub(crate) use sync::advance as advance_task;
