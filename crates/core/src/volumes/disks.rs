//! Storage that outlives a pod: paths of the node, and volumes behind claims.
//!
//! Models `pkg/volume/hostpath/host_path.go` for what must be there.

use crate::ids::Uid;
use crate::kubelet::worker::Worker;
use crate::world::World;
use podplay_api::{Fault, FromRaw, HostPathSource, Volume};
use podplay_shell::{Mount, Volumes};
use std::collections::BTreeSet;

/// What stands at a path of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Directory,
    File,
    Socket,
    CharDevice,
    BlockDevice,
}

/// What every node has, apart from what pods made: directories with all that is not listed below them missing.
const NODE: [(Found, &[&str]); 5] = [
    (
        Found::Directory,
        &[
            "/",
            "/bin",
            "/boot",
            "/dev",
            "/dev/shm",
            "/etc",
            "/etc/cni",
            "/etc/cni/net.d",
            "/etc/kubernetes",
            "/etc/kubernetes/manifests",
            "/etc/kubernetes/pki",
            "/etc/pki",
            "/etc/ssl",
            "/etc/ssl/certs",
            "/etc/systemd",
            "/home",
            "/lib",
            "/lib/modules",
            "/lib64",
            "/media",
            "/mnt",
            "/opt",
            "/opt/cni",
            "/opt/cni/bin",
            "/proc",
            "/root",
            "/run",
            "/run/containerd",
            "/run/systemd",
            "/run/udev",
            "/sbin",
            "/srv",
            "/sys",
            "/sys/fs",
            "/sys/fs/cgroup",
            "/sys/kernel",
            "/tmp",
            "/usr",
            "/usr/bin",
            "/usr/lib",
            "/usr/local",
            "/usr/local/bin",
            "/usr/sbin",
            "/usr/share",
            "/usr/share/ca-certificates",
            "/usr/src",
            "/var",
            "/var/cache",
            "/var/lib",
            "/var/lib/containerd",
            "/var/lib/kubelet",
            "/var/lib/kubelet/plugins",
            "/var/lib/kubelet/pods",
            "/var/log",
            "/var/log/containers",
            "/var/log/pods",
            "/var/run",
            "/var/run/containerd",
            "/var/tmp",
        ],
    ),
    (
        Found::File,
        &[
            "/etc/fstab",
            "/etc/group",
            "/etc/hostname",
            "/etc/hosts",
            "/etc/localtime",
            "/etc/machine-id",
            "/etc/os-release",
            "/etc/passwd",
            "/etc/resolv.conf",
            "/etc/shadow",
            "/etc/timezone",
            "/proc/cpuinfo",
            "/proc/meminfo",
            "/proc/uptime",
        ],
    ),
    (Found::Socket, &["/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock"]),
    (
        Found::CharDevice,
        &[
            "/dev/console",
            "/dev/full",
            "/dev/fuse",
            "/dev/kmsg",
            "/dev/null",
            "/dev/ptmx",
            "/dev/random",
            "/dev/tty",
            "/dev/urandom",
            "/dev/zero",
        ],
    ),
    (Found::BlockDevice, &["/dev/loop0", "/dev/sda", "/dev/sda1"]),
];

/// Whether a source is a file rather than a directory.
fn is_file(source: &HostPathSource) -> bool {
    matches!(
        source.kind.as_str(),
        "File" | "FileOrCreate" | "Socket" | "CharDevice" | "BlockDevice"
    ) || matches!(known(&trimmed(&source.path)), Some(found) if found != Found::Directory)
}

fn trimmed(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/".into() } else { path.to_owned() }
}

fn known(path: &str) -> Option<Found> {
    NODE.iter().find(|(_, paths)| paths.contains(&path)).map(|(found, _)| *found)
}

/// The name of a disk of which a volume is made, if it is one that outlives the pod.
fn disk_of(worker: &Worker, volume: &Volume, source: Option<&HostPathSource>) -> Option<String> {
    if let Some(source) = source {
        return Some(format!("{}:{}", worker.node, trimmed(&source.path)));
    }
    let claim = volume.persistent_volume_claim.as_ref()?;
    Some(format!("claim {}/{}", worker.pod.meta.namespace, claim.claim_name))
}

