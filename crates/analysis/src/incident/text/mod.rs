//! A text that runs, made of the objects of a paste: what the server wrote is taken away, and what is referred to is
//! put beside it.

mod clean;
mod implied;
mod supply;

pub(crate) use supply::UNKNOWN_KEY;

use super::ages::{instant, rfc3339};
use super::causes::Found;
use super::observed::{Observed, Seen, Shape};
use podplay_api::{Map, Value, json};
use std::collections::BTreeMap;

/// Kinds that a text can have.
const KINDS: [&str; 22] = [
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "PodDisruptionBudget",
    "LimitRange",
    "ResourceQuota",
    "PriorityClass",
    "Ingress",
    "NetworkPolicy",
    "HorizontalPodAutoscaler",
];

/// Longest run that is made of a paste, in seconds.
const LONGEST: i64 = 6 * 3600;

/// How long before its first run a CronJob is made, in seconds.
const BEFORE: i64 = 3;

/// What a text is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The objects.
    pub objects: Vec<Value>,
    /// `spec` of the Scenario.
    pub scenario: Map<String, Value>,
    /// What the paste does not show of them.
    pub missing: Vec<String>,
    /// What was put beside them.
    pub assumed: Vec<String>,
}

impl Draft {
    /// The text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for object in &self.objects {
            out += &podplay_kubectl::to_yaml(object);
            out += "---\n";
        }
        let scenario =
            json!({"apiVersion": "podplay/v1", "kind": "Scenario", "spec": self.scenario});
        out + &podplay_kubectl::to_yaml(&scenario)
    }
    /// The same with another entry of the timeline.
    pub(crate) fn then(mut self, entry: Value) -> Self {
        let list = self.scenario.entry("timeline").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(entry);
        }
        self
    }
    /// The same with another behaviour of an image.
    pub(crate) fn behaves(mut self, image: &str, behaviour: Value) -> Self {
        let images = self.scenario.entry("images").or_insert_with(|| json!({}));
        if let Value::Object(images) = images {
            let known = images.entry(image).or_insert_with(|| json!({}));
            if let (Value::Object(known), Value::Object(more)) = (known, behaviour) {
                known.extend(more);
            }
        }
        self
    }
}

/// The text that a paste is of; `None` if it has no object.
pub(crate) fn draft(observed: &Observed, found: &[Found]) -> Option<Draft> {
    let mut roots = roots(observed);
    // What a pod that got a node took from it, one without a node did not get.
    roots.sort_by_key(|seen| seen.kind == "Pod" && seen.tree.text("spec.nodeName").is_empty());
    if roots.is_empty() {
        return None;
    }
    let mut out = Draft::default();
    let space = namespace(&roots);
    for seen in &roots {
        let mut object = clean::object(seen);
        if let (Some(_), Some(meta)) =
            (&space, object.get_mut("metadata").and_then(Value::as_object_mut))
        {
            meta.remove("namespace");
        }
        if seen.shape == Shape::Description {
            out.missing.push(unshown(seen));
        }
        out.objects.push(object);
    }
    implied::by(&mut out, &roots, found);
    supply::beside(&mut out, found);
    let clocked = roots.iter().any(|seen| seen.kind == "CronJob");
    if let Some(start) = began(observed) {
        // A CronJob was there before the first of its runs.
        out.scenario.insert("start".into(), rfc3339(start - i64::from(clocked) * BEFORE));
    }
    let there = |event: &super::events::Event| event.message.contains("already present on machine");
    if observed.events.iter().any(there) {
        out.scenario.insert("node".into(), json!({"pull": "0s"}));
    }
    out.scenario.insert(
        "duration".into(),
        format!("{}s", length(observed) + i64::from(clocked) * BEFORE).into(),
    );
    nodes(&roots, observed, &mut out);
    if found.iter().any(refused) {
        // What the paste says to be missing must not be assumed to be there.
        out.scenario.insert("assume".into(), "strict".into());
    }
    let out = images(observed, found, out);
    Some(deletions(observed, &roots, out))
}

