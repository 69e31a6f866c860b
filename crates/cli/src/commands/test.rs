//! `podplay test`: runs texts, and judges what their Scenarios expect of them.

use super::Outcome;
use super::lint::config::Configs;
use super::lint::paths;
use super::lint::report::{data, property};
use super::run::{Changed, compute};
use crate::files;
use clap::{Args, ValueEnum};
use podplay_api::SimTime;
use podplay_playback::statement::Verdict;
use podplay_playback::{Plan, Run, expect, recording::seconds, share, why};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each expectation, and why it does not hold
    #[default]
    Text,
    /// One list, for programs
    Json,
    /// JUnit XML: a test suite for each text
    Junit,
    /// Annotations of GitHub Actions for what does not hold
    Github,
}

/// Options of `podplay test`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files, folders or globs; of a folder the texts whose Scenario has `expect`
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Run each text with this many seeds, counted from its own; an expectation must hold in all
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Print what does not hold only
    #[arg(short, long)]
    quiet: bool,
    /// The address of the site, put in front of links
    #[arg(long, default_value = "")]
    site: String,
}

/// What the runs of a text say to one of its expectations.
#[derive(Debug)]
struct Judged {
    text: String,
    line: usize,
    column: usize,
    /// The first run in which it does not hold.
    broken: Option<Broken>,
}

/// An expectation that does not hold.
#[derive(Debug)]
struct Broken {
    seed: u64,
    at: SimTime,
    found: String,
    /// The chain of causes of what decided.
    why: String,
    link: String,
}

/// A text with its expectations.
#[derive(Debug)]
struct Tested {
    file: String,
    judged: Vec<Judged>,
    /// Findings that keep it from being judged.
    errors: Vec<String>,
}

impl Tested {
    fn passes(&self) -> bool {
        self.errors.is_empty() && self.judged.iter().all(|one| one.broken.is_none())
    }
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut configs = Configs::new(None, false)?;
    let targets = paths::find(&options.paths, &[], &mut configs)?;
    let mut tested = Vec::new();
    for target in targets.files {
        let named = target.text.is_none();
        let text = match target.text {
            Some(text) => text,
            None => files::read(&target.file)?,
        };
        if named || expects(&text) {
            tested.push(test(options, target.file, &text));
        }
    }
    if tested.is_empty() {
        return Err("no text there has `expect` in its Scenario".to_owned());
    }
    let report = match options.output {
        Format::Text => report(&tested, options.quiet),
        Format::Json => as_json(&tested),
        Format::Junit => junit(&tested)?,
        Format::Github => github(&tested),
    };
    super::run::print(&report);
    Ok(i32::from(!tested.iter().all(Tested::passes)))
}

/// Whether a text of a folder is meant for this command.
fn expects(text: &str) -> bool {
    text.contains("expect") && text.contains("podplay/v1") && !Plan::read(text).expect.is_empty()
}

fn test(options: &Options, file: String, text: &str) -> Tested {
    let plan = Plan::read(text);
    let (expectations, _) = expect::read(&plan);
    let errors = plan
        .reading
        .diagnostics
        .iter()
        .filter(|found| found.severity == podplay_manifest::Severity::Error)
        .map(|found| {
            format!("{}:{}: {}", found.span.line, found.span.column, found.message.trim_end())
        });
    let mut tested = Tested { file, judged: Vec::new(), errors: errors.collect() };
    if plan.expect.is_empty() {
        tested.errors.push("1:1: the Scenario has no `expect`".to_owned());
    }
    tested.judged = expectations
        .iter()
        .map(|one| Judged {
            text: one.statement.text.clone(),
            line: one.span.line,
            column: one.span.column,
            broken: None,
        })
        .collect();
    if !tested.errors.is_empty() {
        return tested;
    }
    for seed in (0..options.seeds).map(|more| plan.config.seed.wrapping_add(more)) {
        let run = compute(text, Changed { seed: Some(seed), ..Changed::default() });
        for (one, verdict) in tested.judged.iter_mut().zip(expect::judge(&expectations, &run)) {
            if !verdict.holds && one.broken.is_none() {
                one.broken = Some(broken(options, &run, text, seed, verdict));
            }
        }
    }
    tested
}

