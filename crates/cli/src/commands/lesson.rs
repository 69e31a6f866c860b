//! `podplay lesson`: the page's lessons in a terminal, and the checks of those who write them.

use super::Outcome;
use crate::files;
use clap::{Args, Subcommand, ValueEnum};
use podplay_playback::lesson::{self, Lesson, SECTIONS};
use podplay_playback::{Plan, Run};
use std::path::{Path, PathBuf};

/// Options of `podplay lesson`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the lessons
    #[arg(long, global = true, default_value = "www/lessons")]
    dir: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the names and titles of the lessons in order
    List {
        /// In which language
        #[arg(long, value_enum, default_value_t)]
        lang: Language,
    },
    /// Print a lesson's text, or its manifest
    Show {
        /// The lesson
        name: String,
        /// In which language
        #[arg(long, value_enum, default_value_t)]
        lang: Language,
        /// The manifest to start from instead
        #[arg(long)]
        manifest: bool,
    },
    /// Check an answer; without FILE prove the lesson itself. Exit 1 if something is wrong
    Check {
        /// The lesson
        name: String,
        /// The answer; `-` for standard input
        file: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Language {
    #[default]
    En,
    Ko,
}

pub(crate) fn run(options: &Options) -> Outcome {
    match &options.verb {
        Verb::List { lang } => {
            let list = files::read(&options.dir.join("index.txt").to_string_lossy());
            let list = list.map_err(|error| format!("{error}; {WHERE}"))?;
            for name in lesson::index(&list) {
                let lesson = read(&options.dir, name)?;
                super::run::print(&format!("{name:20} {}\n", lesson.texts[*lang as usize].title));
            }
            Ok(0)
        }
        Verb::Show { name, lang, manifest } => {
            let lesson = read(&options.dir, name)?;
            if *manifest {
                super::run::print(&lesson.manifest);
                return Ok(0);
            }
            let text = &lesson.texts[*lang as usize];
            super::run::print(&format!("# {}\n\n{}\n", text.title, text.intro));
            for (name, words) in SECTIONS.iter().zip(&text.sections) {
                super::run::print(&format!("\n## {name}\n\n{words}\n"));
            }
            Ok(0)
        }
        Verb::Check { name, file: Some(file) } => {
            answer(&read(&options.dir, name)?, &files::read(file)?)
        }
        Verb::Check { name, file: None } => {
            let wrong = lesson::complaints(&read(&options.dir, name)?);
            for what in &wrong {
                super::run::print(&format!("{name}/{what}\n"));
            }
            Ok(i32::from(!wrong.is_empty()))
        }
    }
}

/// Where lessons are.
const WHERE: &str = "--dir names the folder of the lessons, www/lessons of podplay's repository";

fn read(dir: &Path, name: &str) -> Result<Lesson, String> {
    if !dir.join(name).is_dir() {
        return Err(format!("there is no lesson {name} in {}; {WHERE}", dir.display()));
    }
    let file = |file: &str| files::read(&dir.join(name).join(file).to_string_lossy());
    Lesson::read(name, file).map_err(|error| format!("lesson {name}: {error}"))
}

/// Prints what the run of an answer says.
fn answer(lesson: &Lesson, text: &str) -> Outcome {
    let mut run = Run::new(text);
    run.finish();
    let outcome = lesson.script.outcome(&Plan::read(&lesson.manifest), &run);
    for place in &outcome.changed {
        super::run::print(&format!("✗ leave as it was: {place}\n"));
    }
    for judged in &outcome.statements {
        let verdict = &judged.verdict;
        let mark = if verdict.holds { '✓' } else { '✗' };
        super::run::print(&format!(
            "{mark} {} ({} at {})\n",
            judged.text, verdict.found, verdict.at
        ));
    }
    Ok(i32::from(!outcome.passes()))
}
