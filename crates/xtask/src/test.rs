//! `cargo xtask test`: native tests, documentation tests, wasm tests in a headless browser,
//! the built site's sizes, and the end-to-end tests on it.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::run::{self, Outcome};
use crate::stages::Stages;
use crate::{dist, say, sizes, tools, workspace};
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use xshell::cmd;

/// Test data that comes from elsewhere and is not part of the project.
const SHARED: &str = "../shared";

#[derive(Args)]
pub(crate) struct Options {
    /// Run only this kind of test.
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// End-to-end tests on the `dist/` that is there, without building it again.
    #[arg(long)]
    no_build: bool,
    /// Passed on to the native test runner, for example a test's name; names of end-to-end specs, such as `site`.
    #[arg(last = true)]
    args: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Native tests and documentation tests.
    Native,
    /// Tests compiled to wasm, in a headless browser.
    Wasm,
    /// The built site: sizes, and what a person does with it in a headless browser.
    E2e,
}

/// The specs that are run again with the engine beside the page, as where workers are refused.
const BESIDE: [&str; 4] = ["person", "play", "terminal", "verdict"];

/// Most specs that are run once more when one of their tests failed.
const AGAIN: usize = 3;

/// Installs what is missing, runs the tests and sums them up.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    let wants = |kind| options.only.is_none_or(|only| only == kind);
    let mut stages = Stages::new();
    if wants(Kind::Native) {
        stages.run("native tests", || native(ctx, &options.args));
        stages.run("documentation tests", || documentation(ctx));
    }
    if wants(Kind::Wasm) {
        let mut digests = Vec::new();
        stages.run("wasm tests in a headless browser", || wasm(ctx, &mut digests));
        stages.run("native and wasm give the same runs", || same_runs(ctx, &digests));
    }
    if wants(Kind::E2e) {
        let built =
            options.no_build || stages.run("the site", || dist::build(ctx, dist::For::Tests));
        if built {
            stages.run("the site's size", || sizes::report(ctx));
            let specs = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let all = if options.args.is_empty() { specs(&["*"]) } else { options.args.clone() };
            stages.run("end-to-end tests in a headless browser", || end_to_end(ctx, &all, None));
            if options.args.is_empty() {
                stages.run("their core with the engine beside the page", || {
                    end_to_end(ctx, &specs(&BESIDE), Some("beside"))
                });
            }
        }
    }
    stages.finish("the failing tests are named above; run one alone by `--only KIND -- NAME`")
}

fn native(ctx: &Ctx, args: &[String]) -> Result<String> {
    tools::ensure_busybox(ctx);
    if !ctx.at(SHARED).is_dir() {
        say::note(format!("{SHARED} is not there: the tests on its manifests and tables skip"));
    }
    let sh = &ctx.shell;
    let which = ["--workspace", "--exclude", "podplay-web"];
    let cmd = if tools::has_nextest(ctx) {
        cmd!(sh, "cargo nextest run {which...} --no-fail-fast --no-tests pass {args...}")
    } else {
        cmd!(sh, "cargo test {which...} --no-fail-fast -- {args...}")
    };
    counted(run::watched(cmd)?, "native tests")
}

fn documentation(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    let cmd = cmd!(sh, "cargo test --quiet --workspace --exclude podplay-web --doc");
    counted(run::watched(cmd)?, "documentation tests")
}

/// Runs the wasm tests and collects the digests that they print.
fn wasm(ctx: &Ctx, digests: &mut Vec<String>) -> Result<String> {
    tools::ensure_wasm_target(ctx)?;
    tools::ensure_wasm_bindgen(ctx)?;
    tools::ensure_browser(ctx)?;
    let sh = &ctx.shell;
    let target = tools::WASM_TARGET;
    let mut all = Outcome { ok: true, lines: Vec::new() };
    for package in workspace::packages(ctx)? {
        let Some(which) = package.wasm_tests else { continue };
        let name = package.name;
        let cmd = cmd!(
            sh,
            "cargo test -p {name} --target {target} --no-fail-fast {which...} -- --nocapture"
        )
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", ctx.which("chromedriver").unwrap_or_default())
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", ctx.at("tests/webdriver.json"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        let outcome = run::watched(cmd)?;
        all.ok &= outcome.ok;
        all.lines.extend(outcome.lines);
    }
    digests.extend(all.lines.iter().filter_map(|line| digest(line)));
    counted(all, "wasm tests")
}

/// Plays the same scenes natively and compares the digests.
fn same_runs(ctx: &Ctx, wasm: &[String]) -> Result<String> {
    let sh = &ctx.shell;
    let test = "a_run_can_be_repeated";
    let cmd =
        cmd!(sh, "cargo test --quiet -p podplay-core --test same_everywhere -- --nocapture {test}");
    let outcome = run::watched(cmd)?;
    let native: BTreeSet<_> = outcome.lines.iter().filter_map(|line| digest(line)).collect();
    let wasm: BTreeSet<_> = wasm.iter().cloned().collect();
    if outcome.ok && !native.is_empty() && native == wasm {
        return Ok(format!("{} digests", native.len()));
    }
    let differing: Vec<_> = native.symmetric_difference(&wasm).map(String::as_str).collect();
    Err(Failure::new(
        format!("these digests are not the same on both machines: {}", differing.join(", ")),
        "look for a float, an unordered map, usize arithmetic or a clock in the core",
    ))
}

/// The digest and the name of its scene in a line that a test printed.
fn digest(line: &str) -> Option<String> {
    let at = line.find("digest ")?;
    let (number, name) = line[at + 7..].split_once(' ')?;
    let is_number = number.len() == 16 && number.chars().all(|c| c.is_ascii_hexdigit());
    is_number.then(|| format!("{number} {}", name.trim_end_matches(['\'', '"']).trim()))
}

