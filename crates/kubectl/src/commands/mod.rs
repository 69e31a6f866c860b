//! The commands: one module each, and the function that finds the one for a command line.

mod about;
mod autoscale;
pub(crate) mod complete;
mod debug;
pub(crate) mod delete;
mod describe;
mod drain;
mod events;
mod exec;
mod expose;
mod generate;
mod get;
mod help;
mod label;
mod logs;
mod patch;
mod pods;
mod rollout;
mod rollout_status;
mod run;
mod scale;
mod set;
mod taint;
mod template;
mod token;
mod wait;
mod watch;

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::files::Files;
use crate::flags;
use crate::task::Output;
use podplay_core::Cluster;

/// Commands that are known and can be asked for, in the order of kubectl's help.
pub(crate) const VERBS: &[&str] = &[
    "create",
    "expose",
    "run",
    "set",
    "explain",
    "get",
    "delete",
    "rollout",
    "scale",
    "autoscale",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "describe",
    "logs",
    "exec",
    "debug",
    "events",
    "apply",
    "patch",
    "replace",
    "wait",
    "label",
    "annotate",
    "api-resources",
    "api-versions",
    "version",
];
/// Commands of kubectl that a simulated cluster has no use for.
const ELSEWHERE: &[&str] = &[
    "attach",
    "auth",
    "certificate",
    "cluster-info",
    "completion",
    "config",
    "cp",
    "diff",
    "edit",
    "kustomize",
    "options",
    "plugin",
    "port-forward",
    "proxy",
    "kuberc",
    "alpha",
];
const SET: &[&str] = &["env", "image", "resources", "selector", "serviceaccount", "subject"];
const ROLLOUT: &[&str] = &["history", "pause", "restart", "resume", "status", "undo"];

/// What a command does to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It is answered at once, and everything stays as it is.
    Looks,
    /// It changes nothing, and may take time.
    Waits,
    /// It may change something.
    Changes,
}

/// Commands that change something, unless they are only asked what they would do.
const CHANGING: &[&str] = &[
    "annotate",
    "apply",
    "autoscale",
    "cordon",
    "create",
    "debug",
    "delete",
    "drain",
    "exec",
    "expose",
    "label",
    "patch",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "uncordon",
];

/// What a command, without the word kubectl, does to the cluster.
pub fn nature(argv: &[String]) -> Nature {
    let Some((verb, rest)) = split_globals(argv) else { return Nature::Looks };
    // What follows two dashes belongs to a program in a container.
    let own = || rest.iter().map(String::as_str).take_while(|word| *word != "--");
    let given = |flag: &str| {
        own().any(|word| {
            word.strip_prefix(flag).is_some_and(|value| {
                value.is_empty() || value.starts_with('=') && !matches!(value, "=false" | "=none")
            })
        })
    };
    if ["-h", "--help", "--dry-run", "--list", "--local"].into_iter().any(given) {
        return Nature::Looks;
    }
    let follows = ["-w", "--watch", "--watch-only", "--follow"].into_iter().any(given)
        || verb == "logs" && own().any(|word| word.starts_with("-f"));
    let what = own().find(|word| !word.starts_with('-')).unwrap_or_default();
    match (verb.as_str(), what) {
        ("rollout", "history" | "") | ("apply", "view-last-applied") => Nature::Looks,
        ("rollout", "status") | ("wait", _) => Nature::Waits,
        (verb, _) if CHANGING.contains(&verb) => Nature::Changes,
        _ if follows => Nature::Waits,
        _ => Nature::Looks,
    }
}

/// Whether kubectl has a command of that name, be it simulated or not.
pub fn is_command(word: &str) -> bool {
    VERBS.contains(&word) || ELSEWHERE.contains(&word) || word == "top"
}

/// Runs a command up to its end or to where it has to wait.
pub(crate) fn run(
    argv: &[String],
    stdin: &[u8],
    cluster: &mut Cluster,
    files: &dyn Files,
    out: &mut Output,
) -> Outcome {
    let Some((verb, rest)) = split_globals(argv) else {
        out.stdout.push_str(&help::overview());
        return Ok(Next::Done);
    };
    let Some((command, rest)) = group(&verb, &rest, out)? else {
        return Ok(Next::Exit(i32::from(verb != "alpha")));
    };
    let flags = flags::parse(&command, &rest)?;
    let mut cx = Cx { command, flags, cluster, stdin, files, out };
    if cx.flags.on("help") {
        let text = help::of(&cx.command);
        cx.out.stdout.push_str(&text);
        return Ok(Next::Done);
    }
    dispatch(&mut cx)
}

/// The first word that is no global flag, and everything else.
fn split_globals(argv: &[String]) -> Option<(String, Vec<String>)> {
    let mut before = Vec::new();
    let mut words = argv.iter();
    while let Some(word) = words.next() {
        if word == "--help" || word == "-h" {
            return None;
        }
        if !word.starts_with('-') {
            let rest = before.into_iter().chain(words.cloned()).collect();
            return Some((word.clone(), rest));
        }
        before.push(word.clone());
        if matches!(
            word.as_str(),
            "-n" | "--namespace" | "-s" | "--server" | "--context" | "--kubeconfig"
        ) {
            before.extend(words.next().cloned());
        }
    }
    None
}

