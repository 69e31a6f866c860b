//! `kubectl rollout history|undo|pause|resume|restart`; `status` is its own module.
//!
//! Models `kubectl/pkg/cmd/rollout` and `kubectl/pkg/polymorphichelpers`.

use crate::commands::{rollout_status, template};
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update::replace;
use podplay_api::{LabelSelector, Value};
use podplay_manifest::apply::DryRun;

const REVISION: &str = "deployment.kubernetes.io/revision";
const CAUSE: &str = "kubernetes.io/change-cause";
const HASH: &str = "pod-template-hash";

/// One revision of a workload.
#[derive(Clone, Debug)]
struct Revision {
    number: i64,
    cause: String,
    /// The pod template as it was stored then.
    template: Value,
}

pub(crate) fn run(cx: &mut Cx, what: &str) -> Outcome {
    let words = cx.flags.words.clone();
    let selected = cx.flags.given("selector") || cx.flags.given("filename");
    if words.is_empty() && !selected {
        return Err(Failure::error("required resource not specified"));
    }
    let found = named(cx, &words, Rules { kind_alone: true, ignore_missing: false })?;
    if what == "status" {
        return rollout_status::run(cx, found);
    }
    let mut failures = found.failures;
    for target in &found.targets {
        let result = match what {
            "history" => history(cx, target),
            "undo" => undo(cx, target),
            "pause" => pause(cx, target, true),
            "resume" => pause(cx, target, false),
            _ => restart(cx, target),
        };
        failures.extend(result.err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    object["metadata"]["annotations"][key].as_str().unwrap_or_default()
}

/// The revisions of a workload, oldest first; `None` if its kind has none.
fn revisions(cx: &Cx, target: &Target) -> Option<Vec<Revision>> {
    let owner = &target.object["metadata"]["uid"];
    let owned = |object: &Value| {
        let owners = object["metadata"]["ownerReferences"].as_array();
        owners.is_some_and(|owners| owners.iter().any(|each| each["uid"] == *owner))
    };
    let mut found: Vec<Revision> = match target.kind.kind {
        "Deployment" => {
            let sets = cx.cluster.list("ReplicaSet", Some(&target.namespace));
            let revision = |set: &Value| Revision {
                number: annotation(set, REVISION).parse().unwrap_or(0),
                cause: annotation(set, CAUSE).to_owned(),
                template: set["spec"]["template"].clone(),
            };
            sets.iter().filter(|set| owned(set)).map(revision).collect()
        }
        "DaemonSet" | "StatefulSet" => {
            let kept = cx.cluster.list("ControllerRevision", Some(&target.namespace));
            let revision = |kept: &Value| Revision {
                number: kept["revision"].as_i64().unwrap_or(0),
                cause: annotation(kept, CAUSE).to_owned(),
                template: kept["data"]["spec"]["template"].clone(),
            };
            kept.iter().filter(|kept| owned(kept)).map(revision).collect()
        }
        _ => return None,
    };
    found.retain(|revision| revision.number > 0);
    found.sort_by_key(|revision| revision.number);
    Some(found)
}

fn history(cx: &mut Cx, target: &Target) -> Result<(), Failure> {
    let none = || {
        Failure::error(format!(
            "no history viewer has been implemented for \"{}\"",
            target.kind.kind
        ))
    };
    let found = revisions(cx, target).ok_or_else(none)?;
    let wanted = cx.flags.int("revision").unwrap_or(0);
    if wanted != 0 {
        let revision = found.iter().find(|revision| revision.number == wanted);
        let revision =
            revision.ok_or_else(|| Failure::error("unable to find the specified revision"))?;
        let mut shown = revision.template.clone();
        if !revision.cause.is_empty() {
            shown["metadata"]["annotations"][CAUSE] = revision.cause.clone().into();
        }
        cx.out.stdout.push_str(&format!(
            "{} with revision #{wanted}\n{}\n",
            target.printed(),
            template::text(&shown)
        ));
        return Ok(());
    }
    cx.out.stdout.push_str(&format!("{} \n", target.printed()));
    let mut table = String::from("REVISION\tCHANGE-CAUSE\n");
    for revision in &found {
        let cause = if revision.cause.is_empty() { "<none>" } else { &revision.cause };
        table.push_str(&format!("{}\t{cause}\n", revision.number));
    }
    let layout = podplay_views::table::DESCRIBE;
    cx.out.stdout.push_str(&podplay_views::table::align(&table, layout));
    cx.out.stdout.push('\n');
    Ok(())
}

fn undo(cx: &mut Cx, target: &Target) -> Result<(), Failure> {
    if !annotation(&target.object, "kubectl.kubernetes.io/last-applied-configuration").is_empty() {
        cx.warn(format!(
            "Warning: resource {} was previously managed with 'kubectl apply'. Rolling back will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            target.path()
        ));
    }
    let none = || {
        Failure::error(format!("no rollbacker has been implemented for \"{}\"", target.kind.kind))
    };
    let found = revisions(cx, target).ok_or_else(none)?;
    if target.object["spec"]["paused"] == true {
        return Err(Failure::error(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let wanted = cx.flags.int("to-revision").unwrap_or(0);
    let revision = if wanted == 0 {
        let previous = found.len().checked_sub(2).and_then(|at| found.get(at));
        previous.ok_or_else(|| {
            Failure::error(format!(
                "no rollout history found for {} \"{}\"",
                target.kind.kind.to_ascii_lowercase(),
                target.name
            ))
        })?
    } else {
        let named = found.iter().find(|revision| revision.number == wanted);
        named.ok_or_else(|| {
            Failure::error(format!("unable to find specified revision {wanted} in history"))
        })?
    };
    let mut template = revision.template.clone();
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    let dry = cx.dry_run()?;
    if dry == DryRun::Client {
        cx.out.stdout.push_str(&format!(
            "{} {}{}\n",
            target.printed(),
            template::text(&template),
            dry.suffix()
        ));
        return Ok(());
    }
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(HASH);
    }
    if template == target.object["spec"]["template"] {
        let number = revision.number;
        return cx.print(
            &target.object,
            &format!(
                "{} skipped rollback (current template already matches revision {number})",
                target.printed()
            ),
        );
    }
    let mut new = target.object.clone();
    new["spec"]["template"] = template;
    if target.kind.kind == "Deployment" {
        carry_annotations(cx, target, revision, &mut new);
    }
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    cx.print(&stored, &format!("{} rolled back{}", target.printed(), dry.suffix()))
}

/// A rollback of a Deployment brings the cause of its old ReplicaSet back.
fn carry_annotations(cx: &Cx, target: &Target, revision: &Revision, new: &mut Value) {
    let selector: LabelSelector =
        podplay_api::FromRaw::from_raw(&target.object["spec"]["selector"]);
    let labels: podplay_api::StringMap =
        podplay_api::raw::field(&revision.template["metadata"], "labels");
    let known = selector.matches(&labels)
        && !cx.cluster.list("ReplicaSet", Some(&target.namespace)).is_empty();
    let annotations = &mut new["metadata"]["annotations"];
    if known && revision.cause.is_empty() {
        if let Some(map) = annotations.as_object_mut() {
            map.remove(CAUSE);
        }
    } else if known {
        annotations[CAUSE] = revision.cause.clone().into();
    }
}

fn pause(cx: &mut Cx, target: &Target, paused: bool) -> Result<(), Failure> {
    let (resource, name) = (target.kind.resource(), &target.name);
    if target.kind.kind != "Deployment" {
        let word = if paused { "pausing" } else { "resuming" };
        return Err(Failure::error(format!("{resource} \"{name}\" {word} is not supported")));
    }
    let before = target.object["spec"]["paused"] == true;
    if before == paused {
        let word = if paused { "already paused" } else { "not paused" };
        return Err(Failure::error(format!("{resource} \"{name}\" is {word}")));
    }
    let mut new = target.object.clone();
    if paused {
        new["spec"]["paused"] = true.into();
    } else if let Some(spec) = new["spec"].as_object_mut() {
        spec.remove("paused");
    }
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    cx.print(
        &stored,
        &format!("{} {}", target.printed(), if paused { "paused" } else { "resumed" }),
    )
}

fn restart(cx: &mut Cx, target: &Target) -> Result<(), Failure> {
    let (resource, name) = (target.kind.resource(), &target.name);
    if !matches!(target.kind.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
        return Err(Failure::error(format!("{resource} \"{name}\" restarting is not supported")));
    }
    if target.object["spec"]["paused"] == true {
        return Err(Failure::error(format!(
            "{resource} \"{name}\" can't restart paused deployment (run rollout resume first)"
        )));
    }
    let now = cx.now().to_string();
    let before = &target.object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"];
    if *before == now.as_str() {
        return Err(Failure::error(
            "if restart has already been triggered within the past second, please wait before attempting to trigger another",
        ));
    }
    let mut new = target.object.clone();
    new["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] =
        now.into();
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    cx.print(&stored, &format!("{} restarted", target.printed()))
}
