//! What happens to a build before Trunk publishes it: no inline scripts, names for editor and engine that change
//! with their content, the service worker's list, and in a release build small scripts, one style sheet and modules
//! without names, after the names have told each crate's share.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{html, lessons, offline, run, sizes, wasm};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use xshell::cmd;

/// The page.
pub(crate) const PAGE: &str = "index.html";
/// The editor, which the page fetches when it is idle.
const EDITOR: &str = "editor.js";
/// The engine as Trunk and `www` call its files, in the order in which `www/boot.js` reads their names.
const ENGINE: [&str; 4] =
    ["podplay-engine.js", "podplay-engine_bg.wasm", "engine-worker.js", "engine-host.js"];

/// Works on the folder that Trunk names.
pub(crate) fn run(ctx: &Ctx) -> Result {
    let staging = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from).ok_or_else(|| {
        Failure::new("there is no build to work on", "run `cargo xtask dist`, which calls this")
    })?;
    lessons::write(ctx, &staging)?;
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let page = ctx.read(&staging.join(PAGE))?;
    let live = html::is_live(&page);
    for file in ctx.shell.read_dir(&staging)? {
        match file.extension().and_then(OsStr::to_str) {
            Some("html") => finish_page(ctx, &file)?,
            Some("js") if release => minify(ctx, &file, &file)?,
            Some("wasm") if release => finish_module(ctx, &file)?,
            _ => {}
        }
    }
    name_editor(ctx, &staging)?;
    if release && !live {
        bundle(ctx, &staging)?;
        name_engine(ctx, &staging)?;
    }
    if live {
        // While files change all the time, nothing may be kept.
        return Ok(());
    }
    add_meta(ctx, &staging, "podplay-offline", "sw.js")?;
    offline::write(ctx, &staging)
}

/// Gives the editor a name that changes with its content, and tells the page.
fn name_editor(ctx: &Ctx, staging: &Path) -> Result {
    let editor = staging.join(EDITOR);
    if !editor.is_file() {
        return Ok(());
    }
    let name = format!("editor-{:016x}.js", html::fingerprint(ctx.read(&editor)?.as_bytes()));
    std::fs::rename(&editor, staging.join(&name))
        .map_err(|error| Failure::file("rename", &editor, &error))?;
    add_meta(ctx, staging, "podplay-editor", &name)
}

fn add_meta(ctx: &Ctx, staging: &Path, name: &str, content: &str) -> Result {
    let page = staging.join(PAGE);
    let html = html::with_meta(&ctx.read(&page)?, name, content);
    Ok(ctx.shell.write_file(page, html)?)
}

fn finish_page(ctx: &Ctx, file: &Path) -> Result {
    let page = html::without_inline_scripts(&ctx.read(file)?);
    if let Some(what) = html::refused(&page.html) {
        return Err(Failure::new(
            format!("{} contains `{}`, which its policy refuses", file.display(), what.trim()),
            "use a class, an attribute of SVG, or a script file",
        ));
    }
    for (name, text) in page.scripts {
        ctx.shell.write_file(file.with_file_name(name), text)?;
    }
    Ok(ctx.shell.write_file(file, page.html)?)
}

/// Writes a script or a style sheet in few characters, with the scripts that it imports.
fn minify(ctx: &Ctx, from: &Path, to: &Path) -> Result {
    let sh = &ctx.shell;
    // wasm-bindgen writes a key twice when a script is named twice, with the same value.
    let quiet = "--log-override:duplicate-object-key=silent";
    run::plainly(
        cmd!(
            sh,
            "esbuild {from} --bundle --minify --charset=utf8 --format=esm --target=es2022 --log-level=warning {quiet} --allow-overwrite --outfile={to}"
        ),
        "the file does not parse; esbuild's lines above say where",
    )
}

/// Makes one file of the page's style sheets, and takes away the scripts that are part of the program's now.
fn bundle(ctx: &Ctx, staging: &Path) -> Result {
    const TOGETHER: &str = "styles.css";
    let path = staging.join(PAGE);
    let page = html::with_one_style_sheet(&ctx.read(&path)?, TOGETHER);
    let mut styles = String::new();
    for sheet in &page.sheets {
        styles.push_str(&ctx.read(&staging.join(sheet))?);
        ctx.shell.remove_path(staging.join(sheet))?;
    }
    let together = staging.join(TOGETHER);
    ctx.shell.write_file(&together, styles)?;
    minify(ctx, &together, &together)?;
    let name = format!("styles-{:016x}.css", html::fingerprint(ctx.read(&together)?.as_bytes()));
    std::fs::rename(&together, staging.join(&name))
        .map_err(|error| Failure::file("rename", &together, &error))?;
    ctx.shell.write_file(path, page.html.replace(TOGETHER, &name))?;
    Ok(ctx.shell.remove_path(staging.join(html::SNIPPETS))?)
}

/// Notes each crate's share of a module, and takes its names out.
fn finish_module(ctx: &Ctx, file: &Path) -> Result {
    let module = ctx.shell.read_binary_file(file)?;
    let read = wasm::contents(&module).and_then(|known| Ok((known, wasm::stripped(&module)?)));
    let (contents, bare) =
        read.map_err(|error| Failure::new(format!("{}: {error}", file.display()), "build again"))?;
    sizes::remember_shares(ctx, file, &contents, bare.len())?;
    Ok(ctx.shell.write_file(file, bare)?)
}

/// Gives the engine's files names that change with their content, and tells the page.
fn name_engine(ctx: &Ctx, staging: &Path) -> Result {
    let mut names = Vec::new();
    for file in ENGINE {
        let path = staging.join(file);
        let bytes = ctx.shell.read_binary_file(&path)?;
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        let name = format!("{stem}-{:016x}.{ending}", html::fingerprint(&bytes));
        std::fs::rename(&path, staging.join(&name))
            .map_err(|error| Failure::file("rename", &path, &error))?;
        names.push(name);
    }
    add_meta(ctx, staging, "podplay-engine", &names.join(" "))
}
