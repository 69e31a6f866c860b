//! The ReplicaSets of a Deployment: finding the one of the template, making it, numbering revisions.
//!
//! Models `pkg/controller/deployment/sync.go` getAllReplicaSetsAndSyncRevision and `util/deployment_util.go`.

use super::numbers::Bounds;
use super::status::{Condition, put_condition};
use super::{SOURCE, Set, View};
use crate::apiserver;
use crate::apiserver::error::Reason;
use crate::apiserver::store::{Key, Resource};
use crate::controllers::common::{change, hash, reference};
use crate::events;
use crate::world::World;
use podplay_api::{EventType, LabelSelector, StringMap, ToRaw, Value, json};

/// Annotation: number of the revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// Annotation: earlier numbers of a ReplicaSet that was used again.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// Annotation of a ReplicaSet: replicas of the Deployment when it was last scaled.
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// Annotation of a ReplicaSet: replicas plus surge at that time.
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";
const HASH_LABEL: &str = "pod-template-hash";

/// Annotations of a Deployment that its ReplicaSets do not get.
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
];

/// The ReplicaSets of a Deployment; those that match its selector and have no controller are adopted.
pub fn sets_of(world: &mut World, view: &View) -> Vec<Set> {
    let mine = |resource: &Resource| {
        resource.meta.controller().is_some_and(|owner| owner.uid == view.resource.meta.uid)
    };
    let here: Vec<(Key, Resource)> = world
        .store
        .resources("ReplicaSet")
        .filter(|(key, _)| key.namespace == view.key.namespace)
        .filter(|(_, set)| mine(set) || set.meta.controller().is_none())
        .map(|(key, set)| (key.clone(), set.clone()))
        .collect();
    let deleting = view.resource.meta.deletion_timestamp.is_some();
    let mut sets = Vec::new();
    for (key, set) in here {
        if !view.spec.selector.matches(&set.meta.labels) {
            continue;
        }
        if mine(&set) {
            sets.push(Set { key, resource: set });
        } else if !deleting && set.meta.deletion_timestamp.is_none() {
            let owner = reference(&view.key, &view.resource).to_raw().unwrap_or_default();
            change(world, &key, |object| object["metadata"]["ownerReferences"] = json!([owner]));
            if let Some(resource) = crate::controllers::common::stored(world, &key) {
                sets.push(Set { key, resource });
            }
        }
    }
    sets
}

/// Whether two templates are the same but for the hash label.
fn same_template(a: &Value, b: &Value) -> bool {
    let plain = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
            labels.remove(HASH_LABEL);
        }
        if let Some(metadata) = template["metadata"].as_object_mut() {
            metadata.retain(|_, value| {
                !value.is_null() && !value.as_object().is_some_and(podplay_api::Map::is_empty)
            });
        }
        template
    };
    plain(a) == plain(b)
}

/// The ReplicaSet of the Deployment's template: the oldest, if there are several.
pub fn find_new(view: &View, sets: &[Set]) -> Option<usize> {
    let template = &view.resource.spec()["template"];
    let fits = |set: &Set| same_template(&set.resource.spec()["template"], template);
    (0..sets.len()).filter(|&n| fits(&sets[n])).min_by_key(|&n| sets[n].born())
}