/// Runs the specs of these names; `engine` says where the page's engine runs.
fn end_to_end(ctx: &Ctx, specs: &[String], engine: Option<&str>) -> Result<String> {
    tools::ensure_browser(ctx)?;
    tools::ensure_npm(ctx, "tests/e2e")?;
    tools::ensure_jekyll(ctx);
    let sh = &ctx.shell;
    // What the page's terminal prints is compared with what this says.
    run::plainly(cmd!(sh, "cargo build --quiet -p podplay-cli"), "the compiler's lines say why")?;
    let _back = sh.push_dir("tests/e2e");
    let mut files = sh.read_dir("specs")?;
    let wanted =
        |spec: &String, path: &Path| spec == "*" || path.ends_with(format!("{spec}.test.mjs"));
    files.retain(|path| specs.iter().any(|spec| wanted(spec, path)));
    let browser = tools::browser(ctx).unwrap_or_default();
    let tested = |files: &[PathBuf]| {
        run::watched(
            cmd!(sh, "npm test --silent -- {files...}")
                .env("PODPLAY_ENGINE", engine.unwrap_or_default())
                .env("PODPLAY_CLI", ctx.target.join("debug/podplay"))
                .env("PODPLAY_DIST", ctx.at("dist"))
                .env("PODPLAY_CHROMIUM", &browser),
        )
    };
    let first = tested(&files)?;
    files.retain(|path| failed_in(&first.lines, path));
    if first.ok || files.len() > AGAIN || files.is_empty() {
        return counted(first, "end-to-end tests");
    }
    say::note(
        "a browser is at times slower than a test expects: the specs that failed run once more",
    );
    let done = passed(&first);
    let again = counted(tested(&files)?, "end-to-end tests")?;
    Ok(format!("{done} passed, {} specs only when run again ({again})", files.len()))
}

/// Whether a test of this spec is among those that the lines name as failed: `test at specs/NAME.test.mjs:7:1`.
fn failed_in(lines: &[String], spec: &Path) -> bool {
    let Some(name) = spec.file_name().and_then(|name| name.to_str()) else { return false };
    lines.iter().any(|line| line.starts_with("test at ") && line.contains(&format!("/{name}:")))
}

/// How many tests passed.
pub(crate) fn passed(outcome: &Outcome) -> u64 {
    outcome.lines.iter().filter_map(|line| counts(line)).sum::<Counts>().passed
}

/// The line of the summary, or a failure that says how many tests failed.
fn counted(outcome: Outcome, what: &str) -> Result<String> {
    let Counts { passed, failed, skipped } = outcome.lines.iter().filter_map(|l| counts(l)).sum();
    if outcome.ok {
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        return Ok(format!("{passed} passed{skipped}"));
    }
    let told =
        if failed > 0 { format!("{failed} {what} failed") } else { format!("{what} failed") };
    Err(Failure::new(told, "see the lines above"))
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |a, b| Self {
            passed: a.passed + b.passed,
            failed: a.failed + b.failed,
            skipped: a.skipped + b.skipped,
        })
    }
}

/// Reads the closing line of cargo, nextest, the wasm runner, or one of Node's closing lines.
fn counts(line: &str) -> Option<Counts> {
    // An indented "test result" is what a failed test printed, shown again by nextest.
    let is_summary = line.starts_with("test result:") || line.trim_start().starts_with("Summary [");
    if !is_summary {
        let (kind, count) = line.strip_prefix("ℹ ")?.split_once(' ')?;
        let count = count.parse().ok()?;
        return match kind {
            "pass" => Some(Counts { passed: count, ..Counts::default() }),
            "fail" => Some(Counts { failed: count, ..Counts::default() }),
            "skipped" | "todo" => Some(Counts { skipped: count, ..Counts::default() }),
            _ => None,
        };
    }
    let words: Vec<_> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    let before = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
    };
    Some(Counts {
        passed: before("passed").unwrap_or(0),
        failed: before("failed").unwrap_or(0),
        skipped: before("skipped").or_else(|| before("ignored")).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts, digest};

    #[test]
    fn closing_lines_are_read() {
        let table = [
            (
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
                (3, 0, 1),
            ),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 filtered out;", (1, 2, 0)),
            (
                "     Summary [   0.012s] 7 tests run: 6 passed (1 slow), 1 failed, 2 skipped",
                (6, 1, 2),
            ),
            ("     Summary [   0.012s] 1 test run: 1 passed, 0 skipped", (1, 0, 0)),
            ("ℹ pass 4", (4, 0, 0)),
            ("ℹ fail 2", (0, 2, 0)),
            ("ℹ skipped 1", (0, 0, 1)),
        ];
        for (line, (passed, failed, skipped)) in table {
            assert_eq!(counts(line), Some(Counts { passed, failed, skipped }), "{line}");
        }
        let again = "    test result: FAILED. 0 passed; 1 failed; 0 ignored";
        for line in ["ℹ tests 4", again, "running 3 tests", "ℹ duration_ms 12.5", ""] {
            assert_eq!(counts(line), None, "{line}");
        }
    }

    #[test]
    fn digests_are_found_in_what_tests_print() {
        let table = [
            ("digest 0123456789abcdef a day", Some("0123456789abcdef a day")),
            ("    digest 0123456789abcdef a day ", Some("0123456789abcdef a day")),
            ("digest of the day", None),
            ("nothing", None),
        ];
        for (line, expected) in table {
            assert_eq!(digest(line).as_deref(), expected, "{line}");
        }
    }
}
