//! Namespaces: what each gets when it is made, and how everything in it goes before it does.
//!
//! Models `pkg/controller/namespace/namespace_controller.go`, `pkg/controller/namespace/deletion/` and
//! `pkg/controller/{serviceaccount/serviceaccounts_controller.go,certificates/rootcacertpublisher}`.

use super::work;
use crate::apiserver;
use crate::apiserver::error::resource_of;
use crate::apiserver::store::Key;
use crate::command::{DeleteOptions, Propagation};
use crate::ids::Uid;
use crate::record::Verb;
use crate::world::World;
use podplay_api::{ObjectMeta, PodPhase, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The controller waits for so long after each change of a namespace that is being deleted.
const SETTLE: Duration = Duration::from_secs(5);
/// How many seconds objects with finalizers are thought to need.
const FINALIZERS: i64 = 15;

/// The conditions with their reasons and messages while nothing is wrong.
const CONDITIONS: [[&str; 3]; 5] = [
    [
        "NamespaceDeletionDiscoveryFailure",
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ],
    [
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ],
    [
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ],
    ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
    [
        "NamespaceFinalizersRemaining",
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ],
];

/// A namespace was made or changed.
pub fn on_namespace(world: &mut World, key: &Key, verb: Verb) {
    let given = &*key.name == "default" || key.name.starts_with("kube-");
    if verb == Verb::Created && !given {
        furnish(world, &key.name);
    }
    let deleting = world
        .store
        .resource("Namespace", "", &key.name)
        .is_some_and(|namespace| namespace.meta.deletion_timestamp.is_some());
    if deleting {
        work::after(world, "Namespace", key, SETTLE);
    }
}

/// What every namespace of a user gets: the default account and the authority's certificate.
fn furnish(world: &mut World, name: &str) {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": name}});
    let root_ca = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "kube-root-ca.crt", "namespace": name},
        "data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"}});
    for object in [account, root_ca] {
        let _ = apiserver::create(world, object);
    }
}

/// What is left of one resource after a round.
#[derive(Default)]
struct Left {
    /// Of each resource, its group and how many objects there are.
    remaining: BTreeMap<String, usize>,
    /// Of each finalizer, how many objects have it.
    finalizers: BTreeMap<String, usize>,
    /// Seconds that the rest is thought to need.
    estimate: i64,
    /// What should be gone and is not.
    errors: Vec<String>,
}

impl Left {
    fn note(&mut self, namespace: &str, plural: &str, metas: &[ObjectMeta], estimate: i64) {
        if metas.is_empty() {
            return;
        }
        let (resource, group) = plural.split_once('.').unwrap_or((plural, ""));
        self.remaining.insert(format!("{resource}.{group}"), metas.len());
        let finalizers = metas.iter().flat_map(|meta| &meta.finalizers);
        let mut bound = false;
        for finalizer in finalizers {
            *self.finalizers.entry(finalizer.clone()).or_default() += 1;
            bound = true;
        }
        let estimate = if estimate == 0 && bound { FINALIZERS } else { estimate };
        self.estimate = self.estimate.max(estimate);
        if estimate == 0 {
            self.errors.push(format!(
                "unexpected items still remain in namespace: {namespace} for gvr: {group}/v1, Resource={resource}"
            ));
        }
    }
    /// What is wrong, by condition.
    fn problems(&self, totals: bool) -> BTreeMap<&'static str, (&'static str, String)> {
        let mut problems = BTreeMap::new();
        if !self.errors.is_empty() {
            let message = format!(
                "Failed to delete all resource types, {} remaining: {}",
                self.errors.len(),
                self.errors.join(", ")
            );
            problems.insert("NamespaceDeletionContentFailure", ("ContentDeletionFailed", message));
        }
        let list = |counts: &BTreeMap<String, usize>, verb: &str| {
            let each =
                counts.iter().map(|(name, n)| format!("{name} {verb} {n} resource instances"));
            each.collect::<Vec<_>>().join(", ")
        };
        if totals && !self.remaining.is_empty() {
            let message = format!("Some resources are remaining: {}", list(&self.remaining, "has"));
            problems.insert("NamespaceContentRemaining", ("SomeResourcesRemain", message));
        }
        if totals && !self.finalizers.is_empty() {
            let message = format!(
                "Some content in the namespace has finalizers remaining: {}",
                list(&self.finalizers, "in")
            );
            problems.insert("NamespaceFinalizersRemaining", ("SomeFinalizersRemain", message));
        }
        problems
    }
}

