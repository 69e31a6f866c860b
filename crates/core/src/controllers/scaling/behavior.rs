//! From what is wanted to what is done: windows in which nothing is done too early, policies that limit the step, and
//! the bounds.
//!
//! Models `pkg/controller/podautoscaler/horizontal.go` normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors
//! and what they call; `pkg/apis/autoscaling/v2/defaults.go` for rules that are only partly written.

use super::ceil;
use super::state::Memory;
use podplay_api::{SimTime, Value};
use std::time::Duration;

/// How long lower recommendations wait, where the text does not say.
///
/// Models `--horizontal-pod-autoscaler-downscale-stabilization`.
const DOWNSCALE: Duration = Duration::from_secs(300);

/// The bounds, and where the target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// `minReplicas`.
    pub least: i64,
    /// `maxReplicas`.
    pub most: i64,
    /// Replicas of the target.
    pub current: i64,
}

/// One policy: what it allows in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Pods(i64, Duration),
    Percent(i64, Duration),
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Select {
    Most,
    Least,
    Disabled,
}

/// The rules of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rules {
    window: Duration,
    select: Select,
    policies: Vec<Policy>,
}

/// The rules of both directions; none for the behaviour of a text that does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behavior {
    up: Rules,
    down: Rules,
}

/// What is done, and what the conditions AbleToScale and ScalingLimited say to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The new number.
    pub replicas: i64,
    /// Reason and message of AbleToScale.
    pub able: (&'static str, &'static str),
    /// Whether it is limited, with reason and message of ScalingLimited.
    pub limited: (bool, &'static str, &'static str),
}

const MATCHES: (&str, &str) = ("ReadyForNewScale", "recommended size matches current size");
const DOWN_WAITS: (&str, &str) = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);
const UP_WAITS: (&str, &str) = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);
const WITHIN: (&str, &str) =
    ("DesiredWithinRange", "the desired count is within the acceptable range");
const UP_LIMIT: (&str, &str) =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const DOWN_LIMIT: (&str, &str) = (
    "ScaleDownLimit",
    "the desired replica count is decreasing faster than the maximum scale rate",
);
const TOO_MANY: (&str, &str) =
    ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const TOO_FEW: (&str, &str) =
    ("TooFewReplicas", "the desired replica count is less than the minimum replica count");

impl Behavior {
    /// Reads `spec.behavior`, with defaults for what is missing in it; none if it is not written.
    pub fn read(behavior: &Value) -> Option<Self> {
        behavior.as_object()?;
        let quarter = Duration::from_secs(15);
        let up = vec![Policy::Pods(4, quarter), Policy::Percent(100, quarter)];
        let down = vec![Policy::Percent(100, quarter)];
        Some(Self {
            up: Rules::read(&behavior["scaleUp"], Duration::ZERO, up),
            down: Rules::read(&behavior["scaleDown"], DOWNSCALE, down),
        })
    }
}

impl Rules {
    fn read(rules: &Value, window: Duration, policies: Vec<Policy>) -> Self {
        let secs = |value: &Value| value.as_u64().map(Duration::from_secs);
        let policy = |one: &Value| {
            let (value, period) = (one["value"].as_i64()?, secs(&one["periodSeconds"])?);
            match one["type"].as_str()? {
                "Pods" => Some(Policy::Pods(value, period)),
                "Percent" => Some(Policy::Percent(value, period)),
                _ => None,
            }
        };
        let own = rules["policies"].as_array().filter(|list| !list.is_empty());
        Self {
            window: secs(&rules["stabilizationWindowSeconds"]).unwrap_or(window),
            select: match rules["selectPolicy"].as_str() {
                Some("Min") => Select::Least,
                Some("Disabled") => Select::Disabled,
                _ => Select::Most,
            },
            policies: own.map_or(policies, |list| list.iter().filter_map(policy).collect()),
        }
    }
    fn longest(&self) -> Duration {
        let period = |policy: &Policy| match policy {
            Policy::Pods(_, period) | Policy::Percent(_, period) => *period,
        };
        self.policies.iter().map(period).max().unwrap_or_default()
    }
}

/// Whether a moment is younger than a span.
fn within(now: SimTime, at: SimTime, span: Duration) -> bool {
    now.since(at) < span
}

/// Changes of the last period.
fn changed(events: &[(SimTime, i64)], now: SimTime, period: Duration) -> i64 {
    events.iter().filter(|(at, _)| within(now, *at, period)).map(|(_, change)| change).sum()
}

