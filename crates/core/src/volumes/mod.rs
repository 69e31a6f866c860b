//! Storage: claims with the volumes behind them, and what outlives a pod.

pub mod claims;
pub mod disks;
