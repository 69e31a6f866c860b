//! Where things are: the repository, the build folder, the tools' folders.

use crate::failure::{Failure, Result};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use xshell::Shell;

/// What every step needs.
pub(crate) struct Ctx {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's build folder; `CARGO_TARGET_DIR` may put it outside the repository.
    pub(crate) target: PathBuf,
    /// Runs commands in the repository with the tools on `PATH`.
    pub(crate) shell: Shell,
}

impl Ctx {
    /// Finds the repository and puts the tools that xtask installs on `PATH`.
    pub(crate) fn new() -> Result<Self> {
        let root = repository()?;
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        let shell = Shell::new()?;
        shell.change_dir(&root);
        let ctx = Self { root, target, shell };
        ctx.shell.set_var("PATH", ctx.path_with_tools()?);
        Ok(ctx)
    }

    /// A path inside the repository.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where xtask keeps what it wants to remember between two runs.
    pub(crate) fn notes(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The first folder of `PATH`, the tools' folders included, that holds this program.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        let path = self.shell.var_os("PATH").unwrap_or_default();
        env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
    }

    /// Reads a file of the repository or of a build.
    pub(crate) fn read(&self, path: &Path) -> Result<String> {
        std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
    }

    /// Cargo installs into `$CARGO_HOME/bin`, npm into `www/node_modules/.bin`; a fresh
    /// machine has neither on its `PATH`.
    fn path_with_tools(&self) -> Result<OsString> {
        let mut dirs = vec![cargo_home().join("bin"), self.at("www/node_modules/.bin")];
        dirs.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        env::join_paths(dirs).map_err(|error| {
            Failure::new(
                format!("PATH cannot be extended: {error}"),
                "take the odd folder off PATH",
            )
        })
    }
}

/// Where cargo keeps its registry and what it installs.
fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// The repository is two folders above this crate.
fn repository() -> Result<PathBuf> {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here.ancestors().nth(2).map(Path::to_path_buf);
    root.filter(|root| root.join("Trunk.toml").is_file()).ok_or_else(|| {
        Failure::new(
            format!("{} is not inside the podplay repository", here.display()),
            "run `cargo xtask` from a clone of it",
        )
    })
}
