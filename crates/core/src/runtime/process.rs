//! Creating and starting instances, letting their processes run, sending signals.

mod ending;

pub(in crate::runtime) use ending::last_words;
pub use ending::{crash, kill_for_memory, signal};
use ending::{end_of_hook, end_of_main, note};

use super::host::PodHost;
use super::{container_id, exec, exited};
use crate::ids::{ContainerIx, InstanceId, RecordId, Uid};
use crate::images;
use crate::kubelet::worker::Worker;
use crate::limits;
use crate::queue::Timer;
use crate::record::{ProcessEffect, ProcessEffectKind, What};
use crate::runtime::etc::{self, hostname};
use crate::runtime::instance::{
    Hook, HookState, Instance, InstanceState, InstanceStatus, Shown, Traces,
};
use crate::runtime::notice::Notice;
use crate::runtime::prepared::Prepared;
use crate::volumes::disks;
use crate::world::World;
use podplay_api::{ResourceRequirements, SimTime, TerminationMessagePolicy};
use podplay_shell::{
    Effect, EffectKind, ExitStatus, Fs, Process, ProcessState, Session, SessionState, Setup,
    Signal, SpawnError, SpawnOptions, Stream, Userland, Volumes,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Instances kept for each container: the newest and those before it.
const KEPT: usize = 3;

/// Creates an instance.
///
/// # Errors
/// The runtime's words.
pub fn create(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    prepared: Prepared,
) -> Result<(), String> {
    if prepared.command.is_empty() {
        return Err(
            "failed to generate container spec: failed to generate spec: no command specified"
                .into(),
        );
    }
    let id = InstanceId(world.count("instance"));
    let (now, start) = (world.now, world.config.start);
    disks::lend(world, uid);
    make_sub_paths(world, uid, &prepared);
    let (process, hindered) =
        userland(world, uid, ix, &prepared, start.seconds().saturating_mul(1_000_000_000));
    disks::give_back(world, uid);
    let face = Arc::new(Shown {
        container_id: container_id(world, id),
        image: images::runtime_name(&prepared.image),
        image_id: images::digest(&prepared.image),
        resources: prepared.resources.clone(),
        user: prepared.user.clone(),
    });
    let subject = world.container_subject(uid, ix);
    let Some(worker) = world.workers.get_mut(&uid) else { return Ok(()) };
    let shown = worker.view.newest(ix).map(|newest| newest.restart + 1);
    let Some(rt) = worker.rt_mut(ix) else { return Ok(()) };
    let restart = shown
        .or_else(|| rt.removed_restarts.map(|n| n + 1))
        .unwrap_or(0)
        .max(rt.instances.last().map_or(0, |last| last.status.restart + 1));
    let status = InstanceStatus {
        id,
        state: InstanceState::Created,
        restart,
        created_at: now,
        started_at: None,
        finished_at: None,
        exit_code: 0,
        reason: Arc::from(""),
        message: String::new(),
        image: Arc::from(prepared.image.as_str()),
        shown: face,
    };
    rt.instances.push(Instance {
        status,
        process: Some(Box::new(process)),
        session: None,
        execs: Vec::new(),
        log: super::Log::default(),
        hook: None,
        answers: BTreeMap::new(),
        assumed: images::assumed(&prepared.image, &prepared.command),
        served: BTreeMap::new(),
        hindered,
        command: prepared.command.into(),
        message_path: prepared.message_path.into(),
        hook_end: None,
        forced_end: None,
        next_exec: 0,
        refused: None,
        asked: None,
        traces: Traces::default(),
        busy: 0,
        steps: super::steps::Steps::default(),
    });
    if rt.instances.len() > KEPT {
        rt.instances.remove(0);
    }
    world.record(subject, What::Created { restart });
    Ok(())
}

/// Sub-paths that are missing become directories.
fn make_sub_paths(world: &mut World, uid: Uid, prepared: &Prepared) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    for mount in prepared.mounts.iter().filter(|mount| !mount.sub_path.is_empty()) {
        worker.volumes.make_dirs(&mount.volume, &mount.sub_path);
    }
}

/// A container with less memory than this cannot even be prepared.
const LEAST_MEMORY: u64 = 4 << 20;