/// The command with its subcommand; `None` if what it says is all.
fn group(
    verb: &str,
    rest: &[String],
    out: &mut Output,
) -> Result<Option<(String, Vec<String>)>, Failure> {
    let subcommands = match verb {
        "set" => SET,
        "rollout" => ROLLOUT,
        "create" => generate::KINDS,
        "alpha" => {
            out.warn("No alpha commands are available in this version of kubectl");
            return Ok(None);
        }
        _ => return Ok(Some((verb.to_owned(), rest.to_vec()))),
    };
    let at = rest.iter().position(|word| !word.starts_with('-'));
    let word = at.map(|at| generate::canonical(&rest[at]));
    match (at, word) {
        (Some(at), Some(word)) if subcommands.contains(&word.as_str()) => {
            let mut rest = rest.to_vec();
            rest.remove(at);
            if let ("secret" | "service", true) = (word.as_str(), verb == "create") {
                return generate::nested(&word, rest, out);
            }
            Ok(Some((format!("{verb} {word}"), rest)))
        }
        _ if verb == "create" => Ok(Some((verb.to_owned(), rest.to_vec()))),
        (Some(_), Some(word)) => Err(Failure::usage(verb, format!("unknown command \"{word}\""))),
        _ => {
            let text = help::of(verb);
            out.stdout.push_str(&text);
            Ok(None)
        }
    }
}

fn dispatch(cx: &mut Cx) -> Outcome {
    let command = cx.command.clone();
    match command.as_str() {
        "get" => get::run(cx),
        "describe" => describe::run(cx),
        "events" => events::run(cx),
        // The cluster has no metrics server.
        "top" => Err(Failure::error("Metrics API not available")),
        "logs" => logs::run(cx),
        "exec" => exec::run(cx),
        "apply" => crate::apply::apply(cx),
        "replace" => crate::apply::replace(cx),
        "create" => generate::from_files(cx),
        "delete" => delete::run(cx),
        "patch" => patch::run(cx),
        "label" => label::run(cx, label::Which::Labels),
        "annotate" => label::run(cx, label::Which::Annotations),
        "scale" => scale::run(cx),
        "wait" => wait::run(cx),
        "cordon" => drain::cordon(cx, true),
        "uncordon" => drain::cordon(cx, false),
        "drain" => drain::run(cx),
        "taint" => taint::run(cx),
        "run" => run::run(cx),
        "expose" => expose::run(cx),
        "autoscale" => autoscale::run(cx),
        "debug" => debug::run(cx),
        "explain" => about::explain(cx),
        "version" => about::version(cx),
        "api-resources" => about::resources(cx),
        "api-versions" => about::versions(cx),
        _ => match command.split_once(' ') {
            Some(("create", kind)) => generate::run(cx, kind),
            Some(("set", what)) => set::run(cx, what),
            Some(("rollout", what)) => rollout::run(cx, what),
            _ => Err(unknown(&command)),
        },
    }
}

fn unknown(verb: &str) -> Failure {
    if ELSEWHERE.contains(&verb) {
        return Failure::error(format!(
            "podplay does not simulate \"kubectl {verb}\". Available: {}",
            VERBS.join(", ")
        ));
    }
    let near = similar(verb);
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!(
            "\n\nDid you mean this?\n{}",
            near.iter().map(|word| format!("\t{word}\n")).collect::<String>()
        )
    };
    Failure::error(format!("unknown command \"{verb}\" for \"kubectl\"{hint}"))
}

/// Commands that are two letters away or begin alike.
///
/// Models `github.com/spf13/cobra` SuggestionsFor.
fn similar(typed: &str) -> Vec<&'static str> {
    /// kubectl's own order of its commands.
    const ORDER: &[&str] = &[
        "create",
        "expose",
        "run",
        "set",
        "explain",
        "get",
        "edit",
        "delete",
        "rollout",
        "scale",
        "autoscale",
        "certificate",
        "cluster-info",
        "top",
        "cordon",
        "uncordon",
        "drain",
        "taint",
        "describe",
        "logs",
        "attach",
        "exec",
        "port-forward",
        "proxy",
        "cp",
        "auth",
        "debug",
        "events",
        "diff",
        "apply",
        "patch",
        "replace",
        "wait",
        "kustomize",
        "label",
        "annotate",
        "completion",
        "alpha",
        "plugin",
        "version",
        "api-versions",
        "api-resources",
        "options",
        "config",
    ];
    let lower = typed.to_ascii_lowercase();
    let near = |word: &&&str| distance(&lower, word) <= 2 || word.starts_with(&lower);
    ORDER.iter().filter(near).copied().collect()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Nature, nature};
    use crate::words::split;

    #[test]
    fn what_a_command_does_to_the_cluster() {
        let table = [
            (
                Nature::Looks,
                "get pods|-n web get pods|describe pod web|logs web -c app --previous|events",
            ),
            (
                Nature::Looks,
                "api-versions|api-resources|explain pod|version|cluster-info|config view",
            ),
            (
                Nature::Looks,
                "auth can-i get pods|top pod|diff -f -|rollout history deploy/web|rollout",
            ),
            (
                Nature::Looks,
                "gte pods|edit pod web|create --help|run web --image=nginx --dry-run=client",
            ),
            (
                Nature::Looks,
                "label pods web --list|set env deploy/web --list|get pods --watch=false|",
            ),
            (
                Nature::Waits,
                "get pods -w|get pods --watch|logs web -f|logs -f web|logs web --follow=true",
            ),
            (Nature::Waits, "wait pod/web --for=condition=Ready|rollout status deploy/web"),
            (
                Nature::Changes,
                "delete pod web|apply -f -|exec web -- ls --help|scale deploy/web --replicas=3",
            ),
            (
                Nature::Changes,
                "rollout restart deploy/web|rollout undo deploy/web|set image deploy/web a=b",
            ),
            (
                Nature::Changes,
                "run web --image=nginx --dry-run=none|cordon node01|label pods web a=b",
            ),
        ];
        for (expected, lines) in table {
            for line in lines.split('|') {
                assert_eq!(nature(&split(line).unwrap_or_default()), expected, "{line}");
            }
        }
    }
}
