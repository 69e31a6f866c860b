//! Claims and the volumes that are bound to them, and the finalizers that protect both while they are in use.
//!
//! Models `pkg/controller/volume/persistentvolume/pv_controller.go` and `pkg/controller/volume/{pvcprotection,pvprotection}`.
//! Only the cluster of the recordings has nobody who makes volumes; elsewhere a claim without a match gets one.

use super::work;
use crate::apiserver;
use crate::apiserver::store::{Key, Resource};
use crate::config::Profile;
use crate::events;
pub use crate::volumes::claims::{CLAIM, VOLUME};
use crate::volumes::claims::{bound, text};
use crate::world::World;
use podplay_api::{EventType, FromRaw, LabelSelector, Pod, Quantity, Value, json};
use std::time::Duration;

const SOURCE: &str = "persistentvolume-controller";
/// How often the controller looks at everything.
const RESYNC: Duration = Duration::from_secs(15);
const NO_VOLUME: &str =
    "no persistent volumes available for this claim and no storage class is set";

/// A claim was stored, changed or used.
pub fn on_claim(world: &mut World, namespace: &str, name: &str) {
    work::soon(world, CLAIM, &Key::new(CLAIM, namespace, name));
}

/// A volume was stored or changed: it is looked at, and so are the claims that wait.
pub fn on_volume(world: &mut World, key: &Key) {
    work::soon(world, VOLUME, key);
    let waiting: Vec<Key> = world
        .store
        .resources(CLAIM)
        .filter(|(_, claim)| !bound(claim))
        .map(|(key, _)| key.clone())
        .collect();
    for key in waiting {
        work::soon(world, CLAIM, &key);
    }
}

/// A claim is gone: its volume is released.
pub fn on_claim_gone(world: &mut World, claim: &Resource) {
    let volume = text(claim.spec(), &["volumeName"]);
    if !volume.is_empty() {
        work::soon(world, VOLUME, &Key::new(VOLUME, "", volume));
    }
}

/// A pod ended or is gone: claims that wait for it may go.
pub fn on_pod(world: &mut World, pod: &Pod) {
    let namespace = &pod.meta.namespace;
    for volume in &pod.spec.volumes {
        if let Some(source) = &volume.persistent_volume_claim {
            on_claim(world, namespace, &source.claim_name);
        }
    }
}

/// Looks at a claim.
pub fn sync_claim(world: &mut World, namespace: &str, name: &str) {
    let key = Key::new(CLAIM, namespace, name);
    let Some(claim) = world.store.resource(CLAIM, namespace, name).cloned() else { return };
    if claim.meta.deletion_timestamp.is_some() {
        if !in_use(world, namespace, name) {
            release(world, &key, "kubernetes.io/pvc-protection");
        }
        return;
    }
    if bound(&claim) {
        return;
    }
    if let Some(volume) = matching(world, &key, &claim) {
        bind(world, &key, &claim, &volume);
        return;
    }
    if !text(claim.spec(), &["volumeName"]).is_empty() {
        return;
    }
    let class = class_of(world, &claim);
    if waits_for_pod(world, &class) && !in_use(world, namespace, name) {
        let message = "waiting for first consumer to be created before binding";
        events::about(world, &key, SOURCE, EventType::Normal, "WaitForFirstConsumer", message);
        work::after(world, CLAIM, &key, RESYNC);
        return;
    }
    if world.config.profile != Profile::Recorded {
        provision(world, &key, &claim, &class);
        return;
    }
    let known = world.store.resource("StorageClass", "", &class).cloned();
    match known {
        _ if class.is_empty() => {
            events::about(world, &key, SOURCE, EventType::Normal, "FailedBinding", NO_VOLUME);
        }
        None => {
            let message = format!("storageclass.storage.k8s.io \"{class}\" not found");
            events::about(world, &key, SOURCE, EventType::Warning, "ProvisioningFailed", &message);
        }
        Some(found) => {
            let provisioner = found.body.get("provisioner").and_then(Value::as_str);
            let message = format!(
                "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
                provisioner.unwrap_or_default()
            );
            events::about(world, &key, SOURCE, EventType::Normal, "ExternalProvisioning", &message);
        }
    }
    work::after(world, CLAIM, &key, RESYNC);
}

