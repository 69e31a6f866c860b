//! What cargo knows about this workspace.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use serde_json::Value;
use xshell::cmd;

/// One of our packages.
pub(crate) struct Package {
    /// Its full name, `podplay-…`.
    pub(crate) name: String,
    /// The packages of ours that it needs, tests aside.
    pub(crate) needs: Vec<String>,
    /// How its tests in a browser are chosen: arguments for `cargo test`, from
    /// `package.metadata.podplay.wasm-tests`.
    pub(crate) wasm_tests: Option<Vec<String>>,
    /// Its benchmarks.
    pub(crate) benches: Vec<String>,
    /// Those of them that run in wasm too, from `package.metadata.podplay.wasm-benches`.
    pub(crate) wasm_benches: Vec<String>,
}

/// Our packages, by name.
pub(crate) fn packages(ctx: &Ctx) -> Result<Vec<Package>> {
    let sh = &ctx.shell;
    let text = cmd!(sh, "cargo metadata --format-version 1 --no-deps").quiet().read()?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!("`cargo metadata` cannot be read: {error}"), "run it by hand")
    })?;
    let mut packages: Vec<_> = list(&metadata["packages"]).map(package).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

/// The version of a dependency that `Cargo.lock` settles on.
pub(crate) fn locked_version(ctx: &Ctx, name: &str) -> Result<String> {
    let lock = ctx.read(&ctx.at("Cargo.lock"))?;
    version_in(&lock, name).map(str::to_owned).ok_or_else(|| {
        Failure::new(format!("Cargo.lock does not name {name}"), "run `cargo update --workspace`")
    })
}

fn version_in<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

fn package(value: &Value) -> Package {
    let ours =
        |need: &&Value| need["kind"].is_null() && text(&need["name"]).starts_with("podplay-");
    let bench = |target: &&Value| list(&target["kind"]).any(|kind| kind == "bench");
    let podplay = &value["metadata"]["podplay"];
    let wasm_tests = podplay["wasm-tests"].as_array();
    Package {
        name: text(&value["name"]),
        needs: list(&value["dependencies"]).filter(ours).map(|need| text(&need["name"])).collect(),
        wasm_tests: wasm_tests.map(|args| args.iter().map(text).collect()),
        wasm_benches: list(&podplay["wasm-benches"]).map(text).collect(),
        benches: list(&value["targets"])
            .filter(bench)
            .map(|target| text(&target["name"]))
            .collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn a_version_is_found_in_a_lock_file() {
        let lock = "\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.3.4\"\nsource = \"x\"\n";
        assert_eq!(version_in(lock, "a"), Some("2.3.4"));
        assert_eq!(version_in(lock, "a-b"), Some("1.0.0"));
        assert_eq!(version_in(lock, "c"), None);
    }
}
