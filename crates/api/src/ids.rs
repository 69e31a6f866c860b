//! Numbers that others than the cluster speak of.

use serde::{Deserialize, Serialize};

/// Numbers records in the order in which they happened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct RecordId(pub u32);
