//! Pure text and geometry from snapshots and traces.
//!
#![doc = include_str!("../README.md")]

pub mod describe;
pub mod duration;
pub mod events;
pub mod get;
pub mod json;
pub mod labels;
pub mod table;
pub mod timeline;
