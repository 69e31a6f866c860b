//! A node and its kubelet: its clock phases, its address, admission, going down and coming back.
//!
//! Models `pkg/kubelet/lifecycle/predicate.go` for admission.

use super::agent::{NodeAgent, SECOND};
use super::worker::Stage;
use super::{pod_worker, prober, status};
use crate::apiserver::change::Change;
use crate::config::{NodeConfig, Profile};
use crate::events;
use crate::faults::rules::NodeHealth;
use crate::ids::Uid;
use crate::images::Reference;
use crate::queue::Timer;
use crate::world::World;
use crate::{apiserver, random};
use podplay_api::{EventType, PodPhase, SimTime, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// From the start of a kubelet's process to the first sync of a pod.
const START_UP: Duration = Duration::from_millis(1300);

/// How long a step of a pod's start takes that takes `alone` on an idle node: the pods that start share its CPUs.
pub fn shared(world: &World, uid: Uid, alone: Duration) -> Duration {
    let cpus = world.config.profile.cpus();
    let agent = world.workers.get(&uid).and_then(|worker| world.nodes.get(&worker.node));
    let starting = agent.map_or(1, |agent| agent.starting.len());
    alone * u32::try_from(starting).unwrap_or(cpus).max(cpus) / cpus
}

/// Whether the image is on a node.
pub fn has_image(world: &World, agent: &NodeAgent, reference: &Reference) -> bool {
    let name = reference.to_string();
    !agent.lost_images.contains(&name)
        && (agent.images.contains(&name) || crate::images::preloaded(world, reference))
}

/// Makes a node: its object and its kubelet.
pub fn register(world: &mut World, config: &NodeConfig) {
    let name: Arc<str> = Arc::from(config.name.as_str());
    let number = world.count("node");
    let phase = random::draw(world.config.seed, "kubelet phase", &config.name, 0) % SECOND;
    let agent = NodeAgent {
        name: Arc::clone(&name),
        address: format!("10.99.0.{}", number + 1),
        up: true,
        health: NodeHealth::default(),
        reported: (false, false),
        booted: SimTime::ZERO,
        started: world.now,
        syncs_from: world.now,
        phase,
        pulling_until: SimTime::ZERO,
        mounting_until: SimTime::ZERO,
        images: BTreeSet::new(),
        lost_images: BTreeSet::new(),
        last_heartbeat: world.now,
        waiting: (SimTime::ZERO, 0),
        starting: BTreeSet::new(),
        number,
        addresses: 1,
    };
    let object = object(world, config, &agent);
    world.nodes.insert(name, agent);
    let _ = apiserver::create(world, object);
}

fn object(world: &World, config: &NodeConfig, agent: &NodeAgent) -> Value {
    let mut labels = json!({
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": config.name, "kubernetes.io/os": "linux",
    });
    for (key, value) in &config.labels {
        labels[key] = json!(value);
    }
    let taints: Vec<Value> = config.taints.iter().filter_map(podplay_api::ToRaw::to_raw).collect();
    let mut spec = json!({"podCIDR": format!("10.244.{}.0/24", agent.number), "podCIDRs": [format!("10.244.{}.0/24", agent.number)]});
    if !taints.is_empty() {
        spec["taints"] = json!(taints);
    }
    let mut resources = json!({"cpu": config.cpu, "memory": config.memory, "ephemeral-storage": "267847642337", "pods": "110", "hugepages-1Gi": "0", "hugepages-2Mi": "0"});
    for (name, amount) in &config.resources {
        resources[name] = json!(amount);
    }
    let wall = world.wall().to_string();
    let condition = |kind: &str, value: &str, reason: &str, message: &str| json!({"type": kind, "status": value, "reason": reason, "message": message, "lastHeartbeatTime": wall, "lastTransitionTime": wall});
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": config.name, "labels": labels}, "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": agent.address}, {"type": "Hostname", "address": config.name}],
            "capacity": resources, "allocatable": resources,
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": world.config.kubernetes.version.release(), "containerRuntimeVersion": "containerd://2.1.4",
                "osImage": "Debian GNU/Linux 12 (bookworm)", "kernelVersion": "6.1.0-40-amd64", "kubeProxyVersion": "", "machineID": "", "systemUUID": "", "bootID": ""},
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        },
    })
}