/// What keeps the runtime from starting a container: something of another kind in the place of a mount, or too little memory.
fn refusal(uid: &str, prepared: &Prepared, fs: &Fs, volumes: &Volumes) -> Option<String> {
    for (n, mount) in prepared.mounts.iter().enumerate() {
        let tree = volumes.tree(&mount.volume)?;
        let is_dir = tree.find_linked(&mount.sub_path).and_then(|ino| tree.get(ino))?.is_dir();
        let there = fs.exists(&Volumes::default(), &mount.path);
        if there.is_some_and(|there| there != is_dir) {
            let source = if mount.sub_path.is_empty() {
                format!("volumes/{}", mount.volume)
            } else {
                format!("volume-subpaths/{}/{n}", mount.volume)
            };
            return Some(format!(
                "error during container init: error mounting \"/var/lib/kubelet/pods/{uid}/{source}\" to rootfs at \"{path}\": mount src=/var/lib/kubelet/pods/{uid}/{source}, dst={path}, dstFd=/proc/thread-self/fd/8, flags=MS_BIND|MS_REC: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type",
                path = mount.path
            ));
        }
    }
    memory_limit(&prepared.resources)
        .filter(|limit| *limit < LEAST_MEMORY && *limit > 0)
        .map(|_| "container init was OOM-killed (memory limit too low?)".to_owned())
}

fn userland(
    world: &World,
    uid: Uid,
    ix: ContainerIx,
    prepared: &Prepared,
    epoch: i64,
) -> (Userland, Option<String>) {
    let built = images::of(&prepared.image);
    let tools = built.tools;
    let mut fs = images::fs(&built);
    fs.keep_writable(images::volumes_of(&prepared.image));
    let worker = world.workers.get(&uid);
    let empty = Volumes::default();
    let volumes = worker.map_or(&empty, |worker| &worker.volumes);
    for (path, text) in worker.into_iter().flat_map(own_files) {
        let _ = fs.write_file(&mut Volumes::default(), path, text.as_bytes(), 0o644);
    }
    let pod = worker.map_or("", |worker| worker.pod.meta.uid.as_str());
    let refused = refusal(pod, prepared, &fs, volumes);
    for mount in &prepared.mounts {
        fs.mount(mount.clone(), volumes);
    }
    let setup = Setup {
        hostname: worker.map(hostname).unwrap_or_default(),
        env: prepared.env.clone(),
        cwd: if prepared.cwd.is_empty() { "/".into() } else { prepared.cwd.clone() },
        user: u32::try_from(prepared.user.uid).unwrap_or(0),
        group: u32::try_from(prepared.user.gid).unwrap_or(0),
        groups: prepared
            .user
            .supplemental_groups
            .iter()
            .filter_map(|gid| u32::try_from(*gid).ok())
            .collect(),
        is_pid1: !worker.is_some_and(|worker| worker.pod.spec.share_process_namespace),
        first_pid: 7 + 100 * u32::from(ix),
        read_only_root: prepared.read_only_root,
        memory_limit: memory_limit(&prepared.resources),
        epoch,
        uptime: 1_000,
        tools,
    };
    (Userland::new(setup, fs), refused)
}

