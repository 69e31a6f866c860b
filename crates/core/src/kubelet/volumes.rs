//! The volume manager: mounts what the pod's volumes name, tries again with growing pauses, keeps ConfigMaps fresh.
//!
//! Models `pkg/kubelet/volumemanager/volume_manager.go` WaitForAttachAndMount and the mount back-off of
//! `pkg/util/goroutinemap/exponentialbackoff` (500 ms doubling to 2 min 2 s).

use super::worker::Worker;
use crate::events;
use crate::ids::Uid;
use crate::kubelet::steps::poke_task;
use crate::queue::Timer;
use crate::volumes::disks;
use crate::world::World;
use podplay_api::{ConfigMapSource, EventType, KeyToPath, SecretSource, SimTime, Value, Volume};
use podplay_shell::Volumes;
use std::collections::BTreeMap;
use std::time::Duration;

/// A sync waits this long for volumes.
pub const TIMEOUT: Duration = Duration::from_secs(123);
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(122);
/// How often the wait looks.
const POLL: Duration = Duration::from_millis(300);
/// The populator and the reconciler of volumes look every tenth of a second each.
const RECONCILE: Duration = Duration::from_millis(100);

/// A file of a volume: path, content, permissions.
type File = (String, String, u16);

/// Permissions of files of which nothing is said.
const MODE: i32 = 0o644;

fn bits(mode: Option<i32>) -> u16 {
    u16::try_from(mode.unwrap_or(MODE) & 0o7777).unwrap_or(0o644)
}

/// Whether every volume is mounted.
pub fn ready(world: &World, uid: Uid) -> bool {
    world
        .workers
        .get(&uid)
        .and_then(|worker| worker.mounts.ready_at)
        .is_some_and(|at| at <= world.now)
}

/// Begins to mount, if that has not been begun.
pub fn start_mounting(world: &mut World, uid: Uid) {
    let latency = world.config.latencies.volumes / 2;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if std::mem::replace(&mut worker.mounts.started, true) {
        return;
    }
    let node = std::sync::Arc::clone(&worker.node);
    // Pods that start together hinder each other: no two of a node are alike to the millisecond.
    let turn = Duration::from_millis(20 + world.draw("mount turn", "", u64::from(uid.0)) % 30);
    let turn = if latency.is_zero() { Duration::ZERO } else { turn };
    let mut at = world.now + latency;
    if let Some(agent) = world.nodes.get_mut(&node) {
        at = at.max(agent.mounting_until);
        agent.mounting_until = at + turn;
        agent.starting.insert(uid);
    }
    world.arm_at(Timer::Volumes(uid), at);
}

/// An attempt to mount what is not mounted yet; later, the refresh of what is.
pub fn attempt(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let refresh = worker.mounts.ready_at.is_some();
    let spec = std::sync::Arc::clone(&worker.pod.spec);
    let mut volumes = world
        .workers
        .get_mut(&uid)
        .map(|worker| std::mem::take(&mut worker.volumes))
        .unwrap_or_default();
    let mut failed = Vec::new();
    for volume in &spec.volumes {
        let filled = disks::attach(world, uid, volume)
            .and_then(|()| fill(world, uid, volume, refresh, &mut volumes));
        match filled {
            Ok(()) => {}
            Err(message) => failed.push((volume.name.clone(), message)),
        }
    }
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.volumes = volumes;
    }
    if refresh {
        return;
    }
    if failed.is_empty() {
        mounted(world, uid);
    } else {
        retry(world, uid, failed);
    }
}

fn mounted(world: &mut World, uid: Uid) {
    let pause = if world.config.latencies.volumes.is_zero() { Duration::ZERO } else { POLL / 2 };
    let at = world.now + pause;
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.mounts.ready_at = Some(at);
        worker.mounts.retries.clear();
    }
    world.arm_earlier(Timer::PodTask(uid), at);
    poke_at(world, uid, at);
}

fn poke_at(world: &mut World, uid: Uid, at: SimTime) {
    if at <= world.now {
        poke_task(world, uid);
    }
}

fn retry(world: &mut World, uid: Uid, failed: Vec<(String, String)>) {
    let mut next = LONGEST_RETRY;
    for (name, message) in failed {
        let text = format!("MountVolume.SetUp failed for volume \"{name}\" : {message}");
        events::pod_event(world, uid, None, EventType::Warning, "FailedMount", &text);
        if let Some(worker) = world.workers.get_mut(&uid) {
            let pause = worker
                .mounts
                .retries
                .get(&name)
                .map_or(FIRST_RETRY, |pause| (*pause * 2).min(LONGEST_RETRY));
            worker.mounts.retries.insert(name, pause);
            next = next.min(pause);
        }
    }
    world.arm_in(Timer::Volumes(uid), next);
}

