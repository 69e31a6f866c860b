//! `cargo xtask schema`: writes the table of fields that `manifest` carries again, or checks that
//! it is what the OpenAPI says.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{say, schema};
use clap::Args;
use std::path::{Path, PathBuf};

/// The table, as `manifest` includes it.
const TABLE: &str = "crates/manifest/src/schema/fields.tsv";
/// Where the OpenAPI of the recorded cluster lies when the shared test data is there.
const OPENAPI: &str = "../shared/openapi";

#[derive(Args)]
pub(crate) struct Options {
    /// A folder of OpenAPI v3 files, as `kubectl get --raw /openapi/v3/…` prints them.
    #[arg(long, default_value = OPENAPI)]
    openapi: PathBuf,
    /// Change nothing; fail when the table is not current.
    #[arg(long)]
    check: bool,
}

/// Writes or checks the table.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    let openapi = ctx.root.join(&options.openapi);
    if options.check {
        say::done(check(ctx, &openapi)?);
        return Ok(());
    }
    say::step(format!("{} → {TABLE}", openapi.display()));
    generate(&openapi, &ctx.at(TABLE))
}

/// Checks the table where the OpenAPI is at hand.
pub(crate) fn check_where_possible(ctx: &Ctx) -> Result<String> {
    let openapi = ctx.at(OPENAPI);
    if openapi.is_dir() {
        return check(ctx, &openapi);
    }
    Ok(format!("skipped: {OPENAPI} is not there"))
}

fn check(ctx: &Ctx, openapi: &Path) -> Result<String> {
    ctx.shell.create_dir(ctx.notes())?;
    let fresh = ctx.notes().join("fields.tsv");
    generate(openapi, &fresh)?;
    if ctx.read(&fresh)? == ctx.read(&ctx.at(TABLE))? {
        return Ok("current".to_owned());
    }
    Err(Failure::new(format!("{TABLE} is not what the OpenAPI says"), "run `cargo xtask schema`"))
}

fn generate(openapi: &Path, out: &Path) -> Result {
    schema::generate(openapi, out).map_err(|error| {
        let what = format!("no table from {}: {error}", openapi.display());
        Failure::new(what, "name a folder of OpenAPI v3 files by `--openapi`")
    })
}
