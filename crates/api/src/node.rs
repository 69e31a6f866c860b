//! Nodes.

use crate::{Quantity, Timestamp, raw_object};
use std::collections::BTreeMap;

raw_object! {
    /// `spec` of a node.
    pub struct NodeSpec {
        /// What repels pods.
        pub taints: Vec<Taint> = "taints",
        /// Cordoned.
        pub unschedulable: bool = "unschedulable",
        /// Addresses for pods.
        pub pod_cidr: String = "podCIDR",
    }
}
raw_object! {
    /// Repels pods that do not tolerate it.
    pub struct Taint {
        /// Its key.
        pub key: String = "key",
        /// Its value.
        pub value: String = "value",
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        pub effect: String = "effect",
        /// Since when, for `NoExecute`.
        pub time_added: Option<Timestamp> = "timeAdded",
    }
}
raw_object! {
    /// `status` of a node.
    pub struct NodeStatus {
        /// All of it.
        pub capacity: BTreeMap<String, Quantity> = "capacity",
        /// What pods may use.
        pub allocatable: BTreeMap<String, Quantity> = "allocatable",
        /// Ready and the pressures.
        pub conditions: Vec<NodeCondition> = "conditions",
    }
}
raw_object! {
    /// One condition of a node.
    pub struct NodeCondition {
        /// Such as `Ready`.
        pub kind: String = "type",
        /// `True`, `False` or `Unknown`.
        pub status: String = "status",
        /// Last report.
        pub last_heartbeat_time: Option<Timestamp> = "lastHeartbeatTime",
        /// When `status` last changed.
        pub last_transition_time: Option<Timestamp> = "lastTransitionTime",
        /// One word.
        pub reason: String = "reason",
        /// For people.
        pub message: String = "message",
    }
}

impl crate::Toleration {
    /// Whether it tolerates `taint`.
    ///
    /// Models `staging/api/core/v1/toleration.go` ToleratesTaint.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        (self.effect.is_empty() || self.effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && match self.operator.as_str() {
                "" | "Equal" => self.value == taint.value,
                "Exists" => true,
                _ => false,
            }
    }
}