/// The path of the node that a volume is, by itself or through a claim.
fn path_of(world: &World, worker: &Worker, volume: &Volume) -> Option<HostPathSource> {
    if volume.host_path.is_some() {
        return volume.host_path.clone();
    }
    let claim = &volume.persistent_volume_claim.as_ref()?.claim_name;
    let source = crate::volumes::claims::host_path(world, &worker.pod.meta.namespace, claim)?;
    Some(HostPathSource::from_raw(&source))
}

/// The path of the node behind a volume, and of which type it is to be.
pub fn source(world: &World, uid: Uid, volume: &Volume) -> Option<HostPathSource> {
    path_of(world, world.workers.get(&uid)?, volume)
}

/// Makes sure that the disk behind a volume is there and of the kind that is asked for.
///
/// # Errors
/// The kubelet's words.
pub fn attach(world: &mut World, uid: Uid, volume: &Volume) -> Result<(), String> {
    let Some(worker) = world.workers.get(&uid) else { return Ok(()) };
    let source = path_of(world, worker, volume);
    let Some(disk) = disk_of(worker, volume, source.as_ref()) else { return Ok(()) };
    if worker.mounts.disks.iter().any(|(name, _)| *name == volume.name) {
        return Ok(());
    }
    if let Some(source) = &source {
        let nobody_knows =
            || known(&trimmed(&source.path)).is_none() && !world.disks.contains(&disk);
        let helpful = world.config.assume.has(podplay_api::Topic::HostPaths);
        if !(helpful && nobody_knows()) {
            check(&world.disks, &disk, source)?;
        }
    }
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.mounts.disks.push((volume.name.clone(), disk.clone()));
    }
    if !world.disks.contains(&disk) {
        let mode = match &volume.host_path {
            Some(source) if matches!(trimmed(&source.path).as_str(), "/tmp" | "/var/tmp") => 0o1777,
            Some(_) => 0o755,
            // What a provisioner makes is for everyone.
            None => 0o777,
        };
        world.disks.create(&disk, false, mode);
    }
    if let Some(source) = volume.host_path.as_ref().filter(|source| is_file(source)) {
        let name = base_name(&source.path);
        if world.disks.read(&disk, name).is_none() {
            let _ = world.disks.write(&disk, name, b"", 0o644);
        }
    }
    Ok(())
}

fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Models `host_path.go` checkTypeInternal.
fn check(disks: &Volumes, disk: &str, source: &HostPathSource) -> Result<(), String> {
    let path = trimmed(&source.path);
    let made = disks.contains(disk).then(|| match disks.read(disk, base_name(&path)) {
        Some(_) => Found::File,
        None => Found::Directory,
    });
    let found = known(&path).or(made);
    let (wanted, words, created) = match source.kind.as_str() {
        "DirectoryOrCreate" => (Found::Directory, "directory", true),
        "Directory" => (Found::Directory, "directory", false),
        "FileOrCreate" => (Found::File, "file", true),
        "File" => (Found::File, "file", false),
        "Socket" => (Found::Socket, "socket file", false),
        "CharDevice" => (Found::CharDevice, "character device", false),
        "BlockDevice" => (Found::BlockDevice, "block device", false),
        _ => return Ok(()),
    };
    if found == Some(wanted) || found.is_none() && created && wanted == Found::Directory {
        return Ok(());
    }
    if found.is_none() && created {
        // The kubelet makes a file, but not the directories above it.
        let parent = trimmed(path.rsplit_once('/').map_or("/", |(parent, _)| parent));
        let node = disk.split_once(':').map_or("", |(node, _)| node);
        let there = known(&parent).is_some() || disks.contains(&format!("{node}:{parent}"));
        return if there { Ok(()) } else { Err(format!("open {path}: no such file or directory")) };
    }
    Err(format!("hostPath type check failed: {path} is not a {words}"))
}