/// Whether a cause is something that a cluster lacks.
fn refused(found: &Found) -> bool {
    use crate::verdict::Cause;
    matches!(
        found.cause,
        Cause::Insufficient { .. }
            | Cause::NodeSelectorMismatch { .. }
            | Cause::AffinityMismatch { .. }
            | Cause::UntoleratedTaint { .. }
            | Cause::UnboundClaim { .. }
            | Cause::MissingClaim { .. }
            | Cause::UnknownNode { .. }
            | Cause::HostPathType { .. }
            | Cause::HostPortConflict { .. }
            | Cause::AntiAffinityConflict { .. }
            | Cause::TopologySpread { .. }
            | Cause::MissingServiceAccount { .. }
            | Cause::MissingPriorityClass { .. }
            | Cause::MissingNamespace { .. }
    )
}

/// Objects that nothing else of the paste makes, each once.
fn roots(observed: &Observed) -> Vec<&Seen> {
    let known = |kind: &str, name: &str| {
        observed.objects.iter().any(|seen| seen.kind == kind && seen.name == name && whole(seen))
    };
    let owned = |seen: &Seen| {
        let owners = seen.tree.get("metadata.ownerReferences").as_array();
        owners.into_iter().flatten().any(|owner| {
            let word = |name: &str| owner.get(name).and_then(Value::as_str).unwrap_or_default();
            known(word("kind"), word("name"))
        })
    };
    let own = |seen: &Seen| match seen.kind.as_str() {
        "Service" => seen.name == "kubernetes",
        "ConfigMap" => seen.name == "kube-root-ca.crt",
        "Secret" => seen.tree.text("type") == "kubernetes.io/service-account-token",
        "ServiceAccount" => seen.name == "default",
        _ => false,
    };
    let mut out: Vec<&Seen> = Vec::new();
    for seen in observed.objects.iter().filter(|seen| KINDS.contains(&seen.kind.as_str())) {
        let twice = out.iter().any(|other| other.kind == seen.kind && other.name == seen.name);
        if !seen.name.is_empty() && !own(seen) && !owned(seen) && !twice && whole(seen) {
            out.push(seen);
        }
    }
    out
}

/// Whether enough of an object is there to make it again.
fn whole(seen: &Seen) -> bool {
    let has = |path: &str| !seen.tree.get(path).is_null();
    match seen.kind.as_str() {
        "Pod" => has("spec.containers[0].image"),
        "CronJob" => has("spec.jobTemplate.spec.template.spec.containers[0].image"),
        "ReplicaSet"
        | "ReplicationController"
        | "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "Job" => has("spec.template.spec.containers[0].image"),
        _ => true,
    }
}

/// The one namespace of all objects, if nothing refers to it by name.
fn namespace(roots: &[&Seen]) -> Option<String> {
    let mut names =
        roots.iter().map(|seen| seen.namespace.as_str()).filter(|name| !name.is_empty());
    let first = names.next()?;
    let inside = format!(".{first}.");
    let named = |seen: &&Seen| seen.tree.leaves().iter().any(|(_, value)| value.contains(&inside));
    (names.all(|name| name == first) && !roots.iter().any(named)).then(|| first.to_owned())
}

/// What a description does not show.
fn unshown(seen: &Seen) -> String {
    let rest = match seen.kind.as_str() {
        "Service" => "sessionAffinityConfig, publishNotReadyAddresses",
        "PersistentVolumeClaim" => "volume mode and selector",
        _ => {
            "hooks, securityContext, restartPolicy, imagePullPolicy, affinity, finalizers, imagePullSecrets"
        }
    };
    format!("{}/{}: {rest}", seen.kind.to_ascii_lowercase(), seen.name)
}

/// When the first object was made.
fn began(observed: &Observed) -> Option<i64> {
    let made = observed.objects.iter().filter(|seen| seen.kind != "Node").flat_map(|seen| {
        ["metadata.creationTimestamp", "status.startTime"].map(|path| instant(seen.tree.text(path)))
    });
    made.flatten().min()
}

