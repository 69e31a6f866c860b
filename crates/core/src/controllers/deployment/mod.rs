//! Deployments: ReplicaSets that take turns.
//!
//! Models `pkg/controller/deployment/deployment_controller.go`.

pub mod numbers;
pub mod revision;
pub mod rolling;
pub mod scale;
pub mod status;

use super::common::{count, stored};
use crate::apiserver::store::{Key, Resource};
use crate::world::World;
use podplay_api::{DeploymentSpec, Timestamp, Value, json};
use std::sync::Arc;

const SOURCE: &str = "deployment-controller";

/// A Deployment as a sync sees it.
#[derive(Clone, Debug)]
pub struct View {
    /// Its key.
    pub key: Key,
    /// The object.
    pub resource: Resource,
    /// Its spec.
    pub spec: DeploymentSpec,
}

impl View {
    fn conditions(&self) -> &[Value] {
        self.resource.status["conditions"].as_array().map_or(&[], Vec::as_slice)
    }
    fn has_deadline(&self) -> bool {
        self.spec.progress_deadline_seconds.unwrap_or(600) < i64::from(i32::MAX)
    }
}

fn view(world: &World, key: &Key) -> Option<View> {
    let resource = stored(world, key)?;
    Some(View { key: key.clone(), spec: resource.typed_spec(), resource })
}

/// A ReplicaSet as a sync sees it.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its key.
    pub key: Key,
    /// The object.
    pub resource: Resource,
}

impl Set {
    /// The size that it is to have.
    fn size(&self) -> i64 {
        count(self.resource.spec(), "replicas")
    }
    /// A number of its status.
    fn counted(&self, field: &str) -> i64 {
        count(&self.resource.status, field)
    }
    /// A number in its annotations.
    fn noted(&self, annotation: &str) -> Option<i64> {
        self.resource.meta.annotations.get(annotation)?.parse().ok()
    }
    /// For the order of creation.
    fn born(&self) -> (Option<Timestamp>, Arc<str>) {
        (self.resource.meta.creation_timestamp, Arc::clone(&self.key.name))
    }
    /// The same set after it was scaled.
    fn sized(&self, size: i64) -> Self {
        let mut set = self.clone();
        let mut body = (*set.resource.body).clone();
        if let Some(spec) = body.get_mut("spec") {
            spec["replicas"] = json!(size);
        }
        set.resource.body = Arc::new(body);
        set
    }
    /// Reason and message of its failure.
    fn failure(&self) -> Option<(&Value, &Value)> {
        let list = self.resource.status["conditions"].as_array()?;
        let failure = list.iter().find(|condition| condition["type"] == "ReplicaFailure")?;
        Some((&failure["reason"], &failure["message"]))
    }
}

/// The new ReplicaSet and the old ones, as they are now.
fn split(world: &mut World, view: &View) -> (Option<Set>, Vec<Set>) {
    let mut sets = revision::sets_of(world, view);
    match revision::find_new(view, &sets) {
        Some(index) => (Some(sets.remove(index)), sets),
        None => (None, sets),
    }
}

fn all<'a>(new: Option<&'a Set>, old: &'a [Set]) -> Vec<&'a Set> {
    old.iter().chain(new).collect()
}

/// One look at a Deployment.
pub fn sync(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new("Deployment", namespace, name);
    let Some(first) = view(world, &key) else { return };
    if first.spec.selector.is_empty() {
        return;
    }
    if first.resource.meta.deletion_timestamp.is_some() {
        let (new, old) = split(world, &first);
        status::sync_only(world, &first, new.as_ref(), &all(new.as_ref(), &old));
        return;
    }
    status::note_pause(world, &first);
    let Some(mut now) = view(world, &key) else { return };
    let sets = revision::sets_of(world, &now);
    let rollout = !now.spec.paused && !scale::is_scaling(&now, &sets);
    let rolling = now.spec.strategy.kind != "Recreate";
    revision::sync_revision(world, &now, &sets, rollout && rolling);
    if let Some(fresh) = view(world, &key) {
        now = fresh;
    }
    let (new, old) = split(world, &now);
    if !rollout {
        scale::proportional(world, &now, new.as_ref(), &old);
        if now.spec.paused {
            revision::clean_up(world, &now, &old);
        }
        let (new, old) = split(world, &now);
        status::sync_only(world, &now, new.as_ref(), &all(new.as_ref(), &old));
    } else if rolling {
        roll(world, &now, new, &old);
    } else {
        recreate(world, &now, new, &old);
    }
}

/// At most one step of a rolling update.
fn roll(world: &mut World, view: &View, new: Option<Set>, old: &[Set]) {
    let Some(new) = new else { return };
    let moved =
        rolling::scale_up(world, view, &new, old) || rolling::scale_down(world, view, &new, old);
    finish(world, view, moved);
}

/// All old pods go before the first new one comes.
fn recreate(world: &mut World, view: &View, new: Option<Set>, old: &[Set]) {
    let mut moved = false;
    for set in old {
        moved |= scale::to_size(world, view, set, 0);
    }
    if moved || rolling::old_pods_running(world, new.as_ref(), old) {
        finish(world, view, true);
        return;
    }
    let mut view = view.clone();
    let mut new = new;
    if new.is_none() {
        let sets = old.to_vec();
        revision::sync_revision(world, &view, &sets, true);
        if let Some(fresh) = self::view(world, &view.key) {
            view = fresh;
        }
        new = split(world, &view).0;
    }
    if let Some(new) = new {
        scale::to_size(world, &view, &new, view.spec.replicas.unwrap_or(1));
    }
    finish(world, &view, false);
}

/// Writes the status; when all is done, old ReplicaSets beyond the limit go.
fn finish(world: &mut World, view: &View, moved: bool) {
    let (new, old) = split(world, view);
    if !moved && status::is_complete(view, &view.resource.status) {
        revision::clean_up(world, view, &old);
    }
    status::sync_rollout(world, view, new.as_ref(), &all(new.as_ref(), &old));
}
