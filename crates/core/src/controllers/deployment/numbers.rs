//! The arithmetic of rollouts: surge, unavailability, proportions.
//!
//! Models `pkg/controller/deployment/util/deployment_util.go`.

use crate::apiserver::budget::scaled;
use podplay_api::{DeploymentSpec, IntOrString};

/// What a strategy allows, as wanted by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Pods wanted.
    pub replicas: i64,
    /// Pods above that number.
    pub surge: IntOrString,
    /// Pods that may be missing.
    pub unavailable: IntOrString,
    /// Whether pods are replaced one after another.
    pub rolling: bool,
}

impl Bounds {
    /// The bounds of a Deployment.
    pub fn of(spec: &DeploymentSpec) -> Self {
        let quarter = || IntOrString::Text("25%".into());
        let rolling = spec.strategy.kind != "Recreate";
        let numbers = &spec.strategy.rolling_update;
        Self {
            replicas: spec.replicas.unwrap_or(1),
            surge: numbers.max_surge.clone().unwrap_or_else(quarter),
            unavailable: numbers.max_unavailable.clone().unwrap_or_else(quarter),
            rolling,
        }
    }
    /// Surge, rounded up, and unavailability, rounded down; if both are 0 the latter becomes 1.
    pub fn fenceposts(&self) -> (i64, i64) {
        let surge = scaled(&self.surge, self.replicas, true);
        let unavailable = scaled(&self.unavailable, self.replicas, false);
        (surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable })
    }
    /// Pods above the wanted number.
    pub fn max_surge(&self) -> i64 {
        if self.rolling { self.fenceposts().0 } else { 0 }
    }
    /// Pods that may be missing, at most all.
    pub fn max_unavailable(&self) -> i64 {
        if !self.rolling || self.replicas == 0 {
            return 0;
        }
        self.fenceposts().1.min(self.replicas)
    }
    /// Pods that must be available.
    pub fn min_available(&self) -> i64 {
        if self.rolling { self.replicas - self.max_unavailable() } else { 0 }
    }
    /// Pods there may be at most; none if none are wanted.
    pub fn max_pods(&self) -> i64 {
        if self.replicas == 0 { 0 } else { self.replicas + self.max_surge() }
    }
    /// Size of the new ReplicaSet after the next step up, given its size and the sum of all sizes.
    pub fn new_size(&self, new: i64, all: i64) -> i64 {
        if !self.rolling {
            return self.replicas;
        }
        let most = self.replicas + self.max_surge();
        if all >= most {
            return new;
        }
        new + (most - all).min(self.replicas - new)
    }
    /// Sizes of the ReplicaSets, in the order of their claims, after the number of pods changed.
    /// `before` is the largest number of pods that each was last told of, 0 if none.
    ///
    /// Models `sync.go` scale.
    pub fn proportional(&self, sets: &[Share]) -> Vec<i64> {
        let total: i64 = sets.iter().map(|set| set.size).sum();
        let to_add = self.max_pods() - total;
        if to_add == 0 {
            return sets.iter().map(|set| set.size).collect();
        }
        let mut added = 0;
        let mut sizes = Vec::new();
        for set in sets {
            let share = self.proportion(set, to_add, added);
            added += share;
            sizes.push(set.size + share);
        }
        if let Some(first) = sizes.first_mut() {
            *first = (*first + to_add - added).max(0);
        }
        sizes
    }
    fn proportion(&self, set: &Share, to_add: i64, added: i64) -> i64 {
        if set.size == 0 || to_add == added {
            return 0;
        }
        let fraction = self.fraction(set);
        let allowed = to_add - added;
        if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
    }
    fn fraction(&self, set: &Share) -> i64 {
        if self.replicas == 0 {
            return -set.size;
        }
        let most = self.replicas + self.max_surge();
        rounded(set.size * most, set.before) - set.size
    }
}

/// `a / b` rounded to the nearest integer, halves up.
const fn rounded(a: i64, b: i64) -> i64 {
    if b <= 0 { a } else { (2 * a + b).div_euclid(2 * b) }
}

/// A ReplicaSet's part in a proportional scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its size.
    pub size: i64,
    /// Replicas plus surge when it was last scaled.
    pub before: i64,
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Share};
    use podplay_api::IntOrString;

    fn bounds(replicas: i64, surge: &str, unavailable: &str) -> Bounds {
        let read = |text: &str| match text.parse() {
            Ok(number) => IntOrString::Int(number),
            Err(_) => IntOrString::Text(text.to_owned()),
        };
        Bounds { replicas, surge: read(surge), unavailable: read(unavailable), rolling: true }
    }

    #[test]
    fn surge_is_rounded_up_and_unavailability_down() {
        for (replicas, surge, unavailable, expected) in [
            (1, "25%", "25%", (1, 0)),
            (3, "25%", "25%", (1, 0)),
            (4, "25%", "25%", (1, 1)),
            (10, "25%", "25%", (3, 2)),
            (10, "2", "50%", (2, 5)),
            // With neither, one may be missing: a rollout gets on.
            (5, "0", "0", (0, 1)),
            (3, "0%", "10%", (0, 1)),
        ] {
            let found = bounds(replicas, surge, unavailable).fenceposts();
            assert_eq!(found, expected, "{replicas} {surge} {unavailable}");
        }
    }

    #[test]
    fn the_new_set_grows_as_far_as_the_surge_allows() {
        for (replicas, surge, new, all, expected) in [
            (3, "1", 0, 3, 1),
            (3, "1", 1, 4, 1),
            (3, "1", 2, 3, 3),
            (10, "30%", 0, 10, 3),
            (3, "5", 0, 3, 3),
        ] {
            let found = bounds(replicas, surge, "0").new_size(new, all);
            assert_eq!(found, expected, "{replicas} {surge}: {new} of {all}");
        }
    }

    #[test]
    fn a_change_of_size_is_shared_in_proportion() {
        let set = |size, before| Share { size, before };
        for (replicas, sets, expected) in [
            (20, vec![set(10, 10)], vec![20]),
            (20, vec![set(8, 10), set(2, 10)], vec![16, 4]),
            (5, vec![set(8, 10), set(2, 10)], vec![4, 1]),
            (0, vec![set(8, 10), set(2, 10)], vec![0, 0]),
        ] {
            let found = bounds(replicas, "0", "1").proportional(&sets);
            assert_eq!(found, expected, "{replicas}: {sets:?}");
        }
    }
}
