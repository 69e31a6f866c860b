//! The house rules that no other tool knows: module headers, file lengths, colours in one place,
//! the direction in which crates may depend on each other, the floors of `core`, and how many files may import each
//! other in a circle.

use crate::arrows::Arrows;
use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{floors, run, say, tools, workspace};
use std::collections::{BTreeMap, BTreeSet};
use xshell::cmd;

/// The longest source file; longer ones hide two subjects.
const LINES: usize = 500;
/// The one file in which a colour may be written as a number.
const COLOURS: &str = "www/styles/tokens.css";

/// Which of our crates each crate may use directly; what those use is allowed too.
const LAYERS: [(&str, &[&str]); 12] = [
    ("api", &[]),
    ("shell", &[]),
    ("manifest", &["api"]),
    ("core", &["api", "shell"]),
    ("timeline", &["api"]),
    ("protocol", &["api", "timeline"]),
    ("views", &["api", "core", "timeline"]),
    ("kubectl", &["core", "manifest", "views"]),
    ("playback", &["core", "manifest", "kubectl", "protocol", "timeline"]),
    ("analysis", &["playback"]),
    ("engine", &["analysis", "protocol", "timeline"]),
    ("web", &["protocol", "timeline"]),
];

/// Crates that must be pure: no browser, no randomness of the machine, no wall clock.
const PURE: [&str; 5] = ["api", "shell", "manifest", "core", "views"];
/// What a pure crate may not reach by any path.
const IMPURE: [&str; 9] = [
    "chrono",
    "getrandom",
    "js-sys",
    "rand",
    "time",
    "tokio",
    "wasm-bindgen",
    "web-sys",
    "web-time",
];
/// Our own YAML documents are written by `views` and read by `playback` and the outer crates.
const OUTER: [&str; 2] = ["yaml_serde", "serde_yaml"];

/// The most files of a crate that may import each other in a circle, where it is not the usual number. These only
/// become smaller.
const CYCLES: [(&str, usize); 2] = [("kubectl", 13), ("web", 13)];
/// The usual number.
const CYCLE: usize = 10;

/// Checks every rule; each broken one is printed.
pub(crate) fn run(ctx: &Ctx) -> Result<String> {
    let sh = &ctx.shell;
    let files = cmd!(sh, "git ls-files --cached --others --exclude-standard").quiet().read()?;
    let mut broken = Vec::new();
    let mut count = 0;
    for file in files.lines().filter(|file| ctx.at(file).is_file()) {
        let Ok(text) = std::fs::read_to_string(ctx.at(file)) else { continue };
        broken.extend(broken_in_file(file, &text).map(|rule| format!("{file}: {rule}")));
        count += 1;
    }
    broken.extend(layers(ctx)?);
    broken.extend(cycles(ctx, files.lines()));
    broken.extend(purity(ctx)?);
    for rule in &broken {
        say::note(rule);
    }
    if broken.is_empty() {
        return Ok(format!("{count} files"));
    }
    let what = format!("{} house rules are broken", broken.len());
    Err(Failure::new(what, "the reasons are in the module documentation of xtask's tidy.rs"))
}

/// The rules that one file breaks.
fn broken_in_file(file: &str, text: &str) -> impl Iterator<Item = String> {
    let mut broken = Vec::new();
    let generated = text.lines().take(5).any(|line| line.contains("@generated"));
    if file.ends_with(".rs") {
        if !text.starts_with("//!") {
            broken.push("it does not begin with a `//!` line that says what lives here".to_owned());
        }
        let lines = text.lines().count();
        if lines > LINES && !generated {
            broken.push(format!("{lines} lines; split it, {LINES} are the most"));
        }
    }
    // The pages of tests stand for other people's sites.
    if file.ends_with(".css") && file != COLOURS && !file.starts_with("tests/") {
        let lines = text.lines().enumerate().filter(|(_, line)| has_colour(line));
        broken.extend(lines.map(|(at, _)| format!("line {}: a colour outside {COLOURS}", at + 1)));
    }
    if (file.ends_with(".rs") || file.ends_with(".css")) && text.contains(concat!("TO", "DO")) {
        broken.push("an unfinished place; finish it or write an issue".to_owned());
    }
    broken.into_iter()
}

