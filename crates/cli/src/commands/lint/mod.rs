//! `podplay lint`: what is wrong with texts, what could be better, and what has no effect in a run.

mod baseline;
mod comments;
pub(super) mod config;
mod fix;
pub(super) mod paths;
pub(super) mod report;
mod sarif;

use super::Outcome;
use crate::{advice, diagnostics, files};
use clap::{Args, ValueEnum};
use config::{Configs, Rules};
use podplay_analysis::proof::Proof;
use podplay_manifest::{Diagnostic, Severity};
use podplay_playback::Plan;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Each with its line and a caret
    #[default]
    Text,
    /// One list, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML: a test case for each file
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// Which findings make the exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings, too
    Warning,
    /// Advice, too
    Advice,
    /// None
    Never,
}

/// When output has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of `podplay lint`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files, folders or globs to look at; `-` for standard input. Of a folder: its YAML and JSON files that hold manifests, without what `.gitignore` names
    #[arg(required_unless_present_any = ["explain", "list"], value_name = "PATH")]
    paths: Vec<String>,
    /// Only these codes, or codes that begin so, such as PP-10; separated by commas
    #[arg(long, value_delimiter = ',', value_name = "CODE")]
    select: Vec<String>,
    /// Not these codes, or codes that begin so
    #[arg(long, value_delimiter = ',', value_name = "CODE")]
    ignore: Vec<String>,
    /// Leave out paths that match this glob
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Read this configuration instead of the nearest `podplay.toml`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, conflicts_with = "config")]
    isolated: bool,
    /// Report nothing that stands in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found into this file, for --baseline, and report nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix", "diff"])]
    write_baseline: Option<PathBuf>,
    /// Apply the fixes of what is found, each proved by reading the text again
    #[arg(long)]
    fix: bool,
    /// Print what --fix would change, and change nothing
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// Which findings make the exit status 1
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Warnings and advice make the exit status 1 too: the same as --fail-on advice
    #[arg(long, conflicts_with = "fail_on")]
    strict: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Print into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    #[command(flatten)]
    assume: super::Assumptions,
    /// Run each text: give advice about behaviour with its proof or not at all; takes seconds for a large text
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    proof: bool,
    /// The address of the site, put in front of the links of proofs
    #[arg(long, default_value = "")]
    site: String,
    /// Print findings only: no summary, no notes
    #[arg(short, long)]
    quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t)]
    color: Colour,
    /// List all codes with what they stand for, and end
    #[arg(long, conflicts_with_all = ["paths", "explain"])]
    list: bool,
    /// Explain a code of advice, such as PP-1003, and end
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,
    /// The language of explanations
    #[arg(long, value_enum, default_value_t)]
    lang: advice::Lang,
}

