//! Faults: what is broken at the moment, and what breaking it means at once.

use crate::apiserver::{ApiError, Reason};
use crate::command::{Fault, FaultKind};
use crate::kubelet::{self, eviction, node, pleg};
use crate::queue::{ContainerIx, Timer};
use crate::record::{Subject, What};
use crate::runtime;
use crate::world::{Uid, World};
use std::sync::Arc;
use std::time::Duration;

/// Brings a fault into force.
///
/// # Errors
/// `NotFound` when its target does not exist.
#[inline(never)]
pub fn begin(world: &mut World, fault: Fault) -> Result<(), ApiError> {
    let subject = subject(world, &fault)?;
    let fault = Arc::new(fault);
    world.record_cause(subject, What::Fault(Arc::clone(&fault), true));
    let number = world.count("fault");
    if lasting(fault.kind) {
        world.faults.insert(number, Arc::clone(&fault));
        if let Some(span) = fault.lasts {
            world.arm_in(Timer::FaultEnd(number), span);
        }
    }
    strike(world, &fault);
    Ok(())
}

/// A fault's time is over.
#[inline(never)]
pub fn end(world: &mut World, number: u32) {
    let Some(fault) = world.faults.remove(&number) else { return };
    let subject = subject(world, &fault).unwrap_or(Subject::Cluster);
    world.record_cause(subject, What::Fault(Arc::clone(&fault), false));
    let Some(name) = node_of(world, &fault) else { return };
    match fault.kind {
        FaultKind::KubeletDown => node::kubelet_up(world, &name),
        FaultKind::NodeDown => power_on(world, &name),
        FaultKind::Partition => reconnect(world, &name),
        FaultKind::NodePressure => {
            crate::controllers::pressure(world, &name, fault.resource.as_deref(), false)
        }
        _ => {}
    }
}

/// Whether a fault is a state rather than a moment.
const fn lasting(kind: FaultKind) -> bool {
    !matches!(
        kind,
        FaultKind::Crash | FaultKind::OOMKill | FaultKind::SandboxLost | FaultKind::KubeletRestart
    )
}

fn subject(world: &World, fault: &Fault) -> Result<Subject, ApiError> {
    if let Some(pod) = &fault.pod {
        let namespace = if fault.namespace.is_empty() { "default" } else { &fault.namespace };
        let entry = world
            .store
            .pod_entry(namespace, pod)
            .ok_or_else(|| ApiError::not_found("pods", pod))?;
        let Some(container) = &fault.container else {
            return Ok(Subject::Pod(Arc::clone(&entry.pod_ref)));
        };
        if entry.pod.spec.container(container).is_none() {
            return Err(ApiError::new(
                Reason::BadRequest,
                format!("container {container} is not valid for pod {pod}"),
            ));
        }
        return Ok(Subject::Container(Arc::clone(&entry.pod_ref), Arc::from(container.as_str())));
    }
    if let Some(node) = &fault.node {
        let name = world
            .nodes
            .get_key_value(node.as_str())
            .ok_or_else(|| ApiError::not_found("nodes", node))?
            .0;
        return Ok(Subject::Node(Arc::clone(name)));
    }
    let needs_pod = matches!(
        fault.kind,
        FaultKind::Crash
            | FaultKind::OOMKill
            | FaultKind::Hang
            | FaultKind::Slow
            | FaultKind::FailHTTP
            | FaultKind::RefuseConnections
            | FaultKind::IgnoreSigterm
            | FaultKind::HookFails
            | FaultKind::HookHangs
            | FaultKind::SandboxLost
    );
    if needs_pod {
        return Err(ApiError::new(Reason::BadRequest, format!("fault {} needs a pod", fault.kind)));
    }
    Ok(Subject::Cluster)
}

/// The node that a fault means: its own, or the only one.
fn node_of(world: &World, fault: &Fault) -> Option<Arc<str>> {
    match &fault.node {
        Some(name) => world.nodes.get_key_value(name.as_str()).map(|(name, _)| Arc::clone(name)),
        None => world.nodes.keys().next().cloned(),
    }
}

