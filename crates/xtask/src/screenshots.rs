//! `cargo xtask screenshots`: pictures of the built page in every theme, language and width.

use crate::ctx::Ctx;
use crate::failure::Result;
use crate::{dist, run, say, tools};
use xshell::cmd;

/// Builds the site if it is not there and takes the pictures.
pub(crate) fn run(ctx: &Ctx) -> Result {
    tools::ensure_browser(ctx)?;
    tools::ensure_korean_font(ctx);
    tools::ensure_npm(ctx, "tests/e2e")?;
    if !ctx.at("dist/index.html").is_file() {
        dist::build(ctx, dist::For::People)?;
    }
    say::step("taking pictures of dist/");
    let sh = &ctx.shell;
    run::plainly(
        cmd!(sh, "node tests/e2e/screenshots.mjs")
            .env("PODPLAY_DIST", ctx.at("dist"))
            .env("PODPLAY_CHROMIUM", tools::browser(ctx).unwrap_or_default()),
        "the lines above say why; `cargo xtask dist` builds the page again",
    )
}