/// Whether a line of a style sheet sets a colour by number.
fn has_colour(line: &str) -> bool {
    let Some((_, value)) = line.split_once(':') else { return false };
    let hex = |after: &str| {
        let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
        let next = after.chars().nth(digits);
        matches!(digits, 3 | 4 | 6 | 8) && !next.is_some_and(|c| c.is_alphanumeric() || c == '-')
    };
    let function = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab("];
    value.split('#').skip(1).any(hex) || function.iter().any(|name| value.contains(name))
}

/// Crates in which too many files import each other. Prints the size of each crate's largest cycle.
fn cycles<'a>(ctx: &Ctx, files: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut crates: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for file in files.filter(|file| file.ends_with(".rs")) {
        let inside = file.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/"));
        let Some((name, path)) = inside else { continue };
        let Ok(text) = std::fs::read_to_string(ctx.at(file)) else { continue };
        crates.entry(name).or_default().push((path.to_owned(), text));
    }
    let mut broken = Vec::new();
    for (name, files) in crates {
        let arrows = Arrows::of(&files);
        let cycle = arrows.largest_cycle();
        let most = CYCLES.iter().find(|(of, _)| *of == name).map_or(CYCLE, |(_, most)| *most);
        let (size, all) = (cycle.len(), files.len());
        say::done(format!("{name}: {size} of {all} files in the largest cycle of imports"));
        if name == "core" {
            for ((from, to), count) in arrows.between_tops() {
                say::done(format!("  {from} -> {to} ({count})"));
            }
            broken.extend(floors::broken(&arrows));
        }
        if cycle.len() > most {
            let names: Vec<String> = cycle.iter().map(|module| module.join("/")).collect();
            broken.push(format!(
                "crate {name}: {} files import each other, {most} are the most: {}",
                cycle.len(),
                names.join(", ")
            ));
        }
    }
    broken
}

/// Our crates that use one of ours that they may not.
fn layers(ctx: &Ctx) -> Result<Vec<String>> {
    let mut allowed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, direct) in LAYERS {
        let below = direct.iter().filter_map(|name| allowed.get(name)).flatten().copied();
        let all = below.chain(direct.iter().copied()).collect();
        allowed.insert(name, all);
    }
    let mut broken = Vec::new();
    for package in workspace::packages(ctx)? {
        let name = short(&package.name);
        let Some(allowed) = allowed.get(name) else { continue };
        let wrong =
            package.needs.iter().map(|need| short(need)).filter(|need| !allowed.contains(need));
        broken.extend(wrong.map(|need| format!("crate {name} must not depend on {need}")));
    }
    Ok(broken)
}

/// Pure crates that reach something impure.
fn purity(ctx: &Ctx) -> Result<Vec<String>> {
    let sh = &ctx.shell;
    let (target, only_names) = (tools::WASM_TARGET, "{p}");
    let mut broken = Vec::new();
    for name in PURE {
        let tree = cmd!(
            sh,
            "cargo tree --package podplay-{name} --edges normal --target {target} --prefix none --format {only_names}"
        );
        let Some(tree) = run::answer(tree) else {
            return Err(Failure::new("`cargo tree` failed", "run it by hand to see why"));
        };
        let reached: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        let outer: &[&str] = if name == "views" { &[] } else { &OUTER };
        let forbidden = IMPURE.iter().chain(outer).filter(|impure| reached.contains(**impure));
        broken.extend(forbidden.map(|impure| format!("crate {name} must not reach {impure}")));
    }
    Ok(broken)
}

fn short(package: &str) -> &str {
    package.strip_prefix("podplay-").unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::{broken_in_file, has_colour};

    #[test]
    fn colours_are_found_in_values_only() {
        let table = [
            ("  color: #fff;", true),
            ("  border: 1px solid #a0b1c2;", true),
            ("  background: rgb(1 2 3);", true),
            ("#add { display: grid }", false),
            ("  fill: var(--running);", false),
            ("  mask: url(#mask-2);", false),
            ("  content: \"#\";", false),
        ];
        for (line, expected) in table {
            assert_eq!(has_colour(line), expected, "{line}");
        }
    }

    #[test]
    fn source_files_have_a_header_and_an_end() {
        let long = format!("//! Header.\n{}", "\n".repeat(500));
        let generated = format!("//! @generated from the schema.\n{}", "\n".repeat(500));
        let table = [
            ("a.rs", "//! Header.\n", 0),
            ("a.rs", "fn a() {}\n", 1),
            ("a.rs", long.as_str(), 1),
            ("a.rs", generated.as_str(), 0),
            ("a.css", "p { color: #123456 }\n", 1),
            ("www/styles/tokens.css", "p { color: #123456 }\n", 0),
            ("a.md", "no header", 0),
        ];
        for (file, text, expected) in table {
            assert_eq!(broken_in_file(file, text).count(), expected, "{file}");
        }
    }
}
