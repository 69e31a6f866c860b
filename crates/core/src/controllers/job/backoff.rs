//! When a Job makes its next pod after failures.
//!
//! Models `pkg/controller/job/backoff_utils.go`.

use crate::controllers::common::whole;
use crate::controllers::state::Backoff;
use podplay_api::{Pod, Timestamp};
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(600);

impl Backoff {
    /// The record after pods succeeded and failed.
    pub fn with<'a>(
        self,
        succeeded: impl Iterator<Item = &'a Pod>,
        failed: impl Iterator<Item = &'a Pod>,
    ) -> Self {
        let success = succeeded.map(finished).max();
        let mut failures: Vec<Timestamp> = failed.map(finished).collect();
        failures.sort();
        let mut next = if success.is_some() { Self::default() } else { self };
        failures.retain(|failure| success.is_none_or(|success| *failure > success));
        if let Some(last) = failures.last() {
            next.failures += u32::try_from(failures.len()).unwrap_or(u32::MAX);
            next.last = Some(*last);
        }
        next
    }
    /// Time until the next pod may be made, zero if it may now.
    pub fn remaining(self, now: Timestamp) -> Duration {
        self.last.map_or(Duration::ZERO, |last| remaining(self.failures, last, now))
    }
}

/// Time left of the delay after so many failures, the last at `last`.
pub fn remaining(failures: u32, last: Timestamp, now: Timestamp) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let delay = FIRST.saturating_mul(1 << (failures - 1).min(20)).min(LONGEST);
    let left = (last + delay).0 - now.0;
    Duration::from_nanos(u64::try_from(left).unwrap_or(0))
}

/// When a pod ended: its last container, or when it stopped being Ready, or its delete.
pub fn finished(pod: &Pod) -> Timestamp {
    let statuses = &pod.status.container_statuses;
    let ends: Option<Vec<Timestamp>> = statuses
        .iter()
        .map(|status| status.state.terminated().map(|end| end.finished_at.unwrap_or_default()))
        .collect();
    let by_containers = ends.and_then(|ends| ends.into_iter().max());
    let by_condition = || {
        let ready = pod.status.condition("Ready")?;
        ready.last_transition_time.filter(|_| ready.status == "False")
    };
    let by_delete = || {
        let grace = pod.meta.deletion_grace_period_seconds.unwrap_or(0);
        pod.meta.deletion_timestamp.map(|at| Timestamp(at.0 - grace.saturating_mul(1_000_000_000)))
    };
    let found = by_containers.or_else(by_condition).or_else(by_delete);
    whole(found.or(pod.meta.creation_timestamp).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::remaining;
    use podplay_api::Timestamp;

    #[test]
    fn the_delay_doubles_up_to_ten_minutes() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000_000);
        for (failures, since, left) in [
            (0, 0, 0),
            (1, 0, 10),
            (1, 4, 6),
            (1, 30, 0),
            (2, 0, 20),
            (3, 5, 35),
            (7, 0, 600),
            (40, 0, 600),
        ] {
            let found = remaining(failures, at(100), at(100 + since));
            assert_eq!(found.as_secs(), left, "{failures} failures, {since} s after the last");
        }
    }
}
