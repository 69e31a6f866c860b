//! `cargo xtask dist`: the static site in `dist/`.

use crate::ctx::Ctx;
use crate::failure::Result;
use crate::{run, say, sizes, tools};
use xshell::cmd;

/// Builds the site and prints its size.
pub(crate) fn run(ctx: &Ctx) -> Result {
    say::step("building the site");
    say::done(build(ctx)?);
    sizes::run(ctx)
}

/// Builds the site; says where it is.
pub(crate) fn build(ctx: &Ctx) -> Result<String> {
    tools::ensure_site(ctx)?;
    let sh = &ctx.shell;
    run::plainly(
        cmd!(sh, "trunk build --release --public-url ./"),
        "the compiler's lines above say why",
    )?;
    Ok("in dist/".to_owned())
}
