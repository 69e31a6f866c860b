//! `kubectl describe`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, lookup_all, named};
use podplay_api::Value;
use podplay_views::describe::{Related, describe_all};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    if cx.flags.words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let words = cx.flags.words.clone();
    let mut found = named(cx, &words, Rules { kind_alone: true, ignore_missing: false })?;
    if found.targets.is_empty() && found.single && words.len() == 2 {
        let prefixed = by_prefix(cx, &words[0], &words[1])?;
        if !prefixed.is_empty() {
            found.failures.clear();
            found.targets = prefixed;
        }
    }
    if found.targets.is_empty() && found.failures.is_empty() {
        let namespaced = found.kinds.iter().any(|kind| kind.namespaced) && !cx.all_namespaces();
        let line = if namespaced {
            format!("No resources found in {} namespace.", cx.namespace())
        } else {
            "No resources found".to_owned()
        };
        cx.warn(line);
        return Ok(Next::Done);
    }
    let mut everything = everything(cx);
    let nodes = found.targets.iter().filter(|target| target.kind.kind == "Node");
    everything.extend(nodes.filter_map(|target| cx.cluster.lease(&target.name)));
    let objects: Vec<&Value> = found.targets.iter().map(|target| &target.object).collect();
    let related = Related { now: cx.now(), objects: &everything, show_events: true };
    let asked = cx.flags.given("show-events").then(|| cx.flags.on("show-events"));
    let text = describe_all(&objects, &related, asked);
    cx.out.stdout.push_str(&text);
    Failure::all(found.failures).map_or(Ok(Next::Done), Err)
}

/// Objects whose names begin like the one that was asked for.
fn by_prefix(cx: &Cx, kinds: &str, prefix: &str) -> Result<Vec<Target>, Failure> {
    let mut found = Vec::new();
    for kind in lookup_all(kinds)? {
        let objects = cx.list(&kind, None)?;
        found.extend(
            objects
                .into_iter()
                .filter_map(Target::of)
                .filter(|target| target.name.starts_with(prefix)),
        );
    }
    Ok(found)
}

/// Every object of the cluster, events included.
fn everything(cx: &Cx) -> Vec<Value> {
    let kinds = cx.cluster.kinds();
    let mut all: Vec<Value> = kinds.iter().flat_map(|kind| cx.cluster.list(kind, None)).collect();
    all.extend(crate::event_objects::list(cx.cluster, None));
    all
}
