//! What happens at once when a fault begins or ends. What it means while it lasts follows from the rules in force;
//! the edges of a node's health are found by comparing it before and after.

use crate::apiserver::error::{ApiError, Reason};
use crate::faults::rules::{NodeHealth, Rule, Spot};
use crate::ids::{ContainerIx, RecordId, Uid};
use crate::kubelet::{self, eviction, node};
use crate::queue::Timer;
use crate::record::{Subject, What};
use crate::world::World;
use crate::{controllers, runtime};
use podplay_api::Fault;
use podplay_api::fault::{Images, Place, Scarce, Timed, Whom};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// From the end of a kubelet's process to its next start, when it is only restarted.
const RESTART: Duration = Duration::from_secs(2);
/// From the moment when a machine is switched on to the start of its kubelet.
const BOOT: Duration = Duration::from_secs(10);

/// Brings a fault into force.
///
/// # Errors
/// `NotFound` when its target does not exist.
pub fn begin(world: &mut World, timed: Timed) -> Result<(), ApiError> {
    let subject = subject(world, &timed.fault)?;
    let timed = Arc::new(timed);
    let record = world.record_cause(subject, What::Fault(Arc::clone(&timed), true));
    let number = world.count("fault");
    let rule = rule(world, &timed, record);
    let node = rule.node.clone();
    if timed.fault.info().lasts {
        world.faults.begin(number, rule);
        if let Some(span) = timed.lasts {
            world.arm_in(Timer::FaultEnd(number), span);
        }
    }
    strike(world, &timed.fault, node.as_ref());
    if let Some(node) = node {
        settle(world, &node);
    }
    Ok(())
}

/// A fault's time is over.
pub fn end(world: &mut World, number: u32) {
    let Some(rule) = world.faults.end(number) else { return };
    let subject = subject(world, &rule.timed.fault).unwrap_or(Subject::Cluster);
    world.record_cause(subject, What::Fault(rule.timed, false));
    if let Some(node) = rule.node {
        settle(world, &node);
    }
}

/// The fault together with what its target is at this moment.
fn rule(world: &World, timed: &Arc<Timed>, record: RecordId) -> Rule {
    let node = match timed.fault.place() {
        Place::Node(Some(name)) => world.nodes.get_key_value(name.as_str()).map(|(name, _)| name),
        Place::Node(None) => world.nodes.keys().next(),
        _ => None,
    };
    let images = match &timed.fault {
        Fault::ImageMissing { of: Images::Of(at) }
        | Fault::RegistryDown { of: Images::Of(at) }
        | Fault::SlowPull { of: Images::Of(at), .. } => images_of(world, at),
        _ => Vec::new(),
    };
    Rule { timed: Arc::clone(timed), record, node: node.cloned(), images }
}

/// The images that containers of the text use.
fn images_of(world: &World, at: &Whom) -> Vec<String> {
    let mut images = Vec::new();
    for entry in world.store.pod_entries() {
        let (meta, spec) = (&entry.pod.meta, &entry.pod.spec);
        for container in spec.all_containers() {
            let spot = Spot {
                namespace: &meta.namespace,
                pod: &meta.name,
                node: &spec.node_name,
                container: Some(&container.name),
            };
            if spot.is_hit(at) {
                images.push(container.image.clone());
            }
        }
    }
    images
}

fn subject(world: &World, fault: &Fault) -> Result<Subject, ApiError> {
    match fault.place() {
        Place::Pods(Whom { pod: Some(pod), namespace, container, .. }) => {
            let entry = world
                .store
                .pod_entry(namespace, pod)
                .ok_or_else(|| ApiError::not_found("pods", pod))?;
            let pod_ref = Arc::clone(&entry.pod_ref);
            let Some(container) = container else { return Ok(Subject::Pod(pod_ref)) };
            if entry.pod.spec.container(container).is_none() {
                return Err(ApiError::new(
                    Reason::BadRequest,
                    format!("container {container} is not valid for pod {pod}"),
                ));
            }
            Ok(Subject::Container(pod_ref, Arc::from(container.as_str())))
        }
        Place::Pods(Whom { node: Some(node), .. }) | Place::Node(Some(node)) => {
            let found = world.nodes.get_key_value(node.as_str());
            let name = found.ok_or_else(|| ApiError::not_found("nodes", node))?.0;
            Ok(Subject::Node(Arc::clone(name)))
        }
        _ => Ok(Subject::Cluster),
    }
}

