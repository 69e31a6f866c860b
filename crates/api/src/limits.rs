//! Limits that reading a text and the cluster have in common.

use std::time::Duration;

/// Pods in a cluster, and pods that the objects of one text may ask for together (replicas counted).
pub const PODS: usize = 1_000;
/// Largest text that is read, in bytes.
pub const TEXT_BYTES: usize = 4 << 20;
/// The longest time that a run may reach: a leap year.
pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);