/// How long the paste reaches back, in seconds.
pub(crate) fn length(observed: &Observed) -> i64 {
    let by_clock = began(observed).zip(observed.latest()).map_or(0, |(start, end)| end - start);
    let by_age = observed.oldest_age().map_or(0, |age| age.middle());
    by_clock.max(by_age).clamp(5, LONGEST) + 1
}

/// The nodes on which pods were, with the labels that these pods asked for.
fn nodes(roots: &[&Seen], observed: &Observed, out: &mut Draft) {
    let mut nodes: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for seen in observed.of_kind("Pod") {
        let node = seen.tree.text("spec.nodeName");
        if !node.is_empty() {
            let labels = nodes.entry(node).or_default();
            labels.extend(
                seen.tree.get("spec.nodeSelector").as_object().cloned().unwrap_or_default(),
            );
        }
    }
    let plain = nodes.len() <= 1 && nodes.values().all(Map::is_empty);
    if plain || roots.is_empty() {
        return;
    }
    let list: Vec<Value> = nodes
        .into_iter()
        .take(20)
        .map(|(name, labels)| json!({"name": name, "labels": labels}))
        .collect();
    out.scenario.insert("nodes".into(), list.into());
}

/// Images that could not be had.
fn images(observed: &Observed, found: &[Found], mut out: Draft) -> Draft {
    use crate::verdict::Cause;
    for one in found {
        let (kind, image) = match &one.cause {
            Cause::ImageNotFound { image, .. } | Cause::ImagePullDenied { image } => {
                ("ImageMissing", image)
            }
            Cause::RegistryDown { image } => ("ImageMissing", image),
            _ => continue,
        };
        if image.is_empty() {
            continue;
        }
        // An image that was had before was lost only later.
        let had = observed
            .events
            .iter()
            .any(|event| event.reason == "Pulled" && event.message.contains(image.as_str()));
        if !had {
            out = out.then(json!({"at": "0s", "fault": {"kind": kind, "image": image}}));
        }
    }
    out
}

/// Pods that were told to go.
fn deletions(observed: &Observed, roots: &[&Seen], mut out: Draft) -> Draft {
    let end = length(observed);
    for seen in roots.iter().filter(|seen| seen.kind == "Pod") {
        let killing = observed.events.iter().rfind(|event| {
            event.name == seen.name
                && event.reason == "Killing"
                && event.message.starts_with("Stopping container")
        });
        let told = instant(seen.tree.text("metadata.deletionTimestamp"));
        let grace = seen.tree.get("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or(30);
        let by_clock = told.zip(began(observed)).map(|(told, start)| told - grace - start);
        let ago = killing.and_then(|event| Some(event.often.last?.middle()));
        let gone = !seen.tree.text("metadata.deletionTimestamp").is_empty();
        let ended = matches!(seen.tree.text("status.phase"), "Succeeded" | "Failed");
        let at = match (by_clock, ago) {
            (Some(at), _) => at,
            (None, Some(ago)) if gone || ended => end - 1 - ago,
            _ => continue,
        };
        if ended && !seen.tree.get("metadata.finalizers").is_array() {
            out.assumed.push(format!("pod/{}: a finalizer that holds it", seen.name));
            finalizer(&mut out, &seen.name);
        }
        let command = format!("delete pod {} --wait=false", seen.name);
        out = out.then(json!({"at": format!("{}s", at.max(1)), "kubectl": command}));
    }
    out
}

/// A pod that has stopped and is still there has a finalizer.
fn finalizer(out: &mut Draft, name: &str) {
    let pod = out
        .objects
        .iter_mut()
        .find(|object| object["kind"] == "Pod" && object["metadata"]["name"] == *name);
    if let Some(pod) = pod {
        pod["metadata"]["finalizers"] = json!(["example.com/unknown"]);
    }
}