/// The containers that a fault means.
fn targets(world: &World, at: &Whom) -> Vec<(Uid, ContainerIx)> {
    let all =
        world.workers.values().flat_map(|worker| worker.indexes().map(move |ix| (worker.uid, ix)));
    all.filter(|&(uid, ix)| world.spot(uid, Some(ix)).is_some_and(|spot| spot.is_hit(at))).collect()
}

/// What is a moment: an exit, a loss, a restart.
fn strike(world: &mut World, fault: &Fault, node: Option<&Arc<str>>) {
    match (fault, node) {
        (Fault::Crash { at, exit }, _) => {
            let code = exit.code();
            let reason = if code == 0 { "Completed" } else { "Error" };
            for (uid, ix) in targets(world, at) {
                runtime::crash(world, uid, ix, code, reason);
            }
        }
        (Fault::OOMKill { at }, _) => {
            for (uid, ix) in targets(world, at) {
                runtime::kill_for_memory(world, uid, ix);
            }
        }
        (Fault::SandboxLost { at }, _) => lose_sandboxes(world, at),
        (Fault::ImageMissing { of }, _) => lose_images(world, of),
        (Fault::KubeletRestart { .. }, Some(name))
            if world.nodes.get(name).is_some_and(|agent| agent.up) =>
        {
            node::kubelet_down(world, name);
            world.arm_in(Timer::KubeletUp(Arc::clone(name)), RESTART);
        }
        _ => {}
    }
}

fn lose_images(world: &mut World, of: &Images) {
    let images = match of {
        Images::Named(image) => vec![image.clone()],
        Images::Of(at) => images_of(world, at),
        Images::All => images_of(world, &Whom::default()),
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

fn lose_sandboxes(world: &mut World, at: &Whom) {
    let pods: BTreeSet<Uid> = targets(world, at).into_iter().map(|(uid, _)| uid).collect();
    for uid in pods {
        kill_sandbox(world, uid, 137, "Error");
        let subject = world.pod_subject(uid);
        world.record_cause(subject, What::Sandbox { ready: false });
        kubelet::steps::runtime_changed(world, uid);
    }
}

/// Folds a node's health anew, and lets the edges take effect.
fn settle(world: &mut World, name: &Arc<str>) {
    let after = world.faults.node(name);
    let Some(agent) = world.nodes.get_mut(name) else { return };
    let before = std::mem::replace(&mut agent.health, after);
    power(world, name, before, after);
    if after.kubelet_down && !before.kubelet_down {
        node::kubelet_down(world, name);
    }
    if before.kubelet_down && !after.kubelet_down {
        node::kubelet_up(world, name);
    }
    if after.cut_off && !before.cut_off {
        controllers::on_silence(world, name);
    }
    if before.cut_off && !after.cut_off {
        reconnect(world, name);
    }
    pressure(world, name, before, after);
}

fn power(world: &mut World, name: &Arc<str>, before: NodeHealth, after: NodeHealth) {
    if after.off && !before.off {
        node::kubelet_down(world, name);
        let on_node = world.workers.values().filter(|worker| worker.node == *name);
        let pods: Vec<Uid> = on_node.map(|worker| worker.uid).collect();
        for uid in pods {
            kill_sandbox(world, uid, 255, "Unknown");
        }
    }
    if before.off && !after.off {
        let booted = world.now + BOOT;
        if let Some(agent) = world.nodes.get_mut(name) {
            agent.booted = booted;
        }
        world.arm_at(Timer::KubeletUp(Arc::clone(name)), booted);
    }
}

fn pressure(world: &mut World, name: &Arc<str>, before: NodeHealth, after: NodeHealth) {
    let shortages = |health: NodeHealth| (health.short_of_memory, health.short_of_disk);
    if shortages(before) == shortages(after) {
        return;
    }
    controllers::on_pressure(world, name);
    if after.short_of_memory && !before.short_of_memory {
        eviction::under_pressure(world, name, Scarce::Memory);
    }
    if after.short_of_disk && !before.short_of_disk {
        eviction::under_pressure(world, name, Scarce::Disk);
    }
}

fn reconnect(world: &mut World, name: &Arc<str>) {
    if !world.nodes.get(name).is_some_and(|agent| agent.up) {
        return;
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
        kubelet::requests::request(world, uid);
    }
    controllers::on_heartbeat(world, name);
}
