//! The container runtime: instances of containers, their processes on virtual time, their logs.

mod exec;
mod host;
mod log;
mod process;

pub(crate) use host::PodHost;
pub(crate) use process::{with_lent, with_process};

pub use exec::{ExecEnd, ExecOutput, ExecRun, Purpose, exec, exec_timeout, start_command};
pub use log::{Log, LogLine};
pub use process::{
    crash, create, drive, finish_hook_at, kill_for_memory, memory_limit, resize, signal, start,
};

use crate::kubelet::prober::Said;
use crate::queue::ContainerIx;
use crate::record::What;
use crate::world::{Uid, World};
use podplay_api::{LinuxUser, ProbeKind, ResourceRequirements, SimTime};
use podplay_shell::{Session, Userland};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Numbers container instances in the order in which they were created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceId(pub u32);

/// The state of an instance in the runtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstanceState {
    /// Created, not started.
    #[default]
    Created,
    /// Running.
    Running,
    /// Ended.
    Exited,
}

/// What the runtime reports of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceStatus {
    /// Which instance.
    pub id: InstanceId,
    /// Its state.
    pub state: InstanceState,
    /// The how-manyth restart.
    pub restart: u32,
    /// When it was created.
    pub created_at: SimTime,
    /// When its process was started; `None` if it could not be.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub finished_at: Option<SimTime>,
    /// How it ended.
    pub exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled`, `StartError`.
    pub reason: Arc<str>,
    /// Its last words.
    pub message: String,
    /// Its image.
    pub image: Arc<str>,
    /// How the API shows it.
    pub shown: Arc<Shown>,
}

/// What the API shows of an instance as long as it lives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The runtime's id, `containerd://…`.
    pub container_id: String,
    /// The image as the runtime names it.
    pub image: String,
    /// The image's digest.
    pub image_id: String,
    /// Requests and limits that it was given.
    pub resources: ResourceRequirements,
    /// Whom its main process belongs to.
    pub user: LinuxUser,
}

/// An instance of a container.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What the runtime reports.
    pub status: InstanceStatus,
    /// Its processes, while it lives.
    pub process: Option<Box<Userland>>,
    /// Its main process.
    pub session: Option<Session>,
    /// Execs in it.
    pub execs: Vec<ExecRun>,
    /// Its log.
    pub log: Log,
    /// Its hook.
    pub hook: Option<HookState>,
    /// Answers of probes that are on their way.
    pub answers: BTreeMap<ProbeKind, Said>,
    /// What it was created from.
    pub(crate) command: Arc<[String]>,
    /// Nobody knows what it runs.
    pub(crate) assumed: bool,
    /// File of its last words.
    pub(crate) message_path: Arc<str>,
    /// A hook ends then, with this error.
    pub(crate) hook_end: Option<(crate::kubelet::hooks::Hook, SimTime, Option<String>)>,
    /// A fault gave its end another face.
    pub(crate) forced_end: Option<(i32, Arc<str>)>,
    next_exec: u32,
    /// Why its main process could not be started.
    pub(crate) refused: Option<podplay_shell::SpawnError>,
    /// The last host that its processes asked in vain, and the port, 0 for a mere look-up of the name.
    pub(crate) asked: Option<(String, u16)>,
    /// How often in a row its processes used up their steps.
    busy: u32,
}

/// A hook that runs or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    /// It runs.
    Running,
    /// It has ended, with this error.
    Done(Option<String>),
}

impl Instance {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.status.state == InstanceState::Running
    }
    /// Whether its main process lives, whatever the runtime has noted yet.
    pub fn is_alive(&self) -> bool {
        let session = self.session.zip(self.process.as_ref());
        session.is_some_and(|(main, process)| {
            process.session(main) == podplay_shell::SessionState::Running
        })
    }
    /// Bytes in its writable layer.
    pub fn disk_usage(&self) -> u64 {
        self.process.as_ref().map_or(0, |process| process.fs().used_bytes()) + self.log.written()
    }
}

/// The runtime's id of an instance.
pub fn container_id(world: &World, id: InstanceId) -> String {
    format!(
        "containerd://{}",
        crate::random::hex(world.config.seed, "container id", &id.0.to_string(), 64)
    )
}

/// The end of an instance: the runtime knows it; the kubelet learns it by its relist.
pub(crate) fn exited(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    code: i32,
    reason: &str,
    at: SimTime,
) {
    let subject = crate::kubelet::container_subject(world, uid, ix);
    let Some(instance) = world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.newest_mut(ix))
        .filter(|instance| instance.is_running())
    else {
        return;
    };
    let (code, reason) = match instance.forced_end.take() {
        Some((code, reason)) => (code, reason),
        None => (code, Arc::from(reason)),
    };
    instance.status.state = InstanceState::Exited;
    instance.status.finished_at = Some(at);
    let hook_ends = instance.hook_end.as_ref().map(|(_, at, _)| *at);
    instance.status.exit_code = code;
    instance.status.reason = Arc::clone(&reason);
    let record = world.record_cause(subject, What::Exited { code, reason });
    world.traffic.ended(uid, record);
    process::last_words(world, uid, ix);
    exec::abort_all(world, uid, ix);
    if let Some(instance) = world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix)) {
        instance.process = None;
    }
    let timer = crate::queue::Timer::Process(uid, ix);
    match hook_ends {
        Some(at) => world.arm_at(timer, at),
        None => world.queue.cancel(&timer),
    }
    crate::kubelet::pleg::runtime_changed(world, uid);
    crate::kubelet::termination::exited(world, uid, ix);
    note_restart_all(world, uid, ix, code);
}

/// An exit that matches a rule restarts all containers of the pod.
fn note_restart_all(world: &mut World, uid: Uid, ix: ContainerIx, code: i32) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let matched = worker.spec(ix).and_then(|spec| crate::kubelet::phase::matching_rule(spec, code))
        == Some("RestartAllContainers");
    if matched && worker.terminate.is_none() && worker.rt(ix).is_some_and(|rt| rt.kill.is_none()) {
        worker.restarting_all = true;
    }
}
