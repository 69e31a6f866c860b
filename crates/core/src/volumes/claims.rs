//! Claims as pods see them.

use crate::apiserver::store::Resource;
use crate::world::World;
use podplay_api::{Pod, Value};

/// A claim of the pod that has no volume yet.
pub fn unbound_claim<'a>(world: &World, pod: &'a Pod) -> Option<&'a str> {
    let claims =
        pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.as_str()).find(|name| {
        let claim = world.store.resource(CLAIM, &pod.meta.namespace, name);
        claim.is_some_and(|claim| !bound(claim))
    })
}

/// The volume's source behind a claim, if it is a path of the node.
pub fn host_path(world: &World, namespace: &str, claim: &str) -> Option<Value> {
    let claim = world.store.resource(CLAIM, namespace, claim)?;
    let volume = world.store.resource(VOLUME, "", text(claim.spec(), &["volumeName"]))?;
    let spec = volume.spec();
    spec.get("hostPath").or_else(|| spec.get("local")).cloned()
}

/// Whether a claim has its volume.
pub fn bound(claim: &Resource) -> bool {
    claim.status["phase"] == "Bound"
}

/// The text at a path, empty without.
pub fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter().fold(value, |value, key| &value[*key]).as_str().unwrap_or_default()
}

/// The queue of claims.
pub const CLAIM: &str = "PersistentVolumeClaim";

/// The queue of volumes.
pub const VOLUME: &str = "PersistentVolume";
