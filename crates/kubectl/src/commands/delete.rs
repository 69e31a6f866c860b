//! `kubectl delete`.
//!
//! Models `kubectl/pkg/cmd/delete/delete.go`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::flags::Span;
use crate::resources::{Rules, Target, named};
use crate::task::{Output, Task};
use podplay_api::SimTime;
use podplay_core::{Cluster, Command, DeleteOptions, Propagation};
use podplay_manifest::apply::DryRun;

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let grace = grace(cx)?;
    let propagation = cascade(cx)?;
    let selected = cx.flags.text("selector").is_some() || cx.flags.text("field-selector").is_some();
    if cx.flags.on("all") && selected {
        return Err(Failure::error("setting 'all' parameter but found a non empty selector."));
    }
    let words = cx.flags.words.clone();
    if words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        ));
    }
    if words.len() == 1 && cx.flags.on("all") && cx.flags.given("field-selector") {
        return Err(Failure::error("setting 'all' parameter but found a non empty selector."));
    }
    let missing_is_fine = cx.flags.on("ignore-not-found")
        || (cx.flags.on("all") && !cx.flags.given("ignore-not-found"));
    let mut found =
        named(cx, &words, Rules { kind_alone: false, ignore_missing: missing_is_fine })?;
    found.targets.retain(|target| !is_kept(target));
    if cx.flags.on("force") && grace == Some(0) && !found.targets.is_empty() {
        cx.warn(
            "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.",
        );
    }
    let failures = found.failures;
    let (waiting, failures) = remove_all(cx, &found.targets, grace, propagation, failures)?;
    if found.targets.is_empty() && failures.is_empty() && !found.single {
        cx.say("No resources found");
    }
    let forced = cx.flags.on("force") && grace == Some(0) && !cx.flags.on("wait");
    let waits = cx.flags.still_on("wait") && cx.for_real()? && !forced;
    let failure = Failure::all(failures);
    if !waits || waiting.is_empty() {
        return failure.map_or(Ok(Next::Done), Err);
    }
    let until = match cx.flags.time("timeout") {
        Some(Span::For(length)) if !length.is_zero() => Some(cx.cluster.now() + length),
        _ => None,
    };
    let failure = failure.map(|failure| failure.message);
    Ok(Next::Block(Box::new(Gone { targets: waiting, until, failure })))
}

/// Deletes targets one after the other; returns those that were, and what went wrong.
fn remove_all(
    cx: &mut Cx,
    targets: &[Target],
    grace: Option<i64>,
    propagation: Propagation,
    mut failures: Vec<Failure>,
) -> Result<(Vec<Target>, Vec<Failure>), Failure> {
    let dry = cx.dry_run()?;
    let names_only = cx.flags.text("output") == Some("name");
    let forced = cx.flags.on("force") && grace == Some(0);
    let mut waiting = Vec::new();
    for target in targets {
        if dry == DryRun::None {
            let options = DeleteOptions { grace_period_seconds: grace, propagation };
            if let Err(failure) = delete_with(cx, target, options) {
                failures.push(failure);
                continue;
            }
        }
        if names_only {
            cx.say(target.printed());
        } else {
            let word = if forced { " force deleted" } else { " deleted" };
            let (kind, name, suffix) = (target.kind.printed(), &target.name, dry.suffix());
            cx.say(format!("{kind} \"{name}\"{word}{}{suffix}", from_namespace(target)));
        }
        waiting.push(target.clone());
    }
    Ok((waiting, failures))
}

/// Objects that every cluster keeps, when all of a kind are asked for.
fn is_kept(target: &Target) -> bool {
    target.kind.kind == "Service" && target.name == "kubernetes"
}

/// ` from default namespace`
pub(crate) fn from_namespace(target: &Target) -> String {
    if target.kind.namespaced {
        format!(" from {} namespace", target.namespace)
    } else {
        String::new()
    }
}

fn grace(cx: &mut Cx) -> Result<Option<i64>, Failure> {
    let given = cx.flags.int("grace-period").filter(|seconds| *seconds >= 0);
    let (now, force) = (cx.flags.on("now"), cx.flags.on("force"));
    if now && cx.flags.int("grace-period").is_some_and(|seconds| seconds != -1) {
        return Err(Failure::error("--now and --grace-period cannot be specified together"));
    }
    if force && given.is_some_and(|seconds| seconds > 0) {
        return Err(Failure::error(
            "--force and --grace-period greater than 0 cannot be specified together",
        ));
    }
    Ok(match given {
        _ if now => Some(1),
        None if force => Some(0),
        // The server would remove the object at once: only --force may ask for that.
        Some(0) if !force => Some(1),
        given => given,
    })
}

fn cascade(cx: &mut Cx) -> Result<Propagation, Failure> {
    let word = cx.flags.text("cascade").unwrap_or("background").to_owned();
    let (mode, deprecated) = match word.as_str() {
        "background" => (Propagation::Background, None),
        "foreground" => (Propagation::Foreground, None),
        "orphan" => (Propagation::Orphan, None),
        "true" => (Propagation::Background, Some("background")),
        "false" => (Propagation::Orphan, Some("orphan")),
        other => {
            return Err(Failure::error(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    if let Some(instead) = deprecated {
        cx.warn(format!("warning: --cascade={word} is deprecated (boolean value) and can be replaced with --cascade={instead}."));
    }
    Ok(mode)
}

/// Deletes one object with a grace period.
pub(crate) fn remove(cx: &mut Cx, target: &Target, grace: Option<i64>) -> Result<(), Failure> {
    delete_with(
        cx,
        target,
        DeleteOptions { grace_period_seconds: grace, ..DeleteOptions::default() },
    )
}

fn delete_with(cx: &mut Cx, target: &Target, options: DeleteOptions) -> Result<(), Failure> {
    cx.cluster.apply(Command::Delete {
        kind: target.kind.kind.to_owned(),
        namespace: target.namespace.clone(),
        name: target.name.clone(),
        options,
    })?;
    Ok(())
}

/// Waits until objects are gone.
#[derive(Clone, Debug)]
struct Gone {
    targets: Vec<Target>,
    until: Option<SimTime>,
    /// What went wrong before.
    failure: Option<String>,
}

impl Task for Gone {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        self.targets.retain(|target| {
            let live = cluster.get(target.kind.kind, &target.namespace, &target.name);
            live.is_some_and(|live| live["metadata"]["uid"] == target.object["metadata"]["uid"])
        });
        if self.targets.is_empty() {
            if let Some(failure) = &self.failure {
                out.warn(failure);
            }
            return Some(i32::from(self.failure.is_some()));
        }
        if self.until.is_some_and(|until| cluster.now() >= until) {
            for target in &self.targets {
                out.warn(format!(
                    "error: timed out waiting for the condition on {}",
                    target.path()
                ));
            }
            return Some(1);
        }
        None
    }
    fn wakes_at(&self) -> Option<SimTime> {
        self.until
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
