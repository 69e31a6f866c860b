//! `cargo xtask check`: everything that can be said without running the program.

use crate::ctx::Ctx;
use crate::failure::Result;
use crate::stages::Stages;
use crate::{locales, run, say, schema_table, tidy, tools};
use clap::{Args, ValueEnum};
use xshell::cmd;

#[derive(Args)]
pub(crate) struct Options {
    /// Run only this kind of check.
    #[arg(long, value_enum)]
    only: Option<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Formatting.
    Fmt,
    /// Clippy, native and for wasm32.
    Clippy,
    /// Licences, bans, sources and advisories of the dependencies.
    Deny,
    /// The documentation builds without a warning.
    Docs,
    /// The house rules that no other tool knows.
    Tidy,
}

/// Runs the checks and sums them up.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    let wants = |kind| options.only.is_none_or(|only| only == kind);
    let mut stages = Stages::new();
    if wants(Kind::Fmt) {
        stages.run("formatting", || formatting(ctx));
    }
    if wants(Kind::Tidy) {
        stages.run("house rules", || tidy::run(ctx));
        stages.run("words", || locales::check(ctx));
        stages.run("table of fields", || schema_table::check_where_possible(ctx));
    }
    if wants(Kind::Clippy) {
        stages.run("clippy, native", || clippy_native(ctx));
        stages.run("clippy, wasm32", || clippy_wasm(ctx));
    }
    if wants(Kind::Docs) {
        stages.run("documentation", || documentation(ctx));
    }
    if wants(Kind::Deny) {
        stages.run("dependencies", || dependencies(ctx));
    }
    stages.finish("the lines above name each place")
}

fn formatting(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    run::plainly(cmd!(sh, "cargo fmt --all --check"), "run `cargo fmt --all`")?;
    Ok(String::new())
}

fn clippy_native(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    let which = ["--workspace", "--exclude", "podplay-web", "--all-targets"];
    run::plainly(
        cmd!(sh, "cargo clippy {which...} -- -D warnings"),
        "put each warning right; the lints are in the workspace's Cargo.toml",
    )?;
    Ok(String::new())
}

fn clippy_wasm(ctx: &Ctx) -> Result<String> {
    tools::ensure_wasm_target(ctx)?;
    let sh = &ctx.shell;
    let target = tools::WASM_TARGET;
    run::plainly(
        cmd!(
            sh,
            "cargo clippy -p podplay-web -p podplay-engine --target {target} --all-targets -- -D warnings"
        ),
        "put each warning right; the lints are in the workspace's Cargo.toml",
    )?;
    Ok(String::new())
}

fn documentation(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    run::plainly(
        cmd!(sh, "cargo doc --workspace --no-deps --document-private-items")
            .env("RUSTDOCFLAGS", "-Dwarnings"),
        "put each warning right",
    )?;
    Ok(String::new())
}

/// Advisories come from a repository that not every machine reaches; the rest needs no network.
fn dependencies(ctx: &Ctx) -> Result<String> {
    tools::ensure_deny(ctx)?;
    let sh = &ctx.shell;
    let advice = "see deny.toml for what is allowed and why";
    if run::answer(cmd!(sh, "cargo deny --log-level off fetch db")).is_some() {
        run::plainly(cmd!(sh, "cargo deny --log-level warn check --hide-inclusion-graph"), advice)?;
        return Ok("with advisories".to_owned());
    }
    say::note("the advisory database cannot be fetched: everything but advisories is checked");
    let which = ["bans", "licenses", "sources"];
    run::plainly(
        cmd!(sh, "cargo deny --log-level warn check --hide-inclusion-graph {which...}"),
        advice,
    )?;
    Ok("without advisories".to_owned())
}
