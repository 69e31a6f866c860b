//! The node lifecycle controller and the taint eviction controller.
//!
//! Models `pkg/controller/nodelifecycle/node_lifecycle_controller.go` and `pkg/controller/tainteviction/taint_eviction.go`.

use super::work;
use crate::apiserver;
use crate::apiserver::store::Key;
use crate::conditions;
use crate::events;
use crate::faults::rules::NodeHealth;
use crate::ids::Uid;
use crate::kubelet::agent::NodeAgent;
use crate::queue::Timer;
use crate::record::{Decision, Subject, Verb, What};
use crate::world::World;
use podplay_api::{EventType, FromRaw, NodeSpec, Pod, SimTime, Taint, ToRaw, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A node is lost when its lease has not been renewed for this long.
const GRACE: Duration = Duration::from_secs(50);
/// How often the controller looks.
const PERIOD: Duration = Duration::from_secs(5);
/// How often a kubelet renews its lease.
const LEASE: Duration = Duration::from_secs(10);
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const MEMORY_PRESSURE: &str = "node.kubernetes.io/memory-pressure";
const DISK_PRESSURE: &str = "node.kubernetes.io/disk-pressure";
/// Source and reason of the events of taint eviction.
const SOURCE: &str = "taint-eviction-controller";
const EVICTION: &str = "TaintManagerEviction";

/// A kubelet stops reporting: its last renewal is up to a lease period old.
pub fn on_silence(world: &mut World, node: &Arc<str>) {
    if world.controllers.nodes.silent.contains_key(node) {
        return;
    }
    let n = u64::from(world.count("lease phase"));
    let since = world.draw("lease phase", node, n) % u64::try_from(LEASE.as_nanos()).unwrap_or(1);
    let last = SimTime(world.now.0.saturating_sub(since));
    if let Some(agent) = world.nodes.get_mut(node) {
        agent.last_heartbeat = last;
    }
    world.controllers.nodes.silent.insert(Arc::clone(node), last);
    world.arm_earlier(Timer::NodeMonitor, world.now + PERIOD);
}

/// The lease by which a node's kubelet says that it lives.
///
/// Models `staging/component-helpers/apimachinery/lease/controller.go`.
pub fn lease(world: &World, node: &str) -> Option<Value> {
    let agent = world.nodes.get(node)?;
    let renewed = if world.controllers.nodes.silent.contains_key(node) {
        agent.last_heartbeat
    } else {
        let period = u64::try_from(LEASE.as_nanos()).unwrap_or(1);
        let phase = world.draw("lease phase", node, 0) % period;
        SimTime(world.now.0.saturating_sub((world.now.0 + phase) % period))
    };
    Some(json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": node, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": node, "leaseDurationSeconds": 40, "renewTime": world.wall_at(renewed).to_string()},
    }))
}

/// A kubelet reports again.
pub fn on_heartbeat(world: &mut World, node: &Arc<str>) {
    if !world.nodes.get(node).is_some_and(NodeAgent::speaks) {
        return;
    }
    world.controllers.nodes.silent.remove(node);
    if !world.controllers.nodes.lost.remove(node) {
        on_pressure(world, node);
        return;
    }
    on_pressure(world, node);
    set_conditions(world, node, None);
    // Pods can be placed there at once; until the controller's next look, the other taint may still evict them.
    change_taints(world, node, |taints| {
        taints.retain(|taint| taint.key != UNREACHABLE || taint.effect == "NoExecute");
    });
    world.controllers.nodes.returned.insert(Arc::clone(node));
    let since = world.now.since(world.controllers.nodes.looked).as_nanos();
    let rounds = u32::try_from(since / PERIOD.as_nanos()).unwrap_or(0) + 1;
    let next = world.controllers.nodes.looked + PERIOD * rounds;
    world.arm_earlier(Timer::NodeMonitor, next);
}

/// The controller looks at the nodes that say nothing.
pub fn monitor(world: &mut World) {
    let now = world.now;
    world.controllers.nodes.looked = now;
    for node in std::mem::take(&mut world.controllers.nodes.returned) {
        if !world.controllers.nodes.lost.contains(&node) {
            change_taints(world, &node, |taints| taints.retain(|taint| taint.key != UNREACHABLE));
        }
    }
    let nodes = &world.controllers.nodes;
    let newly: Vec<Arc<str>> = nodes
        .silent
        .iter()
        .filter(|(node, last)| now.since(**last) > GRACE && !nodes.lost.contains(*node))
        .map(|(node, _)| Arc::clone(node))
        .collect();
    for node in newly {
        lose(world, &node);
    }
    let nodes = &world.controllers.nodes;
    if nodes.silent.keys().any(|node| !nodes.lost.contains(node)) {
        world.arm_in(Timer::NodeMonitor, PERIOD);
    }
}

