//! Container statuses from the runtime's view.
//!
//! Models `pkg/kubelet/kubelet_pods.go` convertToAPIContainerStatuses.

use crate::ids::ContainerIx;
use crate::kubelet::phase::should_restart;
use crate::kubelet::worker::Worker;
use crate::runtime::instance::{InstanceState, InstanceStatus};
use crate::world::World;
use podplay_api::{
    Container, ContainerState, ContainerStatus, ContainerUser, PodStatus, Terminated, VolumeMount,
    VolumeMountStatus,
};

/// Fills in the statuses of init, regular and ephemeral containers.
pub fn convert(world: &World, worker: &Worker, status: &mut PodStatus) {
    let of = |range: std::ops::Range<usize>| -> Vec<ContainerStatus> {
        range
            .filter_map(|ix| u16::try_from(ix).ok())
            .filter_map(|ix| one(world, worker, ix))
            .collect()
    };
    let (init, regular) = (worker.init_count(), worker.pod.spec.containers.len());
    status.init_container_statuses = of(0..init);
    status.container_statuses = of(init..init + regular);
    status.container_statuses.sort_by(|a, b| a.name.cmp(&b.name));
    status.ephemeral_container_statuses = of(init + regular..worker.containers.len());
}

fn one(world: &World, worker: &Worker, ix: ContainerIx) -> Option<ContainerStatus> {
    let spec = worker.spec(ix)?;
    let old = worker.status.container(&spec.name);
    let waiting = if worker.pod.spec.init_containers.is_empty() {
        "ContainerCreating"
    } else {
        "PodInitializing"
    };
    let mut status = match old.filter(|old| old.state.terminated().is_some()) {
        Some(old) => old.clone(),
        None => ContainerStatus {
            name: spec.name.clone(),
            image: spec.image.clone(),
            state: ContainerState::Waiting { reason: waiting.into(), message: String::new() },
            restart_count: old.map_or(0, |old| old.restart_count),
            last_state: old.map(|old| old.last_state.clone()).unwrap_or_default(),
            volume_mounts: spec.volume_mounts.iter().map(mount_status).collect(),
            ..ContainerStatus::default()
        },
    };
    lost(worker, ix, old, &mut status);
    (status.ready, status.started) = (false, Some(false));
    let instances = worker.view.instances(ix);
    if let Some(newest) = instances.last() {
        status = from_instance(world, newest, spec);
        let before = instances.len().checked_sub(2).map(|ix| &instances[ix]);
        status.last_state = match before {
            Some(before) => state_of(world, before),
            None => old.map(|old| old.last_state.clone()).unwrap_or_default(),
        };
        if let (ContainerState::Waiting { .. }, Some(old)) = (&status.state, old) {
            // Created and not yet running: the end of the last run stands, where it is known.
            if before.is_none()
                && let Some(end) = old.state.terminated()
            {
                status.last_state = ContainerState::Terminated(end.clone());
            }
        }
    }
    apply_reason(worker, ix, instances.last(), &mut status);
    Some(status)
}

/// Containers whose instances were removed for a restart of all.
fn lost(
    worker: &Worker,
    ix: ContainerIx,
    old: Option<&ContainerStatus>,
    status: &mut ContainerStatus,
) {
    let Some(rt) = worker.rt(ix) else { return };
    let (Some(restarts), true, true) = (
        rt.removed_restarts,
        worker.view.instances(ix).is_empty(),
        worker.restarting_all || rt.instances.is_empty(),
    ) else {
        return;
    };
    let Some(old) = old else { return };
    if !has_restart_all(worker) {
        return;
    }
    let message = "The container is removed because RestartAllContainers in place";
    let end = Terminated {
        exit_code: 137,
        reason: "RestartingAllContainers".into(),
        message: message.into(),
        ..Terminated::default()
    };
    status.last_state = ContainerState::Terminated(end);
    if worker.view.containers.iter().all(Vec::is_empty) {
        status.state = ContainerState::Waiting {
            reason: "RestartingAllContainers".into(),
            message: String::new(),
        };
    }
    status.restart_count = (restarts + 1).max(old.restart_count);
}

fn has_restart_all(worker: &Worker) -> bool {
    worker.pod.spec.all_containers().any(|container| {
        container.restart_policy_rules.iter().any(|rule| rule.action == "RestartAllContainers")
    })
}

fn mount_status(mount: &VolumeMount) -> VolumeMountStatus {
    VolumeMountStatus {
        name: mount.name.clone(),
        mount_path: mount.mount_path.clone(),
        read_only: mount.read_only.then_some(true),
        recursive_read_only: if mount.read_only { "Disabled".into() } else { String::new() },
    }
}

fn from_instance(world: &World, instance: &InstanceStatus, spec: &Container) -> ContainerStatus {
    let running = instance.state == InstanceState::Running;
    let shown = &instance.shown;
    ContainerStatus {
        name: spec.name.clone(),
        volume_mounts: spec.volume_mounts.iter().map(mount_status).collect(),
        allocated_resources: spec.resources.requests.clone(),
        resources: Some(if running { &shown.resources } else { &spec.resources }.clone()),
        user: Some(ContainerUser { linux: shown.user.clone() }),
        state: state_of(world, instance),
        restart_count: instance.restart,
        image: instance.shown.image.clone(),
        image_id: instance.shown.image_id.clone(),
        container_id: instance.shown.container_id.clone(),
        started: Some(false),
        ..ContainerStatus::default()
    }
}

fn state_of(world: &World, instance: &InstanceStatus) -> ContainerState {
    match instance.state {
        InstanceState::Created => {
            ContainerState::Waiting { reason: String::new(), message: String::new() }
        }
        InstanceState::Running => ContainerState::Running {
            started_at: world.wall_at(instance.started_at.unwrap_or_default()),
        },
        InstanceState::Exited => {
            let epoch = podplay_api::Timestamp::default();
            ContainerState::Terminated(Terminated {
                exit_code: instance.exit_code,
                signal: None,
                reason: instance.reason.to_string(),
                message: instance.message.clone(),
                started_at: Some(instance.started_at.map_or(epoch, |at| world.wall_at(at))),
                finished_at: Some(instance.finished_at.map_or(epoch, |at| world.wall_at(at))),
                container_id: instance.shown.container_id.clone(),
            })
        }
    }
}

/// A container that is to be started and could not be shows why, from the reason cache.
fn apply_reason(
    worker: &Worker,
    ix: ContainerIx,
    newest: Option<&InstanceStatus>,
    status: &mut ContainerStatus,
) {
    let Some(spec) = worker.spec(ix) else { return };
    let exited = newest.filter(|newest| newest.state == InstanceState::Exited);
    if worker.is_init(ix) && exited.is_some_and(|newest| newest.exit_code == 0) {
        return;
    }
    let deleted = worker.pod.meta.deletion_timestamp.is_some();
    let wanted = match newest.map(|newest| newest.state) {
        None | Some(InstanceState::Created) => true,
        Some(InstanceState::Running) => false,
        Some(InstanceState::Exited) => {
            exited.is_some_and(|newest| should_restart(&worker.pod.spec, spec, newest.exit_code))
        }
    };
    if deleted || !wanted {
        return;
    }
    let Some((reason, message)) = worker.rt(ix).and_then(|rt| rt.reason.clone()) else { return };
    if let ContainerState::Terminated(_) = &status.state {
        status.last_state = std::mem::take(&mut status.state);
    }
    status.state = ContainerState::Waiting { reason: reason.to_string(), message };
}
