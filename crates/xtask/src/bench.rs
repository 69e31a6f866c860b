//! `cargo xtask bench`: the benchmarks of all crates against their budgets.
//!
//! A benchmark is a `[[bench]]` target with `harness = false` that prints one JSON object a line:
//! `{"name": "a day of one pod", "value": 8.1, "unit": "ms", "budget": 20}` (`budget` optional,
//! `peer` optional: what a comparable program takes). Other lines are passed through.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{run, say, workspace};
use clap::Args;
use serde_json::Value;
use xshell::cmd;

#[derive(Args)]
pub(crate) struct Options {
    /// Run only benchmarks of packages whose name contains this.
    filter: Option<String>,
    /// Print the results as JSON lines instead of a table.
    #[arg(long)]
    json: bool,
}

/// One measurement.
struct Row {
    name: String,
    value: f64,
    unit: String,
    budget: Option<f64>,
    peer: String,
}

/// Builds and runs every benchmark, then prints one table.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    let sh = &ctx.shell;
    let mut rows = Vec::new();
    for package in workspace::packages(ctx)? {
        let name = package.name;
        if options.filter.as_ref().is_some_and(|filter| !name.contains(filter)) {
            continue;
        }
        for bench in package.benches {
            say::step(format!("{name}: {bench}"));
            let outcome =
                run::watched(cmd!(sh, "cargo bench --profile native -p {name} --bench {bench}"))?;
            if !outcome.ok {
                let what = format!("the benchmark {bench} of {name} failed");
                return Err(Failure::new(what, "the lines above say why"));
            }
            rows.extend(outcome.lines.iter().filter_map(|line| row(line)));
        }
    }
    if rows.is_empty() {
        let advice = "leave the filter out; crates/xtask/src/bench.rs says what a benchmark is";
        return Err(Failure::new("no benchmark printed a measurement", advice));
    }
    if !options.json {
        print(&rows);
    }
    Ok(())
}

fn row(line: &str) -> Option<Row> {
    let value: Value = serde_json::from_str(line.trim()).ok()?;
    Some(Row {
        name: value["name"].as_str()?.to_owned(),
        value: value["value"].as_f64()?,
        unit: value["unit"].as_str()?.to_owned(),
        budget: value["budget"].as_f64(),
        peer: value["peer"].as_str().unwrap_or_default().to_owned(),
    })
}

fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    for Row { name, value, unit, budget, peer } in rows {
        let verdict = match budget {
            None => String::new(),
            Some(budget) if value <= budget => format!("within {budget} {unit}"),
            Some(budget) => format!("OVER {budget} {unit}"),
        };
        println!("{name:width$}  {value:>12.3} {unit:4}  {verdict}  {peer}");
    }
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn only_measurements_are_rows() {
        assert!(row(r#"{"name": "a", "value": 1, "unit": "ms"}"#).is_some());
        for line in ["", "running", "{}", r#"{"name": "a", "value": "1", "unit": "ms"}"#] {
            assert!(row(line).is_none(), "{line}");
        }
    }
}
