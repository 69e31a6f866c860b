//! What the API server answers when it refuses.

use core::fmt;

/// A refusal: its reason and its message, as `kubectl` prints them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The class.
    pub reason: Reason,
    /// The message.
    pub message: String,
}

/// Classes of refusals, by `metav1.StatusReason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 404.
    NotFound,
    /// 409, on create.
    AlreadyExists,
    /// 409, on update or delete.
    Conflict,
    /// 403.
    Forbidden,
    /// 400.
    BadRequest,
    /// 422.
    Invalid,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalError,
}

impl Reason {
    /// The word in `Error from server (Word)`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "NotFound",
            Self::AlreadyExists => "AlreadyExists",
            Self::Conflict => "Conflict",
            Self::Forbidden => "Forbidden",
            Self::BadRequest => "BadRequest",
            Self::Invalid => "Invalid",
            Self::TooManyRequests => "TooManyRequests",
            Self::InternalError => "InternalError",
        }
    }
}

impl ApiError {
    /// A refusal.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
    /// `pods "x" not found`; `resource` is the plural with its group: `deployments.apps`.
    pub fn not_found(resource: &str, name: &str) -> Self {
        Self::new(Reason::NotFound, format!("{resource} \"{name}\" not found"))
    }
}

impl ApiError {
    /// Whether nothing could be made because the namespace is being deleted.
    pub fn namespace_ends(&self) -> bool {
        self.reason == Reason::Forbidden && self.message.ends_with(TERMINATING)
    }
}

/// How the refusal in a namespace that is being deleted ends.
pub(super) const TERMINATING: &str = "because it is being terminated";

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason == Reason::Invalid {
            // kubectl leaves out the reason where the object itself is wrong.
            return write!(f, "The {}", self.message);
        }
        write!(f, "Error from server ({}): {}", self.reason.as_str(), self.message)
    }
}
impl std::error::Error for ApiError {}

/// The plural of a kind with its group, as messages name resources.
pub fn resource_of(kind: &str) -> String {
    let group = match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ControllerRevision" => ".apps",
        "Job" | "CronJob" => ".batch",
        "PodDisruptionBudget" => ".policy",
        "PriorityClass" => ".scheduling.k8s.io",
        "EndpointSlice" => ".discovery.k8s.io",
        "Ingress" | "NetworkPolicy" => ".networking.k8s.io",
        "HorizontalPodAutoscaler" => ".autoscaling",
        _ => "",
    };
    let lower = kind.to_ascii_lowercase();
    let plural = match lower.as_str() {
        "endpoints" => lower,
        _ if lower.ends_with('s') => format!("{lower}es"),
        _ if lower.ends_with('y') => format!("{}ies", &lower[..lower.len() - 1]),
        _ => format!("{lower}s"),
    };
    format!("{plural}{group}")
}