/// The containers that a fault means.
fn targets(world: &World, fault: &Fault) -> Vec<(Uid, ContainerIx)> {
    let all =
        world.workers.values().flat_map(|worker| worker.indexes().map(move |ix| (worker.uid, ix)));
    all.filter(|&(uid, ix)| hits(world, fault, uid, Some(ix))).collect()
}

/// What happens at once.
fn strike(world: &mut World, fault: &Fault) {
    match fault.kind {
        FaultKind::Crash => {
            let signal = fault.signal.as_deref().and_then(podplay_shell::Signal::parse);
            let code = signal
                .map_or(fault.exit_code.unwrap_or(1), |signal| 128 + i32::from(signal.number()));
            let reason = if code == 0 { "Completed" } else { "Error" };
            for (uid, ix) in targets(world, fault) {
                runtime::crash(world, uid, ix, code, reason);
            }
        }
        FaultKind::OOMKill => {
            for (uid, ix) in targets(world, fault) {
                runtime::kill_for_memory(world, uid, ix);
            }
        }
        FaultKind::SandboxLost => lose_sandboxes(world, fault),
        FaultKind::ImageMissing => lose_image(world, fault),
        FaultKind::KubeletRestart => {
            if let Some(name) = node_of(world, fault) {
                node::kubelet_down(world, &name);
                world.arm_in(Timer::KubeletUp(name), Duration::from_secs(2));
            }
        }
        FaultKind::KubeletDown => {
            if let Some(name) = node_of(world, fault) {
                node::kubelet_down(world, &name);
            }
        }
        FaultKind::NodeDown => {
            if let Some(name) = node_of(world, fault) {
                power_off(world, &name);
            }
        }
        // A partition of a pod alone leaves its node's kubelet connected.
        FaultKind::Partition if fault.pod.is_some() => {}
        FaultKind::Partition => {
            let Some(name) = node_of(world, fault) else { return };
            if let Some(agent) = world.nodes.get_mut(&name) {
                agent.connected = false;
            }
            crate::controllers::on_silence(world, &name);
        }
        FaultKind::NodePressure => {
            if let Some(name) = node_of(world, fault) {
                crate::controllers::pressure(world, &name, fault.resource.as_deref(), true);
                evict_for_pressure(world, &name, fault.resource.as_deref());
            }
        }
        _ => {}
    }
}

fn lose_image(world: &mut World, fault: &Fault) {
    let images: Vec<String> = match &fault.image {
        Some(image) => vec![image.clone()],
        None => targets(world, fault)
            .into_iter()
            .filter_map(|(uid, ix)| {
                world
                    .workers
                    .get(&uid)
                    .and_then(|worker| worker.spec(ix))
                    .map(|spec| spec.image.clone())
            })
            .collect(),
    };
    for image in images {
        let Ok(reference) = crate::images::Reference::parse(&image) else { continue };
        for agent in world.nodes.values_mut() {
            agent.lost_images.insert(reference.to_string());
        }
    }
}

/// Every container of a pod dies with its sandbox.
fn kill_sandbox(world: &mut World, uid: Uid, code: i32, reason: &str) {
    let Some(indexes) = world.workers.get(&uid).map(|worker| worker.indexes()) else { return };
    for ix in indexes {
        runtime::crash(world, uid, ix, code, reason);
    }
    if let Some(worker) = world.workers.get_mut(&uid)
        && let Some(sandbox) = worker.sandboxes.last_mut()
    {
        sandbox.ready = false;
    }
}

fn lose_sandboxes(world: &mut World, fault: &Fault) {
    let mut pods: Vec<Uid> = targets(world, fault).into_iter().map(|(uid, _)| uid).collect();
    pods.dedup();
    for uid in pods {
        kill_sandbox(world, uid, 137, "Error");
        let subject = kubelet::pod_subject(world, uid);
        world.record_cause(subject, What::Sandbox { ready: false });
        pleg::runtime_changed(world, uid);
    }
}

