//! Tables and totals of many outcomes.

use std::fmt::Write;

use crate::compare::Part;
use crate::suite::Outcome;

/// How much of a difference a table line shows.
const SHOWN: usize = 150;

/// Cuts a line for a table.
#[must_use]
pub fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// `rows` when the part agrees, `rows 2/3` when one subject of three differs.
fn part_cell(outcome: &Outcome, part: Part) -> String {
    match outcome.comparison.part(part) {
        None => "-".to_owned(),
        Some(result) if result.differences.is_empty() => "ok".to_owned(),
        Some(result) => format!("{}/{}", result.agree, result.total),
    }
}

/// One line an outcome, and its first difference below where it fails.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let mut out = format!("{:6}{:42}    ", "", "");
    for part in Part::ALL {
        let _ = write!(out, " {part:10}");
    }
    out.push('\n');
    for outcome in outcomes {
        let verdict = if outcome.passes() { "pass" } else { "FAIL" };
        let _ = write!(out, "{verdict}  {:42} {}/{}", outcome.name, outcome.agreed, outcome.seeds);
        for part in Part::ALL {
            let _ = write!(out, " {:10}", part_cell(outcome, part));
        }
        if outcome.took.as_millis() > 500 {
            let _ = write!(out, " {} ms", outcome.took.as_millis());
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        if let Some(first) = outcome.comparison.first_difference() {
            let _ = writeln!(out, "        {}", shorten(first, SHOWN));
        }
    }
    out
}

fn totals_of(title: &str, outcomes: &[&Outcome]) -> String {
    let passed = outcomes.iter().filter(|outcome| outcome.passes()).count();
    let all = outcomes.iter().filter(|outcome| outcome.agreed == outcome.seeds).count();
    let any = outcomes.iter().filter(|outcome| outcome.agreed > 0).count();
    let mut out = format!(
        "{title:10} {passed}/{} reproduced by all seeds but one ({all} by all, {any} by any)",
        outcomes.len()
    );
    for part in Part::ALL {
        let results: Vec<_> =
            outcomes.iter().filter_map(|outcome| outcome.comparison.part(part)).collect();
        let agree = results.iter().filter(|result| result.differences.is_empty()).count();
        if !results.is_empty() {
            let _ = write!(out, ", {part} {agree}/{}", results.len());
        }
    }
    out.push('\n');
    out
}

/// Totals per part, for recordings of pods only, with workloads, and all.
#[must_use]
pub fn totals(outcomes: &[Outcome]) -> String {
    let pods: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.workloads).collect();
    let workloads: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.workloads).collect();
    let all: Vec<&Outcome> = outcomes.iter().collect();
    totals_of("pods", &pods) + &totals_of("workloads", &workloads) + &totals_of("all", &all)
}

/// Every difference of one outcome, part by part.
#[must_use]
pub fn differences(outcome: &Outcome) -> String {
    let mut out = String::new();
    for result in &outcome.comparison.parts {
        let verdict = match result.differences.len() {
            0 => "agree".to_owned(),
            1 => "1 difference".to_owned(),
            n => format!("{n} differences"),
        };
        let _ = writeln!(out, "{}: {verdict} ({}/{})", result.part, result.agree, result.total);
        for difference in &result.differences {
            let _ = writeln!(out, "  {difference}");
        }
    }
    out
}