/// A sync begins: what follows other objects (ConfigMaps, Secrets, the pod itself) is mounted once more, and so gets
/// their present state.
///
/// Models `pkg/kubelet/volumemanager/volume_manager.go` WaitForAttachAndMount, which marks the pod's volumes for
/// ReprocessPod; kubelets hear of changed ConfigMaps and Secrets at once.
pub fn remount(world: &mut World, uid: Uid) {
    let now = world.now;
    let Some(worker) = world.workers.get(&uid) else { return };
    if worker.mounts.ready_at.is_none_or(|at| at >= now)
        || !worker.pod.spec.volumes.iter().any(follows)
    {
        return;
    }
    let wait = if world.config.latencies.volumes.is_zero() { Duration::ZERO } else { RECONCILE };
    world.arm_earlier(Timer::Volumes(uid), now + wait);
}

/// Whether a volume's files come from objects that may change. The token's volume is left out: nothing in it does.
fn follows(volume: &Volume) -> bool {
    let projected = volume.projected.is_some() && !volume.name.starts_with("kube-api-access-");
    projected
        || volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.downward_api.is_some()
}

/// Puts the files of a volume in place.
fn fill(
    world: &World,
    uid: Uid,
    volume: &Volume,
    refresh: bool,
    volumes: &mut Volumes,
) -> Result<(), String> {
    let Some(worker) = world.workers.get(&uid) else { return Ok(()) };
    let namespace = &worker.pod.meta.namespace;
    let lasting = volume.host_path.is_some() || volume.persistent_volume_claim.is_some();
    if !lasting && (volume.empty_dir.is_none() || !refresh) {
        let memory = volume.empty_dir.as_ref().is_some_and(|source| source.medium == "Memory");
        if !volumes.contains(&volume.name) {
            volumes.create(&volume.name, memory, 0o777);
        }
    }
    let mut files: Vec<File> = Vec::new();
    if let Some(source) = &volume.config_map {
        files = config_map_files(world, uid, namespace, source)?;
    } else if let Some(source) = &volume.secret {
        files = secret_files(world, uid, namespace, source)?;
    } else if let Some(source) = &volume.projected {
        let mut errors = Vec::new();
        for part in &source.sources {
            match projected_files(world, uid, worker, part, source.default_mode) {
                Ok(more) => files.extend(more),
                Err(error) => errors.push(error),
            }
        }
        match errors.as_slice() {
            [] => {}
            [one] => return Err(one.clone()),
            many => return Err(format!("[{}]", many.join(", "))),
        }
    } else if let Some(source) = &volume.downward_api {
        files = downward_files(world, worker, source, source.default_mode);
    } else if let Some(source) = &volume.persistent_volume_claim
        && world.store.resource("PersistentVolumeClaim", namespace, &source.claim_name).is_none()
    {
        return Err(format!("persistentvolumeclaim \"{}\" not found", source.claim_name));
    }
    if !lasting && volume.empty_dir.is_none() {
        let folder = folder_of(world, uid, &volume.name);
        if let Some(error) = too_small(worker, volume, &folder, &files) {
            return Err(error);
        }
        let parts = worker.pod.spec.all_containers().flat_map(|container| &container.volume_mounts);
        let keep =
            parts.into_iter().any(|mount| mount.name == volume.name && !mount.sub_path.is_empty());
        volumes.write_atomically(&volume.name, &folder, &files, (world.now.as_nanos(), keep));
    }
    if let Some(gid) =
        worker.pod.spec.security_context.fs_group.filter(|_| volume.host_path.is_none())
    {
        let bits =
            if volume.empty_dir.is_some() || lasting { (0o660, 0o2770) } else { (0o440, 0o2550) };
        if let (Ok(gid), Some(tree)) = (u32::try_from(gid), volumes.tree_mut(&volume.name)) {
            tree.set_group(gid, bits.0, bits.1);
        }
    }
    Ok(())
}

/// The folder that a new state of a volume's files goes to: `..2026_11_22_10_36_09.1234567890`.
fn folder_of(world: &World, uid: Uid, volume: &str) -> String {
    let time = world.wall().to_string();
    let time = time.trim_end_matches('Z').replace(['-', 'T', ':'], "_");
    let n = u64::from(uid.0).wrapping_add(world.now.as_nanos());
    format!("..{time}.{}", world.draw("volume folder", volume, n) % 4_294_967_295)
}

/// Bytes that the token's files take, each on a page of its own.
const TOKEN: i64 = 3 * 4096;

/// The size in bytes of a volume that lives in memory, if its files do not fit: it is as large as the pod's memory limit.
///
/// Models `pkg/volume/emptydir/empty_dir.go` calculateEmptyDirMemorySize.
pub(crate) fn too_small_for_files(worker: &Worker, volume: &Volume) -> Option<i64> {
    let in_memory = volume.projected.is_some() || volume.secret.is_some();
    let limit = crate::resources::limits(&worker.pod.spec).get("memory").copied()? / 1000;
    (in_memory && limit < TOKEN).then_some(limit)
}

/// What the kubelet says of a volume in which its files do not fit.
fn too_small(worker: &Worker, volume: &Volume, folder: &str, files: &[File]) -> Option<String> {
    let kind = match (&volume.projected, &volume.secret) {
        (Some(_), _) => "projected",
        (_, Some(_)) => "secret",
        _ => return None,
    };
    too_small_for_files(worker, volume)?;
    let file = files.iter().map(|(path, ..)| path.as_str()).min().unwrap_or("ca.crt");
    Some(format!(
        "write /var/lib/kubelet/pods/{}/volumes/kubernetes.io~{kind}/{}/{folder}/{file}: no space left on device",
        worker.pod.meta.uid, volume.name
    ))
}