/// One look at a namespace that is being deleted: pods first, then everything else, then itself.
pub fn sync(world: &mut World, name: &str) {
    let key = Key::new("Namespace", "", name);
    let Some(namespace) = world.store.resource(&key.kind, "", name) else { return };
    let Some(since) = namespace.meta.deletion_timestamp else { return };
    let mut left = Left::default();
    let waited = (world.wall().0 - since.0) / 1_000_000_000;
    remove_pods(world, name, waited, &mut left);
    let only_pods = !left.remaining.is_empty();
    if !only_pods {
        remove_objects(world, name, &mut left);
    }
    write_conditions(world, &key, &left.problems(!only_pods));
    if !left.errors.is_empty() {
        work::failed(world, "Namespace", &key);
        return;
    }
    work::succeeded(world, "Namespace", &key);
    if left.estimate > 0 {
        let seconds = u64::try_from(left.estimate / 2 + 1).unwrap_or(1);
        work::after(world, "Namespace", &key, Duration::from_secs(seconds));
        return;
    }
    apiserver::finalize_namespace(world, name);
}

fn remove_pods(world: &mut World, namespace: &str, waited: i64, left: &mut Left) {
    let here = |world: &World| -> Vec<(Uid, ObjectMeta)> {
        let entries = world.store.pod_entries().filter(|e| e.pod.meta.namespace == namespace);
        entries.map(|entry| (entry.uid, entry.pod.meta.clone())).collect()
    };
    let grace = |pod: &podplay_api::Pod| i64::try_from(pod.spec.grace_period()).unwrap_or(30);
    let estimate = world
        .store
        .pods()
        .filter(|pod| pod.meta.namespace == namespace)
        .filter(|pod| !matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed))
        .map(grace)
        .max()
        .unwrap_or(0);
    for (uid, _) in here(world) {
        apiserver::delete_pod(world, uid, None);
    }
    let rest: Vec<ObjectMeta> = here(world).into_iter().map(|(_, meta)| meta).collect();
    left.note(namespace, "pods", &rest, if waited >= estimate { 0 } else { estimate });
}

fn remove_objects(world: &mut World, namespace: &str, left: &mut Left) {
    let here = |world: &World| -> Vec<Key> {
        let all = world.store.all_resources().filter(|(key, _)| *key.namespace == *namespace);
        all.map(|(key, _)| key.clone()).collect()
    };
    for key in here(world) {
        let options =
            DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
        let _ = apiserver::delete(world, &key, &options);
    }
    let mut rest: BTreeMap<String, Vec<ObjectMeta>> = BTreeMap::new();
    for key in here(world) {
        if let Some(object) = world.store.resource(&key.kind, namespace, &key.name) {
            rest.entry(resource_of(&key.kind)).or_default().push(object.meta.clone());
        }
    }
    for (plural, metas) in rest {
        left.note(namespace, &plural, &metas, 0);
    }
}

/// Models updateConditions: every condition is there from the first round on.
fn write_conditions(
    world: &mut World,
    key: &Key,
    problems: &BTreeMap<&str, (&'static str, String)>,
) {
    let Some(namespace) = world.store.resource(&key.kind, "", &key.name) else { return };
    let mut status = (*namespace.status).clone();
    let old = status["conditions"].as_array().cloned().unwrap_or_default();
    let wall = world.wall().to_string();
    let one = |[kind, reason, message]: [&str; 3]| -> Value {
        let (value, reason, message) = match problems.get(kind) {
            Some((reason, message)) => ("True", *reason, message.as_str()),
            None => ("False", reason, message),
        };
        let before = old.iter().find(|condition| condition["type"] == kind);
        let since = before.filter(|before| before["status"] == value);
        let since = since.map_or_else(|| json!(wall), |old| old["lastTransitionTime"].clone());
        json!({"type": kind, "status": value, "lastTransitionTime": since, "reason": reason, "message": message})
    };
    status["conditions"] = CONDITIONS.into_iter().map(one).collect();
    apiserver::set_object_status(world, key, status);
}