fn power_off(world: &mut World, name: &Arc<str>) {
    node::kubelet_down(world, name);
    let pods: Vec<Uid> = world
        .workers
        .values()
        .filter(|worker| worker.node == *name)
        .map(|worker| worker.uid)
        .collect();
    for uid in pods {
        kill_sandbox(world, uid, 255, "Unknown");
    }
    if let Some(agent) = world.nodes.get_mut(name) {
        agent.powered = false;
    }
}

fn power_on(world: &mut World, name: &Arc<str>) {
    if let Some(agent) = world.nodes.get_mut(name) {
        agent.powered = true;
    }
    world.arm_in(Timer::KubeletUp(Arc::clone(name)), Duration::from_secs(10));
}

fn reconnect(world: &mut World, name: &Arc<str>) {
    if let Some(agent) = world.nodes.get_mut(name) {
        agent.connected = true;
    }
    let pods: Vec<Uid> = world
        .store
        .pod_entries()
        .filter(|entry| *entry.pod.spec.node_name == **name)
        .map(|entry| entry.uid)
        .collect();
    for uid in pods {
        kubelet::on_pod(world, uid);
        kubelet::status::push(world, uid);
        kubelet::pod_worker::request(world, uid);
    }
    crate::controllers::on_heartbeat(world, name);
}

/// Evicts pods in the kubelet's order: usage over requests first, then low priority.
///
/// Models `pkg/kubelet/eviction/helpers.go` rankMemoryPressure.
fn evict_for_pressure(world: &mut World, name: &Arc<str>, resource: Option<&str>) {
    let resource = if resource == Some("disk") { "ephemeral-storage" } else { "memory" };
    let mut ranked: Vec<(bool, i64, Uid)> = world
        .workers
        .values()
        .filter(|worker| worker.node == *name && !worker.stopped && worker.terminate.is_none())
        .map(|worker| {
            let requested = worker
                .pod
                .spec
                .containers
                .iter()
                .any(|container| container.resources.requests.contains_key(resource));
            (requested, worker.pod.spec.priority.unwrap_or(0), worker.uid)
        })
        .filter(|(_, priority, _)| *priority < 2_000_000_000)
        .collect();
    ranked.sort_unstable();
    let Some(&(_, _, uid)) = ranked.first() else { return };
    let (quantity, available) =
        if resource == "memory" { ("100Mi", "52Mi") } else { ("10%", "5%") };
    let containers = world
        .workers
        .get(&uid)
        .map(|worker| worker.pod.spec.containers.clone())
        .unwrap_or_default();
    let mut message = format!(
        "The node was low on resource: {resource}. Threshold quantity: {quantity}, available: {available}. "
    );
    for container in containers {
        let request = container
            .resources
            .requests
            .get(resource)
            .map_or_else(|| "0".to_string(), |request| request.text().to_string());
        message += &format!(
            "Container {} was using 200Mi, request is {request}, has larger consumption of {resource}. ",
            container.name
        );
    }
    eviction::evict_for_pressure(world, uid, &message, 1);
}

fn hits(world: &World, fault: &Fault, uid: Uid, ix: Option<ContainerIx>) -> bool {
    let Some(worker) = world.workers.get(&uid) else { return false };
    let namespace = if fault.namespace.is_empty() { "default" } else { &fault.namespace };
    let pod = fault
        .pod
        .as_ref()
        .is_none_or(|pod| *pod == worker.pod.meta.name && namespace == worker.pod.meta.namespace);
    let container = match (&fault.container, ix.and_then(|ix| worker.rt(ix))) {
        (Some(wanted), Some(rt)) => **wanted == *rt.name,
        _ => true,
    };
    pod && container && fault.node.as_ref().is_none_or(|node| **node == *worker.node)
}

