//! The command line of `cargo xtask`, and which module answers each command.

use crate::ctx::Ctx;
use crate::failure::Result;
use crate::{
    bench, check, dist, fuzz, post_build, schema_table, screenshots, serve, sizes, test, tools,
};
use clap::{Parser, Subcommand};

/// Everything there is to do with podplay, each as one command.
///
/// Missing tools are installed on the way and what is already there is skipped,
/// so on a fresh machine with Rust, Node and apt the first command is enough.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it on 127.0.0.1 with live reload.
    Serve(serve::Options),
    /// Run every test: native, wasm in a headless browser, end-to-end in a headless browser.
    Test(test::Options),
    /// Formatting, clippy (native and wasm32), dependencies, documentation, house rules.
    Check(check::Options),
    /// Write the static site to `dist/`, small and working from any sub-path.
    Dist(dist::Options),
    /// Print the size of the built `dist/` against its budgets, and each crate's share.
    Sizes,
    /// Print the benchmarks against their budgets.
    Bench(bench::Options),
    /// Install every tool that the other commands need, and do nothing else.
    Setup,
    /// Write the table of Kubernetes fields again, from the OpenAPI of a cluster.
    Schema(schema_table::Options),
    /// Run the fuzz tests with fresh seeds for a while.
    Fuzz(fuzz::Options),
    /// Write pictures of the built page to `screenshots/`.
    Screenshots,
    /// What Trunk calls after each build (see Trunk.toml).
    #[command(hide = true)]
    PostBuild,
}

impl Args {
    /// Runs the command that was asked for.
    pub(crate) fn run(self) -> Result {
        let ctx = Ctx::new()?;
        match self.command {
            Command::Serve(options) => serve::run(&ctx, &options),
            Command::Test(options) => test::run(&ctx, &options),
            Command::Check(options) => check::run(&ctx, &options),
            Command::Dist(options) => dist::run(&ctx, &options),
            Command::Sizes => sizes::report(&ctx).map(drop),
            Command::Bench(options) => bench::run(&ctx, &options),
            Command::Setup => tools::ensure_all(&ctx),
            Command::Schema(options) => schema_table::run(&ctx, &options),
            Command::Fuzz(options) => fuzz::run(&ctx, &options),
            Command::Screenshots => screenshots::run(&ctx),
            Command::PostBuild => post_build::run(&ctx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
