//! A change of a pod's resources in place.

use podplay_api::{Pod, PodCondition};
use std::sync::Arc;

/// A change of resources that is asked for or under way.
#[derive(Clone, Debug, Default)]
pub struct Resize {
    /// What the API asks for, while that has not been granted.
    pub(super) desired: Option<Arc<Pod>>,
    pub(super) pending: Option<PodCondition>,
    pub(super) progress: Option<PodCondition>,
}