fn broken(options: &Options, run: &Run, text: &str, seed: u64, verdict: Verdict) -> Broken {
    let chain = verdict.record.map(|record| why::chain(run, record)).unwrap_or_default();
    let link = share::encode(text, Some(verdict.at));
    Broken {
        seed,
        at: verdict.at,
        found: verdict.found,
        why: why::text(run, &chain, why::Lang::En),
        link: format!("{}{link}", options.site),
    }
}

/// One sentence about what does not hold.
fn sentence(broken: &Broken) -> String {
    format!("does not hold at {}: it is {} (seed {})", broken.at, broken.found, broken.seed)
}

fn report(tested: &[Tested], quiet: bool) -> String {
    let mut out = String::new();
    for one in tested {
        if !quiet || !one.passes() {
            out += &format!("{}\n", one.file);
        }
        for error in &one.errors {
            out += &format!("  ✗ {error}\n");
        }
        for judged in &one.judged {
            match &judged.broken {
                None if one.errors.is_empty() && !quiet => out += &format!("  ✓ {}\n", judged.text),
                None => {}
                Some(broken) => {
                    out += &format!("  ✗ {} (line {})\n", judged.text, judged.line);
                    out += &format!("    {}\n", sentence(broken));
                    for line in broken.why.lines() {
                        out += &format!("    {line}\n");
                    }
                    out += &format!("    {}\n", broken.link);
                }
            }
        }
    }
    let failed = tested.iter().filter(|one| !one.passes()).count();
    out + &format!("{} passed, {failed} failed\n", tested.len() - failed)
}

fn as_json(tested: &[Tested]) -> String {
    let list: Vec<_> = tested
        .iter()
        .map(|one| {
            let expectations: Vec<_> = one
                .judged
                .iter()
                .map(|judged| {
                    let broken = judged.broken.as_ref().map(|broken| {
                        json!({
                            "seed": broken.seed, "at": seconds(broken.at), "found": broken.found,
                            "why": broken.why.lines().collect::<Vec<_>>(), "link": broken.link,
                        })
                    });
                    json!({
                        "text": judged.text, "line": judged.line, "column": judged.column,
                        "holds": broken.is_none(), "broken": broken,
                    })
                })
                .collect();
            json!({
                "file": one.file, "passes": one.passes(),
                "errors": one.errors, "expectations": expectations,
            })
        })
        .collect();
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

fn junit(tested: &[Tested]) -> Result<String, String> {
    let mut report = Report::new("podplay test");
    for one in tested {
        let mut suite = TestSuite::new(one.file.clone());
        for error in &one.errors {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error.clone());
            suite.add_test_case(TestCase::new("the text", status));
        }
        for judged in one.judged.iter().filter(|_| one.errors.is_empty()) {
            let status = match &judged.broken {
                None => TestCaseStatus::success(),
                Some(broken) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(sentence(broken));
                    status.set_description(format!("{}\n{}", broken.why, broken.link));
                    status
                }
            };
            let mut case = TestCase::new(judged.text.clone(), status);
            case.set_classname(one.file.clone());
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

fn github(tested: &[Tested]) -> String {
    let mut out = String::new();
    for one in tested {
        let file = property(&one.file);
        for error in &one.errors {
            let mut parts = error.splitn(3, ':');
            let (line, column) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("1"));
            let message = data(parts.next().unwrap_or_default().trim());
            out += &format!("::error file={file},line={line},col={column}::{message}\n");
        }
        for judged in &one.judged {
            let Some(broken) = &judged.broken else { continue };
            let message = format!("{}: {}\n{}", judged.text, sentence(broken), broken.why);
            out += &format!(
                "::error file={file},line={},col={},title=podplay test::{}\n",
                judged.line,
                judged.column,
                data(message.trim_end())
            );
        }
    }
    out
}
