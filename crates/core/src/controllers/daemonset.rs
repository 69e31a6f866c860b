//! DaemonSets: one pod on each node that suits.
//!
//! Models `pkg/controller/daemon/{daemon_controller,update}.go`.

use super::common::{
    Numbered, available, claim, create_pod, delete_pod, is_ready, len, pod_after, put_count, stored,
};
use super::history::{self, LABEL, Revision};
use super::work;
use crate::apiserver;
use crate::apiserver::admission::TEMPLATE_GENERATION;
use crate::apiserver::budget::scaled;
use crate::apiserver::store::{Key, Resource};
use crate::events;
use crate::fit;
use crate::ids::Uid;
use crate::world::World;
use podplay_api::{
    DaemonSetSpec, EventType, FromRaw, IntOrString, Map, NodeSpec, Pod, PodPhase, Value, json,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SOURCE: &str = "daemonset-controller";
/// Taints that every daemon pod tolerates, with their effects.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// A DaemonSet as a sync sees it.
struct View {
    key: Key,
    resource: Resource,
    spec: DaemonSetSpec,
    revision: Revision,
    /// Each node with whether a pod may be placed there, may stay there, and the set's pods there, oldest first.
    nodes: Vec<(Arc<str>, bool, bool, Vec<Numbered>)>,
}

impl View {
    fn is_new(&self, pod: &Pod) -> bool {
        pod.meta.labels.get(LABEL) == Some(&self.revision.hash)
    }
    fn usable(&self, world: &World, pod: &Pod) -> bool {
        available(world, pod, self.spec.min_ready_seconds).is_ok()
    }
    fn limits(&self) -> (i64, i64) {
        let desired = len(self.nodes.iter().filter(|(_, may, ..)| *may).count());
        let numbers = &self.spec.update_strategy.rolling_update;
        let of = |value: &Option<IntOrString>, other| {
            value.as_ref().map_or(other, |value| scaled(value, desired, true))
        };
        (of(&numbers.max_surge, 0), of(&numbers.max_unavailable, 1))
    }
}

/// One look at a DaemonSet.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("DaemonSet", namespace, name);
    let Some(resource) = stored(world, &key) else { return };
    let spec: DaemonSetSpec = resource.typed_spec();
    if resource.meta.deletion_timestamp.is_some() || spec.selector.is_empty() {
        return;
    }
    let Some(revision) = history::current(world, &key, &resource) else { return };
    let view = gather(world, key, resource, spec, revision);
    if manage(world, &view) {
        work::failed(world, "DaemonSet", &view.key);
    } else {
        work::succeeded(world, "DaemonSet", &view.key);
    }
    let Some(resource) = stored(world, &view.key) else { return };
    let view = gather(world, view.key, resource, view.spec, view.revision);
    if view.spec.update_strategy.kind != "OnDelete" {
        roll(world, &view);
    }
    write_status(world, &view);
    let pods = view.nodes.iter().flat_map(|(.., pods)| pods);
    let mut used: Vec<String> =
        pods.filter_map(|(_, pod)| pod.meta.labels.get(LABEL).cloned()).collect();
    used.push(view.revision.hash.clone());
    history::truncate(world, &view.key, &view.resource, view.spec.revision_history_limit, &used);
}

fn gather(
    world: &mut World,
    key: Key,
    resource: Resource,
    spec: DaemonSetSpec,
    revision: Revision,
) -> View {
    let mut by_node: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
    for (uid, pod) in claim(world, &key, &resource, &spec.selector) {
        // A pod that ended and is being deleted no longer holds its node.
        if pod.status.phase.is_terminal() && pod.meta.deletion_timestamp.is_some() {
            continue;
        }
        by_node.entry(target(&pod)).or_default().push((uid, pod));
    }
    let names: Vec<Arc<str>> =
        world.store.resources("Node").map(|(key, _)| Arc::clone(&key.name)).collect();
    let mut nodes = Vec::new();
    for name in names {
        let pod = Pod::from_object(&pod_for(&key, &resource, &spec, &revision, &name));
        let (place, stay) = suits(world, &pod, &name);
        let pods = by_node.remove(&*name).unwrap_or_default();
        nodes.push((name, place, stay, pods));
    }
    View { key, resource, spec, revision, nodes }
}

