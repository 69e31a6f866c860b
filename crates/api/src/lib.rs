//! The types of Kubernetes that podplay models: specs, statuses, events, quantities, time. No behaviour.
//!
#![doc = include_str!("../README.md")]

pub mod assume;
pub mod container;
pub mod event;
pub mod fault;
pub mod hash;
pub mod ids;
pub mod length;
pub mod limits;
pub mod meta;
pub mod node;
pub mod pod;
pub mod probe;
pub mod quantity;
pub mod raw;
pub mod status;
pub mod time;
pub mod volume;
pub mod workload;
mod zone;

pub use assume::{Assume, Topic, is_public_name};
pub use container::*;
pub use event::*;
pub use fault::Fault;
pub use ids::RecordId;
pub use meta::*;
pub use node::*;
pub use pod::*;
pub use probe::*;
pub use quantity::Quantity;
pub use raw::{FromRaw, ToRaw};
pub use serde_json::{Map, Value, json};
pub use status::*;
pub use time::{SimTime, Timestamp};
pub use volume::*;
pub use workload::*;
pub use zone::Zone;