/// Where in its disk a mount begins: a file of the node is kept in a folder of its own.
pub fn place(worker: &Worker, mount: &mut Mount) {
    let volume = worker.pod.spec.volumes.iter().find(|volume| volume.name == mount.volume);
    let source = volume.and_then(|volume| volume.host_path.as_ref());
    if let Some(source) = source.filter(|source| is_file(source)) {
        mount.sub_path = base_name(&source.path).to_owned();
    }
}

/// The volumes of a pod that a fault has filled.
fn full(world: &World, uid: Uid) -> BTreeSet<String> {
    let (Some(spot), Some(worker)) = (world.spot(uid, None), world.workers.get(&uid)) else {
        return BTreeSet::new();
    };
    let fills = |fault: &Fault| match fault {
        Fault::DiskFull { volume, .. } => Some(volume.clone()),
        _ => None,
    };
    let filled: Vec<Option<String>> =
        world.faults.at(&spot, fills).map(|(volume, _)| volume).collect();
    let names = worker.pod.spec.volumes.iter().map(|volume| &volume.name);
    let is_full =
        |name: &&String| filled.iter().any(|one| one.as_ref().is_none_or(|of| of == *name));
    names.filter(is_full).cloned().collect()
}

/// Puts the disks of a pod among its volumes, until [`give_back`]. False: they are there already.
pub fn lend(world: &mut World, uid: Uid) -> bool {
    let full = if world.faults.is_empty() { BTreeSet::new() } else { full(world, uid) };
    let World { workers, disks, .. } = world;
    let Some(worker) = workers.get_mut(&uid) else { return false };
    if std::mem::replace(&mut worker.lent, true) {
        return false;
    }
    worker.volumes.set_full(full);
    for (name, disk) in &worker.mounts.disks {
        worker.volumes.take_from(name, disks, disk);
    }
    true
}

/// Takes the disks out of the volumes of a pod again.
pub fn give_back(world: &mut World, uid: Uid) {
    let World { workers, disks, .. } = world;
    let Some(worker) = workers.get_mut(&uid) else { return };
    worker.lent = false;
    for (name, disk) in &worker.mounts.disks {
        disks.take_from(disk, &mut worker.volumes, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_there() {
        let mut disks = Volumes::default();
        disks.create("n:/data", false, 0o755);
        disks.create("n:/data/f", false, 0o755);
        let _ = disks.write("n:/data/f", "f", b"", 0o644);
        for (path, kind, expected) in [
            ("/nope", "", None),
            ("/nope", "DirectoryOrCreate", None),
            ("/nope", "Directory", Some("hostPath type check failed: /nope is not a directory")),
            ("/data", "Directory", None),
            (
                "/etc/hosts",
                "Directory",
                Some("hostPath type check failed: /etc/hosts is not a directory"),
            ),
            (
                "/etc/hosts",
                "DirectoryOrCreate",
                Some("hostPath type check failed: /etc/hosts is not a directory"),
            ),
            ("/etc/hosts", "File", None),
            ("/data/f", "File", None),
            ("/data/g", "File", Some("hostPath type check failed: /data/g is not a file")),
            ("/data/g", "FileOrCreate", None),
            ("/nope/g", "FileOrCreate", Some("open /nope/g: no such file or directory")),
            (
                "/var/run/docker.sock",
                "Socket",
                Some("hostPath type check failed: /var/run/docker.sock is not a socket file"),
            ),
            ("/dev/null", "CharDevice", None),
            (
                "/dev/nope",
                "CharDevice",
                Some("hostPath type check failed: /dev/nope is not a character device"),
            ),
            (
                "/dev/nope",
                "BlockDevice",
                Some("hostPath type check failed: /dev/nope is not a block device"),
            ),
        ] {
            let source = HostPathSource { path: path.into(), kind: kind.into() };
            let found = check(&disks, &format!("n:{path}"), &source).err();
            assert_eq!(found.as_deref(), expected, "{path} {kind}");
        }
    }
}