/// What is done about a recommendation. It is remembered.
pub fn decide(
    memory: &mut Memory,
    behavior: Option<&Behavior>,
    bounds: Bounds,
    wanted: i64,
    now: SimTime,
) -> Decision {
    let (stable, waits) = stabilized(memory, behavior, bounds.current, wanted, now);
    let able = if stable == wanted { MATCHES } else { waits };
    let (replicas, why) = match behavior {
        Some(behavior) => limited(memory, behavior, bounds, stable, now),
        None => limited_by_default(bounds, stable),
    };
    Decision { replicas, able, limited: (replicas != stable, why.0, why.1) }
}

/// A change was made. It counts for the policies.
pub fn scaled(memory: &mut Memory, behavior: Option<&Behavior>, from: i64, to: i64, now: SimTime) {
    let Some(behavior) = behavior else { return };
    let (events, longest) = if to > from {
        (&mut memory.up, behavior.up.longest())
    } else {
        (&mut memory.down, behavior.down.longest())
    };
    events.retain(|(at, _)| now.since(*at) <= longest);
    events.push((now, (to - from).abs()));
}

/// The most careful of the recommendations of the window.
fn stabilized(
    memory: &mut Memory,
    behavior: Option<&Behavior>,
    current: i64,
    wanted: i64,
    now: SimTime,
) -> (i64, (&'static str, &'static str)) {
    let rises = wanted >= current;
    let (window, longest) = match behavior {
        None => (DOWNSCALE, DOWNSCALE),
        Some(of) if rises => (of.up.window, of.up.window.max(of.down.window)),
        Some(of) => (of.down.window, of.up.window.max(of.down.window)),
    };
    let recent = memory.recommended.iter().filter(|(at, _)| within(now, *at, window));
    let recent = recent.map(|(_, count)| *count);
    // Without rules only the way down waits: the highest of the window is kept in either case.
    let (stable, waits) = if rises && behavior.is_some() {
        (recent.fold(wanted, i64::min), UP_WAITS)
    } else {
        (recent.fold(wanted, i64::max), DOWN_WAITS)
    };
    memory.recommended.retain(|(at, _)| now.since(*at) <= longest);
    memory.recommended.push((now, wanted));
    (stable, waits)
}

/// The bounds and policies of the text.
fn limited(
    memory: &Memory,
    behavior: &Behavior,
    bounds: Bounds,
    wanted: i64,
    now: SimTime,
) -> (i64, (&'static str, &'static str)) {
    let Bounds { least, most, current } = bounds;
    if wanted > current {
        let limit = up_limit(memory, &behavior.up, current, now).max(current);
        let (allowed, why) = if most > limit { (limit, UP_LIMIT) } else { (most, TOO_MANY) };
        if wanted > allowed {
            return (allowed, why);
        }
    } else if wanted < current {
        let limit = down_limit(memory, &behavior.down, current, now).min(current);
        let (allowed, why) = if least < limit { (limit, DOWN_LIMIT) } else { (least, TOO_FEW) };
        if wanted < allowed {
            return (allowed, why);
        }
    }
    (wanted, WITHIN)
}

fn up_limit(memory: &Memory, rules: &Rules, current: i64, now: SimTime) -> i64 {
    let proposed = rules.policies.iter().map(|policy| match *policy {
        Policy::Pods(count, period) => current - changed(&memory.up, now, period) + count,
        Policy::Percent(percent, period) => {
            let start = current - changed(&memory.up, now, period);
            ceil(start * (100 + percent), 100)
        }
    });
    match rules.select {
        Select::Disabled => current,
        Select::Most => proposed.max().unwrap_or(current),
        Select::Least => proposed.min().unwrap_or(current),
    }
}

fn down_limit(memory: &Memory, rules: &Rules, current: i64, now: SimTime) -> i64 {
    let proposed = rules.policies.iter().map(|policy| match *policy {
        Policy::Pods(count, period) => current + changed(&memory.down, now, period) - count,
        Policy::Percent(percent, period) => {
            (current + changed(&memory.down, now, period)) * (100 - percent) / 100
        }
    });
    match rules.select {
        Select::Disabled => current,
        Select::Most => proposed.min().unwrap_or(current),
        Select::Least => proposed.max().unwrap_or(current),
    }
}

/// The bounds, and at most the double of what is there, or 4.
fn limited_by_default(bounds: Bounds, wanted: i64) -> (i64, (&'static str, &'static str)) {
    let Bounds { least, most, current } = bounds;
    let limit = (current * 2).max(4);
    let (allowed, why) = if most > limit { (limit, UP_LIMIT) } else { (most, TOO_MANY) };
    if wanted < least {
        (least, TOO_FEW)
    } else if wanted > allowed {
        (allowed, why)
    } else {
        (wanted, WITHIN)
    }
}

