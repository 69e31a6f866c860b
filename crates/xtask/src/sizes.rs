//! How much a visit downloads, against the budgets, and which crate is to blame.
//!
//! The page is everything that `index.html` names to be fetched at once: scripts and style sheets are bundled, so
//! that these name nothing else.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::offline;
use crate::post_build::PAGE;
use crate::wasm::Contents;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules, by how their files' names begin.
const MODULES: [&str; 2] = ["podplay-web", "podplay-engine"];
/// How the engine's files' names begin; of the two scripts around it a browser needs one.
const ENGINE: [&str; 2] = ["podplay-engine", "engine-worker"];
/// What is not fetched by a visitor: the element and its demonstration, for other sites, and a host's settings.
const HOSTS: [&str; 4] = ["podplay-embed", "embed", "_headers", "sw.js"];

/// Bytes of one built file.
struct Size {
    raw: usize,
    gzip: usize,
}

/// Prints the sizes; returns the most important in a few words. A broken budget is a failure.
pub(crate) fn report(ctx: &Ctx) -> Result<String> {
    let dist = ctx.at("dist");
    if !dist.join(PAGE).is_file() {
        return Err(Failure::new("there is no dist/index.html", "run `cargo xtask dist` first"));
    }
    let files = measure(&dist)?;
    let first = named(&ctx.read(&dist.join(PAGE))?, &files);
    print_files(&files, &first);
    print_shares(ctx, &files);
    against_budgets(&ctx.read(&ctx.at("tests/budgets.json"))?, &files, &first)
}

/// Notes each crate's share of a module, for `report`; `whole` is its size without names.
pub(crate) fn remember_shares(ctx: &Ctx, file: &Path, contents: &Contents, whole: usize) -> Result {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut crates: BTreeMap<String, usize> = BTreeMap::new();
    for (name, size) in &contents.functions {
        *crates.entry(owner(name.as_deref().unwrap_or_default())).or_default() += size;
    }
    let data = &contents.data;
    let share = json!({
        "whole": whole, "data": data.len(), "data_gzip": gzip(data), "crates": crates,
    });
    let kind = MODULES.iter().find(|kind| stem.starts_with(**kind)).copied().unwrap_or("other");
    Ok(ctx.shell.write_file(ctx.notes().join(format!("shares-{kind}.json")), share.to_string())?)
}

/// The crate that a function belongs to: the first one in its name that is not part of the
/// standard library, since `<Vec<podplay_api::Pod> as Clone>::clone` is there for `podplay_api`.
fn owner(function: &str) -> String {
    let paths = function.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let crates: Vec<_> = paths.filter_map(|path| Some(path.split_once("::")?.0)).collect();
    let crates: Vec<_> = crates.into_iter().filter(|name| !name.is_empty()).collect();
    let library = |name: &&&str| ["core", "alloc", "std"].contains(*name);
    match crates.iter().find(|name| !library(name)) {
        Some(name) => (*name).to_owned(),
        None if crates.is_empty() => "(runtime)".to_owned(),
        None => "(standard library)".to_owned(),
    }
}