fn lose(world: &mut World, node: &Arc<str>) {
    world.controllers.nodes.lost.insert(Arc::clone(node));
    let subject = Subject::Node(Arc::clone(node));
    world.record_cause(subject, What::Decision(Decision::NodeLost));
    set_conditions(world, node, Some("Kubelet stopped posting node status."));
    let wall = world.wall();
    let pods: Vec<Uid> = world
        .store
        .pod_entries()
        .filter(|entry| {
            *entry.pod.spec.node_name == **node && !entry.pod.status.phase.is_terminal()
        })
        .map(|entry| entry.uid)
        .collect();
    for uid in pods {
        if !world.store.pod(uid).is_some_and(|pod| pod.status.is_true("Ready")) {
            continue;
        }
        events::about_pod(
            world,
            uid,
            "node-controller",
            EventType::Warning,
            "NodeNotReady",
            "Node is not ready",
        );
        apiserver::set_pod_status(world, uid, |status| {
            let (reason, message) = status
                .condition("Ready")
                .map(|c| (c.reason.clone(), c.message.clone()))
                .unwrap_or_default();
            conditions::set(status, "Ready", "False", &reason, &message, wall);
        });
    }
    let taint = |effect: &str, at| Taint {
        key: UNREACHABLE.into(),
        effect: effect.into(),
        time_added: at,
        ..Taint::default()
    };
    world.controllers.nodes.returned.remove(node);
    change_taints(world, node, |taints| {
        taints.retain(|taint| taint.key != UNREACHABLE);
        taints.push(taint("NoSchedule", Some(wall)));
        taints.push(taint("NoExecute", Some(wall)));
    });
}

/// Sets the node's conditions to unknown, or back to what a healthy kubelet reports.
fn set_conditions(world: &mut World, node: &Arc<str>, unknown: Option<&str>) {
    let key = Key::new("Node", "", node);
    let wall = world.wall().to_string();
    let Some(resource) = world.store.resource("Node", "", node) else { return };
    let mut status = (*resource.status).clone();
    let health = world.nodes.get(node).map(|agent| agent.health).unwrap_or_default();
    for condition in
        status.get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten()
    {
        let kind = condition["type"].as_str().unwrap_or_default();
        let (value, reason, message) = match unknown {
            Some(message) => ("Unknown", "NodeStatusUnknown", message),
            None => reported(kind, health),
        };
        if condition["status"] != value {
            condition["lastTransitionTime"] = json!(wall);
        }
        (condition["status"], condition["reason"], condition["message"]) =
            (json!(value), json!(reason), json!(message));
    }
    apiserver::set_object_status(world, &key, status);
}

/// What the kubelet reports as a condition: status, reason and message.
///
/// Models `pkg/kubelet/nodestatus/setters.go`.
fn reported(kind: &str, health: NodeHealth) -> (&'static str, &'static str, &'static str) {
    match kind {
        "Ready" => ("True", "KubeletReady", "kubelet is posting ready status"),
        "MemoryPressure" if health.short_of_memory => {
            ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        }
        "MemoryPressure" => {
            ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
        }
        "DiskPressure" if health.short_of_disk => {
            ("True", "KubeletHasDiskPressure", "kubelet has disk pressure")
        }
        "DiskPressure" => ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        _ => ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    }
}

/// The kubelet reports what its node runs short of, and the node gets the taints that belong to it.
pub fn on_pressure(world: &mut World, node: &Arc<str>) {
    let Some(agent) = world.nodes.get_mut(node).filter(|agent| agent.speaks()) else { return };
    let short = (agent.health.short_of_memory, agent.health.short_of_disk);
    if std::mem::replace(&mut agent.reported, short) == short {
        return;
    }
    set_conditions(world, node, None);
    change_taints(world, node, |taints| {
        for (short, key) in [(short.0, MEMORY_PRESSURE), (short.1, DISK_PRESSURE)] {
            taints.retain(|taint| short || taint.key != key);
            if short && !taints.iter().any(|taint| taint.key == key) {
                let effect = "NoSchedule".into();
                taints.push(Taint { key: key.into(), effect, ..Taint::default() });
            }
        }
    });
}

fn change_taints(world: &mut World, node: &Arc<str>, change: impl FnOnce(&mut Vec<Taint>)) {
    let Some(resource) = world.store.resource("Node", "", node) else { return };
    let mut taints = NodeSpec::from_raw(resource.spec()).taints;
    change(&mut taints);
    let mut object = resource.to_object("Node");
    let list: Vec<Value> = taints.iter().filter_map(ToRaw::to_raw).collect();
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        if list.is_empty() {
            spec.remove("taints");
        } else {
            spec.insert("taints".into(), json!(list));
        }
    }
    let _ = apiserver::replace(world, &object);
}

