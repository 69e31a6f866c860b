//! Exponential back-off of restarts and image pulls.
//!
//! Models `staging/client-go/util/flowcontrol/backoff.go` with the kubelet's 10 s, 300 s and 600 s.

use podplay_api::SimTime;
use std::time::Duration;

/// First delay.
pub const INITIAL: Duration = Duration::from_secs(10);
/// Longest delay.
pub const MAX: Duration = Duration::from_secs(300);
/// An entry is forgotten this long after its last change.
pub const EXPIRY: Duration = Duration::from_secs(600);

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The delay in force.
    pub delay: Duration,
    /// When it was last changed.
    pub updated: SimTime,
}

impl Backoff {
    /// With a delay that the kubelet's configuration allows.
    ///
    /// Models `pkg/kubelet/kubelet.go` newCrashLoopBackOff, where a shorter maximum also shortens the first delay.
    #[must_use]
    pub fn at_most(self, longest: Option<Duration>) -> Self {
        Self { delay: longest.map_or(self.delay, |longest| self.delay.min(longest)), ..self }
    }
}

/// Until when a start is held back, given when the last run ended (`event`); `None` if it may go ahead.
pub fn held_until(entry: Option<Backoff>, event: SimTime, now: SimTime) -> Option<SimTime> {
    let entry = entry.filter(|entry| {
        event.since(entry.updated) <= EXPIRY && now.since(entry.updated) <= EXPIRY
    })?;
    (now.since(event) < entry.delay).then(|| event + entry.delay)
}

/// The entry after a start, or a failed pull, at `now`.
pub fn next(entry: Option<Backoff>, event: SimTime, now: SimTime) -> Backoff {
    let live = entry
        .filter(|entry| event.since(entry.updated) <= EXPIRY && now.since(entry.updated) <= EXPIRY);
    let delay = live.map_or(INITIAL, |entry| (entry.delay * 2).min(MAX));
    Backoff { delay, updated: now }
}

/// A delay as Go prints it: `10s`, `1m20s`, `5m0s`.
pub fn go_duration(span: Duration) -> String {
    let (seconds, millis) = (span.as_secs(), span.subsec_millis());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if millis == 0 {
        String::new()
    } else {
        format!(".{millis:03}").trim_end_matches('0').to_string()
    };
    match (hours, minutes) {
        (0, 0) if seconds == 0 && millis > 0 => format!("{millis}ms"),
        (0, 0) => format!("{rest}{fraction}s"),
        (0, _) => format!("{minutes}m{rest}{fraction}s"),
        _ => format!("{hours}h{minutes}m{rest}{fraction}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_go_prints_them() {
        for (millis, text) in [
            (0, "0s"),
            (10_000, "10s"),
            (80_000, "1m20s"),
            (300_000, "5m0s"),
            (3_600_000, "1h0m0s"),
            (1_500, "1.5s"),
            (250, "250ms"),
        ] {
            assert_eq!(go_duration(Duration::from_millis(millis)), text);
        }
    }
}
