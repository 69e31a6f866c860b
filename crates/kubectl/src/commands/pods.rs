//! From what a person names to a pod: `deploy/web`, `job/x`, `svc/y`; and to one of its containers.
//!
//! Models `kubectl/pkg/polymorphichelpers`.

use crate::cx::Cx;
use crate::failure::Failure;
use crate::resources::{Target, kind_of};
use crate::selector::Selector;
use podplay_api::{FromRaw, LabelSelector, Pod, Value};
use podplay_manifest::schema::KindInfo;

/// The pods that an object owns or selects, best first.
pub(crate) fn of(cx: &Cx, target: &Target) -> Result<Vec<Pod>, Failure> {
    let Some(kind) = kind_of("Pod") else { return Ok(Vec::new()) };
    let matches: Box<dyn Fn(&Value) -> bool> = match target.kind.kind {
        "Pod" => {
            let name = target.name.clone();
            Box::new(move |pod| pod["metadata"]["name"] == name.as_str())
        }
        "ReplicationController" | "Service" => {
            let labels = target.object["spec"]["selector"].as_object().cloned().unwrap_or_default();
            if labels.is_empty() {
                return Err(Failure::error(format!(
                    "invalid service '{}': Service is defined without a selector",
                    target.name
                )));
            }
            Box::new(move |pod| {
                labels.iter().all(|(key, value)| pod["metadata"]["labels"].get(key) == Some(value))
            })
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            let selector = LabelSelector::from_raw(&target.object["spec"]["selector"]);
            Box::new(move |pod| {
                selector.matches(&podplay_api::raw::field(&pod["metadata"], "labels"))
            })
        }
        other => return Err(Failure::error(format!("selector for *v1.{other} not implemented"))),
    };
    let pods = cx.cluster.list(kind.kind, Some(&target.namespace));
    let mut pods: Vec<Pod> = pods.iter().filter(|pod| matches(pod)).map(Pod::from_object).collect();
    pods.sort_by_key(activity);
    Ok(pods)
}

/// Bound before not, running before pending, ready before not, then the longest ready.
///
/// Models `kubectl/pkg/util/podutils` ByLogging and ActivePods.
fn activity(pod: &Pod) -> (bool, u8, bool, podplay_api::Timestamp) {
    let phase = match pod.status.phase.as_str() {
        "Running" => 0,
        "Unknown" => 1,
        "Pending" => 2,
        _ => 3,
    };
    let since = pod
        .status
        .condition("Ready")
        .and_then(|ready| ready.last_transition_time)
        .unwrap_or_default();
    (pod.spec.node_name.is_empty(), phase, !pod.status.is_true("Ready"), since)
}

/// Pods of a selector in the namespace that is spoken of.
pub(crate) fn selected(cx: &Cx, selector: &str) -> Result<Vec<Pod>, Failure> {
    let Some(kind) = kind_of("Pod") else { return Ok(Vec::new()) };
    let selector = Selector::labels(selector);
    Ok(cx.list(&kind, Some(&selector))?.iter().map(Pod::from_object).collect())
}

/// The pod that a word names, itself or by its owner.
pub(crate) fn named(cx: &Cx, word: &str) -> Result<Target, Failure> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (crate::resources::lookup(kind)?, name),
        None => (kind_of("Pod").ok_or_else(|| Failure::error("no pods"))?, word),
    };
    cx.get(&kind, name)
}

/// All containers of a pod by name, as messages list them.
pub(crate) fn out_of(pod: &Pod) -> String {
    let plain = pod.spec.containers.iter().map(|container| container.name.clone());
    let init =
        pod.spec.init_containers.iter().map(|container| format!("{} (init)", container.name));
    let ephemeral =
        pod.spec.ephemeral_containers.iter().map(|container| format!("{} (ephem)", container.name));
    plain.chain(ephemeral).chain(init).collect::<Vec<_>>().join(", ")
}

/// The container that is meant; says so when it chose one of several.
pub(crate) fn container(cx: &mut Cx, pod: &Pod, quiet: bool) -> Result<String, Failure> {
    if let Some(name) = cx.flags.text("container").filter(|name| !name.is_empty()) {
        if pod.spec.container(name).is_none() {
            return Err(Failure::error(format!(
                "container {name} is not valid for pod {} out of: {}",
                pod.meta.name,
                out_of(pod)
            )));
        }
        return Ok(name.to_owned());
    }
    let annotated = pod
        .meta
        .annotations
        .get("kubectl.kubernetes.io/default-container")
        .filter(|name| pod.spec.container(name).is_some());
    if let Some(name) = annotated {
        return Ok(name.clone());
    }
    let first =
        pod.spec.containers.first().map(|container| container.name.clone()).unwrap_or_default();
    if pod.spec.all_containers().count() > 1 && !quiet {
        cx.warn(format!("Defaulted container \"{first}\" out of: {}", out_of(pod)));
    }
    Ok(first)
}

/// A kind as Go names its type: `*v1.ConfigMap`.
pub(crate) fn go_type(kind: &KindInfo) -> String {
    format!("*{}.{}", kind.version(), kind.kind)
}