/// The next pod address of the pod's node; a pod on the node's own network has the node's.
pub fn next_address(world: &mut World, uid: Uid) -> String {
    let Some(worker) = world.workers.get(&uid) else { return String::new() };
    let (node, of_host) = (Arc::clone(&worker.node), worker.pod.spec.host_network);
    let Some(agent) = world.nodes.get_mut(&node) else { return String::new() };
    if of_host {
        return agent.address.clone();
    }
    agent.addresses = agent.addresses % 250 + 1;
    format!("10.244.{}.{}", agent.number, agent.addresses)
}

/// Whether the kubelet takes the pod; otherwise reason and message of the rejection.
pub fn admit(world: &World, uid: Uid) -> Option<(String, String)> {
    let pod = world.store.pod(uid)?;
    crate::fit::kubelet(world, uid, pod)
}

/// A rejected pod fails at once; nothing is started.
pub fn reject(world: &mut World, uid: Uid, (reason, message): (String, String)) {
    events::pod_event(world, uid, None, EventType::Warning, &reason, &message);
    let wall = world.wall();
    if let Some(worker) = world.workers.get_mut(&uid) {
        worker.stage = Stage::Finished;
        worker.stopped = true;
        let mut new = worker.status.clone();
        new.phase = PodPhase::Failed;
        new.start_time = Some(wall);
        (new.reason, new.message) = (reason, format!("Pod was rejected: {message}"));
        worker.status = new;
    }
    status::push(world, uid);
}

/// The kubelet process ends; containers go on.
pub fn kubelet_down(world: &mut World, node: &Arc<str>) {
    let Some(agent) = world.nodes.get_mut(node) else { return };
    if !std::mem::take(&mut agent.up) {
        return;
    }
    let pods: Vec<Uid> = world
        .workers
        .values()
        .filter(|worker| worker.node == *node)
        .map(|worker| worker.uid)
        .collect();
    for uid in pods {
        world.queue.cancel_all(|timer| {
            timer.pod() == Some(uid)
                && matches!(
                    timer,
                    Timer::PodSync(_)
                        | Timer::PodRequeue(_)
                        | Timer::PodTask(_)
                        | Timer::Probe(..)
                        | Timer::ProbeAnswer(..)
                        | Timer::Volumes(_)
                        | Timer::ActiveDeadline(_)
                        | Timer::PodGone(_)
                )
        });
    }
    world.queue.cancel(&Timer::Relist(Arc::clone(node)));
    world.announce(Change::Lease { node: Arc::clone(node), renewed: false });
}

/// The kubelet process starts: its memory is empty, its containers are found as they are.
pub fn kubelet_up(world: &mut World, node: &Arc<str>) {
    let now = world.now;
    let Some(agent) = world.nodes.get_mut(node) else { return };
    if agent.up || agent.health.off || agent.health.kubelet_down || now < agent.booted {
        return;
    }
    let start_up = if world.config.profile == Profile::Instant { Duration::ZERO } else { START_UP };
    (agent.up, agent.started, agent.syncs_from) = (true, now, now + start_up);
    world.recorder.forget_source(&format!("kubelet/{node}"));
    let mut known: Vec<Uid> = world
        .workers
        .values()
        .filter(|worker| worker.node == *node)
        .map(|worker| worker.uid)
        .collect();
    for &uid in &known {
        forget_memory(world, uid);
    }
    let missed = world
        .store
        .pod_entries()
        .filter(|entry| *entry.pod.spec.node_name == **node && !known.contains(&entry.uid));
    known.extend(missed.map(|entry| entry.uid).collect::<Vec<_>>());
    for uid in known {
        if world.store.pod(uid).is_none() {
            pod_worker::terminate(
                world,
                uid,
                crate::kubelet::worker::Terminate { grace: Some(1), failed: None },
            );
        }
        pod_worker::on_pod(world, uid);
        crate::kubelet::requests::request(world, uid);
    }
    world.announce(Change::Lease { node: Arc::clone(node), renewed: true });
}

/// What a kubelet keeps only in memory: back-offs, reasons, probe results, the sync that was under way.
fn forget_memory(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.stage == Stage::Finished {
        return;
    }
    worker.task = None;
    worker.last_sync = None;
    worker.pulls.clear();
    worker.stage = Stage::Sync;
    worker.terminate = None;
    for rt in &mut worker.containers {
        (rt.backoff, rt.reason, rt.kill) = (None, None, None);
    }
    worker.probers.clear();
    worker.results = prober::Results::default();
    worker.kubelet_started = Some(world.now);
    worker.view = super::view::RuntimeView::of(worker, world.now);
    // The volumes are mounted anew; what is in them stays.
    worker.mounts = crate::kubelet::mounts::Mounts::default();
    world.queue.cancel(&Timer::Volumes(uid));
}