fn measure(dist: &Path) -> Result<BTreeMap<String, Size>> {
    let mut files = BTreeMap::new();
    for path in offline::walk(dist)? {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if offline::COMPRESSED.contains(&ending) {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let name = path.strip_prefix(dist).unwrap_or(&path).to_string_lossy().into_owned();
        files.insert(name, Size { raw: bytes.len(), gzip: gzip(&bytes) });
    }
    Ok(files)
}

/// The size after gzip as a web server does it: deflate, plus the envelope.
fn gzip(bytes: &[u8]) -> usize {
    const ENVELOPE: usize = 18;
    miniz_oxide::deflate::compress_to_vec(bytes, 9).len() + ENVELOPE
}

/// What a page names in its links and scripts and as its program, apart from what is only fetched on demand.
fn named(page: &str, files: &BTreeMap<String, Size>) -> BTreeSet<String> {
    let at_once = |tag: &&str| {
        let lazy =
            ["\"prefetch\"", "\"alternate\"", "\"canonical\""].iter().any(|rel| tag.contains(rel));
        let names = ["link ", "script ", "img ", "meta name=\"podplay-program\""];
        !lazy && names.iter().any(|name| tag.starts_with(name))
    };
    let tags: Vec<_> = page.split('<').filter(at_once).collect();
    let wanted = |name: &&String| *name == PAGE || tags.iter().any(|tag| tag.contains(*name));
    files.keys().filter(wanted).cloned().collect()
}

fn print_files(files: &BTreeMap<String, Size>, first: &BTreeSet<String>) {
    println!("\n{:>10} {:>10}  file (kB, kB gzip; * = page)", "raw", "gzip");
    for (name, Size { raw, gzip }) in files {
        let mark = if first.contains(name) { '*' } else { ' ' };
        println!("{:>10} {:>10} {mark}{name}", kilo(*raw), kilo(*gzip));
    }
}

/// A crate cannot be compressed alone: its share of the compressed code is taken from its share of the code.
fn print_shares(ctx: &Ctx, files: &BTreeMap<String, Size>) {
    for kind in MODULES {
        let noted = ctx.read(&ctx.notes().join(format!("shares-{kind}.json"))).unwrap_or_default();
        let Ok(share) = serde_json::from_str::<Value>(&noted) else { continue };
        let whole = number(&share["whole"]);
        let file = files.iter().find(|(name, size)| name.ends_with(".wasm") && size.raw == whole);
        if let Some((name, size)) = file {
            println!("\n{:>10} {:>10}  part of {name} (kB, about kB gzip)", "raw", "gzip");
            print_crates(&share, whole, size.gzip);
        }
    }
}

fn print_crates(part: &Value, whole: usize, gzip: usize) {
    let crates = part["crates"].as_object().into_iter().flatten();
    let mut rows: Vec<_> = crates.map(|(name, raw)| (name.as_str(), number(raw))).collect();
    rows.sort_by_key(|(_, raw)| std::cmp::Reverse(*raw));
    let (data, data_gzip) = (number(&part["data"]), number(&part["data_gzip"]));
    let code = gzip.saturating_sub(data_gzip);
    let gzip = |raw: usize| raw * code / whole.saturating_sub(data).max(1);
    println!("{:>10} {:>10}  (data)", kilo(data), kilo(data_gzip));
    let (large, small): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, n)| n * 200 >= whole);
    for (name, raw) in large {
        println!("{:>10} {:>10}  {name}", kilo(raw), kilo(gzip(raw)));
    }
    let rest: usize = small.iter().map(|(_, n)| n).sum();
    println!("{:>10} {:>10}  ({} smaller ones)", kilo(rest), kilo(gzip(rest)), small.len());
}

fn number(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
}

/// Compares with `tests/budgets.json`.
fn against_budgets(
    budgets: &str,
    files: &BTreeMap<String, Size>,
    first: &BTreeSet<String>,
) -> Result<String> {
    let budgets: Value = serde_json::from_str(budgets).map_err(|error| {
        Failure::new(format!("tests/budgets.json cannot be read: {error}"), "put it right")
    })?;
    let sum = |wanted: &dyn Fn(&str) -> bool| -> usize {
        files.iter().filter(|(name, _)| wanted(name)).map(|(_, size)| size.gzip).sum()
    };
    let page = sum(&|name| first.contains(name));
    let engine = sum(&|name| ENGINE.iter().any(|begins| name.starts_with(begins)));
    let picture =
        sum(&|name| first.contains(name) && !name.ends_with(".js") && !name.ends_with(".wasm"));
    let all = sum(&|name| !HOSTS.iter().any(|begins| name.starts_with(begins)));
    let mut rows = vec![
        ("first picture".to_owned(), picture, &budgets["first_picture_gzip"]),
        ("page".to_owned(), page, &budgets["page_gzip"]),
        ("engine".to_owned(), engine, &budgets["engine_gzip"]),
        ("all that a visitor ever gets".to_owned(), all, &budgets["total_gzip"]),
    ];
    for (prefix, budget) in budgets["lazy_gzip"].as_object().into_iter().flatten() {
        let size = sum(&|name| name.starts_with(prefix.as_str()));
        rows.push((format!("{prefix}, lazy"), size, budget));
    }
    println!();
    let mut over = Vec::new();
    for (name, size, budget) in rows {
        let budget = budget.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        println!("{name}: {} of {} kB gzip", kilo(size), kilo(budget));
        if size > budget {
            over.push(name);
        }
    }
    if over.is_empty() {
        return Ok(format!("page {}, engine {} kB gzip", kilo(page), kilo(engine)));
    }
    Err(Failure::new(
        format!("over the budget of tests/budgets.json: {}", over.join(", ")),
        "the tables above show which crate grew",
    ))
}

