//! From the usage of pods to a number of replicas.
//!
//! Models `pkg/controller/podautoscaler/replica_calculator.go` GetResourceReplicas, GetRawResourceReplicas, groupPods,
//! and `metrics/utilization.go`.

use super::ceil;

/// One of the pods that the target's selector selects, in thousandths of a core or of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodUsage {
    /// What it uses; nothing if it has not been measured.
    pub usage: Option<i64>,
    /// What its containers ask for.
    pub request: i64,
    /// How it counts.
    pub state: State,
}

/// How a pod counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it is measured.
    Ready,
    /// It has not started, or was never ready: what it uses is not typical.
    Unready,
    /// Failed, or being deleted: not at all.
    Ignored,
}

/// What is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Percent of the requests.
    Utilization(i64),
    /// An average of each pod, in thousandths.
    AverageValue(i64),
}

/// How far usage may be from the target without consequence, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Above it.
    pub up: i64,
    /// Below it.
    pub down: i64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { up: 100, down: 100 }
    }
}

/// What is wanted, and what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Replicas, before bounds, windows and policies.
    pub replicas: i64,
    /// Percent of the requests, where that is the target.
    pub utilization: Option<i64>,
    /// The average of each measured pod, in thousandths.
    pub average: i64,
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The selector selects nothing.
    NoPods,
    /// No ready pod was measured.
    NoMetrics,
    /// What is used cannot be set against what is asked for.
    NoRequest,
}

/// A ratio of usage to target.
#[derive(Clone, Copy)]
struct Ratio {
    used: i64,
    wanted: i64,
}

impl Ratio {
    const fn above(self) -> bool {
        self.used > self.wanted
    }
    const fn below(self) -> bool {
        self.used < self.wanted
    }
    /// Whether it is near enough to 1.
    fn within(self, tolerance: Tolerance) -> bool {
        let (used, wanted) = (i128::from(self.used) * 1000, i128::from(self.wanted));
        used <= wanted * i128::from(1000 + tolerance.up)
            && used >= wanted * i128::from(1000 - tolerance.down)
    }
    /// That many times so much, rounded up.
    const fn times(self, count: i64) -> i64 {
        ceil(self.used.saturating_mul(count), self.wanted)
    }
}

/// The ratio of some pods, with what was measured.
fn ratio(pods: &[(i64, i64)], target: Target) -> Option<(Ratio, Option<i64>, i64)> {
    let used: i64 = pods.iter().map(|(usage, _)| *usage).fold(0, i64::saturating_add);
    let count = i64::try_from(pods.len()).ok()?.max(1);
    match target {
        Target::Utilization(wanted) => {
            let asked: i64 = pods.iter().map(|(_, request)| *request).fold(0, i64::saturating_add);
            let percent = used.saturating_mul(100).checked_div(asked)?;
            Some((Ratio { used: percent, wanted: wanted.max(1) }, Some(percent), used / count))
        }
        Target::AverageValue(wanted) => {
            let average = used / count;
            Some((Ratio { used: average, wanted: wanted.max(1) }, None, average))
        }
    }
}

/// How many replicas a metric asks for.
///
/// # Errors
/// Why nothing can be said.
pub fn replicas(
    pods: &[PodUsage],
    current: i64,
    target: Target,
    tolerance: Tolerance,
) -> Result<Wanted, Unknown> {
    if pods.is_empty() {
        return Err(Unknown::NoPods);
    }
    let counted = pods.iter().filter(|pod| pod.state != State::Ignored);
    let (mut measured, mut missing, mut unready) = (Vec::new(), Vec::new(), Vec::new());
    for pod in counted {
        match (pod.state, pod.usage) {
            (State::Unready, _) => unready.push(pod.request),
            (_, None) => missing.push(pod.request),
            (_, Some(usage)) => measured.push((usage, pod.request)),
        }
    }
    if measured.is_empty() {
        return Err(Unknown::NoMetrics);
    }
    let (first, utilization, average) = ratio(&measured, target).ok_or(Unknown::NoRequest)?;
    let wanted = |replicas: i64| Ok(Wanted { replicas, utilization, average });
    let rebalance = !unready.is_empty() && first.above();
    if !rebalance && missing.is_empty() {
        if first.within(tolerance) {
            return wanted(current);
        }
        let ready = i64::try_from(measured.len()).unwrap_or(i64::MAX);
        return wanted(first.times(ready));
    }
    // What is not known is taken for what keeps the number as it is.
    for request in missing {
        let all = match target {
            Target::Utilization(_) => request,
            Target::AverageValue(value) => value,
        };
        measured.push((if first.below() { all } else { 0 }, request));
    }
    if rebalance {
        measured.extend(unready.into_iter().map(|request| (0, request)));
    }
    let (again, _, _) = ratio(&measured, target).ok_or(Unknown::NoRequest)?;
    let turned = first.below() && again.above() || first.above() && again.below();
    if again.within(tolerance) || turned {
        return wanted(current);
    }
    let replicas = again.times(i64::try_from(measured.len()).unwrap_or(i64::MAX));
    if again.below() && replicas > current || again.above() && replicas < current {
        return wanted(current);
    }
    wanted(replicas)
}

