//! `cargo xtask serve`: the page on this machine, built again whenever a file changes.

use crate::ctx::Ctx;
use crate::failure::Result;
use crate::{run, say, tools};
use clap::Args;
use xshell::cmd;

#[derive(Args)]
pub(crate) struct Options {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Build as `dist` does: slower to build, faster to run.
    #[arg(long)]
    release: bool,
    /// Open the page in the browser.
    #[arg(long)]
    open: bool,
}

/// Installs what is missing, then builds and serves until interrupted.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    tools::ensure_site(ctx)?;
    let port = options.port.to_string();
    let release = options.release.then_some("--release");
    let open = options.open.then_some("--open");
    // Not `dist/`: a site that is being served must not mix with one that is being measured.
    let dist = ctx.target.join("served");
    say::step(format!("building, then serving on http://127.0.0.1:{port}/ (Ctrl-C ends it)"));
    let sh = &ctx.shell;
    run::plainly(
        cmd!(
            sh,
            "trunk serve --address 127.0.0.1 --port {port} --dist {dist} {release...} {open...}"
        ),
        "if the port is taken, choose another by `--port`; else the lines above say why",
    )
}