/// Gives a cordoned node its taint, and takes it away again.
///
/// Models `pkg/controller/nodelifecycle/node_lifecycle_controller.go` doNoScheduleTaintingPass.
pub fn sync_cordon(world: &mut World, node: &str) {
    let Some(resource) = world.store.resource("Node", "", node) else { return };
    let spec = NodeSpec::from_raw(resource.spec());
    let tainted = spec.taints.iter().any(|taint| taint.key == UNSCHEDULABLE);
    if spec.unschedulable == tainted {
        return;
    }
    let wall = world.wall();
    change_taints(world, &node.into(), |taints| {
        taints.retain(|taint| taint.key != UNSCHEDULABLE);
        if spec.unschedulable {
            taints.push(Taint {
                key: UNSCHEDULABLE.into(),
                effect: "NoSchedule".into(),
                time_added: Some(wall),
                ..Taint::default()
            });
        }
    });
}

/// A node changed: its taints may evict pods.
pub fn on_node(world: &mut World, key: &Key, verb: Verb) {
    if verb == Verb::StatusUpdated {
        return;
    }
    work::soon(world, "NodeLifecycle", key);
    let pods: Vec<Uid> = world
        .store
        .pod_entries()
        .filter(|entry| *entry.pod.spec.node_name == *key.name)
        .map(|entry| entry.uid)
        .collect();
    for uid in pods {
        consider(world, uid);
    }
}

/// A pod was stored: it may be on a tainted node.
pub fn on_pod(world: &mut World, uid: Uid) {
    if world.controllers.nodes.evictions.contains_key(&uid)
        || world.store.pod(uid).is_some_and(|pod| {
            !pod.spec.node_name.is_empty() && pod.meta.deletion_timestamp.is_none()
        })
    {
        consider(world, uid);
    }
}

/// A pod is gone: an eviction that was planned is cancelled.
pub fn on_pod_gone(world: &mut World, uid: Uid, pod: &Pod) {
    if world.controllers.nodes.evictions.remove(&uid).is_some() {
        world.queue.cancel(&Timer::TaintEviction(uid));
        let message = cancelled(pod);
        events::about_gone(world, &pod.meta, SOURCE, EventType::Normal, EVICTION, &message);
    }
}

fn cancelled(pod: &Pod) -> String {
    format!("Cancelling deletion of Pod {}", pod.key())
}

/// How long the pod tolerates the node's NoExecute taints: `None` for ever.
fn tolerated_for(world: &World, uid: Uid) -> Option<Duration> {
    let pod = world.store.pod(uid)?;
    let node = world.store.resource("Node", "", &pod.spec.node_name)?;
    let taints: Vec<Taint> = NodeSpec::from_raw(node.spec())
        .taints
        .into_iter()
        .filter(|taint| taint.effect == "NoExecute")
        .collect();
    let mut shortest: Option<Duration> = None;
    for taint in &taints {
        let Some(toleration) =
            pod.spec.tolerations.iter().find(|toleration| toleration.tolerates(taint))
        else {
            return Some(Duration::ZERO);
        };
        if let Some(seconds) = toleration.toleration_seconds {
            let span = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            shortest = Some(shortest.map_or(span, |old| old.min(span)));
        }
    }
    shortest
}

fn consider(world: &mut World, uid: Uid) {
    let planned = world.controllers.nodes.evictions.contains_key(&uid);
    match tolerated_for(world, uid) {
        Some(Duration::ZERO) => taint_eviction(world, uid),
        Some(span) if !planned => {
            let at = world.now + span;
            world.controllers.nodes.evictions.insert(uid, at);
            world.arm_at(Timer::TaintEviction(uid), at);
        }
        Some(_) => {}
        None if planned => {
            world.controllers.nodes.evictions.remove(&uid);
            world.queue.cancel(&Timer::TaintEviction(uid));
            let message = world.store.pod(uid).map(|pod| cancelled(pod)).unwrap_or_default();
            events::about_pod(world, uid, SOURCE, EventType::Normal, EVICTION, &message);
        }
        None => {}
    }
}

/// Deletes a pod that no longer tolerates its node's taints.
pub fn taint_eviction(world: &mut World, uid: Uid) {
    world.controllers.nodes.evictions.remove(&uid);
    let Some(pod) = world.store.pod(uid) else { return };
    if pod.meta.deletion_timestamp.is_some() && pod.status.is_true("DisruptionTarget") {
        return;
    }
    let name = pod.key();
    let wall = world.wall();
    events::about_pod(
        world,
        uid,
        SOURCE,
        EventType::Normal,
        EVICTION,
        &format!("Marking for deletion Pod {name}"),
    );
    apiserver::set_pod_status(world, uid, |status| {
        conditions::set(
            status,
            "DisruptionTarget",
            "True",
            "DeletionByTaintManager",
            "Taint manager: deleting due to NoExecute taint",
            wall,
        );
    });
    apiserver::delete_pod(world, uid, None);
}
