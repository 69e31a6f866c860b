//! Every outside tool with its version, and how to get it when it is not there.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{run, say, workspace};
use std::path::{Path, PathBuf};
use xshell::cmd;

/// The newest Trunk that builds with our Rust; 0.22 wants a newer one.
const TRUNK: &str = "0.21.14";
/// Checks licences, bans, sources and advisories; `check` only.
const CARGO_DENY: &str = "0.20.2";
/// The oldest Node.js with the test runner that the end-to-end tests use.
const NODE: u32 = 20;
/// What the page is compiled to.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// What wasm-opt may use: what rustc uses for wasm32, as in `index.html`. With all features on it
/// writes modules that browsers do not read yet.
pub(crate) const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Folders with a `package-lock.json`.
const NPM_FOLDERS: [&str; 2] = ["www", "tests/e2e"];

/// Everything, for `cargo xtask setup`.
pub(crate) fn ensure_all(ctx: &Ctx) -> Result {
    ensure_site(ctx)?;
    ensure_browser(ctx)?;
    ensure_npm(ctx, "tests/e2e")?;
    ensure_busybox(ctx);
    ensure_jekyll(ctx);
    if !has_nextest(ctx) {
        say::note("cargo-nextest is not there: tests run by `cargo test`, a little slower");
    }
    say::done("everything is there");
    Ok(())
}

/// What building the page takes.
pub(crate) fn ensure_site(ctx: &Ctx) -> Result {
    ensure_wasm_target(ctx)?;
    ensure_npm(ctx, "www")?;
    ensure_wasm_bindgen(ctx)?;
    ensure_cargo_tool(ctx, &Installed::new("trunk", "trunk", TRUNK).without_features())
}

/// The standard library for wasm32.
pub(crate) fn ensure_wasm_target(ctx: &Ctx) -> Result {
    let sh = &ctx.shell;
    let libdir = run::answer(cmd!(sh, "rustc --print target-libdir --target {WASM_TARGET}"));
    if libdir.is_some_and(|dir| Path::new(dir.trim()).is_dir()) {
        say::skip(format!("target {WASM_TARGET}: there"));
        return Ok(());
    }
    say::step(format!("adding the Rust target {WASM_TARGET}"));
    run::plainly(
        cmd!(sh, "rustup target add {WASM_TARGET}"),
        "install Rust by rustup (https://rustup.rs), or add the target by your system's means",
    )
}

/// The tool that must equal the `wasm-bindgen` crate, so its version is read from the lock file.
/// It also brings the runner for tests in a browser.
pub(crate) fn ensure_wasm_bindgen(ctx: &Ctx) -> Result {
    let version = workspace::locked_version(ctx, "wasm-bindgen")?;
    let tool = Installed::new("wasm-bindgen-cli", "wasm-bindgen", &version);
    ensure_cargo_tool(ctx, &tool)
}

/// The dependency checker.
pub(crate) fn ensure_deny(ctx: &Ctx) -> Result {
    let tool = Installed::new("cargo-deny", "cargo-deny", CARGO_DENY);
    ensure_cargo_tool(ctx, &tool)
}

/// Whether tests can run by nextest. It is not installed for its own sake: `cargo test` runs
/// the same tests.
pub(crate) fn has_nextest(ctx: &Ctx) -> bool {
    ctx.which("cargo-nextest").is_some()
}

/// A browser and the program through which wasm tests drive it.
pub(crate) fn ensure_browser(ctx: &Ctx) -> Result {
    if browser(ctx).is_some() && ctx.which("chromedriver").is_some() {
        say::skip("chromium and chromedriver: there");
        return Ok(());
    }
    say::step("installing a browser for the tests");
    apt_install(ctx, &["chromium", "chromium-driver"])
}

/// The browser that tests use: `PODPLAY_CHROMIUM`, or the first one on `PATH`.
pub(crate) fn browser(ctx: &Ctx) -> Option<PathBuf> {
    let named = std::env::var_os("PODPLAY_CHROMIUM").map(PathBuf::from);
    named.or_else(|| {
        ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| ctx.which(name))
    })
}

/// The shell that ours is compared with; without it those tests say so and skip.
pub(crate) fn ensure_busybox(ctx: &Ctx) {
    if ctx.which("busybox").is_some() {
        say::skip("busybox: there");
        return;
    }
    say::step("installing busybox, the shell that ours is compared with");
    if let Err(failure) = apt_install(ctx, &["busybox"]) {
        say::note(format!("going on without busybox: {failure}"));
    }
}

/// The generator of the post that a test makes playable; without it that test says so and skips.
pub(crate) fn ensure_jekyll(ctx: &Ctx) {
    if ctx.which("jekyll").is_some() {
        say::skip("jekyll: there");
        return;
    }
    say::step("installing jekyll, which builds the post of a test");
    if let Err(failure) = apt_install(ctx, &["jekyll"]) {
        say::note(format!("going on without jekyll: {failure}"));
    }
}

