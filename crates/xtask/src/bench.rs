//! `cargo xtask bench`: the benchmarks of all crates against their budgets.
//!
//! A benchmark is a `[[bench]]` target with `harness = false` that prints one JSON object a line:
//! `{"name": "a day of one pod", "value": 8.1, "unit": "ms", "budget": 20}` (`budget` optional,
//! `peer` optional: what a comparable program takes). Other lines are passed through.
//!
//! Those that `package.metadata.podplay.wasm-benches` names are also compiled to wasm, in the way
//! the page is, and export `scenes()` and `play(scene)`; `tests/bench.mjs` times them in Node.
//! What the built page takes in a browser is measured by `tests/e2e/bench.mjs` (`cargo xtask bench page`).

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{dist, run, say, tools, workspace};
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;
use xshell::{Cmd, cmd};

#[derive(Args)]
pub(crate) struct Options {
    /// Run only benchmarks of packages whose name contains this.
    filter: Option<String>,
    /// Print the results as JSON lines instead of a table.
    #[arg(long)]
    json: bool,
}

/// The module's folder, for one benchmark.
const WASM_FOLDER: &str = "bench";

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
            say::step(format!("{name}: {bench}, native"));
            let cmd = cmd!(sh, "cargo bench --profile native -p {name} --bench {bench}");
            rows.extend(measured(cmd, &bench)?);
            if package.wasm_benches.contains(&bench) {
                say::step(format!("{name}: {bench}, wasm"));
                let module = in_wasm(ctx, &name, &bench)?;
                rows.extend(measured(cmd!(sh, "node tests/bench.mjs {module}"), &bench)?);
            }
        }
    }
    if options.filter.as_ref().is_none_or(|filter| "page".contains(filter.as_str())) {
        rows.extend(in_browser(ctx)?);
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

fn measured(cmd: Cmd<'_>, bench: &str) -> Result<Vec<Row>> {
    let outcome = run::watched(cmd)?;
    if outcome.ok {
        return Ok(outcome.lines.iter().filter_map(|line| row(line)).collect());
    }
    Err(Failure::new(format!("the benchmark {bench} failed"), "the lines above say why"))
}

/// Measures the built page in a browser; builds it if it is not there.
fn in_browser(ctx: &Ctx) -> Result<Vec<Row>> {
    tools::ensure_browser(ctx)?;
    tools::ensure_npm(ctx, "tests/e2e")?;
    if !ctx.at("dist/index.html").is_file() {
        dist::build(ctx, dist::For::People)?;
    }
    say::step("dist/ in a browser");
    let sh = &ctx.shell;
    let cmd = cmd!(sh, "node tests/e2e/bench.mjs")
        .env("PODPLAY_DIST", ctx.at("dist"))
        .env("PODPLAY_CHROMIUM", tools::browser(ctx).unwrap_or_default());
    measured(cmd, "of the page")
}

/// Builds a benchmark as the page is built; returns the script that loads it into Node.
fn in_wasm(ctx: &Ctx, package: &str, bench: &str) -> Result<PathBuf> {
    tools::ensure_wasm_target(ctx)?;
    tools::ensure_wasm_bindgen(ctx)?;
    tools::ensure_npm(ctx, "www")?;
    let sh = &ctx.shell;
    let target = tools::WASM_TARGET;
    let build = cmd!(
        sh,
        "cargo build --release --target {target} -p {package} --bench {bench} --message-format json-render-diagnostics"
    );
    let messages = build.quiet().read()?;
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let named = built.filter(|message| message["target"]["name"] == bench);
    let module =
        named.filter_map(|message| Some(message["filenames"][0].as_str()?.to_owned())).next_back();
    let module = module.ok_or_else(|| {
        Failure::new(format!("cargo built no module for {bench}"), "see its lines above")
    })?;
    let out = ctx.notes().join(WASM_FOLDER);
    run::plainly(
        cmd!(
            sh,
            "wasm-bindgen {module} --target nodejs --no-typescript --out-name {bench} --out-dir {out}"
        ),
        "see its lines above",
    )?;
    let small = out.join(format!("{bench}_bg.wasm"));
    let features = tools::WASM_FEATURES;
    run::plainly(cmd!(sh, "wasm-opt -Oz {features...} {small} -o {small}"), "see its lines above")?;
    sh.write_file(out.join("package.json"), "{\"type\": \"commonjs\"}\n")?;
    Ok(out.join(format!("{bench}.js")))
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