#[cfg(test)]
mod tests {
    use super::{PodUsage, State, Target, Tolerance, Unknown, replicas};

    fn pods(usage: &[i64], request: i64) -> Vec<PodUsage> {
        let pod = |usage: &i64| PodUsage { usage: Some(*usage), request, state: State::Ready };
        usage.iter().map(pod).collect()
    }

    /// The examples of `replica_calculator_test.go` and of the documentation: usage of each pod, request of each,
    /// current replicas, target, wanted.
    #[test]
    fn ready_pods() {
        let percent = Target::Utilization;
        let value = Target::AverageValue;
        let table: [(&[i64], i64, i64, Target, i64); 13] = [
            // The documentation: 200m for 100m double, 50m for 100m halve them.
            (&[200], 1000, 1, value(100), 2),
            (&[50, 50], 1000, 2, value(100), 1),
            (&[300, 500, 700], 1000, 3, percent(30), 5),
            (&[1000, 950, 900, 1100, 900], 1000, 5, percent(95), 5),
            (&[100, 300, 500, 250, 250], 1000, 5, percent(50), 3),
            // 10 % of tolerance: 1.1 and 0.9 stay, 1.11 and 0.89 do not.
            (&[550, 550], 1000, 2, percent(50), 2),
            (&[560, 560], 1000, 2, percent(50), 3),
            (&[450, 450], 1000, 2, percent(50), 2),
            (&[440, 440], 1000, 2, percent(50), 2),
            (&[440; 10], 1000, 10, percent(50), 9),
            (&[1000; 1], 1000, 1, percent(50), 2),
            (&[4000, 9500, 3000, 7000, 3200, 2000], 1000, 6, percent(77), 38),
            // The walk through the documentation: 250 % for 50 %, one pod.
            (&[500], 200, 1, percent(50), 5),
        ];
        for (usage, request, current, target, wanted) in table {
            let found = replicas(&pods(usage, request), current, target, Tolerance::default());
            assert_eq!(found.map(|one| one.replicas), Ok(wanted), "{usage:?} {target:?}");
        }
    }

    #[test]
    fn unready_and_unmeasured_pods() {
        let of = |list: &[(Option<i64>, State)]| -> Vec<PodUsage> {
            list.iter()
                .map(|(usage, state)| PodUsage { usage: *usage, request: 1000, state: *state })
                .collect()
        };
        let (ready, unready, ignored) = (State::Ready, State::Unready, State::Ignored);
        /// Usage and state of each pod, replicas, target in percent, replicas wanted.
        type Row<'a> = (&'a [(Option<i64>, State)], i64, i64, i64);
        let table: [Row<'_>; 8] = [
            // Unready ones count as 0 % on the way up …
            (&[(Some(300), unready), (Some(500), ready), (Some(700), ready)], 3, 30, 4),
            // … so that nothing may happen at all.
            (&[(Some(400), ready), (Some(500), unready), (Some(700), unready)], 3, 30, 3),
            // Failed and deleted ones do not count.
            (&[(Some(500), ready), (Some(700), ready), (None, ignored)], 2, 50, 3),
            // What was not measured counts as 100 % on the way down, as 0 % on the way up.
            (
                &[(Some(100), ready), (Some(100), ready), (Some(100), ready), (None, ready)],
                4,
                50,
                3,
            ),
            (&[(Some(600), ready), (None, ready), (None, ready)], 3, 50, 3),
            (&[(Some(1100), ready), (Some(1100), ready), (None, ready)], 3, 50, 5),
            (&[(Some(100), ready), (None, ready), (None, ready), (None, ready)], 4, 50, 4),
            (&[(Some(100), ready), (Some(400), unready)], 2, 50, 1),
        ];
        for (list, current, target, wanted) in table {
            let found =
                replicas(&of(list), current, Target::Utilization(target), Tolerance::default());
            assert_eq!(found.map(|one| one.replicas), Ok(wanted), "{list:?}");
        }
        let none = of(&[(None, ready)]);
        let target = Target::Utilization(50);
        assert_eq!(replicas(&none, 1, target, Tolerance::default()), Err(Unknown::NoMetrics));
        assert_eq!(replicas(&[], 1, target, Tolerance::default()), Err(Unknown::NoPods));
        let free = [PodUsage { usage: Some(10), request: 0, state: ready }];
        assert_eq!(replicas(&free, 1, target, Tolerance::default()), Err(Unknown::NoRequest));
    }

    #[test]
    fn tolerances_of_the_text() {
        let narrow = Tolerance { up: 0, down: 300 };
        for (usage, wanted) in [(51, 3), (36, 2), (34, 2)] {
            let found = replicas(&pods(&[usage * 10; 2], 1000), 2, Target::Utilization(50), narrow);
            assert_eq!(found.map(|one| one.replicas), Ok(wanted), "{usage}");
        }
    }
}
