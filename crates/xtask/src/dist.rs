//! `cargo xtask dist`: the static site in `dist/`, and what a release holds in `release/`.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{offline, run, say, sizes, tools, workspace};
use clap::Args;
use xshell::cmd;

/// Where archives go.
const RELEASE: &str = "release";
/// The folder of the npm package.
const PACKAGE: &str = "www/embed";

#[derive(Args)]
pub(crate) struct Options {
    /// Also put a .gz and a .br beside each file, for web servers that send these as they are.
    #[arg(long)]
    precompress: bool,
    /// Also write the site and the npm package as archives with checksums to `release/`.
    #[arg(long)]
    archive: bool,
    /// Take the `dist/` that is there instead of building it.
    #[arg(long)]
    no_build: bool,
}

/// Builds the site, packs what was asked for, and prints the sizes.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    if !options.no_build {
        say::step("building the site");
        say::done(build(ctx, For::People)?);
    }
    if options.archive {
        say::step("packing a release");
        say::done(archive(ctx)?);
    }
    if options.precompress {
        say::step("compressing");
        let sh = &ctx.shell;
        run::plainly(cmd!(sh, "node www/compress.mjs dist"), "see the lines above")?;
    }
    sizes::report(ctx).map(drop)
}

/// Whom a build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Whoever visits the site.
    People,
    /// End-to-end tests, which can make the simulator panic.
    Tests,
}

/// Builds the site; says where it is.
pub(crate) fn build(ctx: &Ctx, whom: For) -> Result<String> {
    tools::ensure_site(ctx)?;
    let sh = &ctx.shell;
    let hooks: &[&str] =
        if whom == For::Tests { &["--features", "test-hooks"] } else { Default::default() };
    run::plainly(
        cmd!(sh, "trunk build --release --public-url ./ {hooks...}"),
        "the compiler's lines above say why",
    )?;
    Ok("in dist/".to_owned())
}

/// Packs the site and the npm package, the same bytes for the same content.
fn archive(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    let version = workspace::locked_version(ctx, "podplay-web")?;
    let release = ctx.at(RELEASE);
    sh.remove_path(&release)?;
    sh.create_dir(&release)?;
    let name = format!("podplay-site-{version}");
    let (plain, inside) = (release.join(format!("{name}.tar")), format!("s,^dist,{name},"));
    let advice = "GNU tar, gzip and sha256sum are needed";
    let list: Vec<_> = offline::walk(&ctx.at("dist"))?
        .iter()
        .filter(|path| {
            !path.extension().is_some_and(|ending| {
                offline::COMPRESSED.contains(&ending.to_str().unwrap_or_default())
            })
        })
        .filter_map(|path| Some(path.strip_prefix(&ctx.root).ok()?.to_path_buf()))
        .collect();
    run::plainly(
        cmd!(
            sh,
            "tar --create --file {plain} --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw --transform {inside} {list...}"
        ),
        advice,
    )?;
    run::plainly(cmd!(sh, "gzip --no-name --best {plain}"), advice)?;
    let package = ctx.at(PACKAGE);
    run::plainly(
        cmd!(sh, "npm pack --silent --pack-destination {release} {package}"),
        "npm's lines above say why",
    )?;
    let _back = sh.push_dir(&release);
    let mut files: Vec<_> = sh.read_dir(&release)?;
    files.sort();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()).collect();
    let sums = cmd!(sh, "sha256sum {names...}")
        .quiet()
        .read()
        .map_err(|error| Failure::new(format!("no checksums could be made: {error}"), advice))?;
    sh.write_file(release.join("SHA256SUMS"), format!("{sums}\n"))?;
    Ok(format!("{} archives and SHA256SUMS in {RELEASE}/", files.len()))
}