/// The claim's class: its own, or the default one.
fn class_of(world: &World, claim: &Resource) -> String {
    if let Some(class) = claim.spec()["storageClassName"].as_str() {
        return class.to_owned();
    }
    let default = world.store.resources("StorageClass").find(|(_, class)| {
        class
            .meta
            .annotations
            .get("storageclass.kubernetes.io/is-default-class")
            .is_some_and(|v| v == "true")
    });
    default.map(|(key, _)| key.name.to_string()).unwrap_or_default()
}

fn waits_for_pod(world: &World, class: &str) -> bool {
    let class = world.store.resource("StorageClass", "", class);
    class
        .and_then(|class| class.body.get("volumeBindingMode"))
        .is_some_and(|mode| mode == "WaitForFirstConsumer")
}

fn in_use(world: &World, namespace: &str, name: &str) -> bool {
    world.store.pods().any(|pod| {
        pod.meta.namespace == namespace
            && !pod.status.phase.is_terminal()
            && pod.spec.volumes.iter().any(|volume| {
                volume
                    .persistent_volume_claim
                    .as_ref()
                    .is_some_and(|source| source.claim_name == name)
            })
    })
}

fn storage(of: &Value) -> Quantity {
    Quantity::from_raw(&of["storage"])
}

/// The volume that was made for the claim, or the smallest that suits it.
///
/// Models `staging/component-helpers/storage/volume/pv_helpers.go` FindMatchingVolume.
fn matching(world: &World, key: &Key, claim: &Resource) -> Option<String> {
    let spec = claim.spec();
    let (wanted, class) = (text(spec, &["volumeName"]), class_of(world, claim));
    let selector: Option<LabelSelector> = FromRaw::from_raw(&spec["selector"]);
    let modes = |of: &Value| of["accessModes"].as_array().cloned().unwrap_or_default();
    let mut best: Option<(Quantity, String)> = None;
    for (name, volume) in world.store.resources(VOLUME) {
        let (of, owner) = (volume.spec(), &volume.spec()["claimRef"]);
        let mine =
            text(owner, &["name"]) == &*key.name && text(owner, &["namespace"]) == &*key.namespace;
        let uid = text(owner, &["uid"]);
        let stale = mine && !uid.is_empty() && uid != claim.meta.uid;
        if volume.meta.deletion_timestamp.is_some() || stale || !owner.is_null() && !mine {
            continue;
        }
        let size = storage(&of["capacity"]);
        let mode = |of: &Value| of["volumeMode"].as_str().unwrap_or("Filesystem").to_owned();
        let fits = size >= storage(&spec["resources"]["requests"])
            && mode(of) == mode(spec)
            && modes(spec).iter().all(|mode| modes(of).contains(mode));
        if !fits || !wanted.is_empty() && *wanted != *name.name {
            continue;
        }
        if mine || !wanted.is_empty() {
            return Some(name.name.to_string());
        }
        let suits = of["storageClassName"].as_str().unwrap_or_default() == class
            && selector.as_ref().is_none_or(|selector| selector.matches(&volume.meta.labels));
        if suits && best.as_ref().is_none_or(|(smallest, _)| size < *smallest) {
            best = Some((size, name.name.to_string()));
        }
    }
    best.map(|(_, name)| name)
}

/// Makes a volume for a claim, as the provisioner of an ordinary cluster does.
fn provision(world: &mut World, key: &Key, claim: &Resource, class: &str) {
    let name = format!("pvc-{}", claim.meta.uid);
    let mut spec = claim.body.get("spec").cloned().unwrap_or_default();
    let volume = json!({
        "apiVersion": "v1", "kind": VOLUME,
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": "podplay.dev/local"},
            "finalizers": ["kubernetes.io/pv-protection"]},
        "spec": {"accessModes": spec["accessModes"].take(), "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "persistentVolumeReclaimPolicy": "Delete", "storageClassName": if class.is_empty() { "standard" } else { class },
            "volumeMode": "Filesystem", "hostPath": {"path": format!("/opt/local-path-provisioner/{name}"), "type": "DirectoryOrCreate"}},
    });
    if apiserver::create(world, volume).is_ok() {
        bind(world, key, claim, &name);
    }
}