/// What the kubelet and the runtime put into every container.
fn own_files(worker: &Worker) -> [(&'static str, String); 3] {
    [
        ("/etc/hosts", etc::hosts(worker)),
        ("/etc/resolv.conf", etc::Dns::of(worker).text()),
        ("/etc/hostname", hostname(worker) + "\n"),
    ]
}

/// Gives the newest instance other requests and limits while it runs.
///
/// Models the runtime's `UpdateContainerResources`.
pub fn resize(world: &mut World, uid: Uid, ix: ContainerIx, resources: &ResourceRequirements) {
    let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    else {
        return;
    };
    Arc::make_mut(&mut instance.status.shown).resources = resources.clone();
    if let Some(process) = instance.process.as_mut() {
        process.set_memory_limit(memory_limit(resources));
    }
    world.notify(Notice::Changed(uid));
}

/// The memory limit in bytes.
pub fn memory_limit(resources: &ResourceRequirements) -> Option<u64> {
    resources.limits.get("memory").and_then(|limit| u64::try_from(limit.value()).ok())
}

/// Starts the main process of the newest instance.
///
/// # Errors
/// The runtime's words; the instance has then ended with `StartError`.
pub fn start(world: &mut World, uid: Uid, ix: ContainerIx) -> Result<(), String> {
    let now = world.now;
    let Some(instance) = world.workers.get(&uid).and_then(|worker| worker.newest(ix)) else {
        return Ok(());
    };
    let (argv, path, restart) = (
        Arc::clone(&instance.command),
        Arc::clone(&instance.message_path),
        instance.status.restart,
    );
    if let Some(hindered) = instance.hindered.clone() {
        return Err(start_error(world, uid, ix, &hindered, None));
    }
    // A terminal is open as well: nobody types.
    let spec = world.workers.get(&uid).and_then(|worker| worker.spec(ix));
    let open_stdin = spec.is_some_and(|spec| spec.stdin || spec.tty);
    let spawned = with_process(world, uid, ix, |process, host| {
        let _ = process.fs_mut().write_file(&mut host.volumes, &path, b"", 0o666);
        images::take_for_granted(process, host, &argv);
        let options = SpawnOptions { open_stdin, ..SpawnOptions::default() };
        process.spawn(now.as_nanos(), &argv, options, host)
    });
    let subject = world.container_subject(uid, ix);
    match spawned {
        Some(Ok(session)) => {
            if let Some(instance) =
                world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
            {
                instance.session = Some(session);
                instance.status.state = InstanceState::Running;
                instance.status.started_at = Some(now);
            }
            // Where what was noted is older than the exit, the start is due to the exit.
            let ended = ended_before(world, uid, ix).max(world.cause);
            let began = world.record_after(ended, subject, What::Running { restart });
            if let Some(traces) = traces_of(world, uid, ix) {
                traces.began = Some(began);
            }
            drive(world, uid, ix);
            Ok(())
        }
        Some(Err(error)) => Err(start_error(world, uid, ix, &error, Some(error.clone()))),
        None => Ok(()),
    }
}

/// What the newest instance of a container is due to.
pub(crate) fn traces_of(world: &mut World, uid: Uid, ix: ContainerIx) -> Option<&mut Traces> {
    Some(&mut world.workers.get_mut(&uid)?.newest_mut(ix)?.traces)
}

/// The end of the instance before the newest one.
fn ended_before(world: &World, uid: Uid, ix: ContainerIx) -> Option<RecordId> {
    world.workers.get(&uid)?.rt(ix)?.instances.iter().rev().nth(1)?.traces.ended
}

/// Remembers the end of the newest instance, which the pod's next status is due to.
pub(super) fn note_end(world: &mut World, uid: Uid, ix: ContainerIx, ended: RecordId) {
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.last_end = Some(ended);
        if let Some(instance) = worker.newest_mut(ix) {
            instance.traces.ended = Some(ended);
        }
    }
}

fn start_error(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    error: &dyn std::fmt::Display,
    refused: Option<SpawnError>,
) -> String {
    let now = world.now;
    let message = format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {error}"
    );
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.process = None;
        instance.status.state = InstanceState::Exited;
        instance.status.exit_code = 128;
        instance.status.finished_at = Some(now);
        instance.status.reason = Arc::from("StartError");
        instance.refused = refused;
        instance.status.message.clone_from(&message);
    }
    let subject = world.container_subject(uid, ix);
    let exited = What::Exited { code: 128, reason: Arc::from("StartError") };
    let ended = world.record_cause(subject, exited);
    note_end(world, uid, ix, ended);
    message
}

/// Lends out the processes of the newest instance together with their surroundings.
pub(crate) fn with_process<T>(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    act: impl FnOnce(&mut Userland, &mut PodHost<'_>) -> T,
) -> Option<T> {
    let instance = world.workers.get_mut(&uid)?.newest_mut(ix)?;
    let mut process = instance.process.take()?;
    let lent = disks::lend(world, uid);
    let result = with_lent(world, uid, ix, &mut process, act);
    if lent {
        disks::give_back(world, uid);
    }
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.process = Some(process);
    }
    result
}

/// Gives processes that are lent out already their surroundings.
pub(crate) fn with_lent<T>(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    process: &mut Userland,
    act: impl FnOnce(&mut Userland, &mut PodHost<'_>) -> T,
) -> Option<T> {
    let worker = world.workers.get_mut(&uid)?;
    let image = worker.newest(ix)?.status.image.to_string();
    let volumes = std::mem::take(&mut worker.volumes);
    let mut host = PodHost { world, volumes, uid, ix, image };
    let result = act(process, &mut host);
    let volumes = host.volumes;
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.volumes = volumes;
    }
    Some(result)
}