#[cfg(test)]
mod tests {
    use super::{Behavior, Bounds, Memory, decide, scaled};
    use podplay_api::{SimTime, Value, json};

    /// Recommendations at moments in seconds, and what is done about each. The target follows.
    fn play(behavior: &Value, bounds: (i64, i64, i64), steps: &[(u64, i64, i64, &str)]) {
        let rules = Behavior::read(behavior);
        let (mut memory, mut current) = (Memory::default(), bounds.2);
        for (at, wanted, done, reason) in steps {
            let now = SimTime::from_secs(*at);
            let bounds = Bounds { least: bounds.0, most: bounds.1, current };
            let found = decide(&mut memory, rules.as_ref(), bounds, *wanted, now);
            let reasons = [found.able.0, found.limited.1];
            assert_eq!(found.replicas, *done, "{behavior} at {at}: {found:?}");
            assert!(reasons.contains(reason), "{behavior} at {at}: {found:?}");
            if found.replicas != current {
                scaled(&mut memory, rules.as_ref(), current, found.replicas, now);
                current = found.replicas;
            }
        }
    }

    #[test]
    fn without_rules_the_way_down_waits_for_five_minutes() {
        let none = Value::Null;
        play(
            &none,
            (1, 10, 2),
            &[
                (0, 6, 4, "ScaleUpLimit"),
                (15, 6, 6, "DesiredWithinRange"),
                (30, 2, 6, "ScaleDownStabilized"),
                (300, 2, 6, "ScaleDownStabilized"),
                (314, 2, 6, "ScaleDownStabilized"),
                (331, 2, 2, "ReadyForNewScale"),
            ],
        );
        play(&none, (3, 4, 3), &[(0, 1, 3, "TooFewReplicas"), (15, 9, 4, "TooManyReplicas")]);
    }

    #[test]
    fn default_rules_allow_the_double_or_four_more_each_quarter_of_a_minute() {
        let rules = json!({});
        play(
            &rules,
            (1, 100, 1),
            &[
                (0, 50, 5, "ScaleUpLimit"),
                (15, 50, 10, "ScaleUpLimit"),
                (30, 50, 20, "ScaleUpLimit"),
                (45, 50, 40, "ScaleUpLimit"),
                (60, 50, 50, "DesiredWithinRange"),
                (75, 5, 50, "ScaleDownStabilized"),
                (361, 5, 5, "ReadyForNewScale"),
            ],
        );
    }

    /// The examples of the documentation on configurable scaling behaviour.
    #[test]
    fn policies() {
        // Four pods or 10 % a minute, whichever is more: 80 go down by 8, 40 by 4.
        let down = json!({"scaleDown": {"stabilizationWindowSeconds": 0, "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": 60},
            {"type": "Percent", "value": 10, "periodSeconds": 60},
        ]}});
        play(
            &down,
            (10, 100, 80),
            &[
                (0, 10, 72, "ScaleDownLimit"),
                (15, 10, 72, "ScaleDownLimit"),
                (60, 10, 64, "ScaleDownLimit"),
            ],
        );
        play(
            &down,
            (10, 100, 40),
            &[(0, 10, 36, "ScaleDownLimit"), (60, 10, 32, "ScaleDownLimit")],
        );
        // The least of both, and none at all.
        let mut least = down.clone();
        least["scaleDown"]["selectPolicy"] = json!("Min");
        play(&least, (10, 100, 80), &[(0, 10, 76, "ScaleDownLimit")]);
        let mut never = down;
        never["scaleDown"]["selectPolicy"] = json!("Disabled");
        play(&never, (10, 100, 80), &[(0, 10, 80, "ScaleDownLimit")]);
        // One pod every ten minutes.
        let slow =
            json!({"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 600}]}});
        play(
            &slow,
            (1, 10, 1),
            &[(0, 9, 2, "ScaleUpLimit"), (300, 9, 2, "ScaleUpLimit"), (600, 9, 3, "ScaleUpLimit")],
        );
    }

    #[test]
    fn a_window_on_the_way_up_takes_the_lowest() {
        let rules = json!({"scaleUp": {"stabilizationWindowSeconds": 60}});
        play(
            &rules,
            (1, 10, 2),
            &[
                (0, 2, 2, "DesiredWithinRange"),
                (15, 6, 2, "ScaleUpStabilized"),
                (45, 6, 2, "ScaleUpStabilized"),
                (61, 6, 6, "ReadyForNewScale"),
            ],
        );
    }
}