fn bind(world: &mut World, key: &Key, claim: &Resource, name: &str) {
    let Some(mut volume) = world.store.get(VOLUME, "", name) else { return };
    let by_controller = ("pv.kubernetes.io/bound-by-controller", "yes");
    volume["spec"]["claimRef"] = json!({"apiVersion": "v1", "kind": CLAIM, "namespace": &*key.namespace,
        "name": &*key.name, "uid": claim.meta.uid, "resourceVersion": claim.meta.resource_version});
    volume["metadata"]["annotations"][by_controller.0] = json!(by_controller.1);
    let (capacity, modes) =
        (volume["spec"]["capacity"].clone(), volume["spec"]["accessModes"].clone());
    let class = volume["spec"]["storageClassName"].clone();
    if apiserver::replace(world, &volume).is_err() {
        return;
    }
    apiserver::set_object_status(world, &Key::new(VOLUME, "", name), json!({"phase": "Bound"}));
    let mut new = claim.to_object(CLAIM);
    new["spec"]["volumeName"] = json!(name);
    if new["spec"]["storageClassName"].is_null() && !class.is_null() {
        new["spec"]["storageClassName"] = class;
    }
    let annotations = &mut new["metadata"]["annotations"];
    annotations["pv.kubernetes.io/bind-completed"] = json!("yes");
    annotations[by_controller.0] = json!(by_controller.1);
    if apiserver::replace(world, &new).is_err() {
        return;
    }
    let status = json!({"phase": "Bound", "accessModes": modes, "capacity": capacity});
    apiserver::set_object_status(world, key, status);
}

/// Looks at a volume.
pub fn sync_volume(world: &mut World, name: &str) {
    let key = Key::new(VOLUME, "", name);
    let Some(volume) = world.store.resource(VOLUME, "", name).cloned() else { return };
    let owner = volume.spec()["claimRef"].clone();
    let claim = world
        .store
        .resource(CLAIM, text(&owner, &["namespace"]), text(&owner, &["name"]))
        .map(|claim| claim.meta.uid.clone());
    let taken = text(&owner, &["uid"]);
    let phase = match claim {
        _ if taken.is_empty() => "Available",
        Some(uid) if uid == taken => "Bound",
        _ => "Released",
    };
    if volume.meta.deletion_timestamp.is_some() {
        if phase != "Bound" {
            release(world, &key, "kubernetes.io/pv-protection");
        }
        return;
    }
    apiserver::set_object_status(world, &key, json!({"phase": phase}));
    if phase == "Released" && volume.spec()["persistentVolumeReclaimPolicy"] == "Delete" {
        let path = text(volume.spec(), &["hostPath", "path"]);
        let made = volume.meta.annotations.contains_key("pv.kubernetes.io/provisioned-by");
        if made || path.starts_with("/tmp/") {
            let _ = apiserver::delete(world, &key, &crate::command::DeleteOptions::default());
            return;
        }
        let message =
            format!("host_path deleter only supports /tmp/.+ but received provided {path}");
        apiserver::set_object_status(world, &key, json!({"phase": "Failed", "message": message}));
        events::about(world, &key, SOURCE, EventType::Warning, "VolumeFailedDelete", &message);
    }
}

/// Takes a finalizer away.
fn release(world: &mut World, key: &Key, finalizer: &str) {
    let Some(mut object) = world.store.get(&key.kind, &key.namespace, &key.name) else { return };
    if let Some(list) = object["metadata"]["finalizers"].as_array_mut() {
        list.retain(|known| known != finalizer);
        let _ = apiserver::replace(world, &object);
    }
}