fn projected_files(
    world: &World,
    uid: Uid,
    worker: &Worker,
    part: &podplay_api::Projection,
    default_mode: Option<i32>,
) -> Result<Vec<File>, String> {
    let namespace = &worker.pod.meta.namespace;
    if let Some(object) = &part.config_map {
        let source = ConfigMapSource {
            name: object.name.clone(),
            items: object.items.clone(),
            optional: object.optional,
            default_mode,
        };
        return config_map_files(world, uid, namespace, &source);
    }
    if let Some(object) = &part.secret {
        let source = SecretSource {
            secret_name: object.name.clone(),
            items: object.items.clone(),
            optional: object.optional,
            default_mode,
        };
        return secret_files(world, uid, namespace, &source);
    }
    if let Some(source) = &part.downward_api {
        return Ok(downward_files(world, worker, source, default_mode));
    }
    let token = part.service_account_token.as_ref().map(|token| {
        let text = format!("token-of-{}", worker.pod.meta.name);
        (token.path.clone(), text, bits(default_mode))
    });
    Ok(token.into_iter().collect())
}

/// Data of a ConfigMap or Secret, or the kubelet's words when it is not there.
pub fn object_data(
    world: &World,
    uid: Uid,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Result<BTreeMap<String, String>, String> {
    let missing = || format!("{} \"{name}\" not found", kind.to_ascii_lowercase());
    if crate::faults::config_missing(world, uid).is_some()
        || (kind == "ConfigMap" && name == "kube-root-ca.crt")
    {
        return if name == "kube-root-ca.crt" {
            Ok(BTreeMap::from([("ca.crt".into(), "-----BEGIN CERTIFICATE-----\n".into())]))
        } else {
            Err(missing())
        };
    }
    let object = world.store.resource(kind, namespace, name).ok_or_else(missing)?;
    let pairs = |key: &str| object.body.get(key).and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let mut data: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in pairs("data").chain(pairs("binaryData")) {
        let value = text(value);
        data.insert(key.clone(), if kind == "Secret" { decode(&value) } else { value });
    }
    for (key, value) in pairs("stringData") {
        data.insert(key.clone(), text(value));
    }
    Ok(data)
}

fn config_map_files(
    world: &World,
    uid: Uid,
    namespace: &str,
    source: &ConfigMapSource,
) -> Result<Vec<File>, String> {
    match object_data(world, uid, "ConfigMap", namespace, &source.name) {
        Ok(data) => pick(
            &data,
            &source.items,
            (source.optional, source.default_mode),
            "configmap references non-existent config key",
        ),
        Err(_) if source.optional => Ok(Vec::new()),
        Err(message) => Err(message),
    }
}

fn secret_files(
    world: &World,
    uid: Uid,
    namespace: &str,
    source: &SecretSource,
) -> Result<Vec<File>, String> {
    match object_data(world, uid, "Secret", namespace, &source.secret_name) {
        Ok(data) => pick(
            &data,
            &source.items,
            (source.optional, source.default_mode),
            "references non-existent secret key",
        ),
        Err(_) if source.optional => Ok(Vec::new()),
        Err(message) => Err(message),
    }
}

fn pick(
    data: &BTreeMap<String, String>,
    items: &[KeyToPath],
    (optional, default_mode): (bool, Option<i32>),
    complaint: &str,
) -> Result<Vec<File>, String> {
    if items.is_empty() {
        let mode = bits(default_mode);
        return Ok(data.iter().map(|(key, value)| (key.clone(), value.clone(), mode)).collect());
    }
    let mut files = Vec::new();
    for item in items {
        match data.get(&item.key) {
            Some(value) => {
                files.push((item.path.clone(), value.clone(), bits(item.mode.or(default_mode))));
            }
            None if optional => {}
            None => return Err(format!("{complaint}: {}", item.key)),
        }
    }
    Ok(files)
}

fn downward_files(
    world: &World,
    worker: &Worker,
    source: &podplay_api::DownwardApiSource,
    default_mode: Option<i32>,
) -> Vec<File> {
    let file = |item: &podplay_api::DownwardApiFile| {
        let value = match (&item.field_ref, &item.resource_field_ref) {
            (Some(field), _) => super::environment::pod_field(worker, &field.field_path),
            (None, Some(resource)) => {
                super::environment::resource_field(world, worker, None, resource)
            }
            _ => None,
        };
        let mode = bits(item.mode.or(default_mode));
        (item.path.clone(), value.unwrap_or_default(), mode)
    };
    source.items.iter().map(file).collect()
}

/// Text of base64; what is no base64 stays as it is.
fn decode(text: &str) -> String {
    use base64::Engine as _;
    let clean: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(&clean)
        .map_or_else(|_| text.to_string(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}