/// Whether a node may get the pod, and whether it may keep one.
///
/// Models NodeShouldRunDaemonPod.
fn suits(world: &World, pod: &Pod, node: &str) -> (bool, bool) {
    let Some(resource) = world.store.resource("Node", "", node) else { return (false, false) };
    let named = pod.spec.node_name.is_empty() || pod.spec.node_name == node;
    if !named || !fit::affine(&pod.spec, node, &resource.meta.labels) {
        return (false, false);
    }
    let taints = NodeSpec::from_raw(resource.spec()).taints;
    let tolerates = |effects: &[&str]| {
        let mut hard = taints.iter().filter(|taint| effects.contains(&taint.effect.as_str()));
        hard.all(|taint| pod.spec.tolerations.iter().any(|toleration| toleration.tolerates(taint)))
    };
    (tolerates(&["NoExecute", "NoSchedule"]), tolerates(&["NoExecute"]))
}

/// The node that a pod is on, or bound for.
fn target(pod: &Pod) -> String {
    if !pod.spec.node_name.is_empty() {
        return pod.spec.node_name.clone();
    }
    let required =
        pod.spec.affinity.node_affinity.required.iter().flat_map(|required| &required.terms);
    let mut fields = required.flat_map(|term| &term.match_fields);
    let field = fields.find(|field| field.key == "metadata.name");
    field.and_then(|field| field.values.first().cloned()).unwrap_or_default()
}

/// The pod for a node: bound to it by affinity, with the usual tolerations.
fn pod_for(
    key: &Key,
    resource: &Resource,
    spec: &DaemonSetSpec,
    revision: &Revision,
    node: &str,
) -> Value {
    let mut pod = pod_after(key, resource, &spec.template);
    pod["metadata"]["labels"][LABEL] = json!(revision.hash);
    let generation = resource.meta.annotations.get(TEMPLATE_GENERATION);
    pod["metadata"]["labels"]["pod-template-generation"] =
        json!(generation.map_or("1", String::as_str));
    let spec = &mut pod["spec"];
    let field = json!([{"key": "metadata.name", "operator": "In", "values": [node]}]);
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let affinity = &mut spec["affinity"]["nodeAffinity"][required];
    match affinity["nodeSelectorTerms"].as_array_mut() {
        Some(terms) => {
            for term in terms {
                term["matchFields"] = field.clone();
            }
        }
        None => *affinity = json!({"nodeSelectorTerms": [{"matchFields": field}]}),
    }
    let network = (spec["hostNetwork"] == true)
        .then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    if !spec["tolerations"].is_array() {
        spec["tolerations"] = json!([]);
    }
    if let Some(list) = spec["tolerations"].as_array_mut() {
        for (key, effect) in TOLERATED.into_iter().chain(network) {
            list.push(json!({"key": key, "operator": "Exists", "effect": effect}));
        }
    }
    pod
}

fn create_on(world: &mut World, view: &View, node: &str) -> bool {
    let pod = pod_for(&view.key, &view.resource, &view.spec, &view.revision, node);
    create_pod(world, &view.key, SOURCE, &pod).is_err_and(|error| !error.namespace_ends())
}

/// Pods where they are missing or not wanted. Returns whether a creation failed.
fn manage(world: &mut World, view: &View) -> bool {
    let surge = view.limits().0;
    let mut failed = false;
    for (node, place, stay, pods) in &view.nodes {
        if *place && pods.is_empty() {
            failed |= create_on(world, view, node);
        } else if *stay {
            keep(world, view, node, pods, surge);
        } else {
            for (uid, pod) in pods {
                if pod.meta.deletion_timestamp.is_none() {
                    delete_pod(world, &view.key, SOURCE, *uid);
                }
            }
        }
    }
    failed
}

/// Ended pods of a node go, and all but the oldest running one.
fn keep(world: &mut World, view: &View, node: &str, pods: &[Numbered], surge: i64) {
    let mut running = Vec::new();
    for (uid, pod) in pods.iter().filter(|(_, pod)| pod.meta.deletion_timestamp.is_none()) {
        let (kind, reason, state, what) = match pod.status.phase {
            PodPhase::Failed => (EventType::Warning, "FailedDaemonPod", "failed", "kill"),
            PodPhase::Succeeded => (EventType::Normal, "SucceededDaemonPod", "succeeded", "delete"),
            _ => {
                running.push(*uid);
                continue;
            }
        };
        if !backed_off(world, view, node) {
            continue;
        }
        let message =
            format!("Found {state} daemon pod {} on node {node}, will try to {what} it", pod.key());
        events::about(world, &view.key, SOURCE, kind, reason, &message);
        delete_pod(world, &view.key, SOURCE, *uid);
    }
    if surge == 0 {
        for uid in running.into_iter().skip(1) {
            delete_pod(world, &view.key, SOURCE, uid);
        }
    }
}

