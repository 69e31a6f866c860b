//! What passed the last time, so that a developer sees at once what a change gained and lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::suite::Outcome;

fn path() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("conformance-last.txt")
}

fn parse(text: &str) -> BTreeMap<String, String> {
    let split =
        |line: &str| line.split_once(' ').map(|(name, state)| (name.to_owned(), state.to_owned()));
    text.lines().filter_map(split).collect()
}

/// The parts that differ, or `pass`.
fn state(outcome: &Outcome) -> String {
    let differing: Vec<&str> = outcome
        .comparison
        .parts
        .iter()
        .filter(|result| !result.differences.is_empty())
        .map(|result| result.part.name())
        .collect();
    let verdict = if outcome.passes() { "pass" } else { "FAIL" };
    format!("{verdict} {}", differing.join(",")).trim().to_owned()
}

fn changes_between(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut out = Vec::new();
    for (name, state) in now {
        let Some(old) = before.get(name).filter(|old| *old != state) else { continue };
        let sign = match (old.starts_with("pass"), state.starts_with("pass")) {
            (false, true) => "+",
            (true, false) => "-",
            _ => "~",
        };
        out.push(format!("{sign} {name}: {old} -> {state}"));
    }
    out
}

/// What changed since the last call, which this one is remembered for.
#[must_use]
pub fn changes(outcomes: &[Outcome]) -> Vec<String> {
    let before = fs::read_to_string(path()).map(|text| parse(&text)).unwrap_or_default();
    let now: BTreeMap<String, String> =
        outcomes.iter().map(|outcome| (outcome.name.clone(), state(outcome))).collect();
    let changes = changes_between(&before, &now);
    let mut kept = before;
    kept.extend(now);
    let text: String = kept.iter().map(|(name, state)| format!("{name} {state}\n")).collect();
    if let Err(error) = fs::write(path(), text) {
        eprintln!("{}: {error}", path().display());
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_and_losses_are_told() {
        let before = parse("a FAIL rows\nb pass\nc pass describe\nd FAIL rows\n");
        let now = parse("a pass\nb FAIL events\nc pass\nd FAIL rows\ne pass\n");
        assert_eq!(
            changes_between(&before, &now),
            ["+ a: FAIL rows -> pass", "- b: pass -> FAIL events", "~ c: pass describe -> pass"]
        );
    }
}
