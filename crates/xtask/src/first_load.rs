//! `cargo xtask first-load`: which functions a first visit runs, seen in a real browser.
//!
//! `www/first-load.txt` has their names, and of each what of it was run; a release build puts that
//! into the first part of the program and everything else into the deferred one. What is missing
//! there is still found, only later: the list decides about speed, never about what works. A
//! function that has changed since is taken whole. An end-to-end test says when the list is out of
//! date.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::{dist, run, say, split, tools};
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use xshell::cmd;

/// The list, in the repository.
const LIST: &str = "www/first-load.txt";
/// Says to the build step that this build is to be watched.
const WATCHING: &str = "PODPLAY_WATCH_FIRST_LOAD";
/// Between the build and the browser: the names by number, and the numbers that were seen.
const NAMES: &str = "first-load-names.txt";
const SEEN: &str = "first-load-seen.txt";

#[derive(Args)]
pub(crate) struct Options {
    /// Visit the telling page that an earlier run left in `dist/` instead of building it.
    #[arg(long)]
    no_build: bool,
}

/// Builds a page that tells what it runs, visits it, and writes the list.
pub(crate) fn run(ctx: &Ctx, options: &Options) -> Result {
    tools::ensure_browser(ctx)?;
    tools::ensure_npm(ctx, "tests/e2e")?;
    if !options.no_build {
        say::step("building a page that tells what it runs");
        ctx.shell.set_var(WATCHING, "1");
        dist::build(ctx, dist::For::Tests)?;
    }
    say::step("visiting it");
    let seen = ctx.notes().join(SEEN);
    let sh = &ctx.shell;
    run::plainly(
        cmd!(sh, "node tests/e2e/first-load.mjs {seen}")
            .env("PODPLAY_DIST", ctx.at("dist"))
            .env("PODPLAY_CHROMIUM", tools::browser(ctx).unwrap_or_default()),
        "the lines above say why",
    )?;
    let functions = ctx.read(&ctx.notes().join(NAMES))?;
    let list = List::seen(&functions, &ctx.read(&seen)?);
    ctx.shell.write_file(ctx.at(LIST), list.text())?;
    let count = list.functions.len();
    say::done(format!("{count} names in {LIST}; `cargo xtask dist` builds with them"));
    Ok(())
}

/// Whether the build that is running is the one of `run`.
pub(crate) fn is_watching() -> bool {
    std::env::var_os(WATCHING).is_some()
}

/// Keeps what a module's functions are until the browser has said what it ran.
pub(crate) fn remember(ctx: &Ctx, outlines: &[split::Outline]) -> Result {
    let line = |outline: &split::Outline| {
        format!("{} {:08x} {}\n", outline.leaders, outline.shape, outline.name)
    };
    Ok(ctx
        .shell
        .write_file(ctx.notes().join(NAMES), outlines.iter().map(line).collect::<String>())?)
}

/// The functions that a first visit runs, and what of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// By name and shape, because names that last are not always different.
    functions: BTreeMap<String, BTreeMap<u32, Vec<bool>>>,
}

impl List {
    /// The list of the repository.
    pub(crate) fn read(ctx: &Ctx) -> Result<Self> {
        let text = ctx.read(&ctx.at(LIST))?;
        if text.trim().is_empty() {
            let advice = "run `cargo xtask first-load`, which writes it";
            return Err(Failure::new(format!("{LIST} is empty"), advice));
        }
        let mut list = Self::default();
        for line in text.lines() {
            let mut parts = line.splitn(3, ' ');
            let shape = parts.next().and_then(|shape| u32::from_str_radix(shape, 16).ok());
            let (Some(shape), Some(ran), Some(name)) = (shape, parts.next(), parts.next()) else {
                let advice = "each line has a shape, what ran, and a name; write it again by `cargo xtask first-load`";
                return Err(Failure::new(format!("{LIST}: `{line}` cannot be read"), advice));
            };
            list.add(name, shape, &bits(ran));
        }
        Ok(list)
    }

    /// From what was remembered of the functions, and the numbers of the leaders that were seen.
    fn seen(functions: &str, seen: &str) -> Self {
        let seen: BTreeSet<usize> =
            seen.lines().filter_map(|line| line.trim().parse().ok()).collect();
        let mut list = Self::default();
        let mut next = 0;
        for line in functions.lines() {
            let mut parts = line.splitn(3, ' ');
            let leaders = parts.next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
            let shape = parts.next().and_then(|shape| u32::from_str_radix(shape, 16).ok());
            let ran: Vec<bool> = (next..next + leaders).map(|at| seen.contains(&at)).collect();
            next += leaders;
            let name = split::lasting_name(parts.next().unwrap_or_default());
            if let Some(shape) = shape.filter(|_| ran.contains(&true) && !name.is_empty()) {
                list.add(&name, shape, &ran);
            }
        }
        list
    }

    fn add(&mut self, name: &str, shape: u32, ran: &[bool]) {
        let shapes = self.functions.entry(name.to_owned()).or_default();
        let known = shapes.entry(shape).or_insert_with(|| vec![false; ran.len()]);
        known.resize(known.len().max(ran.len()), false);
        for (known, ran) in known.iter_mut().zip(ran) {
            *known |= ran;
        }
    }

    fn text(&self) -> String {
        let shapes = |(name, shapes): (&String, &BTreeMap<u32, Vec<bool>>)| {
            let line =
                |(shape, ran): (&u32, &Vec<bool>)| format!("{shape:08x} {} {name}\n", digits(ran));
            shapes.iter().map(line).collect::<String>()
        };
        self.functions.iter().map(shapes).collect()
    }

    /// Whether a first visit runs a function of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.functions.contains_key(&split::lasting_name(name))
    }

    /// Which of its leaders it runs; nothing when the function is another by now.
    pub(crate) fn ran(&self, name: &str, shape: u32) -> Option<Vec<bool>> {
        self.functions.get(&split::lasting_name(name))?.get(&shape).cloned()
    }
}

/// Four leaders a digit, the first one highest.
fn digits(ran: &[bool]) -> String {
    let digit = |four: &[bool]| {
        let value = (0..4).fold(0, |sum, at| sum * 2 + u32::from(four.get(at) == Some(&true)));
        char::from_digit(value, 16).unwrap_or('0')
    };
    ran.chunks(4).map(digit).collect()
}

fn bits(digits: &str) -> Vec<bool> {
    let values = digits.chars().map(|digit| digit.to_digit(16).unwrap_or(0));
    values.flat_map(|value| [8, 4, 2, 1].map(|bit| value & bit != 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::{List, bits, digits};

    #[test]
    fn what_ran_is_written_and_read() {
        for ran in [vec![true], vec![true, false, true, true, false], vec![false; 9]] {
            let back = bits(&digits(&ran));
            assert_eq!(back[..ran.len()], ran);
            assert!(!back[ran.len()..].contains(&true), "{ran:?}");
        }
    }

    #[test]
    fn functions_of_one_name_and_shape_are_one_and_hashes_do_not_count() {
        let functions = "1 0000000a b[0123456789abcdef]::f\n2 0000000b a::g\n1 0000000c \n2 0000000b a[fedcba9876543210]::g\n1 0000000d c\n";
        let list = List::seen(functions, "0\n1\n5\n99");
        assert_eq!(list.text(), "0000000b c a::g\n0000000a 8 b::f\n");
        assert!(list.has("b[00000000deadbeef]::f") && !list.has("c"));
        assert_eq!(list.ran("a::g", 11), Some(vec![true, true]));
        assert_eq!(list.ran("a::g", 10), None, "another function by now");
    }
}