/// The processes that a container sees beside its own: those of the pod's other containers, if it shares them.
fn neighbours(world: &World, uid: Uid, ix: ContainerIx) -> Vec<Process> {
    let worker = world.workers.get(&uid).filter(|worker| worker.pod.spec.share_process_namespace);
    let Some(worker) = worker else { return Vec::new() };
    let pause = Process {
        pid: 1,
        ppid: 0,
        argv: vec!["/pause".to_owned()],
        state: ProcessState::Sleeping,
        session: Session(0),
    };
    let others = worker.indexes().filter(|other| *other != ix);
    let live = others.filter_map(|other| worker.newest(other)?.process.as_ref());
    std::iter::once(pause).chain(live.flat_map(|process| process.processes())).collect()
}

/// A signal from one container of a pod to a process of another.
pub(super) fn signal_neighbour(
    world: &mut World,
    uid: Uid,
    from: ContainerIx,
    pid: u32,
    signal: Signal,
) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let has = |ix: &ContainerIx| {
        let process = worker.newest(*ix).and_then(|instance| instance.process.as_ref());
        process.is_some_and(|process| process.processes().iter().any(|found| found.pid == pid))
    };
    let Some(ix) = worker.indexes().filter(|ix| *ix != from).find(has) else { return };
    with_process(world, uid, ix, |process, _| process.kill(pid, signal));
    let now = world.now;
    world.arm_earlier(Timer::Process(uid, ix), now);
}

/// Lets the processes of a container run at this instant, and takes note of what they did.
pub fn drive(world: &mut World, uid: Uid, ix: ContainerIx) {
    let now = world.now.as_nanos();
    let steps = allowance(world, uid, ix);
    let seen = neighbours(world, uid, ix);
    let ran = with_process(world, uid, ix, |process, host| {
        process.set_neighbours(seen);
        let mut budget = steps;
        process.run(now, host, &mut budget);
        (process.take_effects(), process.next_wakeup(), steps - budget)
    });
    let Some((effects, mut wakeup, used)) = ran else {
        end_of_hook(world, uid, ix);
        return;
    };
    let busy = effects.iter().any(|effect| effect.kind == EffectKind::Busy);
    world.machine.take(now, used);
    world.owed += used / limits::STEPS_PER_WAKEUP;
    let behind = world.machine.behind(now);
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.busy = if busy { instance.busy + 1 } else { 0 };
        instance.steps.take(used);
        wakeup = wakeup.map(|at| instance.steps.space(now, at, behind));
        if busy {
            // What computes without rest gets its steps ever more seldom: the run must go on.
            let pause = limits::BUSY_PAUSE << instance.busy.min(limits::BUSY_DOUBLINGS);
            wakeup = Some(now + pause.max(behind));
        }
    }
    if world.machine.says(now) {
        world.record_limit("steps of all containers together");
    }
    match wakeup {
        Some(at) => {
            world.arm_at(Timer::Process(uid, ix), SimTime(at.max(now + u64::from(at <= now))))
        }
        None => world.queue.cancel(&Timer::Process(uid, ix)),
    }
    let mut wrote = false;
    for effect in effects {
        wrote |= matches!(effect.kind, EffectKind::Wrote { .. } | EffectKind::Output { .. });
        note(world, uid, ix, effect);
    }
    if wrote {
        world.notify(Notice::Wrote(uid));
    }
    exec::collect(world, uid, ix);
    end_of_main(world, uid, ix);
    end_of_hook(world, uid, ix);
}

/// The steps that a container has to spend at this instant.
fn allowance(world: &mut World, uid: Uid, ix: ContainerIx) -> u64 {
    let now = world.now.as_nanos();
    let most = if world.machine.behind(now) > 0 { limits::STEPS_AT_LEAST } else { u64::MAX };
    world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.newest_mut(ix))
        .map_or(0, |instance| instance.steps.at(now).min(most))
}

/// Arranges for a hook to end at `at`.
pub fn finish_hook_at(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    hook: Hook,
    at: SimTime,
    error: Option<String>,
) {
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.hook = Some(HookState::Running);
        instance.hook_end = Some((hook, at, error));
    }
    world.arm_earlier(Timer::Process(uid, ix), at);
}