fn revision_of(resource: &Resource) -> i64 {
    resource.meta.annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Brings the ReplicaSet of the template and the revision up to date; makes it if `create` says so.
/// Returns the name of that ReplicaSet.
pub fn sync_revision(world: &mut World, view: &View, sets: &[Set], create: bool) -> Option<Key> {
    let found = find_new(view, sets);
    let oldest = sets.iter().enumerate().filter(|(n, _)| Some(*n) != found);
    let revision = oldest.map(|(_, set)| revision_of(&set.resource)).max().unwrap_or(0) + 1;
    if let Some(index) = found {
        return Some(keep(world, view, &sets[index], revision));
    }
    if create { make(world, view, sets, revision) } else { None }
}

/// An existing ReplicaSet gets the newest revision and the Deployment's annotations.
fn keep(world: &mut World, view: &View, set: &Set, revision: i64) -> Key {
    let own = revision_of(&set.resource);
    let mut annotations = set.resource.meta.annotations.clone();
    copy_annotations(view, &mut annotations);
    if own < revision {
        if own > 0 {
            let history = annotations.entry(HISTORY.into()).or_default();
            let known = history.split(',').any(|number| number == own.to_string());
            if !known {
                *history =
                    if history.is_empty() { own.to_string() } else { format!("{history},{own}") };
            }
        }
        annotations.insert(REVISION.into(), revision.to_string());
    }
    let min_ready = view.spec.min_ready_seconds;
    let stale = set.resource.spec()["minReadySeconds"].as_i64().unwrap_or(0) != min_ready;
    if annotations != set.resource.meta.annotations || stale {
        change(world, &set.key, |object| {
            object["metadata"]["annotations"] = json!(annotations);
            if stale {
                object["spec"]["minReadySeconds"] = json!(min_ready);
            }
        });
        return set.key.clone();
    }
    let number = annotations.get(REVISION).cloned().unwrap_or_default();
    let known = view.conditions().iter().any(|condition| condition["type"] == "Progressing");
    let condition = (view.has_deadline() && !known).then(|| Condition {
        kind: "Progressing",
        status: "True",
        reason: "FoundNewReplicaSet",
        message: format!("Found new replica set \"{}\"", set.key.name),
    });
    note(world, view, &number, condition);
    set.key.clone()
}

/// Sets the Deployment's revision and a condition.
fn note(world: &mut World, view: &View, revision: &str, condition: Option<Condition>) {
    if view.resource.meta.annotations.get(REVISION).is_none_or(|own| own != revision) {
        change(world, &view.key, |object| {
            object["metadata"]["annotations"][REVISION] = json!(revision);
        });
    }
    if let Some(condition) = condition {
        put_condition(world, &view.key, condition);
    }
}

fn copy_annotations(view: &View, annotations: &mut StringMap) {
    for (key, value) in &view.resource.meta.annotations {
        if !NOT_COPIED.contains(&key.as_str()) {
            annotations.insert(key.clone(), value.clone());
        }
    }
}

/// Makes the ReplicaSet of the template.
fn make(world: &mut World, view: &View, sets: &[Set], revision: i64) -> Option<Key> {
    let bounds = Bounds::of(&view.spec);
    let all: i64 = sets.iter().map(Set::size).sum();
    let size = bounds.new_size(0, all);
    let collisions = view.resource.status["collisionCount"].as_i64().unwrap_or(0);
    let hash = hash(&view.resource.spec()["template"], collisions);
    let key = Key::new("ReplicaSet", &view.key.namespace, &format!("{}-{hash}", view.key.name));
    let object = new_set(view, &key, &hash, size, revision, &bounds);
    match apiserver::create(world, object) {
        Ok(_) => {}
        Err(error) if error.reason == Reason::AlreadyExists => {
            let mut status = (*view.resource.status).clone();
            status["collisionCount"] = json!(collisions + 1);
            apiserver::set_object_status(world, &view.key, status);
            return None;
        }
        Err(error) => {
            let message =
                format!("Failed to create new replica set \"{}\": {}", key.name, error.message);
            if view.has_deadline() {
                put_condition(
                    world,
                    &view.key,
                    Condition {
                        kind: "Progressing",
                        status: "False",
                        reason: "ReplicaSetCreateError",
                        message: message.clone(),
                    },
                );
            }
            events::about(
                world,
                &view.key,
                SOURCE,
                EventType::Warning,
                "ReplicaSetCreateError",
                &message,
            );
            return None;
        }
    }
    if size > 0 {
        let message = format!("Scaled up replica set {} from 0 to {size}", key.name);
        events::about(world, &view.key, SOURCE, EventType::Normal, "ScalingReplicaSet", &message);
    }
    let condition = view.has_deadline().then(|| Condition {
        kind: "Progressing",
        status: "True",
        reason: "NewReplicaSetCreated",
        message: format!("Created new replica set \"{}\"", key.name),
    });
    note(world, view, &revision.to_string(), condition);
    Some(key)
}

fn new_set(view: &View, key: &Key, hash: &str, size: i64, revision: i64, bounds: &Bounds) -> Value {
    let mut template = view.resource.spec()["template"].clone();
    template["metadata"]["labels"][HASH_LABEL] = json!(hash);
    let mut selector: LabelSelector = view.spec.selector.clone();
    selector.match_labels.insert(HASH_LABEL.into(), hash.into());
    let mut annotations = StringMap::new();
    copy_annotations(view, &mut annotations);
    annotations.insert(REVISION.into(), revision.to_string());
    annotations.insert(DESIRED.into(), bounds.replicas.to_string());
    annotations.insert(MAX.into(), (bounds.replicas + bounds.max_surge()).to_string());
    let mut spec = json!({"replicas": size, "selector": selector.to_raw(), "template": template});
    if view.spec.min_ready_seconds > 0 {
        spec["minReadySeconds"] = json!(view.spec.min_ready_seconds);
    }
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": spec, "status": {"replicas": 0},
        "metadata": {
            "name": &*key.name, "namespace": &*key.namespace, "annotations": annotations,
            "labels": template["metadata"]["labels"],
            "ownerReferences": [reference(&view.key, &view.resource).to_raw()],
        },
    })
}

/// Removes old ReplicaSets beyond the history limit.
///
/// Models `sync.go` cleanupDeployment.
pub fn clean_up(world: &mut World, view: &View, old: &[Set]) {
    let limit = view.spec.revision_history_limit.unwrap_or(10);
    if limit >= i64::from(i32::MAX) {
        return;
    }
    let mut old: Vec<&Set> =
        old.iter().filter(|set| set.resource.meta.deletion_timestamp.is_none()).collect();
    let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    old.sort_by_key(|set| (revision_of(&set.resource), set.born()));
    for set in old.into_iter().take(surplus) {
        let seen = set.resource.status["observedGeneration"].as_i64().unwrap_or(0);
        let idle = set.size() == 0
            && set.counted("replicas") == 0
            && set.resource.meta.generation.unwrap_or(1) <= seen;
        if idle {
            let _ = apiserver::delete(world, &set.key, &crate::command::DeleteOptions::default());
        }
    }
}