/// A text and what is said of it.
#[derive(Debug)]
pub(crate) struct Linted {
    /// The path as it is printed.
    file: String,
    text: String,
    found: Vec<Diagnostic>,
    /// What proves pieces of advice: by code and the place that they point at.
    proofs: Vec<(&'static str, usize, Proof)>,
    /// How many fixes were applied to it.
    fixed: usize,
}

impl Linted {
    /// What proves a finding.
    pub(super) fn proof(&self, found: &Diagnostic) -> Option<&Proof> {
        let is = |(code, start, _): &&(&str, usize, Proof)| {
            *code == found.code && *start == found.span.start
        };
        self.proofs.iter().find(is).map(|(_, _, proof)| proof)
    }
}

pub(crate) fn run(options: &Options) -> Outcome {
    if let Some(code) = &options.explain {
        let page = advice::page(code, options.lang)
            .ok_or_else(|| format!("no page explains \"{code}\"; there are {}", advice::codes()))?;
        super::run::print(page);
        return Ok(0);
    }
    if options.list {
        super::run::print(&report::list());
        return Ok(0);
    }
    let mut configs = Configs::new(options.config.as_deref(), options.isolated)?;
    let targets = paths::find(&options.paths, &options.exclude, &mut configs)?;
    let mut linted = lint_all(options, &targets)?;
    if let Some(path) = &options.write_baseline {
        return baseline::write(path, &linted).map(|()| 0);
    }
    if let Some(path) = &options.baseline {
        baseline::leave_out(path, &mut linted)?;
    }
    finish(options, &linted, targets.passed_over)
}

/// Prints the report; the exit status.
fn finish(options: &Options, linted: &[Linted], passed_over: usize) -> Outcome {
    // With `--fix` on standard input, or `--diff`, standard output is for the text.
    let for_text = options.diff || (options.fix && options.paths.iter().any(|path| path == "-"));
    let colour = match options.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => options.output_file.is_none() && diagnostics::colour_out(),
    };
    let report = match options.output {
        Format::Text => {
            let shown = |one: &Diagnostic| !options.quiet || one.severity != Severity::Info;
            report::text(linted, colour, shown, &options.site)
        }
        Format::Json => report::json(linted, &options.site),
        Format::Sarif => sarif::report(linted),
        Format::Junit => report::junit(linted)?,
        Format::Github => report::github(linted),
    };
    match &options.output_file {
        Some(path) => {
            std::fs::write(path, report).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        None if for_text => eprint!("{report}"),
        None => super::run::print(&report),
    }
    if !options.quiet && options.output == Format::Text {
        eprintln!("{}", report::summary(linted, passed_over));
    }
    Ok(i32::from(linted.iter().flat_map(|one| &one.found).any(|found| fails(options, found))))
}

fn fails(options: &Options, found: &Diagnostic) -> bool {
    let limit = match options.fail_on {
        _ if options.strict => FailOn::Advice,
        Some(limit) => limit,
        None => FailOn::Error,
    };
    match found.severity {
        Severity::Error => limit != FailOn::Never,
        Severity::Warning => matches!(limit, FailOn::Warning | FailOn::Advice),
        Severity::Advice => limit == FailOn::Advice,
        Severity::Info => false,
    }
}

/// Looks at every file, on all cores; the result in the order of the paths.
fn lint_all(options: &Options, targets: &paths::Targets) -> Result<Vec<Linted>, String> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some(target) = targets.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = lint_one(options, target);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((target.file.clone(), result));
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 1..cores.min(targets.files.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by(|a, b| a.0.cmp(&b.0));
    done.into_iter().map(|(_, result)| result).collect()
}

fn lint_one(options: &Options, target: &paths::Target) -> Result<Linted, String> {
    let text = match &target.text {
        Some(text) => text.clone(),
        None => files::read(&target.file)?,
    };
    let rules = target.rules.with(&options.select, &options.ignore, options.assume.chosen());
    let fixes = options.fix || options.diff;
    let (found, proofs) = if options.proof {
        proved(&text, &rules, &target.file)
    } else {
        (findings(&text, &rules, &target.file), Vec::new())
    };
    let mut linted = Linted { file: target.file.clone(), text, found, proofs, fixed: 0 };
    if fixes {
        let before = linted.text.clone();
        fix::apply(&mut linted, &rules);
        fix::hand_over(&linted, &before, options.diff)?;
    }
    Ok(linted)
}

/// What the rules let through of everything that can be said of a text, in its order.
pub(super) fn findings(text: &str, rules: &Rules, file: &str) -> Vec<Diagnostic> {
    let plan = Plan::read_as(text, rules.assume);
    let advice = podplay_analysis::advise(text, &plan);
    let advice = advice.iter().map(podplay_analysis::Advice::diagnostic).collect();
    sifted(text, &plan, advice, rules, file)
}

/// The same with advice that runs of the text prove, and what proves it.
fn proved(
    text: &str,
    rules: &Rules,
    file: &str,
) -> (Vec<Diagnostic>, Vec<(&'static str, usize, Proof)>) {
    let plan = Plan::read_as(text, rules.assume);
    let mut proofs = Vec::new();
    let mut advice = Vec::new();
    for one in podplay_analysis::proof::prove(text, &plan) {
        let found = one.advice.diagnostic();
        proofs.extend(one.proof.map(|proof| (found.code, found.span.start, proof)));
        advice.push(found);
    }
    (sifted(text, &plan, advice, rules, file), proofs)
}

fn sifted(
    text: &str,
    plan: &Plan,
    advice: Vec<Diagnostic>,
    rules: &Rules,
    file: &str,
) -> Vec<Diagnostic> {
    let mut found = plan.reading.diagnostics.clone();
    found.extend(advice);
    found.extend(diagnostics::without_effect(&plan.reading));
    let silenced = comments::Silenced::read(text);
    found.retain(|each| rules.wants(each.code, file) && !silenced.covers(each));
    for each in &mut found {
        each.severity = rules.severity(each);
    }
    found.sort_by_key(|each| (each.span.start, each.severity));
    found
}