/// A font with Korean letters, for pictures; without it they show boxes.
pub(crate) fn ensure_korean_font(ctx: &Ctx) {
    let sh = &ctx.shell;
    if run::answer(cmd!(sh, "fc-list :lang=ko family")).is_some_and(|fonts| !fonts.is_empty()) {
        say::skip("a font with Korean letters: there");
        return;
    }
    say::step("installing a font with Korean letters");
    if let Err(failure) = apt_install(ctx, &["fonts-noto-cjk"]) {
        say::note(format!("going on without it: {failure}"));
    }
}

/// The packages that a folder's lock file names, exactly.
pub(crate) fn ensure_npm(ctx: &Ctx, folder: &str) -> Result {
    debug_assert!(NPM_FOLDERS.contains(&folder), "{folder} has no package-lock.json");
    let lock = ctx.read(&ctx.at(folder).join("package-lock.json"))?;
    let stamp = ctx.at(folder).join("node_modules/.podplay-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        say::skip(format!("npm packages of {folder}: there"));
        return Ok(());
    }
    ensure_node(ctx)?;
    say::step(format!("installing the npm packages of {folder}"));
    let sh = &ctx.shell;
    let _back = sh.push_dir(folder);
    run::plainly(
        cmd!(sh, "npm ci --no-audit --no-fund --ignore-scripts"),
        "see npm's lines above; a machine without a network cannot install them",
    )?;
    Ok(sh.write_file(stamp, lock)?)
}

fn ensure_node(ctx: &Ctx) -> Result {
    let sh = &ctx.shell;
    let version = run::answer(cmd!(sh, "node --version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_some_and(|major: u32| major >= NODE) && ctx.which("npm").is_some() {
        return Ok(());
    }
    Err(Failure::new(
        format!(
            "Node.js {NODE} or newer with npm is needed; found {}",
            if version.is_empty() { "none" } else { version.trim() }
        ),
        "install it from https://nodejs.org or by your system's package manager",
    ))
}

/// A tool that cargo builds.
struct Installed<'a> {
    package: &'a str,
    binary: &'a str,
    version: &'a str,
    /// Whether the default features are left out.
    bare: bool,
}

impl<'a> Installed<'a> {
    fn new(package: &'a str, binary: &'a str, version: &'a str) -> Self {
        Self { package, binary, version, bare: false }
    }

    /// Leaves out what we do not use and what takes long to build: of Trunk, looking for updates
    /// and serving by TLS.
    fn without_features(self) -> Self {
        Self { bare: true, ..self }
    }
}

/// Tools run for seconds and are built on each fresh machine: a short build counts for more
/// than a fast tool.
const SHORT_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

fn ensure_cargo_tool(ctx: &Ctx, tool: &Installed<'_>) -> Result {
    let Installed { package, binary, version, bare } = tool;
    let features = bare.then_some("--no-default-features");
    let sh = &ctx.shell;
    let there = run::answer(cmd!(sh, "{binary} --version")).unwrap_or_default();
    if there.split_whitespace().any(|word| word == *version) {
        say::skip(format!("{package} {version}: there"));
        return Ok(());
    }
    say::step(format!("building {package} {version}: some minutes, once"));
    let build = ctx.target.join("tools");
    let install = |locked: Option<&str>| {
        cmd!(sh, "cargo install {package} --version {version} {features...} {locked...} --force")
            .env("CARGO_TARGET_DIR", &build)
            .envs(SHORT_BUILD)
    };
    let advice = "see cargo's lines above; a machine without a network cannot build it";
    if run::plainly(install(Some("--locked")), advice).is_err() {
        say::note("its lock file could not be used; trying with the newest dependencies");
        run::plainly(install(None), advice)?;
    }
    // Half a gigabyte that is never read again.
    Ok(sh.remove_path(build)?)
}

/// Installs system packages, by sudo where needed and possible.
fn apt_install(ctx: &Ctx, packages: &[&str]) -> Result {
    let sh = &ctx.shell;
    let by_hand = format!("apt-get install -y {}", packages.join(" "));
    if ctx.which("apt-get").is_none() {
        let what = format!("{} are missing and there is no apt-get", packages.join(" and "));
        return Err(Failure::new(what, "install them by your system's package manager"));
    }
    let root = run::answer(cmd!(sh, "id -u")).is_some_and(|id| id.trim() == "0");
    let sudo = (!root).then_some("sudo");
    if !root && run::answer(cmd!(sh, "sudo -n true")).is_none() {
        let what = format!("{} must be installed, which needs root", packages.join(" and "));
        return Err(Failure::new(what, format!("run `sudo {by_hand}`, then this again")));
    }
    let advice = format!("run `{by_hand}` as root and see what it says");
    let install = || {
        let quiet = "DEBIAN_FRONTEND=noninteractive";
        cmd!(
            sh,
            "env {sudo...} env {quiet} apt-get install -y --no-install-recommends {packages...}"
        )
    };
    if run::plainly(install(), &advice).is_ok() {
        return Ok(());
    }
    say::note("trying again with a fresh package list");
    run::plainly(cmd!(sh, "env {sudo...} apt-get update"), &advice)?;
    run::plainly(install(), &advice)
}
