//! Which pod of the actual run stands for which recorded one, and which ReplicaSets belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::{Map, Value};

use super::mask::{Names, regex};
use super::steps::{FLASH, Kind, compare_sequences, time_of};
use super::{list, object};

/// Recorded pods in order, each with the actual pod that stands for it.
#[derive(Debug)]
pub struct Pairing(pub Vec<(String, Option<String>)>);

static SUFFIX: LazyLock<Regex> = LazyLock::new(|| regex(r"-[a-z0-9]{5}$"));
static HASH: LazyLock<Regex> = LazyLock::new(|| regex(r"-[a-z0-9]{4,10}$"));
static SET_NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"-[a-z0-9]{8,10}$"));
static SET_IN_MESSAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"replica set (\S+)"));

/// A pod's name without what is generated.
fn owner_prefix(pod: &str) -> String {
    HASH.replace(&SUFFIX.replace(pod, ""), "").into_owned()
}

fn first_seen(rows: &Map<String, Value>, pod: &str) -> f64 {
    list(rows.get(pod)).first().map_or(0.0, time_of)
}

fn by_birth<'a>(rows: &Map<String, Value>, pods: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut pods: Vec<String> = pods.cloned().collect();
    pods.sort_by(|x, y| first_seen(rows, x).total_cmp(&first_seen(rows, y)));
    pods
}

impl Pairing {
    /// Equal names first; generated ones by owner and order of birth, those whose rows agree before the others.
    #[must_use]
    pub fn of(recorded: &Value, actual: &Value, end: f64) -> Self {
        let (recorded, actual) = (object(recorded.get("rows")), object(actual.get("rows")));
        let mut paired: BTreeMap<String, Option<String>> = recorded
            .keys()
            .filter(|pod| actual.contains_key(*pod))
            .map(|pod| (pod.clone(), Some(pod.clone())))
            .collect();
        let mut free: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pod in by_birth(&actual, actual.keys().filter(|pod| !paired.contains_key(*pod))) {
            free.entry(owner_prefix(&pod)).or_default().push(pod);
        }
        let rest = by_birth(&recorded, recorded.keys().filter(|pod| !paired.contains_key(*pod)));
        // Pods that were born together are interchangeable: pair those that agree first.
        for must_agree in [true, false] {
            for pod in &rest {
                if matches!(paired.get(pod), Some(Some(_))) {
                    continue;
                }
                let Some(group) = free.get_mut(&owner_prefix(pod)) else { continue };
                let fits =
                    |other: &String| !must_agree || agree(&recorded, pod, &actual, other, end);
                if let Some(at) = group.iter().position(fits) {
                    paired.insert(pod.clone(), Some(group.remove(at)));
                }
            }
        }
        let named = by_birth(&recorded, recorded.keys().filter(|pod| actual.contains_key(*pod)));
        let order = named.into_iter().chain(rest);
        Self(order.map(|pod| (pod.clone(), paired.remove(&pod).flatten())).collect())
    }

    /// Actual pods that stand for no recorded one.
    #[must_use]
    pub fn unpaired(&self, actual: &Value) -> Vec<String> {
        let known: BTreeSet<&String> =
            self.0.iter().filter_map(|(_, other)| other.as_ref()).collect();
        object(actual.get("rows")).keys().filter(|pod| !known.contains(pod)).cloned().collect()
    }

    /// Placeholders for the generated names of both sides, longest names first.
    #[must_use]
    pub fn names(&self, recorded: &Value, actual: &Value) -> (Names, Names) {
        let mut sides = (replica_sets(recorded), replica_sets(actual));
        for (index, (pod, other)) in self.0.iter().enumerate() {
            sides.0.push((pod.clone(), format!("<pod{index}>")));
            if let Some(other) = other {
                sides.1.push((other.clone(), format!("<pod{index}>")));
            }
        }
        for side in [&mut sides.0, &mut sides.1] {
            side.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
        sides
    }
}

fn agree(
    recorded: &Map<String, Value>,
    pod: &str,
    actual: &Map<String, Value>,
    other: &str,
    end: f64,
) -> bool {
    let kind = Kind { label: "", noun: "", show: |_| String::new(), timed: true, flash: FLASH };
    compare_sequences(list(recorded.get(pod)), list(actual.get(other)), end, &kind).is_empty()
}

/// ReplicaSets in order of appearance: their hashes cannot be foretold.
fn replica_sets(run: &Value) -> Names {
    let mut first: Vec<(String, f64)> = Vec::new();
    let mut note = |name: &str, t: f64| {
        if first.iter().all(|(known, _)| known != name) {
            first.push((name.to_owned(), t));
        }
    };
    for (key, entries) in &object(run.get("workloads")) {
        if let (Some(name), Some(entry)) =
            (key.strip_prefix("replicasets/"), list(Some(entries)).first())
        {
            note(name, time_of(entry));
        }
    }
    for event in list(run.get("events")) {
        let t = list(event.get("times")).first().and_then(Value::as_f64).unwrap_or(0.0);
        let message = event["message"].as_str().unwrap_or("");
        let told = SET_IN_MESSAGE.captures_iter(message).flatten().filter_map(|found| found.get(1));
        let own = event["object"].as_str().and_then(|object| object.strip_prefix("ReplicaSet/"));
        for name in told.map(|found| found.as_str()).chain(own) {
            if SET_NAME.is_match(name).unwrap_or(false) {
                note(name, t);
            }
        }
    }
    first.sort_by(|x, y| x.1.total_cmp(&y.1));
    first.into_iter().enumerate().map(|(index, (name, _))| (name, format!("<rs{index}>"))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generated_names_are_paired_by_owner_and_order() {
        let recorded = json!({"rows": {
            "web-9684b4757-zzzzz": [{"t": 0.1, "status": "A"}],
            "web-9684b4757-aaaaa": [{"t": 0.2, "status": "B"}],
            "single": [{"t": 0.0, "status": "A"}],
            "job-xyz12": [{"t": 0.0, "status": "A"}],
        }});
        let actual = json!({"rows": {
            "web-5d8f6c7b9d-11111": [{"t": 0.1, "status": "A"}],
            "web-5d8f6c7b9d-22222": [{"t": 0.2, "status": "B"}],
            "single": [{"t": 0.0, "status": "A"}],
            "other": [{"t": 0.0, "status": "A"}],
        }});
        let pairing = Pairing::of(&recorded, &actual, 100.0);
        let expected = [
            ("single", Some("single")),
            ("job-xyz12", None),
            ("web-9684b4757-zzzzz", Some("web-5d8f6c7b9d-11111")),
            ("web-9684b4757-aaaaa", Some("web-5d8f6c7b9d-22222")),
        ];
        let got: Vec<_> = pairing.0.iter().map(|(p, q)| (p.as_str(), q.as_deref())).collect();
        assert_eq!(got, expected);
        assert_eq!(pairing.unpaired(&actual), ["other"]);
    }
}
