//! podFailurePolicy and successPolicy.
//!
//! Models `pkg/controller/job/{pod_failure_policy,success_policy}.go`.

use super::indexes;
use podplay_api::{ContainerStatus, Pod, Value};
use std::collections::BTreeSet;

/// What a failed pod means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts towards the limit.
    Count,
    /// It does not.
    Ignore,
    /// Its index has failed for good.
    FailIndex,
    /// The Job has failed; the message says why.
    FailJob(String),
}

/// What the policy says of a failed pod: the first rule that matches.
pub fn judge(policy: Option<&Value>, pod: &Pod) -> Verdict {
    let rules = policy.and_then(|policy| policy["rules"].as_array());
    for (number, rule) in rules.into_iter().flatten().enumerate() {
        let action = rule["action"].as_str().unwrap_or_default();
        let Some(what) = matched(rule, pod) else { continue };
        return match action {
            "Ignore" => Verdict::Ignore,
            "FailIndex" => Verdict::FailIndex,
            "FailJob" => {
                Verdict::FailJob(format!("{what} matching FailJob rule at index {number}"))
            }
            _ => Verdict::Count,
        };
    }
    Verdict::Count
}

fn matched(rule: &Value, pod: &Pod) -> Option<String> {
    if rule["onExitCodes"].is_object() {
        let (name, code) = by_exit_code(&rule["onExitCodes"], pod)?;
        return Some(format!(
            "Container {name} for pod {} failed with exit code {code}",
            pod.key()
        ));
    }
    let patterns = rule["onPodConditions"].as_array()?;
    let found = patterns.iter().find_map(|pattern| {
        let wanted = pattern["status"].as_str().unwrap_or("True");
        pod.status.conditions.iter().find(|condition| {
            pattern["type"] == condition.kind.as_str() && condition.status == wanted
        })
    })?;
    Some(format!("Pod {} has condition {}", pod.key(), found.kind))
}

fn by_exit_code<'a>(requirement: &Value, pod: &'a Pod) -> Option<(&'a str, i32)> {
    let only = requirement["containerName"].as_str();
    let values = requirement["values"].as_array();
    let listed = |code: i32| values.is_some_and(|list| list.iter().any(|v| *v == code));
    let fits = |status: &'a ContainerStatus| {
        let code = status.state.terminated()?.exit_code;
        let hit = listed(code) == (requirement["operator"] == "In");
        let named = only.is_none_or(|only| only == status.name);
        (named && code != 0 && hit).then_some((status.name.as_str(), code))
    };
    let status = &pod.status;
    status.container_statuses.iter().chain(&status.init_container_statuses).find_map(fits)
}

/// The first rule of a successPolicy that the succeeded indexes meet.
pub fn success(policy: Option<&Value>, done: &BTreeSet<i64>, completions: i64) -> Option<String> {
    let rules = policy?["rules"].as_array()?;
    let met = |rule: &Value| {
        let wanted = rule["succeededCount"].as_i64();
        let Some(text) = rule["succeededIndexes"].as_str() else {
            return wanted.is_some_and(|wanted| count(done.len()) >= wanted);
        };
        let listed = indexes::parse(text, completions);
        let hit = count(listed.intersection(done).count());
        hit >= wanted.unwrap_or_else(|| count(listed.len()))
    };
    rules.iter().position(met).map(|number| format!("Matched rules at index {number}"))
}

fn count(of: usize) -> i64 {
    crate::controllers::common::len(of)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge, success};
    use podplay_api::{Pod, json};
    use std::collections::BTreeSet;

    #[test]
    fn the_first_rule_that_fits_judges() {
        let pod =
            Pod::from_object(&json!({"metadata": {"name": "p", "namespace": "n"}, "status": {
            "conditions": [{"type": "DisruptionTarget", "status": "True"}],
            "containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 42}}}]}}));
        let codes = |action: &str, operator: &str, values: &[i64]| json!({"action": action, "onExitCodes": {"operator": operator, "values": values}});
        let disrupted =
            json!({"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]});
        let words = |number: usize| {
            format!(
                "Container c for pod n/p failed with exit code 42 matching FailJob rule at index {number}"
            )
        };
        let table = [
            (vec![], Verdict::Count),
            (vec![codes("FailJob", "In", &[42])], Verdict::FailJob(words(0))),
            (vec![codes("FailJob", "In", &[1])], Verdict::Count),
            (vec![codes("FailIndex", "NotIn", &[1])], Verdict::FailIndex),
            (vec![disrupted.clone(), codes("FailJob", "In", &[42])], Verdict::Ignore),
            (
                vec![codes("FailJob", "NotIn", &[42]), codes("FailJob", "In", &[42])],
                Verdict::FailJob(words(1)),
            ),
        ];
        for (rules, expected) in table {
            let policy = json!({"rules": rules});
            assert_eq!(judge(Some(&policy), &pod), expected, "{policy}");
        }
        assert_eq!(judge(None, &pod), Verdict::Count);
    }

    #[test]
    fn a_success_policy_counts_indexes() {
        let done = BTreeSet::from([0, 1, 4]);
        for (rule, met) in [
            (json!({"succeededCount": 3}), true),
            (json!({"succeededCount": 4}), false),
            (json!({"succeededIndexes": "0-1"}), true),
            (json!({"succeededIndexes": "0-2"}), false),
            (json!({"succeededIndexes": "0-2", "succeededCount": 2}), true),
        ] {
            let policy = json!({"rules": [rule]});
            assert_eq!(success(Some(&policy), &done, 5).is_some(), met, "{policy}");
        }
    }
}
