//! The `podplay` command: the simulator in a terminal.

mod advice;
mod clusters;
mod commands;
mod diagnostics;
mod files;
mod lanes;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Watch what Kubernetes would do with a Pod, on virtual time.
#[derive(Debug, Parser)]
#[command(name = "podplay", version, about, after_help = EXIT)]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

const EXIT: &str = "Exit status:\n  0  done\n  1  the text has errors, an expectation does not hold, or a comparison found differences\n  2  wrong usage, or a file that cannot be read\n  n  kubectl gives kubectl's own";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a text and print what the matching kubectl command would have shown
    Run(commands::run::Options),
    /// Run one kubectl command against an empty cluster, or against a run at a moment
    Kubectl(commands::kubectl::Options),
    /// Answer questions, one JSON object a line: kubectl commands against one cluster, or named clusters step by step
    Session,
    /// Serve the same steps to agents, by the Model Context Protocol on standard input and output
    Mcp,
    /// Print what is wrong with manifests, what could be better, what has no effect; exit 1 if there are errors
    Lint(commands::lint::Options),
    /// Run the texts of files and folders, and judge what their Scenarios expect; exit 1 if something does not hold
    Test(commands::test::Options),
    /// Search for what a text does not bear: every fault, at every moment, during rollouts and drains; exit 1 if something is found
    Check(commands::check::Options),
    /// Find the numbers of probes and rollouts that hold, for a program that behaves as you say
    Tune(commands::tune::Options),
    /// Say why an object is as it is: what holds it up, the chain of causes, and what would mend it
    Why(commands::why::Options),
    /// Read what was copied of a real cluster: what is wrong, and where it says so
    Incident(commands::incident::Options),
    /// Compare two runs: the first difference in time, then rows and events
    Diff(commands::diff::Options),
    /// The lessons: list them, show one, check an answer
    Lesson(commands::lesson::Options),
    /// Print the share link of a text
    Share(commands::share::ShareOptions),
    /// Print the text of a share link
    Open(commands::share::OpenOptions),
    /// Print completions for a shell
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the whole or of one command
    Man {
        /// The command, such as lint
        command: Option<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    podplay_manifest::schema::bring_docs(podplay_manifest::schema::FIELD_DOCS.to_owned());
    let result = match arguments.command {
        Verb::Run(options) => commands::run::run(&options),
        Verb::Kubectl(options) => commands::kubectl::run(&options),
        Verb::Session => commands::session::run(),
        Verb::Mcp => commands::mcp::run(),
        Verb::Lint(options) => commands::lint::run(&options),
        Verb::Test(options) => commands::test::run(&options),
        Verb::Check(options) => commands::check::run(&options),
        Verb::Tune(options) => commands::tune::run(&options),
        Verb::Why(options) => commands::why::run(&options),
        Verb::Incident(options) => commands::incident::run(&options),
        Verb::Diff(options) => commands::diff::run(&options),
        Verb::Lesson(options) => commands::lesson::run(&options),
        Verb::Share(options) => commands::share::share(&options),
        Verb::Open(options) => commands::share::open(&options),
        Verb::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "podplay",
                &mut std::io::stdout(),
            );
            Ok(0)
        }
        Verb::Man { command } => manual(command.as_deref()),
    };
    match result {
        Ok(status) => ExitCode::from(u8::try_from(status.clamp(0, 255)).unwrap_or(1)),
        Err(message) => {
            eprintln!("podplay: {message}");
            ExitCode::from(2)
        }
    }
}

/// Prints a manual page.
fn manual(command: Option<&str>) -> Result<i32, String> {
    let mut whole = Arguments::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            found.ok_or_else(|| format!("podplay has no command {name}"))?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).map_err(|error| error.to_string())?;
    commands::run::print(&String::from_utf8_lossy(&text));
    Ok(0)
}
