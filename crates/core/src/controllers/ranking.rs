//! Which pods a ReplicaSet deletes first.
//!
//! Models `pkg/controller/controller_utils.go` ActivePodsWithRanks.

use super::common::{Numbered, is_ready, ready_since, whole};
use podplay_api::{Pod, PodPhase, Timestamp};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// Annotation: pods with a lower cost go first.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Sorts pods so that those to be deleted come first. `related` are the pods of all ReplicaSets of the same owner.
pub fn rank(pods: &mut [Numbered], related: &[Numbered], now: Timestamp) {
    let mut on_node: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, pod) in related {
        *on_node.entry(pod.spec.node_name.as_str()).or_default() += 1;
    }
    let crowd = |pod: &Pod| on_node.get(pod.spec.node_name.as_str()).copied().unwrap_or(0);
    // Pods that are alike in all of this come in no order upstream; here the newest goes first.
    pods.sort_by(|(a_uid, a), (b_uid, b)| {
        let plain = |pod: &Pod| {
            (
                !pod.spec.node_name.is_empty(),
                phase_rank(pod.status.phase),
                is_ready(pod),
                cost(pod),
                Reverse(crowd(pod)),
            )
        };
        let alike = || b_uid.cmp(a_uid);
        plain(a).cmp(&plain(b)).then_with(|| by_age(a, b, now)).then_with(alike)
    });
}

const fn phase_rank(phase: PodPhase) -> u8 {
    match phase {
        PodPhase::Pending => 0,
        PodPhase::Unknown => 1,
        _ => 2,
    }
}

fn cost(pod: &Pod) -> i32 {
    pod.meta.annotations.get(COST).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn restarts(pod: &Pod) -> u32 {
    pod.status.container_statuses.iter().map(|status| status.restart_count).max().unwrap_or(0)
}

fn by_age(a: &Pod, b: &Pod, now: Timestamp) -> Ordering {
    if is_ready(a) && is_ready(b) {
        let order = newer(ready_since(a), ready_since(b), a, b, now);
        if order != Ordering::Equal {
            return order;
        }
    }
    let created = |pod: &Pod| pod.meta.creation_timestamp.map(whole);
    restarts(b).cmp(&restarts(a)).then_with(|| newer(created(a), created(b), a, b, now))
}

/// The more recent first; ages are compared by their power of two, and pods of equal age by uid.
fn newer(x: Option<Timestamp>, y: Option<Timestamp>, a: &Pod, b: &Pod, now: Timestamp) -> Ordering {
    if x == y {
        return Ordering::Equal;
    }
    let (Some(x), Some(y)) = (x, y) else { return x.is_some().cmp(&y.is_some()) };
    let power = |since: Timestamp| now.0.saturating_sub(since.0).max(0).checked_ilog2();
    power(x).cmp(&power(y)).then_with(|| a.meta.uid.cmp(&b.meta.uid))
}
