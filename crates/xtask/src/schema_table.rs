//! `cargo xtask schema`: writes the table of fields that `manifest` carries again, or checks that
//! it is what the OpenAPI says.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::say;
use crate::schema::{self, Tables};
use clap::Args;
use std::path::{Path, PathBuf};

/// Where the table lies that `manifest` includes.
const FOLDER: &str = "crates/manifest/src/schema";
/// What plain Pods need.
const BASIC: &str = "fields.tsv";
/// Everything else.
const MORE: &str = "more_fields.tsv";
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
    say::step(format!("{} → {FOLDER}", openapi.display()));
    let tables = generate(&openapi)?;
    let folder = ctx.at(FOLDER);
    ctx.shell.write_file(folder.join(BASIC), tables.basic)?;
    Ok(ctx.shell.write_file(folder.join(MORE), tables.more)?)
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
    let fresh = generate(openapi)?;
    let folder = ctx.at(FOLDER);
    for (name, fresh) in [(BASIC, fresh.basic), (MORE, fresh.more)] {
        if ctx.read(&folder.join(name))? != fresh {
            let what = format!("{FOLDER}/{name} is not what the OpenAPI says");
            return Err(Failure::new(what, "run `cargo xtask schema`"));
        }
    }
    Ok("current".to_owned())
}

fn generate(openapi: &Path) -> Result<Tables> {
    schema::generate(openapi).map_err(|error| {
        let what = format!("no table from {}: {error}", openapi.display());
        Failure::new(what, "name a folder of OpenAPI v3 files by `--openapi`")
    })
}
