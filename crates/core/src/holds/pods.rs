//! Pods: before they have a node, on the node, and as a whole.

use super::{Hold, Look, Wait, end, life, start};
use crate::apiserver::store::PodEntry;
use crate::queue::Timer;
use crate::scheduler;
use crate::world::World;
use podplay_api::PodPhase;
use std::sync::Arc;

/// What holds up a pod and its containers.
pub(super) fn of(world: &World, entry: &PodEntry) -> Vec<Hold> {
    let look = Look { world, entry };
    let pod = &entry.pod;
    let lost = lost(&look);
    if pod.meta.deletion_timestamp.is_some() {
        return lost.into_iter().chain(end::of(&look)).collect();
    }
    if pod.spec.node_name.is_empty() {
        return unplaced(&look).into_iter().collect();
    }
    if world.store.resource("Node", "", &pod.spec.node_name).is_none() {
        let wait = Wait::NoSuchNode(pod.spec.node_name.clone());
        let since = look.at(pod.meta.creation_timestamp);
        return vec![look.hold(since, wait, vec!["spec.nodeName".to_owned()])];
    }
    if pod.status.phase == PodPhase::Succeeded {
        return Vec::new();
    }
    let mut found: Vec<Hold> = lost.into_iter().collect();
    if pod.status.phase == PodPhase::Failed {
        found.extend(failed(&look));
    }
    found.extend(start::volumes(&look));
    for container in pod.spec.all_containers() {
        found.extend(start::container(&look, container));
        found.extend(life::container(&look, container));
    }
    found.extend(gates(&look));
    found.extend(budget(&look));
    found
}

/// A pod that no node has been found for.
fn unplaced(look: &Look<'_>) -> Option<Hold> {
    let (world, pod) = (look.world, &look.entry.pod);
    let created = look.at(pod.meta.creation_timestamp);
    let spec = &pod.spec;
    if !spec.scheduling_gates.is_empty() {
        let gates = spec.scheduling_gates.iter().map(|gate| gate.name.clone()).collect();
        let paths =
            vec!["spec.schedulingGates".to_owned(), "spec.schedulingGates[0].name".to_owned()];
        return Some(look.hold(created, Wait::Gates(gates), paths));
    }
    if !matches!(spec.scheduler_name.as_str(), "" | "default-scheduler") {
        let wait = Wait::NoScheduler(spec.scheduler_name.clone());
        return Some(look.hold(created, wait, vec!["spec.schedulerName".to_owned()]));
    }
    world.scheduler.refused_at(look.entry.uid)?;
    let since = pod
        .status
        .condition("PodScheduled")
        .map_or(created, |condition| look.at(condition.last_transition_time));
    for (n, volume) in spec.volumes.iter().enumerate() {
        let Some(source) = &volume.persistent_volume_claim else { continue };
        let name = source.claim_name.clone();
        let paths = vec![format!("spec.volumes[{n}].persistentVolumeClaim.claimName")];
        match world.store.resource("PersistentVolumeClaim", &pod.meta.namespace, &name) {
            None => return Some(look.hold(since, Wait::MissingClaim(name), paths)),
            Some(claim) if claim.status["phase"] != "Bound" => {
                return Some(look.hold(since, Wait::UnboundClaim(name), paths));
            }
            Some(_) => {}
        }
    }
    let refusals = scheduler::refusals(world, pod);
    (!refusals.is_empty()).then(|| look.hold(since, Wait::Nodes(refusals), vec!["spec".to_owned()]))
}

/// The pod's node does not answer any more.
fn lost(look: &Look<'_>) -> Option<Hold> {
    let pod = &look.entry.pod;
    if pod.status.phase.is_terminal() {
        return None;
    }
    let node = look.world.store.resource("Node", "", &pod.spec.node_name)?;
    let conditions = node.status["conditions"].as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    if ready["status"] == "True" {
        return None;
    }
    let wall = ready["lastTransitionTime"].as_str().and_then(podplay_api::Timestamp::parse);
    let evicted = look.world.queue.armed_at(&Timer::TaintEviction(look.entry.uid));
    let wait = Wait::NodeLost(Arc::from(pod.spec.node_name.as_str()), evicted);
    Some(look.hold(look.at(wall), wait, vec!["spec.tolerations".to_owned()]))
}

/// The pod failed as a whole: it was evicted, or its deadline is over.
fn failed(look: &Look<'_>) -> Option<Hold> {
    let status = &look.entry.pod.status;
    if status.reason.is_empty() {
        return None;
    }
    let since = status.condition("Ready").and_then(|ready| ready.last_transition_time);
    let wait = Wait::Failed(status.reason.clone(), status.message.clone());
    Some(look.hold(look.at(since), wait, vec!["spec.activeDeadlineSeconds".to_owned()]))
}

/// Conditions that the pod's readiness waits for and nobody sets.
fn gates(look: &Look<'_>) -> Option<Hold> {
    let pod = &look.entry.pod;
    if pod.status.is_true("Ready") || !pod.status.is_true("ContainersReady") {
        return None;
    }
    let unset = |gate: &podplay_api::ReadinessGate| !pod.status.is_true(&gate.condition_type);
    let index = pod.spec.readiness_gates.iter().position(unset)?;
    let gate = pod.spec.readiness_gates[index].condition_type.clone();
    let since = pod.status.condition("ContainersReady").and_then(|c| c.last_transition_time);
    let paths = vec![
        format!("spec.readinessGates[{index}].conditionType"),
        "spec.readinessGates".to_owned(),
    ];
    Some(look.hold(look.at(since), Wait::Condition(gate), paths))
}

/// A drain of the node waits for the pod, and a budget does not let it go.
fn budget(look: &Look<'_>) -> Option<Hold> {
    let (world, pod) = (look.world, &look.entry.pod);
    let node = world.store.resource("Node", "", &pod.spec.node_name)?;
    let daemon = pod.meta.controller().is_some_and(|owner| owner.kind == "DaemonSet");
    if node.spec()["unschedulable"] != true || daemon {
        return None;
    }
    let (name, state) = crate::apiserver::budget::refusing(world, look.entry.uid)?;
    let wait = Wait::Budget(name, state.desired, state.current);
    Some(look.hold(look.world.now, wait, vec!["metadata.name".to_owned()]))
}
