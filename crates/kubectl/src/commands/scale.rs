//! `kubectl scale`.
//!
//! Models `kubectl/pkg/cmd/scale/scale.go`.

use crate::cx::{Cx, no_subresource};
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update::replace;

/// What kubectl says where objects are missing on the command line.
pub(crate) const NO_RESOURCES: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let replicas = cx.flags.int("replicas").filter(|replicas| *replicas >= 0);
    let Some(replicas) = replicas else {
        return Err(Failure::error(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    };
    let words = cx.flags.words.clone();
    if words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(NO_RESOURCES));
    }
    let found = named(cx, &words, Rules::default())?;
    let mut failures = found.failures;
    if found.targets.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to scale"));
    }
    for target in &found.targets {
        failures.extend(one(cx, target, replicas).err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn one(cx: &mut Cx, target: &Target, replicas: i64) -> Result<(), Failure> {
    if !matches!(
        target.kind.kind,
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
    ) {
        return Err(no_subresource());
    }
    let current = target.object["spec"]["replicas"].as_i64().unwrap_or(1);
    if let Some(expected) =
        cx.flags.int("current-replicas").filter(|expected| *expected >= 0 && *expected != current)
    {
        return Err(Failure::error(format!("Expected replicas to be {expected}, was {current}")));
    }
    let version = target.object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    let expected = cx.flags.text("resource-version").filter(|text| !text.is_empty());
    if let Some(expected) = expected.filter(|expected| *expected != version) {
        return Err(Failure::error(format!(
            "Expected resource version to be {expected}, was {version}"
        )));
    }
    let mut new = target.object.clone();
    new["spec"]["replicas"] = replicas.into();
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("{} scaled{suffix}", target.printed()))
}
