//! The list of recordings that are not yet matched, each with its reason. It only shrinks.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::data::tests_dir;
use crate::suite::Outcome;

/// Where the list lies.
#[must_use]
pub fn path() -> PathBuf {
    tests_dir().join("conformance/unmatched.txt")
}

/// Reads `name  reason` lines; `#` begins a comment line.
#[must_use]
pub fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.split_once(char::is_whitespace) {
            Some((name, reason)) => (name.to_owned(), reason.trim().to_owned()),
            None => (line.to_owned(), String::new()),
        })
        .collect()
}

/// The list as committed.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn load() -> BTreeMap<String, String> {
    let text =
        fs::read_to_string(path()).unwrap_or_else(|error| panic!("{}: {error}", path().display()));
    parse(&text)
}

/// What is wrong with the list, given what came out.
#[must_use]
pub fn complaints(list: &BTreeMap<String, String>, outcomes: &[Outcome]) -> Vec<String> {
    let mut out = Vec::new();
    for outcome in outcomes {
        match (list.get(&outcome.name), outcome.passes()) {
            (Some(_), true) => {
                out.push(format!("{}: passes now, take it off the list", outcome.name))
            }
            (Some(reason), false) if reason.is_empty() => {
                out.push(format!("{}: listed without a reason", outcome.name))
            }
            (None, false) => out.push(format!(
                "{}: agrees with {} of {} seeds and is not listed: {}",
                outcome.name,
                outcome.agreed,
                outcome.seeds,
                outcome.comparison.first_difference().unwrap_or("no parts")
            )),
            _ => {}
        }
    }
    out
}

/// The list's text without the recordings that pass now; everything else stays as it is.
#[must_use]
pub fn without_passing(text: &str, outcomes: &[Outcome]) -> String {
    let passes =
        |name: &str| outcomes.iter().any(|outcome| outcome.name == name && outcome.passes());
    let keep = |line: &&str| !line.split_whitespace().next().is_some_and(passes);
    text.split_inclusive('\n').filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::compare::{Comparison, Part, PartResult};

    fn outcome(name: &str, passes: bool) -> Outcome {
        let rows = PartResult { part: Part::Rows, agree: 1, total: 1, differences: Vec::new() };
        let comparison =
            if passes { Comparison { parts: vec![rows] } } else { Comparison::failed("x") };
        Outcome {
            name: name.to_owned(),
            workloads: false,
            seeds: 1,
            agreed: u64::from(passes),
            comparison,
            actual: None,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn the_list_only_shrinks() {
        let text = "# why\na  known\nb  known\nc\n";
        let outcomes =
            [outcome("a", true), outcome("b", false), outcome("c", false), outcome("d", false)];
        assert_eq!(
            complaints(&parse(text), &outcomes),
            [
                "a: passes now, take it off the list",
                "c: listed without a reason",
                "d: agrees with 0 of 1 seeds and is not listed: x"
            ]
        );
        assert_eq!(without_passing(text, &outcomes), "# why\nb  known\nc\n");
    }
}
