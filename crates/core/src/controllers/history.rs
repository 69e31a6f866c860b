//! ControllerRevisions: the templates that StatefulSets and DaemonSets had.
//!
//! Models `pkg/controller/history/controller_history.go`.

use super::common::{change, hash, objects_of, reference, stored};
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::command::DeleteOptions;
use crate::world::World;
use podplay_api::{ToRaw, Value, json};

/// A stored revision.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Its key.
    pub key: Key,
    /// Its number.
    pub number: i64,
    /// What it keeps of the object.
    pub data: Value,
    /// The hash in its name.
    pub hash: String,
}

/// The label of pods and revisions.
pub const LABEL: &str = "controller-revision-hash";

fn of(key: &Key, resource: &Resource) -> Revision {
    Revision {
        key: key.clone(),
        number: resource.body.get("revision").and_then(Value::as_i64).unwrap_or(0),
        data: resource.body.get("data").cloned().unwrap_or_default(),
        hash: resource.meta.labels.get(LABEL).cloned().unwrap_or_default(),
    }
}

/// An object's revisions, oldest first.
pub fn revisions(world: &World, key: &Key, owner: &Resource) -> Vec<Revision> {
    let mut list: Vec<Revision> =
        objects_of(world, "ControllerRevision", &key.namespace, &owner.meta.uid)
            .iter()
            .map(|(key, resource)| of(key, resource))
            .collect();
    list.sort_by_key(|revision| revision.number);
    list
}

/// The patch that leads to a template.
fn patch(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(fields) = template.as_object_mut() {
        fields.insert("$patch".into(), json!("replace"));
    }
    json!({"spec": {"template": template}})
}

/// The template that a revision keeps.
pub fn template_of(revision: &Revision) -> Value {
    let mut template = revision.data["spec"]["template"].clone();
    if let Some(fields) = template.as_object_mut() {
        fields.remove("$patch");
    }
    template
}

/// The revision of the object's template now: found, raised to the newest, or made.
pub fn current(world: &mut World, key: &Key, owner: &Resource) -> Option<Revision> {
    let data = patch(&owner.spec()["template"]);
    let list = revisions(world, key, owner);
    let newest = list.last().map_or(0, |revision| revision.number);
    if let Some(found) = list.into_iter().rev().find(|revision| revision.data == data) {
        if found.number < newest {
            change(world, &found.key, |object| object["revision"] = json!(newest + 1));
            return Some(Revision { number: newest + 1, ..found });
        }
        return Some(found);
    }
    make(world, key, owner, data, newest + 1)
}

fn make(
    world: &mut World,
    key: &Key,
    owner: &Resource,
    data: Value,
    number: i64,
) -> Option<Revision> {
    let mut labels = owner.spec()["template"]["metadata"]["labels"].clone();
    for collisions in 0..16 {
        let hash = hash(&data, collisions);
        let name = format!("{}-{hash}", key.name);
        if !labels.is_object() {
            labels = json!({});
        }
        labels[LABEL] = json!(hash);
        let object = json!({
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": number, "data": data,
            "metadata": {"name": name, "namespace": &*key.namespace, "labels": labels,
                "ownerReferences": [reference(key, owner).to_raw()]},
        });
        if apiserver::create(world, object).is_ok() {
            let key = Key::new("ControllerRevision", &key.namespace, &name);
            return stored(world, &key).map(|resource| of(&key, &resource));
        }
    }
    None
}

/// Removes revisions beyond the limit that no pod uses.
pub fn truncate(
    world: &mut World,
    key: &Key,
    owner: &Resource,
    limit: Option<i64>,
    used: &[String],
) {
    let limit = usize::try_from(limit.unwrap_or(10)).unwrap_or(0);
    let list: Vec<Revision> = revisions(world, key, owner)
        .into_iter()
        .filter(|revision| {
            !used.iter().any(|name| **name == *revision.key.name || *name == revision.hash)
        })
        .collect();
    let surplus = list.len().saturating_sub(limit);
    for revision in list.into_iter().take(surplus) {
        let _ = apiserver::delete(world, &revision.key, &DeleteOptions::default());
    }
}
