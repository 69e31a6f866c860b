//! `cargo xtask fuzz`: the tests named `fuzz_…`, for longer and with fresh seeds.
//!
//! Each of them is also an ordinary test with a fixed seed and a few hundred cases. It reads
//! `PODPLAY_FUZZ_SECONDS` (how long to go on) or `PODPLAY_FUZZ_TIMES` (so many times its cases) and
//! `PODPLAY_FUZZ_SEED` (where to begin), and on a failure prints the seed and the input that it found.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{run, say, test};
use clap::Args;
use std::time::SystemTime;
use xshell::cmd;

#[derive(Args)]
pub(crate) struct Options {
    /// Only the fuzz tests whose name contains this, for example `manifest`.
    target: Option<String>,
    /// How long each of them runs.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// So many times the cases of the ordinary test instead, however long that takes.
    #[arg(long)]
    times: Option<u64>,
    /// The profile that they are built in.
    #[arg(long, default_value = "native")]
    profile: String,
    /// The first seed; without it one that no earlier run had.
    #[arg(long)]
    seed: Option<u64>,
}

/// The packages and files that have fuzz tests.
const WHERE: &str =
    "-p podplay-manifest -p podplay-shell -p podplay-tests --test fuzz* --test incident";

/// Runs the fuzz tests.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    let Options { target, seconds, times, profile, seed } = options;
    let seed = seed.unwrap_or_else(fresh_seed);
    let name = target.as_ref().map_or_else(|| "fuzz_".to_owned(), |name| format!("fuzz_{name}"));
    let (bound, value, told) = match times {
        Some(times) => {
            ("PODPLAY_FUZZ_TIMES", times.to_string(), format!("{times} times the cases"))
        }
        None => ("PODPLAY_FUZZ_SECONDS", seconds.to_string(), format!("{seconds} s each")),
    };
    say::step(format!("tests named {name}…, {told}, from seed {seed}"));
    let sh = &ctx.shell;
    let which = WHERE.split(' ');
    let cmd = cmd!(
        sh,
        "cargo test {which...} --profile {profile} -- {name} --nocapture --test-threads 1"
    )
    .env(bound, value)
    .env("PODPLAY_FUZZ_SEED", seed.to_string());
    let outcome = run::watched(cmd)?;
    let tests = test::passed(&outcome);
    if outcome.ok && tests == 0 {
        return Err(Failure::new(format!("no test is named {name}…"), "leave the name out"));
    }
    if outcome.ok {
        let executions: u64 = outcome.lines.iter().filter_map(|line| executions(line)).sum();
        say::done(format!("{tests} fuzz tests found nothing in {executions} executions"));
        return Ok(());
    }
    let advice = format!("repeat it by `cargo xtask fuzz --seed {seed}`; keep the input as a test");
    Err(Failure::new("a fuzz test found something", advice))
}

/// The number of executions that a fuzz test says it made.
fn executions(line: &str) -> Option<u64> {
    let (_, told) = line.split_once("fuzz: ")?;
    told.split_once(" executions of ")?.0.parse().ok()
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(1, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::executions;

    #[test]
    fn executions_are_read() {
        assert_eq!(
            executions("test x ... fuzz: 1500 executions of manifest, from seed 1"),
            Some(1500)
        );
        assert_eq!(executions("test x ... ok"), None);
    }
}
