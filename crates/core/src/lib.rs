//! The pure state machine of a small cluster on virtual time: commands in, records out.
//!
#![doc = include_str!("../README.md")]
// Within a private module `pub` means "for its siblings"; the module decides who else sees it.
#![allow(unreachable_pub)]

pub mod apiserver;
mod cluster;
pub mod command;
mod conditions;
pub mod config;
pub mod controllers;
pub mod events;
pub mod faults;
mod fit;
pub mod holds;
pub mod ids;
pub mod images;
mod impact;
pub mod kubelet;
pub mod limits;
pub mod network;
pub mod queue;
pub mod random;
pub mod record;
mod resources;
pub mod runtime;
pub mod scheduler;
mod step;
pub mod traffic;
pub mod version;
mod volumes;
pub mod world;

pub use cluster::{Budget, Cluster, Progress};
pub use command::{Applied, Command, DeleteOptions, ExecId, Propagation, Traffic};
pub use config::{Config, Cpu, ImageBehaviour, Latencies, NodeConfig, Profile};
pub use holds::{Hold, Wait, holds};
pub use queue::{Timer, WakeReason};
pub use record::{Decision, Origin, Record, RecordId, Subject, What};
pub use version::{Kubernetes, Version};
pub use world::World;
