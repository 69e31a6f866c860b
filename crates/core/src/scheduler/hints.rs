//! Queueing hints: which changes may make a pod fit that was turned down.
//!
//! Models the `isSchedulableAfter…` functions of `pkg/scheduler/framework/plugins/*`.

use crate::apiserver::store::Resource;
use crate::fit::{affine, host_ports, selected, tolerates_taints};
use crate::scheduler::state::Plugin;
use podplay_api::{NodeSpec, Pod};

/// Whether a pod that ended or is gone made room for `waiting`.
pub(super) fn after_gone(waiting: &Pod, plugins: &[Plugin], gone: &Pod) -> bool {
    !gone.spec.node_name.is_empty()
        && plugins.iter().any(|plugin| match plugin {
            Plugin::NodeResourcesFit => true,
            Plugin::NodePorts => {
                host_ports(&gone.spec).any(|port| host_ports(&waiting.spec).any(|own| own == port))
            }
            Plugin::InterPodAffinity => repels(waiting, gone) || repels(gone, waiting),
            Plugin::PodTopologySpread => spreads_over(waiting, gone),
            _ => false,
        })
}

/// Whether a pod that was bound or relabelled is one that `waiting` wants to be near to, or is to be evened out with.
pub(super) fn after_placed(waiting: &Pod, plugins: &[Plugin], placed: &Pod) -> bool {
    plugins.iter().any(|plugin| match plugin {
        Plugin::InterPodAffinity => {
            let mut terms = waiting.spec.affinity.pod_affinity.required.iter();
            terms.any(|term| selected(term, &waiting.meta.namespace, placed))
        }
        Plugin::PodTopologySpread => spreads_over(waiting, placed),
        _ => false,
    })
}

/// Whether a node that changed takes `waiting` now, as far as the filters go that turned it down.
pub(super) fn after_node(
    waiting: &Pod,
    plugins: &[Plugin],
    name: &str,
    node: &Resource,
    relabelled: bool,
) -> bool {
    let spec: NodeSpec = node.typed_spec();
    plugins.iter().any(|plugin| match plugin {
        Plugin::NodeUnschedulable => !spec.unschedulable,
        Plugin::TaintToleration => tolerates_taints(waiting, &spec.taints),
        Plugin::NodeAffinity => relabelled && affine(&waiting.spec, name, &node.meta.labels),
        Plugin::InterPodAffinity | Plugin::PodTopologySpread => relabelled,
        Plugin::NodePorts | Plugin::NodeResourcesFit => false,
        Plugin::NodeName => true,
    })
}

/// Whether `pod` does not want to be where `other` is.
fn repels(pod: &Pod, other: &Pod) -> bool {
    let mut terms = pod.spec.affinity.pod_anti_affinity.required.iter();
    terms.any(|term| selected(term, &pod.meta.namespace, other))
}

fn spreads_over(pod: &Pod, other: &Pod) -> bool {
    pod.meta.namespace == other.meta.namespace
        && pod.spec.topology_spread_constraints.iter().any(|constraint| {
            let selector = constraint.label_selector.as_ref();
            selector.is_some_and(|selector| selector.matches(&other.meta.labels))
        })
}
