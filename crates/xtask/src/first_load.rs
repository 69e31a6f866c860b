//! `cargo xtask first-load`: which functions a first visit runs, seen in a real browser.
//!
//! Their names are in `www/first-load.txt`; a release build puts them into the first part of the
//! program and everything else into the deferred one. A function that is missing there is still
//! found, only later: the list decides about speed, never about what works. An end-to-end test
//! says when it is out of date.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{dist, run, say, split, tools};
use std::collections::BTreeSet;
use xshell::cmd;

/// The list, in the repository.
const LIST: &str = "www/first-load.txt";
/// Says to the build step that this build is to be watched.
const WATCHING: &str = "PODPLAY_WATCH_FIRST_LOAD";
/// Between the build and the browser: the names by number, and the numbers that were seen.
const NAMES: &str = "first-load-names.txt";
const SEEN: &str = "first-load-seen.txt";

/// Builds a page that tells what it runs, visits it, and writes the list.
pub(crate) fn run(ctx: &Ctx) -> Result {
    tools::ensure_browser(ctx)?;
    tools::ensure_npm(ctx, "tests/e2e")?;
    say::step("building a page that tells what it runs");
    ctx.shell.set_var(WATCHING, "1");
    dist::build(ctx)?;
    say::step("visiting it");
    let seen = ctx.notes().join(SEEN);
    let sh = &ctx.shell;
    run::plainly(
        cmd!(sh, "node tests/e2e/first-load.mjs {seen}")
            .env("PODPLAY_DIST", ctx.at("dist"))
            .env("PODPLAY_CHROMIUM", tools::browser(ctx).unwrap_or_default()),
        "the lines above say why",
    )?;
    let names = ctx.read(&ctx.notes().join(NAMES))?;
    let list = listed(&names, &ctx.read(&seen)?);
    ctx.shell.write_file(ctx.at(LIST), format!("{}\n", list.join("\n")))?;
    say::done(format!("{} names in {LIST}; `cargo xtask dist` builds with them", list.len()));
    Ok(())
}

/// Whether the build that is running is the one of `run`.
pub(crate) fn is_watching() -> bool {
    std::env::var_os(WATCHING).is_some()
}

/// Keeps the names of a module's functions until the browser has said which it ran.
pub(crate) fn remember_names(ctx: &Ctx, names: &[String]) -> Result {
    Ok(ctx.shell.write_file(ctx.notes().join(NAMES), names.join("\n"))?)
}

/// The names that the list has.
pub(crate) fn names(ctx: &Ctx) -> Result<BTreeSet<String>> {
    let list = ctx.read(&ctx.at(LIST))?;
    if list.trim().is_empty() {
        let advice = "run `cargo xtask first-load`, which writes it";
        return Err(Failure::new(format!("{LIST} is empty"), advice));
    }
    Ok(list.lines().map(str::to_owned).collect())
}

/// The names of the numbers, each once, in order.
fn listed(names: &str, seen: &str) -> Vec<String> {
    let names: Vec<_> = names.lines().collect();
    let seen = seen.lines().filter_map(|number| number.trim().parse::<usize>().ok());
    let named = seen.filter_map(|number| names.get(number)).map(|name| split::lasting_name(name));
    named.filter(|name| !name.is_empty()).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn names_come_once_and_without_hashes() {
        let names = "b[0123456789abcdef]::f\na::g\n\na[fedcba9876543210]::g\nc";
        assert_eq!(listed(names, "3\n0\n2\n1\n99"), ["a::g", "b::f"]);
    }
}
