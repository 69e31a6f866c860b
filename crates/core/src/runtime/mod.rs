//! The container runtime: instances of containers, their processes on virtual time, their logs.

pub(crate) mod answer;
pub(crate) mod etc;
mod exec;
mod host;
pub(crate) mod instance;
mod log;
pub mod logs;
pub(crate) mod notice;
pub(crate) mod prepared;
mod process;
pub(crate) mod steps;

pub(crate) use host::PodHost;
pub(crate) use process::{traces_of, with_lent, with_process};

pub use crate::ids::InstanceId;
pub use answer::{Outcome, Reply};
pub use exec::{exec, exec_timeout, start_command};
pub use instance::{
    ExecEnd, ExecOutput, ExecRun, Hook, HookState, Instance, InstanceState, InstanceStatus,
    Purpose, Shown,
};
pub use log::{Log, LogLine};
pub use process::{
    crash, create, drive, finish_hook_at, kill_for_memory, memory_limit, resize, signal, start,
};

use crate::ids::{ContainerIx, Uid};
use crate::record::What;
use crate::runtime::notice::Notice;
use crate::world::World;
use podplay_api::SimTime;
use std::sync::Arc;

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
    let subject = world.container_subject(uid, ix);
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
    process::note_end(world, uid, ix, record);
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
    world.notify(Notice::Exited(uid, ix, code));
}