/// Thousands of bytes with one decimal.
fn kilo(bytes: usize) -> String {
    format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::{against_budgets, kilo, named, owner};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_function_belongs_to_a_crate() {
        let table = [
            ("podplay_core::world::World::step::h0123", "podplay_core"),
            ("<podplay_api::Pod as core::clone::Clone>::clone", "podplay_api"),
            ("<alloc::vec::Vec<yew::VNode> as core::ops::drop::Drop>::drop", "yew"),
            ("core::fmt::write", "(standard library)"),
            ("memcpy", "(runtime)"),
            ("", "(runtime)"),
        ];
        for (function, expected) in table {
            assert_eq!(owner(function), expected, "{function}");
        }
    }

    #[test]
    fn a_page_is_what_it_names_to_be_fetched_at_once() {
        let size = || super::Size { raw: 1, gzip: 1 };
        let names = ["index.html", "a.wasm", "b.html", "c.js", "d.js", "e.js", "f.js"];
        let files = names.map(|name| (name.to_owned(), size())).into();
        let html = "<link rel=\"preload\" href=\"./a.wasm\"><a href=\"b.html\"><link rel=\"prefetch\" href=\"c.js\">\
                    <script type=module src=\"./d.js\"></script><meta name=\"podplay-program\" content=\"e.js a.wasm\">\
                    <meta name=\"podplay-engine\" content=\"f.js\">";
        let expected = ["a.wasm", "d.js", "e.js", "index.html"].map(str::to_owned);
        assert_eq!(named(html, &files), BTreeSet::from(expected));
    }

    #[test]
    fn budgets_hold_or_fail() {
        let size = |gzip| super::Size { raw: gzip * 2, gzip };
        let files =
            BTreeMap::from([("a".to_owned(), size(100)), ("editor.js".to_owned(), size(50))]);
        let first = BTreeSet::from(["a".to_owned()]);
        let holds = r#"{"first_picture_gzip": 100, "page_gzip": 100, "engine_gzip": 0, "total_gzip": 150, "lazy_gzip": {"editor": 50}}"#;
        assert!(against_budgets(holds, &files, &first).is_ok());
        for broken in [
            r#"{"first_picture_gzip": 100, "page_gzip": 99, "total_gzip": 150}"#,
            r#"{"first_picture_gzip": 100, "page_gzip": 100, "total_gzip": 149}"#,
            r#"{"first_picture_gzip": 100, "page_gzip": 100, "total_gzip": 150, "lazy_gzip": {"editor": 49}}"#,
            "{}",
            "nonsense",
        ] {
            assert!(against_budgets(broken, &files, &first).is_err(), "{broken}");
        }
    }

    #[test]
    fn kilobytes_have_one_decimal() {
        assert_eq!(
            (kilo(0).as_str(), kilo(1999).as_str(), kilo(390_000).as_str()),
            ("0.0", "1.9", "390.0")
        );
    }
}