/// Whether an ended pod of this node may be replaced now: 1 s after the last, then 2, 4, … up to 15 minutes.
fn backed_off(world: &mut World, view: &View, node: &str) -> bool {
    let (now, slot) = (world.now, (view.resource.meta.uid.clone(), node.to_string()));
    let entry = world.controllers.daemons.get(&slot).copied();
    let longest = Duration::from_secs(900);
    if let Some((delay, since)) = entry.filter(|(_, since)| now.since(*since) < 2 * longest) {
        let passed = now.since(since);
        if passed < delay {
            work::after(world, "DaemonSet", &view.key, delay - passed);
            return false;
        }
        world.controllers.daemons.insert(slot, ((2 * delay).min(longest), now));
    } else {
        world.controllers.daemons.insert(slot, (Duration::from_secs(1), now));
    }
    true
}

/// Replaces pods of the old template, as many at a time as may be missing, or by surge.
fn roll(world: &mut World, view: &View) {
    let (surge, missing) = view.limits();
    let mut unavailable = 0;
    let (mut broken, mut candidates): (Vec<Uid>, Vec<Uid>) = (Vec::new(), Vec::new());
    let mut wanted: Vec<Arc<str>> = Vec::new();
    let mut surging = 0;
    for (node, _, _, pods) in view.nodes.iter().filter(|(_, place, ..)| *place) {
        let alive = |new: bool| {
            pods.iter().find(move |(_, pod)| {
                view.is_new(pod) == new && pod.meta.deletion_timestamp.is_none()
            })
        };
        match (alive(true), alive(false)) {
            (Some((_, new)), old) => {
                let up = view.usable(world, new);
                match old {
                    Some((uid, _)) if surge > 0 && up => candidates.push(*uid),
                    Some(_) if surge > 0 => surging += 1,
                    _ => unavailable += i64::from(!up),
                }
            }
            (None, Some((uid, old))) if view.usable(world, old) => {
                candidates.extend((surge == 0).then_some(*uid));
                wanted.extend((surge > 0).then(|| Arc::clone(node)));
            }
            (None, Some((uid, _))) => {
                unavailable += 1;
                broken.push(*uid);
            }
            (None, None) => unavailable += 1,
        }
    }
    if surge == 0 {
        candidates.truncate(usize::try_from(missing - unavailable).unwrap_or(0));
    }
    for uid in broken.into_iter().chain(candidates) {
        delete_pod(world, &view.key, SOURCE, uid);
    }
    let room = usize::try_from(surge - surging).unwrap_or(0);
    for node in wanted.into_iter().take(room) {
        create_on(world, view, &node);
    }
}

fn write_status(world: &mut World, view: &View) {
    let (mut desired, mut current, mut ready, mut usable, mut updated, mut misplaced) =
        (0, 0, 0, 0, 0, 0);
    let mut wait: Option<Duration> = None;
    let every = view.nodes.iter().flat_map(|(.., pods)| pods);
    for (_, pod) in every.filter(|_| view.spec.min_ready_seconds > 0) {
        if let Err(left) = available(world, pod, view.spec.min_ready_seconds) {
            wait = wait.into_iter().chain(left).min();
        }
    }
    for (_, place, _, pods) in &view.nodes {
        desired += i64::from(*place);
        let Some((_, pod)) = pods.first() else { continue };
        if !place {
            misplaced += 1;
            continue;
        }
        current += 1;
        ready += i64::from(is_ready(pod));
        updated += i64::from(view.is_new(pod));
        usable += i64::from(view.usable(world, pod));
    }
    let mut status = Map::new();
    status.insert("currentNumberScheduled".into(), json!(current));
    status.insert("desiredNumberScheduled".into(), json!(desired));
    status.insert("numberMisscheduled".into(), json!(misplaced));
    status.insert("numberReady".into(), json!(ready));
    put_count(&mut status, "numberAvailable", usable);
    put_count(&mut status, "numberUnavailable", desired - usable);
    put_count(&mut status, "observedGeneration", view.resource.meta.generation.unwrap_or(1));
    put_count(&mut status, "updatedNumberScheduled", updated);
    apiserver::set_object_status(world, &view.key, Value::Object(status));
    if let Some(left) = wait {
        work::after(world, "DaemonSet", &view.key, left + Duration::from_millis(5));
    }
}