fn active(world: &World, kind: FaultKind, uid: Uid, ix: ContainerIx) -> Option<&Fault> {
    if world.faults.is_empty() {
        return None;
    }
    world
        .faults
        .values()
        .rev()
        .find(|fault| fault.kind == kind && hits(world, fault, uid, Some(ix)))
        .map(|fault| &**fault)
}

/// The container is alive and answers nothing.
pub fn hangs(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    active(world, FaultKind::Hang, uid, ix).is_some()
}
/// The container listens on nothing.
pub fn refuses(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    active(world, FaultKind::RefuseConnections, uid, ix).is_some()
}
/// The container does not react to the stop signal.
pub fn ignores_sigterm(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    active(world, FaultKind::IgnoreSigterm, uid, ix).is_some()
}
/// How much later the container answers.
pub fn slow(world: &World, uid: Uid, ix: ContainerIx) -> Duration {
    active(world, FaultKind::Slow, uid, ix).and_then(|fault| fault.by).unwrap_or_default()
}
/// How much later the container starts.
pub fn slow_start(world: &World, uid: Uid, ix: ContainerIx) -> Duration {
    active(world, FaultKind::SlowStart, uid, ix).and_then(|fault| fault.by).unwrap_or_default()
}
/// The status that a fault answers a path with.
pub fn http_status(world: &World, uid: Uid, ix: ContainerIx, path: &str) -> Option<u16> {
    let fault = active(world, FaultKind::FailHTTP, uid, ix)?;
    let bare = path.split(['?', '#']).next().unwrap_or(path);
    fault
        .path
        .as_ref()
        .is_none_or(|wanted| wanted == bare || wanted == path)
        .then(|| fault.status.unwrap_or(500))
}
/// Hooks of the container fail (`Some(true)`) or hang (`Some(false)`).
pub fn hook(world: &World, uid: Uid, ix: ContainerIx) -> Option<bool> {
    if active(world, FaultKind::HookFails, uid, ix).is_some() {
        return Some(true);
    }
    active(world, FaultKind::HookHangs, uid, ix).map(|_| false)
}
/// ConfigMaps and Secrets of the pod are gone.
pub fn config_missing(world: &World, uid: Uid) -> bool {
    world
        .faults
        .values()
        .any(|fault| fault.kind == FaultKind::ConfigMissing && hits(world, fault, uid, None))
}
/// Nobody outside the node reaches the pod.
pub fn partitioned(world: &World, uid: Uid) -> bool {
    world.faults.values().any(|fault| {
        fault.kind == FaultKind::Partition && fault.pod.is_some() && hits(world, fault, uid, None)
    })
}
/// Names do not resolve.
pub fn dns_down(world: &World) -> bool {
    world.faults.values().any(|fault| fault.kind == FaultKind::DNSDown)
}

fn of_image<'a>(world: &'a World, kind: FaultKind, image: &str) -> Option<&'a Fault> {
    let uses = |fault: &Fault| match (&fault.image, &fault.pod) {
        (Some(wanted), _) => wanted == image,
        (None, Some(_)) => targets(world, fault).into_iter().any(|(uid, ix)| {
            world
                .workers
                .get(&uid)
                .and_then(|worker| worker.spec(ix))
                .is_some_and(|spec| spec.image == image)
        }),
        (None, None) => true,
    };
    world.faults.values().find(|fault| fault.kind == kind && uses(fault)).map(|fault| &**fault)
}
/// The registry does not answer.
pub fn registry_down(world: &World, image: &str) -> bool {
    of_image(world, FaultKind::RegistryDown, image).is_some()
}
/// The registry does not know the image.
pub fn image_missing(world: &World, image: &str) -> bool {
    of_image(world, FaultKind::ImageMissing, image).is_some()
}
/// How much longer a pull takes.
pub fn slow_pull(world: &World, image: &str) -> Duration {
    of_image(world, FaultKind::SlowPull, image).and_then(|fault| fault.by).unwrap_or_default()
}
