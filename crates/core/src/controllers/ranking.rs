//! Which pods a ReplicaSet deletes first.
//!
//! Models `pkg/controller/controller_utils.go` ActivePodsWithRanks.

use super::common::{Numbered, is_ready, ready_since, whole};
use podplay_api::{Pod, PodPhase, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Annotation: pods with a lower cost go first.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// What pods are sorted by, the most expendable first. One tuple, so that the order is total.
///
/// Upstream compares pairs: pods whose ages differ within one power of two go by uid at once, and those of equal
/// age by the next criterion. That is not transitive; here all of one power of two go on to the next criterion.
type Rank = ((bool, u8, bool, i32, Reverse<usize>), Option<Age>, Reverse<u32>, Option<Age>, String);

/// The power of two of an age in nanoseconds; `None` for no age at all.
type Age = Option<u32>;

/// Sorts pods so that those to be deleted come first. `related` are the pods of all ReplicaSets of the same owner.
pub fn rank(pods: &mut [Numbered], related: &[Numbered], now: Timestamp) {
    let mut on_node: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, pod) in related {
        *on_node.entry(pod.spec.node_name.as_str()).or_default() += 1;
    }
    pods.sort_by_cached_key(|(_, pod)| {
        let crowd = on_node.get(pod.spec.node_name.as_str()).copied().unwrap_or(0);
        key(pod, crowd, now)
    });
}

/// Pods whose ages differ by less than a power of two go by their uids, which are drawn, and so does here what is
/// alike in all else and comes in no order upstream.
fn key(pod: &Pod, crowd: usize, now: Timestamp) -> Rank {
    let assigned = !pod.spec.node_name.is_empty();
    let plain = (assigned, phase_rank(pod.status.phase), is_ready(pod), cost(pod), Reverse(crowd));
    let age = |since: Timestamp| now.0.saturating_sub(since.0).max(0).checked_ilog2();
    let created = pod.meta.creation_timestamp.map(whole);
    (
        plain,
        ready_since(pod).map(age),
        Reverse(restarts(pod)),
        created.map(age),
        pod.meta.uid.to_string(),
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Uid;
    use podplay_api::json;
    use std::sync::Arc;

    const SECOND: i64 = 1_000_000_000;

    /// A pod that has been ready since `ready` and was created at `created`, in seconds.
    fn pod(uid: u32, ready: Option<i64>, created: i64, restarts: u32) -> Numbered {
        let at = |seconds: i64| Timestamp(seconds * SECOND).to_string();
        let status = if ready.is_some() { "True" } else { "False" };
        let pod = Pod::from_object(&json!({
            "metadata": {"name": format!("p{uid}"), "uid": format!("{:08x}", uid.wrapping_mul(2_654_435_761)),
                "creationTimestamp": at(created)},
            "spec": {"nodeName": "n"},
            "status": {"phase": "Running",
                "conditions": [{"type": "Ready", "status": status,
                    "lastTransitionTime": ready.map_or(json!(null), |ready| json!(at(ready)))}],
                "containerStatuses": [{"name": "c", "restartCount": restarts}]},
        }));
        (Uid(uid), Arc::new(pod))
    }

    fn order(mut pods: Vec<Numbered>, now: i64) -> Vec<u32> {
        let related = pods.clone();
        rank(&mut pods, &related, Timestamp(now * SECOND));
        pods.into_iter().map(|(uid, _)| uid.0).collect()
    }

    #[test]
    fn who_goes_first() {
        let table = [
            ("not ready before ready", vec![pod(1, Some(10), 0, 0), pod(2, None, 0, 0)], [2, 1]),
            ("ready for less time", vec![pod(1, Some(0), 0, 0), pod(2, Some(90), 0, 0)], [2, 1]),
            ("more restarts", vec![pod(1, Some(10), 0, 3), pod(2, Some(10), 0, 0)], [1, 2]),
            ("created later", vec![pod(1, None, 90, 0), pod(2, None, 0, 0)], [1, 2]),
            ("alike: by uid", vec![pod(1, Some(10), 0, 0), pod(2, Some(10), 0, 0)], [2, 1]),
            (
                "ages within a power of two: by uid",
                vec![pod(1, Some(45), 0, 0), pod(2, Some(60), 0, 0)],
                [2, 1],
            ),
            (
                "and the older one may go",
                vec![pod(2, Some(45), 0, 0), pod(1, Some(60), 0, 0)],
                [2, 1],
            ),
        ];
        for (name, pods, expected) in table {
            assert_eq!(order(pods, 100), expected, "{name}");
        }
    }

    /// Ages within one power of two, equal ages and restarts in all mixtures: the order that came of comparing
    /// pairs was not transitive here, and the standard library's sort panics on such orders.
    #[test]
    fn the_order_is_total() {
        let pods: Vec<Numbered> = (0..300_u32)
            .map(|n| {
                let ready = (n % 7 != 0).then_some(i64::from(n * 31 % 40));
                pod(n, ready, i64::from(n * 17 % 23), n * 13 % 3)
            })
            .collect();
        let forward = order(pods.clone(), 100);
        let backward = order(pods.into_iter().rev().collect(), 100);
        assert_eq!(forward, backward, "the order depends on where it began");
    }
}
